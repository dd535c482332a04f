"""Campaigns, as people use them: typed, kept, shown, carried on, reported."""

from __future__ import annotations

from unittest.mock import AsyncMock

import pytest

from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import WorkspaceSettings
from bot.store.campaigns import CampaignStore
from tests.support.home import Home
from tests.support.image_form import Form, edit
from tests.support.noon import find_noon_zone
from tests.support.policies import set_policy
from tests.support.stage import DESIGN, GENERAL, Stage
from tests.support.threads import direct, make, press, requests


def made(stage: Stage) -> list[str]:
    """The results that say for which campaign they are."""
    said = [message.text for message in stage.replies() if "Made by AI" in str(message.blocks)]
    return [text for text in said if "Campaign: Spring" in text]


def private_text(stage: Stage) -> str:
    """The last that was said privately."""
    return "\n".join(message.text for message in stage.private()[-1:])


async def test_a_campaign_is_shown_with_what_was_made_for_it(stage: Stage) -> None:
    result = await make(stage, 'a fox --campaign "Spring 27"')

    (sent,) = requests(stage)
    assert sent["prompt"] == "a fox"
    assert "Campaign: Spring 27" in stage.roots()[0].text
    assert "Campaign: Spring 27" in result.text
    await stage.ada.run_command(DESIGN, "/imagine", "history")
    await stage.until(lambda: "Campaign: Spring 27" in private_text(stage))


async def test_a_channel_has_a_campaign_of_its_own_that_can_be_left_out(stage: Stage) -> None:
    settings = WorkspaceSettings(campaign="Always on", campaign_channels={DESIGN: "Spring 27"})
    await set_policy(stage, settings=settings)

    await make(stage, "a fox")
    await make(stage, "a fox", channel=GENERAL)
    await stage.ada.run_command(DESIGN, "/imagine", "a fox --no-campaign")
    await stage.until_told(2)

    assert "Campaign: Spring 27" in stage.roots()[0].text
    assert "Campaign: Always on" in stage.roots(GENERAL)[0].text
    assert "Campaign" not in stage.roots()[1].text


async def test_versions_are_made_for_the_same_campaign(stage: Stage) -> None:
    result = await make(stage, "a fox --campaign Spring")

    await press(stage.ada, result, "regenerate")
    await stage.until(lambda: len(made(stage)) == 2)
    await stage.ada.say(DESIGN, "<@U0IMAGINE> in snow", thread_ts=result.thread_ts)
    await stage.until(lambda: len(made(stage)) == 3)

    assert len(requests(stage)) == 3


async def test_a_slip_is_asked_about_before_anything_is_paid(stage: Stage) -> None:
    await make(stage, 'a fox --campaign "Spring 27"')
    await stage.ada.run_command(DESIGN, "/imagine", 'a hare --campaign "Sping 27"')
    await stage.until(lambda: any("Did you mean it" in m.text for m in stage.private()))
    assert len(requests(stage)) == 1

    question = next(m for m in stage.private() if "Did you mean it" in m.text)
    await press(stage.ada, question, "make_asked")
    await stage.until_told(2)

    assert "Campaign: Spring 27" in stage.roots()[1].text


async def test_while_nobody_can_say_whether_it_is_a_slip_nothing_is_made(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(stage, 'a fox --campaign "Spring 27"')
    with monkeypatch.context() as patch:
        patch.setattr(CampaignStore, "list_recent", AsyncMock(side_effect=TimeoutError))
        shown = await stage.ada.run_command(DESIGN, "/imagine", 'a hare --campaign "Sping 27"')

    assert shown.message is not None
    assert "I haven't started it" in shown.message.text
    assert "a hare --campaign" in str(shown.message.blocks)
    assert stage.submits() == 1


async def test_what_looks_like_a_slip_can_be_a_new_campaign(stage: Stage) -> None:
    await make(stage, 'a fox --campaign "Spring 27"')
    await stage.ada.run_command(DESIGN, "/imagine", 'a hare --campaign "Sprint 27"')
    question = stage.private()[-1]
    assert "Make it for Spring 27 · about" in str(question.blocks)

    await press(stage.ada, question, "make_asked_other")
    await stage.until_told(2)

    assert "Campaign: Sprint 27" in stage.roots()[1].text


async def test_a_known_campaign_needs_no_quotes_and_reports_have_a_line_for_it(
    stage: Stage,
) -> None:
    await make(stage, 'a fox --campaign "Spring 27"')
    await stage.ada.run_command(DESIGN, "/imagine", "a hare --campaign spring 27")
    await stage.until_told(2)
    await stage.ada.run_command(DESIGN, "/imagine", "a hen")
    await stage.until_told(3)

    await stage.ada.run_command(DESIGN, "/imagine", "usage --by campaign")
    await stage.until(lambda: "no campaign" in private_text(stage))

    said = private_text(stage)
    assert "Spring 27: " in said
    assert "2 requests" in said


async def test_the_form_offers_the_last_campaigns_and_takes_a_new_one(stage: Stage) -> None:
    await make(stage, "a fox --campaign Spring")
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    block_id = form.block("campaign")["block_id"]
    offered = await stage.ada.options(form.view.id, block_id, "campaign", "")
    typed = await stage.ada.options(form.view.id, block_id, "campaign", "Winter")
    await form.set("prompt", "a hare")
    await form.set("campaign", "Winter")
    await form.submit()
    await stage.until_told(2)

    assert [each["value"] for each in offered] == ["off", "Spring"]
    assert [each["value"] for each in typed] == ["Winter"]
    assert "Campaign: Winter" in stage.roots()[1].text


async def test_the_form_shows_the_campaign_of_its_channel_and_edit_that_of_the_picture(
    stage: Stage,
) -> None:
    await set_policy(stage, settings=WorkspaceSettings(campaign_channels={DESIGN: "Spring 27"}))
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    assert form.value("campaign") == "Spring 27"
    await form.set("prompt", "a hare")
    block_id = form.block("campaign")["block_id"]
    await stage.ada.options(form.view.id, block_id, "campaign", "")
    await form.set("campaign", "off")
    await form.submit()
    (result,) = await stage.until_told()
    assert "Campaign" not in stage.roots()[0].text

    edited = await edit(stage, DESIGN, result.ts)
    assert edited.value("campaign") == "off"


async def test_an_admin_sets_what_pictures_are_made_for(stage: Stage) -> None:
    await make(stage, "a fox --campaign Spring")
    home = Home(stage, stage.ada)
    await home.open()
    await home.open_sheet("home_edit_campaigns")
    await home.fill("channels", [GENERAL])
    field = "channels_campaign"
    offered = await stage.ada.options(home.sheet.id, field, field, "")
    assert [each["value"] for each in offered] == ["none", "off", "Spring"]
    await home.fill(field, "Spring")
    await home.save("C0GENERAL>: Spring")

    await make(stage, "a hare", channel=GENERAL)

    assert "Campaign: Spring" in stage.roots(GENERAL)[0].text


async def test_a_campaigns_budget_refuses_what_goes_over_it_and_nothing_else(stage: Stage) -> None:
    await make(stage, 'a fox --campaign "Spring 27"')
    home = Home(stage, stage.ada)
    await home.open()
    await home.press("home_budgets", "Add a budget")
    await home.open_sheet("home_add_budget")
    await home.choose_kind("campaign", "budget_campaign")
    field = "budget_campaign"
    await stage.ada.options(home.sheet.id, field, field, "")
    await home.fill(field, "Spring 27")
    await home.fill("budget_credits", "1")
    await home.save("for the campaign Spring 27")

    shown = await stage.ada.run_command(DESIGN, "/imagine", "a hare --campaign spring 27")
    assert shown.message is not None
    assert "The budget of the campaign *Spring 27*" in shown.message.text
    await stage.ada.run_command(DESIGN, "/imagine", "a hen")
    await stage.until_told(2)

    assert len(requests(stage)) == 2
    assert "Campaign" not in stage.roots()[1].text


async def test_rows_of_a_list_are_made_for_the_campaign_that_they_name(stage: Stage) -> None:
    rows = b"prompt,campaign\na kite,Spring 27\na fox,spring 27\na cat,none\na hen,\n"
    file = await stage.ada.upload("shots.csv", rows)
    text = "<@U0IMAGINE> make these --campaign Autumn"
    await stage.ada.say(DESIGN, text, files=[file])
    shown = "'type': 'image'"
    await stage.until(
        lambda: sum(str(m.blocks).count(shown) for m in stage.replies()) == 4, what="four pictures"
    )
    await stage.ada.run_command(DESIGN, "/imagine", "usage --by campaign")
    await stage.until(lambda: "no campaign" in private_text(stage))

    lines = private_text(stage).splitlines()
    requests_of = {line.partition(": ")[0]: "2 requests" in line for line in lines}
    assert requests_of["Spring 27"]
    assert not requests_of["Autumn"]


async def test_admins_are_told_when_a_campaigns_budget_runs_low(stage: Stage) -> None:
    spring = Budget(
        id="b1", scope=Scope.CAMPAIGN, subject="Spring 27", period=Period.MONTH, credits=5.0
    )
    settings = WorkspaceSettings(time_zone=find_noon_zone())  # the month does not end meanwhile
    await set_policy(stage, budgets=(spring,), settings=settings)

    await make(stage, "a hen")
    await make(stage, "a fox --campaign spring27")
    await stage.until(lambda: any("has reached" in m.text for m in direct(stage)))

    (told,) = [m.text for m in direct(stage) if "has reached" in m.text]
    assert "The budget of the campaign *Spring 27* for the month has reached *50 %*" in told

"""The Home tab, as people use it: looked at, and everything set in it."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from PIL import Image

from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.presets import Preset
from bot.policy.rules import Rules
from bot.sandbox.slack.payloads import make_submission
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import User
from bot.sandbox.slack.workspace import View
from bot.store.database import Database
from bot.store.policies import PolicyStore
from tests.support.home import Home
from tests.support.policies import set_policy
from tests.support.stage import DESIGN, GENERAL, LAUNCH, Stage
from tests.support.threads import requests


@pytest.fixture
async def ada(stage: Stage) -> Home:
    """An admin with her Home open."""
    home = Home(stage, stage.ada)
    await home.open("For admins")
    return home


@pytest.fixture
async def policies(stage: Stage) -> AsyncIterator[PolicyStore]:
    """What is kept."""
    database = Database(stage.settings.database_url)
    yield PolicyStore(database)
    await database.close()


async def read(policies: PolicyStore) -> Policy:
    """The newest policy."""
    return await policies.read("T0SANDBOX")


async def test_everyone_sees_the_balance_their_pictures_and_a_way_to_make_more(
    stage: Stage,
) -> None:
    await stage.ben.run_command(DESIGN, "/imagine", "a heron")
    await stage.until_told()

    home = Home(stage, stage.ben)
    await home.open("a heron")

    assert home.says(f"*{stage.powerpost.balance} credits left*")
    assert home.says("slack_file")
    assert home.says("/archives/C0DESIGN/p")
    assert home.says("You have no budget limit")
    assert not home.says("For admins")
    await home.press("home_create_image")
    await stage.until(lambda: home.is_sheet_open)
    assert home.sheet.callback_id == "image_form"


async def test_the_balance_says_how_old_it_is_while_powerpost_is_away(stage: Stage) -> None:
    await stage.ben.run_command(DESIGN, "/imagine", "a heron")
    await stage.until_told()
    left = stage.powerpost.balance
    stage.powerpost.faults.away = True

    home = Home(stage, stage.ben)
    await home.open("credits left")

    assert home.says(f"*{left} credits left*")
    assert home.says("<!date^")


async def test_a_picture_that_is_gone_does_not_take_the_home_tab_with_it(stage: Stage) -> None:
    await stage.ben.run_command(DESIGN, "/imagine", "a heron")
    await stage.until_told()
    for file in stage.workspace.files.values():
        stage.workspace.delete_file(file)

    home = Home(stage, stage.ben)
    await home.open("a heron")

    assert not home.says("slack_file")


async def test_an_admin_changes_the_settings(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    await ada.open_sheet("home_edit_settings")
    offered = await stage.ada.options(ada.sheet.id, "time_zone", "time_zone", "berl")
    await ada.fill("time_zone", offered[0]["value"])
    await ada.fill("admins", ["U0BEN"])
    await ada.fill("approvers", ["U0ADA", "U0BEN"])
    await ada.fill("approval_channel", [DESIGN])
    await ada.fill("alert_below", "20")
    await ada.fill("confirm_above", "7.5")
    await ada.save(until="Europe/Berlin")

    settings = (await read(policies)).settings
    assert settings.time_zone == "Europe/Berlin"
    assert settings.admins == ("U0BEN",)
    assert settings.approvers == ("U0ADA", "U0BEN")
    assert settings.approval_channel == DESIGN
    assert (settings.alert_below, settings.confirm_above) == (20, 7.5)
    assert ada.says("by <@U0ADA> and <@U0BEN> in <#C0DESIGN>")
    ben = Home(stage, stage.ben)
    await ben.open("For admins")


async def test_a_channel_without_the_bot_is_no_channel_for_approvals(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    await ada.open_sheet("home_edit_settings")
    await ada.fill("approvers", ["U0BEN"])
    await ada.fill("approval_channel", [LAUNCH])
    refused = await stage.delivery.send_interaction(
        make_submission(stage.workspace, stage.ada.user, ada.sheet)
    )
    assert isinstance(refused.body, dict)
    assert "Invite @Imagine" in refused.body["errors"]["approval_channel"]
    assert await read(policies) == Policy()

    stage.workspace.channels[LAUNCH].members.add(stage.workspace.bot.id)
    stage.workspace.scopes.add("groups:read")
    await ada.save(until="by <@U0BEN> in <#G0LAUNCH>")
    stage.workspace.channels[LAUNCH].members.remove(stage.workspace.bot.id)
    await ada.press("home_refresh", until="I can't post in <#G0LAUNCH>. Invite @Imagine there")

    assert ada.says("by <@U0BEN>, each in a direct message")


async def test_the_last_changes_say_from_what_to_what(stage: Stage, ada: Home) -> None:
    await ada.press("home_budgets", until="home_add_budget")
    await ada.open_sheet("home_add_budget")
    await ada.fill("budget_credits", "6")
    await ada.save(until="6 credits a month")
    await ada.choose_from_row("6 credits", "change")
    await ada.fill("budget_credits", "20")
    await ada.save(until="20 credits a month")
    await ada.press("home_overview", until="For admins")
    await ada.press(
        "home_changes", until="changed the budget for *the whole workspace*: 6 → 20 credits a month"
    )

    assert ada.says("added a budget for *the whole workspace*: 6 credits a month")


async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    await ada.open_sheet("home_edit_settings")
    await ada.fill("admins", ["U0BEN"])
    ada.sheet.state["values"]["alert_below"]["alert_below"]["value"] = "1e9999"
    ada.sheet.state["values"]["time_zone"]["time_zone"]["selected_option"] = {"value": "Mars/Base"}
    body = make_submission(stage.workspace, stage.ada.user, ada.sheet)

    reply = await stage.delivery.send_interaction(body)

    assert isinstance(reply.body, dict)
    assert reply.body["response_action"] == "errors"
    assert set(reply.body["errors"]) == {"alert_below", "time_zone"}
    assert await read(policies) == Policy()


async def test_an_admin_adds_changes_and_removes_a_budget(ada: Home, policies: PolicyStore) -> None:
    await ada.press("home_budgets", until="home_add_budget")
    await ada.open_sheet("home_add_budget")
    await ada.choose_kind("person", until="person")
    await ada.fill("person", "U0BEN")
    await ada.fill("budget_credits", "50")
    await ada.save(until="50 credits a month")
    assert ada.says("<@U0BEN>")

    await ada.choose_from_row("50 credits", "change")
    await ada.fill("budget_credits", "60.5")
    await ada.fill("period", "day")
    await ada.save(until="60.5 credits a day")
    (budget,) = (await read(policies)).budgets
    assert (budget.scope, budget.subject, budget.credits) == ("person", "U0BEN", 60.5)

    await ada.choose_from_row("60.5 credits", "remove")
    await ada.remove(until="No budgets are set")
    assert (await read(policies)).budgets == ()
    await ada.press("home_overview", until="For admins")
    await ada.press("home_changes", until="removed the budget for <@U0BEN>")
    assert ada.says("added a budget for <@U0BEN>")
    assert ada.says("<@U0ADA> changed the budget")


async def test_a_budget_of_nothing_is_kept_once_that_was_asked(
    ada: Home, policies: PolicyStore
) -> None:
    await ada.press("home_budgets", until="home_add_budget")
    await ada.open_sheet("home_add_budget")
    await ada.fill("budget_credits", "0")
    await ada.save()
    assert "Nobody can make pictures then. Save?" in str(ada.sheet.body)
    assert (await read(policies)).budgets == ()

    await ada.choose_kind("person", until="person")  # the question was another one
    await ada.fill("person", "U0BEN")
    await ada.save()
    assert "<@U0BEN> can't make pictures then. Save?" in str(ada.sheet.body)
    await ada.save(until="0 credits a month")
    assert [budget.credits for budget in (await read(policies)).budgets] == [0.0]

    await ada.choose_from_row("0 credits", "change")
    await ada.fill("period", "day")
    await ada.save()
    assert "can't make pictures then. Save?" in str(ada.sheet.body)
    await ada.fill("budget_credits", "5")
    await ada.save(until="5 credits a day")


async def test_with_approvers_a_budget_of_nothing_is_not_the_end(stage: Stage, ada: Home) -> None:
    await set_policy(stage, settings=WorkspaceSettings(approvers=("U0ADA",)))
    await ada.press("home_budgets", until="home_add_budget")
    await ada.open_sheet("home_add_budget")
    await ada.fill("budget_credits", "0")
    await ada.save()

    assert "Nobody can make pictures then without an approval. Save?" in str(ada.sheet.body)


async def test_nothing_sends_the_modal_that_asks_whether_to_remove(ada: Home) -> None:
    await ada.press("home_budgets", until="home_add_budget")
    await ada.open_sheet("home_add_budget")
    await ada.fill("budget_credits", "50")
    await ada.save(until="50 credits a month")
    await ada.choose_from_row("50 credits", "remove")

    assert "submit" not in ada.sheet.body
    assert ada.sheet.body["close"]["text"] == "Keep"


async def test_a_removal_by_who_is_no_admin_any_more_removes_nothing(
    stage: Stage, policies: PolicyStore
) -> None:
    budget = Budget(id="b1", scope=Scope.WORKSPACE, period=Period.DAY, credits=50)
    await set_policy(stage, budgets=(budget,), settings=WorkspaceSettings(admins=("U0BEN",)))
    ben = Home(stage, stage.ben)
    await ben.open("For admins")
    await ben.press("home_budgets", until="home_add_budget")
    await ben.choose_from_row("50 credits", "remove")
    await set_policy(stage, settings=WorkspaceSettings())
    (block,) = [b for b in ben.sheet.body["blocks"] if b["type"] == "actions"]
    await stage.ben.change(ben.sheet.id, block["block_id"], "home_remove")
    await stage.until(lambda: "Only admins can change this" in str(ben.sheet.body))

    assert (await read(policies)).budgets == (budget,)


async def test_a_channels_exception_lifts_adds_and_requires(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    await set_policy(
        stage,
        rules=Rules(quantity_max=1, words=("fog",)),
        presets=(Preset(name="brand", suffix="in blue"), Preset(name="other")),
    )
    await ada.press("home_rules", until="home_add_exception")
    await ada.open_sheet("home_add_exception")
    await ada.fill("one_channel", DESIGN)
    await ada.fill("quantity_max", "2")
    await ada.fill("beginnings", "kite")
    await ada.fill("lifted", ["quantity", "word"])
    shown = await ada.save()
    assert set(shown.view_errors or {}) == {"quantity_max"}
    await ada.fill("quantity_max", "none")
    shown = await ada.save()
    assert set(shown.view_errors or {}) == {"beginnings"}
    await ada.fill("lifted", ["quantity"])
    await ada.fill("required_preset", "preset:brand")
    await ada.save(until="Every picture with the preset *brand*")

    assert ada.says("words that begin with “kite”")
    assert ada.says("Lifted: max images per request")
    await stage.ben.run_command(DESIGN, "/imagine", "kites")
    assert "can't contain words that begin with “kite” here" in stage.private()[-1].text
    await stage.ben.run_command(DESIGN, "/imagine", "fog -n 3")
    await stage.until_told()
    assert requests(stage)[-1]["prompt"] == "fog, in blue"

    await ada.press("home_overview", until="For admins")
    await ada.press("home_presets", until="home_add_preset")
    await ada.choose_from_row("brand", "change")
    await ada.fill("name", "house")
    await ada.save(until="*house*")
    assert (await read(policies)).channel_rules[DESIGN].preset == "house"
    await ada.choose_from_row("house", "remove")
    assert f"<#{DESIGN}> require it" in str(ada.sheet.body)
    await ada.remove(until="*other*")
    await ada.press("home_overview", until="For admins")
    await ada.press("home_rules", until="That preset isn't there any more")
    await stage.ben.run_command(DESIGN, "/imagine", "a hare")
    assert "which isn't there any more, so nothing can be made here" in stage.private()[-1].text


async def test_a_person_sees_the_budgets_that_limit_them(stage: Stage, ada: Home) -> None:
    await ada.press("home_budgets", until="home_add_budget")
    await ada.open_sheet("home_add_budget")
    await ada.fill("budget_credits", "500")
    await ada.save(until="500 credits a month")
    await ada.open_sheet("home_add_budget")
    await ada.choose_kind("person", until="person")
    await ada.fill("person", "U0ADA")
    await ada.fill("budget_credits", "11")
    await ada.fill("period", "day")
    await ada.save(until="11 credits a day")

    home = Home(stage, stage.ben)
    await home.open("500 credits a month, the whole workspace")
    assert not home.says("11 credits")
    await ada.press("home_overview", until="11 credits a day, yours")


async def test_an_admin_sets_the_rules_and_where_a_channel_differs(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    await ada.press("home_rules", until="home_edit_rules")
    await ada.open_sheet("home_edit_rules")
    await ada.fill("models", ["ideogram-3", "flux2-flex"])
    await ada.fill("quantity_max", "2")
    await ada.fill("channels", [DESIGN])
    await ada.fill("people", ["U0ADA", "U0BEN"])
    await ada.fill("words", "lorem\nipsum  dolor\nLorem")
    await ada.save(until="At most 2 pictures")
    await ada.open_sheet("home_add_exception")
    await ada.fill("one_channel", GENERAL)
    await ada.fill("quantity_max", "4")
    await ada.save(until="At most 4 pictures")

    policy = await read(policies)
    assert set(policy.rules.models or ()) == {"ideogram-3", "flux2-flex"}
    assert policy.rules.quantity_max == 2
    assert policy.rules.channels == (DESIGN,)
    assert policy.rules.words == ("Lorem", "ipsum dolor")
    assert policy.rules_in(GENERAL).quantity_max == 4
    assert policy.rules_in(GENERAL).words == policy.rules.words
    await stage.ben.run_command(DESIGN, "/imagine", "a heron -n 3")
    assert "at most 2" in stage.private()[-1].text

    await ada.choose_from_row(GENERAL, "remove")
    await ada.remove(until="No channel has its own rules")
    assert (await read(policies)).channel_rules == {}


async def test_an_admin_makes_a_preset_with_pictures_that_are_brought_once(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    file = await stage.ada.upload("style.png", picture())
    await ada.press("home_presets", until="home_add_preset")
    await ada.open_sheet("home_add_preset")
    await ada.fill("name", "Brand <&>")
    await ada.fill("prefix", "Flat colours.")
    await ada.fill("preset_model", "ideogram-3")
    await ada.fill("preset_size", "portrait")
    await ada.fill("preset_enhance", "no")
    await ada.fill("locked", ["yes"])
    await ada.fill("new_references", [file.id])
    await ada.save(until="1 picture as reference")

    (preset,) = (await read(policies)).presets
    assert (preset.name, preset.prefix) == ("Brand <&>", "Flat colours.")
    assert (preset.model, preset.size, preset.quantity) == ("ideogram-3", "portrait", None)
    assert preset.enhance_prompt is False
    assert preset.is_locked
    (reference,) = preset.references
    assert (reference.file_id, reference.name) == (file.id, "style.png")
    assert reference.media_id in stage.powerpost.media
    await stage.until(lambda: "1 reference picture was added" in said_to(stage, "D0ADA"))

    await ada.choose_from_row("Brand", "change")
    await ada.fill("kept_references", [])
    await ada.fill("name", "Brand")
    await ada.save(until="*Brand* for")
    (preset,) = (await read(policies)).presets
    assert (preset.references, preset.prefix) == ((), "Flat colours.")


async def test_a_reference_that_slack_calls_no_picture_is_said_at_its_field_and_the_form_waits(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    file = await stage.ada.upload("style.png", b"no picture at all")
    await ada.press("home_presets", until="home_add_preset")
    await ada.open_sheet("home_add_preset")
    await ada.fill("name", "brand")
    await ada.fill("new_references", [file.id])
    shown = await ada.save()

    assert "“style.png” isn't a picture" in (shown.view_errors or {})["new_references"]
    assert (await read(policies)).presets == ()


async def test_a_reference_that_is_no_picture_is_told_and_the_preset_is_kept(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    file = await stage.ada.upload("style.png", picture()[:60])
    await ada.press("home_presets", until="home_add_preset")
    await ada.open_sheet("home_add_preset")
    await ada.fill("name", "brand")
    await ada.fill("new_references", [file.id])
    await ada.save(until="*brand* for")

    await stage.until(lambda: "style.png" in said_to(stage, "D0ADA"))
    assert "without its new reference pictures" in said_to(stage, "D0ADA")
    assert (await read(policies)).presets[0].references == ()


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("name", "-brand", "name"),
        ("name", 'the "brand"', "name"),
        ("preset_size", "feed", "preset_size"),
    ],
)
async def test_a_preset_that_cannot_be_is_refused_at_its_field(
    ada: Home, policies: PolicyStore, field: str, value: str, wrong: str
) -> None:
    await ada.press("home_presets", until="home_add_preset")
    await ada.open_sheet("home_add_preset")
    await ada.fill("name", "brand")
    await ada.fill("preset_model", "gpt-image-1.5")
    await ada.fill(field, value)

    shown = await ada.save()

    assert set(shown.view_errors or {}) == {wrong}
    assert (await read(policies)).presets == ()


async def test_everyone_sets_defaults_of_their_own(stage: Stage, policies: PolicyStore) -> None:
    home = Home(stage, stage.ben)
    await home.open("No personal defaults")
    await home.open_sheet("home_edit_defaults")
    await home.fill("preset_model", "nano-banana-2")
    await home.fill("preset_quantity", "2")
    await home.save(until="Nano Banana 2 · 2 pictures")

    defaults = (await read(policies)).defaults
    assert set(defaults) == {"U0BEN"}
    assert (defaults["U0BEN"].model, defaults["U0BEN"].quantity) == ("nano-banana-2", 2)
    await home.open_sheet("home_edit_defaults")
    await home.fill("preset_model", "none")
    await home.fill("preset_quantity", "none")
    await home.save(until="No personal defaults")
    assert (await read(policies)).defaults == {}


SHEETS = [
    "settings_sheet",
    "budget_sheet",
    "rules_sheet",
    "exception_sheet",
    "preset_sheet",
    "removal_sheet",
]


@pytest.mark.parametrize("callback_id", SHEETS)
async def test_a_forged_form_of_somebody_who_is_no_admin_changes_nothing(
    stage: Stage, policies: PolicyStore, callback_id: str
) -> None:
    view = View(
        id="V0FORGED",
        hash="1.1",
        callback_id=callback_id,
        type="modal",
        user="U0BEN",
        body={"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []},
        state={"values": {"admins": {"admins": {"selected_users": ["U0BEN"]}}}},
        root_view_id="V0FORGED",
    )
    body = make_submission(stage.workspace, stage.ben.user, view)

    reply = await stage.delivery.send_interaction(body)

    assert isinstance(reply.body, dict)
    assert "Only admins can change this" in str(reply.body["view"])
    assert await read(policies) == Policy()


async def test_a_form_that_was_opened_before_the_right_was_lost_changes_nothing(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    await ada.open_sheet("home_edit_settings")
    await ada.fill("admins", ["U0BEN"])
    await ada.save(until="and <@U0BEN>")
    ben = Home(stage, stage.ben)
    await ben.open("For admins")
    await ben.open_sheet("home_edit_settings")
    await ben.fill("alert_below", "1")
    await ada.open_sheet("home_edit_settings")
    await ada.fill("admins", [])
    await ada.save(until="Slack's own\\n")

    assert (await ben.save()).ok

    assert "Only admins can change this" in str(ben.sheet.body)
    assert (await read(policies)).settings.alert_below is None
    await ben.person.close(ben.sheet.id)
    await ben.press("home_budgets")
    await stage.until(lambda: not ben.says("For admins"), what="the overview for everyone")


async def test_an_old_button_of_somebody_who_is_no_admin_any_more_says_so(
    stage: Stage, ada: Home
) -> None:
    ben = Home(stage, stage.ben)
    await ada.open_sheet("home_edit_settings")
    await ada.fill("admins", ["U0BEN"])
    await ada.save(until="and <@U0BEN>")
    await ben.open("For admins")
    await ada.open_sheet("home_edit_settings")
    await ada.fill("admins", [])
    await ada.save(until="Slack's own\\n")

    await ben.open_sheet("home_edit_settings")

    assert "Only admins can change this" in str(ben.sheet.body)
    await stage.until(lambda: not ben.says("For admins"), what="the Home of a member")


async def test_two_admins_at_once_each_change_only_what_they_touched(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    stage.workspace.add_user(User("U0CLEO", "cleo", "Cleo Ng", is_admin=True))
    cleo = Home(stage, Person(stage.workspace, stage.delivery, "U0CLEO"))
    await cleo.open("For admins")
    await ada.open_sheet("home_edit_settings")
    await cleo.open_sheet("home_edit_settings")
    await ada.fill("alert_below", "20")
    await cleo.fill("confirm_above", "5")

    await asyncio.gather(ada.save(), cleo.save())

    settings = (await read(policies)).settings
    assert (settings.alert_below, settings.confirm_above) == (20, 5)


async def test_what_was_removed_meanwhile_is_not_brought_back(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    stage.workspace.add_user(User("U0CLEO", "cleo", "Cleo Ng", is_admin=True))
    cleo = Home(stage, Person(stage.workspace, stage.delivery, "U0CLEO"))
    await ada.press("home_budgets", until="home_add_budget")
    await ada.open_sheet("home_add_budget")
    await ada.fill("budget_credits", "50")
    await ada.save(until="50 credits a month")
    await cleo.open("For admins")
    await cleo.press("home_budgets", until="home_add_budget")
    await cleo.choose_from_row("50 credits", "change")
    await cleo.fill("budget_credits", "70")
    await ada.choose_from_row("50 credits", "remove")
    await ada.remove(until="No budgets are set")

    assert (await cleo.save()).ok

    assert "Someone has removed this" in str(cleo.sheet.body)
    assert (await read(policies)).budgets == ()
    await stage.until(lambda: cleo.says("No budgets are set"))


async def test_nothing_is_kept_twice_when_a_form_arrives_twice(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    await ada.press("home_budgets", until="home_add_budget")
    await ada.open_sheet("home_add_budget")
    await ada.fill("budget_credits", "50")
    body = make_submission(stage.workspace, stage.ada.user, ada.sheet)

    await asyncio.gather(*(stage.delivery.send_interaction(body) for _ in range(2)))

    assert len((await read(policies)).budgets) == 1


async def test_a_budget_is_set_once_for_the_same_thing(ada: Home, policies: PolicyStore) -> None:
    await ada.press("home_budgets", until="home_add_budget")
    for _ in range(2):
        await ada.open_sheet("home_add_budget")
        await ada.fill("budget_credits", "50")
        shown = await ada.save()
        await asyncio.sleep(0)

    assert set(shown.view_errors or {}) == {"sheet_kind"}
    assert len((await read(policies)).budgets) == 1


async def test_of_two_quick_clicks_the_last_one_stays(stage: Stage, ada: Home) -> None:
    budgets = ada.press("home_budgets")
    rules = ada.press("home_rules")
    await budgets
    await rules

    await stage.until(lambda: ada.says("home_edit_rules"), what="the rules")
    await ada.press("home_overview", until="For admins")
    for _ in range(5):
        await ada.press("home_refresh")
    await ada.press("home_presets", until="home_add_preset")


async def test_while_the_database_is_away_nothing_is_set_and_it_is_said(
    stage: Stage, ada: Home
) -> None:
    await ada.press("home_budgets", until="home_add_budget")
    await ada.open_sheet("home_add_budget")
    await ada.fill("budget_credits", "50")
    path = stage.settings.sqlite_path
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE policy_changes RENAME TO hidden")

        shown = await ada.save()

        assert "I couldn't save this" in str(shown.view_errors)
        connection.execute("ALTER TABLE hidden RENAME TO policy_changes")
    await ada.save(until="50 credits a month")


async def test_while_slack_cannot_be_asked_nobody_is_an_admin(
    stage: Stage, policies: PolicyStore
) -> None:
    stage.workspace.scopes.discard("users:read")
    home = Home(stage, stage.ada)
    await home.open("Slack can't tell me right now")

    assert not home.says("For admins")
    assert await read(policies) == Policy()


@pytest.mark.parametrize("fault", ["ratelimited", "slow", "http_500"])
async def test_what_an_admin_typed_stays_while_slack_does_not_say_who_is_one(
    stage: Stage, ada: Home, policies: PolicyStore, fault: str
) -> None:
    stage.workspace.users["U0BEN"].is_admin = True
    await ada.open_sheet("home_edit_settings")
    await ada.fill("admins", ["U0BEN"])
    await ada.save(until="and <@U0BEN>")
    ben = Home(stage, stage.ben)  # named: so far nobody has asked Slack about him
    await ben.open("For admins")
    await ben.open_sheet("home_edit_settings")
    await ben.fill("alert_below", "7")
    await ada.open_sheet("home_edit_settings")
    await ada.fill("admins", [])
    await ada.save(until="Slack's own\\n")
    stage.workspace.faults.next_call("users.info", fault)

    refused = await ben.save()

    assert "couldn't check whether you're an admin" in str(refused.view_errors)
    assert (await read(policies)).settings.alert_below is None
    assert (await ben.save()).ok
    assert (await read(policies)).settings.alert_below == 7


@pytest.mark.parametrize("fault", ["ratelimited", "http_500", "dropped_before", "fatal_error"])
async def test_a_home_tab_that_slack_does_not_take_for_a_moment_is_published_again(
    stage: Stage, fault: str
) -> None:
    stage.workspace.faults.next_call("views.publish", fault)

    await Home(stage, stage.ada).open()


def picture() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "PNG")
    return out.getvalue()


def said_to(stage: Stage, channel: str) -> str:
    """Everything that the bot said in a conversation."""
    return "\n".join(message.text for message in stage.workspace.messages[channel])


async def test_a_channel_that_anyone_can_join_is_asked_about_before_its_people_may_approve(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    await ada.open_sheet("home_edit_settings")
    await ada.fill("approval_channel", [DESIGN])
    shown = await stage.ada.submit(ada.sheet.id)
    assert shown.ok
    assert await read(policies) == Policy()
    warned = str(ada.sheet.body["blocks"])
    assert "Anyone who can join <#C0DESIGN> could approve" in warned
    assert "Name approvers above" in warned

    # As if it was not read: it is said again, and still nothing is kept.
    assert (await stage.ada.submit(ada.sheet.id)).ok
    assert await read(policies) == Policy()

    await ada.fill("open_approval", ["yes"])
    await ada.save(until="Approvals: in <#C0DESIGN>")
    settings = (await read(policies)).settings
    assert (settings.approval_channel, settings.is_open_approval_meant) == (DESIGN, True)


async def test_with_people_named_or_in_a_private_channel_nothing_is_asked(
    stage: Stage, ada: Home, policies: PolicyStore
) -> None:
    stage.workspace.channels[LAUNCH].members.add(stage.workspace.bot.id)
    stage.workspace.scopes |= {"channels:read", "groups:read"}  # without them nobody knows
    await ada.open_sheet("home_edit_settings")
    await ada.fill("approval_channel", [LAUNCH])
    await ada.save(until=f"Approvals: in <#{LAUNCH}>")
    assert (await read(policies)).settings.approval_channel == LAUNCH

    await ada.open_sheet("home_edit_settings")
    await ada.fill("approval_channel", [DESIGN])
    await ada.fill("approvers", ["U0BEN"])
    await ada.save(until=f"by <@U0BEN> in <#{DESIGN}>")
    assert (await read(policies)).settings.approval_channel == DESIGN

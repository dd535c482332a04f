"""People of another company, in a channel that is shared with them: whatever they do costs nothing
and shows nothing, until an admin opens the channel to them."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import WorkspaceSettings
from bot.policy.rules import Rules
from bot.sandbox.slack.delivery import Reply
from bot.sandbox.slack.payloads import make_command, make_interaction, make_shortcut
from bot.sandbox.slack.records import Message
from tests.support.home import Home
from tests.support.image_form import Form
from tests.support.policies import set_policy
from tests.support.rendered_text import words_of
from tests.support.signed_requests import JSON, Slack
from tests.support.stage import DESIGN, SHARED, Stage
from tests.support.threads import choose, make, open_menu, press

REFUSED = "Only members of the workspace that I belong to can do that"
MENTION = "<@U0IMAGINE>"
OPEN = WorkspaceSettings(shared_channels=(SHARED,))


async def until_refused(stage: Stage, number: int = 1, channel: str = SHARED) -> Message:
    """What Cleo was told, and nobody else."""
    await stage.until(lambda: len(stage.private(channel)) == number, what="refused")
    told = stage.private(channel)[-1]
    assert told.ephemeral_to == "U0CLEO"
    assert REFUSED in told.text
    assert "Nothing was spent." in told.text
    assert "credits" not in words_of(told)
    return told


async def test_a_member_changes_a_picture_in_a_shared_channel_as_in_any_other(
    stage: Stage,
) -> None:
    await make(stage, channel=SHARED)
    (root,) = stage.roots(SHARED)
    await stage.ben.say(SHARED, f"{MENTION} with a darker sky", thread_ts=root.ts)
    await stage.until_told_in_thread(root.ts, channel=SHARED)

    assert stage.submits() == 2
    assert stage.private(SHARED) == []


@pytest.mark.parametrize("button", ["regenerate", "edit_generation"])
async def test_a_button_is_refused_privately(stage: Stage, button: str) -> None:
    result = await make(stage, channel=SHARED)
    await press(stage.cleo, result, button)

    told = await until_refused(stage)
    assert told.thread_ts == result.thread_ts
    assert not Form(stage, stage.cleo).is_open
    assert stage.submits() == 1


@pytest.mark.parametrize("choice", ["more_like", "share", "delete"])
async def test_the_menu_is_refused_privately(stage: Stage, choice: str) -> None:
    result = await make(stage, channel=SHARED)
    await choose(stage.cleo, result, choice)

    await until_refused(stage)
    assert not Form(stage, stage.cleo).is_open


@pytest.mark.parametrize("text", ["again x3", "with a darker sky", "make it landscape", "hello"])
async def test_a_reply_is_refused_privately_and_once(stage: Stage, text: str) -> None:
    result = await make(stage, channel=SHARED)
    await stage.cleo.say(SHARED, f"{MENTION} {text}", thread_ts=result.thread_ts)
    await stage.delivery.settle()

    told = await until_refused(stage)
    assert told.thread_ts == result.thread_ts
    assert stage.submits() == 1


async def test_a_mention_in_the_channel_is_refused_privately(stage: Stage) -> None:
    await stage.cleo.say(SHARED, f"{MENTION} a lighthouse in fog")

    await until_refused(stage)


async def test_a_direct_message_is_refused(stage: Stage) -> None:
    await stage.cleo.say("D0CLEO", "a lighthouse in fog")

    await until_refused(stage, channel="D0CLEO")


async def test_the_home_tab_shows_nothing_of_the_workspace(stage: Stage) -> None:
    await make(stage)
    await Home(stage, stage.cleo).open(until="another company's workspace")
    shown = str(stage.workspace.homes["U0CLEO"].body["blocks"])

    assert "credits" not in shown
    assert "lighthouse" not in shown
    assert "button" not in shown


async def test_who_opens_the_messages_tab_is_told_whose_the_bot_is(stage: Stage) -> None:
    await stage.cleo.open_home("messages")
    await stage.until(lambda: stage.workspace.messages["D0CLEO"], what="told")

    (told,) = stage.workspace.messages["D0CLEO"]
    assert REFUSED in told.text


async def send(stage: Stage, payload: dict[str, Any]) -> Reply:
    reply = await stage.delivery.send_interaction(payload)
    assert reply.error is None
    return reply


async def test_a_command_that_cannot_come_is_refused_too(stage: Stage) -> None:
    workspace, cleo = stage.workspace, stage.cleo.user
    fields = make_command(workspace, cleo, workspace.channels[SHARED], "/imagine", "fog")
    reply = await stage.delivery.send_command(fields | {"team_id": cleo.team_id})

    assert REFUSED in reply.body["text"]
    assert reply.body["response_type"] == "ephemeral"
    assert stage.submits() == 0


async def test_shortcuts_that_cannot_come_are_refused_too(stage: Stage) -> None:
    workspace, cleo = stage.workspace, stage.cleo.user
    payload = make_shortcut(workspace, cleo, "create_image")
    await send(stage, payload | {"team": {"id": cleo.team_id}})
    form = Form(stage, stage.cleo)
    await stage.until(lambda: form.is_open, what="a notice")
    assert REFUSED in form.text()

    message = await make(stage, channel=SHARED)
    shortcut = make_shortcut(workspace, cleo, "image_of_message") | {
        "type": "message_action",
        "channel": {"id": SHARED},
        "message": {"ts": message.ts, "text": "fog"},
    }
    await send(stage, shortcut)
    await until_refused(stage)


@pytest.mark.parametrize("app_team", ["T0SANDBOX", None])
async def test_a_form_that_was_passed_on_is_refused_where_it_was_typed(
    stage: Stage, app_team: str | None
) -> None:
    await stage.ada.run_command(SHARED, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "fog")
    view = {
        "id": form.view.id,
        "type": "modal",
        "callback_id": "image_form",
        "private_metadata": form.view.body["private_metadata"],
        "state": form.view.state,
        "blocks": form.view.body["blocks"],
        "app_installed_team_id": app_team,
    }
    payload = make_interaction(stage.workspace, "view_submission", stage.cleo.user)
    reply = await send(stage, payload | {"team": {"id": "T0HARBOUR"}, "view": view})

    assert reply.body["response_action"] == "errors"
    assert REFUSED in str(reply.body["errors"])
    assert stage.submits() == 0


async def test_approval_is_not_theirs_to_give(stage: Stage) -> None:
    budget = Budget(id="b", scope=Scope.WORKSPACE, period=Period.DAY, credits=0)
    settings = WorkspaceSettings(approval_channel=SHARED, shared_channels=(SHARED,))
    await set_policy(stage, budgets=(budget,), settings=settings)
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await press(stage.ada, stage.private()[0], "ask_approval")
    await stage.until(lambda: stage.roots(SHARED), what="a card")
    (card,) = stage.roots(SHARED)

    for button in ("approve_request", "deny_request"):
        await press(stage.cleo, card, button)
    await until_refused(stage, 2)

    assert stage.submits() == 0
    assert not Form(stage, stage.cleo).is_open


async def test_an_admin_of_another_company_is_none_here(stage: Stage) -> None:
    assert stage.cleo.user.is_admin
    result = await make(stage, channel=SHARED)
    await set_policy(stage, settings=OPEN)
    await choose(stage.cleo, result, "delete")

    await stage.until(lambda: stage.private(SHARED), what="refused")
    assert "workspace admins can delete" in stage.private(SHARED)[0].text


async def test_guests_may_unless_a_rule_says_otherwise(stage: Stage) -> None:
    stage.workspace.users["U0BEN"].is_guest = True
    result = await make(stage, channel=SHARED)
    await press(stage.ben, result, "regenerate")
    await stage.until_told_in_thread(str(result.thread_ts), channel=SHARED)
    await set_policy(stage, rules=Rules(people=("U0ADA",)))
    await press(stage.ben, result, "regenerate")
    await stage.until(lambda: stage.private(SHARED), what="refused")

    assert stage.submits() == 2
    assert "don't let you make pictures here" in stage.private(SHARED)[0].text


# Where an admin has opened the channel ----------------------------------------------------------


async def test_in_a_channel_that_is_open_to_them_they_make_pictures_on_the_channels_budget(
    stage: Stage,
) -> None:
    budget = Budget(id="b", scope=Scope.CHANNEL, subject=SHARED, period=Period.DAY, credits=12)
    await set_policy(stage, settings=OPEN, budgets=(budget,))
    result = await make(stage, channel=SHARED)
    thread = str(result.thread_ts)

    await press(stage.cleo, result, "regenerate")
    await stage.until_told_in_thread(thread, channel=SHARED)
    await stage.cleo.say(SHARED, f"{MENTION} with a darker sky", thread_ts=thread)
    await stage.until_told_in_thread(thread, 2, channel=SHARED)
    for _ in range(2):
        await stage.cleo.say(SHARED, f"{MENTION} with rain", thread_ts=thread)
        await stage.delivery.settle()
    await stage.until(lambda: stage.private(SHARED), what="over budget")

    await stage.until_told_in_thread(thread, 3, channel=SHARED)
    assert "budget" in stage.private(SHARED)[-1].text
    assert stage.submits() == 4


THEIR_TEAM: Any = {"id": "T0HARBOUR", "domain": "harbour", "enterprise_id": "E0HARBOUR"}


@pytest.mark.parametrize("team", [THEIR_TEAM, {"id": "T0HARBOUR"}, {"id": "T0SANDBOX"}, None])
@pytest.mark.parametrize("enterprise", [{"id": "E0HARBOUR", "name": "Harbour"}, None])
async def test_whatever_workspace_their_click_names_ours_is_asked_for_rules_and_budget(
    stage: Stage, team: Any, enterprise: Any
) -> None:
    result = await make(stage, channel=SHARED)
    actions = next(block for block in result.blocks if block["block_id"] == "actions")
    click = make_interaction(stage.workspace, "block_actions", stage.cleo.user) | {
        "team": team,
        "enterprise": enterprise,
        "channel": {"id": SHARED},
        "message": {"ts": result.ts, "thread_ts": result.thread_ts},
        "actions": [actions["elements"][0] | {"block_id": "actions", "action_ts": "1.0"}],
    }
    await send(stage, click)
    await until_refused(stage)
    assert stage.submits() == 1

    nothing = Budget(id="b", scope=Scope.WORKSPACE, period=Period.DAY, credits=0)
    await set_policy(stage, settings=OPEN, budgets=(nothing,))
    await send(stage, click)
    await stage.until(lambda: len(stage.private(SHARED)) == 2, what="over budget")
    assert "budget" in stage.private(SHARED)[1].text
    assert stage.submits() == 1


async def hear(stage: Stage, envelope: dict[str, Any]) -> None:
    """An event as it is, with what Slack says of it."""
    async with aiohttp.ClientSession() as http:
        status, _ = await Slack(http, stage).post_signed(json.dumps(envelope).encode(), JSON)
    assert status == 200


@pytest.mark.parametrize("authorized", [True, False])
async def test_whatever_workspace_their_mention_names_ours_is_asked_for_rules_and_budget(
    stage: Stage, authorized: bool
) -> None:
    result = await make(stage, channel=SHARED)
    nothing = Budget(id="b", scope=Scope.WORKSPACE, period=Period.DAY, credits=0)
    ours = {"enterprise_id": None, "team_id": "T0SANDBOX", "user_id": "U0IMAGINE"}
    said = {
        "type": "app_mention",
        "user": "U0CLEO",
        "user_team": "E0HARBOUR",
        "team": "T0HARBOUR",
        "text": f"{MENTION} with rain",
        "ts": "1790000000.000100",
        "thread_ts": result.thread_ts,
        "channel": SHARED,
    }
    heard = {
        "type": "event_callback",
        "team_id": "T0HARBOUR",
        "enterprise_id": "E0HARBOUR",
        "event_id": "Ev1",
        "event": said,
        "is_ext_shared_channel": True,
        "authorizations": [ours] if authorized else [],
    }
    await hear(stage, heard)
    await until_refused(stage)

    await set_policy(stage, settings=OPEN, budgets=(nothing,))
    await hear(stage, heard | {"event_id": "Ev2", "event": said | {"ts": "1790000000.000200"}})
    if authorized:
        await stage.until(lambda: len(stage.private(SHARED)) == 2, what="over budget")
        assert "budget" in stage.private(SHARED)[1].text
    assert stage.submits() == 1


async def test_what_was_asked_back_they_answer_where_it_is_open_to_them(stage: Stage) -> None:
    result = await make(stage, channel=SHARED)
    await set_policy(stage, settings=OPEN)
    await stage.cleo.say(SHARED, f"{MENTION} protrait", thread_ts=result.thread_ts)
    await stage.until(lambda: stage.private(SHARED), what="asked")
    await press(stage.cleo, stage.private(SHARED)[0], "open_asked")

    await Form(stage, stage.cleo).until_open()


async def test_it_is_open_there_and_nowhere_else(stage: Stage) -> None:
    await set_policy(stage, settings=OPEN)
    result = await make(stage, channel=SHARED)
    await press(stage.cleo, result, "edit_generation")
    form = await Form(stage, stage.cleo).until_open()
    await form.set("destination", "me")
    refused = await form.submit()
    assert REFUSED in str(refused.view_errors)
    await form.set("destination", "channel")
    await stage.until(lambda: "'action_id': 'channel'" in form.text(), what="a channel to choose")
    await form.set("channel", DESIGN)
    refused = await form.submit()
    assert REFUSED in str(refused.view_errors)
    await stage.cleo.close(form.view.id)

    modal = await open_menu(stage, stage.cleo, result, "share")
    await modal.set("share_channel", DESIGN)
    refused = await modal.submit()
    assert REFUSED in str(refused.view_errors)
    await Home(stage, stage.cleo).open(until="another company's workspace")

    assert stage.submits() == 1
    assert stage.roots(DESIGN) == []


async def test_what_an_admin_closes_again_is_closed(stage: Stage) -> None:
    await set_policy(stage, settings=OPEN)
    result = await make(stage, channel=SHARED)
    await set_policy(stage, settings=WorkspaceSettings())
    await press(stage.cleo, result, "regenerate")

    await until_refused(stage)
    assert stage.submits() == 1


async def test_an_admin_opens_a_channel_in_the_home_tab(stage: Stage) -> None:
    ada = Home(stage, stage.ada)
    await ada.open("For admins")
    await ada.open_sheet("home_edit_settings")
    await ada.fill("shared_channels", [SHARED])
    await ada.save(until=f"Other companies can ask in: <#{SHARED}>")
    result = await make(stage, channel=SHARED)
    await press(stage.cleo, result, "regenerate")

    await stage.until_told_in_thread(str(result.thread_ts), channel=SHARED)
    assert json.dumps(stage.workspace.homes["U0ADA"].body).count(SHARED) >= 1

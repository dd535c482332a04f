"""A channel that is shared with another company: whose people are in it, what they can do, and
what the bot is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.payloads import make_event
from bot.sandbox.slack.person import Person
from tests.support.slack_stand_in import Bot, Slack

SHARED = "C0HARBOUR"
OURS, THEIRS = "T0SANDBOX", "T0HARBOUR"


@pytest.fixture
def cleo(slack: Slack, bot: Bot) -> Person:
    return Person(slack.workspace, bot.delivery, "U0CLEO")


@pytest.fixture
def heard(slack: Slack) -> list[dict[str, Any]]:
    """The events that the bot is sent."""
    envelopes: list[dict[str, Any]] = []
    slack.workspace.event_sink = lambda event, kind: envelopes.append(
        make_event(slack.workspace, event) | {"kind": kind}
    )
    return envelopes


def test_she_sees_what_is_shared_with_her_and_nothing_else(slack: Slack) -> None:
    workspace = slack.workspace
    seen = {id_ for id_, each in workspace.channels.items() if workspace.may_see(each, "U0CLEO")}

    assert seen == {SHARED, "D0CLEO"}


async def test_commands_and_shortcuts_are_not_for_people_of_another_company(cleo: Person) -> None:
    assert (await cleo.run_command(SHARED, "/imagine", "fog")).error == "invalid_command"
    assert (await cleo.shortcut("create_image")).error == "shortcut_not_found"


async def test_a_mention_names_the_channels_company_and_whose_person_it_is(
    slack: Slack, cleo: Person, bot: Bot, heard: list[dict[str, Any]]
) -> None:
    await cleo.say(SHARED, "<@U0IMAGINE> hello")
    await bot.ben.say(SHARED, "<@U0IMAGINE> hello")
    mentions = [each for each in heard if each["kind"] == "app_mention"]

    assert [each["event"]["user_team"] for each in mentions] == [THEIRS, OURS]
    assert {each["event"]["team"] for each in mentions} == {THEIRS}
    assert {each["team_id"] for each in mentions} == {THEIRS}
    assert {each["authorizations"][0]["team_id"] for each in mentions} == {OURS}
    assert all(each["is_ext_shared_channel"] for each in mentions)


async def test_in_a_channel_of_ones_own_nothing_of_it_is_said(
    bot: Bot, heard: list[dict[str, Any]]
) -> None:
    await bot.ben.say("C0DESIGN", "<@U0IMAGINE> hello")
    (mention,) = [each for each in heard if each["kind"] == "app_mention"]

    assert mention["team_id"] == OURS
    assert mention["is_ext_shared_channel"] is False
    assert "user_team" not in mention["event"]


async def test_an_edited_mention_comes_as_a_mention_with_edited(
    bot: Bot, heard: list[dict[str, Any]]
) -> None:
    said = await bot.ben.say("C0DESIGN", "hello")
    assert said.message is not None
    await bot.ben.edit("C0DESIGN", said.message.ts, "<@U0IMAGINE> hello")
    (mention,) = [each for each in heard if each["kind"] == "app_mention"]

    assert mention["event"]["edited"]["user"] == "U0BEN"
    assert mention["event"]["ts"] == said.message.ts


async def test_who_she_is_users_info_says(slack: Slack) -> None:
    slack.workspace.scopes.add("users:read")
    answer = await slack.call("users.info", user="U0CLEO")

    assert answer["user"]["team_id"] == THEIRS
    assert answer["user"]["is_admin"]


async def test_a_private_channel_that_is_shared_is_known_by_its_new_id_alone(
    slack: Slack, bot: Bot, heard: list[dict[str, Any]]
) -> None:
    slack.workspace.channels["G0LAUNCH"].members.add("U0IMAGINE")
    posted = await slack.call("chat.postMessage", channel="G0LAUNCH", text="root")
    new_id = slack.workspace.change_channel_id("G0LAUNCH")
    old = await slack.call("chat.postMessage", channel="G0LAUNCH", text="hi")
    new = await slack.call("chat.postMessage", channel=new_id, text="reply", thread_ts=posted["ts"])

    moves = [each["event"] for each in heard if each["kind"] == "channel_id_changed"]
    assert (moves[0]["old_channel_id"], moves[0]["new_channel_id"]) == ("G0LAUNCH", new_id)
    assert new_id == "C0LAUNCH"
    assert old["error"] == "channel_not_found"
    assert new["message"]["thread_ts"] == posted["ts"]


async def test_no_app_is_in_a_conversation_of_two_people(slack: Slack, bot: Bot) -> None:
    answer = await slack.call("chat.postMessage", channel="D0ADABEN", text="hi")
    invited = await bot.ada.invite("D0ADABEN", "U0IMAGINE")

    assert answer["error"] == "channel_not_found"
    assert invited.error == "method_not_supported_for_channel_type"


@pytest.mark.parametrize("strays", [False, True])
async def test_a_reply_to_what_is_gone_is_refused_or_stands_in_the_channel(
    slack: Slack, strays: bool
) -> None:
    slack.workspace.faults.strays_replies = strays
    answer = await slack.call(
        "chat.postMessage", channel="C0DESIGN", text="hi", thread_ts="1700000000.000001"
    )

    if strays:
        assert "thread_ts" not in answer["message"]
    else:
        assert answer["error"] == "thread_not_found"


@pytest.mark.parametrize("kind", ["jpg", "png", "a-kind-that-is-too-long"])
async def test_a_completed_upload_may_say_what_the_file_is(slack: Slack, kind: str) -> None:
    start = await slack.call("files.getUploadURLExternal", filename="a.png", length=1)
    async with slack.http.post(start["upload_url"], data=b"x"):
        pass
    file = {"id": start["file_id"], "highlight_type": kind}
    answer = await slack.call("files.completeUploadExternal", files=[file])

    assert answer["ok"] is (len(kind) <= 10)


@pytest.mark.parametrize("code", ["storage_limit_reached", "file_uploads_disabled"])
async def test_an_upload_is_refused_as_long_as_a_setting_says_so(slack: Slack, code: str) -> None:
    slack.workspace.faults.refused["upload"] = code
    answer = await slack.call("files.getUploadURLExternal", filename="a.png", length=1)
    slack.workspace.faults.clear()
    again = await slack.call("files.getUploadURLExternal", filename="a.png", length=1)

    assert answer["error"] == code
    assert again["ok"]

"""Whoever asked is answered: again after a fault, then by another way, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.sandbox.serving import serve
from bot.sandbox.slack.records import Message
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import Workspace
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.connection import build_client
from bot.slack.kit.ephemeral import read_answer, say_directly, send_ephemeral

DESIGN, LAUNCH, HER_DM = "C0DESIGN", "G0LAUNCH", "D0ADA"
ANSWER = show_sentence("You have 3 credits.")


@dataclass
class Desk:
    """Slack's stand-in and our client."""

    workspace: Workspace
    client: AsyncWebClient

    def make_response_url(self) -> str:
        """What a command of Ada's in #design brings along."""
        return self.workspace.grant_response_url(DESIGN, "U0ADA")

    def private(self, channel: str) -> list[Message]:
        """What only Ada sees there, of the bot's."""
        return [
            message
            for message in self.workspace.messages[channel]
            if message.bot_id and (channel == HER_DM or message.ephemeral_to == "U0ADA")
        ]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    workspace = Workspace()
    workspace.faults.retry_after_seconds = 1
    async with serve(build_app(workspace)) as url:
        workspace.base_url = url
        client = build_client(f"{url}/api", workspace.bot_token)
        yield Desk(workspace, client)
        assert client.session is not None
        await client.session.close()


@pytest.mark.parametrize("fault", ["ratelimited", "http_500", "dropped_before", "internal_error"])
async def test_a_response_url_that_fails_for_a_moment_is_used_again(desk: Desk, fault: str) -> None:
    desk.workspace.faults.next_call("response_url", fault)

    await send_ephemeral(
        desk.client,
        ANSWER,
        channel_id=DESIGN,
        user_id="U0ADA",
        response_url=desk.make_response_url(),
    )

    assert [message.text for message in desk.private(DESIGN)] == [ANSWER.text]
    assert not [e for e in desk.workspace.exchanges if e.method == "chat.postEphemeral"]


@pytest.mark.parametrize("fault", ["used_url", "expired_url", "a_code_of_next_year"])
async def test_where_the_response_url_is_of_no_use_it_is_said_in_the_conversation(
    desk: Desk, fault: str
) -> None:
    desk.workspace.faults.next_call("response_url", fault)

    await send_ephemeral(
        desk.client,
        ANSWER,
        channel_id=DESIGN,
        user_id="U0ADA",
        response_url=desk.make_response_url(),
    )

    assert [message.text for message in desk.private(DESIGN)] == [ANSWER.text]
    assert [e for e in desk.workspace.exchanges if e.method == "chat.postEphemeral"]


@pytest.mark.parametrize("fault", ["ratelimited", "http_500", "dropped_before", "fatal_error"])
async def test_an_ephemeral_message_that_fails_for_a_moment_is_sent_again(
    desk: Desk, fault: str
) -> None:
    desk.workspace.faults.next_call("chat.postEphemeral", fault)

    await send_ephemeral(desk.client, ANSWER, channel_id=DESIGN, user_id="U0ADA")

    assert [message.text for message in desk.private(DESIGN)] == [ANSWER.text]


@pytest.mark.parametrize("fault", ["user_not_in_channel", "missing_scope", "no_such_word"])
async def test_what_cannot_be_said_in_the_conversation_is_said_in_a_direct_message(
    desk: Desk, fault: str
) -> None:
    desk.workspace.faults.next_call("response_url", fault)
    desk.workspace.faults.next_call("chat.postEphemeral", fault)
    desk.workspace.faults.next_call("chat.postMessage", "http_500")

    await send_ephemeral(
        desk.client,
        ANSWER,
        channel_id=LAUNCH,
        user_id="U0ADA",
        response_url=desk.make_response_url(),
    )

    assert [message.text for message in desk.private(HER_DM)] == [ANSWER.text]


async def test_a_form_that_is_refused_gives_way_to_the_next_before_the_way_does(
    desk: Desk,
) -> None:
    desk.workspace.faults.next_call("response_url", "invalid_blocks")

    await send_ephemeral(
        desk.client,
        ANSWER,
        show_sentence("3 credits"),
        channel_id=DESIGN,
        user_id="U0ADA",
        response_url=desk.make_response_url(),
    )

    assert [message.text for message in desk.private(DESIGN)] == ["3 credits"]
    assert not [e for e in desk.workspace.exchanges if e.method == "chat.postEphemeral"]


async def test_where_nothing_works_it_is_raised(desk: Desk) -> None:
    desk.workspace.is_token_revoked = True

    with pytest.raises(ImagineError):
        await send_ephemeral(desk.client, ANSWER, channel_id=DESIGN, user_id="U0ADA")


async def test_a_direct_message_that_fails_for_a_moment_is_sent_again(desk: Desk) -> None:
    desk.workspace.faults.next_call("chat.postMessage", "ratelimited")

    await say_directly(desk.client, ANSWER, "U0ADA")

    assert [message.text for message in desk.private(HER_DM)] == [ANSWER.text]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("ok", {}),
        ("", {}),
        ("[1]", {}),
        ('{"ok": false, "error": "used_url"}', {"ok": False, "error": "used_url"}),
    ],
)
def test_what_a_response_url_answers_is_json_or_a_word(body: str, said: object) -> None:
    assert read_answer(body) == said

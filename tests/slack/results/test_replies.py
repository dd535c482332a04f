"""Which events are somebody's words to the bot."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.kit.payloads import EventEnvelope
from bot.slack.kit.replies import Reply, read_reply

BOT = "U0BOT"
SAID: dict[str, Any] = {
    "type": "app_mention",
    "user": "U1",
    "text": "<@U0BOT> again",
    "ts": "2.000000",
    "thread_ts": "1.000000",
    "channel": "C1",
}


def read(**changes: Any) -> Reply | None:
    """The reply in an event."""
    event = {name: value for name, value in (SAID | changes).items() if value != "left out"}
    return read_reply(EventEnvelope.model_validate({"team_id": "T1", "event": event}), BOT)


def test_a_mention_is_a_reply() -> None:
    reply = read()

    assert reply is not None
    assert (reply.text, reply.thread_ts, reply.is_direct) == ("again", "1.000000", False)
    assert reply.origin == "message:T1:C1:2.000000"


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B1"},
        {"user": BOT},
        {"user": "left out"},
        {"channel": None},
        {"ts": None},
        {"hidden": True},
        {"edited": {"user": "U1", "ts": "3.0"}},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"subtype": "tombstone"},
        {"type": "message"},  # in a channel: the mention comes as its own event
        {"type": "message", "channel_type": "channel"},
        {"type": "message", "channel_type": "mpim", "channel": "G1"},
    ],
    ids=str,
)
def test_what_nobody_just_said_to_the_bot_is_none(changes: dict[str, Any]) -> None:
    assert read(**changes) is None


@pytest.mark.parametrize("subtype", [None, "file_share", "thread_broadcast"])
@pytest.mark.parametrize("channel_type", ["im", None])
def test_in_a_direct_message_no_mention_is_needed(
    subtype: str | None, channel_type: str | None
) -> None:
    reply = read(
        type="message", channel="D1", channel_type=channel_type, subtype=subtype, text="again"
    )

    assert reply is not None
    assert (reply.is_direct, reply.text) == (True, "again")


def test_a_mention_in_a_direct_message_is_one_message_whichever_event_it_comes_as() -> None:
    mention, message = read(channel="D1"), read(channel="D1", type="message", channel_type="im")

    assert mention is not None
    assert mention == message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<@U0BOT> with a darker sky", "with a darker sky"),
        ("<@U0BOT|imagine> again", "again"),
        ("again <@U0BOT>", "again"),
        ("<@U0BOT>", ""),
        ("<@U0BOT> like <@U2|ben> said &amp; less &lt;b&gt;", "like ben said & less <b>"),
        ("<@U0BOT> <!channel> again", "again"),
        ("<@U0BOT> see <https://x.example|this>", "see this"),
    ],
)
def test_the_words_are_those_a_person_reads(text: str, said: str) -> None:
    reply = read(text=text)

    assert reply is not None
    assert " ".join(reply.text.split()) == said


def test_pictures_and_what_may_be_one_become_references_and_the_rest_is_named() -> None:
    files = [
        {"id": "F1", "name": "a.png", "mimetype": "image/png"},
        {"id": "F2", "name": "b.pdf", "mimetype": "application/pdf"},
        {"id": "F3", "mode": "file_access", "file_access": "check_file_info"},
        {"id": "F4", "title": "c", "mimetype": "image/webp"},
        {"id": "F5", "mode": "tombstone"},
        {"id": "F6", "name": None, "mimetype": "image/jpeg"},
        {"id": "F7", "mimetype": "image/jpeg"},
    ]
    reply = read(files=files)

    assert reply is not None
    assert [file.file_id for file in reply.files] == ["F1", "F3", "F4", "F6", "F7"]
    assert [file.file_id for file in reply.attached.left_out] == ["F2", "F5"]
    assert [file.name for file in reply.files] == ["a.png", "Picture", "c", *["Picture"] * 2]


def test_halves_of_characters_and_nul_are_left_out() -> None:
    reply = read(text="<@U0BOT> fog\x00 \ud83e rain")

    assert reply is not None
    assert reply.text.encode() == b"fog  rain"

"""Exchanges of the same generation find each other, though no id stands in all of them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.page.stories import Clues, read_powerpost, read_slack, tell_stories
from bot.sandbox.powerpost.exchanges import Exchange as PowerPostExchange
from bot.sandbox.slack.records import Exchange as SlackExchange

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"
PAID_ONE = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
PAID_TWO = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"


def call(method: str, request: dict[str, Any], answer: dict[str, Any] | None = None) -> Clues:
    exchange = SlackExchange(1, 0.0, "from_bot", method, 200, 0.0, request, answer or {"ok": True})
    return read_slack(exchange)


def command(text: str, channel: str = "C1") -> Clues:
    request = {"command": "/imagine", "text": text, "channel_id": channel}
    exchange = SlackExchange(1, 0.0, "to_bot", "POST /slack/events", 200, 0.0, request, "")
    exchange.kind = "command"
    return read_slack(exchange)


def root(generation: str, prompt: str, ts: str, channel: str = "C1") -> Clues:
    metadata = {"event_type": "x", "event_payload": {"generation": generation, "kind": "root"}}
    request = {"channel": channel, "text": f"asked for “{prompt}”", "metadata": metadata}
    return call("chat.postMessage", request, {"ok": True, "channel": channel, "ts": ts})


def submit(prompt: str, paid: str | None) -> Clues:
    path = "/api/v1/images/generate"
    exchange = PowerPostExchange(0.0, "POST", path, "", {}, {"prompt": prompt})
    exchange.image_generation_id = paid
    return read_powerpost(exchange)


def get(path: str, paid: str | None = None, answer: Any = None) -> Clues:
    exchange = PowerPostExchange(0.0, "GET", path, "", {}, None, 200, answer)
    exchange.image_generation_id = paid
    return read_powerpost(exchange)


def tell(*clues: tuple[str, Clues]) -> dict[str, str]:
    return tell_stories([(float(at), key, clue) for at, (key, clue) in enumerate(clues)])


def test_a_command_its_message_and_its_paid_request_are_one_story() -> None:
    told = tell(
        ("command", command("a fox --size portrait")),
        ("root", root(ONE, "a fox", "1.1")),
        ("submit", submit("a fox", PAID_ONE)),
        ("update", call("chat.update", {"channel": "C1", "ts": "1.1", "text": "Done"})),
    )
    assert told == dict.fromkeys(("command", "root", "submit", "update"), ONE)


def test_two_that_run_at_once_are_told_apart_by_their_prompts() -> None:
    told = tell(
        ("command fox", command("a fox")),
        ("command owl", command("an owl")),
        ("root owl", root(TWO, "an owl", "1.2")),
        ("root fox", root(ONE, "a fox", "1.1")),
        ("submit fox", submit("a fox", PAID_ONE)),
        ("submit owl", submit("an owl", PAID_TWO)),
    )
    assert {key: told[key] for key in told if "fox" in key} == dict.fromkeys(
        ("command fox", "root fox", "submit fox"), ONE
    )
    assert {key: told[key] for key in told if "owl" in key} == dict.fromkeys(
        ("command owl", "root owl", "submit owl"), TWO
    )


def test_a_request_that_was_refused_and_sent_again_belongs_to_the_same() -> None:
    told = tell(
        ("root", root(ONE, "a fox", "1.1")),
        ("refused", submit("a fox", None)),
        ("accepted", submit("a fox", PAID_ONE)),
    )
    assert told == dict.fromkeys(("root", "refused", "accepted"), ONE)


def test_pictures_are_followed_from_powerpost_to_the_message_that_shows_them() -> None:
    media = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
    metadata = {"event_type": "x", "event_payload": {"generation": ONE, "kind": "result"}}
    blocks = [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"}]
    shown = {"channel": "C1", "blocks": blocks, "metadata": metadata}
    told = tell(
        ("root", root(ONE, "a fox", "1.1")),
        ("submit", submit("a fox", PAID_ONE)),
        ("look", get("/api/v1/images/generations/x", PAID_ONE, {"images": [{"media_id": media}]})),
        ("download", get(f"/storage/images/{media}.webp")),
        ("start", call("files.getUploadURLExternal", {}, {"ok": True, "file_id": "F1"})),
        ("upload", call("POST /upload/v1/F1", {})),
        ("complete", call("files.completeUploadExternal", {"files": [{"id": "F1"}]})),
        ("result", call("chat.postMessage", shown, {"ok": True, "channel": "C1", "ts": "1.5"})),
    )
    assert set(told.values()) == {ONE}
    assert len(told) == 8


def test_what_belongs_to_none_is_left_alone() -> None:
    told = tell(
        ("credits", get("/api/v1/account/credits")),
        ("other", command("help", channel="C2")),
        ("root", root(ONE, "a fox", "1.1")),
        ("auth", call("auth.test", {})),
    )
    assert told == {"root": ONE}

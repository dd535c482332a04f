"""Exchanges of one generation find each other by the ids that they carry, by nothing else."""

from __future__ import annotations

from typing import Any

from bot.sandbox.page.exchange_groups import Ids, group_exchanges, read_powerpost, read_slack
from bot.sandbox.powerpost.exchanges import Exchange as PowerPostExchange
from bot.sandbox.slack.records import Exchange as SlackExchange

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"
PAID_ONE = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
PAID_TWO = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
TRIGGER_ONE, TRIGGER_TWO = "4.1795770944813.5c501d", "6.1795770944814.2ca954"
MEDIA = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"


def call(method: str, request: dict[str, Any], answer: dict[str, Any] | None = None) -> Ids:
    exchange = SlackExchange(1, 0.0, "from_bot", method, 200, 0.0, request, answer or {"ok": True})
    return read_slack(exchange)


def sent(kind: str, request: dict[str, Any]) -> Ids:
    exchange = SlackExchange(1, 0.0, "to_bot", "POST /slack/events", 200, 0.0, request, "")
    exchange.kind = kind
    return read_slack(exchange)


def command(trigger_id: str) -> Ids:
    return sent("command", {"command": "/imagine", "text": "a fox", "trigger_id": trigger_id})


def post(ts: str, generation: str, **more: Any) -> Ids:
    origin, paid = more.pop("origin", ""), more.pop("paid", None)
    payload = {"generation": generation, "kind": "root", "origin": origin}
    if paid:
        payload["image_generation_id"] = paid
    request = {"channel": "C1", "text": "a fox", "metadata": {"event_payload": payload}, **more}
    return call("chat.postMessage", request, {"ok": True, "channel": "C1", "ts": ts})


def submit(paid: str | None) -> Ids:
    path = "/api/v1/images/generate"
    exchange = PowerPostExchange(0.0, "POST", path, "", {}, {"prompt": "a fox"})
    exchange.image_generation_id = paid
    return read_powerpost(exchange)


def get(path: str, paid: str | None = None, answer: Any = None) -> Ids:
    exchange = PowerPostExchange(0.0, "GET", path, "", {}, None, 200, answer)
    exchange.image_generation_id = paid
    return read_powerpost(exchange)


def group(*exchanges: tuple[str, Ids]) -> dict[str, str]:
    return group_exchanges(exchanges)


def test_a_command_its_messages_and_its_paid_request_are_one_group() -> None:
    found = group(
        ("command", command(TRIGGER_ONE)),
        ("root", post("1.1", ONE, origin=f"command:T1:{TRIGGER_ONE}")),
        ("submit", submit(PAID_ONE)),
        ("update", call("chat.update", {"channel": "C1", "ts": "1.1", "text": "Done"})),
        ("result", post("1.5", ONE, paid=PAID_ONE)),
    )
    assert found == dict.fromkeys(("command", "root", "submit", "update", "result"), ONE)


def test_two_with_the_same_prompt_at_the_same_time_are_told_apart() -> None:
    found = group(
        ("one command", command(TRIGGER_ONE)),
        ("two command", command(TRIGGER_TWO)),
        ("two submit", submit(PAID_TWO)),
        ("two root", post("1.1", TWO, origin=f"command:T1:{TRIGGER_TWO}")),
        ("one root", post("1.2", ONE, origin=f"command:T1:{TRIGGER_ONE}")),
        ("one submit", submit(PAID_ONE)),
        ("one result", post("1.3", ONE, paid=PAID_ONE)),
        ("two result", post("1.4", TWO, paid=PAID_TWO)),
    )
    assert {key for key, title in found.items() if title == ONE} == {
        key for key in found if key.startswith("one")
    }
    assert {key for key, title in found.items() if title == TWO} == {
        key for key in found if key.startswith("two")
    }
    assert len(found) == 8


def test_a_form_belongs_to_what_was_sent_with_it() -> None:
    view = {"id": "V00012ABC", "type": "modal"}
    submission = {"payload": {"type": "view_submission", "trigger_id": "9.9.9", "view": view}}
    found = group(
        ("command", command(TRIGGER_ONE)),
        ("open", call("views.open", {"trigger_id": TRIGGER_ONE}, {"ok": True, "view": view})),
        ("submission", sent("interaction", submission)),
        ("root", post("1.1", ONE, origin="view:T1:V00012ABC")),
    )
    assert found == dict.fromkeys(("command", "open", "submission", "root"), ONE)


def test_what_comes_of_a_click_on_a_result_is_a_group_of_its_own() -> None:
    click = {"trigger_id": "9.9.9", "actions": [{"action_ts": "1.9"}], "message": {"ts": "1.1"}}
    found = group(
        ("root", post("1.1", ONE)),
        ("click", sent("interaction", {"payload": click})),
        ("next", post("2.1", TWO, origin=f"again:{ONE}:1")),
    )
    assert found == {"root": ONE, "next": TWO}


def test_pictures_are_followed_from_powerpost_to_the_message_that_shows_them() -> None:
    blocks = [{"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"}]
    found = group(
        ("submit", submit(PAID_ONE)),
        ("poll", get("/api/v1/images/generations/x", PAID_ONE, {"images": [{"media_id": MEDIA}]})),
        ("download", get(f"/storage/images/{MEDIA}.webp")),
        ("start", call("files.getUploadURLExternal", {}, {"ok": True, "file_id": "F1"})),
        ("upload", call("POST /upload/v1/F1", {})),
        ("complete", call("files.completeUploadExternal", {"files": [{"id": "F1"}]})),
        ("result", post("1.5", ONE, paid=PAID_ONE, blocks=blocks)),
    )
    assert set(found.values()) == {ONE}
    assert len(found) == 7


def test_what_was_paid_and_not_delivered_yet_is_shown_by_powerposts_id() -> None:
    assert group(("submit", submit(PAID_ONE)), ("refused", submit(None))) == {"submit": PAID_ONE}


def test_what_belongs_to_none_is_left_alone() -> None:
    found = group(
        ("credits", get("/api/v1/account/credits")),
        ("other", command(TRIGGER_TWO)),
        ("root", post("1.1", ONE)),
        ("auth", call("auth.test", {})),
    )
    assert found == {"root": ONE}

"""The drawer's rows: in order, in words, with curl and without secrets."""

from datetime import UTC
from typing import Any

import pytest

from bot.sandbox.page.exchange_rows import (
    ExchangeTable,
    describe_powerpost,
    describe_slack,
    find_generation,
    format_duration,
    pretty,
    write_curl,
)
from bot.sandbox.powerpost.exchanges import Exchange as PowerPostExchange
from bot.sandbox.slack.records import Exchange as SlackExchange

AT = 1_764_072_000.25


def slack_call(**changes: Any) -> SlackExchange:
    fields: dict[str, Any] = {
        "id": 1,
        "at": AT,
        "direction": "from_bot",
        "method": "chat.postMessage",
        "status": 200,
        "seconds": 0.0123,
        "request": {"channel": "C0DESIGN", "text": "it's done", "token": "xoxb-sandbox"},
        "answer": {"ok": True},
        "headers": {"Authorization": "Bearer xoxb-sandbox", "Content-Type": "application/json"},
    }
    return SlackExchange(**(fields | changes))


def powerpost_call(**changes: Any) -> PowerPostExchange:
    fields: dict[str, Any] = {
        "at": AT,
        "method": "POST",
        "path": "/api/v1/images/generate",
        "query": "",
        "request_headers": {"x-api-key": "…", "x-workspace-id": "ws_sandbox"},
        "request_json": {"prompt": "a 'quoted' fox"},
        "status": 200,
        "answer_json": {"image_generation_id": "7a8b9c0d-e1f2", "status": "processing"},
        "seconds": 0.2,
        "is_over": True,
    }
    return PowerPostExchange(**(fields | changes))


def test_a_call_of_the_bot_is_told_in_words() -> None:
    row = describe_slack(slack_call(), UTC)
    assert (row.source, row.target, row.call) == ("Imagine", "Slack", "chat.postMessage")
    assert (row.words, row.verdict, row.is_bad) == ("it's done", "200", False)
    assert (row.clock, row.took) == ("12:00:00.250", "12 ms")


@pytest.mark.parametrize(
    ("changes", "words", "verdict"),
    [
        ({"answer": {"ok": False, "error": "invalid_blocks"}}, "invalid_blocks", "200"),
        ({"status": 429, "answer": None}, "it's done", "429"),
        ({"status": 0, "answer": None}, "it's done", "no answer"),
    ],
)
def test_what_went_wrong_is_seen_at_once(changes: dict[str, Any], words: str, verdict: str) -> None:
    row = describe_slack(slack_call(**changes), UTC)
    assert (row.words, row.verdict, row.is_bad) == (words, verdict, True)


@pytest.mark.parametrize(
    ("kind", "request_body", "words"),
    [
        ("command", {"command": "/imagine", "text": "a fox"}, "/imagine a fox"),
        ("event", {"event": {"type": "app_mention"}}, "event app_mention"),
        (
            "interaction",
            {"type": "block_actions", "actions": [{"action_id": "again"}]},
            "block_actions again",
        ),
        (
            "interaction",
            {"payload": {"type": "view_submission", "view": {"callback_id": "form"}}},
            "view_submission form",
        ),
        ("event", "not json", "event "),
    ],
)
def test_what_slack_sent_is_told_in_words(kind: str, request_body: Any, words: str) -> None:
    exchange = slack_call(
        direction="to_bot", method="POST /slack/events", kind=kind, request=request_body
    )
    assert describe_slack(exchange, UTC).words == words


def test_a_call_to_powerpost_names_its_generation() -> None:
    row = describe_powerpost(0, powerpost_call(), UTC)
    assert row.generation == "7a8b9c0d-e1f2"
    assert row.matches("generate 7a8b9c0d")
    assert not row.matches("generate 99999999")


def test_no_token_is_shown_anywhere() -> None:
    row = describe_slack(slack_call(), UTC)
    everything = " ".join([row.request, row.answer, row.curl, str(row.headers)])
    assert "xoxb-sandbox" not in everything
    assert "$SLACK_BOT_TOKEN" in row.curl
    assert "pp_live_sk_x1" not in pretty({"key": "pp_live_sk_x1"})


def test_curl_can_be_pasted_into_a_shell() -> None:
    row = describe_powerpost(0, powerpost_call(), UTC)
    assert row.curl == (
        'curl -sS -X POST "$POWERPOST_URL/api/v1/images/generate" \\\n'
        '  -H "x-api-key: $POWERPOST_API_KEY" \\\n'
        '  -H "X-Workspace-Id: ws_sandbox" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        """  --data-raw '{"prompt": "a '"'"'quoted'"'"' fox"}'"""
    )


def test_curl_of_a_command_is_a_form() -> None:
    exchange = slack_call(
        direction="to_bot",
        method="POST /slack/events",
        kind="command",
        request={"command": "/imagine", "text": "a & b"},
    )
    assert "command=%2Fimagine&text=a+%26+b" in describe_slack(exchange, UTC).curl


def test_a_get_has_no_body() -> None:
    assert write_curl("GET", "$URL/x", [], None) == 'curl -sS -X GET "$URL/x"'


async def test_both_stand_ins_stand_in_one_order() -> None:
    slack = [slack_call(at=AT), slack_call(id=2, at=AT + 2)]
    book = ExchangeTable(slack, [powerpost_call(at=AT + 1)], UTC)
    rows, count = await book.find_last("", 2)
    assert ([row.key for row in rows], count) == (["p0", "s2"], 3)
    rows, count = await book.find_last("it's done", 1)
    assert ([row.key for row in rows], count) == (["s2"], 2)
    assert book.find("s1") is not None
    assert book.find("p7") is None


async def test_an_exchange_that_is_not_over_is_read_again() -> None:
    exchange = powerpost_call(status=None, is_over=False)
    book = ExchangeTable([], [exchange], UTC)
    assert (await book.find_last("", 1))[0][0].verdict == "waiting"
    exchange.is_over = True
    assert (await book.find_last("", 1))[0][0].verdict == "no answer"


def test_no_generation_is_found_where_there_is_none() -> None:
    assert find_generation("(nothing)", '{"id": "x"}') is None


@pytest.mark.parametrize(("seconds", "words"), [(0.0004, "0 ms"), (3, "3000 ms"), (61, "61.0 s")])
def test_times_taken(seconds: float, words: str) -> None:
    assert format_duration(seconds) == words

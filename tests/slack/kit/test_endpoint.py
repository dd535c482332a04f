"""Slack's door over HTTP: who is let in, and that nothing that is sent can break it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.powerpost.service import SubmitFault
from bot.slack.kit.endpoint import is_from_slack, read_payload
from tests.support.process import start_bot
from tests.support.signed_requests import (
    DOCUMENTED_SIGNATURE,
    FORM,
    JSON,
    SECRET,
    Slack,
    begin_post,
    sign,
)
from tests.support.stage import DESIGN, images_of, open_stage

# https://docs.slack.dev/authentication/verifying-requests-from-slack, the documented example
DOCUMENTED_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
DOCUMENTED_TIME = 1531420618
DOCUMENTED_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)


@pytest.fixture(scope="module")
async def slack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Slack]:
    """One bot for the module: nothing that these tests send changes it."""
    directory = tmp_path_factory.mktemp("web")
    async with open_stage(directory) as stage, aiohttp.ClientSession() as http:
        yield Slack(http, stage)


# -- the signature ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after_seconds", "is_fresh"),
    [(0, True), (299, True), (300, True), (300.5, False), (301, False)],
)
def test_slacks_documented_example_is_from_slack_for_five_minutes(
    after_seconds: float, is_fresh: bool
) -> None:
    """Also by a clock of ours that is slow: then it comes from the future."""
    headers = {
        "x-slack-request-timestamp": str(DOCUMENTED_TIME),
        "x-slack-signature": DOCUMENTED_SIGNATURE,
    }
    for now in (DOCUMENTED_TIME + after_seconds, DOCUMENTED_TIME - after_seconds):
        assert is_from_slack(DOCUMENTED_SECRET, headers, DOCUMENTED_BODY, now) is is_fresh
        assert not is_from_slack(DOCUMENTED_SECRET, headers, DOCUMENTED_BODY + b"x", now)
        assert not is_from_slack("another", headers, DOCUMENTED_BODY, now)


async def test_what_slack_signed_is_let_in(slack: Slack) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()

    status, answer = await slack.post_signed(body)

    assert (status, json.loads(answer)) == (200, {"challenge": "3eZbrw1a"})


@pytest.mark.parametrize(
    "timestamp", ["", "soon", "-1", "1e9", "١٢٣٤٥٦٧٨٩٠", "9" * 400, "1531420618"]
)
async def test_a_timestamp_that_is_old_or_no_number_is_refused(
    slack: Slack, timestamp: str
) -> None:
    assert (await slack.post(b"{}", sign(b"{}", timestamp)))[0] == 401


@pytest.mark.parametrize("signature", ["", "v0=", "v0=" + "0" * 64, "v1=abc", "é", "v0=\u0130"])
async def test_a_wrong_signature_is_refused(slack: Slack, signature: str) -> None:
    headers = sign(b"{}", str(int(time.time()))) | {"X-Slack-Signature": signature}

    assert (await slack.post(b"{}", headers))[0] == 401


async def test_no_signature_at_all_is_refused(slack: Slack) -> None:
    assert (await slack.post(b"{}", {}))[0] == 401


@pytest.mark.parametrize("body", [b"\xff\xfe", b"", b"\x00" * 1000])
async def test_bytes_that_are_no_text_are_refused_without_a_fault(
    slack: Slack, body: bytes
) -> None:
    headers = sign(b"something else", str(int(time.time())))

    assert (await slack.post(body, headers))[0] == 401


# -- size and time ----------------------------------------------------------------------------


async def test_over_one_megabyte_is_refused_with_and_without_a_stated_length(
    slack: Slack,
) -> None:
    body = b"x" * 1_000_001
    headers = sign(body, str(int(time.time())))

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 100_000):
            yield body[start : start + 100_000]

    assert (await slack.post(body, headers))[0] == 413
    url = f"{slack.stage.bot_url}/slack/events"
    async with slack.http.post(url, data=in_pieces(), headers=headers) as answer:
        assert answer.status == 413


async def test_one_megabyte_is_still_read(slack: Slack) -> None:
    body = urlencode({"ssl_check": "1", "padding": ""}).encode()
    body += b"x" * (1_000_000 - len(body))

    assert (await slack.post_signed(body, FORM))[0] == 200


async def test_a_body_that_never_comes_is_given_up(slack: Slack) -> None:
    port = int(slack.stage.bot_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begin_post(b"half"))
    async with asyncio.timeout(5):
        assert b" 408 " in await reader.readline()
    writer.close()


async def test_a_client_that_leaves_halfway_breaks_nothing(slack: Slack) -> None:
    port = int(slack.stage.bot_url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begin_post(b"half"))
    await writer.drain()
    writer.transport.abort()

    assert (await slack.post(b"", {}))[0] == 401


# -- what is sent -----------------------------------------------------------------------------


async def test_the_check_of_our_certificate_is_answered(slack: Slack) -> None:
    assert await slack.post_signed(b"ssl_check=1&token=x", FORM) == (200, "")


@pytest.mark.parametrize("event", ["team_join", "app_home_opened", "no_such_event"])
async def test_an_event_that_nobody_handles_is_taken_so_that_slack_does_not_send_it_again(
    slack: Slack, event: str
) -> None:
    body = {
        "type": "event_callback",
        "team_id": "T0SANDBOX",
        "event_id": "Ev1",
        "event": {"type": event, "user": "U0ADA"},
    }

    assert (await slack.post_signed(json.dumps(body).encode()))[0] == 200


async def test_a_prompt_may_hold_the_word_payload(slack: Slack) -> None:
    prompt = "payload={1} & a rocket with its payload=2"
    shown = await slack.stage.ada.run_command(DESIGN, "/imagine", f"{prompt} --modle x")

    assert shown.ok
    assert shown.message is not None
    assert "--model" in shown.message.text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON),
        (b"{", JSON),
        (b"[1]", JSON),
        (b"null", JSON),
        (b'"text"', JSON),
        (b"{}", JSON),
        (b"\xff\xfe", JSON),
        (b"[" * 400_000, JSON),
        (b'{"a":' * 100_000, JSON),
        (b'{"event": 1}', JSON),
        (b'{"type": "event_callback", "event": 1}', JSON),
        (b'{"type": "event_callback", "event": {"type": {}}}', JSON),
        (b'{"type": "url_verification"}', JSON),
        (b'{"type": 7, "team": [], "user": 3, "enterprise": 4}', JSON),
        (b"no form", FORM),
        (b"payload=", FORM),
        (b"payload=[1]", FORM),
        (b"payload=%7B", FORM),
        (b'payload={"type": "block_actions", "actions": 1, "user": "U", "team": 2}', FORM),
        (b'payload={"type": "view_submission", "view": []}', FORM),
        (b'payload={"type": "shortcut", "callback_id": null}', FORM),
        (b"command=%2Fimagine", FORM),
        (b"command=%2Fimagine&text=a+lighthouse&trigger_id=", FORM),
        (b"command=%2Funknown&text=x&team_id=T&channel_id=C&user_id=U&trigger_id=1", FORM),
        (b"&" * 1000, FORM),
        (b"{}", "text/plain; charset=nonsense"),
        (b"{}", ""),
    ],
    ids=lambda value: repr(value[:40]),
)
async def test_a_malformed_body_is_never_a_fault_of_ours(
    slack: Slack, body: bytes, content_type: str
) -> None:
    status, answer = await slack.post_signed(body, content_type)

    assert status in (200, 400, 404)
    assert "Traceback" not in answer


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KEYS = [
    "type",
    "team",
    "team_id",
    "user",
    "user_id",
    "channel",
    "channel_id",
    "event",
    "view",
    "actions",
    "container",
    "message",
    "callback_id",
    "trigger_id",
    "enterprise",
    "authorizations",
    "is_enterprise_install",
    "command",
    "text",
    "response_url",
    "block_id",
    "action_id",
    "value",
    "ssl_check",
]
TYPES = [
    "event_callback",
    "block_actions",
    "block_suggestion",
    "view_submission",
    "view_closed",
    "shortcut",
    "message_action",
    "interactive_message",
    "dialog_submission",
    "url_verification",
]


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(payload=st.dictionaries(st.sampled_from(KEYS), ODD), kind=st.sampled_from(TYPES))
async def test_no_shape_of_payload_is_a_fault_of_ours(
    slack: Slack, payload: dict[str, Any], kind: str
) -> None:
    body = {"type": kind} | payload
    as_json = json.dumps(body).encode()
    as_form = urlencode({"payload": json.dumps(body)}).encode()

    assert (await slack.post_signed(as_json))[0] < 500
    assert (await slack.post_signed(as_form, FORM))[0] < 500


@pytest.mark.parametrize(
    ("body", "content_type", "payload"),
    [
        (b'{"a": 1}', "application/json; charset=utf-8", {"a": 1}),
        (b"text=a%26b+c&empty=", FORM, {"text": "a&b c", "empty": ""}),
        (b"payload=%7B%22a%22%3A+1%7D", FORM, {"a": 1}),
        (b"text=payload", FORM, {"text": "payload"}),
        ("text=é".encode(), FORM, {"text": "é"}),
        (b"", FORM, None),
        (b"{}", JSON, None),
    ],
)
def test_what_slack_sends_is_read_by_what_it_says_it_is(
    body: bytes, content_type: str, payload: object
) -> None:
    assert read_payload(body, content_type) == payload


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/slack/events", 405),
        ("PUT", "/slack/events", 405),
        ("POST", "/", 404),
        ("GET", "/", 404),
        ("POST", "/slack/events/more", 404),
        ("POST", "/healthz", 405),
        ("GET", "/.env", 404),
        ("GET", "/slack/../.env", 404),
    ],
)
async def test_there_is_nothing_elsewhere(
    slack: Slack, method: str, path: str, status: int
) -> None:
    async with slack.http.request(method, slack.stage.bot_url + path) as answer:
        assert answer.status == status


# -- the log ----------------------------------------------------------------------------------


async def test_no_prompt_body_or_secret_is_ever_logged(tmp_path: Path) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, log_level="DEBUG") as stage,
        start_bot(stage.settings, tmp_path) as bot,
        aiohttp.ClientSession() as http,
    ):
        stage.bot_url = stage.delivery.bot_url = bot.url
        await bot.until_page("/readyz", 200)
        slack = Slack(http, stage)
        stage.powerpost.faults.next_submit(SubmitFault.INVALID)
        for number in range(2):
            await stage.ada.run_command(DESIGN, "/imagine", f"a hidden lighthouse {number}")
        await stage.until(lambda: stage.submits() == 2, what="both submitted")
        await stage.until_told(2)
        for body in (b"text=a+hidden+lighthouse", b"command=%2Fimagine&text=a+hidden+lighthouse"):
            await slack.post(body, {})
            await slack.post_signed(body, FORM)
            await slack.post_signed(b'{"event": "a hidden lighthouse", "type": "x"}')
        await stage.ada.run_command(DESIGN, "/imagine", "a hidden lighthouse --size hidden")
        assert await bot.stop() == 0

    assert any(images_of(reply) for reply in stage.replies())
    assert "powerpost.called" in bot.output
    assert "hidden" not in bot.output
    for secret in ("xoxb-", "pp_live_sk", SECRET, "signature=", "/commands/T0SANDBOX"):
        assert secret not in bot.output, secret
    assert "Traceback" not in bot.output

"""Sending: what leaves, how often, and what silence, half answers and odd servers turn into."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from structlog.testing import capture_logs

from bot.errors import (
    Cause,
    ImagineError,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Transient,
)
from bot.images.request import ImageRequest
from bot.powerpost import calls
from bot.powerpost.client import PowerPostClient, Timeouts
from bot.powerpost.rate_limiter import RateLimiter
from tests.support.scripted_powerpost import Script, play, write_answer

KEY = "pp_live_sk_verysecret"
PROMPT = "a lighthouse that nobody may know of"
REQUEST = ImageRequest(prompt=PROMPT)
IMPATIENT = Timeouts(connect_seconds=0.1, paid_seconds=0.2, free_seconds=0.2)
SUBMITTED = b'{"image_generation_id":"7a8b","status":"processing","credits_used":9}'
PROCESSING = b'{"image_generation_id":"7a8b","status":"processing"}'


def make_client(
    url: str, *, timeouts: Timeouts | None = None, limiter: RateLimiter | None = None
) -> PowerPostClient:
    """A client of the server at `url`."""
    return PowerPostClient(
        base_url=url, api_key=KEY, workspace_id="ws_1", timeouts=timeouts, limiter=limiter
    )


@asynccontextmanager
async def open_client(
    url: str, *, timeouts: Timeouts | None = None, limiter: RateLimiter | None = None
) -> AsyncIterator[PowerPostClient]:
    """The same, closed at the end."""
    client = make_client(url, timeouts=timeouts, limiter=limiter)
    try:
        yield client
    finally:
        await client.aclose()


async def catch_submit_error(script: Script) -> ImagineError:
    """The error of one impatient submission."""
    async with open_client(script.url, timeouts=IMPATIENT) as client:
        with pytest.raises(ImagineError) as caught:
            await client.submit(REQUEST)
    return caught.value


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Say nothing and close."""
    writer.close()


async def hang(writer: asyncio.StreamWriter) -> None:
    """Say nothing until the client goes."""
    await writer.wait_closed()


async def trickle_header(writer: asyncio.StreamWriter) -> None:
    """Each byte arrives before any single wait is over."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(200):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def send_without_end(writer: asyncio.StreamWriter) -> None:
    """A body that never stops."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


def take_closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def test_a_probe_never_pays() -> None:
    async with play(write_answer(200, SUBMITTED)) as script, open_client(script.url) as client:
        with pytest.raises(ValueError, match="submit"):
            await client.probe(calls.submit_images(REQUEST))

    assert script.heads == []


async def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    async with open_client(f"http://127.0.0.1:{take_closed_port()}/api/v1") as client:
        for call in (client.submit(REQUEST), client.poll("7a8b"), client.credits()):
            with pytest.raises(Transient) as caught:
                await call
            assert caught.value.cause is Cause.UNREACHABLE


async def test_a_name_that_does_not_resolve_means_that_nothing_was_sent() -> None:
    async with open_client("http://powerpost.invalid/api/v1") as client:
        with pytest.raises(Transient) as caught:
            await client.submit(REQUEST)
    assert caught.value.cause is Cause.UNREACHABLE


async def test_a_failed_tls_handshake_means_that_nothing_was_sent() -> None:
    async with play(write_answer(200, SUBMITTED)) as script:
        url = script.url.replace("http:", "https:")
        async with open_client(url, timeouts=IMPATIENT) as client:
            with pytest.raises(Transient) as caught:
                await client.submit(REQUEST)
        assert caught.value.cause is Cause.UNREACHABLE
        assert script.heads == []


@pytest.mark.parametrize("reply", [hang_up, hang, trickle_header])
async def test_silence_after_a_paid_call_is_unknown_and_not_sent_again(reply: object) -> None:
    assert callable(reply)
    began = time.monotonic()
    async with play(reply) as script:
        error = await catch_submit_error(script)
        assert (type(error), error.cause) == (OutcomeUnknown, Cause.NO_ANSWER)
        assert len(script.heads) == 1
    assert time.monotonic() - began < 9  # each byte counted, it would take 10


@pytest.mark.parametrize("reply", [hang_up, hang, trickle_header])
async def test_silence_after_a_look_may_be_tried_again_by_the_caller(reply: object) -> None:
    assert callable(reply)
    async with play(reply) as script:
        async with open_client(script.url, timeouts=IMPATIENT) as client:
            with pytest.raises(Transient) as caught:
                await client.poll("7a8b")
        assert caught.value.cause is Cause.NO_ANSWER
        assert len(script.heads) == 1


@pytest.mark.parametrize(
    ("reply", "error", "cause"),
    [
        (write_answer(402, b"{", length=100), Rejected, Cause.INSUFFICIENT_CREDITS),
        (write_answer(429, b"{", length=100), Transient, Cause.RATE_LIMITED),
        (write_answer(200, SUBMITTED[:30], length=100), OutcomeUnknown, Cause.BROKEN_ANSWER),
        (
            write_answer(200, SUBMITTED, "Content-Encoding: gzip"),
            OutcomeUnknown,
            Cause.BROKEN_ANSWER,
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n", OutcomeUnknown, Cause.NO_ANSWER),
        (b"HTTP/1.1 200 OK\r\nbroken header\r\n\r\n", OutcomeUnknown, Cause.NO_ANSWER),
    ],
)
async def test_half_an_answer_counts_for_what_it_says(
    reply: bytes, error: type[ImagineError], cause: Cause
) -> None:
    async with play(reply) as script:
        caught = await catch_submit_error(script)
        assert (type(caught), caught.cause) == (error, cause)
        assert len(script.heads) == 1


async def test_an_endless_body_is_cut() -> None:
    async with play(send_without_end) as script, open_client(script.url) as client:
        async with asyncio.timeout(60):
            with pytest.raises(OutcomeUnknown) as caught:
                await client.submit(REQUEST)
    assert caught.value.cause is Cause.BROKEN_ANSWER


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_gets_no_key(status: int) -> None:
    async with play(write_answer(200, SUBMITTED)) as elsewhere:
        redirect = write_answer(status, b"", f"Location: {elsewhere.url}")
        async with play(redirect) as script, open_client(script.url) as client:
            with pytest.raises(OutcomeUnknown):
                await client.submit(REQUEST)
            with pytest.raises(Transient):
                await client.poll("7a8b")
        assert elsewhere.connections == 0


async def test_each_paid_call_has_its_own_connection_and_free_calls_share() -> None:
    paid = write_answer(200, SUBMITTED, "Connection: keep-alive")
    free = write_answer(200, PROCESSING, "Connection: keep-alive")
    async with (
        play(paid, paid, free) as script,
        open_client(script.url) as client,
    ):
        await client.submit(REQUEST)
        await client.submit(REQUEST)
        assert script.connections == 2
        assert "connection: close" in script.heads[0].lower()
        await client.poll("7a8b")
        await client.poll("7a8b")
        assert script.connections == 3


async def test_every_call_has_the_key_and_all_but_the_credits_the_workspace() -> None:
    answers = [
        write_answer(200, SUBMITTED),
        write_answer(200, PROCESSING),
        write_answer(200, b'{"balance":47}'),
    ]
    async with play(*answers) as script, open_client(script.url) as client:
        await client.submit(REQUEST)
        await client.poll("7a8b")
        await client.credits()
        heads = [head.lower() for head in script.heads]
    assert all(f"x-api-key: {KEY}\r\n" in head for head in heads)
    assert ["x-workspace-id: ws_1\r\n" in head for head in heads] == [True, True, False]


@pytest.mark.parametrize(
    ("untrusted", "line"),
    [
        ("../../account/credits", "GET /api/v1/images/generations/..%2F..%2Faccount%2Fcredits"),
        ("a?b#c", "GET /api/v1/images/generations/a%3Fb%23c"),
        ("a%2Fb", "GET /api/v1/images/generations/a%252Fb"),
    ],
)
async def test_an_untrusted_id_stays_one_segment_on_the_wire(untrusted: str, line: str) -> None:
    async with play(write_answer(200, PROCESSING)) as script, open_client(script.url) as client:
        await client.poll(untrusted)
        assert script.heads[0].startswith(line + " HTTP/1.1")


async def test_an_uploads_odd_name_breaks_no_header() -> None:
    async with play(write_answer(200, b'{"media_id":"m1"}')) as script:
        async with open_client(script.url) as client:
            media = await client.upload_media('x"\r\nA: b.png', b"\x89PNG\r\n", "image/png")
        assert media.media_id == "m1"
        body = script.bodies[0]
    assert b'name="file"; filename="x_A_ b.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG' in body
    assert b'name="type"\r\n\r\nimage\r\n' in body


async def test_eight_free_calls_at_most_are_under_way() -> None:
    under_way, most = 0, 0
    are_eight = asyncio.Event()
    first = asyncio.Event()

    async def answer_slowly(writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if most == 8:
            are_eight.set()
        if first.is_set():
            await are_eight.wait()  # however long it takes them to connect
            await asyncio.sleep(0.02)
        under_way -= 1
        writer.write(
            write_answer(
                200,
                PROCESSING,
                "X-RateLimit-Remaining: 1000",
                f"X-RateLimit-Reset: {int(time.time()) + 60}",
            )
        )

    async with play(answer_slowly) as script, open_client(script.url) as client:
        await client.poll("7a8b")
        first.set()
        await asyncio.gather(*(client.poll("7a8b") for _ in range(30)))
    assert most == 8


async def test_a_submission_waits_for_its_turn_before_and_not_again() -> None:
    limiter = RateLimiter()
    async with (
        play(write_answer(200, SUBMITTED)) as script,
        open_client(script.url, limiter=limiter) as client,
        client.submission_turn(),
    ):
        limiter.penalise(100.0)  # whatever comes between the turn and the call
        async with asyncio.timeout(30):
            assert (await client.submit(REQUEST)).credits_used == 9


async def test_a_429_makes_the_next_call_wait() -> None:
    limited = write_answer(429, b'{"error":{"retryAfter":0.5}}')
    async with (
        play(limited, write_answer(200, PROCESSING)) as script,
        open_client(script.url) as client,
    ):
        with pytest.raises(Transient):
            await client.poll("7a8b")
        began = time.monotonic()
        await client.poll("7a8b")
    assert 0.4 < time.monotonic() - began < 20


async def test_a_spent_window_makes_the_next_call_wait_until_reset() -> None:
    date = "Thu, 01 Jan 2026 00:00:00 GMT"
    spent = write_answer(
        200,
        PROCESSING,
        f"Date: {date}",
        "X-RateLimit-Limit: 30",
        "X-RateLimit-Remaining: 0",
        "X-RateLimit-Reset: 1767225600.6",
    )
    async with (
        play(spent, write_answer(200, PROCESSING)) as script,
        open_client(script.url) as client,
    ):
        await client.poll("7a8b")
        began = time.monotonic()
        await client.poll("7a8b")
    assert 0.5 < time.monotonic() - began < 20


async def test_a_cancelled_submission_is_cancelled_and_its_turn_given_back() -> None:
    limiter = RateLimiter()
    limiter.observe({"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": str(time.time() + 200)})
    async with (
        play(hang, write_answer(200, PROCESSING)) as script,
        open_client(script.url, limiter=limiter) as client,
    ):
        async with client.submission_turn():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.submit(REQUEST)
        async with asyncio.timeout(30):
            await client.poll("7a8b")


async def test_a_closed_client_sends_nothing() -> None:
    async with play(write_answer(200, SUBMITTED)) as script:
        client = make_client(script.url)
        await client.aclose()
        with pytest.raises(Transient) as caught:
            await client.submit(REQUEST)
        assert caught.value.cause is Cause.UNREACHABLE
        assert script.connections == 0


@pytest.mark.parametrize(
    ("url", "key", "workspace"),
    [
        ("", KEY, "ws"),
        ("ftp://powerpost.ai", KEY, "ws"),
        ("http://powerpost.ai:port", KEY, "ws"),
        ("powerpost.ai", KEY, "ws"),
        ("http://powerpost.ai", "", "ws"),
        ("http://powerpost.ai", "verysecret\n", "ws"),
        ("http://powerpost.ai", "verysecretö", "ws"),
        ("http://powerpost.ai", KEY, ""),
        ("http://powerpost.ai", KEY, "w s"),
    ],
)
async def test_settings_that_no_call_could_carry_are_refused_at_start(
    url: str, key: str, workspace: str
) -> None:
    with pytest.raises(Misconfigured) as caught:
        PowerPostClient(base_url=url, api_key=key, workspace_id=workspace)
    assert "verysecret" not in str(caught.value)


async def test_neither_key_nor_prompt_is_logged_or_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    refusal = f'{{"error":{{"message":"{PROMPT} {KEY}"}}}}'.encode()
    shown: list[str] = []
    with capture_logs() as events:
        async with (
            play(
                write_answer(400, refusal, "X-Request-Id: req_7"),
                write_answer(200, SUBMITTED),
                hang_up,
            ) as script,
            open_client(script.url) as client,
        ):
            for call in (client.submit, client.submit, client.submit):
                try:
                    shown.append(repr(await call(REQUEST)))
                except ImagineError as error:
                    shown += [repr(error), str(error), error.detail]
            shown.append(repr(client))
            shown.append(repr(vars(client)))
    text = caplog.text + repr(events) + "".join(shown)
    assert PROMPT not in text
    assert KEY not in text
    assert [(event["kind"], event.get("status")) for event in events] == [
        ("submit", 400),
        ("submit", 200),
        ("submit", None),
    ]
    assert events[0]["request_id"] == "req_7"


async def test_a_client_for_another_workspace_sends_its_header_and_shares_the_rest() -> None:
    limiter = RateLimiter()
    answer = write_answer(200, b'{"balance": 1}')
    async with (
        play(answer) as script,
        open_client(script.url, limiter=limiter) as client,
    ):
        other = client.for_workspace("ws_2")
        for each in (client, other, client.for_workspace(None), client.for_workspace("ws_1")):
            with suppress(ImagineError):
                await each.poll("7a8b")
        await other.credits()

    sent = [
        line.partition(": ")[2]
        for head in script.heads
        for line in head.split("\r\n")
        if line.lower().startswith("x-workspace-id")
    ]
    assert sent == ["ws_1", "ws_2", "ws_1", "ws_1"]  # credits are the account's
    assert client.for_workspace(None) is client


@pytest.mark.parametrize("workspace_id", ["", "two words", "ws\r\nx: y"])
async def test_what_is_no_id_of_a_workspace_is_never_sent(workspace_id: str) -> None:
    async with open_client("https://powerpost.invalid/api/v1") as client:
        with pytest.raises(Misconfigured):
            client.for_workspace(workspace_id)

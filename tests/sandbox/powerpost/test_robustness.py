"""Whatever comes in: an answer in the documented shape, never a traceback of the stand-in's own."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.powerpost.errors import ApiError
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.submission import read_submission
from tests.support.powerpost_stand_in import Clock

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
FIELDS = st.sampled_from(
    [
        "prompt",
        "size",
        "quantity",
        "model",
        "enhance_prompt",
        "style_images",
        "generation_id",
        "source_post_type",
    ]
)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"[]", id="an array"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"prompt"', id="a string"),
        pytest.param(b"\xff\xfe\xfa", id="not UTF-8"),
        pytest.param(b'{"prompt":"x","quantity":NaN}', id="NaN"),
        pytest.param(b'{"prompt":"x","unknown":Infinity}', id="not JSON, though Python reads it"),
        pytest.param(b'{"prompt":"x","quantity":1e999}', id="an endless number"),
        pytest.param(b'{"prompt":"x","quantity":' + b"9" * 5000 + b"}", id="too many digits"),
        pytest.param(b"[" * 100_000, id="nested too deep"),
        pytest.param(b'{"prompt":"' + b"x" * 1_100_000 + b'"}', id="over a megabyte"),
    ],
)
async def test_a_malformed_body_is_400(
    client: httpx.AsyncClient, powerpost: PowerPost, body: bytes
) -> None:
    response = await client.post("/images/generate", content=body)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "VALIDATION_ERROR"
    assert powerpost.balance == 100


async def test_half_a_surrogate_pair_is_accepted_and_can_be_read_back(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/images/generate", content=b'{"prompt":"fox \\ud83e"}')
    path = response.json()["status_url"].removeprefix("/api/v1")
    assert (await client.get(path)).json()["prompt"] == "fox \ufffd"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=JSON_VALUES | st.dictionaries(FIELDS, JSON_VALUES))
def test_any_json_is_either_read_or_refused_with_400(body: Any) -> None:
    try:
        submission = read_submission(body)
    except ApiError as error:
        assert (error.status, error.code) == (400, "VALIDATION_ERROR")  # noqa: PT017
    else:
        assert 1 <= submission.quantity <= 4


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/images/generate"),
        ("DELETE", "/images/generations/x"),
        ("PUT", "/media/upload"),
        ("GET", "/images"),
        ("GET", "/"),
        ("POST", "/images/generate/"),
    ],
)
async def test_an_unknown_endpoint_is_404_in_the_documented_shape(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await client.request(method, path)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("host", ["[", "evil.example", "a b"])
async def test_a_strange_host_header_is_refused_and_another_of_ours_gets_into_no_link(
    client: httpx.AsyncClient, url: str, clock: Clock, host: str
) -> None:
    submitted = await client.post("/images/generate", json={"prompt": "x"})
    clock.advance(3)
    path = submitted.json()["status_url"].removeprefix("/api/v1")
    assert (await client.get(path, headers={"Host": host})).status_code == 403
    response = await client.get(path, headers={"Host": "localhost:1"})
    assert response.json()["images"][0]["url"].startswith(url + "/storage/")


async def test_a_client_that_leaves_while_it_sends_does_no_harm(
    url: str, client: httpx.AsyncClient, powerpost: PowerPost, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = (
        "POST /api/v1/images/generate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n"
        "X-Api-Key: pp_live_sk_sandbox\r\nX-Workspace-Id: ws_sandbox\r\n\r\n{"
    )
    writer.write(head.encode())
    await writer.drain()
    while not powerpost.exchanges:  # noqa: ASYNC110 - until the stand-in has begun to read
        await asyncio.sleep(0.001)
    writer.close()
    await writer.wait_closed()
    assert (await client.get("/account/credits")).json() == {"balance": 100}
    assert powerpost.exchanges[0].status is None
    assert powerpost.exchanges[0].is_over
    assert caplog.records == []

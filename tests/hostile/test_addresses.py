"""Addresses that come from outside: none leads to where only we may go, or takes words with it."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.errors import Rejected
from bot.powerpost.downloads import is_public
from bot.sandbox.serving import serve
from bot.slack.kit.ephemeral import is_slacks, respond
from bot.slack.kit.message import Message


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "0.1.2.3"),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1"),
        # written in examples
        *("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"),
        # where clouds tell a machine its secrets
        *("169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
        *("fd00:ec2::254", "fd20:ce::254", "fe80::a9fe:a9fe"),
        # another address is within
        *("::ffff:8.8.8.8", "::ffff:127.0.0.1", "::127.0.0.1", "::8.8.8.8", "::ffff:0:8.8.8.8"),
        *("64:ff9b::8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:808:808::1"),
        *("2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.88.99.1"),
        # no machine of the open internet
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "ff02::1", "100::1"),
        *("2001:2::1", "2001:10::1", "2001:20::1", "5f00::1", "4000::1", "2606:4700::1%1"),
        *("", "localhost", "127.1", "0x7f000001", "2130706433", "8.8.8.8 ", "８.８.８.８"),
    ],
)
def test_only_a_machine_of_the_open_internet_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00::1"])
def test_and_every_such_machine_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("https://hooks.slack.com/commands/T1/2/x", True),
        ("https://hooks.slack.com:443/actions/T1/2/x", True),
        ("https://hooks.slack-gov.com/commands/T1/2/x", True),
        ("https://HOOKS.SLACK.COM/commands/T1/2/x", True),
        ("http://hooks.slack.com/commands/T1/2/x", False),
        ("https://hooks.slack.com:8443/x", False),
        ("https://hooks.slack.com@evil.example/x", False),
        ("https://me:secret@hooks.slack.com/x", False),
        ("https://hooks.slack.com.evil.example/x", False),
        ("https://evilslack.com/x", False),
        ("https://evil.example/#.slack.com", False),
        ("https://evil.example?.slack.com", False),
        ("https://evil.example\\.slack.com/x", False),
        ("https://169.254.169.254/latest", False),
        ("http://127.0.0.1:3000/x", False),
        ("//hooks.slack.com/x", False),
        ("file:///etc/passwd", False),
        ("https://[::1", False),
        ("https://hooks.slack.com:x/", False),
        ("", False),
    ],
)
def test_a_response_url_is_slacks_own(url: str, is_theirs: bool) -> None:
    assert is_slacks(url, "https://slack.com/api/") is is_theirs


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("http://127.0.0.1:9001/commands/x", True),
        ("http://127.0.0.1:9002/commands/x", False),
        ("https://127.0.0.1:9001/commands/x", False),
        ("http://localhost:9001/commands/x", False),
    ],
)
def test_or_of_the_origin_that_is_configured(url: str, is_theirs: bool) -> None:
    assert is_slacks(url, "http://127.0.0.1:9001/api/") is is_theirs


async def test_what_is_said_follows_no_redirect_and_goes_nowhere_else() -> None:
    heard: list[str] = []

    async def hear(request: Request) -> Response:
        heard.append(request.url.path)
        if request.url.path == "/moved":
            return RedirectResponse("/elsewhere", 307)
        return PlainTextResponse("ok")

    app = Starlette(routes=[Route("/{path:path}", hear, methods=["POST"])])
    async with serve(app) as ours, serve(app) as theirs, aiohttp.ClientSession() as session:
        client = AsyncWebClient(base_url=f"{ours}/api/", session=session)
        await respond(f"{ours}/commands/x", Message("hello"), client)
        for url in (f"{ours}/moved", f"{theirs}/commands/x"):
            with pytest.raises(Rejected):
                await respond(url, Message("hello"), client)

    assert heard == ["/commands/x", "/moved"]

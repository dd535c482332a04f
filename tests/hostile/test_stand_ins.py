"""A web page in the same browser cannot drive the stand-ins, nor know what opens them."""

from __future__ import annotations

import dataclasses

import aiohttp
import pytest

from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.process import Keys
from bot.sandbox.serving import serve
from bot.sandbox.slack.web import build_app as build_slack
from bot.sandbox.slack.workspace import Workspace

PAGE = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
PATHS = (
    *(("POST", "/api/chat.postMessage"), ("GET", "/api/auth.test"), ("POST", "/upload/v1/F1")),
    *(("POST", "/commands/T0SANDBOX/1/x"), ("POST", "/api/v1/images/generate")),
    *(("GET", "/api/v1/account/credits"), ("POST", "/api/v1/media/upload")),
)


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        PAGE,
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::1"},
        {"Host": ""},
    ],
    ids=str,
)
async def test_what_a_page_sends_is_refused_before_anything_is_done(
    method: str, path: str, headers: dict[str, str]
) -> None:
    workspace, powerpost = Workspace(), PowerPost()
    app = build_powerpost(powerpost) if path.startswith("/api/v1") else build_slack(workspace)
    keys = {"Authorization": f"Bearer {workspace.bot_token}", "x-api-key": "pp_live_sk_sandbox"}
    headers = keys | headers
    async with (
        serve(app) as url,
        aiohttp.ClientSession() as http,
        http.request(method, url + path, headers=headers, data=b"{}") as answer,
    ):
        assert answer.status == 403
    assert not workspace.exchanges
    assert not powerpost.exchanges


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
    ],
)
async def test_bots_links_and_pictures_of_our_own_page_are_served(
    headers: dict[str, str], status: int
) -> None:
    async with (
        serve(build_slack(Workspace())) as url,
        aiohttp.ClientSession() as http,
        http.get(f"{url}/archives/C0DESIGN/p1", headers=headers) as answer,
    ):
        assert answer.status == status


@pytest.mark.parametrize("headers", [PAGE, {"Host": "evil.example"}], ids=str)
async def test_no_page_takes_the_place_of_the_bot_at_its_socket(headers: dict[str, str]) -> None:
    workspace = Workspace()
    ticket = workspace.sockets.new_ticket()
    async with serve(build_slack(workspace)) as url, aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(f"{url}/socket?ticket={ticket}", headers=headers)
    assert ticket in workspace.sockets.tickets


def test_what_opens_them_is_new_at_each_start_and_cannot_be_guessed() -> None:
    first, second = dataclasses.astuple(Keys.make()), dataclasses.astuple(Keys.make())

    assert set(first).isdisjoint(second)
    assert len(set(first)) == len(first)
    assert min(map(len, first)) >= 32

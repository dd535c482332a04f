"""One stand-in on a port of its own, as other people's bots use it."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path

import httpx
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.serving import serve
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.standalone import build_slack_alone, make_delivery
from tests.support.sandbox_command import start

MANIFEST = {
    "features": {"slash_commands": [{"command": "/echo", "description": "Says it again"}]},
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
}


def adopt() -> Workspace:
    workspace = Workspace()
    workspace.adopt_manifest(MANIFEST)
    return workspace


async def test_somebody_elses_bot_is_served_over_http() -> None:
    heard = []

    async def echo(request: Request) -> Response:
        form = await request.form()
        heard.append(form["command"])
        return JSONResponse({"text": f"You said {form['text']}"})

    bot = Starlette(routes=[Route("/hooks/slack", echo, methods=["POST"])])
    workspace = adopt()
    async with serve(bot) as bot_url:
        delivery = make_delivery(workspace, f"{bot_url}/hooks/slack")
        async with serve(build_slack_alone(workspace, delivery, MANIFEST)) as url:
            async with httpx.AsyncClient(base_url=url, headers={"origin": url}) as http:
                page = (await http.get("/c/C0DESIGN?as=U0ADA")).text
                fields = {"as": "U0ADA", "channel": "C0DESIGN", "text": "/echo hello"}
                said = await http.post("/do/say", data=fields)
                shown = (await http.get("/part/messages?as=U0ADA&channel=C0DESIGN")).text
            client = AsyncWebClient(token=workspace.bot_token, base_url=f"{url}/api/")
            posted = await client.chat_postMessage(channel="C0DESIGN", text="from its own code")
        await delivery.aclose()
    assert "/echo" in page
    assert "PowerPost credits" not in page
    assert said.json() == {"ok": True}
    assert heard == ["/echo"]
    assert "You said hello" in shown
    assert posted["ok"]


async def test_without_an_address_it_is_socket_mode() -> None:
    workspace = adopt()
    delivery = make_delivery(workspace, None)
    async with serve(build_slack_alone(workspace, delivery, MANIFEST)) as url:
        workspace.base_url = url
        client = AsyncWebClient(token=workspace.bot_token, base_url=f"{url}/api/")
        app = AsyncApp(client=client, token=workspace.bot_token)

        @app.command("/echo")
        async def echo(ack, command) -> None:  # type: ignore[no-untyped-def]
            await ack(f"You said {command['text']}")

        handler = AsyncSocketModeHandler(app, workspace.app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        async with httpx.AsyncClient(base_url=url, headers={"origin": url}) as http:
            fields = {"as": "U0BEN", "channel": "C0DESIGN", "text": "/echo by socket"}
            assert (await http.post("/do/say", data=fields)).json() == {"ok": True}
            shown = (await http.get("/part/messages?as=U0BEN&channel=C0DESIGN")).text
        await handler.close_async()  # type: ignore[no-untyped-call]
    await delivery.aclose()
    assert "You said by socket" in shown


@pytest.mark.parametrize(
    ("url", "origin", "path"),
    [
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000", "/slack/events"),
        ("http://127.0.0.1:3000/", "http://127.0.0.1:3000", "/slack/events"),
        ("http://127.0.0.1:3000/hooks/slack", "http://127.0.0.1:3000", "/hooks/slack"),
    ],
)
async def test_the_bots_address_may_have_a_path(url: str, origin: str, path: str) -> None:
    delivery = make_delivery(Workspace(), url)
    assert (delivery.bot_url, delivery.path) == (origin, path)


def read_said(output: str, name: str) -> str:
    """What a stand-in says to set."""
    return str(re.findall(rf'{name}="([^"]+)"', output)[0])


async def test_both_start_and_say_what_to_set(tmp_path: Path) -> None:
    async with start("stand-in", "powerpost", "--port", "0", "--balance", "7") as powerpost:
        await powerpost.read_until("Ctrl-C stops it.")
        headers = {"x-api-key": read_said(powerpost.output, "POWERPOST_API_KEY")}
        async with httpx.AsyncClient(base_url=powerpost.url, headers=headers) as http:
            assert (await http.get("/api/v1/account/credits")).json() == {"balance": 7}
        powerpost.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(45):
            assert await powerpost.process.wait() == 0
    assert f'POWERPOST_API_URL="{powerpost.url}/api/v1"' in powerpost.output

    async with start("stand-in", "slack", "--port", "0") as slack:
        await slack.read_until("Ctrl-C stops it.")
        assert read_said(slack.output, "SLACK_APP_TOKEN").startswith("xapp-sandbox-")
    async with start("stand-in", "slack", "--manifest", str(tmp_path / "none.yml")) as slack:
        await slack.read_until("never said")
        assert await slack.process.wait() == 1
        assert "be read as an app manifest" in slack.output

"""Socket Mode: the same bot over a socket that it opens, and that Slack may drop at any time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

from bot.slack.kit.connection import Silence, SlackConnection, find_socket_problem, open_client
from tests.support.process import start_bot
from tests.support.stage import DESIGN, Stage, images_of, open_stage

APP_TOKEN = "xapp-sandbox"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The whole bot, reached through its socket alone."""
    async with open_stage(tmp_path, slack_app_token=APP_TOKEN) as opened:
        opened.delivery.bot_url = None
        await opened.until(lambda: opened.workspace.sockets.is_connected, what="the socket")
        yield opened


async def test_a_command_comes_and_its_pictures_go_without_a_public_address(stage: Stage) -> None:
    shown = await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse --quantity 2")
    (result,) = await stage.until_told()

    assert shown.ok
    assert len(images_of(result)) == 2
    async with aiohttp.ClientSession() as http, http.get(f"{stage.bot_url}/metrics") as page:
        assert "imagine_answer_seconds_count" in await page.text()
    ways = {exchange.method for exchange in stage.workspace.exchanges if exchange.kind}
    assert ways == {"socket"}


async def test_a_private_answer_comes_through_the_socket(stage: Stage) -> None:
    shown = await stage.ada.run_command(DESIGN, "/imagine", "help")

    assert shown.message is not None
    assert shown.message.ephemeral_to == "U0ADA"


async def test_there_is_no_door_over_http_but_for_the_platform(stage: Stage) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{stage.bot_url}/slack/events", data=b"{}") as answer:
            assert answer.status == 404
        async with http.get(f"{stage.bot_url}/readyz") as answer:
            assert answer.status == 200


async def test_an_envelope_that_is_delivered_again_makes_no_second_generation(
    stage: Stage,
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse")
    (sent,) = [e for e in stage.workspace.exchanges if e.kind == "command"]

    assert (await stage.delivery.deliver_again(sent)).error is None
    await stage.until_told()
    assert (await stage.delivery.deliver_again(sent)).error is None
    # A third command that is told shows that nothing of the second delivery is still to come.
    await stage.ada.run_command(DESIGN, "/imagine", "another lighthouse")
    await stage.until_told(2)
    assert len(stage.roots()) == 2
    assert stage.powerpost.paid_posts == 2


@pytest.mark.parametrize("way", ["asked to leave", "cut off"])
async def test_after_slack_drops_the_socket_the_bot_is_back(stage: Stage, way: str) -> None:
    hub = stage.workspace.sockets
    first = hub.sockets[0]

    await (hub.say_disconnect() if way == "asked to leave" else hub.close_all())
    await stage.until(lambda: hub.is_connected and first not in hub.sockets, what="back")

    assert (await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse")).ok
    await stage.until_told()


@pytest.mark.parametrize(
    ("is_open", "is_connected", "silent_seconds", "problem"),
    [
        (True, True, 0.0, None),
        (True, True, 15.0, None),
        (True, True, 15.1, "the socket went silent"),
        (True, False, 15.1, "the socket went silent"),
        (True, False, 0.0, "the socket is down"),
        (False, True, 0.0, "the socket is down"),
        (False, False, 99.0, "the socket is down"),
    ],
)
def test_a_socket_is_silent_when_three_pings_were_not_answered(
    is_open: bool, is_connected: bool, silent_seconds: float, problem: str | None
) -> None:
    assert find_socket_problem(is_open, is_connected, silent_seconds, ping_seconds=5.0) == problem


async def until_problem(connection: SlackConnection, problem: str | None) -> None:
    """The stand-in knows of a change a moment before the client does."""
    async with asyncio.timeout(45):
        while True:
            if await connection.problem() == problem:
                return
            await asyncio.sleep(0.02)


async def test_a_socket_that_dies_without_a_word_is_replaced(tmp_path: Path) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False) as stage,
        open_client(stage.settings.slack_api_url, "xoxb-sandbox") as client,
    ):
        hub = stage.workspace.sockets
        connection = SlackConnection(client, APP_TOKEN, ping_seconds=0.2)
        connection.open(AsyncApp(client=client, request_verification_enabled=False))
        await stage.until(lambda: hub.is_connected, what="the socket")
        await until_problem(connection, None)

        problems = set()
        first = hub.sockets[0]
        hub.go_silent()
        async with asyncio.timeout(45):
            while first in hub.sockets or await connection.problem() is not None:
                problems.add(await connection.problem())
                await asyncio.sleep(0.02)

        assert problems - {None} != set()
        assert not hub.sockets[0].is_silent
        await connection.close_socket()


async def test_an_address_that_leads_nowhere_is_not_tried_for_ever(tmp_path: Path) -> None:
    """The SDK alone would: the address is good for one connection, and it never asks again."""
    async with (
        open_stage(tmp_path, runs_bot=False) as stage,
        open_client(stage.settings.slack_api_url, "xoxb-sandbox") as client,
    ):
        workspace, here = stage.workspace, stage.workspace.base_url
        connection = SlackConnection(client, APP_TOKEN, patience_seconds=0.2)
        app = AsyncApp(client=client, request_verification_enabled=False)
        connection.open(app)
        await stage.until(lambda: workspace.sockets.is_connected, what="the socket")
        await until_problem(connection, None)

        workspace.base_url = "http://127.0.0.1:1"
        await workspace.sockets.close_all()
        await stage.until(
            lambda: [e.method for e in workspace.exchanges].count("apps.connections.open") >= 2,
            what="a new address",
        )
        await until_problem(connection, "the socket is down")
        workspace.base_url = here
        await stage.until(lambda: workspace.sockets.is_connected, what="back")

        await connection.close_socket()
        await stage.until(lambda: not workspace.sockets.is_connected, what="closed")


async def test_a_wrong_app_token_is_logged_without_noise_and_the_bot_is_not_ready(
    tmp_path: Path,
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, slack_app_token="xapp-wrong") as stage,
        start_bot(stage.settings, tmp_path) as bot,
    ):
        await stage.until(lambda: "invalid_auth" in bot.output, what="logged")
        body = json.loads(await bot.until_page("/readyz", 503))
        code = await bot.stop()

    assert body["problems"] == {"slack": "the socket is down"}
    assert code == 0
    assert "Traceback" not in bot.output
    assert "xapp-" not in bot.output


async def test_the_sockets_secret_address_is_not_logged_when_slack_goes_away(
    tmp_path: Path,
) -> None:
    async with (
        open_stage(
            tmp_path, runs_bot=False, port=0, slack_app_token=APP_TOKEN, log_level="DEBUG"
        ) as stage,
        start_bot(stage.settings, tmp_path) as bot,
    ):
        hub = stage.workspace.sockets
        await bot.until_page("/readyz", 200)
        stage.workspace.faults.away = True
        await hub.close_all()
        body = json.loads(await bot.until_page("/readyz", 503))
        stage.workspace.faults.away = False
        await bot.until_page("/readyz", 200)
        code = await bot.stop()

    assert body["problems"] == {"slack": "the socket is down"}
    assert code == 0
    assert "ticket" not in bot.output
    assert "Traceback" not in bot.output


def test_silence_is_measured_by_a_clock_that_nobody_sets() -> None:
    silence, noon, an_hour = Silence(), 1_795_435_200.0, 3600.0

    assert silence.seconds(None, clock=10.0) == 0
    assert silence.seconds(noon, clock=20.0) == 0
    assert silence.seconds(noon, clock=27.0) == 7
    assert silence.seconds(noon + an_hour, clock=28.0) == 0  # set forward
    assert silence.seconds(noon - an_hour, clock=40.0) == 0  # and back
    assert silence.seconds(noon - an_hour, clock=55.0) == 15
    assert silence.seconds(None, clock=60.0) == 0  # another socket

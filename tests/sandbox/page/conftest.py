"""A page over real stand-ins, with a little bot behind it that answers as a bot does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot.sandbox.page.features import Command, Features, Shortcut
from bot.sandbox.page.web import build_app
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.serving import serve
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.workspace import Workspace
from tests.support.sandbox_page import Desk, LittleBot, Process

FEATURES = Features(
    (Command("/imagine", "a fox", "Make pictures"),),
    (Shortcut("Create image", "create", "The form"),),
    (Shortcut("Make an image of this", "make", "Its words"),),
)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    workspace, powerpost = Workspace(enforce_rates=False), PowerPost()
    little, process = LittleBot(), Process()
    bot_app = Starlette(routes=[Route("/slack/events", little.handle, methods=["POST"])])
    async with serve(bot_app) as bot_url:
        delivery = Delivery(workspace, bot_url=bot_url, answer_seconds=30.0, retry_delays=())
        page = build_app(
            workspace=workspace,
            person=lambda user_id: Person(workspace, delivery, user_id),
            powerpost=powerpost,
            bot=process,
            features=FEATURES,
        )
        async with (
            serve(page) as url,
            httpx.AsyncClient(base_url=url, headers={"origin": url}, timeout=30) as client,
        ):
            yield Desk(workspace, powerpost, little, process, client, delivery)
        await delivery.aclose()

"""What a failed listener leads to: Slack sends an event again, and a person is never left alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.errors import Cause, Transient
from bot.sandbox.serving import serve
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.connection import open_client
from bot.slack.kit.failed_listeners import FaultAnswers, answer_submission, read_retry_number

LOCKED = Transient(Cause.STORAGE, "OperationalError")
WHO: dict[str, Any] = {"user": {"id": "U1"}, "team": {"id": "T1"}}
EVENT = {
    "type": "event_callback",
    "team_id": "T1",
    "event": {"type": "app_mention", "user": "U1", "channel": "C1", "thread_ts": "1.0"},
}


@asynccontextmanager
async def open_faults() -> AsyncIterator[
    tuple[FaultAnswers, BackgroundTasks, list[dict[str, Any]]]
]:
    """The answers, and what was said in Slack."""
    said: list[dict[str, Any]] = []

    async def call(request: Request) -> Response:
        said.append({**await request.json(), "method": request.path_params["method"]})
        return JSONResponse({"ok": True, "ts": "1.0"})

    async with (
        serve(Starlette(routes=[Route("/api/{method}", call, methods=["POST"])])) as url,
        open_client(f"{url}/api", "xoxb-1") as client,
    ):
        background = BackgroundTasks()
        yield FaultAnswers(client, background), background, said


async def ask(body: dict[str, Any], error: Exception = LOCKED, retry: int = 0) -> Any:
    """Status and body of the answer, and what was said in Slack."""
    async with open_faults() as (faults, background, said):
        answer = await faults.answer(error, body, retry)
        await background.settle()
        return answer.status, json.loads(answer.body) if answer.body else None, said


async def test_an_event_that_could_not_be_kept_is_sent_again() -> None:
    assert await ask(EVENT) == (503, None, [])


async def test_after_the_last_retry_the_person_is_told_to_say_it_again() -> None:
    status, _, (said,) = await ask(EVENT, retry=3)

    assert status == 503
    assert (said["method"], said["channel"], said["user"]) == ("chat.postEphemeral", "C1", "U1")
    assert said["thread_ts"] == "1.0"
    assert "couldn't save" in said["text"]


async def test_an_event_that_breaks_a_listener_is_not_sent_again_for_ever() -> None:
    assert await ask(EVENT, KeyError("x")) == (200, None, [])


async def test_a_command_is_answered_privately() -> None:
    status, body, _ = await ask({"command": "/imagine", "user_id": "U1"}, KeyError("x"))

    assert (status, body["response_type"]) == (200, "ephemeral")
    assert "Nothing was spent" in body["text"]


@pytest.mark.parametrize("kind", ["block_actions", "message_action"])
async def test_a_click_in_a_conversation_is_answered_there(kind: str) -> None:
    status, _, (said,) = await ask({"type": kind, "channel": {"id": "C1"}, **WHO})

    assert (status, said["channel"], said["user"]) == (200, "C1", "U1")
    assert "couldn't save your request" in said["text"]


@pytest.mark.parametrize("body", [{"type": "shortcut", **WHO}, {"type": "block_actions", **WHO}])
async def test_a_click_elsewhere_is_answered_to_the_person(body: dict[str, Any]) -> None:
    _, _, said = await ask(body)

    assert said[0]["user"] == "U1"


@pytest.mark.parametrize(
    "body", [{"type": "block_actions"}, {"type": "shortcut", "user": "U1"}, {"type": None}, {}]
)
async def test_a_click_of_nobody_is_answered_to_nobody(body: dict[str, Any]) -> None:
    assert await ask(body) == (200, None, [])


async def test_a_modal_shows_it_at_its_first_field_and_stays_open() -> None:
    blocks = [
        {"type": "context", "block_id": "notice"},
        {"type": "input", "block_id": "prompt:1"},
        {"type": "input", "block_id": "model"},
    ]
    status, body, _ = await ask({"type": "view_submission", "view": {"blocks": blocks}, **WHO})

    assert (status, body["response_action"]) == (200, "errors")
    assert list(body["errors"]) == ["prompt:1"]


@pytest.mark.parametrize("view", [{"blocks": [{"type": "section"}]}, {"blocks": 7}, None, "x"])
def test_a_modal_without_fields_gives_way_to_the_sentence(view: Any) -> None:
    answer = answer_submission({"view": view}, "It broke.")

    assert answer["response_action"] == "update"
    assert "It broke." in str(answer["view"]["blocks"])


@pytest.mark.parametrize(
    ("said", "number"),
    [(["2"], 2), ("3", 3), ([], 0), (None, 0), (["soon"], 0), (["-1"], 0), (["9" * 9], 0)],
)
def test_the_number_of_a_retry_is_read_or_none(said: Any, number: int) -> None:
    assert read_retry_number({"x-slack-retry-num": said}) == number


async def test_no_word_of_an_error_is_said_to_anybody() -> None:
    body = {"type": "block_actions", "channel": {"id": "C1"}, **WHO}
    _, _, (said,) = await ask(body, RuntimeError("xoxb-secret in /work/main"))

    assert "secret" not in str(said)

"""What Slack and the person are told where a listener failed: never nothing, and never a loop.

An event that could not be kept, or that a newer process knows more of, is answered 503, so that
Slack sends it again. Everything else is
answered 200, since a 5xx would only show as `operation_timeout`: a command and a click with a
sentence for the person, a modal with an error at its first field.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any, Final

import structlog
from pydantic import ValidationError
from slack_bolt import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, NewerVersion, Transient
from bot.generations.record import InDoubt
from bot.slack.kit import answer_texts as answers
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.modals import show_notice
from bot.slack.kit.payloads import Channel, EventEnvelope, Interaction

_CLICKS: Final = frozenset({"block_actions", "shortcut", "message_action"})
# slack-facts.md, "Events": after this retry Slack gives up.
_LAST_RETRY: Final = 3

log = structlog.get_logger()


class _Click(Interaction):
    """Who clicked, and where: a modal and a global shortcut have no channel."""

    channel: Channel | None = None


class FaultAnswers:
    """Bolt's error handler. One for the process."""

    def __init__(self, client: AsyncWebClient, background: BackgroundTasks) -> None:
        self._client = client
        self._background = background

    async def answer(
        self, error: Exception, body: dict[str, Any], retry_number: int = 0
    ) -> BoltResponse:
        """The answer to a request whose listener raised `error`."""
        kind = "command" if "command" in body else str(body.get("type"))
        _log_fault(error, kind)
        sentence = _choose_sentence(error)
        if kind == "command":
            answer = show_sentence(sentence).to_dict()
            return BoltResponse(status=200, body={"response_type": "ephemeral", **answer})
        if kind == "view_submission":
            return BoltResponse(status=200, body=answer_submission(body, sentence))
        if kind in _CLICKS:
            self._tell_clicker(body, sentence)
        if kind == "event_callback" and isinstance(error, Transient | NewerVersion):
            if retry_number >= _LAST_RETRY:
                self._tell_speaker(body, sentence)
            return BoltResponse(status=503)
        return BoltResponse(status=200)

    def _tell_clicker(self, body: dict[str, Any], sentence: str) -> None:
        try:
            click = _Click.model_validate(body)
        except ValidationError:
            return
        place = click.channel.id if click.channel else click.user.id
        self._tell(place, click.user.id, None, sentence)

    def _tell_speaker(self, body: dict[str, Any], sentence: str) -> None:
        try:
            event = EventEnvelope.model_validate(body).event
        except ValidationError:
            return
        if event.channel and event.user:
            self._tell(event.channel, event.user, event.thread_ts, sentence)

    def _tell(self, channel_id: str, user_id: str, thread_ts: str | None, sentence: str) -> None:
        message = show_sentence(sentence)
        self._background.run(
            send_ephemeral(
                self._client, message, channel_id=channel_id, user_id=user_id, thread_ts=thread_ts
            )
        )


def _choose_sentence(error: Exception) -> str:
    if isinstance(error, InDoubt):
        return answers.IN_DOUBT
    if isinstance(error, Transient):
        return answers.NOT_SAVED
    return answers.NEWER_VERSION if isinstance(error, NewerVersion) else answers.SOMETHING_BROKE


def answer_submission(body: Mapping[str, Any], sentence: str) -> dict[str, Any]:
    """`sentence` at the first field of the modal that was sent; in its place, where it has none.
    Pure. Source: https://docs.slack.dev/surfaces/modals#displaying_errors"""
    view = body.get("view")
    blocks = view.get("blocks") if isinstance(view, dict) else None
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict) and block.get("type") == "input" and block.get("block_id"):
            errors = {str(block["block_id"]): sentence}
            return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": show_notice(sentence).to_dict()}


def read_retry_number(headers: Mapping[str, Any]) -> int:
    """Which retry of an event this is, from Slack's headers; 0 for the first delivery. Pure."""
    said = headers.get("x-slack-retry-num") or ["0"]
    number = str(said[0] if isinstance(said, list) else said)
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0


def _log_fault(error: Exception, kind: str) -> None:
    if isinstance(error, ValidationError):  # its text would quote the payload, prompt and all
        fields = [".".join(map(str, problem["loc"])) for problem in error.errors()]
        log.error("payload.unreadable", payload=kind, model=error.title, fields=fields)
    elif isinstance(error, ImagineError):
        log.error("listener.failed", payload=kind, cause=error.cause, detail=error.detail)
    elif _is_ours(error):
        log.error("listener.failed", payload=kind, exc_info=error)
    else:
        log.warning("payload.malformed", payload=kind, error=type(error).__name__)


def _is_ours(error: Exception) -> bool:
    """Whether a listener raised it, rather than Bolt over a payload that is not like Slack's."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__", "").startswith("bot.") for frame, _ in frames)

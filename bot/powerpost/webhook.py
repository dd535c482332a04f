"""`POST /powerpost/webhook/{token}`: PowerPost says that a generation has ended.

How deliveries are signed is not known (powerpost-neighbours.md, "Webhooks"), so one is a
notification and never a fact: all that it can do is to make the job that waits for this id poll by
itself, a little sooner. Who knows the address can cost us a few polls, and nothing else.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Final

import structlog
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.http.bodies import Bodies, BodyRefused

BODY_MAX_BYTES: Final = 64 * 1024
NOTIFICATIONS_PER_SECOND: Final = 20.0
NOTIFICATION_BURST: Final = 200
ID_MAX_CHARACTERS: Final = 255

Notify = Callable[[str], Awaitable[None]]

log = structlog.get_logger()


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


# Printable characters: what comes here may go into a NOTIFY, and into a log.
_Id = Annotated[str, StringConstraints(pattern=rf"^[!-~]{{1,{ID_MAX_CHARACTERS}}}$")]


class _Data(_Model):
    image_generation_id: _Id


class _Envelope(_Model):
    """PowerPost's page on webhooks. `status` is not read: the API is asked instead."""

    event: str
    workspace_id: str
    data: _Data


@dataclass
class _Bucket:
    """A steady rate with a burst. Times are seconds of one clock."""

    per_second: float
    burst: int
    level: float = 0.0
    changed_at: float = 0.0

    def try_take(self, now: float) -> bool:
        """One, where there is one."""
        drained = (now - self.changed_at) * self.per_second
        self.level, self.changed_at = max(0.0, self.level - drained), now
        if self.level + 1 > self.burst:
            return False
        self.level += 1
        return True


class WebhookEndpoint:
    """Takes notifications. One for the process."""

    def __init__(
        self,
        token: str,
        workspace_ids: Collection[str],
        notify: Notify,
        bodies: Bodies,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`workspace_ids` are ours: each has a webhook of its own, which may have this address.
        `notify` is told the `image_generation_id` of what may have ended; it must not
        raise."""
        self._token = token.encode()
        self._workspace_ids = frozenset(workspace_ids)
        self._notify = notify
        self._bodies = bodies
        self._clock = clock
        self._bucket = _Bucket(NOTIFICATIONS_PER_SECOND, NOTIFICATION_BURST, changed_at=clock())

    async def answer(self, request: Request) -> Response:
        """404 for a wrong token, 429 in a flood, 413, 408, 503 and 400 for what is not a whole JSON
        object, and else 200, also for what does not concern us: PowerPost has done its part."""
        given = str(request.path_params["token"]).encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._token):
            return PlainTextResponse("Not Found", 404)  # as for any address that is none
        if not self._bucket.try_take(self._clock()):
            return PlainTextResponse("too many", 429)
        try:
            body = await self._bodies.read(request, BODY_MAX_BYTES)
        except BodyRefused as refused:
            return refused.answer()
        return await self._take(body)

    async def _take(self, body: bytes) -> Response:
        try:
            image_generation_id = read_notification(body, self._workspace_ids)
        except ValueError:
            return PlainTextResponse("malformed", 400)
        if image_generation_id is not None:
            log.debug("webhook.received", image_generation_id=image_generation_id)
            await self._notify(image_generation_id)
        return PlainTextResponse("ok")


def read_notification(body: bytes, workspace_ids: Collection[str]) -> str | None:
    """The `image_generation_id` that a delivery speaks of; None where it is not about a generation
    of ours. ValueError where it is no JSON object. Pure."""
    try:
        said = json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(said, dict):
        raise ValueError("no object")  # noqa: TRY004 - what was sent, not what we did
    try:
        envelope = _Envelope.model_validate(said)
    except ValidationError:
        return None  # another event, or a shape that we do not know
    is_ours = envelope.workspace_id in workspace_ids
    return envelope.data.image_generation_id if is_ours else None

"""PowerPost as the workflow sees it: the client's answers in the workflow's words."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from typing import Final

from bot.errors import Cause, Rejected, Transient
from bot.generations.ports import MadePicture, PollResult, Receipt
from bot.images.catalogue import PROMPT_MAX_CHARACTERS
from bot.images.request import ImageRequest
from bot.powerpost.client import PowerPostClient
from bot.powerpost.wire import ImageGeneration

# What the client puts before PowerPost's sentence, for operators (powerpost/answers.py).
_CODES: Final = re.compile(r"\d{3}(?: +[A-Z][A-Z0-9_]+)?(?: +|$)")

# What the columns of bot/store/tables.py hold.
ID_MAX: Final = 255
SENTENCE_MAX: Final = 2000
LINK_MAX: Final = 8000


class PowerPostUpstream:
    """Implements `generations.ports.PowerPost` on the client."""

    def __init__(self, client: PowerPostClient) -> None:
        self._client = client

    def for_workspace(self, workspace_id: str | None) -> PowerPostUpstream:
        """See the port."""
        if workspace_id is None:
            return self
        return PowerPostUpstream(self._client.for_workspace(workspace_id))

    def submission_turn(self) -> AbstractAsyncContextManager[None]:
        """See the port."""
        return self._client.submission_turn()

    async def submit(self, request: ImageRequest) -> Receipt:
        """See the port."""
        try:
            said = await self._client.submit(request)
        except Rejected as error:
            sentence = keep_text(read_sentence(error.detail), SENTENCE_MAX)
            raise Rejected(error.cause, sentence, request_id=error.request_id) from error
        return Receipt(
            said.image_generation_id,
            said.credits_used,
            said.remaining_credits,
            keep_text(said.request_id, ID_MAX) or None,
        )

    async def poll(self, image_generation_id: str) -> PollResult:
        """See the port."""
        return read_poll(await self._client.poll(image_generation_id))

    async def balance(self) -> float:
        """See the port."""
        return (await self._client.credits()).balance

    async def upload(
        self, name: str, content: bytes, mime_type: str, workspace_id: str | None = None
    ) -> str:
        """The `media_id` of a reference picture that PowerPost has from now on, in that workspace
        (None: the default one)."""
        client = self._client.for_workspace(workspace_id)
        return (await client.upload_media(name, content, mime_type)).media_id


def read_poll(said: ImageGeneration) -> PollResult:
    """What a poll means. Pure.

    Raises Transient for `completed` without a picture: that is no answer to act on, and the
    pictures are paid for.
    """
    pictures = tuple(
        MadePicture(
            keep_text(image.media_id, ID_MAX),
            keep_text(image.url, LINK_MAX),
            image.width,
            image.height,
        )
        for image in said.images
    )
    if said.status == "completed" and not pictures:
        raise Transient(Cause.BROKEN_ANSWER, "completed without a picture")
    return PollResult(
        is_ended=said.status != "processing",
        is_failed=said.status == "failed",
        pictures=pictures if said.status != "processing" else (),
        message=(keep_text(said.error.message, SENTENCE_MAX) or None) if said.error else None,
        request_id=keep_text(said.request_id, ID_MAX) or None,
        prompt=keep_text(said.prompt, PROMPT_MAX_CHARACTERS) or None,
    )


def keep_text(text: str | None, most: int) -> str:
    """What our columns take of a third party's text: no NUL (PostgreSQL refuses it), and no more
    characters than they hold. Pure."""
    return (text or "").replace("\0", "")[:most]


def read_sentence(detail: str) -> str:
    """PowerPost's own sentence out of the client's detail: a person sees neither status nor code.
    Pure."""
    return _CODES.sub("", detail, count=1) if _CODES.match(detail) else detail

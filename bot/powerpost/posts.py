"""PowerPost's post desk as the workflow of a draft sees it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from bot.errors import Rejected
from bot.posts.kinds import platforms_of
from bot.posts.ports import Captions, Look, Ordered, Sent
from bot.posts.record import Plan, PostRequest
from bot.powerpost import calls
from bot.powerpost.calls import CallKind
from bot.powerpost.client import PowerPostClient
from bot.powerpost.upstream import ID_MAX, SENTENCE_MAX, keep_text, read_sentence
from bot.powerpost.wire import CaptionGeneration, PostDraft

_TEXT_MAX: Final = 70_000
_DESCRIPTION_MAX: Final = 5000
_KINDS: Final = {
    Sent.ORDER: CallKind.CAPTION_ORDER,
    Sent.DRAFT: CallKind.DRAFT,
    Sent.PLAN: CallKind.PLAN,
}


class PowerPostDesk:
    """Implements `posts.ports.PostDesk` on the client."""

    def __init__(self, client: PowerPostClient) -> None:
        self._client = client

    def for_workspace(self, workspace_id: str | None) -> PowerPostDesk:
        """See the port."""
        return PowerPostDesk(self._client.for_workspace(workspace_id))

    def turn(self, sent: Sent) -> AbstractAsyncContextManager[None]:
        """See the port."""
        return self._client.turn(_KINDS[sent])

    async def order(self, request: PostRequest) -> Ordered:
        """See the port."""
        call = calls.order_captions(request.post_types, request.topic, request.media_ids)
        said = await self._send(call)
        return Ordered(
            said.generation_id,
            said.credits_used,
            said.remaining_credits,
            keep_text(said.request_id, ID_MAX) or None,
        )

    async def read_captions(self, caption_id: str) -> Captions:
        """See the port."""
        return read_captions(await self._client.read_caption(caption_id))

    async def draft(self, request: PostRequest) -> Look:
        """See the port."""
        return read_look(await self._send(calls.draft_post(request.items, request.caption_id)))

    async def look(self, post_id: str) -> Look:
        """See the port."""
        return read_look(await self._client.read_post(post_id))

    async def plan(self, request: PostRequest, title: str) -> None:
        """See the port."""
        if request.plan is not None:
            await self._send(calls.plan_entry(write_entry(request, request.plan, title)))

    async def balance(self) -> float:
        """See the port."""
        return (await self._client.credits()).balance

    async def _send(self, call: calls.Call[Any]) -> Any:
        try:
            return await self._client.send_once(call)
        except Rejected as error:
            sentence = keep_text(read_sentence(error.detail), SENTENCE_MAX)
            raise Rejected(error.cause, sentence, request_id=error.request_id) from error


def read_captions(said: CaptionGeneration) -> Captions:
    """Pure."""
    texts, title = {}, ""
    for platform, output in said.outputs.items():
        if isinstance(output, str):
            texts[platform] = keep_text(output, _TEXT_MAX)
        else:
            texts[platform] = keep_text(output.description, _TEXT_MAX)
            title = keep_text(output.title, SENTENCE_MAX)
    is_failed = said.status == "failed"
    is_written = said.status == "completed" and bool(texts)
    return Captions(is_failed or is_written, is_failed, texts, title)


def read_look(said: PostDraft) -> Look:
    """Pure."""
    items = {keep_text(each.post_type, 64): keep_text(each.status, 64) for each in said.items}
    request_id = keep_text(said.request_id, ID_MAX) or None
    return Look(keep_text(said.post_id, ID_MAX), keep_text(said.status, 64), items, request_id)


def write_entry(request: PostRequest, plan: Plan, title: str) -> dict[str, object]:
    """The body of a calendar entry. PowerPost's calendar names no time zone, so the description
    says by whose clocks the time is. Pure."""
    lines = [request.words]
    if plan.at is not None:
        lines.append(f"{plan.at:%H:%M} is by the clocks of {plan.zone}.")
    if request.link:
        lines.append(request.link)
    tail = "\n\n".join(lines[1:])
    room = _DESCRIPTION_MAX - len(tail) - 2
    body: dict[str, object] = {
        "title": title,
        "description": "\n\n".join(part for part in (lines[0][:room], tail) if part),
        "scheduled_date": plan.day.isoformat(),
        "platforms": [each.key for each in platforms_of(request.kinds)],
    }
    if plan.at is not None:
        body["scheduled_time"] = f"{plan.at:%H:%M}"
    return body

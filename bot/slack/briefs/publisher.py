"""What people in Slack see of a brief: implements `generations.brief_delivery.BriefPublisher`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.credits.estimates import Estimate, Prices, add_up
from bot.credits.ledger import Bill
from bot.errors import Cause, ImagineError, Misconfigured, Rejected
from bot.generations.brief import Brief
from bot.generations.ports import Posted
from bot.generations.record import Generation, PictureState
from bot.images.showing import Show
from bot.slack.briefs import texts
from bot.slack.briefs.views import (
    show_ended_root,
    show_nothing_made,
    show_parts,
    show_root,
    show_summary,
)
from bot.slack.kit import failure_texts as failures
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.aside import made_aside, say_where
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.ids import MessageKind
from bot.slack.kit.links import message_link
from bot.slack.kit.message import POST_TEXT_MAX, Message, cut_text
from bot.slack.kit.posting import (
    EDIT_PAUSE_SECONDS,
    Address,
    Form,
    Poster,
    Subject,
    payload_of,
    showing,
    with_note,
)

# How far our clock may be ahead of Slack's where we look for what we have posted.
_CLOCKS_DIFFER_SECONDS: Final = 60.0

Bills = Callable[[Sequence[str]], Awaitable[dict[str, Bill]]]
Draw = Callable[[Brief], Awaitable[str | None]]
"""Uploads one picture with all of a brief's: its Slack file; None where there is none."""

log = structlog.get_logger()


class BriefPublisher:
    """Posts and edits. One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        poster: Poster,
        prices: Prices,
        bills: Bills,
        workspace_url: Callable[[], str | None],
        draw_sheet: Draw | None = None,
    ) -> None:
        self._client = client
        self._poster = poster
        self._prices = prices
        self._bills = bills
        self._workspace_url = workspace_url
        self._draw_sheet = draw_sheet

    async def post_root(self, brief: Brief) -> Posted:
        """See the port."""
        place = brief.place
        address = Address(place.channel_id, place.thread_ts)
        subject = _subject(brief)
        if brief.root_intended_at is not None:
            found, _ = await self._poster.find_own(subject, MessageKind.ROOT, address)
            if found is not None:
                return Posted(address.channel_id, found)
        message = show_root(brief, await self._estimate(brief.parts))
        forms = [Form(message), Form(message, has_metadata=False)]
        try:
            root = await self._poster.post_first(subject, MessageKind.ROOT, address, forms)
        except Rejected as error:
            if not (error.cause is Cause.NOT_IN_CHANNEL and address.channel_id.startswith("D")):
                raise
        else:
            if place.asked_at[0] != place.channel_id:
                await say_where(self._client, place, made_aside(self._link(root)))
            return root
        # A conversation of two people: nobody can invite an app there.
        person = Address(place.user_id)
        root = await self._poster.post_first(subject, MessageKind.ROOT, person, forms)
        await say_where(self._client, place, show_sentence(failures.COMES_DIRECTLY))
        return root

    async def show(self, brief: Brief) -> None:
        """See the port."""
        if brief.root_ts is None or not await self._poster.pace.try_edit_turn():
            return
        message = show_root(brief, await self._estimate(brief.parts))
        await self._poster.try_edit(brief.channel_id, brief.root_ts, message)

    async def show_end(self, brief: Brief) -> None:
        """See the port."""
        if brief.root_ts is None:
            return
        money = await self._add_up(brief)
        link = None
        if brief.summary_ts is not None:
            link = self._link(Posted(brief.channel_id, brief.summary_ts), brief.thread_ts)
        whole = show_ended_root(brief, money, link)
        forms = [Form(whole), Form(whole, EDIT_PAUSE_SECONDS), Form(Message(whole.text))]
        await self._poster.edit_first(brief.channel_id, brief.root_ts, forms)

    async def find_shown(self, brief: Brief) -> dict[int, Posted]:
        """See the port."""
        messages = await self._poster.read_own(brief.root_ts or "0", _thread_of(brief))
        found: dict[int, Posted] = {}
        for message in messages or []:
            payload = payload_of(message)
            if (payload.get("generation"), payload.get("kind")) != (brief.id, MessageKind.RESULT):
                continue
            for number in _numbers(payload):
                found[number] = Posted(brief.channel_id, str(message["ts"]))
        return found

    async def post_parts(self, brief: Brief, parts: Sequence[Generation]) -> Posted:
        """See the port. Where its thread would not have it, in its person's direct message."""
        has_pictures = any(part.pictures for part in parts)
        is_broadcast = brief.new.show is Show.CHANNEL and has_pictures
        try:
            return await self._post_parts(_thread_of(brief, is_broadcast), brief, parts)
        except (Rejected, Misconfigured) as error:
            if isinstance(error, Misconfigured) and error.cause is not Cause.APP_NOT_ALLOWED:
                raise  # a token that is good nowhere: it comes here once that is mended
            log.warning("thread.lost", cause=error.cause, detail=error.detail)
            note = failures.elsewhere(error.cause, brief.channel_id)
            return await self._post_parts(Address(brief.new.place.user_id), brief, parts, note)

    async def _post_parts(
        self, address: Address, brief: Brief, parts: Sequence[Generation], note: str = ""
    ) -> Posted:
        numbers = ",".join(str(part.part) for part in parts)
        subject = _subject(brief, {"parts": numbers})
        forms = await self._draw_parts(brief, parts, note)
        return await self._poster.post_first(subject, MessageKind.RESULT, address, forms)

    async def show_again(self, brief: Brief, part: Generation) -> None:
        """The message that `part` stands in, and the contact sheet's, as the rows are now: what is
        said of its pictures has changed. Raises the last error if Slack takes it in no form."""
        where = part.result_channel_id, part.result_ts
        beside = [x for x in brief.parts if (x.result_channel_id, x.result_ts) == where]
        if part.result_ts is None:
            return
        forms = await self._draw_parts(brief, beside)
        if shown := [form for form in forms if form.has_files]:
            channel_id = part.result_channel_id or brief.channel_id
            await self._poster.edit_first(channel_id, part.result_ts, shown)
        is_whole = all(each.deleted_at is None for each in brief.parts)  # else the sheet is gone
        if brief.summary_ts is not None and brief.sheet_file_id is not None and is_whole:
            forms = await self._draw_summary(brief)
            await self._poster.edit_first(brief.channel_id, brief.summary_ts, forms)

    async def _draw_parts(
        self, brief: Brief, parts: Sequence[Generation], note: str = ""
    ) -> list[Form]:
        group = {number for part in parts for number in brief.group_of(part)}
        again = await self._estimate([part for part in brief.parts if part.part in group])
        whole = with_note(show_parts(brief, parts, again), note)

        def link(why: Cause) -> Message:
            linked = [_linked(part, why) for part in parts]
            return with_note(show_parts(brief, linked, again), note)

        def say(why: Cause) -> Message:
            return Message(cut_text(link(why).text, POST_TEXT_MAX))

        forms = [Form(whole)]
        pictures = [picture for part in parts for picture in part.pictures]
        if any(picture.state is PictureState.UPLOADED for picture in pictures):
            forms = showing(whole)
        return [*forms, *(Form(whole, has_metadata=False, explain=each) for each in (link, say))]

    async def bring_sheet(self, brief: Brief) -> str | None:
        """See the port."""
        return None if self._draw_sheet is None else await self._draw_sheet(brief)

    async def post_summary(self, brief: Brief) -> Posted:
        """See the port."""
        subject, address = _subject(brief), _thread_of(brief)
        if brief.summary_intended_at is not None:
            found, _ = await self._poster.find_own(subject, MessageKind.SUMMARY, address)
            if found is not None:
                return Posted(address.channel_id, found)
        forms = await self._draw_summary(brief)
        try:
            return await self._poster.post_first(subject, MessageKind.SUMMARY, address, forms)
        except Rejected as error:
            log.warning("thread.lost", cause=error.cause, detail=error.detail)
            person = Address(brief.new.place.user_id)
            note = failures.elsewhere(error.cause, brief.channel_id)
            elsewhere = [replace(form, message=with_note(form.message, note)) for form in forms]
            return await self._poster.post_first(subject, MessageKind.SUMMARY, person, elsewhere)

    async def _draw_summary(self, brief: Brief) -> list[Form]:
        money = await self._add_up(brief)
        missing = await self._estimate(brief.failed) if brief.failed else None
        show = partial(
            show_summary, brief, money, missing=missing, again=await self._estimate(brief.parts)
        )
        plain = show()
        forms = [Form(plain), Form(plain, has_metadata=False)]
        if brief.sheet_file_id is None:
            return forms
        return [*showing(show(sheet=brief.sheet_file_id)), *forms]

    async def tell_privately(self, brief: Brief) -> None:
        """See the port."""
        place = brief.place
        channel_id, thread_ts = place.asked_at
        await send_ephemeral(
            self._client,
            show_nothing_made(brief),
            channel_id=channel_id,
            user_id=place.user_id,
            thread_ts=thread_ts,
            response_url=place.response_url,
        )

    async def _estimate(self, parts: Sequence[Generation]) -> Estimate | None:
        """What they will probably take together; None where that could not be looked up."""
        try:
            return add_up(
                [
                    await self._prices.estimate(part.request.model, part.request.quantity)
                    for part in parts
                ]
            )
        except ImagineError as error:
            log.warning("prices.read_failed", cause=error.cause)
            return None

    async def _add_up(self, brief: Brief) -> texts.Money:
        return texts.add_up(brief.parts, await self._bills([part.id for part in brief.parts]))

    def _link(self, posted: Posted, thread_ts: str | None = None) -> str | None:
        url = self._workspace_url()
        return None if url is None else message_link(url, posted.channel_id, posted.ts, thread_ts)


def _subject(brief: Brief, details: dict[str, str] | None = None) -> Subject:
    since = brief.root_ts
    if since is None:
        since = f"{brief.new.accepted_at.timestamp() - _CLOCKS_DIFFER_SECONDS:.6f}"
    return Subject(brief.id, since, {"origin": brief.new.origin, **(details or {})})


def _thread_of(brief: Brief, is_broadcast: bool = False) -> Address:
    return Address(brief.channel_id, brief.thread_ts, is_broadcast)


def _numbers(payload: dict[str, Any]) -> list[int]:
    said = str(payload.get("parts") or "").split(",")
    return [int(each) for each in said if each.isdecimal()]


def _linked(part: Generation, why: Cause) -> Generation:
    linked = tuple(
        replace(picture, state=PictureState.LINKED, cause=picture.cause or why)
        for picture in part.pictures
    )
    return replace(part, pictures=linked)

"""The alt text of pictures: read and changed by people, and shown in place of the one before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, Protocol

import structlog
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected
from bot.generations.record import Generation
from bot.images.typed import clean
from bot.slack.kit import generation_texts
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.emoji import replace_names
from bot.slack.kit.ephemeral import answer_press, send_ephemeral
from bot.slack.kit.links import home_of
from bot.slack.kit.listeners import Clear
from bot.slack.kit.modals import ViewState, open_view, show_notice
from bot.slack.kit.payloads import MessageAction, ViewSent
from bot.slack.kit.rights import ResultContext
from bot.slack.kit.sections import Section
from bot.slack.results import texts
from bot.slack.results.deletion import may_delete
from bot.slack.results.modal_views import name_alt_field, show_alt_texts

# A modal has to be answered within 3 seconds.
_CHECK_SECONDS: Final = 2.0
_SHOWN_MAX: Final = 300  # characters of each, where all of them are listed

log = structlog.get_logger()


class AltTexts(Protocol):
    """The rows (bot/store/versions.py)."""

    async def keep_alt_texts(self, generation_id: str, said: Mapping[int, str | None]) -> bool:
        """By position; None: as it is made from the prompt. False if it is not kept any more."""


class AltTextService:
    """One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        background: BackgroundTasks,
        rows: AltTexts,
        show_again: Callable[[str], Awaitable[None]],
    ) -> None:
        """`show_again` puts the result, as its row says it now, in place of its message."""
        self._client = client
        self._background = background
        self._rows = rows
        self._show_again = show_again

    @property
    def section(self) -> Section:
        """In "More…"."""
        return Section("Edit alt text", describe_alt_texts, self.offer)

    def offer(self, action: MessageAction, generation: Generation) -> None:
        """Edit alt text: an input for each picture."""
        self._background.run(self._offer(action, generation))

    async def _offer(self, action: MessageAction, generation: Generation) -> None:
        try:
            if not await may_delete(self._client, generation, action.user.id):
                return await open_view(
                    self._client, action, show_notice(texts.MAY_NOT_CHANGE_ALT_TEXT)
                )
            context = ResultContext(generation_id=generation.id, channel_id=action.channel.id)
            show = partial(show_alt_texts, generation, context)
            try:
                await open_view(self._client, action, show())
            except Rejected as error:  # for one file that is gone the whole is refused
                log.info("thumbnails.refused", detail=error.detail)
                await open_view(self._client, action, show(has_thumbnails=False))
        except ImagineError as error:
            log.warning("alt_text.not_offered", cause=error.cause, detail=error.detail)
            await answer_press(self._client, action, show_sentence(texts.CLICK_FAILED))

    async def keep(self, sent: ViewSent, generation: Generation) -> View | dict[str, str] | Clear:
        """What was typed, on disk when this returns; an empty one is made from the prompt again.
        Who may is looked at again. The message is changed after the answer."""
        if generation.blanked_at is not None or generation.deleted_at is not None:
            return show_notice(refusals.NOT_THERE_ANY_MORE)
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                if not await may_delete(self._client, generation, sent.user.id):
                    return show_notice(texts.MAY_NOT_CHANGE_ALT_TEXT)
                said = read_alt_texts(sent, generation)
                if said and not await self._rows.keep_alt_texts(generation.id, said):
                    return show_notice(refusals.NOT_THERE_ANY_MORE)
        except (TimeoutError, ImagineError) as error:
            log.warning("alt_text.not_kept", error=type(error).__name__)
            return {name_alt_field(generation.pictures[0].position): texts.ALT_TEXT_NOT_SAVED}
        if said:
            log.info("alt_text.kept", generation=generation.id, pictures=len(said))
            self._background.run(self._show(sent, generation))
        return Clear()

    async def _show(self, sent: ViewSent, generation: Generation) -> None:
        said = texts.ALT_TEXT_SAVED
        try:
            await self._show_again(generation.id)
        except ImagineError as error:
            log.warning("alt_text.not_shown", cause=error.cause, detail=error.detail)
            said = texts.ALT_TEXT_NOT_SHOWN
        channel_id, thread_ts = home_of(generation)
        await send_ephemeral(
            self._client,
            show_sentence(said),
            channel_id=channel_id,
            user_id=sent.user.id,
            thread_ts=thread_ts,
        )


def describe_alt_texts(generation: Generation) -> str:
    """Each as it is. Plain text; empty if there is no picture."""
    if generation.deleted_at is not None:
        return ""
    return texts.alt_texts(
        [generation_texts.picture_alt(generation, each.position) for each in generation.pictures],
        _SHOWN_MAX,
    )


def read_alt_texts(sent: ViewSent, generation: Generation) -> dict[int, str | None]:
    """What was changed, by position; None: as it is made from the prompt. Pure."""
    fields = ViewState.of(sent.view.state)
    changed: dict[int, str | None] = {}
    for picture in generation.pictures:
        name = name_alt_field(picture.position)
        if name not in fields.elements:
            continue
        typed = " ".join(clean(replace_names(fields.typed(name))).split())
        made = generation_texts.made_alt(generation, picture.position)
        # As it was filled in, whitespace apart, it is nobody's own.
        said = typed[: generation_texts.ALT_MAX]
        own = None if not said or said == " ".join(made.split()) else said
        if own != picture.alt_text:
            changed[picture.position] = own
    return changed

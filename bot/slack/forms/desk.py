"""The form's life: opened at once, filled by updates, redrawn when a choice asks for it, sent.

Two quick changes never leave an old list behind: each redraw carries the `hash` of the view that
it answers, the newest change wins, and an older one that comes late is dropped.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import structlog
from slack_sdk.models.blocks import Option
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected, Transient
from bot.generations.record import Generation, NewGeneration, Place
from bot.images.catalogue import Model
from bot.slack import words
from bot.slack.calling import call_slack
from bot.slack.errands import Errands
from bot.slack.forms.checks import find_form_errors
from bot.slack.forms.drafts import Drafts
from bot.slack.forms.values import (
    Destination,
    FormContext,
    FormValues,
    block_ids,
    read_context,
    read_files,
    read_values,
    values_of,
)
from bot.slack.ids import ActionId, Field
from bot.slack.messages import pictures_of, prompt_from
from bot.slack.payloads import (
    Interaction,
    MessageShortcut,
    SentView,
    Shortcut,
    SlashCommand,
    Suggestion,
    ViewAction,
    ViewSent,
)
from bot.slack.views.form import CaptionFacts, FormFacts, caption_options, show_form

# What the database tells must not hold up the opening: a trigger lives 3 seconds.
_OPENING_SECONDS: Final = 0.15
_BALANCE_SECONDS: Final = 15.0
_VIEWS_KEPT: Final = 5000

log = structlog.get_logger()


class Door(Protocol):
    """Where requests are promised (bot/generations/admission.py)."""

    async def accept(self, new: NewGeneration) -> bool:
        """Put it on disk; Transient where that failed."""


class Purse(Protocol):
    """Where the balance is asked for."""

    def balance(self) -> Awaitable[float]:
        """The account's credits."""


class Prices(Protocol):
    """What was seen before (bot/store/generations.py)."""

    async def last_cost(self, model: Model, quantity: int) -> float | None: ...
    async def last_balance(self) -> float | None: ...


class Captions(Protocol):
    """The workspace's caption generations (bot/captions.py)."""

    async def search(self, query: str) -> list[tuple[str, str]]: ...
    async def read(self, generation_id: str) -> CaptionFacts: ...


class FormDesk:
    """Everything that is done with the form. One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        door: Door,
        drafts: Drafts,
        prices: Prices,
        purse: Purse,
        captions: Captions,
        errands: Errands,
    ) -> None:
        self._client = client
        self._door = door
        self._drafts = drafts
        self._prices = prices
        self._purse = purse
        self._captions = captions
        self._errands = errands
        self._newest: OrderedDict[str, str] = OrderedDict()  # view id -> action_ts

    # Opening -------------------------------------------------------------------------------

    def open_for_command(self, command: SlashCommand) -> None:
        """`/imagine` alone. Returns at once: the trigger is used after the answer."""
        context = FormContext(channel_id=command.channel_id)
        self._errands.run(
            self._open_draft(command.trigger_id, command.team_id, command.user_id, context)
        )

    def open_for_shortcut(self, shortcut: Shortcut) -> None:
        """The global shortcut: it knows no channel."""
        self._errands.run(
            self._open_draft(shortcut.trigger_id, shortcut.team_id, shortcut.user.id, FormContext())
        )

    def open_for_message(self, shortcut: MessageShortcut) -> None:
        """The message's text as prompt, its pictures as references, its thread as the place."""
        message = shortcut.message
        offered = pictures_of(message)
        context = FormContext(
            channel_id=shortcut.channel.id,
            thread_ts=message.thread_ts or message.ts,
            offered=offered,
        )
        values = FormValues(prompt=prompt_from(message.text), kept=offered)
        self._errands.run(self._open(shortcut.trigger_id, context, values))

    def open_for_edit(
        self, interaction: Interaction, generation: Generation, *, values: FormValues | None = None
    ) -> None:
        """Filled with everything that `generation` was made of; into the same thread."""
        filled = values or values_of(generation)
        context = _context_of(generation, filled)
        self._errands.run(self._open(interaction.trigger_id, context, filled))

    async def view_for_edit(self, generation: Generation, values: FormValues) -> View:
        """The same, as the answer to another modal."""
        facts = await self._known_facts(values)
        return show_form(_context_of(generation, values), values, facts)

    async def _open_draft(
        self, trigger_id: str, team_id: str, user_id: str, context: FormContext
    ) -> None:
        draft = None
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                draft = await self._drafts.find(team_id, user_id)
        except TimeoutError:
            log.warning("draft_late")
        if draft is None:
            await self._open(trigger_id, context, FormValues())
            return
        offered = draft.references
        restored = context.model_copy(update={"is_restored": True, "offered": offered})
        update: dict[str, Any] = {"kept": offered, "files": ()}
        if context.channel_id is None and draft.destination is Destination.HERE:
            update["destination"] = Destination.ME
        await self._open(trigger_id, restored, draft.model_copy(update=update))

    async def _open(self, trigger_id: str, context: FormContext, values: FormValues) -> None:
        if context.channel_id is None and values.destination is Destination.HERE:
            values = values.model_copy(update={"destination": Destination.ME})
        facts = FormFacts()
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                facts = await self._known_facts(values)
        except TimeoutError:
            log.warning("facts_late")
        answer = await call_slack(
            self._client.views_open,
            trigger_id=trigger_id,
            view=show_form(context, values, facts).to_dict(),
        )
        view = SentView.model_validate(answer["view"])
        await self._fill(view.id, view.hash, context, values, facts)

    async def _fill(
        self, view_id: str, hash_: str, context: FormContext, values: FormValues, facts: FormFacts
    ) -> None:
        """What takes longer is filled in afterwards, unless something was changed meanwhile."""
        caption = None
        if values.caption_id is not None:
            caption = await self._captions.read(values.caption_id)
        balance = await self._fresh_balance()
        fuller = FormFacts(facts.last_cost, balance or facts.balance, caption)
        if fuller == facts:
            return
        try:
            await self._update(view_id, hash_, context, values, fuller)
        except Rejected as error:
            log.info("form_moved_on", detail=error.detail)

    # Changing ------------------------------------------------------------------------------

    def change(self, action: ViewAction) -> None:
        """A field was changed: keep the draft, and redraw where the change asks for it."""
        view, changed = action.view, action.actions[0]
        context = read_context(view.private_metadata)
        values = read_values(view.state, context)
        if changed.action_id == ActionId.START_AFRESH:
            self._errands.run(self._start_afresh(action, context))
            return
        self._drafts.note(action.team_id, action.user.id, values)
        if changed.action_id == Field.PROMPT:
            return
        if self._is_newest(view.id, changed.action_ts):
            self._errands.run(self._redraw(view, changed.action_ts, context, values))

    async def _redraw(
        self, view: SentView, action_ts: str, context: FormContext, values: FormValues
    ) -> None:
        shown = values.with_model(values.model)
        facts = await self._known_facts(shown)
        if shown.size is not values.size:
            facts = FormFacts(facts.last_cost, facts.balance, notice=words.size_fell_back(values))
        hash_ = await self._update_newest(view, view.hash, action_ts, context, shown, facts)
        if shown.caption_id is None or hash_ is None:
            return
        caption = await self._captions.read(shown.caption_id)
        with_caption = FormFacts(facts.last_cost, facts.balance, caption, facts.notice)
        await self._update_newest(view, hash_, action_ts, context, shown, with_caption)

    async def _update_newest(
        self,
        view: SentView,
        hash_: str,
        action_ts: str,
        context: FormContext,
        values: FormValues,
        facts: FormFacts,
    ) -> str | None:
        """Redraw for the newest change; the view's new `hash`, None where a newer one came."""
        if self._newest.get(view.id) != action_ts:
            return None
        try:
            return await self._update(view.id, hash_, context, values, facts)
        except Rejected as error:
            if error.detail != "hash_conflict" or self._newest.get(view.id) != action_ts:
                log.info("form_moved_on", detail=error.detail)
                return None
        # An older redraw came in between: this change is newer than what it shows.
        return await self._update(view.id, None, context, values, facts)

    async def _start_afresh(self, action: ViewAction, context: FormContext) -> None:
        await self._drafts.forget(action.team_id, action.user.id)
        emptied = FormContext(
            channel_id=context.channel_id, thread_ts=context.thread_ts, round=context.round + 1
        )
        here = Destination.HERE if context.channel_id else Destination.ME
        values = FormValues(destination=here)
        facts = await self._known_facts(values)
        await self._update(action.view.id, action.view.hash, emptied, values, facts)

    async def search_captions(self, suggestion: Suggestion) -> list[Option]:
        """What the caption search offers for what was typed."""
        return caption_options(await self._captions.search(suggestion.value))

    # Closing and sending -------------------------------------------------------------------

    def close(self, closed: ViewSent) -> None:
        """The form was closed: what it held is offered the next time."""
        context = read_context(closed.view.private_metadata)
        if closed.view.state.get("values"):
            values = read_values(closed.view.state, context)
            self._drafts.note(closed.team_id, closed.user.id, values)

    async def submit(self, sent: ViewSent) -> dict[str, str]:
        """Promise what the form asks for. `block_id` -> error where it cannot be; the form stays
        open then, with everything that was typed."""
        context = read_context(sent.view.private_metadata)
        values = read_values(sent.view.state, context)
        errors = find_form_errors(values, read_files(sent.view.state))
        if not errors:
            errors = await self._promise(sent, context, values)
        if errors:
            self._drafts.note(sent.team_id, sent.user.id, values)
        shown = block_ids(sent.view.state)
        return {_block_of(field, shown): text for field, text in errors.items()}

    async def _promise(
        self, sent: ViewSent, context: FormContext, values: FormValues
    ) -> dict[Field, str]:
        new = NewGeneration(
            id=str(uuid.uuid4()),
            origin=f"view:{sent.team_id}:{sent.view.id}",
            place=_place(sent, context, values),
            request=values.to_request(),
            accepted_at=datetime.now(UTC),
            sources=values.to_sources(),
            parent_id=context.parent_id,
        )
        try:
            await self._door.accept(new)
        except Transient as error:
            log.exception("not_saved", cause=error.cause)
            return {Field.PROMPT: words.not_saved()}
        self._errands.run(self._drafts.mark_sent(sent.team_id, sent.user.id, values, new.id))
        return {}

    # What it is made of --------------------------------------------------------------------

    async def _known_facts(self, values: FormValues) -> FormFacts:
        """From our own database: quick, and good enough to open with."""
        try:
            return FormFacts(
                await self._prices.last_cost(values.model, values.quantity),
                await self._prices.last_balance(),
            )
        except ImagineError as error:
            log.warning("prices_unread", cause=error.cause)
            return FormFacts()

    async def _fresh_balance(self) -> float | None:
        try:
            async with asyncio.timeout(_BALANCE_SECONDS):
                return await self._purse.balance()
        except (TimeoutError, ImagineError) as error:
            log.info("balance_unknown", error=str(error))
            return None

    async def _update(
        self,
        view_id: str,
        hash_: str | None,
        context: FormContext,
        values: FormValues,
        facts: FormFacts,
    ) -> str:
        answer = await call_slack(
            self._client.views_update,
            view_id=view_id,
            hash=hash_,
            view=show_form(context, values, facts).to_dict(),
        )
        return str(answer["view"]["hash"])

    def _is_newest(self, view_id: str, action_ts: str) -> bool:
        """Whether no newer change of this view was seen; then it is the newest."""
        if float(self._newest.get(view_id) or 0) > float(action_ts or 0):
            return False
        self._newest[view_id] = action_ts
        self._newest.move_to_end(view_id)
        if len(self._newest) > _VIEWS_KEPT:
            self._newest.popitem(last=False)
        return True


def _context_of(generation: Generation, values: FormValues) -> FormContext:
    return FormContext(
        channel_id=generation.place.channel_id,
        thread_ts=generation.home_ts,
        offered=values.kept,
        parent_id=generation.id,
    )


def _block_of(field: Field, shown: dict[str, str]) -> str:
    """Where the error of `field` is shown: at the field it hangs on, where it is not drawn yet."""
    hangs_on = {Field.CHANNEL: Field.DESTINATION, Field.SOURCE: Field.CAPTION}
    return shown.get(field) or shown.get(hangs_on.get(field, Field.PROMPT)) or Field.PROMPT


def _place(sent: ViewSent, context: FormContext, values: FormValues) -> Place:
    match values.destination:
        case Destination.CHANNEL if values.channel_id:
            return Place(sent.team_id, values.channel_id, sent.user.id)
        case Destination.HERE if context.channel_id:
            return Place(
                sent.team_id, context.channel_id, sent.user.id, thread_ts=context.thread_ts
            )
        case _:
            return Place(sent.team_id, sent.user.id, sent.user.id)

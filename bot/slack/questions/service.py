"""What is not sure is asked back before it is paid: kept on disk, so that its buttons work after a
restart, and made at most once, however often they are pressed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.credits.estimates import Estimate, Prices, add_up
from bot.errors import ImagineError, Rejected, Transient
from bot.generations.record import NewGeneration
from bot.images.request import ImageRequest, find_spec_violations
from bot.policy.book import PolicyBook
from bot.policy.choices import PresetConflictError, Settled, settle
from bot.policy.policy import Policy
from bot.policy.terms import AboveThreshold
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.answer_views import show_refusal, show_sentence, with_edit
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.message import Message
from bot.slack.kit.payloads import MessageAction
from bot.slack.kit.ports import Gate, ImageForm
from bot.slack.kit.text import NOTHING_SPENT
from bot.slack.questions import texts
from bot.slack.questions.views import Offer, show_question

# Slack waits three seconds for the answer, and the question is worth having without buttons.
_KEEPING_SECONDS: Final = 1.5
# The price on a button is as it was when it was asked.
_PRICE_LIFETIME: Final = timedelta(days=1)

log = structlog.get_logger()


class Questions(Protocol):
    """Where they are kept (bot/store/questions.py). Raises Transient."""

    async def keep(self, new: NewGeneration) -> None: ...
    async def read(
        self, question_id: str, team_id: str, user_id: str, now: datetime
    ) -> NewGeneration | None: ...


class QuestionService:
    """Asks, and does what the buttons say. One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        gate: Gate,
        questions: Questions,
        prices: Prices,
        policies: PolicyBook,
        form: ImageForm,
        background: BackgroundTasks,
    ) -> None:
        self._client = client
        self._gate = gate
        self._questions = questions
        self._prices = prices
        self._policies = policies
        self._form = form
        self._background = background

    async def ask(
        self,
        new: NewGeneration,
        sentences: Sequence[str],
        *,
        is_offered: bool,
        typed: str = "",
        other: NewGeneration | None = None,
    ) -> Message:
        """The question about `new`, which is on disk when this returns. `is_offered`: it may be
        made as it is, or as `other` is. Where the database is away, the sentences alone."""
        if not await self._keep(new):
            return show_sentence("\n".join([*sentences, NOTHING_SPENT]))
        offer = await self._find_offer(new) if is_offered else None
        if offer is None:
            return show_question(sentences, new, typed=typed)
        instead = await self._find_offer(other) if other and await self._keep(other) else None
        return show_question(sentences, new, offer=offer, other=instead, typed=typed)

    async def _find_offer(self, new: NewGeneration) -> Offer | None:
        """What a button would make, a brief with all of its parts and one price; None if it would
        not be promised like that."""
        found = [await self._settle(each) for each in new.split()]
        settled = [each for each in found if each is not None]
        if len(settled) < len(found) or not new.is_whole:
            return None
        wholes = [_compose(each) for each in settled]
        prices = [await self._estimate(each) for each in wholes]
        known = [each for each in prices if each is not None]
        estimate = add_up(known) if len(known) == len(prices) else None
        if new.parts:
            return Offer(new, texts.would_make_brief(new, wholes), estimate)
        shown = replace(new, request=settled[0].request)
        return Offer(shown, texts.would_make(shown, wholes[0]), estimate)

    async def refuse(self, new: NewGeneration, error: Rejected, *, typed: str = "") -> Message:
        """Why `new` was not promised, with Edit if a form can mend it: that opens with everything
        that was asked for, which is on disk when this returns. What only needs a yes, or a preset's
        right name, is asked about instead: its button makes just that."""
        if isinstance(error, AboveThreshold):
            return await self.ask(new, [refusals.above(error)], is_offered=True, typed=typed)
        near = refusals.find_near_preset(error)
        if near is not None and new.choice is not None and not new.parts:
            meant = replace(new, choice=replace(new.choice, preset=near))
            return await self.ask(meant, [refusals.refused(error)], is_offered=True, typed=typed)
        message = show_refusal(error, typed)
        if not refusals.can_mend(error) or not await self._keep(new):
            return message
        return with_edit(message, new)

    async def _keep(self, new: NewGeneration) -> bool:
        try:
            async with asyncio.timeout(_KEEPING_SECONDS):
                await self._questions.keep(new)
        except (Transient, TimeoutError) as error:
            log.error("question.save_failed", error=type(error).__name__)
            return False
        return True

    async def make(self, action: MessageAction) -> None:
        """The button that makes it: promised on disk when this returns."""
        new = await self._find(action)
        if new is None or not _may_be_sent(new):
            self._show(action, show_sentence(texts.GONE))
            return
        now = datetime.now(UTC)
        if now - new.accepted_at > _PRICE_LIFETIME:
            self._show(action, with_edit(show_sentence(texts.TOO_OLD), new), new)
            return
        place = new.place
        if place.response_url is not None:  # of the command; this one is fresh
            place = replace(place, response_url=action.response_url)
        try:
            is_new = await self._gate.accept(replace(new, place=place, accepted_at=now))
        except Rejected as error:
            self._show(action, await self.refuse(new, error), new)
            return
        said = texts.made(new) if is_new else texts.MADE_ALREADY
        self._show(action, show_sentence(said), new, replaces=True)

    async def open_form(self, action: MessageAction) -> None:
        """The form with everything filled in."""
        new = await self._find(action)
        if new is None:
            self._show(action, show_sentence(texts.GONE))
            return
        settled = await self._settle(new)
        filled = new if settled is None else replace(new, request=settled.request)
        preset = settled.applied.name if settled and settled.applied else None
        if settled is None and new.choice is not None:
            preset = new.choice.preset  # the form says what does not go with it
        self._form.open_for_question(action, filled, preset)

    async def _find(self, action: MessageAction) -> NewGeneration | None:
        question_id = action.actions[0].value or ""
        now = datetime.now(UTC)
        return await self._questions.read(question_id, action.team_id, action.user.id, now)

    async def _settle(self, new: NewGeneration) -> Settled | None:
        """`new` as it would be promised now; None where it would not be."""
        try:
            policy = await self._policies.read(new.place.team_id)
        except Transient:
            policy = Policy()
        if new.choice is None:
            return Settled(new.request, new.sources.preset)
        try:
            return settle(
                policy,
                new.choice,
                new.request,
                channel_id=new.place.ruled_channel_id,
                user_id=new.place.user_id,
                files=0 if new.sources.is_gathered else len(new.sources.references),
                applied=new.sources.preset,
            )
        except PresetConflictError:
            return None

    async def _estimate(self, request: ImageRequest) -> Estimate | None:
        try:
            return await self._prices.estimate(request.model, request.quantity)
        except ImagineError as error:
            log.warning("prices.read_failed", cause=error.cause)
            return None

    def _show(
        self,
        action: MessageAction,
        message: Message,
        new: NewGeneration | None = None,
        *,
        replaces: bool = False,
    ) -> None:
        """`replaces`: in place of the question, so that nobody presses its buttons again."""
        self._background.run(
            send_ephemeral(
                self._client,
                message,
                channel_id=action.channel.id,
                user_id=action.user.id,
                thread_ts=None if new is None else new.place.thread_ts,
                response_url=action.response_url if replaces else None,
                replaces=replaces,
            )
        )


def _may_be_sent(new: NewGeneration) -> bool:
    return new.is_whole and not any(find_spec_violations(each.request) for each in new.split())


def _compose(settled: Settled) -> ImageRequest:
    """The whole request, with the preset around it."""
    applied = settled.applied
    return settled.request if applied is None else applied.compose(settled.request)

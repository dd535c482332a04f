"""What people do with a brief as a whole: cancel what waits, make what is missing, make all of it
again, edit it. Buttons carry the id of its first part, so that whose a click is is looked at as for
any other result (bot/slack/kit/rights.py)."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, Rejected
from bot.generations.brief import Brief
from bot.generations.record import Generation, NewGeneration, Part, Place, State
from bot.images.showing import Show
from bot.slack.briefs import texts
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.ephemeral import answer_press
from bot.slack.kit.message import Message
from bot.slack.kit.payloads import MessageAction
from bot.slack.kit.ports import Gate, ImageForm, Refuse

# Two presses within this time are one.
PRESS_SECONDS: Final = 5.0
# The price on a button is as it was when it was posted.
_PRICE_LIFETIME: Final = timedelta(days=1)

log = structlog.get_logger()


class Briefs(Protocol):
    """The rows (bot/store/briefs.py)."""

    async def read(self, brief_id: str) -> Brief | None: ...
    async def cancel(self, brief_id: str, now: datetime, cause: str) -> list[str]: ...
    async def list_tries(self, prefix: str) -> list[tuple[Generation, ...]]: ...


class BriefService:
    """One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        background: BackgroundTasks,
        briefs: Briefs,
        gate: Gate,
        form: ImageForm,
        refuse: Refuse,
        note_cancelled: Callable[[list[str]], Awaitable[None]],
    ) -> None:
        """`note_cancelled` lets these parts leave the queue."""
        self._client = client
        self._background = background
        self._briefs = briefs
        self._gate = gate
        self._form = form
        self._refuse = refuse
        self._note_cancelled = note_cancelled

    async def cancel(self, action: MessageAction, part: Generation) -> None:
        """Refuse what of it was not sent for yet. Only by its requester."""
        cancelled: list[str] = []
        if part.brief_id is not None and part.place.user_id == action.user.id:
            cancelled = await self._briefs.cancel(
                part.brief_id, datetime.now(UTC), Cause.CANCELLED.value
            )
        if not cancelled:
            self._say(action, texts.CANNOT_CANCEL)
            return
        await self._note_cancelled(cancelled)
        self._say(action, texts.cancelled(len(cancelled)))

    async def make_missing(self, action: MessageAction, part: Generation) -> None:
        """What came to nothing, once: on disk when this returns."""
        brief = await self._find(action, part)
        if brief is None:
            return
        failed = [brief.new.parts[each.part - 1] for each in brief.failed if each.part]
        if not failed:
            self._say(action, texts.NOTHING_MISSING)
            return
        prefix = f"brief_missing:{brief.id}:"
        earlier = await self._briefs.list_tries(prefix)
        if any(_may_be_paid(each) for parts in earlier for each in parts):
            self._say(action, texts.MISSING_MADE_ALREADY)
            return
        origin = f"{prefix}{len(earlier)}"
        said = texts.MISSING_MADE_ALREADY
        await self._promise(action, brief, origin, tuple(failed), if_known=said)

    async def make_again(self, action: MessageAction, part: Generation) -> None:
        """All of it once more: on disk when this returns. Two presses within a moment are one."""
        brief = await self._find(action, part)
        if brief is not None:
            await self._make_again(action, brief, f"brief_again:{brief.id}:", brief.new.parts)

    async def _make_again(
        self, action: MessageAction, brief: Brief, prefix: str, parts: tuple[Part, ...]
    ) -> None:
        before = datetime.now(UTC) - timedelta(seconds=PRESS_SECONDS)
        earlier = await self._briefs.list_tries(prefix)
        number = sum(made[0].accepted_at < before for made in earlier)
        await self._promise(action, brief, f"{prefix}{number}", parts)

    async def make_group_again(self, action: MessageAction, part: Generation) -> None:
        """Those in one message once more, as `make_again`."""
        brief = await self._find(action, part)
        if brief is not None:
            first = next(iter(brief.group_of(part)), 0)
            prefix = f"group_again:{brief.id}:{first}:"
            await self._make_again(action, brief, prefix, _group(brief, part))

    async def edit_group(self, action: MessageAction, part: Generation) -> None:
        """The form, filled with those in one message."""
        brief = await self._find(action, part)
        if brief is not None:
            self._edit(action, brief, _group(brief, part))

    async def edit(self, action: MessageAction, part: Generation) -> None:
        """The form, filled with all of it."""
        brief = await self._find(action, part)
        if brief is not None:
            self._edit(action, brief, brief.new.parts)

    def _edit(self, action: MessageAction, brief: Brief, parts: tuple[Part, ...]) -> None:
        again = self._repeat(action, brief, f"edit:{brief.id}", parts)
        self._form.open_for_question(action, again, brief.new.preset)

    async def _find(self, action: MessageAction, part: Generation) -> Brief | None:
        brief = None if part.brief_id is None else await self._briefs.read(part.brief_id)
        if brief is None or part.blanked_at is not None:
            self._say(action, texts.GONE)
            return None
        return brief

    async def _promise(
        self,
        action: MessageAction,
        brief: Brief,
        origin: str,
        parts: tuple[Part, ...],
        *,
        if_known: str = texts.RUNS_ALREADY,
    ) -> None:
        """`if_known` is said if `origin` is promised."""
        new = self._repeat(action, brief, origin, parts)
        # The button has said its price, and asked; a day later that may be another.
        told_at = brief.told_at or datetime.now(UTC)
        is_old = datetime.now(UTC) - told_at > _PRICE_LIFETIME
        try:
            is_new = await self._gate.accept(new, may_ask=is_old)
        except Rejected as error:
            self._show(action, await self._refuse(new, error))
            return
        count = sum(part.request.quantity for part in parts)
        self._say(action, texts.started(count) if is_new else if_known)

    def _repeat(
        self, action: MessageAction, brief: Brief, origin: str, parts: tuple[Part, ...]
    ) -> NewGeneration:
        """These parts once more, for who pressed, in the thread where it stands."""
        old, place = brief.new, brief.place
        thread_ts = place.thread_ts or (None if old.show is Show.ME else brief.root_ts)
        if len(parts) == 1:
            (part,) = parts
            single = replace(old, request=part.request, sources=part.sources or old.sources)
            campaign = old.campaign if part.campaign is None else part.campaign
            old = replace(single, preset=part.preset, campaign=campaign)
            parts = ()
        if parts != brief.new.parts:
            old = replace(old, spread=None)  # that would be all of it
        return replace(
            old,
            id=str(uuid.uuid4()),
            origin=origin,
            place=Place(
                place.team_id,
                place.channel_id,
                action.user.id,
                thread_ts=thread_ts,
                for_channel_id=place.for_channel_id,
                for_thread_ts=place.for_thread_ts,
            ),
            parts=parts,
            accepted_at=datetime.now(UTC),
            approved_by=None,
            terms=None,
            choice=None,
        )

    def _say(self, action: MessageAction, text: str) -> None:
        self._show(action, show_sentence(text))

    def _show(self, action: MessageAction, message: Message) -> None:
        self._background.run(answer_press(self._client, action, message))


def _may_be_paid(tried: Generation) -> bool:
    """Whether it has made something, may yet, or may have been charged for, nobody knows."""
    return tried.told_at is None or bool(tried.pictures) or tried.state is State.UNKNOWN


def _group(brief: Brief, part: Generation) -> tuple[Part, ...]:
    """Those that are shown with `part`, as they were planned."""
    return tuple(brief.new.parts[number - 1] for number in brief.group_of(part))

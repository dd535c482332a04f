"""Shows votes: posts their messages, keeps them up to date, and says what is to be said in threads.

What is due is in rows (bot/store/picks.py), and shown by one process at a time. Whatever number of
votes comes while one state is being shown, the next edit shows the newest: hundreds in a minute
are some thirty edits. After a crash the sweep of a working process goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import structlog
from cachetools import LRUCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, ImagineError, Rejected, Transient
from bot.generations.pick import Note, Round, find_left
from bot.limits import Rate
from bot.slack.kit.ephemeral import say_directly
from bot.slack.kit.ids import MessageKind
from bot.slack.kit.message import Message
from bot.slack.kit.posting import Address, Form, Poster, Subject, showing
from bot.slack.picks import texts
from bot.slack.picks.subject import Subject as Pictures
from bot.slack.picks.subject import Subjects
from bot.slack.picks.views import show_note, show_round

# Edits of one vote's message: a few at once, then one in this time.
EDITS_AT_ONCE: Final = 8
EDIT_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 2.0
_CLOCKS_DIFFER_SECONDS: Final = 60.0
_KEPT: Final = 1000

Decide = Callable[[Any], tuple[int, ...] | None]

log = structlog.get_logger()


class Rounds(Protocol):
    """The rows (bot/store/picks.py). Raises Transient."""

    async def read(self, round_id: str) -> Round | None: ...
    async def list_due(self, now: datetime) -> list[str]: ...
    async def claim(self, round_id: str, now: datetime) -> bool: ...
    async def note_shown(self, round_id: str, changes: int) -> None: ...
    async def postpone(self, round_id: str, until: datetime) -> None: ...
    async def note(self, round_id: str, **changes: Any) -> None: ...
    async def note_lost(self, round_: Round, now: datetime) -> None: ...
    async def note_said(self, note_id: str, **changes: Any) -> None: ...
    async def close(
        self, round_id: str, user_id: str | None, decide: Decide, now: datetime
    ) -> tuple[Round | None, bool]: ...


class PickDelivery:
    """One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        poster: Poster,
        rounds: Rounds,
        subjects: Subjects,
        mark: Callable[[Pictures, Collection[str]], Awaitable[None]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`mark` says in the first message of the pictures, and in those that show what has these
        ids, which was chosen."""
        self._client = client
        self._poster = poster
        self._rounds = rounds
        self._subjects = subjects
        self._mark = mark
        self._clock = clock
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._woken: set[str] = set()
        self._is_closing = False
        self._rates: LRUCache[str, Rate] = LRUCache(_KEPT)

    def wake(self, round_id: str) -> None:
        """Something of it is to be shown: soon, and once for all that comes until then."""
        if self._is_closing:
            return
        self._woken.add(round_id)
        if round_id not in self._runs:
            self._runs[round_id] = asyncio.create_task(self._run(round_id))

    async def look(self) -> None:
        """Show what another process, or the one before this, has left. Raises Transient."""
        for round_id in await self._rounds.list_due(self._clock()):
            self.wake(round_id)

    async def close(self) -> None:
        """What is left is for the next process."""
        self._is_closing = True
        runs = list(self._runs.values())
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)

    async def _run(self, round_id: str) -> None:
        try:
            while round_id in self._woken:
                self._woken.discard(round_id)
                while await self._rounds.claim(round_id, self._clock()):
                    await self._show_in_turn(round_id)
        except ImagineError as error:
            log.warning("vote.not_shown", cause=error.cause, detail=error.detail)
        except Exception:
            log.exception("vote.not_shown", round=round_id)
        finally:
            self._woken.discard(round_id)
            self._runs.pop(round_id, None)

    async def _show_in_turn(self, round_id: str) -> None:
        rate = self._rates.setdefault(round_id, Rate(1 / EDIT_SECONDS, EDITS_AT_ONCE))
        wait = rate.wait_seconds(time.monotonic())
        rate.take(time.monotonic())
        await asyncio.sleep(wait)
        try:
            shown = await self._show(round_id)
        except Transient as error:
            seconds = error.retry_after_seconds or LOOK_SECONDS
            await self._rounds.postpone(round_id, self._clock() + timedelta(seconds=seconds))
            raise
        await self._rounds.note_shown(round_id, shown)

    async def _show(self, round_id: str) -> int:
        """Show the newest state; how many changes that are."""
        await self._poster.pace.edit_turn()  # first: what comes while it waits is shown, too
        round_ = await self._rounds.read(round_id)
        if round_ is None:
            return 0
        subject = await self._subjects.read(round_.generation_id)
        if round_.is_open and not find_left(round_.candidates, subject.made):
            await self._rounds.close(round_id, None, lambda _votes: (), self._clock())
            round_ = await self._rounds.read(round_id) or round_
        is_said = round_.lost_at is not None
        if round_.message_ts is not None:
            is_said = await self._edit(round_, subject)
        elif round_.lost_at is None:
            is_said = await self._post(round_, subject)
        for note in round_.notes:
            if note.ts is None:
                await self._say(note, round_, subject)
        if not round_.is_open:
            await self._mark_chosen(round_)
        return round_.changes if is_said else round_.shown

    async def _mark_chosen(self, round_: Round) -> None:
        marked = {
            each.generation_id
            for each in round_.candidates
            if each.key in round_.winners or round_.number > 1  # another one may have been before
        }
        if not marked:
            return
        try:
            await self._mark(await self._subjects.read(round_.generation_id), marked)
        except Rejected as error:
            log.warning("vote.mark_refused", cause=error.cause, detail=error.detail)

    async def _post(self, round_: Round, subject: Pictures) -> bool:
        """Post its message; whether that says all of it. The names of who has voted come with the
        first edit: edits notify nobody."""
        about, address = _about(round_.id, round_.opened_at), _address(round_)
        if round_.intended_at is not None:
            found, _ = await self._poster.find_own(about, MessageKind.VOTE, address)
            if found is not None:
                await self._rounds.note(round_.id, message_ts=found)
                return False
        await self._rounds.note(round_.id, intended_at=self._clock())
        plain = show_round(round_, subject, has_names=False, has_pictures=False)
        forms = showing(show_round(round_, subject, has_names=False))
        forms += [Form(plain), Form(Message(plain.text), has_metadata=False)]
        try:
            posted = await self._poster.post_first(about, MessageKind.VOTE, address, forms)
        except Rejected as error:
            await self._give_up(round_, error.cause)
            return True
        where = {"channel_id": posted.channel_id, "message_ts": posted.ts}
        await self._rounds.note(round_.id, **where, is_wanted=False)
        return not (round_.votes or round_.notes or not round_.is_open)

    async def _give_up(self, round_: Round, cause: Cause) -> None:
        """The place takes no message: nobody can vote, and who asked for it is told."""
        log.warning("vote.not_posted", cause=cause)
        await self._rounds.close(round_.id, None, lambda _votes: (), self._clock())
        await self._rounds.note(round_.id, lost_at=self._clock())
        said = Message(texts.not_posted(cause, round_.channel_id))
        await say_directly(self._client, said, round_.opened_by)

    async def _edit(self, round_: Round, subject: Pictures) -> bool:
        """Whether its message says all of it now; False where it is gone, and is dealt with anew.
        Where Slack refuses to edit a message with files in it (python-slack-sdk#1511), those go:
        they stand above, in the result. They are never put back, which Slack would show as broken
        (java-slack-sdk#1441)."""
        ts = round_.message_ts or ""
        try:
            if not round_.is_plain:
                try:
                    await self._poster.edit(round_.channel_id, ts, show_round(round_, subject))
                except Rejected as error:
                    if error.cause is not Cause.REFUSED_BY_SLACK:
                        raise
                    log.warning("vote.pictures_refused", detail=error.detail)
                    await self._rounds.note(round_.id, is_plain=True)
                    round_ = replace(round_, is_plain=True)
            if round_.is_plain:
                plain = show_round(round_, subject, has_pictures=False)
                await self._poster.edit(round_.channel_id, ts, plain)
        except Rejected as error:
            if error.detail == "message_not_found":
                await self._rounds.note_lost(round_, self._clock())
                return False
            log.warning("vote.edit_refused", cause=error.cause, detail=error.detail)
        except Transient as error:
            if error.retry_after_seconds is not None:
                await self._poster.pace.hold_edits(error.retry_after_seconds)
            raise
        if round_.is_wanted:
            await self._rounds.note(round_.id, is_wanted=False)
        return True

    async def _say(self, note: Note, round_: Round, subject: Pictures) -> None:
        """In the thread, once, as far as that can be known."""
        about, address = _about(note.id, note.said_at), _address(round_)
        if note.intended_at is not None:
            found, _ = await self._poster.find_own(about, MessageKind.VOTE_NOTE, address)
            if found is not None:
                await self._rounds.note_said(note.id, ts=found)
                return
        await self._rounds.note_said(note.id, intended_at=self._clock())
        message = show_note(note, round_, subject)
        forms = [*showing(message), Form(Message(message.text), has_metadata=False)]
        try:
            posted = await self._poster.post_first(about, MessageKind.VOTE_NOTE, address, forms)
        except Rejected as error:
            log.warning("vote.note_refused", cause=error.cause, detail=error.detail)
            await self._rounds.note_said(note.id, ts="")
        else:
            await self._rounds.note_said(note.id, ts=posted.ts)


def _about(id_: str, since: datetime) -> Subject:
    return Subject(id_, f"{since.timestamp() - _CLOCKS_DIFFER_SECONDS:.6f}")


def _address(round_: Round) -> Address:
    return Address(round_.channel_id, round_.thread_ts)

"""Drafts: what is typed is written down within a second, and offered again when the form opens."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import structlog

from bot.errors import ImagineError
from bot.generations.approval import ApprovalState
from bot.generations.record import State
from bot.slack.image_form.values import FormValues
from bot.slack.kit.background_tasks import BackgroundTasks

# Slack tells every letter that is typed: they are written down together.
_PAUSE_SECONDS: Final = 0.7
# What was sent and came to this, or was only offered for approval, is still to be made.
_UNMADE: Final[frozenset[str | None]] = frozenset(
    {
        None,
        State.REFUSED,
        ApprovalState.OFFERED,
        ApprovalState.DENIED,
        ApprovalState.EXPIRED,
        ApprovalState.UNREACHED,
    }
)

log = structlog.get_logger()


class Draft(Protocol):
    """What was kept."""

    @property
    def form(self) -> dict[str, Any]:
        """The form's content."""

    @property
    def sent_state(self) -> str | None:
        """The state of the generation that it was sent as, or of its approval; None where it was
        not sent."""

    @property
    def refused_files(self) -> Collection[str]:
        """Its files that could not be used when it was sent."""


class DraftShelf(Protocol):
    """Where drafts are kept (bot/store/drafts.py)."""

    async def save(
        self,
        team_id: str,
        user_id: str,
        form: dict[str, Any],
        now: datetime,
        *,
        generation_id: str | None = None,
    ) -> None: ...
    async def find(self, team_id: str, user_id: str, now: datetime) -> Draft | None: ...
    async def forget(self, team_id: str, user_id: str) -> None: ...


class Drafts:
    """One draft per person. Losing one costs typing, never a credit: a failure is only logged."""

    def __init__(self, shelf: DraftShelf, background: BackgroundTasks) -> None:
        self._shelf = shelf
        self._background = background
        self._unsaved: dict[tuple[str, str], FormValues] = {}
        self._is_writing = False
        self._turn = asyncio.Lock()  # of two writes the later one stays

    def note(self, team_id: str, user_id: str, values: FormValues) -> None:
        """The form holds `values` now; nothing at all, where they are blank."""
        self._unsaved[team_id, user_id] = values
        if not self._is_writing:
            self._is_writing = True
            self._background.run(self._write())

    async def mark_sent(
        self, team_id: str, user_id: str, values: FormValues, generation_id: str
    ) -> None:
        """The form was sent, or is offered for approval: it comes back only if that is refused, or
        nobody asks for it."""
        self._unsaved.pop((team_id, user_id), None)
        async with self._turn:
            await self._save(team_id, user_id, values, generation_id)

    async def note_closed(self, team_id: str, user_id: str, values: FormValues) -> None:
        """The form was closed with `values` in it: they are noted, but for what is kept already.
        So what was asked for, in whichever process, stays sent."""
        if (team_id, user_id) not in self._unsaved:
            kept = await self._read_form(team_id, user_id)
            if kept is not None and kept[0].fingerprint == values.fingerprint:
                return
        self.note(team_id, user_id, values)

    async def find(self, team_id: str, user_id: str) -> FormValues | None:
        """What was not sent, or was sent and refused."""
        values = self._unsaved.get((team_id, user_id))
        if values is None:
            async with self._turn:  # what was sent a moment ago may be on its way to the disk
                values = await self._read(team_id, user_id)
        return None if values is None or values.is_blank else values

    async def _read(self, team_id: str, user_id: str) -> FormValues | None:
        kept = await self._read_form(team_id, user_id)
        return kept[0] if kept is not None and kept[1] in _UNMADE else None

    async def _read_form(self, team_id: str, user_id: str) -> tuple[FormValues, str | None] | None:
        """What is on the shelf, with what became of it."""
        try:
            draft = await self._shelf.find(team_id, user_id, datetime.now(UTC))
            if draft is None:
                return None
            values = FormValues.model_validate(draft.form)
            return values.without_files(draft.refused_files), draft.sent_state
        except (ImagineError, ValueError) as error:  # of another version, or broken
            log.warning("draft.read_failed", error=type(error).__name__)
            return None

    async def forget(self, team_id: str, user_id: str) -> None:
        """The person begins afresh."""
        self._unsaved.pop((team_id, user_id), None)
        try:
            async with self._turn:
                await self._shelf.forget(team_id, user_id)
        except ImagineError as error:
            log.warning("draft.delete_failed", cause=error.cause)

    async def _write(self) -> None:
        try:
            while self._unsaved:
                await asyncio.sleep(_PAUSE_SECONDS)
                await self.flush()
        finally:
            self._is_writing = False

    async def flush(self) -> None:
        """Write down what is not on disk yet."""
        for key, values in list(self._unsaved.items()):
            async with self._turn:
                if self._unsaved.get(key) is not values:
                    continue  # newer words came, or it was sent meanwhile
                await self._save(*key, values, None)
            if self._unsaved.get(key) is values:
                del self._unsaved[key]

    async def _save(
        self, team_id: str, user_id: str, values: FormValues, generation_id: str | None
    ) -> None:
        form = values.model_dump(mode="json")
        try:
            await self._shelf.save(
                team_id, user_id, form, datetime.now(UTC), generation_id=generation_id
            )
        except ImagineError as error:
            log.warning("draft.save_failed", cause=error.cause)

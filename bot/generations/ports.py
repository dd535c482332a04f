"""What the workflow needs of the other rooms, as small protocols of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.generations.fair_queue import QueuePosition
from bot.generations.record import Generation, NewGeneration, Picture, State
from bot.generations.usage import Usage
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.policy.presets import StoredReference
from bot.policy.terms import OverBudget, Terms


@dataclass(frozen=True, slots=True)
class Receipt:
    """PowerPost's answer to the request that paid."""

    image_generation_id: str
    credits_used: float | None
    remaining_credits: float | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A picture that PowerPost has made."""

    media_id: str
    url: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class PollResult:
    """What PowerPost says of a generation. `message` is its own words on a failure, `prompt` what
    the pictures are made from: the one that was sent, or one that it derived from captions."""

    is_ended: bool
    is_failed: bool = False
    pictures: tuple[MadePicture, ...] = ()
    message: str | None = None
    request_id: str | None = None
    prompt: str | None = None


class PowerPost(Protocol):
    """The service that makes pictures. Methods raise the errors of bot/errors.py."""

    def for_workspace(self, workspace_id: str | None) -> PowerPost:
        """The same, bound to that workspace: what is made in one is not there in another. None: the
        default one."""

    def submission_turn(self) -> AbstractAsyncContextManager[None]:
        """A turn of the limiter, to be held before the intent is stored."""

    async def submit(self, request: ImageRequest) -> Receipt:
        """Send the one paid request. Never sends twice."""

    async def poll(self, image_generation_id: str) -> PollResult:
        """Ask what became of it. Free."""

    async def balance(self) -> float:
        """The account's credits. Free."""


class Permission(Protocol):
    """The workspace's rules and budgets, which may be others than when the request was promised."""

    async def check(self, generation: Generation, *, is_last: bool) -> Terms:
        """Whether it may still be paid for, by the rules, and on what terms. `is_last`: the next
        thing is the payment. Raises Rejected (NOT_ALLOWED, with the names of the rules as detail;
        OUTSIDER) where it may not, Transient where that is not known now."""

    async def offer(self, generation: Generation, error: OverBudget) -> OverBudget:
        """`error`, which names how approval can be asked for, where there is anybody to ask."""


class References(Protocol):
    """Reference pictures: files in Slack that become PowerPost's media."""

    async def gather(self, generation: Generation) -> tuple[str, ...]:
        """The `media_id` of each of the generation's reference files, in order; uploads what
        PowerPost does not have yet in the generation's workspace. Raises UnusableFiles with all
        that cannot be used: then none was uploaded, unless it was PowerPost that refused one."""

    async def gather_preset(self, generation: Generation) -> tuple[StoredReference, ...]:
        """The pictures of its preset, those that PowerPost had in another workspace uploaded from
        their files. Raises as `gather`."""

    async def forget(self, media_ids: tuple[str, ...], workspace_id: str | None = None) -> None:
        """PowerPost does not know one of these there any more."""


class Phase(StrEnum):
    """What the status line says while a generation runs."""

    WAITING = "waiting"
    IN_LINE = "in_line"  # behind others of the same person; may be cancelled
    HELD_UP = "held_up"  # PowerPost is busy or away; nothing was sent yet
    ASKED = "asked"  # the request that pays was sent, and is not answered yet
    GENERATING = "generating"
    LATE = "late"  # far beyond the usual; still looked for
    MISSING = "missing"  # PowerPost took it, and says now that it does not know it
    FETCHING = "fetching"


@dataclass(frozen=True, slots=True)
class Progress:
    """One state of the status line."""

    phase: Phase
    elapsed_seconds: float = 0.0
    position: QueuePosition | None = None  # with IN_LINE


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message came to stand: a person's id as the address becomes their conversation's."""

    channel_id: str
    ts: str


class Publisher(Protocol):
    """The people in Slack. Methods raise the errors of bot/errors.py and may be repeated."""

    async def post_root(self, generation: Generation) -> Posted:
        """Post the root message (or find it, where it may be there already)."""

    async def show_progress(self, generation: Generation, progress: Progress) -> None:
        """Edit the status line. May be dropped; never raises for Slack's sake."""

    async def upload_picture(self, generation: Generation, picture: Picture) -> str:
        """Download, convert and upload `picture`; the Slack file's id, ready to be shown."""

    async def post_outcome(self, generation: Generation, usage: Usage) -> Posted | None:
        """Post the result, or what went wrong, where the person sees it (or find it, where it may
        be there already); None where it was told privately."""

    async def show_outcome(self, generation: Generation, usage: Usage) -> None:
        """Edit the status line for the last time."""

    async def post_late(self, generation: Generation, pictures: Sequence[Picture]) -> None:
        """Post pictures that were linked and are files in Slack now, beside the result."""


class Store(Protocol):
    """The rows. See bot/store/generations.py for what each guarantees."""

    async def accept(self, new: NewGeneration) -> bool: ...
    async def find_kept(self, news: Sequence[NewGeneration]) -> dict[str, str]: ...
    async def read_own(self, generation_id: str) -> Generation: ...
    async def advance(
        self, generation_id: str, before: State, after: State, **changes: Any
    ) -> bool: ...
    async def intend(self, generation: Generation, terms: Terms | None, **changes: Any) -> bool: ...
    async def hand_back(self, generation_id: str, intent: str) -> bool: ...
    async def revive(self, generation_id: str, **receipt: Any) -> bool: ...
    async def note(
        self, generation_id: str, *, while_state: State | None = None, **changes: Any
    ) -> bool: ...
    async def finish(
        self, generation_id: str, found: Iterable[Picture], **changes: Any
    ) -> bool: ...
    async def note_picture(self, generation_id: str, position: int, **changes: Any) -> None: ...
    async def list_pending(self) -> list[str]: ...
    async def recent_durations(self, model: Model, quantity: int, limit: int) -> list[float]: ...


class Refund(Protocol):
    """Credits that came back: an entry of the ledger."""

    @property
    def generation_id(self) -> str: ...
    @property
    def credits(self) -> float | None: ...


class Settled(Protocol):
    """What is known of a generation's refund."""

    @property
    def refunded(self) -> float | None:
        """Credits that a balance has shown to be back."""

    @property
    def confirmed(self) -> Sequence[Refund]:
        """Refunds of whatever generation that were found in the balances just now."""


Settle = Callable[[str, datetime], Awaitable[Settled]]
"""Enters in the ledger, at this time, what comes back of a generation that has ended, and confirms
what has come (bot/store/ledger.py)."""


class OutcomeCounter(Protocol):
    """Keeps count of what generations came to."""

    def note_delivered(self, generation: Generation, usage: Usage, /) -> None:
        """The outcome of `generation` was told, with this `usage`. Never raises."""

    def note_refund(self, credits_: float, /) -> None:
        """So many credits were seen to be back. Never raises."""


class Step(StrEnum):
    """The steps of a generation, in order: the same in every run, each passing on what is done."""

    GATHER = "gather"
    ANNOUNCE = "announce"
    INTEND = "intend"
    SUBMIT = "submit"
    WAIT = "wait"
    FETCH = "fetch"
    TELL = "tell"


# The whole life of a generation, by its id. May be run again and again.
Workflow = Callable[[str], Awaitable[None]]

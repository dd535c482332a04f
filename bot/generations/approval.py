"""A request over budget that somebody may let through: what is kept of it, and who may. Pure.

    offered ──> asked ──> approved   (its generation is promised in the same moment)
                  ├────> denied     (with a reason)
                  ├────> expired    (nobody decided within a day)
                  └────> unreached  (Slack has no way to anybody who may)

What was offered and not asked for within a day is forgotten. What is approved has the origin of the
request: delivered twice, or approved twice, it is made once.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from bot.errors import NewerVersion
from bot.generations.record import NewGeneration
from bot.images.showing import Show
from bot.policy.policy import WorkspaceSettings
from bot.policy.terms import ExceededBudget, OverBudget

APPROVAL_LIFETIME: Final = timedelta(hours=24)
# Of one person's, at one time: what waits for a decision, and what could be asked for. Of more
# offers the oldest is forgotten.
ASKED_MAX: Final = 5
OFFERED_MAX: Final = 20
# The address of what is said to the one who asked.
REQUESTER: Final = ""


class ApprovalState(StrEnum):
    """Where a request over budget stands."""

    OFFERED = "offered"
    ASKED = "asked"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Approval:
    """One of them. `new` is what will be promised; `shortfalls` are the budgets as they were when
    it was refused. Times are UTC."""

    id: str
    new: NewGeneration
    shortfalls: tuple[ExceededBudget, ...]
    expires_at: datetime
    state: ApprovalState = ApprovalState.OFFERED
    asked_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None

    @property
    def requester(self) -> str:
        """Who wants it."""
        return self.new.place.user_id

    def approved_generation(self, approver: str, now: datetime) -> NewGeneration:
        """What is promised when `approver` lets it through."""
        return replace(self.new, approved_by=approver, accepted_at=now)


def name_offer(new: NewGeneration, number: int) -> str:
    """The id of an offer. The same request that is delivered twice has one, until that is decided:
    then the next `number` comes."""
    place = new.place
    what = new.request.model_dump_json(), new.sources.model_dump_json()
    name = "\n".join((new.origin, place.team_id, place.user_id, *what, str(number)))
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


@dataclass(frozen=True, slots=True)
class ApprovalMessage:
    """Something that is to be said now, and was taken by this process until `due_at`. `ts` is None
    where it was never posted."""

    approval: Approval
    address: str
    due_at: datetime
    channel_id: str | None = None
    ts: str | None = None


class Verdict(StrEnum):
    """What a click on a card, or on "Ask for approval", came to."""

    DONE = "done"
    ENDED = "ended"  # it was decided before, or too late
    OWN = "own"  # nobody decides on their own
    NOT_APPROVER = "not_approver"
    NOT_REQUESTER = "not_requester"  # only who wants it asks for it
    NOBODY = "nobody"  # there is nobody who may approve
    TOO_MANY = "too_many"  # as many wait for a decision as may
    GONE = "gone"  # it is not known any more


def find_addresses(settings: WorkspaceSettings, requester: str) -> tuple[str, ...]:
    """Where the cards go: to the channel, else to each approver. Empty where nobody but the
    requester could decide."""
    others = tuple(dict.fromkeys(who for who in settings.approvers if who != requester))
    if settings.approval_channel is None:
        return others
    is_anyone = not settings.approvers  # whoever is in the channel
    return (settings.approval_channel,) if is_anyone or others else ()


def judge(
    settings: WorkspaceSettings, approval: Approval, user_id: str, channel_id: str
) -> Verdict:
    """Whether `user_id`, who clicked in `channel_id`, may decide: DONE where they may. Approvers
    where some are named, else whoever is in the approval channel; nobody on their own."""
    if user_id == approval.requester:
        return Verdict.OWN
    if settings.approvers:
        return Verdict.DONE if user_id in settings.approvers else Verdict.NOT_APPROVER
    is_there = settings.approval_channel is not None and channel_id == settings.approval_channel
    return Verdict.DONE if is_there else Verdict.NOT_APPROVER


# What the version before does not know: it can read what says nothing of it.
_YOUNGER: Final = {
    "": ("show", "chain", "parts", "spread", "brief_id", "part", "campaign"),
    "place": ("for_channel_id", "for_thread_ts"),
    "choice": ("show",),
}


def dump_request(new: NewGeneration) -> Any:
    """`new` as JSON, without its terms: they are found again when it is approved."""
    document = _requests().dump_python(replace(new, terms=None), mode="json")
    for part, names in _YOUNGER.items():
        held = document.get(part) if part else document
        for name in names if held else ():
            if held[name] in (None, Show.THREAD, []):
                del held[name]
    return document


def load_request(document: Any) -> NewGeneration:
    """What `dump_request` made. Raises NewerVersion where that was another version's, and says
    more than this one knows."""
    try:
        return _requests().validate_python(document, extra="forbid")
    except ValidationError:
        raise NewerVersion("approval") from None  # its text would quote the prompt


def dump_shortfalls(shortfalls: tuple[ExceededBudget, ...]) -> Any:
    """`shortfalls` as JSON."""
    return _shortfalls().dump_python(shortfalls, mode="json")


def load_shortfalls(document: Any) -> tuple[ExceededBudget, ...]:
    """What `dump_shortfalls` made. Raises NewerVersion."""
    try:
        return _shortfalls().validate_python(document)
    except ValidationError:
        raise NewerVersion("approval") from None


def dump_over_budget(error: OverBudget) -> Any:
    """`error` as JSON."""
    return {
        "approval_id": error.approval_id,
        "shortfalls": dump_shortfalls(error.shortfalls),
    }


def load_over_budget(document: Any) -> OverBudget:
    """What `dump_over_budget` made."""
    shortfalls = load_shortfalls(document["shortfalls"])
    return OverBudget(shortfalls, approval_id=document["approval_id"])


@cache
def _requests() -> TypeAdapter[NewGeneration]:
    return TypeAdapter(NewGeneration)


@cache
def _shortfalls() -> TypeAdapter[tuple[ExceededBudget, ...]]:
    return TypeAdapter(tuple[ExceededBudget, ...])

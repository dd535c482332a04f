"""The words of a brief. What is mrkdwn is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.credits.amounts import amount
from bot.credits.estimates import Estimate
from bot.credits.ledger import Bill
from bot.errors import Cause
from bot.generations.brief import Brief, PartPhase, find_phase
from bot.generations.record import Generation, State
from bot.generations.usage import Usage
from bot.slack.kit import failure_texts, generation_texts, price_texts
from bot.slack.kit.text import (
    NOTHING_SPENT,
    credits_of,
    escape,
    joined,
    picture_count,
    shorten,
)

LABEL_MAX: Final = 80
_MARKS: Final = {
    PartPhase.WAITING: (":hourglass_flowing_sand:", "waiting"),
    PartPhase.MAKING: (":art:", "generating"),
    PartPhase.MADE: (":white_check_mark:", "made"),
    PartPhase.FAILED: (":x:", "failed"),
    PartPhase.REFUSED: (":no_entry:", "not started"),
    PartPhase.CANCELLED: (":no_entry:", "cancelled"),
    PartPhase.UNKNOWN: (":question:", "outcome unknown"),
}

# Only who asked may, and only while something waits.
CANNOT_CANCEL: Final = (
    "Only the person who asked can cancel this, and only what's still waiting. "
    "What is being made is already paid for."
)
GONE: Final = f"I no longer have this request. {NOTHING_SPENT} Please ask again."
MISSING_MADE_ALREADY: Final = (
    "The missing pictures have been made already, or are being made: see below. Nothing more "
    "was spent."
)
RUNS_ALREADY: Final = "You asked for that a moment ago, so I won't make it twice."
NOTHING_MISSING: Final = f"Nothing is missing any more. {NOTHING_SPENT}"


def name_of(brief: Brief, part: Generation) -> str:
    """`3 · red · story`: which part it is, and what makes it different. Plain text."""
    label = shorten(brief.label_of(part), LABEL_MAX)
    return f"{part.part} · {label}" if label else f"{part.part}"


def deleted_line(name: str) -> str:
    """In place of pictures that were taken away since. Plain text."""
    return f"{name}: deleted"


def asked_mrkdwn(brief: Brief) -> str:
    """Who asked for how many pictures, made how."""
    new = brief.new
    by = f" · approved by {generation_texts.mention(new.approved_by)}" if new.approved_by else ""
    who = generation_texts.mention(new.place.user_id)
    return f"{who} asked for {generation_texts.wanted_of(new)}{by}"


def lines_mrkdwn(brief: Brief) -> list[str]:
    """A line for each part."""
    return [_line(brief, part) for part in brief.parts]


def _line(brief: Brief, part: Generation) -> str:
    mark, said = _MARKS[find_phase(part)]
    line = f"{mark} *{part.part}* {escape(shorten(brief.label_of(part), LABEL_MAX))} · {said}"
    if missing := part.pictures_missing if find_phase(part) is PartPhase.MADE else 0:
        line += f", {missing} missing"
    chosen = [str(each.position) for each in part.pictures if each.chosen_at is not None]
    if chosen:
        which = f" picture {joined(chosen)}" if len(part.pictures) > 1 else ""
        line += f" · :trophy:{which} *chosen*"
    return line


def status_mrkdwn(brief: Brief, estimate: Estimate | None) -> str:
    """How far it is, with what it will probably take."""
    price = f" · {price_texts.about(estimate)}" if estimate is not None else ""
    return f":art: *{_count(brief)}*{price}"


def _count(brief: Brief) -> str:
    """`7 of 12 made, 2 failed`: in parts, as the lines are."""
    phases = Counter(map(find_phase, brief.parts))
    said = [f"{phases[PartPhase.MADE]} of {len(brief.parts)} made"]
    said += [
        f"{phases[phase]} {_MARKS[phase][1]}"
        for phase in (
            PartPhase.FAILED,
            PartPhase.REFUSED,
            PartPhase.CANCELLED,
            PartPhase.UNKNOWN,
        )
        if phases[phase]
    ]
    return ", ".join(said)


def ended_mrkdwn(brief: Brief, money: Money, link: str | None) -> str:
    """The root message's last status line, with a `link` to the summary."""
    is_all = all(find_phase(part) is PartPhase.MADE for part in brief.parts)
    mark = ":white_check_mark:" if is_all else ":warning:"
    count = f"<{link}|{_count(brief)}>" if link else _count(brief)
    return f"{mark} *{count}* · {escape(money.text)}"


@dataclass(frozen=True, slots=True)
class Money:
    """What a brief came to. None: not known."""

    used: float | None
    refunded: float
    is_refund_due: bool
    left: float | None
    unknown: int = 0  # of so many parts nobody knows whether they were charged for

    @property
    def text(self) -> str:
        """`Used 68 credits · 4 credits refunded · 240 left`."""
        used = "an unknown number of credits" if self.used is None else credits_of(self.used)
        said = [f"Used {'at least ' if self.unknown else ''}{used}"]
        if self.unknown:
            said.append(f"{self.unknown} of them may have been charged for")
        if self.refunded:
            said.append(f"{credits_of(self.refunded)} refunded")
        if self.is_refund_due:
            said.append("PowerPost refunds what failed")
        if self.left is not None:
            said.append(f"{amount(self.left)} left")
        return " · ".join(said)


def add_up(parts: Sequence[Generation], bills: dict[str, Bill]) -> Money:
    """What all of them took, what came back, and the balance at the latest moment known."""
    used: float | None = 0.0
    for part in parts:
        if part.image_generation_id is None:
            continue
        bill = bills.get(part.id)
        taken = part.credits_used if bill is None else bill.taken
        used = None if used is None or taken is None else used + taken
    refunded = sum(bill.back for bill in bills.values())
    told = [
        (part.finished_at or part.accepted_at, left)
        for part in parts
        if (left := _balance(part)) is not None
    ]
    left = max(told, key=lambda each: each[0])[1] if told else None
    is_due = any(
        part.is_refund_due and not (bills[part.id].back if part.id in bills else 0)
        for part in parts
    )
    unknown = sum(
        part.state is State.UNKNOWN and part.image_generation_id is None for part in parts
    )
    return Money(used, refunded, is_due, left, unknown)


def _balance(part: Generation) -> float | None:
    return part.balance_at_end if part.balance_at_end is not None else part.balance_after


def parts_intro(brief: Brief, parts: Sequence[Generation]) -> str:
    """The first sentence of a message with pictures."""
    made = sum(len(part.pictures) for part in parts)
    total = sum(part.request.quantity for part in brief.parts)
    if not made:
        return f"{len(parts)} of your {len(brief.parts)} requests made no picture."
    if made == total:
        return f"Here are your {made} pictures."
    which = "is 1 picture" if made == 1 else f"are {made} pictures"
    return f"Here {which} of {total}."


def failure_line(brief: Brief, part: Generation) -> str:
    """What went wrong with one part. Plain text."""
    usage = Usage(part.credits_used, None, None, part.is_refund_due)
    return f"{name_of(brief, part)}: {failure_texts.failure_text(part, usage)}"


def summary_intro(brief: Brief) -> str:
    """The first sentence of the last message."""
    made = sum(len(part.pictures) for part in brief.parts)
    wanted = sum(part.request.quantity for part in brief.parts)
    if made == wanted:
        return f"That's all {picture_count(made)}."
    return f"{made} of {picture_count(wanted)} made."


def reply_hint(*, is_direct: bool) -> str:
    """How a reply changes one of them. Plain text."""
    mention = "" if is_direct else "@Imagine "
    return f"To change one, reply with its number: {mention}the 2nd one, with a darker sky."


def no_credits(brief: Brief) -> str:
    """What waits for credits; empty if nothing does."""
    short = [part for part in brief.parts if part.cause is Cause.INSUFFICIENT_CREDITS]
    if not short:
        return ""
    return (
        f"The PowerPost account had too few credits for {len(short)} of them; nothing was taken "
        "for those. Have credits added at powerpost.ai, then press the button below."
    )


def missing_label(parts: Iterable[Generation]) -> str:
    """The button that makes what came to nothing again."""
    return f"Make the missing {len(list(parts))}"


def again_title(estimate: Estimate | None) -> str:
    """The question before all of it is made again. At most 100 characters."""
    return "Make all of it again?" if estimate is None else price_texts.confirm_title(estimate)


def again_text(count: int, estimate: Estimate | None) -> str:
    """What it will probably take. Plain text, at most 300 characters."""
    price = "" if estimate is None else f", {price_texts.about(estimate)} together"
    return f"{picture_count(count)}{price}."


def started(count: int) -> str:
    """A button was pressed. Plain text."""
    return f"{picture_count(count)} are being made." if count != 1 else "It is being made."


def cancelled(count: int) -> str:
    """So many parts were cancelled. Plain text."""
    return f"Cancelled {count} that were waiting. {NOTHING_SPENT.rstrip('.')} for those."

"""What was spent in a month, by whom, where, with which model, for which campaign, in
which of PowerPost's workspaces: the figures of a report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.images.usage import By, Month
from bot.policy.budgets import Period, Window, find_window
from bot.policy.workspaces import PowerPostWorkspaces

# Not an id of Slack's: what has no line of its own, and people's conversations with the bot.
OTHERS: Final = "others"
DIRECT: Final = "direct"
NO_CAMPAIGN: Final = "none"
NAME_MARK: Final = ":"  # before the name of a campaign or a workspace, which may be any


@dataclass(frozen=True, slots=True)
class Line:
    """What `key` (an id of Slack's, a model, a campaign or workspace after its mark, OTHERS, DIRECT
    or NO_CAMPAIGN) came to. Credits are PowerPost's."""

    key: str
    credits: float  # what PowerPost took, less what was seen to come back
    coming_back: float  # of it, what is still expected back
    requests: int  # that were charged
    pictures: int  # that were made
    unpriced: int = 0  # charged, and PowerPost did not say how much


@dataclass(frozen=True, slots=True)
class Report:
    """The lines of a month, those that cost most first, and their sum."""

    by: By
    month: Month
    lines: tuple[Line, ...]
    total: Line


@dataclass(frozen=True, slots=True)
class Charged:
    """One generation that was paid for, as the ledger has it, or whose outcome nobody knows.
    `counts_at` is the charge's time, else when it was sent. Of an old one `size` may be gone."""

    generation_id: str
    counts_at: datetime
    user_id: str
    channel_id: str
    model: str
    quantity: int  # pictures that were asked for
    delivered: int  # pictures that came
    credits: float | None
    coming_back: float
    approved_by: str | None
    size: str | None = None
    preset: str | None = None
    state: str | None = None  # State's, or one of a newer version's
    request_id: str | None = None  # PowerPost's, which its support asks for
    message: tuple[str, str, str | None] | None = None  # channel, ts, thread
    campaign: str | None = None
    powerpost_workspace: str | None = None  # its id; None: the default one


def find_month_window(month: Month, zone: ZoneInfo) -> Window:
    """When `month` begins and ends, by the clocks of `zone`."""
    within = datetime(month.year, month.number, 15, 12, tzinfo=zone)
    return find_window(Period.MONTH, within, zone)


def shape_report(by: By, month: Month, lines: Iterable[Line]) -> Report:
    """The report of these lines. What was made in direct messages is one line: whose they are is
    nobody's business, and no name of theirs means anything."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        is_direct = by is By.CHANNEL and line.key.startswith("D")
        found.setdefault(DIRECT if is_direct else line.key, []).append(line)
    summed = [_sum(key, each) for key, each in found.items()]
    ordered = sorted(summed, key=lambda line: (-line.credits, -line.requests, line.key))
    return Report(by, month, tuple(ordered), _sum("total", ordered))


def name_workspaces(lines: Iterable[Line], workspaces: PowerPostWorkspaces) -> list[Line]:
    """`lines`, whose keys are ids of PowerPost's workspaces ("": the default one), by their
    names."""
    return [replace(line, key=NAME_MARK + workspaces.name_of(line.key or None)) for line in lines]


def take_top(lines: Sequence[Line], most: int) -> tuple[Line, ...]:
    """At most `most` lines: where there are more, the last one is all the others."""
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], _sum(OTHERS, lines[most - 1 :]))


def _sum(key: str, lines: Sequence[Line]) -> Line:
    return Line(
        key,
        # Halves and tenths of a credit do not add up exactly.
        round(sum(line.credits for line in lines), 6),
        round(sum(line.coming_back for line in lines), 6),
        sum(line.requests for line in lines),
        sum(line.pictures for line in lines),
        sum(line.unpriced for line in lines),
    )

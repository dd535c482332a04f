"""`python -m bot audit`: holds the ledger against PowerPost's balance, and says what differs.

It only reads, so it may run beside the bot, on SQLite too. It spends nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from bot.credits.amounts import amount
from bot.credits.audit import Audit, Gap, WrongSum
from bot.credits.auditor import Audited, Auditor
from bot.credits.balances import EXACT, BalanceObservation, ChargeWindow
from bot.credits.ledger import Entry
from bot.errors import ImagineError
from bot.powerpost.client import PowerPostClient
from bot.powerpost.upstream import PowerPostUpstream
from bot.settings import Settings
from bot.store.database import Database
from bot.store.ledger import LedgerStore

ADDS_UP: Final = 0
DIFFERS: Final = 1
CANNOT_ASK: Final = 2

_BALANCE_SECONDS: Final = 30.0
_LISTED_MAX: Final = 20


class CannotAsk(Exception):
    """Ledger or balance cannot be had; the sentence says why."""


def run_audit(settings: Settings, say: Callable[[str], None], since: datetime | None) -> int:
    """Audit and `say` line by line; the exit code. `since`: of what was sent to be paid before
    then, nothing is looked at."""
    try:
        audited = asyncio.run(_audit(settings, since))
    except CannotAsk as error:
        say(str(error))
        return CANNOT_ASK
    found = audited.found
    if found is None:
        say("No balance was ever seen with a generation: there is nothing to compare with yet.")
        return ADDS_UP
    for line in write_audit(found):
        say(line)
    for line in write_wrong_sums(audited.wrong):
        say(line)
    return ADDS_UP if audited.adds_up else DIFFERS


async def _audit(settings: Settings, since: datetime | None) -> Audited:
    path = settings.sqlite_path
    if path is not None and not path.exists():
        raise CannotAsk(f"There is no {path}: has the bot run here, with this DATABASE_URL?")
    database = Database(settings.database_url)
    try:
        ledger = LedgerStore(database)
        with _readable():
            return await Auditor(ledger, lambda: _ask_balance(settings)).run(since)
    finally:
        await database.close()


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except ImagineError as error:
        raise CannotAsk(
            f"The database cannot be read ({error.detail}). Check DATABASE_URL; if it is of an "
            "older version, start the bot once."
        ) from error


async def _ask_balance(settings: Settings) -> float:
    try:
        client = PowerPostClient(
            base_url=settings.powerpost_api_url,
            api_key=settings.powerpost_api_key.get_secret_value(),
            workspace_id=settings.powerpost_workspace_id,
        )
    except ImagineError as error:
        raise CannotAsk(f"PowerPost: {error.detail}") from error
    try:
        async with asyncio.timeout(_BALANCE_SECONDS):
            return await PowerPostUpstream(client).balance()
    except TimeoutError:
        raise CannotAsk("PowerPost does not tell the balance: no answer.") from None
    except ImagineError as error:
        raise CannotAsk(
            f"PowerPost does not tell the balance ({error.cause.value}). "
            "`python -m bot doctor` says what to do."
        ) from error
    finally:
        await client.aclose()


# -- Words ------------------------------------------------------------------------------------


def write_audit(found: Audit) -> Iterator[str]:
    """The report, line by line. Pure."""
    yield from _write_table(
        [
            (f"balance at {_time(found.since.at)}, the first known", found.since.balance, ""),
            ("charged since", 0 - found.charged, ""),
            ("given back since", found.given_back, _just_come(found)),
            ("so it should be", found.should_be, ""),
            (f"balance at {_time(found.now.at)}, says PowerPost", found.now.balance, ""),
            ("difference", found.difference, ""),
        ]
    )
    yield ""
    expected = -sum(entry.expected for entry in found.pending)
    if found.pending:
        yield f"Still expected back: {amount(expected)}, of {_count(found.pending, 'generation')}."
    yield from _write_mismatches(found)
    yield "It adds up." if found.adds_up else "It does not add up."


def write_wrong_sums(wrong: Sequence[WrongSum]) -> Iterator[str]:
    """Where budgets are counted wrongly, line by line. Pure."""
    yield from _write_list(
        "The sums that budgets go by are not what the ledger comes to (please report this):",
        [
            (f"{each.team_id} {each.subject or 'the whole workspace'}", each.credits, "too few")
            for each in wrong
        ],
    )


def _just_come(found: Audit) -> str:
    if not found.just_come:
        return ""
    come = sum(refund.credits for refund in found.just_come)
    return f"{amount(come)} of it is shown by this balance alone"


def _write_mismatches(found: Audit) -> Iterator[str]:
    yield from _write_list(
        "Refunds that have not come after a day, as far as the balances show; budgets count them "
        "as spent:",
        [_entry_row(entry, -entry.expected) for entry in found.missing],
    )
    yield from _write_list(
        "Paid for, and not in the ledger (please report this):",
        [_charge_window_row(charge_window, "") for charge_window in found.unentered],
    )
    if abs(found.difference) >= EXACT:
        yield from _write_list(
            "The account moved by what is in no entry:", [_gap_row(gap) for gap in found.gaps]
        )
        yield from _write_list(
            "Outcomes that nobody knows; each may have been charged:",
            [
                _charge_window_row(charge_window, _moved(charge_window))
                for charge_window in found.unknown
            ],
        )
        yield from _write_list(
            "Charges of which PowerPost did not say how much:",
            [
                _charge_window_row(charge_window, _moved(charge_window))
                for charge_window in found.numberless
            ],
        )
        yield from _write_list(
            "Being sent at this moment; ask again in a minute:",
            [_charge_window_row(charge_window, "") for charge_window in found.out],
        )


def _gap_row(gap: Gap) -> tuple[str, float, str]:
    when = f"{_observation(gap.before)} -> {_observation(gap.after)}"
    if gap.unknown:
        ids = ", ".join(charge_window.generation_id for charge_window in gap.unknown[:3])
        return when, gap.credits, f"perhaps the unknown outcome of {ids}"
    if gap.credits > 0:
        return when, gap.credits, "credits were added, or a refund came"
    return when, gap.credits, "somebody else spent from the same account"


def _entry_row(entry: Entry, credits_: float) -> tuple[str, float, str]:
    return f"{_time(entry.entered_at)}  {entry.generation_id}", credits_, entry.model


def _charge_window_row(charge_window: ChargeWindow, note: str) -> tuple[str, float | None, str]:
    return (
        f"{_time(charge_window.intended_at)}  {charge_window.generation_id}",
        charge_window.credits,
        note,
    )


def _moved(charge_window: ChargeWindow) -> str:
    after = (
        charge_window.balance_after
        if charge_window.balance_after is not None
        else charge_window.balance_at_end
    )
    before = charge_window.balance_before
    shown = ["?" if balance is None else f"{amount(balance)}" for balance in (before, after)]
    return f"balance {shown[0]} before, {shown[1]} after"


def _observation(observation: BalanceObservation) -> str:
    return f"{_time(observation.at)} ({amount(observation.balance)})"


def _write_list(title: str, rows: Sequence[tuple[str, float | None, str]]) -> Iterator[str]:
    if not rows:
        return
    yield title
    yield from (f"  {line}" for line in _write_table(rows[-_LISTED_MAX:]))
    if len(rows) > _LISTED_MAX:
        yield f"  and {len(rows) - _LISTED_MAX} older ones (--since leaves them out)"
    yield ""


def _write_table(rows: Sequence[tuple[str, float | None, str]]) -> Iterator[str]:
    """A name, credits and a note each, in columns."""
    shown = [
        (name, "?" if credits_ is None else f"{amount(credits_)}", n) for name, credits_, n in rows
    ]
    widths = [max(len(row[column]) for row in shown) for column in (0, 1)]
    for name, number, note in shown:
        yield f"{name:<{widths[0]}}  {number:>{widths[1]}}  {note}".rstrip()


def _count(things: Sequence[object], what: str) -> str:
    return f"{len(things)} {what}" + ("" if len(things) == 1 else "s")


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")

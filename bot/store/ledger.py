"""The rows of the ledger: entered once, never changed; and what the balances tell of refunds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.credits.audit import WrongSum
from bot.credits.balances import (
    EXACT,
    REFUND_PATIENCE,
    Account,
    ChargeWindow,
    Due,
    Refund,
    find_refunds,
)
from bot.credits.ledger import (
    Entry,
    EntryKind,
    PaidText,
    confirm_refund,
    enter_charge,
    enter_text,
    expect_refund,
    expect_text_refund,
    miss_refund,
)
from bot.errors import Cause
from bot.generations.record import State
from bot.store.database import Database
from bot.store.people import find_pseudonyms
from bot.store.rows import read_generation
from bot.store.tables import (
    QUARTER_SECONDS,
    campaign_sums,
    generations,
    ledger,
    ledger_sums,
    open_refunds,
    posts,
)

# Balances of before a charge that a refund of it is measured from, where it was not alone.
_BEFORE: Final = timedelta(hours=1)
# Of more charges than this the newest are looked at, with all that were out meanwhile.
_CHARGE_WINDOWS_MAX: Final = 200
# Instead of the id of a direct message, which is one person's, and could never be deleted. Reports
# take it for one (bot/credits/reports.py), and no budget is of one.
_DIRECT: Final = "D"
# Any constant that no other user of the same PostgreSQL is likely to lock.
_LOCK_KEY: Final = 7_462_834_418

_ALL: Final[sa.ColumnElement[str]] = sa.literal_column("''")  # as a subject: the whole workspace
# A newer version may enter other kinds.
_IS_KNOWN: Final = ledger.c.kind.in_(list(EntryKind))
_IS_OPEN: Final = ledger.c.id.in_(sa.select(open_refunds.c.entry_id))
_OUT: Final = (State.SUBMITTING.value, State.PROCESSING.value)
# In these it is PowerPost that does not know the generation, and not what it was made from.
_MISSING: Final = (State.PROCESSING, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is known of one generation's refund, and what was entered of others meanwhile."""

    refunded: float | None  # credits of it that a balance has shown to be back
    confirmed: tuple[Entry, ...] = ()  # entered just now, of whatever generation


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Refunds that no balance has shown yet."""

    count: int
    credits: float
    oldest_at: datetime | None  # since when the oldest is expected


class LedgerStore:
    """Raises Transient where the database does not answer; nothing of a failed call is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(self, generation_id: str, now: datetime) -> Settlement:
        """To be called when a generation, or a draft, has ended: enter the refund that is due, and
        confirm what the balances show by now, of it and of others. Safe to be called again."""
        if not await self._database.read(lambda on: _may_settle(on, generation_id, now)):
            return Settlement(None)

        def settle(on: sa.Connection) -> Settlement:
            _lock(on)
            _enter_expected(on, self._database, generation_id)
            confirmed = _confirm(on, self._database, now)
            return Settlement(_read_refunded(on, generation_id), tuple(confirmed))

        return await self._database.write(settle)

    async def end_overdue(self, now: datetime) -> list[Entry]:
        """Enter that refunds have not come which were expected for a day: else they would lower
        what is used of a budget for ever. What was entered."""
        overdue = sa.select(ledger).where(_IS_OPEN)
        overdue = overdue.where(ledger.c.entered_at < now - REFUND_PATIENCE)
        if not await self._database.read(lambda on: on.execute(overdue.limit(1)).first()):
            return []

        def end(on: sa.Connection) -> list[Entry]:
            _lock(on)
            missed = [miss_refund(entry_of(row), now) for row in on.execute(overdue)]
            _keep(on, self._database, missed)
            return missed

        return await self._database.write(end)

    async def read_outstanding(self) -> Outstanding:
        """The refunds that are expected and were not seen."""
        oldest = sa.func.min(ledger.c.entered_at, type_=ledger.c.entered_at.type)
        total = sa.select(sa.func.count(), sa.func.sum(-ledger.c.expected), oldest)
        open_ = total.where(_IS_OPEN)

        def find(on: sa.Connection) -> Outstanding:
            count, credits_, oldest_at = on.execute(open_).one()
            return Outstanding(count, credits_ or 0.0, oldest_at)

        return await self._database.read(find)

    async def find_wrong_sums(self, since: datetime) -> list[WrongSum]:
        """Where the sums that budgets go by are not what the entries that count from the whole
        quarter of `since` on come to."""
        beginning = int(since.timestamp()) // QUARTER_SECONDS
        since = datetime.fromtimestamp(beginning * QUARTER_SECONDS, UTC)

        def find(on: sa.Connection) -> list[WrongSum]:
            looks = [
                _select_wrong_sums(team_id, since, beginning)
                for team_id in on.execute(_select_teams()).scalars()
                if team_id is not None
            ]
            return [WrongSum(*row) for look in looks for row in on.execute(look)]

        return await self._database.read(find)

    async def find_beginning(self, number: int) -> datetime | None:
        """When the first was sent to be paid of the last `number`; None where there are no more."""
        found = _select_intent(number)
        return await self._database.read(lambda on: on.execute(found).scalar_one_or_none())

    async def read_entries(self, since: datetime | None = None) -> list[Entry]:
        """All entries, or those that were entered `since`, oldest first."""
        found = sa.select(ledger).where(_IS_KNOWN).order_by(ledger.c.entered_at, ledger.c.id)
        if since is not None:
            found = found.where(ledger.c.entered_at >= since)
        return await self._database.read(lambda on: list(map(entry_of, on.execute(found))))

    async def read_charge_windows(self, since: datetime | None = None) -> list[ChargeWindow]:
        """Every generation that was, or may have been, sent to be paid; or those `since`."""
        found, texts = _select_charge_windows(), _select_text_windows()
        if since is not None:
            found = found.where(generations.c.intended_at >= since)
            texts = texts.where(posts.c.intended_at >= since)

        def read(on: sa.Connection) -> list[ChargeWindow]:
            windows = [
                *map(_charge_window_of, on.execute(found)),
                *map(_text_window_of, on.execute(texts)),
            ]
            return sorted(windows, key=lambda window: window.intended_at)

        return await self._database.read(read)


def keep_charge(on: sa.Connection, database: Database, generation_id: str) -> None:
    """Enter the charge of a generation whose row says that it was paid, once."""
    generation = read_generation(on, generation_id, for_work=True)
    if generation is not None:
        _keep(on, database, [enter_charge(generation)])


def keep_text_charge(on: sa.Connection, database: Database, text: PaidText) -> None:
    """Enter the charge of a text that PowerPost says it took credits for, once."""
    _keep(on, database, [enter_text(text)])


def entry_of(row: sa.Row[Any]) -> Entry:
    """The row as a record: people are in it by their pseudonyms."""
    values = dict(row._mapping)
    del values["id"]
    values["kind"] = EntryKind(values["kind"])
    return Entry(**values)


def _keep(on: sa.Connection, database: Database, entries: Sequence[Entry]) -> None:
    insert = database.insert(ledger).on_conflict_do_nothing(
        index_elements=["generation_id", "kind"]
    )
    rows = []
    for entry in entries:
        who = (entry.user_id, entry.approved_by)
        names = find_pseudonyms(on, entry.team_id, who)
        approver = names[entry.approved_by] if entry.approved_by else None
        people_ = {"user_id": names[entry.user_id], "approved_by": approver}
        where = {"channel_id": _DIRECT if entry.channel_id.startswith("D") else entry.channel_id}
        kind = {"kind": entry.kind.value, "model": str(entry.model)}
        rows.append(asdict(entry) | kind | people_ | where)
    if rows:
        on.execute(insert, rows)


def _lock(on: sa.Connection) -> None:
    """One at a time: two who read the same balance would each see its refund."""
    if on.dialect.name == "postgresql":
        on.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))


def _find_open(on: sa.Connection, now: datetime) -> list[Entry]:
    """The expected refunds that a balance may still show. What was charged may take a day to fail,
    and then has its patience."""
    found = (
        sa.select(ledger)
        .where(_IS_OPEN)
        .where(ledger.c.entered_at >= now - REFUND_PATIENCE)
        .order_by(ledger.c.id)
    )
    return list(map(entry_of, on.execute(found)))


def _may_settle(on: sa.Connection, generation_id: str, now: datetime) -> bool:
    generation = read_generation(on, generation_id, for_work=True)
    if generation is None:
        is_due = _find_failed_text(on, generation_id) is not None
    else:
        is_due = generation.is_refund_due
    return is_due or bool(_find_open(on, now))


def _enter_expected(on: sa.Connection, database: Database, generation_id: str) -> None:
    generation = read_generation(on, generation_id, for_work=True)
    charge = _read_entry(on, generation_id, EntryKind.CHARGE)
    if generation is None:
        _enter_expected_text(on, database, generation_id, charge)
    elif charge is not None:
        expected = expect_refund(generation, charge)
        _keep(on, database, [expected] if expected else [])


def _find_failed_text(on: sa.Connection, post_id: str) -> sa.Row[Any, Any] | None:
    found = sa.select(posts.c.balance_at_end, posts.c.finished_at)
    found = found.where(posts.c.id == post_id, posts.c.is_text_failed.is_(sa.true()))
    return on.execute(found).one_or_none()


def _enter_expected_text(
    on: sa.Connection, database: Database, post_id: str, charge: Entry | None
) -> None:
    failed = _find_failed_text(on, post_id)
    if failed is not None and charge is not None:
        ended_at = failed.finished_at or charge.entered_at
        expected = expect_text_refund(charge, failed.balance_at_end, ended_at)
        _keep(on, database, [expected] if expected else [])


def _confirm(on: sa.Connection, database: Database, now: datetime) -> list[Entry]:
    open_ = {entry.generation_id: entry for entry in _find_open(on, now)}
    if not open_:
        return []
    since = min(entry.counts_at for entry in open_.values()) - _BEFORE
    since = max(since, _find_beginning(on, since) or since)
    account = Account(_read_windows_about(on, since), _read_refunds(on, since))
    # Before `since` not all that moved the balance was read.
    account.observations = [
        observation for observation in account.observations if observation.at >= since
    ]
    charged = {
        id_: account.charge_windows[id_].credits for id_ in open_ if id_ in account.charge_windows
    }
    due = [
        Due(id_, -entry.expected, charged[id_] or 0.0)
        for id_, entry in open_.items()
        if id_ in charged
    ]
    confirmed = [
        confirm_refund(open_[one.generation_id], one.credits, one.balance, one.seen_at)
        for one in find_refunds(account, due)
    ]
    _keep(on, database, confirmed)
    return confirmed


def _read_entry(on: sa.Connection, generation_id: str, kind: EntryKind) -> Entry | None:
    found = (
        sa.select(ledger)
        .where(ledger.c.generation_id == generation_id)
        .where(ledger.c.kind == kind.value)
    )
    row = on.execute(found).one_or_none()
    return None if row is None else entry_of(row)


def _read_refunded(on: sa.Connection, generation_id: str) -> float | None:
    confirmed = _read_entry(on, generation_id, EntryKind.REFUND_CONFIRMED)
    return None if confirmed is None or confirmed.credits is None else -confirmed.credits


def _select_windows(table: sa.Table, how_it_ended: sa.Column[Any]) -> sa.Select[Any]:
    """What the audit is told of everything in `table` that was, or may have been, paid."""
    columns = table.c
    return sa.select(
        columns.id,
        columns.state,
        columns.intended_at,
        columns.submitted_at,
        columns.finished_at,
        columns.credits_used,
        columns.balance_before,
        columns.balance_after,
        columns.balance_at_end,
        how_it_ended,
    ).where(columns.intended_at.is_not(None))


def _select_charge_windows() -> sa.Select[Any]:
    known = generations.c.state.in_(list(State))
    return _select_windows(generations, generations.c.cause).where(known)


def _select_text_windows() -> sa.Select[Any]:
    """The same of the texts that were ordered for drafts."""
    return _select_windows(posts, posts.c.is_text_failed)


def _select_teams() -> sa.Select[Any]:
    """The workspaces of the ledger, each by one look into its index; None at the end."""
    team_id = ledger.c.team_id
    found = sa.select(sa.func.min(team_id).label("id")).cte("teams", recursive=True)
    following = sa.select(sa.func.min(team_id)).where(team_id > found.c.id).scalar_subquery()
    found = found.union_all(sa.select(following).where(found.c.id.is_not(None)))
    return sa.select(found.c.id)


def _select_wrong_sums(team_id: str, since: datetime, beginning: int) -> sa.Select[Any]:
    added = sa.func.coalesce(ledger.c.credits, 0.0) + ledger.c.expected
    entered = (ledger.c.team_id == team_id) & (ledger.c.counts_at >= since)
    parts = [
        sa.select(subject.label("subject"), sa.func.sum(added).label("credits"))
        .where(entered)
        .group_by(*([] if subject is _ALL else [subject]))
        for subject in (_ALL, ledger.c.channel_id, ledger.c.user_id)
    ]
    kept = sa.select(ledger_sums.c.subject, -ledger_sums.c.credits)
    kept = kept.where(ledger_sums.c.team_id == team_id, ledger_sums.c.quarter >= beginning)
    name = sa.literal("campaign ") + ledger.c.campaign
    parts.append(
        sa.select(name.label("subject"), sa.func.sum(added).label("credits"))
        .where(entered & ledger.c.campaign.is_not(None))
        .group_by(ledger.c.campaign)
    )
    of_campaigns = sa.select(
        sa.literal("campaign ") + campaign_sums.c.campaign, -campaign_sums.c.credits
    ).where(campaign_sums.c.team_id == team_id, campaign_sums.c.quarter >= beginning)
    all_ = sa.union_all(*parts, kept, of_campaigns).subquery()
    difference = sa.func.sum(all_.c.credits)
    return (
        sa.select(sa.literal(team_id), all_.c.subject, difference)
        .group_by(all_.c.subject)
        .having(sa.func.abs(difference) > EXACT)
    )


def _select_intent(number: int) -> sa.Select[Any]:
    """The moment of the intent that has `number` after it."""
    intended_at = generations.c.intended_at
    found = sa.select(intended_at).where(intended_at.is_not(None))
    return found.order_by(intended_at.desc()).offset(number).limit(1)


def _find_beginning(on: sa.Connection, since: datetime) -> datetime | None:
    """When the first was intended of the newest ones that are looked at; None where all are."""
    found = _select_intent(_CHARGE_WINDOWS_MAX).where(generations.c.intended_at >= since)
    return on.execute(found).scalar_one_or_none()


def _read_windows_about(on: sa.Connection, since: datetime) -> list[ChargeWindow]:
    """All that may have moved the balance `since`, those that began before it and were not over
    included."""
    # Each by its own index, where an OR would be looked for in all rows.
    about = sa.union_all(
        sa.select(generations.c.id).where(generations.c.intended_at >= since),
        sa.select(generations.c.id).where(generations.c.finished_at >= since),
        sa.select(generations.c.id)
        .where(generations.c.state.in_(_OUT))
        .where(generations.c.told_at.is_(None)),
    )
    found = _select_charge_windows().where(generations.c.id.in_(about))
    of_texts = (posts.c.intended_at >= since) | (posts.c.finished_at >= since)
    texts = _select_text_windows().where(of_texts)
    return [
        *map(_charge_window_of, on.execute(found)),
        *map(_text_window_of, on.execute(texts)),
    ]


def _read_refunds(on: sa.Connection, since: datetime) -> list[Refund]:
    found = (
        sa.select(ledger)
        .where(ledger.c.kind == EntryKind.REFUND_CONFIRMED.value)
        .where(ledger.c.entered_at >= since)
    )
    return [
        Refund(row.generation_id, -row.credits, row.entered_at, row.balance)
        for row in on.execute(found)
    ]


def _charge_window_of(row: sa.Row[Any]) -> ChargeWindow:
    state = State(row.state)
    return ChargeWindow(
        generation_id=row.id,
        state=state,
        intended_at=row.intended_at,
        charged_at=row.submitted_at,
        ended_at=row.finished_at,
        credits=row.credits_used,
        balance_before=row.balance_before,
        balance_after=row.balance_after,
        balance_at_end=row.balance_at_end,
        is_missing=row.cause == Cause.NOT_FOUND.value and state in _MISSING,
    )


def _text_window_of(row: sa.Row[Any]) -> ChargeWindow:
    return ChargeWindow(
        generation_id=row.id,
        state=_state_of_text(row),
        intended_at=row.intended_at,
        charged_at=row.submitted_at,
        ended_at=row.finished_at,
        credits=row.credits_used,
        balance_before=row.balance_before,
        balance_after=row.balance_after,
        balance_at_end=row.balance_at_end,
    )


def _state_of_text(row: sa.Row[Any]) -> State:
    """What a generation in its place would be."""
    if row.submitted_at is not None:
        if row.finished_at is None:
            return State.PROCESSING
        return State.FAILED if row.is_text_failed else State.DELIVERED
    states = {"ordering": State.SUBMITTING, "text_unknown": State.UNKNOWN}
    return states.get(row.state, State.REFUSED)

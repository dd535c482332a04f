"""What is kept, why and how long; and the statements that take away what is over.

`KEPT` is the one declaration of it: README's table says the same, and a test holds the two against
each other. A generation that was not told yet is never touched, nor is anything that is still to
be said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.credits.alerts import BALANCE_KEY
from bot.generations.approval import ApprovalState
from bot.generations.record import FORGOTTEN
from bot.store.database import Database, give_back_space
from bot.store.drafts import DRAFT_LIFETIME
from bot.store.questions import QUESTION_LIFETIME
from bot.store.shares import ENDED_LIFETIME
from bot.store.tables import (
    HAS_URL,
    QUARTER_SECONDS,
    alerts,
    approval_messages,
    approvals,
    briefs,
    campaign_sums,
    campaigns,
    channel_moves,
    drafts,
    feedback,
    generations,
    heartbeats,
    installations,
    ledger,
    ledger_sums,
    media,
    open_refunds,
    paces,
    people,
    pick_notes,
    pick_rounds,
    pick_votes,
    pictures,
    policies,
    policy_changes,
    posts,
    processes,
    questions,
    shares,
    sweeps,
    taken_up,
    welcomes,
)

# Slack takes nothing at a `response_url` that is older (slack-facts.md, "Commands").
RESPONSE_URL_LIFETIME: Final = timedelta(minutes=30)
DECIDED_LIFETIME: Final = timedelta(days=30)
# No window of a budget is as long as this: what was told in an older one is not told again, and
# what was spent before it is not counted.
ALERT_LIFETIME: Final = timedelta(days=70)
# PowerPost does not say how long it keeps what was uploaded.
MEDIA_LIFETIME: Final = timedelta(days=90)
_DAY: Final = timedelta(days=1)
_MONTH: Final = timedelta(days=30)
# Slack delivers again for an hour what it was not told to have arrived (slack-facts.md, "Events").
REDELIVERY: Final = _DAY
# Longer than any window of a budget.
FORGOTTEN_LIFETIME: Final = timedelta(days=32)
# For so long one process has the sweep to itself: several portions, waits for the disk included.
LEASE: Final = timedelta(minutes=10)
_NIGHTLY: Final = "nightly"

# (connection, what is older than this is over, at most so many rows) -> how many there were.
Sweep = Callable[[sa.Connection, datetime, int], int]
_SLACKS_IDS: Final = (
    *("root_ts", "result_ts", "thread_ts", "result_channel_id", "approved_by", "deleted_by"),
    *("for_channel_id", "for_thread_ts"),
)
# All of these goes with a workspace.
_OF_WORKSPACE: Final = (
    *(briefs, drafts, questions, approvals, taken_up, welcomes, alerts, channel_moves, people),
    *(policies, policy_changes, shares, campaigns, pick_rounds),
)
# SQLite leaves a page as it is from which rows have lost their longest part. Moved to the end, they
# leave it empty, and it can be given back.
# With the address goes what the engine had noted for itself, in case it crashes on the way.
_ENGINES: Final = (
    *("intent", "root_intended_at", "result_intended_at"),
    *("place_wanted_at", "placed_at", "tried_at"),
)
_BLANK_URL_AND_MOVE: Final = " ".join(
    (
        "UPDATE generations SET response_url = NULL,",
        *(f"{each} = NULL," for each in _ENGINES),
        "rowid = (SELECT max(rowid) + 1 FROM generations) WHERE id = ?",
    )
)
_BLANK_LINK_AND_MOVE: Final = (
    "UPDATE pictures SET url = '', rowid = (SELECT max(rowid) + 1 FROM pictures) "
    "WHERE generation_id = ? AND position = ?"
)
# Of a request, what reports, statistics and estimates are made of; the rest is a person's words.
_KEPT_OF_REQUEST: Final = ("model", "size", "quantity", "enhance_prompt")
_KEPT_OF_POST: Final = ("media_ids", "generation_ids", "post_types", "source")


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of what is kept. `lifetime` counts from `since`; None: as long as the operator says
    (IMAGINE_RETENTION_DAYS), or without `sweep` for ever."""

    name: str  # as in /metrics
    what: str
    why: str
    since: str
    tables: tuple[sa.Table, ...]
    lifetime: timedelta | None = None
    sweep: Sweep | None = None

    @property
    def how_long(self) -> str:
        """In words."""
        if self.sweep is None:
            return self.since
        if self.lifetime is None:
            return f"`IMAGINE_RETENTION_DAYS` {self.since}"
        return f"{_say(self.lifetime)} {self.since}".strip()

    def ends_before(self, now: datetime, retention: timedelta | None) -> datetime | None:
        """What is not younger than this is over; None: nothing is."""
        lifetime = retention if self.lifetime is None else self.lifetime
        return None if self.sweep is None or lifetime is None else now - lifetime


def _say(lifetime: timedelta) -> str:
    if not lifetime:
        return ""
    number, unit = lifetime.days, "day"
    if not number:
        number, unit = int(lifetime.total_seconds() // 60), "minute"
    return f"{number} {unit}" + ("s" if number != 1 else "")


def _delete(table: sa.Table, is_over: Callable[[datetime], sa.ColumnElement[bool]]) -> Sweep:
    key = tuple(table.primary_key.columns)

    def sweep(on: sa.Connection, before: datetime, limit: int) -> int:
        over = sa.select(*key).where(is_over(before)).limit(limit)
        which = key[0] if len(key) == 1 else sa.tuple_(*key)
        return on.execute(sa.delete(table).where(which.in_(over))).rowcount

    return sweep


def _run_for_each(on: sa.Connection, statement: str, found: sa.Select[*tuple[Any, ...]]) -> int:
    rows = [tuple(row) for row in on.execute(found)]
    if rows:
        on.exec_driver_sql(statement, rows)
    return len(rows)


def _blank_response_urls(on: sa.Connection, before: datetime, limit: int) -> int:
    is_over = generations.c.response_url.is_not(None) & (generations.c.told_at <= before)
    # In an order, so that PostgreSQL, too, takes the index: what is found at once today would be
    # looked for among all that is over in a year.
    over = sa.select(generations.c.id).where(is_over).order_by(generations.c.told_at).limit(limit)
    if on.dialect.name == "sqlite":
        return _run_for_each(on, _BLANK_URL_AND_MOVE, over)
    blank = sa.update(generations).where(generations.c.id.in_(over))
    return on.execute(blank.values(dict.fromkeys(("response_url", *_ENGINES)))).rowcount


def _blank_links(on: sa.Connection, before: datetime, limit: int) -> int:
    is_told = (
        sa.select(sa.literal(1))
        .where(generations.c.id == pictures.c.generation_id)
        .where(generations.c.told_at.is_not(None))
        .correlate(pictures)
        .exists()
    )
    key = pictures.c.generation_id, pictures.c.position
    is_over = HAS_URL & (pictures.c.expires_at <= before) & is_told
    over = sa.select(*key).where(is_over).order_by(pictures.c.expires_at).limit(limit)
    if on.dialect.name == "sqlite":
        return _run_for_each(on, _BLANK_LINK_AND_MOVE, over)
    blank = sa.update(pictures).where(sa.tuple_(*key).in_(over))
    return on.execute(blank.values(url="")).rowcount


def blank_generations(on: sa.Connection, rows: Sequence[Any]) -> None:
    """Blank what people said for the generations of these rows (`id`, `request`), what was said
    about them, and their links."""
    ids = [row.id for row in rows]
    if not ids:
        return
    blank = (
        sa.update(generations)
        .where(generations.c.id == sa.bindparam("one"))
        .values(request=sa.bindparam("kept"), sources=sa.null(), understood=None)
        .values(chain=sa.null())
        .values(upstream_message=None, upstream_prompt=None, marks=None)
        .values(refused_files=sa.null(), over_budget=sa.null())
        .values(response_url=None, blanked_at=sa.func.current_timestamp())
    )
    on.execute(blank, [{"one": row.id, "kept": _blank_request(row.request)} for row in rows])
    on.execute(
        sa.update(pictures).where(pictures.c.generation_id.in_(ids)).values(url="", alt_text=None)
    )
    on.execute(sa.delete(feedback).where(feedback.c.generation_id.in_(ids)))


def _blank_request(request: dict[str, Any]) -> dict[str, Any]:
    return {name: request[name] for name in _KEPT_OF_REQUEST if name in request}


def _blank_old(on: sa.Connection, before: datetime, limit: int) -> int:
    is_over = generations.c.blanked_at.is_(None) & (generations.c.told_at <= before)
    columns = generations.c.id, generations.c.request
    over = sa.select(*columns).where(is_over).order_by(generations.c.told_at).limit(limit)
    rows = on.execute(over).all()
    blank_generations(on, rows)
    return len(rows)


def blank_posts(on: sa.Connection, rows: Sequence[Any]) -> None:
    """Blank what people wrote for the drafts of these rows (`id`, `request`), and what was said
    about them."""
    blank = (
        sa.update(posts)
        .where(posts.c.id == sa.bindparam("one"))
        .values(request=sa.bindparam("kept"), detail=None)
        .values(blanked_at=sa.func.current_timestamp())
    )
    if rows:
        on.execute(blank, [{"one": r.id, "kept": _blank_post(r.request)} for r in rows])


def _blank_post(request: dict[str, Any]) -> dict[str, Any]:
    return {name: request[name] for name in _KEPT_OF_POST if name in request}


def _blank_old_posts(on: sa.Connection, before: datetime, limit: int) -> int:
    is_over = posts.c.blanked_at.is_(None) & (posts.c.told_at <= before)
    over = sa.select(posts.c.id, posts.c.request).where(is_over)
    rows = on.execute(over.order_by(posts.c.told_at).limit(limit)).all()
    blank_posts(on, rows)
    return len(rows)


def _blank_posts_of(on: sa.Connection, team_ids: Sequence[str]) -> None:
    """Where the app was removed: as a generation's, what adds up stays."""
    whole = sa.select(posts.c.id, posts.c.request).where(posts.c.team_id.in_(team_ids))
    blank_posts(on, on.execute(whole.where(posts.c.user_id != FORGOTTEN)).all())
    gone: dict[str, Any] = dict.fromkeys(("thread_ts", "message_ts", "campaign"))
    gone |= dict.fromkeys(("user_id", "channel_id", "ruled_channel_id"), FORGOTTEN)
    gone["told_at"] = sa.func.coalesce(posts.c.told_at, sa.func.current_timestamp())
    on.execute(sa.update(posts).where(posts.c.team_id.in_(team_ids)).values(gone))


def _blank_uninstalled(on: sa.Connection, before: datetime, limit: int) -> int:
    """Where the app was removed so long ago: Slack's ids and what people said; in the end what is
    set there. The workspace's own id stays, by which the ledger adds up."""
    found = sa.select(installations.c.team_id).where(installations.c.ended_at <= before)
    removed = list(on.execute(found).scalars())
    if not removed:
        return 0
    rows = on.execute(_select_whole(removed, limit)).all()
    blank_generations(on, rows)
    ids = [row.id for row in rows]
    if not ids:
        _blank_posts_of(on, removed)
        for table in _OF_WORKSPACE:
            on.execute(sa.delete(table).where(table.c.team_id.in_(removed)))
        return 0
    gone: dict[str, Any] = dict.fromkeys(_SLACKS_IDS)
    gone |= {"user_id": FORGOTTEN, "channel_id": FORGOTTEN}
    gone |= {"preset": None, "campaign": None}
    gone["origin"] = sa.literal("forgotten:") + generations.c.id
    gone["told_at"] = sa.func.coalesce(generations.c.told_at, sa.func.current_timestamp())
    on.execute(sa.update(generations).where(generations.c.id.in_(ids)).values(gone))
    of_them = pictures.c.generation_id.in_(ids)
    on.execute(sa.update(pictures).where(of_them).values(slack_file_id=None))
    return len(rows)


def _select_whole(team_ids: Sequence[str], limit: int) -> sa.Select[Any]:
    """What has its person's id yet, at most so many. From either side of FORGOTTEN by the index:
    where that is not equal, it would be looked for among all that was blanked before."""
    of_teams = sa.select(generations.c.id, generations.c.request)
    of_teams = of_teams.where(generations.c.team_id.in_(team_ids))
    sides = (generations.c.user_id < FORGOTTEN, generations.c.user_id > FORGOTTEN)
    parts = (sa.select(of_teams.where(each).limit(limit).subquery()) for each in sides)
    return sa.select(sa.union_all(*parts).subquery()).limit(limit)


def _is_decided(before: datetime) -> sa.ColumnElement[bool]:
    """Decided, and said everywhere. What was offered ends by itself (approvals.py)."""
    is_unsaid = (
        sa.select(sa.literal(1))
        .where(approval_messages.c.approval_id == approvals.c.id)
        .where(approval_messages.c.due_at.is_not(None))
        .correlate(approvals)
        .exists()
    )
    is_open = approvals.c.state.in_([ApprovalState.OFFERED.value, ApprovalState.ASKED.value])
    return ~is_open & (approvals.c.decided_at <= before) & ~is_unsaid


def blank_origins(on: sa.Connection, of: sa.Update) -> int:
    """Blank Slack's ids of the clicks that made what `of` would change: how many."""
    return on.execute(of.values(origin=sa.literal("forgotten:") + generations.c.id)).rowcount


def _blank_clicks(on: sa.Connection, before: datetime, limit: int) -> int:
    """Of people whose data was deleted a moment after they had clicked."""
    # Of each workspace by its index. Who was never charged for anything has no pseudonym.
    teams = sa.union(
        sa.select(installations.c.team_id),
        sa.select(people.c.team_id).where(people.c.forgotten_at.is_not(None)),
    )
    over = (
        sa.select(generations.c.id)
        .where(generations.c.team_id.in_(teams))
        .where(generations.c.user_id == FORGOTTEN)
        .where(generations.c.accepted_at <= before)
        .where(~generations.c.origin.startswith("forgotten:"))
        .limit(limit)
    )
    return blank_origins(on, sa.update(generations).where(generations.c.id.in_(over)))


def _delete_sums(on: sa.Connection, before: datetime, limit: int) -> int:
    quarter = int(before.timestamp()) // QUARTER_SECONDS
    gone = _delete(ledger_sums, lambda _: ledger_sums.c.quarter < quarter)(on, before, limit)
    of_campaigns = _delete(campaign_sums, lambda _: campaign_sums.c.quarter < quarter)
    return gone + (of_campaigns(on, before, limit - gone) if gone < limit else 0)


def _is_superseded(before: datetime) -> sa.ColumnElement[bool]:
    """Something newer is in the thread since: a reply changes that, whatever was taken up."""
    is_here = (generations.c.root_ts == taken_up.c.thread_ts) | (
        generations.c.thread_ts == taken_up.c.thread_ts
    )
    newer = (
        sa.select(sa.literal(1))
        .where(generations.c.team_id == taken_up.c.team_id)
        .where(generations.c.channel_id == taken_up.c.channel_id)
        .where(is_here)
        .where(generations.c.accepted_at > taken_up.c.taken_at)
        .correlate(taken_up)
    )
    return (taken_up.c.taken_at <= before) & newer.exists()


KEPT: Final = (
    Kept(
        "drafts",
        "What a form held when it was closed",
        "it can be opened again as it was",
        "after it was last changed",
        (drafts,),
        DRAFT_LIFETIME,
        _delete(drafts, lambda before: drafts.c.saved_at <= before),
    ),
    Kept(
        "questions",
        "What was asked back or refused, as it would be made",
        "its buttons make it, or open the form",
        "after it was asked",
        (questions,),
        QUESTION_LIFETIME,
        _delete(questions, lambda before: questions.c.asked_at < before),
    ),
    Kept(
        "shares",
        "What was shared, by whom and where to; its note until it was posted",
        "it is posted also after a crash, and once",
        "after it was told",
        (shares,),
        ENDED_LIFETIME,
        _delete(shares, lambda before: shares.c.ended_at <= before),
    ),
    Kept(
        "response_urls",
        "Slack's address for private answers to a request",
        "an outcome is told there, if nowhere else",
        "after the outcome was told",
        (generations,),
        RESPONSE_URL_LIFETIME,
        _blank_response_urls,
    ),
    Kept(
        "picture_links",
        "PowerPost's signed links to pictures",
        "pictures are fetched by them, or linked",
        "until they expire (7 days)",
        (pictures,),
        timedelta(0),
        _blank_links,
    ),
    Kept(
        "prompts",
        "Prompts, references, captions' titles, alt texts, what was understood, reasons of "
        "failures, ratings (thumbs)",
        "Regenerate, Edit, replies, history, the library's search",
        "(365, if not set; 0: for ever) after the outcome was told",
        (generations, pictures, feedback),
        None,
        _blank_old,
    ),
    Kept(
        "briefs",
        "Briefs as they were asked for: the prompt with its variants, the list, the labels",
        "their buttons make them, or what is missing, again",
        "(365, if not set; 0: for ever) after the brief was told",
        (briefs,),
        None,
        _delete(briefs, lambda before: briefs.c.told_at <= before),
    ),
    Kept(
        "picks",
        "Votes on pictures: who opened and closed them, voted for which, and wanted what changed",
        "a vote counts once, and is counted after a restart; the picture stays marked as chosen",
        "(365, if not set; 0: for ever) after the vote was opened",
        (pick_rounds, pick_votes, pick_notes),
        None,
        _delete(pick_rounds, lambda before: pick_rounds.c.opened_at <= before),
    ),
    Kept(
        "posts",
        "Texts of drafts, as they were typed, chosen or written; titles, plans",
        "they are made again, and the thread says which is which",
        "(365, if not set; 0: for ever) after the draft was told",
        (posts,),
        None,
        _blank_old_posts,
    ),
    Kept(
        "uninstalled",
        "What there is of a workspace that the app was removed from, but for ledger, sums, states",
        "all goes on if it is installed again",
        "after it was removed",
        (installations,),
        _MONTH,
        _blank_uninstalled,
    ),
    Kept(
        "approvals",
        "Requests for approval: who, what, the reason of a denial, where the cards stand",
        "cards say what was decided, and by whom",
        "after the decision was told",
        (approvals, approval_messages),
        DECIDED_LIFETIME,
        _delete(approvals, _is_decided),
    ),
    Kept(
        "taken_up",
        "Which earlier version a person went back to",
        "their next reply changes that one",
        "and until the thread has a newer version",
        (taken_up,),
        _DAY,
        _delete(taken_up, _is_superseded),
    ),
    Kept(
        "alerts",
        "Which alerts the admins were told",
        "none is told twice",
        "after it was raised; the one about the balance until that is higher again",
        (alerts,),
        ALERT_LIFETIME,
        _delete(
            alerts,
            lambda before: (
                (alerts.c.raised_at < before)
                & (alerts.c.key != BALANCE_KEY)
                & alerts.c.told_at.is_not(None)
            ),
        ),
    ),
    Kept(
        "media",
        "Fingerprints of reference pictures, with PowerPost's ids of them",
        "the same picture is uploaded once",
        "after the upload, or until PowerPost does not know it any more",
        (media,),
        MEDIA_LIFETIME,
        _delete(media, lambda before: media.c.uploaded_at <= before),
    ),
    Kept(
        "rate_limits",
        "How fast Slack and PowerPost may be called (PostgreSQL)",
        "all processes keep to it together",
        "after the last call",
        (paces,),
        _DAY,
        _delete(paces, lambda before: paces.c.changed_at <= before),
    ),
    Kept(
        "processes",
        "Signs of life of processes (PostgreSQL)",
        "the work of one that dies is taken over",
        "after the last one",
        (processes,),
        _DAY,
        _delete(processes, lambda before: processes.c.seen_at <= before),
    ),
    Kept(
        "defaults_changes",
        "When people changed their own defaults",
        "of no use to anybody later",
        "after the change",
        (policy_changes,),
        _MONTH,
        _delete(
            policy_changes,
            lambda before: (
                (policy_changes.c.what == "defaults") & (policy_changes.c.changed_at <= before)
            ),
        ),
    ),
    Kept(
        "generations",
        "Who asked for what and when, its model, size, number, campaign, state and cost, the ids "
        "of its messages and files",
        "history, versions, reports, the audit; deleting a result takes its files away",
        "for ever",
        (generations, pictures),
    ),
    Kept(
        "ledger",
        "The ledger: every charge and refund, who, where, for which campaign, and by whose leave; "
        "people by pseudonyms",
        "budgets, reports, the audit; the database refuses to change it",
        "for ever",
        (ledger, open_refunds),
    ),
    Kept(
        "ledger_sums",
        "What was spent in each quarter of an hour, by person, channel and campaign",
        "a budget is counted from few rows",
        "after it was spent",
        (ledger_sums, campaign_sums),
        ALERT_LIFETIME,
        _delete_sums,
    ),
    Kept(
        "people",
        "Whose pseudonym in the ledger is whose",
        "budgets and reports by person",
        "after a person has had their data deleted",
        (people,),
        FORGOTTEN_LIFETIME,
        _delete(people, lambda before: people.c.forgotten_at <= before),
    ),
    Kept(
        "clicks",
        "Slack's ids of the last clicks of a person who has had their data deleted",
        "a click that Slack delivers again makes nothing twice",
        "after the click",
        (generations,),
        REDELIVERY,
        _blank_clicks,
    ),
    Kept(
        "settings",
        "Settings, budgets, rules, presets, personal defaults and presets; who changed which "
        "setting",
        "they hold until they are changed",
        "for ever",
        (policies, policy_changes),
    ),
    Kept(
        "campaigns",
        "The names of campaigns, and when each was used last",
        "they are offered, and compared with what is typed",
        "for ever",
        (campaigns,),
    ),
    Kept(
        "bookkeeping",
        "Who was welcomed, which channels have other ids now, the last balance, the last sweep",
        "a welcome is said once, a moved channel is found, a restored backup and a missed night "
        "are noticed",
        "for ever",
        (welcomes, channel_moves, heartbeats, sweeps),
    ),
)
SWEPT: Final = tuple(kept for kept in KEPT if kept.sweep is not None)


@dataclass(frozen=True, slots=True)
class SweepState:
    """Which night was swept last, and when that ended; None: none ever was."""

    night: datetime | None = None
    ended_at: datetime | None = None

    def is_due(self, night: datetime, now: datetime) -> bool:
        """Whether `night`, the last one, is to be swept. A night that is to come was noted by a
        clock that was wrong."""
        return self.night is None or self.night < night or self.night > now


class RetentionStore:
    """Takes away what is over. Raises Transient where the database does not answer; a portion is
    a transaction, and all of it may be done again."""

    def __init__(self, database: Database, retention: timedelta | None) -> None:
        """`retention` is how long what the operator decides on is kept; None: for ever."""
        self._database = database
        self._retention = retention

    async def sweep(self, kept: Kept, now: datetime, limit: int) -> int:
        """Take away at most `limit` rows of `kept` that are over; how many there were. A night
        that is taken stays so for LEASE from here on."""
        before, sweep = kept.ends_before(now, self._retention), kept.sweep
        if before is None or sweep is None:
            return 0
        is_taken = sweeps.c.taken_until > now

        def write(on: sa.Connection) -> int:
            rows = sweep(on, before, limit)
            self._note(on, is_taken, taken_until=now + LEASE)
            return rows

        return await self._database.write(write)

    async def give_back_space(self, pages: int) -> int:
        """Give at most so many empty pages back to the disk; how many are left."""
        return await self._database.write(lambda on: give_back_space(on, pages))

    async def find_oldest_draft(self) -> datetime | None:
        """When the draft was saved that ends next."""
        oldest = sa.select(sa.func.min(drafts.c.saved_at, type_=drafts.c.saved_at.type))
        return await self._database.read(lambda on: on.execute(oldest).scalar_one())

    async def read_state(self) -> SweepState:
        """What is known of the last night."""
        found = sa.select(sweeps.c.night, sweeps.c.ended_at).where(sweeps.c.name == _NIGHTLY)

        def read(on: sa.Connection) -> SweepState:
            row = on.execute(found).one_or_none()
            return SweepState() if row is None else SweepState(row.night, row.ended_at)

        return await self._database.read(read)

    async def claim(self, night: datetime, now: datetime) -> bool:
        """Take `night` for LEASE. False where it was swept, or another process has it."""
        row = {"name": _NIGHTLY}
        make = self._database.insert(sweeps).values(row).on_conflict_do_nothing()
        # What a clock that was wrong has noted for a time to come holds nobody up.
        is_due = sweeps.c.night.is_(None) | (sweeps.c.night < night) | (sweeps.c.night > now)
        is_free = sweeps.c.taken_until.is_(None) | (sweeps.c.taken_until <= now)
        is_free |= sweeps.c.taken_until > now + 2 * LEASE

        def take(on: sa.Connection) -> bool:
            on.execute(make)
            return self._note(on, is_due & is_free, taken_until=now + LEASE)

        return await self._database.write(take)

    async def end(self, night: datetime, now: datetime) -> None:
        """`night` was swept."""
        done = {"night": night, "ended_at": now, "taken_until": None}
        await self._database.write(lambda on: self._note(on, sa.true(), **done))

    def _note(self, on: sa.Connection, condition: sa.ColumnElement[bool], **changes: Any) -> bool:
        note = sa.update(sweeps).where(sweeps.c.name == _NIGHTLY).where(condition)
        return bool(on.execute(note.values(**changes)).rowcount == 1)

"""The tables. Migrations make them (`migrations/`); a test holds the two against each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.store.library_sql import POSTGRESQL, SQLITE


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware UTC time; SQLite stores none, so it is put back when read."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Store in UTC; a naive time is a mistake."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """Read as UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

generations = sa.Table(
    "generations",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("origin", sa.String(255), nullable=False, unique=True),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("channel_id", sa.String(64), nullable=False),
    sa.Column("user_id", sa.String(64), nullable=False),
    sa.Column("response_url", sa.Text),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("thread_ts", sa.String(32)),
    sa.Column("sources", sa.JSON),
    sa.Column("parent_id", sa.String(64)),
    sa.Column("understood", sa.Text),
    sa.Column("owner", sa.String(64)),  # the process that works on it; None: whoever comes first
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("root_ts", sa.String(32)),
    sa.Column("result_ts", sa.String(32)),
    sa.Column("result_channel_id", sa.String(64)),
    sa.Column("intent", sa.String(64)),
    sa.Column("image_generation_id", sa.String(255)),
    sa.Column("credits_used", sa.Float),
    sa.Column("balance_before", sa.Float),
    sa.Column("balance_after", sa.Float),
    sa.Column("balance_at_end", sa.Float),
    sa.Column("cause", sa.String(64)),
    sa.Column("upstream_message", sa.Text),
    sa.Column("upstream_prompt", sa.Text),
    sa.Column("request_id", sa.String(255)),
    sa.Column("accepted_at", UtcDateTime, nullable=False),
    sa.Column("root_intended_at", UtcDateTime),
    sa.Column("intended_at", UtcDateTime),
    sa.Column("submitted_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("result_intended_at", UtcDateTime),
    sa.Column("told_at", UtcDateTime),
    sa.Column("deleted_at", UtcDateTime),
    sa.Column("deleted_by", sa.String(64)),
    sa.Column("estimate", sa.Float),  # credits that are held for it until PowerPost takes some
    sa.Column("approved_by", sa.String(64)),  # who let it through though it was over budget
    sa.Column("preset", sa.String(64)),  # the name of the preset that it was made with
    # The limit of what runs (slots.py): asked for a slot first, and has one since.
    sa.Column("place_wanted_at", UtcDateTime),
    sa.Column("placed_at", UtcDateTime),
    sa.Column("unplaced_at", UtcDateTime),  # others have had its slot since: it hangs
    sa.Column("tried_at", UtcDateTime),  # PowerPost would not take it then for the first time
    sa.Column("over_budget", sa.JSON(none_as_null=True)),  # when it was to be paid (approval.py)
    sa.Column("refused_files", sa.JSON(none_as_null=True)),  # which could not be references
    # Who sees it, and where (images/showing.py); made aside, for which channel and thread.
    sa.Column("show", sa.String(16)),
    sa.Column("for_channel_id", sa.String(64)),
    sa.Column("for_thread_ts", sa.String(32)),
    sa.Column("chain", sa.JSON(none_as_null=True)),  # its prompt, by what each version has added
    sa.Column("brief_id", sa.String(64)),  # the brief that it is a part of, and which one
    sa.Column("part", sa.Integer),
    sa.Column("campaign", sa.String(64)),  # as it was spelt first (campaigns.py)
    sa.Column("blanked_at", UtcDateTime),  # its prompt and all of its kind are not kept any more
    sa.Column("powerpost_workspace", sa.String(255)),  # that it is made in; null: the default one
    # What people have said of it, as words of the library (library.py): "bad good".
    sa.Column("marks", sa.Text),
    sa.Column("number", sa.Integer),  # that it goes by in SQLite's index of the library
)


def _index(name: str, *columns: sa.Column[Any], where: sa.ColumnElement[bool]) -> None:
    """An index of the rows that it is for: what is accepted is not entered into all of them."""
    # On PostgreSQL, too (migrate.py); `postgresql_where` here would load its dialect for SQLite.
    sa.Index(name, *columns, sqlite_where=where)


_is_pending = generations.c.told_at.is_(None)
# What is still owed: to each person, and by each process (looked through at every start).
_index("ix_generations_owed", generations.c.team_id, generations.c.user_id, where=_is_pending)
_index("ix_generations_owner", generations.c.owner, generations.c.accepted_at, where=_is_pending)
# What was spent when: asked for at each outcome and each form.
for _column in (
    generations.c.intended_at,
    generations.c.submitted_at,
    generations.c.finished_at,
    generations.c.parent_id,
):
    _index(f"ix_generations_{_column.name}", _column, where=_column.is_not(None))
# What stands in a thread, and what a person made.
for _column in (generations.c.root_ts, generations.c.thread_ts):
    _index(
        f"ix_generations_channel_id_{_column.name}",
        generations.c.channel_id,
        _column,
        where=_column.is_not(None),
    )
sa.Index(
    "ix_generations_team_id_user_id_accepted_at",
    generations.c.team_id,
    generations.c.user_id,
    generations.c.accepted_at,
)

_index(
    "ix_generations_number",
    generations.c.number,
    where=generations.c.number.is_not(None),
)
# What has an unknown outcome stays held against budgets, and is looked for in a window.
_index(
    "ix_generations_held",
    generations.c.team_id,
    generations.c.accepted_at,
    where=sa.text("state = 'unknown' AND estimate IS NOT NULL"),  # type: ignore[arg-type]
)
# The result that heads a thread, and the last balance that was asked for at an end.
_index(
    "ix_generations_result_ts",
    generations.c.result_ts,
    where=generations.c.result_ts.is_not(None),
)
_index(
    "ix_generations_balance_at_end",
    generations.c.finished_at,
    where=generations.c.balance_at_end.is_not(None),
)

_index(
    "ix_generations_brief_id",
    generations.c.brief_id,
    where=generations.c.brief_id.is_not(None),
)

# What a sweep (retention.py) still has to look at.
_index(
    "ix_generations_told_at_response_url",
    generations.c.told_at,
    where=generations.c.response_url.is_not(None) & generations.c.told_at.is_not(None),
)
_index(
    "ix_generations_told_at_blanked_at",
    generations.c.told_at,
    where=generations.c.blanked_at.is_(None) & generations.c.told_at.is_not(None),
)

# The nightly sweep: which night was swept last, and until when one process has taken the next.
sweeps = sa.Table(
    "sweeps",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("night", UtcDateTime),
    sa.Column("taken_until", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
)


def unindexed(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """`column`, which no index is to be chosen by: nearly all rows are of one workspace, and SQLite
    would rather look through those than take the index of what there are few of."""
    return sa.func.coalesce(column, sa.literal_column("''"))


def is_unindexed(column: sa.ColumnElement[Any], value: str) -> sa.ColumnElement[bool]:
    """Whether `column` is `value`, by no index either: for what most rows have. PostgreSQL sees
    through it, and knows how many these are."""
    return (column != value).is_(sa.false())


# The processes that work on generations, each with its last sign of life (PostgreSQL only).
processes = sa.Table(
    "processes",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("seen_at", UtcDateTime, nullable=False),
)

# How fast others may be called, by all processes together (PostgreSQL only).
paces = sa.Table(
    "paces",
    metadata,
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("state", sa.JSON, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
)

# One row: when somebody worked here last, and the balance that PowerPost told at that moment.
heartbeats = sa.Table(
    "heartbeats",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("balance", sa.Float, nullable=False),
)

# Several generations of one promise: what was asked for as a whole, and what was said of it.
briefs = sa.Table(
    "briefs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("origin", sa.String(255), nullable=False, unique=True),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("channel_id", sa.String(64), nullable=False),  # where its root message stands
    sa.Column("user_id", sa.String(64), nullable=False),
    sa.Column("request", sa.JSON, nullable=False),  # the whole of what was promised
    sa.Column("accepted_at", UtcDateTime, nullable=False),
    sa.Column("root_ts", sa.String(32)),
    sa.Column("root_intended_at", UtcDateTime),
    sa.Column("summary_ts", sa.String(32)),
    sa.Column("summary_intended_at", UtcDateTime),
    sa.Column("told_at", UtcDateTime),
    sa.Column("sheet_file_id", sa.String(64)),  # Slack's, of the picture with all of them
    sa.Column("taken_by", sa.String(64)),  # the process that says what is to be said of it
    sa.Column("taken_until", UtcDateTime),
    sa.Index("ix_briefs_team_id_user_id", "team_id", "user_id"),
)
_index("ix_briefs_untold", briefs.c.accepted_at, where=briefs.c.told_at.is_(None))

# What people thought of a result; one opinion per person.
feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column(
        "generation_id",
        sa.String(64),
        sa.ForeignKey("generations.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("user_id", sa.String(64), primary_key=True),
    sa.Column("opinion", sa.String(16), nullable=False),
    sa.Column("given_at", UtcDateTime, nullable=False),
)

# What a form held when it was last seen: one per person.
drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("team_id", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(64), primary_key=True),
    sa.Column("form", sa.JSON, nullable=False),
    sa.Column("generation_id", sa.String(64)),  # what it was sent as, where it was sent
    sa.Column("saved_at", UtcDateTime, nullable=False),
)

# What was not sure and was asked back, as it would be made: one button makes it.
questions = sa.Table(
    "questions",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("user_id", sa.String(64), nullable=False),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Index("ix_questions_asked_at", "asked_at"),
)

# The version of a thread that a person went back to: their next reply changes it.
taken_up = sa.Table(
    "taken_up",
    metadata,
    sa.Column("team_id", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(64), primary_key=True),
    sa.Column("channel_id", sa.String(64), primary_key=True),
    sa.Column("thread_ts", sa.String(32), primary_key=True),
    sa.Column("generation_id", sa.String(64), nullable=False),
    sa.Column("taken_at", UtcDateTime, nullable=False),
)

# Reference pictures that PowerPost has already: the same bytes are uploaded once per workspace.
media = sa.Table(
    "media",
    metadata,
    sa.Column("workspace_id", sa.String(255), primary_key=True),
    sa.Column("content_hash", sa.String(64), primary_key=True),
    sa.Column("media_id", sa.String(255), nullable=False),
    sa.Column("uploaded_at", UtcDateTime, nullable=False),
)

# What a workspace has set (bot/policy/policy.py), and which version of it this is.
policies = sa.Table(
    "policies",
    metadata,
    sa.Column("team_id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("changed_at", UtcDateTime),
)

# Who changed what of it.
policy_changes = sa.Table(
    "policy_changes",
    metadata,
    sa.Column("team_id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("what", sa.String(64), nullable=False),
    sa.Column("changed_by", sa.String(64), nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("summary", sa.JSON(none_as_null=True)),  # from what to what (bot/policy/changes.py)
)

# What PowerPost took and gave back (bot/credits/ledger.py). Entries are never changed: the
# database itself refuses it (`_CLOSING_LEDGER`).
ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("generation_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("channel_id", sa.String(64), nullable=False),  # "D": a direct message
    sa.Column("user_id", sa.String(64), nullable=False),  # a pseudonym (people.py)
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("credits", sa.Float),  # taken (+) or given back (-); None: PowerPost did not say
    sa.Column("expected", sa.Float, nullable=False),  # still to come back (-), or come by now (+)
    sa.Column("balance", sa.Float),  # PowerPost's, after it
    sa.Column("entered_at", UtcDateTime, nullable=False),
    sa.Column("counts_at", UtcDateTime, nullable=False),  # the charge's time, also of its refund
    sa.Column("approved_by", sa.String(64)),  # a pseudonym, too
    sa.Column("campaign", sa.String(64)),
    sa.Column("powerpost_workspace", sa.String(255)),  # null: the default one
    sa.UniqueConstraint("generation_id", "kind"),
    sa.Index("ix_ledger_team_id_counts_at", "team_id", "counts_at"),
    sa.Index("ix_ledger_model_quantity_entered_at", "model", "quantity", "entered_at"),
    sa.Index("ix_ledger_kind_entered_at", "kind", "entered_at"),
)
# Charges of which PowerPost did not say how much.
_index("ix_ledger_unpriced", ledger.c.team_id, ledger.c.counts_at, where=ledger.c.credits.is_(None))

# What the entries of a quarter of an hour come to (taken, and less what is expected back): of a
# whole workspace, of a channel, and of a person, so that a budget's window is added up from a few
# rows. In all time zones a day begins with a quarter of an hour.
QUARTER_SECONDS: Final = 900
ledger_sums = sa.Table(
    "ledger_sums",
    metadata,
    sa.Column("team_id", sa.String(64), primary_key=True),
    sa.Column("subject", sa.String(64), primary_key=True),  # an id of Slack's; "": the workspace
    sa.Column("quarter", sa.Integer, primary_key=True, autoincrement=False),  # since 1970
    sa.Column("credits", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)

# The same of each campaign, apart from those: the version before adds them all up.
campaign_sums = sa.Table(
    "campaign_sums",
    metadata,
    sa.Column("team_id", sa.String(64), primary_key=True),
    sa.Column("campaign", sa.String(64), primary_key=True),
    sa.Column("quarter", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("credits", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)

# What pictures were made for: one spelling of each name (bot/images/campaigns.py), the first one.
campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("team_id", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=False),
    sa.Index("ix_campaigns_team_id_used_at", "team_id", "used_at"),
)

# The entries of refunds that are expected, until another entry of the generation closes them.
open_refunds = sa.Table(
    "open_refunds",
    metadata,
    sa.Column("generation_id", sa.String(64), primary_key=True),
    sa.Column("entry_id", sa.Integer, nullable=False),
)

_APPEND_ONLY: Final = "the ledger is append-only"
# As the migrations have it (0005, 0009). SQLite's INSERT OR REPLACE deletes without a trigger: such
# an insert is passed over.
_CLOSING_LEDGER: Final = {
    "sqlite": (
        "CREATE TRIGGER ledger_refuses_update BEFORE UPDATE ON ledger "
        f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END",
        "CREATE TRIGGER ledger_refuses_delete BEFORE DELETE ON ledger "
        f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END",
        "CREATE TRIGGER ledger_refuses_replace BEFORE INSERT ON ledger "
        "WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id "
        "OR (generation_id = NEW.generation_id AND kind = NEW.kind)) "
        "BEGIN SELECT RAISE(IGNORE); END",
    ),
    "postgresql": (
        "CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END $$",
        "CREATE TRIGGER ledger_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()",
    ),
}
# As the migration has it (0013). The database keeps the sums itself, in the transaction of the
# entry: whatever version of the bot makes it. The workspace's row comes first for everyone, so that
# of two transactions one waits for the other.
_SUMMED: Final = (
    "INSERT INTO ledger_sums (team_id, subject, quarter, credits) "
    "VALUES (NEW.team_id, '', {quarter}, {credits}), "
    "(NEW.team_id, NEW.channel_id, {quarter}, {credits}), "
    "(NEW.team_id, NEW.user_id, {quarter}, {credits}) "
    "ON CONFLICT (team_id, subject, quarter) "
    "DO UPDATE SET credits = ledger_sums.credits + excluded.credits"
)
_ADDED: Final = "coalesce(NEW.credits, 0) + NEW.expected"
# Of the seconds alone: SQLite would round the last half of a millisecond up.
_SQLITE_QUARTER: Final = "CAST(strftime('%%s', substr(NEW.counts_at, 1, 19)) AS INTEGER) / 900"
_POSTGRES_QUARTER: Final = "floor(extract(epoch FROM NEW.counts_at) / 900)"
# As the migration has it (0023).
_CAMPAIGN_ADDED: Final = (
    "INSERT INTO campaign_sums (team_id, campaign, quarter, credits) "
    "VALUES (NEW.team_id, NEW.campaign, {quarter}, {credits}) "
    "ON CONFLICT (team_id, campaign, quarter) "
    "DO UPDATE SET credits = campaign_sums.credits + excluded.credits"
)
_OPENED: Final = (
    "INSERT INTO open_refunds (generation_id, entry_id) VALUES (NEW.generation_id, NEW.id)"
)
_CLOSED: Final = "DELETE FROM open_refunds WHERE generation_id = NEW.generation_id"
_ADDING_LEDGER_UP: Final = {
    "sqlite": (
        "CREATE TRIGGER ledger_adds_up AFTER INSERT ON ledger "
        f"BEGIN {_SUMMED.format(quarter=_SQLITE_QUARTER, credits=_ADDED)}; END",
        "CREATE TRIGGER ledger_opens_refund AFTER INSERT ON ledger "
        f"WHEN NEW.kind = 'refund_expected' BEGIN {_OPENED}; END",
        "CREATE TRIGGER ledger_closes_refund AFTER INSERT ON ledger "
        f"WHEN NEW.kind IN ('refund_confirmed', 'refund_missed') BEGIN {_CLOSED}; END",
        "CREATE TRIGGER ledger_adds_up_campaigns AFTER INSERT ON ledger "
        "WHEN NEW.campaign IS NOT NULL "
        f"BEGIN {_CAMPAIGN_ADDED.format(quarter=_SQLITE_QUARTER, credits=_ADDED)}; END",
    ),
    "postgresql": (
        "CREATE FUNCTION add_up_ledger() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {_SUMMED.format(quarter=_POSTGRES_QUARTER, credits=_ADDED)}; "
        f"IF NEW.kind = 'refund_expected' THEN {_OPENED}; "
        f"ELSIF NEW.kind IN ('refund_confirmed', 'refund_missed') THEN {_CLOSED}; "
        "END IF; RETURN NULL; END $$",
        "CREATE TRIGGER ledger_adds_up AFTER INSERT ON ledger "
        "FOR EACH ROW EXECUTE FUNCTION add_up_ledger()",
        "CREATE FUNCTION add_up_campaign() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {_CAMPAIGN_ADDED.format(quarter=_POSTGRES_QUARTER, credits=_ADDED)}; "
        "RETURN NULL; END $$",
        "CREATE TRIGGER ledger_adds_up_campaigns AFTER INSERT ON ledger FOR EACH ROW "
        "WHEN (NEW.campaign IS NOT NULL) EXECUTE FUNCTION add_up_campaign()",
    ),
}
for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for _statement in _statements:  # a DDL's text is a format
        _ddl = sa.DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        sa.event.listen(generations, "after_create", _ddl.execute_if(dialect=_dialect))
for _dialect in _CLOSING_LEDGER:
    for _statement in (*_CLOSING_LEDGER[_dialect], *_ADDING_LEDGER_UP[_dialect]):
        _ddl = sa.DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's has no types
        sa.event.listen(ledger, "after_create", _ddl.execute_if(dialect=_dialect))

# Who is who in the ledger (people.py). Forgetting somebody is deleting their rows, once what they
# have spent counts against no budget any more.
people = sa.Table(
    "people",
    metadata,
    sa.Column("pseudonym", sa.String(64), primary_key=True),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("user_id", sa.String(64), nullable=False),
    sa.Column("forgotten_at", UtcDateTime),
    sa.Index("ix_people_team_id_user_id", "team_id", "user_id"),
)

# Requests over budget that somebody may let through (bot/generations/approval.py).
approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("request", sa.JSON, nullable=False),  # the whole of what will be promised
    sa.Column("shortfalls", sa.JSON, nullable=False),  # the budgets as they were
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("asked_at", UtcDateTime),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("decided_by", sa.String(64)),
    sa.Column("reason", sa.Text),
    sa.Index("ix_approvals_state_expires_at", "state", "expires_at"),
)

# What is to be said about them, and where: a card for the approvers (several where each has one),
# and the outcome for the requester.
approval_messages = sa.Table(
    "approval_messages",
    metadata,
    sa.Column(
        "approval_id",
        sa.String(64),
        sa.ForeignKey(
            "approvals.id", ondelete="CASCADE", name="fk_approval_messages_approval_id_approvals"
        ),
        primary_key=True,
    ),
    sa.Column("address", sa.String(64), primary_key=True),  # a channel or person; "": requester
    sa.Column("channel_id", sa.String(64)),  # where it stands, once it was posted
    sa.Column("ts", sa.String(32)),
    sa.Column("shown", sa.String(32)),  # the state of the approval that it shows
    sa.Column("due_at", UtcDateTime),  # from when on it may be worked on; None: nothing to do
)
_index(
    "ix_approval_messages_due_at",
    approval_messages.c.due_at,
    where=approval_messages.c.due_at.is_not(None),
)

# What the admins were told of budgets and the balance (bot/credits/alerts.py), each once.
alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("key", sa.String(255), nullable=False),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("told_to", sa.JSON, nullable=False),  # people
    sa.Column("raised_at", UtcDateTime, nullable=False),
    sa.Column("taken_until", UtcDateTime),  # until then one process tells it
    sa.Column("told_at", UtcDateTime),  # to everyone who is to know
    sa.UniqueConstraint("team_id", "key"),
)
_index("ix_alerts_untold", alerts.c.id, where=alerts.c.told_at.is_(None))

# Channels whose ids have changed (bot/store/channels.py). `new_id` is the one that it has now.
channel_moves = sa.Table(
    "channel_moves",
    metadata,
    sa.Column("team_id", sa.String(64), primary_key=True),
    sa.Column("old_id", sa.String(64), primary_key=True),
    sa.Column("new_id", sa.String(64), nullable=False),
    sa.Column("moved_at", UtcDateTime, nullable=False),
)

# What is being shared (bot/generations/share.py): pending until `ended_at`.
shares = sa.Table(
    "shares",
    metadata,
    sa.Column("id", sa.String(255), primary_key=True),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("user_id", sa.String(64), nullable=False),
    sa.Column("generation_id", sa.String(64), nullable=False),
    sa.Column("positions", sa.JSON, nullable=False),
    sa.Column("channel_id", sa.String(64), nullable=False),
    sa.Column("thread_ts", sa.String(32)),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("shared_at", UtcDateTime, nullable=False),
    sa.Column("intended_at", UtcDateTime),  # since then it may have been posted
    sa.Column("posted_ts", sa.String(32)),
    sa.Column("taken_until", UtcDateTime, nullable=False),  # until then one process posts it
    sa.Column("ended_at", UtcDateTime),
    sa.Index("ix_shares_ended_at", "ended_at"),
)

# Votes on pictures (bot/generations/pick.py): the rounds, one vote for each person in each, and
# what is said of them in the thread.
pick_rounds = sa.Table(
    "pick_rounds",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("subject_id", sa.String(64), nullable=False),  # a generation's, or a brief's
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("generation_id", sa.String(64), nullable=False),
    sa.Column("brief_id", sa.String(64)),
    sa.Column("channel_id", sa.String(64), nullable=False),
    sa.Column("thread_ts", sa.String(32)),
    sa.Column("opened_by", sa.String(64), nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("candidates", sa.JSON, nullable=False),
    sa.Column("message_ts", sa.String(32)),
    sa.Column("intended_at", UtcDateTime),
    sa.Column("changes", sa.Integer, nullable=False),  # so often there was something to show,
    sa.Column("shown", sa.Integer, nullable=False),  # and so much of it is shown
    sa.Column("is_plain", sa.Boolean, nullable=False),
    sa.Column("is_wanted", sa.Boolean, nullable=False),
    sa.Column("lost_at", UtcDateTime),
    sa.Column("taken_until", UtcDateTime),  # until then one process shows it
    sa.Column("closed_at", UtcDateTime),
    sa.Column("closed_by", sa.String(64)),
    sa.Column("winners", sa.JSON(none_as_null=True)),
    sa.Column("counts", sa.JSON(none_as_null=True)),
    sa.UniqueConstraint("subject_id", "number"),
    sa.Index("ix_pick_rounds_opened_at", "opened_at"),
)
_index(
    "ix_pick_rounds_due",
    pick_rounds.c.taken_until,
    where=pick_rounds.c.shown < pick_rounds.c.changes,
)

pick_votes = sa.Table(
    "pick_votes",
    metadata,
    sa.Column(
        "round_id",
        sa.String(64),
        sa.ForeignKey("pick_rounds.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("user_id", sa.String(64), primary_key=True),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("choice", sa.Integer, nullable=False),
    sa.Column("voted_at", UtcDateTime, nullable=False),
    sa.Index("ix_pick_votes_team_id_user_id", "team_id", "user_id"),
)

pick_notes = sa.Table(
    "pick_notes",
    metadata,
    sa.Column("id", sa.String(255), primary_key=True),
    sa.Column(
        "round_id",
        sa.String(64),
        sa.ForeignKey("pick_rounds.id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("user_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("said_at", UtcDateTime, nullable=False),
    sa.Column("intended_at", UtcDateTime),
    sa.Column("ts", sa.String(32)),
    sa.Index("ix_pick_notes_round_id", "round_id"),
)

# Drafts in PowerPost's post desk (bot/posts/record.py), and the texts ordered for them.
posts = sa.Table(
    "posts",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("origin", sa.String(255), nullable=False, unique=True),
    sa.Column("team_id", sa.String(64), nullable=False),
    sa.Column("user_id", sa.String(64), nullable=False),
    sa.Column("channel_id", sa.String(64), nullable=False),  # where it is told
    sa.Column("thread_ts", sa.String(32)),
    sa.Column("ruled_channel_id", sa.String(64), nullable=False),  # whose rules and budgets hold
    sa.Column("generation_id", sa.String(64), nullable=False),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("accepted_at", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("campaign", sa.String(64)),
    sa.Column("powerpost_workspace", sa.String(255)),  # None: the default one
    # Of the text that was ordered, as on the row of a generation.
    sa.Column("estimate", sa.Float),
    sa.Column("caption_id", sa.String(255)),
    sa.Column("intended_at", UtcDateTime),
    sa.Column("submitted_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("is_text_failed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("credits_used", sa.Float),
    sa.Column("balance_before", sa.Float),
    sa.Column("balance_after", sa.Float),
    sa.Column("balance_at_end", sa.Float),
    sa.Column("drafting_at", UtcDateTime),  # since then the draft may have been sent
    sa.Column("post_id", sa.String(255)),
    sa.Column("upstream_state", sa.String(64)),
    sa.Column("looked_at", UtcDateTime),
    sa.Column("plan_state", sa.String(32)),
    sa.Column("plan_cause", sa.String(64)),
    sa.Column("cause", sa.String(64)),
    sa.Column("detail", sa.Text),
    sa.Column("request_id", sa.String(255)),
    sa.Column("message_ts", sa.String(32)),
    sa.Column("told_intended_at", UtcDateTime),
    sa.Column("told_at", UtcDateTime),
    sa.Column("blanked_at", UtcDateTime),
    sa.Column("taken_by", sa.String(64)),  # the process that works on it
    sa.Column("taken_until", UtcDateTime),
    sa.Index("ix_posts_team_id_accepted_at", "team_id", "accepted_at"),
    sa.Index("ix_posts_intended_at", "intended_at"),
    sa.Index("ix_posts_submitted_at", "submitted_at"),
    sa.Index("ix_posts_finished_at", "finished_at"),
    sa.Index("ix_posts_told_at", "told_at"),
)

# Where the app is installed, since when it works there, and when it was removed.
installations = sa.Table(
    "installations",
    metadata,
    sa.Column("team_id", sa.String(64), primary_key=True),
    sa.Column("installed_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime),
)

# Who was welcomed in their direct message with the bot.
welcomes = sa.Table(
    "welcomes",
    metadata,
    sa.Column("team_id", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(64), primary_key=True),
)

pictures = sa.Table(
    "pictures",
    metadata,
    sa.Column(
        "generation_id",
        sa.String(64),
        sa.ForeignKey("generations.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("media_id", sa.String(255), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("slack_file_id", sa.String(64)),
    sa.Column("cause", sa.String(64)),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("alt_text", sa.Text),
    sa.Column("chosen_at", UtcDateTime),  # a vote was closed with it as the winner
)
# Which generation a message of ours shows, wherever it was shared to.
_index(
    "ix_pictures_slack_file_id",
    pictures.c.slack_file_id,
    where=pictures.c.slack_file_id.is_not(None),
)
# SQLite takes an index with a condition only where a query says the same, as text.
HAS_URL: Final = pictures.c.url != sa.literal_column("''")
_index("ix_pictures_expires_at", pictures.c.expires_at, where=HAS_URL)

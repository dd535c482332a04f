"""The search of the library, the same on both databases: words and facets (library_sql.py) in one
expression, and the newest first without sorting all that match, a window of days after another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.errors import NewerVersion
from bot.generations.library import Cursor, Search, Viewer
from bot.generations.record import Generation
from bot.store.database import Database
from bot.store.library_sql import (
    DAYS_IN_PART,
    DAYS_IN_WHOLE,
    FACET,
    FOLDED,
    LISTED,
    POSTGRES_WORDS,
    WORD_MAX,
)
from bot.store.rows import generations_of, read_generation
from bot.store.tables import feedback, generations

# Each has more days than the one before: where little matches, the next look finds little more.
# With each, on what stretch of days it begins: so few terms cover it.
WINDOWS: Final = ((2, 1), (14, 1), (112, DAYS_IN_PART), (1_024, DAYS_IN_WHOLE))
# For a word that is begun PostgreSQL goes through all its rows in each of them: fewer, then.
_FEW_WINDOWS: Final = ((4, 1), (160, DAYS_IN_PART))
_FIRST_DAY: Final = 71 * DAYS_IN_WHOLE  # in 2019: nothing is older
_WORDS_MAX: Final = 12
_DAY_SECONDS: Final = 86_400
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9]")
_OPINIONS: Final = frozenset({"good", "bad"})

_SPELT_OUT_MAX: Final = 64
_NEXT_TERM: Final = sa.text("SELECT term FROM library_terms WHERE term >= :lowest LIMIT 1")

# One of them has to hold.
_Terms = Sequence[str]
_MATCHES: Final = {
    "sqlite": (
        "SELECT g.id, g.accepted_at FROM library AS l JOIN generations AS g ON g.number = l.rowid "
        "WHERE library MATCH :asked"
    ),
    "postgresql": (
        "SELECT id, accepted_at FROM generations "  # noqa: S608 - our own words
        f"WHERE {POSTGRES_WORDS} @@ CAST(:asked AS tsquery) AND {LISTED.replace('{row}', '')}"
    ),
}


class LibraryStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, viewer: Viewer, search: Search, now: datetime, limit: int, after: Cursor | None = None
    ) -> list[Generation]:
        """See the protocol."""
        asked_for = list_clauses(viewer, search)
        if asked_for is None:
            return []
        newest = now + timedelta(days=1)  # clocks may differ
        for bound in (search.until, after and after.accepted_at):
            newest = min(newest, bound or newest)

        def read(on: sa.Connection) -> list[Generation]:
            ids: list[str] = []
            clauses = [_spell_out(on, terms) for terms in asked_for]
            is_begun = any(terms[0].endswith("*") for terms in clauses)
            windows = _FEW_WINDOWS if is_begun else WINDOWS
            for days in list_windows(newest, search.since, windows):
                asked = self._render([*clauses, days])
                ids += _find_some(on, asked, search, after, limit - len(ids))
                if len(ids) >= limit:
                    break
            return _read_in_order(on, ids)

        found = await self._database.read(read)
        return [each for each in found if viewer.may_see(each)]

    def _render(self, clauses: Sequence[_Terms]) -> str:
        """As FTS5, or a tsquery, has it. Terms are letters and digits, so that nothing typed is
        ever an operator."""
        is_sqlite = self._database.dialect == "sqlite"
        either, both = (" OR ", " AND ") if is_sqlite else (" | ", " & ")
        quote = '"' if is_sqlite else "'"

        def show(term: str) -> str:
            word = term.removesuffix("*")
            begun = ("*" if is_sqlite else ":*") if term.endswith("*") else ""
            return f"{quote}{word}{quote}{begun}"

        return both.join(f"({either.join(map(show, terms))})" for terms in clauses)


def _spell_out(on: sa.Connection, terms: _Terms) -> _Terms:
    """For a word that is begun (`light*`) the words that begin so, if they are few. FTS5 would read
    all the rows of each anew for every window; a word is found at once. (One after the other: to
    list them would read all their rows, too.)"""
    if on.dialect.name != "sqlite" or not terms[0].endswith("*"):
        return terms
    begun = terms[0].removesuffix("*")
    found, lowest = list[str](), begun
    while (term := on.execute(_NEXT_TERM, {"lowest": lowest}).scalar()) is not None:
        if not term.startswith(begun):
            break
        if len(found) == _SPELT_OUT_MAX:
            return terms
        found.append(term)
        lowest = f"{term}\x01"
    return found or [begun]


def _find_some(
    on: sa.Connection, asked: str, search: Search, after: Cursor | None, limit: int
) -> list[str]:
    row = "g." if on.dialect.name == "sqlite" else ""
    text, values = _MATCHES[on.dialect.name], dict[str, Any](asked=asked, limit=limit)
    kinds = []
    for name, moment, compare in (("since", search.since, ">="), ("until", search.until, "<")):
        if moment is not None:
            text += f" AND {row}accepted_at {compare} :{name}"
            values[name] = moment
            kinds.append(name)
    if after is not None:
        text += f" AND ({row}accepted_at, {row}id) < (:after_at, :after_id)"
        values |= {"after_at": after.accepted_at, "after_id": after.generation_id}
        kinds.append("after_at")
    text += f" ORDER BY {row}accepted_at DESC, {row}id DESC LIMIT :limit"
    moment_type = generations.c.accepted_at.type
    statement = sa.text(text).bindparams(*(sa.bindparam(each, type_=moment_type) for each in kinds))
    return [row.id for row in on.execute(statement, values)]


def _read_in_order(on: sa.Connection, ids: Sequence[str]) -> list[Generation]:
    if not ids:
        return []
    listed = sa.select(generations).where(generations.c.id.in_(ids))
    try:
        found = generations_of(on, listed, for_work=True)
    except NewerVersion:  # that of one row, which is left out
        found = [each for each in (_read_one(on, id_) for id_ in ids) if each]
    return sorted(found, key=lambda each: ids.index(each.id))


def _read_one(on: sa.Connection, generation_id: str) -> Generation | None:
    try:
        return read_generation(on, generation_id, for_work=True)
    except NewerVersion:
        return None


def list_clauses(viewer: Viewer, search: Search) -> list[_Terms] | None:
    """What has to hold: of each clause one term. None if nothing can be found by what was typed,
    which has no letter in it. Pure."""
    words = split_words(search.words)
    if search.words.strip() and not words:
        return None
    visible = [_facet("u", viewer.user_id)]
    visible += [_facet("c", each) for each in sorted(viewer.channel_ids)]
    # Of a word that is cut off, SQLite has all of it.
    clauses: list[_Terms] = [[f"{x}*" if len(x) == WORD_MAX else x] for x in words[:-1]]
    clauses += [[f"{word}*"] for word in words[-1:]]
    clauses += [[_facet("t", viewer.team_id)], visible]
    for kind, value in (("u", search.user_id), ("c", search.channel_id), ("x", search.mark)):
        if value:
            clauses.append([_facet(kind, value)])
    for kind, value in (("m", search.model), ("s", search.size), ("g", search.campaign)):
        if value:
            clauses.append([f"{FACET}{kind}{value.encode().hex()}"])
    return clauses


def _facet(kind: str, value: str) -> str:
    return f"{FACET}{kind}{_UNSAFE.sub('', value)}"


def split_words(typed: str) -> list[str]:
    """The words of a text as they are found, folded as the databases do it; each once. Pure."""
    said = "".join(each if _is_of_word(each) else " " for each in typed).translate(FOLDED)
    return list(dict.fromkeys(word[:WORD_MAX] for word in said.split()))[:_WORDS_MAX]


def _is_of_word(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in "LN" or category in ("Mn", "Mc")


def list_windows(
    newest: datetime,
    oldest: datetime | None,
    windows: Sequence[tuple[int, int]] = WINDOWS,
) -> Iterator[_Terms]:
    """The days to look at, the last ones first: each window as terms, larger than the one before.
    Pure."""
    last = int(newest.astimezone(UTC).timestamp()) // _DAY_SECONDS
    first = _FIRST_DAY
    if oldest is not None:
        first = max(first, int(oldest.astimezone(UTC).timestamp()) // _DAY_SECONDS)
    for days, stretch in (*windows, (last, 1)):
        if last < first:
            return
        begin = max(first, (last - days + 1) // stretch * stretch)
        yield cover_days(begin, last)
        last = begin - 1


def cover_days(first: int, last: int) -> list[str]:
    """The fewest terms for all days from `first` to `last`, in stretches if they fit. Pure."""
    terms, day = [], first
    while day <= last:
        for kind, length in (("f", DAYS_IN_WHOLE), ("e", DAYS_IN_PART), ("d", 1)):
            if day % length == 0 and day + length - 1 <= last:
                terms.append(f"{FACET}{kind}{day // length}")
                day += length
                break
    return terms


def mark_again(on: sa.Connection, generation_ids: Sequence[str]) -> None:
    """Note on these what people think of them by now."""
    if not generation_ids:
        return
    said = sa.select(feedback.c.generation_id, feedback.c.opinion).where(
        feedback.c.generation_id.in_(generation_ids)
    )
    opinions: dict[str, set[str]] = {each: set() for each in generation_ids}
    for row in on.execute(said):
        if row.opinion in _OPINIONS:
            opinions[row.generation_id].add(row.opinion)
    known = sa.select(generations.c.id, generations.c.marks).where(
        generations.c.id.in_(generation_ids)
    )
    for row in on.execute(known).all():
        others = set((row.marks or "").split()) - _OPINIONS
        marks = " ".join(sorted(others | opinions[row.id])) or None
        if marks != row.marks:
            on.execute(sa.update(generations).where(generations.c.id == row.id).values(marks=marks))

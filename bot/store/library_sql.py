"""What the database itself keeps for the search of the library: which rows are found, and by what.

Each row that is listed (delivered, told, neither deleted nor blanked) is found by the words of its
prompt and by facets: whose it is, where it stands, its model, size, campaign, marks and day. A
facet is a word that nobody can type: it begins with a character of private use. SQLite keeps them
in FTS5 by triggers, PostgreSQL in a GIN index over a function; so what an older version writes is
found, too, and what is deleted or blanked, by whatever version, is gone with it.

Migration 0027 runs these statements: what is changed here needs a migration of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

FACET: Final = "\ue000"
DAYS_IN_PART: Final = 16
DAYS_IN_WHOLE: Final = 256
# No lexeme of PostgreSQL's is longer than 2,046 bytes.
WORD_MAX: Final = 64

_LATIN: Final = (*range(0x80, 0x250), *range(0x1E00, 0x1F00))
_OTHERS: Final = (*range(0x370, 0x590), *range(0xFF21, 0xFF3B))
_MARKS: Final = range(0x300, 0x370)  # accents that stand after their letter


def _fold(letter: str) -> str:
    """As FTS5's unicode61 does it, with remove_diacritics=2: without case, and Latin letters
    without accents. What does not come apart (ø, ß) stays."""
    base = unicodedata.normalize("NFD", letter)[0]
    if base.isascii() and base.isalpha():
        return base.lower()
    lower = letter.lower()
    return lower if len(lower) == 1 else letter


_UPPER: Final = [chr(at) for at in range(0x41, 0x5B)]
_LETTERS: Final = [*_UPPER, *(x for at in (*_LATIN, *_OTHERS) if _fold(x := chr(at)) != x)]
FOLDED: Final = {ord(letter): _fold(letter) for letter in _LETTERS} | dict.fromkeys(_MARKS, "")

LISTED: Final = (
    "{row}state = 'delivered' AND {row}told_at IS NOT NULL "
    "AND {row}deleted_at IS NULL AND {row}blanked_at IS NULL"
)
# Where its message stands; without one it is only its person's to find.
_CHANNEL: Final = (
    "CASE WHEN {row}result_ts IS NOT NULL "
    "THEN coalesce({row}result_channel_id, {row}channel_id) END"
)

# SQLite ----------------------------------------------------------------------------------------

_DAY: Final = "(CAST(strftime('%s', substr({row}accepted_at, 1, 10)) AS INTEGER) / 86400)"
_PRIVATE: Final = "char(57344)"


def _facet(kind: str, value: str) -> str:
    return f"coalesce(' ' || {_PRIVATE} || '{kind}' || {value}, '')"


_WORDS: Final = " || ".join(
    (
        f"coalesce(replace(json_extract({{row}}request, '$.prompt'), {_PRIVATE}, ' '), '')",
        _facet("t", "{row}team_id"),
        _facet("u", "{row}user_id"),
        _facet("c", _CHANNEL),
        _facet("m", "hex(json_extract({row}request, '$.model'))"),
        _facet("s", "hex(json_extract({row}request, '$.size'))"),
        _facet("g", "nullif(hex({row}campaign), '')"),
        f"coalesce(replace(' ' || {{row}}marks, ' ', ' ' || {_PRIVATE} || 'x'), '')",
        _facet("d", _DAY),
        _facet("e", f"({_DAY} / {DAYS_IN_PART})"),
        _facet("f", f"({_DAY} / {DAYS_IN_WHOLE})"),
    )
)
# In FTS5 a row goes by its `number`, given when it is listed first: SQLite's own changes when a
# sweep moves a row (retention.py), and may when a file is written anew.
_GIVE_NUMBER: Final = (
    "UPDATE generations SET number = "
    "(SELECT coalesce(max(number), 0) + 1 FROM generations WHERE number IS NOT NULL) "
    "WHERE id = NEW.id AND number IS NULL AND {listed}"
)
_ENTER: Final = (
    "INSERT INTO library (rowid, words) "
    "SELECT number, {words} FROM generations "
    "WHERE {which}number IS NOT NULL AND {listed}"
)
_TAKE_OUT: Final = (
    "INSERT INTO library (library, rowid, words) SELECT 'delete', OLD.number, {words} "
    "WHERE OLD.number IS NOT NULL AND {listed}"
)
# Changes of these change what a row is found by.
_FOUND_BY: Final = (
    *("state", "told_at", "deleted_at", "blanked_at", "result_ts", "result_channel_id"),
    *("channel_id", "team_id", "user_id", "request", "campaign", "marks", "accepted_at"),
)


def _of(row: str, text: str) -> str:
    return text.replace("{row}", row)


def _fill_in(text: str, row: str, which: str = "") -> str:
    """`text` with the words of a row, and whether it is listed."""
    text = text.replace("{words}", _of(row, _WORDS)).replace("{listed}", _of(row, LISTED))
    return text.replace("{which}", which)


_NEW: Final = f"{_fill_in(_GIVE_NUMBER, '')}; {_fill_in(_ENTER, '', 'id = NEW.id AND ')}"
_OLD: Final = _fill_in(_TAKE_OUT, "OLD.")
_IS_CHANGED: Final = " OR ".join(f"NEW.{each} IS NOT OLD.{each}" for each in _FOUND_BY)

SQLITE: Final = (
    # No text is kept, nor where in a text a word stands: what is asked is which rows have it.
    "CREATE VIRTUAL TABLE library USING fts5(words, content='', columnsize=0, detail=none, "
    "tokenize=\"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'\")",
    # Its words, to look up which begin like the last one that was typed (library.py).
    "CREATE VIRTUAL TABLE library_terms USING fts5vocab('library', 'instance')",
    f"CREATE TRIGGER library_enters AFTER INSERT ON generations BEGIN {_NEW}; END",
    f"CREATE TRIGGER library_changes AFTER UPDATE ON generations WHEN {_IS_CHANGED} "
    f"BEGIN {_OLD}; {_NEW}; END",
    f"CREATE TRIGGER library_leaves AFTER DELETE ON generations BEGIN {_OLD}; END",
)
# Of the rows that are there, before anything above is: the oldest have the lowest numbers.
NUMBER_SQLITE: Final = _fill_in("UPDATE generations SET number = rowid WHERE {listed}", "")
FILL_SQLITE: Final = _fill_in(_ENTER, "")

# PostgreSQL ------------------------------------------------------------------------------------

# Between words, beyond ASCII: signs, punctuation of all scripts, what belongs to emoji.
_BETWEEN: Final = (
    r"\u0080-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u02c2-\u02c5"
    r"\u02d2-\u02df\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u061b\u061f"
    r"\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f\u207a-\u207e\u208a-\u208e\u20a0-\u20c0\u2117"
    r"\u2120\u2122\u2190-\u245f\u2500-\u2775\u2794-\u2bff\u2e00-\u2e5f\u3000-\u3004\u3008-\u3020"
    r"\u3030\u303d-\u303f\u30a0\u30fb\ue000\ufe00-\ufe19\ufe30-\ufe6f\ufeff\uff01-\uff0f"
    r"\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U0001f000-\U0001faff"
)
_GONE: Final = "".join(map(chr, _MARKS))


def _translate(letters: Iterable[int]) -> str:
    """What folds a word: PostgreSQL looks each of its letters up from the beginning of the list."""
    known = [at for at in letters if FOLDED.get(at)]
    folded = "".join(FOLDED[at] for at in known)
    return f"translate(word, '{''.join(map(chr, known))}{_GONE}', '{folded}')"


_ARGUMENTS: Final = f"request, team_id, user_id, {_of('', _CHANNEL)}, campaign, marks, accepted_at"
# As a query has to say it for the index to be used.
POSTGRES_WORDS: Final = f"library_words({_ARGUMENTS})"

_FUNCTION: Final = (
    "CREATE FUNCTION library_words("  # noqa: S608 - our own words
    "request json, team_id text, user_id text, channel_id text, "
    "campaign text, marks text, accepted_at timestamptz) RETURNS tsvector "
    "LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$ "
    "DECLARE said text := coalesce(request->>'prompt', ''); "
    "day int := floor(extract(epoch FROM accepted_at) / 86400); "
    "BEGIN "
    'said := lower(said COLLATE "C"); '
    "IF octet_length(said) <> length(said) THEN "
    f"said := regexp_replace(said, '[{_BETWEEN}]+', ' ', 'g'); END IF; "
    r"said := regexp_replace(said, '[\x01-\x2f\x3a-\x60\x7b-\x7f]+', ' ', 'g'); "
    "RETURN array_to_tsvector(array_remove(array_remove("
    # Most words are plain, and few are of two scripts.
    "(SELECT array_agg(left(CASE WHEN octet_length(word) = length(word) THEN word "
    rf"WHEN word ~ '[\u0370-\u058f\uff21-\uff3a]' THEN {_translate(_OTHERS)} "
    f"ELSE {_translate(_LATIN)} END, {WORD_MAX})) "
    "FROM unnest(string_to_array(said, ' ')) word) || "
    "ARRAY["
    f"'{FACET}t' || team_id, '{FACET}u' || user_id, '{FACET}c' || channel_id, "
    f"'{FACET}m' || encode(convert_to(request->>'model', 'UTF8'), 'hex'), "
    f"'{FACET}s' || encode(convert_to(request->>'size', 'UTF8'), 'hex'), "
    f"'{FACET}g' || encode(convert_to(nullif(campaign, ''), 'UTF8'), 'hex'), "
    f"'{FACET}d' || day, '{FACET}e' || day / {DAYS_IN_PART}, "
    f"'{FACET}f' || day / {DAYS_IN_WHOLE}] "
    f"|| string_to_array('{FACET}x' || replace(marks, ' ', ' {FACET}x'), ' '), "
    "NULL), '')); END $$"
)
POSTGRESQL: Final = (
    _FUNCTION,
    # What is entered is found at once, without a list of what is yet to be entered to go through.
    f"CREATE INDEX ix_generations_library ON generations USING gin ({POSTGRES_WORDS}) "
    f"WITH (fastupdate = off) WHERE {_of('', LISTED)}",
)

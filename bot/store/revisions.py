"""Names of schema versions, and which version of the code may work on which. Pure.

Migrations only add, so that a version of the code goes on working on the schema of a later one:
while processes of both run during a deploy, and after a deploy that was taken back. A migration
that an older version cannot work with says so in its name, and so do all that follow it:
`0009_needs_0006` is the schema of 0009, for code that knows 0006 or more. `0007` needs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NAME = re.compile(r"(?P<number>\d{4})(?:_needs_(?P<needs>\d{4}))?", re.ASCII)
# A migration's file is called after its revision: 0009_needs_0006_moods.py.
_FILE = re.compile(rf"({_NAME.pattern})_\w+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Revision:
    """A schema version: its number, and the least that code must know to work with it."""

    number: int
    needs: int

    @classmethod
    def read(cls, name: str) -> Revision | None:
        """The revision of this name; None where it is not named so."""
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        return cls(int(found["number"]), int(found["needs"] or 0))


def may_work_on(found: str, known: str) -> bool:
    """Whether code whose last migration is `known` may work on a schema `found`, which is not among
    its own."""
    theirs, ours = Revision.read(found), Revision.read(known)
    return theirs is not None and ours is not None and theirs.number > ours.number >= theirs.needs


def sort_revisions(file_names: Iterable[str]) -> list[str]:
    """The revisions of migrations whose files have these names (without `.py`), oldest first."""
    return sorted(found[1] for name in file_names if (found := _FILE.fullmatch(name)))

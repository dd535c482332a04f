"""What the doctor finds: one line of its report for each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a finding is worth."""

    OK = "ok"
    NOTE = "note"  # worth knowing; nothing has to be done
    MEND = "MEND"  # the bot cannot do its work until it is done


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    verdict: Verdict
    about: str
    text: str

    def __str__(self) -> str:
        # What a third party said may hold line breaks and a terminal's control characters.
        text = "".join(c if c.isprintable() else " " for c in f"{self.about}: {self.text}")
        return f"{self.verdict:<4}  {text}"

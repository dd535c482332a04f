"""How a version's prompt came to be: the first words, and what was added by each version since.
Pure.

A prompt alone only grows ("fog. with a darker sky. no text"). Its lines can be struck one by one,
and lists say what a version changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Final

from pydantic import BaseModel, ConfigDict

_ENDS_SENTENCE: Final = tuple(".,;:!?…。！？，；：、")
_CLOSES: Final = "\"'”’»)]"


class Chain(BaseModel):
    """What a generation knows of the versions before it. Old rows have none."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    lines: tuple[str, ...] = ()  # the first words of the prompt, then what was added, in order
    changed: str = ""  # what this version changed; empty for the whole prompt
    # How many pictures the next version has: "x3" holds for one version. None: as this one.
    usual_quantity: int | None = None


def add_words(prompt: str | None, words: str) -> str:
    """`prompt` with `words` as its next sentence: after `. `, or after a space where the prompt
    already ends in punctuation. Without a prompt (post mode), the words are the prompt."""
    before = (prompt or "").rstrip()
    if not before:
        return words
    ends_sentence = before.rstrip(_CLOSES).endswith(_ENDS_SENTENCE)
    return f"{before} {words}" if ends_sentence else f"{before}. {words}"


def join_lines(lines: Sequence[str]) -> str:
    """The prompt that `lines` make."""
    return reduce(add_words, lines, "")


def lines_of(prompt: str | None, chain: Chain | None) -> tuple[str, ...]:
    """The lines of `prompt`; all of it as one, if `chain` is not known, or another prompt's."""
    if chain is not None and chain.lines and join_lines(chain.lines) == prompt:
        return chain.lines
    return (prompt,) if prompt else ()

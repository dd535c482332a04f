"""Which one of a brief is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.images.parts import LAST, NamedPart, find_part


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the second one with a darker sky", NamedPart(2, "with a darker sky")),
        ("the 2nd one, darker sky", NamedPart(2, "darker sky")),
        ("number 3: no text", NamedPart(3, "no text")),
        ("#4 as portrait", NamedPart(4, "as portrait")),
        ("Picture 12 without people", NamedPart(12, "without people")),
        ("2, darker", NamedPart(2, "darker")),
        ("2: darker", NamedPart(2, "darker")),
        ("the last one", NamedPart(LAST, "")),
        ("make the first one again", NamedPart(1, "again")),
        ("first one, make it darker", NamedPart(1, "make it darker")),
        ("7", NamedPart(7, "")),
        ("two foxes", None),
        ("2 foxes in snow", None),
        ("2 with red hats", None),
        ("make 3", None),
        ("darker sky", None),
        ("second thoughts are allowed", None),
        ("100 balloons", None),
        ("second and third darker", None),
        ("the second one and the third one darker", None),
        ("number 2 and 3 darker", None),
        ("1-3 darker", None),
        ("1, 2 and 3 darker", None),
        ("#1 - #3 darker", None),
        ("first and foremost, make it darker", None),
        ("first, make them all darker", None),
        ("last but not least: add snow", None),
        ("1. add snow 2. add a dog", None),
        ("1:1", None),
        ("16:9", None),
        ("number 16:9", None),
        ("", None),
    ],
)
def test_a_number_at_the_beginning_names_one(text: str, expected: NamedPart | None) -> None:
    assert find_part(text) == expected


@given(st.text(max_size=300))
def test_nothing_that_was_said_besides_is_lost(text: str) -> None:
    named = find_part(text)

    assert named is None or text.strip().endswith(named.rest)

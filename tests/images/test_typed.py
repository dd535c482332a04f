"""One normaliser: what looks alike to a person is alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.images.typed import clean, fold, is_blank, squash


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("a fox", "a fox"),
        ("a\u00a0fox\u2009in\u3000snow", "a fox in snow"),
        ("a\tfox", "a fox"),
        ("one\r\ntwo\u2028three\x85four", "one\ntwo\nthree\nfour"),
        ("\ufeffa fox", "a fox"),
        ("\u200fa\u200e \u202efox\u202c", "a fox"),
        ("\u2066a\u2069 fox\u061c", "a fox"),
        ("a\u00ad f\u200bo\u2060x", "a fox"),
        ("\u3164\u2800\u115f", ""),
        ("fox\ufe0f\u200d", "fox"),
        ("a\U000e0041\U000e0042", "a"),
        ("e\u0301", "é"),
        # Joiners that emoji and scripts need.
        ("👩\u200d👩\u200d👧\u200d👦", "👩\u200d👩\u200d👧\u200d👦"),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
        ("🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"),
        ("❤\ufe0f 1\ufe0f\u20e3", "❤\ufe0f 1\ufe0f\u20e3"),
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",) * 2,
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("葛\U000e0100", "葛\U000e0100"),
    ],
)
def test_what_is_not_seen_is_gone_and_what_is_needed_stays(typed: str, seen: str) -> None:
    assert clean(typed) == seen


@pytest.mark.parametrize(
    "typed",
    [
        *("Acme", "ACME", "Acme™", "Acme®", "acme(tm)", "_Acme_", "*Acme*", "~acme~", "`Acme`"),
        *("Acmé", "A\u0301cme", "Ａｃｍｅ", "A\u200bcme", "A\u00adcme", "A\u200dcme", "Acm\u0435"),
        *("ⓐⓒⓜⓔ", "𝐀𝐜𝐦𝐞", "\u202eAcme", "АСme"),
    ],
)
def test_what_passes_for_a_word_is_that_word(typed: str) -> None:
    assert fold(typed) == "acme"


@pytest.mark.parametrize(
    ("one", "another"),
    [("мой", "мои"), ("が", "か"), ("ไม่", "ไม"), ("kite", "kit"), ("acme", "a cme")],
)
def test_other_words_stay_other_words(one: str, another: str) -> None:
    assert fold(one) != fold(another)


def test_a_name_is_the_same_however_it_is_spaced() -> None:
    assert {squash(name) for name in ("FLUX.2 Flex", "flux2-flex", "flux 2_flex")} == {"flux2flex"}
    assert squash("x" * 101) == ""


@pytest.mark.parametrize("text", [None, "", " ", "\u200b", "\u00ad\u200f\n", "\u2800"])
def test_nothing_to_be_seen_is_blank(text: str | None) -> None:
    assert is_blank(text)


@given(st.text(max_size=100))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert "\u202e" not in clean(text)

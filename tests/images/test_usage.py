"""The grammar of `/imagine usage`, as tables."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.images.command import Generate, Misunderstood, parse_command
from bot.images.meaning import Problem
from bot.images.usage import (
    By,
    Month,
    ShowUsage,
    UsageMisunderstood,
    UsageProblem,
    WantedMonth,
    guess_usage,
    mend_usage,
    parse_month,
)

NOVEMBER = WantedMonth(11, 2026)
LAST = WantedMonth(months_ago=1)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("usage", ShowUsage()),
        ("  Usage ", ShowUsage()),
        ("usage --by user", ShowUsage(By.USER)),
        ("usage —by channel", ShowUsage(By.CHANNEL)),
        ("usage by models", ShowUsage(By.MODEL)),
        ("usage --by=people", ShowUsage(By.USER)),
        ("usage --by user --month 2026-11", ShowUsage(By.USER, NOVEMBER)),
        ("usage --month 11/2026 --by user", ShowUsage(By.USER, NOVEMBER)),
        ("usage –month=2026-11 –by=user", ShowUsage(By.USER, NOVEMBER)),
        ("usage by user November 2026", ShowUsage(By.USER, NOVEMBER)),
        ("usage nov", ShowUsage(None, WantedMonth(11))),
        ("usage by model last month", ShowUsage(By.MODEL, LAST)),
        ("usage last month", ShowUsage(None, LAST)),
        ('usage --month "last month"', ShowUsage(None, LAST)),
        ("usage --month this", ShowUsage()),
    ],
)
def test_every_way_to_ask_for_a_report(text: str, meant: ShowUsage) -> None:
    assert parse_command(text) == meant


@pytest.mark.parametrize(
    ("text", "problem", "typed", "suggestion"),
    [
        ("usage --by persn", UsageProblem.UNKNOWN_BY, "persn", "user"),
        ("usage by chanel", UsageProblem.UNKNOWN_BY, "chanel", "channel"),
        ("usage --by flowers", UsageProblem.UNKNOWN_BY, "flowers", None),
        ("usage --bye user", UsageProblem.UNKNOWN_WORD, "--bye", "--by"),
        ("usage --model flux", UsageProblem.UNKNOWN_WORD, "--model", None),
        ("usage --month novembre", UsageProblem.UNKNOWN_MONTH, "novembre", "november"),
        ("usage --month 2026-13", UsageProblem.UNKNOWN_MONTH, "2026-13", None),
        ("usage --month 9999-01", UsageProblem.UNKNOWN_MONTH, "9999-01", None),
        ("usage by user of fire", UsageProblem.UNKNOWN_MONTH, "of fire", None),
        ("usage --by", UsageProblem.VALUE_MISSING, "--by", None),
        ('usage --month ""', UsageProblem.UNKNOWN_MONTH, "", None),
        ("usage --by --month 2026-11", UsageProblem.VALUE_MISSING, "--by", None),
        ("usage --by user --by model", UsageProblem.GIVEN_TWICE, "--by", None),
    ],
)
def test_what_is_not_understood_is_asked_about_and_never_drawn(
    text: str, problem: UsageProblem, typed: str, suggestion: str | None
) -> None:
    assert parse_command(text) == UsageMisunderstood(problem, typed, suggestion)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("usage --by usr", "usage --by user"),
        ("usage by us", "usage by user"),
        ("usage --by=chanel --month 2026-11", "usage --by=channel --month 2026-11"),
        ("usage --bye usr", "usage --by user"),
        ("usage --month novembr 2026", "usage --month november 2026"),
        ("usage by user last mont", "usage by user last month"),
        ("usage --by team", None),
        ("usage --by", None),
        ("usage --by user --by model", None),
        ("usage by user last week", None),
    ],
)
def test_a_misspelt_command_is_mended_if_it_is_known_what_was_meant(
    text: str, mended: str | None
) -> None:
    answer = parse_command(text)
    assert isinstance(answer, UsageMisunderstood)

    assert mend_usage(text, answer) == mended


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("usages", "usage"),
        ("usages by user", "usage by user"),
        ("usage user", "usage by user"),
        ("usage novembr", "usage --month november"),
        ("usage last mnth", "usage --month last month"),
        ("usage of fire", "usage"),
    ],
)
def test_of_a_prompt_that_begins_with_it_the_command_is_guessed(text: str, meant: str) -> None:
    assert guess_usage(text) == meant


@pytest.mark.parametrize("text", ['"usage" by user', "fog usage", "usageless tools on a wall"])
def test_a_prompt_may_have_the_word_in_it(text: str) -> None:
    assert isinstance(parse_command(text), Generate)


@pytest.mark.parametrize(
    "text", ["usage of fire in the stone age", 'usage "by user"', "usage, a sculpture", "usages"]
)
def test_a_prompt_that_begins_with_it_is_asked_about(text: str) -> None:
    answer = parse_command(text)

    assert isinstance(answer, Misunderstood)
    assert (answer.problem, answer.suggestion) == (Problem.COMMAND_WORD, "usage")
    assert answer.guess is not None
    assert answer.guess.request.prompt == text


@pytest.mark.parametrize(
    ("wanted", "month"),
    [
        (WantedMonth(), Month(2026, 1)),
        (LAST, Month(2025, 12)),
        (WantedMonth(1), Month(2026, 1)),
        (WantedMonth(2), Month(2025, 2)),
        (WantedMonth(12), Month(2025, 12)),
        (NOVEMBER, Month(2026, 11)),
    ],
)
def test_a_month_without_a_year_is_the_last_one_that_has_begun(
    wanted: WantedMonth, month: Month
) -> None:
    assert wanted.resolve(date(2026, 1, 31)) == month


@given(st.text(max_size=60))
def test_no_text_after_usage_breaks_the_grammar(text: str) -> None:
    parse_command(f"usage {text}")
    parse_command(f"usage --by {text}")
    parse_command(f"usage --month {text}")


@pytest.mark.parametrize(
    ("typed", "month"),
    [("2026-11", Month(2026, 11)), ("2026-1", Month(2026, 1)), ("", None), ("x-1", None)],
)
def test_a_buttons_month_is_read_or_refused(typed: str, month: Month | None) -> None:
    assert parse_month(typed) == month
    assert str(Month(2026, 1)) == "2026-01"
    assert Month(2026, 11).words == "November 2026"

"""The grammar of a search: what is one, what may be a prompt, and what is wrong with a filter."""

from __future__ import annotations

from datetime import date

import pytest

from bot.images.catalogue import Model, Size
from bot.images.command import Command, Generate, Misunderstood, parse_command
from bot.images.find import (
    Find,
    FindMisunderstood,
    FindProblem,
    guess_find,
    parse_find,
    read_day,
)
from bot.images.message import parse_message
from bot.images.reply import parse_reply
from bot.images.request import ImageRequest

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("find", Find()),
        ("library", Find()),
        ("Find Harbour", Find("Harbour")),
        ("find: harbour at dawn", Find("harbour at dawn")),
        ('find "a way home in the fog"', Find("a way home in the fog")),
        ("find harbour --by @ann", Find("harbour", by="@ann")),
        ("find harbour by @ann in #design", Find("harbour", by="@ann", where="#design")),
        ("find by <@U0ANN>", Find(by="<@U0ANN>")),
        ("find harbour by @Ada Park", Find("harbour", by="@Ada Park")),
        ("find --by @Ada Park --size feed", Find(by="@Ada Park", size=Size.FEED)),
        ("find sketches by hand", Find("sketches by hand")),
        ("find harbour —by me", Find("harbour", by="me")),
        ("find harbour -m ideogram-3 -s 16:9", None),
        ("find --campaign 'Spring 27'", Find(campaign="Spring 27")),
        ("find --rating good", Find(rating="good")),
        ("find harbour --rating 👎", Find("harbour", rating="bad")),
        ("find --rating chosen", Find(rating="chosen")),
        ("find --since 2026-11-01 --until yesterday", Find(since="2026-11-01", until="yesterday")),
        ("find --since last month harbour", Find("harbour", since="last month")),
    ],
)
def test_few_words_and_filters_are_a_search(typed: str, found: Find | None) -> None:
    if found is None:
        found = Find("harbour", model=Model.IDEOGRAM_3, size=Size.LANDSCAPE)
    assert parse_command(typed) == found


@pytest.mark.parametrize(
    "typed",
    [
        "find a way home",
        "find me something blue",
        "find the old harbour behind the seven hills",
        "find nemo in the coral reef.",
        "find waldo!",
        "find harbour --enhance",
        "find a harbour -n 3",
    ],
)
def test_what_may_be_a_prompt_is_asked_about_and_not_made(typed: str) -> None:
    asked = parse_command(typed)

    assert isinstance(asked, Misunderstood)
    assert asked.suggestion == "find"
    assert isinstance(parse_command(guess_find(typed)), Find)


@pytest.mark.parametrize("typed", ['"find harbour"', "finding a harbour", "a find in the harbour"])
def test_what_does_not_begin_with_the_word_is_a_prompt(typed: str) -> None:
    assert isinstance(parse_command(typed), Generate)


@pytest.mark.parametrize(
    ("typed", "problem", "suggestion"),
    [
        ("find harbour --modle ideogram-3", FindProblem.UNKNOWN_FLAG, "--model"),
        ("find harbour --model ideogarm", FindProblem.UNKNOWN_MODEL, "ideogram-3"),
        ("find harbour --size protrait", FindProblem.UNKNOWN_SIZE, "portrait"),
        ("find harbour --since novembr", FindProblem.UNKNOWN_DAY, "november"),
        ("find harbour --until 2026-13-40", FindProblem.UNKNOWN_DAY, None),
        ("find harbour --rating goood", FindProblem.UNKNOWN_RATING, "good"),
        ("find harbour --by", FindProblem.VALUE_MISSING, None),
        ("find --by me --by @ann", FindProblem.GIVEN_TWICE, None),
    ],
)
def test_a_filter_that_is_misspelt_is_named_with_the_right_spelling(
    typed: str, problem: FindProblem, suggestion: str | None
) -> None:
    answer = parse_command(typed)

    assert isinstance(answer, FindMisunderstood)
    assert (answer.problem, answer.suggestion) == (problem, suggestion)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("2026-11-03", date(2026, 11, 3), date(2026, 11, 3)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("december", date(2025, 12, 1), date(2025, 12, 31)),
        ("today", TODAY, TODAY),
        ("Yesterday", date(2026, 11, 26), date(2026, 11, 26)),
        ("3 days ago", date(2026, 11, 24), date(2026, 11, 24)),
        ("2 weeks", date(2026, 11, 13), date(2026, 11, 13)),
        ("someday", None, None),
        ("2026-02-30", None, None),
    ],
)
def test_a_day_is_read_as_people_say_it(typed: str, first: date | None, last: date | None) -> None:
    assert read_day(typed, TODAY) == first
    assert read_day(typed, TODAY, is_end=True) == last


def test_it_is_the_same_in_a_mention_and_asked_about_in_a_thread() -> None:
    found: Command = Find("harbour")

    assert parse_message("find harbour") == found
    reply = parse_reply("find harbour", ImageRequest(prompt="a fox"))
    assert isinstance(reply, Misunderstood)
    assert reply.guess is None
    assert parse_find("find") == Find()

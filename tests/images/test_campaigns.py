"""A campaign's name: how it is typed, compared, and asked about where it is not sure."""

from __future__ import annotations

import pytest

from bot.images.campaigns import (
    CAMPAIGN_MAX,
    campaign_key,
    find_slip,
    index_campaigns,
    may_name_campaign,
    read_campaign,
)
from bot.images.command import Generate, Misunderstood, Problem, parse_command
from bot.images.flags import split_flags
from bot.images.meaning import Change, Kind
from bot.images.reply import parse_reply
from bot.images.request import ImageRequest

KNOWN = ("Spring 27", "Summer Sale", "Autumn")
BASE = ImageRequest(prompt="a fox")


def generate(text: str, *known: str) -> Generate:
    """What a command makes."""
    read = parse_command(text, campaign_names=known)
    assert isinstance(read, Generate), read
    return read


def ask(text: str, *known: str) -> Misunderstood:
    """What is asked about a command."""
    read = parse_command(text, campaign_names=known)
    assert isinstance(read, Misunderstood), read
    return read


@pytest.mark.parametrize(
    ("text", "campaign", "prompt"),
    [
        ('a fox --campaign "Spring 27"', "Spring 27", "a fox"),
        ('--campaign "Spring 27" a fox', "Spring 27", "a fox"),
        ('a fox --campaign="Spring 27"', "Spring 27", "a fox"),
        ('a fox -c "Spring 27"', "Spring 27", "a fox"),
        ("a fox —campaign “Spring 27”", "Spring 27", "a fox"),
        ("a fox --campaign Winter", "Winter", "a fox"),
        ("--campaign Winter a fox", "Winter", "a fox"),
        ("a fox --campaign Winter --size square", "Winter", "a fox"),
        ("--campaign Winter, fox in snow", "Winter", "fox in snow"),
        # A known one needs no quotes, and is spelt as it was first.
        ("a fox --campaign spring 27", "Spring 27", "a fox"),
        ("--campaign SPRING27 fox in snow", "Spring 27", "fox in snow"),
        ("--campaign summer  sale foxes in snow", "Summer Sale", "foxes in snow"),
        ("a fox --no-campaign", "", "a fox"),
        ("a fox --campaign none", "", "a fox"),
        ("a fox", None, "a fox"),
        # Another one of the kind is no slip.
        ('a fox --campaign "Spring 28"', "Spring 28", "a fox"),
    ],
)
def test_a_campaign_is_named_with_a_flag(text: str, campaign: str | None, prompt: str) -> None:
    read = generate(text, *KNOWN)

    assert (read.options.campaign, read.request.prompt) == (campaign, prompt)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a fox --campaign", Problem.VALUE_MISSING),
        ('a fox --campaign " "', Problem.VALUE_MISSING),
        ("a fox --campaign --size square", Problem.VALUE_MISSING),
        (f'a fox --campaign "{"x" * (CAMPAIGN_MAX + 1)}"', Problem.CAMPAIGN_TOO_LONG),
        ("a fox --campaign A --campaign B", Problem.GIVEN_TWICE),
        ('a fox --campaing "Spring 27"', Problem.UNKNOWN_FLAG),
        ('a fox --campaign "Sping 27"', Problem.NEARLY_CAMPAIGN),
        ("a fox --campaign Winter 27", Problem.CAMPAIGN_OR_WORDS),
        ("--campaign winter sale foxes in snow", Problem.CAMPAIGN_OR_WORDS),
    ],
)
def test_what_is_not_sure_of_a_campaign_is_asked(text: str, problem: Problem) -> None:
    assert ask(text, *KNOWN).problem is problem


@pytest.mark.parametrize(
    ("text", "campaign", "prompt"),
    [
        ('a fox --campaign "Sping 27"', "Spring 27", "a fox"),
        ("a fox --campaign Winter 27", "Winter 27", "a fox"),
        ("a fox --campaign Winter 27 --size square", "Winter 27", "a fox"),
        ("--campaign winter sale foxes", "winter", "sale foxes"),
    ],
)
def test_the_question_offers_what_is_likely(text: str, campaign: str, prompt: str) -> None:
    guess = ask(text, *KNOWN).guess

    assert guess is not None
    assert (guess.options.campaign, guess.request.prompt) == (campaign, prompt)


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("Sping 27", "Spring 27"),
        ("Sprring 27", "Spring 27"),
        ("Sprnig 27", "Spring 27"),
        ("Sprimg 27", "Spring 27"),
        ("Autum", "Autumn"),
        ("Spring 28", None),
        ("Spring 2", None),
        ("spring27", None),  # it is that one
        ("Winter", None),
        ("Sprong 2", None),
    ],
)
def test_a_slip_is_one_letter_of_one_known_name_and_never_a_number(
    typed: str, near: str | None
) -> None:
    assert find_slip(typed, index_campaigns(KNOWN)) == near


def test_a_slip_of_two_names_is_nobodys() -> None:
    assert find_slip("Sprin", index_campaigns(("Spring", "Sprint"))) is None


def test_names_that_differ_in_case_spaces_and_accents_are_one() -> None:
    names = ("Été 27", " ete  27 ", "ETE27")

    assert len({campaign_key(name) for name in names}) == 1
    assert read_campaign("  Spring \t 27 ") == "Spring 27"
    assert campaign_key("***") != campaign_key("!!!")


@pytest.mark.parametrize(
    ("text", "may"),
    [("a fox -c x", True), ("—campaign x", True), ("a fox-coloured cat", False), ("a fox", False)],
)
def test_known_names_are_looked_up_only_for_who_may_name_one(text: str, *, may: bool) -> None:
    assert may_name_campaign(text) is may


def test_a_reply_makes_the_next_version_for_another_campaign() -> None:
    read = parse_reply('in snow --campaign "Spring 27"', BASE)

    assert isinstance(read, Change)
    assert read.options.campaign == "Spring 27"
    assert [one.value for one in read.understood if one.kind is Kind.CAMPAIGN] == ["Spring 27"]


def test_a_reply_that_only_names_a_campaign_asks_before_it_makes_anything() -> None:
    read = parse_reply("--campaign Autumn", BASE)

    assert isinstance(read, Misunderstood)
    assert read.problem is Problem.CAMPAIGN_ALONE
    assert read.guess is not None
    assert read.guess.options.campaign == "Autumn"


def test_without_known_names_a_flag_is_read_as_it_is_typed() -> None:
    assert split_flags("a fox --campaign Spring").values == {"campaign": "Spring"}


def test_what_is_nearly_a_known_name_can_be_made_either_way() -> None:
    for asked in (
        ask('a fox --campaign "Sping 27"', *KNOWN),
        parse_reply('in snow --campaign "Sping 27"', BASE, campaign_names=KNOWN),
    ):
        assert isinstance(asked, Misunderstood)
        assert asked.guess is not None
        assert asked.other is not None
        assert asked.guess.options.campaign == "Spring 27"
        assert asked.other.options.campaign == "Sping 27"
        assert asked.other.request == asked.guess.request

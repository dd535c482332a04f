"""The rules as tables: who may ask for what, where, and in which words."""

from __future__ import annotations

import pytest

from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.policy.rules import (
    BlockedWord,
    RuleName,
    Rules,
    find_rule_violations,
    find_word,
    must_ask_groups,
)

FLUX = ImageRequest(prompt="a red fox", quantity=2)


def broken(
    rules: Rules,
    request: ImageRequest = FLUX,
    *,
    channel_id: str = "C1",
    user_id: str = "U1",
    groups: tuple[str, ...] | None = None,
) -> list[str]:
    """The names of the rules that a request breaks."""
    found = find_rule_violations(
        rules, request, channel_id=channel_id, user_id=user_id, groups=groups
    )
    return [each.rule.value for each in found]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (Rules(), []),
        (Rules(models=(Model.FLUX2_FLEX,)), []),
        (Rules(models=(Model.IDEOGRAM_3,)), ["model"]),
        (Rules(models=()), ["model"]),
        (Rules(quantity_max=2), []),
        (Rules(quantity_max=1), ["quantity"]),
        (Rules(channels=("C1", "C2")), []),
        (Rules(channels=("C2",)), ["channel"]),
        (Rules(channels=()), ["channel"]),
        (Rules(words=("wolf",)), []),
        (Rules(words=("wolf", "Fox")), ["word"]),
        (
            Rules(people=("U2",), channels=(), models=(), quantity_max=1, words=("fox",)),
            ["person", "channel", "model", "quantity", "word"],
        ),
    ],
)
def test_everything_that_the_rules_forbid_is_found(rules: Rules, expected: list[str]) -> None:
    assert broken(rules) == expected


@pytest.mark.parametrize(
    ("people", "groups", "is_in", "may"),
    [
        (None, None, None, True),
        (("U1",), None, None, True),
        (("U2",), None, None, False),
        ((), None, None, False),
        (None, ("S1",), None, True),  # not known now: it is asked before anything is paid
        (None, ("S1",), (), False),
        (None, ("S1",), ("S1",), True),
        (None, ("S1", "S2"), ("S2",), True),
        (("U1",), ("S1",), (), True),
        (("U2",), ("S1",), None, True),
        (("U2",), ("S1",), (), False),
        ((), (), None, False),
    ],
)
def test_who_may_ask(
    people: tuple[str, ...] | None,
    groups: tuple[str, ...] | None,
    is_in: tuple[str, ...] | None,
    may: bool,
) -> None:
    found = broken(Rules(people=people, groups=groups), groups=is_in)

    assert (RuleName.PERSON.value not in found) is may


@pytest.mark.parametrize(
    ("channel_id", "is_ruled"), [("C1", True), ("G1", True), ("D1", False), ("U1", False)]
)
def test_a_direct_message_is_no_channel(channel_id: str, is_ruled: bool) -> None:
    assert bool(broken(Rules(channels=("C9",)), channel_id=channel_id)) is is_ruled


def test_slack_is_asked_only_where_it_alone_can_tell() -> None:
    assert not must_ask_groups(Rules(), "U1")
    assert not must_ask_groups(Rules(people=("U2",)), "U1")
    assert not must_ask_groups(Rules(people=("U1",), groups=("S1",)), "U1")
    assert must_ask_groups(Rules(people=("U2",), groups=("S1",)), "U1")


@pytest.mark.parametrize(
    ("prompt", "words", "expected"),
    [
        ("a red fox", ("fox",), "fox"),
        ("A RED FOX!", ("fox",), "fox"),
        ("foxes in snow", ("fox",), None),
        ("a firefox logo", ("fox",), None),
        ("mickey  mouse\nears", ("Mickey Mouse",), "Mickey Mouse"),
        ("mickey-mouse", ("Mickey Mouse",), None),
        ("une fe\u0301e", ("f\u00e9e",), "f\u00e9e"),
        ("\uff46\uff4f\uff58", ("fox",), "fox"),  # full width
        ("die Stra\u00dfe", ("STRASSE",), "STRASSE"),
        ("c++ code", ("c++",), "c++"),
        ("a.b", ("a.b",), "a.b"),
        ("axb", ("a.b",), None),
        ("a fox", ("  ",), None),
        ("", ("fox",), None),
    ],
)
def test_a_word_is_found_as_a_whole_however_it_is_written(
    prompt: str, words: tuple[str, ...], expected: str | None
) -> None:
    assert find_word(prompt, words) == expected


@pytest.mark.parametrize(
    "prompt",
    [
        *("an Acme™ shop", "an _Acme_ shop", "Acmé!", "an A\u200bcme shop", "ＡＣＭＥ", "*acme*"),
        *("acme's shop", "#acme", "the acme_logo", "an (Acme)", "A\u00adcme", "\u0410cme"),
    ],
)
def test_a_word_is_found_in_whatever_spelling_passes_for_it(prompt: str) -> None:
    assert find_word(prompt, ("Acme",)) == "Acme"


@pytest.mark.parametrize("prompt", ["acmes of fashion", "pacme", "a cme", "acne", "मे"])
def test_a_part_of_another_word_is_not_that_word(prompt: str) -> None:
    assert find_word(prompt, ("Acme", "म")) is None


@pytest.mark.parametrize(
    ("prompt", "word"),
    [("雪の中の狐", "狐"), ("一只狐狸在雪里", "狐狸"), ("แมวดำตัวใหญ่", "แมวดำ")],
)
def test_where_no_spaces_are_written_a_word_may_stand_anywhere(prompt: str, word: str) -> None:
    assert find_word(prompt, (word,)) == word


def test_the_captions_own_words_are_looked_at_too() -> None:
    request = ImageRequest(caption_id="g", prompt="with neon")
    rules = Rules(words=("acme",))

    found = find_rule_violations(
        rules, request, channel_id="C1", user_id="U1", groups=None, caption="New at Acmé!"
    )
    assert [each.found for each in found] == [BlockedWord("acme")]
    assert broken(rules, request) == []

"""One member cannot have so much of anything that others feel it; each refusal says how much."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.generations.approval import ASKED_MAX, OFFERED_MAX, Approval, Verdict
from bot.generations.record import NewGeneration, Place
from bot.images.flags import TEXT_MAX
from bot.images.request import ImageRequest
from bot.policy.rules import find_word
from bot.slack.approvals import texts as approval_texts
from bot.slack.home.fields import read_fields
from bot.slack.home.forms.defaults import DEFAULTS_FORM
from bot.slack.home.screens import HomePage
from bot.slack.image_form.values import FormContext, read_values
from bot.slack.kit.ids import Field, HomeField
from bot.slack.kit.payloads import SentView, Suggestion
from bot.slack.kit.quotas import Quota
from bot.slack.kit.searches import REFUSED_OPTION, SEARCH_MAX, SEARCHES_A_MINUTE, Searches
from bot.slack.reports import texts as usage_texts
from bot.store.approvals import ApprovalStore
from bot.store.database import Database
from bot.store.migrate import migrate
from tests.support.stage import DESIGN, Stage, open_stage

NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ApprovalStore]:
    """An empty one."""
    url = f"sqlite:///{tmp_path / 'bounds.sqlite3'}"
    migrate(url)
    database = Database(url)
    yield ApprovalStore(database, None)
    await database.close()


def make_approval(number: int, user: str = "U0BEN", team: str = "T1") -> Approval:
    """What was refused in its `number`-th second."""
    place = Place(team, DESIGN, user)
    name = f"{team}-{user}-{number}"
    new = NewGeneration(name, name, place, ImageRequest(prompt="fog"), NOW)
    return Approval(name, new, (), NOW + timedelta(seconds=number))


async def test_of_many_offers_the_oldest_of_the_same_person_are_forgotten(
    store: ApprovalStore,
) -> None:
    others = [make_approval(0, "U0ADA"), make_approval(0, team="T2")]
    mine = [make_approval(number) for number in range(OFFERED_MAX + 3)]
    for approval in (*others, *mine):
        await store.offer(approval)

    kept = [each.id for each in (*others, *mine) if await store.read(each.id) is not None]
    assert kept == [each.id for each in (*others, *mine[3:])]
    assert str(OFFERED_MAX) in approval_texts.OFFER_GONE


async def test_so_many_of_ones_own_wait_for_a_decision_and_others_wait_beside_them(
    store: ApprovalStore,
) -> None:
    mine = [make_approval(number) for number in range(ASKED_MAX + 1)]
    other = make_approval(0, "U0ADA")
    for approval in (*mine, other):
        await store.offer(approval)
    verdicts = [await store.ask(each, ("C9",), NOW) for each in mine]

    assert verdicts == [Verdict.DONE] * ASKED_MAX + [Verdict.TOO_MANY]
    assert await store.ask(other, ("C9",), NOW) is Verdict.DONE
    assert str(ASKED_MAX) in approval_texts.asked(mine[-1], Verdict.TOO_MANY)
    await store.deny(mine[0].id, "U0ADA", "no", NOW)
    assert await store.ask(mine[-1], ("C9",), NOW) is Verdict.DONE


def test_a_quota_is_each_persons_own_and_comes_back() -> None:
    now = 0.0
    quota = Quota(3, per_seconds=60.0, clock=lambda: now)

    assert [quota.take("T1", "U1") for _ in range(5)] == [True] * 3 + [False] * 2
    assert quota.take("T1", "U2")
    assert quota.take("T2", "U1")
    now = 20.0
    assert [quota.take("T1", "U1") for _ in range(2)] == [True, False]


def typed(value: str) -> Suggestion:
    """Something typed into a search."""
    who = {"user": {"id": "U0BEN"}, "team": {"id": "T1"}}
    return Suggestion.model_validate(who | {"value": value})


async def test_a_search_is_bounded_in_length_and_number_and_says_so() -> None:
    searched = []

    async def find(text: str) -> list[Any]:
        searched.append(text)
        return []

    now = itertools.count(step=1e-6)
    searches = Searches(Quota(SEARCHES_A_MINUTE, 60.0, clock=lambda: next(now)))
    (refused,) = await searches.answer(typed("x" * (SEARCH_MAX + 1)), find)
    for _ in range(SEARCHES_A_MINUTE):
        assert await searches.answer(typed("fog"), find) == []
    (too_many,) = await searches.answer(typed("fog"), find)

    assert searched == ["fog"] * SEARCHES_A_MINUTE
    assert str(SEARCH_MAX) in str(refused.to_dict())
    assert str(SEARCHES_A_MINUTE) in str(too_many.to_dict())


async def test_reports_are_bounded_and_the_refusal_says_how_many(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        for _ in range(usage_texts.REPORTS_MAX + 1):
            await stage.ben.run_command(DESIGN, "/imagine", "usage")
        await stage.until(lambda: says(stage, usage_texts.TOO_MANY_REPORTS), what="a refusal")


def says(stage: Stage, sentence: str) -> bool:
    return any(sentence in message.text for message in stage.private())


def test_a_file_that_is_cut_says_so() -> None:
    assert f"{usage_texts.ROWS_MAX:,}" in usage_texts.csv_comment(usage_texts.ROWS_MAX)
    assert "Every" in usage_texts.csv_comment(usage_texts.ROWS_MAX - 1)


def test_a_draft_holds_no_more_than_a_form_can() -> None:
    long = "x" * 900_000
    option = {"value": long, "text": {"text": long}}
    element: dict[str, Any] = {
        "value": long,
        "selected_option": option,
        "selected_conversation": long,
    }
    element |= {"selected_options": [option] * 5000, "files": [{"id": "F1", "name": long}] * 5000}
    values = read_values({"values": {field: {field: element} for field in Field}}, FormContext())

    assert len(values.prompt) == TEXT_MAX
    assert len(values.model_dump_json()) < 2 * TEXT_MAX
    refused = {"caption": {"selected_option": {"value": REFUSED_OPTION}}}
    assert read_values({"values": {"c": refused}}, FormContext()).caption_id is None


def test_a_sheet_and_its_memory_hold_no_more_either() -> None:
    element = {"value": "x" * 900_000, "selected_users": ["U1"] * 5000}
    element |= {"selected_channels": [f"C{number}" for number in range(5000)]}
    (held,) = read_fields({"values": {"b": {HomeField.NAME: element}}}).values()
    sent = {"id": "V1", "private_metadata": '{"page": 1, "screen": "' + "x" * 3000}

    assert max(map(len, held)) <= 3000
    assert len(held) <= 101
    assert SentView.model_validate(sent).private_metadata == ""
    assert HomePage.read('{"page": 999999999999999999999}') == HomePage()
    assert DEFAULTS_FORM.find_errors({HomeField.PRESET: ("x" * 31,)})


@pytest.mark.parametrize(
    ("prompt", "words", "found"),
    [
        ("a red fox", ["fox"], "fox"),
        ("a red foxes", ["fox"], None),
        ("foxes and a FOX", ["fox"], "fox"),
        ("fox_y", ["fox"], "fox"),  # marks of formatting are no part of a word
        ("a red   fox", ["Red Fox"], "Red Fox"),
        ("ｆｏｘ", ["fox"], "fox"),
        ("a fox.", ["", "fox"], "fox"),
        ("c++ code", ["c++"], "c++"),
        ("", ["fox"], None),
    ],
)
def test_forbidden_words_are_found_as_whole_words(
    prompt: str, words: list[str], found: str | None
) -> None:
    assert find_word(prompt, words) == found

"""A vote's message fits into Slack, says everything in its text, and is read without colour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.generations.brief import Brief
from bot.generations.pick import (
    Candidate,
    Note,
    NoteKind,
    Round,
    Tally,
    Vote,
    count_votes,
    list_candidates,
)
from bot.generations.record import (
    Generation,
    NewGeneration,
    Picture,
    PictureState,
    Place,
    State,
)
from bot.images.request import ImageRequest
from bot.sandbox.slack.blocks import MOST_CHARACTERS, check_message_blocks, check_view
from bot.sandbox.slack.records import File
from bot.slack.kit.message import EDIT_TEXT_MAX, Message
from bot.slack.picks import texts
from bot.slack.picks.subject import Subject
from bot.slack.picks.views import (
    read_press,
    show_changes_form,
    show_choice,
    show_note,
    show_round,
)

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
PLACE = Place("T1", "C1", "UADA")
PROMPT = "a harbour at dawn <!channel> & gulls"


def make(number: int, prompt: str, *, part: int | None = None) -> Generation:
    """A result with so many pictures."""
    id_ = f"g{part or 1:035}"
    pictures = tuple(
        Picture(position, f"m{position}", "https://x.example/1", 1536, 864, NOON)
        for position in range(1, number + 1)
    )
    shown = tuple(
        replace(each, state=PictureState.UPLOADED, slack_file_id=f"F{part or 1}X{each.position}")
        for each in pictures
    )
    request = ImageRequest(prompt=prompt, quantity=min(number, 4))
    brief_id = "b" if part else None
    return Generation(
        *(id_, id_, PLACE, request, NOON, State.DELIVERED),
        part=part,
        brief_id=brief_id,
        pictures=shown,
    )


def of_result(number: int = 3) -> tuple[Round, Subject]:
    """A vote on a result."""
    made = make(number, PROMPT)
    candidates = list_candidates([made])
    round_ = Round("r", "T1", made.id, None, "C1", "1.0", "UADA", NOON, candidates)
    return round_, Subject(made, (made,), "C1", "1.0")


def of_brief(number: int) -> tuple[Round, Subject]:
    """A vote on a brief of so many, with labels that are as long as they may be."""
    made = tuple(make(1, f"{PROMPT} {'w' * 500}", part=part) for part in range(1, number + 1))
    new = NewGeneration("b", "o", PLACE, made[0].request, NOON)
    brief = Brief("b", new, "C1", made)
    labels = {each.id: f"{PROMPT} · story · {'x' * 80}" for each in made}
    candidates = list_candidates(made)
    round_ = Round("r" * 36, "T1", made[0].id, "b", "C1", "1.0", "UADA", NOON, candidates)
    return round_, Subject(made[0], made, "C1", "1.0", brief, labels)


def crowd(round_: Round, number: int) -> Round:
    """So many people have voted, in turn for each picture."""
    votes = tuple(
        Vote(f"U{at:010}", round_.candidates[at % len(round_.candidates)].key)
        for at in range(number)
    )
    return replace(round_, votes=votes)


def find_file(id_: str) -> File:
    """Any file is there."""
    return File(id_, "x.png", "image/png", b"", "U0BOT", 0.0, "x", 0.0)


def check(message: Message) -> list[dict[str, Any]]:
    """Its blocks, which Slack would take."""
    blocks: list[dict[str, Any]] = message.to_dict()["blocks"]
    found = check_message_blocks(blocks, find_file, lambda _: True)
    assert found.errors == []
    assert found.characters < MOST_CHARACTERS
    assert len(blocks) <= 50
    assert len(message.text) <= EDIT_TEXT_MAX
    return blocks


def buttons_of(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All buttons, in order."""
    rows = (block["elements"] for block in blocks if block["type"] == "actions")
    return [each for row in rows for each in row]


def test_a_button_for_each_picture_says_which_one_it_is() -> None:
    blocks = check(show_round(*of_result(3)))

    buttons = buttons_of(blocks)
    assert [each["text"]["text"] for each in buttons] == ["1", "2", "3", "Changes wanted", "Close"]
    assert [each["accessibility_label"] for each in buttons[:3]] == [
        f"Vote for Picture {number}, {PROMPT}" for number in (1, 2, 3)
    ]
    images = [block for block in blocks if block["type"] == "image"]
    assert [each["title"]["text"] for each in images] == [
        f"{number} · {PROMPT} · 1536×864 px" for number in (1, 2, 3)
    ]
    assert images[1]["alt_text"].startswith(f"Picture 2, {PROMPT}")


def test_the_count_is_read_in_words_and_numbers_and_the_text_says_all_of_it() -> None:
    round_, subject = of_result(3)
    votes = (Vote("UADA", 2), Vote("UBEN", 2), Vote("UCAT", 1))

    message = show_round(replace(round_, votes=votes), subject)

    assert "*1*: 1 vote · <@UCAT>." in message.text
    assert "*2*: 2 votes · <@UADA> and <@UBEN>." in message.text
    assert "*3*: no votes." in message.text
    assert "3 people have voted" in message.text
    assert "<!channel>" not in message.text
    counted = next(
        block["text"]["text"] for block in check(message) if "*3*: no votes" in str(block)
    )
    assert counted.splitlines() == [
        "*1*: 1 vote · <@UCAT>",
        "*2*: 2 votes · <@UADA> and <@UBEN>",
        "*3*: no votes",
    ]


def test_of_hundreds_a_few_are_named() -> None:
    round_, subject = of_result(1)

    message = show_round(crowd(round_, 100), subject)

    names = ", ".join(f"<@U{at:010}>" for at in range(3))
    assert f"*1*: 100 votes · {names} and 97 others" in message.text


@pytest.mark.parametrize("number", [1, 10, 11, 25, 26, 40])
@pytest.mark.parametrize("is_closed", [False, True])
def test_a_brief_of_up_to_forty_fits_into_slack(number: int, is_closed: bool) -> None:
    round_, subject = of_brief(number)
    round_ = crowd(round_, 400)
    if is_closed:
        counts = dict.fromkeys((each.key for each in round_.candidates), 10)
        round_ = replace(round_, closed_at=NOON, closed_by="UADA", winners=(1,), counts=counts)

    blocks = check(show_round(round_, subject))
    check(show_round(round_, subject, has_pictures=False))

    numbers = [each for each in buttons_of(blocks) if each["text"]["text"].isdecimal()]
    assert len(numbers) == (0 if is_closed else number)
    assert str(blocks).count("slack_file") == number


def test_what_notifies_people_names_nobody_who_has_voted() -> None:
    round_, subject = of_result(2)

    message = show_round(crowd(round_, 4), subject, has_names=False)

    assert "<@U0" not in message.text + str(message.to_dict())
    assert "*1*: 2 votes." in message.text


def test_deleted_pictures_have_no_button_any_more() -> None:
    round_, subject = of_brief(3)
    first, second, third = subject.made
    made = (first, replace(second, deleted_at=NOON), third)

    blocks = check(show_round(round_, replace(subject, made=made)))

    assert [each["text"]["text"] for each in buttons_of(blocks)[:2]] == ["1", "3"]
    assert "*2*" not in str(blocks)


@pytest.mark.parametrize(
    ("counts", "winners", "said"),
    [
        ({1: 0, 2: 3, 3: 2}, (2,), "*Picture 2 was chosen* with 3 of 5 votes."),
        ({1: 0, 2: 1, 3: 0}, (2,), "*Picture 2 was chosen* with 1 of 1 vote."),
        ({1: 2, 2: 2, 3: 0}, (1,), "*Picture 1 was chosen*, from 1 and 2, which had 2 votes each."),
        ({1: 2, 2: 2, 3: 0}, (1, 2), "*Pictures 1 and 2 were chosen* with 2 of 4 votes each."),
        ({1: 0, 2: 0, 3: 0}, (3,), "*Picture 3 was chosen*, without a vote."),
        ({1: 0, 2: 0, 3: 0}, (), "*Closed, and no picture was chosen.*"),
    ],
)
def test_a_closed_vote_says_what_won_and_by_how_much(
    counts: dict[int, int], winners: tuple[int, ...], said: str
) -> None:
    round_, subject = of_result(3)
    closed = replace(round_, closed_at=NOON, closed_by="UADA", winners=winners, counts=counts)

    message = show_round(closed, subject)

    assert f"{said} Closed by <@UADA>." in message.text
    assert buttons_of(check(message)) == []
    assert message.text.count("*chosen*") == len(winners)


def test_who_is_forgotten_is_counted_and_not_named() -> None:
    round_, subject = of_result(2)
    votes = (Vote("UBEN", 1),)
    closed = replace(round_, closed_at=NOON, winners=(1,), counts={1: 3, 2: 0}, votes=votes)

    assert "*1*: 3 votes · <@UBEN> and 2 others" in show_round(closed, subject).text


def test_what_somebody_wants_changed_is_said_with_who_said_it_and_pings_nobody() -> None:
    round_, subject = of_result(2)
    note = Note("V1", "UBEN", NoteKind.CHANGES, "Less <!here> & more fog", NOON)

    message = show_note(note, round_, subject)

    check(message)
    assert "<@UBEN> wants changes: “Less &lt;!here&gt; &amp; more fog”" in message.text
    assert "@Imagine with a darker sky" in message.text
    wanted = show_round(replace(round_, notes=(note, replace(note, id="V2"))), subject)
    assert "changes wanted by <@UBEN>" in wanted.text


def test_the_end_is_told_with_the_picture_that_won() -> None:
    round_, subject = of_brief(12)
    closed = replace(round_, closed_at=NOON, closed_by="UADA", winners=(12,), counts={12: 3})
    note = Note("n", "UADA", NoteKind.CLOSED, "", NOON)

    blocks = check(show_note(note, closed, subject))

    assert [block["slack_file"]["id"] for block in blocks if block["type"] == "image"] == ["F12X1"]


def test_that_its_message_is_gone_is_said_with_what_is_kept_and_how_to_see_it() -> None:
    round_, subject = of_result(2)
    note = Note("n", "UADA", NoteKind.LOST, "", NOON)

    said = show_note(note, crowd(round_, 3), subject).text

    assert "The message of the vote was deleted, but its 3 votes are kept" in said
    assert "choose Pick (under More…, or at the end of a brief)" in said


def test_a_tie_offers_those_that_tie_and_no_vote_all_of_them() -> None:
    round_, subject = of_brief(40)
    tallies = one_vote_each(round_)
    for offered, says in (
        (tallies[:2], "Pictures 1 and 2 have 1 vote each"),
        (tallies, "39 and 40"),
    ):
        view = show_choice(round_, subject, offered, "C1").to_dict()
        assert check_view(view, lambda _: None, lambda _: True).errors == []
        assert says in str(view["blocks"][0])
        assert len(view["blocks"][1]["element"]["options"]) == len(offered)
    nobody = [replace(each, count=0) for each in tallies]
    assert "Nobody has voted" in str(show_choice(round_, subject, nobody, "C1").to_dict())


def one_vote_each(round_: Round) -> list[Tally]:
    votes = [Vote(f"U{each.key}", each.key) for each in round_.candidates]
    return list(count_votes(round_.candidates, votes))


def test_the_form_for_changes_is_one_that_slack_takes() -> None:
    view = show_changes_form(of_result()[0], "C1").to_dict()

    assert check_view(view, lambda _: None, lambda _: True).errors == []


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2:r:g", (2, "r", "g")),
        ("0:r:g", (0, "r", "g")),
        ("x:r:g", (0, "r", "g")),
        ("²:r:g", (0, "r", "g")),
        ("99999999:r:g", (0, "r", "g")),
        ("", (0, "", "")),
        (None, (0, "", "")),
        ("g", (0, "", "")),
    ],
)
def test_a_button_is_read_whatever_it_carries(
    value: str | None, read: tuple[int, str, str]
) -> None:
    assert read_press(value) == read


@pytest.mark.parametrize(
    ("people", "count", "said"),
    [
        ([], None, ""),
        (["UA"], None, "<@UA>"),
        (["UA", "UB"], None, "<@UA> and <@UB>"),
        (["UA", "UB", "UC"], None, "<@UA>, <@UB> and <@UC>"),
        (["UA", "UB", "UC", "UD"], None, "<@UA>, <@UB>, <@UC> and 1 other"),
        (["UA"], 2, "<@UA> and 1 other"),
        (["UA", "UB"], 99, "<@UA>, <@UB> and 97 others"),
    ],
)
def test_people_are_named_up_to_three(people: list[str], count: int | None, said: str) -> None:
    assert texts.names(people, count) == said


def test_a_candidate_that_is_gone_is_called_so() -> None:
    _, subject = of_result(1)

    assert texts.picture_called(Candidate(9, "x", 1, "9"), subject) == "Picture 9, deleted"

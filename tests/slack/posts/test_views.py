"""The form and the message of a draft stay within Slack's limits, and say what they must."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from bot.credits.estimates import Basis, Estimate
from bot.errors import Cause
from bot.generations.record import FORGOTTEN, PictureState
from bot.posts.record import Plan, PlanState, Post, PostRequest, PostState, Source
from bot.sandbox.slack.blocks import check_message_blocks, check_view
from bot.slack.posts.texts import again_confirm
from bot.slack.posts.views import PostContext, show_form, show_outcome
from tests.support.examples import make_generation

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
GUIDE = Estimate(Basis.GUIDE, 10.0)
ALL_TYPES = ("instagram-feed", "x-post", "youtube-video", "facebook-post", "linkedin-post")
POST = Post(
    id="d1",
    origin="post:V1",
    team_id="T1",
    user_id="U1",
    channel_id="C1",
    thread_ts="1.1",
    ruled_channel_id="C1",
    generation_id="g1",
    request=PostRequest(
        media_ids=("m1", "m2"),
        generation_ids=("g1", "g1"),
        post_types=ALL_TYPES,
        source=Source.TYPED,
        texts={"x": "<!channel> & " + "灯台" * 2000},
        plan=Plan(day=date(2027, 5, 12), at=time(9, 30), zone="Europe/Berlin"),
    ),
    accepted_at=NOON,
    state=PostState.DRAFTED,
    post_id="p1",
    plan_state=PlanState.PLANNED,
)
STILL_WRITING = replace(
    POST,
    request=POST.request.model_copy(
        update={"source": Source.WRITTEN, "texts": {}, "topic": "a boat"}
    ),
    state=PostState.REFUSED,
    cause=Cause.NO_ANSWER,
    submitted_at=NOON,
    caption_id="c1",
)
ENDS = [
    (STILL_WRITING, ("still writing", "looks for it once more, and costs nothing")),
    (POST, ("made a draft", "Not published", "12 May 2027, 09:30 (Europe/Berlin)")),
    (
        replace(POST, plan_state=PlanState.REFUSED, plan_cause=Cause.INSUFFICIENT_SCOPE),
        ("made a draft", "calendar:write"),
    ),
    (replace(POST, plan_state=PlanState.UNKNOWN), ("made a draft", "Nobody knows")),
    (
        replace(POST, state=PostState.UNKNOWN, cause=Cause.INTERRUPTED),
        ("Nobody knows", "I won't send it again by myself", "there may be no draft"),
    ),
    (
        replace(
            POST,
            state=PostState.TEXT_UNKNOWN,
            cause=Cause.NO_ANSWER,
            balance_before=100.0,
            balance_at_end=93.0,
        ),
        ("took credits", "was 100 before, and is 93 now"),
    ),
    (
        replace(POST, state=PostState.TEXT_UNKNOWN, cause=Cause.STORAGE),
        ("took credits and made the draft", "restored from a backup"),
    ),
    (
        replace(
            POST,
            state=PostState.REFUSED,
            cause=Cause.INSUFFICIENT_SCOPE,
            detail="403 INSUFFICIENT_SCOPE API key lacks the required scope: posts:write",
        ),
        ("lacks the scope `posts:write`", "Nothing was spent"),
    ),
    (
        replace(
            POST,
            state=PostState.REFUSED,
            cause=Cause.INVALID_REQUEST,
            detail="no <such> thing",
            submitted_at=NOON,
            credits_used=7.0,
        ),
        ("no &lt;such&gt; thing", "is paid for and kept", "costs nothing"),
    ),
]


def test_a_videos_draft_is_not_said_to_hold_pictures() -> None:
    assert "with 2 pictures" in show_outcome(POST).text
    video = POST.request.model_copy(update={"post_types": ("youtube-video",)})
    said = show_outcome(replace(POST, request=video)).text
    assert "with the text only: add the video in PowerPost" in said
    assert "2 pictures" not in said


def no_file(key: str) -> None:
    """Slack has none here."""


@pytest.mark.parametrize(("post", "says"), ENDS)
def test_each_end_is_told_in_full_also_without_blocks(post: Post, says: tuple[str, ...]) -> None:
    message = show_outcome(post, look="*draft*", estimate=GUIDE)
    for words in says:
        assert words in message.text
    assert "<!channel>" not in message.text
    report = check_message_blocks(message.to_dict()["blocks"], no_file, lambda _file: True)
    assert report.errors == []
    assert len(again_confirm(post, GUIDE)) <= 300


def test_what_was_blanked_is_told_without_its_words() -> None:
    blank = POST.request.model_copy(update={"texts": {}, "plan": None})
    message = show_outcome(replace(POST, request=blank, blanked_at=NOON, user_id=FORGOTTEN))
    assert "no longer stored" in message.text
    assert message.text.startswith("a deleted person made a draft")


@pytest.mark.parametrize("count", [1, 4])
def test_the_form_is_one_that_slack_takes(count: int) -> None:
    generation = make_generation(pictures=count)
    pictures = tuple(
        replace(each, state=PictureState.LINKED, slack_file_id=None) for each in generation.pictures
    )
    view = show_form(replace(generation, pictures=pictures), PostContext(), GUIDE, "Europe/Berlin")
    shown = view.to_dict()
    assert check_view(shown, no_file, lambda _file: True).errors == []
    ids = [block["block_id"] for block in shown["blocks"] if block["type"] == "input"]
    assert len(ids) == len(set(ids))
    assert sum(each.startswith("post_picture_") for each in ids) == (count if count > 1 else 0)
    assert "about 10 credits (guide price)" in str(shown)
    assert "Nothing is published" in str(shown)


@pytest.mark.parametrize(
    ("chosen", "held"),
    [((), ["1", "2", "3"]), ((2,), ["2", "none", "none"]), ((1, 3), ["1", "3", "none"])],
)
def test_what_a_vote_has_chosen_is_there_at_first(chosen: tuple[int, ...], held: list[str]) -> None:
    generation = make_generation(pictures=3)
    pictures = tuple(
        replace(each, chosen_at=NOON if each.position in chosen else None)
        for each in generation.pictures
    )
    form = show_form(replace(generation, pictures=pictures), PostContext(), GUIDE, "UTC").to_dict()

    picks = [
        each for each in form["blocks"] if str(each.get("block_id")).startswith("post_picture_")
    ]
    assert [each["element"]["initial_option"]["value"] for each in picks] == held
    offered = [each["text"]["text"] for each in picks[0]["element"]["options"]]
    assert [each for each in offered if "(chosen in a vote)" in each] == [
        f"Picture {position} (chosen in a vote)" for position in chosen
    ]


def test_no_text_that_is_paid_for_is_offered_for_a_price() -> None:
    assert again_confirm(STILL_WRITING, GUIDE) == "The same draft is made. This costs nothing."
    failed = replace(STILL_WRITING, is_text_failed=True)
    assert "costs" in again_confirm(failed, GUIDE)
    assert "nothing" not in again_confirm(failed, GUIDE)


def test_the_workspace_is_named_if_there_are_several() -> None:
    generation = make_generation(pictures=1)
    shown = show_form(generation, PostContext(), GUIDE, "UTC", "Lakeside Hotel").to_dict()

    assert "draft in PowerPost, workspace “Lakeside Hotel”. Nothing" in str(shown["blocks"][-1])

"""What is sent for drafts, texts and plans, and how it is read."""

from __future__ import annotations

from datetime import date, time

import pytest

from bot.errors import OutcomeUnknown
from bot.posts.record import Plan, PostRequest, Source
from bot.powerpost import calls
from bot.powerpost.answers import Answer, find_words, read_answer
from bot.powerpost.calls import Call, CallKind
from bot.powerpost.posts import read_captions, write_entry
from bot.powerpost.wire import CaptionGeneration, WireModel

REQUEST = PostRequest(
    media_ids=("m2", "m1"),
    generation_ids=("g", "g"),
    post_types=("x-post", "youtube-video"),
    source=Source.TYPED,
    texts={"x": "Hello", "youtube": "Hello there"},
    title="Boats",
    link="https://acme.slack.example/archives/C1/p1",
)


def test_pictures_go_into_what_takes_them_in_their_order() -> None:
    call = calls.draft_post(REQUEST.items, "c1")
    assert call.json == {
        "generation_id": "c1",
        "items": [
            {"post_type": "x-post", "content": "Hello", "media_ids": ["m2", "m1"]},
            {"post_type": "youtube-video", "content": "Hello there", "title": "Boats"},
        ],
    }


@pytest.mark.parametrize(
    "call",
    [
        calls.order_captions(("x-post",), "a boat", ("m1",)),
        calls.draft_post(REQUEST.items),
        calls.plan_entry({"title": "Boats"}),
    ],
    ids=lambda call: str(call.kind),
)
@pytest.mark.parametrize("answer", [(500, b"{}"), (200, b'{"post'), (302, b"")])
def test_what_makes_something_is_unknown_without_a_usable_answer(
    call: Call[WireModel], answer: tuple[int, bytes]
) -> None:
    with pytest.raises(OutcomeUnknown):
        read_answer(call, Answer(answer[0], {}, answer[1]))
    assert call.is_paid is (call.kind is CallKind.CAPTION_ORDER)


def test_nothing_that_somebody_wrote_is_in_a_detail() -> None:
    call = calls.draft_post(REQUEST.items)
    assert call.json is not None
    assert find_words(call.json) == ["Hello there"]  # shorter words tell nothing


def test_an_entry_says_by_whose_clocks_it_is_and_where_the_thread_is() -> None:
    plan = Plan(day=date(2027, 5, 12), at=time(9, 30), zone="Europe/Berlin")
    entry = write_entry(REQUEST.model_copy(update={"texts": {"x": "a" * 9000}}), plan, "Boats")
    description = str(entry["description"])
    assert len(description) <= 5000
    assert "09:30 is by the clocks of Europe/Berlin." in description
    assert description.endswith("https://acme.slack.example/archives/C1/p1")
    assert (entry["scheduled_date"], entry["scheduled_time"]) == ("2027-05-12", "09:30")
    assert entry["platforms"] == ["x", "youtube"]


def test_captions_are_read_by_platform_with_youtubes_title() -> None:
    said = CaptionGeneration.model_validate(
        {
            "generation_id": "c1",
            "status": "completed",
            "outputs": {"x": "Hi", "youtube": {"title": "Boats", "description": "All of them"}},
        }
    )
    captions = read_captions(said)
    assert captions.texts == {"x": "Hi", "youtube": "All of them"}
    assert (captions.title, captions.is_ended, captions.is_failed) == ("Boats", True, False)

"""PowerPost's answers in the workflow's words: what is untrusted is cut to what can be kept."""

from __future__ import annotations

import pytest

from bot.errors import Transient
from bot.powerpost.upstream import keep_text, read_poll, read_sentence
from bot.powerpost.wire import ImageGeneration


def said(**changes: object) -> ImageGeneration:
    return ImageGeneration.model_validate(
        {"image_generation_id": "i1", "status": "processing"} | changes
    )


def test_what_is_processing_has_not_ended_and_has_no_pictures_yet() -> None:
    look = read_poll(said(images=[{"media_id": "m", "url": "https://p.example/1.webp"}]))

    assert (look.is_ended, look.pictures) == (False, ())


def test_a_failure_keeps_the_pictures_that_exist_and_powerposts_reason() -> None:
    look = read_poll(
        said(
            status="failed",
            images=[{"media_id": "m", "url": "https://p.example/1.webp", "width": 1}],
            error={"code": "PARTIAL_FAILURE", "message": "1 of 2 failed."},
        )
    )

    assert (look.is_ended, look.is_failed, look.message) == (True, True, "1 of 2 failed.")
    assert [made.media_id for made in look.pictures] == ["m"]


def test_completed_without_a_picture_is_no_answer_to_act_on() -> None:
    with pytest.raises(Transient):
        read_poll(said(status="completed", images=[]))


def test_text_that_a_database_would_refuse_is_cut() -> None:
    look = read_poll(
        said(
            status="failed",
            images=[{"media_id": "m\0" * 300, "url": "https://p.example/\0"}],
            error={"message": "no\0 " * 2000},
        )
    )

    assert look.pictures[0].media_id == "m" * 255
    assert "\0" not in look.pictures[0].url + str(look.message)
    assert len(look.message or "") <= 2000


@pytest.mark.parametrize(
    ("text", "kept"), [(None, ""), ("", ""), ("abc", "abc"), ("abcdef", "abcd"), ("a\0b", "ab")]
)
def test_text_is_kept_as_far_as_it_fits(text: str | None, kept: str) -> None:
    assert keep_text(text, 4) == kept


@pytest.mark.parametrize(
    ("detail", "sentence"),
    [
        ("400 VALIDATION_ERROR Choose another size.", "Choose another size."),
        ("413 Too large", "Too large"),
        ("4 of 5 words", "4 of 5 words"),
        ("400", ""),
    ],
)
def test_a_person_sees_neither_status_nor_code(detail: str, sentence: str) -> None:
    assert read_sentence(detail) == sentence

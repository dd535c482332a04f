"""A CSV file with prompts, put into a thread with `@Imagine make these`."""

from __future__ import annotations

from bot.sandbox.slack.records import Message
from tests.support.image_form import Form
from tests.support.stage import DESIGN, Stage
from tests.support.threads import element, make, press, requests

GOOD = b"prompt,name,size\na kite,Kite,feed\na fox,Fox,\n"


async def send(stage: Stage, content: bytes, text: str, thread_ts: str | None = None) -> None:
    """A message of Ada's with a list."""
    file = await stage.ada.upload("shots.csv", content)
    await stage.ada.say(DESIGN, f"<@U0IMAGINE> {text}", thread_ts=thread_ts, files=[file])


async def ask(stage: Stage, content: bytes, text: str) -> Message:
    """The private answer to it."""
    before = len(stage.private())
    await send(stage, content, text)
    await stage.until(lambda: len(stage.private()) > before, what="an answer")
    return stage.private()[-1]


def made(stage: Stage) -> list[tuple[str, str, int]]:
    """What PowerPost was asked for, in no order of its own."""
    return sorted(
        (r["prompt"], r.get("size", "square"), r.get("quantity", 1)) for r in requests(stage)
    )


async def test_a_good_list_is_made_row_by_row(stage: Stage) -> None:
    await send(stage, GOOD, "make these")
    await stage.until(lambda: stage.submits() == 2, what="two are paid for")

    assert made(stage) == [("a fox", "square", 1), ("a kite", "feed", 1)]
    await stage.until(
        lambda: any("Kite" in str(m.blocks) for m in stage.replies()), what="its name"
    )


async def test_in_the_thread_of_a_picture_it_is_a_list_too_and_flags_hold_for_open_rows(
    stage: Stage,
) -> None:
    first = await make(stage)
    await send(stage, GOOD, "make these please --size landscape -n 2", first.thread_ts)
    await stage.until(lambda: stage.submits() == 3, what="two more are paid for")

    assert ("a fox", "landscape", 2) in made(stage)
    assert ("a kite", "feed", 2) in made(stage)


async def test_bad_rows_are_named_and_the_good_ones_are_made_by_a_button(stage: Stage) -> None:
    question = await ask(stage, b"prompt,size\na kite,huge\na fox,feed\na cat,story\n", "these")

    assert "Row 2: there is no size “huge”." in question.text
    assert "I would make 2 pictures" in question.text
    assert stage.submits() == 0
    assert (await press(stage.ada, question, "make_asked")).ok
    await stage.until(lambda: stage.submits() == 2, what="the good ones are paid for")
    assert made(stage) == [("a cat", "portrait", 1), ("a fox", "feed", 1)]


async def test_edit_opens_the_form_with_the_list(stage: Stage) -> None:
    question = await ask(stage, b"prompt,size\na kite,huge\na fox,feed\n", "make these")
    await press(stage.ada, question, "open_asked")
    form = await Form(stage, stage.ada).until_open()

    assert form.options("list_kept")[0].startswith("file:")
    assert (await form.submit()).ok
    assert "Row 2: there is no size “huge”." in form.text()
    assert stage.submits() == 0


async def test_words_beside_a_list_and_unknown_columns_are_not_lost_silently(stage: Stage) -> None:
    question = await ask(stage, b"prompt,notes\na kite,mine\n", "a fox in fog")

    assert "I would leave out “a fox in fog”" in question.text
    assert "I left out the columns “notes”" in question.text
    assert element(question, "make_asked")
    assert stage.submits() == 0


async def test_a_list_without_a_word_is_asked_about(stage: Stage) -> None:
    question = await ask(stage, GOOD, "")

    assert "Shall I make the prompts of this list?" in question.text
    assert stage.submits() == 0


async def test_the_message_menu_opens_the_form_with_the_list(stage: Stage) -> None:
    file = await stage.ada.upload("shots.csv", GOOD)
    shown = await stage.ada.say(DESIGN, "our shots", files=[file])
    assert shown.message is not None
    await stage.ada.message_shortcut("image_of_message", DESIGN, shown.message.ts)
    form = await Form(stage, stage.ada).until_open()
    assert form.options("list_kept") == [f"file:{file.id}"]
    assert (await form.submit()).ok
    assert "This makes 2 pictures" in form.text()
    assert (await form.submit()).ok
    await stage.until(lambda: stage.submits() == 2, what="two are paid for")


async def test_a_file_that_is_no_list_is_answered_and_nothing_is_made(stage: Stage) -> None:
    for content, said in (
        (b"a kite\na fox\n", "The first row must name the columns"),
        (b"prompt\n" + b"a fox\n" * 1000, "1000 rows, and at most 40 pictures"),
    ):
        answer = await ask(stage, content, "make these")
        assert said in answer.text
        assert "Nothing was spent." in answer.text
    assert stage.submits() == 0

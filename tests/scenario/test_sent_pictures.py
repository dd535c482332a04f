"""Pictures that people send: whatever a phone or a program makes of them, they come along, or it is
said before anything is paid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pillow_heif
import pytest

from bot.sandbox.slack.records import File
from bot.slack.image_form.values import FormValues, Reference
from bot.store.database import Database
from bot.store.drafts import DraftStore
from tests.support.image_form import Form, edit, picture, styles
from tests.support.stage import DESIGN, GENERAL, Stage
from tests.support.threads import make, requests

pillow_heif.register_heif_opener()

PHOTO = picture(kind="HEIF")
BROKEN = picture()[:-30]
TORN = picture("red", "JPEG")[:-9]
COLOURS = ("red", "tan", "teal", "plum", "gold")


async def upload(stage: Stage, *contents: tuple[str, bytes]) -> list[File]:
    """Ben's files."""
    return [await stage.ben.upload(name, content) for name, content in contents]


async def say(stage: Stage, text: str, thread_ts: str | None, files: list[File]) -> None:
    """Ben mentions the bot, with files."""
    shown = await stage.ben.say(DESIGN, f"<@U0IMAGINE> {text}", thread_ts=thread_ts, files=files)
    assert shown.ok


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "GIF", "TIFF", "BMP", "WEBP", "JPEG"])
async def test_a_replys_photo_is_a_reference_whatever_its_kind(stage: Stage, kind: str) -> None:
    result = await make(stage, "fog")
    files = await upload(stage, (f"photo.{kind.lower()}", picture(kind=kind)))
    await say(stage, "in this style", result.thread_ts, files)
    await stage.until_told_in_thread(stage.roots()[0].ts)

    assert len(requests(stage)[-1]["style_images"]) == 1


async def test_a_photo_that_slack_still_scans_is_waited_for(stage: Stage) -> None:
    result = await make(stage, "fog")
    (file,) = files = await upload(stage, ("photo.heic", PHOTO))
    file.is_ready_at = stage.workspace.clock() + 0.5
    await say(stage, "in this style", result.thread_ts, files)
    await stage.until_told_in_thread(stage.roots()[0].ts)

    assert len(requests(stage)[-1]["style_images"]) == 1


async def test_a_replys_picture_is_added_to_the_references_that_there_are(
    stage: Stage, form: Form
) -> None:
    file = await stage.ada.upload("first.png", picture("red"))
    await form.set("prompt", "fog")
    await form.set("files", [file.id])
    await form.submit()
    (result,) = await stage.until_told()
    await say(
        stage, "like this, too", result.thread_ts, await upload(stage, ("second.heic", PHOTO))
    )
    messages = await stage.until_told_in_thread(stage.roots()[0].ts)

    first, second = styles(stage)
    assert second[:1] == first
    assert len(second) == 2
    assert "beside the 1 from before" in messages[-2].text


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ([("plan.pdf", b"%PDF-1.7")], ["“plan.pdf” isn't a picture that I can read"]),
        ([("photo.heic", PHOTO), ("clip.mp4", b"\0\0\0\x18ftypmp42")], ["“clip.mp4”"]),
        (
            [(f"{n}.png", picture(c)) for n, c in enumerate(COLOURS)],
            ["At most 4 pictures", "Left out: “4.png”"],
        ),
    ],
    ids=["no picture", "one of two", "the fifth"],
)
async def test_what_a_reply_cannot_use_is_named_before_anything_is_paid(
    stage: Stage, contents: list[tuple[str, bytes]], said: list[str]
) -> None:
    result = await make(stage, "fog")
    await say(stage, "in this style", result.thread_ts, await upload(stage, *contents))
    await stage.until(lambda: stage.private())

    assert all(each in stage.private()[0].text for each in said)
    assert "Nothing was spent" in stage.private()[0].text
    assert stage.submits() == 1


async def test_more_than_four_with_those_from_before_are_asked_about(
    stage: Stage, form: Form
) -> None:
    mine = [await stage.ada.upload(f"{n}.png", picture(c)) for n, c in enumerate(("red", "tan"))]
    await form.set("prompt", "fog")
    await form.set("files", [file.id for file in mine])
    await form.submit()
    (result,) = await stage.until_told()
    more = [(f"{c}.png", picture(c)) for c in ("teal", "plum", "gold")]
    await say(stage, "like these", result.thread_ts, await upload(stage, *more))
    await stage.until(lambda: stage.private())

    assert "2 pictures as reference; with yours it is 5" in stage.private()[0].text
    assert stage.submits() == 1


async def test_a_broken_photo_is_found_out_before_it_is_paid_and_the_good_ones_stay(
    stage: Stage,
) -> None:
    result = await make(stage, "fog")
    files = await upload(
        stage,
        ("good.png", picture()),
        ("half.png", BROKEN),
        ("torn.jpg", TORN),
    )
    await say(stage, "in this style", result.thread_ts, files)
    await stage.until(lambda: stage.private())
    (told,) = stage.private()

    assert "“half.png”" in told.text
    assert "“torn.jpg”" in told.text
    assert "“good.png”" not in told.text
    assert "Nothing was spent" in told.text
    assert stage.submits() == 1
    value = next(e for b in told.blocks if b["type"] == "actions" for e in b["elements"])["value"]
    await stage.ben.click(DESIGN, told.ts, "actions", "edit_generation", value=value)
    again = await Form(stage, stage.ben).until_open()
    assert "good.png" in again.text()
    assert "half.png" not in again.text()


async def test_a_broken_photo_does_not_come_back_with_the_draft(stage: Stage, form: Form) -> None:
    files = [
        await stage.ada.upload("good.png", picture()),
        await stage.ada.upload("half.png", BROKEN),
    ]
    await form.set("prompt", "fog")
    await form.set("files", [file.id for file in files])
    await form.submit()
    await stage.until(lambda: stage.private())
    await stage.ada.run_command(DESIGN, "/imagine", "")
    again = await Form(stage, stage.ada).until_open()

    assert again.value("prompt") == "fog"
    assert [option["text"]["text"] for option in again.block("kept")["element"]["options"]] == [
        "good.png"
    ]


async def test_a_file_that_is_refused_at_the_field_does_not_come_back_either(
    stage: Stage, form: Form
) -> None:
    files = [
        await stage.ada.upload("good.png", picture()),
        await stage.ada.upload("plan.pdf", b"%PDF-1.7"),
        await stage.ada.upload("clip.mp4", b"\0\0\0\x18ftypmp42"),
    ]
    await form.set("files", [file.id for file in files])
    await form.set("prompt", "fog")
    shown = await form.submit()
    assert "“plan.pdf”" in str(shown.view_errors)
    assert "“clip.mp4”" in str(shown.view_errors)
    await form.set("prompt", "fog at sea")
    await stage.ada.close(form.view.id)
    await stage.ada.run_command(DESIGN, "/imagine", "")
    again = await Form(stage, stage.ada).until_open()

    assert "good.png" in again.text()
    assert "plan.pdf" not in again.text()
    assert "clip.mp4" not in again.text()


async def keep_draft(stage: Stage, values: FormValues) -> None:
    """What an earlier version kept for Ada."""
    database = Database(stage.settings.database_url)
    form = values.model_dump(mode="json")
    await DraftStore(database).save(stage.workspace.team_id, "U0ADA", form, datetime.now(UTC))
    await database.close()


async def test_of_twelve_remembered_references_four_are_kept(stage: Stage) -> None:
    files = [await stage.ada.upload(f"{n}.png", picture()) for n in range(12)]
    kept = tuple(Reference.of_file(file.id, file.name) for file in files)
    await keep_draft(stage, FormValues(prompt="fog", kept=kept))
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()

    assert len(form.block("kept")["element"]["options"]) == 4
    assert "Of 12 pictures the first 4 are chosen" in form.text()
    assert form.value("prompt") == "fog"


async def test_a_draft_that_slack_does_not_show_is_left_out_with_a_word(stage: Stage) -> None:
    await keep_draft(stage, FormValues(prompt="x" * 3500))
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()

    assert form.value("prompt") is None
    assert "I couldn't show your draft any more, so I left it out" in form.text()
    await stage.ada.close(form.view.id)
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    assert "couldn't show your draft" not in form.text()


async def open_message_form(stage: Stage, channel: str, ts: str) -> Form:
    """Ada chooses "Make an image of this"."""
    assert (await stage.ada.message_shortcut("image_of_message", channel, ts)).ok
    return await Form(stage, stage.ada).until_open()


async def test_a_forwarded_messages_words_and_pictures_become_the_request(stage: Stage) -> None:
    file = await stage.ben.upload("photo.heic", PHOTO)
    said = await stage.ben.say(GENERAL, "a red fox & snow", files=[file])
    assert said.message is not None
    forwarded = await stage.ada.forward(GENERAL, said.message.ts, DESIGN)
    assert forwarded.message is not None
    form = await open_message_form(stage, DESIGN, forwarded.message.ts)

    assert form.value("prompt") == "a red fox & snow"
    assert "photo.heic" in form.text()
    await form.submit()
    await stage.until(lambda: styles(stage))
    assert len(styles(stage)[-1]) == 1


async def test_a_message_of_blocks_alone_is_read(stage: Stage) -> None:
    message = stage.workspace.post_message(
        DESIGN,
        "U0BEN",
        "",
        blocks=[{"type": "header", "text": {"type": "plain_text", "text": "A red fox"}}],
    )
    form = await open_message_form(stage, DESIGN, message.ts)

    assert form.value("prompt") == "A red fox"


async def test_what_a_message_has_beside_pictures_is_left_out_with_a_word(stage: Stage) -> None:
    files = await upload(
        stage, ("plan.pdf", b"%PDF-1.7"), *((f"{n}.png", picture()) for n in range(6))
    )
    said = await stage.ben.say(DESIGN, "x" * 2100, files=files)
    assert said.message is not None
    form = await open_message_form(stage, DESIGN, said.message.ts)
    kept: dict[str, Any] = form.block("kept")["element"]

    assert "Left out: “plan.pdf”, which is no picture" in form.text()
    assert "Of 6 pictures the first 4 are chosen" in form.text()
    assert "longer than 2,000 characters" in form.text()
    assert (len(kept["options"]), len(kept["initial_options"])) == (6, 4)


async def test_of_a_message_of_ours_the_request_is_taken_and_not_what_stands_around_it(
    stage: Stage,
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a red fox -n 2 --size landscape")
    (result,) = await stage.until_told()
    for ts in (stage.roots()[0].ts, result.ts):
        form = await open_message_form(stage, DESIGN, ts)

        assert form.value("prompt") == "a red fox"
        assert form.value("quantity") == "2"
        assert form.value("size") == "landscape"
        await stage.ada.close(form.view.id)


async def test_edit_of_what_was_refused_leaves_out_what_it_was_refused_for(
    stage: Stage, form: Form
) -> None:
    file = await stage.ada.upload("half.png", BROKEN)
    await form.set("prompt", "fog")
    await form.set("files", [file.id])
    await form.submit()
    await stage.until(lambda: stage.private())
    again = await edit(stage, DESIGN, stage.private()[0].ts)

    assert "half.png" not in again.text()
    await again.submit()
    await stage.until_told()
    assert styles(stage) == [[]]

"""Reference pictures in the form: each way one can be bad, and what becomes of the form then."""

from __future__ import annotations

from bot.sandbox.powerpost.faults import SubmitFault
from tests.support.image_form import Form, edit, picture, styles
from tests.support.stage import DESIGN, Stage, images_of


def uploads(stage: Stage) -> int:
    """How many pictures PowerPost was sent."""
    return sum(e.path.endswith("/media/upload") for e in stage.powerpost.exchanges)


async def test_a_picture_that_powerpost_lost_is_named_and_brought_afresh_by_the_next_try(
    stage: Stage, form: Form
) -> None:
    file = await stage.ada.upload("mood.png", picture())
    await form.set("prompt", "fog")
    await form.set("files", [file.id])
    stage.powerpost.faults.next_submit(SubmitFault.NOT_FOUND)
    await form.submit()
    (told,) = await stage.until_told()
    assert "does not know a reference picture" in told.text

    again = await edit(stage, DESIGN, told.ts)
    assert "mood.png" in again.text()
    await again.submit()
    messages = await stage.until_told_in_thread(stage.roots()[0].ts)

    assert len(images_of(messages[-1])) == 1
    assert uploads(stage) == 2
    lost, fresh = styles(stage)
    assert lost != fresh
    assert len(fresh) == 1


async def test_words_in_its_thread_bring_it_afresh_too(stage: Stage, form: Form) -> None:
    file = await stage.ada.upload("mood.png", picture())
    await form.set("prompt", "fog")
    await form.set("files", [file.id])
    stage.powerpost.faults.next_submit(SubmitFault.NOT_FOUND)
    await form.submit()
    await stage.until_told()
    root = stage.roots()[0]
    await stage.ada.say(DESIGN, "<@U0IMAGINE> again", thread_ts=root.ts)
    await stage.until_told_in_thread(root.ts)

    lost, fresh = styles(stage)
    assert lost != fresh


async def test_a_file_of_slack_connect_is_looked_up_first(stage: Stage, form: Form) -> None:
    file = await stage.ada.upload("shared.png", picture())
    file.is_connect = True
    await form.set("prompt", "fog")
    await form.set("files", [file.id])
    await form.submit()
    await stage.until_told()

    assert len(styles(stage)[0]) == 1


async def test_a_file_of_slack_connect_that_is_no_picture_is_called_by_its_name(
    stage: Stage, form: Form
) -> None:
    file = await stage.ada.upload("terms.pdf", b"%PDF-1.7")
    file.is_connect = True
    await form.set("prompt", "fog")
    await form.set("files", [file.id])
    await form.submit()
    await stage.until(lambda: stage.private())

    assert "“terms.pdf” isn't a picture that I can read" in stage.private()[0].text
    assert stage.submits() == 0


async def test_a_file_that_is_deleted_before_it_is_fetched_is_named(
    stage: Stage, form: Form
) -> None:
    file = await stage.ada.upload("gone.png", picture())
    await form.set("prompt", "fog")
    await form.set("files", [file.id])
    file.is_deleted = True
    await form.submit()
    await stage.until(lambda: stage.private() or stage.submits(), what="told")

    assert stage.submits() == 0
    assert "Pick it again" in stage.private()[0].text


async def test_what_was_picked_can_be_kept_when_the_form_comes_back(
    stage: Stage, form: Form
) -> None:
    file = await stage.ada.upload("mood.png", picture())
    await form.set("files", [file.id])
    await form.set("prompt", "fog")
    await stage.ada.close(form.view.id)
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await form.until_open()
    assert "mood.png" in form.text()
    await form.submit()
    await stage.until_told()

    assert len(styles(stage)[0]) == 1


async def test_five_references_over_kept_and_picked_are_refused_at_the_picker(
    stage: Stage, form: Form
) -> None:
    files = [await stage.ada.upload(f"{n}.png", picture(c)) for n, c in enumerate(("red", "tan"))]
    await form.set("prompt", "fog")
    await form.set("files", [file.id for file in files])
    await form.submit()
    (result,) = await stage.until_told()
    again = await edit(stage, DESIGN, result.ts)
    more = [await stage.ada.upload(f"m{c}.png", picture(c)) for c in ("teal", "plum", "gold")]
    await again.set("files", [file.id for file in more])
    shown = await again.submit()

    assert list(shown.view_errors or {}) == [again.block("files")["block_id"]]
    assert "5 reference pictures" in str(shown.view_errors)
    await again.set("files", [file.id for file in more[:2]])
    await again.submit()
    await stage.until_told_in_thread(stage.roots()[0].ts)
    assert len(styles(stage)[-1]) == 4


async def test_a_message_with_the_bots_own_pictures_offers_them(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "fog -n 2")
    (result,) = await stage.until_told()
    await stage.ada.message_shortcut("image_of_message", DESIGN, result.ts)
    form = await Form(stage, stage.ada).until_open()

    offered = form.block("kept")["element"]
    assert len(offered["options"]) == 2
    assert not offered.get("initial_options")
    assert form.value("prompt") == "fog"
    assert form.value("quantity") == "2"
    assert form.value("destination") == "here"

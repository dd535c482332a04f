"""The form opens at once whatever is slow, once for each click, and says so where it cannot."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox.powerpost.faults import SubmitFault
from tests.support.image_form import Form
from tests.support.stage import DESIGN, GENERAL, LAUNCH, Stage


def calls(stage: Stage, method: str) -> list[dict[str, object]]:
    """What the bot sent to a method of Slack's, in order."""
    return [
        dict(e.request)
        for e in stage.workspace.exchanges
        if e.direction == "from_bot" and e.method == method and isinstance(e.request, dict)
    ]


async def open_form(stage: Stage) -> Form:
    """The form, open in #design; what PowerPost says may be missing."""
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open, what="form open")
    return form


async def test_while_powerpost_hangs_the_form_opens_and_can_be_sent(stage: Stage) -> None:
    stage.powerpost.faults.latency_seconds = 5.0
    form = await open_form(stage)
    assert "guide price" in form.text()
    assert " left" not in form.text()
    stage.powerpost.faults.latency_seconds = 0.0

    await form.set("prompt", "fog")
    shown = await form.submit()
    await stage.until_told()

    assert shown.ok
    assert len(calls(stage, "views.open")) == 1


async def test_what_was_typed_before_a_slow_answer_came_stays(stage: Stage) -> None:
    stage.powerpost.faults.latency_seconds = 0.4
    form = await open_form(stage)
    await form.set("prompt", "typed at once")
    await form.set("model", "gpt-image-1.5")
    await form.until_open()
    await stage.until(lambda: "size:gpt-image-1.5" in form.text())

    assert form.value("prompt") == "typed at once"
    assert form.value("model") == "gpt-image-1.5"
    assert form.options("size") == ["square", "portrait", "landscape"]


@pytest.mark.parametrize("fault", ["expired_trigger_id", "internal_error", "http_500"])
async def test_a_form_that_does_not_open_is_said_so_and_not_tried_twice(
    stage: Stage, fault: str
) -> None:
    stage.workspace.faults.next_call("views.open", fault)
    await stage.ada.run_command(DESIGN, "/imagine", "")
    await stage.until(lambda: stage.private(), what="told")

    assert "please try again" in stage.private()[0].text
    assert not Form(stage, stage.ada).is_open


async def test_a_global_shortcut_that_does_not_open_is_said_in_a_direct_message(
    stage: Stage,
) -> None:
    stage.workspace.faults.next_call("views.open", "internal_error")
    await stage.ada.shortcut("create_image")
    await stage.until(lambda: stage.workspace.messages["D0ADA"], what="told")

    assert "please try again" in stage.workspace.messages["D0ADA"][0].text


async def test_a_redraw_that_slack_did_not_take_is_drawn_again(stage: Stage) -> None:
    form = await (await open_form(stage)).until_open()
    stage.workspace.faults.next_call("views.update", "internal_error")
    await form.set("model", "gpt-image-1.5")
    await stage.until(lambda: "size:gpt-image-1.5" in form.text())

    assert form.value("model") == "gpt-image-1.5"


async def test_starting_afresh_works_though_the_form_was_just_redrawn(stage: Stage) -> None:
    form = await (await open_form(stage)).until_open()
    await form.set("prompt", "old")
    await stage.ada.close(form.view.id)
    form = await (await open_form(stage)).until_open()
    assert form.value("prompt") == "old"
    await asyncio.gather(
        form.set("model", "ideogram-3"),
        stage.ada.change(form.view.id, "restored", "start_afresh", None),
    )
    await stage.until(lambda: form.value("prompt") is None, what="emptied")
    assert form.value("model") == "flux2-flex"
    # The redraw that was under way is behind the next one.
    await form.set("model", "gpt-image-1.5")
    await stage.until(lambda: "size:gpt-image-1.5" in form.text(), what="the next redraw")

    assert form.value("prompt") is None


async def test_two_forms_of_one_person_keep_to_themselves_and_the_last_words_are_the_draft(
    stage: Stage,
) -> None:
    first = await (await open_form(stage)).until_open()
    first_view = first.view
    await first.set("prompt", "first")
    await stage.ada.run_command(GENERAL, "/imagine", "")
    await stage.until(lambda: first.view.id != first_view.id, what="the second form")
    second = await Form(stage, stage.ada).until_open()
    assert second.value("prompt") == "first"
    await second.set("prompt", "second")
    await second.submit()
    await stage.until_told(channel=GENERAL)

    assert stage.roots() == []
    assert "second" in stage.roots(GENERAL)[0].text


async def test_letters_that_come_after_the_sending_are_no_draft(stage: Stage) -> None:
    form = await (await open_form(stage)).until_open()
    await form.set("prompt", "fog")
    (typed,) = [e for e in stage.workspace.exchanges if "'action_id': 'prompt'" in str(e.request)][
        -1:
    ]
    await form.submit()
    await stage.delivery.deliver_again(typed)
    await stage.until_told()
    form = await (await open_form(stage)).until_open()

    assert form.value("prompt") is None


async def test_a_form_that_is_delivered_twice_is_no_draft(stage: Stage) -> None:
    form = await (await open_form(stage)).until_open()
    await form.set("prompt", "fog")
    await form.submit()
    (sent,) = [e for e in stage.workspace.exchanges if "view_submission" in str(e.request)]
    await stage.delivery.deliver_again(sent)
    await stage.until_told()
    form = await (await open_form(stage)).until_open()

    assert form.value("prompt") is None


async def test_a_form_that_was_only_looked_at_leaves_no_draft(stage: Stage) -> None:
    await stage.ada.shortcut("create_image")
    form = await Form(stage, stage.ada).until_open()
    await stage.ada.close(form.view.id)
    form = await (await open_form(stage)).until_open()

    assert "Restored from your draft" not in form.text()


async def test_opened_in_a_private_channel_without_the_bot_the_person_is_told_privately(
    stage: Stage,
) -> None:
    await stage.ada.run_command(LAUNCH, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "fog")
    await form.submit()
    await stage.until(lambda: stage.workspace.messages["D0ADA"], what="told")
    (told,) = stage.workspace.messages["D0ADA"]

    assert "/invite @Imagine" in told.text
    assert f"<#{LAUNCH}>" in told.text
    assert stage.submits() == 0
    assert stage.powerpost.balance == 100


async def test_it_works_in_a_direct_message(stage: Stage) -> None:
    await stage.ada.run_command("D0ADA", "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "fog")
    await form.submit()
    await stage.until_told(channel="D0ADA")

    assert stage.roots("D0ADA")[0].text.startswith("<@U0ADA>")


async def test_another_channel_that_the_bot_may_not_post_in_is_named_privately(
    stage: Stage,
) -> None:
    form = await (await open_form(stage)).until_open()
    await form.set("prompt", "fog")
    await form.set("destination", "channel")
    await stage.until(lambda: "'conversations_select'" in form.text())
    await form.set("channel", LAUNCH)
    await form.submit()
    await stage.until(lambda: stage.workspace.messages["D0ADA"], what="told")
    (told,) = stage.workspace.messages["D0ADA"]

    assert f"<#{LAUNCH}>" in told.text
    assert stage.submits() == 0

    button = next(b for b in told.blocks if b["block_id"] == "actions")["elements"][0]
    await stage.ada.click("D0ADA", told.ts, "actions", "edit_generation", value=button["value"])
    again = await Form(stage, stage.ada).until_open()
    assert again.value("prompt") == "fog"


async def test_what_powerpost_refuses_has_an_edit_that_holds_everything(stage: Stage) -> None:
    form = await (await open_form(stage)).until_open()
    await form.set("prompt", "refused words")
    await form.set("model", "nano-banana-2")
    await stage.until(lambda: "size:nano-banana-2" in form.text())
    await form.set("size", "portrait")
    await form.set("quantity", "3")
    await form.set("enhance", ["yes"])
    stage.powerpost.faults.next_submit(SubmitFault.INVALID)
    await form.submit()
    (told,) = await stage.until_told()
    assert "Nothing was spent" in told.text

    button = next(b for b in told.blocks if b["block_id"] == "actions")["elements"][0]
    assert button["text"]["text"] == "Edit"
    await stage.ada.click(DESIGN, told.ts, "actions", "edit_generation", value=button["value"])
    again = await Form(stage, stage.ada).until_open()
    held = [again.value(field) for field in ("prompt", "model", "size", "quantity")]
    assert held == ["refused words", "nano-banana-2", "portrait", "3"]

    await again.submit()
    messages = await stage.until_told_in_thread(stage.roots()[0].ts)
    assert "version" not in messages[-1].text  # nothing was made before it
    sent = [e.request_json for e in stage.powerpost.exchanges if e.method == "POST"]
    assert sent[0] == sent[1]

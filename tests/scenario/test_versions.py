"""Versions: what each changed, where it is listed, and what holds for one of them only."""

from __future__ import annotations

from bot.sandbox.slack.records import Message
from tests.support.image_form import Form, edit, picture, styles
from tests.support.stage import DESIGN, Stage
from tests.support.threads import change_rows, make, press, requests


async def reply(stage: Stage, result: Message, *texts: str) -> list[Message]:
    """Ben's replies to a result, each told before the next; all of the thread."""
    thread_ts = result.thread_ts
    assert thread_ts is not None
    before = len([m for m in stage.thread(thread_ts) if "asked for" in m.text])
    for number, text in enumerate(texts, before + 1):
        await stage.ben.say(DESIGN, f"<@U0IMAGINE> {text}", thread_ts=thread_ts)
        await stage.until_told_in_thread(thread_ts, number)
    return stage.thread(thread_ts)


async def test_a_version_shows_what_changed_and_not_the_whole_chain(stage: Stage) -> None:
    messages = await reply(stage, await make(stage, "fog"), "with rain", "no text")
    asked = [m for m in messages if "asked for" in m.text][-1]
    shown = messages[-1]

    assert requests(stage)[-1]["prompt"] == "fog. with rain. no text"
    for message in (asked, shown):
        assert "“no text”" in message.text
        assert "fog. with rain" not in message.text
    assert "A version of “fog”" in asked.text
    (image,) = [block for block in shown.blocks if block["type"] == "image"]
    assert image["title"]["text"].startswith("no text ·")
    assert image["alt_text"].startswith("fog. with rain. no text")  # what can be seen in it


async def test_history_names_versions_by_what_changed(stage: Stage) -> None:
    await reply(stage, await make(stage, "fog"), "with rain", "again x2")
    await stage.ben.run_command(DESIGN, "/imagine", "history")
    await stage.until(lambda: stage.private(), what="the history")
    lines = [b["text"]["text"] for b in stage.private()[-1].blocks if b["type"] == "section"]

    assert "|2 pictures>, a version of “fog”" in lines[0]
    assert "|with rain>, a version of “fog”" in lines[1]


async def test_a_number_of_pictures_holds_for_one_version(stage: Stage) -> None:
    await reply(stage, await make(stage, "fog"), "again x3", "with rain", "again")

    assert [each["quantity"] for each in requests(stage)] == [1, 3, 1, 1]


async def test_the_number_that_was_asked_for_at_first_stays(stage: Stage) -> None:
    await reply(stage, await make(stage, "fog -n 2"), "again x4", "with rain")

    assert [each["quantity"] for each in requests(stage)] == [2, 4, 2]


async def test_regenerate_makes_as_many_as_the_version_has(stage: Stage) -> None:
    result = await make(stage, "fog")
    messages = await reply(stage, result, "again x3")
    await press(stage.ada, messages[-1], "regenerate")
    messages = await stage.until_told_in_thread(result.thread_ts or "", 2)
    await reply(stage, result, "with rain")

    assert [each["quantity"] for each in requests(stage)] == [1, 3, 3, 1]
    assert "“once more”" in messages[-1].text


async def test_versions_from_before_the_chain_was_kept_go_on(stage: Stage) -> None:
    result = await make(stage, "fog. with rain")
    change_rows(stage, "UPDATE generations SET chain = NULL")
    messages = await reply(stage, result, "no text")

    assert requests(stage)[-1]["prompt"] == "fog. with rain. no text"
    assert "A version of “fog. with rain”" in messages[-2].text


async def test_a_new_prompt_is_shown_whole(stage: Stage) -> None:
    messages = await reply(stage, await make(stage, "fog"), "prompt: a red fox", "in snow")

    assert requests(stage)[-1]["prompt"] == "a red fox. in snow"
    assert "A version of “a red fox”" in messages[-2].text


async def open_edit(stage: Stage, message: Message) -> Form:
    """Edit, pressed by Ada."""
    return await edit(stage, DESIGN, message.ts)


async def test_edit_shows_the_chain_as_lines_that_can_be_struck(stage: Stage) -> None:
    messages = await reply(stage, await make(stage, "fog"), "with rain", "no text")
    form = await open_edit(stage, messages[-1])

    assert form.value("prompt") == "fog"
    assert [each for each in ("with rain", "no text") if each in form.text()] == [
        "with rain",
        "no text",
    ]
    await form.set("lines", ["0"])
    await form.submit()
    told = await stage.until_told_in_thread(messages[-1].thread_ts or "", 3)

    assert requests(stage)[-1]["prompt"] == "fog. with rain"
    assert "“without “no text””" in told[-2].text


async def test_with_all_lines_struck_the_first_words_are_left(stage: Stage) -> None:
    messages = await reply(stage, await make(stage, "fog"), "with rain", "no text")
    form = await open_edit(stage, messages[-1])
    await form.set("lines", [])
    await form.submit()
    await stage.until_told_in_thread(messages[-1].thread_ts or "", 3)

    assert requests(stage)[-1]["prompt"] == "fog"


async def test_lines_go_on_after_an_edit(stage: Stage) -> None:
    result = await make(stage, "fog")
    messages = await reply(stage, result, "with rain")
    form = await open_edit(stage, messages[-1])
    await form.set("prompt", "snow")
    await form.set("quantity", "2")
    await form.submit()
    await stage.until_told_in_thread(result.thread_ts or "", 2)
    messages = await reply(stage, result, "no text")
    form = await open_edit(stage, messages[-1])

    assert requests(stage)[-1]["prompt"] == "snow. with rain. no text"
    assert requests(stage)[-1]["quantity"] == 1
    assert form.value("prompt") == "snow"


async def test_edit_keeps_the_picture_before_unless_it_is_unticked(stage: Stage) -> None:
    result = await make(stage, "fog")
    form = await open_edit(stage, result)
    assert "Keep the picture" in form.text()
    assert "may refuse" in form.text()
    assert "not retouched" in form.text()
    await form.submit()
    await stage.until_told_in_thread(result.thread_ts or "")
    form = await open_edit(stage, result)
    await form.set("pictures", [])
    await form.submit()
    await stage.until_told_in_thread(result.thread_ts or "", 2)

    assert [len(each) for each in styles(stage)] == [0, 1, 0]


async def test_another_model_is_named_where_it_may_refuse_the_picture(stage: Stage) -> None:
    form = await open_edit(stage, await make(stage, "fog"))
    assert "FLUX.2 Flex is made for it" not in form.text()
    await form.set("model", "ideogram-3")
    await stage.until(lambda: "Ideogram 3.0 may refuse it" in form.text(), what="the hint")

    assert "FLUX.2 Flex is made for it" in form.text()


async def test_a_picture_that_powerpost_refuses_costs_nothing_and_can_be_left_out(
    stage: Stage,
) -> None:
    result = await make(stage, "fog")
    balance = stage.powerpost.balance
    stage.powerpost.takes_generated_media_as_style = False
    form = await open_edit(stage, result)
    await form.submit()
    told = await stage.until_told_in_thread(result.thread_ts or "")
    assert "leave it out" in told[-1].text
    assert stage.powerpost.balance == balance
    form = await open_edit(stage, told[-1])
    assert "Reference 1" in form.text()
    await form.set("kept", [])
    await form.submit()
    await stage.until_told_in_thread(result.thread_ts or "", 2)

    assert styles(stage)[-1] == []


async def test_the_picture_gives_way_to_references_that_were_picked(stage: Stage) -> None:
    result = await make(stage, "fog")
    colours = ("red", "tan", "teal", "plum")
    files = [await stage.ada.upload(f"{each}.png", picture(each)) for each in colours]
    form = await open_edit(stage, result)
    await form.set("files", [each.id for each in files])
    await form.submit()
    await stage.until_told_in_thread(result.thread_ts or "")

    assert len(styles(stage)[-1]) == 4

"""Several pictures from the form: sizes, models, places, one prompt a line, a list as a file; and
what a question or a refusal was about, back in it."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.person import Shown
from tests.support.image_form import Form
from tests.support.stage import DESIGN, Stage
from tests.support.threads import press, requests


def made(stage: Stage) -> list[tuple[str, str, str]]:
    """What PowerPost was asked for, in no order of its own."""
    return sorted((r["prompt"], r["model"], r.get("size", "square")) for r in requests(stage))


def chosen(form: Form, field: str) -> list[str]:
    """What is chosen of several."""
    held = form.view.state["values"][form.block(field)["block_id"]][field]
    return [option["value"] for option in held["selected_options"]]


def has(form: Form, field: str) -> bool:
    return any(
        (block.get("element") or {}).get("action_id") == field for block in form.view.body["blocks"]
    )


async def open_several(stage: Stage, **fields: Any) -> Form:
    """The form for several, with these fields filled in."""
    await stage.ada.run_command(DESIGN, "/imagine")
    form = await Form(stage, stage.ada).until_open()
    await form.set("several", ["yes"])
    await stage.until(lambda: has(form, "several_sizes"), what="fields for several")
    for field, value in fields.items():
        await form.set(field, value)
    return form


async def put_list(stage: Stage, form: Form, content: bytes, name: str = "list.csv") -> None:
    """Pick a list."""
    file = await stage.ada.upload(name, content)
    await form.set("list_file", [file.id])


async def submit_counted(stage: Stage, form: Form, pictures: int) -> Shown:
    """Create, which says how many there are first, if the form has not said it yet."""
    shown = await form.submit()
    assert shown.ok, shown.error
    if form.is_open and f"This makes {pictures} pictures" in form.text():
        shown = await form.submit()
        assert shown.ok, shown.error
    assert not form.is_open, form.text()
    return shown


async def test_sizes_models_and_places_multiply_with_the_price_of_all(stage: Stage) -> None:
    form = await open_several(
        stage,
        prompt="a {red|blue} kite",
        several_models=["ideogram-3", "flux2-flex"],
        several_sizes=["feed"],
        several_uses=["instagram-story", "tiktok-video"],
    )
    await stage.until(lambda: "for 8 pictures" in form.text(), what="the price of all")
    assert form.text().count("About 44 credits") == 1
    await submit_counted(stage, form, 8)
    await stage.until(lambda: stage.submits() == 8, what="all are paid for")

    assert made(stage) == sorted(
        (f"a {colour} kite", model, size)
        for colour in ("red", "blue")
        for model in ("ideogram-3", "flux2-flex")
        for size in ("feed", "portrait")
    )


async def test_a_prompt_with_choices_says_its_number_and_price_before_it_is_made(
    stage: Stage,
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "a {red|blue|brass} kite")
    shown = await form.submit()

    assert shown.ok, shown.error
    assert "This makes 3 pictures" in form.text()
    assert "About 15 credits for 3 pictures" in form.text()
    assert stage.submits() == 0
    assert (await form.submit()).ok
    await stage.until(lambda: stage.submits() == 3, what="three are paid for")


async def test_braces_that_are_meant_as_such_are_sent_and_come_back_so(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", r"code \{a|b\} on a wall")
    await stage.until_told()
    assert [prompt for prompt, _, _ in made(stage)] == ["code {a|b} on a wall"]
    await press(stage.ada, stage.replies()[-1], "edit_generation")
    form = await Form(stage, stage.ada).until_open()
    assert (await form.submit()).ok
    await stage.until(lambda: stage.submits() == 2, what="it is paid for")

    assert [prompt for prompt, _, _ in made(stage)] == ["code {a|b} on a wall"] * 2


async def test_one_prompt_a_line_makes_one_of_each(stage: Stage) -> None:
    form = await open_several(stage, prompt="a fox\n\na kite, in the wind\n", one_a_line=["yes"])
    await submit_counted(stage, form, 2)
    await stage.until(lambda: stage.submits() == 2, what="two are paid for")

    assert [prompt for prompt, _, _ in made(stage)] == ["a fox", "a kite, in the wind"]


async def test_a_list_is_made_row_by_row_after_its_number_was_said(stage: Stage) -> None:
    form = await open_several(stage)
    await put_list(
        stage, form, b'prompt;model;size\n"a kite; red";ideogram-3;feed,story\na fox;;\n'
    )
    shown = await form.submit()

    assert shown.ok, shown.error
    assert "This makes 3 pictures" in form.text()
    assert stage.submits() == 0
    shown = await form.submit()
    assert shown.ok, shown.error
    await stage.until(lambda: stage.submits() == 3, what="three are paid for")
    assert made(stage) == [
        ("a fox", "flux2-flex", "square"),
        ("a kite; red", "ideogram-3", "feed"),
        ("a kite; red", "ideogram-3", "portrait"),
    ]


async def test_bad_rows_are_named_and_left_out_only_by_choice(stage: Stage) -> None:
    form = await open_several(stage)
    await put_list(stage, form, b"prompt,size\na fox,feed\na kite,protrait\n,feed\na cat,\n")
    for _ in range(2):
        assert (await form.submit()).ok
        assert "Row 3: there is no size “protrait”. Did you mean portrait?" in form.text()
        assert "Row 4: it has no prompt." in form.text()
    assert stage.submits() == 0
    await form.set("list_leave_out", ["yes"])
    await submit_counted(stage, form, 2)
    await stage.until(lambda: stage.submits() == 2, what="the good ones are paid for")

    assert made(stage) == [("a cat", "flux2-flex", "square"), ("a fox", "flux2-flex", "feed")]


async def test_what_was_left_out_of_one_list_is_not_left_out_of_the_next(stage: Stage) -> None:
    form = await open_several(stage)
    await put_list(stage, form, b"prompt,size\na fox,feed\na kite,huge\n")
    assert (await form.submit()).ok
    await form.set("list_leave_out", ["yes"])
    await put_list(stage, form, b"prompt,size\na fox,feed\na cat,tiny\na dog,\n", "next.csv")
    assert (await form.submit()).ok
    assert "Row 3: there is no size “tiny”." in form.text()
    assert chosen(form, "list_leave_out") == []
    assert stage.submits() == 0


async def test_the_only_row_of_a_list_keeps_what_it_says(stage: Stage) -> None:
    form = await open_several(stage, several_sizes=["feed", "square"])
    await put_list(stage, form, b"prompt,size,quantity,campaign\na fox,story,3,Spring\n")
    assert (await form.submit()).ok
    await stage.until(lambda: stage.submits() == 1, what="it is paid for")

    (sent,) = requests(stage)
    assert (sent["prompt"], sent["size"], sent["quantity"]) == ("a fox", "portrait", 3)
    assert "Spring" in str(stage.roots()[0].blocks)


async def test_what_is_no_list_is_refused_at_its_field(stage: Stage) -> None:
    form = await open_several(stage)
    await put_list(stage, form, b"prompt\n" + b"a fox\n" * 1000)
    shown = await form.submit()

    assert shown.view_errors is not None
    assert "1000 rows, and at most 40 pictures" in str(shown.view_errors)
    assert stage.submits() == 0


async def test_a_size_that_a_model_lacks_is_asked_about(stage: Stage) -> None:
    form = await open_several(
        stage,
        prompt="a fox",
        several_models=["gpt-image-1.5"],
        several_sizes=["feed", "square"],
    )
    shown = await form.submit()
    assert shown.view_errors is not None
    assert "GPT Image 1.5 has no feed, its nearest is portrait 2:3." in str(shown.view_errors)
    await form.set("several_misfit", "flux2-flex")
    await submit_counted(stage, form, 2)
    await stage.until(lambda: stage.submits() == 2, what="two are paid for")

    assert made(stage) == [("a fox", "flux2-flex", "feed"), ("a fox", "gpt-image-1.5", "square")]


async def test_edit_of_what_is_too_much_has_all_of_it(stage: Stage) -> None:
    typed = "a {1|2|3|4|5|6|7} fox --size feed,16:9 --for tiktok --model ideogram-3,flux2-flex"
    shown = await stage.ada.run_command(DESIGN, "/imagine", typed)
    assert shown.message is not None
    assert "42 pictures" in shown.message.text
    await press(stage.ada, shown.message, "open_asked")
    form = await Form(stage, stage.ada).until_open()

    assert form.value("prompt") == "a {1|2|3|4|5|6|7} fox"
    assert chosen(form, "several_models") == ["ideogram-3", "flux2-flex"]
    assert chosen(form, "several_sizes") == ["feed", "16:9"]
    assert chosen(form, "several_uses") == ["tiktok"]
    await form.set("prompt", "a {1|2} fox")
    await submit_counted(stage, form, 12)
    await stage.until(lambda: stage.submits() == 12, what="all are paid for")


async def test_a_brief_that_is_closed_comes_back_as_a_draft(stage: Stage) -> None:
    form = await open_several(
        stage, prompt="a fox\na kite", one_a_line=["yes"], several_sizes=["feed", "portrait"]
    )
    await stage.ada.close(form.view.id)
    await stage.ada.run_command(DESIGN, "/imagine")
    again = Form(stage, stage.ada)
    await stage.until(lambda: again.is_open and "Restored" in again.text(), what="the draft")

    assert again.value("prompt") == "a fox\na kite"
    assert chosen(again, "several_sizes") == ["feed", "portrait"]
    assert chosen(again, "one_a_line") == ["yes"]


async def test_edit_under_a_brief_has_all_of_it_and_makes_it_anew(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a {red|blue} kite --for story,tiktok -n 2")
    await stage.until(
        lambda: any("edit_brief" in str(message.blocks) for message in stage.replies()),
        what="its end",
    )
    summary = next(m for m in stage.replies() if "edit_brief" in str(m.blocks))
    await press(stage.ada, summary, "edit_brief")
    form = await Form(stage, stage.ada).until_open()

    assert form.value("prompt") == "a {red|blue} kite"
    assert chosen(form, "several_uses") == ["story", "tiktok"]
    assert form.value("quantity") == "2"
    await submit_counted(stage, form, 4)
    await stage.until(lambda: stage.submits() == 4, what="all of it anew")


async def test_a_long_template_can_be_edited(stage: Stage) -> None:
    choices = "|".join(f"a {'very ' * 50}{number}" for number in range(9))
    shown = await stage.ada.run_command(
        DESIGN, "/imagine", f"a fox and {{{choices}}} --size feed,story,16:9,square,youtube -n 2"
    )
    assert shown.message is not None
    assert "72 pictures" in shown.message.text
    await press(stage.ada, shown.message, "open_asked")
    form = await Form(stage, stage.ada).until_open()

    assert form.value("prompt") == f"a fox and {{{choices}}}"

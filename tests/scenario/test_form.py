"""The form, as a person uses it: opened, changed, sent, closed, opened again."""

from __future__ import annotations

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.images.catalogue import MODELS, Model, Size
from bot.sandbox.powerpost.faults import Outcome, SubmitFault
from bot.sandbox.serving import serve
from tests.support.image_form import Form, picture
from tests.support.rendered_text import count_promised
from tests.support.stage import DESIGN, GENERAL, Stage, images_of, status_of


async def test_the_form_makes_what_it_was_filled_with(stage: Stage, form: Form) -> None:
    await form.set("prompt", "a lighthouse in fog")
    await form.set("model", "nano-banana-2")
    await stage.until(lambda: "size:nano-banana-2" in form.text())
    await form.set("size", "portrait")
    await form.set("quantity", "2")
    await form.set("enhance", ["yes"])
    shown = await form.submit()
    (result,) = await stage.until_told()

    assert shown.ok
    assert not form.is_open
    assert [block["slack_file"] is not None for block in images_of(result)] == [True, True]
    (sent,) = [e.request_json for e in stage.powerpost.exchanges if e.method == "POST"]
    assert sent == {
        "prompt": "a lighthouse in fog",
        "model": "nano-banana-2",
        "size": "portrait",
        "quantity": 2,
        "enhance_prompt": True,
    }
    assert stage.roots()[0].channel == DESIGN


@pytest.mark.parametrize("model", list(Model))
async def test_each_model_offers_its_own_sizes_with_their_true_pixels(
    stage: Stage, form: Form, model: Model
) -> None:
    await form.set("prompt", "kept while the list changes")
    await form.set("model", model.value)
    await stage.until(lambda: f"size:{model.value}" in form.text())

    shown = {
        option["value"]: option["text"]["text"]
        for option in form.block("size")["element"]["options"]
    }
    assert list(shown) == [size.value for size in MODELS[model].sizes]
    for size, pixels in MODELS[model].dimensions.items():
        assert f"{pixels.width}×{pixels.height} px" in shown[size.value]
        assert pixels.ratio in shown[size.value]
    assert form.value("prompt") == "kept while the list changes"


async def test_a_size_that_the_new_model_lacks_falls_back_visibly(stage: Stage, form: Form) -> None:
    await form.set("size", "feed")
    await form.set("model", "gpt-image-1.5")
    await stage.until(lambda: "size:gpt-image-1.5" in form.text())

    assert form.value("size") == "square"
    assert "GPT Image 1.5 has no size feed" in form.text()


async def test_two_quick_changes_never_leave_an_old_list_behind(stage: Stage, form: Form) -> None:
    await asyncio.gather(
        *(form.set("model", model.value) for model in (*Model, Model.GPT_IMAGE_1_5))
    )
    await stage.until(lambda: "size:gpt-image-1.5" in form.text())
    assert form.value("model") == "gpt-image-1.5"
    assert form.options("size") == ["square", "portrait", "landscape"]
    # The same again, with the redraws of all those changes behind it.
    for model in (Model.IDEOGRAM_3, Model.GPT_IMAGE_1_5):
        await form.set("model", model.value)
        await stage.until(lambda model=model: f"size:{model.value}" in form.text())  # type: ignore[misc]
    assert form.options("size") == ["square", "portrait", "landscape"]


async def test_a_form_sent_while_the_list_is_redrawn_is_never_wrong(
    stage: Stage, form: Form
) -> None:
    await form.set("prompt", "fog")
    await form.set("size", "feed")
    view_id = form.view.id
    _, shown = await asyncio.gather(form.set("model", "gpt-image-1.5"), stage.ada.submit(view_id))

    if shown.ok and not shown.view_errors:
        await stage.until_told()
        (sent,) = [e.request_json for e in stage.powerpost.exchanges if e.method == "POST"]
        assert sent is not None
        assert Size(sent["size"]) in MODELS[Model(sent["model"])].sizes
    else:
        assert form.is_open
        assert form.value("prompt") == "fog"


async def test_the_price_is_a_guide_until_one_was_seen(stage: Stage, form: Form) -> None:
    assert "About 5 credits, 100 left (guide price of 1 picture" in form.text()
    assert "it may have changed" in form.text()
    await form.set("prompt", "fog")
    await form.submit()
    await stage.until_told()

    stage.powerpost.balance = 2
    await stage.ada.run_command(DESIGN, "/imagine", "")
    await form.until_open()
    await stage.until(lambda: "only 2 left" in form.text())

    assert f"About {stage.powerpost.charges[0].credits} credits" in form.text()
    assert "guide price" not in form.text()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("prompt", "", "required"),
        ("prompt", "   ", "Describe the picture"),
        ("destination", "channel", "complete this required"),
    ],
)
async def test_what_is_wrong_shows_at_its_field_and_nothing_is_lost(
    stage: Stage, form: Form, field: str, value: str, says: str
) -> None:
    await form.set("prompt", "fog")
    await form.set(field, value)
    if field == "destination":
        await stage.until(lambda: "'conversations_select'" in form.text())
    shown = await form.submit()

    assert shown.view_errors is not None
    assert says in str(shown.view_errors)
    assert form.is_open
    assert stage.submits() == 0


async def test_references_are_uploaded_once_and_guide_the_style(stage: Stage, form: Form) -> None:
    files = [
        await stage.ada.upload("one.png", picture("teal")),
        await stage.ada.upload("two.jpg", picture("plum", "JPEG")),
        await stage.ada.upload("three.webp", picture("gold", "WEBP")),
        await stage.ada.upload("again.png", picture("teal")),
    ]
    await form.set("prompt", "headphones on marble")
    await form.set("files", [file.id for file in files])
    shown = await form.submit()
    await stage.until_told()

    assert shown.ok
    uploads = [e for e in stage.powerpost.exchanges if e.path.endswith("/media/upload")]
    assert len(uploads) == 3
    (sent,) = [
        e.request_json for e in stage.powerpost.exchanges if e.path.endswith("/images/generate")
    ]
    assert sent is not None
    first, *_, last = sent["style_images"]
    assert len(sent["style_images"]) == 4
    assert first == last
    assert "4 reference pictures" in stage.roots()[0].text


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("broken.png", b"<!DOCTYPE html><html>Sign in</html>", "broken.png"),
        ("notes.png", b"not a picture", "notes.png"),
        ("anim.gif", b"GIF89a" + bytes(50), "anim.gif"),
        ("empty.jpg", b"", "empty.jpg"),
    ],
)
async def test_of_four_references_the_broken_one_is_named_and_nothing_is_spent(
    stage: Stage, form: Form, name: str, content: bytes, says: str
) -> None:
    good = [await stage.ada.upload(f"{c}.png", picture(c)) for c in ("teal", "plum", "gold")]
    bad = await stage.ada.upload(name, content)
    await form.set("prompt", "fog")
    await form.set("files", [file.id for file in (*good, bad)])
    shown = await form.submit()
    if shown.view_errors:
        said = str(shown.view_errors)
        assert form.is_open
    else:
        await stage.until(lambda: stage.private())
        said = stage.private()[0].text

    assert says in said
    assert "JPEG, PNG or WebP" in said
    assert stage.submits() == 0
    assert stage.roots() == []


async def test_without_the_scope_for_files_the_operator_is_asked_for(
    stage: Stage, form: Form
) -> None:
    file = await stage.ada.upload("one.png", picture())
    await form.set("prompt", "fog")
    await form.set("files", [file.id])
    stage.workspace.scopes.discard("files:read")
    await form.submit()
    await stage.until(lambda: stage.private())

    assert "The person who runs this app" in stage.private()[0].text
    assert stage.submits() == 0


async def test_the_token_goes_to_no_other_host(stage: Stage, form: Form) -> None:
    seen: list[str | None] = []

    async def elsewhere(request: Request) -> Response:
        seen.append(request.headers.get("authorization"))
        return Response(picture(), media_type="image/png")

    file = await stage.ada.upload("one.png", picture())
    await form.set("prompt", "fog")
    await form.set("files", [file.id])
    async with serve(Starlette(routes=[Route("/{rest:path}", elsewhere)])) as other:
        file.url_private = file.url_private_download = f"{other}/one.png"
        await form.submit()
        await stage.until(lambda: stage.private())

    assert seen == []
    assert "isn't stored in Slack" in stage.private()[0].text
    assert stage.submits() == 0


async def test_a_caption_needs_no_prompt_and_offers_its_own_platforms(
    stage: Stage, form: Form
) -> None:
    element = form.block("caption")
    found = await stage.ada.options(form.view.id, element["block_id"], "caption", "")
    assert len(found) == 100 or len(found) > 50
    assert all(len(option["text"]["text"]) <= 75 for option in found)

    await form.set("caption", found[0]["value"])
    await stage.until(lambda: "source_post_type" in form.text(), what="platforms")
    assert form.block("prompt")["optional"] is True
    offered = form.options("source_post_type")
    caption = stage.powerpost.captions[found[0]["value"]]
    assert offered[0] == "all"
    assert {kind.partition("-")[0] for kind in offered[1:]} == set(caption.platforms)

    await form.set("source_post_type", offered[1])
    shown = await form.submit()
    await stage.until_told()

    assert shown.ok
    (sent,) = [e.request_json for e in stage.powerpost.exchanges if e.method == "POST"]
    assert sent is not None
    assert sent["generation_id"] == found[0]["value"]
    assert sent["source_post_type"] == offered[1]
    assert "prompt" not in sent
    assert "For the caption" in stage.roots()[0].text


async def test_captions_are_searched_by_their_words_and_kept_for_a_minute(
    stage: Stage, form: Form
) -> None:
    block_id = form.block("caption")["block_id"]
    everything = await stage.ada.options(form.view.id, block_id, "caption", "")
    word = everything[0]["text"]["text"].split()[0]
    some = await stage.ada.options(form.view.id, block_id, "caption", word)
    none = await stage.ada.options(form.view.id, block_id, "caption", "zzzqqq")

    assert 0 < len(some) <= len(everything)
    assert none == []
    pages = [e for e in stage.powerpost.exchanges if e.path.endswith("/content/generations")]
    assert len(pages) <= 2


async def test_it_can_go_to_another_channel_or_only_to_me(stage: Stage, form: Form) -> None:
    await form.set("prompt", "fog")
    await form.set("destination", "channel")
    await stage.until(lambda: "'conversations_select'" in form.text())
    await form.set("channel", GENERAL)
    await form.submit()
    await stage.until_told(channel=GENERAL)

    await stage.ada.run_command(DESIGN, "/imagine", "")
    await form.until_open()
    await form.set("prompt", "only for me")
    await form.set("destination", "me")
    await form.submit()
    (result,) = await stage.until_told(channel="D0ADA")

    assert len(images_of(result)) == 1
    assert stage.roots() == []


async def test_the_global_shortcut_opens_the_form_and_asks_where(stage: Stage) -> None:
    await stage.ada.shortcut("create_image")
    form = await Form(stage, stage.ada).until_open()

    assert form.options("destination") == ["channel", "me"]
    assert form.value("destination") == "me"


async def test_a_message_becomes_prompt_and_references_in_its_own_thread(stage: Stage) -> None:
    file = await stage.ben.upload("mood.png", picture())
    said = await stage.ben.say(
        DESIGN, "a <lighthouse> & fog, see <https://x.example|this>", files=[file]
    )
    assert said.message is not None
    await stage.ada.message_shortcut("image_of_message", DESIGN, said.message.ts)
    form = await Form(stage, stage.ada).until_open()

    assert "lighthouse" in form.value("prompt")
    assert "& fog" in form.value("prompt")
    assert "mood.png" in form.text()
    await form.submit()
    messages = await stage.until_told_in_thread(said.message.ts)

    assert len(images_of(messages[-1])) == 1
    (sent,) = [
        e.request_json for e in stage.powerpost.exchanges if e.path.endswith("/images/generate")
    ]
    assert sent is not None
    assert len(sent["style_images"]) == 1


async def test_a_form_closed_by_accident_opens_with_what_it_held(stage: Stage, form: Form) -> None:
    await form.set("prompt", "typed and nearly lost")
    await form.set("model", "ideogram-3")
    await form.set("quantity", "3")
    await stage.ada.close(form.view.id)
    await stage.ben.run_command(DESIGN, "/imagine", "")
    other = await Form(stage, stage.ben).until_open()
    await stage.ada.run_command(DESIGN, "/imagine", "")
    await form.until_open()

    assert form.value("prompt") == "typed and nearly lost"
    assert form.value("model") == "ideogram-3"
    assert form.value("quantity") == "3"
    assert other.value("prompt") is None

    await stage.ada.change(form.view.id, "restored", "start_afresh", None)
    await stage.until(lambda: form.value("prompt") is None, what="emptied")
    assert form.value("model") == "flux2-flex"


async def test_a_form_that_was_sent_and_made_opens_empty(stage: Stage, form: Form) -> None:
    await form.set("prompt", "fog")
    await form.submit()
    await stage.until_told()
    await stage.ada.run_command(DESIGN, "/imagine", "")
    await form.until_open()

    assert form.value("prompt") is None


async def test_a_form_that_powerpost_refused_opens_with_what_it_held(
    stage: Stage, form: Form
) -> None:
    stage.powerpost.faults.next_submit(SubmitFault.INVALID)
    await form.set("prompt", "refused")
    await form.submit()
    await stage.until_told()
    assert "Not started" in status_of(stage.roots()[0])
    await stage.ada.run_command(DESIGN, "/imagine", "")
    await form.until_open()

    assert form.value("prompt") == "refused"


async def test_the_same_form_delivered_twice_makes_one_generation(stage: Stage, form: Form) -> None:
    await form.set("prompt", "fog")
    await form.submit()
    (sent,) = [e for e in stage.workspace.exchanges if "view_submission" in str(e.request)]
    await stage.delivery.deliver_again(sent)
    assert count_promised(stage) == 1
    await stage.until_told()

    assert stage.submits() == 1
    assert len(stage.roots()) == 1


async def test_a_partial_outcome_of_a_form_is_told_like_any_other(stage: Stage, form: Form) -> None:
    stage.powerpost.faults.next_outcome(Outcome.PARTIAL)
    await form.set("prompt", "fog")
    await form.set("quantity", "2")
    await form.submit()
    (result,) = await stage.until_told()

    assert len(images_of(result)) == 1
    assert "refunded" in result.text


async def test_what_the_bot_filled_in_and_nobody_touched_is_no_draft(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse at dawn")
    (result,) = await stage.until_told()
    row = next(block for block in result.blocks if block["block_id"] == "actions")
    edit = next(e for e in row["elements"] if e["action_id"] == "edit_generation")
    await stage.ada.click(DESIGN, result.ts, "actions", "edit_generation", value=edit["value"])
    form = await Form(stage, stage.ada).until_open()
    assert form.value("prompt") == "a lighthouse at dawn"
    await stage.ada.close(form.view.id)

    await stage.ada.run_command(DESIGN, "/imagine", "")
    await form.until_open()
    assert form.value("prompt") is None

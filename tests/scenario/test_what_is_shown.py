"""What is shown is true: of sizes, of defaults that give way, of what came to Slack, of replies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.generations.record import PictureState, State
from bot.generations.usage import Usage
from bot.images.catalogue import Model, Size
from bot.policy.presets import Defaults, Preset
from bot.policy.rules import Rules
from bot.sandbox.powerpost.faults import SubmitFault
from bot.slack.kit.history_texts import history_mrkdwn
from bot.slack.kit.text import escape
from bot.slack.results.result_views import show_result
from bot.slack.results.root_views import show_ended_root
from tests.support.examples import make_generation
from tests.support.image_form import Form, choose_caption
from tests.support.policies import set_policy
from tests.support.stage import DESIGN, Stage, status_of
from tests.support.threads import make, requests

USED = Usage(9, 91)


async def choose_model(stage: Stage, form: Form, model: Model) -> None:
    """Another model, and its sizes."""
    await form.set("model", model.value)
    await stage.until(lambda: f"size:{model}" in form.text())


async def test_a_size_comes_back_with_a_model_that_has_it(stage: Stage, form: Form) -> None:
    await form.set("size", "feed")
    await choose_model(stage, form, Model.GPT_IMAGE_1_5)
    assert form.value("size") == "square"
    assert "GPT Image 1.5 has no size feed: it is square now" in form.text()
    await choose_model(stage, form, Model.IDEOGRAM_3)

    assert form.value("size") == "feed"


async def test_a_size_that_was_chosen_meanwhile_stays(stage: Stage, form: Form) -> None:
    await form.set("size", "feed")
    await choose_model(stage, form, Model.GPT_IMAGE_1_5)
    await form.set("size", "landscape")
    await choose_model(stage, form, Model.IDEOGRAM_3)

    assert form.value("size") == "landscape"


async def test_a_caption_proposes_the_size_that_its_post_wants(stage: Stage, form: Form) -> None:
    await choose_caption(stage, form)
    wanted = {"instagram-story": "portrait", "youtube-video": "landscape", "x-post": "landscape"}
    kinds = [kind for kind in form.options("source_post_type") if kind in wanted]
    assert kinds
    for kind in kinds:
        await form.set("source_post_type", kind)
        await stage.until(lambda size=wanted[kind]: form.value("size") == size, what=kind)  # type: ignore[misc]

    await form.set("size", "square")
    await form.submit()
    await stage.until_told()
    assert requests(stage)[0].get("size", "square") == "square"


async def test_the_form_says_which_defaults_give_way(stage: Stage) -> None:
    rules = Rules(models=(Model.IDEOGRAM_3,), quantity_max=2)
    mine = Defaults(model=Model.NANO_BANANA_2, quantity=4, preset="Strict")
    strict = Preset(name="Strict", model=Model.GPT_IMAGE_1_5, is_locked=True)
    await set_policy(stage, rules=rules, defaults={"U0ADA": mine}, presets=(strict,))
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()

    assert "Not all of your defaults can be used here." in form.text()
    assert "Nano Banana 2 isn't allowed here: it's Ideogram 3.0 now." in form.text()
    assert "It is 2 pictures now." in form.text()
    assert "The preset “Strict” isn't allowed here" in form.text()


async def test_a_command_says_which_defaults_give_way(stage: Stage) -> None:
    mine = Defaults(model=Model.NANO_BANANA_2, size=Size.FEED, quantity=4)
    rules = Rules(models=(Model.GPT_IMAGE_1_5,), quantity_max=2)
    await set_policy(stage, rules=rules, defaults={"U0ADA": mine})
    await make(stage, "fog")
    (root,) = stage.roots()

    assert "Nano Banana 2 isn't allowed here: GPT Image 1.5 instead." in root.text
    assert "4 pictures at a time are too many here: 2 instead." in root.text
    assert "The model has no size feed: square instead." in root.text


async def test_two_quick_replies_are_each_named_by_their_results(stage: Stage) -> None:
    result = await make(stage, "fog")
    root = stage.roots()[0]
    links = []
    for words in ("with rain", "with snow"):
        said = await stage.ben.say(DESIGN, f"<@U0IMAGINE> {words}", thread_ts=result.thread_ts)
        assert said.message is not None
        links.append((words, f"p{said.message.ts.replace('.', '')}"))
    messages = await stage.until_told_in_thread(root.ts, 2)

    for words, link in links:
        (answer,) = [m for m in messages if f"{link}?" in m.text]
        assert "version, from" in answer.text
        assert f"answers <{stage.workspace.base_url}" in answer.text
        assert f"added “{words}”" in answer.text


async def test_while_a_paid_request_hangs_it_says_so(stage: Stage) -> None:
    stage.powerpost.faults.next_submit(SubmitFault.SLOW)
    stage.powerpost.faults.latency_seconds = 4.0
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await stage.until(lambda: stage.roots() and "Asked PowerPost" in status_of(stage.roots()[0]))

    assert "which may be spent already" in status_of(stage.roots()[0])
    await stage.ada.run_command(DESIGN, "/imagine", "history")
    await stage.until(lambda: stage.private())
    assert "sent to PowerPost, no answer yet" in stage.private()[0].text
    stage.powerpost.faults.latency_seconds = 0.0
    await stage.until_told()


@pytest.mark.parametrize(
    ("shown", "intro", "status", "history"),
    [
        (2, "Here are your 2 pictures.", "*Done*", "done"),
        (
            1,
            "Here are 1 of your 2 pictures, and links to",
            "1 of them only linked",
            "1 only linked",
        ),
        (0, "they are not in Slack", "linked in the thread, not in Slack", "2 only linked"),
    ],
)
def test_what_is_only_linked_is_not_called_here(
    shown: int, intro: str, status: str, history: str
) -> None:
    made = replace(make_generation(State.DELIVERED, quantity=2, pictures=2), result_ts="2.0")
    pictures = [
        replace(
            each,
            state=PictureState.UPLOADED if each.position <= shown else PictureState.LINKED,
            slack_file_id=f"F{each.position}",
        )
        for each in made.pictures
    ]
    made = replace(made, pictures=tuple(pictures))

    assert intro in show_result(made, USED).text
    assert status in show_ended_root(made, USED).text
    assert history in history_mrkdwn(made, None)


def test_what_came_nowhere_is_not_called_done_and_its_links_stand_in_the_history() -> None:
    made = replace(make_generation(State.DELIVERED, quantity=1, pictures=1), result_ts=None)

    assert "Done" not in show_ended_root(made, USED).text
    line = history_mrkdwn(made, None)
    assert "done" not in line
    assert escape(made.pictures[0].url) in line

"""What is refused is not typed again: Edit opens the form with all of it, also after a restart; and
what only needs a yes, or the right name, has a button that says what it makes, and its price."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import WorkspaceSettings
from bot.policy.presets import Defaults
from bot.policy.rules import Rules
from bot.sandbox.slack.records import Message
from tests.support.home import Home
from tests.support.image_form import Form
from tests.support.policies import set_policy
from tests.support.presets import BRAND
from tests.support.rendered_text import count_promised
from tests.support.stage import DESIGN, Stage, hold, open_stage, run_bot
from tests.support.threads import change_rows, element, make, press, requests

LONG = "a very long story of a fox " * 70  # 1,890 characters: no button's value could hold more
NOTHING_LEFT = Budget(id="b1", scope=Scope.PERSON, period=Period.DAY, credits=0.0)


@pytest.fixture
async def empty_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stand-ins; each test starts and stops the bot."""
    async with open_stage(tmp_path, runs_bot=False) as opened:
        yield opened


async def send(stage: Stage, command: str) -> Message:
    """A command of Ada's that is answered privately."""
    shown = await stage.ada.run_command(DESIGN, "/imagine", command)
    assert shown.message is not None
    return shown.message


async def answer(stage: Stage, before: int) -> Message:
    """The next private answer."""
    await stage.until(lambda: len(stage.private()) > before, what="an answer")
    return stage.private()[-1]


async def edit(stage: Stage, refusal: Message) -> Form:
    """Press Edit under a refusal."""
    assert (await press(stage.ada, refusal, "open_asked")).ok
    return await Form(stage, stage.ada).until_open()


def labels(message: Message) -> list[str]:
    """What its buttons say."""
    elements = [e for block in message.blocks for e in block.get("elements", [])]
    return [e["text"]["text"] for e in elements if e.get("type") == "button"]


REFUSALS: dict[str, dict[str, Any]] = {
    "a word": {"rules": Rules(words=("fox",))},
    "the quantity": {"rules": Rules(quantity_max=1)},
    "the channel": {"rules": Rules(channels=("C0OTHER",))},
    "the budget": {"budgets": (NOTHING_LEFT,)},
    "a locked preset": {
        "presets": (BRAND.model_copy(update={"is_locked": True}),),
        "defaults": {"U0ADA": Defaults(preset="brand")},
    },
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_a_refusal_has_edit_with_everything_that_was_typed(stage: Stage, what: str) -> None:
    await set_policy(stage, **REFUSALS[what])
    refusal = await send(stage, f"{LONG} --model flux2-flex -n 2 -e")
    assert "Edit" in labels(refusal)
    form = await edit(stage, refusal)

    assert form.value("prompt") == LONG.strip()
    assert stage.submits() == 0


async def test_edit_keeps_the_options_that_were_typed(stage: Stage) -> None:
    await set_policy(stage, rules=Rules(words=("acme",)))
    form = await edit(stage, await send(stage, "an acme shop -m ideogram-3 -s portrait -n 2"))

    said = [form.value(field) for field in ("prompt", "model", "size", "quantity")]
    assert said == ["an acme shop", "ideogram-3", "portrait", "2"]
    await form.set("prompt", "a shop")
    assert (await form.submit()).ok
    await stage.until_told()
    assert [sent["prompt"] for sent in requests(stage)] == ["a shop"]


async def test_who_may_make_no_pictures_here_gets_no_form(stage: Stage) -> None:
    await set_policy(stage, rules=Rules(people=("U0BEN",)))
    assert labels(await send(stage, "a fox")) == []


async def test_over_budget_edit_stands_beside_ask_for_approval(stage: Stage) -> None:
    settings = WorkspaceSettings(approvers=("U0BEN",))
    await set_policy(stage, budgets=(NOTHING_LEFT,), settings=settings)
    assert labels(await send(stage, "a fox")) == ["Ask for approval", "Edit"]


async def test_too_many_under_way_has_edit(stage: Stage) -> None:
    with hold(stage.powerpost):
        for _ in range(13):
            await stage.ada.run_command(DESIGN, "/imagine", "a heron")
        form = await edit(stage, await send(stage, "one fox too many"))
        assert form.value("prompt") == "one fox too many"


async def test_edit_works_after_a_restart(empty_stage: Stage) -> None:
    stage = empty_stage
    async with run_bot(stage):
        await set_policy(stage, rules=Rules(words=("acme",)))
        refusal = await send(stage, "an acme shop")
    async with run_bot(stage):
        assert (await edit(stage, refusal)).value("prompt") == "an acme shop"


async def test_a_refused_reply_has_edit_with_what_it_would_have_made(stage: Stage) -> None:
    result = await make(stage)
    await set_policy(stage, rules=Rules(words=("acme",)))
    before = len(stage.private())
    await stage.ada.say(DESIGN, "<@U0IMAGINE> with an acme sign", thread_ts=result.thread_ts)
    form = await edit(stage, await answer(stage, before))
    assert form.value("prompt") == "a lighthouse in fog"
    assert "with an acme sign" in json.dumps(form.block("lines"))


async def test_a_refused_regenerate_has_edit(stage: Stage) -> None:
    result = await make(stage)
    await set_policy(stage, rules=Rules(words=("lighthouse",)))
    before = len(stage.private())
    await press(stage.ada, result, "regenerate")
    form = await edit(stage, await answer(stage, before))
    assert form.value("prompt") == "a lighthouse in fog"


async def test_a_misspelt_preset_has_a_button_that_makes_it_with_the_right_one(
    stage: Stage,
) -> None:
    await set_policy(stage, presets=(BRAND,))
    question = await send(stage, "a fox --preset brnad")
    assert "Watercolour of a fox" in question.text or "Ideogram 3.0" in question.text
    assert labels(question) == ["Make it · about 12 credits (guide price)", "Edit"]
    assert stage.submits() == 0
    await press(stage.ada, question, "make_asked")
    await stage.until_told()
    assert [sent["prompt"] for sent in requests(stage)] == ["Watercolour of a fox, on white"]


async def set_threshold(stage: Stage, credits_: float) -> None:
    """Ada wants to be asked above so many credits."""
    await set_policy(stage, defaults={"U0ADA": Defaults(ask_above=credits_)})


async def test_above_ones_own_threshold_it_is_asked_and_made_once(stage: Stage) -> None:
    await make(stage)  # so that a price is known
    await set_threshold(stage, 5)
    question = await send(stage, "a fox -n 2")
    assert "You want to be asked above 5 credits: this would probably take 6" in question.text
    assert labels(question) == ["Make it · about 6 credits", "Edit"]
    assert stage.submits() == 1
    found = element(question, "make_asked")
    for _ in range(2):
        await stage.ada.click(
            question.channel, question.ts, found["block_id"], "make_asked", value=found["value"]
        )
    await stage.until_told(2)
    assert count_promised(stage) == 2


async def test_the_threshold_is_set_in_ones_own_defaults(stage: Stage) -> None:
    home = Home(stage, stage.ada)
    await home.open()
    await home.open_sheet("home_edit_defaults")
    await home.fill("ask_above", "4")
    await home.save(until="asked first above 4 credits")

    question = await send(stage, "a fox")
    assert "You want to be asked above 4 credits" in question.text


async def test_below_it_and_for_others_nothing_is_asked(stage: Stage) -> None:
    await make(stage)
    await set_threshold(stage, 3)
    await stage.ada.run_command(DESIGN, "/imagine", "a fox")
    await stage.until_told(2)
    await stage.ben.run_command(DESIGN, "/imagine", "two foxes -n 2")
    await stage.until_told(3)


async def test_a_guide_price_is_asked_about_and_called_so(stage: Stage) -> None:
    await set_threshold(stage, 4)
    question = await send(stage, "a fox")
    assert "this would probably take 5 credits (guide price)" in question.text
    assert labels(question) == ["Make it · about 5 credits (guide price)", "Edit"]
    assert stage.submits() == 0


async def test_a_mention_asks_too_and_is_made_once(stage: Stage) -> None:
    await make(stage)
    await set_threshold(stage, 1)
    before = len(stage.private())
    said = await stage.ada.say(DESIGN, "<@U0IMAGINE> a fox in snow")
    question = await answer(stage, before)
    assert labels(question) == ["Make it · about 3 credits", "Edit"]
    assert stage.submits() == 1
    await press(stage.ada, question, "make_asked")
    assert said.message is not None
    await stage.until_told_in_thread(said.message.ts)
    assert stage.submits() == 2


@pytest.mark.parametrize("way", ["reply", "button"])
async def test_a_reply_and_a_button_ask_too_and_each_is_made_once(stage: Stage, way: str) -> None:
    result = await make(stage)
    await set_threshold(stage, 1)
    for number in (1, 2):  # again once the first was made
        before = len(stage.private())
        if way == "reply":
            await stage.ada.say(DESIGN, "<@U0IMAGINE> in snow", thread_ts=result.thread_ts)
        else:
            await press(stage.ada, result, "regenerate")
        question = await answer(stage, before)
        assert labels(question) == ["Make it · about 3 credits", "Edit"]
        await press(stage.ada, question, "make_asked")
        await stage.until_told_in_thread(result.thread_ts or "", number)
        if way == "button":  # two presses within a moment are one
            change_rows(
                stage,
                "UPDATE generations SET accepted_at = datetime(accepted_at, '-1 minute')",
            )
    assert stage.submits() == 3


async def test_the_rules_come_before_the_question_and_the_budget_after_it(stage: Stage) -> None:
    await set_policy(
        stage,
        rules=Rules(words=("acme",)),
        budgets=(NOTHING_LEFT,),
        defaults={"U0ADA": Defaults(ask_above=0)},
    )
    assert labels(await send(stage, "an acme shop")) == ["Edit"]
    question = await send(stage, "a fox")
    before = len(stage.private())
    await press(stage.ada, question, "make_asked")
    assert "budget" in (await answer(stage, before)).text
    assert stage.submits() == 0


async def test_a_question_of_the_day_before_yesterday_is_not_made_at_its_old_price(
    stage: Stage,
) -> None:
    await set_threshold(stage, 1)
    question = await send(stage, "a fox")
    old = "UPDATE questions SET request = json_set(request, '$.accepted_at', '2020-01-01T00:00Z')"
    await asyncio.to_thread(change_rows, stage, old)
    before = len(stage.private())
    await press(stage.ada, question, "make_asked")
    told = await answer(stage, before)
    assert "the price may have changed" in told.text
    assert (await edit(stage, told)).value("prompt") == "a fox"
    assert stage.submits() == 0


@pytest.mark.parametrize(
    ("text", "says", "words"),
    [
        ("who made this?", "such as:", "who made this?"),
        ("👍", "such as:", ""),
        ("help", "such as:", ""),
        ("--siez", "size", ""),
        ("go back to version 7", "only the 1st", ""),
        ("undo", "first version", ""),
    ],
)
async def test_a_reply_that_was_not_understood_opens_the_form_with_its_version_and_its_words(
    stage: Stage, text: str, says: str, words: str
) -> None:
    result = await make(stage, "a lighthouse in fog -s portrait")
    await stage.ada.say(DESIGN, f"<@U0IMAGINE> {text}", thread_ts=result.thread_ts)
    refusal = await answer(stage, 0)
    assert says in refusal.text
    assert "Nothing was spent" in refusal.text
    assert labels(refusal) == ["Edit"]

    form = await edit(stage, refusal)

    assert (form.value("prompt"), form.value("size")) == ("a lighthouse in fog", "portrait")
    assert not words or words in json.dumps(form.block("lines"))
    assert stage.submits() == 1


async def test_a_mention_that_was_not_understood_opens_the_form_with_its_words(
    stage: Stage,
) -> None:
    await stage.ada.say(DESIGN, "<@U0IMAGINE> make it darker and bolder")
    refusal = await answer(stage, 0)

    form = await edit(stage, refusal)

    assert form.value("prompt") == "make it darker and bolder"

"""What is not sure is asked back, privately: nothing is spent before a button is pressed, and each
question is made at most once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.policy.budgets import Budget, Period, Scope
from bot.sandbox.slack.records import Message
from tests.support.image_form import Form
from tests.support.policies import set_policy
from tests.support.rendered_text import count_promised, find_insides, until_all_is_said
from tests.support.stage import DESIGN, Stage, open_stage, run_bot
from tests.support.threads import choose, element, make, press, requests


@pytest.fixture
async def empty_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stand-ins; each test starts and stops the bot."""
    async with open_stage(tmp_path, runs_bot=False) as opened:
        yield opened
    assert find_insides(opened) == []


async def ask(stage: Stage, command: str) -> Message:
    """A command of Ada's that is asked back."""
    shown = await stage.ada.run_command(DESIGN, "/imagine", command)
    assert shown.message is not None
    return shown.message


async def reply(stage: Stage, text: str, thread_ts: str | None) -> Message:
    """A reply of Ada's, and its private answer."""
    before = len(stage.private())
    await stage.ada.say(DESIGN, f"<@U0IMAGINE> {text}", thread_ts=thread_ts)
    await stage.until(lambda: len(stage.private()) > before, what="an answer")
    return stage.private()[-1]


def labels(message: Message) -> list[str]:
    """What its buttons say."""
    return [
        found["text"]["text"]
        for block in message.blocks
        for found in block.get("elements", [])
        if found.get("type") == "button"
    ]


async def test_a_misspelt_size_is_asked_about_with_its_price_and_made_as_it_was_meant(
    stage: Stage,
) -> None:
    await make(stage)  # so that a price is known
    question = await ask(stage, "a fox --size protrait")

    assert "There is no size “protrait”. Did you mean portrait?" in question.text
    assert "I would make 1 picture: “a fox” · FLUX.2 Flex · portrait 9:16" in question.text
    assert "Nothing was spent." in question.text
    assert labels(question) == ["Make it · about 3 credits", "Edit"]
    assert stage.submits() == 1
    assert (await press(stage.ada, question, "make_asked")).ok
    await stage.until_told(2)
    assert requests(stage)[-1]["prompt"] == "a fox"
    assert requests(stage)[-1]["size"] == "portrait"
    assert [m.text for m in stage.private()] == ["It is being made: “a fox”"]


async def test_pressed_twice_it_is_made_and_paid_once(stage: Stage) -> None:
    question = await ask(stage, "history perfume")
    found = element(question, "make_asked")
    for _ in range(2):
        await stage.ada.click(
            question.channel, question.ts, found["block_id"], "make_asked", value=found["value"]
        )
    await stage.until_told()
    await until_all_is_said(stage)

    assert count_promised(stage) == 1
    assert [sent["prompt"] for sent in requests(stage)] == ["history perfume"]


async def test_a_question_is_answered_after_a_restart(empty_stage: Stage) -> None:
    stage = empty_stage
    async with run_bot(stage):
        question = await ask(stage, "a fox --modle ideogram")
    assert "--model" in question.text
    async with run_bot(stage):
        assert (await press(stage.ada, question, "make_asked")).ok
        await stage.until_told()

    assert [sent["model"] for sent in requests(stage)] == ["ideogram-3"]


async def test_the_form_opens_with_everything_filled_in(stage: Stage) -> None:
    question = await ask(stage, "a fox --size protrait -n 2 --modle ideogram")
    assert (await press(stage.ada, question, "open_asked")).ok
    form = await Form(stage, stage.ada).until_open()

    assert form.value("prompt") == "a fox"
    assert (form.value("model"), form.value("size"), form.value("quantity")) == (
        "ideogram-3",
        "portrait",
        "2",
    )
    assert (await form.submit()).ok
    await stage.until_told()
    assert stage.submits() == 1


async def test_the_form_opens_also_where_nothing_could_be_understood(stage: Stage) -> None:
    question = await ask(stage, "--size portrait")

    assert labels(question) == ["Open the form"]
    await press(stage.ada, question, "open_asked")
    form = await Form(stage, stage.ada).until_open()
    assert form.value("size") == "portrait"


async def test_a_question_counts_for_whom_it_was_asked_alone(stage: Stage) -> None:
    question = await ask(stage, "history perfume")
    question.ephemeral_to = "U0BEN"  # as if Ben had it
    await press(stage.ben, question, "make_asked")
    await stage.until(lambda: any("This is somebody else's" in m.text for m in stage.private()))

    assert count_promised(stage) == 0


async def test_the_price_is_that_of_the_persons_own_defaults_and_presets(stage: Stage) -> None:
    from tests.support.presets import BRAND

    await set_policy(stage, presets=(BRAND,))
    question = await ask(stage, "a fox --preset brand --siez feed")

    assert "Ideogram 3.0" in question.text
    await press(stage.ada, question, "make_asked")
    await stage.until_told()
    (sent,) = requests(stage)
    assert (sent["model"], sent["size"]) == ("ideogram-3", "feed")
    assert sent["prompt"] == "Watercolour of a fox, on white"


async def test_what_the_rules_forbid_is_refused_when_it_is_pressed(stage: Stage) -> None:
    from bot.policy.rules import Rules

    question = await ask(stage, "an Acmé™ shop --siez feed")
    await set_policy(stage, rules=Rules(words=("acme",)))
    await press(stage.ada, question, "make_asked")
    await stage.until(lambda: any("acme" in m.text for m in stage.private()))

    assert stage.submits() == 0


async def test_what_the_budget_does_not_allow_any_more_is_refused_when_it_is_pressed(
    stage: Stage,
) -> None:
    question = await ask(stage, "a fox, size: square, model: ideogram")
    assert "“a fox” · Ideogram 3.0 · square" in question.text
    nothing = Budget(id="b1", scope=Scope.PERSON, period=Period.DAY, credits=0.0)
    await set_policy(stage, budgets=(nothing,))
    await press(stage.ada, question, "make_asked")
    await stage.until(lambda: any("renews" in m.text for m in stage.private()))

    assert stage.submits() == 0


@pytest.mark.parametrize(
    "text",
    ["a fox in portrait", "zwei Bilder von einem Fuchs", "upscale it", "obrigado", "a fox x3"],
)
async def test_what_names_no_picture_or_an_option_is_asked_before_it_is_paid(
    stage: Stage, text: str
) -> None:
    question = await ask(stage, text)

    assert "Nothing was spent." in question.text
    assert "Edit" in labels(question)
    assert stage.submits() == 0


@pytest.mark.parametrize(
    ("said", "asked", "label", "sent"),
    [
        (
            "make it darker and landscape",
            "“landscape” may mean the size landscape.",
            "Make it · about 3 credits",
            ("a lighthouse in fog. make it darker", "landscape", "flux2-flex", 1),
        ),
        (
            "use ideogarm",
            "“ideogarm” may mean the model Ideogram 3.0.",
            "Make it · about 6 credits (guide price)",
            ("a lighthouse in fog", "square", "ideogram-3", 1),
        ),
        (
            "Hochformat",
            "“Hochformat” may mean the size portrait.",
            "Make it · about 3 credits",
            ("a lighthouse in fog", "portrait", "flux2-flex", 1),
        ),
        (
            "another model please",
            "Which model? There are FLUX.2 Flex,",
            "Make it · about 6 credits (guide price)",
            ("a lighthouse in fog", "square", "ideogram-3", 1),
        ),
    ],
)
async def test_a_word_of_a_reply_that_names_an_option_is_asked_about(
    stage: Stage, said: str, asked: str, label: str, sent: tuple[Any, ...]
) -> None:
    result = await make(stage)
    question = await reply(stage, said, result.thread_ts)

    assert asked in question.text
    assert labels(question)[0] == label
    assert question.thread_ts == result.thread_ts
    assert stage.submits() == 1
    await press(stage.ada, question, "make_asked")
    await stage.until_told_in_thread(stage.roots()[0].ts)
    made = requests(stage)[-1]
    assert (made["prompt"], made["size"], made["model"], made["quantity"]) == sent


async def test_such_a_reply_is_asked_about_once_however_often_it_comes(stage: Stage) -> None:
    result = await make(stage)
    await reply(stage, "protrait", result.thread_ts)
    await stage.delivery.settle()
    (event,) = [e for e in stage.workspace.exchanges if "app_mention" in str(e.request)]
    for _ in range(3):
        await stage.delivery.deliver_again(event)
    await until_all_is_said(stage)

    assert sum("protrait" in m.text for m in stage.private()) == 1


@pytest.mark.parametrize(
    "said",
    ["please don't make another one", "enough for today", "no more, thanks", "nein danke"],
)
async def test_who_wants_nothing_gets_nothing(stage: Stage, said: str) -> None:
    result = await make(stage)
    answer = await reply(stage, said, result.thread_ts)

    assert "Nothing was spent." in answer.text
    assert "make_asked" not in str(answer.blocks)
    assert stage.submits() == 1


async def test_a_wish_without_something_is_drawn(stage: Stage) -> None:
    result = await make(stage)
    await stage.ada.say(DESIGN, "<@U0IMAGINE> without people", thread_ts=result.thread_ts)
    await stage.until_told_in_thread(stage.roots()[0].ts)

    assert requests(stage)[-1]["prompt"] == "a lighthouse in fog. without people"


async def test_going_back_takes_up_a_version_and_the_next_reply_changes_that_one(
    stage: Stage,
) -> None:
    result = await make(stage)
    thread_ts, root = result.thread_ts, stage.roots()[0].ts
    for number, said in enumerate(("with rain", "with snow"), 2):
        await stage.ada.say(DESIGN, f"<@U0IMAGINE> {said}", thread_ts=thread_ts)
        await stage.until_told_in_thread(root, number - 1)
    back = await reply(stage, "go back to the 2nd", thread_ts)

    assert "You are back at the *2nd version*: “a lighthouse in fog. with rain”" in back.text
    assert "Nothing was spent." in back.text
    assert stage.submits() == 3
    await stage.ada.say(DESIGN, "<@U0IMAGINE> at night", thread_ts=thread_ts)
    told = await stage.until_told_in_thread(root, 3)
    assert requests(stage)[-1]["prompt"] == "a lighthouse in fog. with rain. at night"
    assert "3rd version" in told[-1].text


async def test_undo_takes_up_the_one_before_and_there_is_none_before_the_first(
    stage: Stage,
) -> None:
    result = await make(stage)
    first = await reply(stage, "undo", result.thread_ts)
    assert "This is the first version" in first.text
    await stage.ada.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=result.thread_ts)
    await stage.until_told_in_thread(stage.roots()[0].ts)
    back = await reply(stage, "undo", result.thread_ts)

    assert "You are back at the *1st version*: “a lighthouse in fog”" in back.text
    assert (
        "There are 1 to 2." in (await reply(stage, "go back to version 7", result.thread_ts)).text
    )
    assert stage.submits() == 2


async def test_with_more_words_a_version_is_made_from_the_one_that_was_named(
    stage: Stage,
) -> None:
    result = await make(stage)
    await stage.ada.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=result.thread_ts)
    root = stage.roots()[0].ts
    await stage.until_told_in_thread(root)
    await stage.ada.say(
        DESIGN, "<@U0IMAGINE> go back to version 1 and make it darker", thread_ts=result.thread_ts
    )
    told = await stage.until_told_in_thread(root, 2)

    assert requests(stage)[-1]["prompt"] == "a lighthouse in fog. make it darker"
    assert "from the 1st version" in " ".join(m.text for m in told)


async def test_asked_in_words_to_share_the_menu_that_does_it_is_shown(stage: Stage) -> None:
    result = await make(stage)
    answer = await reply(stage, "share this to #general", result.thread_ts)

    assert "choose “Share to channel”" in answer.text
    assert stage.submits() == 1
    await choose(stage.ada, answer, "share")
    await stage.until(lambda: bool(stage.workspace.view_stacks.get("U0ADA")), what="the modal")


@pytest.mark.parametrize(
    ("typed", "prompt", "sent", "said"),
    [
        ("a :fox_face: --size 16:9", "a 🦊", {"size": "landscape"}, "16:9 → landscape"),
        ("a fox --size story", "a fox", {"size": "portrait"}, "story → portrait"),
        ("a fox --model Nano Banana 2", "a fox", {"model": "nano-banana-2"}, ""),
        ("\u200f--enhance off a fox", "a fox", {}, ""),
        ("a :party_parrot: with 🦊", "a party parrot with 🦊", {}, ""),
    ],
)
async def test_what_is_taken_in_other_words_is_said(
    stage: Stage, typed: str, prompt: str, sent: dict[str, Any], said: str
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", typed)
    await stage.until_told()
    (made,) = requests(stage)

    assert made["prompt"] == prompt
    assert sent.items() <= made.items()
    assert not made.get("enhance_prompt")
    assert said in stage.roots()[0].text


async def test_a_reply_in_slacks_syntax_is_what_a_person_reads(stage: Stage) -> None:
    result = await make(stage)
    await stage.ada.say(
        DESIGN,
        "@Imagine add *bold* letters, @Ben in #design and [a link](https://x.example) 🦊",
        thread_ts=result.thread_ts,
    )
    await stage.until_told_in_thread(stage.roots()[0].ts)

    prompt = requests(stage)[-1]["prompt"]
    assert prompt.startswith("a lighthouse in fog. add bold letters, Ben")
    assert prompt.endswith("in #design and a link 🦊")


async def test_what_is_too_long_is_said_with_what_was_cut_before_it_is_made(stage: Stage) -> None:
    question = await ask(stage, "fox " * 500 + "with the last words")

    assert "PowerPost takes at most 2,000" in question.text
    assert "with the last words" in question.text
    assert stage.submits() == 0
    await press(stage.ada, question, "make_asked")
    await stage.until_told()
    assert len(requests(stage)[0]["prompt"]) <= 2000
    assert "without “with the last words”" in stage.roots()[0].text


async def test_a_prompt_turns_no_title_round(stage: Stage) -> None:
    result = await make(stage, "a \u202exof\u202c in \u2067snow\u2069")

    assert requests(stage)[0]["prompt"] == "a xof in snow"
    assert not any(mark in str(result.blocks) + result.text for mark in "\u202e\u2067")


async def test_nothing_but_what_is_not_seen_opens_the_form(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "\u200b\u00ad\u200f")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "\u200b\u2060")
    refused = await form.submit()

    assert refused.view_errors
    assert stage.submits() == 0

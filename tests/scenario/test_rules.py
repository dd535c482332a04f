"""The workspace's rules, where they are met: at the door, in old messages, before a payment."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.images.catalogue import Model
from bot.policy.presets import Defaults, Preset
from bot.policy.rules import Rules
from bot.sandbox.powerpost.faults import Outcome, SubmitFault
from tests.support.image_form import Form
from tests.support.policies import set_policy
from tests.support.stage import DESIGN, GENERAL, Stage, status_of
from tests.support.threads import choose, make, open_menu, press, requests

DESIGNERS = "S0DESIGNERS"  # Ada is in it, Ben is not


@pytest.mark.parametrize(
    ("rules", "command", "says"),
    [
        (Rules(models=(Model.IDEOGRAM_3, Model.FLUX2_FLEX)), "fog -m gpt",
         "The rules of this workspace don't allow GPT Image 1.5 here. "
         "Choose Ideogram 3.0 or FLUX.2 Flex."),
        (Rules(models=()), "fog", "don't allow any model here"),
        (Rules(quantity_max=1), "fog -n 2", "You can make at most 1 picture at a time here."),
        (Rules(channels=(GENERAL,)), "fog", "don't allow pictures in this channel"),
        (Rules(people=("U0BEN",)), "fog", "don't let you make pictures here"),
        (Rules(words=("Mickey Mouse",)), "MICKEY  mouse in fog",
         "Prompts can't contain “Mickey Mouse” here."),
    ],
)  # fmt: skip
async def test_what_the_rules_forbid_is_refused_privately_with_what_goes_instead(
    stage: Stage, rules: Rules, command: str, says: str
) -> None:
    await set_policy(stage, rules=rules)
    await stage.ada.run_command(DESIGN, "/imagine", command)

    (told,) = stage.private()
    assert says in told.text
    assert "Nothing was spent." in told.text
    assert command in told.text  # to be mended
    assert stage.roots() == []
    assert stage.submits() == 0


async def test_a_channel_has_rules_of_its_own(stage: Stage) -> None:
    only_ideogram = Rules(models=(Model.IDEOGRAM_3,))
    await set_policy(stage, rules=only_ideogram, channel_rules={DESIGN: Rules(models=tuple(Model))})
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await stage.until_told()
    await stage.ada.run_command("D0ADA", "/imagine", "fog -m flux")

    assert stage.submits() == 1
    assert "Choose Ideogram 3.0" in stage.private("D0ADA")[0].text


async def test_what_nobody_said_gives_way_to_the_channels_rules(stage: Stage) -> None:
    await set_policy(
        stage,
        channel_rules={DESIGN: Rules(models=(Model.IDEOGRAM_3,), quantity_max=2)},
        defaults={"U0ADA": Defaults(model=Model.GPT_IMAGE_1_5, quantity=4)},
    )
    await make(stage, "a fox")
    await stage.ben.run_command(DESIGN, "/imagine", "a hare")
    await stage.until_told(2)
    await stage.ada.run_command(DESIGN, "/imagine", "a fox -m gpt")

    sent = [(each["model"], each["quantity"]) for each in requests(stage)]
    assert sent == [("ideogram-3", 2), ("ideogram-3", 1)]
    (told,) = stage.private()
    assert "This channel's rules don't allow GPT Image 1.5 here. Choose Ideogram 3.0." in told.text


LOCKED = Preset(name="Strict look", model=Model.GPT_IMAGE_1_5, is_locked=True)


async def test_a_preset_that_the_rules_bar_is_not_offered_and_the_form_says_why(
    stage: Stage,
) -> None:
    only_ideogram = {DESIGN: Rules(models=(Model.IDEOGRAM_3,))}
    open_ = Preset(name="Open", model=Model.GPT_IMAGE_1_5)
    await set_policy(stage, presets=(LOCKED, open_), channel_rules=only_ideogram)
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()

    assert form.options("preset") == ["none", "preset:Open"]
    assert (
        "Not offered, because locked to what this channel's rules forbid: "
        "“Strict look” (GPT Image 1.5)."
    ) in form.text()
    assert "By this channel's rules, FLUX.2 Flex" in form.text()
    await form.set("destination", "me")
    await stage.until(lambda: "preset:Strict look" in form.text(), what="offered elsewhere")
    await form.set("preset", "preset:Strict look")
    await stage.until(lambda: "is locked to: GPT" in form.text())
    await form.set("destination", "here")
    await stage.until(lambda: "isn't allowed here, so I left it out" in form.text())
    assert form.value("preset") == "none"


async def test_a_barred_preset_is_refused_in_one_sentence_that_names_it(stage: Stage) -> None:
    await set_policy(stage, presets=(LOCKED,))
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "a fox")
    await form.set("preset", "preset:Strict look")
    await stage.until(lambda: "is locked to: GPT" in form.text())
    await set_policy(
        stage,
        channel_rules={DESIGN: Rules(models=(Model.IDEOGRAM_3,))},
        defaults={"U0BEN": Defaults(preset="strict look")},
    )
    shown = await form.submit()
    await stage.ben.run_command(DESIGN, "/imagine", "a hare")

    assert shown.view_errors == {
        form.block("preset")["block_id"]: "The preset “Strict look” is locked to GPT Image 1.5, "
        "which this channel's rules don't allow here. Choose another preset, or none."
    }
    (told,) = stage.private()
    assert "Your default preset “Strict look” is locked to GPT Image 1.5, which" in told.text
    assert "or none (--no-preset). Nothing was spent." in told.text
    assert stage.submits() == 0


async def test_a_rule_holds_in_old_messages_too_and_what_costs_nothing_stays(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.PARTIAL)
    result = await make(stage, "fog -n 3")
    await set_policy(stage, rules=Rules(people=("U0ADA",)))

    await press(stage.ben, result, "regenerate")
    await stage.until(lambda: len(stage.private()) == 1)
    await press(stage.ben, result, "make_missing")
    await stage.until(lambda: len(stage.private()) == 2)
    await stage.ben.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=result.thread_ts)
    await stage.until(lambda: len(stage.private()) == 3)
    assert all("don't let you make pictures here" in told.text for told in stage.private())
    assert all(told.ephemeral_to == "U0BEN" for told in stage.private())

    await press(stage.ben, result, "edit_generation")
    form = await Form(stage, stage.ben).until_open()
    shown = await form.submit()
    assert "don't let you make pictures here" in str(shown.view_errors)
    await stage.ben.close(form.view.id)
    modal = await open_menu(stage, stage.ben, result, "share")
    await modal.set("share_channel", DESIGN)
    assert (await modal.submit()).ok
    await stage.until(lambda: any("<@U0BEN> shares" in m.text for m in stage.roots()))

    assert stage.submits() == 1
    await press(stage.ada, result, "regenerate")
    await stage.until_told_in_thread(stage.roots()[0].ts)
    assert stage.submits() == 2


async def test_more_like_this_is_checked_when_it_is_sent(stage: Stage) -> None:
    result = await make(stage)
    await set_policy(stage, rules=Rules(models=(Model.IDEOGRAM_3,)))
    await choose(stage.ada, result, "more_like")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open)
    await form.submit()
    await form.until_open()

    await stage.until(lambda: form.options("model") == ["ideogram-3"], what="by the rules")
    assert (await form.submit()).ok
    await stage.until_told_in_thread(stage.roots()[0].ts)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (Rules(models=(Model.IDEOGRAM_3,)), "FLUX.2 Flex isn't allowed here"),
        (Rules(people=()), "you can't make pictures here"),
        (Rules(quantity_max=1, words=("fog",)), "2 pictures at a time are too many here and the "
         "prompt has words that are not allowed here"),
    ],
)  # fmt: skip
async def test_a_rule_that_is_set_before_it_is_paid_for_holds_and_is_told_in_the_thread(
    stage: Stage, rules: Rules, says: str
) -> None:
    stage.powerpost.faults.next_submit(SubmitFault.RATE_LIMITED)
    await stage.ada.run_command(DESIGN, "/imagine", "fog -n 2")
    await stage.until(lambda: stage.submits() == 1)
    await set_policy(stage, rules=rules)
    (told,) = await stage.until_told()

    assert says in told.text
    assert "Nothing was spent." in told.text
    assert "*Not started*" in status_of(stage.roots()[0])
    assert stage.powerpost.charges == []


async def test_who_is_in_no_group_of_the_rules_is_refused_before_anybody_sees_it(
    stage: Stage,
) -> None:
    await set_policy(stage, rules=Rules(groups=(DESIGNERS,)))
    await stage.ben.run_command(DESIGN, "/imagine", "fog")
    await stage.until(lambda: stage.private(), what="refused")
    await stage.ben.run_command(DESIGN, "/imagine", "fog again")
    await stage.until(lambda: len(stage.private()) == 2, what="refused at the door")

    first, second = stage.private()
    assert "you can't make pictures here" in first.text
    assert "don't let you make pictures here" in second.text
    assert stage.roots() == []

    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await stage.until_told()
    assert stage.submits() == 1
    asked = [e for e in stage.workspace.exchanges if e.method == "usergroups.users.list"]
    assert len(asked) == 1


async def test_where_the_app_may_not_read_groups_nobody_unknown_is_let_through(
    stage: Stage,
) -> None:
    stage.workspace.scopes.discard("usergroups:read")
    await set_policy(stage, rules=Rules(groups=(DESIGNERS,), people=("U0BEN",)))
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await stage.until(lambda: stage.private(), what="refused")

    assert "Slack doesn't tell me who is in them" in stage.private()[0].text
    assert stage.submits() == 0
    await stage.ben.run_command(DESIGN, "/imagine", "fog")
    await stage.until_told()
    assert stage.submits() == 1


async def test_where_slack_does_not_say_who_is_in_a_group_it_waits_and_asks_again(
    stage: Stage,
) -> None:
    await set_policy(stage, rules=Rules(groups=(DESIGNERS,)))
    stage.workspace.faults.next_call("usergroups.users.list", "internal_error", times=3)
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await stage.until_told()

    assert stage.submits() == 1
    asked = [e.at for e in stage.workspace.exchanges if e.method == "usergroups.users.list"]
    pauses = [after - before for before, after in pairwise(asked)]
    # Before it is announced, and then before it is paid: again after a second, and after two.
    assert len(pauses) == 3
    assert pauses[1] >= 0.85
    assert pauses[2] >= 1.75


async def test_the_form_offers_what_the_channel_allows_and_says_why_the_rest_is_missing(
    stage: Stage,
) -> None:
    strict = Rules(models=(Model.IDEOGRAM_3, Model.NANO_BANANA_2), quantity_max=2)
    await set_policy(stage, channel_rules={DESIGN: strict})
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()

    assert form.options("model") == ["ideogram-3", "nano-banana-2"]
    assert form.value("model") == "ideogram-3"
    assert form.options("quantity") == ["1", "2"]
    assert "FLUX.2 Flex and GPT Image 1.5 cannot be used here" in form.text()
    assert "2 pictures at a time is the most here" in form.text()

    await form.set("prompt", "kept")
    await form.set("destination", "me")
    await stage.until(lambda: "flux2-flex" in form.text(), what="the other rules")
    assert form.options("quantity") == ["1", "2", "3", "4"]
    await form.set("model", "gpt-image-1.5")
    await stage.until(lambda: "size:gpt-image-1.5" in form.text())
    await form.set("destination", "channel")
    await stage.until(lambda: "share_channel" in form.text() or "Channel" in form.text())
    await form.set("channel", DESIGN)
    await stage.until(lambda: "GPT Image 1.5 isn't allowed here" in form.text(), what="fallen back")
    assert form.value("model") == "ideogram-3"
    assert form.value("prompt") == "kept"
    await form.submit()
    await stage.until_told()
    assert stage.submits() == 1


@pytest.mark.parametrize(
    ("rules", "field", "says"),
    [
        (Rules(models=(Model.IDEOGRAM_3,)), "model", "Choose Ideogram 3.0."),
        (Rules(quantity_max=1), "quantity", "Ask for fewer."),
        (Rules(channels=()), "destination", "don't allow pictures in this channel"),
        (Rules(words=("fog",)), "prompt", "can't contain “fog”"),
        (Rules(people=()), "prompt", "don't let you"),
    ],
)
async def test_a_rule_that_is_set_while_the_form_is_open_shows_at_its_field(
    stage: Stage, rules: Rules, field: str, says: str
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "fog")
    await form.set("quantity", "2")
    await stage.delivery.settle()
    await set_policy(stage, rules=rules)
    shown = await form.submit()

    assert shown.view_errors is not None
    assert says in shown.view_errors[form.block(field)["block_id"]]
    assert form.is_open
    assert stage.submits() == 0

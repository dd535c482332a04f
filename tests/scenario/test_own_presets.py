"""A result saved as a preset: for oneself by anybody, for the team by admins."""

from __future__ import annotations

from bot.policy.policy import Policy
from bot.policy.presets import Preset
from bot.policy.rules import Rules
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Message
from tests.support.home import Home
from tests.support.image_form import Form
from tests.support.policies import change_policy, set_policy
from tests.support.stage import DESIGN, Stage
from tests.support.threads import choose, make, requests

ASKED = "a harbour at dawn, woodcut -m ideogram-3 -s landscape -n 2"


async def open_saving(stage: Stage, person: Person, result: Message) -> Form:
    """The form of a new preset, over "More…"."""
    await choose(person, result, "more")
    more = await Form(stage, person).until_shows("more")
    await more.press("more_save_preset")
    return await more.until_shows("preset_sheet")


async def save(stage: Stage, person: Person, result: Message, name: str) -> Form:
    """Saved by that name; what is said then."""
    form = await open_saving(stage, person, result)
    await form.set("name", name)
    await form.submit()
    return form


async def read_policy(stage: Stage) -> Policy:
    """What is set by now."""
    return await change_policy(stage, lambda policy: policy)


async def test_anybody_saves_one_for_themselves_and_nobody_else_has_it(stage: Stage) -> None:
    result = await make(stage, ASKED)
    form = await open_saving(stage, stage.ben, result)  # not his, and he is no admin
    assert "For you alone" in form.text()
    assert form.value("suffix") == "a harbour at dawn, woodcut"
    assert form.value("preset_model") == "ideogram-3"
    await form.set("name", "harbour look")
    await form.set("suffix", "woodcut")
    await form.submit()
    await form.until_shows("notice")
    assert "/imagine a lighthouse --preset" in form.text()

    await stage.ben.run_command(DESIGN, "/imagine", 'a fox --preset "Harbour Look"')
    await stage.until_told(2)
    wanted = {"prompt": "a fox, woodcut", "model": "ideogram-3", "size": "landscape", "quantity": 2}
    assert requests(stage)[1] == wanted
    await stage.ada.run_command(DESIGN, "/imagine", 'a fox --preset "harbour look"')
    await stage.until(lambda: stage.private(), what="asked")
    assert "preset “harbour look”" in stage.private()[-1].text
    await stage.ben.run_command(DESIGN, "/imagine", "presets")
    await stage.until(lambda: "only for you" in stage.private()[-1].text, what="listed")

    home = Home(stage, stage.ben)
    await stage.until(lambda: home.says("harbour look"), what="his Home, published once saved")
    await home.press("home_presets", until="for you alone")
    hers = Home(stage, stage.ada)
    await hers.open()
    await hers.press("home_presets", until="Presets")
    assert not hers.says("harbour look")


async def test_a_name_that_is_taken_is_asked_about_and_the_teams_is_not_taken(
    stage: Stage,
) -> None:
    await set_policy(stage, presets=(Preset(name="Brand"),))
    first = await make(stage, "fog -s portrait")
    await stage.ada.run_command(DESIGN, "/imagine", "snow -s landscape")
    second = (await stage.until_told(2))[-1]
    taken = await open_saving(stage, stage.ben, first)
    await taken.set("name", "brand")
    assert "Your team has a preset with this name" in str((await taken.submit()).view_errors)

    await save(stage, stage.ben, first, "mood")
    asked = await save(stage, stage.ben, second, "Mood")
    assert "There is a preset called *mood* already" in asked.text()
    (kept,) = (await read_policy(stage)).own_presets["U0BEN"]
    assert (kept.name, kept.suffix) == ("mood", "fog")
    await asked.submit()
    await asked.until_shows("notice")
    (kept,) = (await read_policy(stage)).own_presets["U0BEN"]
    assert (kept.name, kept.suffix, kept.size) == ("Mood", "snow", "landscape")


async def test_an_admin_saves_one_for_all_with_the_pictures_as_references(stage: Stage) -> None:
    result = await make(stage, ASKED)
    form = await open_saving(stage, stage.ada, result)
    assert form.value("sheet_kind") == "me"
    await form.set("sheet_kind", "workspace")
    await stage.until(lambda: "'locked'" in form.text(), what="what the team's have")
    await form.set("name", "harbour")
    await form.set("suffix", None)
    pictures = [option["value"] for option in form.block("kept_references")["element"]["options"]]
    await form.set("kept_references", pictures[:1])
    await form.submit()
    await form.until_shows("notice")

    await stage.ben.run_command(DESIGN, "/imagine", "a fox --preset harbour -n 1")
    await stage.until_told(2)
    assert requests(stage)[1]["style_images"] == pictures[:1]
    assert (await read_policy(stage)).own_presets == {}


async def test_ones_own_preset_gets_past_no_rule_about_words(stage: Stage) -> None:
    result = await make(stage, "a fox with a sword")
    await save(stage, stage.ben, result, "armed")
    await set_policy(stage, rules=Rules(words=("sword",)))
    await stage.ben.run_command(DESIGN, "/imagine", "a hare --preset armed")
    await stage.until(lambda: stage.private(), what="refused")

    assert "sword" in stage.private()[-1].text
    assert len(requests(stage)) == 1

"""The forms: drawn within Slack's limits, read back as they were, and each change only its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.generations.record import Generation, Picture, PictureState, State
from bot.images.catalogue import Model
from bot.images.showing import Show
from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.presets import PRESETS_MAX, Preset, StoredReference
from bot.policy.rules import Rules
from bot.policy.workspaces import PowerPostWorkspaces
from bot.sandbox.slack.states import first_state
from bot.slack.home.fields import read_fields
from bot.slack.home.forms.budget import BUDGET_FORM, BUDGETS_MAX
from bot.slack.home.forms.defaults import DEFAULTS_FORM
from bot.slack.home.forms.form import (
    Draft,
    Gone,
    PresetConflictError,
    SettingsForm,
    make_edit,
    show_settings_form,
)
from bot.slack.home.forms.preset import PRESET_FORM, add_references, preset_key
from bot.slack.home.forms.preset_of_result import list_offered
from bot.slack.home.forms.removal import make_removal, show_removal
from bot.slack.home.forms.rules import EXCEPTION_FORM, RULES_FORM
from bot.slack.home.forms.settings import SETTINGS_FORM, search_time_zones
from bot.slack.home.forms.showing import SHOWING_FORM
from bot.slack.home.screens import FormState, HomePage, Screen, Values, digests
from bot.slack.kit.ids import HomeField
from tests.support.home_views import HOSTILE, find_faults, full, preset
from tests.support.rows import NOW, REQUEST, new_generation

SHEETS = {
    "settings": (SETTINGS_FORM, ""),
    "showing": (SHOWING_FORM, ""),
    "budget": (BUDGET_FORM, "b1"),
    "rules": (RULES_FORM, ""),
    "exception": (EXCEPTION_FORM, "C0000000001"),
    "preset": (PRESET_FORM, preset_key(preset(1))),
    "defaults": (DEFAULTS_FORM, "U1"),
}
GROUPS = [(f"S{number}", HOSTILE) for number in range(300)]


def draw(sheet: SettingsForm, key: str, policy: Policy, *, is_new: bool = False) -> dict[str, Any]:
    """The form as Slack gets it."""
    values = sheet.blank if is_new else sheet.values_of(policy, key)
    assert values is not None
    memory = FormState(
        key=key,
        is_new=is_new,
        place=HomePage(screen=Screen.BUDGETS, page=3),
        seen={} if is_new else digests(values),
        offered=tuple(values.get(HomeField.KEPT, ())),
    )
    return show_settings_form(sheet, Draft(memory, values, policy, GROUPS)).to_dict()


def send_untouched(view: Mapping[str, Any]) -> Values:
    """What a person sends who has touched nothing."""
    return read_fields(first_state(view["blocks"]))


@pytest.mark.parametrize(
    ("name", "is_new"),
    [*((name, False) for name in SHEETS), ("budget", True), ("exception", True), ("preset", True)],
)
def test_every_form_is_within_slacks_limits(name: str, is_new: bool) -> None:
    sheet, key = SHEETS[name]
    view = draw(sheet, "" if is_new else key, full().policy, is_new=is_new)

    assert find_faults(view) == []


@pytest.mark.parametrize("name", SHEETS)
def test_a_form_that_nobody_touched_changes_nothing(name: str) -> None:
    sheet, key = SHEETS[name]
    policy = full().policy
    # What Slack can show: a list of more than 100 groups is cut, but not what is chosen of it.
    policy = policy.model_copy(update={"rules": Rules(words=("a", "b"), groups=("S1",))})
    if name == "exception":
        policy = policy.model_copy(update={"channel_rules": {key: Rules(quantity_max=3)}})
    view = draw(sheet, key, policy)

    touched = FormState.read(view["private_metadata"]).find_touched(send_untouched(view))

    assert {field: value for field, value in touched.items() if value} == {}


def test_two_changes_of_one_thing_are_both_kept() -> None:
    before = Policy(rules=Rules(words=("lorem",), quantity_max=4))
    seen = digests(RULES_FORM.values_of(before, "") or {})
    memory = FormState(seen=seen)
    shown = dict(RULES_FORM.values_of(before, "") or {})
    one_admin = memory.find_touched({**shown, HomeField.WORDS: ("lorem\nipsum",)})
    other = memory.find_touched({**shown, HomeField.QUANTITY_MAX: ("2",)})

    after = make_edit(RULES_FORM, "", one_admin, is_new=False)(before)
    after = make_edit(RULES_FORM, "", other, is_new=False)(after)

    assert after.rules == Rules(words=("lorem", "ipsum"), quantity_max=2)


def test_together_they_must_still_fit() -> None:
    before = Policy(presets=(Preset(name="brand"),))
    size = {HomeField.SIZE: ("feed",)}
    model = {HomeField.MODEL: (Model.GPT_IMAGE_1_5.value,)}
    after = make_edit(PRESET_FORM, ":brand", size, is_new=False)(before)

    with pytest.raises(PresetConflictError) as unfit:
        make_edit(PRESET_FORM, ":brand", model, is_new=False)(after)

    assert set(unfit.value.errors) == {HomeField.SIZE}


@pytest.mark.parametrize("name", ["budget", "exception", "preset"])
def test_what_is_gone_stays_gone(name: str) -> None:
    sheet, key = SHEETS[name]

    with pytest.raises(Gone):
        make_edit(sheet, key, {}, is_new=False)(Policy())
    with pytest.raises(Gone):
        make_removal(sheet.what, key)(Policy())
    assert show_removal(Policy(), sheet.what, key, HomePage()) is None


@pytest.mark.parametrize("name", ["budget", "exception", "preset"])
def test_of_many_only_the_one_that_was_named_is_removed(name: str) -> None:
    sheet, key = SHEETS[name]
    before = full().policy
    view = show_removal(before, sheet.what, key, HomePage())

    after = make_removal(sheet.what, key)(before)

    assert view is not None
    assert find_faults(view.to_dict()) == []
    assert sheet.values_of(after, key) is None
    kept = [len(after.budgets), len(after.channel_rules), len(after.presets)]
    was = [len(before.budgets), len(before.channel_rules), len(before.presets)]
    assert sum(was) - sum(kept) == 1


@pytest.mark.parametrize(
    ("sheet", "values", "wrong"),
    [
        (BUDGET_FORM, {HomeField.CREDITS: ("5",), HomeField.KIND: ("person",)}, "person"),
        (BUDGET_FORM, {HomeField.CREDITS: ("-1",)}, "budget_credits"),
        (BUDGET_FORM, {HomeField.CREDITS: ("nan",)}, "budget_credits"),
        (BUDGET_FORM, {HomeField.CREDITS: ("1000001",)}, "budget_credits"),
        (BUDGET_FORM, {HomeField.CREDITS: ("a few",)}, "budget_credits"),
        (BUDGET_FORM, {}, "budget_credits"),
        (BUDGET_FORM, {HomeField.CREDITS: ("5",), HomeField.PERIOD: ("age",)}, "period"),
        (PRESET_FORM, {}, "name"),
        (PRESET_FORM, {HomeField.NAME: ("x" * 31,)}, "name"),
        (PRESET_FORM, {HomeField.NAME: ("—x",)}, "name"),
        (PRESET_FORM, {HomeField.NAME: ("x",), HomeField.KIND: ("channel",)}, "one_channel"),
        (PRESET_FORM, {HomeField.NAME: ("x",), HomeField.PREFIX: ("y" * 601,)}, "prefix"),
        (PRESET_FORM, {HomeField.NAME: ("x",), HomeField.MODEL: ("dall-e",)}, "preset_model"),
        (PRESET_FORM, {HomeField.FILES: ("F1", "F2", "F3", "F4", "F5")}, "new_references"),
        (EXCEPTION_FORM, {}, "one_channel"),
        (EXCEPTION_FORM, {HomeField.CHANNEL: ("<!channel>",)}, "one_channel"),
        (RULES_FORM, {HomeField.PEOPLE: ("<!channel>",)}, "people"),
        (RULES_FORM, {HomeField.MODELS: ("dall-e",)}, "models"),
        (RULES_FORM, {HomeField.QUANTITY_MAX: ("5",)}, "quantity_max"),
        (SETTINGS_FORM, {HomeField.TIME_ZONE: ("Mars/Base",)}, "time_zone"),
        (SETTINGS_FORM, {HomeField.ALERT_BELOW: ("inf",)}, "alert_below"),
        (SHOWING_FORM, {HomeField.SHOW: ("nowhere",)}, "show_results"),
        (SHOWING_FORM, {HomeField.SHOW_ME: ("general",)}, "show_to_me"),
        (
            SHOWING_FORM,
            {HomeField.SHOW_THREAD: ("C1",), HomeField.SHOW_CHANNEL: ("C1",)},
            "show_in_channel",
        ),
        (DEFAULTS_FORM, {HomeField.SHOW: ("nowhere",)}, "show_results"),
        (DEFAULTS_FORM, {HomeField.ENHANCE: ("perhaps",)}, "preset_enhance"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field(
    sheet: SettingsForm, values: Values, wrong: str
) -> None:
    with pytest.raises(PresetConflictError) as unfit:
        make_edit(sheet, "", values, is_new=True)(Policy())

    assert wrong in set(unfit.value.errors)


def test_there_is_an_end_to_budgets_and_presets() -> None:
    new_budget = {
        HomeField.CREDITS: ("5",),
        HomeField.KIND: ("person",),
        HomeField.PERSON: ("U9",),
    }
    with pytest.raises(PresetConflictError, match="sheet_kind"):
        make_edit(BUDGET_FORM, "new", new_budget, is_new=True)(full().policy)
    with pytest.raises(PresetConflictError, match="name"):
        make_edit(PRESET_FORM, "", {HomeField.NAME: ("new",)}, is_new=True)(full().policy)
    assert len(full().policy.budgets) == BUDGETS_MAX
    assert len(full().policy.presets) == PRESETS_MAX


def test_a_preset_is_named_once_in_a_place_however_it_is_written() -> None:
    before = Policy(presets=(Preset(name="Brand"), Preset(name="brand", channel_id="C1")))

    with pytest.raises(PresetConflictError, match="name"):
        make_edit(PRESET_FORM, "", {HomeField.NAME: ("BRAND",)}, is_new=True)(before)
    renamed = make_edit(PRESET_FORM, "C1:brand", {HomeField.NAME: ("house",)}, is_new=False)

    assert [each.name for each in renamed(before).presets] == ["Brand", "house"]


def test_a_preset_takes_four_references_each_once() -> None:
    def reference(number: int) -> StoredReference:
        return StoredReference(media_id=f"m{number}", name=f"{number}.png")

    before = Policy(presets=(Preset(name="brand", references=(reference(1), reference(2))),))

    after = add_references(before, ":brand", tuple(map(reference, (2, 3, 4, 5))))

    kept = [each.media_id for each in after.presets[0].references]
    assert kept == ["m1", "m2", "m3", "m4"]
    with pytest.raises(Gone):
        add_references(before, ":other", (reference(1),))


def test_references_that_came_while_the_form_was_open_stay() -> None:
    references = tuple(StoredReference(media_id=m, name=m) for m in ("old", "gone", "newer"))
    before = Policy(presets=(Preset(name="brand", references=references),))
    kept = {HomeField.KEPT: ("old",)}

    after = make_edit(PRESET_FORM, ":brand", kept, is_new=False, offered=("old", "gone"))(before)

    assert [each.media_id for each in after.presets[0].references] == ["old", "newer"]


def test_large_budgets_are_written_as_people_write_numbers() -> None:
    large = Budget(id="b", scope=Scope.WORKSPACE, period=Period.MONTH, credits=1_000_000)

    view = draw(BUDGET_FORM, "b", Policy(budgets=(large,)))

    assert "'1000000'" in str(view)
    assert "e+" not in str(view)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("berl", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
        ("asia kolk", "Asia/Kolkata"),
    ],
)
def test_time_zones_are_found_by_any_part_of_their_name(typed: str, expected: str) -> None:
    assert (expected, expected) in search_time_zones(typed)


@pytest.mark.parametrize(
    "state", [{}, {"values": None}, {"values": {"a": 1}}, {"values": {"a": {"admins": []}}}]
)
def test_a_state_that_is_none_holds_nothing(state: dict[str, Any]) -> None:
    assert all(value == () for value in read_fields(state).values())


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"place": 3}', '{"seen": 1}'])
def test_a_memory_that_cannot_be_read_is_an_empty_one(text: str) -> None:
    assert FormState.read(text) == FormState()


def test_a_settings_form_with_nothing_in_it_sets_nothing() -> None:
    settings = WorkspaceSettings(admins=("U1",), alert_below=5.0)
    emptied: Values = {HomeField.ADMINS: (), HomeField.ALERT_BELOW: ()}

    after = make_edit(SETTINGS_FORM, "", emptied, is_new=False)(Policy(settings=settings))

    assert after.settings == WorkspaceSettings()


@pytest.mark.parametrize(
    ("channel_id", "prefix", "suffix", "fields"),
    [
        (None, "Mickey  MOUSE as", "in fog", [HomeField.PREFIX]),
        (None, "Etching of", "with a mickey mouse", [HomeField.SUFFIX]),
        (None, "Gore of", "", []),
        ("C0000000001", "Gore of", "Mickey Mouse", [HomeField.PREFIX]),
    ],
)
def test_a_preset_may_not_have_words_that_a_prompt_may_not_have(
    channel_id: str | None, prefix: str, suffix: str, fields: list[HomeField]
) -> None:
    policy = Policy(
        rules=Rules(words=("Mickey Mouse",)),
        channel_rules={"C0000000001": Rules(words=("gore",))},
    )
    values = {
        HomeField.NAME: ("Look",),
        HomeField.KIND: ("channel" if channel_id else "workspace",),
        HomeField.CHANNEL: (channel_id,) if channel_id else (),
        HomeField.PREFIX: (prefix,),
        HomeField.SUFFIX: (suffix,),
    }
    edit = make_edit(PRESET_FORM, "", values, is_new=True)
    if not fields:
        assert len(edit(policy).presets) == 1
        return
    with pytest.raises(PresetConflictError) as caught:
        edit(policy)

    assert list(caught.value.errors) == fields
    assert "Use other words." in caught.value.errors[fields[0]]


def test_where_results_are_shown_and_the_other_settings_keep_each_other() -> None:
    before = Policy(settings=WorkspaceSettings(approvers=("U1",)))
    shown = {HomeField.SHOW: ("channel",), HomeField.SHOW_ME: ("C2", "C1")}

    after = make_edit(SHOWING_FORM, "", shown, is_new=False)(before)
    after = make_edit(SETTINGS_FORM, "", {HomeField.ADMINS: ("U2",)}, is_new=False)(after)

    assert after.settings == WorkspaceSettings(
        approvers=("U1",),
        admins=("U2",),
        show=Show.CHANNEL,
        show_channels={"C1": Show.ME, "C2": Show.ME},
    )


SEVERAL = PowerPostWorkspaces("ws_1", {"ws_1": "Ours", "ws_2": "Lakeside Hotel"})
LAKESIDE = Policy(channel_rules={"C1": Rules(powerpost_workspace="ws_2", quantity_max=2)})


def draw_exception(policy: Policy, workspaces: PowerPostWorkspaces) -> dict[str, Any]:
    values = EXCEPTION_FORM.values_of(policy, "C1")
    assert values is not None
    drawn = Draft(FormState(key="C1", seen=digests(values)), values, policy, (), workspaces)
    return show_settings_form(EXCEPTION_FORM, drawn).to_dict()


def offered(view: dict[str, Any]) -> list[str]:
    """The texts of PowerPost's workspaces to choose from, the chosen one first."""
    for block in view["blocks"]:
        element = block.get("element", {})
        if element.get("action_id") == HomeField.POWERPOST_WORKSPACE:
            texts = [each["text"]["text"] for each in element["options"]]
            return [element["initial_option"]["text"]["text"], *texts]
    return []


def test_a_channel_is_set_to_one_of_powerposts_workspaces() -> None:
    view = draw_exception(LAKESIDE, SEVERAL)
    assert offered(view) == [
        "Lakeside Hotel",
        "Ours (for all channels without their own)",
        "Lakeside Hotel",
    ]
    chosen = {HomeField.POWERPOST_WORKSPACE: ("none",)}
    changed = make_edit(EXCEPTION_FORM, "C1", chosen, is_new=False)(LAKESIDE)
    assert changed.channel_rules["C1"] == Rules(quantity_max=2)


def test_with_one_workspace_there_is_nothing_to_choose_and_what_is_set_stays_named() -> None:
    alone = PowerPostWorkspaces("ws_1")
    rules = Policy(channel_rules={"C1": Rules(quantity_max=2)})
    assert offered(draw_exception(rules, alone)) == []
    assert offered(draw_exception(LAKESIDE, alone))[0] == "ws_2 (not set up any more)"


def test_other_changes_of_a_channels_rules_leave_its_workspace() -> None:
    change = {HomeField.QUANTITY_MAX: ("1",)}
    changed = make_edit(EXCEPTION_FORM, "C1", change, is_new=False)(LAKESIDE)

    assert changed.channel_rules["C1"] == Rules(powerpost_workspace="ws_2", quantity_max=1)


def test_the_workspace_goes_with_the_rules_of_a_channel_which_is_said_before() -> None:
    view = show_removal(LAKESIDE, EXCEPTION_FORM.what, "C1", HomePage())

    assert view is not None
    assert "PowerPost workspace goes with them" in str(view.to_dict())


def test_a_preset_of_a_result_says_in_which_workspace_its_pictures_are() -> None:
    new = new_generation()
    picture = Picture(
        1, "m1", "https://p.example/1", None, None, NOW, PictureState.UPLOADED, slack_file_id="F1"
    )
    made = Generation(
        *(new.id, new.origin, new.place, REQUEST, NOW, State.DELIVERED),
        pictures=(picture,),
        powerpost_workspace="ws_2",
    )

    (offered_,) = list_offered(made)
    assert (offered_.media_id, offered_.file_id, offered_.powerpost_workspace) == (
        *("m1", "F1"),
        "ws_2",
    )

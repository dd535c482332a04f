"""What every form of the Home tab can do, and how two people change one thing. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.policy.policy import Policy
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces
from bot.slack.home.screens import FormState, Values
from bot.slack.kit.ids import HomeField, ViewId

Errors = Mapping[HomeField, str]
CREDITS_MAX = 1_000_000


class Gone(Exception):
    """What the form is about was removed while it was open."""


class PresetConflictError(Exception):
    """What was asked for does not fit what is set by now: field -> what to do about it."""

    def __init__(self, errors: Errors) -> None:
        super().__init__(", ".join(sorted(errors)))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form is drawn from. `groups` are Slack's user groups (id, name); None: Slack does not
    tell them. `workspaces` are PowerPost's."""

    state: FormState
    values: Values
    policy: Policy
    groups: Sequence[tuple[str, str]] | None = None
    workspaces: PowerPostWorkspaces = ONE_WORKSPACE


@dataclass(frozen=True, slots=True)
class Drawing:
    """The title (24 characters) and the fields of a form."""

    title: str
    blocks: Sequence[Block]


def name_nothing(_key: str, _values: Values) -> str:
    """There is only one of it."""
    return ""


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """A form. `values_of` is what it shows for a key in a policy, None where that is not there;
    `apply` keeps values that have no errors under the key, and raises
    PresetConflictError where they do not fit the rest."""

    view_id: ViewId
    what: str
    draw: Callable[[Draft], Drawing]
    values_of: Callable[[Policy, str], Values | None]
    find_errors: Callable[[Values], Errors]
    apply: Callable[[Policy, str, Values], Policy]
    name_of: Callable[[str, Values], str] = name_nothing  # for the record of changes: `kind=value`
    blank: Values = field(default_factory=dict)
    is_for_admins: bool = True
    is_personal: bool = False  # its key is always the person


def show_settings_form(form: SettingsForm, draft: Draft) -> View:
    """The modal."""
    drawing = form.draw(draft)
    return View(
        type="modal",
        callback_id=form.view_id,
        title=drawing.title,
        submit="Save",
        close="Cancel",
        private_metadata=draft.state.write(),
        blocks=drawing.blocks,
    )


def make_edit(
    form: SettingsForm, key: str, touched: Values, *, is_new: bool, offered: Sequence[str] = ()
) -> Callable[[Policy], Policy]:
    """The change of one thing in the newest policy: what was touched, and nothing else. Reference
    pictures that were not `offered` came meanwhile, and stay. Raises Gone and
    PresetConflictError."""

    def edit(policy: Policy) -> Policy:
        current = form.values_of(policy, key)
        if current is None and not is_new:
            raise Gone
        current = form.blank if current is None else current
        merged = {**current, **touched}
        if HomeField.KEPT in touched:
            newer = (each for each in current.get(HomeField.KEPT, ()) if each not in offered)
            merged[HomeField.KEPT] = (*touched[HomeField.KEPT], *newer)
        if errors := form.find_errors(merged):
            raise PresetConflictError(errors)
        return form.apply(policy, key, merged)

    return edit


def write_number(number: float | None) -> tuple[str, ...]:
    """Credits as a number field takes them: never as 1e+06."""
    if number is None:
        return ()
    return (str(int(number)) if float(number).is_integer() else repr(float(number)),)


def read_number(text: str | None) -> float | None:
    """Credits from a number field; None for nothing. Raises ValueError for what are none."""
    if text is None:
        return None
    number = float(text)
    if not (math.isfinite(number) and 0 <= number <= CREDITS_MAX):
        raise ValueError(text)
    return number


def is_number(text: str | None) -> bool:
    """Whether `text` is nothing, or credits that can be kept."""
    try:
        read_number(text)
    except ValueError:
        return False
    return True

"""Where a person is in the Home tab, and what its forms remember: both travel in Slack. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from bot.policy.presets import StoredReference
from bot.slack.kit.ids import HomeField
from bot.slack.kit.library import Wanted
from bot.slack.kit.modals import Metadata

PAGES_MAX: Final = 10_000

# What a form holds: field -> what was typed or chosen, as texts. Nothing chosen is ().
Values = Mapping[HomeField, tuple[str, ...]]


class Screen(StrEnum):
    """The screens of the Home tab."""

    OVERVIEW = "overview"
    BUDGETS = "budgets"
    RULES = "rules"
    PRESETS = "presets"
    CHANGES = "changes"
    LIBRARY = "library"

    @property
    def is_for_admins(self) -> bool:
        """Presets and the library may be looked at by everyone."""
        return self not in (Screen.OVERVIEW, Screen.PRESETS, Screen.LIBRARY)


class HomePage(Metadata):
    """A page of a screen: the Home tab's `private_metadata`."""

    screen: Screen = Screen.OVERVIEW
    page: Annotated[int, Field(ge=0, le=PAGES_MAX)] = 0
    wanted: Wanted = Wanted()  # in the library


class FormState(Metadata):
    """What a form remembers beside its fields: its `private_metadata`.

    `seen` are fingerprints of the fields as they were when it opened: a field that was left alone
    changes nothing, so that of two admins each changes only what they touched.
    """

    key: str = ""  # which budget, channel or preset
    is_new: bool = False
    place: HomePage = HomePage()
    seen: dict[str, str] = Field(default_factory=dict)
    offered: tuple[str, ...] = ()  # the `media_id`s of references that may be kept
    asked: str = ""  # the question that it asks before it is kept
    is_own: bool = False  # a preset for oneself, and for nobody else
    is_of_result: bool = False  # a preset that was opened from a result
    given: tuple[StoredReference, ...] = ()  # the references of that, which no preset has yet
    is_raise: bool = False  # opened from an alert, to raise a budget

    def find_touched(self, values: Values) -> Values:
        """The fields that differ from what the form showed when it opened."""
        return {
            field: value
            for field, value in values.items()
            if self.seen.get(field, _EMPTY) != digest(value)
        }


def digest(value: tuple[str, ...]) -> str:
    """The same for the same choice, in whatever order Slack tells it."""
    text = repr([str(each) for each in sorted(value)])  # also where they are enums
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


_EMPTY: Final = digest(())


def digests(values: Values) -> dict[str, str]:
    """Field -> fingerprint."""
    return {field.value: digest(value) for field, value in values.items()}

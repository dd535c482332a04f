"""Where a person is in the Home tab, and what its forms remember: both travel in Slack. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.slack.kit.ids import HomeAction, SheetField

PAGES_MAX: Final = 10_000
_M = TypeVar("_M", bound=BaseModel)

# What a form holds: field -> what was typed or chosen, as texts. Nothing chosen is ().
Values = Mapping[SheetField, tuple[str, ...]]


class Screen(StrEnum):
    """The screens of the Home tab."""

    OVERVIEW = "overview"
    BUDGETS = "budgets"
    RULES = "rules"
    PRESETS = "presets"
    CHANGES = "changes"

    @property
    def is_for_admins(self) -> bool:
        """Presets may be looked at by everyone."""
        return self not in (Screen.OVERVIEW, Screen.PRESETS)


SCREEN_OF_ACTION: Final = {
    HomeAction.SHOW_OVERVIEW: Screen.OVERVIEW,
    HomeAction.SHOW_BUDGETS: Screen.BUDGETS,
    HomeAction.SHOW_RULES: Screen.RULES,
    HomeAction.SHOW_PRESETS: Screen.PRESETS,
    HomeAction.SHOW_CHANGES: Screen.CHANGES,
}


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class HomePlace(_Kept):
    """A page of a screen: the Home tab's `private_metadata`."""

    screen: Screen = Screen.OVERVIEW
    page: Annotated[int, Field(ge=0, le=PAGES_MAX)] = 0


class SheetMemory(_Kept):
    """What a form remembers beside its fields: its `private_metadata`.

    `seen` are fingerprints of the fields as they were when it opened: a field that was left alone
    changes nothing, so that of two admins each changes only what they touched.
    """

    key: str = ""  # which budget, channel or preset
    is_new: bool = False
    place: HomePlace = HomePlace()
    seen: dict[str, str] = {}
    offered: tuple[str, ...] = ()  # the `media_id`s of references that may be kept

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


def read_place(private_metadata: str) -> HomePlace:
    """Where the Home tab was; the overview where that cannot be read."""
    return _read(HomePlace, private_metadata)


def read_memory(private_metadata: str) -> SheetMemory:
    """What the form remembers; nothing where that cannot be read."""
    return _read(SheetMemory, private_metadata)


def _read(kind: type[_M], text: str) -> _M:
    try:
        return kind.model_validate_json(text or "{}")
    except ValidationError:
        return kind()

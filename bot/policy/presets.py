"""Presets: what a team has agreed on for its pictures, by name; and one's own defaults. Pure."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.images.catalogue import QUANTITY_MAX, STYLE_IMAGES_MAX, Model, Size

NAME_MAX: Final = 30
AFFIX_MAX: Final = 600  # characters of a prefix or suffix; the whole prompt has its own limit
PRESETS_MAX: Final = 90  # a select takes 100 options


class StoredReference(BaseModel):
    """A reference picture that PowerPost has already (`media_id`), with its file in Slack."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    media_id: str
    name: str
    file_id: str | None = None


class Preset(BaseModel):
    """A named way to make pictures. `channel_id` None: for the whole workspace. What is None is
    not its business. Locked, its options cannot be chosen otherwise; else they are defaults."""

    # A later version may keep more here; this one still works with what it knows.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1, max_length=NAME_MAX)]
    channel_id: str | None = None
    prefix: Annotated[str, Field(max_length=AFFIX_MAX)] = ""
    suffix: Annotated[str, Field(max_length=AFFIX_MAX)] = ""
    model: Model | None = None
    size: Size | None = None
    quantity: Annotated[int, Field(ge=1, le=QUANTITY_MAX)] | None = None
    enhance_prompt: bool | None = None
    references: Annotated[tuple[StoredReference, ...], Field(max_length=STYLE_IMAGES_MAX)] = ()
    is_locked: bool = False


class Defaults(BaseModel):
    """What one person's requests are where they do not say. None: as for everyone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: Model | None = None
    size: Size | None = None
    quantity: Annotated[int, Field(ge=1, le=QUANTITY_MAX)] | None = None
    enhance_prompt: bool | None = None
    preset: str | None = None

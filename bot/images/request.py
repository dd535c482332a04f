"""One request for pictures, and what the specification forbids in it. Pure.

Source: powerpost-images-api.txt, "Input Modes" and "Request Body".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from bot.images.catalogue import (
    DEFAULT_MODEL,
    DEFAULT_SIZE,
    MODELS,
    PROMPT_MAX_CHARACTERS,
    QUANTITY_MAX,
    SOURCE_POST_TYPES,
    STYLE_IMAGES_MAX,
    Dimensions,
    Model,
    Size,
)
from bot.images.typed import is_blank


class ImageRequest(BaseModel):
    """What a person asked for, in PowerPost's words; frozen: what was shown is what is sent.

    `prompt` may be None in post mode only (`caption_id` set); `style_images` are media ids. Stored
    JSON, which older versions read too, has the caption's id as `generation_id`.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, serialize_by_alias=True
    )

    prompt: str | None = None
    model: Model = DEFAULT_MODEL
    size: Size = DEFAULT_SIZE
    quantity: int = 1
    enhance_prompt: bool = False
    style_images: tuple[str, ...] = ()
    caption_id: str | None = Field(
        default=None,
        validation_alias=AliasChoices("caption_id", "generation_id"),
        serialization_alias="generation_id",
    )
    source_post_type: str | None = None

    @property
    def dimensions(self) -> Dimensions:
        """The pixels that each picture will have. KeyError where the model lacks the size."""
        return MODELS[self.model].dimensions[self.size]


class Rule(StrEnum):
    """The specification's rules that a request can break."""

    PROMPT_MISSING = "prompt_missing"
    PROMPT_TOO_LONG = "prompt_too_long"
    QUANTITY_OUT_OF_RANGE = "quantity_out_of_range"
    SIZE_NOT_IN_MODEL = "size_not_in_model"
    TOO_MANY_STYLE_IMAGES = "too_many_style_images"
    SOURCE_POST_TYPE_UNKNOWN = "source_post_type_unknown"
    SOURCE_POST_TYPE_WITHOUT_CAPTION = "source_post_type_without_caption"


@dataclass(frozen=True, slots=True)
class SpecViolation:
    """A rule of the specification that a request breaks, and the field that breaks it."""

    rule: Rule
    field: str


def find_spec_violations(request: ImageRequest) -> list[SpecViolation]:
    """Everything in `request` that PowerPost would refuse with 400, in the form's order.

    A length is counted in characters (code points), as the specification does. An empty list
    means that the request may be sent.
    """
    found: list[SpecViolation] = []
    prompt = request.prompt or ""
    if is_blank(prompt) and request.caption_id is None:
        found.append(SpecViolation(Rule.PROMPT_MISSING, "prompt"))
    if len(prompt) > PROMPT_MAX_CHARACTERS:
        found.append(SpecViolation(Rule.PROMPT_TOO_LONG, "prompt"))
    if request.size not in MODELS[request.model].dimensions:
        found.append(SpecViolation(Rule.SIZE_NOT_IN_MODEL, "size"))
    if not 1 <= request.quantity <= QUANTITY_MAX:
        found.append(SpecViolation(Rule.QUANTITY_OUT_OF_RANGE, "quantity"))
    if len(request.style_images) > STYLE_IMAGES_MAX:
        found.append(SpecViolation(Rule.TOO_MANY_STYLE_IMAGES, "style_images"))
    if request.source_post_type is not None:
        if request.caption_id is None:
            found.append(SpecViolation(Rule.SOURCE_POST_TYPE_WITHOUT_CAPTION, "source_post_type"))
        elif request.source_post_type not in SOURCE_POST_TYPES:
            found.append(SpecViolation(Rule.SOURCE_POST_TYPE_UNKNOWN, "source_post_type"))
    return found

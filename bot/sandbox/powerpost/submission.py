"""Reading the body of POST /images/generate: each field's rule and default, in one place.

Source: "Request Body", "Models" and "Image Sizes" of PowerPost's page on generating images.
Pure: what must be looked up (media, caption generations, credits) is the service's part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.powerpost import catalogue
from bot.sandbox.powerpost.errors import invalid


@dataclass(frozen=True, slots=True)
class Submission:
    """A body that keeps every rule which can be checked without looking anything up."""

    prompt: str | None  # None only in post mode
    model: str
    size: str
    quantity: int
    enhance_prompt: bool
    style_images: tuple[str, ...]
    generation_id: str | None
    source_post_type: str | None

    @property
    def mode(self) -> str:
        """ "text", "reference" or "post": "determined by the fields you provide"."""
        if self.generation_id is not None:
            return "post"
        return "reference" if self.style_images else "text"


def read_submission(body: object) -> Submission:
    """Check a decoded JSON body; unknown fields are ignored. Raises ApiError 400.

    null is not the same as leaving a field out: it is a wrong type.
    """
    if not isinstance(body, dict):
        raise invalid("Request body must be a JSON object")
    model = _read_choice(body, "model", tuple(catalogue.PIXELS), catalogue.DEFAULT_MODEL)
    generation_id = _read_text(body, "generation_id")
    submission = Submission(
        prompt=_read_prompt(body),
        model=model,
        size=_read_size(body, model),
        quantity=_read_quantity(body),
        enhance_prompt=_read_flag(body, "enhance_prompt"),
        style_images=_read_style_images(body),
        generation_id=generation_id,
        source_post_type=_read_post_type(body),
    )
    if generation_id is None and submission.prompt is None:
        raise invalid("prompt is required")
    if generation_id is None and submission.source_post_type is not None:
        raise invalid("source_post_type requires generation_id")
    return submission


def _read_text(body: Mapping[str, Any], field: str) -> str | None:
    """A string that is not empty, None where it is left out."""
    if field not in body:
        return None
    value = body[field]
    if not isinstance(value, str):
        raise invalid(f"{field} must be a string")
    if not value.strip():
        raise invalid(f"{field} must not be empty")
    # JSON may carry half a surrogate pair, which no answer of ours could be encoded with.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read_prompt(body: Mapping[str, Any]) -> str | None:
    prompt = _read_text(body, "prompt")
    limit = catalogue.MAX_PROMPT_CHARACTERS
    if prompt is not None and len(prompt) > limit:
        raise invalid(f"prompt must be at most {limit} characters")
    return prompt


def _read_choice(
    body: Mapping[str, Any], field: str, choices: tuple[str, ...], default: str
) -> str:
    value = body.get(field, default)
    if not isinstance(value, str):
        raise invalid(f"{field} must be a string")
    if value not in choices:
        raise invalid(f"{field} must be one of: {', '.join(choices)}")
    return value


def _read_size(body: Mapping[str, Any], model: str) -> str:
    size = _read_choice(body, "size", catalogue.SIZES, catalogue.DEFAULT_SIZE)
    supported = catalogue.PIXELS[model]
    if size not in supported:
        raise invalid(f"{model} does not support size {size}. Supported: {', '.join(supported)}")
    return size


def _read_quantity(body: Mapping[str, Any]) -> int:
    """JSON knows one kind of number, so 2.0 is 2; true is no number."""
    value = body.get("quantity", 1)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid("quantity must be a number")
    if not 1 <= value <= catalogue.MAX_QUANTITY or value != int(value):
        raise invalid(f"quantity must be a whole number from 1 to {catalogue.MAX_QUANTITY}")
    return int(value)


def _read_flag(body: Mapping[str, Any], field: str) -> bool:
    value = body.get(field, False)
    if not isinstance(value, bool):
        raise invalid(f"{field} must be a boolean")
    return value


def _read_style_images(body: Mapping[str, Any]) -> tuple[str, ...]:
    value = body.get("style_images", [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid("style_images must be an array of media IDs")
    if len(value) > catalogue.MAX_STYLE_IMAGES:
        raise invalid(f"style_images must have at most {catalogue.MAX_STYLE_IMAGES} items")
    return tuple(value)


def _read_post_type(body: Mapping[str, Any]) -> str | None:
    value = _read_text(body, "source_post_type")
    if value is not None and value not in catalogue.PLATFORM_OF_POST_TYPE:
        choices = ", ".join(catalogue.PLATFORM_OF_POST_TYPE)
        raise invalid(f"source_post_type must be one of: {choices}")
    return value

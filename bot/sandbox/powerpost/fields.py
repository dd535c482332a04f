"""Reading the fields that the bodies of captions, posts and calendar entries share. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.powerpost.catalogue import PLATFORM_OF_POST_TYPE
from bot.sandbox.powerpost.errors import invalid


def read_words(body: Mapping[str, Any], field: str, most: int) -> str | None:
    """A string of at most `most` characters; None where it is left out. Raises ApiError 400."""
    if field not in body:
        return None
    value = body[field]
    if not isinstance(value, str):
        raise invalid(f"{field} must be a string")
    if len(value) > most:
        raise invalid(f"{field} must be at most {most} characters")
    # JSON may carry half a surrogate pair, which no answer of ours could be encoded with.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_ids(body: Mapping[str, Any], field: str, most: int) -> tuple[str, ...]:
    """Ids, none where it is left out. Raises ApiError 400."""
    value = body.get(field, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise invalid(f"{field} must be an array of media IDs")
    if len(value) > most:
        raise invalid(f"{field} must have at most {most} items")
    return tuple(value)


def check_post_type(value: object) -> str:
    """One of the 12. Raises ApiError 400."""
    if not isinstance(value, str) or value not in PLATFORM_OF_POST_TYPE:
        raise invalid(f"post_type must be one of: {', '.join(PLATFORM_OF_POST_TYPE)}")
    return value


def read_post_types(body: Mapping[str, Any]) -> tuple[str, ...]:
    """At least one. Raises ApiError 400."""
    value = body.get("post_types")
    if not isinstance(value, list) or not value:
        raise invalid("post_types is required: an array of at least one post type")
    return tuple(check_post_type(each) for each in value)


def check_https(value: object, field: str) -> None:
    """Raises ApiError 400 for what is no https address."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.netloc:
        raise invalid(f"{field} must be https URLs")

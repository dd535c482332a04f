"""The words about files of a message that cannot be used, or are too many."""

from __future__ import annotations

from collections.abc import Sequence

from bot.generations.record import RefusedFile
from bot.images.catalogue import STYLE_IMAGES_MAX
from bot.slack.kit import failure_texts as failures
from bot.slack.kit.text import joined, picture_count, shorten


def files_left_out(files: Sequence[RefusedFile]) -> str:
    """Files of a message that cannot be used, each by its name. Plain text."""
    return " ".join(failures.bad_reference(file.name, file.cause) for file in files)


def too_many_pictures(names: Sequence[str], before: int) -> str:
    """A message's pictures are more than can be used, beside those from `before`. Plain text."""
    in_all = before + len(names)
    if before:
        return (
            f"This version has {picture_count(before)} as reference; with yours it is {in_all}. "
            f"At most {STYLE_IMAGES_MAX} can be used: choose which in the form."
        )
    left_out = joined(f"“{shorten(name, 60)}”" for name in names[STYLE_IMAGES_MAX:])
    return f"At most {STYLE_IMAGES_MAX} pictures can be used as reference. Left out: {left_out}."

"""The files that were picked in a form, as far as Slack describes them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import Cause
from bot.generations.record import RefusedFile
from bot.slack.kit import failure_texts as failures
from bot.slack.kit.files import SOURCE_MAX_BYTES, may_be_picture
from bot.slack.kit.modals import PickedFile


def find_bad_files(picked: Sequence[PickedFile]) -> list[RefusedFile]:
    """Those that cannot be reference pictures, by what Slack says of them."""
    bad = []
    for file in picked:
        if not may_be_picture(file.mimetype):
            cause = Cause.REFERENCE_NOT_A_PICTURE
        elif file.size > SOURCE_MAX_BYTES:
            cause = Cause.REFERENCE_TOO_LARGE
        else:
            continue
        bad.append(RefusedFile(file_id=file.id, name=file.name, cause=cause))
    return bad


def explain_bad_files(picked: Sequence[PickedFile]) -> str:
    """What is wrong with them, for their field; empty if nothing is."""
    bad = find_bad_files(picked)
    return " ".join(failures.bad_reference(file.name, file.cause) for file in bad)

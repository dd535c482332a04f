"""What is wrong with a form that was sent, at the field it belongs to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.errors import Cause
from bot.images.catalogue import STYLE_IMAGES_MAX
from bot.images.request import find_violations
from bot.slack.files import REFERENCE_MAX_BYTES
from bot.slack.forms.values import Destination, FormValues, PickedFile
from bot.slack.ids import Field
from bot.slack.words import answers, failures
from bot.slack.words import form as form_words

_FIELD_OF: Final = {
    "prompt": Field.PROMPT,
    "size": Field.SIZE,
    "quantity": Field.QUANTITY,
    "style_images": Field.FILES,
    "source_post_type": Field.SOURCE,
}
_PICTURE_TYPES: Final = frozenset({"image/jpeg", "image/jpg", "image/png", "image/webp"})


def find_form_errors(
    values: FormValues, picked: Sequence[PickedFile], *, is_size_fresh: bool = True
) -> dict[Field, str]:
    """Field -> what to do about it; empty where the form may be sent. `is_size_fresh`: the sizes
    that were shown are those of the chosen model.

    Files are looked at as far as Slack describes them; their bytes are, before anything is spent,
    when they are fetched.
    """
    request = values.to_request()
    errors = {
        _FIELD_OF[violation.field]: answers.violation(violation, request)
        for violation in find_violations(request)
    }
    if Field.SIZE in errors and not is_size_fresh:
        # The list of another model, which is being redrawn: the field may be gone by now.
        errors[Field.MODEL] = errors.pop(Field.SIZE)
    if values.destination is Destination.CHANNEL and not values.channel_id:
        errors[Field.CHANNEL] = form_words.pick_channel()
    for file in picked:
        if file.mimetype and file.mimetype not in _PICTURE_TYPES:
            errors[Field.FILES] = failures.bad_reference(file.name, Cause.REFERENCE_NOT_A_PICTURE)
        elif file.size > REFERENCE_MAX_BYTES:
            errors[Field.FILES] = failures.bad_reference(file.name, Cause.REFERENCE_TOO_LARGE)
    if len(values.references) > STYLE_IMAGES_MAX:
        errors[Field.FILES] = form_words.too_many_references(len(values.references))
    return errors

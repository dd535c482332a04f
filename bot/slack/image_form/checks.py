"""What is wrong with a form that was sent, at the field it belongs to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.errors import Rejected
from bot.images.catalogue import STYLE_IMAGES_MAX
from bot.images.request import find_spec_violations
from bot.policy.choices import (
    LockedOption,
    Overflow,
    PresetConflict,
    PresetConflictError,
    PresetRequired,
    UnknownPreset,
)
from bot.policy.rules import RuleName, RuleViolation
from bot.policy.terms import NotAllowed
from bot.policy.workspaces import Elsewhere, InOtherWorkspace
from bot.slack.image_form import texts as form_texts
from bot.slack.image_form.several import Asked, plan_form
from bot.slack.image_form.values import Destination, FormValues
from bot.slack.kit import answer_texts as answers
from bot.slack.kit import preset_texts
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.ids import Field
from bot.slack.kit.modals import PickedFile
from bot.slack.kit.picked_files import explain_bad_files

_FIELD_OF: Final = {
    "prompt": Field.PROMPT,
    "size": Field.SIZE,
    "quantity": Field.QUANTITY,
    "style_images": Field.FILES,
    "source_post_type": Field.SOURCE,
    "model": Field.MODEL,
    "enhance_prompt": Field.ENHANCE,
}
_FIELD_OF_ELSEWHERE: Final = {
    Elsewhere.CAPTION: Field.CAPTION,
    Elsewhere.REFERENCES: Field.FILES,
    Elsewhere.PRESET: Field.PRESET,
}
_FIELD_OF_RULE: Final = {
    RuleName.MODEL: Field.MODEL,
    RuleName.QUANTITY: Field.QUANTITY,
    RuleName.CHANNEL: Field.CHANNEL,
    RuleName.PERSON: Field.PROMPT,
    RuleName.WORD: Field.PROMPT,
    RuleName.PRESET: Field.PRESET,
}


def find_form_errors(
    values: FormValues,
    picked: Sequence[PickedFile],
    *,
    is_size_fresh: bool = True,
    asked: Asked | None = None,
) -> dict[Field, str]:
    """Field -> what to do about it; empty where the form may be sent. `is_size_fresh`: the sizes
    that were shown are those of the chosen model. `asked` is what the form comes to.

    Files are looked at as far as Slack describes them; their bytes are, before anything is spent,
    when they are fetched.
    """
    asked = asked or plan_form(values)
    errors = {} if asked.errors else _find_violations(asked)
    errors |= asked.errors
    if Field.SIZE in errors and not is_size_fresh:
        # The list of another model, which is being redrawn: the field may be gone by now.
        errors[Field.MODEL] = errors.pop(Field.SIZE)
    if values.destination is Destination.CHANNEL and not values.channel_id:
        errors[Field.CHANNEL] = form_texts.PICK_CHANNEL
    if bad := explain_bad_files(picked):
        errors[Field.FILES] = bad
    elif len(values.references) > STYLE_IMAGES_MAX:
        errors[Field.FILES] = form_texts.too_many_references(len(values.references))
    return errors


def _find_violations(asked: Asked) -> dict[Field, str]:
    request, violations = asked.request, find_spec_violations(asked.request)
    if asked.brief is not None:
        found = asked.brief.find_violations()
        request, violations = (found[0], list(found[1])) if found else (request, [])
    return {_FIELD_OF[each.field]: answers.violation(each, request) for each in violations}


def find_refusal_errors(error: Rejected) -> dict[Field, str]:
    """The same for what the workspace's rules or the preset forbid."""
    match error:
        case NotAllowed(breaks=breaks):
            said = [
                (_field_of_break(each), refusals.forbidden(each, is_form=True)) for each in breaks
            ]
        case PresetConflictError(misfits=misfits):
            said = [(_field_of(each), preset_texts.misfit(each, is_form=True)) for each in misfits]
        case InOtherWorkspace(what=what):
            said = [(_FIELD_OF_ELSEWHERE[what], refusals.refused(error))]
        case _:
            said = [(Field.PROMPT, refusals.refused(error))]
    errors: dict[Field, str] = {}
    for field, text in said:
        errors[field] = f"{errors[field]} {text}" if field in errors else text
    return errors


def _field_of_break(broken: RuleViolation) -> Field:
    return Field.PRESET if broken.preset else _FIELD_OF_RULE[broken.rule]


def _field_of(misfit: PresetConflict) -> Field:
    match misfit:
        case UnknownPreset() | PresetRequired():
            return Field.PRESET
        case LockedOption(field=field):
            return _FIELD_OF[field]
        case Overflow(violation=violation):
            return _FIELD_OF[violation.field]

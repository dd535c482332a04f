"""A preset as a result suggests it: what the form of a new one begins with. Pure."""

from __future__ import annotations

from bot.generations.record import Generation
from bot.images.catalogue import STYLE_IMAGES_MAX
from bot.policy.presets import AFFIX_MAX, StoredReference, join_prompt
from bot.slack.home.forms.choices import Choices, values_of_choices
from bot.slack.home.forms.preset import PERSON
from bot.slack.home.screens import Values
from bot.slack.kit.ids import HomeField
from bot.slack.kit.links import shown_pictures
from bot.slack.kit.text import shorten

_NAME_MAX = 40


def values_of_result(generation: Generation) -> Values:
    """For its person, with the words, model, size, number and references of `generation`. Its words
    go after what is asked for; those of its own preset stay where they were."""
    request, applied = generation.request, generation.sources.preset
    before = applied.prefix if applied else ""
    after = join_prompt("", request.prompt or "", applied.suffix if applied else "")
    choices = Choices(request.model, request.size, request.quantity, request.enhance_prompt)
    return {
        HomeField.KIND: (PERSON,),
        HomeField.PREFIX: (before[:AFFIX_MAX],) if before else (),
        HomeField.SUFFIX: (shorten(after, AFFIX_MAX),) if after else (),
        **values_of_choices(choices),
        HomeField.KEPT: tuple(
            each.media_id for each in _list_references(generation)[:STYLE_IMAGES_MAX]
        ),
    }


def list_offered(generation: Generation) -> tuple[StoredReference, ...]:
    """The reference pictures that the preset may have: those of `generation`, and its pictures."""
    made = [
        StoredReference(
            media_id=each.media_id,
            name=f"Picture {each.position} of the result",
            file_id=each.slack_file_id,
            powerpost_workspace=generation.powerpost_workspace,
        )
        for each in shown_pictures(generation)
    ]
    return (*_list_references(generation), *made)


def _list_references(generation: Generation) -> list[StoredReference]:
    """What PowerPost has of them: those that came as files have their names, and are the last
    ones; then those of its preset."""
    request, sources = generation.request, generation.sources
    there = {"powerpost_workspace": generation.powerpost_workspace}
    files = sources.references if sources.is_gathered else ()
    unnamed = max(0, len(request.style_images) - len(files))
    found = [
        StoredReference(media_id=media_id, name=f"Reference {number}", **there)
        for number, media_id in enumerate(request.style_images[:unnamed], 1)
    ]
    found += [
        StoredReference(
            media_id=media_id, name=file.name[:_NAME_MAX], file_id=file.file_id, **there
        )
        for media_id, file in zip(request.style_images[unnamed:], files, strict=False)
    ]
    known = {each.media_id for each in found}
    applied = sources.preset.style_images if sources.preset else ()
    stored = {each.media_id: each for each in (sources.preset.references if sources.preset else ())}
    found += [
        stored.get(media_id)
        or StoredReference(media_id=media_id, name=f"Preset's picture {number}", **there)
        for number, media_id in enumerate(applied, 1)
        if media_id not in known
    ]
    return found

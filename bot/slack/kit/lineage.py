"""What is made from a generation: as it can be made again, and whose child it is then. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import Cause
from bot.generations.record import NOTHING_MADE, Generation


def as_asked(generation: Generation) -> Generation:
    """`generation` as it can be made again: where PowerPost did not know one of its reference
    pictures, those that came from Slack are files again, so that they are brought there afresh."""
    request, sources = generation.request, generation.sources
    if generation.cause is not Cause.NOT_FOUND:
        return generation
    preset = sources.preset
    if preset is not None and not preset.is_in(None):
        sources = sources.model_copy(update={"preset": preset.to_bring(afresh=True)})
    if not sources.is_gathered:
        return replace(generation, sources=sources)
    kept = len(request.style_images) - len(sources.references)
    return replace(
        generation,
        request=request.model_copy(update={"style_images": request.style_images[:kept]}),
        sources=sources.model_copy(update={"is_gathered": False}),
    )


def as_base(generation: Generation) -> Generation:
    """`generation` as the next version begins with: how many pictures a reply named held for that
    one version."""
    usual = generation.chain.usual_quantity if generation.chain else None
    if usual is None:
        return generation
    request = generation.request.model_copy(update={"quantity": usual})
    return replace(generation, request=request)


def version_parent(generation: Generation) -> str | None:
    """What a new version of `generation` is made from: what was not made is nobody's parent."""
    return generation.parent_id if generation.state in NOTHING_MADE else generation.id

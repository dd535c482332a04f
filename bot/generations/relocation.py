"""A request that is to be made in another of PowerPost's workspaces than its media are in. Pure.

Media and captions belong to one workspace (powerpost-neighbours.md, "Authentication and scope"),
and PowerPost hands out no media: what is needed elsewhere is brought there again from its file in
Slack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.generations.record import Generation, SlackFile, Sources
from bot.images.request import ImageRequest
from bot.policy.presets import AppliedPreset


def find_strays(request: ImageRequest, sources: Sources) -> tuple[str, ...]:
    """The media of `request` whose files are not among its own references: they came from an
    earlier version."""
    return request.style_images[: _count_strays(request, sources)]


def relocate(
    request: ImageRequest,
    sources: Sources,
    workspace_id: str | None,
    files: Mapping[str, SlackFile],
) -> tuple[ImageRequest, Sources] | None:
    """`request` and `sources` for the workspace: all of their media are files again, which are
    brought there before anything is paid. `files` are those of `find_strays`. None if a picture's
    file is not known."""
    if sources.powerpost_workspace != workspace_id:
        strays = find_strays(request, sources)
        if not all(each in files for each in strays):
            return None
        moved = tuple(files[each] for each in strays)
        request = request.model_copy(update={"style_images": ()})
        changes = {"references": (*moved, *sources.references), "is_gathered": False}
        sources = sources.model_copy(update=changes | {"powerpost_workspace": workspace_id})
    preset = sources.preset
    if preset is None or preset.is_to_be_brought or preset.is_in(workspace_id):
        return request, sources
    if not _can_bring(preset, workspace_id):
        return None
    return request, sources.model_copy(update={"preset": preset.to_bring()})


def find_files(versions: Sequence[Generation]) -> dict[str, SlackFile]:
    """The file in Slack of all media that these generations have made, or were made with."""
    found: dict[str, SlackFile] = {}
    for each in versions:
        for picture in each.pictures:
            if picture.slack_file_id is not None:
                name = f"Picture {picture.position}"
                found[picture.media_id] = SlackFile(file_id=picture.slack_file_id, name=name)
        if each.sources.is_gathered:
            own = each.request.style_images[_count_strays(each.request, each.sources) :]
            found |= dict(zip(own, each.sources.references, strict=False))
    return found


def _count_strays(request: ImageRequest, sources: Sources) -> int:
    own = len(sources.references) if sources.is_gathered else 0
    return max(0, len(request.style_images) - own)


def _can_bring(preset: AppliedPreset, workspace_id: str | None) -> bool:
    return bool(preset.references) and all(
        each.file_id or each.powerpost_workspace == workspace_id for each in preset.references
    )

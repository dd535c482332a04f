"""What is made from a generation: by a button, by a reply in words, after one of its pictures.
Pure."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from bot.generations.record import Generation, NewGeneration, Picture, Place, SlackFile
from bot.images.catalogue import STYLE_IMAGES_MAX
from bot.images.meaning import Change
from bot.images.request import ImageRequest
from bot.policy.choices import Choice
from bot.slack.image_form.values import FormValues, Reference, values_of, version_parent
from bot.slack.kit.ids import PickField
from bot.slack.kit.links import home_of
from bot.slack.kit.payloads import MessageAction, ViewSent
from bot.slack.results import texts as thread_words
from bot.slack.results.replies import Reply


def repeat(
    parent: Generation, request: ImageRequest, action: MessageAction, origin: str, now: datetime
) -> NewGeneration:
    """`request`, made of what `parent` was made of, in the thread where the button was pressed:
    that is where its result stands, also where it had to go elsewhere."""
    channel_id, thread_ts = home_of(parent)
    if action.message is not None:
        channel_id, thread_ts = action.channel.id, action.message.thread_ts or action.message.ts
    return NewGeneration(
        id=str(uuid.uuid4()),
        origin=origin,
        place=Place(parent.place.team_id, channel_id, action.user.id, thread_ts=thread_ts),
        request=request,
        accepted_at=now,
        # The same once more, whatever has become of the preset since.
        sources=parent.sources,
        parent_id=parent.id,
        preset=parent.preset,
    )


def follow(reply: Reply, above: Generation, change: Change, now: datetime) -> NewGeneration:
    """`above` as `reply` changes it, where the reply was said. Its pictures are added to the
    references that `above` has, all of them (`count_references`)."""
    sources, files = above.sources, _new_files(reply, above)
    if files:
        waiting = () if sources.is_gathered else sources.references
        sources = sources.model_copy(
            update={"references": (*waiting, *files), "is_gathered": False}
        )
    return NewGeneration(
        id=str(uuid.uuid4()),
        origin=reply.origin,
        place=Place(reply.team_id, reply.channel_id, reply.user_id, thread_ts=reply.thread_ts),
        request=change.request,
        accepted_at=now,
        sources=sources,
        parent_id=version_parent(above),
        understood=thread_words.understood(change, len(files), _count_kept(above)) or None,
        choice=_choice_of(above, change),
    )


def count_references(reply: Reply, above: Generation) -> int:
    """How many reference pictures `above` would have with those of `reply`."""
    return _count_kept(above) + len(_new_files(reply, above))


def fit_files(reply: Reply, above: Generation) -> Reply:
    """`reply` with as many of its new pictures as there is room for beside those of `above`."""
    room = max(0, STYLE_IMAGES_MAX - _count_kept(above))
    files = _new_files(reply, above)[:room]
    return replace(reply, attached=replace(reply.attached, files=files))


def _count_kept(above: Generation) -> int:
    waiting = () if above.sources.is_gathered else above.sources.references
    return len(above.request.style_images) + len(waiting)


def _new_files(reply: Reply, above: Generation) -> tuple[SlackFile, ...]:
    """Those of `reply` that `above` has not."""
    known = {file.file_id for file in above.sources.references}
    return tuple(file for file in reply.files if file.file_id not in known)


def _choice_of(above: Generation, change: Change) -> Choice:
    """What the reply names, with the preset of `above` where it names none: as the preset is now,
    or as it was where it is not there any more."""
    options = change.options
    if options.preset is None and above.preset:
        return Choice(options.said, above.preset, is_continued=True)
    return Choice(options.said, options.preset or "")


def values_like(generation: Generation, position: int) -> FormValues:
    """The form with one picture as its only reference, and its prompt."""
    picture = next(p for p in generation.pictures if p.position == position)
    kept = (Reference.of_media(picture.media_id, f"Picture {position}"),)
    return values_of(generation).model_copy(update={"kept": kept})


def read_pick(sent: ViewSent, offered: list[Picture]) -> Picture | None:
    """Which of `offered` was picked; the first where nothing had to be, None where none is."""
    option = read_field(sent, PickField.PICTURE).get("selected_option")
    value = option.get("value") if isinstance(option, dict) else None
    by_position = {str(picture.position): picture for picture in offered}
    return by_position.get(str(value)) or next(iter(offered), None)


def read_channel(sent: ViewSent) -> str | None:
    """Which conversation was picked."""
    chosen = read_field(sent, PickField.CHANNEL).get("selected_conversation")
    return chosen if isinstance(chosen, str) else None


def read_field(sent: ViewSent, field: PickField) -> dict[str, object]:
    """What a field of a small modal holds: its block and its element have the same id."""
    found: object = sent.view.state.get("values")
    for key in (field.value, field.value):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}

"""What is made from a generation: by a button, by a reply in words, after one of its pictures.
Pure."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from bot.generations.record import Generation, NewGeneration, Picture, Place, SlackFile
from bot.images.catalogue import PROMPT_MAX_CHARACTERS, STYLE_IMAGES_MAX
from bot.images.chain import Chain, add_words, lines_of
from bot.images.meaning import Change, Kind, Understood
from bot.images.request import ImageRequest
from bot.images.showing import Show
from bot.images.typed import clean
from bot.policy.choices import Choice
from bot.slack.kit.briefs import with_brief
from bot.slack.kit.emoji import replace_names
from bot.slack.kit.ids import PickField, Strength
from bot.slack.kit.lineage import as_base, version_parent
from bot.slack.kit.links import home_of
from bot.slack.kit.modals import ViewState
from bot.slack.kit.payloads import MessageAction, SentView, ViewSent
from bot.slack.kit.replies import Reply
from bot.slack.kit.understood_texts import ONCE_MORE, understood
from bot.slack.kit.understood_texts import changed as describe_change
from bot.slack.results.texts import NOTE_MAX


def repeat(
    parent: Generation,
    request: ImageRequest,
    action: MessageAction,
    origin: str,
    now: datetime,
    changed: str = ONCE_MORE,
) -> NewGeneration:
    """`request`, made of what `parent` was made of, in the thread where the button was pressed:
    that is where its result stands, also where it had to go elsewhere. `changed` is what lists call
    it."""
    channel_id, thread_ts = home_of(parent)
    if action.message is not None:
        channel_id, thread_ts = action.channel.id, action.message.thread_ts
        if parent.show is not Show.ME:
            thread_ts = thread_ts or action.message.ts
    place = Place(parent.place.team_id, channel_id, action.user.id, thread_ts=thread_ts)
    return NewGeneration(
        id=str(uuid.uuid4()),
        origin=origin,
        place=aside(place, parent),
        request=request,
        accepted_at=now,
        # The same once more, whatever has become of the preset since.
        sources=parent.sources,
        parent_id=parent.id,
        preset=parent.preset,
        campaign=parent.campaign,
        show=shown_from(parent),
        chain=Chain(
            lines=parent.lines, changed=changed, usual_quantity=as_base(parent).request.quantity
        ),
    )


def aside(place: Place, parent: Generation) -> Place:
    """`place`, for the channel that `parent` is for, if that is made aside."""
    return replace(
        place,
        for_channel_id=parent.place.for_channel_id,
        for_thread_ts=parent.place.for_thread_ts,
    )


def shown_from(parent: Generation) -> Show:
    """How a version of `parent` is shown, if nobody says: to who sees that, and no louder."""
    return Show.ME if parent.show is Show.ME else Show.THREAD


def follow(reply: Reply, above: Generation, change: Change, now: datetime) -> NewGeneration:
    """`above`, as the next version begins (`as_base`), as `reply` changes it, where that was said.
    Its pictures are added to the references that `above` has, all of them (`count_references`)."""
    sources, files = above.sources, _new_files(reply, above)
    if files:
        waiting = () if sources.is_gathered else sources.references
        sources = sources.model_copy(
            update={"references": (*waiting, *files), "is_gathered": False}
        )
    place = Place(reply.team_id, reply.channel_id, reply.user_id, thread_ts=reply.thread_ts)
    new = NewGeneration(
        id=str(uuid.uuid4()),
        origin=reply.origin,
        place=aside(place, above),
        request=change.request,
        accepted_at=now,
        sources=sources,
        parent_id=version_parent(above),
        understood=understood(change, len(files), _count_kept(above)) or None,
        campaign=_campaign_of(above, change),
        choice=_choice_of(above, change),
        show=shown_from(above),
        chain=Chain(
            lines=_grow(above, change),
            changed=describe_change(change, len(files), _count_kept(above)),
            usual_quantity=above.request.quantity,
        ),
    )
    return with_brief(new, change.brief)


def with_typed(above: Generation, typed: str) -> Change:
    """`above` with the words of a reply that was not understood as the last line of its prompt:
    for the form, where they can be changed or taken out again."""
    words = clean(typed).strip()
    prompt = add_words(above.request.prompt, words)
    if not any(map(str.isalpha, words)) or len(prompt) > PROMPT_MAX_CHARACTERS:
        return Change(above.request, ())
    request = above.request.model_copy(update={"prompt": prompt})
    return Change(request, (Understood(Kind.WORDS_ADDED, words),))


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


def _grow(above: Generation, change: Change) -> tuple[str, ...]:
    """The lines of the changed prompt: those of `above`, and the words that were added."""
    added = [one.value for one in change.understood if one.kind is Kind.WORDS_ADDED]
    prompt = change.request.prompt
    return lines_of(prompt, Chain(lines=(*above.lines, *added)))


def _campaign_of(above: Generation, change: Change) -> str | None:
    """The one that the reply names, or that of `above`."""
    said = change.options.campaign
    return above.campaign if said is None else said


def _choice_of(above: Generation, change: Change) -> Choice:
    """What the reply names, with the preset of `above` where it names none: as the preset is now,
    or as it was where it is not there any more."""
    options = change.options
    if options.preset is None:
        return Choice(options.said, above.preset or "", is_continued=True, show=options.show)
    return Choice(options.said, options.preset, show=options.show)


def with_upstream_prompt(generation: Generation) -> Generation:
    """`generation` as if it had been asked for with PowerPost's prompt: neither the captions that
    this was derived from, nor the preset, which is in it, nor its enhancing come with it again."""
    request = generation.request.model_copy(
        update={
            "prompt": generation.upstream_prompt,
            "caption_id": None,
            "source_post_type": None,
            "enhance_prompt": False,
        }
    )
    sources = generation.sources.model_copy(update={"caption_title": None, "preset": None})
    return replace(generation, request=request, sources=sources, preset=None, chain=None)


def read_pick(sent: ViewSent, offered: list[Picture]) -> Picture | None:
    """Which of `offered` was picked; the first where nothing had to be, None where none is."""
    picked = ViewState.of(sent.view.state).option(PickField.PICTURE)
    by_position = {str(picture.position): picture for picture in offered}
    return by_position.get(picked or "") or next(iter(offered), None)


def read_picks(sent: ViewSent, offered: list[Picture]) -> list[Picture]:
    """Which of `offered` were ticked; the only one, if nothing had to be. A form of the version
    before has one that was picked."""
    fields = ViewState.of(sent.view.state)
    if PickField.PICTURES not in fields.elements:
        picked = read_pick(sent, offered)
        return [picked] if picked else []
    ticked = fields.options(PickField.PICTURES)
    return [picture for picture in offered if str(picture.position) in ticked]


def read_note(sent: ViewSent) -> str:
    """What was written to go with them."""
    typed = ViewState.of(sent.view.state).typed(PickField.NOTE)
    return clean(replace_names(typed)).strip()[:NOTE_MAX]


def read_strength(sent: ViewSent) -> Strength:
    """How close it shall be; not said in a modal of an older version."""
    chosen = ViewState.of(sent.view.state).option(PickField.STRENGTH)
    return Strength(chosen) if chosen in set(Strength) else Strength.OPEN


def read_channel(view: SentView) -> str | None:
    """Which conversation was picked."""
    return ViewState.of(view.state).conversation(PickField.CHANNEL)


def find_share_target(view: SentView) -> str:
    """Where the picture of a modal would be shown; nothing where no conversation is picked."""
    return read_channel(view) or ""

"""What the form opens and is redrawn with: by a draft, a message, one's defaults, the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from bot.generations.record import Generation
from bot.images.captions import CaptionFacts
from bot.images.catalogue import STYLE_IMAGES_MAX, propose_size
from bot.images.showing import Show
from bot.policy.policy import Policy
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces
from bot.slack.image_form import texts as form_texts
from bot.slack.image_form.changes import start_of
from bot.slack.image_form.offers import Offer, find_channel, find_offer, with_defaults
from bot.slack.image_form.values import (
    Destination,
    FormContext,
    FormValues,
    Reference,
    bring,
    values_of,
)
from bot.slack.kit.lineage import version_parent
from bot.slack.kit.links import home_of
from bot.slack.kit.payloads import MessageShortcut

# A list of ticks has no more (slack-facts.md, "Interactivity and modals").
_OFFERED_MAX: Final = 10


def begin(policy: Policy, context: FormContext, user_id: str) -> tuple[FormContext, FormValues]:
    """An empty form, but for one's own defaults: those nobody has typed."""
    here = Destination.HERE if context.channel_id else Destination.ME
    empty = FormValues(destination=here)
    context, values = fill_defaults(policy, context, empty, user_id)
    filled = "" if values == empty else values.fingerprint
    return context.model_copy(update={"filled": filled}), values


def fill_defaults(
    policy: Policy, context: FormContext, values: FormValues, user_id: str
) -> tuple[FormContext, FormValues]:
    """`values` with one's own defaults; what of them gives way to the rules is said."""
    filled = with_defaults(policy, context, values, user_id)
    defaults = policy.defaults.get(user_id)
    if defaults is None:
        return context, filled
    offer = find_offer(policy, context, filled, user_id)
    chosen, channel_id = filled, find_channel(context, filled, user_id)
    seen = policy.seen_by(user_id)
    if defaults.preset and seen.find_preset(defaults.preset, channel_id):
        chosen = filled.model_copy(update={"preset": defaults.preset})
    fitted = offer.fit(filled.with_model(filled.model))
    said = form_texts.notice_of_change(chosen, fitted, offer)
    return context.saying(form_texts.defaults_gave_way(said)), filled


def fit(
    policy: Policy,
    context: FormContext,
    values: FormValues,
    user_id: str,
    workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
) -> tuple[FormContext, FormValues, Offer]:
    """The form as it may be shown: only what may be chosen is in it, in that of PowerPost's
    `workspaces` which its channel is set to."""
    channel_id = find_channel(context, values, user_id)
    there = workspaces.settle(policy.powerpost_workspace_in(channel_id))
    context, values = move(context, values.with_model(values.model), there, workspaces)
    offer = find_offer(policy, context, values, user_id, datetime.now(UTC))
    if context.show not in (None, offer.show):
        values = values.model_copy(update={"show": None})  # it goes elsewhere now
    if context.campaign not in (None, offer.campaign) and values.campaign == context.campaign:
        values = values.model_copy(update={"campaign": None})  # nobody chose it
    filled = {"mark": offer.mark, "show": offer.show, "campaign": offer.campaign}
    context = context.model_copy(update=filled)
    if workspaces.are_several:
        offer = replace(offer, powerpost_workspace=workspaces.name_of(there))
    return context, offer.fit(values), offer


def move(
    context: FormContext,
    values: FormValues,
    workspace_id: str | None,
    workspaces: PowerPostWorkspaces,
) -> tuple[FormContext, FormValues]:
    """The form for another of PowerPost's workspaces. What cannot be used there is left out, and
    said."""
    context = context.model_copy(update={"powerpost_workspace": workspace_id})
    if values.powerpost_workspace == workspace_id:
        return context, values
    moved = values.moved_to(workspace_id)
    offered, pictures = bring(context.offered), bring(context.pictures)
    context = context.model_copy(update={"offered": offered, "pictures": pictures})
    lost = len(values.kept) - len(moved.kept) + len(values.pictures) - len(moved.pictures)
    if values.caption_id is None and not lost:
        return context, moved
    name = workspaces.name_of(workspace_id)
    said = form_texts.left_in_workspace(name, lost, has_caption=values.caption_id is not None)
    return context if said in context.said else context.saying(said), moved


def restore(context: FormContext, draft: FormValues) -> tuple[FormContext, FormValues]:
    """What the form opens with: what was not sent. Of the pictures as many as can be used are
    kept."""
    references = draft.references
    kept = references[:STYLE_IMAGES_MAX]
    values = draft.model_copy(update={"kept": kept, "files": (), "pictures": ()})
    context = context.model_copy(
        update={
            "is_restored": True,
            "offered": kept,
            "lines": values.lines,
            "list_file": values.list_file,
        }
    )
    if context.channel_id is None and values.destination is Destination.HERE:
        values = values.model_copy(update={"destination": Destination.ME})
    return context.saying(form_texts.more_than_four(len(references))), values


def propose(
    context: FormContext,
    values: FormValues,
    offer: Offer,
    caption: CaptionFacts,
    notice: str | None,
) -> tuple[FormContext, FormValues, str | None]:
    """The form with the size that its caption's posts want, if they agree on one, and what is said
    of it."""
    source = values.source_post_type
    kinds = (source,) if source else caption.post_types
    size = propose_size(kinds, values.model)
    if size is None or size is values.size or size not in offer.sizes_of(values.model):
        return context, values, notice
    context = context.model_copy(update={"proposals": context.proposals + 1, "wanted_size": None})
    said = form_texts.size_proposed(size, source)
    return context, values.model_copy(update={"size": size}), f"{notice} {said}" if notice else said


def at_message(
    context: FormContext, shortcut: MessageShortcut, offered: tuple[Reference, ...]
) -> FormContext:
    """`context` for the thread of a message, with references that may be kept."""
    message = shortcut.message
    thread_ts = message.thread_ts or message.ts
    at = {"channel_id": shortcut.channel.id, "thread_ts": thread_ts}
    return context.model_copy(update={**at, "offered": offered[:_OFFERED_MAX]})


def context_of(generation: Generation, values: FormValues) -> FormContext:
    channel_id, thread_ts = home_of(generation)
    return FormContext(
        channel_id=channel_id,
        thread_ts=thread_ts,
        is_preview=generation.show is Show.ME,
        for_channel_id=generation.place.for_channel_id,
        for_thread_ts=generation.place.for_thread_ts,
        offered=values.kept,
        parent_id=version_parent(generation),
        filled=values.fingerprint,
        lines=values.lines,
        start=start_of(values),
    )


def edit(generation: Generation) -> tuple[FormContext, FormValues]:
    """The form with which `generation` is edited: everything that it was made of, and its pictures,
    of which the first is kept unless that is taken away."""
    values = values_of(generation)
    is_there = generation.deleted_at is None
    pictures = tuple(
        Reference.of_media(
            each.media_id,
            form_texts.keep(each.position, len(generation.pictures)),
            each.slack_file_id,
        )
        for each in (generation.pictures if is_there else ())
    )
    has_room = len(values.references) < STYLE_IMAGES_MAX
    kept = values.model_copy(update={"pictures": pictures[:1] if has_room else ()})
    context = context_of(generation, kept)
    return context.model_copy(update={"pictures": pictures}), kept

"""The words of a generation while it runs and when it has ended well."""

from __future__ import annotations

from typing import Final

from bot.credits.amounts import amount
from bot.credits.estimates import Estimate
from bot.errors import Cause
from bot.generations.fair_queue import QueuePosition
from bot.generations.ports import Phase, Progress
from bot.generations.record import FORGOTTEN, Generation, NewGeneration, PictureState, State
from bot.generations.usage import Usage
from bot.images.catalogue import MODELS
from bot.images.hints import find_example
from bot.images.request import ImageRequest
from bot.images.showing import Show
from bot.slack.kit import price_texts
from bot.slack.kit.text import (
    NOTHING_SPENT,
    credit_count,
    duration,
    escape,
    joined,
    moment_mrkdwn,
    ordinal,
    picture_count,
    post_type_name,
    shorten,
)


def size_name(request: ImageRequest) -> str:
    """`landscape 16:9, 1536×864`."""
    dimensions = request.dimensions
    return f"{request.size} {dimensions.ratio}, {dimensions} px"


def prompt_of(generation: Generation | NewGeneration) -> str:
    """The prompt, or the caption that it is derived from, or both; that it is not kept any more."""
    if isinstance(generation, Generation) and generation.blanked_at is not None:
        return "(the prompt is no longer stored)"
    return _with_caption(generation, generation.request.prompt or "")


def _with_caption(generation: Generation | NewGeneration, prompt: str) -> str:
    if generation.request.caption_id is None:
        return prompt
    caption = f"For the caption “{generation.sources.caption_title or 'that was chosen'}”"
    return f"{caption}: {prompt}" if prompt else caption


def label_of(generation: Generation) -> str:
    """What a list calls it: a version by what it changed, anything else by its prompt."""
    if generation.blanked_at is not None or generation.chain is None:
        return prompt_of(generation)
    return generation.chain.changed or prompt_of(generation)


def base_of(generation: Generation) -> str:
    """The first words of a version that is called by what it changed; empty for anything else."""
    if label_of(generation) == prompt_of(generation):
        return ""
    return _with_caption(generation, next(iter(generation.lines), ""))


def options(request: ImageRequest) -> str:
    """Model, size and what else was chosen, on one line; `request` is the whole one."""
    parts = [MODELS[request.model].name, size_name(request)]
    if request.enhance_prompt:
        parts.append("prompt improved by AI")
    if request.style_images:
        count = len(request.style_images)
        parts.append("1 reference picture" if count == 1 else f"{count} reference pictures")
    if request.source_post_type:
        parts.append(post_type_name(request.source_post_type))
    return " · ".join(parts)


def mention(user_id: str) -> str:
    """A person, as Slack shows one."""
    return "a deleted person" if user_id == FORGOTTEN else f"<@{user_id}>"


def asked_mrkdwn(generation: Generation) -> str:
    """Who asked for what."""
    wanted = wanted_mrkdwn(generation.whole_request, generation.preset, generation.campaign)
    approver = generation.approved_by
    by = f" · approved by {mention(approver)}" if approver else ""
    return f"{mention(generation.place.user_id)} asked for {wanted}{by}"


def wanted_mrkdwn(request: ImageRequest, preset: str | None, campaign: str | None = None) -> str:
    """How many pictures, made how, for what."""
    named = f" · Preset: {escape(preset)}" if preset else ""
    named += for_campaign(campaign)
    return f"*{picture_count(request.quantity)}* · {escape(options(request))}{named}"


def wanted_of(new: NewGeneration) -> str:
    """The same of a request that is not made yet; of a brief, what its parts come to."""
    if not new.parts:
        return wanted_mrkdwn(new.sources.whole(new.request), new.preset, new.campaign)
    requests = [part.request for part in new.parts]
    count = picture_count(sum(request.quantity for request in requests))
    models = joined(dict.fromkeys(MODELS[request.model].name for request in requests))
    sizes = joined(dict.fromkeys(request.size.value for request in requests))
    named = f" · Preset: {escape(new.preset)}" if new.preset else ""
    named += for_campaign(new.campaign)
    return f"*{count}* · {escape(models)} · {sizes}{named}"


def for_campaign(campaign: str | None) -> str:
    """What it is made for, after something else; empty for nothing. mrkdwn."""
    return f" · Campaign: {escape(campaign)}" if campaign else ""


def progress_mrkdwn(
    progress: Progress, estimate: Estimate | None = None, taken: float | None = None
) -> str:
    """The live status line, with what it will probably take until `taken`, the credits that
    PowerPost took, is known."""
    elapsed = duration(progress.elapsed_seconds)
    price = f" · {price_texts.about(estimate)}" if estimate is not None else ""
    if taken is not None:
        price = f" · {credit_count(taken)}"
    match progress.phase:
        case Phase.WAITING:
            # True for good: if Slack's answer is lost, this message may never be found again.
            return f":memo: *Accepted*{price} · it goes on here, or in a newer message"
        case Phase.IN_LINE:
            return f":hourglass_flowing_sand: {_position_text(progress.position)}{price}"
        case Phase.HELD_UP:
            return (
                ":hourglass_flowing_sand: *Waiting*: PowerPost is busy or away. "
                f"Nothing has been spent yet, and I keep trying.{price}"
            )
        case Phase.ASKED:
            spent = "what it takes" if estimate is None else price_texts.about(estimate)
            return (
                f":outbox_tray: *Asked PowerPost*, no answer yet · {spent}, which may be spent "
                "already"
            )
        case Phase.MISSING:
            return (
                f":warning: *Not known to PowerPost* after {elapsed}, though it took this request. "
                f"I keep asking for an hour; if pictures come of it, they come here.{price}"
            )
        case Phase.GENERATING:
            return f":art: *Generating* · {elapsed}{price}"
        case Phase.LATE:
            return (
                f":snail: *Still generating* after {elapsed}, which is unusual. It is paid for, "
                f"so I keep looking; the pictures will come here.{price}"
            )
        case Phase.FETCHING:
            return f":inbox_tray: *Ready*, bringing the pictures here{price}"


def comes_where(generation: Generation) -> str:
    """Where the pictures will be, for the first message while they are made. mrkdwn."""
    match generation.show:
        case Show.ME:
            return f":eyes: Only you see this{_meant_for(generation)}"
        case Show.CHANNEL:
            return ":thread: The pictures come into this thread, and into the channel"
        case Show.THREAD:
            return ":thread: The pictures come into this thread"


def _meant_for(generation: Generation) -> str:
    channel_id = generation.place.for_channel_id
    return f"; you asked in <#{channel_id}>" if channel_id else ""


def preview_mrkdwn(generation: Generation) -> str:
    """Under pictures that only their person sees."""
    channel_id = generation.place.for_channel_id
    return ":eyes: Only you see this" + (f". Share offers <#{channel_id}>" if channel_id else "")


def aside_mrkdwn(link: str | None) -> str:
    """To who asked for pictures that nobody else sees, in the channel where they asked."""
    where = f"<{link}|our direct message>" if link else "our direct message"
    return (
        f":eyes: Only you see this: your pictures come into {where}. Share them from there once "
        "you like them."
    )


def _are_where(generation: Generation, number: int, link: str | None) -> str:
    """`2 pictures in this thread`, for the first message once they are there."""
    count = picture_count(number)
    named = f"*<{link}|{count}>*" if link else f"*{count}*"
    if generation.show is Show.ME or generation.place.thread_ts is not None:
        return f"{named} below"
    where = "in this thread and in the channel" if generation.show is Show.CHANNEL else ""
    return f"{named} {where or 'in this thread'}"


def _position_text(position: QueuePosition | None) -> str:
    before = position.before if position else 0
    most = position.per_workspace if position else None
    behind = f"behind {before} more of yours" if before else "next of yours" if most else "next"
    seconds = position.seconds if position else None
    guess = f", in about {duration(seconds)}" if seconds is not None and seconds >= 1 else ""
    limits = f"three of yours, and {most} of this workspace's," if most else "three of yours"
    return f"*Waiting*, {behind}{guess} ({limits} are made at a time)"


def outcome_mrkdwn(generation: Generation, usage: Usage, link: str | None = None) -> str:
    """The status line's last state, with a `link` to the pictures."""
    money = usage_text(usage)
    took = _took(generation)
    match generation.state:
        case State.FINISHED | State.DELIVERED:
            made, wanted = len(generation.pictures), generation.request.quantity
            if made < wanted:
                where = "below" if generation.show is Show.ME else "in this thread"
                return (
                    f":warning: *{made} of {picture_count(wanted)}* made{took}, {where} · {money}"
                    f"{_chosen_mrkdwn(generation)}"
                )
            return f"{_delivered_mrkdwn(generation, link)} · {money}{_chosen_mrkdwn(generation)}"
        case State.FAILED:
            return f":x: *Failed*{took} · {money}"
        case State.UNKNOWN:
            where = "what is below" if generation.show is Show.ME else "the thread"
            return f":question: *Outcome unknown*, see {where}"
        case _ if generation.cause is Cause.CANCELLED:
            return f":no_entry: *Cancelled* · {NOTHING_SPENT.rstrip('.')}"
        case _:
            return f":no_entry: *Not started* · {NOTHING_SPENT.rstrip('.')}"


def _chosen_mrkdwn(generation: Generation) -> str:
    """What a vote has come to, after something else; empty if nothing was chosen."""
    numbers = [str(each.position) for each in generation.pictures if each.chosen_at is not None]
    if not numbers:
        return ""
    if len(generation.pictures) == 1:
        return " · :trophy: *chosen*"
    return f" · :trophy: *picture {joined(numbers)} chosen*"


def count_shown(generation: Generation) -> int:
    """How many of its pictures are seen in Slack; the others are linked."""
    if generation.result_ts is None:
        return 0
    return sum(picture.state is PictureState.UPLOADED for picture in generation.pictures)


def _delivered_mrkdwn(generation: Generation, link: str | None) -> str:
    """ "Done" only if all of it is seen in Slack."""
    shown, made, took = count_shown(generation), len(generation.pictures), _took(generation)
    if shown == made:
        return f":white_check_mark: *Done*{took} · {_are_where(generation, made, link)}"
    named = f"*{picture_count(made)}* made{took}"
    if generation.result_ts is None:
        return f":warning: {named}; Slack did not take the result, so the links stand here"
    if shown == 0:
        where = "below" if generation.show is Show.ME else "in the thread"
        return f":link: {named}; linked {where}, not in Slack"
    return f":link: {named}; {made - shown} of them only linked"


def _took(generation: Generation) -> str:
    if generation.submitted_at is None or generation.finished_at is None:
        return ""
    return f" in {duration((generation.finished_at - generation.submitted_at).total_seconds())}"


def usage_text(usage: Usage) -> str:
    """`Used 9 credits · 36 left`, with what came back where something failed."""
    used = "an unknown number of credits" if usage.used is None else credit_count(usage.used)
    parts = [f"Used {used}"]
    if usage.refunded is not None:
        parts.append(f"{credit_count(usage.refunded)} refunded")
    elif usage.is_refund_due:
        parts.append("refunded by PowerPost for what failed (amount not stated)")
    if usage.left is not None:
        parts.append(f"{amount(usage.left)} left")
    return " · ".join(parts)


def reply_hint(generation: Generation, *, is_direct: bool) -> str:
    """How a reply changes it, with an example that fits. Plain text."""
    mention = "" if is_direct else "@Imagine "
    example = find_example(generation.request.prompt or "")
    # In the open of a direct message, words are a request of their own.
    where = "here" if generation.home_ts else "in its thread"
    return (
        f"To change it, reply {where}: {mention}{example}. That makes a new picture; this one "
        "stays."
    )


# https://docs.slack.dev/reference/block-kit/blocks/image-block, `alt_text`.
ALT_MAX: Final = 2000


def picture_alt(generation: Generation, position: int) -> str:
    """What a screen reader says of one picture: what somebody has written for that, or what is
    made from its prompt. At most ALT_MAX characters."""
    found = next((each for each in generation.pictures if each.position == position), None)
    own = found.alt_text if found else None
    return own[:ALT_MAX] if own else made_alt(generation, position)


def made_alt(generation: Generation, position: int) -> str:
    """What is made from the prompt."""
    total = len(generation.pictures)
    which = f" Picture {position} of {total}." if total > 1 else ""
    made_by = f" Made by AI ({MODELS[generation.request.model].name})."
    room = ALT_MAX - len(which) - len(made_by) - 1
    prompt = shorten(prompt_of(generation), room)
    stop = "" if prompt.endswith((".", "!", "?", "…")) else "."  # where a voice pauses
    return prompt + stop + which + made_by


def picture_title(generation: Generation, position: int, pixels: str, title: str = "") -> str:
    """The line above a picture; `title` is what its generation is called there."""
    total = len(generation.pictures)
    which = f"{position} of {total} · " if total > 1 else ""
    if generation.pictures[position - 1].chosen_at is not None:
        which = f"★ chosen · {which}"
    return f"{which}{shorten(title or label_of(generation), 120)} · {pixels} px"


def linked_picture_mrkdwn(generation: Generation, position: int) -> str:
    """In place of a picture that could not be brought to Slack."""
    picture = generation.pictures[position - 1]
    if not picture.url:
        return f":link: The link to picture {position} of {len(generation.pictures)} has expired."
    name = f"Picture {position} of {len(generation.pictures)}"
    if picture.cause is Cause.UNSAFE_ADDRESS or not picture.url.startswith(("https://", "http://")):
        return (
            f":warning: {name} is at PowerPost, but its address is not one that I may open. "
            f"Its media id there is `{escape(picture.media_id)}`."
        )
    link = escape(picture.url).replace("|", "%7C")
    if picture.cause is Cause.LINK_EXPIRED:
        return (
            f":link: <{link}|{name}> could not be brought to Slack: PowerPost did not hand it out. "
            "If the link works for you, it works until "
            f"{moment_mrkdwn(picture.expires_at)} at most. "
            f"{_linked_alt(generation)}"
        )
    return (
        f":link: <{link}|{name}> could not be brought to Slack ({_why_linked(picture.cause)}). "
        f"The link works until {moment_mrkdwn(picture.expires_at)}: save the picture before then. "
        f"{_linked_alt(generation)}"
    )


def _linked_alt(generation: Generation) -> str:
    """What a screen reader would say of the picture, for who cannot open the link."""
    model = MODELS[generation.request.model].name
    return f"It shows: “{escape(shorten(prompt_of(generation), 200))}”, made by AI ({model})."


def _why_linked(cause: Cause | None) -> str:
    match cause:
        case Cause.NOT_A_PICTURE:
            return "what PowerPost hands out is not in a form that Slack can show"
        case Cause.TOO_LARGE:
            return "it is too large"
        case (
            Cause.REFUSED_BY_SLACK
            | Cause.FILE_NOT_READY
            | Cause.MISSING_SCOPE
            | Cause.NOT_IN_CHANNEL
            | Cause.CHANNEL_GONE
            | Cause.TOO_MANY_MESSAGES
            | Cause.SLACK_AWAY
        ):
            return "Slack did not take the file"
        case Cause.STORAGE_FULL:
            return "this workspace's file storage in Slack is full: an admin can make room"
        case Cause.UPLOADS_OFF:
            return "this workspace allows no uploads: an admin can change that"
        case Cause.FILE_NOT_ALLOWED:
            return "this workspace does not allow this kind of file: an admin can change that"
        case Cause.FILE_TOO_LARGE:
            return "it is larger than this workspace allows: an admin can change that"
        case Cause.SHARED_FILES_OFF:
            return "files may not be shown in channels with other companies: an admin can allow it"
        case Cause.ACCESS_DENIED | Cause.SLACK_ACCESS | Cause.APP_NOT_ALLOWED:
            return "Slack denies this app access to files: an admin can change that"
        case Cause.UPLOAD_REFUSED | Cause.UPLOAD_FAILED:
            return "the way to Slack's files is blocked or broken"
        case _:
            return "it could not be downloaded"


def result_intro(generation: Generation) -> str:
    """The first sentence of the result."""
    made, wanted = len(generation.pictures), generation.request.quantity
    linked = made - sum(picture.state is PictureState.UPLOADED for picture in generation.pictures)
    if made == wanted and linked:
        return _linked_intro(made, linked)
    if made == wanted:
        return "Here is your picture." if made == 1 else f"Here are your {made} pictures."
    missing = wanted - made
    return (
        f"{made} of {picture_count(wanted)} could be made; "
        f"{picture_count(missing)} failed, and PowerPost refunds what failed."
    )


def _linked_intro(made: int, linked: int) -> str:
    if made == 1:
        return "Your picture is made, but it is not in Slack: here is its link."
    if linked == made:
        return f"Your {made} pictures are made, but they are not in Slack: here are their links."
    return f"Here are {made - linked} of your {made} pictures, and links to the rest."


def late_intro(count: int) -> str:
    """What goes before pictures that come after their result."""
    if count == 1:
        return "Slack takes files again: here is the picture that I could only link before."
    return f"Slack takes files again: here are {count} pictures that I could only link before."


def result_text(generation: Generation, usage: Usage) -> str:
    """The result for phones and screen readers: everything that the blocks say."""
    parts = [
        f"<@{generation.place.user_id}> {result_intro(generation)}",
        f"“{escape(label_of(generation))}”",
        escape(options(generation.whole_request)) + ".",
        escape(upstream_text(generation)),
        escape(upstream_prompt(generation)),
        *(
            linked_picture_mrkdwn(generation, picture.position)
            for picture in generation.pictures
            if picture.state is not PictureState.UPLOADED
        ),
        usage_text(usage) + ".",
    ]
    return " ".join(part for part in parts if part)


def links_text(generation: Generation, usage: Usage) -> str:
    """The links of the pictures and what they cost, where no more can be said."""
    links = (linked_picture_mrkdwn(generation, picture.position) for picture in generation.pictures)
    return " ".join((*links, f"{usage_text(usage)}.", f"“{escape(prompt_of(generation))}”"))


# The form, filled with that prompt.
USE_UPSTREAM_PROMPT: Final = "Use PowerPost's prompt"


def upstream_prompt(generation: Generation, most: int = 600) -> str:
    """The prompt that PowerPost made the pictures from, if it is another than was sent, in at most
    so many characters; empty otherwise. Plain text."""
    if not generation.upstream_prompt:
        return ""
    return f"PowerPost's prompt: “{shorten(generation.upstream_prompt, most)}”"


def upstream_text(generation: Generation) -> str:
    if not generation.upstream_message:
        return ""
    return f"PowerPost says: “{shorten(generation.upstream_message, 500)}”"


def upstream_mrkdwn(generation: Generation) -> str:
    """PowerPost's own words, where it said any; empty otherwise."""
    return escape(upstream_text(generation))


def made_by(generation: Generation) -> str:
    """The disclosure under the pictures."""
    return f"Made by AI: {MODELS[generation.request.model].name}, through PowerPost"


def deleted_mrkdwn(generation: Generation) -> str:
    """The status line after the pictures were taken away."""
    by = f" by {mention(generation.deleted_by)}" if generation.deleted_by else ""
    return f":wastebasket: *Deleted*{by}"


def shared_mrkdwn(generation: Generation, sharer: str, number: int = 1) -> str:
    """Who made so many pictures, and who shares them."""
    maker = generation.place.user_id
    what = "a picture" if number == 1 else picture_count(number)
    if maker == sharer:
        return f"<@{sharer}> shares {what}"
    return f"<@{sharer}> shares {what} that {mention(maker)} made"


def lineage_mrkdwn(
    version: int,
    parent_link: str | None,
    reply_link: str | None = None,
    understood: str | None = None,
) -> str:
    """Which version this is, from which it was made, and which reply it answers."""
    before = f"the {ordinal(version - 1)}"
    source = f"<{parent_link}|{before}>" if parent_link else before
    said = f"{ordinal(version)} version, from {source} (a new picture, not a retouched one)"
    if reply_link:
        what = f": {escape(shorten(understood, 160))}" if understood else ""
        said += f" · answers <{reply_link}|this reply>{what}"
    return said

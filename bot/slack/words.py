"""All words that a person reads, chosen by what happened. Nothing here decides anything.

Functions return plain text, or Slack's mrkdwn where their name says so. What came from outside
(prompts, PowerPost's messages) goes through `escape` before it stands in mrkdwn.
Source of the escapes: slack-facts.md, "Escape exactly & < >".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.errors import Cause
from bot.generations.money import Usage
from bot.generations.ports import Phase, Progress
from bot.generations.record import Generation, PictureState, State
from bot.generations.turns import Line
from bot.images.catalogue import (
    DEFAULT_SIZE,
    MODELS,
    PROMPT_MAX_CHARACTERS,
    QUANTITY_MAX,
    STYLE_IMAGES_MAX,
    Model,
    Size,
)
from bot.images.command import Flag, Misunderstood, Problem
from bot.images.reply import Change, Kind, Understood
from bot.images.request import ImageRequest, Rule, Violation
from bot.slack.forms.values import FormValues

NOTHING_SPENT: Final = "Nothing was spent."
_ASK_OPERATOR: Final = "Please tell whoever runs this app: it is in the app's log."


def escape(text: str) -> str:
    """`text` for mrkdwn, so that nothing in it can ping, link or format as Slack's syntax."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """What a person typed, from Slack's escaped form of it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def credit_count(credits_: float) -> str:
    """`9 credits`."""
    return f"{credits_:g} credit" + ("" if credits_ == 1 else "s")


def picture_count(number: int) -> str:
    """`2 pictures`."""
    return f"{number} picture" + ("" if number == 1 else "s")


def duration(seconds: float) -> str:
    """`12 s`, `3 min 20 s`, `1 h 4 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def date_mrkdwn(moment: datetime) -> str:
    """A date that Slack shows in the reader's own time zone."""
    fallback = moment.strftime("%d %B %Y")
    return f"<!date^{int(moment.timestamp())}^{{date_long}}|{fallback}>"


def size_name(request: ImageRequest) -> str:
    """`landscape 16:9, 1536×864`."""
    dimensions = request.dimensions
    return f"{request.size} {dimensions.ratio}, {dimensions} px"


def prompt_of(generation: Generation) -> str:
    """The prompt, or the caption that it is derived from, or both."""
    prompt = generation.request.prompt or ""
    if generation.request.generation_id is None:
        return prompt
    caption = f"For the caption “{generation.sources.caption_title or 'that was chosen'}”"
    return f"{caption}: {prompt}" if prompt else caption


def options(request: ImageRequest) -> str:
    """Model, size and what else was chosen, on one line."""
    parts = [MODELS[request.model].name, size_name(request)]
    if request.enhance_prompt:
        parts.append("prompt improved by AI")
    if request.style_images:
        count = len(request.style_images)
        parts.append("1 reference picture" if count == 1 else f"{count} reference pictures")
    if request.source_post_type:
        parts.append(post_type_name(request.source_post_type))
    return " · ".join(parts)


def joined(items: Iterable[str]) -> str:
    """`a, b and c`."""
    *rest, last = list(items)
    return f"{', '.join(rest)} and {last}" if rest else last


# The root message --------------------------------------------------------------------------


def asked_mrkdwn(generation: Generation) -> str:
    """Who asked for what."""
    request = generation.request
    count = picture_count(request.quantity)
    return f"<@{generation.place.user_id}> asked for *{count}* · {escape(options(request))}"


def progress_mrkdwn(progress: Progress) -> str:
    """The live status line."""
    elapsed = duration(progress.elapsed_seconds)
    match progress.phase:
        case Phase.WAITING:
            return ":hourglass_flowing_sand: *Waiting* for its turn"
        case Phase.IN_LINE:
            return f":hourglass_flowing_sand: {_line_text(progress.line)}"
        case Phase.HELD_UP:
            return (
                ":hourglass_flowing_sand: *Waiting*: PowerPost is busy or away. "
                "Nothing has been spent yet, and I keep trying."
            )
        case Phase.GENERATING:
            return f":art: *Generating* · {elapsed}"
        case Phase.LATE:
            return (
                f":snail: *Still generating* after {elapsed}, which is unusual. It is paid for, "
                "so I keep looking; the pictures will come here."
            )
        case Phase.FETCHING:
            return ":inbox_tray: *Ready*, bringing the pictures here"


def _line_text(line: Line | None) -> str:
    before = line.before if line else 0
    behind = f"behind {before} more of yours" if before else "next"
    seconds = line.seconds if line else None
    guess = f", in about {duration(seconds)}" if seconds is not None else ""
    return f"*Waiting*, {behind}{guess} (three of yours are made at a time)"


def too_many_waiting() -> str:
    """The person has as many under way as they may."""
    return (
        "You have as many requests under way as one person may have (3 running, 10 waiting). "
        f"Send this again when one of them has ended. {NOTHING_SPENT}"
    )


def cannot_cancel() -> str:
    """It is too late, or somebody else's."""
    return "That can be cancelled only by who asked for it, and only while it waits."


def outcome_mrkdwn(generation: Generation, usage: Usage) -> str:
    """The status line's last state."""
    money = usage_text(usage)
    took = _took(generation)
    match generation.state:
        case State.FINISHED | State.DELIVERED:
            made, wanted = len(generation.pictures), generation.request.quantity
            if made < wanted:
                return f":warning: *{made} of {picture_count(wanted)}* made{took} · {money}"
            return f":white_check_mark: *Done*{took} · {money}"
        case State.FAILED:
            return f":x: *Failed*{took} · {money}"
        case State.UNKNOWN:
            return ":grey_question: *Outcome unknown*, see the thread"
        case _ if generation.cause is Cause.CANCELLED:
            return f":no_entry: *Cancelled* · {NOTHING_SPENT.rstrip('.')}"
        case _:
            return f":no_entry: *Not started* · {NOTHING_SPENT.rstrip('.')}"


def _took(generation: Generation) -> str:
    if generation.submitted_at is None or generation.finished_at is None:
        return ""
    return f" in {duration((generation.finished_at - generation.submitted_at).total_seconds())}"


# Credits -----------------------------------------------------------------------------------


def usage_text(usage: Usage) -> str:
    """`Used 9 credits · 36 left`, with what came back where something failed."""
    used = "an unknown number of credits" if usage.used is None else credit_count(usage.used)
    parts = [f"Used {used}"]
    if usage.refunded is not None:
        parts.append(f"{credit_count(usage.refunded)} refunded")
    elif usage.is_refund_due:
        parts.append("refunded by PowerPost for what failed (amount not stated)")
    if usage.left is not None:
        parts.append(f"{usage.left:g} left")
    return " · ".join(parts)


def balance(credits_: float) -> str:
    """The answer to `/imagine credits`."""
    return f"The PowerPost account has {credit_count(credits_)} left. It is shared by everyone."


# The result --------------------------------------------------------------------------------


def picture_alt(generation: Generation, position: int) -> str:
    """What a screen reader says of one picture (Slack: at most 2,000 characters)."""
    total = len(generation.pictures)
    which = f" Picture {position} of {total}." if total > 1 else ""
    made_by = f" Made by AI ({MODELS[generation.request.model].name})."
    room = 2000 - len(which) - len(made_by)
    return shorten(prompt_of(generation), room) + which + made_by


def picture_title(generation: Generation, position: int, pixels: str) -> str:
    """The line above a picture."""
    total = len(generation.pictures)
    which = f"{position} of {total} · " if total > 1 else ""
    return f"{which}{shorten(prompt_of(generation), 120)} · {pixels} px"


def linked_picture_mrkdwn(generation: Generation, position: int) -> str:
    """In place of a picture that could not be brought to Slack."""
    picture = generation.pictures[position - 1]
    name = f"Picture {position} of {len(generation.pictures)}"
    if picture.cause is Cause.UNSAFE_ADDRESS or not picture.url.startswith(("https://", "http://")):
        return (
            f":warning: {name} is at PowerPost, but its address is not one that I may open. "
            f"Its media id there is `{escape(picture.media_id)}`."
        )
    link = escape(picture.url).replace("|", "%7C")
    return (
        f":link: <{link}|{name}> could not be brought to Slack ({_why_linked(picture.cause)}). "
        f"The link works until {date_mrkdwn(picture.expires_at)}: save the picture before then."
    )


def _why_linked(cause: Cause | None) -> str:
    match cause:
        case Cause.NOT_A_PICTURE:
            return "it is not in a form that Slack can show"
        case Cause.TOO_LARGE:
            return "it is too large"
        case Cause.REFUSED_BY_SLACK | Cause.FILE_NOT_READY | Cause.MISSING_SCOPE:
            return "Slack did not take the file"
        case Cause.LINK_EXPIRED:
            return "PowerPost did not hand it out"
        case _:
            return "it could not be downloaded"


def result_intro(generation: Generation) -> str:
    """The first sentence of the result."""
    made, wanted = len(generation.pictures), generation.request.quantity
    if made == wanted:
        return "Here is your picture." if made == 1 else f"Here are your {made} pictures."
    missing = wanted - made
    return (
        f"{made} of {picture_count(wanted)} could be made; "
        f"{picture_count(missing)} failed, and PowerPost refunds what failed."
    )


def result_text(generation: Generation, usage: Usage) -> str:
    """The result for phones and screen readers: everything that the blocks say."""
    parts = [
        f"<@{generation.place.user_id}> {result_intro(generation)}",
        f"“{escape(prompt_of(generation))}”",
        escape(options(generation.request)) + ".",
        escape(_upstream(generation)),
        *(
            linked_picture_mrkdwn(generation, picture.position)
            for picture in generation.pictures
            if picture.state is not PictureState.UPLOADED
        ),
        usage_text(usage) + ".",
    ]
    return " ".join(part for part in parts if part)


def _upstream(generation: Generation) -> str:
    if not generation.upstream_message:
        return ""
    return f"PowerPost says: “{shorten(generation.upstream_message, 500)}”"


def upstream_mrkdwn(generation: Generation) -> str:
    """PowerPost's own words, where it said any; empty otherwise."""
    return escape(_upstream(generation))


def made_by(generation: Generation) -> str:
    """The disclosure under the pictures."""
    return f"Made by AI: {MODELS[generation.request.model].name}, through PowerPost"


# What went wrong ---------------------------------------------------------------------------


def failure_text(generation: Generation, usage: Usage) -> str:
    """What went wrong with a generation that has no pictures, and what to do. Plain text."""
    match generation.state:
        case State.FAILED:
            said = _upstream(generation) or "PowerPost gave no reason."
            return (
                f"PowerPost could not make {_these(generation)}. {said} "
                f"Failed pictures are refunded: {usage_text(usage)}. "
                "Changing the words or the model often helps."
            )
        case State.UNKNOWN:
            return _unknown_text(generation)
        case _:
            return f"{_refusal(generation)} {NOTHING_SPENT}"


def _these(generation: Generation) -> str:
    return "this picture" if generation.request.quantity == 1 else "these pictures"


def _unknown_text(generation: Generation) -> str:
    if generation.image_generation_id is not None:
        return (
            "PowerPost has not finished after a day, and I have stopped looking. "
            f"It took {credit_count(generation.credits_used or 0)} for this: PowerPost's support "
            f"can tell more. Its id there is {generation.image_generation_id}."
        )
    before, after = generation.balance_before, generation.balance_at_end
    if before is None or after is None:
        balance_now = "I could not read the balance"
        if after is not None:
            balance_now += f" before; it is {after:g} now"
        money = f"{balance_now}, so I cannot tell whether credits were spent."
    elif after < before:
        money = (
            f"The balance was {before:g} before and is {after:g} now: credits were probably spent "
            "(or someone else spent them in the same moment)."
        )
    else:
        money = (
            f"The balance was {before:g} before and is {after:g} now: probably nothing was spent."
        )
    what = {
        Cause.INTERRUPTED: "This app was interrupted while it was asking PowerPost for your "
        "pictures, so it does not know whether the request arrived.",
        Cause.NO_ANSWER: "PowerPost was asked for your pictures and did not answer, so it is not "
        "known whether it is making them.",
    }.get(
        generation.cause or Cause.NO_ANSWER,
        "PowerPost was asked for your pictures and its answer was broken, so it is not known "
        "whether it is making them.",
    )
    return (
        f"{what} {money} I will not send it again by myself. If you do, it may cost a second time."
    )


def _refusal(generation: Generation) -> str:
    said = _upstream(generation)
    match generation.cause:
        case Cause.INSUFFICIENT_CREDITS:
            left = generation.balance_before
            has = f" (it has {credit_count(left)})" if left is not None else ""
            return (
                f"The PowerPost account has too few credits for this{has}. "
                "Ask for fewer pictures, or have credits added at powerpost.ai."
            )
        case Cause.INVALID_KEY:
            return f"PowerPost does not accept this app's key. {_ASK_OPERATOR}"
        case Cause.FORBIDDEN:
            return f"This app may not use its PowerPost workspace. {_ASK_OPERATOR}"
        case Cause.INSUFFICIENT_SCOPE:
            return f"This app's PowerPost key may not make pictures. {_ASK_OPERATOR}"
        case Cause.NOT_FOUND:
            return (
                "PowerPost does not know a reference picture or caption of this request any more. "
                "Choose it again, or leave it out."
            )
        case Cause.INVALID_REQUEST | Cause.TOO_LARGE:
            return f"PowerPost did not accept this request. {said} Change it and try again."
        case Cause.RATE_LIMITED | Cause.UNREACHABLE | Cause.SERVER_ERROR:
            return (
                "PowerPost was busy or away for half an hour, so I stopped trying. "
                "Please try again later."
            )
        case (
            Cause.REFERENCE_NOT_A_PICTURE
            | Cause.REFERENCE_TOO_LARGE
            | Cause.REFERENCE_GONE
            | Cause.REFERENCE_FORBIDDEN
            | Cause.REFERENCE_NO_ROOM as reason
        ):
            return bad_reference(generation.upstream_message or "A picture", reason)
        case Cause.CANCELLED:
            return "You cancelled it."
        case Cause.THREAD_GONE:
            return "The thread is gone. Send your request again, in the channel."
        case Cause.NOT_IN_CHANNEL:
            return (
                "I cannot post in this conversation, because I am not in it. Invite me with "
                "/invite @Imagine and send your command again; or send it in a direct message "
                "to me."
            )
        case Cause.CHANNEL_GONE:
            return "Nobody can post in this channel any more. Send your command in another one."
        case Cause.SLACK_ACCESS | Cause.MISSING_SCOPE:
            return f"Slack does not let this app post. {_ASK_OPERATOR}"
        case _:
            return "I could not post in this conversation. Please try again, or in another one."


def where_mrkdwn(generation: Generation) -> str:
    """The channel that was meant, as its person sees its name; empty for a direct message."""
    channel_id = generation.place.channel_id
    return f"Where: <#{channel_id}>" if channel_id.startswith(("C", "G")) else ""


def support_text(request_id: str) -> str:
    """The one id that a person may need."""
    return f"For PowerPost's support: request {request_id}"


# Answers to a command ------------------------------------------------------------------------


def not_saved() -> str:
    """The promise could not be kept, so it is not made."""
    return (
        "I could not save your request, so I have not started it. "
        f"{NOTHING_SPENT} Please send it again in a minute."
    )


def something_broke() -> str:
    """A fault of ours in answering."""
    return (
        "Something went wrong here, and I could not take your request. "
        f"{NOTHING_SPENT} Please try again; if it happens again, tell whoever runs this app."
    )


def balance_unavailable(cause: Cause | None) -> str:
    """`/imagine credits` without an answer from PowerPost."""
    if cause in (Cause.INVALID_KEY, Cause.FORBIDDEN, Cause.INSUFFICIENT_SCOPE):
        return f"PowerPost does not tell this app the balance. {_ASK_OPERATOR}"
    return "PowerPost does not answer right now. Please ask again in a minute."


def misunderstood(answer: Misunderstood) -> str:
    """A word of a command that we do not know, and what to write instead. Plain text."""
    typed = shorten(answer.typed, 80)
    meant = f" Did you mean {answer.suggestion}?" if answer.suggestion else ""
    match answer.problem:
        case Problem.UNKNOWN_FLAG:
            return (
                f"I do not know the option {typed}.{meant} The options are "
                f"{joined(f'--{flag}' for flag in Flag)}. "
                "If it belongs to the prompt, put the prompt in double quotes."
            )
        case Problem.UNKNOWN_MODEL:
            return f"There is no model “{typed}”.{meant} The models are {joined(Model)}."
        case Problem.UNKNOWN_SIZE:
            return f"There is no size “{typed}”.{meant} The sizes are {joined(Size)}."
        case Problem.BAD_QUANTITY:
            return f"“{typed}” is not a number of pictures. Write --quantity 1 to {QUANTITY_MAX}."
        case Problem.VALUE_MISSING:
            return f"{typed} needs a value after it, such as {_example_value(typed)}."
        case Problem.GIVEN_TWICE:
            return f"{typed} is there twice. Give it once."


def _example_value(flag: str) -> str:
    examples = {"--model": Model.IDEOGRAM_3.value, "--size": Size.LANDSCAPE.value}
    return f"{flag} {examples.get(flag, '2')}"


def violation(broken: Violation, request: ImageRequest) -> str:
    """A rule of the specification, in words that say what to do. Plain text."""
    model = MODELS[request.model]
    length = len(request.prompt or "")
    return {
        Rule.PROMPT_MISSING: "Say what the picture should show, such as: a lighthouse in fog",
        Rule.PROMPT_TOO_LONG: (
            f"The prompt has {length:,} characters; PowerPost takes at most "
            f"{PROMPT_MAX_CHARACTERS:,}. Shorten it by {length - PROMPT_MAX_CHARACTERS:,}."
        ),
        Rule.QUANTITY_OUT_OF_RANGE: (
            f"{request.quantity} pictures cannot be made at once. Ask for 1 to {QUANTITY_MAX}."
        ),
        Rule.SIZE_NOT_IN_MODEL: (
            f"{model.name} has no size {request.size}. It has {joined(model.sizes)}."
        ),
        Rule.TOO_MANY_STYLE_IMAGES: (
            f"At most {STYLE_IMAGES_MAX} reference pictures can be used. Take some away."
        ),
        Rule.SOURCE_POST_TYPE_UNKNOWN: "Choose one of the platforms that the caption was made for.",
        Rule.SOURCE_POST_TYPE_WITHOUT_CAPTION: "Choose a caption before its platform.",
    }[broken.rule]


# The form ------------------------------------------------------------------------------------


def cost_mrkdwn(last_cost: float | None, balance_now: float | None, values: FormValues) -> str:
    """What it will take, as far as that can be said: PowerPost tells a price only afterwards."""
    left = "" if balance_now is None else f"{balance_now:g} left"
    what = f"{picture_count(values.quantity)} with {MODELS[values.model].name}"
    if last_cost is None:
        unseen = f":coin: The price of {what} has not been seen here yet; it is told afterwards."
        return f"{unseen} {credit_count(balance_now)} left." if balance_now is not None else unseen
    about = f"About {credit_count(last_cost)}"
    if balance_now is not None and balance_now < last_cost:
        return (
            f":warning: *{about}, but only {left}*: PowerPost will probably refuse this. "
            "Choose fewer pictures or another model, or have credits added."
        )
    return f":coin: {about}, {left} (what {what} took the last time)" if left else f":coin: {about}"


def post_type_name(post_type: str) -> str:
    """`instagram-feed` as `Instagram feed`."""
    names = {"x": "X", "tiktok": "TikTok", "youtube": "YouTube", "linkedin": "LinkedIn"}
    platform, _, kind = post_type.partition("-")
    return f"{names.get(platform, platform.capitalize())} {kind}"


def caption_preview(previews: dict[str, str], post_type: str | None) -> str:
    """A glance at the caption that will be read."""
    if post_type is None:
        found = next(iter(previews.values()), "")
    else:
        found = previews.get(post_type.partition("-")[0], "")
    return f"“{shorten(found, 280)}”" if found else ""


def caption_unavailable() -> str:
    """The chosen caption could not be read."""
    return "PowerPost does not tell this caption's platforms right now, so they cannot be chosen."


def form_not_opened() -> str:
    """Slack did not open the form, or did not say so."""
    return f"If the form did not open, please try again. {NOTHING_SPENT}"


def size_fell_back(values: FormValues) -> str:
    """The new model lacks the size that was chosen."""
    name = MODELS[values.model].name
    return f"{name} has no size {values.size}: it is {DEFAULT_SIZE} now."


def pick_channel() -> str:
    """No channel was chosen."""
    return "Choose a channel."


def too_many_references(number: int) -> str:
    """More reference pictures than the specification takes."""
    return (
        f"{number} reference pictures are chosen; at most {STYLE_IMAGES_MAX} can be used. "
        "Take some away."
    )


def bad_reference(name: str, reason: Cause) -> str:
    """A reference picture that cannot be used, by the file's name. Plain text."""
    named = f"“{shorten(name, 80)}”"
    match reason:
        case Cause.REFERENCE_TOO_LARGE:
            return f"{named} is larger than 10 MB. Make it smaller, or leave it out."
        case Cause.REFERENCE_GONE:
            return f"{named} is not in Slack any more, or I may not see it. Pick it again."
        case Cause.REFERENCE_FORBIDDEN:
            return f"{named} does not lie in Slack, and I fetch nothing from elsewhere. Upload it."
        case Cause.REFERENCE_NO_ROOM:
            return (
                f"PowerPost's storage is full, so it does not take {named}. Leave it out, or have "
                "room made at powerpost.ai."
            )
        case _:
            return f"{named} is not a JPEG, PNG or WebP picture. Leave it out, or convert it."


# The thread ----------------------------------------------------------------------------------

REPLY_EXAMPLES: Final = (
    "@Imagine with a darker sky",
    "@Imagine again x3 --size portrait",
    "@Imagine prompt: a red fox in snow",
)


def understood(change: Change, number_of_files: int = 0) -> str:
    """What was understood of a reply, to be shown before it runs. Plain text."""
    said = [_understood_one(one, number_of_files) for one in change.understood]
    return "Understood: " + joined(part for part in said if part)


def _understood_one(one: Understood, number_of_files: int) -> str:
    match one.kind:
        case Kind.AGAIN:
            return "once more"
        case Kind.WORDS_ADDED:
            return f"added “{shorten(one.value, 200)}”"
        case Kind.PROMPT_REPLACED:
            return "a new prompt"
        case Kind.MODEL:
            return f"model {MODELS[Model(one.value)].name}"
        case Kind.SIZE:
            return f"size {one.value}"
        case Kind.SIZE_FELL_BACK:
            return f"size {one.value}, as this model lacks the one before"
        case Kind.QUANTITY:
            return picture_count(int(one.value))
        case Kind.ENHANCE_ON:
            return "prompt improved by AI"
        case Kind.ENHANCE_OFF:
            return "prompt as it is"
        case Kind.REFERENCES:
            return f"the style of {'this picture' if number_of_files == 1 else 'these pictures'}"


def reply_not_understood() -> str:
    """A reply that says nothing to make pictures of."""
    return "I make another version from a reply that says what to change, such as:"


def nothing_in_thread() -> str:
    """The bot was mentioned where it has made nothing."""
    return (
        "I have made nothing in this thread that I could change. "
        "Send /imagine and what the picture should show, in the channel; or open the menu of a "
        "message and choose “Make an image of this”."
    )


def outside_threads() -> str:
    """A message to the bot that hangs under no picture."""
    return (
        "Send /imagine and what the picture should show. "
        "To change a picture, reply in its thread and say what should be different."
    )


def prompt_grew_too_long(length: int) -> str:
    """Added words would make the prompt longer than PowerPost takes."""
    return (
        f"With these words the prompt would have {length:,} characters; PowerPost takes at most "
        f"{PROMPT_MAX_CHARACTERS:,}. Press Edit to shorten it. {NOTHING_SPENT}"
    )


def runs_already() -> str:
    """The same button was pressed a moment ago."""
    return "That is being made already. Press again in a moment for yet another one."


def not_there_any_more() -> str:
    """A button of a generation that is not in the store."""
    return "I do not know these pictures any more, so I cannot do that. Nothing was spent."


def nothing_to_share() -> str:
    """None of the pictures is a file in Slack."""
    return "None of these pictures is in Slack: they were linked only. Nothing was shared."


def may_not_delete(owner: str) -> str:
    """Somebody else's pictures. mrkdwn."""
    return f"Only <@{owner}> and workspace admins can delete these pictures."


def deleted_mrkdwn(generation: Generation) -> str:
    """The status line after the pictures were taken away."""
    by = f" by <@{generation.deleted_by}>" if generation.deleted_by else ""
    return f":wastebasket: *Deleted*{by}"


def not_deleted() -> str:
    """Slack did not let us."""
    return "Slack did not let me delete everything. Please try again in a minute."


def shared_mrkdwn(generation: Generation, sharer: str) -> str:
    """Who made it, and who shares it."""
    maker = generation.place.user_id
    if maker == sharer:
        return f"<@{sharer}> shares a picture"
    return f"<@{sharer}> shares a picture that <@{maker}> made"


def not_shared(cause: Cause) -> str:
    """Slack did not take the message."""
    match cause:
        case Cause.NOT_IN_CHANNEL:
            return (
                "I could not post there. Invite me with /invite @Imagine, or choose another "
                "channel."
            )
        case Cause.CHANNEL_GONE:
            return "Nobody can post in that channel any more. Choose another one."
        case _:
            return "Slack did not let me share the picture. Please try again in a minute."


def picture_gone() -> str:
    """Slack refuses the picture itself."""
    return "That picture is not in Slack any more, so it cannot be shared."


def click_failed() -> str:
    """Slack did not do what a click asked for."""
    return f"Slack did not let me do that just now. Please try again. {NOTHING_SPENT}"


_SUFFIXES: Final = {1: "st", 2: "nd", 3: "rd"}


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{_SUFFIXES.get(number % 10, 'th')}"


def lineage_mrkdwn(version: int, parent_link: str | None) -> str:
    """Which version this is, and from which it was made."""
    before = f"the {ordinal(version - 1)}"
    source = f"<{parent_link}|{before}>" if parent_link else before
    return f"{ordinal(version)} version, from {source}"


# History -------------------------------------------------------------------------------------

_STATE_WORDS: Final = {
    State.ACCEPTED: "waiting",
    State.SUBMITTING: "waiting",
    State.PROCESSING: "generating",
    State.FINISHED: "being brought here",
    State.DELIVERED: "done",
    State.FAILED: "failed, refunded",
    State.REFUSED: "not started, nothing spent",
    State.UNKNOWN: "outcome unknown",
}


def history_mrkdwn(generation: Generation, link: str | None) -> str:
    """One line of the history: prompt, what it was, what became of it."""
    prompt = escape(shorten(prompt_of(generation), 120))
    if len(prompt) > 160:  # twenty of them have to fit into one message, escapes and all
        prompt = escape(shorten(prompt_of(generation), 30))
    title = f"<{link}|{prompt}>" if link else f"*{prompt}*"
    state = "deleted" if generation.deleted_at else _STATE_WORDS[generation.state]
    count = picture_count(generation.request.quantity)
    parts = [date_mrkdwn(generation.accepted_at), state, count]
    parts.append(MODELS[generation.request.model].name)
    if generation.credits_used is not None:
        parts.append(credit_count(generation.credits_used))
    return f"{title}\n{' · '.join(parts)}"


def history_unavailable() -> str:
    """The database is away."""
    return "I cannot read your history right now. Please try again in a minute."


def no_history() -> str:
    """Nothing was made yet, or nothing is older."""
    return "There is nothing here yet. Send /imagine and what the picture should show."

"""The words of drafts. A draft is never published from here, and the words say so."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.credits.amounts import amount
from bot.credits.estimates import Estimate
from bot.errors import Cause, Rejected
from bot.policy.terms import NotAllowed, OverBudget
from bot.posts.checks import Fault, Mistake
from bot.posts.kinds import KINDS
from bot.posts.ports import Look
from bot.posts.record import PlanState, Post, PostState, Source
from bot.slack.kit import price_texts
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.generation_texts import mention
from bot.slack.kit.text import (
    NOTHING_SPENT,
    credit_count,
    escape,
    joined,
    moment_mrkdwn,
    picture_count,
    shorten,
)

BUTTON: Final = "Use in post"
NOT_KEPT: Final = "This is too old: its data isn't stored any more. Use a new version of it."
NO_PICTURES: Final = "PowerPost has no picture here that a post could hold."
NOT_SAVED: Final = "I couldn't save this. Nothing was made or spent: send it again."
MOST_LOOKS: Final = 10
LOOKS_MINUTES: Final = 1
TOO_MANY_LOOKS: Final = "You have checked this often in a short time. Try again in a minute."
NOT_SET_UP: Final = "Drafts in PowerPost are switched off for this app. Nothing was made or spent."
UNDER_WAY: Final = "PowerPost has answered after all: what became of it will be in the thread."
ALREADY: Final = "This was made again already: look further down in the thread."
GONE: Final = "This draft isn't known here any more."
WRITING_NOTICE: Final = (
    "PowerPost writes the text, then the draft is made. It will be in the thread in a moment; you "
    "can close this."
)
VIDEO_HINT: Final = (
    "A video's draft holds the text only, because pictures can't be videos: add the video in "
    "PowerPost."
)
_WORDS_MAX: Final = 150
_TYPES: Final = {
    "draft": "draft",
    "publishing": "being published",
    "published": "published",
    "failed": "failed",
    "posting": "being posted",
    "posted": "posted",
}


# The form --------------------------------------------------------------------------------------


def draft_where(workspace: str | None) -> str:
    """The form's last line. Plain text."""
    where = f", workspace “{workspace}”" if workspace else ""
    return f"This makes a draft in PowerPost{where}. Nothing is published."


def written_label(estimate: Estimate | None) -> str:
    """`Written by PowerPost: about 7 credits`. At most 75 characters."""
    if estimate is None:
        return "Written by PowerPost (costs credits)"
    return f"Written by PowerPost: {price_texts.about(estimate)}"


def written_hint(estimate: Estimate | None, pictures: int) -> str:
    """What the price rests on."""
    if estimate is None:
        return "I can't look up the price right now."
    of = "a picture" if pictures == 1 else picture_count(pictures)
    return (
        f"A text for {of} costs {price_texts.about(estimate)}; typed text and captions that are "
        "there cost nothing. The draft itself is free."
    )


def mistake(found: Mistake) -> str:
    """What is wrong, and what to do about it. Plain text."""
    name = found.kind.name if found.kind else ""
    match found.fault:
        case Fault.NO_PICTURE:
            return "Pick at least one picture."
        case Fault.PICTURE_TWICE:
            return "This picture is picked twice. Pick another one, or none."
        case Fault.NO_TYPE:
            return "Pick at least one post type."
        case Fault.TOO_MANY_PICTURES:
            return (
                f"{name} takes {picture_count(found.most)}, and {found.count} are picked. Pick "
                "fewer, or take this post type out."
            )
        case Fault.NO_TEXT:
            return "Type a text, or choose where else it comes from."
        case Fault.NO_TOPIC:
            return "Say in a few words what the post is about: PowerPost writes from that."
        case Fault.TOPIC_TOO_LONG:
            return f"PowerPost takes {found.most} characters here; these are {found.count}."
        case Fault.TEXT_TOO_LONG:
            return (
                f"{name} takes {found.most} characters; the text has {found.count}. Shorten it, or "
                "take this post type out."
            )
        case Fault.NO_CAPTIONS:
            return "Choose captions, or choose where else the text comes from."
        case Fault.CAPTIONS_LACK:
            return f"These captions have no text for {name}. Choose others, or take it out."
        case Fault.NO_TITLE:
            return f"{name} needs a title."
        case Fault.TITLE_TOO_LONG:
            return f"A title takes {found.most} characters; this one has {found.count}."
        case Fault.PAST:
            return "This day is over. Pick one that is to come."
        case Fault.TIME_ALONE:
            return "Pick a day, too."


def refusal(error: Rejected) -> str:
    """Why a text may not be paid for. Plain text."""
    if isinstance(error, OverBudget):
        return f"{refusals.refused(error)} Type the text yourself, or use captions: that is free."
    if isinstance(error, NotAllowed):
        return refusals.refused(error)
    return f"{failure(error.cause, error.detail)} {NOTHING_SPENT}"


# What became of it -----------------------------------------------------------------------------


def outcome(post: Post) -> str:
    """The first sentence. mrkdwn."""
    who = mention(post.user_id)
    match post.state:
        case PostState.DRAFTED:
            return f"{who} made a draft in PowerPost: *{types_of(post)}*."
        case PostState.UNKNOWN:
            return (
                f"{who} Nobody knows whether the draft was made (*{types_of(post)}*): "
                f"{_why_unknown(post.cause)} I won't send it again by myself. Look among the "
                "drafts in PowerPost; if it isn't there, press *Make it again*."
            )
        case PostState.TEXT_UNKNOWN if post.cause is Cause.STORAGE:
            return (
                f"{who} Nobody knows whether PowerPost wrote the text, took credits and made the "
                f"draft (*{types_of(post)}*): {_why_unknown(post.cause)} I won't ask again by "
                "myself. Look among the drafts and captions in PowerPost; if the text is there, "
                f"press *{BUTTON}* again and choose it."
            )
        case PostState.TEXT_UNKNOWN:
            return (
                f"{who} No draft was made. PowerPost was asked to write its text, and nobody knows "
                f"whether it did and took credits: {_why_unknown(post.cause)} I won't ask again by "
                f"myself.{_balances(post)} Look among the captions in PowerPost; if the text is "
                f"there, press *{BUTTON}* again and choose it."
            )
        case _:
            return f"{who} No draft was made (*{types_of(post)}*). {_refused(post)}"


def _refused(post: Post) -> str:
    if post.is_text_failed:
        credits_ = "" if post.credits_used is None else f" of {credit_count(post.credits_used)}"
        return f"PowerPost couldn't write the text. Its price{credits_} comes back."
    said = failure(post.cause, post.detail)
    if post.awaited_caption_id is not None:
        return (
            "PowerPost is still writing the text. It is paid for: *Make it again* looks for it "
            "once more, and costs nothing."
        )
    if post.submitted_at is None:
        return f"{said} {NOTHING_SPENT}"
    return f"{said} The text is paid for and kept: *Make it again* costs nothing."


def failure(cause: Cause | None, detail: str | None) -> str:
    """Why PowerPost made nothing. mrkdwn."""
    match cause:
        case Cause.INSUFFICIENT_SCOPE:
            return (
                "The key of this app may not do that in PowerPost"
                f"{_scope(detail)}. Please tell the person who runs this app."
            )
        case Cause.INVALID_KEY | Cause.FORBIDDEN:
            return "PowerPost refuses this app's key. Please tell the person who runs this app."
        case Cause.INSUFFICIENT_CREDITS:
            return "The account has too few credits."
        case Cause.NOT_FOUND:
            return "PowerPost doesn't have one of the pictures or captions any more."
        case Cause.OVER_BUDGET:
            return "A budget has not enough left for the text."
        case Cause.WORKSPACE_UNKNOWN:
            return (
                "These pictures are in a workspace of PowerPost's that isn't set up here any more. "
                "Please tell the person who runs this app."
            )
        case Cause.GROUPS_UNKNOWN:
            return (
                "A rule of this workspace names user groups, and Slack doesn't say whether you are "
                "in one. Try again in a minute, or type the text yourself."
            )
        case Cause.NOT_ALLOWED:
            return "The rules of this workspace don't allow it any more."
        case Cause.INVALID_REQUEST if detail:
            return f"PowerPost said: “{escape(shorten(detail, 300))}”"
        case Cause.UNREACHABLE | Cause.RATE_LIMITED | Cause.SERVER_ERROR | Cause.NO_ANSWER:
            return "PowerPost couldn't be reached for ten minutes."
        case _:
            return "PowerPost refused it."


def _scope(detail: str | None) -> str:
    for word in (detail or "").replace("(", " ").replace(")", " ").split():
        resource, _, act = word.strip(".,").partition(":")
        if resource in ("posts", "content", "calendar") and act.isalpha():
            return f": it lacks the scope `{resource}:{act}`"
    return ""


def _why_unknown(cause: Cause | None) -> str:
    if cause is Cause.INTERRUPTED:
        return "I was stopped while PowerPost answered."
    if cause is Cause.SERVER_ERROR:
        return "PowerPost answered with a fault of its own."
    if cause is Cause.STORAGE:
        return "this bot's data was restored from a backup."
    return "PowerPost's answer didn't arrive."


def _balances(post: Post) -> str:
    before, after = post.balance_before, post.balance_at_end
    if before is None or after is None:
        return ""
    return f" The balance was {amount(before)} before, and is {amount(after)} now."


def details(post: Post) -> list[str]:
    """Small print: where the draft is, what it cost, what was planned. mrkdwn."""
    said = []
    if post.state is PostState.DRAFTED:
        said.append(f"Draft `{post.post_id}` {_content(post)}.")
        if post.upstream_state in (None, "draft"):
            said[-1] += " Not published: do that in PowerPost."
    if post.credits_used is not None and not post.is_text_failed:
        cost = credit_count(post.credits_used)
        who = mention(post.user_id)
        said.append(f":coin: PowerPost wrote the text for {who}: {cost}")
    if plan := _plan(post):
        said.append(plan)
    return said


def _content(post: Post) -> str:
    kinds = post.request.kinds
    if kinds and all(kind.is_video for kind in kinds):
        return "with the text only: add the video in PowerPost"
    return f"with {picture_count(len(post.request.media_ids))}"


def _plan(post: Post) -> str:
    plan = post.request.plan
    if plan is None:
        return ""
    at = f"{plan.day:%a} {plan.day.day} {plan.day:%b %Y}"
    if plan.at is not None:
        at = f"{at}, {plan.at:%H:%M} ({plan.zone})"
    if post.state is PostState.UNKNOWN:
        return f"Not planned for {at}: there may be no draft."
    if post.state is not PostState.DRAFTED:
        return f"Not planned for {at}, because there is no draft."
    match post.plan_state:
        case PlanState.PLANNED:
            return f":calendar: In PowerPost's calendar: {at}"
        case PlanState.UNKNOWN | PlanState.PLANNING:
            return (
                f":warning: Nobody knows whether {at} is in PowerPost's calendar: look there "
                "before you add it."
            )
        case _ if post.plan_cause is Cause.INSUFFICIENT_SCOPE:
            return (
                f":warning: {at} is not in PowerPost's calendar: this app's key lacks the scope "
                "`calendar:write`. The draft is there."
            )
        case _:
            return f":warning: {at} is not in PowerPost's calendar: it wasn't taken there."


def words_of(post: Post) -> str:
    """The first words of the text; empty if there is none. Plain text."""
    if post.blanked_at is not None:
        return "(the text is no longer stored)"
    return shorten(post.request.words, _WORDS_MAX)


def types_of(post: Post) -> str:
    """`Instagram feed and X post`."""
    names = [KINDS[each].name if each in KINDS else each for each in post.request.post_types]
    return escape(joined(names)) if names else "post"


def looked(look: Look, at: datetime) -> str:
    """How it stands at PowerPost. mrkdwn."""
    said = f"Checked {moment_mrkdwn(at)}: *{_state(look.state)}*"
    others = {kind: state for kind, state in look.items.items() if state != look.state}
    if look.state == "draft" or not others:
        return said
    parts = [
        f"{KINDS[kind].name if kind in KINDS else escape(kind)} {_state(state)}"
        for kind, state in others.items()
    ]
    return f"{said} ({', '.join(parts)})"


def _state(state: str) -> str:
    return _TYPES.get(state, escape(state) or "unknown")


def look_failed(cause: Cause) -> str:
    """Why its state could not be had. Plain text."""
    match cause:
        case Cause.INSUFFICIENT_SCOPE:
            return (
                "I can't look: this app's key lacks the scope posts:read. Please tell the person "
                "who runs this app, or look in PowerPost."
            )
        case Cause.NOT_FOUND:
            return "PowerPost doesn't have this draft any more: it was probably deleted there."
        case _:
            return "PowerPost doesn't answer right now. Try again in a minute."


def again_confirm(post: Post, estimate: Estimate | None) -> str:
    """The question before it is made again. Plain text, at most 300 characters."""
    if post.is_order_wanted:
        price = price_texts.about(estimate) if estimate else "credits"
        maybe = " again" if post.state is PostState.TEXT_UNKNOWN else ""
        return f"PowerPost writes the text, which costs {price}{maybe}, then the draft is made."
    if post.state is PostState.UNKNOWN:
        return (
            "Look in PowerPost first: if the first draft is there after all, there will be two. "
            "This costs nothing."
        )
    return "The same draft is made. This costs nothing."


SOURCES: Final = {
    Source.TYPED: "Typed below",
    Source.CAPTIONS: "From captions that PowerPost wrote earlier",
}

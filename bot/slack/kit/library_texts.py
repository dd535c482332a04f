"""The words of the library."""

from __future__ import annotations

from typing import Final

from bot.generations.record import Generation
from bot.images.catalogue import MODELS, Model
from bot.slack.kit.generation_texts import base_of, label_of, mention
from bot.slack.kit.library import LibraryPage, Wanted
from bot.slack.kit.text import escape, moment_mrkdwn, picture_count, shorten

TITLE: Final = "Library"
UNAVAILABLE: Final = "I can't look into the library right now. Please try again in a minute."
NOT_WHOLE: Final = (
    "Slack doesn't tell me all channels that you are in: this is what you made, and what stands in "
    "those that I know of and where you ask. If it stays so, an admin can give me the scope "
    "channels:read."
)
RATINGS: Final = {"good": "rated good", "bad": "rated bad", "chosen": "chosen in a vote"}
EMPTY: Final = "No pictures yet that you can see. Send /imagine and what the picture should show."
NO_MORE: Final = "There is nothing older."
_LABEL_MAX: Final = 120


def entry_mrkdwn(generation: Generation, link: str | None) -> str:
    """One picture's lines: prompt with a link to its thread, who, when and where, what it is."""
    label = escape(shorten(label_of(generation) or "A picture", _LABEL_MAX))
    base = base_of(generation)
    version = f", a version of “{escape(shorten(base, 60))}”" if base else ""
    request = generation.request
    where = generation.result_channel_id or generation.place.channel_id
    parts = [
        mention(generation.place.user_id),
        moment_mrkdwn(generation.accepted_at),
        f"<#{where}>" if where.startswith(("C", "G")) else "direct message",
        picture_count(len(generation.pictures)),
        MODELS[request.model].name,
        f"{request.size} {request.dimensions.ratio}",
    ]
    if generation.campaign:
        parts.append(f"Campaign: {escape(generation.campaign)}")
    parts += [RATINGS[each] for each in (generation.marks or "").split() if each in RATINGS]
    title = f"<{link}|{label}>" if link else f"*{label}*"
    return f"{title}{version}\n{' · '.join(parts)}"


def wanted_mrkdwn(wanted: Wanted) -> str:
    """What is looked for, in a line; empty for everything."""
    said = [f"“{escape(shorten(wanted.words, 100))}”"] if wanted.words else []
    if wanted.user:
        said.append(f"by {mention(wanted.user)}")
    if wanted.channel:
        said.append(f"in <#{wanted.channel}>")
    if wanted.campaign:
        said.append(f"campaign {escape(wanted.campaign)}")
    if wanted.model in set(Model):
        said.append(MODELS[Model(wanted.model)].name)
    if wanted.size:
        said.append(escape(wanted.size))
    if wanted.since:
        said.append(f"since {wanted.since}")
    if wanted.until:
        said.append(f"until {wanted.until}")
    if wanted.rating in RATINGS:
        said.append(RATINGS[wanted.rating])
    return " · ".join(said)


def head_mrkdwn(page: LibraryPage) -> str:
    """What the page shows: what was looked for, and whether it is the newest of it."""
    what = wanted_mrkdwn(page.wanted) or "Everything that you can see"
    return f"*{TITLE}* · {what}{' · older' if page.wanted.after else ', newest first'}"


def nothing(page: LibraryPage) -> str:
    """Why a page is empty, and what to do. mrkdwn."""
    wanted = page.wanted
    if wanted.after:
        return NO_MORE
    if wanted == Wanted():
        return EMPTY
    hint = "fewer filters"
    if wanted.words:
        has_filters = wanted != Wanted(words=wanted.words)
        alone = "fewer words, or only the beginning of the last one"
        hint = "fewer words or filters" if has_filters else alone
    said = f"No pictures for {wanted_mrkdwn(wanted)}. Try {hint}."
    if wanted.words:
        words = escape(shorten(wanted.words.replace('"', " "), 100))
        said += f' If it was meant as a picture, put it in quotes: `/imagine "find {words}"`'
    return said

"""What a form of "Use in post" holds when it is sent. Pure; untrusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.generations.record import Generation
from bot.posts.checks import Fault, Filled, Mistake
from bot.posts.kinds import KINDS
from bot.posts.record import Plan, Source
from bot.slack.kit.ids import Field, PostField
from bot.slack.kit.modals import ViewState, as_text
from bot.slack.kit.payloads import ViewSent
from bot.slack.posts.views import NO_PICTURE, pick_field, usable_pictures

_BLOCK_OF = {
    Fault.NO_TYPE: PostField.TYPES,
    Fault.TOO_MANY_PICTURES: PostField.TYPES,
    Fault.NO_TEXT: PostField.TEXT,
    Fault.NO_TOPIC: PostField.TEXT,
    Fault.TOPIC_TOO_LONG: PostField.TEXT,
    Fault.NO_CAPTIONS: PostField.CAPTIONS,
    Fault.CAPTIONS_LACK: PostField.CAPTIONS,
    Fault.NO_TITLE: PostField.TITLE,
    Fault.TITLE_TOO_LONG: PostField.TITLE,
    Fault.PAST: PostField.DAY,
    Fault.TIME_ALONE: PostField.DAY,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields, with the plan as far as it can be read."""

    filled: Filled
    day: date | None
    at: time | None


def read_form(sent: ViewSent, generation: Generation) -> Sent:
    """As it was filled in. Without a text, PowerPost writes about the picture's prompt."""
    state = ViewState.of(sent.view.state)
    source = _read_source(state)
    text = state.typed(PostField.TEXT)
    if source is Source.WRITTEN and not text.strip():
        text = (generation.request.prompt or "")[:2000]
    caption = state.option(Field.CAPTION)
    filled = Filled(
        pictures=_read_pictures(state, generation),
        kinds=tuple(KINDS[key] for key in _read_types(state) if key in KINDS),
        source=source,
        text=text,
        caption_id=caption if source is Source.CAPTIONS and caption != NO_PICTURE else None,
        title=state.typed(PostField.TITLE).strip(),
    )
    return Sent(filled, _read_day(state), _read_time(state))


def _read_source(state: ViewState) -> Source:
    chosen = state.option(PostField.SOURCE)
    return Source(chosen) if chosen in set(Source) else Source.TYPED


def _read_types(state: ViewState) -> list[str]:
    """Slack's list holds more than a list of ticks may."""
    ticked = state.element(PostField.TYPES).get("selected_options")
    listed = ticked if isinstance(ticked, list) else []
    values = [as_text(each.get("value")) for each in listed[: len(KINDS)] if isinstance(each, dict)]
    return list(dict.fromkeys(values))


def _read_pictures(state: ViewState, generation: Generation) -> tuple[int, ...]:
    offered = [each.position for each in usable_pictures(generation)]
    if len(offered) == 1:
        return tuple(offered)
    chosen = [state.option(pick_field(number)) for number in range(1, len(offered) + 1)]
    known = {str(position): position for position in offered}
    return tuple(known[each] for each in chosen if each in known)


def _read_day(state: ViewState) -> date | None:
    try:
        return date.fromisoformat(as_text(state.element(PostField.DAY).get("selected_date")))
    except ValueError:
        return None


def _read_time(state: ViewState) -> time | None:
    try:
        return time.fromisoformat(as_text(state.element(PostField.TIME).get("selected_time")))
    except ValueError:
        return None


def read_plan(sent: Sent, zone: ZoneInfo, now: datetime) -> Plan | Mistake | None:
    """The calendar entry that is wanted, by the clocks of `zone`."""
    if sent.day is None:
        return None if sent.at is None else Mistake(Fault.TIME_ALONE)
    here = now.astimezone(zone)
    is_over = sent.day < here.date() or (
        sent.at is not None and (sent.day, sent.at) < (here.date(), here.time())
    )
    if is_over:
        return Mistake(Fault.PAST)
    return Plan(day=sent.day, at=sent.at, zone=zone.key)


def find_block(mistake: Mistake, filled: Filled) -> str:
    """The block that its sentence stands at."""
    match mistake.fault:
        case Fault.NO_PICTURE:
            return pick_field(1)
        case Fault.PICTURE_TWICE:
            places = range(1, len(filled.pictures))
            again = (n for n in places if filled.pictures[n] in filled.pictures[:n])
            return pick_field(next(again, 1) + 1)
        case Fault.TEXT_TOO_LONG if filled.source is Source.CAPTIONS:
            return PostField.CAPTIONS
        case Fault.TEXT_TOO_LONG:
            return PostField.TEXT
        case _:
            return _BLOCK_OF[mistake.fault]

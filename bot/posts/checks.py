"""What is wrong with a draft before it is asked for: nothing is sent, and nothing is lost. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.posts.kinds import TITLE_MAX, PostKind, count_characters
from bot.posts.record import Source

TOPIC_MIN = 3
TOPIC_MAX = 2000


class Fault(StrEnum):
    """A kind of mistake."""

    NO_PICTURE = "no_picture"
    PICTURE_TWICE = "picture_twice"
    NO_TYPE = "no_type"
    TOO_MANY_PICTURES = "too_many_pictures"
    NO_TEXT = "no_text"
    NO_TOPIC = "no_topic"
    TOPIC_TOO_LONG = "topic_too_long"
    TEXT_TOO_LONG = "text_too_long"
    NO_CAPTIONS = "no_captions"
    CAPTIONS_LACK = "captions_lack"
    NO_TITLE = "no_title"
    TITLE_TOO_LONG = "title_too_long"
    PAST = "past"
    TIME_ALONE = "time_alone"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One of them: of which post type, how much there is and how much may be."""

    fault: Fault
    kind: PostKind | None = None
    count: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form holds. `pictures` are positions in their order. `texts` are those of chosen
    captions, by platform; None: they were not to be had."""

    pictures: tuple[int, ...]
    kinds: tuple[PostKind, ...]
    source: Source
    text: str = ""
    caption_id: str | None = None
    texts: dict[str, str] | None = None
    title: str = ""


def find_mistakes(filled: Filled) -> list[Mistake]:
    """Everything that can be told without asking PowerPost."""
    return [*_about_pictures(filled), *_about_text(filled), *_about_title(filled)]


def _about_pictures(filled: Filled) -> list[Mistake]:
    count = len(filled.pictures)
    if not filled.kinds:
        return [Mistake(Fault.NO_TYPE)]
    if not count:
        return [Mistake(Fault.NO_PICTURE)]
    if len(set(filled.pictures)) < count:
        return [Mistake(Fault.PICTURE_TWICE)]
    return [
        Mistake(Fault.TOO_MANY_PICTURES, kind, count, kind.pictures_max)
        for kind in filled.kinds
        if not kind.is_video and count > kind.pictures_max
    ]


def _about_text(filled: Filled) -> list[Mistake]:
    match filled.source:
        case Source.WRITTEN:
            return _about_topic(filled.text)
        case Source.CAPTIONS:
            return _about_captions(filled)
        case Source.TYPED:
            if not filled.text.strip():
                return [Mistake(Fault.NO_TEXT)]
            return [m for kind in filled.kinds if (m := _too_long(kind, filled.text))]


def _about_topic(topic: str) -> list[Mistake]:
    if len(topic.strip()) < TOPIC_MIN:
        return [Mistake(Fault.NO_TOPIC)]
    if len(topic) > TOPIC_MAX:
        return [Mistake(Fault.TOPIC_TOO_LONG, count=len(topic), most=TOPIC_MAX)]
    return []


def _about_captions(filled: Filled) -> list[Mistake]:
    if not filled.caption_id or filled.texts is None:
        return [Mistake(Fault.NO_CAPTIONS)]
    found = []
    for kind in filled.kinds:
        text = filled.texts.get(kind.platform.key)
        if not text:
            found.append(Mistake(Fault.CAPTIONS_LACK, kind))
        elif (mistake := _too_long(kind, text)) is not None:
            found.append(mistake)
    return found


def _too_long(kind: PostKind, text: str) -> Mistake | None:
    count = count_characters(text, kind.platform)
    if count <= kind.text_max:
        return None
    return Mistake(Fault.TEXT_TOO_LONG, kind, count, kind.text_max)


def _about_title(filled: Filled) -> list[Mistake]:
    first = next((kind for kind in filled.kinds if kind.needs_title), None)
    if first is None:
        return []
    if len(filled.title) > TITLE_MAX:
        return [Mistake(Fault.TITLE_TOO_LONG, first, len(filled.title), TITLE_MAX)]
    # Captions for YouTube come with a title.
    if not filled.title.strip() and filled.source is Source.TYPED:
        return [Mistake(Fault.NO_TITLE, first)]
    return []

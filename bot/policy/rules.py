"""What may be asked for, by whom and where, and what of it a request breaks. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.images.catalogue import QUANTITY_MAX, Model
from bot.images.request import ImageRequest
from bot.images.typed import fold


class Rules(BaseModel):
    """The rules of a workspace, or where a channel's differ. None: not ruled here, which in a
    channel means as in the workspace, and in the workspace that everything goes."""

    # A later version may keep more here; this one still works with what it knows.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    models: tuple[Model, ...] | None = None
    quantity_max: Annotated[int, Field(ge=1, le=QUANTITY_MAX)] | None = None
    channels: tuple[str, ...] | None = None  # workspace only: the channels that may have pictures
    people: tuple[str, ...] | None = None  # with `groups`: who may ask; both None: everyone
    groups: tuple[str, ...] | None = None  # Slack's user groups (S…)
    words: tuple[str, ...] | None = None  # that a prompt may not have

    def with_exceptions(self, channel: Rules | None) -> Rules:
        """These rules as they are in a channel that has rules of its own. A channel with rules of
        its own is allowed; who may ask is ruled as a whole."""
        if channel is None:
            return self
        ruled = channel.model_dump(exclude_none=True)
        if "people" in ruled or "groups" in ruled:
            ruled = {"people": None, "groups": None, **ruled}
        return self.model_copy(update={**ruled, "channels": None})


class RuleName(StrEnum):
    """The rules that a request can break."""

    MODEL = "model"
    QUANTITY = "quantity"
    CHANNEL = "channel"
    PERSON = "person"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """A rule that a request breaks, and who asks for what it forbids: nobody but the person, where
    neither `preset` nor `is_default` is set."""

    rule: RuleName
    rules: Rules
    found: str | None = None  # the forbidden word, as the rule has it
    model: Model | None = None  # the one that was asked for
    is_channels: bool = False  # it is an exception of the channel, and not the workspace's rule
    preset: str | None = None  # the name of one that is locked to what is forbidden
    is_default: bool = False  # the person's own default, or their default preset


def find_rule_violations(
    rules: Rules,
    request: ImageRequest,
    *,
    channel_id: str,
    user_id: str,
    groups: Collection[str] | None,
    caption: str = "",
) -> list[RuleViolation]:
    """Everything in `request` that `rules` (of its channel, exceptions included) forbid; `caption`
    is what is known of the words that it is derived from beside its prompt.

    `groups` are those of the rule's user groups that the person is in; None where that is not
    known now: then nobody is refused here, and the workflow asks again before anything is paid.
    A direct message with the bot is no channel: the rule about channels does not hold there.
    """
    found = []
    if not _may_ask(rules, user_id, groups):
        found.append(RuleViolation(RuleName.PERSON, rules))
    is_channel = channel_id.startswith(("C", "G"))
    if rules.channels is not None and is_channel and channel_id not in rules.channels:
        found.append(RuleViolation(RuleName.CHANNEL, rules))
    if rules.models is not None and request.model not in rules.models:
        found.append(RuleViolation(RuleName.MODEL, rules, model=request.model))
    if rules.quantity_max is not None and request.quantity > rules.quantity_max:
        found.append(RuleViolation(RuleName.QUANTITY, rules))
    words = rules.words or ()
    if words and (word := find_word(f"{request.prompt or ''}\n{caption}", words)):
        found.append(RuleViolation(RuleName.WORD, rules, word))
    return found


def must_ask_groups(rules: Rules, user_id: str) -> bool:
    """Whether only Slack's user groups can tell if the person may ask."""
    return bool(rules.groups) and user_id not in (rules.people or ())


def find_word(prompt: str, words: Collection[str]) -> str | None:
    """The first of `words` that stands in `prompt` as a whole word or phrase, however both are
    written: case, accents, trade marks, formatting, other widths of letters, and what is not seen
    make no difference (images/typed.py). In scripts without spaces it may stand anywhere."""
    folded = fold(prompt)
    return next((word for word in words if _has_word(folded, fold(word))), None)


def _has_word(text: str, word: str) -> bool:
    """No regular expressions: there may be a thousand words, and this is asked at each request."""
    at = text.find(word) if word else -1
    while at >= 0:
        end = at + len(word)
        begins = not _joins(text[at - 1 : at] if at else "", word[0])
        if begins and not _joins(text[end : end + 1], word[-1]):
            return True
        at = text.find(word, at + 1)
    return False


def _joins(beside: str, edge: str) -> bool:
    """Whether two characters that touch are of one word."""
    return _is_of_word(beside) and not (_has_no_spaces(edge) and _has_no_spaces(beside))


def _is_of_word(character: str) -> bool:
    return character.isalnum() or (character != "" and unicodedata.category(character)[0] == "M")


def _has_no_spaces(character: str) -> bool:
    """Whether it is of a script that writes words without spaces between them: Thai, Lao, Burmese,
    Khmer, Chinese and Japanese."""
    return any(first <= character <= last for first, last in _WITHOUT_SPACES)


_WITHOUT_SPACES: Final = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u3005", "\u30ff"),
    ("\u3400", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)


def _may_ask(rules: Rules, user_id: str, groups: Collection[str] | None) -> bool:
    if rules.people is None and rules.groups is None:
        return True
    if user_id in (rules.people or ()):
        return True
    if not rules.groups:
        return False
    return groups is None or not set(groups).isdisjoint(rules.groups)

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


class RuleName(StrEnum):
    """The rules that a request can break."""

    MODEL = "model"
    QUANTITY = "quantity"
    CHANNEL = "channel"
    PERSON = "person"
    WORD = "word"
    PRESET = "preset"


# The fields of each, ruled as a whole. Which channels are allowed is the workspace's alone.
FIELDS_OF: Final[dict[RuleName, tuple[str, ...]]] = {
    RuleName.MODEL: ("models",),
    RuleName.QUANTITY: ("quantity_max",),
    RuleName.CHANNEL: (),
    RuleName.PERSON: ("people", "groups"),
    RuleName.WORD: ("words", "beginnings"),
    RuleName.PRESET: ("preset",),
}
# What a channel's rules may lift.
LIFTABLE: Final = (RuleName.MODEL, RuleName.QUANTITY, RuleName.PERSON, RuleName.WORD)


class Rules(BaseModel):
    """The rules of a workspace, or where a channel's differ. None: not ruled here, which in a
    channel means as in the workspace, and in the workspace that everything goes. `lifted` are the
    rules of the workspace that do not hold in the channel: only what is named there is lifted,
    and what the channel rules itself holds all the same."""

    # A later version may keep more here; this one still works with what it knows.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    models: tuple[Model, ...] | None = None
    quantity_max: Annotated[int, Field(ge=1, le=QUANTITY_MAX)] | None = None
    channels: tuple[str, ...] | None = None  # workspace only: the channels that may have pictures
    people: tuple[str, ...] | None = None  # with `groups`: who may ask; both None: everyone
    groups: tuple[str, ...] | None = None  # Slack's user groups (S…)
    words: tuple[str, ...] | None = None  # that a prompt may not have
    beginnings: tuple[str, ...] | None = None  # of words that a prompt may not have
    preset: str | None = None  # the name of the one that every picture is made with
    lifted: tuple[RuleName, ...] | None = None  # channel only
    # Channel only, and no rule: the id of PowerPost's workspace that everything is made in. It is
    # here because a version that does not know it must not make anything in another one.
    powerpost_workspace: str | None = None

    @property
    def rules_anything(self) -> bool:
        """Whether any rule is set or lifted."""
        return bool(self.model_dump(exclude_none=True, exclude={"powerpost_workspace"}))

    def with_exceptions(self, channel: Rules | None) -> Rules:
        """These rules as they are in a channel that has rules of its own. A channel with rules of
        its own is allowed; who may ask is ruled as a whole, and so is what a prompt may have."""
        if channel is None or not channel.rules_anything:
            return self
        ruled = channel.model_dump(exclude_none=True, exclude={"lifted", "powerpost_workspace"})
        anew = {rule for rule in FIELDS_OF if not ruled.keys().isdisjoint(FIELDS_OF[rule])}
        anew |= {*(channel.lifted or ())}
        left = dict.fromkeys(name for rule in anew for name in FIELDS_OF[rule])
        return self.model_copy(update={**left, **ruled, "channels": None})


@dataclass(frozen=True, slots=True)
class BlockedWord:
    """A word that a prompt may not have, as the rule has it; `is_beginning`: nor any other one that
    begins so."""

    text: str
    is_beginning: bool = False


@dataclass(frozen=True, slots=True)
class RuleViolation:
    """A rule that a request breaks, and who asks for what it forbids: nobody but the person, where
    neither `preset` nor `is_default` is set."""

    rule: RuleName
    rules: Rules
    found: BlockedWord | None = None  # the forbidden word
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
    preset: str | None = None,
) -> list[RuleViolation]:
    """Everything in `request` that `rules` (of its channel, exceptions included) forbid; `caption`
    is what is known of the words that it is derived from beside its prompt, `preset` the name of
    the one that it is made with.

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
    if word := find_blocked_word(f"{request.prompt or ''}\n{caption}", rules):
        found.append(RuleViolation(RuleName.WORD, rules, word))
    if rules.preset is not None and fold(preset or "") != fold(rules.preset):
        found.append(RuleViolation(RuleName.PRESET, rules))
    return found


def must_ask_groups(rules: Rules, user_id: str) -> bool:
    """Whether only Slack's user groups can tell if the person may ask."""
    return bool(rules.groups) and user_id not in (rules.people or ())


def find_blocked_word(prompt: str, rules: Rules) -> BlockedWord | None:
    """The first word that `rules` forbid and that stands in `prompt`; None where none does."""
    if not (rules.words or rules.beginnings):
        return None
    if (word := find_word(prompt, rules.words or ())) is not None:
        return BlockedWord(word)
    beginning = find_word(prompt, rules.beginnings or (), are_beginnings=True)
    return None if beginning is None else BlockedWord(beginning, is_beginning=True)


def find_word(prompt: str, words: Collection[str], *, are_beginnings: bool = False) -> str | None:
    """The first of `words` that stands in `prompt` as a whole word or phrase, or that one there
    begins with, however both are written: case, accents, trade marks, formatting, other widths of
    letters, and what is not seen make no difference (images/typed.py). In scripts without spaces it
    may stand anywhere."""
    folded = fold(prompt)
    found = (word for word in words if _has_word(folded, fold(word), is_whole=not are_beginnings))
    return next(found, None)


def _has_word(text: str, word: str, *, is_whole: bool) -> bool:
    """No regular expressions: there may be a thousand words, and this is asked at each request."""
    at = text.find(word) if word else -1
    while at >= 0:
        end = at + len(word)
        begins = not _joins(text[at - 1 : at] if at else "", word[0])
        if begins and not (is_whole and _joins(text[end : end + 1], word[-1])):
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

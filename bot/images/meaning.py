"""What a text can come to: what was understood of it, or what has to be asked. Pure.

What is not sure is asked back, with a `guess`: a request that may be sent, and that one button
makes. Nothing else is ever made of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.images.brief import BriefPlan
from bot.images.catalogue import Model, Size
from bot.images.request import ImageRequest, SpecViolation
from bot.images.showing import Show


class Problem(StrEnum):
    """Why words cannot be understood, or not surely."""

    UNKNOWN_FLAG = "unknown_flag"
    UNKNOWN_MODEL = "unknown_model"
    UNKNOWN_SIZE = "unknown_size"
    UNKNOWN_SHOW = "unknown_show"  # not where pictures can be shown
    UNKNOWN_USE = "unknown_use"  # what `--for` names, and nobody knows the shape of
    BAD_QUANTITY = "bad_quantity"
    BAD_STATE = "bad_state"  # neither on nor off
    VALUE_MISSING = "value_missing"
    CAMPAIGN_TOO_LONG = "campaign_too_long"
    NEARLY_CAMPAIGN = "nearly_campaign"  # one letter from a known one, which is suggested
    CAMPAIGN_OR_WORDS = "campaign_or_words"  # where a new name without quotes ends
    CAMPAIGN_ALONE = "campaign_alone"  # a whole reply: to make it once more, for that?
    GIVEN_TWICE = "given_twice"
    VALUE_OR_WORD = "value_or_word"  # `--enhance on a hill`, `--model ideogram 3 foxes`
    LIST_OR_WORD = "list_or_word"  # `--size feed, portrait of a king`
    UNCLOSED = "unclosed"  # `{red|blue kite`: a brace with a bar has no counterpart
    TOO_MANY = "too_many"  # pictures in one brief; typed is their number
    SIZE_DIFFERS = "size_differs"  # the model has no size of that shape; suggested is the nearest
    COMMAND_WORD = "command_word"  # `history perfume`; suggested is the command
    ONLY_OPTIONS = "only_options"  # a whole prompt that names options, or nearly does
    NAMES_SIZE = "names_size"  # a word in the middle of an instruction that names one
    NAMES_MODEL = "names_model"
    NAMES_NUMBER = "names_number"
    NAMES_VERSION = "names_version"
    OTHER_MODEL = "other_model"  # another one, but not which
    NO_VERSION = "no_version"  # it does not exist


class Deed(StrEnum):
    """What people ask for in words, and a button does."""

    SHARE = "share"
    DELETE = "delete"
    CANCEL = "cancel"
    EDIT = "edit"
    SAVE = "save"
    VOTE = "vote"  # on which of them it is


class Kind(StrEnum):
    """What can be understood of a text; each with what `Understood.value` then is."""

    AGAIN = "again"  # empty
    FROM_VERSION = "from_version"  # its number
    WORDS_ADDED = "words_added"  # the words
    PROMPT_REPLACED = "prompt_replaced"  # the new prompt
    MODEL = "model"  # the model's id
    SIZE = "size"  # the size
    SIZE_FELL_BACK = "size_fell_back"  # the size taken, as the new model lacks the one before
    QUANTITY = "quantity"  # "1" to "4"
    ENHANCE_ON = "enhance_on"  # empty
    ENHANCE_OFF = "enhance_off"  # empty
    REFERENCES = "references"  # empty: the attached pictures are added to the references
    PRESET = "preset"  # its name as typed; empty for none at all
    CAMPAIGN = "campaign"  # its name; empty for none at all
    SHOW = "show"  # who sees the pictures, and where
    CUT = "cut"  # the words that did not fit


@dataclass(frozen=True, slots=True)
class Understood:
    """One thing that was understood, for the status line."""

    kind: Kind
    value: str = ""
    typed: str = field(default="", compare=False)  # another word for `value`: `16:9` for landscape


@dataclass(frozen=True, slots=True)
class Options:
    """What was named of a request; None is what was not. `preset` is what a team calls one, and ""
    for none at all; so with `campaign`."""

    model: Model | None = None
    size: Size | None = None
    quantity: int | None = None
    enhance: bool | None = None
    preset: str | None = None
    show: Show | None = None
    campaign: str | None = None

    @property
    def said(self) -> frozenset[str]:
        """The fields of the request that were named."""
        fields = {
            "model": self.model,
            "size": self.size,
            "quantity": self.quantity,
            "enhance_prompt": self.enhance,
        }
        return frozenset(name for name, value in fields.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Change:
    """The new request, which may be sent, and what was understood, in the form's order.

    If `Kind.REFERENCES` is among it, the attached pictures are to be added to the references that
    there are: their media ids are the caller's to fill in.
    """

    request: ImageRequest
    understood: tuple[Understood, ...]
    options: Options = field(default=Options(), compare=False)  # what of it the person named
    brief: BriefPlan | None = field(default=None, compare=False)  # `request` has a template, then


@dataclass(frozen=True, slots=True)
class Help:
    """The person asked how it works."""


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """A word that we do not know or are not sure of: what was typed, the nearest right spelling or
    what it is taken for, if anything; and `guess`, what would be made of the whole text then.
    `other` is what else may be made of it; `kept` what the form shows if there is no guess."""

    problem: Problem
    typed: str
    suggestion: str | None = None
    guess: Change | None = field(default=None, compare=False)
    other: Change | None = field(default=None, compare=False)
    kept: Change | None = field(default=None, compare=False)

    @property
    def shown(self) -> Change | None:
        """What the form is filled with."""
        return self.guess or self.kept


@dataclass(frozen=True, slots=True)
class AgainstSpec:
    """Understood, but the specification forbids it. `guess` is what of it may be sent."""

    request: ImageRequest
    violations: tuple[SpecViolation, ...]
    guess: Change | None = field(default=None, compare=False)
    options: Options = field(default=Options(), compare=False)
    brief: BriefPlan | None = field(default=None, compare=False)

    @property
    def shown(self) -> Change:
        """What the form is filled with."""
        return self.guess or Change(self.request, (), self.options, self.brief)


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Nothing to make pictures of: answered with examples, and nothing is spent.

    `hint` is what a lone wrong flag was perhaps meant to be.
    """

    hint: Misunderstood | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """The person wants nothing (more) to be made."""


@dataclass(frozen=True, slots=True)
class Press:
    """The person asked in words for what a button does."""

    deed: Deed


@dataclass(frozen=True, slots=True)
class TakeUp:
    """The person wants to go on from another version: the one of that `number`, or the one
    `steps_back` before the newest. `rest` is what else was said, to be read as a reply to it."""

    typed: str
    number: int | None = None
    steps_back: int = 0
    rest: str = ""

"""The grammar of `/imagine`: one untrusted string in, what the person meant out. Pure.

    /imagine a lighthouse in fog --model ideogram-3 --size landscape --quantity 2 --enhance
    /imagine "a sign that says --open--" -m nano-banana-2 -s portrait -n 4 -e

How flags are found stands in `flags`. What is not a flag is the prompt, to the letter. What may be
meant as something else (`history perfume`, `--siez portrait`, `protrait`) is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Final

from bot.images.brief import BriefPlan, Spread
from bot.images.catalogue import DEFAULT_MODEL, DEFAULT_SIZE, QUANTITY_MAX, Model
from bot.images.find import Find, FindMisunderstood, parse_find
from bot.images.flags import Split, split_flags
from bot.images.lexer import Item, read_items
from bot.images.meaning import (
    AgainstSpec,
    Change,
    Help,
    Kind,
    Misunderstood,
    Options,
    Problem,
    Understood,
)
from bot.images.names import find_model
from bot.images.options import (
    cut_prompt,
    find_value_problems,
    find_violations,
    merge_options,
    multiply,
    offer_as_typed,
    read_options,
    read_spread,
    refuse_overlong,
    take_size,
)
from bot.images.request import ImageRequest, Rule
from bot.images.settings import (
    Setting,
    Where,
    find_positions,
    find_settings,
    is_empty,
    list_several,
    name_several,
)
from bot.images.talk import Talk, asks_for_nothing, find_talk, is_question, is_talk
from bot.images.tokens import EMOJI, Token, Word, join_words, prepare, read_words, split_tokens
from bot.images.typed import fold
from bot.images.usage import ShowUsage, UsageMisunderstood, parse_usage
from bot.images.versions import find_version
from bot.images.vocabulary import (
    AROUND_COMMAND,
    COMMAND_NO_COMMANDS,
    COMMAND_NO_SLIPS,
    NO_COMMANDS,
)

__all__ = [
    "AgainstSpec",
    "Command",
    "Generate",
    "Help",
    "Misunderstood",
    "OpenForm",
    "Problem",
    "ShowCredits",
    "ShowUsage",
    "UsageMisunderstood",
    "find_model",
    "parse_command",
]


@dataclass(frozen=True, slots=True)
class OpenForm:
    """The person said nothing: every option is in the form."""


@dataclass(frozen=True, slots=True)
class ShowHistory:
    """The person asked for what they made before."""


@dataclass(frozen=True, slots=True)
class ShowCredits:
    """The person asked for the balance."""


@dataclass(frozen=True, slots=True)
class Generate:
    """The person asked for pictures, and the specification allows it. `understood` is what was
    taken in other words than they were typed."""

    request: ImageRequest
    options: Options = field(default=Options(), compare=False)  # what of it the person named
    understood: tuple[Understood, ...] = field(default=(), compare=False)
    brief: BriefPlan | None = field(default=None, compare=False)  # `request` has a template, then

    @property
    def change(self) -> Change:
        """The same, as replies and questions have it."""
        return Change(self.request, self.understood, self.options, self.brief)


@dataclass(frozen=True, slots=True)
class ShowPresets:
    """The person asked for the presets that there are."""


Command = (
    OpenForm
    | Help
    | ShowCredits
    | ShowHistory
    | ShowPresets
    | Generate
    | Misunderstood
    | AgainstSpec
    | ShowUsage
    | UsageMisunderstood
    | Find
    | FindMisunderstood
)

_COMMANDS: Final[dict[str, Command]] = {
    "help": Help(),
    "history": ShowHistory(),
    "credits": ShowCredits(),
    "balance": ShowCredits(),
    "presets": ShowPresets(),
    "usage": ShowUsage(),
    "find": Find(),
}
_SPELLINGS: Final = {name: name for name in _COMMANDS} | {
    **dict.fromkeys(("credit", "balances"), "credits"),
    "preset": "presets",
    "histories": "history",
    "library": "find",
}
_HELP: Final = frozenset({"help", "-h", "--help", "—help", "–help", "-help", "?", "??", "/help"})
_PUNCTUATION: Final = " \t\n.,;:!?…¿¡'\"`*_~。、！？"
# What is said of a picture that is there: "make it darker".
_OF_A_PICTURE: Final = re.compile(
    r"(?:please )?(?:make|turn|change|do|render) (?:it|this|that|them)(?= )"
)
_ONLY_MAX: Final = 12  # options alone take no more words
_COMMAND_MAX: Final = 100  # no way to say one is longer
_TALK_MAX: Final = 3  # longer, it may be a picture's description: "sweet cute perfect love"


def parse_command(
    text: str,
    preset_names: Sequence[str] = (),
    model: Model = DEFAULT_MODEL,
    campaign_names: Sequence[str] = (),
) -> Command:
    """What `text`, the command's unescaped `text` as Slack sent it, asks for. `preset_names` and
    `campaign_names` are those of several words that may be typed without quotes; `model` is who
    draws if none is named."""
    typed = re.sub(r"\A/imagine(?=\s|\Z)", "", prepare(text)).strip()
    if not typed:
        return OpenForm()
    if (overlong := refuse_overlong(typed, ImageRequest())) is not None:
        return replace(overlong, guess=cut_prompt(Change(overlong.request, ())))
    if (command := _find_command(typed)) is not None:
        return command
    if (usage := parse_usage(typed)) is not None:
        return usage
    if (find := parse_find(typed, campaign_names)) is not None:
        return find
    split = split_flags(typed, preset_names, campaign_names=campaign_names)
    prompt = _Prompt(typed, split, model)
    change, problems = prompt.read()
    change, doubts = prompt.multiply(change)
    problems += doubts
    if problems:
        return _ask_about(problems, change)
    if (question := _find_question(prompt)) is not None:
        return question if question.guess else replace(question, guess=_make_sendable(change))
    return _finish(change)


class _Prompt:
    """What was typed, taken apart; `model` draws if none is named."""

    def __init__(self, typed: str, split: Split, model: Model) -> None:
        self.typed = typed
        self.tokens = split.words
        self.words: list[Word] = read_words(typed, split.words)
        self.items: list[Item] = read_items(self.words)
        self.model = model
        self._split = split
        self._options = read_options(split.values)
        self._spread = read_spread(split.values)

    @property
    def said(self) -> str:
        """All that is no flag."""
        return join_words(self.typed, self.tokens)

    def read(self) -> tuple[Change, list[Misunderstood]]:
        """The request that flags and words make, and what is wrong with the flags; that is read as
        what is nearest to it."""
        options, named = self._options, self._spread.shapes
        problems = [*self._split.problems, *find_value_problems(self._split.values)]
        understood = []
        if named:
            size, word, _ = take_size(named[0], options.model or self.model)
            options = replace(options, size=size)
            understood += [Understood(Kind.SIZE, size, word)] if word else []
        return self._make(self.tokens, options, tuple(understood)), problems

    def multiply(self, change: Change) -> tuple[Change, list[Misunderstood]]:
        """`change` as all that the prompt and the lists in flags stand for."""
        return multiply(change, self._spread, change.options.model or self.model)

    def without(self, settings: Sequence[Setting]) -> Change:
        """The request without the words of `settings`, and with the options that they name."""
        options = Options()
        for setting in reversed(settings):
            options = merge_options(options, setting.options)
        if options.quantity is not None:
            options = replace(options, quantity=max(1, min(options.quantity, QUANTITY_MAX)))
        positions = find_positions(settings, self.items)
        tokens = [token for at, token in enumerate(self.tokens) if at not in positions]
        change = self._make(tokens, merge_options(self._options, options), (), " ,;:\n")
        spread = self._spread.or_else(self.list_several(settings))
        return multiply(change, spread, change.options.model or self.model)[0]

    def list_several(self, settings: Sequence[Setting]) -> Spread:
        """Sizes and models, if `settings` name several."""
        positions = frozenset[int]().union(*(setting.positions for setting in settings))
        return list_several(item for item in self.items if item.first in positions)

    def _make(
        self,
        tokens: Sequence[Token],
        options: Options,
        understood: tuple[Understood, ...],
        strip: str = "",
    ) -> Change:
        request = ImageRequest(
            prompt=join_words(self.typed, tokens).strip(strip or None) or None,
            model=options.model or DEFAULT_MODEL,
            size=options.size or DEFAULT_SIZE,
            quantity=1 if options.quantity is None else options.quantity,
            enhance_prompt=options.enhance or False,
        )
        return Change(request, understood, options)


def _finish(change: Change) -> Generate | AgainstSpec:
    violations = find_violations(change)
    if not violations:
        return Generate(change.request, change.options, change.understood, change.brief)
    is_too_long = [broken.rule for broken in violations] == [Rule.PROMPT_TOO_LONG]
    guess = cut_prompt(change) if is_too_long else None
    return AgainstSpec(change.request, violations, guess, change.options, change.brief)


def _ask_about(problems: Sequence[Misunderstood], change: Change) -> Misunderstood:
    """The first problem, with what would be made; with nothing but the form, if that were more than
    may be."""
    too_many = [each for each in problems if each.problem is Problem.TOO_MANY]
    first = problems[0]
    if too_many:
        return replace(first, kept=change)
    return offer_as_typed(replace(first, guess=_make_sendable(change)))


def _make_sendable(change: Change) -> Change | None:
    """`change`, cut if it is too long; None if the specification forbids it otherwise."""
    if change.brief is not None and change.brief.is_too_large:
        return None
    shortened = cut_prompt(change) or change
    return None if find_violations(shortened) else shortened


# Commands --------------------------------------------------------------------------------------


def _find_command(typed: str) -> Command | None:
    """The command that the words mean, or that may be meant by them."""
    if typed.casefold() in _HELP:
        return Help()
    if len(typed) > _COMMAND_MAX or next(split_tokens(typed)).is_literal:
        return None
    words = [word.strip(_PUNCTUATION) for word in fold(typed).split()]
    meant = {_SPELLINGS[word] for word in words if word in _SPELLINGS}
    if len(meant) == 1 and all(
        word in _SPELLINGS or word in AROUND_COMMAND or not word for word in words
    ):
        return _COMMANDS[meant.pop()]
    return None


def _find_command_word(tokens: Sequence[Token]) -> Misunderstood | None:
    """A command's word with something after it that is none of it, or nearly such a word."""
    first = fold(tokens[0].text[:_COMMAND_MAX]).strip(_PUNCTUATION)
    second = fold(tokens[1].text).strip(_PUNCTUATION) if len(tokens) > 1 else ""
    if second and first in _SPELLINGS and f"{first} {second}" not in COMMAND_NO_COMMANDS:
        said = tokens[0].text.strip(_PUNCTUATION)
        return Misunderstood(Problem.COMMAND_WORD, said, _SPELLINGS[first])
    if len(tokens) > 1:
        return None
    close = get_close_matches(first, list(_SPELLINGS), n=1, cutoff=0.75)
    if close and close[0][0] == first[:1] and first not in COMMAND_NO_SLIPS:
        return Misunderstood(Problem.COMMAND_WORD, first, _SPELLINGS[close[0]])
    return Misunderstood(Problem.COMMAND_WORD, first) if first in NO_COMMANDS else None


# Questions -------------------------------------------------------------------------------------


def _find_question(prompt: _Prompt) -> Misunderstood | None:
    """What of a prompt without a wrong flag may have been meant otherwise."""
    if not prompt.tokens or prompt.tokens[0].is_literal:
        return None
    if (command := _find_command_word(prompt.tokens)) is not None:
        return command
    if _is_no_picture(prompt):
        return Misunderstood(Problem.COMMAND_WORD, prompt.said)
    goes_back = find_version(prompt.typed, prompt.tokens, prompt.items) is not None
    if goes_back or (len(prompt.words) <= _ONLY_MAX and _is_only_settings(prompt)):
        return Misunderstood(Problem.ONLY_OPTIONS, prompt.said)
    found = find_settings(prompt.items, Where.COMMAND, prompt.model)
    if not found:
        return None
    positions = sorted(at for setting in found for at in setting.positions)
    said = prompt.typed[prompt.tokens[positions[0]].start : prompt.tokens[positions[-1]].end]
    is_clear = all(setting.has_guess for setting in found)
    guess = _make_sendable(prompt.without(found)) if is_clear else None
    question = replace(found[0].question, typed=said, guess=guess)
    return name_several(question, prompt.list_several(found))


def _is_no_picture(prompt: _Prompt) -> bool:
    """Whether a whole prompt is meant for people or for the bot, or changes what is there."""
    words = prompt.words
    if any(token.is_literal for token in prompt.tokens):
        return False
    if not any(word.said == EMOJI or any(map(str.isalnum, word.said)) for word in words):
        return True
    has_emoji = any(word.said == EMOJI for word in words)
    is_short = len(words) <= _TALK_MAX and not has_emoji
    is_asked = is_question(words, prompt.said) and not any(word.pause for word in words[:-1])
    return (
        _OF_A_PICTURE.match(" ".join(word.said for word in words[:4])) is not None
        or find_talk(prompt.said) not in (None, Talk.VOTE)  # there is nothing to vote on
        or asks_for_nothing(words)
        or is_asked
        or (is_short and is_talk(words))
    )


def _is_only_settings(prompt: _Prompt) -> bool:
    """Whether a whole prompt names options, versions or deeds, and nothing to be drawn."""
    found = find_settings(prompt.items, Where.REPLY, prompt.model)
    named = frozenset[int]().union(*(setting.positions for setting in found))
    rest = [item for item in prompt.items if item.first not in named]
    versions = [one for one in found if one.question.problem is Problem.NAMES_VERSION]
    # "A second try" has an article, and may be drawn.
    is_all = is_empty(prompt.items) and prompt.said[:2].casefold() != "a "
    return bool(found) and (is_all or (not versions and is_empty(rest)))

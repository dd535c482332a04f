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

from bot.images.asides import ASIDES, find_aside
from bot.images.catalogue import DEFAULT_MODEL, DEFAULT_SIZE, Model
from bot.images.doubts import asks_for_nothing, find_deed, find_only_options, find_options_in_prompt
from bot.images.flags import (
    Flag,
    Split,
    Token,
    cut_prompt,
    find_model,
    find_size,
    find_value_problems,
    join_words,
    prepare,
    read_options,
    refuse_overlong,
    split_flags,
    split_tokens,
    suggest_model,
    suggest_size,
    take_size,
)
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
from bot.images.phrases import NUMBERS, split_chunks
from bot.images.request import ImageRequest, Rule, find_spec_violations
from bot.images.talk import is_question, is_talk, is_wordless
from bot.images.typed import fold
from bot.images.usage import ShowUsage, UsageMisunderstood, parse_usage
from bot.images.vocabulary import (
    AROUND_COMMAND,
    COMMAND_NO_COMMANDS,
    COMMAND_NO_SLIPS,
    KEYS,
    NO_COMMANDS,
)

__all__ = [
    "AgainstSpec",
    "Command",
    "Flag",
    "Generate",
    "Help",
    "Misunderstood",
    "OpenForm",
    "Problem",
    "ShowCredits",
    "ShowUsage",
    "UsageMisunderstood",
    "find_model",
    "find_size",
    "parse_command",
    "suggest_model",
    "suggest_size",
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
)

_COMMANDS: Final[dict[str, Command]] = {
    "help": Help(),
    "history": ShowHistory(),
    "credits": ShowCredits(),
    "balance": ShowCredits(),
    "presets": ShowPresets(),
    "usage": ShowUsage(),
}
_SPELLINGS: Final = {name: name for name in _COMMANDS} | {
    **dict.fromkeys(("credit", "balances"), "credits"),
    "preset": "presets",
    "histories": "history",
}
_HELP: Final = frozenset({"help", "-h", "--help", "—help", "–help", "-help", "?", "??", "/help"})
_PUNCTUATION: Final = " \t\n.,;:!?…¿¡'\"`*_~。、！？"
# What is said of a picture that is there: "make it darker".
_OF_A_PICTURE: Final = re.compile(
    r"(?:please )?(?:make|turn|change|do|render) (?:it|this|that|them)(?= )"
)
_COMMAND_MAX: Final = 100  # no way to say one is longer
_TALK_MAX: Final = 3  # longer, it may be a picture's description: "sweet cute perfect love"


def parse_command(
    text: str, preset_names: Sequence[str] = (), model: Model = DEFAULT_MODEL
) -> Command:
    """What `text`, the command's unescaped `text` as Slack sent it, asks for. `preset_names` are
    those of several words that may be typed without quotes; `model` is who draws if none is
    named."""
    typed = re.sub(r"\A/imagine(?=\s|\Z)", "", prepare(text)).strip()
    if not typed:
        return OpenForm()
    if (overlong := refuse_overlong(typed, ImageRequest())) is not None:
        return replace(overlong, guess=cut_prompt(Change(overlong.request, ())))
    if (command := _find_command(typed)) is not None:
        return command
    if (usage := parse_usage(typed)) is not None:
        return usage
    split = split_flags(typed, preset_names)
    chunks = split_chunks(typed, split.words)
    reading = _read(typed, split, split.words, model)
    problems = [*split.problems, *find_value_problems(split.values), *reading.problems]
    if problems:
        return replace(problems[0], guess=_make_sendable(reading.change))
    if (doubt := _find_doubt(typed, split, chunks, model)) is not None:
        return doubt if doubt.guess else replace(doubt, guess=_make_sendable(reading.change))
    return _finish(reading.change)


def _finish(change: Change) -> Generate | AgainstSpec:
    violations = find_spec_violations(change.request)
    if not violations:
        return Generate(change.request, change.options, change.understood)
    is_too_long = [broken.rule for broken in violations] == [Rule.PROMPT_TOO_LONG]
    guess = cut_prompt(change) if is_too_long else None
    return AgainstSpec(change.request, tuple(violations), guess, change.options)


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


def _find_doubt(
    typed: str, split: Split, chunks: Sequence[str], unsaid: Model
) -> Misunderstood | None:
    """What of a prompt without a wrong flag may have been meant otherwise."""
    if not split.words or split.words[0].is_literal:
        return None
    first = fold(split.words[0].text[:_COMMAND_MAX]).strip(_PUNCTUATION)
    second = fold(split.words[1].text).strip(_PUNCTUATION) if len(split.words) > 1 else ""
    if second and first in _SPELLINGS and f"{first} {second}" not in COMMAND_NO_COMMANDS:
        return Misunderstood(
            Problem.COMMAND_WORD, split.words[0].text.strip(_PUNCTUATION), _SPELLINGS[first]
        )
    if len(split.words) == 1:
        close = get_close_matches(first, list(_SPELLINGS), n=1, cutoff=0.75)
        if close and close[0][0] == first[:1] and first not in COMMAND_NO_SLIPS:
            return Misunderstood(Problem.COMMAND_WORD, first, _SPELLINGS[close[0]])
        if first in NO_COMMANDS:
            return Misunderstood(Problem.COMMAND_WORD, first)
    if (aside := _find_aside(typed, split, chunks)) is not None:
        return aside
    if len(split.words) <= _TALK_MAX and _is_talk_alone(chunks):
        return Misunderstood(Problem.COMMAND_WORD, join_words(typed, split.words))
    if (only := find_only_options(typed, split.words, chunks, unsaid)) is not None:
        return only
    named = find_options_in_prompt(_with_labels(split.words, chunks))
    if named is None:
        return None
    kept = [word for at, word in enumerate(split.words) if at not in named.drops]
    values = {**split.values, **named.as_flags()}
    change = _read(typed, replace(split, values=values), kept, unsaid).change
    prompt = (change.request.prompt or "").strip(" ,;\n") or None
    guess = _make_sendable(
        replace(change, request=change.request.model_copy(update={"prompt": prompt}))
    )
    places = sorted(named.drops)
    said = typed[split.words[places[0]].start : split.words[places[-1]].end]
    return Misunderstood(named.problem, said, named.meant, guess)


def _with_labels(words: Sequence[Token], chunks: Sequence[str]) -> list[str]:
    """`chunks`, with a pause after a colon: "portrait: a fox"; not in "model: ideogram"."""
    return [
        f"{chunk},"
        if word.text.endswith((":", "：")) and chunk.isalnum() and (not place or chunk not in KEYS)
        else chunk
        for place, (word, chunk) in enumerate(zip(words, chunks, strict=True))
    ]


def _find_aside(typed: str, split: Split, chunks: Sequence[str]) -> Misunderstood | None:
    """What a whole prompt is that says nothing of a picture."""
    if any(word.is_literal for word in split.words):
        return None
    words = join_words(typed, split.words)
    if (aside := find_aside(words)) is not None:
        return Misunderstood(ASIDES[aside], words)
    is_plain = is_question(chunks, words) and not any(chunk.endswith(",") for chunk in chunks[:-1])
    is_empty = not any(chunk == "☺," or any(map(str.isalnum, chunk)) for chunk in chunks)
    is_reply = _OF_A_PICTURE.match(" ".join(chunks[:4])) is not None
    if is_reply or asks_for_nothing(chunks) or find_deed(" ".join(chunks)) or is_plain or is_empty:
        return Misunderstood(Problem.COMMAND_WORD, words)
    return None


def _is_talk_alone(chunks: Sequence[str]) -> bool:
    """Whether there is nothing but courtesy; an emoji is something to be drawn."""
    has_emoji = any(chunk.rstrip(",") == "☺" for chunk in chunks)
    return is_talk(chunks) and not has_emoji and not is_wordless(chunks)


@dataclass(frozen=True, slots=True)
class _Read:
    change: Change
    problems: tuple[Misunderstood, ...]


def _read(typed: str, split: Split, words: Sequence[Token], unsaid: Model) -> _Read:
    """The request that flags and words make; what is wrong is read as what is nearest to it."""
    options = read_options(split.values, NUMBERS)
    model = options.model or unsaid
    size, understood, problems = options.size, [], []
    if (named := split.values.get(Flag.SIZE)) and find_size(named):
        size, word, doubt = take_size(named, model)
        options = replace(options, size=size)
        understood += [Understood(Kind.SIZE, size, word)] if word else []
        problems += [doubt] if doubt else []
    request = ImageRequest(
        prompt=join_words(typed, words) or None,
        model=options.model or DEFAULT_MODEL,
        size=size or DEFAULT_SIZE,
        quantity=1 if options.quantity is None else options.quantity,
        enhance_prompt=options.enhance or False,
    )
    return _Read(Change(request, tuple(understood), options), tuple(problems))


def _make_sendable(change: Change) -> Change | None:
    """`change`, cut if it is too long; None if the specification forbids it otherwise."""
    shortened = cut_prompt(change) or change
    return None if find_spec_violations(shortened.request) else shortened

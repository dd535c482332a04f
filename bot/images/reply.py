"""The grammar of a reply in a thread: what it changes of the newest generation above it. Pure.

    again x3                               use ideogram, portrait please
    with a darker sky --size portrait      prompt: a red fox in snow

1. Flags are those of `/imagine`, anywhere (`flags`).
2. Commands in words stand at the beginning or at the end (`phrases`).
3. `prompt: …` replaces the prompt, to the letter; only commands may stand before it.
4. Courtesy, reactions and questions to the bot (`thanks!`, `nice`, an emoji, `who made this?`)
   are never drawn, and alone they spend nothing.
5. Everything else is an instruction: in doubt, words are one. It is added to the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from bot.images.catalogue import DEFAULT_SIZE, MODELS
from bot.images.flags import (
    Forbidden,
    Help,
    Misunderstood,
    MisunderstoodError,
    Options,
    Problem,
    join_words,
    read_model,
    read_options,
    read_preset,
    read_quantity,
    read_size,
    refuse_overlong,
    split_flags,
    split_tokens,
)
from bot.images.phrases import (
    NUMBERS,
    Finding,
    Said,
    TooManyPhrases,
    peel_phrases,
    split_chunks,
)
from bot.images.request import ImageRequest, Rule, Violation, find_violations
from bot.images.talk import has_reaction, is_question, is_talk, is_wordless

__all__ = [
    "Change",
    "Forbidden",
    "Help",
    "Kind",
    "Misunderstood",
    "NotUnderstood",
    "Reply",
    "Understood",
    "add_words",
    "parse_reply",
]


class Kind(StrEnum):
    """What can be understood of a reply; each with what `Understood.value` then is."""

    AGAIN = "again"  # empty
    WORDS_ADDED = "words_added"  # the words
    PROMPT_REPLACED = "prompt_replaced"  # the new prompt
    MODEL = "model"  # the model's id
    SIZE = "size"  # the size
    SIZE_FELL_BACK = "size_fell_back"  # the size taken, as the new model lacks the one before
    QUANTITY = "quantity"  # "1" to "4"
    ENHANCE_ON = "enhance_on"  # empty
    ENHANCE_OFF = "enhance_off"  # empty
    REFERENCES = "references"  # empty: the attached pictures become the references
    PRESET = "preset"  # its name as typed; empty for none at all


@dataclass(frozen=True, slots=True)
class Understood:
    """One thing that was understood, for the status line."""

    kind: Kind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The new request, which may be sent, and what was understood, in the form's order.

    Where `Kind.REFERENCES` is among it, `request.style_images` is empty: the attached pictures
    take the place of the old references, and their media ids are the caller's to fill in.
    """

    request: ImageRequest
    understood: tuple[Understood, ...]
    options: Options = field(default=Options(), compare=False)  # what of it the person named


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Nothing to make pictures of: answered with examples, and nothing is spent.

    `hint` is what a lone wrong flag was perhaps meant to be.
    """

    hint: Misunderstood | None = None


Reply = Change | NotUnderstood | Misunderstood | Forbidden | Help


@dataclass(frozen=True, slots=True)
class _Meaning:
    options: Options
    is_again: bool
    words: str | None
    chunks: tuple[str, ...]  # of `words`

    @property
    def is_empty(self) -> bool:
        return not self.is_again and self.words is None and self.options == Options()


_HELP: Final = frozenset({"help", "-h", "--help", "—help", "–help", "?"})
_PROMPT = re.compile(r"prompt[:：]", re.IGNORECASE)
# Besides commands, this may lead to the new prompt: "use this new prompt: …".
_BEFORE_PROMPT: Final = frozenset(
    {"new", "use", "try", "with", "this", "the", "a", "change", "set", "to", "my", "here", "is"}
)
# Models that PowerPost does not have: who asks for nothing but one of them wants no picture of it.
_ELSEWHERE = re.compile(
    r"(?:(?:use|using|try|via|with|in|go with|(?:switch|change) to) (?:the )?)?"
    r"(?P<model>midjourney|dall[ ·-]?e(?:[ -]?\d)?|stable[ -]diffusion|sdxl|imagen(?:[ -]?\d)?|"
    r"recraft|seedream)(?: model)?(?:,? please)?[.!]?",
    re.IGNORECASE,
)
_ENDS_SENTENCE: Final = tuple(".,;:!?…。！？，；：、")
_CLOSES: Final = "\"'”’»)]"


def parse_reply(text: str, base: ImageRequest, *, has_pictures: bool = False) -> Reply:
    """What `text`, a reply without its mention and unescaped, makes of `base`.

    `has_pictures`: whether pictures are attached to the reply.
    """
    stripped = text.strip()
    if stripped.casefold() in _HELP or not (stripped or has_pictures):
        return Help()
    if (overlong := refuse_overlong(stripped, base)) is not None:
        return overlong
    try:
        return _read_reply(stripped, base, has_pictures)
    except TooManyPhrases:
        return NotUnderstood()
    except MisunderstoodError as error:
        answer = error.answer
        is_alone = len(stripped.split()) == 1
        if is_alone and answer.problem in (Problem.UNKNOWN_FLAG, Problem.BAD_QUANTITY):
            return NotUnderstood(answer if answer.suggestion else None)
        return answer


def add_words(prompt: str | None, words: str) -> str:
    """`prompt` with `words` as its next sentence: after `. `, or after a space where the prompt
    already ends in punctuation. Without a prompt (post mode), the words are the prompt."""
    before = (prompt or "").rstrip()
    if not before:
        return words
    ends_sentence = before.rstrip(_CLOSES).endswith(_ENDS_SENTENCE)
    return f"{before} {words}" if ends_sentence else f"{before}. {words}"


def _read_reply(text: str, base: ImageRequest, has_pictures: bool) -> Reply:
    head, prompt = _split_prompt(text)
    meaning = _read_meaning(head, has_pictures)
    if prompt is not None and not _leads_to_prompt(meaning):
        prompt = None
        meaning = _read_meaning(text, has_pictures)
    if prompt is None and meaning.is_empty and text:
        return NotUnderstood()
    named = [Understood(Kind.AGAIN)] if meaning.is_again else []
    changed = _change_prompt(base, prompt, meaning.words, named)
    options = meaning.options
    changed = _choose_options(changed, options, named)
    if has_pictures:
        changed = changed.model_copy(update={"style_images": ()})
        named.append(Understood(Kind.REFERENCES))
    violations = find_violations(changed)
    if prompt == "" and not violations:  # post mode could do without, but this is a slip
        violations.append(Violation(Rule.PROMPT_MISSING, "prompt"))
    if violations:
        return Forbidden(changed, tuple(violations))
    return Change(changed, tuple(named), options)


def _change_prompt(
    base: ImageRequest, prompt: str | None, words: str | None, named: list[Understood]
) -> ImageRequest:
    if prompt is not None:
        named.append(Understood(Kind.PROMPT_REPLACED, prompt))
        return base.model_copy(update={"prompt": prompt or None})
    if words is not None:
        named.append(Understood(Kind.WORDS_ADDED, words))
        return base.model_copy(update={"prompt": add_words(base.prompt, words)})
    return base


def _split_prompt(text: str) -> tuple[str, str | None]:
    """What stands before `prompt:`, and the prompt after it; None where it is not there."""
    for token in split_tokens(text):
        if token.is_literal:
            continue
        if token.text == "--":
            break
        if match := _PROMPT.match(token.text):
            return text[: token.start], text[token.start + match.end() :].strip()
    return text, None


def _leads_to_prompt(meaning: _Meaning) -> bool:
    return all(chunk.rstrip(",") in _BEFORE_PROMPT for chunk in meaning.chunks)


def _read_meaning(text: str, has_pictures: bool) -> _Meaning:
    split = split_flags(text)
    chunks = split_chunks(text, split.words)
    peeled = peel_phrases(chunks)
    options = _merge(read_options(split.values), peeled.findings)
    is_again = any(finding.said is Said.AGAIN for finding in peeled.findings)
    rest = chunks[peeled.start : peeled.end]
    words = join_words(text, split.words[peeled.start : peeled.end]).strip(" \t\n,;").lstrip("—–")
    if is_question(rest, words):
        return _Meaning(Options(), False, None, ())
    points_at_pictures = has_pictures and not has_reaction(rest) and not is_wordless(rest)
    if is_talk(rest) and not points_at_pictures:  # "like this one" points
        return _Meaning(options, is_again, None, ())
    if is_wordless(rest):
        raise MisunderstoodError(Problem.BAD_QUANTITY, words)
    if elsewhere := _ELSEWHERE.fullmatch(words):
        raise MisunderstoodError(Problem.UNKNOWN_MODEL, elsewhere["model"])
    if any(finding.said is Said.QUESTION for finding in peeled.findings):
        words = words.rstrip("?？ ")
    return _Meaning(options, is_again, words, tuple(rest))


def _merge(options: Options, findings: Sequence[Finding]) -> Options:
    """The flags and the phrases together. MisunderstoodError where two of them disagree."""
    found = options
    for finding in findings:
        said = _read_finding(finding)
        for option in fields(Options):
            old, new = getattr(found, option.name), getattr(said, option.name)
            if old is not None and new is not None and old != new:
                raise MisunderstoodError(Problem.GIVEN_TWICE, f"--{option.name}")
        found = Options(
            model=said.model or found.model,
            size=said.size or found.size,
            quantity=found.quantity if said.quantity is None else said.quantity,
            enhance=found.enhance if said.enhance is None else said.enhance,
            preset=found.preset if said.preset is None else said.preset,
        )
    return found


def _read_finding(finding: Finding) -> Options:
    match finding.said:
        case Said.MODEL:
            return Options(model=read_model(re.sub(r"v(?=[0-9])", "", finding.words)))
        case Said.SIZE:
            return Options(size=read_size(finding.words))
        case Said.QUANTITY:
            number = NUMBERS.get(finding.words)
            return Options(quantity=read_quantity(finding.words) if number is None else number)
        case Said.ENHANCE:
            return Options(enhance=True)
        case Said.PLAIN:
            return Options(enhance=False)
        case Said.PRESET:
            return Options(preset=read_preset(finding.words))
        case Said.NO_PRESET:
            return Options(preset="")
        case Said.AGAIN | Said.QUESTION:
            return Options()


def _choose_options(
    request: ImageRequest, options: Options, named: list[Understood]
) -> ImageRequest:
    """`request` with `options`; what they name is put to `named`. A size that the new model
    lacks gives way to the default one, unless it was named too."""
    update: dict[str, object] = {}
    if options.model is not None:
        update["model"] = options.model
        named.append(Understood(Kind.MODEL, options.model))
        if options.size is None and request.size not in MODELS[options.model].dimensions:
            update["size"] = DEFAULT_SIZE
            named.append(Understood(Kind.SIZE_FELL_BACK, DEFAULT_SIZE))
    if options.size is not None:
        update["size"] = options.size
        named.append(Understood(Kind.SIZE, options.size))
    if options.quantity is not None:
        update["quantity"] = options.quantity
        named.append(Understood(Kind.QUANTITY, str(options.quantity)))
    if options.enhance is not None:
        update["enhance_prompt"] = options.enhance
        named.append(Understood(Kind.ENHANCE_ON if options.enhance else Kind.ENHANCE_OFF))
    if options.preset is not None:
        named.append(Understood(Kind.PRESET, options.preset))
    return request.model_copy(update=update)

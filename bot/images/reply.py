"""The grammar of a reply in a thread: what it changes of the newest generation above it. Pure.

    again x3                               use ideogram, portrait please
    with a darker sky --size portrait      prompt: a red fox in snow

1. Flags are those of `/imagine`, anywhere (`flags`).
2. Commands in words stand at the beginning or at the end (`phrases`).
3. `prompt: …` replaces the prompt, to the letter; only commands may stand before it.
4. Courtesy, reactions and questions to the bot (`thanks!`, `nice`, an emoji, `who made this?`)
   are never drawn, and alone they spend nothing; nor does what asks for nothing (`enough`).
5. "Go back to version 2" takes that one up, and costs nothing.
6. What is left over is an instruction, and is added to the prompt; unless it still names a size,
   a model, a number, a version or what a button does: that is asked (`doubts`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from bot.images.asides import ASIDES, Aside, find_aside
from bot.images.catalogue import DEFAULT_MODEL, DEFAULT_SIZE, MODELS, Model
from bot.images.doubts import (
    Doubt,
    asks_again_elsewhere,
    asks_for_nothing,
    find_deed,
    find_doubts,
    find_take_up,
)
from bot.images.flags import (
    Flag,
    Split,
    Token,
    cut_prompt,
    find_value_problems,
    join_words,
    prepare,
    read_options,
    read_preset,
    read_quantity,
    refuse_overlong,
    split_flags,
    split_tokens,
    take_size,
)
from bot.images.meaning import (
    AgainstSpec,
    Change,
    Help,
    Kind,
    Misunderstood,
    Nothing,
    NotUnderstood,
    Options,
    Press,
    Problem,
    TakeUp,
    Understood,
)
from bot.images.names import find_model, find_size, suggest_model
from bot.images.phrases import (
    NUMBERS,
    Finding,
    Peeled,
    Said,
    TooManyPhrases,
    peel_phrases,
    split_chunks,
)
from bot.images.request import ImageRequest, Rule, SpecViolation, find_spec_violations
from bot.images.talk import has_reaction, is_question, is_talk, is_wordless

__all__ = [
    "AgainstSpec",
    "Change",
    "Help",
    "Kind",
    "Misunderstood",
    "NotUnderstood",
    "Nothing",
    "Press",
    "Reply",
    "TakeUp",
    "Understood",
    "add_words",
    "parse_reply",
]

Reply = Change | NotUnderstood | Misunderstood | AgainstSpec | Help | Nothing | Press | TakeUp


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a text was read as. `problems` are what is not sure in it; the rest is the guess."""

    options: Options
    is_again: bool
    words: str | None
    chunks: tuple[str, ...]  # of `words`
    size_typed: str = ""
    problems: tuple[Misunderstood, ...] = ()
    has_guess: bool = True

    @property
    def is_empty(self) -> bool:
        return not self.is_again and self.words is None and self.options == Options()


_HELP: Final = frozenset({"help", "-h", "--help", "—help", "–help", "?", "help!", "help?", "help."})
_PROMPT = re.compile(r"prompt[:：]", re.IGNORECASE)
# Besides commands, this may lead to the new prompt: "use this new prompt: …".
_BEFORE_PROMPT: Final = frozenset(
    {"new", "use", "try", "with", "this", "the", "a", "change", "set", "to", "my", "here", "is"}
)
_ENDS_SENTENCE: Final = tuple(".,;:!?…。！？，；：、")
_CLOSES: Final = "\"'”’»)]"


def parse_reply(
    text: str,
    base: ImageRequest,
    *,
    has_pictures: bool = False,
    preset_names: Sequence[str] = (),
) -> Reply:
    """What `text`, a reply without its mention and unescaped, makes of `base`.

    `has_pictures`: whether pictures are attached to the reply. `preset_names` are those of several
    words that may be typed without quotes.
    """
    typed = prepare(text)
    if typed.casefold() in _HELP or not (typed or has_pictures):
        return Help()
    if (overlong := refuse_overlong(typed, base)) is not None:
        return overlong
    try:
        return _read_reply(typed, base, has_pictures, preset_names)
    except TooManyPhrases:
        return NotUnderstood()


def add_words(prompt: str | None, words: str) -> str:
    """`prompt` with `words` as its next sentence: after `. `, or after a space where the prompt
    already ends in punctuation. Without a prompt (post mode), the words are the prompt."""
    before = (prompt or "").rstrip()
    if not before:
        return words
    ends_sentence = before.rstrip(_CLOSES).endswith(_ENDS_SENTENCE)
    return f"{before} {words}" if ends_sentence else f"{before}. {words}"


def _read_reply(
    text: str, base: ImageRequest, has_pictures: bool, preset_names: Sequence[str]
) -> Reply:
    head, prompt = _split_prompt(text)
    taken = _take_apart(head, preset_names)
    if prompt is None and (special := _find_special(taken, has_pictures)) is not None:
        return special
    if prompt is None and asks_again_elsewhere(taken.chunks):
        return Misunderstood(Problem.NAMES_NUMBER, text, "1", _make_again(base))
    meaning = _read_meaning(taken, base, has_pictures)
    if prompt is not None and not _leads_to_prompt(meaning):
        prompt = None
        meaning = _read_meaning(_take_apart(text, preset_names), base, has_pictures)
    if prompt is None and meaning.is_empty and not meaning.problems and text:
        return NotUnderstood()
    reply = _apply(meaning, prompt, base, has_pictures)
    problems = [*meaning.problems, *_find_size_problem(meaning, base)]
    return _ask(text, problems, meaning, reply) if problems else reply


def _make_again(base: ImageRequest) -> Change | None:
    once = base.model_copy(update={"quantity": 1})
    understood = (Understood(Kind.AGAIN), Understood(Kind.QUANTITY, "1"))
    return None if find_spec_violations(once) else Change(once, understood, Options(quantity=1))


def _apply(
    meaning: _Meaning, prompt: str | None, base: ImageRequest, has_pictures: bool
) -> Change | AgainstSpec:
    named = [Understood(Kind.AGAIN)] if meaning.is_again else []
    changed = _change_prompt(base, prompt, meaning.words, named)
    options = _settle_size(meaning, base)
    changed = _choose_options(changed, options, named, meaning.size_typed)
    if has_pictures:
        named.append(Understood(Kind.REFERENCES))
    violations = find_spec_violations(changed)
    if prompt == "" and not violations:  # post mode could do without, but this is a slip
        violations.append(SpecViolation(Rule.PROMPT_MISSING, "prompt"))
    change = Change(changed, tuple(named), options)
    if not violations:
        return change
    is_too_long = [broken.rule for broken in violations] == [Rule.PROMPT_TOO_LONG]
    guess = cut_prompt(change) if is_too_long else None
    return AgainstSpec(changed, tuple(violations), guess, options)


def _ask(
    text: str, problems: Sequence[Misunderstood], meaning: _Meaning, reply: Change | AgainstSpec
) -> Misunderstood | NotUnderstood:
    """The question about what is not sure, with what would be made of it."""
    first = problems[0]
    if len(text.split()) == 1 and first.problem in (Problem.UNKNOWN_FLAG, Problem.BAD_QUANTITY):
        return NotUnderstood(first if first.suggestion else None)
    guess = reply if isinstance(reply, Change) and reply.understood else None
    return replace(first, guess=guess if meaning.has_guess else None)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A text taken apart."""

    text: str
    split: Split
    chunks: list[str]


def _take_apart(text: str, preset_names: Sequence[str]) -> _Taken:
    split = split_flags(text, preset_names)
    return _Taken(text, split, split_chunks(text, split.words))


def _find_special(taken: _Taken, has_pictures: bool) -> Reply | None:
    """What a whole reply is that changes nothing of the picture."""
    split, chunks = taken.split, taken.chunks
    if split.values or split.problems or not chunks:
        return None
    if not is_talk(chunks) and asks_for_nothing(chunks) and not has_pictures:
        return Nothing()
    if (up := find_take_up(chunks, taken.text, split.words)) is not None:
        return up
    if (deed := find_deed(" ".join(chunks))) is not None:
        return Press(deed)
    return None if has_pictures or split.words[0].is_literal else _answer_aside(taken)


def _answer_aside(taken: _Taken) -> Reply | None:
    """What a whole reply is that says nothing of the picture, and that no phrase takes."""
    if is_talk(taken.chunks) or is_wordless(taken.chunks):
        return None
    aside = find_aside(taken.text)
    if aside is None or _is_all_phrases(taken.chunks):
        return None
    if aside is Aside.ENOUGH:
        return Nothing()
    if aside is Aside.TALK:
        return NotUnderstood()
    # Where a doubt says what is meant, that is offered.
    has_doubt = bool(find_doubts(taken.chunks, DEFAULT_MODEL))
    return None if has_doubt else Misunderstood(ASIDES[aside], taken.text)


def _is_all_phrases(chunks: Sequence[str]) -> bool:
    peeled = peel_phrases(chunks)
    if peeled.start < peeled.end:
        return False
    return any(finding.said is not Said.QUESTION for finding in peeled.findings)


def _find_size_problem(meaning: _Meaning, base: ImageRequest) -> list[Misunderstood]:
    if not meaning.size_typed:
        return []
    doubt = take_size(meaning.size_typed, meaning.options.model or base.model)[2]
    return [doubt] if doubt else []


def _settle_size(meaning: _Meaning, base: ImageRequest) -> Options:
    if not meaning.size_typed:
        return meaning.options
    size, _, _ = take_size(meaning.size_typed, meaning.options.model or base.model)
    return replace(meaning.options, size=size)


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


def _read_meaning(taken: _Taken, base: ImageRequest, has_pictures: bool) -> _Meaning:
    split, chunks = taken.split, taken.chunks
    peeled = peel_phrases(chunks)
    merged = _merge(read_options(split.values, NUMBERS), peeled.findings)
    problems = [*split.problems, *find_value_problems(split.values), *merged.problems]
    meaning = _Meaning(
        merged.options,
        any(finding.said is Said.AGAIN for finding in peeled.findings),
        None,
        (),
        _find_typed_size(split, peeled),
        tuple(problems),
    )
    return _read_rest(taken, peeled, meaning, base, has_pictures)


def _read_rest(
    taken: _Taken, peeled: Peeled, meaning: _Meaning, base: ImageRequest, has_pictures: bool
) -> _Meaning:
    """`meaning` with what is left over between the commands."""
    text, split, chunks = taken.text, taken.split, taken.chunks
    rest = chunks[peeled.start : peeled.end]
    left = split.words[peeled.start : peeled.end]
    words = _join(text, left)
    if is_question(rest, words):
        return _Meaning(Options(), False, None, (), problems=meaning.problems)
    points_at_pictures = has_pictures and not has_reaction(rest) and not is_wordless(rest)
    if is_talk(rest) and not points_at_pictures:  # "like this one" points
        return meaning
    if is_wordless(rest):
        problem = Misunderstood(Problem.BAD_QUANTITY, words)
        return replace(meaning, problems=(*meaning.problems, problem))
    doubts = find_doubts(rest, meaning.options.model or base.model)
    is_part = len(rest) < len(chunks) and not doubts and not points_at_pictures
    aside = find_aside(words) if is_part else None
    if aside is not None and aside is not Aside.NUMBER:
        asked = Misunderstood(ASIDES[aside], words)
        return (
            meaning
            if aside is Aside.TALK
            else replace(meaning, problems=(*meaning.problems, asked))
        )
    if doubts:
        meaning = _take_doubts(text, meaning, doubts)
        drops = frozenset().union(*(doubt.drops for doubt in doubts))
        kept = [at for at in range(len(rest)) if at not in drops]
        rest, left = [rest[at] for at in kept], tuple(left[at] for at in kept)
        rest, left = _trim(rest, left)
        words = _join(text, left)
        if is_talk(rest) or is_wordless(rest):
            return meaning
    if any(finding.said is Said.QUESTION for finding in peeled.findings):
        words = words.rstrip("?？ ")
    return replace(meaning, words=words, chunks=tuple(rest))


def _join(text: str, words: Sequence[Token]) -> str:
    return join_words(text, words).strip(" \t\n,;").lstrip("—–")


def _trim(rest: list[str], words: tuple[Token, ...]) -> tuple[list[str], tuple[Token, ...]]:
    """Without the conjunctions that join nothing any more."""
    joints = frozenset({"and", "but", "then", "also", "plus", "&", "+", ",", "und", "et", "y", "e"})
    start, end = 0, len(rest)
    while start < end and rest[start].rstrip(",") in joints | {""}:
        start += 1
    while end > start and rest[end - 1].rstrip(",") in joints | {""}:
        end -= 1
    return rest[start:end], words[start:end]


def _take_doubts(text: str, meaning: _Meaning, doubts: Sequence[Doubt]) -> _Meaning:
    """`meaning` with what the doubtful words name, and with the questions about them."""
    problems = [
        Misunderstood(each.problem, _as_typed(text, each.typed), each.meant) for each in doubts
    ]
    options, typed = meaning.options, meaning.size_typed
    for doubt in doubts:
        named = {
            field.name: value
            for field in fields(Options)
            if (value := getattr(doubt.options, field.name)) is not None
        }
        options = replace(options, **named)
        if doubt.options.size is not None:
            typed = doubt.typed if find_size(doubt.typed) else ""
    return replace(
        meaning,
        options=options,
        size_typed=typed,
        problems=(*meaning.problems, *problems),
        has_guess=meaning.has_guess and all(doubt.has_guess for doubt in doubts),
    )


def _as_typed(text: str, said: str) -> str:
    """Words of chunks as they stand in `text`."""
    at = text.casefold().find(said)
    return text[at : at + len(said)] if at >= 0 else said


def _find_typed_size(split: Split, peeled: Peeled) -> str:
    """The words that the size was named with; empty where none was, or they name none."""
    said = [finding.words for finding in peeled.findings if finding.said is Said.SIZE]
    typed = split.values.get(Flag.SIZE) or (said[-1] if said else "")
    return typed if find_size(typed) else ""


@dataclass(frozen=True, slots=True)
class _Merged:
    options: Options
    problems: tuple[Misunderstood, ...]


def _merge(options: Options, findings: Sequence[Finding]) -> _Merged:
    """The flags and the phrases together; where two of them disagree, the last one, and a
    question."""
    found, problems = options, []
    for finding in findings:
        said, problem = _read_finding(finding)
        problems += [problem] if problem else []
        for option in fields(Options):
            old, new = getattr(found, option.name), getattr(said, option.name)
            if new is None:
                continue
            if old is not None and old != new:
                problems.append(Misunderstood(Problem.GIVEN_TWICE, f"--{option.name}"))
            found = replace(found, **{option.name: new})
    return _Merged(found, tuple(problems))


def _read_finding(finding: Finding) -> tuple[Options, Misunderstood | None]:
    """What a phrase names; with a question where there is nothing of that name."""
    words = finding.words
    match finding.said:
        case Said.MODEL:
            return _read_model(re.sub(r"v(?=[0-9])", "", words))
        case Said.SIZE:
            return Options(size=find_size(words)), None
        case Said.QUANTITY:
            number = NUMBERS.get(words, read_quantity(words))
            bad = Misunderstood(Problem.BAD_QUANTITY, words) if number is None else None
            return Options(quantity=number), bad
        case Said.ENHANCE | Said.PLAIN:
            return Options(enhance=finding.said is Said.ENHANCE), None
        case Said.PRESET:
            return Options(preset=read_preset(words)), None
        case Said.NO_PRESET:
            return Options(preset=""), None
        case Said.AGAIN | Said.QUESTION:
            return Options(), None


def _read_model(typed: str) -> tuple[Options, Misunderstood | None]:
    if (model := find_model(typed)) is not None:
        return Options(model=model), None
    near = suggest_model(typed)
    problem = Misunderstood(Problem.UNKNOWN_MODEL, typed, near)
    return Options(model=Model(near) if near else None), problem


def _choose_options(
    request: ImageRequest, options: Options, named: list[Understood], size_typed: str
) -> ImageRequest:
    """`request` with `options`; what they name is put to `named`, the size with the words that were
    `size_typed` for it, if they were others. A size that the new model
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
        is_other = size_typed.casefold().strip(" ,;.") != options.size
        named.append(Understood(Kind.SIZE, options.size, size_typed if is_other else ""))
    if options.quantity is not None:
        update["quantity"] = options.quantity
        named.append(Understood(Kind.QUANTITY, str(options.quantity)))
    if options.enhance is not None:
        update["enhance_prompt"] = options.enhance
        named.append(Understood(Kind.ENHANCE_ON if options.enhance else Kind.ENHANCE_OFF))
    if options.preset is not None:
        named.append(Understood(Kind.PRESET, options.preset))
    return request.model_copy(update=update)

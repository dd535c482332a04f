"""The grammar of a reply in a thread: what it changes of the newest generation above it. Pure.

    again x3                               use ideogram, portrait please
    with a darker sky --size portrait      prompt: a red fox in snow

1. Flags are those of `/imagine`, anywhere (`flags`).
2. A few exact phrases do without flags, where nothing else is said (`phrases`).
3. `prompt: …` replaces the prompt, to the letter; only options may stand before it.
4. Courtesy, reactions and questions to the bot (`thanks!`, `nice`, an emoji, `who made this?`)
   are never drawn, and alone they spend nothing; nor does what asks for nothing (`enough`).
5. "Go back to version 2" takes that one up, and costs nothing (`versions`).
6. Any other words are an instruction, and are added to the prompt; unless some of them look like a
   setting, or like what a button does: that is asked (`settings`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.images.brief import Spread
from bot.images.catalogue import DEFAULT_SIZE, MODELS
from bot.images.chain import add_words
from bot.images.find import parse_find
from bot.images.flags import Split, split_flags
from bot.images.lexer import Item, read_items
from bot.images.meaning import (
    AgainstSpec,
    Change,
    Deed,
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
from bot.images.names import find_size
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
from bot.images.phrases import AGAIN, Phrases, find_conflicts, read_phrases, split_clauses
from bot.images.request import ImageRequest, Rule, SpecViolation
from bot.images.settings import (
    Setting,
    Where,
    find_positions,
    find_settings,
    is_empty,
    list_several,
    name_several,
)
from bot.images.talk import (
    Talk,
    asks_for_nothing,
    find_talk,
    is_question,
    is_reaction,
    is_talk,
    is_wordless,
)
from bot.images.tokens import Token, Word, join_words, prepare, read_words, split_tokens
from bot.images.variants import escape
from bot.images.versions import find_version
from bot.images.vocabulary import DEED_VERBS

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

_HELP: Final = frozenset({"help", "-h", "--help", "—help", "–help", "?", "help!", "help?", "help."})
_PROMPT: Final = re.compile(r"prompt[:：]", re.IGNORECASE)
# Besides options, this may lead to the new prompt: "use this new prompt: …".
_BEFORE_PROMPT: Final = frozenset(
    {"new", "use", "try", "with", "this", "the", "a", "change", "set", "to", "my", "here", "is"}
)
# What is said to be polite is not drawn.
_POLITE_FIRST: Final = re.compile(
    r"(?:(?:please|pls|plz|bitte|(?:can|could|would|will) (?:you|u)(?: just)?)[\s,]+"
    r"|(?:ok|okay|yes|yeah|yep|hi|hey|hello)[,.!]+\s*"
    r"|(?:thanks|thank you|thx) for [^,.!?]*[,.!]+\s*)+",
    re.IGNORECASE,
)
_THANKS_LAST: Final = re.compile(r"[,.!]\s*(?:thanks|thank you|thx|please)[\s.!]*\Z", re.IGNORECASE)
# Only where the spaces begin: else it is tried at each of thousands of them.
_POLITE_LAST: Final = re.compile(
    rf"(?<![\s,])[\s,]+(?:please|pls|plz|bitte)[\s.!?]*\Z|{_THANKS_LAST.pattern}", re.IGNORECASE
)
_AFTER_AGAIN: Final = ("with", "prep", "not", "times", "number")


_ONE: Final = Spread()


@dataclass(frozen=True, slots=True)
class _Text:
    """A reply taken apart."""

    typed: str
    split: Split
    words: list[Word]
    items: list[Item]


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a reply was read as. `problems` are what is not sure in it; the rest is the guess."""

    options: Options
    is_again: bool = False
    added: str | None = None
    size_typed: str = ""
    spread: Spread = _ONE
    problems: tuple[Misunderstood, ...] = ()
    has_guess: bool = True


def parse_reply(
    text: str,
    base: ImageRequest,
    *,
    has_pictures: bool = False,
    preset_names: Sequence[str] = (),
    campaign_names: Sequence[str] = (),
) -> Reply:
    """What `text`, a reply without its mention and unescaped, makes of `base`.

    `has_pictures`: whether pictures are attached to the reply. `preset_names` and `campaign_names`
    are those of several words that may be typed without quotes.
    """
    typed = prepare(text)
    if typed.casefold() in _HELP or not (typed or has_pictures):
        return Help()
    if (overlong := refuse_overlong(typed, base)) is not None:
        return overlong
    head, prompt = _split_prompt(typed)
    names = preset_names, campaign_names
    before = _take_apart(head, *names)
    if prompt is not None and _leads_to_prompt(before):
        return _settle(_read_options(before), prompt, base, has_pictures, typed)
    whole = before if prompt is None else _take_apart(typed, *names)
    return _read_reply(whole, base, has_pictures)


def _take_apart(text: str, preset_names: Sequence[str], campaign_names: Sequence[str]) -> _Text:
    split = split_flags(text, preset_names, campaign_names=campaign_names)
    words = read_words(text, split.words)
    return _Text(text, split, words, read_items(words))


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


def _leads_to_prompt(text: _Text) -> bool:
    if read_phrases(text.items) is not None:
        return True
    return all(word.said in _BEFORE_PROMPT or not word.said for word in text.words)


# A whole reply ---------------------------------------------------------------------------------


def _read_reply(text: _Text, base: ImageRequest, has_pictures: bool) -> Reply:
    if not has_pictures and parse_find(text.typed) is not None:
        return Misunderstood(Problem.COMMAND_WORD, text.typed, "find")
    meaning = _read_options(text)
    has_flags = bool(text.split.values or text.split.problems)
    if read_phrases(text.items) is None:
        special = None if has_flags else _find_special(text, has_pictures)
        if special is not None:
            return special
        meaning = _read_words(text, meaning, base, has_pictures)
    if meaning == _Meaning(Options(show=meaning.options.show)) and meaning.options.show:
        return Press(Deed.SHARE)  # of what is there: nothing new was asked for
    campaign = None if has_pictures else meaning.options.campaign
    if campaign is not None and meaning == _Meaning(Options(campaign=campaign)):
        meaning = replace(meaning, problems=(Misunderstood(Problem.CAMPAIGN_ALONE, campaign),))
    is_all = has_flags or meaning.is_again or meaning.added or meaning.options != Options()
    if not (is_all or meaning.problems or has_pictures):
        return NotUnderstood()
    return _settle(meaning, None, base, has_pictures, text.typed)


def _find_special(text: _Text, has_pictures: bool) -> Reply | None:
    """What a whole reply is that changes nothing of the picture."""
    words, items = text.words, text.items
    if not words:
        return None
    if (version := find_version(text.typed, text.split.words, items)) is not None:
        return version
    talk = None if has_pictures else find_talk(text.typed)
    has_refused = talk is Talk.ENOUGH or (not has_pictures and asks_for_nothing(words))
    if has_refused and not is_talk(words):
        return Nothing()
    if talk is Talk.VOTE:
        return Press(Deed.VOTE)
    found = find_settings(items, Where.REPLY, next(iter(MODELS)))
    if (deed := _find_deed(found, items)) is not None:
        return Press(deed)
    is_pointing = has_pictures and not any(is_reaction(word.said) for word in words)
    is_pointing = is_pointing and not is_wordless(words)  # "like this one"
    is_said = is_talk(words) or is_question(words, text.typed) or is_empty(items)
    if is_wordless(words) or (is_talk(words) and not is_pointing) or talk is Talk.TALK:
        return NotUnderstood()
    if is_said and not found and not is_pointing:
        return NotUnderstood()
    if talk is Talk.DEED and not found:
        return Misunderstood(Problem.COMMAND_WORD, text.typed)
    return None


def _find_deed(found: Sequence[Setting], items: Sequence[Item]) -> Deed | None:
    """The deed that a whole reply asks for, if a button does it."""
    if len(found) != 1 or found[0].question.problem is not Problem.COMMAND_WORD:
        return None
    rest = [item for item in items if item.first not in found[0].positions]
    is_whole = all(item.kind == "polite" for item in rest)
    said = [item.said.partition("-")[0] for item in items]
    verb = next((DEED_VERBS[word] for word in said if word in DEED_VERBS), None)
    return Deed(verb) if is_whole and verb else None


# What it means ---------------------------------------------------------------------------------


def _read_options(text: _Text) -> _Meaning:
    """What the flags name, and the exact phrases if there is nothing else."""
    split = text.split
    options = read_options(split.values)
    problems = [*split.problems, *find_value_problems(split.values)]
    said = read_phrases(text.items) or Phrases()
    several = list_several(text.items) if said.problems else _ONE
    problems += [
        name_several(replace(each, typed=text.typed), several) if several.is_several else each
        for each in said.problems
    ]
    problems += find_conflicts(options, said.options)
    spread = read_spread(split.values).or_else(several)
    typed = next(iter(spread.shapes), said.size_typed)
    return _Meaning(
        merge_options(options, said.options),
        said.is_again,
        size_typed=typed if find_size(typed) else "",
        spread=spread,
        problems=tuple(problems),
    )


def _read_words(text: _Text, meaning: _Meaning, base: ImageRequest, has_pictures: bool) -> _Meaning:
    """`meaning` with the words, which are added; without what looks like a setting among them,
    which is asked about."""
    model = meaning.options.model or base.model
    found = find_settings(text.items, Where.REPLY, model)
    again = _find_again(text.items)
    found = [setting for setting in found if not setting.positions <= again]
    drops = again | find_positions(found, text.items)
    kept = [at for at in range(len(text.words)) if at not in drops]
    kept = _trim(kept, text.words) if drops else kept
    tokens = [text.split.words[at] for at in kept]
    words = [text.words[at] for at in kept]
    added = _join(text.typed, tokens) if any(word.said for word in words) else ""
    problems = [*meaning.problems, *(_as_typed(text.typed, each.question) for each in found)]
    is_rest = bool(drops) or bool(text.split.values)
    is_quoted = any(token.is_literal for token in tokens)
    if added and not is_quoted and not any(map(str.isalpha, added)):
        problems.append(Misunderstood(Problem.BAD_QUANTITY, added))
        added = ""
    elif is_rest and is_talk(words) and not has_pictures:
        added = ""
    options, typed = meaning.options, meaning.size_typed
    several = list_several(item for item in text.items if item.first in drops)
    if found and several.is_several:
        problems = [name_several(each, several) for each in problems]
    for setting in found:
        options = merge_options(options, setting.options)
        if setting.options.size is not None:
            said = setting.question.typed
            typed = said if find_size(said) is not None else ""
    return _Meaning(
        options,
        meaning.is_again or bool(again),
        added or None,
        typed,
        meaning.spread.or_else(several),
        tuple(problems),
        meaning.has_guess and all(setting.has_guess for setting in found),
    )


def _find_again(items: Sequence[Item]) -> frozenset[int]:
    """The positions of "again" before or after what shall be different: "again, but at night"."""
    clauses = split_clauses(items)
    whole = [clause for clause in clauses if " ".join(item.said for item in clause) in AGAIN]
    if clauses[0] not in whole and clauses[0] and clauses[0][0].kind == "again":
        following = [item.kind for item in clauses[0][1:2]]  # "again with a darker sky"
        whole += [clauses[0][:1]] if following and following[0] in _AFTER_AGAIN else []
    if sum(len(clause) for clause in whole) > 1 and whole[0] == whole[-1]:
        return frozenset()  # "again and again the waves break"
    return frozenset(
        at for clause in whole for item in clause for at in range(item.first, item.last + 1)
    )


def _trim(positions: list[int], words: Sequence[Word]) -> list[int]:
    """Without what joins nothing any more."""
    joints = frozenset({"", "and", "but", "then", "also", "plus", "&", "+", "und", "et", "y", "e"})
    while positions and words[positions[0]].said in joints:
        positions = positions[1:]
    while positions and words[positions[-1]].said in joints:
        positions = positions[:-1]
    return positions


def _join(text: str, tokens: Sequence[Token]) -> str:
    joined = join_words(text, tokens).strip(" \t\n,;").lstrip("—–")
    if any(token.is_literal for token in tokens) and len(tokens) == 1:
        return joined
    asked = _POLITE_FIRST.match(joined)
    bare = joined[asked.end() :] if asked else joined
    if asked and re.search(r"can|could|would|will", asked.group(), re.IGNORECASE):
        bare = bare.rstrip("?？ ")
    is_quoting = re.search(r"\b(?:says?|saying|reads?|words?|text|title\w*)\b", bare)
    last = _THANKS_LAST if is_quoting else _POLITE_LAST
    return last.sub("", bare) or joined


def _as_typed(text: str, question: Misunderstood) -> Misunderstood:
    """The question with its words as they stand in `text`."""
    at = text.casefold().find(question.typed)
    said = text[at : at + len(question.typed)] if at >= 0 else question.typed
    return replace(question, typed=said)


# The request -----------------------------------------------------------------------------------


def _settle(
    meaning: _Meaning, prompt: str | None, base: ImageRequest, has_pictures: bool, typed: str
) -> Reply:
    """The request that is meant, or the question about it."""
    problems = list(meaning.problems)
    options = meaning.options
    if meaning.size_typed:
        size, _, doubt = take_size(meaning.size_typed, options.model or base.model)
        options = replace(options, size=size)
        problems += [doubt] if doubt and not meaning.spread.shapes else []
    reply, doubts = _apply(replace(meaning, options=options), prompt, base, has_pictures)
    problems += doubts
    if not problems:
        return reply
    first = problems[0]
    is_slip = first.problem in (Problem.UNKNOWN_FLAG, Problem.BAD_QUANTITY)
    if len(typed.split()) == 1 and is_slip:
        return NotUnderstood(first if first.suggestion else None)
    guess = reply if isinstance(reply, Change) and reply.understood else None
    if guess is not None and guess.brief is not None and guess.brief.is_too_large:
        return replace(first, kept=guess)
    return offer_as_typed(replace(first, guess=guess if meaning.has_guess else None))


def _apply(
    meaning: _Meaning, prompt: str | None, base: ImageRequest, has_pictures: bool
) -> tuple[Change | AgainstSpec, list[Misunderstood]]:
    """What is made of `base`, and what is to be asked about that."""
    named = [Understood(Kind.AGAIN)] if meaning.is_again else []
    changed = _change_prompt(base, prompt, meaning.added, named)
    changed = _choose_options(changed, meaning.options, named, meaning.size_typed)
    if has_pictures:
        named.append(Understood(Kind.REFERENCES))
    spread = meaning.spread
    if spread.is_several and not spread.shapes:
        spread = spread.model_copy(update={"sizes": (base.size.value,)})
    change = Change(changed, tuple(named), meaning.options)
    change, doubts = multiply(change, spread, changed.model)
    violations = find_violations(change)
    if prompt == "" and not violations:  # post mode could do without, but this is a slip
        violations = (SpecViolation(Rule.PROMPT_MISSING, "prompt"),)
    if not violations:
        return change, doubts
    is_too_long = [broken.rule for broken in violations] == [Rule.PROMPT_TOO_LONG]
    guess = cut_prompt(change) if is_too_long else None
    against = AgainstSpec(change.request, violations, guess, meaning.options, change.brief)
    return against, [each for each in doubts if each.problem is Problem.TOO_MANY]


def _change_prompt(
    base: ImageRequest, prompt: str | None, added: str | None, named: list[Understood]
) -> ImageRequest:
    """`base` with a new prompt, which is a template."""
    if prompt is not None:
        named.append(Understood(Kind.PROMPT_REPLACED, prompt))
        return base.model_copy(update={"prompt": prompt or None})
    before = escape(base.prompt) if base.prompt else base.prompt
    if added is not None:
        named.append(Understood(Kind.WORDS_ADDED, added))
        before = add_words(before, added)
    return base if before == base.prompt else base.model_copy(update={"prompt": before})


def _choose_options(
    request: ImageRequest, options: Options, named: list[Understood], size_typed: str
) -> ImageRequest:
    """`request` with `options`; what they name is put to `named`, the size with the words that were
    `size_typed` for it, if they were others. A size that the new model lacks gives way to the
    default one, unless it was named too."""
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
    if options.show is not None:
        named.append(Understood(Kind.SHOW, options.show))
    if options.campaign is not None:
        named.append(Understood(Kind.CAMPAIGN, options.campaign))
    return request.model_copy(update=update)

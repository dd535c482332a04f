"""Words that are left over, and may not be part of the picture: a size, a model, a number, a
version, what a button does, or that nothing is wanted. Pure.

What is found here is asked about and never drawn. It works on the chunks of `phrases`. Most words
have two lives (a portrait on the wall, a square table, two pictures in a frame), so a word counts
only where it stands alone in its clause, or beside another that says which life is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Final

from bot.images.asides import names_deed
from bot.images.catalogue import MODELS, QUANTITY_MAX, Model, Size
from bot.images.flags import Flag, Token, read_state
from bot.images.meaning import Deed, Misunderstood, Options, Problem, TakeUp
from bot.images.names import (
    find_misspelt_model,
    find_misspelt_size,
    find_model,
    find_place,
    find_shape,
    find_size_word,
    is_format_word,
    suggest_model,
)
from bot.images.phrases import (
    LITERAL,
    MODEL_NAMED,
    MODEL_WANTED,
    NUMBERS,
    Finding,
    Said,
    TooManyPhrases,
    peel_phrases,
)
from bot.images.vocabulary import (
    AROUND_SIZE,
    ARTICLES,
    CONJUNCTIONS,
    COURTEOUS,
    FOREIGN_NUMBERS,
    FORMAT_NOUNS,
    GO_ON,
    HANGING,
    MODEL_LEADS,
    NEGATIONS,
    NTH,
    OF_REFUSALS,
    RATIOS,
    REFUSALS,
    SIZE_LEADS,
    read_words,
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A word that names something else than what could be drawn. `drops` are the places of the
    chunks that say it; without them, and with `options`, it is the request that is meant."""

    problem: Problem
    typed: str
    meant: str | None = None
    options: Options = field(default_factory=Options)
    drops: frozenset[int] = frozenset()
    has_guess: bool = True

    def as_flags(self) -> dict[Flag, str]:
        """`options` as if they had been typed as flags; of too many pictures, the most."""
        number = self.options.quantity
        named = {
            Flag.MODEL: self.options.model,
            Flag.SIZE: self.options.size,
            Flag.QUANTITY: None if number is None else max(1, min(number, QUANTITY_MAX)),
            Flag.ENHANCE: self.options.enhance and "on",
            Flag.PRESET: self.options.preset,
        }
        if self.options.enhance is False:
            named[Flag.ENHANCE] = "off"
        return {flag: str(value) for flag, value in named.items() if value is not None}


_IN_SCRIPTS: Final = re.compile(
    r"(?:縦長|横長|縦向き|横向き|正方形|竖版|横版|竖屏|横屏|竖图|横图|竖向|横向|豎版|橫版|세로"
    r"|가로|정사각형|แนวตั้ง"
    r"|แนวนอน)(?!の|的)"
)
_IN_SCRIPTS_MAX: Final = 14

_PICTURES: Final = (
    r"(?:pictures?|images?|pics?|photos?|versions?|variations?|variants?|options?|takes|renders?"
    r"|copies|bilder|versionen|varianten|imágenes|imagenes|fotos|versiones|variantes|immagini"
    r"|versioni|imagens|versões|afbeeldingen|plaatjes|картинки|картинок|изображения|варианта)"
)
_COUNTS: Final = NUMBERS | FOREIGN_NUMBERS
_COUNT: Final = rf"(?P<count>[0-9]{{1,2}}|{'|'.join(_COUNTS)})"
# Not "add two pictures on the wall": there they hang.
_MANY = re.compile(
    rf"(?<!\S)(?:(?:make|do|give|create|generate|show|get|want|need)(?: me| us| it)? )?{_COUNT}"
    rf"(?: (?:more|new|other|different|mehr|weitere|autres|más))? {_PICTURES}"
    r"(?! (?:on|above|behind|in|at|over|under|beside|next|from|hang\w*) (?:the|a|an|his|her|my"
    r"|their|each|every)\b)(?= |,|\Z)"
)
_SOME = re.compile(
    rf"(?:(?:make|do|give|create|generate|draw)(?: me| us)? )?(?:a (?:couple|dozen|few)|several"
    rf"|multiple"
    rf"|ein paar|quelques|varias)(?: of)? {_PICTURES} (?:of|von|de)(?= )|(?:dwa|trzy"
    rf"|cztery) (?:obrazki|obrazy)(?= )"
)
_OF_THEM = re.compile(rf"(?<!\S){_COUNT} of (?:them|these|those)(?= |\Z)")
_TIMES = re.compile(r"(?<!\S)(?:x ?(?P<after>[0-9]{1,2})|(?P<before>[0-9]{1,2}) ?x)(?=,|\Z| )")
_IN_COLOUR = re.compile(rf"\A(?:make |do |give me |i want )?{_COUNT} (?:in|with) (?P<rest>.+)\Z")

_NTH: Final = (
    r"(?:[0-9]{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|last|previous|prior"
    r"|earlier"
    r"|original|initial)"
)
_VERSION_NAMED = re.compile(
    rf"(?<!\S)(?:version \#?[0-9]{{1,2}}|(?:the )?{_NTH} (?:version|one|try|attempt|variant|result)"
    r"|v[0-9](?=,|\Z)"
    r"|(?:use|like|as|take|keep|pick|only) (?:the )?[0-9]{1,2}(?:st|nd|rd|th)(?=,|\Z)"
    r"|(?:go|going|roll|change|switch|turn|come) back(?! (?:and|pain|yard|in time|the clock|view"
    r"|porch|alley))"
    r"|revert|undo(?! (?:button|arrow|icon|key|sign))|rollback|(?:like|as|to"
    r"|than) the original(?=,|\Z)"
    r"|back to (?:the )?(?:version|original|first|previous|last|[0-9])"
    r"|(?:zurück zu|revenir à|vuelve a|torna alla) (?:la )?version\w*)(?=[ ,]|\Z)"
)
_OTHER_MODEL = re.compile(
    r"(?<!\S)(?:(?:an?)?other|another|different|new|next|better|cheaper|faster|anderes|autre|otro)"
    r" (?:ai )?(?:model|modell|modèle|modelo)(?=,|\Z| (?:please|pls|instead|this time|for this|and"
    r"|maybe)\b)|(?:change|switch|swap) (?:the )?models?(?=,|\Z)"
)
_ELSEWHERE = re.compile(
    r"(?<!\S)(?:use|using|via|with|in|try|go with|switch to|change to) (?:the )?"
    r"(?P<model>midjourney|dall[ ·-]?e(?:[ -]?\d)?|stable[ -]diffusion|sdxl|imagen(?:[ -]?\d)?"
    r"|recraft|seedream|firefly|grok|gemini|kling|hunyuan|chatgpt|openai|sora"
    r"|dalle)(?: model)?(?=[ ,]|\Z)"
)


_ONLY_MAX: Final = 8  # options alone take no more words

# A whole reply or prompt --------------------------------------------------------------------


def find_only_options(
    text: str, words: Sequence[Token], chunks: Sequence[str], model: Model
) -> Misunderstood | None:
    """Whether a whole prompt names options, or nearly does, and nothing to be drawn."""
    if not words or words[0].is_literal:
        return None
    try:
        peeled = peel_phrases(chunks)
    except TooManyPhrases:
        return Misunderstood(Problem.ONLY_OPTIONS, text[:80])
    is_all = peeled.start >= peeled.end and bool(peeled.findings)
    is_all = is_all or find_take_up(chunks, text, words) is not None
    is_all = is_all or _names_only_options(chunks, model)
    if is_all or _find_alone([chunk.rstrip(",") for chunk in chunks]):
        return Misunderstood(Problem.ONLY_OPTIONS, text[words[0].start : words[-1].end])
    return None


def _names_only_options(chunks: Sequence[str], model: Model) -> bool:
    named = [
        doubt
        for doubt in find_doubts(chunks[:_ONLY_MAX], model)
        if doubt.problem is not Problem.NAMES_VERSION
    ]
    drops = frozenset().union(*(doubt.drops for doubt in named))
    return len(chunks) <= _ONLY_MAX and drops == frozenset(range(len(chunks)))


def _find_alone(bare: Sequence[str]) -> bool:
    while bare and bare[0] in MODEL_LEADS:
        bare = bare[1:]
    said = " ".join(bare)
    if len(bare) == 1:
        word = bare[0]
        is_size = find_size_word(word) is not None or word in RATIOS
        if is_size or find_misspelt_size(word) is not None:
            return True
    is_short = 0 < len(bare) <= 3
    return is_short and (
        find_misspelt_model(said) is not None or _OTHER_MODEL.fullmatch(said) is not None
    )


def find_options_in_prompt(chunks: Sequence[str]) -> Doubt | None:
    """The options that a prompt begins or ends with, and that hardly describe anything: `16:9`,
    `in portrait format`, `use ideogram`, `3 pictures of …`; all of them together."""
    left, start = list(chunks), 0
    found: list[Doubt] = []
    while len(left) > 1 and len(found) < len(Flag):
        at_end = _find_at_end(left)
        doubt = at_end or _read_beginning(left)
        if doubt is None:
            break
        found.append(_dropping(doubt, {place + start for place in doubt.drops}))
        left = left[: min(doubt.drops)] if at_end else left[len(doubt.drops) :]
        start += 0 if at_end else len(doubt.drops)
    if not found:
        return None
    options = Options()
    for each in reversed(found):
        options = merge_options(options, each.options)
    drops = set().union(*(each.drops for each in found))
    last = start + len(left) - 1
    while last > start and last + 1 in drops and chunks[last].rstrip(",") in _JOINTS:
        drops.add(last)
        last -= 1
    return replace(found[0], options=options, drops=frozenset(drops))


def merge_options(options: Options, more: Options) -> Options:
    """`options`, with what `more` names."""
    said = {field.name: getattr(more, field.name) for field in fields(Options)}
    return replace(options, **{name: value for name, value in said.items() if value is not None})


def _find_at_end(chunks: Sequence[str]) -> Doubt | None:
    polite = 0
    while polite + 1 < len(chunks) and chunks[-1 - polite].rstrip(",") in COURTEOUS:
        polite += 1
    if polite:
        doubt = _find_at_end(chunks[:-polite])
        return doubt and _dropping(doubt, {*doubt.drops, *range(len(chunks) - polite, len(chunks))})
    for count in range(min(5, len(chunks) - 1), 0, -1):
        at = len(chunks) - count
        said = " ".join(chunks[at:]).rstrip(",")
        if "," in said or LITERAL in said:
            continue
        before = chunks[at - 1]
        if before == "at" or (before in _HAS_X and _COUNT_AT_END.fullmatch(said)):
            continue
        is_in_list = any("," in chunk for chunk in chunks[: at - 1])
        if is_in_list and said in ("portrait", "landscape"):
            continue  # a list of what describes it: "a city, matte painting, landscape"
        doubt = _read_end(said, before.endswith(",")) or _read_addition(said, before)
        if doubt is not None:
            return _dropping(doubt, range(at, len(chunks)))
    return None


_FORMAT_AT_END = re.compile(
    r"(?:(?:in|as|im|als|en|in a|in an) )?(?P<size>\S+)"
    r"(?P<noun> (?:format|mode|orientation|aspect ratio|aspect|size))?"
)
_EVERYDAY: Final = ("flux", "gpt", "nano")
_FORMAT: Final = (
    r"(?:format|mode|orientation|aspect ratio|aspect|size|ratio|formato|formaat|formacie|formát"
    r"|formatet|version)"
)
_SIZE_ELSEWHERE: Final = re.compile(
    rf"(?P<lead>(?:in|as|im|als|en|au|em|a|w|no|nel|na|op|in an?|als een) )?(?P<noun>{_FORMAT} )?"
    rf"(?P<size>\S+)(?P<after> {_FORMAT})?"
)
_FOR_PLACE: Final = re.compile(
    r"(?:for|as|für|pour|para|per|voor|dla) (?:(?:an?|the|my|our|meine?n?|unsere?|mon|ma"
    r"|notre|mi|minha|mijn|onze|eine?n?|une?|una"
    r"|uma) )?(?P<place>.+)"
)
_BRANDS: Final = re.compile(
    r"instagram|insta|ig|youtube|yt|tiktok|facebook|snapchat|twitter|whatsapp"
)
_OWN_STORY: Final = re.compile(r"(?:for|as) (?:my|our )?(?:stor(?:y|ies)|reels?|shorts|tiktok)")
_NO_LEADS: Final = (None, "a ", "in a ", "in an ", "no ")  # "a man in a square"
_AFTER_SCRIPT: Final = ("", "で", "に", "です", "にして", "でお願いします", "로", "으로")
_SETTING: Final = re.compile(r"\A(?:with|without|no|use|using) .*(?:enhanc|preset)")
_KEYED: Final = re.compile(
    r"/?(?:(?P<size>size|ar|aspect ratio|ratio|format|orientation)|(?P<model>model)"
    r"|(?P<quantity>quantity|count|qty|n)|(?P<enhance>enhance)|(?P<preset>preset))"
    r"(?P<mark>[=: ]+)(?P<value>.+)"
)
_COUNT_AT_END: Final = re.compile(
    rf"x ?(?P<after>[0-9]{{1,2}})|(?P<before>[0-9]{{1,2}}) ?x|{_COUNT} times"
)
# "A BMW x3": there it is a name.
_HAS_X: Final = read_words("bmw volvo nikon canon fujifilm level mega iphone type zoom by scaled")
_MODEL_AT_END = re.compile(r"(?:use|using|with|via|by|made with|made by) (?:the )?(?P<model>.+)")
# After a pause, these describe a picture as well: "oil on canvas, wide".
_OWN_LIFE: Final = frozenset({"wide", "tall", "upright", "vertically", "horizontally", "doc"})


def _read_end(said: str, is_after_pause: bool) -> Doubt | None:
    found = (
        _read_keyed(said)
        or _read_size_at_end(said, is_after_pause)
        or (_read_phrases(said) if is_after_pause else None)
    )
    if found is not None:
        return found
    match = _FORMAT_AT_END.fullmatch(said)
    if match is not None:
        word, has_lead = match["size"], match.start("size") > 0
        size = find_size_word(word) or find_misspelt_size(word)
        is_format = is_format_word(word) or (bool(match["noun"]) and (has_lead or is_after_pause))
        if size is not None and is_format:
            return Doubt(Problem.NAMES_SIZE, said, size, Options(size=size))
        if word in RATIOS and (has_lead or is_after_pause or word in ("16:9", "9:16", "4:5")):
            return _doubt_ratio(word)
    if (match := _MODEL_AT_END.fullmatch(said)) is not None:
        return _doubt_model(match["model"])
    if is_after_pause and (match := _TIMES.fullmatch(said) or _MANY.fullmatch(said)):
        return _doubt_count(match)
    if (match := _COUNT_AT_END.fullmatch(said)) is not None:
        return _doubt_count(match)
    return None


def _read_addition(said: str, before: str) -> Doubt | None:
    """What is added with "and" or a pause, and is no more of the picture: "and share it"."""
    is_joined = before.endswith(",") or before in CONJUNCTIONS
    if _SETTING.search(said) or (before in CONJUNCTIONS and said not in set(Size)):
        found = _read_phrases(said)
        if found is not None:
            return found
    is_deed = is_joined and (find_deed(said) is not None or names_deed(said))
    return Doubt(Problem.COMMAND_WORD, said) if is_deed else None


def _read_keyed(said: str) -> Doubt | None:
    """An option that is named as one, without its dashes: `size: square`, `model=flux`."""
    match = _KEYED.fullmatch(said)
    if match is None:
        return None
    value, is_marked = match["value"], match["mark"].strip() != ""
    if match["size"] and (shape := find_shape(value)) is not None:
        return Doubt(Problem.NAMES_SIZE, said, shape.size, Options(size=shape.size))
    if match["model"] and (model := find_model(value)) is not None:
        return Doubt(Problem.NAMES_MODEL, said, MODELS[model].name, Options(model=model))
    if match["quantity"] and re.fullmatch("[0-9]{1,2}", value):
        if match["quantity"] == "n" and not is_marked:
            return None
        return _doubt_number(said, int(value))
    if match["enhance"] and (state := read_state(value)) is not None:
        return Doubt(Problem.COMMAND_WORD, said, options=Options(enhance=state))
    if match["preset"] and is_marked:
        return Doubt(Problem.COMMAND_WORD, said, options=Options(preset=value))
    return None


def _read_size_at_end(said: str, is_after_pause: bool) -> Doubt | None:
    said = re.sub(r"(?<=[0-9]) ?[x×/∶*] ?(?=[0-9])", "x", said)
    if match := _FOR_PLACE.fullmatch(said):
        is_place = _BRANDS.match(match["place"]) or _OWN_STORY.fullmatch(said)
        place = find_place(match["place"]) if is_place else None
        if place is not None:
            return Doubt(Problem.NAMES_SIZE, said, place.size, Options(size=place.size))
    match = _SIZE_ELSEWHERE.fullmatch(said)
    if match is None:
        return None
    word = match["size"]
    is_led = bool(match["noun"] or match["after"] or match["lead"] not in _NO_LEADS)
    if ratio := _find_ratio(word):
        is_sure = is_led or is_after_pause or "1080" in word or ratio in ("16:9", "9:16")
        return _doubt_ratio(ratio) if is_sure else None
    size = find_size_word(word) or find_misspelt_size(word)
    if (
        size is None
        and (script := _IN_SCRIPTS.match(word))
        and word[script.end() :] in _AFTER_SCRIPT
    ):
        return _doubt_script(said, script.group())
    if size is None or word in _OWN_LIFE or not (is_led or is_after_pause):
        return None
    return Doubt(Problem.NAMES_SIZE, said, size, Options(size=size))


def _doubt_script(said: str, word: str) -> Doubt | None:
    size = find_size_word(word)
    return Doubt(Problem.NAMES_SIZE, said, size, Options(size=size)) if size else None


def _find_ratio(word: str) -> str:
    """The ratio or the pixels that a word is; empty if it is neither."""
    bare = word.removesuffix("px")
    if re.fullmatch("[0-9]{3,4}x[0-9]{3,4}", bare):
        return bare
    ratio = re.sub(r"(?<=[0-9])[x/](?=[0-9])", ":", bare)
    return ratio if ratio in RATIOS else ""


def _read_phrases(said: str) -> Doubt | None:
    """The options that a whole clause names in the words of a reply."""
    peeled = peel_phrases(said.split())
    options = Options()
    if peeled.start < peeled.end or "another" in said:
        return None
    for finding in peeled.findings:
        options = merge_options(options, _options_of(finding))
    if options == Options():
        return None
    if options.quantity is not None:
        return replace(_doubt_number(said, options.quantity), options=options)
    if options.size is not None:
        return Doubt(Problem.NAMES_SIZE, said, options.size, options)
    if options.model is not None:
        return Doubt(Problem.NAMES_MODEL, said, MODELS[options.model].name, options)
    return Doubt(Problem.COMMAND_WORD, said, options=options)


def _options_of(finding: Finding) -> Options:
    match finding.said:
        case Said.MODEL:
            return Options(model=find_model(re.sub(r"v(?=[0-9])", "", finding.words)))
        case Said.SIZE:
            shape = find_shape(finding.words)
            return Options(size=shape.size if shape else None)
        case Said.QUANTITY:
            return Options(quantity=_COUNTS.get(finding.words) or int(finding.words))
        case Said.ENHANCE | Said.PLAIN:
            return Options(enhance=finding.said is Said.ENHANCE)
        case Said.PRESET:
            return Options(preset=finding.words)
        case _:
            return Options()


_JOINTS: Final = CONJUNCTIONS | COURTEOUS | {""}
_LABELS: Final = ("again", "undo", "redo", "retry", "revert", "enhance", "prompt", "regenerate")
_BEGINS_THING: Final = r"(?:an?|the|my|our|two|three|some|ein\w*|une?|un|una|uma|een|der|die|das) "
_BEGINNING: Final = re.compile(
    r"(?P<lead>(?:use|using|with|via|in|as|im|en|em) )?(?P<option>[^\s,]+(?: [^\s,]+){0,3}?)"
    rf"(?P<pause>,)?(?P<joint> (?:for|of|to draw|to make))? (?={_BEGINS_THING})"
)


def _read_option_first(said: str) -> Doubt | None:
    """An option before what is to be drawn: `16:9 a fox`, `use ideogram for a fox`."""
    match = _BEGINNING.match(said)
    if match is None or LITERAL in match.group():
        return None
    option, has_lead, has_pause = match["option"], bool(match["lead"]), bool(match["pause"])
    typed = match.group().strip().rstrip(",")
    count = _COUNT_AT_END.fullmatch(option)
    named = MODEL_NAMED.fullmatch(option) or (has_lead and option in _EVERYDAY)
    if ratio := _find_ratio(option):
        doubt: Doubt | None = _doubt_ratio(ratio)
    elif named and (has_lead or has_pause or not match["joint"]):
        doubt = _doubt_model(option) or _dropping(_doubt_named_model(option), ())
    elif count:
        doubt = _doubt_count(count)
    elif has_pause and option in _LABELS:
        doubt = Doubt(
            Problem.COMMAND_WORD, option, options=Options(enhance=option == "enhance" or None)
        )
    elif (has_pause or has_lead) and (size := find_size_word(option)) and not match["joint"]:
        doubt = Doubt(Problem.NAMES_SIZE, typed, size, Options(size=size))
    else:
        doubt = None
    return doubt and _dropping(doubt, range(len(match.group().split())))


def _read_beginning(chunks: Sequence[str]) -> Doubt | None:
    if (first := _read_option_first(" ".join(chunks[:8]))) is not None:
        return first
    polite = 0
    while polite < min(2, len(chunks) - 2) and chunks[polite] in COURTEOUS | {
        "can",
        "could",
        "you",
    }:
        polite += 1
    if polite:
        doubt = _read_beginning(chunks[polite:])
        return doubt and _dropping(doubt, range(polite + len(doubt.drops)))
    if re.search("[=:]", chunks[0]) and (keyed := _read_keyed(chunks[0].rstrip(","))):
        return _dropping(keyed, [0])
    said = " ".join(chunks[:8])
    if match := _SOME.match(said):
        doubt = Doubt(Problem.NAMES_NUMBER, match.group(), has_guess=False)
        return _dropping(doubt, range(len(match.group().split())))
    match = _MANY.match(said)
    if match is None or not re.match(
        r" (?:of|von|de|d'|di|van|mit|con|com)\b|,", said[match.end() :]
    ):
        return None
    number = len(match.group().split())
    has_of = re.match(r" (?:of|von|de|di|van)(?: |\Z)", said[match.end() :]) is not None
    return _dropping(_doubt_count(match), range(number + has_of))


def _doubt_model(said: str) -> Doubt | None:
    if said in _EVERYDAY:
        return _doubt_named_model(said)
    if _ELSEWHERE.fullmatch(f"use {said}"):
        return Doubt(Problem.UNKNOWN_MODEL, said, has_guess=False)
    named = MODEL_NAMED.fullmatch(said)
    model = find_model(said) if named else find_misspelt_model(said)
    if model is None and not named:
        return None
    if model is None:
        return Doubt(Problem.UNKNOWN_MODEL, said, suggest_model(said), has_guess=False)
    return Doubt(Problem.NAMES_MODEL, said, MODELS[model].name, Options(model=model))


def _doubt_ratio(word: str) -> Doubt:
    shape = find_shape(word)
    size = shape.size if shape else Size.SQUARE
    return Doubt(Problem.NAMES_SIZE, word, size, Options(size=size))


def _doubt_count(match: re.Match[str]) -> Doubt:
    said = next(value for value in match.groups() if value)
    return _doubt_number(match.group().strip(), int(said) if said.isdecimal() else _COUNTS[said])


def _doubt_number(said: str, number: int) -> Doubt:
    return Doubt(
        Problem.NAMES_NUMBER,
        said,
        str(number),
        Options(quantity=number),
        has_guess=1 <= number <= QUANTITY_MAX,
    )


def _dropping(doubt: Doubt, places: Iterable[int]) -> Doubt:
    return Doubt(
        doubt.problem, doubt.typed, doubt.meant, doubt.options, frozenset(places), doubt.has_guess
    )


# An instruction -----------------------------------------------------------------------------


def find_doubts(chunks: Sequence[str], current: Model) -> list[Doubt]:
    """All that an instruction names beside what is to be drawn; `current` is the model that it is
    made with now."""
    found: list[Doubt] = []
    clauses = [clause for clause in _split_clauses(chunks) if clause]
    for clause in clauses:
        doubt = _find_in_clause(chunks, clause, current)
        if doubt is None:
            doubt = _find_setting_in(chunks, clause)
        if doubt is None and len(clauses) > 1:
            doubt = _find_deed_in(chunks, clause)
        if doubt is not None:
            found.append(doubt)
    return found


def _find_setting_in(chunks: Sequence[str], clause: Sequence[int]) -> Doubt | None:
    """A flag without its dashes: `enhance=true`."""
    for at in clause:
        if re.search("[=:]", chunks[at]) and (doubt := _read_keyed(chunks[at].rstrip(","))):
            return _dropping(doubt, [at])
    return None


def _find_deed_in(chunks: Sequence[str], clause: Sequence[int]) -> Doubt | None:
    said = " ".join(chunks[at].rstrip(",") for at in clause)
    if LITERAL in said or not (find_deed(said) or names_deed(said)):
        return None
    return Doubt(Problem.COMMAND_WORD, said, drops=frozenset(clause))


def _split_clauses(chunks: Sequence[str]) -> Iterator[list[int]]:
    """The places of the chunks between pauses and conjunctions; what joins two is in neither."""
    clause: list[int] = []
    for at, chunk in enumerate(chunks):
        if chunk.rstrip(",") in CONJUNCTIONS or chunk == ",":
            yield clause
            clause = []
            continue
        clause.append(at)
        if chunk.endswith(","):
            yield clause
            clause = []
    yield clause


def _find_in_clause(chunks: Sequence[str], clause: list[int], current: Model) -> Doubt | None:
    bare = [chunks[at].rstrip(",") for at in clause]
    if not bare:
        return None
    said = " ".join(bare)
    doubt = (
        _find_model_in(said, bare, clause, current)
        or _find_version_in(said, clause)
        or _find_size_in(bare, clause, chunks)
        or _find_count_in(said, bare, clause)
    )
    if doubt is not None and doubt.has_guess and NEGATIONS & set(bare):
        # What is not wanted is said, and not what is wanted instead.
        return Doubt(doubt.problem, doubt.typed, doubt.meant, has_guess=False)
    return doubt


def _find_model_in(
    said: str, bare: Sequence[str], clause: Sequence[int], current: Model
) -> Doubt | None:
    if match := _ELSEWHERE.search(said):
        drops = _places_of(said, match.span(), clause)
        typed = match["model"]
        return Doubt(Problem.UNKNOWN_MODEL, typed, drops=drops, has_guess=False)
    if _OTHER_MODEL.search(said):
        following = list(MODELS)[(list(MODELS).index(current) + 1) % len(MODELS)]
        name, chosen = MODELS[following].name, Options(model=following)
        return Doubt(Problem.OTHER_MODEL, said, name, chosen, frozenset(clause))
    if said in _EVERYDAY:
        return _dropping(_doubt_named_model(said), clause)
    if (match := MODEL_NAMED.search(said)) is not None:
        doubt = _doubt_named_model(match["model"])
        return _dropping(doubt, _with_leads(said, match.span("model"), bare, clause))
    if (misspelt := _find_misspelt_in(said, bare, clause)) is not None:
        return misspelt
    if (match := MODEL_WANTED.search(said)) is not None:
        doubt = _doubt_named_model(match["model"])
        return _dropping(doubt, _with_leads(said, match.span("model"), bare, clause))
    return None


def _find_misspelt_in(said: str, bare: Sequence[str], clause: Sequence[int]) -> Doubt | None:
    for count in (2, 1):
        for at in range(len(bare) - count + 1):
            words = " ".join(bare[at : at + count])
            model = find_misspelt_model(words) if LITERAL not in words else None
            if model is not None:
                start = len(" ".join([*bare[:at], ""]))
                places = _with_leads(said, (start, start + len(words)), bare, clause)
                options = Options(model=model)
                return Doubt(Problem.NAMES_MODEL, words, MODELS[model].name, options, places)
    return None


def _doubt_named_model(typed: str) -> Doubt:
    model = find_model(re.sub(r"v(?=[0-9])", "", typed))
    if model is None:
        return Doubt(Problem.UNKNOWN_MODEL, typed, suggest_model(typed), has_guess=False)
    return Doubt(Problem.NAMES_MODEL, typed, MODELS[model].name, Options(model=model))


def _places_of(said: str, span: tuple[int, int], clause: Sequence[int]) -> frozenset[int]:
    """The places of the chunks that a match in a clause covers."""
    first = said[: span[0]].count(" ")
    last = first + said[span[0] : span[1]].rstrip().count(" ")
    return frozenset(clause[first : last + 1])


def _with_leads(
    said: str, span: tuple[int, int], bare: Sequence[str], clause: Sequence[int]
) -> frozenset[int]:
    """The same, with the words before it that only lead to it: "and try it with the …"."""
    first = said[: span[0]].count(" ")
    last = first + said[span[0] : span[1]].count(" ")
    while first and bare[first - 1] in MODEL_LEADS:
        first -= 1
    if last + 1 < len(bare) and bare[last + 1] == "model":
        last += 1
    return frozenset(clause[first : last + 1])


def _find_version_in(said: str, clause: Sequence[int]) -> Doubt | None:
    match = _VERSION_NAMED.search(said)
    if match is None:
        return None
    return Doubt(Problem.NAMES_VERSION, match.group(), drops=frozenset(clause), has_guess=False)


def _find_size_in(bare: Sequence[str], clause: list[int], chunks: Sequence[str]) -> Doubt | None:
    named = [(at, word, size) for at, word in enumerate(bare) if (size := _size_of(word))]
    # "An Instagram story": the second is the size.
    named = [each for each in named if each[1] not in AROUND_SIZE] or named
    if not named:
        return None
    number = _OF_THEM.search(" ".join(bare))
    quantity = _COUNTS.get(number["count"]) or int(number["count"]) if number else None
    around = AROUND_SIZE | NEGATIONS | {word for _, word, _ in named}
    around |= frozenset(number.group().split() if number else ())
    _, word, size = named[0]
    options = Options(size=size, quantity=quantity)
    is_clear = len({size for _, _, size in named}) == 1
    doubt = Doubt(Problem.NAMES_SIZE, word, size, options, has_guess=is_clear)
    is_thing = _is_second_thing(chunks, clause[0], word) or _heads_a_list(chunks, clause, word)
    if all(other in around for other in bare) and not is_thing:
        return _dropping(doubt, clause)
    for at, word, size in named:
        after = bare[at + 1] if at + 1 < len(bare) else ""
        is_format = word in RATIOS or is_format_word(word) or _is_in_script(word)
        if is_format or after in FORMAT_NOUNS:
            doubt = Doubt(Problem.NAMES_SIZE, word, size, Options(size=size))
            return _dropping(doubt, _places_of_size(bare, clause, at, after))
    return None


def _size_of(word: str) -> Size | None:
    if word in RATIOS:
        shape = find_shape(word)
        return shape.size if shape else None
    if LITERAL in word or not word:
        return None
    found = find_size_word(word) or find_misspelt_size(word)
    if found is not None:
        return found
    if (place := find_place(word)) is not None and not word[0].isdigit():
        return place.size
    match = _IN_SCRIPTS.search(word) if len(word) <= _IN_SCRIPTS_MAX else None
    return find_size_word(match.group()) if match else None


def _is_in_script(word: str) -> bool:
    return len(word) <= _IN_SCRIPTS_MAX and _IN_SCRIPTS.search(word) is not None


def _is_second_thing(chunks: Sequence[str], start: int, word: str) -> bool:
    """Whether a size is the second of two things: "add a circle and square"."""
    if start < 3 or word not in set(Size):
        return False
    joint, article = chunks[start - 1].rstrip(","), chunks[start - 3].rstrip(",")
    return joint in ("and", "or", "&") and article in ARTICLES


def _heads_a_list(chunks: Sequence[str], clause: Sequence[int], word: str) -> bool:
    """Whether a size is the first of what describes a picture: "portrait, oil on canvas, 85 mm"."""
    if clause != [0] or word not in set(Size) or len(chunks) < 3:
        return False
    after = chunks[1].rstrip(",")
    return after not in GO_ON and not after.endswith("er")


def _places_of_size(
    bare: Sequence[str], clause: Sequence[int], at: int, after: str
) -> frozenset[int]:
    first, last = at, at + (after in FORMAT_NOUNS)
    while first and bare[first - 1] in SIZE_LEADS | ARTICLES:
        first -= 1
    return frozenset(clause[first : last + 1])


def _find_count_in(said: str, bare: Sequence[str], clause: Sequence[int]) -> Doubt | None:
    if match := re.fullmatch(rf"{_COUNT}(?: (?:please|bitte))?", said):
        return _dropping(_doubt_count(match), clause)
    for pattern in (_MANY, _TIMES):
        if match := pattern.search(said):
            if _is_scaling(bare) or HANGING & set(said[: match.start()].split()):
                return None
            return _dropping(_doubt_count(match), _places_of(said, match.span(), clause))
    if match := _IN_COLOUR.match(said):
        return _dropping(_doubt_count(match), clause[: said[: match.start("rest")].count(" ") - 1])
    return None


def _is_scaling(bare: Sequence[str]) -> bool:
    scaling = read_words(
        "zoom zoomed scale scaled magnify bigger larger smaller taller wider longer by"
    )
    return bool(scaling & set(bare))


# Versions, deeds, nothing --------------------------------------------------------------------

_COURTESY: Final = (
    r"(?:(?:please|pls|plz|ok|okay|can (?:you|i)|could (?:you|i)|may i|let's|lets|no|hm+|actually"
    r"|i want to)[, ]+)*"
)
_UNDO = re.compile(
    rf"{_COURTESY}(?:undo|revert|roll(?: it)? back|rollback"
    r"|(?:go|take it|step|change it|put it) back"
    r"|back|ctrl[ +-]?z|rückgängig(?: machen)?|mach(?: es| das)? rückgängig|zurück|annuler|annule"
    r"|reviens(?: en arrière)?|deshacer|deshaz|vuelve|annulla|desfazer|desfaz|ongedaan maken"
    r"|отменить|отмени|назад|元に戻して|戻して|撤销|撤銷|返回|실행 취소|되돌려|geri al)"
    r"(?: (?:it|that|this|again|one(?: step| version)?|a (?:step|version)|(?:the |my )?last"
    r"(?: change| one| version| step)?|(?:the )?changes?))?"
    r"(?: please| pls| bitte| s'il te plaît| por favor)?"
)
_VERSION_WORDS: Final = r"(?:version|versión|versione|versão|versie|v|nr|no|number|#)"
_TO_VERSION = re.compile(
    rf"{_COURTESY}(?:(?:go|going|come|jump|switch|roll|revert|return|change|undo|put it|take it)"
    r"(?: it)?(?: back)?|back|start(?: again| over)?|continue|go on|restore|take up|reopen|reload"
    r"|zurück|geh zurück|reviens|revenir|retourne|vuelve|volver|torna|voltar|volte|terug)"
    r"(?: (?:to|from|with|at|zu|zur|à|a|alla|para|naar))?"
    r"(?: (?:the|la|el|der|die|a|my|our))?"
    rf" (?:{_VERSION_WORDS} ?\#?(?P<number>[0-9]{{1,2}})|v(?P<short>[0-9]{{1,2}})"
    r"|\#?(?P<plain>[0-9]{1,2})|(?P<nth>[0-9]{1,2})(?:st|nd|rd|th|\.|e|ª|º)"
    rf"|(?P<word>{'|'.join(NTH)})|(?P<before>previous|last|prior|earlier|one before"
    r"|version before|vorherigen?|précédente|anterior|precedente))"
    r"(?: (?:version|one|picture|image|pic|result|try|attempt|variant))?"
    r"(?P<end>[, ]|\Z)"
)


# "Once more", and "another one".
_AGAIN_ELSEWHERE = re.compile(
    r"(?:(?:bitte|por favor) )?(?:noch (?:eins|eines|einmal|mal|ein bild|eine version)|nochmals?"
    r"|mehr davon|encore(?: une(?: fois)?| un)?|une autre(?: image| version)?"
    r"|otra(?: vez| más| imagen)?|de nuevo|una más|ancora(?: una(?: volta)?)?"
    r"|un'altra(?: immagine)?|de novo|mais uma(?: vez)?|outra(?: vez)?|nog (?:een|één)(?: keer)?"
    r"|opnieuw|(?:ещё|еще) (?:раз|одну?|одна)|もう一度|もう一枚|再来一张|再一次|再来一次|다시"
    r"|한 번 더|tekrar|jeszcze raz|en gång till)"
    r"(?: bitte| s'il te plaît| por favor| please| per favore)*"
)


def asks_again_elsewhere(chunks: Sequence[str]) -> bool:
    """Whether a whole reply asks for another one in another language than English."""
    said = " ".join(chunks[:_SPECIAL_MAX]).rstrip(",")
    return _AGAIN_ELSEWHERE.fullmatch(said) is not None


_PICKED_VERSION = re.compile(
    rf"{_COURTESY}(?:(?:use|take|keep|pick|choose|prefer|want|i prefer|i want|show(?: me)?) )?"
    r"(?:the )?"
    rf"(?:{_VERSION_WORDS} ?\#?(?P<number>[0-9]{{1,2}})"
    r"|(?P<nth>[0-9]{1,2})(?:st|nd|rd|th) version"
    rf"|(?P<word>{'|'.join(NTH)}) version|(?P<before>previous|prior|earlier) version)"
    r"(?: again| instead| please| pls)*"
)


# Nobody needs more words to go back, to share, or to say that it is enough.
_SPECIAL_MAX: Final = 30


def find_take_up(chunks: Sequence[str], text: str, words: Sequence[Token]) -> TakeUp | None:
    """Which version a whole reply, or its beginning, wants to go on from."""
    if any(word.is_literal for word in words[:3]):
        return None
    said = " ".join(chunks[:_SPECIAL_MAX])
    if _UNDO.fullmatch(said.rstrip(",")):
        return TakeUp(text, steps_back=1)
    if (picked := _PICKED_VERSION.fullmatch(said.rstrip(","))) is not None:
        digits = picked["number"] or picked["nth"]
        nth = int(digits) if digits else NTH.get(picked["word"] or "")
        return TakeUp(text, nth, steps_back=0 if nth else 1)
    match = _TO_VERSION.match(said)
    if match is None:
        return None
    count = len(match.group().split())
    rest = chunks[count:]
    has_pause = match["end"] == "," or chunks[count - 1].endswith(",")
    if rest and not has_pause and rest[0] not in CONJUNCTIONS and rest[0] not in ("with", "please"):
        return None
    skip = count + (1 if rest and rest[0].rstrip(",") in (*CONJUNCTIONS, "please") else 0)
    more = text[words[skip].start :] if skip < len(words) else ""
    typed = text[words[0].start : words[count - 1].end]
    if match["before"]:
        return TakeUp(typed, steps_back=1, rest=more)
    named = match["number"] or match["short"] or match["plain"] or match["nth"]
    return TakeUp(typed, int(named) if named else NTH[match["word"]], rest=more)


_PICTURE: Final = r"(?:ones?|pictures?|images?|photos?|pics?|results?|post|message|versions?)"
_WHICH: Final = r"(?:the|first|second|third|last|newest|two|three|four|[0-9](?:st|nd|rd|th))"
_IT: Final = (
    r"(?:this|it|that|these|those|them|das|dies|ça|esto|eso|questo|isso"
    r"|all(?: of (?:it|them|these))?"
    rf"|(?:this|that|the|my|your|these|those|our|last|both|all)(?: {_WHICH})? ?{_PICTURE}?"
    rf"|(?:picture|image|version|number) [0-9]|{_PICTURE})"
)
_DEEDS: Final = {
    Deed.SHARE: re.compile(
        rf"{_COURTESY}(?:share|post|send|publish|forward|repost|email|mail|dm|put|move|copy|drop"
        rf"|show|teilen?|partage|comparte|condividi|compartilha)(?: {_IT})?"
        r"(?: (?:to|in|into|on|with|over to|at|mit|avec|con|com|dans|en)(?: .{1,80})?)?"
    ),
    Deed.DELETE: re.compile(
        rf"{_COURTESY}(?:delete|remove|erase|trash|discard|get rid of|take down|unpost|lösche?"
        rf"|supprime|borra|elimina|apaga) {_IT}"
    ),
    Deed.CANCEL: re.compile(
        rf"{_COURTESY}(?:cancel|abort|halt|kill|stop)"
        r" (?:it|this|that|the (?:job|request|generation|run|picture|image)|generating|everything)"
    ),
    Deed.EDIT: re.compile(
        rf"{_COURTESY}(?:edit|open|show(?: me)?|change)"
        r" (?:the (?:form|prompt|request|settings|options)|the form again)"
        rf"|{_COURTESY}edit {_IT}"
    ),
    Deed.SAVE: re.compile(rf"{_COURTESY}(?:download|save|export) {_IT}(?: (?:as|to) .{{1,40}})?"),
}
# "Show this to the team" shares; "put this in a frame" draws.
_AUDIENCE = re.compile(
    r"(?:\A| )(?:#\S+|channel|channels|team|everyone|everybody|all|group|dm|slack|canal|kanal"
    r"|thread|@\S+|☺|general|random)(?=,|\Z| )"
)
_LONE_DEEDS: Final = {
    "share": Deed.SHARE,
    "repost": Deed.SHARE,
    "edit": Deed.EDIT,
    "download": Deed.SAVE,
    "save": Deed.SAVE,
    **dict.fromkeys(("löschen", "supprimer", "borrar", "eliminar", "apagar"), Deed.DELETE),
    **dict.fromkeys(("teilen", "partager", "compartir", "condividi"), Deed.SHARE),
}
_STRONG_SHARING: Final = ("share", "send", "forward", "post", "publish", "email", "mail", "dm")
_WEAK_SHARING: Final = ("put", "move", "copy", "drop", "show", "send")


def find_deed(said: str) -> Deed | None:
    """What a whole reply (its chunks, joined) asks for that a button does."""
    if said.count(" ") > _SPECIAL_MAX:
        return None
    if said.rstrip(",") in _LONE_DEEDS:
        return _LONE_DEEDS[said.rstrip(",")]
    bare = re.sub(r"(?: please| pls| thanks| thank you| bitte)+\Z", "", said.replace(",", ""))
    for deed, pattern in _DEEDS.items():
        if not pattern.fullmatch(bare):
            continue
        if deed is Deed.SHARE and not _is_for_people(bare):
            continue
        return deed
    return None


def _is_for_people(said: str) -> bool:
    if _AUDIENCE.search(said):
        return True
    verb = re.sub(rf"\A{_COURTESY}", "", said).partition(" ")
    if verb[0] in _STRONG_SHARING and re.search(r" to (?!the (?:left|right|top|bottom)\b)", said):
        return True
    is_weak = verb[0] in _WEAK_SHARING or re.search(r" (?:in|into|on|with|at) ", said)
    return bool(verb[2]) and not is_weak


def asks_for_nothing(chunks: Sequence[str]) -> bool:
    """Whether a whole reply wants nothing (more) to be made: "please don't make another one",
    "enough for today". A wish about the picture ("no text", "don't make it so dark") has words of
    its own."""
    bare = [chunk.rstrip(",") for chunk in chunks]
    said = {word for word in bare if word not in ("", "☺")}
    return bool(said & REFUSALS) and said <= (REFUSALS | OF_REFUSALS)

"""The values of flags as options of a request: what they name, and what names nothing. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Final

from bot.images.brief import (
    BriefPlan,
    Spread,
    distinct_names,
    find_fitting_model,
    has_misfit,
    plan,
)
from bot.images.campaigns import CAMPAIGN_MAX, campaign_key, is_none, read_campaign
from bot.images.catalogue import DEFAULT_MODEL, MODELS, PROMPT_MAX_CHARACTERS, Model, Size
from bot.images.meaning import (
    AgainstSpec,
    Change,
    Kind,
    Misunderstood,
    Options,
    Problem,
    Understood,
)
from bot.images.names import (
    find_model,
    find_size,
    find_use,
    is_size_name,
    split_list,
    suggest_model,
    suggest_size,
    suggest_use,
)
from bot.images.request import ImageRequest, Rule, SpecViolation, find_spec_violations
from bot.images.showing import find_show
from bot.images.tokens import TEXT_MAX
from bot.images.typed import fold
from bot.images.variants import read_template
from bot.images.vocabulary import NUMBERS, OFF, ON

_COUNTED_MAX: Final = 10**9  # of pictures that nobody will make
_NO_PRESET: Final = frozenset({"none", "off", "no"})
_TRAILING: Final = ",;."
# Of words that did not fit, so many characters are shown.
_CUT_SHOWN: Final = 200


def read_preset(typed: str) -> str:
    """The name that was typed; empty for no preset at all."""
    name = typed.strip()
    return "" if name.casefold() in _NO_PRESET else name


def read_state(typed: str) -> bool | None:
    """On or off, as a flag with two states is said to be; None for anything else."""
    said = fold(typed.rstrip(_TRAILING + "!"))
    if said in ("", *ON):
        return True
    return False if said in OFF else None


def read_quantity(typed: str) -> int | None:
    """The number that `typed` is, allowed or not; None where it is none."""
    bare = unicodedata.normalize("NFKC", typed).rstrip(_TRAILING)
    bare = re.sub(r" (?:pictures?|images?|pics?|photos?|bilder)\Z", "", bare)
    return int(bare) if re.fullmatch(r"[+-]?[0-9]{1,6}", bare) else None


def read_options(values: Mapping[str, str]) -> Options:
    """What the flags name; what names nothing is read as what it is nearest to."""
    quantity, enhance = values.get("quantity"), values.get("enhance")
    preset, show = values.get("preset"), values.get("show")
    campaign = values.get("campaign")
    spread = read_spread(values)
    chosen = next(iter(spread.models), None)
    number = None if quantity is None else read_quantity(quantity)
    if quantity is not None and number is None:
        number = NUMBERS.get(fold(quantity.rstrip(_TRAILING)))
    return Options(
        model=chosen,
        size=_guess_size(next(iter(spread.shapes), ""), chosen),
        quantity=number,
        enhance=None if enhance is None else read_state(enhance) is not False,
        preset=None if preset is None else read_preset(preset),
        show=None if show is None else find_show(show),
        campaign=None if campaign is None else read_campaign(campaign)[:CAMPAIGN_MAX].rstrip(),
    )


def read_spread(values: Mapping[str, str]) -> Spread:
    """What the flags list; what names nothing is read as what it is nearest to."""

    def read(flag: str, suggest: Callable[[str], str | None]) -> list[str]:
        names = split_list(values[flag]) if values.get(flag) else []
        return [found for name in names if (found := suggest(name)) is not None]

    return Spread(
        models=tuple(dict.fromkeys(map(Model, read("model", suggest_model)))),
        sizes=distinct_names(
            read("size", lambda name: name if find_size(name) else suggest_size(name))
        ),
        uses=distinct_names(
            read("for", lambda name: name if find_use(name) else suggest_use(name))
        ),
    )


def merge_options(options: Options, more: Options) -> Options:
    """`options`, with what `more` names."""
    said = {field.name: getattr(more, field.name) for field in fields(Options)}
    return replace(options, **{name: value for name, value in said.items() if value is not None})


def offer_as_typed(question: Misunderstood) -> Misunderstood:
    """The question about a name that is nearly a known campaign's: with the typed one, too, as what
    else may be made."""
    guess, name = question.guess, question.typed
    if question.problem is not Problem.NEARLY_CAMPAIGN or guess is None:
        return question
    understood = tuple(
        replace(one, value=name) if one.kind is Kind.CAMPAIGN else one for one in guess.understood
    )
    options = replace(guess.options, campaign=name)
    return replace(question, other=replace(guess, understood=understood, options=options))


def find_value_problems(values: Mapping[str, str]) -> list[Misunderstood]:
    """What of the flags' values names nothing."""
    found = []
    quantity, enhance = values.get("quantity"), values.get("enhance")
    show = values.get("show")
    for model in split_list(values["model"]) if "model" in values else ():
        if find_model(model) is None:
            found.append(Misunderstood(Problem.UNKNOWN_MODEL, model, suggest_model(model)))
    for size in split_list(values["size"]) if "size" in values else ():
        if find_size(size) is None:
            found.append(Misunderstood(Problem.UNKNOWN_SIZE, size, suggest_size(size)))
    for use in split_list(values["for"]) if "for" in values else ():
        if find_use(use) is None:
            found.append(Misunderstood(Problem.UNKNOWN_USE, use, suggest_use(use)))
    if quantity is not None and read_quantity(quantity) is None:
        found.append(Misunderstood(Problem.BAD_QUANTITY, quantity))
    if enhance is not None and read_state(enhance) is None:
        found.append(Misunderstood(Problem.BAD_STATE, enhance))
    if show is not None and find_show(show) is None:
        found.append(Misunderstood(Problem.UNKNOWN_SHOW, show))
    if (campaign := values.get("campaign")) is not None:
        found += _find_campaign_problems(campaign)
    return found


def _find_campaign_problems(typed: str) -> list[Misunderstood]:
    name = read_campaign(typed)
    if len(name) > CAMPAIGN_MAX:
        return [Misunderstood(Problem.CAMPAIGN_TOO_LONG, name)]
    is_blank = not campaign_key(name) and not is_none(typed)
    return [Misunderstood(Problem.VALUE_MISSING, "--campaign")] if is_blank else []


def take_size(typed: str, model: Model) -> tuple[Size, str, Misunderstood | None]:
    """The size of `model` that `typed` is taken for; the word for it that has to be repeated with
    it, if it is another; and what is to be asked if `model` has no such shape. ValueError if
    `typed` names no size."""
    shape = find_use(typed)
    if shape is None:
        raise ValueError(typed)
    if is_size_name(typed):
        return shape.size, "", None
    size, is_fitting = shape.fit(model)
    name = typed.strip(" ,;.()[]{}<>")
    if is_fitting or size not in MODELS[model].dimensions:
        return size, name, None
    nearest = f"{size} {MODELS[model].dimensions[size].ratio}"
    return size, name, Misunderstood(Problem.SIZE_DIFFERS, name, nearest)


def _guess_size(typed: str, model: Model | None) -> Size | None:
    shape = find_use(typed) if typed else None
    if shape is not None and not is_size_name(typed):
        return shape.fit(model or DEFAULT_MODEL)[0]
    near = suggest_size(typed) if typed else None
    return Size(near) if near else None


# Several of it ---------------------------------------------------------------------------------


def multiply(change: Change, spread: Spread, model: Model) -> tuple[Change, list[Misunderstood]]:
    """`change`, whose prompt is a template, as all that it stands for together with `spread`: a
    brief, or an ordinary request if that comes to one. And what is to be asked about that. `model`
    draws if none is named."""
    problems = []
    prompt = change.request.prompt or ""
    template = read_template(prompt)
    if template.is_unsure:
        problems.append(Misunderstood(Problem.UNCLOSED, prompt))
    brief = None
    if template.has_choices or spread.is_several or has_misfit(spread, model):
        brief = plan(change.request, spread, model)
    is_one = not (template.has_choices or spread.is_several)
    if brief is None or (is_one and brief.find_violations() is not None):
        plain = "".join(map(str, template.nodes)) or None
        return _ask_for(change, change.request.model_copy(update={"prompt": plain})), problems
    whole = replace(change, brief=brief, understood=_explain(change, brief, model))
    if brief.is_too_large:
        number = min(brief.pictures, _COUNTED_MAX)
        too_many = Misunderstood(Problem.TOO_MANY, str(number), kept=whole)
        return whole, [*problems, too_many]
    if brief.misfits:
        problems.append(_ask_about_misfits(whole, brief, model))
    return _simplify(whole, brief), problems


def _ask_about_misfits(change: Change, brief: BriefPlan, model: Model) -> Misunderstood:
    """What a model has no size for: the nearest one, or another model for that one?"""
    typed = ", ".join(dict.fromkeys(misfit.typed for misfit in brief.misfits))
    nearest = ", ".join(
        f"{misfit.size} {MODELS[misfit.model].dimensions[misfit.size].ratio}"
        for misfit in brief.misfits
    )
    other = None
    if (substitute := find_fitting_model(brief.misfits)) is not None:
        spread = brief.spread.model_copy(update={"substitute": substitute})
        replaced = plan(change.request, spread, model)
        other = _simplify(replace(change, brief=replaced), replaced)
    return Misunderstood(
        Problem.SIZE_DIFFERS, typed, nearest, guess=_simplify(change, brief), other=other
    )


def _simplify(change: Change, brief: BriefPlan) -> Change:
    """An ordinary request, if the brief comes to one."""
    if len(brief.parts) != 1:
        return change
    (part,) = brief.parts
    said = {
        name: getattr(part.request, name)
        for name in ("model", "size", "quantity")
        if name in part.said
    }
    campaign = part.campaign and read_campaign(part.campaign)[:CAMPAIGN_MAX].rstrip()
    row = Options(preset=part.preset, campaign=campaign, **said)
    options = merge_options(change.options, row)
    return _ask_for(replace(change, brief=None, options=options), part.request)


def _ask_for(change: Change, request: ImageRequest) -> Change:
    return change if request == change.request else replace(change, request=request)


def _explain(change: Change, brief: BriefPlan, model: Model) -> tuple[Understood, ...]:
    """What was understood, with each size that was named in another word."""
    first = next(iter(brief.spread.models), model)
    named = tuple(
        Understood(Kind.SIZE, size, word)
        for size, word, _ in (take_size(each, first) for each in brief.spread.shapes)
        if word
    )
    others = tuple(one for one in change.understood if one.kind is not Kind.SIZE or not named)
    return (*others, *named)


def find_violations(change: Change) -> tuple[SpecViolation, ...]:
    """What the specification forbids in `change`, or in the first part of it that it forbids."""
    if change.brief is None:
        return tuple(find_spec_violations(change.request))
    found = change.brief.find_violations()
    return found[1] if found else ()


# What is too long ------------------------------------------------------------------------------


def refuse_overlong(text: str, base: ImageRequest) -> AgainstSpec | None:
    """The answer to a text that is too long to be read; None where it is not. What it would have
    made of `base` is not known: all of it counts as the prompt."""
    if len(text) <= TEXT_MAX:
        return None
    too_long = SpecViolation(Rule.PROMPT_TOO_LONG, "prompt")
    return AgainstSpec(base.model_copy(update={"prompt": text}), (too_long,))


def cut_prompt(change: Change) -> Change | None:
    """`change` with as much of its prompt as PowerPost takes, to the last whole word, and what was
    cut among what was understood. None if its prompt is not what is too long."""
    prompt = change.request.prompt or ""
    if len(prompt) <= PROMPT_MAX_CHARACTERS or change.brief is not None:
        return None
    kept = prompt[:PROMPT_MAX_CHARACTERS]
    at = kept.rfind(" ")
    if not prompt[PROMPT_MAX_CHARACTERS].isspace() and at > PROMPT_MAX_CHARACTERS - 100:
        kept = kept[:at]
    kept = kept.rstrip()
    lost = " ".join(prompt[len(kept) :].split())
    shown = lost if len(lost) <= _CUT_SHOWN else lost[:_CUT_SHOWN].rstrip() + "…"
    request = change.request.model_copy(update={"prompt": kept})
    return Change(request, (*change.understood, Understood(Kind.CUT, shown)), change.options)

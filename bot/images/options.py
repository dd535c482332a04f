"""The values of flags as options of a request: what they name, and what names nothing. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Final

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
    find_shape,
    find_size,
    is_size_name,
    suggest_model,
    suggest_size,
)
from bot.images.request import ImageRequest, Rule, SpecViolation
from bot.images.showing import find_show
from bot.images.tokens import TEXT_MAX
from bot.images.typed import fold
from bot.images.vocabulary import NUMBERS, OFF, ON

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
    model, size = values.get("model"), values.get("size")
    quantity, enhance = values.get("quantity"), values.get("enhance")
    preset, show = values.get("preset"), values.get("show")
    suggested = suggest_model(model) if model else None
    chosen = Model(suggested) if suggested else None
    number = None if quantity is None else read_quantity(quantity)
    if quantity is not None and number is None:
        number = NUMBERS.get(fold(quantity.rstrip(_TRAILING)))
    return Options(
        model=chosen,
        size=_guess_size(size or "", chosen),
        quantity=number,
        enhance=None if enhance is None else read_state(enhance) is not False,
        preset=None if preset is None else read_preset(preset),
        show=None if show is None else find_show(show),
    )


def merge_options(options: Options, more: Options) -> Options:
    """`options`, with what `more` names."""
    said = {field.name: getattr(more, field.name) for field in fields(Options)}
    return replace(options, **{name: value for name, value in said.items() if value is not None})


def find_value_problems(values: Mapping[str, str]) -> list[Misunderstood]:
    """What of the flags' values names nothing."""
    found = []
    model, size = values.get("model"), values.get("size")
    quantity, enhance = values.get("quantity"), values.get("enhance")
    show = values.get("show")
    if model is not None and find_model(model) is None:
        found.append(Misunderstood(Problem.UNKNOWN_MODEL, model, suggest_model(model)))
    if size is not None and find_size(size) is None:
        found.append(Misunderstood(Problem.UNKNOWN_SIZE, size, suggest_size(size)))
    if quantity is not None and read_quantity(quantity) is None:
        found.append(Misunderstood(Problem.BAD_QUANTITY, quantity))
    if enhance is not None and read_state(enhance) is None:
        found.append(Misunderstood(Problem.BAD_STATE, enhance))
    if show is not None and find_show(show) is None:
        found.append(Misunderstood(Problem.UNKNOWN_SHOW, show))
    return found


def take_size(typed: str, model: Model) -> tuple[Size, str, Misunderstood | None]:
    """The size of `model` that `typed` is taken for; the word for it that has to be repeated with
    it, if it is another; and what is to be asked if `model` has no such shape. ValueError if
    `typed` names no size."""
    shape = find_shape(typed)
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
    shape = find_shape(typed) if typed else None
    if shape is not None and not is_size_name(typed):
        return shape.fit(model or DEFAULT_MODEL)[0]
    near = suggest_size(typed) if typed else None
    return Size(near) if near else None


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
    if len(prompt) <= PROMPT_MAX_CHARACTERS:
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

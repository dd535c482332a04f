"""One request for several pictures that differ: by choices in its prompt, by model, by size, or by
the rows of a list. Pure.

    a {red|blue} kite --size feed,story --model flux2-flex,ideogram-3     eight pictures

All of it multiplies, in that order. A size that several uses need is made once, and says for
which. What would come to more than PICTURES_MAX pictures is counted, and not built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import BaseModel, ConfigDict

from bot.images.catalogue import MODELS, SOURCE_POST_TYPES, Model, Size
from bot.images.names import USUAL_RATIOS, Shape, find_use
from bot.images.request import ImageRequest, SpecViolation, find_spec_violations
from bot.images.typed import squash
from bot.images.variants import Variant, expand, name_choice, read_template

PICTURES_MAX: Final = 40  # of one brief
_BRANDS: Final = {
    "x": "X",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "linkedin": "LinkedIn",
    "instagram": "Instagram",
    "facebook": "Facebook",
}


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Row(_Kept):
    """A row of a list. `number` is where it stands there, counted as its person sees it. What it
    does not say is as of the whole."""

    number: int
    prompt: str
    name: str = ""
    models: tuple[Model, ...] = ()
    sizes: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    quantity: int | None = None
    preset: str | None = None
    campaign: str | None = None

    @property
    def said(self) -> frozenset[str]:
        """The fields of its request that it names."""
        named = {
            "model": bool(self.models),
            "size": bool(self.sizes or self.uses),
            "quantity": self.quantity is not None,
        }
        return frozenset(name for name, is_named in named.items() if is_named)


class Spread(_Kept):
    """What a brief was asked for with, beside a request with the prompt as it was typed: what of it
    there are several of, as it was named. `substitute` makes what a model has no size for, in place
    of the nearest that it has."""

    models: tuple[Model, ...] = ()
    sizes: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    substitute: Model | None = None
    rows: tuple[Row, ...] = ()
    file_id: str = ""  # the file that the rows are from, as Slack knows it
    file_name: str = ""
    is_too_large: bool = False  # it comes to more pictures than may be asked for at once

    @property
    def shapes(self) -> tuple[str, ...]:
        """All names of sizes and uses."""
        return self.sizes + self.uses

    def or_else(self, other: Spread) -> Spread:
        """The same, with the sizes and models of `other` where it names none."""
        update: dict[str, object] = {} if self.shapes else {"sizes": other.sizes}
        return self.model_copy(update=update if self.models else {**update, "models": other.models})

    @property
    def is_several(self) -> bool:
        """Whether there are several of anything."""
        return bool(self.rows) or len(self.models) > 1 or len(self.shapes) > 1


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """One request of a brief. `label` is what makes it different from the others; `uses` are the
    uses it is meant for, as they were named; `said`, `preset` and `campaign` are what its row
    says beside the whole."""

    request: ImageRequest
    label: str
    uses: tuple[str, ...] = ()
    said: frozenset[str] = frozenset()
    preset: str | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Misfit:
    """A size or use that `model` has no size for; `size` is the nearest it has."""

    typed: str
    model: Model
    size: Size


@dataclass(frozen=True, slots=True)
class BriefPlan:
    """What is to be made. `pictures` is their number; if that is too large, there are no parts."""

    spread: Spread
    parts: tuple[PlannedPart, ...]
    pictures: int
    misfits: tuple[Misfit, ...] = ()

    @property
    def is_too_large(self) -> bool:
        """Whether it would come to more pictures than may be asked for at once."""
        return self.pictures > PICTURES_MAX

    def find_violations(self) -> tuple[ImageRequest, tuple[SpecViolation, ...]] | None:
        """The first of its requests that the specification forbids, and why; None if none is."""
        for part in self.parts:
            if violations := find_spec_violations(part.request):
                return part.request, tuple(violations)
        return None


@dataclass(frozen=True, slots=True)
class _Cell:
    """A size of a model, and the names that it was asked for by. `model` is None if none was
    named."""

    model: Model | None
    size: Size
    named: tuple[str, ...] = ()  # as they are called in its label
    uses: tuple[str, ...] = ()
    is_model_said: bool = False


def has_misfit(spread: Spread, model: Model) -> bool:
    """Whether the only model that draws has no size for something that is named."""
    return any(not _fit(each, model)[1] for each in spread.shapes)


@dataclass(slots=True)
class _Named:
    """A cell while it is found: names and uses in their order, each once."""

    is_model_said: bool = False
    names: dict[str, None] = field(default_factory=dict)
    uses: dict[str, None] = field(default_factory=dict)


def name_use(typed: str) -> str:
    """A use as people read it: `instagram-feed` as `Instagram feed`, `youtube` as `YouTube`."""
    if typed.casefold() not in SOURCE_POST_TYPES:
        return _BRANDS.get(typed.casefold(), typed)
    platform, _, kind = typed.casefold().partition("-")
    return f"{_BRANDS[platform]} {kind}"


def find_fitting_model(misfits: Sequence[Misfit]) -> Model | None:
    """The first model that has all that others lack."""
    wanted = {misfit.typed for misfit in misfits}
    return next((model for model in MODELS if all(_fit(each, model)[1] for each in wanted)), None)


def plan(request: ImageRequest, spread: Spread, model: Model) -> BriefPlan:
    """What `request`, whose prompt is a template, comes to. `model` draws if none is named. Sizes
    that are not named are those of `request`."""
    rows = spread.rows or (Row(number=0, prompt=request.prompt or ""),)
    misfits: dict[tuple[str, Model], Misfit] = {}
    pictures, lines = 0, []
    for row in rows:
        cells = _find_cells(row, spread, request, model, misfits)
        template = read_template(row.prompt)
        quantity = request.quantity if row.quantity is None else row.quantity
        pictures += template.count * len(cells) * max(1, quantity)
        lines.append((row, template, cells, quantity))
    brief = BriefPlan(spread, (), pictures, tuple(misfits.values()))
    if brief.is_too_large:
        return replace(brief, spread=spread.model_copy(update={"is_too_large": True}))
    parts = tuple(
        part
        for row, template, cells, quantity in lines
        for part in _merge(
            made
            for variant in expand(template)
            for made in _make(request, row, variant, cells, quantity, spread)
        )
    )
    pictures = sum(max(1, part.request.quantity) for part in parts)
    return replace(brief, parts=parts, pictures=pictures)


def _make(
    request: ImageRequest,
    row: Row,
    variant: Variant,
    cells: Sequence[_Cell],
    quantity: int,
    spread: Spread,
) -> Iterator[PlannedPart]:
    """A part for each cell."""
    models = {cell.model for cell in cells}
    first = [row.name or name_choice(variant.prompt)] if spread.rows else []
    for cell in cells:
        labels = [*first, *variant.labels]
        if len(models) > 1 and cell.model is not None:
            labels.append(MODELS[cell.model].name)
        if len(cells) > len(models):
            labels.append(" + ".join(cell.named) or cell.size.value)
        update = {
            "prompt": variant.prompt or None,
            "model": cell.model or request.model,
            "size": cell.size,
            "quantity": quantity,
        }
        yield PlannedPart(
            request=request.model_copy(update=update),
            label=" · ".join(labels),
            uses=cell.uses,
            said=row.said | ({"model"} if cell.is_model_said else frozenset()),
            preset=row.preset,
            campaign=row.campaign,
        )


def _merge(parts: Iterable[PlannedPart]) -> tuple[PlannedPart, ...]:
    """Each request of a row once, for all uses that it is meant for."""
    found: dict[ImageRequest, PlannedPart] = {}
    for part in parts:
        before = found.setdefault(part.request, part)
        uses = tuple(dict.fromkeys((*before.uses, *part.uses)))
        found[part.request] = replace(before, uses=uses)
    return tuple(found.values())


def _find_cells(
    row: Row,
    spread: Spread,
    request: ImageRequest,
    model: Model,
    misfits: dict[tuple[str, Model], Misfit],
) -> tuple[_Cell, ...]:
    """Each model with each size that is wanted of it, once. What does not fit is noted."""
    sizes, uses = row.sizes, row.uses
    if not sizes and not uses:
        sizes, uses = spread.sizes, spread.uses
    models = row.models or spread.models
    found: dict[tuple[Model | None, Size], _Named] = {}
    said_sizes = set(sizes)
    for each in models or (None,):
        if not sizes and not uses:
            found[each, request.size] = _Named()
        for typed in (*sizes, *uses):
            size, is_fitting = _fit(typed, each or model)
            who, is_said, name = each, False, name_use(typed)
            if not is_fitting:
                misfits[typed, each or model] = Misfit(typed, each or model, size)
                if spread.substitute is not None:
                    who, is_said = spread.substitute, True
                    size, _ = _fit(typed, spread.substitute)
                else:
                    name = f"{name} as {size}"
            cell = found.setdefault((who, size), _Named(is_said))
            cell.names[name] = None
            if typed not in said_sizes:
                cell.uses[typed] = None
    return tuple(
        _Cell(who, size, tuple(cell.names), tuple(cell.uses), cell.is_model_said)
        for (who, size), cell in found.items()
    )


def _fit(typed: str, model: Model) -> tuple[Size, bool]:
    """The size of `model` that comes nearest to what `typed` names, and whether it is that."""
    shape = find_use(typed)
    if shape is None:
        raise ValueError(typed)
    dimensions = MODELS[model].dimensions
    if shape.ratio is None and shape.size not in dimensions:
        return Shape(shape.size, USUAL_RATIOS[shape.size]).fit(model)[0], False
    return shape.fit(model)


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """Each name once, however it is spelt."""
    return tuple({squash(each) or each: each for each in reversed(names)}.values())[::-1]

"""Briefs as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.generations.record import NewGeneration, Part
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.policy.budgets import Budget
from tests.support.budget_rows import asked

COLOURS = ("red", "blue", "brass", "green", "white", "black")


def make_parts(count: int, **request: Any) -> tuple[Part, ...]:
    """So many kites, each of another kind."""
    names = [COLOURS[n % 6] if n < 6 else f"{COLOURS[n % 6]} {n // 6 + 1}" for n in range(count)]
    request = {"model": Model.IDEOGRAM_3, **request}
    return tuple(Part(ImageRequest(prompt=f"a {name} kite", **request), name) for name in names)


def asked_brief(
    id_: str, *budgets: Budget, parts: int | Sequence[Part] = 3, **changes: Any
) -> NewGeneration:
    """A brief of U1's in C1 that counts against `budgets`; 6 credits a part, by the guide."""
    made = parts if not isinstance(parts, int) else make_parts(parts)
    whole = asked(id_, *budgets, **changes)
    return replace(whole, request=ImageRequest(prompt="a kite"), parts=tuple(made))

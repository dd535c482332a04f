"""The words of what something will probably cost."""

from __future__ import annotations

from typing import Final

from bot.credits.estimates import Basis, Estimate
from bot.images.catalogue import MODELS, Model
from bot.slack.kit.text import credit_count, picture_count

GUIDE: Final = "guide price"
# Why it is one.
GUIDE_SOURCE: Final = "PowerPost published it in March 2026, and it may have changed"


def about(estimate: Estimate) -> str:
    """`about 3 credits`, or `about 5 credits (guide price)` if none was seen yet."""
    said = f"about {credit_count(round(estimate.credits, 2))}"
    return f"{said} ({GUIDE})" if estimate.basis is Basis.GUIDE else said


def basis(estimate: Estimate, model: Model, quantity: int) -> str:
    """What the estimate rests on."""
    name = MODELS[model].name
    match estimate.basis:
        case Basis.SEEN:
            return f"what {picture_count(quantity)} with {name} took the last time"
        case Basis.SCALED:
            seen = picture_count(estimate.quantity or 1)
            return f"estimated from what {seen} with {name} took the last time"
        case Basis.GUIDE:
            return f"{GUIDE} of {picture_count(quantity)} with {name}: {GUIDE_SOURCE}"


def confirm_title(estimate: Estimate) -> str:
    """The question of a button that spends a lot. At most 100 characters."""
    return f"Spend {about(estimate)}?"


def confirm_text(estimate: Estimate, model: Model, quantity: int) -> str:
    """What the price rests on. Plain text, at most 300 characters."""
    said = basis(estimate, model, quantity)
    if estimate.basis is not Basis.SCALED:
        return f"That is {'the ' if estimate.basis is Basis.GUIDE else ''}{said}."
    return f"For {picture_count(quantity)}: {said}."

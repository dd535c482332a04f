"""The words of what something will probably cost."""

from __future__ import annotations

from bot.credits.estimates import Basis, Estimate
from bot.images.catalogue import MODELS, Model
from bot.slack.kit.text import credit_count, picture_count


def about(estimate: Estimate) -> str:
    """`about 3 credits`, or that nobody knows yet."""
    if estimate.credits is None:
        return "price not known yet"
    return f"about {credit_count(round(estimate.credits, 2))}"


def basis(estimate: Estimate, model: Model, quantity: int) -> str:
    """What the estimate rests on."""
    name = MODELS[model].name
    match estimate.basis:
        case Basis.SEEN:
            return f"what {picture_count(quantity)} with {name} took the last time"
        case Basis.SCALED:
            seen = picture_count(estimate.quantity or 1)
            return f"estimated from what {seen} with {name} took the last time"
        case Basis.NEVER:
            return f"nothing was made with {name} here yet; PowerPost tells the price afterwards"


def confirm_title(estimate: Estimate) -> str:
    """The question of a button that spends a lot. At most 100 characters."""
    if estimate.credits is None:
        return "Spend credits? The price is not known yet"
    return f"Spend {about(estimate)}?"


def confirm_text(estimate: Estimate, model: Model, quantity: int) -> str:
    """What the price rests on. Plain text, at most 300 characters."""
    said = basis(estimate, model, quantity)
    if estimate.basis is Basis.SEEN:
        return f"That is {said}."
    return f"For {picture_count(quantity)}: {said}."

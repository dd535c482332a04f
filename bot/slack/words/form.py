"""The words of the form."""

from __future__ import annotations

from bot.credits.estimates import Estimate
from bot.images.catalogue import DEFAULT_SIZE, MODELS, STYLE_IMAGES_MAX
from bot.slack.forms.values import FormValues
from bot.slack.words import prices as price_words
from bot.slack.words.text import NOTHING_SPENT, credit_count, picture_count, shorten


def cost_mrkdwn(estimate: Estimate | None, balance_now: float | None, values: FormValues) -> str:
    """What it will take, as far as that can be said: PowerPost tells a price only afterwards."""
    left = "" if balance_now is None else f", {balance_now:g} left"
    if estimate is None:  # it could not be looked up: nothing is said of it
        return ":coin: What it costs is told afterwards" + left
    about = price_words.about(estimate).capitalize()
    if estimate.credits is None:
        what = f"{picture_count(values.quantity)} with {MODELS[values.model].name}"
        has = "" if balance_now is None else f" {credit_count(balance_now)} left."
        return f":coin: The price of {what} has not been seen here yet; it is told afterwards.{has}"
    if balance_now is not None and balance_now < estimate.credits:
        return (
            f":warning: *{about}, but only {balance_now:g} left*: PowerPost will probably refuse "
            "this. Choose fewer pictures or another model, or have credits added."
        )
    return f":coin: {about}{left} ({price_words.basis(estimate, values.model, values.quantity)})"


def caption_preview(previews: dict[str, str], post_type: str | None) -> str:
    """A glance at the caption that will be read."""
    if post_type is None:
        found = next(iter(previews.values()), "")
    else:
        found = previews.get(post_type.partition("-")[0], "")
    return f"“{shorten(found, 280)}”" if found else ""


def caption_unavailable() -> str:
    """The chosen caption could not be read."""
    return "PowerPost does not tell this caption's platforms right now, so they cannot be chosen."


def form_not_opened() -> str:
    """Slack did not open the form, or did not say so."""
    return f"If the form did not open, please try again. {NOTHING_SPENT}"


def size_fell_back(values: FormValues) -> str:
    """The new model lacks the size that was chosen."""
    name = MODELS[values.model].name
    return f"{name} has no size {values.size}: it is {DEFAULT_SIZE} now."


def pick_channel() -> str:
    """No channel was chosen."""
    return "Choose a channel."


def too_many_references(number: int) -> str:
    """More reference pictures than the specification takes."""
    return (
        f"{number} reference pictures are chosen; at most {STYLE_IMAGES_MAX} can be used. "
        "Take some away."
    )

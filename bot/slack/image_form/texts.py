"""The words of the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.credits.amounts import amount
from bot.credits.estimates import Basis, Estimate
from bot.generations.record import RefusedFile
from bot.images.brief import PICTURES_MAX
from bot.images.captions import CaptionSummary
from bot.images.catalogue import (
    MODELS,
    PROMPT_MAX_CHARACTERS,
    QUANTITY_MAX,
    STYLE_IMAGES_MAX,
    Model,
    Size,
)
from bot.policy.budgets import BudgetUse, Scope
from bot.policy.choices import PresetRequired
from bot.slack.image_form.offers import Offer
from bot.slack.image_form.values import FormValues
from bot.slack.kit import answer_texts as answers
from bot.slack.kit import preset_texts, price_texts
from bot.slack.kit.preset_texts import named, options_set, preset_gone
from bot.slack.kit.refusal_texts import rules_of
from bot.slack.kit.text import (
    NOTHING_SPENT,
    credit_count,
    joined,
    picture_count,
    post_type_name,
    shorten,
)

_BARRED_SHOWN: Final = 5
_FILES_SHOWN: Final = 5


# What an ordinary prompt can do.
CHOICES_HINT: Final = "Also in a prompt: a {red|blue} kite makes one of each."
USES_HINT: Final = "Where they are shown. A size that several of these need is made once."
LIST_HINT: Final = (
    "Its first row names the columns: prompt, and any of name, model, size, for, quantity, preset "
    "and campaign. At most 40 pictures."
)
PROMPTS_MAX: Final = 3000  # Slack takes no more in one field
PICK_SIZES: Final = "Choose at least one size, or what the pictures are for."
PICK_MODELS: Final = "Choose at least one model."
PROMPT_AND_LIST: Final = (
    "The list has its own prompts. Empty this field, or take the list away below."
)


def confirm_count(pictures: int) -> str:
    """A brief whose price the form has not shown yet. Plain text."""
    return (
        f"This makes {picture_count(pictures)}; the price is below. Press Create again to make "
        "them."
    )


# Some rows of a list cannot be made.
ROWS_WRONG: Final = (
    f"Some of the prompts can't be made: what is wrong with them stands below. {NOTHING_SPENT}"
)


def cost_mrkdwn(
    estimate: Estimate | None, balance_now: float | None, values: FormValues, pictures: int = 0
) -> str:
    """What it will probably take, and what that rests on; `pictures` are those of a brief."""
    left = "" if balance_now is None else f", {amount(balance_now)} left"
    if pictures > PICTURES_MAX:
        return f":warning: *{answers.too_many(pictures)}*{left}"
    if estimate is None and values.is_several and values.list_file is not None:
        return ":coin: What the list costs is said before it is made" + left
    if estimate is None:  # it could not be looked up: nothing is said of it
        return ":coin: What it costs is told afterwards" + left
    about = f"About {credit_count(round(estimate.credits, 2))}"
    if balance_now is not None and balance_now < estimate.credits:
        said = price_texts.about(estimate).capitalize()
        return (
            f":warning: *{said}, but only {amount(balance_now)} left*: PowerPost will probably "
            "refuse this. Choose fewer pictures or another model, or have credits added."
        )
    if pictures:
        guide = f", {price_texts.GUIDE}" if estimate.basis is Basis.GUIDE else ""
        return f":coin: {about} for {picture_count(pictures)}{guide}{left}"
    return f":coin: {about}{left} ({price_texts.basis(estimate, values.model, values.quantity)})"


def budget_mrkdwn(use: BudgetUse, estimate: Estimate | None) -> str:
    """`2 of your 6 credits a day left`, and whether that is too little."""
    budget = use.ceiling.budget
    whose = {
        Scope.PERSON: "your",
        Scope.CHANNEL: "the channel's",
        Scope.CAMPAIGN: "the campaign's",
        Scope.WORKSPACE: "the workspace's",
    }[budget.scope]
    left = round(use.left, 2)
    said = f"{amount(left)} of {whose} {credit_count(budget.credits)} a {budget.period} left"
    expected = None if estimate is None else estimate.credits
    if left == 0 or (expected is not None and expected > left):
        return f":warning: *{said}*: not enough for this"
    return f":bar_chart: {said}"


def keep(position: int, total: int) -> str:
    """A picture of the version before, as a reference for the next one."""
    return "Keep the picture" if total == 1 else f"Keep picture {position}"


def keep_hint(model: Model) -> str:
    """What keeping it does, and where PowerPost may refuse that. Its documentation promises
    references for uploaded pictures, says nothing of those that it made, and names one model for
    them (powerpost-images-api.txt, "Reference-Based" and "Models")."""
    said = (
        "It becomes a reference picture: the new one is drawn after it, not retouched. PowerPost "
        "may refuse a picture that it made itself; then nothing is spent, and you can untick it. "
        f"Beside {STYLE_IMAGES_MAX} other references there is no room for it."
    )
    if model is not Model.FLUX2_FLEX:
        best = MODELS[Model.FLUX2_FLEX].name
        said += f" {MODELS[model].name} may refuse it or follow it loosely: {best} is made for it."
    return said


LINES_HINT: Final = (
    "Untick what should go; with none left, only the prompt above counts. A version is a new "
    "picture, not a retouched one."
)


def caption_preview(previews: dict[str, str], post_type: str | None) -> str:
    """A glance at the caption that will be read."""
    if post_type is None:
        found = next(iter(previews.values()), "")
    else:
        found = previews.get(post_type.partition("-")[0], "")
    return f"“{shorten(found, 280)}”" if found else ""


CAPTION_UNAVAILABLE: Final = (
    "PowerPost isn't answering right now, so you can't choose this caption's "
    "platforms. Try again in a minute."
)


def caption_title(caption: CaptionSummary) -> str:
    """What a person sees of it in a list: its prompt and date, in Slack's 75 characters."""
    prompt = caption.prompt or "Captions without a prompt"
    if not caption.date:
        return shorten(prompt, 75)
    return f"{shorten(prompt, 72 - len(caption.date))} · {caption.date}"


# Slack did not open the form, or did not say so.
FORM_NOT_OPENED: Final = f"If the form did not open, please try again. {NOTHING_SPENT}"


def notice_of_change(chosen: FormValues, shown: FormValues, offer: Offer) -> str | None:
    """What the form shows otherwise than it was chosen. Plain text."""
    name = MODELS[shown.model].name
    said = []
    if chosen.preset and shown.preset is None and offer.required_preset is None:
        said.append(preset_left_out(offer, chosen.preset))
    if chosen.model is not shown.model:
        said.append(f"{MODELS[chosen.model].name} isn't allowed here: it's {name} now.")
    if chosen.size is not shown.size:
        is_lacking = chosen.size not in MODELS[shown.model].dimensions
        why = f"{name} has no size {chosen.size}" if is_lacking else "The size cannot be chosen"
        said.append(f"{why}: it is {shown.size} now.")
    if chosen.quantity != shown.quantity:
        said.append(f"It is {picture_count(shown.quantity)} now.")
    return " ".join(said) or None


def preset_left_out(offer: Offer, name: str) -> str:
    """A preset was chosen that is not offered: it is gone, or the rules bar it. Plain text."""
    if not offer.is_barred(name):
        return preset_gone(name)
    return f"The preset {named(name)} isn't allowed here, so I left it out."


def preset_required(offer: Offer) -> str:
    """Why there is only one preset to choose, or why nothing can be made. Plain text."""
    name = offer.required_preset or ""
    if offer.preset is None and not offer.is_barred(name):
        return preset_texts.preset_required(PresetRequired(name, is_gone=True))
    return preset_texts.required_here(name)


def presets_barred(offer: Offer) -> str:
    """Which presets are not offered, and why; empty where all are. Plain text."""
    if not offer.barred:
        return ""
    shown = [
        f"{named(preset.name)} ({joined(options_set(preset))})"
        for preset in offer.barred[:_BARRED_SHOWN]
    ]
    more = len(offer.barred) - len(shown)
    whose = rules_of(is_channels=offer.are_models_channels or offer.is_quantity_channels)
    others = [f"{more} more"] if more else []
    return f"Not offered, because locked to what {whose} forbid: {joined([*shown, *others])}."


def model_hint(offer: Offer) -> str | None:
    """Why there are fewer models than usual."""
    if "model" in offer.locked:
        return _locked_hint(offer)
    if not offer.are_models_ruled:
        return None
    if not offer.models:
        return f"{_by(is_channels=offer.are_models_channels)}, none of them can be used here."
    left_out = [MODELS[model].name for model in MODELS if model not in offer.models]
    by = _by(is_channels=offer.are_models_channels)
    return f"{by}, {joined(left_out)} cannot be used here."


def size_hint(offer: Offer) -> str | None:
    """Why there is one size."""
    return _locked_hint(offer) if "size" in offer.locked else None


def quantity_hint(offer: Offer) -> str | None:
    """Why there are fewer numbers than usual."""
    if "quantity" in offer.locked:
        return _locked_hint(offer)
    if offer.quantity_max == QUANTITY_MAX:
        return None
    most = picture_count(offer.quantity_max)
    by = _by(is_channels=offer.is_quantity_channels)
    return f"{by}, {most} at a time is the most here."


def enhance_hint(offer: Offer) -> str | None:
    """Why it should be left as it is."""
    return _locked_hint(offer) if "enhance_prompt" in offer.locked else None


def _by(*, is_channels: bool) -> str:
    return f"By {rules_of(is_channels=is_channels)}"


def _locked_hint(offer: Offer) -> str:
    return f"The preset {named(offer.preset.name)} is locked to this." if offer.preset else ""


# No channel was chosen.
PICK_CHANNEL: Final = "Choose a channel."


def too_many_references(number: int) -> str:
    """More reference pictures than the specification takes."""
    return (
        f"{number} reference pictures are chosen; at most {STYLE_IMAGES_MAX} can be used. "
        "Take some away."
    )


def more_than_four(number: int) -> str:
    """There are more pictures than can be used; empty if not. Plain text."""
    if number <= STYLE_IMAGES_MAX:
        return ""
    return f"Of {number} pictures the first {STYLE_IMAGES_MAX} are chosen: no more can be used."


def files_left_out(files: Sequence[RefusedFile]) -> str:
    """Files of a message that cannot be used; empty if all can. Plain text."""
    named = [f"“{shorten(file.name, 60)}”" for file in files[:_FILES_SHOWN]]
    if more := len(files) - len(named):
        named.append(f"{more} more")
    if not named:
        return ""
    are = "is no picture" if len(files) == 1 else "are no pictures"
    return f"Left out: {joined(named)}, which {are} that can be used."


def prompt_cut(rest: str) -> str:
    """The message is longer than a prompt may be; empty if it is not. Plain text."""
    if not rest:
        return ""
    return (
        f"The message is longer than {PROMPT_MAX_CHARACTERS:,} characters. "
        f"Left out: “{shorten(rest, 120)}”"
    )


# What was kept cannot be shown. Plain text.
DRAFT_LEFT_OUT: Final = "I couldn't show your draft any more, so I left it out."


def size_proposed(size: Size, source: str | None) -> str:
    """The caption's posts want it. Plain text."""
    what = f"For {post_type_name(source)}" if source else "For this caption"
    return f"{what} the size {size} is chosen: change it if you like."


def defaults_gave_way(said: str | None) -> str:
    """What of one's own defaults cannot be had here; empty if all can. Plain text."""
    return f"Not all of your defaults can be used here. {said}" if said else ""


def caption_hint(workspace: str | None) -> str:
    """`workspace` is PowerPost's, if there are several."""
    where = f" in {workspace}" if workspace else ""
    return f"Pictures for captions that PowerPost wrote{where}. The prompt may stay empty then."


def left_in_workspace(workspace: str, pictures: int, *, has_caption: bool) -> str:
    """What cannot come along to another of PowerPost's workspaces. Plain text."""
    lost = ["the caption"] if has_caption else []
    if pictures:
        lost.append("a reference picture" if pictures == 1 else f"{pictures} reference pictures")
    what = joined(lost)
    are = "are" if len(lost) > 1 or pictures > 1 else "is"
    return (
        f"Pictures there are made in the PowerPost workspace {workspace}. "
        f"{what[0].upper()}{what[1:]} of another one {are} left out."
    )

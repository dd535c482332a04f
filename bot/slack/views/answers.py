"""What a command is answered with, privately: usage, refusals, the balance."""

from __future__ import annotations

from bot.errors import Rejected
from bot.images.catalogue import DEFAULT_MODEL, DEFAULT_SIZE, MODELS
from bot.images.command import Forbidden, Misunderstood
from bot.images.usage import UsageMisunderstood
from bot.policy.policy import Policy
from bot.policy.terms import OverBudget
from bot.slack.ids import CommandName
from bot.slack.payloads import SlashCommand
from bot.slack.views.approvals import show_over_budget
from bot.slack.views.message import (
    Message,
    mrkdwn_context,
    mrkdwn_section,
    plain_context,
    plain_section,
)
from bot.slack.words import answers, refusals, usage
from bot.slack.words import presets as preset_words
from bot.slack.words.text import NOTHING_SPENT, escape

_EXAMPLE = f"{CommandName.IMAGINE} a lighthouse in fog --model ideogram-3 --size landscape -n 2"


def show_usage(policy: Policy, command: SlashCommand) -> Message:
    """How it works, in one screen; presets and one's defaults where there are any."""
    intro = (
        "*Make pictures from words.* Everyone in the channel sees them, in a thread, "
        "with what they cost.\n"
        f"```{_EXAMPLE}```"
    )
    flags = (
        "`--model` or `-m` · which model\n"
        "`--size` or `-s` · the shape\n"
        "`--quantity` or `-n` · how many pictures, 1 to 4\n"
        "`--enhance` or `-e` · let AI improve the prompt"
    )
    presets = policy.presets_in(command.channel_id)
    if presets:
        flags += f"\n`--preset` or `-p` · {escape(preset_words.flag_usage(presets))}"
    models = "\n".join(
        f"`{model}`{' (default)' if model is DEFAULT_MODEL else ''} · {facts.name}: "
        f"{facts.best_for.lower()}. Sizes: {', '.join(facts.sizes)}"
        for model, facts in MODELS.items()
    )
    name = CommandName.IMAGINE
    more = (
        f"`{name}` alone opens a form with every option. `{name} credits` shows the balance, "
        f"`{name} history` what you made, `{name} usage` what you spent. Without options: one "
        f"{DEFAULT_SIZE} picture by {MODELS[DEFAULT_MODEL].name}. "
        "Pictures are made by AI, through PowerPost."
    )
    if said := preset_words.own_defaults(policy.defaults.get(command.user_id)):
        more = f"{more} {escape(said)}"
    text = "\n\n".join((intro, flags, models, more))
    blocks = [mrkdwn_section(part) for part in (intro, flags, models)]
    return Message(text, [*blocks, mrkdwn_context(more)])


def show_misunderstanding(answer: Misunderstood, typed: str) -> Message:
    """A word that we do not know."""
    return _refusal([answers.misunderstood(answer)], typed)


def show_usage_misunderstanding(answer: UsageMisunderstood, typed: str) -> Message:
    """A word after `usage` that we do not know."""
    return _refusal([usage.misunderstood(answer)], typed)


def show_violations(answer: Forbidden, typed: str) -> Message:
    """What the specification forbids."""
    return _refusal([answers.violation(v, answer.request) for v in answer.violations], typed)


def show_not_saved(typed: str) -> Message:
    """The database is away: nothing was promised."""
    return _refusal([answers.not_saved()], typed, ends_with_money=False)


def show_refusal(error: Rejected) -> Message:
    """Why a reply or a click was refused; over budget, with what can be done about it."""
    if isinstance(error, OverBudget):
        return show_over_budget(error)
    return show_sentence(refusals.refused(error))


def show_refused(error: Rejected, typed: str) -> Message:
    """Too many under way, forbidden, or over budget: nothing was promised."""
    if isinstance(error, OverBudget):
        return show_over_budget(error, f"{CommandName.IMAGINE} {typed}")
    return _refusal([refusals.refused(error)], typed, ends_with_money=False)


def show_sentence(text: str) -> Message:
    """One plain sentence."""
    return Message(escape(text), [plain_section(text)])


def _refusal(sentences: list[str], typed: str, *, ends_with_money: bool = True) -> Message:
    """Sentences, that nothing was spent, and what was typed, to be copied and mended."""
    if ends_with_money:
        sentences = [*sentences, NOTHING_SPENT]
    said = "\n".join(sentences)
    command = f"{CommandName.IMAGINE} {typed}"
    # The end of a text that is far too long is of no use, and Slack would refuse it.
    copied = command if len(command) <= 2900 else command[:2900] + "…"
    help_ = f"`{CommandName.IMAGINE} help` shows everything."
    return Message(
        text="\n".join((escape(said), escape(copied), help_)),
        blocks=[plain_section(said), plain_context(copied), mrkdwn_context(help_)],
    )

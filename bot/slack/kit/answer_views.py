"""What a command is answered with, privately: usage, refusals, the balance."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import ActionsBlock, ButtonElement

from bot.errors import Rejected
from bot.generations.record import NewGeneration
from bot.images.catalogue import MODELS, QUANTITY_MAX, Model
from bot.images.request import ImageRequest
from bot.images.showing import Show
from bot.images.usage import UsageMisunderstood, mend_usage
from bot.policy.choices import Choice, find_barred, find_show, find_unsaid
from bot.policy.policy import Policy
from bot.policy.terms import OverBudget
from bot.slack.kit import answer_texts as answers
from bot.slack.kit import preset_texts
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.budget_views import show_over_budget
from bot.slack.kit.ids import ActionId, BlockId, CommandName
from bot.slack.kit.message import (
    Message,
    mrkdwn_context,
    mrkdwn_section,
    plain_context,
    plain_section,
)
from bot.slack.kit.payloads import SlashCommand
from bot.slack.kit.text import NOTHING_SPENT, escape, shorten

_EXAMPLE = f"{CommandName.IMAGINE} a lighthouse in fog --model ideogram-3 --size landscape -n 2"


_BUTTON_MAX: Final = 75  # characters
# The form, with everything filled in.
EDIT: Final = "Edit"


def with_edit(message: Message, new: NewGeneration) -> Message:
    """A refusal of `new`, which is kept (bot/store/questions.py), with the button that opens the
    form: beside its other buttons if it has any, else right under what it says."""
    edit = ButtonElement(text=EDIT, action_id=ActionId.OPEN_ASKED, value=new.id)
    return _with_button(message, edit)


def with_command(message: Message, typed: str) -> Message:
    """An answer to a command that was misspelt, with a button that runs `typed`, which is
    right and costs nothing."""
    label = f"{CommandName.IMAGINE} {typed}"
    run = ButtonElement(
        text=shorten(label, _BUTTON_MAX), action_id=ActionId.RUN_COMMAND, value=typed
    )
    return _with_button(message, run)


def _with_button(message: Message, button: ButtonElement) -> Message:
    for block in message.blocks:
        if isinstance(block, ActionsBlock):
            block.elements.append(button)
            return message
    first, *rest = message.blocks
    buttons = ActionsBlock(block_id=BlockId.ACTIONS, elements=[button])
    return Message(message.text, [first, buttons, *rest])


def show_usage(policy: Policy, command: SlashCommand) -> Message:
    """How it works, in one screen; presets and one's defaults where there are any, and what the
    rules leave."""
    if policy.rules_in(command.channel_id).preset is None:
        policy = policy.seen_by(command.user_id)
    intro = (
        f"*Make pictures from words.* {_SEEN[_find_show(policy, command)]}, with what they cost.\n"
        f"```{_EXAMPLE}```"
    )
    own = policy.defaults.get(command.user_id)
    unsaid = find_unsaid(policy, channel_id=command.channel_id, user_id=command.user_id)
    flags = _list_flags(policy, command.channel_id)
    models = _list_models(unsaid.model, is_own=own is not None and own.model is unsaid.model)
    ways = _list_ways(has_presets=bool(policy.presets_in(command.channel_id)))
    more = _tell_more(unsaid)
    if said := preset_texts.own_defaults(own):
        more = f"{more} {escape(said)}"
    text = "\n\n".join((intro, flags, models, ways, more))
    blocks = [mrkdwn_section(part) for part in (intro, flags, models, ways)]
    return Message(text, [*blocks, mrkdwn_context(more)])


# Who sees them, if nobody says.
_SEEN: Final = {
    Show.THREAD: "Everyone in the channel sees them, in a thread",
    Show.CHANNEL: "Everyone in the channel sees them, there and in a thread",
    Show.ME: "You see them first, in our direct message, and share what you like",
}


def _find_show(policy: Policy, command: SlashCommand) -> Show:
    who_and_where = {"channel_id": command.channel_id, "user_id": command.user_id}
    return find_show(policy, Choice(has_defaults=True), **who_and_where) or Show.THREAD


def _list_flags(policy: Policy, channel_id: str) -> str:
    rules = policy.rules_in(channel_id)
    most = rules.quantity_max or QUANTITY_MAX
    lines = [
        "`--model` or `-m` · which model",
        "`--size` or `-s` · the shape, also `16:9`, `story`, `youtube`",
        "`--for` · where they are shown: `instagram-feed`, `story`, `youtube`",
        f"`--quantity` or `-n` · how many pictures, {'1' if most == 1 else f'1 to {most}'}",
        "`--enhance` or `-e` · let AI improve the prompt; `--enhance off` leaves it as it is",
        "`--show` · `thread`, `channel` (also there) or `me` (only you, until you share them)",
        '`--campaign` or `-c` · what it is for, such as `"Spring 27"`; `--no-campaign`: for none',
    ]
    presets = [each for each in policy.presets_in(channel_id) if not find_barred(rules, each)]
    if presets:
        usage = preset_texts.flag_usage(presets, rules.preset)
        lines.append(f"`--preset` or `-p` · {escape(usage)}")
    return "\n".join(lines)


def _list_models(default: Model, *, is_own: bool) -> str:
    mark = " (your default)" if is_own else " (default)"
    return "\n".join(
        f"`{model}`{mark if model is default else ''} · {facts.name}: "
        f"{facts.best_for.lower()}. Sizes: {', '.join(facts.sizes)}"
        for model, facts in MODELS.items()
    )


def _list_ways(*, has_presets: bool) -> str:
    name = CommandName.IMAGINE
    presets = f"`{name} presets` lists them" if has_presets else "add them in the Home tab"
    return "\n".join(
        (
            "*Replies* in a picture's thread change it: `@Imagine with a darker sky`, `@Imagine "
            "again x3`, `@Imagine undo`; in a direct message without `@Imagine`. Each version is a "
            "new picture, not a retouched one; Edit takes single lines out of its prompt",
            f"*Several at once* · `{name} a {{red|blue}} kite --size feed,story` makes all four; "
            "models can be a list, too. Or send a CSV file with `@Imagine make these`: its first "
            "row names the columns, such as prompt, size and model",
            f"*Library* · `{name} find harbour` finds pictures again by the words of their "
            "prompts; also `--by @ann`, `--in #design`, `--since 2026-11`, `--rating good` "
            "(thumbs up)",
            "*Mention me* anywhere, `@Imagine a fox`, or write me a direct message: "
            "that makes a new picture",
            "*Choose together* · `@Imagine let's vote` in a picture's thread, or Pick under More…, "
            "starts a vote, which costs nothing",
            "*Message menu* · “Make an image of this” takes a message as prompt, and its "
            "pictures as references",
            f"*Captions* · `{name}` alone opens the form, which also makes pictures for captions "
            "that PowerPost wrote",
            f"*Presets* · styles of your team, and your own; {presets}",
            "*Use in post*, if it is set up, makes a draft in PowerPost, and publishes nothing",
        )
    )


def _tell_more(unsaid: ImageRequest) -> str:
    name, number = CommandName.IMAGINE, unsaid.quantity
    pictures = f"one {unsaid.size} picture" if number == 1 else f"{number} {unsaid.size} pictures"
    return (
        f"`{name}` alone opens a form with every option. `{name} credits` shows the balance, "
        f"`{name} history` what you made, `{name} usage` what you spent (`--month 2026-11`; for "
        "admins also `--by user`, `channel`, `model`, `campaign` or `workspace`). Without options: "
        f"{pictures} by {MODELS[unsaid.model].name}. What stands in quotes is always part of the "
        "picture. If I am not sure what you mean, I ask before it costs anything. An edited "
        "message makes nothing: send a new one. Pictures are made by AI, through PowerPost."
    )


def show_usage_misunderstanding(answer: UsageMisunderstood, typed: str) -> Message:
    """A word after `usage` that we do not know; with a button that runs what was probably meant."""
    message = _refusal([answers.usage_misunderstood(answer)], typed)
    meant = mend_usage(typed, answer)
    return message if meant is None else with_command(message, meant)


def show_not_saved(typed: str) -> Message:
    """The database is away: nothing was promised."""
    return _refusal([answers.NOT_SAVED], typed, ends_with_money=False)


def show_in_doubt(typed: str) -> Message:
    """The database does not say whether it was promised."""
    return _refusal([answers.IN_DOUBT], typed, ends_with_money=False)


def show_refusal(error: Rejected, typed: str = "") -> Message:
    """Too many under way, forbidden, or over budget, with what can be done about that: nothing was
    promised. `typed` is a command, to be copied and mended."""
    if isinstance(error, OverBudget):
        return show_over_budget(error, f"{CommandName.IMAGINE} {typed}" if typed else "")
    if typed:
        return _refusal([refusals.refused(error)], typed, ends_with_money=False)
    return show_sentence(refusals.refused(error))


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

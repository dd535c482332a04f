"""The words of the Home tab and of its forms. What goes into mrkdwn is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.images.catalogue import MODELS, Model, Size
from bot.images.showing import Show
from bot.policy.budgets import Budget, Scope
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.presets import Defaults, Preset
from bot.policy.rules import BlockedWord, RuleName, Rules
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces
from bot.slack.kit.preset_texts import options_set
from bot.slack.kit.refusal_texts import blocked_word
from bot.slack.kit.show_texts import SHOWN, SHOWN_AS
from bot.slack.kit.text import (
    credit_count,
    escape,
    joined,
    moment_mrkdwn,
    picture_count,
    shorten,
)

_NAMED_MAX: Final = 5  # people or channels that are named in a line

# -- what is there -----------------------------------------------------------------------------


def balance_mrkdwn(credits_: float, seen_at: datetime) -> str:
    """The account's credits, and how old that number is."""
    return (
        f":coin: *{credit_count(credits_)} left* in the PowerPost account, shared by everyone "
        f"({moment_mrkdwn(seen_at)})"
    )


# PowerPost does not answer, and never did.
BALANCE_UNKNOWN: Final = ":coin: The balance isn't available right now."


# Nothing was made yet.
NO_PICTURES: Final = (
    "You haven't made any pictures yet. Type /imagine and what the picture should show."
)


# Where the rest is.
HISTORY_HINT: Final = "`/imagine history` shows all of them."


MY_DATA: Final = "I keep your requests, so that you can build on them. You can have them deleted."


# The database is away.
HOME_UNAVAILABLE: Final = "The settings can't be loaded right now. Press Refresh in a minute."


# Slack cannot be asked who is an admin.
ADMIN_UNKNOWN: Final = (
    "Slack can't tell me right now whether you're an admin, so the settings aren't shown."
)


# Slack refused the pictures.
THUMBNAILS_GONE: Final = "Slack can't show one of these pictures any more."


# An alert's button, after the budget was removed or replaced.
BUDGET_GONE: Final = (
    "This budget has been removed, so there is nothing to raise. The budgets that are set are in "
    "my Home tab."
)


# -- budgets -----------------------------------------------------------------------------------


def budget_subject(budget: Budget) -> str:
    """What a budget is of, in mrkdwn."""
    match budget.scope, budget.subject:
        case Scope.WORKSPACE, _:
            return "the whole workspace"
        case Scope.CAMPAIGN, None:
            return "each campaign"
        case Scope.CAMPAIGN, str() as name:
            return f"the campaign {escape(name)}"
        case Scope.CHANNEL, None:
            return "each channel"
        case Scope.CHANNEL, subject:
            return f"<#{subject}>"
        case _, None:
            return "each person"
        case _, subject:
            return f"<@{subject}>"


def budget_mrkdwn(budget: Budget) -> str:
    """One budget: `50 credits a month for each person`."""
    return f"*{credit_count(budget.credits)} a {budget.period}* for {budget_subject(budget)}"


def my_budget_mrkdwn(budget: Budget, used: float | None, renews_at: datetime) -> str:
    """One of the reader's own budgets, with what is left where that is known."""
    whose = "yours" if budget.scope is Scope.PERSON else budget_subject(budget)
    whole = f"{credit_count(budget.credits)} a {budget.period}, {whose}"
    renews = moment_mrkdwn(renews_at)  # midnight there may be another day for the reader
    if used is None:
        return f"• *{whole}* · renews {renews}"
    left = max(0.0, budget.credits - used)
    return f"• *{credit_count(left)} left* of {whole} · renews {renews}"


def left_mrkdwn(budget: Budget, used: float, renews_at: datetime) -> str:
    """What is left of a budget, for its row."""
    left = max(0.0, budget.credits - used)
    gone = f"{credit_count(used)} used or held"
    return f"{credit_count(left)} left, {gone} · renews {moment_mrkdwn(renews_at)}"


# Nothing limits the reader.
NO_BUDGETS_OF_MINE: Final = "You have no budget limit: you can use everything in the account."


# Nothing is set.
NO_BUDGETS: Final = (
    "No budgets are set, so everyone can use everything in the account. A request that would go "
    "over a budget is refused before anything is spent, or goes to an approver."
)


# The same was set before.
BUDGET_EXISTS: Final = "This already has a budget for the same period. Change that one instead."


def too_many_budgets(most: int) -> str:
    """More than can be kept."""
    return f"There are {most} budgets already, which is the limit. Remove one first."


# -- rules -------------------------------------------------------------------------------------


def rules_mrkdwn(
    rules: Rules,
    *,
    is_exception: bool = False,
    is_preset_gone: bool = False,
    workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
) -> str:
    """Rules as lines; what is not ruled is left out. `is_preset_gone`: the preset that they require
    is not there any more. `workspaces` are PowerPost's."""
    lines = []
    if rules.powerpost_workspace is not None:
        lines.append(f"• PowerPost workspace: {workspace_mrkdwn(rules, workspaces)}")
    if rules.models is not None:
        names = joined(MODELS[model].name for model in rules.models) if rules.models else "none"
        lines.append(f"• Models: {names}")
    if rules.quantity_max is not None:
        lines.append(f"• At most {picture_count(rules.quantity_max)} at a time")
    if rules.channels is not None:
        lines.append(f"• Only in {_channels(rules.channels)}")
    if rules.people is not None or rules.groups is not None:
        groups = [f"<!subteam^{group}>" for group in rules.groups or ()]
        who = _named([*(f"<@{user}>" for user in rules.people or ()), *groups])
        lines.append(f"• Only for {who}")
    if rules.words or rules.beginnings:
        lines.append(f"• Not in a prompt: {_blocked(rules)}")
    if rules.preset is not None:
        lines.append(f"• Every picture with the preset *{escape(rules.preset)}*")
    if is_preset_gone:
        lines.append(PRESET_REQUIRED_GONE)
    if rules.lifted:
        lifted = joined(LIFTED[rule] for rule in rules.lifted if rule in LIFTED)
        lines.append(f"• Lifted: {lifted}")
    otherwise = "As in the workspace." if is_exception else "No rules: everything is allowed."
    return "\n".join(lines) or otherwise


def workspace_mrkdwn(rules: Rules, workspaces: PowerPostWorkspaces) -> str:
    """In which of PowerPost's workspaces pictures are made, and if that is not to be had."""
    workspace_id = rules.powerpost_workspace
    name = escape(workspaces.name_of(workspace_id))
    if workspaces.knows(workspace_id):
        return name
    return f":warning: {name} isn't set up any more, so nobody can make pictures there"


# With the rules of a channel.
WORKSPACE_GOES: Final = (
    "This channel's PowerPost workspace goes with them: its pictures are made in the default one "
    "from then on."
)


def workspaces_mrkdwn(policy: Policy, workspaces: PowerPostWorkspaces) -> str:
    """PowerPost's workspaces and the channels that are set to them, in lines."""
    own = {
        channel: rules
        for channel, rules in sorted(policy.channel_rules.items())
        if rules.powerpost_workspace is not None
    }
    lines = [f"• By default: {escape(workspaces.name_of(None))}"]
    for said in dict.fromkeys(workspace_mrkdwn(rules, workspaces) for rules in own.values()):
        channels = [c for c, rules in own.items() if workspace_mrkdwn(rules, workspaces) == said]
        lines.append(f"• {_channels(channels)}: {said}")
    lines.append("Set it under *Rules*, in the rules of a channel.")
    return "\n".join(lines)


# The rules of the workspace that a channel's may lift, as their fields are called.
LIFTED: Final = {
    RuleName.MODEL: "only these models",
    RuleName.QUANTITY: "max images per request",
    RuleName.PERSON: "only these people",
    RuleName.WORD: "blocked words",
}


# A channel requires a preset that was removed.
PRESET_REQUIRED_GONE: Final = (
    ":warning: That preset isn't there any more, so nobody can make pictures there. Change these "
    "rules, or add a preset of that name."
)


# One of them would be of no effect.
SET_AND_LIFTED: Final = "You lift this rule below. Leave it empty here, or don't lift it."


# A preset of another channel.
NOT_ITS_PRESET: Final = (
    "This preset can't be used in this channel. Choose one of its own or the workspace's."
)


def no_word(line: str) -> str:
    """Nothing in it could be found in a prompt."""
    return f"“{shorten(line, 40)}” has no letters to look for. Remove that line."


def preset_required_in(channels: Sequence[str]) -> str:
    """Before a preset is removed that channels require. mrkdwn."""
    return (
        f":warning: {_channels(channels)} require it: nobody can make pictures there without it, "
        "until their rules are changed."
    )


def _blocked(rules: Rules) -> str:
    said = [_words(rules.words)] if rules.words else []
    if rules.beginnings:
        said.append(f"words that begin with {_words(rules.beginnings)}")
    return "; ".join(said)


def _words(words: Sequence[str]) -> str:
    shown = ", ".join(f"“{escape(shorten(word, 40))}”" for word in words[:10])
    return shown if len(words) <= 10 else f"{shown} and {len(words) - 10} more"


def rules_of_channel(channel_id: str) -> str:
    """The heading of an exception."""
    return f"the rules of <#{channel_id}>"


# No channel differs.
NO_EXCEPTIONS: Final = "No channel has its own rules."


# Slack does not list its user groups.
GROUPS_UNKNOWN: Final = "User groups can't be listed: Slack doesn't give this app access to them."


# This channel has rules.
EXCEPTION_EXISTS: Final = "This channel already has its own rules. Change those instead."


def too_many_exceptions(most: int) -> str:
    """More than can be kept."""
    return f"{most} channels have rules already, which is the limit. Remove some first."


# More than Slack's field takes.
TOO_MANY_WORDS: Final = "That's too many words for one field. Remove some."


# -- presets and defaults ----------------------------------------------------------------------


def preset_title(preset: Preset, *, is_own: bool = False) -> str:
    """Its name and where it may be used, in mrkdwn. `is_own`: by nobody else."""
    where = f"<#{preset.channel_id}>" if preset.channel_id else "the whole workspace"
    if is_own:
        where = "you alone"
    return f"*{escape(preset.name)}* for {where}"


def preset_mrkdwn(preset: Preset, *, is_own: bool = False, is_hidden: bool = False) -> str:
    """One preset, in two lines. `is_own`: the reader's; `is_hidden`: the team has one of its name,
    which is meant by that."""
    parts = options_set(preset)
    if preset.prefix:
        parts.append(f"before: “{escape(shorten(preset.prefix, 60))}”")
    if preset.suffix:
        parts.append(f"after: “{escape(shorten(preset.suffix, 60))}”")
    if preset.references:
        parts.append(f"{picture_count(len(preset.references))} as reference")
    if preset.is_locked:
        parts.append(":lock: locked")
    hidden = ". *Your team has a preset of this name now: rename yours to use it.*"
    title = preset_title(preset, is_own=is_own) + (hidden if is_hidden else "")
    return f"{title}\n{' · '.join(parts) or 'sets nothing yet'}"


def preset_names(presets: Sequence[Preset]) -> str:
    """The names in one line, for the overview."""
    shown = [f"*{escape(preset.name)}*" for preset in presets[:20]]
    rest = len(presets) - len(shown)
    names = ", ".join(shown) + (f" and {rest} more" if rest else "")
    return f"{names}\nUse one with `--preset NAME`, or choose it in the form."


# None is there.
NO_PRESETS: Final = (
    "No presets yet. A preset is a name for a way to make pictures: words around the prompt, "
    "model, size, reference pictures."
)


def defaults_mrkdwn(defaults: Defaults | None) -> str:
    """The reader's own defaults."""
    parts = options_set(defaults) if defaults else []
    if defaults and defaults.preset:
        parts.insert(0, f"preset *{escape(defaults.preset)}*")
    if defaults and defaults.show:
        parts.append(f"shown {SHOWN[defaults.show]}")
    if defaults and defaults.ask_above is not None:
        parts.append(f"asked first above {credit_count(defaults.ask_above)}")
    return " · ".join(parts) or (
        "No personal defaults. Choose the model, size and more to use when you don't specify them."
    )


DOWNLOAD_A_CAMPAIGN: Final = (
    "All pictures of a campaign that you can see, as ZIP files with a list for a spreadsheet."
)


# At the head of the form.
WHAT_DEFAULTS_ARE: Final = "Used when you don't specify something. Nobody else is affected."


def bad_preset_name(most: int) -> str:
    """Empty, too long, or not to be typed after a flag."""
    return f"A name has 1 to {most} characters, no quotes, and doesn't begin with a dash."


# Two of a name cannot be told apart.
PRESET_EXISTS: Final = (
    "A preset with this name already exists. Choose another name, or change that one."
)


# A name means the same thing to everyone in a thread.
TEAM_PRESET_EXISTS: Final = "Your team has a preset with this name. Choose another name for yours."
# In place of the choice of where it is for.
ONLY_YOURS: Final = "For you alone: nobody else sees it or can use it."


def preset_exists(key: str) -> str:
    """Before the preset of that key is replaced. mrkdwn."""
    name = escape(key.partition(":")[2])
    return (
        f":warning: There is a preset called *{name}* already. Save again to replace it, or choose "
        "another name."
    )


def preset_saved(name: str, *, is_own: bool) -> str:
    """It was made of a result. Plain text."""
    who = "For you alone" if is_own else "Your team can use it"
    quoted = f'"{name}"' if " " in name else name
    return (
        f"Saved as the preset “{name}”. {who}: /imagine a lighthouse --preset {quoted}, or choose "
        "it in the form. It can be changed and removed in the Home tab, under Presets."
    )


SAVE_AS_PRESET: Final = "Save as preset"
WHAT_SAVING_DOES: Final = (
    "Preset: use the words, model, size and references of these pictures again, by a name."
)


def too_many_presets(most: int) -> str:
    """A select does not take more."""
    return f"There are {most} presets already, which is the limit. Remove one first."


def too_many_references(most: int) -> str:
    """More than the specification takes."""
    return f"At most {most} reference pictures in all. Remove some."


def references_added(number: int, chosen: int, name: str) -> str:
    """They have arrived at PowerPost; not all of them, where others came meanwhile."""
    were = "reference picture was" if number == 1 else "reference pictures were"
    rest = f" It's full now, so the other {chosen - number} couldn't be added." * (number < chosen)
    return f"{number} {were} added to the preset “{name}”.{rest}"


def references_not_added(name: str, why: str) -> str:
    """They have not; the rest of the preset is kept."""
    return f"The preset “{name}” is saved, but without its new reference pictures. {why}"


# Nobody knows better.
TRY_REFERENCES_AGAIN: Final = "Open the preset in the Home tab and add them again in a minute."


# Removed or renamed while its pictures were being brought.
PRESET_GONE_MEANWHILE: Final = "Someone has renamed or removed it."


def forbidden_word(word: BlockedWord) -> str:
    """A preset's own words have one that the rules forbid."""
    return f"The rules don't allow {blocked_word(word)} in prompts. Use other words."


def too_long(most: int) -> str:
    """More than the field takes."""
    return f"At most {most} characters."


def size_not_in_model(model: Model, size: Size) -> str:
    """The two do not go together."""
    facts = MODELS[model]
    return f"{facts.name} has no size {size}. It has {joined(facts.sizes)}."


def not_count(least: int, most: int) -> str:
    """What was typed is not a number that can be kept."""
    return f"Enter a whole number from {least} to {most}, or leave this empty."


# -- settings ----------------------------------------------------------------------------------


def settings_mrkdwn(settings: WorkspaceSettings, is_channel_open: bool | None = None) -> str:
    """What is set, in lines. `is_channel_open`: whether the bot may write in the channel for
    approvals; None where that is not known."""
    admins = _named([f"<@{user}>" for user in settings.admins])
    shared = _named([f"<#{channel}>" for channel in settings.shared_channels])
    replies = "yes" if settings.asks_about_replies else "no"
    others = [f"• Other companies can ask in: {shared}"] if shared else []
    return "\n".join(
        (
            f"• Time zone: {escape(settings.time_zone)}",
            f"• Admins: Slack's own{' and ' + admins if admins else ''}",
            f"• Approvals: {_approvals(settings, is_channel_open)}",
            f"• Alert when the balance is below: {_or_never(settings.alert_below)}",
            f"• Ask before a Regenerate that costs at least: {_or_never(settings.confirm_above)}",
            f"• Pictures per brief: at most {settings.brief_most}; ask first above "
            f"{_brief_limits(settings)}",
            f"• Ask about replies without @Imagine: {replies}",
            *others,
        )
    )


def _brief_limits(settings: WorkspaceSettings) -> str:
    limits = []
    if settings.brief_ask_pictures is not None:
        limits.append(picture_count(settings.brief_ask_pictures))
    if settings.brief_ask_credits is not None:
        limits.append(credit_count(settings.brief_ask_credits))
    return joined(limits, "or") if limits else "nothing"


def _approvals(settings: WorkspaceSettings, is_open: bool | None) -> str:
    people = _named([f"<@{user}>" for user in settings.approvers])
    where = f"<#{settings.approval_channel}>" if settings.approval_channel else None
    match people, where:
        case "", None:
            return "nobody, so requests over a budget are refused"
        case _, None:
            return f"by {people}"
        case "", _:
            if is_open is False:
                return f"nobody is reached: I can't post in {where}. Invite @Imagine there"
            return f"in {where}"
        case _ if is_open is False:
            return (
                f"by {people}, each in a direct message: I can't post in {where}. Invite "
                "@Imagine there"
            )
        case _ if is_open is None:
            return f"by {people} in {where}, or in direct messages if I can't post there"
        case _:
            return f"by {people} in {where}"


# At the field of the channel for approvals.
CHANNEL_CLOSED: Final = (
    "I can't post there. Invite @Imagine to that channel first, then save again."
)


def open_approval(channel_id: str) -> str:
    """Before a channel is kept that anybody can join, with nobody named. mrkdwn."""
    return (
        f":warning: Anyone who can join <#{channel_id}> could approve requests over a budget: a "
        "colleague for a colleague, or somebody with a second account. Name approvers above, "
        "choose a private channel, or tick the box if that is what you want; then save again."
    )


def _or_never(credits_: float | None) -> str:
    return "never" if credits_ is None else credit_count(credits_)


def counted(policy: Policy) -> str:
    """How much is set, in one line."""
    return " · ".join(
        (
            _count(len(policy.budgets), "budget"),
            _count(len(policy.presets), "preset"),
            f"{_count(len(policy.channel_rules), 'channel')} with their own rules",
        )
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


# -- where results are shown -------------------------------------------------------------------


# At the head of the form.
WHAT_SHOWING_IS: Final = (
    "Where pictures are shown by default. Each request can override this with --show or in the "
    "form, and each person in their own defaults."
)


# It cannot be shown in two ways.
CHANNEL_TWICE: Final = "One of these channels is also chosen above. Choose each only once."


def showing_mrkdwn(settings: WorkspaceSettings) -> str:
    """Where results are shown, in lines."""
    lines = [f"• By default: {SHOWN_AS[settings.show].lower()}"]
    for show in Show:
        channels = [c for c, shown in sorted(settings.show_channels.items()) if shown is show]
        if channels:
            lines.append(f"• {_channels(channels)}: {SHOWN_AS[show].lower()}")
    return "\n".join(lines)


# At the head of the form.
WHAT_CAMPAIGNS_ARE: Final = (
    "The campaign that pictures belong to by default. Each request can override this with "
    "--campaign or in the form. Reports have a line for each campaign."
)


def campaigns_mrkdwn(settings: WorkspaceSettings) -> str:
    """What pictures are made for, in lines."""
    lines = [f"• By default: {escape(settings.campaign or 'no campaign')}"]
    for name in sorted(set(settings.campaign_channels.values())):
        channels = [c for c, of in sorted(settings.campaign_channels.items()) if of == name]
        lines.append(f"• {_channels(channels)}: {escape(name or 'no campaign')}")
    return "\n".join(lines)


# -- changes -----------------------------------------------------------------------------------


# Nothing was ever set.
NO_CHANGES: Final = "No changes yet."


# -- refusals ----------------------------------------------------------------------------------


# Somebody else pressed.
ADMINS_ONLY: Final = "Only admins can change this. Nothing was changed."


# Slack or the database cannot be asked.
ADMIN_CHECK_FAILED: Final = (
    "I couldn't check whether you're an admin, so nothing was changed. "
    "Please try again in a minute."
)


# Somebody was faster.
GONE_MEANWHILE: Final = "Someone has removed this, so nothing was changed."


# The database is away.
NOT_KEPT: Final = "I couldn't save this, so nothing was changed. Please try again in a minute."


# A form did not open.
CLICK_FAILED: Final = "This couldn't be opened. Nothing was changed. Please try again in a minute."


# Something that is not offered.
CHOOSE_FROM_LIST: Final = "Choose from the list."


# Nothing was chosen.
CHOOSE_ONE: Final = "Choose one."


def nobody_can(budget: Budget, *, has_approvers: bool) -> str:
    """Before a budget of nothing is kept: who could make nothing any more. mrkdwn."""
    approval = " without an approval" if has_approvers else ""
    match budget.scope, budget.subject:
        case Scope.CAMPAIGN, None:
            who = f"Nobody can make pictures for a campaign then{approval}."
        case Scope.CAMPAIGN, str() as name:
            who = f"Nobody can make pictures for {escape(name)} then{approval}."
        case Scope.CHANNEL, None:
            who = f"Nobody can make pictures in a channel then{approval}, only in direct messages."
        case Scope.CHANNEL, subject:
            who = f"Nobody can make pictures in <#{subject}> then{approval}."
        case Scope.PERSON, str() as subject:
            who = f"<@{subject}> can't make pictures then{approval}."
        case _:
            who = f"Nobody can make pictures then{approval}."
    return f":warning: *{who} Save?*"


# In a budget's form that was opened from an alert.
RAISING: Final = (
    "A higher budget applies as soon as you save. Refused requests don't start by themselves: "
    "whoever made one can ask again. Requests waiting for approval still need it."
)


# No number of credits.
NOT_CREDITS: Final = "Enter a number of credits, such as 50, between 0 and 1,000,000."


def sure_to_remove(said: str) -> str:
    """The question before it."""
    return f"Remove {said}? What was made or spent stays as it is."


def removed(said: str) -> str:
    """It is gone. mrkdwn."""
    return f"Removed: {said}."


def _channels(channels: Sequence[str]) -> str:
    return _named([f"<#{channel}>" for channel in channels])


def _named(mentions: Sequence[str]) -> str:
    """The first few, and how many more."""
    rest = len(mentions) - _NAMED_MAX
    if rest > 0:
        return f"{', '.join(mentions[:_NAMED_MAX])} and {rest} more"
    return joined(mentions) if mentions else ""


# In place of the Home tab of somebody of another company.
MEMBERS_ONLY: Final = (
    "I belong to another company's workspace, which pays for the pictures that I make. In "
    "channels that you share with it, its admins can let you ask for some. Nothing of "
    "theirs is shown here."
)

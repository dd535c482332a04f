"""The words of what was changed in the Home tab: `largest quantity 4 → 3`. mrkdwn, escaped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from bot.credits.amounts import amount
from bot.images.catalogue import MODELS, Model
from bot.images.showing import Show
from bot.policy.budgets import Budget
from bot.policy.changes import Difference
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces
from bot.slack.home.texts import budget_subject
from bot.slack.kit.generation_texts import mention
from bot.slack.kit.show_texts import SHOWN_AS
from bot.slack.kit.text import credit_count, escape, joined, moment_mrkdwn, shorten

_TOLD_MAX: Final = 4  # things of one change
_NAMED_MAX: Final = 3  # people, channels or models of a list

_CHANGES: Final = {
    "settings": "changed the settings",
    "showing": "changed where results are shown",
    "campaigns": "changed the default campaigns",
    "channel_moved": "has shared {} with another company, which gave it a new id",
    "rules": "changed the rules",
    "budget": "changed the budget for {}",
    "budget_added": "added a budget for {}",
    "budget_removed": "removed the budget for {}",
    "channel_rules": "changed the rules of {}",
    "channel_rules_added": "added rules for {}",
    "channel_rules_removed": "removed the rules of {}",
    "preset": "changed the preset {}",
    "preset_added": "added the preset {}",
    "preset_removed": "removed the preset {}",
}
_FIELDS: Final = {
    "time_zone": "time zone",
    "admins": "admins",
    "approvers": "approvers",
    "approval_channel": "channel for approvals",
    "is_open_approval_meant": "anyone who joins it can approve",
    "alert_below": "low-balance alert at",
    "confirm_above": "ask before a Regenerate of",
    "brief_most": "most pictures of one request",
    "brief_ask_pictures": "ask first above so many pictures",
    "brief_ask_credits": "ask first above so many credits",
    "shared_channels": "channels where other companies can ask",
    "show": "shown",
    "show_channels": "channels that differ",
    "campaign": "campaign",
    "campaign_channels": "channels with a campaign of their own",
    "asks_about_replies": "ask about replies without a mention",
    "models": "models",
    "quantity_max": "largest quantity",
    "channels": "channels",
    "people": "people",
    "groups": "user groups",
    "words": "blocked words",
    "beginnings": "blocked beginnings of words",
    "preset": "preset of every picture",
    "lifted": "lifted rules",
    "channel_id": "for",
    "model": "model",
    "size": "size",
    "quantity": "quantity",
    "enhance_prompt": "prompts improved",
    "is_locked": "locked",
    "references": "reference pictures",
}
_LIFTED: Final = {
    "model": "models",
    "quantity": "largest quantity",
    "person": "people",
    "word": "blocked words",
}
_MENTIONS: Final = {
    "admins": "<@{}>",
    "approvers": "<@{}>",
    "people": "<@{}>",
    "channels": "<#{}>",
    "shared_channels": "<#{}>",
    "approval_channel": "<#{}>",
    "channel_id": "<#{}>",
    "groups": "<!subteam^{}>",
}


def change_mrkdwn(
    what: str,
    user_id: str,
    at: datetime,
    differences: Sequence[Difference] = (),
    workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
) -> str:
    """Who changed what, when, and from what to what; `what` may have a name after a colon.
    `workspaces` are PowerPost's."""
    kind, _, name = what.partition(":")
    done = _CHANGES.get(kind, "changed something").format(_subject(name))
    told = [difference_mrkdwn(each, workspaces) for each in differences[:_TOLD_MAX]]
    if len(differences) > _TOLD_MAX:
        told.append(f"and {len(differences) - _TOLD_MAX} more")
    said = f": {'; '.join(told)}" if told else ""
    who = mention(user_id) if user_id else "Slack"
    return f"{moment_mrkdwn(at)} · {who} {done}{said}"


def _subject(name: str) -> str:
    """A channel, a person, what each has, or a preset's name."""
    kind, _, value = name.partition("=")
    if kind == "channel":
        return f"<#{value}>"
    if kind == "person":
        return f"<@{value}>"
    if kind == "campaign":
        return f"the campaign *{escape(value)}*"
    return f"*{escape(value)}*" if value else "something"


def difference_mrkdwn(each: Difference, workspaces: PowerPostWorkspaces = ONE_WORKSPACE) -> str:
    """`largest quantity 4 → 3`."""
    match each.field:
        case "powerpost_workspace":
            names = [escape(workspaces.name_of(value)) for value in (each.before, each.after)]
            return f"PowerPost workspace {' → '.join(names)}"
        case "budget":
            return _budgets(each)
        case "name":
            return f"{_value('name', each.before)} renamed to {_value('name', each.after)}"
        case "prefix" | "suffix":
            where = "before" if each.field == "prefix" else "after"
            return f"other words {where} each prompt"
        case "words" | "beginnings" | "show_channels" | "campaign_channels":
            before, after = (len(words or ()) for words in (each.before, each.after))
            same = " (others)" if before == after else ""
            return f"{_FIELDS[each.field]} {before} → {after}{same}"
        case _:
            label = _FIELDS.get(each.field, "something")
            return f"{label} {_value(each.field, each.before)} → {_value(each.field, each.after)}"


def _budgets(each: Difference) -> str:
    old, new = (
        None if one is None else Budget.model_validate(one) for one in (each.before, each.after)
    )
    if old is None or new is None:
        only = old or new
        return "" if only is None else _credits(only)
    if (old.scope, old.subject) != (new.scope, new.subject):
        was, is_ = (f"{_credits(one)} for {budget_subject(one)}" for one in (old, new))
        return f"{was} → {is_}"
    if old.period is new.period:
        return f"{amount(old.credits)} → {_credits(new)}"
    return f"{_credits(old)} → {_credits(new)}"


def _credits(budget: Budget) -> str:
    return f"{credit_count(budget.credits)} a {budget.period}"


def _value(field: str, value: Any) -> str:
    if isinstance(value, list):
        shown = [_value(field, one) for one in value[:_NAMED_MAX]]
        rest = len(value) - len(shown)
        return joined([*shown, f"{rest} more"] if rest else shown) if value else "none"
    match value:
        case None:
            return _nothing(field)
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return amount(value)
    text = str(value)
    if field == "show" and text in set(Show):
        return SHOWN_AS[Show(text)].lower()
    if field in _MENTIONS:
        return _MENTIONS[field].format(escape(text))
    if field == "lifted":
        return _LIFTED.get(text, "others")
    if field in ("model", "models") and text in set(Model):
        return MODELS[Model(text)].name
    return f"*{escape(shorten(text, 40))}*" if field == "name" else escape(shorten(text, 40))


def _nothing(field: str) -> str:
    match field:
        case "channel_id":
            return "the whole workspace"
        case "lifted":
            return "none"
        case "approval_channel" | "campaign":
            return "none"
        case "alert_below" | "confirm_above" | "brief_ask_pictures" | "brief_ask_credits":
            return "never"
        case _:
            return "any"

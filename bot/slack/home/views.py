"""The Home tab: a screen for everyone, and lists that admins go through. Pure.

Limits: 100 blocks a view, 3,000 characters a section (https://docs.slack.dev/reference/views).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    DividerBlock,
    HeaderBlock,
    Option,
    OverflowMenuElement,
    SectionBlock,
)
from slack_sdk.models.blocks.basic_components import MarkdownTextObject
from slack_sdk.models.views import View

from bot.policy.presets import StoredReference
from bot.policy.rules import Rules
from bot.slack.home import texts as home_texts
from bot.slack.home.change_texts import change_mrkdwn
from bot.slack.home.facts import ROWS, HomeFacts
from bot.slack.home.forms.budget import BUDGET_FORM
from bot.slack.home.forms.preset import PRESET_FORM, preset_key
from bot.slack.home.forms.rules import EXCEPTION_FORM
from bot.slack.home.screens import HomePage, Screen
from bot.slack.kit import library_texts
from bot.slack.kit.history_views import show_history
from bot.slack.kit.ids import ActionId, HomeAction, RowChoice
from bot.slack.kit.library_views import ShowRow, show_library
from bot.slack.kit.message import mrkdwn_context, plain_context, plain_section
from bot.slack.kit.thumbnails import show_thumbnails

_SECTION_MAX: Final = 3000


def show_home(
    facts: HomeFacts,
    place: HomePage,
    show_row: ShowRow = lambda _generation: (),
    *,
    has_thumbnails: bool = True,
) -> View:
    """The tab at one of its screens; the overview where the person may not see the screen.
    `show_row` draws what can be done with a picture of the library."""
    shown = place if facts.is_admin or not place.screen.is_for_admins else HomePage()
    match shown.screen:
        case Screen.OVERVIEW:
            blocks = _overview(facts, has_thumbnails=has_thumbnails)
        case Screen.BUDGETS:
            shown, blocks = _budgets(facts, shown)
        case Screen.RULES:
            shown, blocks = _rules(facts, shown)
        case Screen.PRESETS:
            shown, blocks = _presets(facts, shown, has_thumbnails=has_thumbnails)
        case Screen.CHANGES:
            blocks = _changes(facts, shown)
        case Screen.LIBRARY:
            blocks = _library(facts, show_row, has_thumbnails=has_thumbnails)
    return View(type="home", private_metadata=shown.write(), blocks=blocks)


def show_unavailable() -> View:
    """Where the database does not answer."""
    refresh = _button("Refresh", HomeAction.REFRESH)
    sentence = plain_section(home_texts.HOME_UNAVAILABLE)
    return View(type="home", blocks=[sentence, ActionsBlock(elements=[refresh])])


def show_members_only() -> View:
    """To somebody of another company."""
    return View(type="home", blocks=[plain_section(home_texts.MEMBERS_ONLY)])


# -- the overview ------------------------------------------------------------------------------


def _overview(facts: HomeFacts, *, has_thumbnails: bool) -> list[Block]:
    create = _button("Create image", HomeAction.CREATE_IMAGE, is_primary=True)
    blocks: list[Block] = [
        ActionsBlock(
            elements=[
                create,
                _button("Library", HomeAction.SHOW_LIBRARY),
                _button("Refresh", HomeAction.REFRESH),
            ]
        ),
        _section(_balance(facts)),
        *_own_budgets(facts),
        *_recent(facts, has_thumbnails=has_thumbnails),
        *_own_choices(facts),
    ]
    if facts.is_admin:
        blocks += _for_admins(facts)
    elif facts.is_admin is None:
        blocks.append(plain_context(home_texts.ADMIN_UNKNOWN))
    return blocks


def _balance(facts: HomeFacts) -> str:
    return (
        home_texts.balance_mrkdwn(*facts.balance) if facts.balance else (home_texts.BALANCE_UNKNOWN)
    )


def _own_budgets(facts: HomeFacts) -> list[Block]:
    lines = [
        home_texts.my_budget_mrkdwn(each.ceiling.budget, each.used, each.ceiling.window.until)
        for each in facts.mine
    ]
    text = "\n".join(lines) or home_texts.NO_BUDGETS_OF_MINE
    return [HeaderBlock(text="My budget"), _section(text)]


def _recent(facts: HomeFacts, *, has_thumbnails: bool) -> list[Block]:
    header = HeaderBlock(text="My last pictures")
    if not facts.recent:
        return [header, plain_section(home_texts.NO_PICTURES)]
    shown = show_history(
        facts.recent,
        facts.workspace_url,
        facts.bills,
        facts.versions,
        has_more=False,
        has_thumbnails=has_thumbnails,
    )
    hint = mrkdwn_context(home_texts.HISTORY_HINT)
    notes = [] if has_thumbnails else [plain_context(home_texts.THUMBNAILS_GONE)]
    return [header, *shown.blocks, *notes, hint]


def _own_choices(facts: HomeFacts) -> list[Block]:
    seen = facts.policy.seen_by(facts.user_id).presets
    presets = sorted(seen, key=lambda preset: preset.name.casefold())
    names = home_texts.preset_names(presets) if presets else home_texts.NO_PRESETS
    defaults = facts.policy.defaults.get(facts.user_id)
    return [
        HeaderBlock(text="Presets"),
        _section(names, _button("Show", HomeAction.SHOW_PRESETS, "Show the presets")),
        HeaderBlock(text="My defaults"),
        _section(
            home_texts.defaults_mrkdwn(defaults),
            _button("Change", HomeAction.EDIT_DEFAULTS, "Change my defaults"),
        ),
        HeaderBlock(text="Campaigns"),
        _section(
            home_texts.DOWNLOAD_A_CAMPAIGN,
            ButtonElement(
                text="Download",
                action_id=ActionId.DOWNLOAD_CAMPAIGN,
                accessibility_label="Download a campaign",
            ),
        ),
        HeaderBlock(text="My data"),
        _section(home_texts.MY_DATA, _button("Delete my data", HomeAction.FORGET_ME)),
    ]


def _for_admins(facts: HomeFacts) -> list[Block]:
    policy = facts.policy
    rules = home_texts.rules_mrkdwn(policy.rules)
    return [
        DividerBlock(),
        HeaderBlock(text="For admins"),
        ActionsBlock(
            elements=[
                _button("Budgets", HomeAction.SHOW_BUDGETS),
                _button("Rules", HomeAction.SHOW_RULES),
                _button("Presets", HomeAction.SHOW_PRESETS),
                _button("Recent changes", HomeAction.SHOW_CHANGES),
                ButtonElement(text="Report", action_id=ActionId.REPORT),
                _button("Audit", HomeAction.AUDIT),
            ]
        ),
        _section(
            f"*Settings*\n{home_texts.settings_mrkdwn(policy.settings, facts.is_channel_open)}",
            _button("Change", HomeAction.EDIT_SETTINGS, "Change the settings"),
        ),
        _section(
            f"*Where results are shown*\n{home_texts.showing_mrkdwn(policy.settings)}",
            _button("Change", HomeAction.EDIT_SHOWING, "Change where results are shown"),
        ),
        _section(
            f"*Campaigns*\n{home_texts.campaigns_mrkdwn(policy.settings)}",
            _button("Change", HomeAction.EDIT_CAMPAIGNS, "Change the campaigns"),
        ),
        *_workspaces(facts),
        _section(f"*Set so far*\n{home_texts.counted(policy)}\n*Rules*\n{rules}"),
    ]


def _workspaces(facts: HomeFacts) -> list[Block]:
    """PowerPost's, if there are several, or a channel is set to one."""
    rules = facts.policy.channel_rules.values()
    if not facts.workspaces.are_several and not any(each.powerpost_workspace for each in rules):
        return []
    said = home_texts.workspaces_mrkdwn(facts.policy, facts.workspaces)
    return [_section(f"*PowerPost workspaces*\n{said}")]


# -- the lists ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a list, with what its menu's options name it by."""

    text: str
    what: str
    key: str
    pictures: tuple[StoredReference, ...] = ()
    is_readers: bool = False  # whose it is may always change it


def _budgets(facts: HomeFacts, place: HomePage) -> tuple[HomePage, list[Block]]:
    add = _button("Add a budget", HomeAction.ADD_BUDGET, is_primary=True)
    rows = []
    for budget in facts.policy.budgets:
        text = home_texts.budget_mrkdwn(budget)
        used = (facts.used or {}).get(budget.id)
        if used is not None and used.used is not None:
            until = used.ceiling.window.until
            text += f"\n{home_texts.left_mrkdwn(budget, used.used, until)}"
        rows.append(_Row(text, BUDGET_FORM.what, budget.id))
    return _list("Budgets", place, [add], rows, home_texts.NO_BUDGETS, has_menu=True)


def _rules(facts: HomeFacts, place: HomePage) -> tuple[HomePage, list[Block]]:
    policy = facts.policy
    rows = [
        _Row(
            f"*<#{channel}>*\n{_exception(facts, channel, rules)}",
            EXCEPTION_FORM.what,
            channel,
        )
        for channel, rules in sorted(policy.channel_rules.items())
    ]
    buttons = [
        _button("Change the rules", HomeAction.EDIT_RULES, is_primary=True),
        _button("Add a channel", HomeAction.ADD_EXCEPTION),
    ]
    shown, blocks = _list("Rules", place, buttons, rows, home_texts.NO_EXCEPTIONS, has_menu=True)
    whole = [
        _section(f"*The whole workspace*\n{home_texts.rules_mrkdwn(policy.rules)}"),
        HeaderBlock(text="Channels with their own rules"),
    ]
    return shown, [*blocks[:2], *whole, *blocks[2:]]


def _exception(facts: HomeFacts, channel: str, rules: Rules) -> str:
    preset = rules.preset
    is_gone = preset is not None and facts.policy.find_preset(preset, channel) is None
    return home_texts.rules_mrkdwn(
        rules, is_exception=True, is_preset_gone=is_gone, workspaces=facts.workspaces
    )


def _presets(
    facts: HomeFacts, place: HomePage, *, has_thumbnails: bool
) -> tuple[HomePage, list[Block]]:
    add = _button("Add a preset", HomeAction.ADD_PRESET, is_primary=True)
    teams = {preset.name.casefold() for preset in facts.policy.presets}
    own = facts.policy.own_presets.get(facts.user_id, ())
    rows = [
        _Row(
            home_texts.preset_mrkdwn(
                preset, is_own=is_own, is_hidden=is_own and preset.name.casefold() in teams
            ),
            PRESET_FORM.what,
            preset_key(preset, facts.user_id if is_own else None),
            preset.references if has_thumbnails else (),
            is_own,
        )
        for presets, is_own in ((own, True), (facts.policy.presets, False))
        for preset in sorted(presets, key=lambda preset: preset.name.casefold())
    ]
    may_change = bool(facts.is_admin)
    return _list("Presets", place, [add], rows, home_texts.NO_PRESETS, has_menu=may_change)


def _changes(facts: HomeFacts, place: HomePage) -> list[Block]:
    page = facts.changes[:ROWS]
    lines = [
        change_mrkdwn(c.what, c.changed_by, c.changed_at, c.differences, facts.workspaces)
        for c in page
    ]
    rows = [_section(line) for line in lines or [home_texts.NO_CHANGES]]
    has_more = len(facts.changes) > len(page)
    return [*_head("Recent changes", []), *rows, *_pager(place, has_more=has_more)]


def _library(facts: HomeFacts, show_row: ShowRow, *, has_thumbnails: bool) -> list[Block]:
    head = _head(library_texts.TITLE, [])
    if facts.library is None:
        return [*head, plain_section(library_texts.UNAVAILABLE)]
    shown = show_library(
        facts.library, facts.workspace_url, show_row, has_thumbnails=has_thumbnails
    )
    return [*head, *shown.blocks]


def _list(
    title: str,
    place: HomePage,
    buttons: Sequence[ButtonElement],
    rows: Sequence[_Row],
    nothing: str,
    *,
    has_menu: bool,
) -> tuple[HomePage, list[Block]]:
    """A page of rows; the last page where there are fewer by now."""
    last = max(0, (len(rows) - 1) // ROWS)
    shown = place.model_copy(update={"page": min(max(place.page, 0), last)})
    page = rows[shown.page * ROWS : (shown.page + 1) * ROWS]
    drawn: list[Block] = []
    for number, row in enumerate(page):
        drawn.append(_section(row.text, _menu(row) if has_menu or row.is_readers else None))
        drawn += show_thumbnails(str(number), ((each.file_id, each.name) for each in row.pictures))
    pager = _pager(shown, has_more=shown.page < last, count=len(rows))
    return shown, [*_head(title, buttons), *(drawn or [_section(nothing)]), *pager]


def _head(title: str, buttons: Sequence[ButtonElement]) -> list[Block]:
    back = _button("Back", HomeAction.SHOW_OVERVIEW)
    return [HeaderBlock(text=title), ActionsBlock(elements=[*buttons, back])]


def _pager(place: HomePage, *, has_more: bool, count: int | None = None) -> list[Block]:
    buttons = []
    if place.page > 0:
        buttons.append(_button("Page before", HomeAction.PAGE_BACK))
    if has_more:
        buttons.append(_button("Next page", HomeAction.PAGE_ON))
    if not buttons:
        return []
    said = f"Page {place.page + 1}" + (f" · {count} in all" if count is not None else "")
    return [plain_context(said), ActionsBlock(elements=buttons)]


def _menu(row: _Row) -> OverflowMenuElement:
    options = [
        Option(value=f"{choice}:{row.what}:{row.key}", text=choice.capitalize())
        for choice in RowChoice
    ]
    return OverflowMenuElement(action_id=HomeAction.ROW_MENU, options=options)


def _button(
    text: str, action: HomeAction, said: str | None = None, *, is_primary: bool = False
) -> ButtonElement:
    """`said` is the name for those who hear it, where others are called the same."""
    return ButtonElement(
        text=text,
        action_id=action,
        style="primary" if is_primary else None,
        accessibility_label=said,
    )


def _section(text: str, accessory: ButtonElement | OverflowMenuElement | None = None) -> Block:
    return SectionBlock(text=MarkdownTextObject(text=cut(text)), accessory=accessory)


def cut(text: str) -> str:
    """`text` as far as a section takes it, cut between lines, saying so."""
    if len(text) <= _SECTION_MAX:
        return text
    kept = text[: _SECTION_MAX - 40].rpartition("\n")[0] or text[: _SECTION_MAX - 40]
    return f"{kept}\n… and more than fits here"

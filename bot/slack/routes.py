"""The table of everything that people can do to this bot: reading it is reading the product."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.approvals.desk import ApprovalDesk
from bot.slack.forms.desk import FormDesk
from bot.slack.home.desk import HomeDesk
from bot.slack.home.places import SCREEN_OF_ACTION
from bot.slack.ids import (
    ActionId,
    CommandName,
    Field,
    HomeAction,
    SheetField,
    ShortcutId,
    ViewId,
)
from bot.slack.listeners.approvals import ApprovalListeners
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.events import EventListeners, pass_over
from bot.slack.listeners.form import FormListeners
from bot.slack.listeners.home import HomeListeners
from bot.slack.listeners.reports import ReportListeners
from bot.slack.listeners.threads import ThreadListeners
from bot.slack.ordering import OrderDesk
from bot.slack.reports.desk import ReportDesk
from bot.slack.searches import Searches
from bot.slack.threads.desk import ThreadDesk

Listener = Callable[..., Awaitable[Any]]


class Surface(StrEnum):
    """Slack's kinds of interaction, by the name of Bolt's registrar for each."""

    COMMAND = "command"
    SHORTCUT = "shortcut"
    VIEW = "view"
    VIEW_CLOSED = "view_closed"
    ACTION = "action"
    OPTIONS = "options"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be done, and who listens."""

    surface: Surface
    key: str | re.Pattern[str]
    listener: Listener


def build_routes(
    orders: OrderDesk,
    form: FormDesk,
    thread: ThreadDesk,
    events: EventListeners,
    home: HomeDesk,
    approval: ApprovalDesk,
    reports: ReportDesk,
) -> list[Route]:
    """Every route; the first that matches is taken."""
    commands, forms = CommandListeners(orders), FormListeners(form)
    threads = ThreadListeners(thread)
    approvals = ApprovalListeners(approval)
    searches = Searches()
    return [
        Route(Surface.COMMAND, CommandName.IMAGINE, commands.run_imagine),
        Route(Surface.SHORTCUT, ShortcutId.CREATE_IMAGE, forms.open_image_form),
        Route(Surface.SHORTCUT, ShortcutId.IMAGE_OF_MESSAGE, forms.open_form_of_message),
        *(
            Route(Surface.ACTION, action_id, forms.change_image_form)
            for action_id in (*Field, ActionId.START_AFRESH)
        ),
        Route(Surface.OPTIONS, Field.CAPTION, searches.listen(form.search_captions)),
        Route(Surface.VIEW, ViewId.IMAGE_FORM, forms.submit_image_form),
        Route(Surface.VIEW_CLOSED, ViewId.IMAGE_FORM, forms.close_image_form),
        *(
            Route(Surface.ACTION, action_id, threads.press_button)
            for action_id in (
                ActionId.REGENERATE,
                ActionId.EDIT,
                ActionId.MAKE_MISSING,
                ActionId.CANCEL,
            )
        ),
        Route(Surface.ACTION, ActionId.RESULT_MENU, threads.choose_from_menu),
        Route(Surface.ACTION, ActionId.FEEDBACK, threads.give_opinion),
        Route(Surface.ACTION, ActionId.OLDER_HISTORY, threads.show_older_history),
        Route(Surface.VIEW, ViewId.PICK_PICTURE, threads.pick_picture),
        Route(Surface.VIEW, ViewId.SHARE_PICTURE, threads.share_picture),
        Route(Surface.VIEW, ViewId.DELETE_RESULT, threads.delete_result),
        Route(Surface.ACTION, ActionId.REPORT, ReportListeners(reports).send_report),
        Route(Surface.EVENT, "app_mention", events.hear_message),
        Route(Surface.EVENT, "message", events.hear_message),
        *_build_home_routes(HomeListeners(home), searches.listen(home.search_time_zones)),
        Route(Surface.ACTION, ActionId.ASK_APPROVAL, approvals.ask_for_approval),
        Route(Surface.VIEW, ViewId.ASK_APPROVAL, approvals.ask_from_form),
        Route(Surface.ACTION, ActionId.APPROVE, approvals.approve_request),
        Route(Surface.ACTION, ActionId.DENY, approvals.open_denial),
        Route(Surface.VIEW, ViewId.DENY_APPROVAL, approvals.deny_request),
        # What means nothing to us is answered too, or Slack would take us for broken.
        *(
            Route(surface, re.compile(".*"), pass_over)
            for surface in Surface
            if surface is not Surface.COMMAND
        ),
    ]


def _build_home_routes(home: HomeListeners, search_time_zones: Listener) -> list[Route]:
    """The Home tab, and every form with which something is set."""
    turns = (*SCREEN_OF_ACTION, HomeAction.REFRESH, HomeAction.PAGE_BACK, HomeAction.PAGE_ON)
    opens = (
        HomeAction.EDIT_SETTINGS,
        HomeAction.EDIT_DEFAULTS,
        HomeAction.EDIT_RULES,
        HomeAction.ADD_EXCEPTION,
        HomeAction.ADD_BUDGET,
        HomeAction.ADD_PRESET,
    )
    sheets = (
        ViewId.SETTINGS_SHEET,
        ViewId.BUDGET_SHEET,
        ViewId.RULES_SHEET,
        ViewId.EXCEPTION_SHEET,
        ViewId.PRESET_SHEET,
        ViewId.DEFAULTS_SHEET,
    )
    return [
        Route(Surface.EVENT, "app_home_opened", home.open_home),
        Route(Surface.ACTION, HomeAction.CREATE_IMAGE, home.create_image),
        *(Route(Surface.ACTION, action_id, home.turn_home) for action_id in turns),
        *(Route(Surface.ACTION, action_id, home.open_sheet) for action_id in opens),
        Route(Surface.ACTION, HomeAction.ROW_MENU, home.choose_from_row),
        Route(Surface.ACTION, HomeAction.CHOOSE_KIND, home.change_sheet),
        Route(Surface.OPTIONS, SheetField.TIME_ZONE, search_time_zones),
        *(Route(Surface.VIEW, view_id, home.submit_sheet) for view_id in sheets),
        Route(Surface.VIEW, ViewId.REMOVAL_SHEET, home.remove),
    ]


def register_routes(app: AsyncApp, routes: list[Route]) -> None:
    """Tell Bolt."""
    for route in routes:
        key = route.key if isinstance(route.key, re.Pattern) else str(route.key)
        getattr(app, route.surface.value)(key)(route.listener)

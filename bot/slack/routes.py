"""The table of everything that people can do to this bot: reading it is reading the product."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from slack_bolt.async_app import AsyncApp

from bot.slack.approvals.handlers import ApprovalListeners
from bot.slack.approvals.service import ApprovalActions
from bot.slack.commands.handlers import CommandListeners
from bot.slack.commands.service import CommandService
from bot.slack.history.handlers import ThreadListeners
from bot.slack.home.handlers import HomeListeners
from bot.slack.home.screens import SCREEN_OF_ACTION
from bot.slack.home.service import HomeService
from bot.slack.image_form.handlers import FormListeners
from bot.slack.image_form.service import ImageFormService
from bot.slack.kit.ids import (
    ActionId,
    CommandName,
    Field,
    HomeAction,
    SheetField,
    ShortcutId,
    ViewId,
)
from bot.slack.kit.outsiders import Listener, Outsiders
from bot.slack.kit.rights import (
    ResultRights,
    Right,
    read_option,
    read_value,
    read_value_after_choice,
)
from bot.slack.kit.searches import Searches
from bot.slack.messages.handlers import MessageHandlers, pass_over
from bot.slack.messages.service import MessageService
from bot.slack.questions.handlers import QuestionListeners
from bot.slack.reports.handlers import ReportListeners
from bot.slack.reports.service import ReportService
from bot.slack.results.service import ResultService


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
    """One thing that can be done, who listens, and who may: of the workspace, and with `outsiders`
    also people of other companies, in channels that an admin has opened to them."""

    surface: Surface
    key: str | re.Pattern[str]
    listener: Listener
    right: Right
    outsiders: bool = False


def build_routes(
    orders: CommandService,
    form: ImageFormService,
    thread: ResultService,
    events: MessageHandlers,
    home: HomeService,
    approval: ApprovalActions,
    reports: ReportService,
    results: ResultRights,
    outsiders: Outsiders,
    answers: MessageService,
) -> list[Route]:
    """Every route; the first that matches is taken. Events look at whose they are themselves
    (listeners/events.py), since most of them are nobody's."""
    searches = Searches()
    older = ThreadListeners(thread).show_older_history
    report = ReportListeners(reports).send_report
    routes = [
        Route(
            Surface.COMMAND, CommandName.IMAGINE, CommandListeners(orders).run_imagine, Right.OWN
        ),
        *_build_form_routes(FormListeners(form), searches.listen(form.search_captions)),
        *_build_result_routes(thread, results),
        *_build_question_routes(QuestionListeners(orders.questions)),
        Route(Surface.ACTION, ActionId.OLDER_HISTORY, older, Right.OWN),
        Route(Surface.ACTION, ActionId.REPORT, report, Right.ADMIN),
        Route(Surface.EVENT, "app_mention", events.hear_message, Right.OWN),
        Route(Surface.EVENT, "message", events.hear_message, Right.OWN),
        Route(Surface.EVENT, "channel_id_changed", events.follow_channel, Right.OWN),
        *_build_home_routes(
            HomeListeners(home, answers, outsiders), searches.listen(home.search_time_zones)
        ),
        *_build_approval_routes(ApprovalListeners(approval)),
        # What means nothing to us is answered too, or Slack would take us for broken.
        *(
            Route(surface, re.compile(".*"), pass_over, Right.NOBODY)
            for surface in Surface
            if surface is not Surface.COMMAND
        ),
    ]
    return [
        route
        if route.surface is Surface.EVENT or route.right is Right.NOBODY
        else replace(route, listener=outsiders.guard(route.listener, may_outsiders=route.outsiders))
        for route in routes
    ]


def _build_form_routes(forms: FormListeners, search_captions: Listener) -> list[Route]:
    """The form, the ways to it, and all that is done with it."""
    changes = (*Field, ActionId.START_AFRESH)
    return [
        Route(Surface.SHORTCUT, ShortcutId.CREATE_IMAGE, forms.open_image_form, Right.OWN),
        Route(
            Surface.SHORTCUT,
            ShortcutId.IMAGE_OF_MESSAGE,
            forms.open_form_of_message,
            Right.OWN,
            outsiders=True,
        ),
        *(
            Route(Surface.ACTION, each, forms.change_image_form, Right.OWN, outsiders=True)
            for each in changes
        ),
        Route(Surface.OPTIONS, Field.CAPTION, search_captions, Right.OWN),
        Route(Surface.VIEW, ViewId.IMAGE_FORM, forms.submit_image_form, Right.OWN, outsiders=True),
        Route(
            Surface.VIEW_CLOSED,
            ViewId.IMAGE_FORM,
            forms.close_image_form,
            Right.OWN,
            outsiders=True,
        ),
    ]


def _build_result_routes(thread: ResultService, results: ResultRights) -> list[Route]:
    """The buttons, menus and small modals of a result."""
    press = results.on_click(read_value, thread.press)
    menu = results.on_click(read_option, thread.choose_from_menu)
    judge = results.on_click(read_value_after_choice, thread.give_opinion)
    buttons = (ActionId.REGENERATE, ActionId.EDIT, ActionId.MAKE_MISSING, ActionId.CANCEL)
    views = {
        ViewId.PICK_PICTURE: thread.pick_picture,
        ViewId.SHARE_PICTURE: thread.share,
        ViewId.DELETE_RESULT: thread.delete,
    }
    return [
        *(Route(Surface.ACTION, button, press, Right.RESULT, outsiders=True) for button in buttons),
        Route(Surface.ACTION, ActionId.RESULT_MENU, menu, Right.RESULT, outsiders=True),
        Route(Surface.ACTION, ActionId.FEEDBACK, judge, Right.RESULT, outsiders=True),
        *(
            Route(Surface.VIEW, view_id, results.on_view(act), Right.RESULT, outsiders=True)
            for view_id, act in views.items()
        ),
    ]


def _build_question_routes(questions: QuestionListeners) -> list[Route]:
    """The buttons of what was asked back; only who was asked has them."""
    return [
        Route(Surface.ACTION, action_id, answer, Right.OWN, outsiders=True)
        for action_id, answer in (
            (ActionId.MAKE_ASKED, questions.make_what_was_asked),
            (ActionId.OPEN_ASKED, questions.open_form_of_question),
        )
    ]


def _build_approval_routes(approvals: ApprovalListeners) -> list[Route]:
    """What people do about what is over budget; only who was refused may ask."""
    return [
        Route(
            Surface.ACTION,
            ActionId.ASK_APPROVAL,
            approvals.ask_for_approval,
            Right.OWN,
            outsiders=True,
        ),
        Route(Surface.VIEW, ViewId.ASK_APPROVAL, approvals.ask_from_form, Right.OWN),
        Route(Surface.ACTION, ActionId.APPROVE, approvals.approve_request, Right.APPROVAL),
        Route(Surface.ACTION, ActionId.DENY, approvals.open_denial, Right.APPROVAL),
        Route(Surface.VIEW, ViewId.DENY_APPROVAL, approvals.deny_request, Right.APPROVAL),
    ]


def _build_home_routes(home: HomeListeners, search_time_zones: Listener) -> list[Route]:
    """The Home tab, and every form with which something is set."""
    turns = (*SCREEN_OF_ACTION, HomeAction.REFRESH, HomeAction.PAGE_BACK, HomeAction.PAGE_ON)
    opens = (
        HomeAction.EDIT_SETTINGS,
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
    )
    return [
        Route(Surface.EVENT, "app_home_opened", home.open_home, Right.OWN),
        Route(Surface.ACTION, HomeAction.CREATE_IMAGE, home.create_image, Right.OWN),
        *(Route(Surface.ACTION, action_id, home.turn_home, Right.OWN) for action_id in turns),
        Route(Surface.ACTION, HomeAction.EDIT_DEFAULTS, home.open_sheet, Right.OWN),
        *(Route(Surface.ACTION, action_id, home.open_sheet, Right.ADMIN) for action_id in opens),
        Route(Surface.ACTION, HomeAction.ROW_MENU, home.choose_from_row, Right.ADMIN),
        Route(Surface.ACTION, HomeAction.CHOOSE_KIND, home.change_sheet, Right.ADMIN),
        Route(Surface.OPTIONS, SheetField.TIME_ZONE, search_time_zones, Right.OWN),
        Route(Surface.VIEW, ViewId.DEFAULTS_SHEET, home.submit_sheet, Right.OWN),
        *(Route(Surface.VIEW, view_id, home.submit_sheet, Right.ADMIN) for view_id in sheets),
        Route(Surface.VIEW, ViewId.REMOVAL_SHEET, home.remove, Right.ADMIN),
    ]


def register_routes(app: AsyncApp, routes: list[Route]) -> None:
    """Tell Bolt."""
    for route in routes:
        key = route.key if isinstance(route.key, re.Pattern) else str(route.key)
        getattr(app, route.surface.value)(key)(route.listener)

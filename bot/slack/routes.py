"""The table of everything that people can do to this bot: reading it is reading the product.

A line names the kind, the id, the model that its payload is read with, and the one function that
does it; what that returns is the answer (bot/slack/kit/listeners.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bot.slack.approvals.service import ApprovalActions
from bot.slack.audit.service import AuditService
from bot.slack.briefs.service import BriefService
from bot.slack.commands.service import CommandService
from bot.slack.downloads.service import DownloadService
from bot.slack.history.service import HistoryService
from bot.slack.home.forms.budget import BUDGET_FORM
from bot.slack.home.forms.campaign import CAMPAIGN_FORM
from bot.slack.home.forms.defaults import DEFAULTS_FORM
from bot.slack.home.forms.form import SettingsForm
from bot.slack.home.forms.preset import PRESET_FORM
from bot.slack.home.forms.rules import EXCEPTION_FORM, RULES_FORM
from bot.slack.home.forms.settings import SETTINGS_FORM
from bot.slack.home.forms.showing import SHOWING_FORM
from bot.slack.home.screens import Screen
from bot.slack.home.service import HomeService
from bot.slack.image_form.service import ImageFormService
from bot.slack.kit.ids import (
    ActionId,
    CommandName,
    DownloadField,
    Field,
    HomeAction,
    HomeField,
    MenuChoice,
    RowChoice,
    ShortcutId,
    ViewId,
)
from bot.slack.kit.listeners import Listener, listen
from bot.slack.kit.outsiders import Outsiders
from bot.slack.kit.payloads import (
    ButtonAction,
    MessageAction,
    MessageShortcut,
    Shortcut,
    SlashCommand,
    ViewAction,
    ViewSent,
)
from bot.slack.kit.rights import (
    Click,
    ResultRights,
    Right,
    read_chosen,
    read_value_after_choice,
)
from bot.slack.kit.routing import Route, Surface
from bot.slack.kit.searches import Searches
from bot.slack.kit.sections import Section
from bot.slack.library.service import LibraryService
from bot.slack.messages.handlers import MessageHandlers
from bot.slack.picks.service import PickService
from bot.slack.picks.views import read_press
from bot.slack.posts.service import PostService
from bot.slack.privacy.service import PrivacyService
from bot.slack.questions.service import QuestionService
from bot.slack.reports.service import ReportService
from bot.slack.results.alt_texts import AltTextService
from bot.slack.results.service import ResultService

_SCREENS: Final = {
    HomeAction.SHOW_OVERVIEW: Screen.OVERVIEW,
    HomeAction.SHOW_BUDGETS: Screen.BUDGETS,
    HomeAction.SHOW_RULES: Screen.RULES,
    HomeAction.SHOW_PRESETS: Screen.PRESETS,
    HomeAction.SHOW_CHANGES: Screen.CHANGES,
    HomeAction.SHOW_LIBRARY: Screen.LIBRARY,
}


@dataclass(frozen=True, slots=True)
class Services:
    """What each feature can do, and who looks at whose a click is."""

    commands: CommandService
    form: ImageFormService
    results: ResultService
    alt_texts: AltTextService
    briefs: BriefService
    downloads: DownloadService
    picks: PickService
    posts: PostService
    questions: QuestionService
    approvals: ApprovalActions
    home: HomeService
    history: HistoryService
    library: LibraryService
    reports: ReportService
    audit: AuditService
    messages: MessageHandlers
    privacy: PrivacyService
    rights: ResultRights
    outsiders: Outsiders


def build_routes(services: Services) -> list[Route]:
    """Every route, of which no two are of one id. Events look at whose they are themselves
    (bot/slack/messages/handlers.py), since most of them are nobody's."""
    searches = Searches()
    events = services.messages
    run = listen(SlashCommand, services.commands.take_command)
    run_again = listen(MessageAction, services.commands.run_command)
    older = listen(MessageAction, services.history.show_older)
    report = listen(ButtonAction, services.reports.open_form)
    audit = listen(ViewAction, services.audit.open)
    send_report = listen(ViewSent, services.reports.submit)
    routes = [
        Route(Surface.COMMAND, CommandName.IMAGINE, run, Right.OWN),
        Route(Surface.ACTION, ActionId.RUN_COMMAND, run_again, Right.OWN),
        *_build_form_routes(services.form, searches),
        *_build_result_routes(services),
        *_build_post_routes(services.posts, services.rights),
        *_build_brief_routes(services),
        *_build_pick_routes(services.picks, services.rights),
        *_build_own_routes(services.results, services.rights),
        *_build_download_routes(services.downloads, searches),
        *_build_question_routes(services.questions),
        Route(Surface.ACTION, ActionId.OLDER_HISTORY, older, Right.OWN),
        *_build_library_routes(services.library),
        Route(Surface.ACTION, ActionId.REPORT, report, Right.ADMIN),
        Route(Surface.VIEW, ViewId.REPORT_FORM, send_report, Right.ADMIN),
        Route(Surface.ACTION, HomeAction.AUDIT, audit, Right.ADMIN),
        Route(Surface.EVENT, "app_mention", events.hear_message, Right.OWN),
        Route(Surface.EVENT, "message", events.hear_message, Right.OWN),
        Route(Surface.EVENT, "channel_id_changed", events.follow_channel, Right.OWN),
        Route(Surface.EVENT, "app_uninstalled", events.note_removal, Right.OWN),
        Route(Surface.EVENT, "tokens_revoked", events.note_removal, Right.OWN),
        Route(Surface.EVENT, "app_home_opened", events.open_tab, Right.OWN),
        *_build_home_routes(services.home, services.form, searches),
        *_build_approval_routes(services.approvals),
        *_build_privacy_routes(services.privacy),
    ]
    return [_guard(route, services.outsiders) for route in routes]


def _guard(route: Route, outsiders: Outsiders) -> Route:
    if route.surface is Surface.EVENT:
        return route
    guarded = outsiders.guard(route.listener, may_outsiders=route.outsiders)
    return replace(route, listener=guarded)


def _build_form_routes(form: ImageFormService, searches: Searches) -> list[Route]:
    """The form, the ways to it, and all that is done with it."""
    captions = searches.listen_in_view(form.search_captions)
    campaigns = searches.listen_for_team(form.search_campaigns)
    opened = listen(Shortcut, form.open_for_shortcut)
    of_message = listen(MessageShortcut, form.open_for_message)
    changed, emptied = listen(ViewAction, form.change), listen(ViewAction, form.start_over)
    sent, closed = listen(ViewSent, form.submit), listen(ViewSent, form.close)
    return [
        Route(Surface.SHORTCUT, ShortcutId.CREATE_IMAGE, opened, Right.OWN),
        Route(Surface.OPTIONS, Field.CAPTION, captions, Right.OWN),
        Route(Surface.OPTIONS, Field.CAMPAIGN, campaigns, Right.OWN),
        *(
            Route(surface, key, listener, Right.OWN, outsiders=True)
            for surface, key, listener in (
                (Surface.SHORTCUT, ShortcutId.IMAGE_OF_MESSAGE, of_message),
                *((Surface.ACTION, field, changed) for field in Field),
                (Surface.ACTION, ActionId.START_AFRESH, emptied),
                (Surface.VIEW, ViewId.IMAGE_FORM, sent),
                (Surface.VIEW_CLOSED, ViewId.IMAGE_FORM, closed),
            )
        ),
    ]


def _list_sections(services: Services) -> dict[ActionId, Section]:
    """What "More…" under a result offers, in this order: a line for each, with the id of its
    button. The section says the rest, and is its feature's."""
    return {
        ActionId.MORE_ALT_TEXT: services.alt_texts.section,
        ActionId.MORE_PRESET: services.home.preset_section,
        ActionId.MORE_CAMPAIGN: services.downloads.section,
        ActionId.MORE_PROMPT: services.results.prompt_section,
        ActionId.MORE_PICK: services.picks.section,
    }


def _build_result_routes(services: Services) -> list[Route]:
    """The buttons, menus and small modals of a result."""
    results, downloads, rights = services.results, services.downloads, services.rights
    sections = _list_sections(services)
    menu: dict[str, Click] = {
        MenuChoice.MORE_LIKE: results.offer_more,
        MenuChoice.USE_PROMPT: results.use_prompt,
        MenuChoice.SHARE: results.offer_sharing,
        MenuChoice.ORIGINAL: results.show_originals,
        MenuChoice.MORE: partial(results.offer_rest, sections),
        MenuChoice.DELETE: results.offer_deletion,
    }
    judge = rights.on_click(results.give_opinion, read_value_after_choice)
    actions = {
        ActionId.REGENERATE: rights.on_click(results.regenerate),
        ActionId.EDIT: rights.on_click(results.edit),
        ActionId.MAKE_MISSING: rights.on_click(results.make_missing),
        ActionId.SHARE: rights.on_click(results.offer_sharing),
        ActionId.DOWNLOAD: rights.on_click(downloads.download),
        ActionId.LOOK_AGAIN: rights.on_click(results.look_again),
        ActionId.CANCEL: rights.on_click(results.cancel_waiting),
        ActionId.RESULT_MENU: rights.on_menu(menu),
        ActionId.FEEDBACK: judge,
        **{key: rights.on_modal_click(each.act) for key, each in sections.items()},
    }
    views = {
        ViewId.PICK_PICTURE: rights.on_view(results.pick_picture),
        ViewId.SHARE_PICTURE: rights.on_view(results.share),
        ViewId.ALT_TEXT: rights.on_view(services.alt_texts.keep),
        ViewId.DELETE_RESULT: rights.on_view(results.delete),
    }
    return [
        Route(surface, key, listener, Right.RESULT, outsiders=True)
        for surface, table in ((Surface.ACTION, actions), (Surface.VIEW, views))
        for key, listener in table.items()
    ]


def _build_post_routes(posts: PostService, rights: ResultRights) -> list[Route]:
    """Use in post, and the buttons under a draft, which count where it was told."""
    check, again = listen(MessageAction, posts.check), listen(MessageAction, posts.again)
    return [
        Route(Surface.ACTION, ActionId.USE_IN_POST, rights.on_click(posts.open), Right.RESULT),
        Route(Surface.VIEW, ViewId.POST_FORM, rights.on_view(posts.submit), Right.RESULT),
        Route(Surface.ACTION, ActionId.CHECK_POST, check, Right.RESULT),
        Route(Surface.ACTION, ActionId.POST_AGAIN, again, Right.RESULT),
    ]


def _build_brief_routes(services: Services) -> list[Route]:
    """The buttons of a brief, and the choice of one of its parts."""
    briefs, rights = services.briefs, services.rights
    actions = {
        ActionId.CANCEL_BRIEF: rights.on_click(briefs.cancel),
        ActionId.BRIEF_MISSING: rights.on_click(briefs.make_missing),
        ActionId.BRIEF_AGAIN: rights.on_click(briefs.make_again),
        ActionId.GROUP_AGAIN: rights.on_click(briefs.make_group_again),
        ActionId.EDIT_GROUP: rights.on_click(briefs.edit_group),
        ActionId.EDIT_BRIEF: rights.on_click(briefs.edit),
        ActionId.PICK_PART: rights.on_click(services.results.offer_part, read_chosen),
        ActionId.DOWNLOAD_BRIEF: rights.on_click(services.downloads.download_brief),
    }
    return [
        Route(Surface.ACTION, key, listener, Right.RESULT, outsiders=True)
        for key, listener in actions.items()
    ]


def _build_download_routes(downloads: DownloadService, searches: Searches) -> list[Route]:
    """Of a campaign, from the Home tab: everybody gets what they can see."""
    choose = listen(ButtonAction, downloads.choose_campaign)
    found = searches.listen_for_team(downloads.search_campaigns)
    chosen = listen(ViewSent, downloads.submit_campaign)
    return [
        Route(Surface.ACTION, ActionId.DOWNLOAD_CAMPAIGN, choose, Right.OWN),
        Route(Surface.OPTIONS, DownloadField.CAMPAIGN, found, Right.OWN),
        Route(Surface.VIEW, ViewId.DOWNLOAD_CAMPAIGN, chosen, Right.OWN),
    ]


def _build_pick_routes(picks: PickService, rights: ResultRights) -> list[Route]:
    """Votes on pictures: whoever may press what is under a result has one."""

    def read_id(action: MessageAction) -> str:
        return read_press(action.actions[0].value)[-1]

    actions = {
        ActionId.START_VOTE: rights.on_click(picks.start),
        ActionId.VOTE: rights.on_click(picks.vote, read_id),
        ActionId.WANT_CHANGES: rights.on_click(picks.offer_changes, read_id),
        ActionId.CLOSE_VOTE: rights.on_click(picks.close, read_id),
    }
    views = {
        ViewId.WANT_CHANGES: rights.on_view(picks.want_changes),
        ViewId.CHOOSE_WINNER: rights.on_view(picks.choose),
    }
    return [
        *(
            Route(Surface.ACTION, key, listener, Right.RESULT, outsiders=True)
            for key, listener in actions.items()
        ),
        *(
            Route(Surface.VIEW, key, listener, Right.RESULT, outsiders=True)
            for key, listener in views.items()
        ),
    ]


def _build_own_routes(results: ResultService, rights: ResultRights) -> list[Route]:
    """The buttons of the history, which shows a person their own pictures."""
    again, share = rights.on_own(results.edit), rights.on_own(results.offer_sharing)
    return [
        Route(Surface.ACTION, ActionId.USE_AGAIN, again, Right.OWN),
        Route(Surface.ACTION, ActionId.USE_PROMPT, rights.on_own(results.use_prompt), Right.OWN),
        Route(Surface.ACTION, ActionId.SHARE_OWN, share, Right.OWN),
    ]


def _build_library_routes(library: LibraryService) -> list[Route]:
    """Pages of what was found, and the form; what is seen there is looked up for who asks."""
    turn, search = listen(ButtonAction, library.turn), listen(ButtonAction, library.open_form)
    return [
        Route(Surface.ACTION, ActionId.OLDER_LIBRARY, turn, Right.OWN),
        Route(Surface.ACTION, ActionId.NEWEST_LIBRARY, turn, Right.OWN),
        Route(Surface.ACTION, ActionId.SEARCH_LIBRARY, search, Right.OWN),
        Route(Surface.VIEW, ViewId.LIBRARY_FORM, listen(ViewSent, library.submit), Right.OWN),
    ]


def _build_question_routes(questions: QuestionService) -> list[Route]:
    """The buttons of what was asked back; only who was asked has them."""
    make, open_form = (
        listen(MessageAction, questions.make),
        listen(MessageAction, questions.open_form),
    )
    return [
        Route(Surface.ACTION, ActionId.MAKE_ASKED, make, Right.OWN, outsiders=True),
        Route(Surface.ACTION, ActionId.MAKE_OTHER, make, Right.OWN, outsiders=True),
        Route(Surface.ACTION, ActionId.OPEN_ASKED, open_form, Right.OWN, outsiders=True),
    ]


def _build_approval_routes(approvals: ApprovalActions) -> list[Route]:
    """What people do about what is over budget; only who was refused may ask."""
    ask = listen(MessageAction, approvals.ask)
    ask_from_form = listen(ViewSent, approvals.ask_from_form)
    approve = listen(MessageAction, approvals.approve)
    open_denial, deny = (
        listen(MessageAction, approvals.open_denial),
        listen(ViewSent, approvals.deny),
    )
    return [
        Route(Surface.ACTION, ActionId.ASK_APPROVAL, ask, Right.OWN, outsiders=True),
        Route(Surface.VIEW, ViewId.ASK_APPROVAL, ask_from_form, Right.OWN),
        Route(Surface.ACTION, ActionId.APPROVE, approve, Right.APPROVAL),
        Route(Surface.ACTION, ActionId.DENY, open_denial, Right.APPROVAL),
        Route(Surface.VIEW, ViewId.DENY_APPROVAL, deny, Right.APPROVAL),
    ]


def _build_home_routes(
    home: HomeService, form: ImageFormService, searches: Searches
) -> list[Route]:
    """The Home tab, and every form with which something is set."""
    zones = searches.listen(home.search_time_zones)
    campaigns = searches.listen_for_team(home.search_campaigns)
    of_budgets = searches.listen_for_team(home.search_budgets_campaigns)
    of_channels = searches.listen_for_team(home.search_channels_campaigns)

    def press(
        action_id: HomeAction, act: Callable[[ViewAction], None], right: Right = Right.OWN
    ) -> Route:
        return Route(Surface.ACTION, action_id, listen(ViewAction, act), right)

    def send(settings: SettingsForm, right: Right = Right.ADMIN) -> Route:
        keep = listen(ViewSent, partial(home.submit, settings))
        return Route(Surface.VIEW, settings.view_id, keep, right)

    change, add = partial(partial, home.open_form), partial(partial, home.open_form, is_new=True)
    removal = listen(ViewSent, home.remove_as_sent)
    raise_budget = listen(ButtonAction, home.raise_budget)
    return [
        press(HomeAction.CREATE_IMAGE, form.open_for_shortcut),
        press(HomeAction.REFRESH, home.refresh),
        *(press(key, partial(home.show_screen, screen)) for key, screen in _SCREENS.items()),
        press(HomeAction.PAGE_BACK, partial(home.turn_page, -1)),
        press(HomeAction.PAGE_ON, partial(home.turn_page, +1)),
        press(HomeAction.EDIT_DEFAULTS, change(DEFAULTS_FORM)),
        press(HomeAction.EDIT_SETTINGS, change(SETTINGS_FORM), Right.ADMIN),
        press(HomeAction.EDIT_SHOWING, change(SHOWING_FORM), Right.ADMIN),
        press(HomeAction.EDIT_CAMPAIGNS, change(CAMPAIGN_FORM), Right.ADMIN),
        press(HomeAction.EDIT_RULES, change(RULES_FORM), Right.ADMIN),
        press(HomeAction.ADD_EXCEPTION, add(EXCEPTION_FORM), Right.ADMIN),
        press(HomeAction.ADD_BUDGET, add(BUDGET_FORM), Right.ADMIN),
        press(HomeAction.ADD_PRESET, add(PRESET_FORM)),
        Route(Surface.ACTION, HomeAction.ROW_MENU, _listen_to_row(home), Right.OWN),
        press(HomeAction.CHOOSE_KIND, home.change_form, Right.ADMIN),
        Route(Surface.OPTIONS, HomeField.TIME_ZONE, zones, Right.OWN),
        Route(Surface.OPTIONS, HomeField.CAMPAIGN, campaigns, Right.OWN),
        Route(Surface.OPTIONS, HomeField.BUDGET_CAMPAIGN, of_budgets, Right.OWN),
        Route(Surface.OPTIONS, HomeField.CHANNELS_CAMPAIGN, of_channels, Right.OWN),
        send(DEFAULTS_FORM, Right.OWN),
        *(
            send(settings)
            for settings in (
                SETTINGS_FORM,
                SHOWING_FORM,
                CAMPAIGN_FORM,
                BUDGET_FORM,
                RULES_FORM,
                EXCEPTION_FORM,
            )
        ),
        # A person's own presets; the team's, and all else, are the admins'.
        send(PRESET_FORM, Right.OWN),
        Route(Surface.VIEW, ViewId.REMOVAL_FORM, removal, Right.OWN),
        Route(Surface.ACTION, HomeAction.REMOVE, listen(ViewAction, home.remove), Right.OWN),
        Route(Surface.ACTION, ActionId.RAISE_BUDGET, raise_budget, Right.ADMIN),
    ]


def _listen_to_row(home: HomeService) -> Listener:
    """The menu of a row, whose options are `choice:kind:key`."""
    choices = {RowChoice.CHANGE.value: home.change_row, RowChoice.REMOVE.value: home.offer_removal}

    def choose(action: ViewAction) -> None:
        choice, _, rest = action.actions[0].chosen.partition(":")
        what, _, key = rest.partition(":")
        if (act := choices.get(choice)) is not None:
            act(what, key, action)

    return listen(ViewAction, choose)


def _build_privacy_routes(privacy: PrivacyService) -> list[Route]:
    """Each deletes what is their own."""
    forget = listen(ViewSent, privacy.forget)
    return [
        Route(Surface.ACTION, HomeAction.FORGET_ME, listen(ViewAction, privacy.open), Right.OWN),
        Route(Surface.VIEW, ViewId.FORGET_ME, forget, Right.OWN),
    ]

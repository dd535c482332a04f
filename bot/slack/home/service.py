"""What people do in the Home tab: look, open a form, send it. Who may is asked at every click and
again when a form is sent, and a change is one thing changed in what is set by then."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import structlog
from slack_sdk.models.blocks import Option
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected, Transient
from bot.generations.record import Generation, SlackFile
from bot.policy.book import PolicyBook
from bot.policy.policy import Policy
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces
from bot.slack.home import texts as home_texts
from bot.slack.home.facts import HomeFactFinder
from bot.slack.home.fields import NOT_SET, offer, one, read_fields
from bot.slack.home.forms.budget import BUDGET_FORM, find_question
from bot.slack.home.forms.campaign import AS_WORKSPACE, CAMPAIGN_FORM
from bot.slack.home.forms.defaults import DEFAULTS_FORM
from bot.slack.home.forms.form import (
    Draft,
    Errors,
    Gone,
    PresetConflictError,
    SettingsForm,
    make_edit,
    show_settings_form,
)
from bot.slack.home.forms.preset import (
    PERSON,
    PRESET_FORM,
    find_alike,
    is_own,
    key_of_values,
    make_preset_edit,
    owner_of,
)
from bot.slack.home.forms.preset_of_result import list_offered, values_of_result
from bot.slack.home.forms.removal import (
    describe,
    make_removal,
    name_removed,
    show_outcome,
    show_removal,
)
from bot.slack.home.forms.rules import EXCEPTION_FORM, RULES_FORM
from bot.slack.home.forms.settings import (
    SETTINGS_FORM,
    is_approval_open,
    search_time_zones,
)
from bot.slack.home.forms.showing import SHOWING_FORM
from bot.slack.home.groups import list_groups
from bot.slack.home.publisher import HomePublisher
from bot.slack.home.references import ReferenceKeeper
from bot.slack.home.screens import (
    FormState,
    HomePage,
    Screen,
    Values,
    digests,
)
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.calls import call_slack
from bot.slack.kit.campaigns import (
    NO_CAMPAIGN,
    OFF,
    Campaigns,
    find_campaigns,
    offer_campaigns,
)
from bot.slack.kit.ephemeral import say_directly
from bot.slack.kit.ids import HomeField
from bot.slack.kit.library import Wanted
from bot.slack.kit.library_views import ShowRow
from bot.slack.kit.listeners import Answer
from bot.slack.kit.modals import Modals, read_files, show_notice
from bot.slack.kit.payloads import (
    ButtonAction,
    HomeOpened,
    Interaction,
    MessageAction,
    ViewAction,
    ViewSent,
)
from bot.slack.kit.picked_files import explain_bad_files
from bot.slack.kit.sections import Section

# A form has to be answered within 3 seconds.
_CHECK_SECONDS: Final = 1.5
_FORMS: Final = {
    form.view_id.value: form
    for form in (
        SETTINGS_FORM,
        SHOWING_FORM,
        CAMPAIGN_FORM,
        BUDGET_FORM,
        RULES_FORM,
        EXCEPTION_FORM,
        PRESET_FORM,
        DEFAULTS_FORM,
    )
}
log = structlog.get_logger()


class HomeService:
    """One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        book: PolicyBook,
        facts: HomeFactFinder,
        references: ReferenceKeeper,
        background: BackgroundTasks,
        campaigns: Campaigns,
        show_row: ShowRow,
        may: Callable[[str], bool] = lambda _scope: True,
        workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
    ) -> None:
        """`may` says whether the bot has a scope; `workspaces` are PowerPost's; `show_row` draws
        what can be done with a picture of the library."""
        self._workspaces = workspaces
        self._client = client
        self._campaigns = campaigns
        self._modals = Modals(client, may)
        self._book = book
        self._facts = facts
        self._references = references
        self._background = background
        self._publisher = HomePublisher(client, facts, show_row)

    # Looking -------------------------------------------------------------------------------

    def open(self, opened: HomeOpened) -> None:
        """The tab was opened: it begins with the overview."""
        event = opened.event
        if event.tab == "home":
            hash_ = event.view.hash if event.view and event.view.hash else None
            self._publish(opened.team_id, event.user, HomePage(), hash_)

    def refresh(self, action: ViewAction) -> None:
        """The same page, as things are now."""
        self._turn(action, HomePage.read(action.view.private_metadata))

    def show_afresh(self, team_id: str, user_id: str) -> None:
        """What the tab shows of a person has changed."""
        self._publish(team_id, user_id, HomePage())

    def show_screen(self, screen: Screen, action: ViewAction) -> None:
        """The first page of another screen."""
        self._turn(action, HomePage(screen=screen))

    def show_library(self, team_id: str, user_id: str, wanted: Wanted) -> None:
        """A page of what is looked for in the library."""
        self._publish(team_id, user_id, HomePage(screen=Screen.LIBRARY, wanted=wanted))

    def turn_page(self, by: int, action: ViewAction) -> None:
        """So many pages on, or back."""
        place = HomePage.read(action.view.private_metadata)
        self._turn(action, place.model_copy(update={"page": max(0, place.page + by)}))

    def _turn(self, action: ViewAction, place: HomePage) -> None:
        self._publish(action.team_id, action.user.id, place, action.view.hash or None)

    def _publish(
        self, team_id: str, user_id: str, place: HomePage, hash_: str | None = None
    ) -> None:
        self._background.run(self._publisher.publish(team_id, user_id, place, hash_))

    # Opening a form ------------------------------------------------------------------------

    def open_form(self, form: SettingsForm, action: ViewAction, *, is_new: bool = False) -> None:
        """A button that adds or changes something."""
        key = action.user.id if form.is_personal else ""
        self._run(action, self._open_form(action, form, key, is_new=is_new))

    def change_row(self, what: str, key: str, action: ViewAction) -> None:
        """Change, in the menu of a row: `what` is a form's, `key` which of its kind."""
        if (form := _find_form(what)) is not None:
            key = action.user.id if form.is_personal else key
            self._run(action, self._open_form(action, form, key, is_new=False))

    def offer_removal(self, what: str, key: str, action: ViewAction) -> None:
        """Remove, in the menu of a row."""
        if _find_form(what) is not None:
            self._run(action, self._open_removal(action, what, key))

    def raise_budget(self, action: ButtonAction) -> None:
        """The button under an alert: the form of its budget."""
        key = action.actions[0].value or ""
        self._run(action, self._open_form(action, BUDGET_FORM, key, is_new=False, is_raise=True))

    async def _open_form(
        self,
        action: Interaction,
        form: SettingsForm,
        key: str,
        *,
        is_new: bool,
        is_raise: bool = False,
    ) -> None:
        is_own = _is_own(form.what, key, action.user.id)
        if form is PRESET_FORM and is_new:
            is_own = not await self._facts.may_set(action.team_id, action.user.id)
        elif form.is_for_admins and not await self._may_touch(action, form.what, key):
            return
        policy = await self._book.read(action.team_id, fresh=True)
        values = form.blank if is_new else form.values_of(policy, key)
        if values is None:
            gone = home_texts.BUDGET_GONE if is_raise else home_texts.GONE_MEANWHILE
            await self._refuse(action, gone)
            return
        state = FormState(
            key=key,
            is_new=is_new,
            is_raise=is_raise,
            is_own=is_own,
            place=_place_of(action),
            seen={} if is_new else digests(values),
            offered=tuple(values.get(HomeField.KEPT, ())),
        )
        groups = await self._list_groups(form)
        draft = Draft(state, values, policy, groups, self._workspaces)
        await self._open(action, show_settings_form(form, draft))

    @property
    def preset_section(self) -> Section:
        """Save as preset, in "More…" under a result."""
        return Section(
            home_texts.SAVE_AS_PRESET, lambda _: home_texts.WHAT_SAVING_DOES, self.offer_preset
        )

    def offer_preset(self, action: MessageAction, generation: Generation) -> None:
        """The form of a new preset, filled from a result."""
        self._run(action, self._offer_preset(action, generation))

    async def _offer_preset(self, action: MessageAction, generation: Generation) -> None:
        if generation.blanked_at is not None:
            await self._open(action, show_notice(home_texts.GONE_MEANWHILE))
            return
        is_admin = await self._facts.may_set(action.team_id, action.user.id)
        policy = await self._book.read(action.team_id, fresh=True)
        given = list_offered(generation)
        state = FormState(
            is_new=True,
            is_own=not is_admin,
            is_of_result=True,
            given=given,
            offered=tuple(each.media_id for each in given),
        )
        draft = Draft(state, values_of_result(generation), policy)
        await self._open(action, show_settings_form(PRESET_FORM, draft))

    async def _list_groups(self, form: SettingsForm) -> list[tuple[str, str]] | None:
        return await list_groups(self._client) if form in (RULES_FORM, EXCEPTION_FORM) else None

    async def _open_removal(self, action: ViewAction, what: str, key: str) -> None:
        if not await self._may_touch(action, what, key):
            return
        policy = await self._book.read(action.team_id, fresh=True)
        place = HomePage.read(action.view.private_metadata)
        view = show_removal(policy, what, key, place)
        if view is None:
            await self._refuse(action, home_texts.GONE_MEANWHILE)
        else:
            await self._open(action, view)

    async def _may_touch(self, action: Interaction, what: str, key: str) -> bool:
        """Whether it is the clicker's own preset, or they are an admin, and it is nobody else's."""
        if _is_own(what, key, action.user.id):
            return True
        if _is_somebodys(what, key):
            await self._refuse(action, home_texts.GONE_MEANWHILE)
            return False
        return await self._may(action)

    async def _may(self, action: Interaction) -> bool:
        """Whether the clicker is an admin; otherwise they are told, and see a Home without it."""
        may = await self._facts.may_set(action.team_id, action.user.id)
        if not may:
            sentence = home_texts.ADMIN_CHECK_FAILED if may is None else home_texts.ADMINS_ONLY
            await self._refuse(action, sentence)
        return bool(may)

    async def _refuse(self, action: Interaction, sentence: str) -> None:
        await self._open(action, show_notice(sentence))
        await self._publisher.publish(action.team_id, action.user.id, _place_of(action))

    async def _open(self, action: Interaction, view: View) -> None:
        await self._modals.open(action.trigger_id, view, is_in_modal=action.is_in_modal)

    def _run(self, action: Interaction, errand: Coroutine[Any, Any, None]) -> None:
        self._background.run(self._or_say(action, errand))

    async def _or_say(self, action: Interaction, errand: Coroutine[Any, Any, None]) -> None:
        """Do it after the answer; where it cannot be done, the person is told."""
        try:
            await errand
        except ImagineError as error:
            log.warning("home_click.failed", cause=error.cause, detail=error.detail)
            sentence = show_sentence(home_texts.CLICK_FAILED)
            await say_directly(self._client, sentence, action.user.id)

    # Changing it ---------------------------------------------------------------------------

    def change_form(self, action: ViewAction) -> None:
        """A field that others depend on was changed: the form is drawn anew."""
        form = _FORMS.get(action.view.callback_id)
        if form is None:
            return
        if self._modals.note_change(action.view.id, action.actions[0].action_ts):
            self._background.run(self._redraw(action, form))

    async def _redraw(self, action: ViewAction, form: SettingsForm) -> None:
        if form.is_for_admins and not await self._facts.may_set(action.team_id, action.user.id):
            return
        state = FormState.read(action.view.private_metadata).model_copy(update={"asked": ""})
        policy = await self._book.read(action.team_id)
        values = {**form.blank, **read_fields(action.view.state)}
        draft = Draft(state, values, policy, workspaces=self._workspaces)
        draw = partial(show_settings_form, form, draft)
        changed_ts = action.actions[0].action_ts
        await self._modals.redraw(action.view.id, action.view.hash, changed_ts, draw)

    async def search_time_zones(self, typed: str) -> list[Option]:
        """What the search for a time zone offers."""
        return offer(search_time_zones(typed))

    async def search_campaigns(self, team_id: str, typed: str) -> list[Option]:
        """What the search for the workspace's campaign offers."""
        known = await find_campaigns(self._campaigns, team_id)
        return offer_campaigns(known, typed, (OFF, NO_CAMPAIGN))

    async def search_budgets_campaigns(self, team_id: str, typed: str) -> list[Option]:
        """The same for that of a budget."""
        return offer_campaigns(await find_campaigns(self._campaigns, team_id), typed)

    async def search_channels_campaigns(self, team_id: str, typed: str) -> list[Option]:
        """The same for that of some channels."""
        known = await find_campaigns(self._campaigns, team_id)
        special = (NOT_SET, AS_WORKSPACE), (OFF, NO_CAMPAIGN)
        return offer_campaigns(known, typed, *special)

    # Sending it ----------------------------------------------------------------------------

    async def submit(self, form: SettingsForm, sent: ViewSent) -> Answer:
        """Keep what the form asks for: it is on disk when this returns without an answer."""
        values = read_fields(sent.view.state)
        state = FormState.read(sent.view.private_metadata)
        if form is PRESET_FORM:
            return await self._submit_preset(sent, state, values)
        refusal = await self._find_refusal(sent, values) if form.is_for_admins else None
        if refusal is not None:
            return refusal
        if errors := {**_find_file_errors(sent), **form.find_errors({**form.blank, **values})}:
            return _answer_errors(errors, values)
        if form.is_personal:
            key = sent.user.id
        else:
            key = state.key or (_new_key(sent) if form is BUDGET_FORM else "")
        touched = state.find_touched(values)
        if form is SETTINGS_FORM and (answer := await self._look_at_approvals(sent, values)):
            return answer
        if form is BUDGET_FORM and (answer := await self._look_at_budget(sent, values)):
            return answer
        edit = make_edit(
            form, key, _without_files(touched), is_new=state.is_new, offered=state.offered
        )
        kind = f"{form.what}_added" if state.is_new else form.what
        what = f"{kind}:{form.name_of(key, values)}".rstrip(":")
        if state.is_new or _without_files(touched):
            answer = await self._change(sent, edit, what, values)
            if answer is not None:
                return answer
        self._follow(sent, form, state.place, values)
        return None

    async def _submit_preset(
        self, sent: ViewSent, state: FormState, values: dict[HomeField, tuple[str, ...]]
    ) -> Answer:
        """A preset: for oneself by anybody, else by admins. A name that is taken is asked about,
        and replaced only then."""
        if state.is_own:
            values[HomeField.KIND] = (PERSON,)
        is_mine = state.is_own or (state.is_new and is_own(values))
        if not is_mine and (refusal := await self._find_refusal(sent, values)) is not None:
            return refusal
        form, whole = PRESET_FORM, {**PRESET_FORM.blank, **values}
        if errors := {**_find_file_errors(sent), **form.find_errors(whole)}:
            return _answer_errors(errors, values)
        if owner_of(state.key) not in (None, sent.user.id):
            return self._answer_gone(sent)
        policy = await self._book.read(sent.team_id)
        alike = find_alike(policy, values, sent.user.id) if state.is_new else None
        if alike is not None and alike != state.asked:
            asked = state.model_copy(update={"asked": alike})
            return show_settings_form(form, Draft(asked, values, policy))
        kind = f"{form.what}_added" if state.is_new else form.what
        what = DEFAULTS_FORM.what if is_mine else f"{kind}:{form.name_of(state.key, values)}"
        typed = _without_files(values)
        if state.is_new or state.find_touched(typed):
            edit = make_preset_edit(state, typed, sent.user.id, alike)
            if (answer := await self._change(sent, edit, what, values)) is not None:
                return answer
        self._follow(sent, form, state.place, values)
        if not state.is_of_result:
            return None
        name = key_of_values(values, sent.user.id).partition(":")[2]
        return show_notice(home_texts.preset_saved(name, is_own=is_mine))

    async def _look_at_approvals(self, sent: ViewSent, values: Values) -> Answer:
        """An error where the bot cannot write in the channel for approvals; where anybody can join
        it and would be an approver, the form once more, with that said in it and a choice."""
        channel_id = one(values, HomeField.APPROVAL_CHANNEL)
        state = FormState.read(sent.view.private_metadata)
        asks_who = channel_id is not None and is_approval_open(values)
        is_new = HomeField.APPROVAL_CHANNEL in state.find_touched(values)
        if channel_id is None or not (asks_who or is_new):
            return None
        look = await self._facts.look_at_channel(channel_id)
        if is_new and look.may_write is False:
            closed = {HomeField.APPROVAL_CHANNEL: home_texts.CHANNEL_CLOSED}
            return _answer_errors(closed, values)
        if look.is_private or not asks_who:
            return None
        policy = await self._book.read(sent.team_id)
        warned = {**values, HomeField.OPEN_APPROVAL: ()}
        return show_settings_form(SETTINGS_FORM, Draft(state, warned, policy))

    async def _look_at_budget(self, sent: ViewSent, values: Values) -> View | None:
        """The form once more, with a question in it, where the budget leaves nothing to make; None
        where nothing is to be asked, or that was."""
        state = FormState.read(sent.view.private_metadata)
        if not (state.is_new or state.find_touched(values)):
            return None
        policy = await self._book.read(sent.team_id)
        question = find_question(policy, {**BUDGET_FORM.blank, **values})
        if question == state.asked:
            return None
        asked = state.model_copy(update={"asked": question})
        return show_settings_form(BUDGET_FORM, Draft(asked, values, policy)) if question else None

    async def remove(self, action: ViewAction) -> None:
        """Remove what the small modal names. What it says then is what has become of it."""
        state = FormState.read(action.view.private_metadata)
        said = await self._remove(action, state)
        self._run(action, self._say_removed(action, state.place, said))

    async def remove_as_sent(self, sent: ViewSent) -> View:
        """The same from a modal of an older version, which was sent for it."""
        state = FormState.read(sent.view.private_metadata)
        said = await self._remove(sent, state)
        self._publish(sent.team_id, sent.user.id, state.place)
        return show_outcome(said)

    async def _remove(self, action: Interaction, state: FormState) -> str:
        what, _, key = state.key.partition(":")
        may: bool | None = _is_own(what, key, action.user.id) or None
        if not may and _is_somebodys(what, key):
            return home_texts.GONE_MEANWHILE
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CHECK_SECONDS):
                may = may or await self._facts.may_set(action.team_id, action.user.id)
        if not may:
            return home_texts.ADMIN_CHECK_FAILED if may is None else home_texts.ADMINS_ONLY
        try:
            policy = await self._book.read(action.team_id, fresh=True)
            described = describe(policy, what, key)
            if described is None:
                return home_texts.GONE_MEANWHILE
            await self._book.change(
                action.team_id,
                make_removal(what, key),
                user_id=action.user.id,
                what=name_removed(policy, what, key),
                now=datetime.now(UTC),
            )
        except Gone:
            return home_texts.GONE_MEANWHILE
        except Transient as error:
            log.error("policy.save_failed", cause=error.cause)
            return home_texts.NOT_KEPT
        log.info("policy.changed", what=f"{what}_removed")
        return home_texts.removed(described)

    async def _say_removed(self, action: ViewAction, place: HomePage, said: str) -> None:
        view = show_outcome(said).to_dict()
        try:
            await call_slack(self._client.views_update, view_id=action.view.id, view=view)
        except Rejected as error:  # it was closed meanwhile
            log.info("view.gone", detail=error.detail)
        await self._publisher.publish(action.team_id, action.user.id, place)

    async def _find_refusal(self, sent: ViewSent, values: Values) -> Answer:
        """None for an admin: also a form that was opened by one is asked about again. While Slack
        does not say who is one, what was typed (`values`) stays, with an error at a field."""
        may: bool | None = None
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                may = await self._facts.may_set(sent.team_id, sent.user.id)
        except TimeoutError:
            log.warning("admin.unknown", cause="timeout")
        if may:
            return None
        log.info("admin.refused", view=sent.view.callback_id, is_known=may is not None)
        if may is None and values:
            return {next(iter(values)).value: home_texts.ADMIN_CHECK_FAILED}
        sentence = home_texts.ADMIN_CHECK_FAILED if may is None else home_texts.ADMINS_ONLY
        return show_notice(sentence)

    async def _change(
        self,
        sent: ViewSent,
        edit: Callable[[Policy], Policy],
        what: str,
        values: Values,
    ) -> Answer:
        """None where it was kept."""
        try:
            await self._book.change(
                sent.team_id, edit, user_id=sent.user.id, what=what, now=datetime.now(UTC)
            )
        except Gone:
            return self._answer_gone(sent)
        except PresetConflictError as unfit:
            return _answer_errors(unfit.errors, values)
        except Transient as error:
            log.error("policy.save_failed", cause=error.cause)
            if not values:
                return show_notice(home_texts.NOT_KEPT)
            return {next(iter(values)).value: home_texts.NOT_KEPT}
        log.info("policy.changed", what=what.partition(":")[0])
        return None

    def _answer_gone(self, sent: ViewSent) -> View:
        self._publish(sent.team_id, sent.user.id, FormState.read(sent.view.private_metadata).place)
        return show_notice(home_texts.GONE_MEANWHILE)

    def _follow(self, sent: ViewSent, form: SettingsForm, place: HomePage, values: Values) -> None:
        """What comes after the answer: pictures are brought, and the tab shows what is set."""
        files = _read_files(sent) if form is PRESET_FORM else []
        key = key_of_values(values, sent.user.id)
        self._background.run(self._follow_up(sent, place, key, files))

    async def _follow_up(
        self, sent: ViewSent, place: HomePage, preset: str, files: list[SlackFile]
    ) -> None:
        await self._publisher.publish(sent.team_id, sent.user.id, place)
        if files:
            await self._references.keep(sent, preset, files)
            await self._publisher.publish(sent.team_id, sent.user.id, place)


def _place_of(action: Interaction) -> HomePage:
    """Where the click was in the Home tab; for one elsewhere, its beginning."""
    return HomePage.read(action.view.private_metadata if action.view else None)


def _is_own(what: str, key: str, user_id: str) -> bool:
    """Whether it is this person's own preset."""
    return _is_somebodys(what, key) and owner_of(key) == user_id


def _is_somebodys(what: str, key: str) -> bool:
    """Whether it is the own preset of any person."""
    return what == PRESET_FORM.what and owner_of(key) is not None


def _find_form(what: str) -> SettingsForm | None:
    form = next((form for form in _FORMS.values() if form.what == what), None)
    if form is None:
        log.warning("row.unknown", what=what[:40])
    return form


def _new_key(sent: ViewSent) -> str:
    """The same for the same form, however often it is sent."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"slack:{sent.team_id}:{sent.view.id}").hex[:16]


def _without_files(values: Values) -> Values:
    return {key: value for key, value in values.items() if key is not HomeField.FILES}


def _answer_errors(errors: Errors, values: Values) -> Answer:
    """At the fields that the form has; what is wrong with another one, at the first."""
    shown = {field: text for field, text in errors.items() if field in values}
    if not shown and values:
        shown = {next(iter(values)): " ".join(errors.values())}
    return {field.value: text for field, text in shown.items()}


def _find_file_errors(sent: ViewSent) -> Errors:
    """What cannot be a reference picture, before anything is kept."""
    bad = explain_bad_files(read_files(sent.view.state, HomeField.FILES))
    return {HomeField.FILES: bad} if bad else {}


def _read_files(sent: ViewSent) -> list[SlackFile]:
    """The pictures that were picked: their ids, and their names as Slack says them."""
    picked = read_files(sent.view.state, HomeField.FILES)
    return [SlackFile(file_id=file.id, name=file.name) for file in picked]

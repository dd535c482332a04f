"""The form's life: opened at once, filled by updates, redrawn when a choice asks for it, sent."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Option
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected, Transient
from bot.generations.record import Generation, InDoubt, NewGeneration, Place
from bot.images.catalogue import PROMPT_MAX_CHARACTERS, STYLE_IMAGES_MAX
from bot.images.chain import lines_of
from bot.images.showing import Show
from bot.policy.book import PolicyBook
from bot.policy.budgets import ReadUsage
from bot.policy.choices import OPTION_FIELDS, Choice, find_usable
from bot.policy.policy import Policy
from bot.policy.terms import OverBudget
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces
from bot.slack.image_form import texts as form_texts
from bot.slack.image_form.changes import chain_of, start_of
from bot.slack.image_form.checks import find_form_errors, find_refusal_errors
from bot.slack.image_form.drafts import Drafts
from bot.slack.image_form.facts import Captions, FactFinder, FormPrices
from bot.slack.image_form.filling import (
    at_message,
    begin,
    context_of,
    edit,
    fill_defaults,
    fit,
    propose,
    restore,
)
from bot.slack.image_form.offers import Offer, find_channel, with_preset
from bot.slack.image_form.several import Asked, keep_files, plan_form
from bot.slack.image_form.values import (
    Destination,
    FormContext,
    FormValues,
    Reference,
    distinct,
    read_values,
    remember_size,
    values_from,
    values_like,
    values_of,
    with_lines,
    with_list,
    with_spread,
)
from bot.slack.image_form.views import FormFacts, caption_options, show_form
from bot.slack.kit import answer_texts as answers
from bot.slack.kit import list_texts
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.briefs import with_brief
from bot.slack.kit.budget_views import show_over_budget_modal
from bot.slack.kit.campaigns import (
    NO_CAMPAIGN,
    OFF,
    Campaigns,
    find_campaigns,
    offer_campaigns,
)
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.ids import Field, Strength
from bot.slack.kit.lineage import version_parent
from bot.slack.kit.listeners import Clear, Push
from bot.slack.kit.message_content import Attached, attached_to, words_of
from bot.slack.kit.modals import VIEW_REFUSED, Modals, ViewState, read_files
from bot.slack.kit.payloads import (
    Interaction,
    MessageShortcut,
    SentView,
    SlashCommand,
    ViewAction,
    ViewSent,
)
from bot.slack.kit.picked_files import find_bad_files
from bot.slack.kit.ports import Gate
from bot.slack.kit.prompt_lists import ListReader
from bot.slack.kit.rights import counts_at
from bot.slack.kit.thumbnails import without_thumbnails

# What the database tells must not hold up the opening: a trigger lives 3 seconds, and a person
# sees the form within 300 ms.
_OPENING_SECONDS: Final = 0.12
_DRAFT_SECONDS: Final = 10.0
# A form that was sent is answered within 3 seconds.
_POLICY_SECONDS: Final = 0.3
# Of a message of ours: what it shows. A trigger lives 3 seconds.
_FINDING_SECONDS: Final = 1.0
# That the view is at fault, and not the trigger: https://docs.slack.dev/reference/methods/views.open
# Slack first has to take the answer that a view was part of.
_ANSWER_SECONDS: Final = 0.3

log = structlog.get_logger()


FindShown = Callable[[str, str, str, str | None, Sequence[str]], Awaitable[Generation | None]]
"""What a message of ours is about, by where it stands (team, channel, `ts`, `thread_ts`) or by the
files it shows (bot/store/versions.py)."""


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who wants a form, where they are, and what Slack gave to open it with."""

    trigger_id: str
    team_id: str
    user_id: str
    is_in_modal: bool = False  # it lies upon that one, and sending it closes both


class ImageFormService:
    """Everything that is done with the form. One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        gate: Gate,
        drafts: Drafts,
        prices: FormPrices,
        ask_balance: Callable[[], Awaitable[float]],
        captions: Captions,
        read_usage: ReadUsage,
        background: BackgroundTasks,
        policies: PolicyBook,
        find_shown: FindShown,
        lists: ListReader,
        campaigns: Campaigns,
        may: Callable[[str], bool] = lambda _scope: True,
        workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
    ) -> None:
        """`may` says whether the bot has a scope; `workspaces` are PowerPost's."""
        self._workspaces = workspaces
        self._policies = policies
        self._lists = lists
        self._campaigns = campaigns
        self._find_by_message = find_shown
        self._client = client
        self._modals = Modals(client, may)
        self._gate = gate
        self._drafts = drafts
        self._captions = captions
        self._facts = FactFinder(prices, ask_balance, captions, read_usage)
        self._background = background

    # Opening -------------------------------------------------------------------------------

    def open_for_command(self, command: SlashCommand) -> None:
        """`/imagine` alone. Returns at once: the trigger is used after the answer."""
        asker = _Asker(command.trigger_id, command.team_id, command.user_id)
        self._background.run(self._open_draft(asker, FormContext(channel_id=command.channel_id)))

    def open_for_shortcut(self, shortcut: Interaction) -> None:
        """The global shortcut, or the Home tab's button: they know no channel."""
        self._background.run(self._open_draft(_asker_of(shortcut), FormContext()))

    def open_for_message(self, shortcut: MessageShortcut) -> None:
        """The message's text as prompt, its pictures as references, its thread as the place."""
        self._background.run(self._open_for_message(shortcut))

    async def _open_for_message(self, shortcut: MessageShortcut) -> None:
        """Of a message of ours: what it was made of."""
        asker, message = _asker_of(shortcut), shortcut.message
        attached = attached_to(message)
        offered = tuple(Reference.of_file(file.file_id, file.name) for file in attached.files)
        made = await self._find_shown(shortcut, attached) if message.bot_id else None
        if made is not None and made.blanked_at is None:
            values = values_of(made)
            if not counts_at(made, asker.team_id, shortcut.channel.id, asker.user_id):
                values = values.model_copy(update={"kept": ()})  # shared: what is seen there
            context = FormContext(
                parent_id=version_parent(made),
                filled=values.fingerprint,
                lines=values.lines,
                start=start_of(values),
            )
            offered = distinct((*values.kept, *offered))
            await self._open(asker, at_message(context, shortcut, offered), values)
            return
        words = words_of(message)
        values = FormValues(prompt=words.prompt, kept=offered[:STYLE_IMAGES_MAX])
        if attached.lists:
            values = with_list(values, attached.lists[0])
        context = FormContext(list_file=values.list_file).saying(
            form_texts.prompt_cut(words.cut),
            form_texts.files_left_out(attached.left_out),
            form_texts.more_than_four(len(offered)),
        )
        await self._open_filled(asker, at_message(context, shortcut, offered), values)

    async def _find_shown(self, shortcut: MessageShortcut, attached: Attached) -> Generation | None:
        message = shortcut.message
        shown = [file.file_id for file in attached.files]
        try:
            async with asyncio.timeout(_FINDING_SECONDS):
                return await self._find_by_message(
                    shortcut.team_id, shortcut.channel.id, message.ts, message.thread_ts, shown
                )
        except (TimeoutError, ImagineError) as error:
            log.warning("message.not_found", error=type(error).__name__)
            return None

    def open_for_edit(self, interaction: Interaction, generation: Generation) -> None:
        """Filled with everything that `generation` was made of; into the same thread."""
        context, filled = edit(generation)
        self._background.run(self._open(_asker_of(interaction), context, filled))

    def open_for_question(
        self, interaction: Interaction, new: NewGeneration, preset: str | None
    ) -> None:
        """Filled with what a question was about (bot/slack/questions/service.py), into the same
        place."""
        is_brief = new.spread is not None or bool(new.parts)
        most = form_texts.PROMPTS_MAX if is_brief else PROMPT_MAX_CHARACTERS
        prompt = (new.request.prompt or "")[:most]
        request = new.request.model_copy(update={"prompt": prompt})
        values = values_from(request, new.sources, preset)
        said = new.choice.show if new.choice else None
        values = values.model_copy(update={"show": said, "campaign": new.campaign})
        if is_brief:
            values = with_spread(values, prompt, new.spread)
        else:
            values = with_lines(values, lines_of(request.prompt, new.chain))
        context = FormContext(
            channel_id=new.place.channel_id,
            thread_ts=new.place.thread_ts,
            is_preview=new.show is Show.ME,
            for_channel_id=new.place.for_channel_id,
            for_thread_ts=new.place.for_thread_ts,
            offered=values.kept,
            parent_id=new.parent_id,
            lines=values.lines,
            list_file=values.list_file,
        )
        self._background.run(self._open(_asker_of(interaction), context, values))

    async def view_for_edit(
        self, sent: ViewSent, generation: Generation, position: int, strength: Strength
    ) -> View:
        """The same, with one of its pictures as the only reference and how close to it in the
        prompt, as the answer to another modal, which was `sent`: it takes its place."""
        values, deadline = values_like(generation, position, strength), _deadline()
        context = context_of(generation, values)
        policy = await self._read_policy(sent.team_id, deadline)
        fitted, shown, offer = self._fit(policy, context, values, sent.user.id)
        facts = await self._find_quickly(shown, offer, deadline)
        self._background.run(self._fill_answer(sent, context, values, facts))
        view = self._modals.fit(show_form(fitted, shown, facts))
        return without_thumbnails(view) or view  # an answer is not asked for again

    async def _open_draft(self, asker: _Asker, context: FormContext) -> None:
        deadline = _deadline()
        finding = asyncio.create_task(self._drafts.find(asker.team_id, asker.user_id))
        policy = await self._read_policy(asker.team_id, deadline)
        await asyncio.wait({finding}, timeout=max(0.0, deadline - _now()))
        is_late = not finding.done()
        draft = None if is_late else finding.result()
        begun = begin(policy, context, asker.user_id)
        if draft is not None and await self._open_restored(asker, context, draft, deadline):
            return
        start, values = begun
        if draft is not None:
            start = start.saying(form_texts.DRAFT_LEFT_OUT)
        view, facts = await self._open_view(asker, start, values, deadline)
        if view is None:
            finding.cancel()
            return
        if is_late and (draft := await _wait_for_draft(finding)) is not None:
            # Other ids of the fields, or Slack would keep them as they are: empty.
            late = context.model_copy(update={"round": 1})
            if await self._fill(asker, view, *restore(late, draft), None):
                return
            if self._modals.is_changed(view.id):
                return  # something was changed meanwhile
            await self._drafts.forget(asker.team_id, asker.user_id)
            start = start.saying(form_texts.DRAFT_LEFT_OUT)
            await self._fill(asker, view, start, values, None)
            return
        await self._fill(asker, view, start, values, None if is_late else facts)

    async def _open_restored(
        self, asker: _Asker, context: FormContext, draft: FormValues, deadline: float
    ) -> bool:
        """Open with `draft`. False if Slack does not take such a form: then the draft is gone, and
        the trigger can still be used."""
        start, values = restore(context, draft)
        try:
            view, facts = await self._try_open(asker, start, values, deadline)
        except (Rejected, SlackObjectFormationError) as error:
            if isinstance(error, Rejected) and error.detail not in VIEW_REFUSED:
                await self._say_not_opened(asker, context, error)
                return True
            log.warning("draft.show_failed", error=str(error))
            await self._drafts.forget(asker.team_id, asker.user_id)
            return False
        except ImagineError as error:
            await self._say_not_opened(asker, context, error)
            return True
        await self._fill(asker, view, start, values, facts)
        return True

    async def _open_filled(self, asker: _Asker, context: FormContext, values: FormValues) -> None:
        """With what the person chose, and their own defaults for the rest."""
        deadline = _deadline()
        policy = await self._read_policy(asker.team_id, deadline)
        context, filled = fill_defaults(policy, context, values, asker.user_id)
        context = context.model_copy(update={"filled": filled.fingerprint})
        view, facts = await self._open_view(asker, context, filled, deadline)
        if view is not None:
            await self._fill(asker, view, context, filled, facts)

    async def _open(self, asker: _Asker, context: FormContext, values: FormValues) -> None:
        view, facts = await self._open_view(asker, context, values, _deadline())
        if view is not None:
            await self._fill(asker, view, context, values, facts)

    async def _open_view(
        self, asker: _Asker, context: FormContext, values: FormValues, deadline: float
    ) -> tuple[SentView | None, FormFacts]:
        """The view, with the facts that it shows. Without a view the person was told."""
        try:
            return await self._try_open(asker, context, values, deadline)
        except (ImagineError, SlackObjectFormationError) as error:
            await self._say_not_opened(asker, context, error)
            return None, FormFacts()

    async def _try_open(
        self, asker: _Asker, context: FormContext, values: FormValues, deadline: float
    ) -> tuple[SentView, FormFacts]:
        policy = await self._read_policy(asker.team_id, deadline)
        context, values, offer = self._fit(policy, context, values, asker.user_id)
        facts = await self._find_quickly(values, offer, deadline)
        shown = show_form(context, values, facts)
        view = await self._modals.open(asker.trigger_id, shown, is_in_modal=asker.is_in_modal)
        return view, facts

    async def _say_not_opened(self, asker: _Asker, context: FormContext, error: Exception) -> None:
        """A trigger is good once, so it is not tried again."""
        log.warning("form.open_failed", error=str(error))
        await send_ephemeral(
            self._client,
            show_sentence(form_texts.FORM_NOT_OPENED),
            channel_id=context.channel_id or asker.user_id,
            user_id=asker.user_id,
            thread_ts=context.thread_ts,
        )

    async def _find_quickly(self, values: FormValues, offer: Offer, deadline: float) -> FormFacts:
        try:
            async with asyncio.timeout_at(deadline):
                return await self._facts.find_known(values, offer)
        except TimeoutError:
            log.warning("facts.timed_out")
            return FormFacts(offer=offer)

    async def _read_policy(self, team_id: str, deadline: float | None = None) -> Policy:
        """What may be chosen; everything, where that cannot be had by `deadline` (loop time): what
        is sent is held against the rules anyway."""
        try:
            async with asyncio.timeout_at(deadline):
                return await self._policies.read(team_id, fresh=True)
        except (TimeoutError, Transient):
            log.warning("policy.timed_out")
            return Policy()

    async def _fill(
        self,
        asker: _Asker,
        view: SentView,
        context: FormContext,
        values: FormValues,
        shown: FormFacts | None,
    ) -> bool:
        """What takes longer is filled in afterwards, unless something was changed meanwhile.
        Whether the form shows `values`: it does already if there are facts that are `shown`."""
        hash_: str | None = view.hash
        policy = await self._read_policy(asker.team_id)
        context, values, offer = self._fit(policy, context, values, asker.user_id)
        if shown is None:
            shown = await self._facts.find_known(values, offer)
            hash_ = await self._redraw(view.id, hash_, "", context, values, shown)
            if hash_ is None:
                return False
        facts = await self._facts.find_all(values, offer, team_id=asker.team_id, is_opening=True)
        if facts != shown:
            await self._redraw(view.id, hash_, "", context, values, facts)
        return True

    async def _fill_answer(
        self, sent: ViewSent, context: FormContext, values: FormValues, shown: FormFacts
    ) -> None:
        await asyncio.sleep(_ANSWER_SECONDS)
        policy = await self._read_policy(sent.team_id)  # it may have come too late before
        context, values, offer = self._fit(policy, context, values, sent.user.id)
        facts = await self._facts.find_all(values, offer, team_id=sent.team_id, is_opening=True)
        if facts != shown:
            await self._redraw(sent.view.id, None, "", context, values, facts)

    # Changing ------------------------------------------------------------------------------

    def change(self, action: ViewAction) -> None:
        """A field was changed: keep the draft, and redraw where the change asks for it."""
        view, changed = action.view, action.actions[0]
        if self._modals.is_sent(view.id):
            return
        context = FormContext.read(view.private_metadata)
        values = read_values(view.state, context)
        self._note_draft(action, context, _without_bad(values, view.state))
        if changed.action_id == Field.PROMPT:
            return
        if self._modals.note_change(view.id, changed.action_ts):
            self._background.run(self._follow_change(action, context, values))

    def start_over(self, action: ViewAction) -> None:
        """The button that empties the form."""
        if not self._modals.is_sent(action.view.id):
            self._modals.note_change(action.view.id, action.actions[0].action_ts)
            context = FormContext.read(action.view.private_metadata)
            self._background.run(self._start_over(action, context))

    async def _follow_change(
        self, action: ViewAction, context: FormContext, values: FormValues
    ) -> None:
        view, changed = action.view, action.actions[0]
        action_ts, user_id = changed.action_ts, action.user.id
        policy = await self._read_policy(action.team_id)
        if changed.action_id == Field.PRESET:
            channel_id = find_channel(context, values, user_id)
            seen = policy.seen_by(user_id)
            values = with_preset(values, find_usable(seen, values.preset, channel_id))
        if changed.action_id == Field.MODEL:
            context, values = remember_size(context, values)
        context, shown, offer = self._fit(policy, context, values, user_id)
        notice = form_texts.notice_of_change(values, shown, offer)
        caption = self._captions.known(values.caption_id or "")
        if changed.action_id in (Field.SOURCE, Field.CAPTION) and caption is not None:
            context, shown, notice = propose(context, shown, offer, caption, notice)
        budget = await self._facts.find_budget(action.team_id, offer)
        known = await self._facts.find_known(shown, offer)
        known = replace(known, notice=notice, budget=budget)
        hash_ = await self._redraw(view.id, view.hash, action_ts, context, shown, known)
        if hash_ is None:
            return
        facts = await self._facts.find_all(shown, offer, team_id=action.team_id, is_opening=False)
        if changed.action_id == Field.CAPTION and caption is None and facts.caption is not None:
            context, shown, notice = propose(context, shown, offer, facts.caption, notice)
        if (facts := replace(facts, notice=notice)) != known:
            await self._redraw(view.id, hash_, action_ts, context, shown, facts)

    async def _start_over(self, action: ViewAction, context: FormContext) -> None:
        view, action_ts = action.view, action.actions[0].action_ts
        await self._drafts.forget(action.team_id, action.user.id)
        emptied = FormContext(
            channel_id=context.channel_id, thread_ts=context.thread_ts, round=context.round + 1
        )
        policy = await self._read_policy(action.team_id)
        emptied, values = begin(policy, emptied, action.user.id)
        emptied, values, offer = self._fit(policy, emptied, values, action.user.id)
        budget = await self._facts.find_budget(action.team_id, offer)
        facts = replace(await self._facts.find_known(values, offer), budget=budget)
        await self._redraw(view.id, view.hash, action_ts, emptied, values, facts)

    async def _redraw(
        self,
        view_id: str,
        hash_: str | None,
        action_ts: str,
        context: FormContext,
        values: FormValues,
        facts: FormFacts,
    ) -> str | None:
        def draw() -> View:
            return show_form(context, values, facts)

        return await self._modals.redraw(view_id, hash_, action_ts, draw)

    def _fit(
        self, policy: Policy, context: FormContext, values: FormValues, user_id: str
    ) -> tuple[FormContext, FormValues, Offer]:
        return fit(policy, context, values, user_id, self._workspaces)

    async def search_captions(self, metadata: str, typed: str) -> list[Option]:
        """What the caption search offers for what was typed, in a form with this
        `private_metadata`: the captions of the workspace that its pictures are made in."""
        there = FormContext.read(metadata).powerpost_workspace
        return caption_options(await self._captions.search(typed, there))

    async def search_campaigns(self, team_id: str, typed: str) -> list[Option]:
        """What the search for a campaign offers for what was typed."""
        known = await find_campaigns(self._campaigns, team_id)
        return offer_campaigns(known, typed, (OFF, NO_CAMPAIGN))

    # Closing and sending -------------------------------------------------------------------

    def close(self, closed: ViewSent) -> None:
        """The form was closed: what it held is offered the next time."""
        context = FormContext.read(closed.view.private_metadata)
        if closed.view.state.get("values"):
            values = _without_bad(read_values(closed.view.state, context), closed.view.state)
            if not values.is_blank and values.fingerprint != context.filled:
                team_id, user_id = closed.team_id, closed.user.id
                self._background.run(self._drafts.note_closed(team_id, user_id, values))

    def _note_draft(
        self, interaction: Interaction, context: FormContext, values: FormValues
    ) -> None:
        """What the bot has filled in, and nobody has touched, is nobody's draft."""
        if values.fingerprint != context.filled:
            self._drafts.note(interaction.team_id, interaction.user.id, values)

    async def submit(self, sent: ViewSent) -> dict[str, str] | Push | Clear | View:
        """Promise what the form asks for. `block_id` -> error where it cannot be; the form stays
        open then, with everything that was typed. Over budget: a view to be laid upon it. What is
        wrong with rows of a list, or a number of pictures whose price was not shown: the form,
        which says it."""
        context = FormContext.read(sent.view.private_metadata)
        values = read_values(sent.view.state, context)
        shown = ViewState.of(sent.view.state).blocks
        fresh = (None, context.size_block_id(values.model))  # None: several are chosen
        is_size_fresh = shown.get(Field.SIZE) in fresh
        picked = read_files(sent.view.state, Field.FILES)
        asked = await self._plan(sent, context, values)
        errors = find_form_errors(values, picked, is_size_fresh=is_size_fresh, asked=asked)
        if not errors and (asked.faults or not _is_counted(asked, context)):
            return await self._ask_again(sent, context, values, asked)
        try:
            if not errors:
                errors = await self._promise(sent, context, values, asked)
        except OverBudget as error:
            return Push(show_over_budget_modal(error))
        if not errors:
            return Clear()
        kept = _without_bad(values, sent.view.state)
        self._drafts.note(sent.team_id, sent.user.id, kept)
        return {_block_of(field, shown): text for field, text in errors.items()}

    async def _plan(self, sent: ViewSent, context: FormContext, values: FormValues) -> Asked:
        """What the form comes to; its list is read for that."""
        file = values.list_file
        if not values.is_several or file is None:
            return plan_form(values, known_faults=context.faults)
        policy = await self._read_policy(sent.team_id, _now() + _POLICY_SECONDS)
        channel_id = find_channel(context, values, sent.user.id)
        seen = policy.seen_by(sent.user.id)
        names = [preset.name for preset in seen.presets_in(channel_id)]
        listed = await self._lists.read(file.as_file(), names)
        if listed is None:
            return Asked(values.to_request(), None, {Field.LIST: list_texts.UNREADABLE})
        return plan_form(values, listed, known_faults=context.faults)

    async def _ask_again(
        self, sent: ViewSent, context: FormContext, values: FormValues, asked: Asked
    ) -> View:
        """The form, in its own place, with what is wrong with its list, or what it comes to."""
        policy = await self._read_policy(sent.team_id, _now() + _POLICY_SECONDS)
        context, values = keep_files(context, values)
        if asked.faults and asked.faults != context.faults:
            context = context.model_copy(update={"faults": asked.faults})
            values = values.model_copy(update={"leaves_out": False})
        context, values, offer = self._fit(policy, context, values, sent.user.id)
        pictures = asked.brief.pictures if asked.brief else 0
        notice = form_texts.confirm_count(pictures) if pictures else form_texts.ROWS_WRONG
        facts = await self._facts.find_known(values, offer, asked)
        self._drafts.note(sent.team_id, sent.user.id, values)
        return self._modals.fit(show_form(context, values, replace(facts, notice=notice)))

    async def _promise(
        self, sent: ViewSent, context: FormContext, values: FormValues, asked: Asked
    ) -> dict[Field, str]:
        preset = values.preset if asked.preset is None else asked.preset
        new = NewGeneration(
            id=str(uuid.uuid4()),
            origin=f"view:{sent.team_id}:{sent.view.id}",
            place=_place(sent, context, values),
            request=asked.request,
            accepted_at=datetime.now(UTC),
            sources=values.to_sources(),
            parent_id=context.parent_id,
            campaign=values.campaign if asked.campaign is None else asked.campaign,
            choice=Choice(frozenset(OPTION_FIELDS), preset or "", show=values.show),
            show=_show_of(context, values),
            chain=chain_of(context, values),
        )
        new = with_brief(new, asked.brief)
        try:
            is_new = await self._gate.accept(new)
        except InDoubt:
            return {Field.PROMPT: answers.IN_DOUBT}
        except Transient as error:
            log.error("request.not_saved", cause=error.cause)
            return {Field.PROMPT: answers.NOT_SAVED}
        except OverBudget as error:
            self._keep_offered(sent, values, None if error.approval_id is None else new.id)
            raise
        except Rejected as error:
            return find_refusal_errors(error)
        self._modals.note_sent(sent.view.id)
        if is_new:
            sent_id = new.split()[0].id
            self._background.run(
                self._drafts.mark_sent(sent.team_id, sent.user.id, values, sent_id)
            )
        return {}

    def _keep_offered(self, sent: ViewSent, values: FormValues, offered_id: str | None) -> None:
        """What is over budget comes back, unless approval is asked for: then it may be made as
        `offered_id`, and Create would pay a second time."""
        team_id, user_id = sent.team_id, sent.user.id
        if offered_id is None:
            self._drafts.note(team_id, user_id, values)
        else:
            self._background.run(self._drafts.mark_sent(team_id, user_id, values, offered_id))


def _asker_of(interaction: Interaction) -> _Asker:
    return _Asker(
        interaction.trigger_id,
        interaction.team_id,
        interaction.user.id,
        interaction.is_in_modal,
    )


def _deadline() -> float:
    return _now() + _OPENING_SECONDS


async def _wait_for_draft(finding: asyncio.Task[FormValues | None]) -> FormValues | None:
    log.warning("draft.timed_out")
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(finding, _DRAFT_SECONDS)
    return None


def _now() -> float:
    return asyncio.get_running_loop().time()


def _without_bad(values: FormValues, state: Mapping[str, Any]) -> FormValues:
    """What is worth keeping of what a form holds: a refused file is not offered again."""
    bad = find_bad_files(read_files(state, Field.FILES))
    return values.without_files([str(file.file_id) for file in bad])


def _block_of(field: Field, shown: dict[str, str]) -> str:
    """Where the error of `field` is shown: at the field it hangs on, where it is not drawn yet."""
    hangs_on = {
        Field.CHANNEL: Field.DESTINATION,
        Field.SOURCE: Field.CAPTION,
        Field.MODEL: Field.MODELS,
        Field.SIZE: Field.SIZES,
    }
    return shown.get(field) or shown.get(hangs_on.get(field, Field.PROMPT)) or Field.PROMPT


def _is_counted(asked: Asked, context: FormContext) -> bool:
    """Whether the form has shown the price of as many pictures."""
    return asked.brief is None or asked.brief.pictures == context.counted


def _place(sent: ViewSent, context: FormContext, values: FormValues) -> Place:
    match values.destination:
        case Destination.CHANNEL if values.channel_id:
            return Place(sent.team_id, values.channel_id, sent.user.id)
        case Destination.HERE if context.channel_id:
            return Place(
                sent.team_id,
                context.channel_id,
                sent.user.id,
                thread_ts=context.thread_ts,
                for_channel_id=context.for_channel_id,
                for_thread_ts=context.for_thread_ts,
            )
        case _:
            return Place(sent.team_id, sent.user.id, sent.user.id)


def _show_of(context: FormContext, values: FormValues) -> Show:
    """How it is shown where there is nothing to choose."""
    is_aside = values.destination is Destination.HERE and context.is_preview
    return Show.ME if is_aside or values.destination is Destination.ME else Show.THREAD


def find_target(view: SentView) -> str:
    """Where what a form asks for would go: a conversation; empty for a direct message."""
    context = FormContext.read(view.private_metadata)
    values = read_values(view.state, context)
    match values.destination:
        case Destination.ME:
            return ""
        case Destination.CHANNEL:
            return values.channel_id or ""
        case Destination.HERE:
            return context.channel_id or ""

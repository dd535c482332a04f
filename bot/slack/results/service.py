"""What people do with results: once more, edited, by a reply in words, shared, deleted, judged.

Buttons carry an id and the generation is in the store, so all of it works after a restart, for
anyone in the conversation, for as long as the thread exists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

import structlog
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected, Transient
from bot.generations.record import NOTHING_MADE, Generation, NewGeneration
from bot.generations.share import Share
from bot.images.catalogue import STYLE_IMAGES_MAX
from bot.images.meaning import (
    AgainstSpec,
    Change,
    Deed,
    Help,
    Kind,
    Misunderstood,
    Nothing,
    NotUnderstood,
    Press,
    Problem,
    TakeUp,
    Understood,
)
from bot.images.message import sounds_spoken
from bot.images.parts import LAST, NamedPart, find_part
from bot.images.reply import Reply as ReplyRead
from bot.images.reply import parse_reply
from bot.images.request import ImageRequest, Rule
from bot.policy.book import PolicyBook
from bot.policy.policy import Policy
from bot.slack.kit import answer_texts as answers
from bot.slack.kit import generation_texts, reference_texts
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.answered import Answered
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.campaigns import Campaigns, read_campaigns
from bot.slack.kit.ephemeral import answer_press, send_ephemeral
from bot.slack.kit.ids import ActionId, Opinion, PickField
from bot.slack.kit.lineage import as_asked, as_base
from bot.slack.kit.links import home_of, shown_pictures
from bot.slack.kit.message import Message
from bot.slack.kit.modals import open_view, show_notice
from bot.slack.kit.payloads import MessageAction, ViewSent
from bot.slack.kit.ports import Ask, Gate, ImageForm, Refuse
from bot.slack.kit.quotas import Quota
from bot.slack.kit.replies import Reply
from bot.slack.kit.rights import ResultContext
from bot.slack.kit.sections import Section
from bot.slack.kit.understood_texts import MISSING, ONCE_MORE
from bot.slack.kit.understood_texts import changed as describe_change
from bot.slack.results import texts as thread_texts
from bot.slack.results.deletion import delete_result, may_delete
from bot.slack.results.looking import OutcomeLook
from bot.slack.results.modal_views import (
    show_deleting,
    show_more,
    show_picking,
    show_sharing,
)
from bot.slack.results.originals import Originals
from bot.slack.results.result_views import show_originals
from bot.slack.results.sharing import Sharing
from bot.slack.results.thread_views import show_deed, show_part, show_taken_up
from bot.slack.results.variations import (
    count_references,
    fit_files,
    follow,
    read_channel,
    read_note,
    read_pick,
    read_picks,
    read_strength,
    repeat,
    with_typed,
    with_upstream_prompt,
)

# Two presses within this time are one.
PRESS_SECONDS: Final = 5.0
# Characters: whoever writes more in a thread speaks to people.
_OVERHEARD_MAX: Final = 300
# A modal has to be answered within 3 seconds.
_CHECK_SECONDS: Final = 2.0

log = structlog.get_logger()


class Lineage(Protocol):
    """How generations hang together (bot/store/versions.py)."""

    async def newest_in_thread(
        self, team_id: str, channel_id: str, thread_ts: str
    ) -> Generation | None: ...
    async def versions(self, generation_id: str) -> list[Generation]: ...
    async def thread_parts(
        self, team_id: str, channel_id: str, thread_ts: str
    ) -> list[Generation]: ...
    async def take_up(
        self, generation: Generation, user_id: str, thread_ts: str, channel_id: str, now: datetime
    ) -> None: ...
    async def find_taken_up(
        self, team_id: str, user_id: str, channel_id: str, thread_ts: str, since: datetime
    ) -> Generation | None: ...
    async def count_presses(self, parent_id: str, kind: str, before: datetime) -> int: ...
    async def count_vain(self, parent_id: str, kind: str) -> int: ...
    async def mark_deleted(self, generation_id: str, user_id: str, now: datetime) -> bool: ...
    async def find_sheet(self, brief_id: str) -> str | None: ...
    async def keep_opinion(
        self, generation_id: str, user_id: str, opinion: str, now: datetime
    ) -> None: ...


class ResultService:
    """One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        gate: Gate,
        lineage: Lineage,
        form: ImageForm,
        background: BackgroundTasks,
        cancel: Callable[[str], Awaitable[bool]],
        sharing: Sharing,
        ask: Ask,
        refuse: Refuse,
        policies: PolicyBook,
        take_new: Callable[[Reply], Awaitable[None]],
        outcome_look: OutcomeLook,
        originals: Originals,
        start_vote: Callable[[Reply, Generation], Awaitable[None]],
        campaigns: Campaigns,
        can_post: bool = False,
    ) -> None:
        """`take_new` is what becomes of words that change no picture."""
        self._start_vote = start_vote
        """`take_new` is what becomes of words that change no picture. `can_post`: drafts are set
        up."""
        self._can_post = can_post
        self._take_new = take_new
        self._outcome_look = outcome_look
        self._originals = originals
        self._sharing = sharing
        self._client = client
        self._gate = gate
        self._lineage = lineage
        self._form = form
        self._background = background
        self._cancel = cancel
        self._ask_back = ask
        self._refuse = refuse
        self._policies = policies
        self._campaigns = campaigns
        self._answered = Answered()
        self._looks = Quota(thread_texts.LOOKS_MAX, per_seconds=thread_texts.LOOKS_MINUTES * 60.0)

    # Buttons -------------------------------------------------------------------------------

    def refuse_click(self, action: MessageAction) -> None:
        """A click on what is not known, or not known here (bot/slack/kit/rights.py)."""
        self._say(action, refusals.NOT_THERE_ANY_MORE)

    def _is_kept(self, action: MessageAction, generation: Generation) -> bool:
        """Whether it is known what it was made of; says so if not."""
        if generation.blanked_at is None:
            return True
        self._say(action, thread_texts.NOT_KEPT)
        return False

    def edit(self, action: MessageAction, generation: Generation) -> None:
        """The form, filled with what it was made of."""
        if self._is_kept(action, generation):
            self._form.open_for_edit(action, generation)

    def show_originals(self, action: MessageAction, generation: Generation) -> None:
        """Download, in the menu: the links of the originals, for who asked, and a ZIP."""
        if self._is_kept(action, generation) and generation.pictures:
            self._run(action, self._show_originals(action, generation))

    async def _show_originals(self, action: MessageAction, generation: Generation) -> None:
        said = await self._originals.tell(generation)
        self._show(action, show_originals(said, generation))

    def offer_part(self, action: MessageAction, generation: Generation) -> None:
        """One of a brief was chosen: the buttons of a result, for who chose it."""
        if self._is_kept(action, generation):
            self._show(action, show_part(generation, can_post=self._can_post))

    def use_prompt(self, action: MessageAction, generation: Generation) -> None:
        """The form, filled with the prompt that PowerPost made the pictures from."""
        if self._is_kept(action, generation) and generation.upstream_prompt:
            self._form.open_for_edit(action, with_upstream_prompt(generation))

    @property
    def prompt_section(self) -> Section:
        """PowerPost's own prompt, in "More…"."""
        return Section(
            generation_texts.USE_UPSTREAM_PROMPT,
            generation_texts.upstream_prompt,
            self.use_prompt,
        )

    def offer_rest(
        self,
        sections: Mapping[ActionId, Section],
        action: MessageAction,
        generation: Generation,
    ) -> None:
        """More…, in the menu: what else can be done with the pictures."""
        if not self._is_kept(action, generation):
            return
        message = action.message
        context = ResultContext(
            generation_id=generation.id,
            channel_id=action.channel.id,
            list_in=action.list_in,
            thread_ts=(message.thread_ts or message.ts) if message else None,
        )
        show = partial(show_more, generation, sections, context)
        self._run(action, self._open_with_thumbnails(action, show))

    def look_again(self, action: MessageAction, generation: Generation) -> None:
        """Look again, under an unknown outcome: one look for each press, which pays nothing. Who
        pressed is told what it found."""
        self._run(action, self._look_again(action, generation))

    async def _look_again(self, action: MessageAction, generation: Generation) -> None:
        if self._looks.take(action.team_id, action.user.id):
            self._say(action, await self._outcome_look.look(generation), is_mrkdwn=True)
        else:
            self._say(action, thread_texts.TOO_MANY_LOOKS)

    def offer_deletion(self, action: MessageAction, generation: Generation) -> None:
        """Delete, in the menu: sure?"""
        self._run(action, self._offer_deletion(action, generation))

    def offer_sharing(self, action: MessageAction, generation: Generation) -> None:
        """Share, in the menu: which picture, and where?"""
        if not self._is_kept(action, generation):
            return
        if shown_pictures(generation):
            show = partial(show_sharing, generation, action.channel.id, action.list_in)
            self._run(action, self._open_with_thumbnails(action, show))
        else:
            self._say(action, thread_texts.NOTHING_TO_SHARE)

    def offer_more(self, action: MessageAction, generation: Generation) -> None:
        """More like this, in the menu: like which of them, and how close?"""
        if self._is_kept(action, generation) and generation.pictures:
            show = partial(show_picking, generation, action.channel.id)
            self._run(action, self._open_with_thumbnails(action, show))

    async def give_opinion(self, action: MessageAction, generation: Generation) -> None:
        """Thumbs up or down, kept with the generation."""
        opinion = (action.actions[0].value or "").partition(":")[0]
        if opinion in set(Opinion) and generation.blanked_at is None:
            now = datetime.now(UTC)
            await self._lineage.keep_opinion(generation.id, action.user.id, opinion, now)
            log.info("opinion.given", generation=generation.id, opinion=opinion)

    # Small modals: each is answered with the view that takes its place, None where it closes ----

    async def pick_picture(self, sent: ViewSent, generation: Generation) -> View:
        """More like the chosen one: the form, in this modal's place."""
        if generation.blanked_at is not None:
            return show_notice(thread_texts.NOT_KEPT)
        picture = read_pick(sent, list(generation.pictures))
        if picture is None:
            return show_notice(refusals.NOT_THERE_ANY_MORE)
        strength = read_strength(sent)
        return await self._form.view_for_edit(sent, generation, picture.position, strength)

    async def share(self, sent: ViewSent, generation: Generation) -> View | dict[str, str] | None:
        """The chosen pictures in the chosen channel, once however often it is sent: on disk when
        this returns, and posted after the answer; an error at the field where something is missing,
        or the rules do not allow it."""
        if generation.blanked_at is not None:
            return show_notice(thread_texts.NOT_KEPT)
        offered = shown_pictures(generation)
        if not offered or generation.deleted_at is not None:
            return show_notice(refusals.NOT_THERE_ANY_MORE)
        pictures = read_picks(sent, offered)
        if not pictures:
            return {PickField.PICTURES.value: thread_texts.PICK_SOME}
        place = generation.place
        channel_id = read_channel(sent.view) or place.ruled_channel_id
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                objection = await self._sharing.find_objection(generation, channel_id, sent.user.id)
        except TimeoutError:
            objection = thread_texts.SHARE_GROUPS_UNKNOWN
        if objection is not None:
            return {PickField.CHANNEL.value: objection}
        share = Share(
            id=f"{sent.view.id}:{generation.id}",
            team_id=place.team_id,
            user_id=sent.user.id,
            generation_id=generation.id,
            positions=tuple(picture.position for picture in pictures),
            channel_id=channel_id,
            shared_at=datetime.now(UTC),
            thread_ts=place.for_thread_ts if channel_id == place.for_channel_id else None,
            note=read_note(sent),
        )
        if await self._sharing.keep(share):
            list_in = ResultContext.read(sent.view.private_metadata).list_in
            self._background.run(self._sharing.deliver(share, list_in))
        return None

    async def delete(self, sent: ViewSent, generation: Generation) -> View | None:
        """Take message and files away, after the answer; who may is looked at again. Also what is
        noted as taken away: it is still there if Slack did not do it all."""
        self._background.run(self._delete(sent, generation))
        is_noted = generation.deleted_at is not None
        return show_notice(refusals.NOT_THERE_ANY_MORE) if is_noted else None

    # Words ---------------------------------------------------------------------------------

    async def take_reply(self, reply: Reply) -> None:
        """Change the generation above by what the reply says. What is promised is on disk when
        this returns; what is not sure is asked privately, and costs nothing."""
        newest = None
        if reply.thread_ts is not None and not reply.lists:  # those have prompts of their own
            newest = await self._lineage.newest_in_thread(
                reply.team_id, reply.channel_id, reply.thread_ts
            )
        if newest is None:
            await self._take_new(reply)
            return
        parts = await self._lineage.thread_parts(
            reply.team_id, reply.channel_id, reply.thread_ts or ""
        )
        if parts and (named := find_part(reply.text)) is not None:
            await self._go_on_by_number(reply, parts, newest, named)
            return
        above = await self._find_above(reply, newest)
        if above.blanked_at is not None:
            self._answer(reply, show_sentence(thread_texts.NOT_KEPT))
            return
        answer = await self._parse(reply, reply.text, above)
        if isinstance(answer, TakeUp):
            await self._take_up(reply, answer, newest, above, parts)
        elif parts and above.id == newest.id and newest.parent_id is None:
            await self._do_in_brief(reply, answer, above, parts)
        else:
            await self._do(reply, answer, above)

    async def take_overheard(self, reply: Reply) -> None:
        """A reply that mentions nobody, by who asked for the newest picture of its thread: it is
        asked, privately and once, whether a new version is to be made of it. What does not read
        like a change is none of ours, and so is everything while the database is away."""
        if len(reply.text) > _OVERHEARD_MAX or sounds_spoken(reply.text):
            return
        try:
            policy = await self._policies.read(reply.team_id)
            if policy.settings.asks_about_replies:
                await self._ask_overheard(reply)
        except Transient as error:
            log.warning("reply.not_asked_about", cause=error.cause)

    async def _ask_overheard(self, reply: Reply) -> None:
        newest = await self._lineage.newest_in_thread(
            reply.team_id, reply.channel_id, reply.thread_ts or ""
        )
        if newest is None or newest.place.user_id != reply.user_id:
            return
        parts = await self._lineage.thread_parts(
            reply.team_id, reply.channel_id, reply.thread_ts or ""
        )
        if parts and newest.parent_id is None and len(_find_meant(newest, parts)) > 1:
            return  # nobody knows which one, and nobody has asked us
        above = await self._find_above(reply, newest)
        if above.blanked_at is not None:
            return
        reply = fit_files(reply, above)
        answer = await self._parse(reply, reply.text, above)
        change = answer.guess if isinstance(answer, Misunderstood) else answer
        if isinstance(change, Change):
            said = thread_texts.overheard(describe_change(change, len(reply.files)))
            await self._ask(reply, above, [said], change)

    async def _find_above(self, reply: Reply, newest: Generation) -> Generation:
        """What the reply changes: the newest of the thread, or what its person went back to since
        then."""
        taken_up = await self._lineage.find_taken_up(
            reply.team_id,
            reply.user_id,
            reply.channel_id,
            reply.thread_ts or "",
            newest.accepted_at,
        )
        return as_base(as_asked(taken_up or newest))

    async def _parse(self, reply: Reply, text: str, above: Generation) -> ReplyRead:
        try:
            policy = await self._policies.read(reply.team_id)
        except Transient:
            policy = Policy()
        seen = policy.seen_by(reply.user_id)
        return parse_reply(
            text,
            above.request,
            has_pictures=bool(reply.files),
            preset_names=tuple(each.name for each in seen.presets_in(reply.channel_id)),
            campaign_names=await read_campaigns(self._campaigns, reply.team_id, text),
        )

    async def _do(
        self, reply: Reply, answer: ReplyRead, above: Generation, version: int | None = None
    ) -> None:
        """What `answer`, of a reply to `above`, comes to; `version` where it was named."""
        doubts = _doubt_files(reply, above)
        has_room = count_references(reply, above) <= STYLE_IMAGES_MAX
        reply = fit_files(reply, above)
        match answer:
            case Change():
                change = _from_version(answer, version) or answer
                if doubts:
                    await self._ask(reply, above, doubts, change, is_offered=has_room)
                else:
                    await self._promise(reply, follow(reply, above, change, datetime.now(UTC)))
            case Misunderstood(guess=guess):
                said = [*doubts, answers.misunderstood(answer)]
                shown = _from_version(answer.shown, version)
                other = _from_version(answer.other, version) if has_room else None
                is_offered = has_room and guess is not None
                await self._ask(reply, above, said, shown, is_offered=is_offered, other=other)
            case AgainstSpec(request, violations, guess, brief=brief):
                said = doubts + [
                    thread_texts.prompt_grew_too_long(len(request.prompt or ""))
                    if broken.rule is Rule.PROMPT_TOO_LONG and brief is None
                    else sentence
                    for broken, sentence in zip(violations, answers.violations(answer), strict=True)
                ]
                shown = _from_version(answer.shown, version)
                is_offered = has_room and guess is not None
                await self._ask(reply, above, said, shown, is_offered=is_offered)
            case NotUnderstood(hint=hint):
                said = doubts or thread_texts.not_understood(
                    answers.misunderstood(hint) if hint else None
                )
                shown = with_typed(above, "" if hint else reply.text)
                await self._ask(reply, above, said, shown, is_offered=False)
            case Nothing():
                self._answer(reply, show_sentence(thread_texts.MAKES_NOTHING))
            case Press(Deed.VOTE):
                if self._answered.claim(f"vote:{reply.origin}"):
                    await self._start_vote(reply, above)
            case Press(deed):
                self._answer(reply, show_deed(thread_texts.deed(deed), above))
            case _:
                await self._ask(reply, above, thread_texts.not_understood(None), None)

    async def _ask(
        self,
        reply: Reply,
        above: Generation,
        sentences: list[str],
        change: Change | None,
        *,
        is_offered: bool = True,
        other: Change | None = None,
    ) -> None:
        """Ask back, once; without a `change` nothing was understood. `other` is what else may be
        made."""
        if reply.origin in self._answered:
            return

        def make(change: Change) -> NewGeneration:
            new = follow(reply, above, change, datetime.now(UTC))
            return replace(new, origin=f"asked:{new.origin}")

        message = await self._ask_back(
            make(change or Change(above.request, ())),
            sentences,
            is_offered=is_offered and change is not None,
            other=make(other) if other else None,
        )
        self._answer(reply, message)

    async def _do_in_brief(
        self, reply: Reply, answer: ReplyRead, newest: Generation, parts: Sequence[Generation]
    ) -> None:
        """The same, where several pictures stand that it may be meant for: which is asked."""
        meant = _find_meant(newest, parts)
        if len(meant) > 1 and isinstance(answer, Change | Misunderstood | AgainstSpec):
            self._answer(reply, show_sentence(thread_texts.which_part(len(meant), reply.text)))
        elif len(meant) > 1 or meant[0].id == newest.id:
            await self._do(reply, answer, newest)
        else:
            above = as_base(as_asked(meant[0]))
            await self._do(reply, await self._parse(reply, reply.text, above), above)

    async def _go_on_by_number(
        self,
        reply: Reply,
        parts: Sequence[Generation],
        newest: Generation,
        named: NamedPart,
    ) -> None:
        """From one of a brief. Where another one, or what was missing, stands in the same thread,
        a number may mean either."""
        if not _are_numbered(parts, newest):
            self._answer(reply, show_sentence(thread_texts.which_part(len(parts), reply.text)))
            return
        number = len(parts) if named.number == LAST else named.number
        await self._go_on(reply, parts, number, named.rest, reply.text)

    async def _take_up(
        self,
        reply: Reply,
        asked: TakeUp,
        newest: Generation,
        above: Generation,
        parts: Sequence[Generation],
    ) -> None:
        """Go back to an earlier version, or make a new one from it where more was said."""
        start = above if asked.steps_back else newest
        versions = await self._lineage.versions(start.id)
        if asked.steps_back:
            number = len(versions) - asked.steps_back
            if number < 1:
                said = [thread_texts.IS_FIRST_VERSION]
                shown = with_typed(above, asked.rest)
                await self._ask(reply, above, said, shown, is_offered=False)
                return
        else:
            number = asked.number or 0
        if parts and not asked.steps_back:  # as its messages number them
            named = NamedPart(number, asked.rest)
            await self._go_on_by_number(reply, parts, newest, named)
        else:
            await self._go_on(reply, versions, number, asked.rest, asked.typed)

    async def _go_on(
        self, reply: Reply, versions: Sequence[Generation], number: int, rest: str, typed: str
    ) -> None:
        """From one of them, by its number: with what else was said, if that is understood."""
        if not 1 <= number <= len(versions):
            there_are = thread_texts.versions_there_are(len(versions))
            problem = Misunderstood(Problem.NO_VERSION, typed, there_are)
            above = as_base(as_asked(versions[-1]))
            said = answers.misunderstood(problem)
            await self._ask(reply, above, [said], with_typed(above, rest), is_offered=False)
            return
        version = as_base(as_asked(versions[number - 1]))
        if version.blanked_at is not None:
            self._answer(reply, show_sentence(thread_texts.NOT_KEPT))
            return
        is_part = version.brief_id is not None  # its number is none of a version
        if rest or reply.files:
            answer = await self._parse(reply, rest, version)
            if not isinstance(answer, TakeUp | Help | NotUnderstood):
                await self._do(reply, answer, version, None if is_part else number)
                return
        await self._lineage.take_up(
            version, reply.user_id, reply.thread_ts or "", reply.channel_id, datetime.now(UTC)
        )
        at = (
            show_part(version, is_next=True, can_post=self._can_post)
            if is_part
            else show_taken_up(version, number)
        )
        self._answer(reply, at)

    async def _promise(self, reply: Reply, new: NewGeneration) -> None:
        try:
            await self._gate.accept(new, may_ask=True)
        except Rejected as error:
            self._answer(reply, await self._refuse(new, error))

    # What it is made of --------------------------------------------------------------------

    async def make_missing(self, action: MessageAction, generation: Generation) -> None:
        """Only as many as are missing. What is promised is on disk when this returns."""
        missing = generation.pictures_missing
        if missing and generation.pictures and self._is_kept(action, generation):
            request = generation.request.model_copy(update={"quantity": missing})
            # Once, however often and late it is pressed, unless that came to nothing.
            number = await self._lineage.count_vain(generation.id, "missing")
            said = thread_texts.MISSING_MADE_ALREADY
            await self._repeat(
                action, generation, request, f"missing:{generation.id}:{number}", said, MISSING
            )

    async def regenerate(self, action: MessageAction, generation: Generation) -> None:
        """The same once more: on disk when this returns. Two presses within a moment have the same
        origin, so they make one generation, whichever process they reach."""
        if not self._is_kept(action, generation):
            return
        before = datetime.now(UTC) - timedelta(seconds=PRESS_SECONDS)
        number = await self._lineage.count_presses(generation.id, "again", before)
        origin, said = f"again:{generation.id}:{number}", thread_texts.RUNS_ALREADY
        await self._repeat(action, generation, generation.request, origin, said)

    async def _repeat(
        self,
        action: MessageAction,
        generation: Generation,
        request: ImageRequest,
        origin: str,
        if_known: str,
        changed: str = ONCE_MORE,
    ) -> None:
        """The same once more, into the same thread. `if_known` is said if `origin` is promised."""
        new = repeat(generation, request, action, origin, datetime.now(UTC), changed)
        try:
            is_new = await self._gate.accept(new, may_ask=True)
        except Rejected as error:
            self._show(action, await self._refuse(new, error))
            return
        if not is_new:
            self._say(action, if_known)

    async def cancel_waiting(self, action: MessageAction, generation: Generation) -> None:
        """Only by its requester, and only while nothing was sent for it."""
        is_owner = generation.place.user_id == action.user.id
        if not (is_owner and await self._cancel(generation.id)):
            self._say(action, thread_texts.CANNOT_CANCEL)

    async def _open_with_thumbnails(self, action: MessageAction, show: Callable[..., View]) -> None:
        """Without thumbnails if Slack does not take them: one file that is gone is enough. What it
        refuses has not used the trigger."""
        try:
            await open_view(self._client, action, show())
        except Rejected as error:
            log.info("thumbnails.refused", detail=error.detail)
            await open_view(self._client, action, show(has_thumbnails=False))

    async def _offer_deletion(self, action: MessageAction, generation: Generation) -> None:
        if await may_delete(self._client, generation, action.user.id):
            view = show_deleting(generation, action.channel.id)
            await open_view(self._client, action, view)
        else:
            owner = generation_texts.mention(generation.place.user_id)
            self._say(action, thread_texts.may_not_delete(owner), is_mrkdwn=True)

    async def _delete(self, sent: ViewSent, generation: Generation) -> None:
        try:
            if await may_delete(self._client, generation, sent.user.id):
                # Noted first: no late picture comes after it, if the process ends in between.
                await self._lineage.mark_deleted(generation.id, sent.user.id, datetime.now(UTC))
                sheet = None
                if generation.brief_id is not None:
                    sheet = await self._lineage.find_sheet(generation.brief_id)
                await delete_result(self._client, generation, sent.user.id, sheet)
        except ImagineError as error:
            log.warning("result.delete_failed", cause=error.cause, detail=error.detail)
            await self._tell_sender(sent, generation, show_sentence(thread_texts.NOT_DELETED))

    async def _tell_sender(self, sent: ViewSent, generation: Generation, message: Message) -> None:
        channel_id, thread_ts = home_of(generation)
        await send_ephemeral(
            self._client,
            message,
            channel_id=channel_id,
            user_id=sent.user.id,
            thread_ts=thread_ts,
        )

    def _run(self, action: MessageAction, errand: Coroutine[Any, Any, None]) -> None:
        """Do it after the answer; where Slack does not, the person is told."""
        self._background.run(self._or_say(action, errand))

    async def _or_say(self, action: MessageAction, errand: Coroutine[Any, Any, None]) -> None:
        try:
            await errand
        except ImagineError as error:
            log.warning("click.failed", cause=error.cause, detail=error.detail)
            self._show(action, show_sentence(thread_texts.CLICK_FAILED))

    def _say(self, action: MessageAction, sentence: str, *, is_mrkdwn: bool = False) -> None:
        if action.is_in_modal and not is_mrkdwn:  # a message would stand behind it
            self._background.run(open_view(self._client, action, show_notice(sentence)))
        else:
            self._show(action, Message(sentence) if is_mrkdwn else show_sentence(sentence))

    def _show(self, action: MessageAction, message: Message) -> None:
        self._background.run(answer_press(self._client, action, message))

    def _answer(self, reply: Reply, message: Message) -> None:
        """Once, however often the message is delivered."""
        if not self._answered.claim(reply.origin):
            return
        self._background.run(
            send_ephemeral(
                self._client,
                message,
                channel_id=reply.channel_id,
                user_id=reply.user_id,
                thread_ts=reply.thread_ts,
            )
        )


def _from_version(change: Change | None, version: int | None) -> Change | None:
    """`change` with the version that it is made from, where one was named."""
    if change is None or version is None:
        return change
    named = Understood(Kind.FROM_VERSION, str(version))
    return replace(change, understood=(named, *change.understood))


def _doubt_files(reply: Reply, above: Generation) -> list[str]:
    """What is to be said of a reply's files before anything is paid; empty if all can be used."""
    said = [reference_texts.files_left_out(reply.attached.left_out)]
    number = count_references(reply, above)
    if number > STYLE_IMAGES_MAX:
        names = [file.name for file in reply.files]
        said.append(reference_texts.too_many_pictures(names, number - len(names)))
    return [each for each in said if each]


def _find_meant(newest: Generation, parts: Sequence[Generation]) -> list[Generation]:
    """Which of a thread with briefs a reply may be about that names none: what is there, or may
    come; if nothing does, what was asked for."""
    all_of_it = [*parts, *([] if newest.brief_id is not None else [newest])]
    return [each for each in all_of_it if each.state not in NOTHING_MADE] or all_of_it


def _are_numbered(parts: Sequence[Generation], newest: Generation) -> bool:
    """Whether a number means one of them and nothing else in their thread."""
    is_loose = newest.brief_id is None and newest.parent_id is None
    return len({part.brief_id for part in parts}) == 1 and not is_loose

"""What people do with votes: start one, vote, say what should change, close. None of it makes a
picture or costs a credit: nothing here reaches the gate. What a press is answered with is on disk.

Whoever may press the buttons of a result may vote, people of other companies included where an
admin has opened the channel to them (bot/slack/kit/outsiders.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import structlog
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.generations.pick import (
    Note,
    NoteKind,
    Round,
    Tally,
    Vote,
    Voted,
    count_votes,
    find_leaders,
    find_left,
    list_candidates,
    may_close,
)
from bot.generations.record import Generation
from bot.policy.book import PolicyBook
from bot.slack.kit.admins import Admins
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.calls import call_slack
from bot.slack.kit.ephemeral import answer_press, send_ephemeral
from bot.slack.kit.ids import VoteField
from bot.slack.kit.links import message_link
from bot.slack.kit.message import Message
from bot.slack.kit.modals import ViewState, open_view, show_notice
from bot.slack.kit.payloads import MessageAction, ViewSent
from bot.slack.kit.replies import Reply
from bot.slack.kit.sections import Section
from bot.slack.picks import texts
from bot.slack.picks.delivery import Decide
from bot.slack.picks.subject import Subjects
from bot.slack.picks.views import VoteContext, read_press, show_changes_form, show_choice

log = structlog.get_logger()


class Rounds(Protocol):
    """The rows (bot/store/picks.py). Raises Transient."""

    async def open(self, new: Round) -> tuple[Round, bool]: ...
    async def read(self, round_id: str) -> Round | None: ...
    async def vote(self, round_id: str, user_id: str, key: int, now: datetime) -> Voted: ...
    async def want_changes(self, round_id: str, note: Note) -> bool: ...
    async def want_shown(self, round_id: str) -> None: ...
    async def close(
        self, round_id: str, user_id: str | None, decide: Decide, now: datetime
    ) -> tuple[Round | None, bool]: ...


class PickService:
    """One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        background: BackgroundTasks,
        rounds: Rounds,
        subjects: Subjects,
        wake: Callable[[str], None],
        policies: PolicyBook,
        admins: Admins,
        workspace_url: Callable[[], str | None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`wake` shows a round as it stands now, soon (delivery.py)."""
        self._client = client
        self._background = background
        self._rounds = rounds
        self._subjects = subjects
        self._wake = wake
        self._policies = policies
        self._admins = admins
        self._workspace_url = workspace_url
        self._clock = clock

    # Starting ------------------------------------------------------------------------------

    @property
    def section(self) -> Section:
        """Pick, in "More…"."""
        return Section(texts.PICK, _describe, self.start)

    async def start(self, action: MessageAction, generation: Generation) -> None:
        """Open a vote on a result, or on the whole brief that it is a part of; if one is open, say
        where."""
        said = await self._start(generation, action.user.id, has_link=not action.is_in_modal)
        if action.is_in_modal:
            view = show_notice(said or texts.STARTED)
            self._background.run(open_view(self._client, action, view))
        elif said is not None:
            self._show(action, said)

    async def start_in_words(self, reply: Reply, generation: Generation) -> None:
        """The same, asked for in a thread."""
        said = await self._start(generation, reply.user_id)
        if said is not None:
            self._background.run(
                send_ephemeral(
                    self._client,
                    Message(said),
                    channel_id=reply.channel_id,
                    user_id=reply.user_id,
                    thread_ts=reply.thread_ts,
                )
            )

    async def _start(
        self, generation: Generation, user_id: str, *, has_link: bool = True
    ) -> str | None:
        """What its person is to be told, with a link if plain text won't do; None where the vote
        itself says it all."""
        subject = await self._subjects.find(generation)
        candidates = list_candidates(subject.made)
        if not candidates or generation.blanked_at is not None:
            return texts.NO_PICTURES
        new = Round(
            id=str(uuid.uuid4()),
            team_id=generation.place.team_id,
            generation_id=subject.anchor.id,
            brief_id=subject.anchor.brief_id if subject.brief else None,
            channel_id=subject.channel_id,
            thread_ts=subject.thread_ts,
            opened_by=user_id,
            opened_at=self._clock(),
            candidates=candidates,
        )
        opened, is_new = await self._rounds.open(new)
        if not is_new:
            await self._rounds.want_shown(opened.id)
        self._wake(opened.id)
        log.info("vote.opened", round=opened.id, pictures=len(candidates), is_new=is_new)
        return None if is_new else texts.open_already(self._link(opened) if has_link else None)

    def _link(self, round_: Round) -> str | None:
        url = self._workspace_url()
        if url is None or round_.message_ts is None:
            return None
        return message_link(url, round_.channel_id, round_.message_ts, round_.thread_ts)

    # Voting --------------------------------------------------------------------------------

    async def vote(self, action: MessageAction, generation: Generation) -> None:
        """A number was pressed: the vote is on disk when this returns."""
        round_, key = await self._find(action, generation)
        candidate = None if round_ is None else round_.find(key)
        if round_ is None or candidate is None:
            self._show(action, texts.GONE)
            return
        subject = await self._subjects.find(generation)
        if not find_left([candidate], subject.made):
            self._show(action, texts.PICTURE_GONE)
            return
        voted = await self._rounds.vote(round_.id, action.user.id, key, self._clock())
        if voted is not Voted.CLOSED:
            self._wake(round_.id)
        called = texts.picture_called(candidate, subject)
        self._background.run(self._whisper(action, texts.pressed(voted, called)))

    async def _whisper(self, action: MessageAction, sentence: str) -> None:
        """Once, and only if Slack has room for it: of hundreds of votes in a minute the message
        itself tells, and nobody waits for this."""
        pressed = action.message
        await call_slack(
            self._client.chat_postEphemeral,
            channel=action.channel.id,
            user=action.user.id,
            thread_ts=(pressed.thread_ts or pressed.ts) if pressed else None,
            **show_sentence(sentence).to_dict(),
        )

    async def offer_changes(self, action: MessageAction, generation: Generation) -> None:
        """Changes wanted: which?"""
        round_, _ = await self._find(action, generation)
        if round_ is None or not round_.is_open:
            self._show(action, texts.GONE if round_ is None else texts.OVER)
            return
        view = show_changes_form(round_, action.channel.id)
        self._background.run(open_view(self._client, action, view))

    async def want_changes(
        self, sent: ViewSent, generation: Generation
    ) -> View | dict[str, str] | None:
        """They were said: on disk when this returns, once however often it is sent."""
        typed = ViewState.of(sent.view.state).typed(VoteField.CHANGES).strip()
        if not typed:
            return {VoteField.CHANGES.value: texts.WRITE_ONE_SENTENCE}
        round_id = VoteContext.read(sent.view.private_metadata).round_id
        text = typed[: texts.CHANGES_MAX]
        note = Note(sent.view.id, sent.user.id, NoteKind.CHANGES, text, self._clock())
        round_ = await self._read(round_id, generation)
        if round_ is None or not await self._rounds.want_changes(round_id, note):
            return show_notice(texts.OVER)
        self._wake(round_id)
        return None

    # Closing -------------------------------------------------------------------------------

    async def close(self, action: MessageAction, generation: Generation) -> None:
        """Close it, if one picture leads: it is chosen when this returns. Else who closes it is
        asked."""
        round_, _ = await self._find(action, generation)
        if round_ is None or not round_.is_open:
            self._show(action, texts.GONE if round_ is None else texts.OVER)
            return
        if not await self._may_close(generation, action.user.id):
            self._show(action, texts.may_not_close(generation.place.user_id))
            return
        subject = await self._subjects.find(generation)
        left = find_left(round_.candidates, subject.made)

        def decide(votes: tuple[Vote, ...]) -> tuple[int, ...] | None:
            leaders = find_leaders(count_votes(left, votes))
            if not left:
                return ()  # all were deleted
            return (leaders[0].key,) if len(leaders) == 1 else None

        found, is_closed = await self._rounds.close(
            round_.id, action.user.id, decide, self._clock()
        )
        if is_closed or found is None or not found.is_open:
            self._end(round_.id, action, is_closed=is_closed)
            return
        offered = _offer(count_votes(left, found.votes))
        view = show_choice(found, subject, offered, action.channel.id)
        self._background.run(open_view(self._client, action, view))

    async def choose(self, sent: ViewSent, generation: Generation) -> View | dict[str, str] | None:
        """Who closes it has chosen, of those that had most votes. Who may is looked at again."""
        round_id = VoteContext.read(sent.view.private_metadata).round_id
        if not await self._may_close(generation, sent.user.id):
            return show_notice(texts.NOT_ALLOWED)
        chosen = {
            int(each)
            for each in ViewState.of(sent.view.state).options(VoteField.WINNERS)
            if each.isdecimal()
        }
        before = await self._read(round_id, generation)
        if before is None:
            return show_notice(texts.GONE)
        left = find_left(before.candidates, (await self._subjects.find(generation)).made)

        def decide(votes: tuple[Vote, ...]) -> tuple[int, ...] | None:
            offered = {each.candidate.key for each in _offer(count_votes(left, votes))}
            return tuple(sorted(chosen)) if chosen <= offered else None

        found, is_closed = await self._rounds.close(round_id, sent.user.id, decide, self._clock())
        if is_closed:
            self._wake(round_id)
            log.info("vote.closed", round=round_id)
            return None
        if found is not None and found.is_open:
            return {VoteField.WINNERS.value: texts.VOTES_CHANGED}
        return show_notice(texts.OVER)

    def _end(self, round_id: str, action: MessageAction, *, is_closed: bool) -> None:
        self._wake(round_id)
        if is_closed:
            log.info("vote.closed", round=round_id)
        else:
            self._show(action, texts.OVER)

    async def _may_close(self, generation: Generation, user_id: str) -> bool:
        """Who asked, approvers and admins; where nobody can say who these are, they are not."""
        team_id = generation.place.team_id
        policy = await self._policies.read(team_id, fresh=True)
        if may_close(generation.place.user_id, policy.settings.approvers, user_id):
            return True
        try:
            return await self._admins.is_admin(team_id, user_id)
        except ImagineError as error:
            log.warning("admin.unknown", cause=error.cause, detail=error.detail)
            return False

    # ---------------------------------------------------------------------------------------

    async def _find(
        self, action: MessageAction, generation: Generation
    ) -> tuple[Round | None, int]:
        """The round of a button, and the key on it."""
        key, round_id, _ = read_press(action.actions[0].value)
        return await self._read(round_id, generation), key

    async def _read(self, round_id: str, generation: Generation) -> Round | None:
        """None where it is none of `generation`, by which it was looked at whose a press is."""
        round_ = await self._rounds.read(round_id)
        if round_ is None or round_.generation_id != generation.id:
            return None
        return round_

    def _show(self, action: MessageAction, mrkdwn: str) -> None:
        self._background.run(answer_press(self._client, action, Message(mrkdwn)))


def _describe(generation: Generation) -> str:
    return texts.SECTION if generation.pictures and generation.deleted_at is None else ""


def _offer(tallies: tuple[Tally, ...]) -> tuple[Tally, ...]:
    """What may be chosen where there is no one leader: those that tie, or all without a vote."""
    leaders = find_leaders(tallies)
    return tuple(each for each in tallies if not leaders or each.candidate in leaders)

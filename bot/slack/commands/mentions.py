"""What is said to the bot that changes no picture: a mention outside a thread, plain words in a
direct message. A clear prompt does what the command does; what is not clear is asked, privately."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Rejected, Transient
from bot.generations.record import NewGeneration, Place, Sources
from bot.images.brief import Spread
from bot.images.catalogue import STYLE_IMAGES_MAX
from bot.images.command import (
    AgainstSpec,
    Command,
    Generate,
    Help,
    Misunderstood,
    OpenForm,
)
from bot.images.list_message import parse_list_message
from bot.images.meaning import Change, Kind, Problem, Understood
from bot.images.message import Chat, Unsure, parse_message
from bot.images.message import Message as MessageRead
from bot.images.request import ImageRequest
from bot.policy.book import PolicyBook
from bot.policy.choices import Choice
from bot.policy.policy import Policy
from bot.slack.commands import texts
from bot.slack.commands.service import Known, find_known, offer_command
from bot.slack.kit import answer_texts as answers
from bot.slack.kit import list_texts, reference_texts
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.answer_views import show_sentence, show_usage
from bot.slack.kit.answered import Answered
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.briefs import with_brief
from bot.slack.kit.campaigns import Campaigns, read_campaigns
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.ids import CommandName
from bot.slack.kit.message import Message
from bot.slack.kit.payloads import SlashCommand
from bot.slack.kit.ports import Ask, Gate, Refuse
from bot.slack.kit.prompt_lists import ListReader
from bot.slack.kit.replies import Reply
from bot.slack.kit.text import NOTHING_SPENT
from bot.slack.kit.understood_texts import understood as describe_understood

_POLICY_SECONDS: Final = 0.5
# Of so many words, thanks or a greeting are nothing that a form could begin with.
_GREETING_WORDS: Final = 3

# What would change a picture, or names options and nothing to be drawn.
_OF_VERSIONS: Final = (Problem.COMMAND_WORD, Problem.ONLY_OPTIONS)
# What a word such as `credits` does (CommandService.answer_word).
AnswerWord = Callable[[SlashCommand, Command, str], Awaitable[Message | None]]


class MentionService:
    """One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        background: BackgroundTasks,
        gate: Gate,
        policies: PolicyBook,
        ask: Ask,
        refuse: Refuse,
        answer_word: AnswerWord,
        lists: ListReader,
        campaigns: Campaigns,
    ) -> None:
        self._lists = lists
        self._client = client
        self._background = background
        self._gate = gate
        self._policies = policies
        self._ask_back = ask
        self._refuse = refuse
        self._answer_word = answer_word
        self._campaigns = campaigns
        self._answered = Answered()

    async def take(self, reply: Reply) -> None:
        """Do what `reply` asks for. What is promised is on disk when this returns, and its pictures
        come into the thread of the message; what is not sure is asked privately, and costs
        nothing."""
        policy = await self._read_policy(reply.team_id)
        names = await read_campaigns(self._campaigns, reply.team_id, reply.text)
        known = find_known(policy, _as_command(reply), names)
        if reply.lists:
            await self._take_list(reply, policy, known)
            return
        read = parse_message(
            reply.text, before=reply.before, names_people=reply.names_people, **known
        )
        doubts = _doubt_files(reply)
        match read:
            case Generate(change=change) if not doubts and reply.thread_ts is None:
                await self._promise(reply, change)
            case Generate(change=change):
                said = doubts or [texts.NOTHING_IN_THREAD]
                await self._ask(reply, said, change)
            case Unsure(change):
                unsure = texts.UNSURE if reply.thread_ts is None else texts.NOTHING_IN_THREAD
                await self._ask(reply, [*doubts, unsure], change)
            case Misunderstood(problem=problem, suggestion=None) if problem in _OF_VERSIONS:
                said = [*doubts, _find_hint(reply, Chat())]
                await self._ask(reply, said, _as_typed(reply), is_offered=False)
            case Misunderstood(guess=guess, other=other) as answer:
                said = [*doubts, answers.misunderstood(answer)]
                shown = answer.shown or _as_typed(reply)
                await self._ask(
                    reply, said, shown, is_offered=guess is not None, other=other, doubted=answer
                )
            case AgainstSpec(guess=guess) as against:
                said = doubts + answers.violations(against)
                await self._ask(reply, said, against.shown, is_offered=guess is not None)
            case Chat() | OpenForm():
                is_long = len(reply.text.split()) > _GREETING_WORDS
                shown = _as_typed(reply) if is_long else Change(ImageRequest(), ())
                said = [*doubts, _find_hint(reply, read)]
                await self._ask(reply, said, shown, is_offered=False)
            case _:
                await self._do_word(reply, read)

    async def _take_list(self, reply: Reply, policy: Policy, known: Known) -> None:
        """A file with prompts: all of them, if all are good; else what is wrong, with the good ones
        to be made by a button."""
        if reply.origin in self._answered:
            return
        file, *others = reply.lists
        seen = policy.seen_by(reply.user_id)
        names = [preset.name for preset in seen.presets_in(reply.channel_id)]
        listed = None if others else await self._lists.read(file, names)
        if listed is None or listed.is_hopeless:
            why = texts.ONE_LIST if others else list_texts.UNREADABLE
            why = list_texts.faults(listed, is_file=True) if listed else why
            self._answer(reply, show_sentence(f"{why} {NOTHING_SPENT}"))
            return
        asked = parse_list_message(
            reply.text, listed, file_id=file.file_id, file_name=file.name, **known
        )
        first = next(iter(asked.problems), None)
        is_clear = bool(reply.text.strip()) and not (reply.names_people or reply.before.strip())
        said = [
            *_doubt_files(reply),
            "" if is_clear else texts.LIST_UNSURE,
            list_texts.faults(listed, is_file=True) if listed.faults else "",
            answers.misunderstood(first) if first else "",
            texts.words_left_out(asked.lost) if asked.lost else "",
            list_texts.ignored(listed),
        ]
        doubts = [each for each in said if each]
        if not doubts:
            await self._promise(reply, asked.change)
            return
        brief = asked.change.brief
        is_offered = brief is None or not brief.is_too_large
        other = first.other if first else None
        await self._ask(
            reply, doubts, asked.change, is_offered=is_offered, other=other, spread=asked.spread
        )

    async def _do_word(self, reply: Reply, word: Command) -> None:
        """`help`, `credits` and the like; people of other companies are only helped."""
        if reply.origin in self._answered:
            return
        if not reply.is_member:
            is_help = isinstance(word, Help)
            plain = show_usage(Policy(), _as_command(reply))
            self._answer(reply, plain if is_help else show_sentence(refusals.MEMBERS_ONLY))
            return
        answer = await self._answer_word(_as_command(reply), word, reply.text)
        if answer is None:
            self._answered.claim(reply.origin)
        else:
            self._answer(reply, answer)

    async def _promise(self, reply: Reply, change: Change) -> None:
        new = _make_new(reply, change)
        try:
            await self._gate.accept(new, may_ask=True)
        except Rejected as error:
            self._answer(reply, await self._refuse(new, error))

    async def _ask(
        self,
        reply: Reply,
        sentences: list[str],
        change: Change,
        *,
        is_offered: bool = True,
        other: Change | None = None,
        spread: Spread | None = None,
        doubted: Misunderstood | None = None,
    ) -> None:
        """Ask back, once: with the form, which holds `change`, and a button that makes it if it
        `is_offered` (and one for the `other`); however often that is pressed, one is made. `spread`
        is the list that it is about."""
        if reply.origin in self._answered:
            return

        def make(change: Change) -> NewGeneration:
            new = _make_new(reply, change)
            return replace(new, origin=f"asked:{new.origin}", spread=new.spread or spread)

        message = await self._ask_back(
            make(change),
            sentences,
            is_offered=is_offered,
            other=make(other) if other else None,
        )
        if doubted is not None and reply.is_member:
            message = offer_command(message, doubted, reply.text)
        self._answer(reply, message)

    async def _read_policy(self, team_id: str) -> Policy:
        """What is set, as far as words are read by it."""
        try:
            async with asyncio.timeout(_POLICY_SECONDS):
                return await self._policies.read(team_id)
        except (Transient, TimeoutError):
            return Policy()

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


def _as_command(reply: Reply) -> SlashCommand:
    """The same as a command, but for what only Slack's own commands have."""
    return SlashCommand(
        team_id=reply.team_id,
        channel_id=reply.channel_id,
        user_id=reply.user_id,
        command=CommandName.IMAGINE,
        trigger_id="",
    )


def _as_typed(reply: Reply) -> Change:
    """The words as they are: what was not understood is mended in the form."""
    return Change(ImageRequest(prompt=reply.text), ())


def _make_new(reply: Reply, change: Change) -> NewGeneration:
    options, files = change.options, reply.files[:STYLE_IMAGES_MAX]
    if files:
        named = Understood(Kind.REFERENCES)
        change = replace(change, understood=(*change.understood, named))
    new = NewGeneration(
        id=str(uuid.uuid4()),
        origin=reply.origin,
        place=Place(
            reply.team_id,
            reply.channel_id,
            reply.user_id,
            thread_ts=reply.thread_ts or reply.ts,
        ),
        request=change.request,
        accepted_at=datetime.now(UTC),
        sources=Sources(references=files),
        understood=describe_understood(change, len(files)) or None,
        campaign=options.campaign,
        choice=Choice(options.said, options.preset, has_defaults=True),
    )
    return with_brief(new, change.brief)


def _doubt_files(reply: Reply) -> list[str]:
    """What is to be said of a message's files before anything is paid."""
    said = [reference_texts.files_left_out(reply.attached.left_out)]
    if len(reply.files) > STYLE_IMAGES_MAX:
        said.append(reference_texts.too_many_pictures([each.name for each in reply.files], 0))
    return [each for each in said if each]


def _find_hint(reply: Reply, read: MessageRead) -> str:
    if reply.thread_ts is not None and isinstance(read, Chat):
        return texts.NOTHING_IN_THREAD
    if reply.files:
        return texts.SAY_WHAT
    return texts.hint(is_direct=reply.is_direct)

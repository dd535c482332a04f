"""What a command leads to: a promise on disk, or a private answer. One call per listener."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol, TypedDict

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected, Transient
from bot.generations.record import InDoubt, NewGeneration, Place
from bot.images.catalogue import Model
from bot.images.command import (
    AgainstSpec,
    Command,
    Generate,
    Help,
    Misunderstood,
    OpenForm,
    ShowCredits,
    ShowHistory,
    ShowPresets,
    ShowUsage,
    UsageMisunderstood,
    parse_command,
)
from bot.images.find import Find, FindMisunderstood, guess_find
from bot.images.meaning import Change, Problem
from bot.images.request import ImageRequest
from bot.images.usage import guess_usage
from bot.policy.book import PolicyBook
from bot.policy.choices import Choice, find_unsaid
from bot.policy.policy import Policy
from bot.slack.commands.preset_views import show_presets
from bot.slack.kit import answer_texts as answers
from bot.slack.kit import preset_texts
from bot.slack.kit.answer_views import (
    show_in_doubt,
    show_not_saved,
    show_sentence,
    show_usage,
    show_usage_misunderstanding,
    with_command,
)
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.briefs import with_brief
from bot.slack.kit.campaigns import Campaigns, read_campaigns
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.ids import CommandName
from bot.slack.kit.message import Message
from bot.slack.kit.message_content import read_typed
from bot.slack.kit.names import Names
from bot.slack.kit.payloads import MessageAction, SlashCommand
from bot.slack.kit.ports import Ask, Gate, Refuse
from bot.slack.kit.understood_texts import understood as describe_understood

_BALANCE_SECONDS = 60.0
_POLICY_SECONDS = 0.5


class Known(TypedDict):
    """What `parse_command` is told."""

    preset_names: tuple[str, ...]
    model: Model
    campaign_names: tuple[str, ...]


class LibrarySearch(Protocol):
    """What `find` does (bot/slack/library/service.py)."""

    def find(self, command: SlashCommand, find: Find) -> None:
        """Show what was found, after the answer."""

    def explain(self, answer: FindMisunderstood) -> Message:
        """What of it is not understood."""


log = structlog.get_logger()


class CommandService:
    """Takes orders from Slack. One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        background: BackgroundTasks,
        gate: Gate,
        ask_balance: Callable[[], Awaitable[float]],
        policies: PolicyBook,
        names: Names,
        ask: Ask,
        refuse: Refuse,
        open_form: Callable[[SlashCommand], None],
        show_history: Callable[[SlashCommand], None],
        report: Callable[[SlashCommand, ShowUsage], None],
        campaigns: Campaigns,
        library: LibrarySearch,
    ) -> None:
        """`open_form` and what follows is what other features do with a command."""
        self._library = library
        self._gate = gate
        self._ask_balance = ask_balance
        self._open_form = open_form
        self._show_history = show_history
        self._client = client
        self._background = background
        self._policies = policies
        self._names = names
        self._report = report
        self._ask_back = ask
        self._refuse = refuse
        self._campaigns = campaigns

    async def take_command(self, command: SlashCommand) -> Message | None:
        """Do what `command` asks for. What is returned is for its person alone; None where
        everybody will see the answer, or where it comes later."""
        typed = read_typed(command.text)
        self._names.note_channel(command.channel_id, command.channel_name)
        policy = await self._read_policy(command.team_id)
        try:
            names = await read_campaigns(self._campaigns, command.team_id, typed)
        except Transient as error:
            log.error("campaigns.unread", cause=error.cause)
            return show_not_saved(typed)
        match parse_command(typed, **find_known(policy, command, names)):
            case Generate(change=change):
                return await self._promise(command, _make_new(command, change), typed)
            case OpenForm():
                self._open_form(command)
                return None
            case Misunderstood() as answer:
                said = [answers.misunderstood(answer)]
                return offer_command(await self._ask(command, said, answer, typed), answer, typed)
            case AgainstSpec() as answer:
                return await self._ask(command, answers.violations(answer), answer, typed)
            case word:
                return await self.answer_word(command, word, typed)

    async def answer_word(self, command: SlashCommand, word: Command, typed: str) -> Message | None:
        """Do what a word such as `credits` asks for; see `take_command`."""
        match word:
            case ShowCredits():
                self._background.run(self._tell_balance(command))
            case ShowHistory():
                self._show_history(command)
            case ShowPresets():
                self._background.run(self._tell_presets(command))
            case ShowUsage():
                self._report(command, word)
            case UsageMisunderstood():
                return show_usage_misunderstanding(word, typed)
            case Find():
                self._library.find(command, word)
            case FindMisunderstood():
                return self._library.explain(word)
            case _:
                return show_usage(await self._find_policy(command.team_id), command)
        return None

    async def run_command(self, action: MessageAction) -> None:
        """The button with the right spelling of a command: what costs nothing, and nothing else."""
        typed = action.actions[0].value or ""
        word = parse_command(typed)
        if not isinstance(word, ShowCredits | ShowHistory | ShowPresets | ShowUsage | Help | Find):
            log.warning("command.refused")
            return
        command = SlashCommand(
            team_id=action.team_id,
            channel_id=action.channel.id,
            user_id=action.user.id,
            command=CommandName.IMAGINE,
            trigger_id="",
            response_url=action.response_url,
        )
        if (answer := await self.answer_word(command, word, typed)) is not None:
            self._background.run(self._answer(command, answer))

    async def _ask(
        self,
        command: SlashCommand,
        sentences: list[str],
        answer: Misunderstood | AgainstSpec,
        typed: str,
    ) -> Message:
        """What was not sure is asked back, with what was understood of it, if anything."""

        def make(change: Change) -> NewGeneration:
            new = _make_new(command, change)
            return replace(new, origin=f"asked:{new.origin}")

        other = answer.other if isinstance(answer, Misunderstood) else None
        return await self._ask_back(
            make(answer.shown or Change(ImageRequest(prompt=typed), ())),
            sentences,
            is_offered=answer.guess is not None,
            typed=typed,
            other=make(other) if other else None,
        )

    async def _promise(
        self, command: SlashCommand, new: NewGeneration, typed: str
    ) -> Message | None:
        try:
            await self._gate.accept(new, may_ask=True)
        except InDoubt:
            return show_in_doubt(typed)
        except Transient as error:
            log.error("request.not_saved", cause=error.cause)
            return show_not_saved(typed)
        except Rejected as error:
            return await self._refuse(new, error, typed=typed)
        return None

    async def _tell_presets(self, command: SlashCommand) -> None:
        try:
            policy = await self._policies.read(command.team_id, fresh=True)
        except Transient as error:
            log.error("presets.read_failed", cause=error.cause)
            await self._answer(command, show_sentence(preset_texts.PRESETS_UNREAD))
            return
        forms = [
            show_presets(policy, command.channel_id, command.user_id, has_thumbnails=has_thumbnails)
            # One picture that is not in Slack any more, and Slack refuses all of it.
            for has_thumbnails in (True, False)
        ]
        await self._answer(command, *forms)

    async def _read_policy(self, team_id: str) -> Policy:
        """What is set, as far as words are read by it: what is promised is held against the newest
        one anyway."""
        try:
            async with asyncio.timeout(_POLICY_SECONDS):
                return await self._policies.read(team_id)
        except (Transient, TimeoutError):
            return Policy()

    async def _find_policy(self, team_id: str) -> Policy:
        """What is set, as far as help mentions it; nothing, where the database is away."""
        try:
            return await self._policies.read(team_id, fresh=True)
        except Transient as error:
            log.warning("policy.read_failed", cause=error.cause)
            return Policy()

    async def _tell_balance(self, command: SlashCommand) -> None:
        try:
            async with asyncio.timeout(_BALANCE_SECONDS):
                text = answers.balance(await self._ask_balance())
        except TimeoutError:
            text = answers.balance_unavailable(None)
        except ImagineError as error:
            log.error("balance.unavailable", cause=error.cause, detail=error.detail)
            text = answers.balance_unavailable(error.cause)
        await self._answer(command, show_sentence(text))

    async def _answer(self, command: SlashCommand, *forms: Message) -> None:
        await send_ephemeral(
            self._client,
            *forms,
            channel_id=command.channel_id,
            user_id=command.user_id,
            response_url=command.response_url,
        )


def offer_command(asked: Message, answer: Misunderstood, typed: str) -> Message:
    """`asked` with a button that runs the command that may have been meant, if any."""
    if answer.problem is not Problem.COMMAND_WORD or answer.suggestion is None:
        return asked
    guess = {"usage": guess_usage, "find": guess_find}.get(answer.suggestion)
    return with_command(asked, guess(typed) if guess else answer.suggestion)


def find_known(policy: Policy, command: SlashCommand, campaigns: tuple[str, ...]) -> Known:
    """What the workspace's names and the person's defaults say of a command's words."""
    seen = policy.seen_by(command.user_id)
    presets = tuple(preset.name for preset in seen.presets_in(command.channel_id))
    unsaid = ImageRequest()
    if policy.version:
        unsaid = find_unsaid(policy, channel_id=command.channel_id, user_id=command.user_id)
    return {"preset_names": presets, "model": unsaid.model, "campaign_names": campaigns}


def _make_new(command: SlashCommand, change: Change) -> NewGeneration:
    options = change.options
    new = NewGeneration(
        id=str(uuid.uuid4()),
        origin=f"command:{command.team_id}:{command.trigger_id}",
        place=Place(command.team_id, command.channel_id, command.user_id, command.response_url),
        request=change.request,
        accepted_at=datetime.now(UTC),
        understood=describe_understood(change) or None,
        campaign=options.campaign,
        choice=Choice(options.said, options.preset, has_defaults=True, show=options.show),
    )
    return with_brief(new, change.brief)

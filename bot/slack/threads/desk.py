"""What people do with results: once more, edited, by a reply in words, shared, deleted, judged.

Buttons carry an id and the generation is in the store, so all of it works after a restart, for
anyone in the conversation, for as long as the thread exists.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import structlog
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.generations.money import pictures_missing
from bot.generations.record import Generation, NewGeneration, Place, Sources
from bot.images.reply import Change, Forbidden, Misunderstood, NotUnderstood, parse_reply
from bot.images.request import ImageRequest, Rule
from bot.slack import words
from bot.slack.calling import call_slack
from bot.slack.errands import Errands
from bot.slack.forms.desk import Door, FormDesk
from bot.slack.forms.values import Reference, values_of
from bot.slack.ids import ActionId, MenuChoice, Opinion, PickField
from bot.slack.payloads import MessageAction, SlashCommand, ViewSent
from bot.slack.threads.deletion import delete_result, may_delete
from bot.slack.threads.replies import Reply
from bot.slack.views.answers import show_sentence
from bot.slack.views.history import HISTORY_PAGE, show_history
from bot.slack.views.message import Message
from bot.slack.views.picking import (
    show_deleting,
    show_picking,
    show_sharing,
    shown_pictures,
)
from bot.slack.views.thread import show_examples, show_shared
from bot.slack.whispers import respond, whisper

# Two presses within this time are one.
PRESS_SECONDS: Final = 5.0
_ANSWERED_KEPT: Final = 2000

log = structlog.get_logger()


class Generations(Protocol):
    """The rows (bot/store/generations.py)."""

    async def read(self, generation_id: str) -> Generation:
        """KeyError where there is none."""


class Lineage(Protocol):
    """How generations hang together (bot/store/lineage.py)."""

    async def newest_in_thread(
        self, team_id: str, channel_id: str, thread_ts: str
    ) -> Generation | None: ...
    async def count_children(self, parent_id: str, before: datetime) -> int: ...
    async def history(
        self, team_id: str, user_id: str, before: datetime | None, limit: int
    ) -> list[Generation]: ...
    async def mark_deleted(self, generation_id: str, user_id: str, now: datetime) -> bool: ...
    async def keep_opinion(
        self, generation_id: str, user_id: str, opinion: str, now: datetime
    ) -> None: ...


class ThreadDesk:
    """One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        door: Door,
        generations: Generations,
        lineage: Lineage,
        form: FormDesk,
        errands: Errands,
        workspace_url: Callable[[], str | None],
    ) -> None:
        self._client = client
        self._door = door
        self._generations = generations
        self._lineage = lineage
        self._form = form
        self._errands = errands
        self._workspace_url = workspace_url
        self._answered: OrderedDict[str, None] = OrderedDict()

    # Buttons -------------------------------------------------------------------------------

    async def press(self, action: MessageAction) -> None:
        """Regenerate, Make the missing, or Edit. What is promised is on disk when this returns."""
        pressed = action.actions[0]
        generation = await self._find(action, pressed.value or "")
        if generation is None:
            return
        match pressed.action_id:
            case ActionId.EDIT:
                self._form.open_for_edit(action, generation)
            case ActionId.MAKE_MISSING:
                missing = max(1, pictures_missing(generation))
                request = generation.request.model_copy(update={"quantity": missing})
                await self._repeat(action, generation, request, "missing")
            case _:
                await self._repeat(action, generation, generation.request, "again")

    async def choose_from_menu(self, action: MessageAction) -> None:
        """The menu under a result: each choice opens something, and nothing is done yet."""
        choice, _, generation_id = action.actions[0].chosen.partition(":")
        generation = await self._find(action, generation_id)
        if generation is None:
            return
        if choice == MenuChoice.DELETE:
            self._errands.run(self._offer_deletion(action, generation))
        elif not shown_pictures(generation):
            self._say(action, words.nothing_to_share())
        elif choice == MenuChoice.SHARE:
            self._errands.run(self._open(action.trigger_id, show_sharing(generation)))
        elif len(shown_pictures(generation)) > 1:
            self._errands.run(self._open(action.trigger_id, show_picking(generation)))
        else:
            position = shown_pictures(generation)[0].position
            values = _values_like(generation, position)
            self._form.open_for_edit(action, generation, values=values)

    async def give_opinion(self, action: MessageAction) -> None:
        """Thumbs up or down, kept with the generation."""
        opinion, _, generation_id = (action.actions[0].value or "").partition(":")
        generation = await self._find(action, generation_id)
        if generation is not None and opinion in set(Opinion):
            now = datetime.now(UTC)
            await self._lineage.keep_opinion(generation.id, action.user.id, opinion, now)
            log.info("opinion", generation=generation.id, opinion=opinion)

    # Small modals --------------------------------------------------------------------------

    async def pick_picture(self, sent: ViewSent) -> View:
        """More like the chosen one: the form, in this modal's place."""
        generation = await self._generations.read(sent.view.private_metadata)
        values = _values_like(generation, _picked(sent, generation))
        return await self._form.view_for_edit(generation, values)

    async def share(self, sent: ViewSent) -> None:
        """The chosen picture in the chosen channel, after the answer."""
        generation = await self._generations.read(sent.view.private_metadata)
        self._errands.run(self._share(sent, generation))

    async def delete(self, sent: ViewSent) -> None:
        """Take message and files away, after the answer; who may is looked at again."""
        generation = await self._generations.read(sent.view.private_metadata)
        self._errands.run(self._delete(sent, generation))

    # Words ---------------------------------------------------------------------------------

    async def take_reply(self, reply: Reply) -> None:
        """Change the newest generation above by what the reply says. What is promised is on disk
        when this returns; what is not understood is answered privately, and costs nothing."""
        above = None
        if reply.thread_ts is not None:
            above = await self._lineage.newest_in_thread(
                reply.team_id, reply.channel_id, reply.thread_ts
            )
        if above is None:
            is_lost = reply.is_direct and reply.thread_ts is None
            sentence = words.direct_message_help() if is_lost else words.nothing_in_thread()
            self._answer(reply, show_sentence(sentence))
            return
        answer = parse_reply(reply.text, above.request, has_pictures=bool(reply.files))
        match answer:
            case Change():
                await self._accept(_changed(reply, above, answer))
            case Misunderstood() | NotUnderstood(hint=Misunderstood()):
                hint = answer if isinstance(answer, Misunderstood) else answer.hint
                sentence = words.misunderstood(hint) if hint else words.reply_not_understood()
                self._answer(reply, show_examples(sentence))
            case Forbidden(request, violations):
                said = [
                    words.prompt_grew_too_long(len(request.prompt or ""))
                    if broken.rule is Rule.PROMPT_TOO_LONG
                    else f"{words.violation(broken, request)} {words.NOTHING_SPENT}"
                    for broken in violations
                ]
                self._answer(reply, show_sentence("\n".join(said)))
            case _:
                self._answer(reply, show_examples(words.reply_not_understood()))

    # History -------------------------------------------------------------------------------

    async def show_history(self, command: SlashCommand) -> Message:
        """The person's last generations."""
        return await self._history_page(command.team_id, command.user_id, None)

    async def show_older(self, action: MessageAction) -> None:
        """The page before, in the same private message."""
        before = datetime.fromisoformat(action.actions[0].value or "")
        page = await self._history_page(action.team_id, action.user.id, before)
        if action.response_url is not None:
            self._errands.run(respond(action.response_url, page, self._client, replaces=True))

    # What it is made of --------------------------------------------------------------------

    async def _find(self, action: MessageAction, generation_id: str) -> Generation | None:
        try:
            generation = await self._generations.read(generation_id)
        except KeyError:
            self._say(action, words.not_there_any_more())
            return None
        if generation.place.team_id != action.team_id:
            log.warning("foreign_button", generation=generation_id)
            return None
        return generation

    async def _repeat(
        self, action: MessageAction, generation: Generation, request: ImageRequest, kind: str
    ) -> None:
        """The same once more, into the same thread. Two presses within a moment have the same
        origin, so they make one generation, whichever process they reach."""
        before = datetime.now(UTC) - timedelta(seconds=PRESS_SECONDS)
        number = await self._lineage.count_children(generation.id, before)
        new = _child(
            generation,
            user_id=action.user.id,
            origin=f"{kind}:{generation.id}:{number}",
            request=request,
            sources=generation.sources,
        )
        if not await self._accept(new):
            self._say(action, words.runs_already())

    async def _accept(self, new: NewGeneration) -> bool:
        return await self._door.accept(new)

    async def _offer_deletion(self, action: MessageAction, generation: Generation) -> None:
        if await may_delete(self._client, generation, action.user.id):
            await self._open(action.trigger_id, show_deleting(generation))
        else:
            self._say(action, words.may_not_delete(generation.place.user_id), is_mrkdwn=True)

    async def _delete(self, sent: ViewSent, generation: Generation) -> None:
        if not await may_delete(self._client, generation, sent.user.id):
            return
        try:
            await delete_result(self._client, generation, sent.user.id)
            await self._lineage.mark_deleted(generation.id, sent.user.id, datetime.now(UTC))
        except ImagineError as error:
            log.warning("not_deleted", cause=error.cause, detail=error.detail)
            await self._tell_sender(sent, generation, words.not_deleted())

    async def _share(self, sent: ViewSent, generation: Generation) -> None:
        position = _picked(sent, generation)
        picture = next(p for p in shown_pictures(generation) if p.position == position)
        values = sent.view.state.get("values") or {}
        field = (values.get(PickField.CHANNEL) or {}).get(PickField.CHANNEL) or {}
        message = show_shared(generation, picture, sent.user.id)
        try:
            await call_slack(
                self._client.chat_postMessage,
                channel=field.get("selected_conversation") or generation.place.channel_id,
                unfurl_links=False,
                **message.to_dict(),
            )
        except ImagineError as error:
            log.warning("not_shared", cause=error.cause, detail=error.detail)
            await self._tell_sender(sent, generation, words.not_shared())

    async def _tell_sender(self, sent: ViewSent, generation: Generation, sentence: str) -> None:
        await whisper(
            self._client,
            show_sentence(sentence),
            channel_id=generation.place.channel_id,
            user_id=sent.user.id,
            thread_ts=generation.home_ts,
        )

    async def _open(self, trigger_id: str, view: View) -> None:
        await call_slack(self._client.views_open, trigger_id=trigger_id, view=view.to_dict())

    async def _history_page(self, team_id: str, user_id: str, before: datetime | None) -> Message:
        found = await self._lineage.history(team_id, user_id, before, HISTORY_PAGE + 1)
        page = found[:HISTORY_PAGE]
        return show_history(page, self._workspace_url(), has_more=len(found) > len(page))

    def _say(self, action: MessageAction, sentence: str, *, is_mrkdwn: bool = False) -> None:
        message = Message(sentence) if is_mrkdwn else show_sentence(sentence)
        thread_ts = None
        if action.message is not None:
            thread_ts = action.message.thread_ts or action.message.ts
        self._errands.run(
            whisper(
                self._client,
                message,
                channel_id=action.channel.id,
                user_id=action.user.id,
                thread_ts=thread_ts,
            )
        )

    def _answer(self, reply: Reply, message: Message) -> None:
        """Once, however often the message is delivered."""
        if reply.origin in self._answered:
            return
        self._answered[reply.origin] = None
        if len(self._answered) > _ANSWERED_KEPT:
            self._answered.popitem(last=False)
        self._errands.run(
            whisper(
                self._client,
                message,
                channel_id=reply.channel_id,
                user_id=reply.user_id,
                thread_ts=reply.thread_ts,
            )
        )


def _child(
    parent: Generation, *, user_id: str, origin: str, request: ImageRequest, sources: Sources
) -> NewGeneration:
    place = Place(parent.place.team_id, parent.place.channel_id, user_id, thread_ts=parent.home_ts)
    return NewGeneration(
        id=str(uuid.uuid4()),
        origin=origin,
        place=place,
        request=request,
        accepted_at=datetime.now(UTC),
        sources=sources,
        parent_id=parent.id,
    )


def _changed(reply: Reply, above: Generation, change: Change) -> NewGeneration:
    sources = above.sources
    if reply.files:
        sources = Sources(references=reply.files, caption_title=sources.caption_title)
    return NewGeneration(
        id=str(uuid.uuid4()),
        origin=reply.origin,
        place=Place(reply.team_id, reply.channel_id, reply.user_id, thread_ts=reply.thread_ts),
        request=change.request,
        accepted_at=datetime.now(UTC),
        sources=sources,
        parent_id=above.id,
        understood=words.understood(change, len(reply.files)),
    )


def _values_like(generation: Generation, position: int) -> Any:
    """The form with one picture as its only reference, and its prompt."""
    picture = next(p for p in generation.pictures if p.position == position)
    kept = (Reference.of_media(picture.media_id, f"Picture {position}"),)
    return values_of(generation).model_copy(update={"kept": kept})


def _picked(sent: ViewSent, generation: Generation) -> int:
    """The position that was picked; the only one there is where nothing had to be picked."""
    values = sent.view.state.get("values") or {}
    field = (values.get(PickField.PICTURE) or {}).get(PickField.PICTURE) or {}
    value = str((field.get("selected_option") or {}).get("value") or "")
    positions = [picture.position for picture in shown_pictures(generation)]
    return int(value) if value.isdigit() and int(value) in positions else positions[0]

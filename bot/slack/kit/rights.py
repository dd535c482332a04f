"""Whose a click is. An id proves nothing: it is in blocks that former members have seen, and in
messages that were copied elsewhere. So the buttons of a result count where the result is.

Each route names its right (routes.py), and what belongs to a result is looked up here, once, before
its handler is called: a handler of a result is handed the generation, and never an id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum

import structlog

from bot.generations.record import Generation
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.ids import BlockId
from bot.slack.kit.listeners import Answer, Listener, listen
from bot.slack.kit.modals import Metadata, show_notice
from bot.slack.kit.payloads import ButtonAction, MessageAction, ViewAction, ViewSent
from bot.slack.kit.ports import Generations

# A handler of a result: it is called with what was done and the generation that it is about.
Click = Callable[[MessageAction, Generation], Awaitable[None] | None]
# Whether (team, person) sees a generation, wherever it stands (bot/slack/kit/library.py).
MaySee = Callable[[str, str, Generation], Awaitable[bool]]

log = structlog.get_logger()


class Right(StrEnum):
    """Who may do what a route is for."""

    OWN = "own"  # everybody, for themselves: whose it is, Slack says, and not an id in the payload
    RESULT = "result"  # who is where the result is
    APPROVAL = "approval"  # whom generations/approval.py names
    ADMIN = "admin"  # whom admins.py names, asked again at each click; one's own defaults are OWN


def counts_at(generation: Generation, team_id: str, channel_id: str, user_id: str) -> bool:
    """Whether a click there by this person is one on `generation`: in its own conversation, where
    its result had to go elsewhere in that one, or in the bot's direct message with who asked for
    it. Pure."""
    place = generation.place
    if team_id != place.team_id:
        return False
    if channel_id in (place.channel_id, generation.result_channel_id):
        return True
    # Only the two of them are in it; `place` may name the person instead of the conversation.
    return channel_id.startswith("D") and user_id == place.user_id


class ResultContext(Metadata):
    """What a small modal over a result remembers: the result, and where the click was that opened
    it."""

    generation_id: str = ""
    channel_id: str = ""
    list_in: str | None = None  # the conversation of a list that it was pressed in
    thread_ts: str | None = None  # the thread of the click


def read_value(action: MessageAction) -> str:
    """The id on a button."""
    return action.actions[0].value or ""


def read_value_after_choice(action: MessageAction) -> str:
    """The id on a button that has several, `choice:id`."""
    return (action.actions[0].value or "").partition(":")[2]


def read_chosen(action: MessageAction) -> str:
    """The id that is an option of a select."""
    return action.actions[0].chosen


def _read_option(action: MessageAction) -> str:
    """The id in the option of a menu, `choice:id`."""
    return action.actions[0].chosen.partition(":")[2]


class ResultRights:
    """Finds the generation that a click is about. One for the process."""

    def __init__(
        self,
        generations: Generations,
        refuse: Callable[[MessageAction], None],
        may_see: MaySee,
    ) -> None:
        """`refuse` tells who clicked that nothing is known of it here: the same for an id that is
        another's, old or made up."""
        self._generations = generations
        self._refuse = refuse
        self._may_see = may_see

    def on_click(
        self, act: Click, read_id: Callable[[MessageAction], str] = read_value
    ) -> Listener:
        """The listener of a button; `act` is called before Slack is answered. In the library it
        counts for what the person may see now, as if it was clicked where that is."""

        async def click(pressed: ButtonAction) -> None:
            if pressed.actions[0].block_id.startswith(BlockId.LIBRARY):
                found, action = await self._find_listed(pressed, read_id)
            else:  # ValidationError where it has no channel: no message of ours is without one
                action = MessageAction.model_validate(pressed.model_dump(by_alias=True))
                found = await self._find(
                    read_id(action), action.team_id, action.channel.id, action.user.id
                )
            if found is None:
                self._refuse(action)
            elif (acting := act(action, found)) is not None:
                await acting

        return listen(ButtonAction, click)

    async def _find_listed(
        self, pressed: ButtonAction, read_id: Callable[[MessageAction], str]
    ) -> tuple[Generation | None, MessageAction]:
        list_in = pressed.channel.id if pressed.channel else pressed.user.id
        where: dict[str, object] = {"channel": {"id": list_in}, "list_in": list_in}
        values = {**pressed.model_dump(by_alias=True), **where, "message": None}
        action = MessageAction.model_validate(values)
        try:
            found = await self._generations.read(read_id(action))
        except KeyError:
            return None, action
        if not await self._may_see(action.team_id, action.user.id, found):
            log.warning("click.refused", generation=found.id)
            return None, action
        values["channel"] = {"id": found.place.channel_id}
        return found, MessageAction.model_validate(values)

    def on_own(self, act: Click) -> Listener:
        """The listener of a button in what only its person sees, their history or Home tab: it
        counts for what they asked for themselves, as if it was clicked where that is."""

        async def click(pressed: ButtonAction) -> None:
            found = await self._find_own(pressed)
            channel_id = found.place.channel_id if found else pressed.user.id
            list_in = pressed.channel.id if pressed.channel else pressed.user.id
            where = {"channel": {"id": channel_id}, "list_in": list_in}
            action = MessageAction.model_validate({**pressed.model_dump(by_alias=True), **where})
            if found is None:
                self._refuse(action)
            elif (acting := act(action, found)) is not None:
                await acting

        return listen(ButtonAction, click)

    async def _find_own(self, pressed: ButtonAction) -> Generation | None:
        try:
            generation = await self._generations.read(pressed.actions[0].value or "")
        except KeyError:
            return None
        place = generation.place
        if (place.team_id, place.user_id) == (pressed.team_id, pressed.user.id):
            return generation
        log.warning("click.refused", generation=generation.id)
        return None

    def on_menu(self, choices: Mapping[str, Click]) -> Listener:
        """The listener of a menu, whose options are `choice:id`."""

        def choose(action: MessageAction, generation: Generation) -> Awaitable[None] | None:
            act = choices.get(action.actions[0].chosen.partition(":")[0])
            if act is None:
                log.warning("choice.unknown", generation=generation.id)
                return None
            return act(action, generation)

        return self.on_click(choose, _read_option)

    def on_modal_click(self, act: Click) -> Listener:
        """The listener of a button in a modal over a result: it counts where that was opened, and
        `act` is called as if it stood there."""

        async def click(pressed: ViewAction) -> None:
            context = ResultContext.read(pressed.view.private_metadata)
            where: dict[str, object] = {"channel": {"id": context.channel_id}}
            where["list_in"] = context.list_in
            if (ts := context.thread_ts) is not None:
                where["message"] = {"ts": ts, "thread_ts": ts}
            action = MessageAction.model_validate({**pressed.model_dump(by_alias=True), **where})
            found = await self._find(
                context.generation_id, action.team_id, action.channel.id, action.user.id
            )
            if found is None:
                self._refuse(action)
            elif (acting := act(action, found)) is not None:
                await acting

        return listen(ViewAction, click)

    def on_view(self, act: Callable[[ViewSent, Generation], Awaitable[Answer]]) -> Listener:
        """The listener of a small modal; without its result, a notice takes its place."""

        async def send(sent: ViewSent) -> Answer:
            context = ResultContext.read(sent.view.private_metadata)
            found = await self._find(
                context.generation_id, sent.team_id, context.channel_id, sent.user.id
            )
            return await act(sent, found) if found else show_notice(refusals.NOT_THERE_ANY_MORE)

        return listen(ViewSent, send)

    async def _find(
        self, generation_id: str, team_id: str, channel_id: str, user_id: str
    ) -> Generation | None:
        try:
            generation = await self._generations.read(generation_id)
        except KeyError:
            return None
        if counts_at(generation, team_id, channel_id, user_id):
            return generation
        log.warning("click.refused", generation=generation.id)
        return None

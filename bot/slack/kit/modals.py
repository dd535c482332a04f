"""Modals: what they remember, what they hold, and how they are opened and redrawn.

Two quick changes never leave an old list behind: each redraw carries the `hash` of the view that
it answers, the newest change wins, and an older one that comes late is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final, Self

import structlog
from cachetools import LRUCache
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, InputBlock
from slack_sdk.models.blocks.block_elements import FileInputElement
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import Rejected, Transient
from bot.images.flags import TEXT_MAX
from bot.slack.kit import failure_texts as failures
from bot.slack.kit.calls import call_slack
from bot.slack.kit.ids import ViewId
from bot.slack.kit.message import plain_context, plain_section
from bot.slack.kit.payloads import (
    UNNAMED,
    Interaction,
    Payload,
    SentView,
    Written,
    clean_text,
)
from bot.slack.kit.thumbnails import without_thumbnails

# What is wrong with a view itself, as Slack says it.
VIEW_REFUSED: Final = frozenset({"invalid_arguments", "view_too_large", "invalid_blocks"})
_UPDATE_TRIES: Final = 3
_UPDATE_PAUSE_SECONDS: Final = 0.5
_VIEWS_KEPT: Final = 5000
# What a form of ours can hold, and no more is read.
_FILES_MAX: Final = 10
_TICKED_MAX: Final = 10  # a list of ticks has no more (slack-facts.md)
_OPTION_MAX: Final = 150
_NAME_MAX: Final = 80

log = structlog.get_logger()


class Metadata(BaseModel):
    """What a view remembers beside its fields: its `private_metadata`. Slack keeps it; who sends
    the view cannot change it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def read(cls, text: str | None) -> Self:
        """What was put into the view; the defaults where that cannot be read."""
        try:
            return cls.model_validate_json(text or "{}")
        except ValidationError:
            return cls()

    def write(self) -> str:
        """As `private_metadata`."""
        return self.model_dump_json(exclude_defaults=True)


@dataclass(frozen=True, slots=True)
class ViewState:
    """`view.state.values`, by the `action_id` of each input: whatever else is in there is left
    out. `blocks` tells the `block_id` that each has: where its error has to be shown."""

    elements: dict[str, Mapping[str, Any]]
    blocks: dict[str, str]

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> ViewState:
        """From `view.state`, which nobody can be trusted with."""
        found = cls({}, {})
        for block_id, elements in as_mapping(state.get("values")).items():
            for action_id, element in as_mapping(elements).items():
                found.elements[str(action_id)] = as_mapping(element)
                found.blocks[str(action_id)] = str(block_id)
        return found

    def element(self, field: str) -> Mapping[str, Any]:
        """What an input holds, of whatever kind it is."""
        return self.elements.get(str(field)) or {}

    def typed(self, field: str) -> str:
        """What was typed into a text field."""
        return as_text(self.element(field).get("value"), TEXT_MAX)

    def option(self, field: str) -> str | None:
        """The value of the option that was chosen."""
        return as_text(as_mapping(self.element(field).get("selected_option")).get("value")) or None

    def options(self, field: str) -> list[str]:
        """The values of the options that were ticked."""
        ticked = self.element(field).get("selected_options")
        listed = ticked if isinstance(ticked, list) else []
        return [as_text(as_mapping(each).get("value")) for each in listed[:_TICKED_MAX]]

    def conversation(self, field: str) -> str | None:
        """The conversation that was picked."""
        return as_text(self.element(field).get("selected_conversation")) or None


class PickedFile(Payload):
    """A file of a `file_input`, as Slack describes it in `view.state`; untrusted."""

    id: str
    name: Annotated[Written, AfterValidator(lambda name: name[:_NAME_MAX])] = UNNAMED
    mimetype: str = ""
    size: int = 0


def read_files(state: Mapping[str, Any], field: StrEnum) -> list[PickedFile]:
    """The files that were picked, as Slack describes them: a list, [], null or nothing at all."""
    files = ViewState.of(state).element(field).get("files")
    picked = []
    for file in files[:_FILES_MAX] if isinstance(files, list) else []:
        try:
            picked.append(PickedFile.model_validate(file))
        except ValidationError:
            continue
    return picked


def as_mapping(value: Any) -> Mapping[str, Any]:
    """`value` if it is an object; an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def as_text(value: Any, most: int = _OPTION_MAX) -> str:
    """What was typed or chosen. A number of thousands of digits is none of ours, and Python does
    not write it."""
    if isinstance(value, str):
        return str(clean_text(value[:most]))
    return str(value) if isinstance(value, int) and abs(value) < 10**9 else ""


def show_notice(sentence: str) -> View:
    """In place of a modal that cannot do its work."""
    return View(
        type="modal",
        callback_id=ViewId.NOTICE,
        title="Imagine",
        close="Close",
        blocks=[plain_section(sentence)],
    )


async def open_view(client: AsyncWebClient, done: Interaction, view: View) -> None:
    """Open a modal; if it was `done` in one, upon that, to which closing it leads back. A trigger
    is good once, and for 3 seconds.

    https://docs.slack.dev/reference/methods/views.push
    """
    method = client.views_push if done.is_in_modal else client.views_open
    await call_slack(method, trigger_id=done.trigger_id, view=view.to_dict())


class Modals:
    """The modals of a feature that are redrawn while they are open. One for each feature."""

    def __init__(self, client: AsyncWebClient, may: Callable[[str], bool]) -> None:
        """`may` says whether the bot has a scope."""
        self._client = client
        self._may = may
        self._newest: LRUCache[str, str] = LRUCache(_VIEWS_KEPT)  # view id -> action_ts
        self._sent: LRUCache[str, None] = LRUCache(_VIEWS_KEPT)  # ids of views

    def fit(self, view: View) -> View:
        """`view` as it can be used with the scopes that there are: `file_input` needs `files:read`.

        https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
        """
        if not self._may("files:read"):
            view.blocks = [_without_file_input(block) for block in view.blocks or []]
        return view

    async def open(self, trigger_id: str, view: View, *, is_in_modal: bool = False) -> SentView:
        """Open it, as far as the bot's scopes go; `is_in_modal`: upon the one that is open."""
        method = self._client.views_push if is_in_modal else self._client.views_open
        open_ = partial(method, trigger_id=trigger_id)
        return SentView.model_validate(await self._send(open_, view))

    async def _send(
        self, method: Callable[..., Awaitable[AsyncSlackResponse]], view: View
    ) -> dict[str, Any]:
        """The view as Slack has it then: without thumbnails if it refuses it with them, for one
        file that is gone is enough. What it refuses has not used the trigger."""
        shown = self.fit(view)
        try:
            answer = await call_slack(method, view=shown.to_dict())
        except Rejected as error:
            plain = without_thumbnails(shown) if error.detail in VIEW_REFUSED else None
            if plain is None:
                raise
            log.info("thumbnails.refused", detail=error.detail)
            answer = await call_slack(method, view=plain.to_dict())
        return dict(answer["view"])

    def note_change(self, view_id: str, action_ts: str) -> bool:
        """Whether no newer change of this view was seen; then it is the newest."""
        if _moment(self._newest.get(view_id, "")) > _moment(action_ts):
            return False
        self._newest[view_id] = action_ts
        return True

    def is_changed(self, view_id: str) -> bool:
        """Whether a change of it was seen."""
        return bool(self._newest.get(view_id))

    def note_sent(self, view_id: str) -> None:
        """It was sent: nothing is redrawn any more."""
        self._sent[view_id] = None

    def is_sent(self, view_id: str) -> bool:
        """Whether a change is a letter that was overtaken by the button."""
        return view_id in self._sent

    async def redraw(
        self, view_id: str, hash_: str | None, action_ts: str, draw: Callable[[], View]
    ) -> str | None:
        """Redraw for the newest change (`action_ts`, empty before there was one); the view's new
        `hash`, None where a newer one came (or the modal is not there any more)."""
        for _ in range(_UPDATE_TRIES):
            if self._newest.get(view_id, "") != action_ts or view_id in self._sent:
                return None
            try:
                return await self._update(view_id, hash_, draw())
            except Transient as error:
                log.info("modal.redraw_retried", detail=error.detail)
                await asyncio.sleep(error.retry_after_seconds or _UPDATE_PAUSE_SECONDS)
            except SlackObjectFormationError as error:
                log.warning("modal.redraw_failed", error=str(error))
                return None
            except Rejected as error:
                if error.detail != "hash_conflict":
                    log.info("modal.gone", detail=error.detail)
                    return None
                # An older redraw came in between: this change is newer than what it shows.
                hash_ = None
        return None

    async def _update(self, view_id: str, hash_: str | None, view: View) -> str:
        update = partial(self._client.views_update, view_id=view_id, hash=hash_)
        return str((await self._send(update, view))["hash"])


def _without_file_input(block: Block) -> Block:
    is_file_input = isinstance(block, InputBlock) and isinstance(block.element, FileInputElement)
    return plain_context(failures.NO_FILES_HERE, block.block_id) if is_file_input else block


def _moment(action_ts: str) -> float:
    try:
        return float(action_ts)
    except ValueError:
        return 0.0

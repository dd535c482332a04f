"""What a Slack workspace holds: people, channels, messages, files, views, and the wire's record.

Times are seconds since the epoch as floats; a `ts` is Slack's own string of them, never twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
"""A JSON object, as it goes over the wire."""


@dataclass
class User:
    """A person or a bot of the workspace."""

    id: str
    name: str
    real_name: str
    is_admin: bool = False
    is_bot: bool = False
    colour: str = "#4a154b"
    bot_id: str | None = None
    """Set on bots only: the `B…` id that their messages carry."""
    team_id: str = "T0SANDBOX"
    """Whose person they are: another workspace's, where a channel is shared with it."""
    team_name: str = ""
    """Of another workspace only."""
    is_guest: bool = False


@dataclass
class UserGroup:
    """A user group (`@design-team`). `members` are user ids; a disabled one has none for others."""

    id: str
    handle: str
    name: str
    members: list[str] = field(default_factory=list)
    is_disabled: bool = False
    created: float = 0.0


@dataclass
class Channel:
    """A conversation. `members` are user ids; `with_user` is the person of a DM with the bot."""

    id: str
    name: str
    kind: Literal["public", "private", "im"]
    members: set[str] = field(default_factory=set)
    is_archived: bool = False
    with_user: str | None = None
    created: float = 0.0
    shared_with: str | None = None
    """Another company's workspace, which owns the channel and shares it (Slack Connect)."""

    @property
    def is_people_dm(self) -> bool:
        """Whether it is a conversation of two people, without the bot."""
        return self.kind == "im" and self.with_user is None


@dataclass
class File:
    """An uploaded file. Until `is_ready_at` Slack has not processed it and no block may show it."""

    id: str
    name: str
    mimetype: str
    content: bytes
    user: str
    created: float
    title: str
    is_ready_at: float
    is_deleted: bool = False
    url_private: str = ""
    url_private_download: str = ""
    permalink: str = ""
    shares: dict[str, list[str]] = field(default_factory=dict)
    """Channel id -> the `ts` of each message that shares it."""
    width: int = 0
    """Pixels; 0 when it is no picture."""
    height: int = 0
    is_connect: bool = False
    """True acts like a Slack Connect file: events carry only its id (`check_file_info`)."""


@dataclass
class Message:
    """A message. Blocks are as the bot sent them, with missing ids filled in by Slack."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    """The parent's `ts`; a parent with replies carries its own, as in Slack."""
    bot_id: str | None = None
    edited: float | None = None
    metadata: Json | None = None
    file_ids: list[str] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    """What is attached: other messages, what an app says, what is behind a link."""
    ephemeral_to: str | None = None
    """The only person who sees it, or None when everyone in the channel does."""
    reply_count: int = 0
    subtype: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    """Emoji name -> who reacted."""
    broken_files: list[str] = field(default_factory=list)
    """Files that `chat.update` added or swapped in: Slack shows them as broken pictures."""

    @property
    def is_reply(self) -> bool:
        """True for a message inside a thread, False for its parent and for plain messages."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def is_deleted(self) -> bool:
        """True for the gravestone that a deleted parent with replies leaves behind."""
        return self.subtype == "tombstone"


@dataclass
class View:
    """A modal, or a person's Home tab. `body` is what the bot sent; `state` holds the inputs."""

    id: str
    hash: str
    callback_id: str
    type: Literal["modal", "home"]
    user: str
    body: Json
    """title, submit, close, blocks, private_metadata, clear_on_close, notify_on_close, …"""
    state: Json
    """{"values": {block_id: {action_id: {"type": …, …}}}}"""
    root_view_id: str
    previous_view_id: str | None = None
    external_id: str = ""


@dataclass
class Exchange:
    """One request and its answer between Slack and the bot. Holds no secret."""

    id: int
    at: float
    direction: Literal["to_bot", "from_bot"]
    method: str
    """A Web API method ("chat.postMessage") or an HTTP method and path ("POST /slack/events")."""
    status: int
    """HTTP status; 0 when there was no answer."""
    seconds: float
    request: Any
    answer: Any
    headers: dict[str, str] = field(default_factory=dict)
    generation: str | None = None
    """A hint for filtering; never set by this stand-in."""
    kind: str = ""
    """What was sent to the bot: "command", "interaction", "event"; "" for calls of the bot."""


ChangeKind = Literal["message", "view", "home", "exchange", "file", "status", "channel"]


@dataclass(frozen=True)
class Change:
    """Something that a page that is open may have to redraw."""

    kind: ChangeKind
    channel: str | None = None
    user: str | None = None


@dataclass
class Trigger:
    """Permission to open a view: three seconds, one use."""

    id: str
    user: str
    created: float
    view_id: str | None = None
    """The modal in which it arose: what `views.push` needs."""
    channel: str | None = None
    is_used: bool = False


@dataclass
class ResponseUrl:
    """Permission to answer a person in a channel: five uses in thirty minutes."""

    token: str
    channel: str
    user: str
    created: float
    message_ts: str | None = None
    """The message whose button was pressed: what `replace_original` replaces."""
    may_thread: bool = False
    uses: int = 0


@dataclass
class Status:
    """What `assistant.threads.setStatus` shows in a thread; it ends by itself."""

    text: str
    until: float

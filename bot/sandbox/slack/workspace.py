"""The state of one Slack workspace: what it holds and what may be done to it. No HTTP here."""

from __future__ import annotations

import itertools
import math
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from bot.sandbox.slack.changes import ChangeFeed, Subscription
from bot.sandbox.slack.faults import SCAN_SECONDS, Faults
from bot.sandbox.slack.file_types import read_picture_size, sniff_mimetype
from bot.sandbox.slack.rates import Limiter
from bot.sandbox.slack.records import (
    Change,
    ChangeKind,
    Channel,
    Exchange,
    File,
    Json,
    Message,
    ResponseUrl,
    Status,
    Trigger,
    User,
    UserGroup,
    View,
)
from bot.sandbox.slack.sockets import SocketHub

__all__ = [
    "Change",
    "Channel",
    "Exchange",
    "Faults",
    "File",
    "Json",
    "Message",
    "Status",
    "User",
    "UserGroup",
    "View",
    "Workspace",
]

MINIMUM_SCOPES = frozenset(
    {
        "commands",
        "chat:write",
        "chat:write.public",
        "files:write",
        "files:read",
        "app_mentions:read",
        "im:history",
    }
)
DEFAULT_EVENTS = frozenset(
    {"app_mention", "message.im", "app_home_opened", "app_uninstalled", "tokens_revoked"}
)
MOST_EXCHANGES = 5000
MOST_PERMISSIONS = 20_000
STATUS_SECONDS = 120.0
HISTORY_SCOPES = {"public": "channels:history", "private": "groups:history", "im": "im:history"}
"""The scope that reading a conversation of this kind needs."""


# Another company, with which one channel is shared. Its own admin is none here.
PARTNER_TEAM = "T0HARBOUR"
PARTNER_NAME = "Harbour Tours"


class Workspace:
    """One team with two people, their conversations and one bot; and a channel that is shared with
    another company, of which one person is in it.

    `clock` gives seconds since the epoch and rules triggers, response URLs, files and rates.
    """

    team_id = "T0SANDBOX"
    team_domain = "sandbox"
    team_name = "Sandbox"
    app_id = "A0IMAGINE"

    def __init__(
        self,
        *,
        bot_token: str = "xoxb-sandbox",  # noqa: S107 - the sandbox's own, worth nothing
        app_token: str = "xapp-sandbox",  # noqa: S107
        signing_secret: str = "sandbox-signing-secret",  # noqa: S107
        file_ready_seconds: float = 0.3,
        scopes: Iterable[str] = MINIMUM_SCOPES,
        clock: Callable[[], float] = time.time,
        enforce_rates: bool = True,
        trigger_seconds: float = 3.0,
    ) -> None:
        self.bot_token = bot_token
        self.app_token = app_token
        self.signing_secret = signing_secret
        self.file_ready_seconds = file_ready_seconds
        self.scopes: set[str] = set(scopes)
        self.clock = clock
        self.trigger_seconds = trigger_seconds
        """How long a trigger_id opens a view."""
        self.limiter = Limiter(is_on=enforce_rates)
        self.base_url = ""
        """Where `build_app` is served, no slash at the end; set it, or the first call does."""
        self.commands: set[str] = {"/imagine"}
        self.is_escaping_commands = False
        """The manifest's `should_escape`: people and channels in command texts become ids."""
        self.events: set[str] = set(DEFAULT_EVENTS)
        """The events that the app subscribed to ("message.im", …)."""
        self.shortcuts: dict[str, str] = {}
        """Callback id -> "global" or "message"; empty lets any callback id pass."""
        self.faults = Faults()
        self.sockets = SocketHub()
        self.event_sink: Callable[[Json, str], None] | None = None
        """Where events go that the bot's own doings cause; set by Delivery."""
        self._hold_records()
        self._feed = ChangeFeed()
        self._ids = itertools.count(1)
        self._last_ts = 0
        self._seed()

    def _hold_records(self) -> None:
        self.users: dict[str, User] = {}
        self.user_groups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, list[Message]] = {}
        """Channel id -> its messages, replies and ephemerals included, oldest first."""
        self._by_ts: dict[tuple[str, str], Message] = {}
        self._threads: dict[tuple[str, str], list[Message]] = {}
        """(channel, parent's ts) -> its replies, without ephemerals."""
        self.files: dict[str, File] = {}
        self.uploads: dict[str, File] = {}
        """Files that have an upload URL and are not completed yet."""
        self.upload_lengths: dict[str, int] = {}
        self.views: dict[str, View] = {}
        self.view_stacks: dict[str, list[View]] = {}
        """Person -> the open modals, the visible one last."""
        self.homes: dict[str, View] = {}
        self.exchanges: list[Exchange] = []
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.statuses: dict[tuple[str, str], Status] = {}
        self.message_states: dict[tuple[str, str], Json] = {}
        """(channel, ts) -> what people chose in a message's selects, as `state.values`."""
        self.offered: dict[tuple[str, str, str], list[Json]] = {}
        """(view, block_id, action_id) -> the options that an external select last offered."""
        self.unshareable: set[str] = set()
        """Files uploaded with `alt_txt`: silently not shared (python-slack-sdk#1818)."""
        self.is_token_revoked = False
        self.former_channels: dict[str, str] = {}
        """Ids that channels had, for pages that are open there: the id that they have now."""

    def _seed(self) -> None:
        self.bot = User(
            "U0IMAGINE", "imagine", "Imagine", is_bot=True, colour="#4a154b", bot_id="B0IMAGINE"
        )
        ada = User("U0ADA", "ada", "Ada Park", is_admin=True, colour="#0b7a75")
        ben = User("U0BEN", "ben", "Ben Osei", colour="#b5541c")
        cleo = User(
            "U0CLEO",
            "cleo",
            "Cleo Marsh",
            is_admin=True,
            colour="#3b5b92",
            team_id=PARTNER_TEAM,
            team_name=PARTNER_NAME,
        )
        self.users = {user.id: user for user in (ada, ben, self.bot, cleo)}
        people = {ada.id, ben.id}
        for group in (
            UserGroup("S0DESIGNERS", "designers", "Designers", [ada.id]),
            UserGroup("S0EVERYONE", "team", "The whole team", [ada.id, ben.id]),
        ):
            group.created = self.clock()
            self.user_groups[group.id] = group
        now = self.clock()
        for channel in (
            Channel("C0DESIGN", "design", "public", {*people, self.bot.id}, created=now),
            Channel("C0GENERAL", "general", "public", set(people), created=now),
            Channel("G0LAUNCH", "launch", "private", set(people), created=now),
            Channel(
                "C0HARBOUR",
                "harbour-partners",
                "public",
                {*people, cleo.id, self.bot.id},
                created=now,
                shared_with=PARTNER_TEAM,
            ),
            self._make_dm(ada, "D0ADA"),
            self._make_dm(ben, "D0BEN"),
            self._make_dm(cleo, "D0CLEO"),
            self._make_people_dm(ada, ben, "D0ADABEN"),
        ):
            self.add_channel(channel)

    def _make_dm(self, person: User, channel_id: str) -> Channel:
        members = {person.id, self.bot.id}
        return Channel(
            channel_id,
            "directmessage",
            "im",
            members,
            with_user=person.id,
            created=self.clock(),
        )

    def _make_people_dm(self, one: User, other: User, channel_id: str) -> Channel:
        """A conversation of two people: no app can be in it."""
        members = {one.id, other.id}
        return Channel(channel_id, "directmessage", "im", members, created=self.clock())

    def restore(self, kept: Mapping[str, Any], base_url: str) -> None:
        """What an earlier process has kept (saved_state.py), in place of what is here. Its
        files had addresses below `base_url`, and have them below ours."""
        for name, value in kept.items():
            setattr(self, name, value)
        self.bot = next(user for user in self.users.values() if user.is_bot)
        for channel_id, messages in self.messages.items():
            for message in messages:
                self._by_ts[channel_id, message.ts] = message
                if message.is_reply and message.ephemeral_to is None:
                    thread = (channel_id, str(message.thread_ts))
                    self._threads.setdefault(thread, []).append(message)
        latest = max((ts for _, ts in self._by_ts), key=float, default="0.0")
        self._last_ts = int(latest.replace(".", ""))
        if self.base_url:
            for file in self.files.values():
                for name in ("url_private", "url_private_download", "permalink"):
                    path = getattr(file, name).removeprefix(base_url)
                    setattr(file, name, f"{self.base_url}{path}")

    # -- what the app declared -------------------------------------------------------------

    def adopt_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Take scopes, events, commands and shortcuts from an app manifest (already parsed)."""
        features = manifest.get("features") or {}
        self.commands = {item["command"] for item in features.get("slash_commands") or []}
        self.is_escaping_commands = any(
            item.get("should_escape") for item in features.get("slash_commands") or []
        )
        self.shortcuts = {
            item["callback_id"]: item["type"] for item in features.get("shortcuts") or []
        }
        declared = (manifest.get("oauth_config") or {}).get("scopes") or {}
        # Whoever installs the app may leave out the optional ones; here nobody does.
        self.scopes = {*(declared.get("bot") or []), *(declared.get("bot_optional") or [])}
        subscriptions = (manifest.get("settings") or {}).get("event_subscriptions") or {}
        self.events = set(subscriptions.get("bot_events") or [])

    # -- people and conversations ----------------------------------------------------------

    def add_user(self, user: User) -> User:
        """Add a person, with a DM to the bot."""
        self.users[user.id] = user
        self.open_dm(user.id)
        return user

    def add_channel(self, channel: Channel) -> Channel:
        """Add a conversation without messages."""
        self.channels[channel.id] = channel
        self.messages[channel.id] = []
        self.announce("channel", channel.id)
        return channel

    def open_dm(self, user_id: str) -> Channel:
        """The DM between the bot and this person, made when there is none."""
        for channel in self.channels.values():
            if channel.with_user == user_id:
                return channel
        name = "D0" + user_id.removeprefix("U0").removeprefix("U")
        return self.add_channel(self._make_dm(self.users[user_id], name))

    def may_see(self, channel: Channel, viewer: str) -> bool:
        """Public channels are for everyone of the workspace, the others for their members."""
        is_ours = viewer not in self.users or not self.is_outside(self.users[viewer])
        return (channel.kind == "public" and is_ours) or viewer in channel.members

    def is_outside(self, user: User) -> bool:
        """Whether this is another company's person."""
        return user.team_id != self.team_id

    def change_channel_id(self, old_id: str) -> str:
        """Share a private channel with another company: it has another id from now on, by which
        alone it is known. The bot hears of it (`channel_id_changed`); the new id."""
        channel = self.channels.pop(old_id)
        channel.id = new_id = "C" + old_id[1:]
        channel.shared_with = PARTNER_TEAM
        self.channels[new_id] = channel
        self.messages[new_id] = self.messages.pop(old_id)
        for message in self.messages[new_id]:
            message.channel = new_id
        for kept in (self._by_ts, self._threads, self.statuses, self.message_states):
            _rename(kept, old_id, new_id)
        for file in self.files.values():
            if old_id in file.shares:
                file.shares[new_id] = file.shares.pop(old_id)
        for url in self.response_urls.values():
            url.channel = new_id if url.channel == old_id else url.channel
        self.former_channels[old_id] = new_id
        self.announce("channel", new_id)
        event = {"type": "channel_id_changed", "old_channel_id": old_id}
        more = {"new_channel_id": new_id, "event_ts": self.next_ts()}
        self.send_event(event | more, "channel_id_changed")
        return new_id

    # -- messages --------------------------------------------------------------------------

    def next_ts(self) -> str:
        """A `ts` from the clock, later than every one before."""
        self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def post_message(
        self,
        channel_id: str,
        user_id: str,
        text: str,
        *,
        blocks: list[Json] | None = None,
        thread_ts: str | None = None,
        metadata: Json | None = None,
        file_ids: Sequence[str] = (),
        attachments: Sequence[Json] = (),
        ephemeral_to: str | None = None,
        subtype: str | None = None,
    ) -> Message:
        """Put a message into a channel (already checked) and count it in its thread."""
        user = self.users[user_id]
        message = Message(
            ts=self.next_ts(),
            channel=channel_id,
            user=user_id,
            text=text,
            blocks=blocks or [],
            thread_ts=thread_ts,
            bot_id=user.bot_id,
            metadata=metadata,
            file_ids=list(file_ids),
            attachments=list(attachments),
            ephemeral_to=ephemeral_to,
            subtype=subtype,
        )
        self.messages[channel_id].append(message)
        self._by_ts[channel_id, message.ts] = message
        for file_id in message.file_ids:
            self.files[file_id].shares.setdefault(channel_id, []).append(message.ts)
        if ephemeral_to is None:
            if thread_ts is not None:
                self._threads.setdefault((channel_id, thread_ts), []).append(message)
                self._count_thread(channel_id, thread_ts)
            self.statuses.pop((channel_id, thread_ts or message.ts), None)
        self.announce("message", channel_id, ephemeral_to)
        return message

    def _count_thread(self, channel_id: str, thread_ts: str) -> None:
        parent = self.find_message(channel_id, thread_ts)
        if parent is not None:
            parent.reply_count = len(self.replies(channel_id, thread_ts))
            parent.thread_ts = parent.ts if parent.reply_count else None

    def replies(self, channel_id: str, thread_ts: str) -> list[Message]:
        """What everyone sees below a message, oldest first."""
        return self._threads.get((channel_id, thread_ts), [])

    def find_message(self, channel_id: str, ts: str | None) -> Message | None:
        """The message with this `ts`, ephemerals included."""
        return self._by_ts.get((channel_id, ts)) if ts is not None else None

    def edit_message(self, message: Message, **changes: Any) -> None:
        """Change fields of a message and mark it as edited; its `ts` stays."""
        for name, value in changes.items():
            setattr(message, name, value)
        message.edited = self.clock()
        self.announce("message", message.channel, message.ephemeral_to)

    def remove_message(self, message: Message) -> None:
        """Delete a message; a parent with replies leaves a gravestone, as in Slack."""
        if message.reply_count and not message.is_reply:
            message.subtype = "tombstone"
            message.text = "This message was deleted."
            message.blocks, message.file_ids, message.metadata = [], [], None
        else:
            self.messages[message.channel].remove(message)
            del self._by_ts[message.channel, message.ts]
            if message.thread_ts is not None and message.ephemeral_to is None:
                self.replies(message.channel, message.thread_ts).remove(message)
                self._count_thread(message.channel, message.thread_ts)
        self.announce("message", message.channel, message.ephemeral_to)

    def history(self, channel_id: str, *, viewer: str) -> list[Message]:
        """What this person sees in the channel itself, oldest first: no replies of threads."""
        return [
            message
            for message in self._visible(channel_id, viewer)
            if not message.is_reply or message.subtype == "thread_broadcast"
        ]

    def thread(self, channel_id: str, thread_ts: str, *, viewer: str) -> list[Message]:
        """What this person sees in a thread, the parent first."""
        return [
            message
            for message in self._visible(channel_id, viewer)
            if thread_ts in (message.ts, message.thread_ts)
        ]

    def _visible(self, channel_id: str, viewer: str) -> list[Message]:
        channel = self.channels.get(channel_id)
        if channel is None or not self.may_see(channel, viewer):
            return []
        return [
            message
            for message in self.messages[channel_id]
            if message.ephemeral_to in (None, viewer)
        ]

    def current_status(self, channel_id: str, thread_ts: str) -> str:
        """The live status of a thread ("is drawing…"), or "" when there is none."""
        status = self.statuses.get((channel_id, thread_ts))
        return status.text if status is not None and status.until > self.clock() else ""

    # -- files -----------------------------------------------------------------------------

    def add_file(self, user_id: str, name: str, content: bytes, *, title: str = "") -> File:
        """A file that is there and processed, as when a person uploads it in the client; while
        files are scanned, only in a moment."""
        file = self.start_file(user_id, name)
        self.fill_file(file, content)
        file.title = title or name
        file.is_ready_at = self.clock() + (SCAN_SECONDS if self.faults.scans_files else 0.0)
        self.files[file.id] = file
        self.announce("file", None, user_id)
        return file

    def start_file(self, user_id: str, name: str) -> File:
        """A file without bytes, known to nobody yet. Its URLs are below `base_url`."""
        file_id = self.new_id("F")
        path = f"{self.team_id}-{file_id}"
        file = File(
            id=file_id,
            name=name,
            mimetype="",
            content=b"",
            user=user_id,
            created=self.clock(),
            title=name,
            is_ready_at=math.inf,
        )
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
        safe = safe.lower()[-80:] or "file"
        file.url_private = f"{self.base_url}/files-pri/{path}/{safe}"
        file.url_private_download = f"{self.base_url}/files-pri/{path}/download/{safe}"
        file.permalink = f"{self.base_url}/files/{user_id}/{file_id}/{safe}"
        return file

    def fill_file(self, file: File, content: bytes) -> None:
        """Give a file its bytes; its type and size are read from them."""
        file.content = content
        file.mimetype = sniff_mimetype(content, file.name)
        file.width, file.height = read_picture_size(content)

    def is_file_ready(self, file: File) -> bool:
        """True once Slack has processed the file, so that a block may show it."""
        return not file.is_deleted and file.is_ready_at <= self.clock()

    def delete_file(self, file: File) -> None:
        """Delete a file: gone from every message; blocks that show it are broken from now on."""
        file.is_deleted = True
        file.content = b""
        for channel_id, stamps in file.shares.items():
            for ts in stamps:
                message = self.find_message(channel_id, ts)
                if message is not None and file.id in message.file_ids:
                    message.file_ids.remove(file.id)
            self.announce("message", channel_id)
        self.announce("file")

    # -- permissions that end --------------------------------------------------------------

    def grant_trigger(
        self, user_id: str, view_id: str | None = None, channel_id: str | None = None
    ) -> str:
        """A new trigger_id: opens one view within `trigger_seconds`."""
        _forget_oldest(self.triggers)
        number = next(self._ids)
        trigger_id = f"{number}.{int(self.clock() * 1000)}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(trigger_id, user_id, self.clock(), view_id, channel_id)
        return trigger_id

    def grant_response_url(
        self,
        channel_id: str,
        user_id: str,
        *,
        path: Literal["commands", "actions", "app"] = "commands",
        message_ts: str | None = None,
        may_thread: bool = False,
    ) -> str:
        """A new response_url: five uses within thirty minutes."""
        _forget_oldest(self.response_urls)
        token = f"{self.team_id}/{next(self._ids)}/{secrets.token_urlsafe(18)}"
        self.response_urls[token] = ResponseUrl(
            token, channel_id, user_id, self.clock(), message_ts, may_thread
        )
        return f"{self.base_url}/{path}/{token}"

    # -- what the page watches -------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        """An id like Slack's: a letter and capital letters or digits."""
        return f"{prefix}0{next(self._ids):04d}{secrets.token_hex(2).upper()}"

    def subscribe(self) -> Subscription:
        """Every change from now on, as an async iterator; end it with `aclose()`."""
        return self._feed.subscribe()

    def announce(
        self, kind: ChangeKind, channel: str | None = None, user: str | None = None
    ) -> None:
        """Tell those who watch that something changed."""
        self._feed.announce(Change(kind, channel, user))

    def record_exchange(self, exchange: Exchange) -> Exchange:
        """Keep what went over the wire, for the page's drawer."""
        self.exchanges.append(exchange)
        if len(self.exchanges) > MOST_EXCHANGES * 1.1:
            del self.exchanges[:-MOST_EXCHANGES]
        self.announce("exchange")
        return exchange

    def next_number(self) -> int:
        """A number that was not given out before."""
        return next(self._ids)

    def send_event(self, event: Json, kind: str) -> None:
        """Hand an event to Delivery, when there is one and the app subscribed to this kind."""
        if self.event_sink is not None:
            self.event_sink(event, kind)


def _rename(kept: dict[tuple[str, str], Any], old_id: str, new_id: str) -> None:
    """What is kept by channel and time, under the channel's new id."""
    for channel_id, ts in [key for key in kept if key[0] == old_id]:
        kept[new_id, ts] = kept.pop((channel_id, ts))


def _forget_oldest(permissions: dict[str, Any]) -> None:
    """Keep a long run's memory flat; what goes has ended long ago."""
    if len(permissions) > MOST_PERMISSIONS:
        for key in list(permissions)[: MOST_PERMISSIONS // 2]:
            del permissions[key]

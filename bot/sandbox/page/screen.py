"""What one person sees on the page, read from the workspace: rows, threads, modals and Home.

Nothing here changes the workspace. Times are epoch seconds; words for them are made here.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup

from bot.sandbox.page.block_renderer import (
    BlockRenderer,
    Json,
    Lookups,
    Option,
    Picture,
    Surface,
    picture_of_file,
)
from bot.sandbox.page.mrkdwn import RenderContext, format_date, render_mrkdwn, strip_mrkdwn
from bot.sandbox.page.notices import Notice, Notices
from bot.sandbox.slack.records import Channel, Message, User, View
from bot.sandbox.slack.workspace import Workspace

_GROUPED_SECONDS = 300
MOST_ROWS = 150
_MOST_DRAWN = 2000
BROADCAST = "thread_broadcast"
"""The subtype of a reply that was also sent to the channel (`reply_broadcast`)."""
_WITH_BUTTONS = ("actions", "context_actions")


@dataclass(frozen=True)
class Profile:
    """Who wrote something, as far as the eye is concerned."""

    name: str
    initials: str
    colour: str
    is_bot: bool = False
    is_slack: bool = False


@dataclass(frozen=True)
class SharedFile:
    """A file that hangs below a message."""

    id: str
    name: str
    picture: Picture
    words: str


@dataclass
class Row:
    """One message in a list."""

    ts: str
    author: Profile
    body: Markup
    clock: str
    exact: str
    is_head: bool = True
    """False when it follows the same person's message within five minutes."""
    day: str | None = None
    """Words of the divider above it, when a new day begins here."""
    is_ephemeral: bool = False
    is_notice: bool = False
    is_deleted: bool = False
    is_own: bool = False
    is_quiet: bool = False
    """A line of Slack's own, such as that someone joined."""
    spoken: str = ""
    """The words beside the blocks: all that a notification or a screen reader gets."""
    files: list[SharedFile] = field(default_factory=list)
    attached: list[tuple[str, Markup]] = field(default_factory=list)
    """Author and words of each message that was forwarded with it."""
    reactions: list[tuple[str, int]] = field(default_factory=list)
    reply_count: int = 0
    last_reply: str = ""
    repliers: list[Profile] = field(default_factory=list)
    status: str = ""
    """What the bot says that it is doing in this thread right now."""
    thread: str | None = None
    """Of a reply that was also sent to the channel: its thread."""
    thread_words: str = ""
    """How that thread begins."""


@dataclass(frozen=True)
class ChannelLink:
    """A conversation in the sidebar."""

    id: str
    name: str
    kind: str
    href: str
    is_current: bool
    is_unread: bool
    is_shared: bool = False


SLACKBOT = Profile("Slackbot", "S", "#4a154b", is_slack=True)


class BodyCache:
    """Bodies of messages that were drawn, kept as long as nothing in them has changed."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[tuple[Any, ...], Markup]] = {}
        self._mark: tuple[Any, ...] = ()

    def forget_unless(self, mark: tuple[Any, ...]) -> None:
        """Forget everything when `mark` (the day, the files' states) is not what it was."""
        if mark != self._mark or len(self._kept) > _MOST_DRAWN:
            self._kept.clear()
            self._mark = mark

    def keep(self, key: Hashable, state: tuple[Any, ...], draw: Callable[[], Markup]) -> Markup:
        """What was drawn for `key`, drawn again when `state` is another one than then."""
        kept = self._kept.get(key)
        if kept is None or kept[0] != state:
            kept = self._kept[key] = (state, draw())
        return kept[1]


class Screen:
    """The page as one person sees it at one moment."""

    def __init__(
        self,
        workspace: Workspace,
        environment: jinja2.Environment,
        viewer: User,
        notices: Notices,
        zone: tzinfo,
        bodies: BodyCache,
    ) -> None:
        self.workspace = workspace
        self.viewer = viewer
        self._environment = environment
        self._notices = notices
        self.now = workspace.clock()
        self.context = RenderContext(self, self.now, zone, viewer.id)
        self._bodies = bodies
        today = format_date("{date_num}", self.now, self.context)
        bodies.forget_unless((today, *_mark_files(workspace)))
        self._lookups = Lookups(
            self._picture, self._file_of_url, self._file_name, self._people, self._conversations
        )

    # -- names, as mrkdwn asks for them ------------------------------------------------------

    def user_name(self, user_id: str) -> str | None:
        """The name behind a mention."""
        user = self.workspace.users.get(user_id)
        return user.real_name if user else None

    def channel_name(self, channel_id: str) -> str | None:
        """The name of a conversation this person may see."""
        channel = self.workspace.channels.get(channel_id)
        if channel is None or not self.workspace.may_see(channel, self.viewer.id):
            return None
        return self.title_of(channel)

    def link_to(self, channel_id: str, thread_ts: str | None, ts: str | None) -> str:
        """The page's own address of a conversation, thread or message."""
        path = f"/c/{channel_id}" + (f"/t/{thread_ts}" if thread_ts else "")
        return f"{path}?{urlencode({'as': self.viewer.id})}" + (f"#m-{ts}" if ts else "")

    def title_of(self, channel: Channel) -> str:
        """What a conversation is called here; a DM is called after the other one."""
        if channel.is_people_dm:
            others = [user_id for user_id in channel.members if user_id != self.viewer.id]
            return " and ".join(self.profile(user_id).name for user_id in sorted(others))
        return self.workspace.bot.real_name if channel.kind == "im" else channel.name

    # -- sidebar ----------------------------------------------------------------------------

    def channel_links(self, current: str | None) -> list[ChannelLink]:
        """All conversations of this person, channels by name, then the DM with the bot."""
        found = [
            channel
            for channel in self.workspace.channels.values()
            if self.workspace.may_see(channel, self.viewer.id)
            and (channel.kind != "im" or self.viewer.id in channel.members)
        ]
        found.sort(key=lambda channel: (channel.kind == "im", channel.name))
        return [self._channel_link(channel, current) for channel in found]

    def _channel_link(self, channel: Channel, current: str | None) -> ChannelLink:
        return ChannelLink(
            id=channel.id,
            name=self.title_of(channel),
            kind="people_dm" if channel.is_people_dm else channel.kind,
            is_shared=channel.shared_with is not None,
            href=self.link_to(channel.id, None, None),
            is_current=channel.id == current,
            is_unread=channel.id != current and self._is_unread(channel.id),
        )

    def _is_unread(self, channel_id: str) -> bool:
        seen = self._notices.seen_until(self.viewer.id, channel_id)
        history = self.workspace.history(channel_id, viewer=self.viewer.id)
        return any(
            float(message.ts) > seen and message.user != self.viewer.id for message in history[-20:]
        )

    # -- messages ---------------------------------------------------------------------------

    def channel_rows(self, channel_id: str) -> list[Row]:
        """The newest messages of a conversation, oldest first, with what only this person sees."""
        messages = self.workspace.history(channel_id, viewer=self.viewer.id)[-MOST_ROWS:]
        # An ephemeral message in a thread is a reply; the history leaves those out by itself.
        return self._rows(channel_id, messages, self._notices.of(self.viewer.id, channel_id, None))

    def thread_rows(self, channel_id: str, thread_ts: str) -> list[Row]:
        """A thread, the parent first; empty when there is none."""
        messages = self.workspace.thread(channel_id, thread_ts, viewer=self.viewer.id)
        notices = self._notices.of(self.viewer.id, channel_id, thread_ts)
        return self._rows(channel_id, messages, notices, is_thread=True)

    def _rows(
        self,
        channel_id: str,
        messages: Iterable[Message],
        notices: Iterable[Notice],
        *,
        is_thread: bool = False,
    ) -> list[Row]:
        rows = [self._row(message, is_thread=is_thread) for message in messages]
        if rows:
            by_parent = self._replies_by_parent(channel_id)
            for row in rows:
                if row.ts in by_parent:
                    self._summarise_thread(row, by_parent[row.ts])
        rows += [self._notice_row(notice) for notice in notices]
        rows.sort(key=lambda row: float(row.ts))
        previous: Row | None = None
        for row in rows:
            today = self._day(row.ts)
            if previous is None or self._day(previous.ts) != today:
                row.day = today
            elif _belongs_to(row, previous):
                row.is_head = False
            previous = row
        if is_thread and len(rows) > 1:
            rows[1].is_head = True
        return rows

    def _replies_by_parent(self, channel_id: str) -> dict[str, list[Message]]:
        found: dict[str, list[Message]] = {}
        for message in self.workspace.messages.get(channel_id, ()):
            if message.is_reply and message.ephemeral_to is None:
                found.setdefault(str(message.thread_ts), []).append(message)
        return found

    def _row(self, message: Message, *, is_thread: bool) -> Row:
        at = float(message.ts)
        parent = None
        if message.subtype == BROADCAST:
            parent = self.workspace.find_message(message.channel, message.thread_ts)
        return Row(
            ts=message.ts,
            thread=parent.ts if parent else None,
            thread_words=_begin(strip_mrkdwn(parent.text, self.context)) if parent else "",
            author=self.profile(message.user),
            body=self.body(message, "t" if is_thread else "c"),
            clock=format_date("{time}", at, self.context),
            exact=format_date("{date_long} at {time_secs}", at, self.context),
            is_ephemeral=message.ephemeral_to is not None,
            is_deleted=message.is_deleted,
            is_own=message.user == self.viewer.id,
            is_quiet=message.subtype is not None and message.subtype.startswith("channel_"),
            spoken=strip_mrkdwn(message.text, self.context) if message.blocks else "",
            files=self._files(message),
            attached=[
                (each.get("author_name", ""), render_mrkdwn(each.get("text", ""), self.context))
                for each in message.attachments
            ],
            reactions=[(name, len(users)) for name, users in message.reactions.items() if users],
            status=self.workspace.current_status(message.channel, message.ts),
        )

    def _summarise_thread(self, row: Row, replies: list[Message]) -> None:
        row.reply_count = len(replies)
        users = list(dict.fromkeys(reply.user for reply in replies))
        row.repliers = [self.profile(user) for user in users[:4]]
        last = float(replies[-1].ts)
        row.last_reply = format_date("{date_short_pretty} at {time}", last, self.context)

    def _notice_row(self, notice: Notice) -> Row:
        at = float(notice.ts)
        return Row(
            ts=notice.ts,
            author=SLACKBOT,
            body=Markup('<div class="mrkdwn" dir="auto">{}</div>').format(notice.text),
            clock=format_date("{time}", at, self.context),
            exact=format_date("{date_long} at {time_secs}", at, self.context),
            is_ephemeral=True,
            is_notice=True,
        )

    def body(self, message: Message, place: str) -> Markup:
        """The blocks of a message, or its text when it has none; drawn anew only after a change."""
        key = (self.viewer.id, message.channel, message.ts, place)
        state = (message.blocks, message.text, message.edited, tuple(message.broken_files))
        return self._bodies.keep(key, state, lambda: self._draw_body(message, place))

    def _draw_body(self, message: Message, place: str) -> Markup:
        if message.blocks:
            surface = Surface(
                "message",
                f"{place}{message.ts.replace('.', '-')}",
                broken_files=frozenset(message.broken_files),
            )
            blocks = message.blocks
            if message.subtype == BROADCAST and place == "c":
                # "It's a pointer or reference to the actual thread […]. The reference cannot
                # contain attachments or message buttons."
                # https://docs.slack.dev/reference/events/message/thread_broadcast
                blocks = [each for each in blocks if each["type"] not in _WITH_BUTTONS]
            return self._renderer(surface).blocks(blocks)
        if not message.text:
            return Markup("")
        words = render_mrkdwn(message.text, self.context)
        if message.edited is not None and message.bot_id is None:
            words += Markup(' <span class="edited">(edited)</span>')
        return Markup('<div class="mrkdwn" dir="auto">{}</div>').format(words)

    def profile(self, user_id: str) -> Profile:
        """Name, initials and colour of a person or bot."""
        user = self.workspace.users.get(user_id)
        if user is None:
            return Profile(user_id, "?", "#616061")
        initials = "".join(part[0] for part in user.real_name.split()[:2]).upper()
        return Profile(user.real_name, initials or "?", user.colour, is_bot=user.is_bot)

    def _day(self, ts: str) -> str:
        day = format_date("{day_divider_pretty}", float(ts), self.context)
        return day[:1].upper() + day[1:]

    # -- modals and Home --------------------------------------------------------------------

    def modal(self) -> View | None:
        """The modal on top of this person's stack."""
        stack = self.workspace.view_stacks.get(self.viewer.id) or []
        return stack[-1] if stack else None

    def draw_view(self, view: View) -> Markup:
        """The blocks of a modal or Home tab, filled in as far as the person has."""
        surface = Surface(
            view.type,
            view.id,
            values=view.state.get("values") or {},
            errors=self._notices.view_errors.get(view.id, {}),
        )
        return self._renderer(surface).blocks(view.body.get("blocks") or [])

    def plain(self, text: Json | None, otherwise: str = "") -> Markup:
        """A title or a button's words."""
        if not text:
            return Markup("{}").format(otherwise)
        return self._renderer(Surface("modal", "title")).text(text)

    def home(self) -> View | None:
        """What the bot published on this person's Home tab."""
        return self.workspace.homes.get(self.viewer.id)

    # -- what blocks refer to ---------------------------------------------------------------

    def _renderer(self, surface: Surface) -> BlockRenderer:
        return BlockRenderer(self._environment, self.context, self._lookups, surface)

    def _files(self, message: Message) -> list[SharedFile]:
        files = []
        for file_id in message.file_ids:
            file = self.workspace.files.get(file_id)
            if file is not None:
                words = f"{file.mimetype or 'file'} · {_size_words(len(file.content))}"
                files.append(
                    SharedFile(file.id, file.title or file.name, self._picture(file_id), words)
                )
        return files

    def _picture(self, file_id: str) -> Picture:
        file = self.workspace.files.get(file_id)
        if file is None:
            return Picture(None, "No such file in this workspace.")
        return picture_of_file(
            file.id,
            mimetype=file.mimetype,
            is_ready=self.workspace.is_file_ready(file) or file.is_deleted,
            is_deleted=file.is_deleted,
            width=file.width,
            height=file.height,
        )

    def _file_of_url(self, url: str) -> str | None:
        for file in self.workspace.files.values():
            if url and url in (file.url_private, file.url_private_download, file.permalink):
                return file.id
        return None

    def _file_name(self, file_id: str) -> str:
        file = self.workspace.files.get(file_id)
        return file.name if file else file_id

    def _people(self) -> list[Option]:
        people = [user for user in self.workspace.users.values() if not user.is_bot]
        return [Option(user.id, user.real_name) for user in people]

    def _conversations(self) -> list[Option]:
        options = []
        for link in self.channel_links(None):
            is_direct = link.kind in ("im", "people_dm")
            name = f"{link.name} (direct message)" if is_direct else f"# {link.name}"
            options.append(Option(link.id, name, "im" if is_direct else link.kind))
        return options


def _belongs_to(row: Row, previous: Row) -> bool:
    return (
        row.author == previous.author
        and row.is_ephemeral == previous.is_ephemeral
        and not previous.reply_count
        and not row.is_deleted
        and float(row.ts) - float(previous.ts) < _GROUPED_SECONDS
    )


def _begin(words: str) -> str:
    """The first words of a thread, on one line."""
    line = " ".join(words.split())
    return line if len(line) <= 80 else f"{line[:79]}…"


def _mark_files(workspace: Workspace) -> tuple[int, int, int]:
    files = list(workspace.files.values())
    ready = sum(1 for file in files if workspace.is_file_ready(file))
    return len(files), ready, sum(1 for file in files if file.is_deleted)


def _size_words(size: int) -> str:
    if size < 1024:
        return f"{size} bytes"
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"

"""One call of the Web API: its arguments, its permissions, and Slack's way to say no."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.slack.blocks import MOST_CHARACTERS, check_message_blocks, fill_ids
from bot.sandbox.slack.records import Channel, File, Json
from bot.sandbox.slack.workspace import HISTORY_SCOPES, Workspace

Caller = Literal["bot", "app", "any"]


class SlackError(Exception):
    """`{"ok": false, "error": …}`; `more` goes into the answer as well."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more

    def to_answer(self) -> Json:
        """The body of the answer."""
        return {"ok": False, "error": self.error, **self.more}


def refuse_arguments(*words: str, error: str = "invalid_arguments") -> SlackError:
    """An error that says in `response_metadata.messages` what is wrong."""
    messages = [f"[ERROR] {word}" for word in words]
    return SlackError(error, errors=list(words), response_metadata={"messages": messages})


def parse_json(body: bytes | str) -> Any:
    """Parse JSON, half surrogates replaced as Slack does; raises ValueError when it is none."""
    try:
        value = json.loads(body)
        text = json.dumps(value, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            value = json.loads(text.encode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


@dataclass
class Call:
    """Arguments as they came (JSON, form or query, merged), with Slack's loose types."""

    workspace: Workspace
    method: str
    arguments: Json = field(default_factory=dict)

    def take_text(self, name: str) -> str:
        """A required argument."""
        value = self.find_text(name)
        if value is None:
            raise refuse_arguments(f"missing required field: {name}")
        return value

    def find_text(self, name: str) -> str | None:
        """An optional argument; numbers become text, "" is as good as left out."""
        value = self.arguments.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise refuse_arguments(f"must provide a string [json-pointer:/{name}]")
        return str(value)

    def find_flag(self, name: str) -> bool:
        """An optional boolean: true, "true" or 1."""
        return str(self.arguments.get(name, "")).lower() in {"true", "1"}

    def find_number(self, name: str, default: int) -> int:
        """An optional whole number."""
        value = self.find_text(name)
        if value is None:
            return default
        try:
            return int(value)
        except ValueError:
            raise refuse_arguments(f"must provide an integer [json-pointer:/{name}]") from None

    def find_json(self, name: str, error: str = "invalid_arguments") -> Any:
        """An optional object or list; forms carry it as a string of JSON."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        try:
            return parse_json(value)
        except ValueError:
            raise SlackError(error) from None

    # -- permissions -----------------------------------------------------------------------

    def need_scope(self, scope: str) -> None:
        """Raise `missing_scope` unless the bot was given this scope."""
        if scope not in self.workspace.scopes:
            provided = ",".join(sorted(self.workspace.scopes))
            raise SlackError("missing_scope", needed=scope, provided=provided)

    def need_history(self, channel: Channel) -> None:
        """Raise `missing_scope` unless the bot may read conversations of this kind."""
        self.need_scope(HISTORY_SCOPES[channel.kind])

    def find_channel(self, name: str = "channel", *, may_be_person: bool = False) -> Channel:
        """The conversation that an argument names by id, `#name` or (if it may be) a person's id.

        Private channels and DMs without the bot are `channel_not_found`, as in Slack.
        """
        wanted = self.take_text(name)
        workspace = self.workspace
        channel = workspace.channels.get(wanted)
        if channel is None and may_be_person and wanted in workspace.users:
            if workspace.users[wanted].is_bot:
                raise SlackError("channel_not_found")
            channel = workspace.open_dm(wanted)
        if channel is None and may_be_person:
            plain = wanted.removeprefix("#")
            channels = workspace.channels.values()
            channel = next((c for c in channels if c.kind == "public" and c.name == plain), None)
        if channel is None or not workspace.may_see(channel, workspace.bot.id):
            raise SlackError("channel_not_found")
        return channel

    def need_member(self, channel: Channel) -> None:
        """Raise `not_in_channel` unless the bot is in it."""
        if self.workspace.bot.id not in channel.members:
            raise SlackError("not_in_channel")

    # -- content ---------------------------------------------------------------------------

    def take_blocks(self) -> list[Json] | None:
        """The checked blocks with all ids filled in; None when the call has none."""
        blocks = self.find_json("blocks", "invalid_blocks_format")
        return None if blocks is None else accept_blocks(self.workspace, blocks)

    def take_metadata(self) -> Json | None:
        """Message metadata: `{"event_type": text, "event_payload": object}`; {} removes it."""
        metadata = self.find_json("metadata", "invalid_metadata_format")
        if metadata is None or metadata == {}:
            return None
        is_good = (
            isinstance(metadata, dict)
            and isinstance(metadata.get("event_type"), str)
            and isinstance(metadata.get("event_payload"), dict)
        )
        if not is_good:
            raise SlackError("invalid_metadata_format")
        return {
            "event_type": metadata["event_type"],
            "event_payload": metadata["event_payload"],
        }


def find_block_file(workspace: Workspace, key: str) -> File | None:
    """The file that a `slack_file` names by id, private URL or permalink."""
    if key in workspace.files:
        return workspace.files[key]
    for file in workspace.files.values():
        if key in (file.url_private, file.url_private_download, file.permalink):
            return file
    return None


def accept_blocks(workspace: Workspace, blocks: Any) -> list[Json]:
    """Check a message's blocks and fill in ids; raises SlackError when Slack would refuse them."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    report = check_message_blocks(
        blocks, lambda key: find_block_file(workspace, key), workspace.is_file_ready
    )
    if report.errors:
        raise refuse_arguments(*report.errors, error="invalid_blocks")
    if report.characters > MOST_CHARACTERS:
        raise SlackError("msg_blocks_too_long")
    return fill_ids(blocks)


@dataclass(frozen=True)
class Method:
    """A row of the table: who answers, what the token must be able to do, what may be passed."""

    answer: Callable[[Call], Json]
    arguments: frozenset[str]
    scope: str | None = None
    caller: Caller = "bot"


def method(
    answer: Callable[[Call], Json],
    arguments: str = "",
    *,
    scope: str | None = None,
    caller: Caller = "bot",
) -> Method:
    """A row; `arguments` are names with spaces between."""
    return Method(answer, frozenset(arguments.split()), scope, caller)

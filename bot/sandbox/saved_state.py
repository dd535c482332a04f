"""The stand-ins' world on disk, beside the bot's database: so that a restart of the sandbox is one.

A directory: a JSON file for each stand-in, the ports that they had, and the files of Slack's
workspace as they are. What cannot outlive a process is left out: open modals, triggers, faults that
were ordered, the record of exchanges.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from bot.sandbox.powerpost.calendar import CalendarEntry
from bot.sandbox.powerpost.captions import CaptionGeneration
from bot.sandbox.powerpost.generation import ImageGeneration
from bot.sandbox.powerpost.media import Media
from bot.sandbox.powerpost.posts import Post
from bot.sandbox.powerpost.service import Charge, PowerPost
from bot.sandbox.slack.records import (
    Channel,
    File,
    Json,
    Message,
    ResponseUrl,
    User,
    UserGroup,
    View,
)
from bot.sandbox.slack.workspace import Workspace

# What happens within this is written at once; a process that is killed loses no more.
_PAUSE_SECONDS: Final = 0.5
_OWNERS_DIRECTORY: Final = 0o700
_OWNERS_FILE: Final = 0o600
_SLACK: Final = {
    "users": dict[str, User],
    "user_groups": dict[str, UserGroup],
    "channels": dict[str, Channel],
    "messages": dict[str, list[Message]],
    "files": dict[str, File],
    "homes": dict[str, View],
    "response_urls": dict[str, ResponseUrl],
    "former_channels": dict[str, str],
}


class SavedState:
    """One directory. RuntimeError where it cannot be read or written."""

    def __init__(self, directory: Path, ports: Mapping[str, int] | None = None) -> None:
        """`ports` are those of the stand-ins, which their addresses in it go by."""
        self._directory = directory
        self._ports = dict(ports or {})
        self._files = directory / "files"
        self._is_private = False

    def restore(self, workspace: Workspace, powerpost: PowerPost) -> bool:
        """Give both what they had. False where nothing was kept yet."""
        slack, other = self._read("slack.json"), self._read("powerpost.json")
        if slack is None and other is None:
            return False
        if slack is None or other is None:
            raise self._unreadable("a half is missing")
        try:
            kept = {name: _load(kind, slack[name]) for name, kind in _SLACK.items()}
            for file in kept["files"].values():
                file.content = self._read_file(file)
            workspace.restore(kept, slack["base_url"])
            powerpost.restore(
                generations=_load(dict[str, ImageGeneration], other["generations"]),
                media=_load(dict[str, Media], other["media"]),
                charges=_load(list[Charge], other["charges"]),
                balance=other["balance"],
                due=other["due"],
                captions=_load(dict[str, CaptionGeneration] | None, other.get("captions")),
                posts=_load(dict[str, Post], other.get("posts", {})),
                entries=_load(dict[str, CalendarEntry], other.get("entries", {})),
                secret=bytes.fromhex(other["secret"]),
            )
        except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
            raise self._unreadable(type(error).__name__) from None
        return True

    def _unreadable(self, why: str) -> RuntimeError:
        return RuntimeError(
            f"{self._directory} cannot be read ({why}). Delete it, with the database beside it, to "
            "start over."
        )

    def save(self, workspace: Workspace, powerpost: PowerPost) -> None:
        """Keep both as they are."""
        try:
            self._save(workspace, powerpost)
        except OSError as error:
            raise RuntimeError(f"{self._directory} cannot be written ({error.strerror}).") from None

    def _save(self, workspace: Workspace, powerpost: PowerPost) -> None:
        self._make_private()
        self._write("ports.json", self._ports)
        for file in workspace.files.values():
            path = self._files / file.id
            if file.content and not path.exists():
                _write_private(path, file.content)
        slack = {name: _dump(getattr(workspace, name)) for name in _SLACK}
        self._write("slack.json", slack | {"base_url": workspace.base_url})
        kept = powerpost.kept()
        self._write("powerpost.json", {name: _dump(value) for name, value in kept.items()})

    @contextlib.asynccontextmanager
    async def keeping(self, workspace: Workspace, powerpost: PowerPost) -> AsyncIterator[None]:
        """Save whatever changes, and all of it in the end, unless it ends with an error."""
        changed = asyncio.Event()

        async def watch(news: AsyncIterator[object]) -> None:
            async for _ in news:
                changed.set()

        async def save() -> None:
            while True:
                await changed.wait()
                await asyncio.sleep(_PAUSE_SECONDS)
                changed.clear()
                self.save(workspace, powerpost)

        doing = (watch(workspace.subscribe()), watch(powerpost.subscribe()), save())
        tasks = [asyncio.create_task(each) for each in doing]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self.save(workspace, powerpost)

    def _read_file(self, file: File) -> bytes:
        path = self._files / Path(file.id).name
        return path.read_bytes() if not file.is_deleted and path.exists() else b""

    def _read(self, name: str) -> Json | None:
        try:
            found = json.loads((self._directory / name).read_text("utf-8"))
        except (OSError, ValueError) as error:
            # Nothing is there, or nothing can be: the bot says so of the database beside it.
            if isinstance(error, FileNotFoundError) or not self._directory.exists():
                return None
            raise self._unreadable(f"{name}: {type(error).__name__}") from None
        if not isinstance(found, dict):
            raise self._unreadable(f"{name} is something else")
        return found

    def _write(self, name: str, document: Json) -> None:
        """As a whole or not at all."""
        path = self._directory / name
        draft = path.with_suffix(".new")
        _write_private(draft, json.dumps(document, default=_plain).encode())
        draft.replace(path)

    def _make_private(self) -> None:
        """The messages and pictures of people who try it are theirs alone: also those of an older
        version, which left that to the umask."""
        for directory in (self._directory, self._files):
            directory.mkdir(mode=_OWNERS_DIRECTORY, parents=True, exist_ok=True)
        if not self._is_private:
            self._is_private = True
            for path in (self._directory, *self._directory.rglob("*")):
                with contextlib.suppress(PermissionError):  # somebody else's, who lets us write
                    path.chmod(_OWNERS_DIRECTORY if path.is_dir() else _OWNERS_FILE)


def _write_private(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(path, flags, _OWNERS_FILE), "wb") as file:
        file.write(content)


def _dump(value: Any) -> Any:
    if isinstance(value, File):
        value = dataclasses.replace(value, content=b"")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: _dump(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: _dump(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_dump(each) for each in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, bytes):
        return value.decode("latin-1")
    raise TypeError(type(value).__name__)


def _load(kind: Any, document: Any) -> Any:
    return TypeAdapter(kind).validate_python(document)

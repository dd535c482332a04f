"""Imports every module of the bot and prints what they did besides: `python -m tests.importing`.

Run as a process of its own: Python's audit hooks cannot be taken away again. What libraries do
while they are imported is not counted, only what our own lines do.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from tests.support.root import ROOT

BOT = ROOT / "bot"
# Alembic runs these, and only while it migrates.
NOT_IMPORTED = ("bot.store.migrations",)
# Opening files, sockets and processes, starting threads.
WATCHED = ("open", "socket.", "subprocess.", "os.system", "sqlite3.", "_thread.start", "shutil.")

deeds: list[str] = []


def list_modules() -> list[str]:
    """The names of all modules of the bot."""
    names = []
    for path in sorted(BOT.rglob("*.py")):
        parts = ["bot", *path.relative_to(BOT).with_suffix("").parts]
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return [name for name in names if not name.startswith(NOT_IMPORTED)]


def find_our_line(frame: FrameType | None) -> str | None:
    """The line of ours that is at work, unless it is only importing something."""
    while frame is not None:
        name = frame.f_code.co_filename
        # pydantic looks for its plug-ins when the first class is made.
        if name.startswith("<frozen importlib") or "/pydantic/" in name:
            return None
        if name.startswith(str(BOT)):
            return f"{Path(name).relative_to(BOT.parent)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def note_deed(event: str, _arguments: tuple[Any, ...]) -> None:
    """The audit hook."""
    if event.startswith(WATCHED) and (line := find_our_line(sys._getframe(1))):
        deeds.append(f"{line} {event}")


class WatchedEnvironment(dict[str, str]):
    """The environment, which tells who looks."""

    def _note(self) -> None:
        if line := find_our_line(sys._getframe(2)):
            deeds.append(f"{line} reads the environment")

    def __getitem__(self, key: str) -> str:
        self._note()
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """As a dict's."""
        self._note()
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._note()
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._note()
        return super().__iter__()


def main() -> NoReturn:
    """Print {"deeds": […], "threads": […], "modules": n} as JSON."""
    names = list_modules()
    # Not to change it, but to see who looks.
    os.environ = WatchedEnvironment(os.environ)  # type: ignore[assignment]  # noqa: B003
    sys.addaudithook(note_deed)
    for name in names:
        importlib.import_module(name)
    threads = [thread.name for thread in threading.enumerate()][1:]
    print(json.dumps({"deeds": deeds, "threads": threads, "modules": len(names)}))
    sys.exit(0)


if __name__ == "__main__":
    main()

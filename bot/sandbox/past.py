"""A clock that a sandbox moves: a demo's history is made in the past, and then told to go on today.

The stand-ins take it as their clock. The bot's process, which knows nothing of it, is started as
`python -m bot.sandbox.past run`: there `datetime.now` and `time.time` follow the file that
`IMAGINE_SANDBOX_CLOCK` names. What is waited for is never moved.
"""

from __future__ import annotations

import datetime
import os
import runpy
import struct
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

_CLOCK_FILE: Final = "IMAGINE_SANDBOX_CLOCK"
_SECONDS: Final = struct.Struct("d")  # how far the clock is from the real one


class SharedClock:
    """The real time, and so many seconds more: the same in every process that has the file."""

    def __init__(self, file: Path) -> None:
        self._path = file
        self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self._file).st_size < _SECONDS.size:
            self.move(0.0)

    def __call__(self) -> float:
        """Unix seconds."""
        return _real_time() + self.offset

    @property
    def offset(self) -> float:
        """Seconds that it is ahead of the real time; below 0 behind it."""
        seconds: float = _SECONDS.unpack(os.pread(self._file, _SECONDS.size, 0))[0]
        return seconds

    def share(self, environment: Mapping[str, str]) -> dict[str, str]:
        """`environment` of a process that is to follow it."""
        return {**environment, _CLOCK_FILE: str(self._path)}

    def move(self, offset: float) -> None:
        """Set `offset`, everywhere at once."""
        os.pwrite(self._file, _SECONDS.pack(offset), 0)


_real_time: Final[Callable[[], float]] = time.time


def _follow(clock: SharedClock) -> None:
    """From now on whoever imports `datetime` or `time` gets the time of `clock`."""
    real = datetime.datetime

    class _Times(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, real)

    class _Moved(datetime.datetime, metaclass=_Times):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return real.fromtimestamp(clock(), tz)

    datetime.datetime = _Moved  # type: ignore[misc]  # as libraries for moved clocks do
    time.time = clock


if __name__ == "__main__":
    _follow(SharedClock(Path(os.environ[_CLOCK_FILE])))
    runpy.run_module("bot", run_name="__main__", alter_sys=True)

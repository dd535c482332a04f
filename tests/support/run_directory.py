"""Where a run of the tests keeps its files: in memory if there is enough, and shared by all the
processes that the run is spread over.

The tests kill processes, not machines: what a process has written stays, on a disk or in memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")
_NEEDED_BYTES: Final = 3_000_000_000
_NAME: Final = "IMAGINE_TEST_RUN"
_OWNER: Final = "IMAGINE_TEST_RUN_PID"


def choose_directory() -> None:
    """Let temporary files, here and in every process that this one starts, be in memory."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    if shutil.disk_usage(_MEMORY).free >= _NEEDED_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def make_shared_directory() -> Path:
    """A directory that the run's other processes get by `shared_directory`. PostgreSQL, which will
    not be root, may enter it."""
    directory = Path(tempfile.mkdtemp(prefix="imagine-tests-"))
    directory.chmod(0o755)
    os.environ[_NAME] = str(directory)
    os.environ[_OWNER] = str(os.getpid())
    return directory


def shared_directory() -> Path:
    """The directory of this run."""
    return Path(os.environ[_NAME])


def shared_owner() -> int:
    """The process that the run began with; its end is the run's."""
    return int(os.environ[_OWNER])

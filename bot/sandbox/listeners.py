"""Listening sockets on loopback, open before anything is served: early callers queue."""

from __future__ import annotations

import random
import socket
from typing import Final

# Below the ports that Linux, macOS and Windows give to whoever asks for any.
_CHOSEN_BY_HAND: Final = range(15_000, 32_000)


def open_listener(port: int = 0) -> socket.socket:
    """Listen on a port of 127.0.0.1 (0: a free one), not served yet. OSError if it is taken."""
    # asyncio switches Nagle's algorithm off (which costs 40 ms an answer) only for sockets that
    # name their protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    """Such as `http://127.0.0.1:41234`."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def find_free_port() -> int:
    """A port that is free, for a process that takes its port itself. Not one of those that any
    connection may be given meanwhile, also while that process is started again. OSError if there
    is none."""
    for port in random.sample(_CHOSEN_BY_HAND, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port was found")

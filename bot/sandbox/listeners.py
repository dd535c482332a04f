"""Listening sockets on loopback, open before anything is served: early callers queue."""

from __future__ import annotations

import socket


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
    """A port that was free a moment ago, for a process that takes its port itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

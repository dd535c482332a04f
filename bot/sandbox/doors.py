"""Ports on loopback, taken before anyone stands behind them: who calls early waits in the queue."""

from __future__ import annotations

import socket


def open_door(port: int = 0) -> socket.socket:
    """Take a port of 127.0.0.1 (0: a free one) and let callers queue. OSError where it is taken."""
    # asyncio switches Nagle's algorithm off (which costs 40 ms an answer) only for sockets that
    # name their protocol.
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", port))
        door.listen(256)
    except OSError:
        door.close()
        raise
    door.setblocking(False)
    return door


def address_of(door: socket.socket) -> str:
    """Such as `http://127.0.0.1:41234`."""
    return f"http://127.0.0.1:{door.getsockname()[1]}"


def find_free_port() -> int:
    """A port that was free a moment ago, for a process that takes its port itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

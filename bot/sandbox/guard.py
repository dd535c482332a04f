"""Keeps web pages away from the stand-ins: a site in another tab can post to any port of loopback.

Bots send neither Origin nor Sec-Fetch-Site; browsers send one of them with all that a page asks for
without its visitor. DNS rebinding is stopped by the Host check. What is asked also needs a token,
which is another one at each start (process.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_LOOKS: Final = ("GET", "HEAD")


def why_not_loopback(headers: Mapping[str, str]) -> str | None:
    """Why the Host is none of this machine's; None where it is."""
    try:
        host = urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        host = None
    return None if host in _LOOPBACK else "This answers on loopback only."


def why_a_page(method: str, headers: Mapping[str, str]) -> str | None:
    """Why a web page asks, which is none of ours; None for a bot, for who follows a link, and for
    pictures in a page of this machine. `headers` have lower-case names. Pure."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin != f"http://{headers.get('host', '')}":
        return "No web page may ask this."
    if method not in _LOOKS:
        return None if site in (None, "same-origin") else "No web page may ask this."
    is_link = headers.get("sec-fetch-mode") == "navigate"
    return "No web page may ask this." if site == "cross-site" and not is_link else None


class ServiceGuard:
    """ASGI middleware around a stand-in, websockets included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        why = why_not_loopback(headers) or why_a_page(scope.get("method", "GET"), headers)
        if why is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(why, status_code=403)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

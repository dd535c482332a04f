"""Keeps other web pages away: only loopback hosts, only same-origin posts, a strict content policy.

The page can kill a process and read what was uploaded, so a site in another tab must not drive it.
DNS rebinding is stopped by the Host check, forged posts by Origin and Sec-Fetch-Site.
"""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.guard import why_not_loopback

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "connect-src 'self'; img-src 'self' http://127.0.0.1:* http://localhost:*; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def why_refused(method: str, headers: Mapping[str, str]) -> str | None:
    """Why a request does not come from this page's own visitor; ``None`` when it does.

    `headers` have lower-case names. A browser sends Origin or Sec-Fetch-Site with every post;
    a post with neither is refused as well.
    """
    if (why := why_not_loopback(headers)) is not None:
        return why
    if method in ("GET", "HEAD"):
        return None
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None and site is None:
        return "A post needs an Origin."
    if origin is not None and origin != f"http://{headers['host']}":
        return "A post must come from this page."
    if site is not None and site != "same-origin":
        return "A post must come from this page."
    return None


class Guard:
    """ASGI middleware around the page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        why = why_refused(scope["method"], Headers(scope=scope))
        if why is not None:
            await PlainTextResponse(why, status_code=403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)

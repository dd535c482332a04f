"""The proxy that a call goes through: one decision for PowerPost, Slack and pictures alike.

The environment says so, as for curl: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in small
letters too (`urllib.request.getproxies`, which aiohttp asks as well).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

_LIKE: Final = {"wss": "https", "ws": "http"}


def find_proxy(url: str) -> str | None:
    """The address of the proxy for `url`; None where it is called directly, as is what NO_PROXY
    names. Only what speaks HTTP counts: we have nothing for SOCKS."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    proxies = getproxies()
    proxy = proxies.get(_LIKE.get(parts.scheme, parts.scheme)) or proxies.get("all")
    if not proxy or not parts.hostname or proxy_bypass(parts.hostname):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    return proxy if proxy.startswith(("http://", "https://")) else None

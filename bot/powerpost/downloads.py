"""Fetching a finished picture: streamed, with limits on size, time and where it may come from.

The address comes from outside. It may be PowerPost's own origin, or a public https host; never a
host inside our own network, also not by a redirect, nor by a name that means another machine a
moment later. The key does not go along: links are signed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx

from bot.errors import Cause, ImagineError, Rejected, Transient
from bot.observing import Doing, Nobody, Observer

PICTURE_MAX_BYTES: Final = 30_000_000
PICTURE_SECONDS: Final = 60.0
_REDIRECTS_MAX: Final = 3
_AT_ONCE: Final = 8
# What `is_global` of Python's ipaddress lets through, and is not one machine of the open internet.
# https://www.iana.org/assignments/iana-ipv4-special-registry (and -ipv6-)
_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; Oracle's cloud tells its secrets there
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # Azure's own, from inside each of its machines
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: another address is within
        "3fff::/20",  # documentation
    )
)
_UNICAST_V6: Final = ipaddress.IPv6Network("2000::/3")  # all that is given out; no NAT64, no mapped

# The IP addresses of a host's name. Raises OSError where it has none.
Resolve = Callable[[str], Awaitable[list[str]]]


async def resolve_name(host: str) -> list[str]:
    """As this machine resolves it."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


class PictureStorage:
    """PowerPost's storage of finished pictures."""

    def __init__(
        self,
        api_url: str,
        *,
        max_bytes: int = PICTURE_MAX_BYTES,
        max_seconds: float = PICTURE_SECONDS,
        observer: Observer | None = None,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolve_name,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`tls`: whom to believe, if that is read already (PowerPostClient.tls). `resolve` and
        `transport` are the way to the outside: a test's own, else the network."""
        self._resolve = resolve
        self._observer = observer if observer is not None else Nobody()
        self._home = origin_of(api_url)
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._http = httpx.AsyncClient(
            transport=transport,
            follow_redirects=False,
            verify=tls or True,
            timeout=httpx.Timeout(20.0, connect=10.0),
            # Uncompressed, so that the cap on the bytes is a cap on memory.
            headers={"Accept-Encoding": "identity"},
            # A connection is for one name: by its address alone, another's would be taken for it.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def fetch(self, url: str) -> bytes:
        """The bytes behind `url`.

        Raises Transient where it may be tried again, Rejected where it may not: UNSAFE_ADDRESS,
        LINK_EXPIRED (403, 404, 410: ask PowerPost for a new link), TOO_LARGE.
        """
        with self._observer.watch(Doing.POWERPOST, "download"):
            return await self._fetch(url)

    async def _fetch(self, url: str) -> bytes:
        try:
            async with self._at_once, asyncio.timeout(self._max_seconds):
                return await self._follow(url)
        except TimeoutError as error:
            raise Transient(Cause.NO_ANSWER, "the download took too long") from error
        except httpx.HTTPError as error:
            raise Transient(Cause.NO_ANSWER, type(error).__name__) from error
        # Parsers of addresses, and of host names, each complain in their own way.
        except (httpx.InvalidURL, ValueError) as error:
            raise Rejected(Cause.UNSAFE_ADDRESS, "not an address") from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _follow(self, url: str) -> bytes:
        for _ in range(_REDIRECTS_MAX + 1):
            async with self._http.stream("GET", **await self._find_target(url)) as response:
                target = response.headers.get("location")
                if response.is_redirect and target:
                    url = urljoin(url, target)
                    continue
                if error := read_status(response.status_code):
                    raise error
                return await self._read(response)
        raise Rejected(Cause.UNSAFE_ADDRESS, "too many redirects")

    async def _read(self, response: httpx.Response) -> bytes:
        content = bytearray()
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > self._max_bytes:
                raise Rejected(Cause.TOO_LARGE, f"more than {self._max_bytes} bytes")
        return bytes(content)

    async def _find_target(self, url: str) -> dict[str, Any]:
        """What to send to whom: the address that was looked at is the one that is called."""
        if origin_of(url) == self._home:
            return {"url": url}
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise Rejected(Cause.UNSAFE_ADDRESS, "neither PowerPost's own nor https")
        try:
            addresses = await self._resolve(parts.hostname)
        except OSError as error:
            raise Transient(Cause.UNREACHABLE, "the host has no address") from error
        if not all(map(is_public, addresses)):
            raise Rejected(Cause.UNSAFE_ADDRESS, "not a public host")
        return pin_address(url, addresses[0])


def pin_address(url: str, address: str) -> dict[str, Any]:
    """The arguments of a request for `url`, an https one, at the IP `address`. Its certificate must
    still be the name's (https://www.python-httpx.org/advanced/extensions/#sni_hostname). Pure."""
    asked = httpx.URL(url)
    return {
        "url": asked.copy_with(host=address),
        "headers": {"Host": asked.netloc.decode("ascii")},
        "extensions": {"sni_hostname": asked.raw_host.decode("ascii")},
    }


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of `url`; ("", "", None) for what is not an address. Pure."""
    try:
        parts = urlsplit(url)
        default = {"https": 443, "http": 80}.get(parts.scheme)
        return parts.scheme, (parts.hostname or "").casefold(), parts.port or default
    except ValueError:
        return "", "", None


def is_public(address: str) -> bool:
    """Whether an IP address is one machine of the open internet, by itself: not one that another
    address is within, that a cloud answers on, or that examples are written with. Pure."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip.scope_id or ip not in _UNICAST_V6):
        return False
    is_special = any(ip in network for network in _NOT_PUBLIC if network.version == ip.version)
    return ip.is_global and not (is_special or ip.is_multicast or ip.is_reserved)


def read_status(status: int) -> ImagineError | None:
    """What a storage's answer means for what happens next. Pure."""
    if status == 200:
        return None
    if status in (401, 403, 404, 410):
        return Rejected(Cause.LINK_EXPIRED, f"http {status}")
    if status in (408, 429) or status >= 500:
        return Transient(Cause.SERVER_ERROR, f"http {status}")
    return Rejected(Cause.NOT_A_PICTURE, f"http {status}")

"""Fetching a finished picture: streamed, with limits on size, time and where it may come from.

The address comes from outside. It may be PowerPost's own origin, or a public https host; never a
host inside our own network, also not by a redirect, nor by a name that means another machine a
moment later. Behind a proxy the proxy finds the machine: then a name is refused that means one of
ours here, and the proxy says whom else it lets be called. The key does not go along: links are
signed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx

from bot.errors import Cause, Rejected, Transient
from bot.http.proxies import find_proxy
from bot.telemetry.instrumentation import NullObserver, Observer, Operation

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
# What can only be a name: an address in some old notation is none that a proxy should read.
_NAME: Final = re.compile(r"[^:]+\.[a-z][a-z0-9-]*\.?")
_TIMEOUT: Final = httpx.Timeout(20.0, connect=10.0)
# Where there is another address to try.
_TIMEOUT_OF_ONE: Final = httpx.Timeout(20.0, connect=4.0)

# The IP addresses of a host's name, in the order in which to try them. OSError where it has none.
Resolve = Callable[[str], Awaitable[list[str]]]


async def resolve_name(host: str) -> list[str]:
    """As this machine resolves it."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


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
        self._observer = observer if observer is not None else NullObserver()
        self._home = origin_of(api_url)
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._transport = transport
        self._tls = tls
        self._clients: dict[str | None, httpx.AsyncClient] = {}  # by proxy

    async def fetch(self, url: str) -> bytes:
        """The bytes behind `url`.

        Raises Transient where it may be tried again, also where the storage has no such picture:
        it may be there in a moment, or under a new link (LINK_EXPIRED). Rejected where it may not:
        UNSAFE_ADDRESS, TOO_LARGE.
        """
        with self._observer.watch(Operation.POWERPOST, "download"):
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
        for client in self._clients.values():
            await client.aclose()

    def _client(self, proxy: str | None) -> httpx.AsyncClient:
        if proxy not in self._clients:
            self._clients[proxy] = httpx.AsyncClient(
                proxy=proxy,
                transport=self._transport,
                trust_env=False,  # whether there is a proxy is decided here, for each address
                follow_redirects=False,
                verify=self._tls or True,
                timeout=_TIMEOUT,
                # Uncompressed, so that the cap on the bytes is a cap on memory.
                headers={"Accept-Encoding": "identity"},
                # A connection is for one name: by its address alone, another's would be taken
                # for it.
                limits=httpx.Limits(max_keepalive_connections=0),
            )
        return self._clients[proxy]

    async def _follow(self, url: str) -> bytes:
        for _ in range(_REDIRECTS_MAX + 1):
            proxy = find_proxy(url)
            targets = await self._find_targets(url, is_proxied=proxy is not None)
            response = await open_first(self._client(proxy), targets)
            try:
                target = response.headers.get("location")
                if response.is_redirect and target:
                    url = urljoin(url, target)
                    continue
                if error := read_status(response.status_code):
                    raise error
                return await self._read(response)
            finally:
                await response.aclose()
        raise Rejected(Cause.UNSAFE_ADDRESS, "too many redirects")

    async def _read(self, response: httpx.Response) -> bytes:
        content = bytearray()
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > self._max_bytes:
                raise Rejected(Cause.TOO_LARGE, f"more than {self._max_bytes} bytes")
        return bytes(content)

    async def _find_targets(self, url: str, *, is_proxied: bool) -> list[dict[str, Any]]:
        """What to send to whom: the addresses that were looked at are the ones that are called,
        each until one answers."""
        if origin_of(url) == self._home:
            return [{"url": url}]
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise Rejected(Cause.UNSAFE_ADDRESS, "neither PowerPost's own nor https")
        try:
            addresses = await self._resolve(parts.hostname)
        except OSError as error:
            if is_proxied and _NAME.fullmatch(parts.hostname):  # as usual behind one: it finds it
                return [{"url": url}]
            raise Transient(Cause.UNREACHABLE, "the host has no address") from error
        if not all(map(is_public, addresses)):
            raise Rejected(Cause.UNSAFE_ADDRESS, "not a public host")
        if is_proxied:
            return [{"url": url}]
        return [pin_address(url, address) for address in addresses]


async def open_first(http: httpx.AsyncClient, targets: Sequence[dict[str, Any]]) -> httpx.Response:
    """The answer, its body unread, of the first of `targets` (arguments of a request) that can be
    reached: a dead IPv6 address must not hide a good IPv4 one. Raises the last one's error."""
    *others, last = targets
    for target in others:
        request = http.build_request("GET", **target, timeout=_TIMEOUT_OF_ONE)
        try:
            return await http.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await http.send(http.build_request("GET", **last), stream=True)


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


def read_status(status: int) -> Transient | None:
    """What a storage's answer means for what happens next. Never the end: an object storage may
    say 404, or 403, for some seconds of what was put there just now. Pure."""
    if status == 200:
        return None
    if status in (401, 403, 404, 410):
        return Transient(Cause.LINK_EXPIRED, f"http {status}")
    if status in (408, 429) or status >= 500:
        return Transient(Cause.SERVER_ERROR, f"http {status}")
    return Transient(Cause.NOT_A_PICTURE, f"http {status}")

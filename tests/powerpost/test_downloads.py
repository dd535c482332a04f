"""Fetching pictures: only from where it may, never more than it may, and never with the key."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Cause, ImagineError, Rejected, Transient
from bot.powerpost.downloads import (
    PictureStorage,
    is_public,
    open_first,
    origin_of,
    pin_address,
    read_status,
    resolve_name,
)
from tests.support.scripted_powerpost import Script, play, write_answer

PICTURE = b"RIFF....WEBP" + bytes(range(256)) * 4


def send_to(target: str, status: int = 302) -> bytes:
    """A redirect."""
    return write_answer(status, b"", f"Location: {target}", "Connection: close")


async def fetch(script: Script, path: str = "/storage/1.webp", **limits: float) -> bytes:
    """The bytes behind a path of the storage."""
    storage = PictureStorage(
        script.url,
        max_bytes=int(limits.get("max_bytes", 10_000)),
        max_seconds=limits.get("max_seconds", 5.0),
    )
    try:
        return await storage.fetch(script.url.removesuffix("/api/v1") + path)
    finally:
        await storage.aclose()


async def test_a_picture_is_fetched_without_the_key_and_uncompressed() -> None:
    async with play(write_answer(200, PICTURE)) as script:
        assert await fetch(script, "/storage/1.webp?expires=1&signature=%2Fa") == PICTURE

    (head,) = script.heads
    assert head.startswith("GET /storage/1.webp?expires=1&signature=%2Fa HTTP/1.1")
    assert "accept-encoding: identity" in head.lower()
    for name in ("x-api-key", "authorization", "x-workspace-id", "cookie"):
        assert name not in head.lower()


async def test_no_connection_is_used_for_two_pictures() -> None:
    """It is kept by its address alone, and another name may have the same."""
    answer = write_answer(200, PICTURE, "Connection: keep-alive")
    async with play(answer) as script:
        storage = PictureStorage(script.url)
        for name in ("1.webp", "2.webp"):
            assert await storage.fetch(script.url.removesuffix("/api/v1") + f"/{name}") == PICTURE
        await storage.aclose()

    assert script.connections == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_within_the_storage_is_followed(status: int) -> None:
    async with play(send_to("/elsewhere/1.webp", status), write_answer(200, PICTURE)) as script:
        assert await fetch(script) == PICTURE

    assert script.heads[1].startswith("GET /elsewhere/1.webp ")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://2130706433:{port}/",
        "//127.0.0.1:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://[fd00::1]/",
        "https://0.0.0.0:{port}/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://",
        "https://" + "a" * 70 + ".example/",
        "http://[/",
    ],
)
async def test_a_redirect_into_our_own_network_is_refused(target: str) -> None:
    async with play(write_answer(200, b"a secret")) as inside:
        port = inside.url.split(":")[2].split("/")[0]
        async with play(send_to(target.format(port=port))) as script:
            with pytest.raises(Rejected) as caught:
                await fetch(script)

        assert caught.value.cause is Cause.UNSAFE_ADDRESS
        assert inside.connections == 0


# -- from hosts of the open internet ------------------------------------------------------------

HOME = "https://powerpost.example/api/v1"
ADDRESS, OTHER_ADDRESS = "93.184.215.14", "93.184.215.15"


@dataclass
class Internet:
    """Names, what is answered under each address of the web, and what was sent: (IP address, Host,
    name that the certificate must have, path)."""

    names: dict[str, list[str]]
    pages: dict[str, httpx.Response]
    asked: list[str] = field(default_factory=list)
    sent: list[tuple[str, str, str, str]] = field(default_factory=list)

    async def resolve(self, host: str) -> list[str]:
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        return self.names[host]

    def answer(self, request: httpx.Request) -> httpx.Response:
        host, path = request.headers["host"], request.url.raw_path.decode()
        name = request.extensions.get("sni_hostname", request.url.host)
        self.sent.append((request.url.host, host, name, path))
        for header in ("x-api-key", "authorization", "cookie"):
            assert header not in request.headers
        return self.pages[f"{request.url.scheme}://{host}{path}"]

    @asynccontextmanager
    async def open_storage(self) -> AsyncIterator[PictureStorage]:
        transport = httpx.MockTransport(self.answer)
        storage = PictureStorage(HOME, resolve=self.resolve, transport=transport)
        yield storage
        await storage.aclose()

    async def fetch(self, url: str) -> bytes:
        async with self.open_storage() as storage:
            return await storage.fetch(url)


def moved(target: str) -> httpx.Response:
    return httpx.Response(302, headers={"Location": target})


async def test_a_picture_of_a_public_host_is_fetched_at_the_address_that_was_looked_at() -> None:
    url = "https://cdn.example/1.webp?sig=%2Fa"
    net = Internet(
        {"cdn.example": [ADDRESS, OTHER_ADDRESS]}, {url: httpx.Response(200, content=PICTURE)}
    )

    assert await net.fetch(url) == PICTURE

    assert net.asked == ["cdn.example"]
    assert net.sent == [(ADDRESS, "cdn.example", "cdn.example", "/1.webp?sig=%2Fa")]


async def test_each_host_on_the_way_is_looked_at_and_called_by_its_own_name() -> None:
    pages = {
        "https://powerpost.example/1.webp": moved("https://cdn.example/a/1.webp"),
        "https://cdn.example/a/1.webp": moved("2.webp"),
        "https://cdn.example/a/2.webp": moved("https://eu.cdn.example:8443/2.webp"),
        "https://eu.cdn.example:8443/2.webp": httpx.Response(200, content=PICTURE),
    }
    net = Internet({"cdn.example": [ADDRESS], "eu.cdn.example": ["2606:2800::1"]}, pages)

    assert await net.fetch("https://powerpost.example/1.webp") == PICTURE

    assert net.sent == [
        ("powerpost.example", "powerpost.example", "powerpost.example", "/1.webp"),
        (ADDRESS, "cdn.example", "cdn.example", "/a/1.webp"),
        (ADDRESS, "cdn.example", "cdn.example", "/a/2.webp"),
        ("2606:2800::1", "eu.cdn.example:8443", "eu.cdn.example", "/2.webp"),
    ]


@pytest.mark.parametrize("addresses", [["10.0.0.1"], [ADDRESS, "127.0.0.1"], ["::1", ADDRESS]])
async def test_a_public_name_with_an_address_inside_is_never_called(addresses: list[str]) -> None:
    url = "https://cdn.example/1.webp"
    net = Internet({"cdn.example": addresses}, {url: httpx.Response(200, content=PICTURE)})

    with pytest.raises(Rejected) as caught:
        await net.fetch(url)

    assert caught.value.cause is Cause.UNSAFE_ADDRESS
    assert net.sent == []


async def test_every_address_of_a_host_is_tried() -> None:
    url = "https://cdn.example/1.webp"

    class HalfDead(Internet):
        def answer(self, request: httpx.Request) -> httpx.Response:
            if request.url.host == "2606:2800::1":
                raise httpx.ConnectError("no route to host")
            return super().answer(request)

    net = HalfDead(
        {"cdn.example": ["2606:2800::1", ADDRESS]}, {url: httpx.Response(200, content=PICTURE)}
    )

    assert await net.fetch(url) == PICTURE
    assert [address for address, *_ in net.sent] == [ADDRESS]


async def test_what_a_public_host_sends_us_to_is_looked_at_too() -> None:
    url = "https://cdn.example/1.webp"
    net = Internet(
        {"cdn.example": [ADDRESS], "inside.example": ["10.0.0.1"]},
        {url: moved("https://inside.example/secret")},
    )

    with pytest.raises(Rejected) as caught:
        await net.fetch(url)

    assert caught.value.cause is Cause.UNSAFE_ADDRESS
    assert [host for _, host, _, _ in net.sent] == ["cdn.example"]


async def test_a_name_without_an_address_may_have_one_later() -> None:
    with pytest.raises(Transient) as caught:
        await Internet({}, {}).fetch("https://cdn.example/1.webp")

    assert caught.value.cause is Cause.UNREACHABLE


async def test_by_default_names_are_resolved_as_this_machine_does() -> None:
    assert await resolve_name("127.0.0.1") == ["127.0.0.1"]
    with pytest.raises(OSError, match=r"."):
        await resolve_name("powerpost.invalid")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no address",
        "http://powerpost.example/1.webp",
        "https:///1.webp",
        "https://[::1",
        "https://" + "ä" * 64 + ".example/",
        "https://" + "a" * 70 + ".example/",
        "javascript:alert(1)",
        "data:image/webp;base64,AAAA",
        "https://user:password@127.0.0.1/",
    ],
)
async def test_what_powerpost_says_is_an_address_need_not_be_one(url: str) -> None:
    storage = PictureStorage("https://powerpost.example/api/v1")

    with pytest.raises(Rejected) as caught:
        await storage.fetch(url)

    assert caught.value.cause is Cause.UNSAFE_ADDRESS
    await storage.aclose()


async def test_redirects_do_not_go_on_for_ever() -> None:
    async with play(send_to("/again")) as script:
        with pytest.raises(Rejected) as caught:
            await fetch(script)

    assert caught.value.cause is Cause.UNSAFE_ADDRESS
    assert len(script.heads) == 4


@pytest.mark.parametrize(
    "headers", [(), ("Transfer-Encoding: chunked",)], ids=["with a length", "without"]
)
async def test_more_than_the_limit_is_not_read(headers: tuple[str, ...]) -> None:
    async def send_without_end(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/webp\r\n\r\n")
        for _ in range(100_000):
            writer.write(b"x" * 1000)
            await writer.drain()

    reply = write_answer(200, b"x" * 20_000) if not headers else send_without_end
    async with play(reply) as script:
        with pytest.raises(Rejected) as caught:
            await fetch(script)

    assert caught.value.cause is Cause.TOO_LARGE


async def test_a_trickle_is_cut_off() -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with play(trickle) as script:
        with pytest.raises(Transient) as caught:
            await fetch(script, max_seconds=0.2)

    assert caught.value.cause is Cause.NO_ANSWER


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(write_answer(200, PICTURE, length=5000), id="cut in the middle"),
        pytest.param(b"", id="closed without an answer"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", id="no HTTP"),
        pytest.param(write_answer(500, b"oops"), id="500"),
        pytest.param(write_answer(503, b"oops"), id="503"),
        pytest.param(write_answer(429, b"oops"), id="429"),
    ],
)
async def test_what_breaks_on_the_way_may_be_tried_again(reply: bytes) -> None:
    async with play(reply) as script:
        with pytest.raises(Transient):
            await fetch(script)


async def test_where_nobody_listens_it_may_be_tried_again() -> None:
    storage = PictureStorage("http://127.0.0.1:9/api/v1")

    with pytest.raises(Transient):
        await storage.fetch("http://127.0.0.1:9/1.webp")

    await storage.aclose()


@pytest.mark.parametrize(
    ("status", "kind", "cause"),
    [
        (401, Transient, Cause.LINK_EXPIRED),
        (403, Transient, Cause.LINK_EXPIRED),
        (404, Transient, Cause.LINK_EXPIRED),
        (410, Transient, Cause.LINK_EXPIRED),
        (400, Transient, Cause.NOT_A_PICTURE),
        (204, Transient, Cause.NOT_A_PICTURE),
        (304, Transient, Cause.NOT_A_PICTURE),
        (408, Transient, Cause.SERVER_ERROR),
        (429, Transient, Cause.SERVER_ERROR),
        (500, Transient, Cause.SERVER_ERROR),
        (599, Transient, Cause.SERVER_ERROR),
    ],
)
def test_a_status_is_never_the_end(status: int, kind: type[ImagineError], cause: Cause) -> None:
    error = read_status(status)

    assert (type(error), error and error.cause) == (kind, cause)


async def test_a_dead_address_does_not_hide_a_good_one() -> None:
    dead = pin_address("https://cdn.example:9/1.webp", "127.0.0.1")  # nobody listens there
    async with play(write_answer(200, PICTURE)) as script, httpx.AsyncClient() as http:
        answer = await open_first(http, [dead, {"url": script.url}])

        assert await answer.aread() == PICTURE
        await answer.aclose()


async def test_where_every_address_is_dead_that_is_said() -> None:
    dead = pin_address("https://cdn.example:9/1.webp", "127.0.0.1")
    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError):
            await open_first(http, [dead, dead])


async def test_a_picture_is_fetched_through_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    storage = PictureStorage("http://powerpost.example/api/v1")
    async with play(write_answer(200, PICTURE)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/api/v1"))

        assert await storage.fetch("http://powerpost.example/1.webp") == PICTURE

    assert proxy.heads[0].startswith("GET http://powerpost.example/1.webp ")
    await storage.aclose()


async def test_a_proxy_is_told_the_name_so_that_it_can_judge_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    storage = PictureStorage("https://powerpost.example/api/v1")
    async with play(write_answer(403, b"not on my list", "Connection: close")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.removesuffix("/api/v1"))
        with pytest.raises(Transient):
            await storage.fetch("https://cdn.invalid/1.webp")

    assert proxy.heads[0].startswith("CONNECT cdn.invalid:443 ")
    await storage.aclose()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "[::1]"])
async def test_a_proxy_is_not_asked_for_a_host_of_our_own_network(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    storage = PictureStorage("https://powerpost.example/api/v1")
    async with play(write_answer(200, PICTURE)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.removesuffix("/api/v1"))
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("NO_PROXY", "")
        with pytest.raises(Rejected) as caught:
            await storage.fetch(f"https://{host}/1.webp")

    assert caught.value.cause is Cause.UNSAFE_ADDRESS
    assert proxy.connections == 0
    await storage.aclose()


def test_only_200_is_a_picture() -> None:
    assert read_status(200) is None


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("127.255.255.254", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nothing is bound
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.216.34", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("powerpost.example", False),
        ("", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_public(address: str, is_open: bool) -> None:
    assert is_public(address) is is_open


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://powerpost.ai/api/v1", ("https", "powerpost.ai", 443)),
        ("https://POWERPOST.ai:443/x", ("https", "powerpost.ai", 443)),
        ("http://127.0.0.1:8000/x", ("http", "127.0.0.1", 8000)),
        ("https://powerpost.ai.evil.example/", ("https", "powerpost.ai.evil.example", 443)),
        ("https://powerpost.ai@evil.example/", ("https", "evil.example", 443)),
        ("https://[::1", ("", "", None)),
        ("https://host:port/", ("", "", None)),
        ("nonsense", ("", "", None)),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: tuple[str, str, int | None]) -> None:
    assert origin_of(url) == origin


@given(st.text(max_size=60))
def test_no_text_makes_reading_an_origin_fail(url: str) -> None:
    scheme, host, _port = origin_of(url)

    assert isinstance(scheme, str)
    assert isinstance(host, str)


@pytest.mark.parametrize(
    ("url", "address", "called", "host", "name"),
    [
        (
            "https://cdn.example/a%20b.webp?sig=x%2Fy",
            "93.184.215.14",
            "https://93.184.215.14/a%20b.webp?sig=x%2Fy",
            "cdn.example",
            "cdn.example",
        ),
        ("https://cdn.example:8443/a", "2606:2800::1", "https://[2606:2800::1]:8443/a",
         "cdn.example:8443", "cdn.example"),
        ("https://münchen.example/a", "93.184.215.14", "https://93.184.215.14/a",
         "xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
    ],
)  # fmt: skip
def test_the_address_that_was_looked_at_is_called_under_the_hosts_name(
    url: str, address: str, called: str, host: str, name: str
) -> None:
    pinned = pin_address(url, address)

    assert str(pinned["url"]) == called
    assert pinned["headers"] == {"Host": host}
    assert pinned["extensions"] == {"sni_hostname": name}

"""Reference pictures are fetched from Slack's own file host, and the token goes nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.errors import Cause, ImagineError, Misconfigured, Rejected, Transient
from bot.sandbox.serving import serve
from bot.slack.kit.connection import open_client
from bot.slack.kit.files import SOURCE_MAX_BYTES, FileFetcher, may_be_picture, read_origin

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@dataclass
class Slack:
    """Slack's API and its file host, at one address."""

    info: dict[str, Any] = field(default_factory=dict)
    answer: Callable[[Request], Awaitable[Response]] | None = None
    tokens: list[str | None] = field(default_factory=list)
    url: str = ""
    scans: int = 0  # how often it is asked before it knows what the file is
    asked: int = 0

    async def give_info(self, request: Request) -> Response:
        self.asked += 1
        file = {
            "url_private_download": f"{self.url}/files/a.png",
            "size": 48,
            "name": "true.png",
            "mimetype": "image/png",
        }
        if self.asked <= self.scans:  # node-slack-sdk#2040
            file |= {"mimetype": "", "filetype": ""}
        return JSONResponse({"ok": True, "file": file} | self.info)

    async def give_file(self, request: Request) -> Response:
        self.tokens.append(request.headers.get("authorization"))
        if self.answer is not None:
            return await self.answer(request)
        return Response(PNG, media_type="image/png")

    async def give_other(self, request: Request) -> Response:
        self.tokens.append(request.headers.get("authorization"))
        return Response(PNG, media_type="image/png")

    def app(self) -> Starlette:
        """To be served."""
        return Starlette(
            routes=[
                Route("/api/files.info", self.give_info, methods=["GET", "POST"]),
                Route("/files/a.png", self.give_file),
                Route("/files/b.png", self.give_other),
            ]
        )


@asynccontextmanager
async def open_slack(slack: Slack) -> AsyncIterator[FileFetcher]:
    """A fetcher that talks to `slack`."""
    async with serve(slack.app()) as url:
        slack.url = url
        async with open_client(f"{url}/api", "xoxb-secret") as client:
            yield FileFetcher(client, scanned_within_seconds=1.0)


async def fetch(slack: Slack, name: str = "mood.png") -> Any:
    """What comes of fetching: a picture, or the error."""
    async with open_slack(slack) as fetcher:
        try:
            return await fetcher.fetch(await fetcher.find_file("F1", name))
        except ImagineError as error:
            return error


async def test_a_picture_is_fetched_with_the_bots_token() -> None:
    slack = Slack()
    fetched = await fetch(slack)

    assert fetched == PNG
    assert slack.tokens == ["Bearer xoxb-secret"]


async def test_a_redirect_to_another_host_is_not_followed() -> None:
    elsewhere = Slack()
    async with serve(elsewhere.app()) as other:

        async def redirect(request: Request) -> Response:
            return RedirectResponse(f"{other}/files/b.png")

        slack = Slack(answer=redirect)
        error = await fetch(slack)

    assert isinstance(error, Rejected)
    assert (error.cause, error.detail) == (Cause.REFERENCE_FORBIDDEN, "mood.png")
    assert elsewhere.tokens == []


@pytest.mark.parametrize("location", ["/files/b.png", "b.png", "?again=1"])
async def test_a_redirect_within_the_host_is_followed(location: str) -> None:
    async def redirect(request: Request) -> Response:
        if request.url.query:
            return Response(PNG)
        return RedirectResponse(location)

    slack = Slack(answer=redirect)
    fetched = await fetch(slack)

    assert fetched == PNG
    assert slack.tokens == ["Bearer xoxb-secret"] * 2


@pytest.mark.parametrize("location", ["", "/files/a.png", "http://[", "//", "javascript:1"])
async def test_redirects_that_lead_nowhere_end(location: str) -> None:
    async def redirect(request: Request) -> Response:
        return Response(status_code=302, headers={"Location": location})

    error = await fetch(Slack(answer=redirect))

    assert isinstance(error, Rejected)
    assert error.cause is Cause.REFERENCE_FORBIDDEN


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/a.png", "file:///etc/passwd", "http://[", "//files.slack.com/a"],
)
async def test_a_file_that_lies_elsewhere_is_not_fetched(url: str) -> None:
    file = {"url_private_download": url, "size": 5, "mimetype": "image/png"}
    slack = Slack(info={"file": file})
    error = await fetch(slack)

    assert isinstance(error, Rejected)
    assert error.cause is Cause.REFERENCE_FORBIDDEN
    assert slack.tokens == []


@pytest.mark.parametrize(
    ("api", "url", "is_fetched"),
    [
        ("https://slack.com/api/", "https://files.slack.com/files-pri/T1-F1/a.png", True),
        ("https://slack.com/api/", "https://files.slack.com.evil.example/a.png", False),
        ("https://slack.com/api/", "https://files.slack.com@evil.example/a.png", False),
        ("https://slack.com/api/", "https://user@files.slack.com/a.png", False),
        ("https://slack.com/api/", "http://files.slack.com/a.png", False),
        ("https://slack.com/api/", "https://files.slack.com:444/a.png", False),
        ("https://slack.com.evil.example/api/", "https://files.slack.com/a.png", False),
    ],
)
def test_only_slacks_file_host_gets_the_token(api: str, url: str, is_fetched: bool) -> None:
    class Client:
        base_url = api

    fetcher = FileFetcher(Client())  # type: ignore[arg-type]  # all of it that is read here

    assert (read_origin(url) == fetcher._origin) is is_fetched


@pytest.mark.parametrize(
    ("size", "cause"), [(SOURCE_MAX_BYTES, None), (SOURCE_MAX_BYTES + 1, "too large")]
)
async def test_fifty_megabytes_are_fetched_and_not_a_byte_more(
    size: int, cause: str | None
) -> None:
    async def give(request: Request) -> Response:
        return Response(PNG + bytes(size - len(PNG)), media_type="image/png")

    fetched = await fetch(Slack(answer=give))

    if cause is None:
        assert len(fetched) == size
    else:
        assert isinstance(fetched, Rejected)
        assert fetched.cause is Cause.REFERENCE_TOO_LARGE


async def test_a_file_that_slack_says_is_too_large_is_not_fetched_at_all() -> None:
    slack = Slack()
    file = {"url_private_download": "x", "size": SOURCE_MAX_BYTES + 1, "mimetype": "image/png"}
    slack.info = {"file": file}
    error = await fetch(slack)

    assert isinstance(error, Rejected)
    assert error.cause is Cause.REFERENCE_TOO_LARGE
    assert slack.tokens == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, Rejected), (404, Rejected), (410, Rejected), (429, Transient), (500, Transient)],
)
async def test_a_bad_status_is_gone_or_for_later(status: int, kind: type[ImagineError]) -> None:
    async def give(request: Request) -> Response:
        return Response(status_code=status)

    assert isinstance(await fetch(Slack(answer=give)), kind)


@pytest.mark.parametrize(
    ("error", "kind", "cause"),
    [
        ("file_not_found", Rejected, Cause.REFERENCE_GONE),
        ("file_deleted", Rejected, Cause.REFERENCE_GONE),
        ("missing_scope", Misconfigured, Cause.MISSING_SCOPE),
        ("internal_error", Transient, Cause.SLACK_AWAY),
    ],
)
async def test_what_slack_does_not_tell_about_is_not_fetched(
    error: str, kind: type[ImagineError], cause: Cause
) -> None:
    slack = Slack(info={"ok": False, "error": error})
    raised = await fetch(slack)

    assert isinstance(raised, kind)
    assert raised.cause is cause
    assert slack.tokens == []


async def test_a_file_without_a_name_is_called_as_slack_calls_it() -> None:
    async def give(request: Request) -> Response:
        return Response(status_code=404)

    error = await fetch(Slack(answer=give), name="Picture")

    assert isinstance(error, Rejected)
    assert error.detail == "true.png"


@pytest.mark.parametrize("scans", [1, 3])
async def test_a_file_that_is_being_scanned_is_asked_for_until_it_is_ready(scans: int) -> None:
    slack = Slack(scans=scans)

    assert await fetch(slack) == PNG
    assert slack.asked == scans + 1


async def test_a_scan_that_does_not_end_ends_for_us() -> None:
    file = {"id": "F1", "name": "mood.png", "mimetype": "", "file_access": "check_file_info"}
    error = await fetch(Slack(info={"file": file}))

    assert isinstance(error, Rejected)
    assert (error.cause, error.detail) == (Cause.REFERENCE_NOT_READY, "mood.png")


@pytest.mark.parametrize(
    ("file", "cause"),
    [
        ({"mode": "tombstone"}, Cause.REFERENCE_GONE),
        ({"mode": "hidden_by_limit"}, Cause.REFERENCE_GONE),
        ({"mode": "external", "is_external": True, "mimetype": "image/png"}, "elsewhere"),
        ({"mode": "external", "external_type": "gdrive"}, "elsewhere"),
        ({"mimetype": "image/png", "url_private": ""}, Cause.REFERENCE_GONE),
        ({"mimetype": "video/mp4", "url_private": "x"}, Cause.REFERENCE_NOT_A_PICTURE),
        ({"mimetype": "application/pdf", "url_private": "x"}, Cause.REFERENCE_NOT_A_PICTURE),
        ({"mimetype": "image/svg+xml", "url_private": "x"}, Cause.REFERENCE_NOT_A_PICTURE),
    ],
)
async def test_what_cannot_be_fetched_is_said_for_what_it_is(
    file: dict[str, Any], cause: Cause | str
) -> None:
    slack = Slack(info={"file": {"id": "F1", **file}})
    error = await fetch(slack)

    assert isinstance(error, Rejected)
    expected = Cause.REFERENCE_FORBIDDEN if cause == "elsewhere" else cause
    assert (error.cause, error.detail) == (expected, "mood.png")
    assert slack.tokens == []


@pytest.mark.parametrize(
    ("kind", "may_be"),
    [
        ("image/jpeg", True),
        ("image/heic", True),
        ("IMAGE/AVIF; x=1", True),
        ("image/x-ms-bmp", True),
        ("", True),
        ("application/octet-stream", True),
        ("image/svg+xml", False),
        ("application/pdf", False),
        ("video/quicktime", False),
        ("text/plain", False),
    ],
)
def test_what_slack_does_not_know_may_be_a_picture(kind: str, may_be: bool) -> None:
    assert may_be_picture(kind) is may_be

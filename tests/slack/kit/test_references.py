"""Reference pictures: each goes to PowerPost once, and a bad one is named before a credit goes."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.errors import Cause, ImagineError, Misconfigured, Rejected, Transient
from bot.generations.record import Generation, SlackFile, Sources, State, UnusableFiles
from bot.powerpost.client import PowerPostClient
from bot.powerpost.upstream import PowerPostUpstream
from bot.sandbox.serving import serve
from bot.slack.kit.connection import open_client
from bot.slack.kit.files import FileFetcher
from bot.slack.kit.pictures import PictureConverter
from bot.slack.kit.references import ReferenceGatherer
from bot.store.database import Database
from bot.store.media import MediaStore
from tests.support.examples import make_generation
from tests.support.schema import make_migrated_file


def draw(shade: int) -> bytes:
    """A picture, another one for each number."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 40, 40)).save(out, "PNG")
    return out.getvalue()


PNG = draw(1)


@dataclass
class SavedState:
    """Slack's files and PowerPost's media, at one address."""

    contents: dict[str, bytes] = field(default_factory=dict)
    refuses: Callable[[], Response] | None = None
    uploads: list[bytes] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    url: str = ""

    async def info(self, request: Request) -> Response:
        file_id = (dict(request.query_params) | dict(await request.form()))["file"]
        if file_id not in self.contents:
            return JSONResponse({"ok": False, "error": "file_not_found"})
        url = f"{self.url}/files/{file_id}"
        file = {"url_private_download": url, "mimetype": "image/png"}
        return JSONResponse({"ok": True, "file": file})

    async def give(self, request: Request) -> Response:
        return Response(self.contents[request.path_params["id"]])

    async def take(self, request: Request) -> Response:
        if self.refuses is not None:
            return self.refuses()
        form = await request.form()
        file = form["file"]
        assert not isinstance(file, str)
        self.names.append(str(file.filename))
        self.uploads.append(await file.read())
        await asyncio.sleep(0.02)
        return JSONResponse(
            {
                "media_id": f"m{len(self.uploads)}",
                "type": "image",
                "file_name": "x",
                "file_size": 1,
                "mime_type": "image/png",
                "created_at": "2026-11-23T12:00:00Z",
            }
        )


@asynccontextmanager
async def open_gatherer(world: SavedState, directory: Path) -> AsyncIterator[ReferenceGatherer]:
    """A gatherer in `world`, with a database of its own."""
    routes = [
        Route("/api/files.info", world.info, methods=["GET", "POST"]),
        Route("/files/{id}", world.give),
        Route("/api/v1/media/upload", world.take, methods=["POST"]),
    ]
    database_url = make_migrated_file(directory / "imagine.sqlite3")
    database = Database(database_url)
    async with serve(Starlette(routes=routes)) as world.url:
        client = PowerPostClient(
            base_url=f"{world.url}/api/v1", api_key="pp_live_sk_x", workspace_id="ws"
        )
        async with open_client(f"{world.url}/api", "xoxb-1") as slack:
            media, converter = MediaStore(database, "ws"), PictureConverter()
            yield ReferenceGatherer(
                FileFetcher(slack), PowerPostUpstream(client).upload, media, converter
            )
            converter.close()
        await client.aclose()
    await database.close()


def wanting(*file_ids: str) -> Generation:
    """A generation with these files as its references."""
    files = tuple(SlackFile(file_id=file_id, name=f"{file_id}.png") for file_id in file_ids)
    return replace(make_generation(State.ACCEPTED), sources=Sources(references=files))


def refuse(status: int, code: str) -> Callable[[], Response]:
    return lambda: JSONResponse({"error": {"message": "no", "code": code}}, status)


async def test_the_same_picture_is_uploaded_once_also_at_the_same_moment(tmp_path: Path) -> None:
    world = SavedState({"F1": draw(1), "F2": draw(2), "F3": draw(1)})
    async with open_gatherer(world, tmp_path) as gatherer:
        first, second = await asyncio.gather(
            gatherer.gather(wanting("F1", "F2")), gatherer.gather(wanting("F3"))
        )
        third = await gatherer.gather(wanting("F2"))

    assert len(world.uploads) == 2
    assert second == first[:1]
    assert third == first[1:]


async def test_the_persons_name_for_the_file_stays_in_slack(tmp_path: Path) -> None:
    world = SavedState({"F1": PNG})
    async with open_gatherer(world, tmp_path) as gatherer:
        await gatherer.gather(wanting("F1"))

    assert world.names == ["reference.jpeg"]


async def test_what_powerpost_forgot_is_uploaded_afresh(tmp_path: Path) -> None:
    world = SavedState({"F1": PNG})
    async with open_gatherer(world, tmp_path) as gatherer:
        gone = await gatherer.gather(wanting("F1"))
        await gatherer.forget(gone)
        again = await gatherer.gather(wanting("F1"))

    assert (gone, again) == (("m1",), ("m2",))


@pytest.mark.parametrize("bad", [b"<!DOCTYPE html>", b"GIF89a", b""])
async def test_a_broken_one_of_four_is_named_and_none_is_uploaded(
    tmp_path: Path, bad: bytes
) -> None:
    world = SavedState({f"F{n}": draw(n) for n in range(3)} | {"F3": bad})
    async with open_gatherer(world, tmp_path) as gatherer:
        with pytest.raises(UnusableFiles) as raised:
            await gatherer.gather(wanting("F0", "F1", "F2", "F3"))

    assert raised.value.cause is Cause.REFERENCE_NOT_A_PICTURE
    assert raised.value.detail == "F3.png"
    assert world.uploads == []


@pytest.mark.parametrize(
    ("status", "code", "kind", "cause"),
    [
        (400, "VALIDATION_ERROR", Rejected, Cause.REFERENCE_NOT_A_PICTURE),
        (413, "FILE_TOO_LARGE", Rejected, Cause.REFERENCE_TOO_LARGE),
        (413, "STORAGE_QUOTA_EXCEEDED", Rejected, Cause.REFERENCE_NO_ROOM),
        (401, "INVALID_API_KEY", Misconfigured, Cause.INVALID_KEY),
        (403, "FORBIDDEN", Misconfigured, Cause.FORBIDDEN),
        (403, "INSUFFICIENT_SCOPE", Misconfigured, Cause.INSUFFICIENT_SCOPE),
        (429, "RATE_LIMIT_EXCEEDED", Transient, Cause.RATE_LIMITED),
        (500, "INTERNAL_ERROR", Transient, Cause.SERVER_ERROR),
    ],
)
async def test_a_refused_upload_is_said_for_what_it_is(
    tmp_path: Path, status: int, code: str, kind: type[ImagineError], cause: Cause
) -> None:
    world = SavedState({"F1": PNG}, refuses=refuse(status, code))
    async with open_gatherer(world, tmp_path) as gatherer:
        with pytest.raises(kind) as raised:
            await gatherer.gather(wanting("F1"))

    assert raised.value.cause is cause
    if kind is Rejected:
        assert raised.value.detail == "F1.png"


async def test_an_upload_whose_answer_is_broken_may_be_sent_again(tmp_path: Path) -> None:
    world = SavedState({"F1": PNG}, refuses=lambda: Response(b'{"media_id": "m'))
    async with open_gatherer(world, tmp_path) as gatherer:
        with pytest.raises(Transient):
            await gatherer.gather(wanting("F1"))
        world.refuses = None

        assert await gatherer.gather(wanting("F1")) == ("m1",)


async def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    async with open_gatherer(SavedState(), tmp_path) as gatherer:
        with pytest.raises(Rejected) as raised:
            await gatherer.gather(wanting("F1"))

    assert (raised.value.cause, raised.value.detail) == (Cause.REFERENCE_GONE, "F1.png")


async def test_all_that_cannot_be_used_are_named_at_once(tmp_path: Path) -> None:
    world = SavedState({"F1": PNG, "F2": b"no picture", "F3": PNG[:40]})
    async with open_gatherer(world, tmp_path) as gatherer:
        with pytest.raises(UnusableFiles) as raised:
            await gatherer.gather(wanting("F1", "F2", "F3", "F4"))

    assert [(file.file_id, file.cause) for file in raised.value.files] == [
        ("F2", Cause.REFERENCE_NOT_A_PICTURE),
        ("F3", Cause.REFERENCE_NOT_A_PICTURE),
        ("F4", Cause.REFERENCE_GONE),
    ]
    assert world.uploads == []


async def test_a_bad_one_of_a_presets_files_does_not_drop_the_others(tmp_path: Path) -> None:
    world = SavedState({"F1": PNG, "F2": b"no picture", "F3": draw(3)})
    files = wanting("F1", "F2", "F3").sources.references
    async with open_gatherer(world, tmp_path) as gatherer:
        brought = await gatherer.bring(files)

    assert brought.media_ids == {files[0]: "m1", files[2]: "m2"}
    assert [file.name for file in brought.refused] == ["F2.png"]


async def test_powerpost_gets_pictures_without_what_else_a_file_carries(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)  # where it was taken
    out = io.BytesIO()
    Image.new("CMYK", (30, 20)).save(out, "TIFF", exif=exif)
    world = SavedState({"F1": out.getvalue()})
    async with open_gatherer(world, tmp_path) as gatherer:
        await gatherer.gather(wanting("F1"))

    (sent,) = world.uploads
    picture = Image.open(io.BytesIO(sent))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (30, 20))
    assert not picture.getexif()

"""The contact sheet: where each picture stands, and that it is done without where it fails."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations

import pytest
from PIL import Image

from bot.errors import Cause, Transient
from bot.generations.brief import Brief
from bot.generations.record import Part, State
from bot.images.marks import GENERATED
from bot.images.request import ImageRequest
from bot.sandbox.serving import serve
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import Workspace
from bot.slack.briefs.sheet import ContactSheets
from bot.slack.briefs.sheet_drawing import SIDE, Layout, wrap
from bot.slack.kit.connection import open_client
from bot.slack.kit.files import FileUploader
from bot.slack.kit.pictures import PictureConverter
from tests.support.examples import make_generation, make_picture
from tests.support.rows import new_generation

RED, BLUE = (200, 30, 30), (30, 30, 200)
WHITE = (255, 255, 255)
PHONE = 330  # the width of a picture on a phone of 390 pixels


def encode(colour: tuple[int, int, int], width: int, height: int) -> bytes:
    """A picture as PowerPost hands it out."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "WEBP")
    return out.getvalue()


def make_brief(count: int) -> Brief:
    """So many parts of one picture, each at an address of its own."""
    parts = [
        replace(
            make_generation(State.DELIVERED, pictures=1),
            id=f"p{number}",
            part=number,
            pictures=(make_picture(1).with_url(f"https://powerpost.example/{number}"),),
        )
        for number in range(1, count + 1)
    ]
    planned = tuple(Part(ImageRequest(prompt="a kite"), f"kite {n}") for n in range(1, count + 1))
    return Brief("b", replace(new_generation(), parts=planned), "C1", tuple(parts), root_ts="1.1")


@dataclass
class Storage:
    """PowerPost's: what lies at an address; anything else is not there."""

    pictures: dict[str, bytes] = field(default_factory=dict)

    async def fetch(self, url: str) -> bytes:
        if url not in self.pictures:
            raise Transient(Cause.LINK_EXPIRED)
        return self.pictures[url]


def stock(brief: Brief) -> Storage:
    """A storage that has all of its pictures: wide red ones and high blue ones in turn."""
    kinds = [encode(RED, 800, 400), encode(BLUE, 400, 800)]
    urls = [picture.url for part in brief.parts for picture in part.pictures]
    return Storage({url: kinds[number % 2] for number, url in enumerate(urls)})


@asynccontextmanager
async def open_sheets(storage: Storage) -> AsyncIterator[tuple[ContactSheets, Workspace]]:
    """Contact sheets between `storage` and Slack's stand-in."""
    workspace = Workspace(file_ready_seconds=0.0)
    converter = PictureConverter()
    async with (
        serve(build_app(workspace)) as url,
        open_client(f"{url}/api/", "xoxb-sandbox") as client,
    ):
        workspace.base_url = url
        files = FileUploader(client, first_poll_seconds=0.01)
        yield ContactSheets(storage.fetch, converter, files), workspace
    converter.close()


async def bring(brief: Brief, storage: Storage) -> tuple[str, Image.Image]:
    """Its sheet as Slack has it: the file's name, and the picture."""
    async with open_sheets(storage) as (sheets, workspace):
        file_id = await sheets.bring(brief)
        assert file_id is not None
        file = workspace.files[file_id]
    picture = Image.open(io.BytesIO(file.content)).convert("RGB")
    return file.name, picture


def colour_at(sheet: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """Of one pixel, in steps that JPEG does not blur."""
    pixel = sheet.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return tuple(min((0, 30, 200, 255), key=lambda step: abs(step - each)) for each in pixel)


def darkest(sheet: Image.Image, box: tuple[int, int, int, int]) -> int:
    """The darkest grey in `box`."""
    lowest, _ = sheet.crop(box).convert("L").getextrema()
    assert isinstance(lowest, int)
    return lowest


@pytest.mark.parametrize("count", [1, 3, 4, 12, 24, 25, 40, 160])
def test_no_picture_and_no_label_lies_on_another_or_outside(count: int) -> None:
    layout = Layout(count)
    corners = [layout.corner(number) for number in range(count)]
    below = SIDE + 2 * layout.line_height

    assert all(left > 0 and left + SIDE < layout.width for left, _ in corners)
    assert all(top > 0 and top + below < layout.height for _, top in corners)
    assert all(
        abs(a[0] - b[0]) > SIDE or abs(a[1] - b[1]) > below for a, b in combinations(corners, 2)
    )


@pytest.mark.parametrize("count", [3, 12, 24, 25, 40])
def test_labels_are_readable_on_a_phone(count: int) -> None:
    layout = Layout(count)

    assert layout.text_size * PHONE / layout.width >= 11.5
    assert SIDE * PHONE / layout.width >= 75  # and the pictures are seen


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("", []),
        ("3 · red", ["3 · red"]),
        ("3 · red · story", ["3 · red ·", "story"]),
        ("Donaudampfschifffahrt", ["Donaudampf", "schifffah…"]),
        ("a wide and very long label", ["a wide and", "very long…"]),
    ],
)
def test_a_label_has_two_lines_at_most(label: str, lines: list[str]) -> None:
    assert wrap(label, 10, len) == lines


async def test_each_picture_keeps_its_ratio_and_stands_on_its_label() -> None:
    brief = make_brief(4)
    name, sheet = await bring(brief, stock(brief))

    layout = Layout(4)
    assert name == "contact-sheet.jpg"
    assert sheet.size == (layout.width, layout.height)
    for number in range(4):
        left, top = layout.corner(number)
        bottom = top + SIDE - 4
        is_wide = number % 2 == 0
        assert colour_at(sheet, left + SIDE // 2, bottom) == (RED if is_wide else BLUE)
        assert colour_at(sheet, left + 4, bottom) == (RED if is_wide else WHITE)
        assert colour_at(sheet, left + SIDE // 2, top + 4) == (WHITE if is_wide else BLUE)
        label = (left, top + SIDE + 2, left + SIDE, top + SIDE + 2 + layout.line_height)
        assert darkest(sheet, label) < 80


async def test_a_picture_that_cannot_be_fetched_is_an_empty_frame_over_its_label() -> None:
    brief = make_brief(3)
    storage = stock(brief)
    storage.pictures[brief.parts[0].pictures[0].url] = b"a page in its place"
    del storage.pictures[brief.parts[1].pictures[0].url]
    _, sheet = await bring(brief, storage)

    layout = Layout(3)
    for number in (0, 1):
        left, top = layout.corner(number)
        assert colour_at(sheet, left + 10, top + SIDE - 10) == WHITE
        assert darkest(sheet, (left, top + 100, left + 3, top + 103)) < 140  # the frame
        assert darkest(sheet, (left, top + SIDE + 2, left + SIDE, top + SIDE + 40)) < 80
    left, top = layout.corner(2)
    assert colour_at(sheet, left + SIDE // 2, top + SIDE - 4) == RED


async def test_it_says_that_it_was_made_by_ai() -> None:
    brief = make_brief(3)
    async with open_sheets(stock(brief)) as (sheets, workspace):
        file_id = await sheets.bring(brief)
        assert file_id is not None

    xmp = Image.open(io.BytesIO(workspace.files[file_id].content)).info["xmp"]
    assert GENERATED.encode() in xmp


async def test_what_was_taken_away_is_not_shown_again() -> None:
    brief = make_brief(4)
    first, *others = brief.parts
    taken = replace(first, deleted_at=first.accepted_at)
    _, sheet = await bring(replace(brief, parts=(taken, *others)), stock(brief))

    left, top = Layout(3).corner(0)
    assert sheet.size == (Layout(3).width, Layout(3).height)
    assert colour_at(sheet, left + SIDE // 2, top + 4) == BLUE  # the second


@pytest.mark.parametrize("lost", [0, 3])
async def test_few_pictures_and_none_that_can_be_fetched_need_no_sheet(lost: int) -> None:
    brief = make_brief(3 if lost else 2)
    async with open_sheets(Storage() if lost else stock(brief)) as (sheets, workspace):
        assert await sheets.bring(brief) is None
        assert not workspace.files


@pytest.mark.parametrize("fault", ["away", "refused", "blocked"])
async def test_where_slack_does_not_take_it_there_is_none(fault: str) -> None:
    brief = make_brief(3)
    async with open_sheets(stock(brief)) as (sheets, workspace):
        workspace.faults.away = fault == "away"
        workspace.faults.blocks_uploads = fault == "blocked"
        workspace.faults.refused = {"upload": "file_uploads_disabled"} if fault == "refused" else {}

        assert await sheets.bring(brief) is None

"""Download all: the ZIP opened, each file read by another reader, the list by a spreadsheet's."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from contextlib import closing

import pyexiv2
import pytest

from bot.images.marks import GENERATED
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import File, Message
from bot.slack.downloads import service
from tests.support.databases import database_of
from tests.support.home import Home
from tests.support.image_form import Form
from tests.support.stage import DESIGN, GENERAL, Stage
from tests.support.threads import change_rows, choose, direct, make, press


def zips(stage: Stage) -> list[File]:
    """What has come as ZIP files, in their order."""
    return [file for file in stage.workspace.files.values() if file.name.endswith(".zip")]


def open_zip(file: File) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(file.content))


def read_list(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    text = archive.read("pictures.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


async def pack(stage: Stage, person: Person, result: Message) -> None:
    """Choose Download in the menu, and the ZIP file there."""
    await choose(person, result, "original")
    await stage.until(lambda: stage.private(), what="the links")
    assert (await press(person, stage.private()[-1], "download_result")).ok


async def until_zips(stage: Stage, number: int) -> list[File]:
    await stage.until(
        lambda: len([file for file in zips(stage) if file.shares]) == number, what="the ZIP files"
    )
    return zips(stage)


async def test_a_result_comes_with_its_originals_marked_files_and_a_list(stage: Stage) -> None:
    result = await make(stage, "a harbour at dawn -n 2 --size feed")

    await pack(stage, stage.ben, result)
    (file,) = await until_zips(stage, 1)

    archive = open_zip(file)
    name = "a-harbour-at-dawn_feed_flux2-flex"
    originals = [f"original/{name}_{n}.webp" for n in (1, 2)]
    marked = [f"marked/{name}_{n}.jpg" for n in (1, 2)]
    assert sorted(archive.namelist()) == sorted([*originals, *marked, "pictures.csv"])
    assert archive.read(originals[0]).startswith(b"RIFF")
    for each in marked:
        with pyexiv2.ImageData(archive.read(each)) as read:
            assert read.read_xmp()["Xmp.iptcExt.DigitalSourceType"] == GENERATED
    first, second = read_list(archive)
    assert (first["name"], second["name"]) == (f"{name}_1", f"{name}_2")
    assert first["prompt"] == "a harbour at dawn"
    assert "Made by AI" in first["alt text"]
    assert first["permalink"].startswith("http")
    (channel,) = file.shares
    assert channel.startswith("D")  # nobody else is sent it


async def test_what_neither_powerpost_nor_slack_hands_out_is_said(stage: Stage) -> None:
    result = await make(stage, "fog -n 2")
    change_rows(stage, "UPDATE pictures SET url = '' WHERE position = 2")
    gone = max(stage.workspace.files.values(), key=lambda file: file.name)
    gone.is_deleted = True

    await pack(stage, stage.ada, result)
    (file,) = await until_zips(stage, 1)

    assert len(read_list(open_zip(file))) == 1
    said = [m.text for messages in stage.workspace.messages.values() for m in messages]
    assert any("1 picture couldn't be fetched" in text for text in said)


async def test_much_comes_in_several_files(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PART_MAX_BYTES", 1)
    result = await make(stage, "fog -n 3")

    await pack(stage, stage.ada, result)
    files = await until_zips(stage, 3)

    lists = [file for file in files if "pictures.csv" in open_zip(file).namelist()]
    assert lists == files[-1:]
    assert len(read_list(open_zip(lists[0]))) == 3


async def test_a_brief_comes_as_a_whole_named_by_its_parts(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a {red|blue} kite")
    await stage.until(
        lambda: any(has_download(message.blocks) for message in stage.replies()), what="the end"
    )
    end = next(message for message in stage.replies() if has_download(message.blocks))

    await press(stage.ada, end, "download_brief")
    (file,) = await until_zips(stage, 1)

    names = [row["name"] for row in read_list(open_zip(file))]
    assert names == ["01-a-red-kite_square_flux2-flex_1", "02-a-blue-kite_square_flux2-flex_1"]


def has_download(blocks: list[dict[str, object]]) -> bool:
    return "download_brief" in str(blocks)


async def download_campaign(stage: Stage, person: Person, name: str) -> Form:
    """Chosen in the Home tab."""
    home = Home(stage, person)
    await home.open()
    await home.press("choose_campaign_to_download")
    form = await Form(stage, person).until_shows("download_campaign")
    field = "downloaded_campaign"
    await person.options(form.view.id, form.block(field)["block_id"], field, "")
    await form.set(field, name)
    await form.submit()
    return form


async def test_a_campaign_comes_with_what_its_person_may_see_and_deleted_ones_are_counted(
    stage: Stage,
) -> None:
    stage.workspace.scopes |= {"channels:read", "groups:read"}
    stage.workspace.channels[GENERAL].members.discard("U0BEN")
    asked = (
        (DESIGN, "a kite -c Spring -n 2"),
        (DESIGN, "a boat -c Spring"),
        (GENERAL, "a secret -c Spring"),
        (DESIGN, "an aside -c Spring --show me"),
        (DESIGN, "a hat -c Autumn"),
    )
    for channel, text in asked:
        await stage.ada.run_command(channel, "/imagine", text)
    await stage.until(lambda: count_untold(stage) == 0, what="all told")
    change_rows(
        stage,
        "UPDATE generations SET deleted_at = accepted_at WHERE request LIKE ?",
        "%a boat%",
    )
    change_rows(stage, "UPDATE pictures SET url = '' WHERE position = 2")

    form = await download_campaign(stage, stage.ben, "Spring")
    assert "packing the pictures of Spring" in form.text()
    (file,) = await until_zips(stage, 1)

    archive = open_zip(file)
    assert [row["name"] for row in read_list(archive)] == [
        "a-kite_square_flux2-flex_1",
        "a-kite_square_flux2-flex_2",
    ]
    names = archive.namelist()
    assert [name for name in names if name.startswith("original/")] == [
        "original/a-kite_square_flux2-flex_1.webp"
    ]
    with pyexiv2.ImageData(archive.read("marked/a-kite_square_flux2-flex_2.jpg")) as read:
        assert read.read_xmp()["Xmp.iptcExt.DigitalSourceType"] == GENERATED
    (begun,) = [m.text for m in direct(stage, "D0BEN") if "Here come" in m.text]
    assert begun == (
        "Here come 2 pictures of Spring as a ZIP file: originals, files marked as made by "
        "AI, and a list. "
        "1 picture left out, deleted since."
    )


async def test_without_the_scope_it_is_ones_own_and_the_channels_where_it_was_asked(
    stage: Stage,
) -> None:
    stage.workspace.scopes -= {"channels:read", "groups:read"}
    result = await make(stage, "a kite -c Spring")
    await choose(stage.ben, result, "more")
    more = await Form(stage, stage.ben).until_shows("more")
    await more.press("more_download_campaign")
    await more.until_shows("notice")
    (file,) = await until_zips(stage, 1)

    assert len(read_list(open_zip(file))) == 1
    (begun,) = [m.text for m in direct(stage, "D0BEN") if "Here come" in m.text]
    assert "Slack doesn't tell me every channel that you are in" in begun


def count_untold(stage: Stage) -> int:
    """How many generations are under way."""
    with closing(sqlite3.connect(database_of(stage))) as connection:
        asked = "SELECT count(*) FROM generations WHERE told_at IS NULL"
        return int(connection.execute(asked).fetchone()[0])

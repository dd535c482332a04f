"""What leaves says what it is, and the file as PowerPost gave it stays at hand."""

from __future__ import annotations

import pyexiv2

from bot.images.marks import GENERATED
from tests.support.stage import Stage
from tests.support.threads import change_rows, choose, make

HOUR_AGO = "2026-01-01 00:00:00.000000"


async def test_each_file_in_slack_is_marked_and_named_by_what_it_shows(stage: Stage) -> None:
    await make(stage, "a harbour at dawn -n 2 --size feed")
    files = sorted(stage.workspace.files.values(), key=lambda file: file.name)

    assert [file.name for file in files] == [
        "a-harbour-at-dawn_feed_flux2-flex_1.jpg",
        "a-harbour-at-dawn_feed_flux2-flex_2.jpg",
    ]
    for file in files:
        with pyexiv2.ImageData(file.content) as read:
            said = read.read_xmp()
        assert said["Xmp.iptcExt.DigitalSourceType"] == GENERATED
        assert "harbour" not in str(said)


async def test_the_original_is_linked_to_who_asks_for_as_long_as_it_lives(stage: Stage) -> None:
    result = await make(stage, "fog -n 2")

    await choose(stage.ben, result, "original")
    await stage.until(lambda: stage.private(), what="the links")

    (told,) = stage.private()
    assert told.ephemeral_to == "U0BEN"
    assert told.text.count(stage.settings.powerpost_api_url.removesuffix("/api/v1")) == 2
    assert "until <!date^" in told.text


async def test_powerpost_is_asked_for_a_link_that_is_over(stage: Stage) -> None:
    result = await make(stage, "fog")
    change_rows(stage, "UPDATE pictures SET expires_at = ?, url = ''", HOUR_AGO)

    await choose(stage.ada, result, "original")
    await stage.until(lambda: stage.private(), what="a fresh link")

    assert "|Picture 1>" in stage.private()[0].text
    assert stage.submits() == 1


async def test_while_powerpost_is_away_it_says_so(stage: Stage) -> None:
    result = await make(stage, "fog")
    change_rows(stage, "UPDATE pictures SET expires_at = ?", HOUR_AGO)
    stage.powerpost.faults.away = True

    await choose(stage.ada, result, "original")
    await stage.until(lambda: stage.private(), what="that it is not known")

    assert "Please try again in a minute" in stage.private()[0].text

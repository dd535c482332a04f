"""What is said of the marks that Slack leaves in a file."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.cli.findings import Verdict
from bot.cli.marks import compare
from bot.images.catalogue import Model
from bot.images.marks import Mark, write_xmp
from bot.slack.kit.pictures import SlackPicture

MARK = Mark(datetime(2026, 11, 27, 12, tzinfo=UTC), Model.FLUX2_FLEX, "doctor", "doctor")
SENT = SlackPicture(b"\xff\xd8" + write_xmp(MARK).encode(), "jpg", 1, 1)


def test_a_file_that_is_written_anew_may_keep_them_all() -> None:
    found = compare(SENT, SENT.content + b" ", MARK)

    assert found.verdict is Verdict.OK
    assert "keeps all of them" in found.text


def test_what_is_lost_is_named_with_what_to_do() -> None:
    less = write_xmp(Mark(MARK.made_at)).encode()
    none = compare(SENT, b"\xff\xd8", MARK)
    some = compare(SENT, b"\xff\xd8" + less, MARK)

    assert "Lost: DigitalSourceType, AISystemUsed" in none.text
    assert "Kept: none. Who needs them takes the files from Download" in none.text
    assert some.verdict is Verdict.NOTE
    assert (
        "Lost: AISystemUsed, AISystemVersionUsed, DigImageGUID, identifier. Kept: Dig" in some.text
    )

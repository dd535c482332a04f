"""Names that people choose: in file names, tables and lines of the log they are only names."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.credits.reports import Charged
from bot.powerpost.calls import upload_media
from bot.slack.reports.sheet import COLUMNS, write_sheet
from bot.telemetry.logs import clean_fields

AT = datetime(2026, 11, 30, 23, 30, 5, tzinfo=UTC)
SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫−"
NAMES = st.text(
    alphabet=st.sampled_from(f"{SIGNS} \t\r\n,;|\"'a\u200b\u202e\u00a0\ufeff"), max_size=12
)


@given(name=NAMES)
def test_no_cell_begins_a_formula_whichever_separator_is_believed(name: str) -> None:
    charged = Charged("g1", AT, "U1", "C1", "flux2-flex", 3, 2, 18.0, 0.5, "U2")
    written = write_sheet([charged], dict.fromkeys(("U1", "C1", "U2"), name), ZoneInfo("UTC"))
    said = written.decode("utf-8-sig")

    assert [len(row) for row in csv.reader(io.StringIO(said))] == [len(COLUMNS)] * 2
    for delimiter in ",;\t|":
        for row in csv.reader(io.StringIO(said), delimiter=delimiter):
            begun = [cell.lstrip(' "\u00a0')[:1] for cell in row]
            assert not any(sign in SIGNS for sign in begun if sign)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("fox.png", "fox.png"),
        ("Füchse (3).jpg", "Füchse (3).jpg"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "picture"),
        (".htaccess", "htaccess"),
        ("-rf", "rf"),
        ("=cmd|' -C calc'!A0.png", "cmd_ -C calc_A0.png"),
        ("＝1.png", "1.png"),
        ('a"; filename="b.exe', "a_ filename_b.exe"),
        ("a\r\nX-Evil: 1.png", "aX-Evil_ 1.png"),
        ("gnp.\u202exof.exe", "gnp.xof.exe"),
        ("a\x00b\ud800.png", "ab\ufffd.png"),
        ("$(reboot).png", "(reboot).png"),
        ("", "picture"),
    ],
)
def test_a_file_name_is_only_a_name(name: str, kept: str) -> None:
    sent = upload_media(name, b"", "image/png").files

    assert sent is not None
    assert sent["file"].name == kept


@given(name=st.text(max_size=20))
def test_a_log_line_is_one_line_whatever_it_quotes(name: str) -> None:
    (cleaned,) = clean_fields(None, "info", {"name": name}).values()

    assert len(str(cleaned).splitlines()) <= 1
    assert "\x1b" not in str(cleaned)


def test_fields_within_fields_are_cleaned_and_tracebacks_keep_their_lines() -> None:
    event = {
        "names": ["a\nb", "\x1b[2Jc"],
        "exception": "one\n two\x1b",
        "n": 1,
        "d": {"x\n": "y\u202e"},
    }

    assert clean_fields(None, "info", event) == {
        "names": ["a b", " [2Jc"],
        "exception": "one\n two ",
        "n": 1,
        "d": {"x ": "y "},
    }

"""The CSV file of a report, to the letter."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.credits.reports import Charged
from bot.slack.reports.sheet import COLUMNS, write_sheet

AT = datetime(2026, 11, 30, 23, 30, 5, tzinfo=UTC)
CHARGED = Charged("g1", AT, "U1", "C1", "flux2-flex", 3, 2, 18.0, 0.5, "U2")
NAMES = {"U1": "Ada Park", "C1": "#design"}


def quote(*cells: str) -> str:
    """A row."""
    return ",".join(f'"{cell}"' for cell in cells)


def test_a_row_is_in_the_workspaces_own_time_with_plain_numbers() -> None:
    unpriced = Charged("g2", AT, "U3", "C2", "a-model-of-old", 1, 1, None, 0.0, None)
    said = write_sheet([CHARGED, unpriced], NAMES, ZoneInfo("Europe/Berlin")).decode("utf-8-sig")

    assert said.split("\r\n") == [
        quote(*COLUMNS),
        quote(
            *("2026-12-01T00:30:05+01:00", "Ada Park", "#design", "FLUX.2 Flex", "3", "2", "18"),
            *("0.5", "g1", "U2", "U1", "C1"),
        ),
        quote(
            *("2026-12-01T00:30:05+01:00", "U3", "C2", "a-model-of-old", "1", "1", "", "0", "g2"),
            *("", "U3", "C2"),
        ),
        "",
    ]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK(""http://x"")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"),
        ("  =1", "'=1"),
        ("\u00a0=1", "'=1"),
        ("\u200b=1", "'=1"),
        ("\ufeff\u202e=1", "'=1"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("﹦1", "'﹦1"),
        ("==1", "'==1"),
        ("Ada;=1", "Ada;'=1"),
        ("Ada; =1", "Ada; '=1"),
        ("Ada,@x|-1", "Ada,'@x|'-1"),
        ("Ada\n=1", "Ada '=1"),
        ("Ada\r=1\t+2", "Ada '=1 '+2"),
        ('"=1', '""\'=1'),
        ("'=1", "''=1"),
        ("= =1", "'= '=1"),
        ("Zoë, Ä", "Zoë, Ä"),
        ("Jean-Luc + Ada", "Jean-Luc '+ Ada"),
        ("a@b", "a@b"),
        ("👩\u200d🎨", "👩\u200d🎨"),
    ],
)
def test_no_name_becomes_a_formula(name: str, cell: str) -> None:
    said = write_sheet([CHARGED], {"U1": name}, ZoneInfo("UTC")).decode("utf-8-sig")

    assert said.split("\r\n")[1].startswith(f'"2026-11-30T23:30:05+00:00","{cell}","C1",')

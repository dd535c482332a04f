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


def test_a_row_is_in_the_workspaces_own_time_with_plain_numbers() -> None:
    unpriced = Charged("g2", AT, "U3", "C2", "a-model-of-old", 1, 1, None, 0.0, None)
    said = write_sheet([CHARGED, unpriced], NAMES, ZoneInfo("Europe/Berlin")).decode("utf-8-sig")

    assert said.split("\r\n") == [
        ",".join(COLUMNS),
        "2026-12-01T00:30:05+01:00,Ada Park,#design,FLUX.2 Flex,3,2,18,0.5,g1,U2,U1,C1",
        "2026-12-01T00:30:05+01:00,U3,C2,a-model-of-old,1,1,,0,g2,,U3,C2",
        "",
    ]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ('=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("Zoë, Ä", '"Zoë, Ä"'),
    ],
)
def test_no_name_becomes_a_formula(name: str, cell: str) -> None:
    said = write_sheet([CHARGED], {"U1": name}, ZoneInfo("UTC")).decode("utf-8-sig")

    assert said.split("\r\n")[1].startswith(f"2026-11-30T23:30:05+00:00,{cell},C1,")

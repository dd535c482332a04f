"""The CSV file of a report, to the letter."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.credits.reports import Charged
from bot.generations.record import FORGOTTEN
from bot.policy.workspaces import PowerPostWorkspaces
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
            *("2026-12-01 00:30:05", "Europe/Berlin (UTC+01:00)", "Ada Park", "#design"),
            *("FLUX.2 Flex", "", "", "", "3", "2", "", "18", "0.5", "U2", "", "", "g1", "U1", "C1"),
        ),
        quote(
            *("2026-12-01 00:30:05", "Europe/Berlin (UTC+01:00)", "U3", "C2", "a-model-of-old"),
            *("", "", "", "1", "1", "", "", "0", "", "", "", "g2", "U3", "C2"),
        ),
        "",
    ]


def test_with_several_of_powerposts_workspaces_the_last_column_names_it() -> None:
    several = PowerPostWorkspaces("ws_1", {"ws_2": "=Lakeside"})
    charged = [CHARGED, replace(CHARGED, powerpost_workspace="ws_2")]
    said = write_sheet(charged, NAMES, ZoneInfo("UTC"), None, several).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(said)))

    assert rows[0] == [*COLUMNS, "PowerPost workspace"]
    assert [row[-1] for row in rows[1:]] == ["Default", "'=Lakeside"]
    assert {len(row) for row in rows} == {len(COLUMNS) + 1}


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

    assert said.split("\r\n")[1].startswith(
        f'"2026-11-30 23:30:05","UTC (UTC+00:00)","{cell}","C1",'
    )


def read(charged: Charged, url: str | None = "https://acme.slack.com/") -> dict[str, str]:
    """Its row, by the columns."""
    said = write_sheet([charged], NAMES, ZoneInfo("UTC"), url).decode("utf-8-sig")
    return next(csv.DictReader(io.StringIO(said)))


@pytest.mark.parametrize(
    ("state", "delivered", "outcome"),
    [
        ("delivered", 3, "done"),
        ("finished", 3, "done"),
        ("delivered", 2, "partly failed"),
        ("failed", 0, "failed"),
        ("processing", 0, "being made"),
        ("unknown", 0, "unknown"),
        (None, 2, ""),
    ],
)
def test_an_outcome_is_said_in_the_same_words_each_time(
    state: str | None, delivered: int, outcome: str
) -> None:
    assert read(replace(CHARGED, state=state, delivered=delivered))["outcome"] == outcome


def test_what_it_was_made_of_and_where_it_stands_is_in_its_row() -> None:
    row = read(
        replace(
            CHARGED,
            size="landscape",
            preset="=brand",
            request_id="req_1",
            message=("C1", "1.000002", "1.000001"),
        )
    )

    assert (row["size"], row["preset"], row["request id"]) == ("landscape", "'=brand", "req_1")
    assert row["link"] == ("https://acme.slack.com/archives/C1/p1000002?thread_ts=1.000001&cid=C1")


@pytest.mark.parametrize("hidden", [{"channel_id": "D1"}, {"user_id": FORGOTTEN}])
def test_nobody_is_linked_into_what_is_not_theirs_to_see(hidden: dict[str, Any]) -> None:
    assert read(replace(CHARGED, message=("C1", "1.0", None), **hidden))["link"] == ""


def test_the_zone_says_which_of_two_hours_it_was_when_clocks_go_back() -> None:
    zone = ZoneInfo("Europe/Berlin")
    twice = [replace(CHARGED, counts_at=datetime(2026, 10, 25, h, 30, tzinfo=UTC)) for h in (0, 1)]
    said = write_sheet(twice, NAMES, zone).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(said)))

    assert {row["date"] for row in rows} == {"2026-10-25 02:30:00"}
    assert [row["time zone"] for row in rows] == [
        "Europe/Berlin (UTC+02:00)",
        "Europe/Berlin (UTC+01:00)",
    ]

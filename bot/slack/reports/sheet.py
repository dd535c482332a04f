"""The CSV file of a report: a row for each generation that was paid for. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from bot.credits.reports import Charged
from bot.generations.record import FORGOTTEN
from bot.slack.kit.text import clean_line
from bot.slack.reports.texts import model_name

COLUMNS: Final = (
    *("date", "user", "channel", "model", "quantity", "delivered", "credits", "expected back"),
    *("generation", "approved by", "user id", "channel id"),
)
# What begins so is a formula to Excel, Sheets and Calc, and people choose their own names. They may
# begin behind spaces, and where a program takes another sign for the separator, behind that; signs
# of full width, and small ones, are the same to some.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = re.compile(r"""(?<![^\s,;:|"'])(?=[=+\-@＝＋－＠﹦﹢﹣﹫⁺⁻⁼₊₋₌−])""")


def write_sheet(charged: Iterable[Charged], names: Mapping[str, str], zone: ZoneInfo) -> bytes:
    """UTF-8 with a mark, without which Excel takes it for something else. Times are by the clocks
    of `zone` and say how far those are from UTC (ISO 8601); credits are plain numbers, empty where
    PowerPost did not say."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_ALL)
    rows.writerow(COLUMNS)
    names = {**names, FORGOTTEN: "a deleted person"}
    for each in charged:
        rows.writerow(_row(each, names, zone))
    return out.getvalue().encode("utf-8-sig")


def _row(each: Charged, names: Mapping[str, str], zone: ZoneInfo) -> list[str | int | float]:
    approver = each.approved_by
    return [
        each.counts_at.astimezone(zone).isoformat(timespec="seconds"),
        _defend(names.get(each.user_id, each.user_id)),
        _defend(names.get(each.channel_id, each.channel_id)),
        _defend(model_name(each.model)),
        each.quantity,
        each.delivered,
        "" if each.credits is None else _plain(each.credits),
        _plain(each.coming_back),
        _defend(each.generation_id),
        "" if approver is None else _defend(names.get(approver, approver)),
        _defend(each.user_id),
        _defend(each.channel_id),
    ]


def _plain(credits_: float) -> int | float:
    rounded = round(credits_, 6) + 0.0
    return int(rounded) if rounded.is_integer() else rounded


def _defend(cell: str) -> str:
    """One line of text, none of which any program works out."""
    return _FORMULA.sub("'", clean_line(cell))

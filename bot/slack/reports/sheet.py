"""The CSV file of a report: a row for each generation that was paid for. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from bot.credits.reports import Charged
from bot.generations.record import FORGOTTEN, State
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces
from bot.slack.kit.csv_cells import defend_cell
from bot.slack.kit.links import message_link
from bot.slack.reports.texts import model_name

COLUMNS: Final = (
    *("date", "time zone", "user", "channel", "model", "size", "preset", "campaign"),
    *("quantity", "delivered"),
    *("outcome", "credits", "expected back", "approved by", "request id", "link"),
    *("generation", "user id", "channel id"),
)
# After them, if PowerPost has several.
WORKSPACE_COLUMN: Final = "PowerPost workspace"
# What Excel, Sheets and Calc take for a date and time in whatever language they speak; with an
# offset behind it, it is only text to them.
_DATE: Final = "%Y-%m-%d %H:%M:%S"
_OUTCOMES: Final = {
    State.PROCESSING.value: "being made",
    State.FAILED.value: "failed",
    State.UNKNOWN.value: "unknown",
}


def write_sheet(
    charged: Iterable[Charged],
    names: Mapping[str, str],
    zone: ZoneInfo,
    workspace_url: str | None = None,
    workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
) -> bytes:
    """UTF-8 with a mark, without which Excel takes it for something else. Times are by the clocks
    of `zone`, which is named beside them with how far it was from UTC then; credits are plain
    numbers, empty where PowerPost did not say. `workspace_url` is Slack's, `workspaces`
    are PowerPost's."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_ALL)
    has_workspaces = workspaces.are_several
    rows.writerow((*COLUMNS, WORKSPACE_COLUMN) if has_workspaces else COLUMNS)
    names = {**names, FORGOTTEN: "a deleted person"}
    for each in charged:
        made_in = workspaces.name_of(each.powerpost_workspace)
        more = [defend_cell(made_in)] if has_workspaces else []
        rows.writerow([*_row(each, names, zone, workspace_url), *more])
    return out.getvalue().encode("utf-8-sig")


def _row(
    each: Charged, names: Mapping[str, str], zone: ZoneInfo, workspace_url: str | None
) -> list[str | int | float]:
    approver, at = each.approved_by, each.counts_at.astimezone(zone)
    return [
        at.strftime(_DATE),
        defend_cell(f"{zone.key} (UTC{at.isoformat(timespec='seconds')[19:]})"),
        defend_cell(names.get(each.user_id, each.user_id)),
        defend_cell(names.get(each.channel_id, each.channel_id)),
        defend_cell(model_name(each.model)),
        defend_cell(each.size or ""),
        defend_cell(each.preset or ""),
        defend_cell(each.campaign or ""),
        each.quantity,
        each.delivered,
        _outcome(each),
        "" if each.credits is None else _plain(each.credits),
        _plain(each.coming_back),
        "" if approver is None else defend_cell(names.get(approver, approver)),
        defend_cell(each.request_id or ""),
        defend_cell(_link(each, workspace_url)),
        defend_cell(each.generation_id),
        defend_cell(each.user_id),
        defend_cell(each.channel_id),
    ]


def _outcome(each: Charged) -> str:
    """In a word or two, the same ones each time: people filter by them."""
    if each.state is None:  # its row is not there
        return ""
    if each.state in _OUTCOMES:
        return _OUTCOMES[each.state]
    return "done" if each.delivered >= each.quantity else "partly failed"


def _link(each: Charged, workspace_url: str | None) -> str:
    """To its result in Slack; none into a conversation that only its person can open, and none to
    what a person who had their data deleted has asked for."""
    is_shown = each.channel_id.startswith(("C", "G")) and each.user_id != FORGOTTEN
    if each.message is None or workspace_url is None or not is_shown:
        return ""
    return message_link(workspace_url, *each.message)


def _plain(credits_: float) -> int | float:
    rounded = round(credits_, 6) + 0.0
    return int(rounded) if rounded.is_integer() else rounded

"""`/imagine usage`: one's own for everybody, everyone's for admins, with a chart and a file."""

from __future__ import annotations

import csv
import io
from datetime import UTC
from typing import Any

import pytest

from bot.policy.policy import WorkspaceSettings
from bot.sandbox.powerpost.faults import SubmitFault
from bot.sandbox.slack.records import File, Message
from bot.sandbox.slack.workspace import View
from bot.slack.kit.ids import ActionId
from tests.support.home import Home
from tests.support.ledger_entries import enter, entry, refund_expected
from tests.support.noon import find_noon_zone, now_at_noon
from tests.support.policies import set_policy
from tests.support.rendered_text import until_all_is_said
from tests.support.stage import DESIGN, Stage, images_of
from tests.support.threads import direct, element
from tests.support.threads import press as press_button


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    """The month does not end during a test."""
    await set_policy(stage, settings=WorkspaceSettings(time_zone=find_noon_zone()))
    return stage


def this_month(layout: str = "%B %Y") -> str:
    return f"{now_at_noon():{layout}}"


def charge(generation_id: str, credits_: float | None, **changes: Any) -> dict[str, Any]:
    """A charge of this month."""
    return entry(generation_id, credits_, counts_at=now_at_noon().astimezone(UTC), **changes)


async def fill(stage: Stage) -> None:
    """Ada has spent 36 credits, of which 9 will come back; Ben 54.5."""
    now = now_at_noon().astimezone(UTC)
    await enter(
        stage.settings.database_url,
        charge("g1", 36.0, quantity=4, channel_id="D0ADA"),
        refund_expected("g1", 9.0, quantity=4, counts_at=now, channel_id="D0ADA"),
        charge("g2", 54.5, user_id="U0BEN", model="ideogram-3", approved_by="U0ADA"),
    )


async def ask(stage: Stage, text: str, *, as_ben: bool = False) -> Message:
    """What the bot answers, privately."""
    before = len(stage.private())
    person = stage.ben if as_ben else stage.ada
    await person.run_command(DESIGN, "/imagine", text)
    await stage.until(lambda: len(stage.private()) > before, what=f"an answer to {text}")
    return stage.private()[before]


def cells(message: Message) -> list[list[str]]:
    """The table of a message; people and channels as their ids."""
    table = next(block for block in message.blocks if block["type"] == "table")
    return [[_cell(cell) for cell in row] for row in table["rows"]]


def _cell(cell: dict[str, Any]) -> str:
    if cell["type"] != "rich_text":
        return str(cell["text"])
    part = cell["elements"][0]["elements"][0]
    return str(part.get("user_id") or part.get("channel_id"))


def csv_files(stage: Stage) -> list[File]:
    """The CSV files in Slack."""
    return [file for file in stage.workspace.files.values() if file.name.endswith(".csv")]


async def test_anyone_sees_what_they_spent_this_month(stage: Stage) -> None:
    await fill(stage)
    answer = await ask(stage, "usage")

    assert answer.ephemeral_to == "U0ADA"
    assert answer.text.startswith(
        f"In {this_month()} you spent 36 credits on 1 request, for 0 pictures. "
        "Of that, 9 credits should still come back."
    )
    assert cells(answer) == [
        ["Model", "Credits", "Should come back", "Requests", "Pictures"],
        ["FLUX.2 Flex", "36", "9", "1", "0"],
    ]
    assert "54.5" not in str(answer.blocks)


async def test_who_spent_nothing_is_told_so(stage: Stage) -> None:
    assert (await ask(stage, "usage")).text == f"You spent no credits in {this_month()}."
    everyone = await ask(stage, "usage --by user")
    assert everyone.text == f"Nobody spent any credits in {this_month()}."
    assert direct(stage) == []


async def test_an_admin_sees_everyone_and_gets_chart_and_file_in_the_direct_message(
    stage: Stage,
) -> None:
    await fill(stage)
    answer = await ask(stage, "usage --by user")

    assert cells(answer) == [
        ["Person", "Credits", "Should come back", "Requests", "Pictures"],
        ["U0BEN", "54.5", "0", "1", "0"],
        ["U0ADA", "36", "9", "1", "0"],
        ["Total", "90.5", "9", "2", "0"],
    ]
    assert "<@U0BEN>: 54.5 credits, 1 request, 0 pictures" in answer.text
    assert "come in our direct message" in answer.text
    await stage.until(lambda: csv_files(stage), what="the file")
    report, with_file = direct(stage)
    assert cells(report) == cells(answer)
    (image,) = images_of(report)
    assert image["alt_text"] == (
        f"A bar chart. Credits in {this_month()}, by person: Ben Osei 54.5 and Ada Park 36. "
        "90.5 credits in all, refunds taken off; 9 should still come back."
    )
    assert with_file.file_ids == [csv_files(stage)[0].id]


async def test_the_file_has_a_row_for_each_generation_with_names(stage: Stage) -> None:
    await fill(stage)
    await ask(stage, "usage --by channel")
    await stage.until(lambda: csv_files(stage), what="the file")
    content = csv_files(stage)[0].content
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

    assert content.startswith(b"\xef\xbb\xbf")
    assert csv_files(stage)[0].name == f"imagine-usage-{this_month('%Y-%m')}.csv"
    assert [row["user"] for row in rows] == ["Ada Park", "Ben Osei"]
    assert [row["channel"] for row in rows] == ["direct message", "#design"]
    assert [row["credits"] for row in rows] == ["36", "54.5"]
    assert [row["expected back"] for row in rows] == ["9", "0"]
    assert [row["approved by"] for row in rows] == ["", "Ada Park"]


async def test_who_is_no_admin_is_told_so_and_sees_their_own(stage: Stage) -> None:
    await fill(stage)
    answer = await ask(stage, "usage --by user", as_ben=True)

    assert answer.text.startswith("Only admins see what everyone spent. Here is what you spent.")
    assert "54.5 credits" in answer.text
    assert "36" not in str(answer.blocks)
    assert direct(stage, "D0BEN") == []


async def test_another_month_is_another_window(stage: Stage) -> None:
    await fill(stage)
    answer = await ask(stage, "usage --month 2020-02")

    assert answer.text == "You spent no credits in February 2020."


async def test_a_month_that_has_not_begun_is_no_month_without_spending(stage: Stage) -> None:
    answer = await ask(stage, "usage --month 2099-12")

    assert answer.text == "December 2099 has not begun yet, so nothing was spent in it."


async def test_a_word_that_is_not_understood_is_asked_about(stage: Stage) -> None:
    answer = await ask(stage, "usage --by chanel")

    assert "not by “chanel”. Did you mean channel?" in answer.text
    assert "Nothing was spent." in answer.text
    assert stage.submits() == 0


@pytest.mark.parametrize(
    ("typed", "label", "says"),
    [
        (
            "usage --by chanel --month 2020-02",
            "/imagine usage --by channel --month 2020-02",
            "2020",
        ),
        ("usages", "/imagine usage", "You spent no credits"),
        ("histroy", "/imagine history", "There's nothing here yet"),
        ("hlep", "/imagine help", "Make pictures from words"),
    ],
)
async def test_a_misspelt_command_has_a_button_that_runs_the_right_one(
    stage: Stage, typed: str, label: str, says: str
) -> None:
    answer = await ask(stage, typed)
    assert element(answer, "run_command")["text"]["text"] == label
    await press_button(stage.ada, answer, "run_command")
    await stage.until(lambda: says in stage.private()[-1].text, what=says)

    assert stage.submits() == 0


async def test_the_button_runs_nothing_that_costs(stage: Stage) -> None:
    answer = await ask(stage, "usages")
    button = element(answer, "run_command")
    for value in ("a fox", "usages", "--size portrait"):
        await stage.ada.click(DESIGN, answer.ts, button["block_id"], "run_command", value=value)
    await until_all_is_said(stage)

    assert stage.submits() == 0


async def test_without_slacks_leave_to_upload_the_numbers_come_all_the_same(stage: Stage) -> None:
    stage.workspace.scopes.discard("files:write")
    await fill(stage)
    await ask(stage, "usage --by model")
    await stage.until(lambda: len(direct(stage)) == 2, what="the excuse")

    report, excuse = direct(stage)
    assert cells(report)[1][:2] == ["Ideogram 3.0", "54.5"]
    assert "couldn't draw the chart" in report.text
    assert "I could not bring the CSV file" in excuse.text


async def open_report(stage: Stage, channel: str = "D0ADA") -> View:
    """Press the Report button in a message of the bot's; what opens."""
    button = {
        "type": "button",
        "action_id": ActionId.REPORT.value,
        "text": {"type": "plain_text", "text": "Report"},
        "value": "user:2026-11",  # as in older Home tabs
    }
    blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
    message = stage.workspace.post_message(channel, "U0IMAGINE", "A button", blocks=blocks)
    person = stage.ada if channel == "D0ADA" else stage.ben
    await person.click(channel, message.ts, "b", ActionId.REPORT)
    stacks, user_id = stage.workspace.view_stacks, person.user.id
    await stage.until(lambda: stacks.get(user_id), what="a modal")
    return stacks[user_id][-1]


async def press(stage: Stage, by: str) -> None:
    """Ask for this month's report in the form."""
    view = await open_report(stage)
    await stage.ada.change(view.id, "report_by", "report_by", by)
    assert (await stage.ada.submit(view.id)).ok
    said = str(stage.workspace.view_stacks["U0ADA"][-1].body)
    assert "Your report is on its way" in said


async def test_the_button_brings_the_report_to_the_direct_message_of_an_admin(
    stage: Stage,
) -> None:
    await fill(stage)
    await press(stage, "model")
    await stage.until(lambda: csv_files(stage), what="the file")
    _, report, _ = direct(stage)

    assert [row[0] for row in cells(report)][1:] == ["Ideogram 3.0", "FLUX.2 Flex", "Total"]


async def test_a_report_whose_file_cannot_be_uploaded_says_only_that(stage: Stage) -> None:
    await fill(stage)
    stage.workspace.scopes.discard("files:write")
    await press(stage, "model")
    await stage.until(lambda: len(direct(stage)) == 3, what="report and excuse")
    _, report, excuse = direct(stage)

    assert cells(report)[-1][0] == "Total"
    assert "I could not bring the CSV file" in excuse.text
    assert "can't read" not in excuse.text


async def test_a_file_that_slack_does_not_take_for_a_moment_is_shared_after_all(
    stage: Stage,
) -> None:
    await fill(stage)
    stage.workspace.faults.next_call("files.completeUploadExternal", "internal_error", times=2)
    await press(stage, "model")

    await stage.until(lambda: csv_files(stage), what="the file")


async def test_the_form_asks_for_a_month_with_something_in_it_and_for_what(stage: Stage) -> None:
    await fill(stage)
    old = now_at_noon().astimezone(UTC).replace(year=2025, month=3, day=15)
    await enter(stage.settings.database_url, entry("g0", 5.0, counts_at=old))
    view = await open_report(stage)
    month, by = (block["element"] for block in view.body["blocks"][:2])

    assert [option["value"] for option in month["options"]] == [this_month("%Y-%m"), "2025-03"]
    assert [option["value"] for option in by["options"]] == ["user", "channel", "model", "campaign"]
    await stage.ada.change(view.id, "report_month", "report_month", "2025-03")
    await stage.ada.submit(view.id)
    await stage.until(lambda: csv_files(stage), what="the file")
    assert csv_files(stage)[0].name == "imagine-usage-2025-03.csv"


async def test_a_file_says_what_an_admin_wants_to_know_of_each_request(stage: Stage) -> None:
    await stage.ben.run_command(DESIGN, "/imagine", "fog -s landscape")
    await stage.until_told()
    stage.powerpost.faults.next_submit(SubmitFault.ANSWER_LOST)
    await stage.ben.run_command(DESIGN, "/imagine", "lost")
    await stage.until_told(2)
    await press(stage, "user")
    await stage.until(lambda: csv_files(stage), what="the file")
    content = csv_files(stage)[0].content.decode("utf-8-sig")
    made, lost = csv.DictReader(io.StringIO(content))

    assert (made["size"], made["preset"], made["outcome"]) == ("landscape", "", "done")
    assert made["request id"].startswith("req_")
    assert f"/archives/{DESIGN}/p" in made["link"]
    assert (lost["outcome"], lost["credits"]) == ("unknown", "")


async def test_the_button_brings_nothing_to_who_is_no_admin(stage: Stage) -> None:
    await fill(stage)
    view = await open_report(stage, "D0BEN")

    assert "Only admins can have this report." in str(view.body)


async def test_who_is_no_admin_any_more_gets_no_report_of_an_open_form(stage: Stage) -> None:
    settings = WorkspaceSettings(time_zone=find_noon_zone(), admins=("U0BEN",))
    await set_policy(stage, settings=settings)
    view = await open_report(stage, "D0BEN")
    await set_policy(stage, settings=WorkspaceSettings(time_zone=find_noon_zone()))
    await stage.ben.submit(view.id)

    shown = stage.workspace.view_stacks["U0BEN"][-1]
    assert "Only admins can have this report." in str(shown.body)


async def test_a_month_without_requests_says_so(stage: Stage) -> None:
    await press(stage, "user")
    await stage.until(lambda: len(direct(stage)) == 2, what="the answer")

    assert direct(stage)[1].text == f"Nobody spent any credits in {this_month()}."


async def test_the_home_tab_has_the_button_for_admins(stage: Stage) -> None:
    await fill(stage)
    home = Home(stage, stage.ada)
    await home.open("For admins")
    await home.open_sheet("report")
    await home.save()
    await stage.until(lambda: csv_files(stage), what="the file")

    assert cells(direct(stage)[0])[1][0] == "U0BEN"

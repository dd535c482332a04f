"""The doctor against the stand-ins: what is wrong is named, with what to do, and costs nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.cli.doctor import run_doctor
from bot.cli.findings import Finding, Verdict
from bot.sandbox.serving import serve
from bot.sandbox.slack.workspace import MINIMUM_SCOPES
from bot.settings import Settings
from tests.support.stage import Stage, make_settings, open_stage

WORKSPACE = "ws_sandbox"
ALL_SCOPES = {"account:read", "images:read", "images:generate", "media:write", "content:read"}


@asynccontextmanager
async def open_clinic(directory: Path, **changes: Any) -> AsyncIterator[Stage]:
    """The stand-ins without a bot."""
    async with open_stage(directory, runs_bot=False, **changes) as stage:
        yield stage


async def consult(settings: Settings) -> tuple[int, str]:
    """The doctor's exit code and report. It has its own loop, and so a thread."""
    lines: list[str] = []
    code = await asyncio.to_thread(run_doctor, settings, lines.append)
    return code, "\n".join(lines)


async def test_where_all_is_well_it_says_so_and_nothing_is_spent(tmp_path: Path) -> None:
    async with open_clinic(tmp_path, slack_app_token="xapp-sandbox") as stage:
        stage.workspace.scopes |= {"channels:history", "groups:history"}
        stage.powerpost.balance = 47

        code, report = await consult(stage.settings)

        assert code == 0, report
        assert report.endswith("All is well.")
        assert {line.split()[0] for line in report.splitlines()[:-1]} == {"ok"}
        assert "the account has 47 credits" in report
        assert "U0IMAGINE" in report
        assert "Socket Mode is used" in report
        assert "imagine.sqlite3 is open and up to date" in report
        assert stage.powerpost.balance == 47
        assert stage.powerpost.charges == []
        assert stage.powerpost.paid_posts == 0
        assert not stage.workspace.sockets.is_connected


async def test_each_workspace_of_powerposts_is_looked_into(tmp_path: Path) -> None:
    names = "Ours=ws_sandbox, Lakeside Hotel=ws_lakeside, Old client=ws_gone"
    async with open_clinic(tmp_path, imagine_powerpost_workspaces=names) as stage:
        stage.powerpost.add_workspace("ws_lakeside")
        code, report = await consult(stage.settings)

        assert stage.powerpost.paid_posts == 0
    lines = [line for line in report.splitlines() if "PowerPost workspace " in line]
    assert code == 1
    assert lines[0] == "ok    PowerPost workspace Lakeside Hotel: works."
    assert lines[1].startswith("MEND  PowerPost workspace Old client: the key has no access to it")
    assert len(lines) == 2


async def test_the_marks_in_files_are_looked_for_in_what_slack_hands_out_and_nothing_stays(
    tmp_path: Path,
) -> None:
    async with open_clinic(tmp_path) as stage:
        lines: list[str] = []
        await asyncio.to_thread(run_doctor, stage.settings, lines.append, with_marks=True)

        found = [line for line in lines if "Marks in files" in line]
        uploads = [e for e in stage.workspace.exchanges if e.method == "files.delete"]
        shown = [m for messages in stage.workspace.messages.values() for m in messages]
    assert found == [
        "ok    Marks in files (jpg): Slack hands the file out as it was uploaded, "
        "with all 7 of them.",
        "ok    Marks in files (png): Slack hands the file out as it was uploaded, "
        "with all 7 of them.",
    ]
    assert len(uploads) == 2
    assert not [m for m in shown if "imagine-doctor" in str(vars(m))]
    assert not [f for f in stage.workspace.files.values() if not f.is_deleted]


async def test_without_the_scope_for_files_the_marks_are_not_checked(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as stage:
        stage.workspace.scopes.discard("files:write")
        lines: list[str] = []
        await asyncio.to_thread(run_doctor, stage.settings, lines.append, with_marks=True)

    (found,) = [line for line in lines if "Marks in files" in line]
    assert found.startswith("note  Marks in files: not checked: this needs the scopes files:write")


async def test_the_probe_of_the_paid_endpoint_asks_for_nothing_that_could_be_made(
    tmp_path: Path,
) -> None:
    async with open_clinic(tmp_path) as stage:
        await consult(stage.settings)

        (sent,) = [e for e in stage.powerpost.exchanges if e.path.endswith("/images/generate")]
        assert sent.request_json == {"size": "doctor", "quantity": 0}
        assert sent.status == 400


async def test_no_secret_is_in_a_report_even_where_a_service_sends_it_back(
    tmp_path: Path,
) -> None:
    async def echo(request: Request) -> Response:
        key = request.headers.get("x-api-key", "") + request.headers.get("authorization", "")
        body = f'{{"ok": false, "error": {{"message": "no {key}", "code": "{key}"}}}}'
        return Response(body, 400, media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])
    async with serve(app) as url:
        settings = make_settings(
            url,
            url,
            tmp_path / "a.sqlite3",
            slack_bot_token="xoxb-very-secret-bot",
            slack_app_token="xapp-very-secret-app",
            powerpost_api_key="very-secret-key",
            database_url="postgresql://u:very-secret-password@127.0.0.1:1/x",
        )
        code, report = await consult(settings)

    assert code == 1
    assert "very-secret" not in report
    assert "127.0.0.1:1" in report


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"slack_bot_token": "xoxb-wrong"}, "refuses it (invalid_auth). Copy the Bot User OAuth"),
        ({"slack_bot_token": "xoxb-none", "slack_api_url": "http://127.0.0.1:1/api"}, "SLACK_API"),
        ({"slack_app_token": "xapp-wrong"}, "scope connections:write under Basic Information"),
        ({"powerpost_api_key": "pp_live_sk_wrong"}, "key: the key is refused. Copy it anew"),
        ({"powerpost_workspace_id": "ws_other"}, "no access to it. Copy the id"),
        ({"powerpost_api_url": "http://127.0.0.1:1/api/v1"}, "address: cannot be reached"),
        ({"database_url": "sqlite:////proc/none/a.sqlite3"}, "Set DATABASE_URL to a file"),
        ({"database_url": "postgresql://u:p@127.0.0.1:1/x"}, "Check DATABASE_URL"),
        (
            {"imagine_signing_certificate": "/none/a.pem", "imagine_signing_key": "/none/b.pem"},
            "Content credentials: IMAGINE_SIGNING_CERTIFICATE",  # without the extra, or the file
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
async def test_each_setting_that_is_wrong_is_named_with_what_to_do(
    tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    async with open_clinic(tmp_path, **changes) as stage:
        code, report = await consult(stage.settings)

    to_mend = [line for line in report.splitlines() if line.startswith("MEND")]
    assert code == 1
    assert len(to_mend) == 1, report
    assert says in to_mend[0]
    assert report.endswith("1 to mend.")


@pytest.mark.parametrize("scope", sorted(MINIMUM_SCOPES & {"files:write", "commands"}))
async def test_a_scope_that_the_manifest_asks_for_and_slack_did_not_give_is_named(
    tmp_path: Path, scope: str
) -> None:
    async with open_clinic(tmp_path) as stage:
        stage.workspace.scopes.discard(scope)
        code, report = await consult(stage.settings)

    assert code == 1
    assert f"MEND  Slack scopes: {scope} missing. Add under OAuth & Permissions" in report


@pytest.mark.parametrize(
    ("scope", "loss"),
    [
        ("files:read", "pictures cannot be used as references"),
        ("usergroups:read", "rules that name user groups let nobody through"),
        ("chat:write.public", "in public channels the bot works only where it was invited"),
        ("channels:read", "reports have ids instead of channels' names"),
    ],
)
async def test_without_an_optional_scope_all_is_well_and_the_loss_is_named(
    tmp_path: Path, scope: str, loss: str
) -> None:
    async with open_clinic(tmp_path) as stage:
        stage.workspace.scopes.discard(scope)
        code, report = await consult(stage.settings)

    assert code == 0
    assert f"note  Slack optional scopes: {scope} not given. Without it, {loss}" in report
    assert "ok    Slack scopes: all that the bot cannot do without are there." in report


async def test_optional_history_scopes_are_only_noted_with_what_they_are_good_for(
    tmp_path: Path,
) -> None:
    async with open_clinic(tmp_path) as stage:
        stage.workspace.scopes -= {"channels:history"}
        code, report = await consult(stage.settings)

    assert code == 0
    assert "note  Slack optional scopes: channels:history, groups:history not given" in report
    assert "posting the same pictures twice" in report


@pytest.mark.parametrize("scope", ["account:read", "images:read", "images:generate"])
async def test_a_scope_that_the_key_lacks_is_named(tmp_path: Path, scope: str) -> None:
    async with open_clinic(tmp_path, powerpost_api_key="pp_live_sk_less") as stage:
        stage.powerpost.add_key(
            "pp_live_sk_less", scopes=ALL_SCOPES - {scope}, workspaces={WORKSPACE}
        )
        code, report = await consult(stage.settings)

    assert code == 1
    assert f"MEND  PowerPost {scope}: the key lacks this scope. Add {scope}" in report
    assert report.endswith("1 to mend.")


@pytest.mark.parametrize(
    ("scope", "part"), [("media:write", "reference pictures"), ("content:read", "captions")]
)
async def test_a_scope_that_only_the_form_needs_is_no_fault(
    tmp_path: Path, scope: str, part: str
) -> None:
    async with open_clinic(tmp_path, powerpost_api_key="pp_live_sk_less") as stage:
        stage.powerpost.add_key(
            "pp_live_sk_less", scopes=ALL_SCOPES - {scope}, workspaces={WORKSPACE}
        )
        code, report = await consult(stage.settings)

    assert code == 0
    assert f"note  PowerPost {scope}: the key lacks this scope" in report
    assert f"Not needed until people use {part} in the form." in report


OF_POSTS = {"posts:write", "posts:read", "content:generate", "calendar:write"}


async def test_the_scopes_of_drafts_are_tried_if_they_are_set_up(tmp_path: Path) -> None:
    key = {"powerpost_api_key": "pp_live_sk_less", "imagine_posts": True}
    async with open_clinic(tmp_path, **key) as stage:
        drafts_only = ALL_SCOPES | OF_POSTS
        stage.powerpost.add_key("pp_live_sk_less", scopes=drafts_only, workspaces={WORKSPACE})
        code, report = await consult(stage.settings)
        assert code == 0, report
        assert all(f"ok    PowerPost {scope}: works." in report for scope in OF_POSTS)
        assert "ok    PowerPost posts:publish: not given, and not needed" in report

        lacks = drafts_only - {"posts:write", "calendar:write"} | {"posts:publish"}
        stage.powerpost.add_key("pp_live_sk_less", scopes=lacks, workspaces={WORKSPACE})
        code, report = await consult(stage.settings)
        assert code == 1
        assert "MEND  PowerPost posts:write: the key lacks this scope" in report
        assert "note  PowerPost calendar:write: the key lacks this scope" in report
        assert "note  PowerPost posts:publish: the key may also publish" in report

        assert stage.powerpost.posts == {}
        assert stage.powerpost.calendar.entries == {}
        assert stage.powerpost.charges == []
        assert stage.powerpost.published == []


async def test_an_empty_account_is_noted(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as stage:
        stage.powerpost.balance = 0
        code, report = await consult(stage.settings)

    assert code == 0
    assert "note  PowerPost account:read: works; but the account has no credits left" in report


async def _show_page(_request: Request) -> Response:
    return HTMLResponse("<h1>Welcome</h1>")


async def _redirect(_request: Request) -> Response:
    return RedirectResponse("https://example.invalid/")


@pytest.mark.parametrize("page", [_show_page, _redirect, None], ids=["page", "redirect", "404"])
async def test_an_address_where_another_site_answers_is_said_as_such(
    tmp_path: Path, page: Any
) -> None:
    routes = [Route("/{path:path}", page, methods=["GET", "POST"])] if page else []
    async with serve(Starlette(routes=routes)) as url, open_clinic(tmp_path) as stage:
        wrong = {"slack_api_url": f"{url}/api"} if page is not _redirect else {}
        settings = stage.settings.model_copy(update={"powerpost_api_url": url, **wrong})
        code, report = await consult(settings)

    assert code == 1
    assert "MEND  PowerPost address: what answers at POWERPOST_API_URL is not" in report
    assert "set it to https://powerpost.ai/api/v1" in report
    if wrong:
        assert "what answers at SLACK_API_URL is not Slack's Web API" in report


async def test_http_mode_says_what_only_slack_can_prove(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as stage:
        _, report = await consult(stage.settings)

    assert "ok    Slack signing secret: is set, for HTTP." in report


async def test_the_file_of_a_running_bot_is_left_alone(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        code, report = await consult(stage.settings)

    assert code == 0
    assert "imagine.sqlite3 is in use by the running bot" in report


async def test_a_file_that_is_no_database_and_one_of_a_newer_version_are_told_apart(
    tmp_path: Path,
) -> None:
    (tmp_path / "junk.sqlite3").write_text("this is no database, and it is long enough" * 40)
    with sqlite3.connect(tmp_path / "newer.sqlite3") as newer:
        newer.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        newer.execute("INSERT INTO alembic_version VALUES ('9999_needs_9998')")
    newer.close()
    async with open_clinic(tmp_path) as stage:
        reports = [
            await consult(stage.settings.model_copy(update={"database_url": f"sqlite:///{path}"}))
            for path in (tmp_path / "junk.sqlite3", tmp_path / "newer.sqlite3")
        ]

    assert [code for code, _ in reports] == [1, 1]
    assert "file is not a database" in reports[0][1]
    assert "was written by a newer version of this bot" in reports[1][1]


def test_a_line_is_one_line_whatever_a_service_said() -> None:
    finding = Finding(Verdict.MEND, "Slack", "no\n\x1b[31mok    all is well")

    assert str(finding) == "MEND  Slack: no  [31mok    all is well"

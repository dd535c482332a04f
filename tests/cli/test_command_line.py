"""The command line as an operator meets it: real processes, their exit codes and words."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
import yaml

from bot.settings import Settings
from tests.support.documents import SCHEMA
from tests.support.forking import fork_module
from tests.support.root import ROOT
from tests.support.stage import open_stage


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    output: str
    errors: str


async def run(directory: Path, *arguments: str, **settings: str) -> Ended:
    """Run `python -m bot …` in an empty directory, with these settings and no others."""
    ours = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = await fork_module(
            *("bot", *arguments),
            environment=environment | settings | {"PYTHONPATH": str(ROOT)},
            directory=directory,
            output=output,
            errors=errors,
        )
        try:
            async with asyncio.timeout(30):
                code = await process.wait()
        except TimeoutError:
            process.kill()
            raise
        output.seek(0)
        errors.seek(0)
        return Ended(code, output.read().decode(), errors.read().decode())


def is_empty(directory: Path) -> bool:
    """Whether nothing was left there."""
    return not any(directory.iterdir())


@pytest.mark.parametrize("command", ["run", "doctor", "audit"])
async def test_without_settings_all_that_are_missing_are_named_in_one_line(
    tmp_path: Path, command: str
) -> None:
    ended = await run(tmp_path, command, PORT="http", POWERPOST_API_KEY="secret key")

    assert ended.code == 2
    assert len(ended.errors.splitlines()) == 1
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "POWERPOST_API_KEY", "PORT"):
        assert name in ended.errors
    assert "secret key" not in ended.errors
    assert ended.output == ""
    assert is_empty(tmp_path)


async def test_settings_come_from_the_env_file_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-from-file\nPORT=http\n")

    ended = await run(tmp_path, "run")

    assert ended.code == 2
    assert "PORT" in ended.errors
    assert "SLACK_BOT_TOKEN" not in ended.errors


async def test_the_doctor_reports_on_standard_output_and_by_its_exit_code(tmp_path: Path) -> None:
    async with open_stage(tmp_path, runs_bot=False) as stage:
        settings = {
            "SLACK_BOT_TOKEN": stage.workspace.bot_token,
            "SLACK_SIGNING_SECRET": stage.workspace.signing_secret,
            "SLACK_API_URL": stage.settings.slack_api_url,
            "POWERPOST_API_KEY": "pp_live_sk_stage",
            "POWERPOST_WORKSPACE_ID": "ws_sandbox",
            "POWERPOST_API_URL": stage.settings.powerpost_api_url,
        }
        well, ill = await asyncio.gather(
            run(tmp_path, "doctor", **settings),
            run(tmp_path, "doctor", **settings, SLACK_APP_TOKEN="xapp-wrong", LOG_LEVEL="DEBUG"),
        )

    assert well.code == 0, well.output
    assert well.output.splitlines()[-1] == "All is well."
    assert ill.code == 1
    assert ill.output.splitlines()[-1] == "1 to mend."
    for line in (well.output + ill.output).splitlines()[:-1]:
        assert line.split()[0] in ("ok", "note", "MEND", "All"), line
    assert well.errors == ill.errors == ""


async def test_the_manifest_for_http_is_printed_and_valid(tmp_path: Path) -> None:
    ended = await run(tmp_path, "manifest", "--url", "https://bot.example")

    manifest = yaml.safe_load(ended.output)
    assert ended.code == 0
    jsonschema.validate(manifest, SCHEMA)
    address = "https://bot.example/slack/events"
    assert manifest["settings"]["interactivity"]["request_url"] == address


@pytest.mark.parametrize("url", ["http://bot.example", "bot.example", "https://", "https://a b"])
async def test_an_address_that_slack_cannot_reach_is_refused(tmp_path: Path, url: str) -> None:
    ended = await run(tmp_path, "manifest", "--url", url)

    assert ended.code == 2
    assert "https://" in ended.errors
    assert ended.output == ""


async def test_help_lists_every_command(tmp_path: Path) -> None:
    ended = await run(tmp_path, "--help")

    assert ended.code == 0
    listed = ended.output.partition("Commands:")[2]
    for command in ("run", "sandbox", "stand-in", "doctor", "audit", "manifest"):
        assert f"  {command} " in listed
    assert "..." not in listed  # nothing is cut off

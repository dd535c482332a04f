"""Slack's own command line runs the app: what `.slack/hooks.json` has for `slack run`.

Source: docs.slack.dev/tools/slack-cli/reference/hooks. A hook is a line for a shell. The manifest
is what its hook prints; with a connection that the app manages, `start` gets the tokens as
SLACK_CLI_XOXB and SLACK_CLI_XAPP.
"""

from __future__ import annotations

import asyncio
import functools
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from bot.cli.manifest import read_manifest
from tests.support.process import follow_bot, write_environment
from tests.support.root import ROOT
from tests.support.stage import open_stage

HOOKS: dict[str, Any] = json.loads((ROOT / ".slack" / "hooks.json").read_text("utf-8"))


def find_command(name: str) -> str:
    """A hook's line, with the Python that runs the tests in place of that of README's command."""
    command: str = HOOKS["hooks"][name]
    assert ".venv/bin/python " in command
    return command.replace(".venv/bin/python", shlex.quote(sys.executable))


def test_the_manifest_that_slack_gets_is_ours() -> None:
    printed = subprocess.run(  # noqa: S603 - our own words
        ["/bin/sh", "-c", find_command("get-manifest")], cwd=ROOT, capture_output=True, check=True
    )

    assert json.loads(printed.stdout) == read_manifest()


def test_what_is_watched_is_there_and_the_connection_is_our_own() -> None:
    config = HOOKS["config"]

    assert config["sdk-managed-connection-enabled"] is True
    watched = [path for each in config["watch"].values() for path in each["paths"]]
    assert all((ROOT / path).exists() for path in watched)


async def _start(
    command: str, environment: dict[str, str], directory: Path, output: IO[bytes]
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", command),
        env=environment,
        cwd=directory,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
    )


async def test_it_starts_the_bot_with_the_tokens_of_the_app_that_it_installed(
    tmp_path: Path,
) -> None:
    """Whatever .env has for them."""
    async with open_stage(tmp_path, runs_bot=False, port=0) as stage:
        environment = write_environment(stage.settings)
        tokens = {
            "SLACK_BOT_TOKEN": "xoxb-of-another-app",
            "SLACK_CLI_XOXB": environment["SLACK_BOT_TOKEN"],
            "SLACK_CLI_XAPP": "xapp-sandbox",
        }
        line = find_command("start")
        begin = functools.partial(_start, line, environment | tokens, tmp_path)
        async with follow_bot(begin) as bot:
            ready = json.loads(await bot.until_page("/readyz", 200))
            assert ready["ready"], bot.output
            started = next(json.loads(each) for each in bot.lines if '"process.started"' in each)
            assert started["socket_mode"] is True
            assert await bot.stop() == 0

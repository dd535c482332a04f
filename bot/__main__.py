"""The command line: run, sandbox, stand-in, doctor, audit, forget, export, manifest. Each command
imports what it needs itself, so that none waits for another's libraries."""

from __future__ import annotations

import gc
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.settings import Settings


@click.group()
def cli() -> None:
    """Imagine: the image maker that lives in Slack."""


@cli.group("stand-in")
def stand_in() -> None:
    """One stand-in alone on a port, for other people's bots."""


@cli.command()
@click.option(
    "--role",
    type=click.Choice(["all", "web", "worker"]),  # bot/app/app.py, Role
    default="all",
    show_default=True,
    help="web answers Slack, worker does what was promised, all does both.",
)
@click.option(
    "--after-restore",
    is_flag=True,
    help="Once, after the database was restored from a backup: what it has as accepted may have "
    "been paid since, so it is not paid, and its people are told.",
)
def run(role: str, after_restore: bool) -> None:
    """Run the bot: Socket Mode when SLACK_APP_TOKEN is set, else HTTP."""
    # What a start loads and builds stays: to search it for garbage would take a fifth of the start.
    # bot/app/server.py switches it on again.
    gc.disable()
    from bot.app.app import Role
    from bot.app.server import run_bot
    from bot.settings import SettingsError, read_settings

    try:
        settings = read_settings()
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    sys.exit(run_bot(settings, Role(role), after_restore=after_restore))


@cli.command()
@click.option(
    "--port", default=8080, show_default=True, help="Port of the page; 0 takes a free one."
)
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@click.option(
    "--db",
    type=Path,
    help="Keep the jobs in this SQLite file (default: forget them).",
)
@click.option("--demo", is_flag=True, help="Begin with a small history.")
def sandbox(port: int, no_open: bool, db: Path | None, demo: bool) -> None:
    """Try the bot in a browser: no account, no token, no network."""
    from bot.sandbox.run import run_sandbox

    sys.exit(run_sandbox(port=port, opens_browser=not no_open, db=db, has_history=demo))


@stand_in.command("slack")
@click.option(
    "--port", default=9001, show_default=True, help="Port of page and Web API; 0 takes a free one."
)
@click.option("--bot-url", help="Where the bot listens (default: Socket Mode).")
@click.option(
    "--manifest",
    type=Path,
    default=Path("manifest.yml"),
    show_default=True,
    help="The app's manifest: its commands, shortcuts, events, scopes.",
)
def stand_in_slack(port: int, bot_url: str | None, manifest: Path) -> None:
    """Slack, with its page, for any bot."""
    from bot.sandbox.standalone import run_slack

    sys.exit(run_slack(port=port, bot_url=bot_url, manifest=manifest))


@stand_in.command("powerpost")
@click.option("--port", default=9002, show_default=True, help="Port; 0 takes a free one.")
@click.option(
    "--balance",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="Credits of the account.",
)
def stand_in_powerpost(port: int, balance: int) -> None:
    """PowerPost's API, with pictures that are drawn."""
    from bot.sandbox.standalone import run_powerpost

    sys.exit(run_powerpost(port=port, balance=balance))


@cli.command(short_help="Check each credential and scope, and say what to do.")
@click.option(
    "--marks",
    is_flag=True,
    help="Also upload two tiny pictures to Slack, which nobody is shown, and say which of the "
    "marks in them are left when they are fetched again; they are deleted.",
)
def doctor(marks: bool) -> None:
    """Check each credential and scope against the real services, and say what to do."""
    from bot.cli.doctor import run_doctor
    from bot.settings import SettingsError, read_settings
    from bot.telemetry.logs import set_up_logging

    try:
        settings = read_settings()
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    set_up_logging("CRITICAL")  # the doctor's own words are enough
    sys.exit(run_doctor(settings, click.echo, with_marks=marks))


@cli.command(short_help="Hold the ledger against PowerPost's balance.")
@click.option(
    "--since",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Leave out what is older (a date, UTC). If not given: the last 5,000 paid requests.",
)
def audit(since: datetime | None) -> None:
    """Hold the ledger against PowerPost's balance: 0 where it adds up, 1 where not, 2 where it
    cannot be asked. Only reads; the bot may be running."""
    from bot.cli.audit import CANNOT_ASK, run_audit
    from bot.settings import SettingsError, read_settings
    from bot.telemetry.logs import set_up_logging

    try:
        settings = read_settings()
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(CANNOT_ASK)
    set_up_logging("CRITICAL")  # the audit's own words are enough
    begun = since.replace(tzinfo=UTC) if since is not None else None
    sys.exit(run_audit(settings, click.echo, begun))


@cli.command(short_help="Delete what is stored about a person.")
@click.option("--user", required=True, help="The person's id in Slack (U…).")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def forget(user: str, dry_run: bool) -> None:
    """Delete what is stored about a person: 0 where that is done, 1 while requests of theirs are
    under way, 2 where the database cannot be used. The bot may be running."""
    from bot.cli.personal_data import run_forget

    sys.exit(run_forget(_read_settings(), click.echo, user, is_dry_run=dry_run))


@cli.command(short_help="Print what is stored about a person, as JSON.")
@click.option("--user", required=True, help="The person's id in Slack (U…).")
def export(user: str) -> None:
    """Print what is stored about a person, as JSON, with the links to their pictures that still
    work. The bot may be running."""
    from bot.cli.personal_data import run_export

    sys.exit(run_export(_read_settings(), click.echo, user))


def _read_settings() -> Settings:
    from bot.settings import SettingsError, read_settings
    from bot.telemetry.logs import set_up_logging

    try:
        settings = read_settings()
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    set_up_logging("CRITICAL")  # the command's own words are enough
    return settings


@cli.command(short_help="Print the app manifest for HTTP.")
@click.option(
    "--url",
    default="https://your.host",
    show_default=True,
    help="Where Slack reaches the bot: https://your.host",
)
def manifest(url: str) -> None:
    """Print the app manifest for HTTP (manifest.yml is the one for Socket Mode)."""
    from bot.cli.manifest import is_reachable, manifest_for_http, print_manifest, read_manifest

    if not is_reachable(url):
        click.echo("--url must be https://… (Slack reaches nothing else).", err=True)
        sys.exit(2)
    click.echo(print_manifest(manifest_for_http(read_manifest(), url)), nl=False)


if __name__ == "__main__":
    cli(prog_name="python -m bot")

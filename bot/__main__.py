"""The command line: run, sandbox, stand-in, doctor, audit, manifest. Each command imports what it
needs itself, so that none waits for another's libraries."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

cli = typer.Typer(
    help="Imagine: the image maker that lives in Slack.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # boxes around the help take as long to load as all the rest
    pretty_exceptions_enable=False,
)

stand_in = typer.Typer(
    help="One stand-in alone on a port, for other people's bots.", no_args_is_help=True
)
cli.add_typer(stand_in, name="stand-in")


class RoleOption(StrEnum):
    """What `run --role` takes (bot/app.py, Role)."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


@cli.command()
def run(
    role: Annotated[
        RoleOption,
        typer.Option(help="web answers Slack, worker does what was promised, all does both."),
    ] = RoleOption.ALL,
    after_restore: Annotated[
        bool,
        typer.Option(
            "--after-restore",
            help="Once, after the database was restored from a backup: what it has as accepted "
            "may have been paid since, so it is not paid, and its people are told.",
        ),
    ] = False,
) -> None:
    """Run the bot: Socket Mode when SLACK_APP_TOKEN is set, else HTTP."""
    # What a start loads and builds stays: to search it for garbage would take a fifth of the start.
    # bot/server.py switches it on again.
    gc.disable()
    from bot.app import Role
    from bot.server import run_bot
    from bot.settings import SettingsError, read_settings

    try:
        settings = read_settings()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(run_bot(settings, Role(role.value), after_restore=after_restore))


@cli.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port of the page; 0 takes a free one.")] = 8080,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
    db: Annotated[
        Path | None, typer.Option(help="Keep the jobs in this SQLite file (default: forget them).")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Begin with a small history.")] = False,
) -> None:
    """Try the bot in a browser: no account, no token, no network."""
    from bot.sandbox.run import run_sandbox

    raise typer.Exit(run_sandbox(port=port, opens_browser=not no_open, db=db, has_history=demo))


@stand_in.command("slack")
def stand_in_slack(
    port: Annotated[int, typer.Option(help="Port of page and Web API; 0 takes a free one.")] = 9001,
    bot_url: Annotated[
        str | None, typer.Option(help="Where the bot listens (default: Socket Mode).")
    ] = None,
    manifest: Annotated[
        Path, typer.Option(help="The app's manifest: its commands, shortcuts, events, scopes.")
    ] = Path("manifest.yml"),
) -> None:
    """Slack, with its page, for any bot."""
    from bot.sandbox.alone import run_slack

    raise typer.Exit(run_slack(port=port, bot_url=bot_url, manifest=manifest))


@stand_in.command("powerpost")
def stand_in_powerpost(
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 9002,
    balance: Annotated[int, typer.Option(min=0, help="Credits of the account.")] = 100,
) -> None:
    """PowerPost's API, with pictures that are drawn."""
    from bot.sandbox.alone import run_powerpost

    raise typer.Exit(run_powerpost(port=port, balance=balance))


@cli.command(short_help="Check each credential and scope, and say what to do.")
def doctor() -> None:
    """Check each credential and scope against the real services, and say what to do."""
    from bot.doctor import run_doctor
    from bot.logs import set_up_logging
    from bot.settings import SettingsError, read_settings

    try:
        settings = read_settings()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    set_up_logging("CRITICAL")  # the doctor's own words are enough
    raise typer.Exit(run_doctor(settings, typer.echo))


@cli.command(short_help="Hold the ledger against PowerPost's balance.")
def audit(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Leave out what is older (a date, UTC)."),
    ] = None,
) -> None:
    """Hold the ledger against PowerPost's balance: 0 where it adds up, 1 where not, 2 where it
    cannot be asked. Only reads; the bot may be running."""
    from bot.audit import CANNOT_ASK, run_audit
    from bot.logs import set_up_logging
    from bot.settings import SettingsError, read_settings

    try:
        settings = read_settings()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(CANNOT_ASK) from None
    set_up_logging("CRITICAL")  # the audit's own words are enough
    begun = since.replace(tzinfo=UTC) if since is not None else None
    raise typer.Exit(run_audit(settings, typer.echo, begun))


@cli.command(short_help="Print the app manifest for HTTP.")
def manifest(
    url: Annotated[
        str, typer.Option(help="Where Slack reaches the bot: https://your.host")
    ] = "https://your.host",
) -> None:
    """Print the app manifest for HTTP (manifest.yml is the one for Socket Mode)."""
    from bot.manifest import is_reachable, manifest_for_http, print_manifest, read_manifest

    if not is_reachable(url):
        typer.echo("--url must be https://… (Slack reaches nothing else).", err=True)
        raise typer.Exit(2)
    typer.echo(print_manifest(manifest_for_http(read_manifest(), url)), nl=False)


if __name__ == "__main__":
    cli(prog_name="python -m bot")

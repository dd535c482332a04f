"""The command line: run, sandbox, doctor, manifest. Each command imports what it needs itself, so
that none waits for another's libraries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

cli = typer.Typer(
    help="Imagine: the image maker that lives in Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@cli.command()
def run() -> None:
    """Run the bot: Socket Mode when SLACK_APP_TOKEN is set, else HTTP."""
    from bot.server import run_bot
    from bot.settings import SettingsError, read_settings

    try:
        settings = read_settings()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(run_bot(settings))


@cli.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port of the page; 0 takes a free one.")] = 8080,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
    db: Annotated[
        Path | None, typer.Option(help="Keep the jobs in this SQLite file (default: forget them).")
    ] = None,
) -> None:
    """Try the bot in a browser: no account, no token, no network."""
    from bot.sandbox.run import run_sandbox

    raise typer.Exit(run_sandbox(port=port, opens_browser=not no_open, db=db))


@cli.command()
def doctor() -> None:
    """Check each credential and scope against the real services, and say what to do."""
    from bot.doctor import run_doctor
    from bot.settings import SettingsError, read_settings

    try:
        settings = read_settings()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(run_doctor(settings, typer.echo))


@cli.command()
def manifest(
    url: Annotated[
        str, typer.Option(help="Where Slack reaches the bot: https://your.host")
    ] = "https://your.host",
) -> None:
    """Print the app manifest for HTTP (manifest.yml is the one for Socket Mode)."""
    from bot.manifest import manifest_for_http, print_manifest, read_manifest

    if not url.startswith("https://"):
        typer.echo("--url must begin with https:// (Slack reaches nothing else).", err=True)
        raise typer.Exit(2)
    typer.echo(print_manifest(manifest_for_http(read_manifest(), url)), nl=False)


if __name__ == "__main__":
    cli(prog_name="python -m bot")

"""`python -m bot doctor`: tries every credential and scope, spends nothing, says what to mend.

All checks run, whatever becomes of the others; each has a limit in time. What Slack and PowerPost
say is turned into sentences by pure functions (`read_…`); no secret is printed.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from bot.cli.findings import Finding, Verdict
from bot.cli.manifest import read_manifest
from bot.cli.marks import check_marks
from bot.credits.amounts import amount
from bot.errors import Cause, ImagineError, Misconfigured, Rejected
from bot.powerpost import calls
from bot.powerpost.client import PowerPostClient, Timeouts
from bot.powerpost.wire import Credits
from bot.settings import Settings
from bot.slack.kit.calls import call_slack
from bot.slack.kit.connection import Identity, open_client, read_identity
from bot.slack.kit.files import FileFetcher, FileUploader
from bot.slack.kit.signing import ContentSigner, SigningUnusableError
from bot.store.database import DatabaseInUseError, DatabaseUnusableError, lock_sqlite_file
from bot.store.migrate import migrate

CHECK_SECONDS: Final = 10.0
# Without them everything works; with them a crash between a post and its record never leads to
# the same pictures twice, because the bot can look for its own message first
# (slack/results/publisher.py).
OPTIONAL_SCOPES: Final = ("channels:history", "groups:history")
# `bot_optional` in manifest.yml, and what is lost without each.
LOSSES: Final = {
    "chat:write.public": "in public channels the bot works only where it was invited",
    "files:read": "pictures cannot be used as references, and each result comes a little later",
    "usergroups:read": "rules that name user groups let nobody through",
    "channels:read": "reports have ids instead of channels' names, a result does not say where the "
    "bot does not hear mentions, and people find pictures of public channels only where they ask",
    "channels:history": "replies to pictures are only heard if they mention the bot",
}

T = TypeVar("T")


def run_doctor(settings: Settings, say: Callable[[str], None], *, with_marks: bool = False) -> int:
    """Check everything and `say` one line each; 0 where all is well, 1 where something is not.
    `with_marks`: also what Slack leaves of the marks in files, for which two tiny pictures are
    uploaded and deleted."""
    return asyncio.run(_report(settings, say, with_marks=with_marks))


async def _report(settings: Settings, say: Callable[[str], None], *, with_marks: bool) -> int:
    secrets = _list_secrets(settings)
    wanted = [_check_slack, _check_way_in, _check_powerpost, _check_database, _check_signing]
    checks = [
        asyncio.create_task(check(settings))
        for check in (*wanted, *([_check_marks] if with_marks else []))
    ]
    to_mend = 0
    for check in checks:
        for finding in await check:
            to_mend += finding.verdict is Verdict.MEND
            say(_hide_secrets(str(finding), secrets))
    say(f"{to_mend} to mend." if to_mend else "All is well.")
    return 1 if to_mend else 0


def _list_secrets(settings: Settings) -> list[str]:
    values = [value for _, value in settings if isinstance(value, SecretStr)]
    password = unquote(urlsplit(settings.database_url).password or "")
    return [value.get_secret_value() for value in values] + ([password] if password else [])


def _hide_secrets(line: str, secrets: list[str]) -> str:
    """Nobody should send them back to us; if somebody does, they are not printed."""
    for secret in secrets:
        line = line.replace(secret, "[secret]")
    return line


async def _try(doing: Awaitable[T]) -> T | ImagineError | TimeoutError:
    """What came of it, errors included, within the time that a check has."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await doing
    except (ImagineError, TimeoutError) as error:
        return error


# -- Slack ------------------------------------------------------------------------------------


async def _check_slack(settings: Settings) -> list[Finding]:
    token = settings.slack_bot_token.get_secret_value()
    async with open_client(settings.slack_api_url, token) as client:
        outcome = await _try(read_identity(client))
    about = "Slack bot token"
    if not isinstance(outcome, Identity):
        unasked = Finding(Verdict.NOTE, "Slack scopes", "not checked: the bot token comes first.")
        return [Finding(Verdict.MEND, about, read_slack_error(outcome, "SLACK_BOT_TOKEN")), unasked]
    who = f"works; the bot is {outcome.bot_user_id} in {outcome.url or outcome.team_id}."
    needed = read_manifest()["oauth_config"]["scopes"]
    return [Finding(Verdict.OK, about, who), *read_scopes(outcome.scopes, needed)]


async def _check_signing(settings: Settings) -> list[Finding]:
    """Only where something is to be signed."""
    certificate, key = settings.imagine_signing_certificate, settings.imagine_signing_key
    if certificate is None or key is None:
        return []
    about = "Content credentials"
    try:
        ContentSigner(certificate, key, settings.imagine_signing_algorithm)
    except SigningUnusableError as error:
        return [Finding(Verdict.MEND, about, str(error))]
    return [Finding(Verdict.OK, about, "pictures are signed with the certificate.")]


async def _check_marks(settings: Settings) -> list[Finding]:
    token = settings.slack_bot_token.get_secret_value()
    async with open_client(settings.slack_api_url, token) as client:
        return await check_marks(FileUploader(client), FileFetcher(client))


def read_scopes(given: frozenset[str], declared: Mapping[str, list[str]]) -> list[Finding]:
    """What the token's scopes (the header `x-oauth-scopes`) are short of what the manifest has
    `declared`. Pure."""
    about = "Slack scopes"
    if not given:
        text = "Slack did not say which the token has; manifest.yml lists the needed ones."
        return [Finding(Verdict.NOTE, about, text)]
    if missing := [scope for scope in declared["bot"] if scope not in given]:
        text = (
            f"{', '.join(missing)} missing. Add under OAuth & Permissions, Bot Token Scopes "
            "(or paste manifest.yml under App Manifest), then reinstall the app to the workspace."
        )
        findings = [Finding(Verdict.MEND, about, text)]
    else:
        findings = [Finding(Verdict.OK, about, "all that the bot cannot do without are there.")]
    for scope in declared.get("bot_optional", []):
        if scope not in given:
            text = (
                f"{scope} not given. Without it, {LOSSES[scope]}. To have it, add it under OAuth & "
                "Permissions, and reinstall the app."
            )
            findings.append(Finding(Verdict.NOTE, "Slack optional scopes", text))
    if absent := [scope for scope in OPTIONAL_SCOPES if scope not in given]:
        text = (
            f"{', '.join(absent)} not given. They are optional: with them the bot can look for "
            "its own message after a crash, instead of perhaps posting the same pictures twice."
        )
        findings.append(Finding(Verdict.NOTE, "Slack optional scopes", text))
    return findings


async def _check_way_in(settings: Settings) -> list[Finding]:
    """Socket Mode's token, or what there is to say of HTTP's secret."""
    if settings.slack_app_token is None:
        text = (
            "is set, for HTTP. Only Slack can prove it: where it is wrong, the log says "
            "signature.refused at every request (copy it anew from Basic Information)."
        )
        return [Finding(Verdict.OK, "Slack signing secret", text)]
    token = settings.slack_app_token.get_secret_value()
    async with open_client(settings.slack_api_url, token) as client:
        # Asks for a socket's address and opens none.
        outcome = await _try(call_slack(client.apps_connections_open, app_token=token))
    if isinstance(outcome, ImagineError | TimeoutError):
        text = read_slack_error(outcome, "SLACK_APP_TOKEN")
        return [Finding(Verdict.MEND, "Slack app token", text)]
    return [Finding(Verdict.OK, "Slack app token", "works; Socket Mode is used.")]


def read_slack_error(error: ImagineError | TimeoutError, setting: str) -> str:
    """What Slack's refusal of the token in `setting` means and what to do. Pure."""
    anew = {
        "SLACK_BOT_TOKEN": "Copy the Bot User OAuth Token (xoxb-) from OAuth & Permissions",
        "SLACK_APP_TOKEN": "Make an App-Level Token (xapp-) with the scope connections:write "
        "under Basic Information",
    }[setting]
    if not isinstance(error, TimeoutError) and is_not_slack(error.detail):
        return (
            f"what answers at SLACK_API_URL is not Slack's Web API ({error.detail}). Remove the "
            "setting, or set it to https://slack.com/api."
        )
    if isinstance(error, TimeoutError) or error.cause is Cause.SLACK_AWAY:
        reason = "no answer" if isinstance(error, TimeoutError) else error.detail
        return f"Slack cannot be reached ({reason}). Check the network and SLACK_API_URL."
    if error.detail in ("account_inactive", "token_revoked"):
        return f"the app was removed from the workspace ({error.detail}). Install it again. {anew}."
    if isinstance(error, Misconfigured):
        return f"Slack refuses it ({error.detail}). {anew}, and put it into {setting}."
    return f"Slack says {error.detail}. {anew}, and put it into {setting}."


def is_not_slack(detail: str) -> bool:
    """Whether an error's detail says that there was no JSON, or no such method. Pure."""
    is_page = detail.startswith("http_") and not detail.startswith("http_5")
    return is_page or detail == "unknown_method"


# -- PowerPost --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Probe:
    """One scope of the key, and the call that finds out whether it is there."""

    scope: str
    call: calls.Call[Any]
    refusal: int | None
    """The status of the refusal that shows that the key got through; None: only an answer does."""
    only_for: str | None = None
    """The part of the bot that alone needs it; None: nothing works without it."""

    def expects(self, outcome: object) -> bool:
        """Whether it is the refusal that shows that all is well."""
        return isinstance(outcome, Rejected) and outcome.detail.startswith(f"{self.refusal} ")


def list_probes() -> list[Probe]:
    """Every scope that the bot uses; none of the calls can cost anything. Pure but for an id."""
    nobodys = str(uuid.uuid4())
    return [
        Probe("account:read", calls.read_credits(), None),
        Probe("images:read", calls.poll_generation(nobodys), 404),
        Probe("images:generate", calls.probe_generate(), 400),
        Probe("media:write", calls.probe_upload(), 400, "reference pictures in the form"),
        Probe("content:read", calls.list_captions(limit=1), None, "captions in the form"),
    ]


def list_post_probes() -> list[Probe]:
    """The scopes of drafts (IMAGINE_POSTS), which need the first. An empty body cannot make
    anything: each of these endpoints requires more, and answers 400."""
    nobodys = str(uuid.uuid4())
    drafts = calls.probe_empty("/posts")
    texts = calls.probe_empty("/content/generate")
    calendar = calls.probe_empty("/calendar/entries")
    return [
        Probe("posts:write", drafts, 400),
        Probe("posts:read", calls.read_post(nobodys), 404, "Check state of a draft"),
        Probe("content:generate", texts, 400, "texts that PowerPost writes"),
        Probe("calendar:write", calendar, 400, "the calendar in Use in post"),
    ]


def read_publish_probe(outcome: object) -> Finding:
    """Whether the key may publish, which this bot never does. Pure."""
    about = "PowerPost posts:publish"
    if isinstance(outcome, ImagineError) and outcome.cause is Cause.INSUFFICIENT_SCOPE:
        return Finding(Verdict.OK, about, "not given, and not needed: the bot never publishes.")
    if isinstance(outcome, Rejected) and outcome.cause is Cause.NOT_FOUND:
        text = (
            "the key may also publish. The bot never does: a key without this scope (the preset "
            '"draft only") is safer.'
        )
        return Finding(Verdict.NOTE, about, text)
    return Finding(Verdict.NOTE, about, "PowerPost does not say whether the key may publish.")


async def _check_powerpost(settings: Settings) -> list[Finding]:
    try:
        client = PowerPostClient(
            base_url=settings.powerpost_api_url,
            api_key=settings.powerpost_api_key.get_secret_value(),
            workspace_id=settings.powerpost_workspace_id,
            timeouts=Timeouts(connect_seconds=CHECK_SECONDS, free_seconds=CHECK_SECONDS),
        )
    except Misconfigured as error:
        return [Finding(Verdict.MEND, "PowerPost", error.detail)]
    probes = list_probes() + (list_post_probes() if settings.imagine_posts else [])
    publish = calls.probe_publish(str(uuid.uuid4()))
    asked = [probe.call for probe in probes] + ([publish] if settings.imagine_posts else [])
    own = settings.powerpost_workspace_id
    others = {id_: name for id_, name in settings.powerpost_workspace_names.items() if id_ != own}
    try:
        outcomes = await asyncio.gather(*(_try(client.probe(call)) for call in asked))
        looks = await asyncio.gather(*(_look_into(client, each) for each in others))
    finally:
        await client.aclose()
    findings = read_powerpost(probes, outcomes[: len(probes)])
    if settings.imagine_posts and len(findings) >= len(probes):
        findings.append(read_publish_probe(outcomes[-1]))
    named = zip(others.values(), looks, strict=True)
    return [*findings, *(read_workspace(name, outcome) for name, outcome in named)]


async def _look_into(client: PowerPostClient, workspace_id: str) -> object:
    """What comes of asking another workspace for a generation that nobody has."""
    call = calls.poll_generation(str(uuid.uuid4()))
    return await _try(client.for_workspace(workspace_id).probe(call))


def read_workspace(name: str, outcome: object) -> Finding:
    """What it says of one of IMAGINE_POWERPOST_WORKSPACES. Pure."""
    about = f"PowerPost workspace {name}"
    if isinstance(outcome, Rejected) and outcome.cause is Cause.NOT_FOUND:
        return Finding(Verdict.OK, about, "works.")
    if isinstance(outcome, ImagineError) and outcome.cause is Cause.FORBIDDEN:
        text = (
            "the key has no access to it. Copy its id anew from the dashboard into "
            "IMAGINE_POWERPOST_WORKSPACES, or take it out there."
        )
        return Finding(Verdict.MEND, about, text)
    if isinstance(outcome, ImagineError | TimeoutError):
        return Finding(Verdict.NOTE, about, read_powerpost_error(outcome, "images:read"))
    text = "PowerPost knows what nobody can have. Look at its dashboard and tell us."
    return Finding(Verdict.NOTE, about, text)


def read_powerpost(probes: list[Probe], outcomes: list[Any]) -> list[Finding]:
    """What the outcomes say together: where nothing can work, that is said once. Pure."""
    about = "PowerPost"
    if any(isinstance(o, ImagineError) and o.cause is Cause.INVALID_KEY for o in outcomes):
        text = "the key is refused. Copy it anew from the dashboard into POWERPOST_API_KEY."
        return [Finding(Verdict.MEND, f"{about} key", text)]
    if is_not_powerpost(outcomes[0]):
        text = (
            "what answers at POWERPOST_API_URL is not PowerPost's API. Remove the setting, or "
            "set it to https://powerpost.ai/api/v1."
        )
        return [Finding(Verdict.MEND, f"{about} address", text)]
    if all(_is_silence(outcome) for outcome in outcomes):
        reason = getattr(outcomes[0], "detail", "") or "no answer"
        text = f"cannot be reached ({reason}). Check the network and POWERPOST_API_URL."
        return [Finding(Verdict.MEND, f"{about} address", text)]
    findings = [
        read_probe(probe, outcome)
        for probe, outcome in zip(probes, outcomes, strict=True)
        if not _is_foreign_workspace(probe, outcome)
    ]
    if len(findings) < len(probes):
        text = (
            "the key has no access to it. Copy the id of one of its own from the dashboard into "
            "POWERPOST_WORKSPACE_ID."
        )
        findings.append(Finding(Verdict.MEND, f"{about} workspace", text))
    return findings


def is_not_powerpost(credits_outcome: object) -> bool:
    """HTML, a redirect, or 404 where PowerPost has a fixed address. Pure."""
    return isinstance(credits_outcome, ImagineError) and credits_outcome.cause in (
        Cause.NOT_FOUND,
        Cause.BROKEN_ANSWER,
    )


def _is_foreign_workspace(probe: Probe, outcome: object) -> bool:
    is_forbidden = isinstance(outcome, ImagineError) and outcome.cause is Cause.FORBIDDEN
    return is_forbidden and probe.call.needs_workspace


def _is_silence(outcome: object) -> bool:
    return isinstance(outcome, TimeoutError) or (
        isinstance(outcome, ImagineError) and outcome.cause in (Cause.UNREACHABLE, Cause.NO_ANSWER)
    )


def read_probe(probe: Probe, outcome: object) -> Finding:
    """What one outcome says of its scope. Pure."""
    about = f"PowerPost {probe.scope}"
    if probe.expects(outcome):
        return Finding(Verdict.OK, about, "works.")
    if isinstance(outcome, ImagineError | TimeoutError):
        text = read_powerpost_error(outcome, probe.scope)
        if probe.only_for is None:
            return Finding(Verdict.MEND, about, text)
        text = f"{text} Not needed until people use {probe.only_for}."
        return Finding(Verdict.NOTE, about, text)
    if isinstance(outcome, Credits):
        return _read_balance(about, outcome.balance)
    if probe.refusal is not None:
        text = "PowerPost took a request that it must refuse. Look at its dashboard and tell us."
        return Finding(Verdict.MEND, about, text)
    return Finding(Verdict.OK, about, "works.")


def _read_balance(about: str, balance: float) -> Finding:
    if balance <= 0:
        text = "works; but the account has no credits left. Buy some in PowerPost's dashboard."
        return Finding(Verdict.NOTE, about, text)
    return Finding(Verdict.OK, about, f"works; the account has {amount(balance)} credits.")


def read_powerpost_error(error: ImagineError | TimeoutError, scope: str) -> str:
    """Why the call for `scope` failed and what to do. Pure."""
    if isinstance(error, TimeoutError):
        return "PowerPost gave no answer in time. Try again later."
    said = f"{error.detail}, request {error.request_id}" if error.request_id else error.detail
    known = {
        Cause.INSUFFICIENT_SCOPE: f"the key lacks this scope. Add {scope} to it in PowerPost's "
        "dashboard, or make a new key, for POWERPOST_API_KEY.",
        Cause.FORBIDDEN: f"PowerPost forbids it ({said}). Look at the key in its dashboard.",
        Cause.RATE_LIMITED: "too many calls just now. Wait a minute and try again.",
        Cause.SERVER_ERROR: f"PowerPost has a fault ({said}). Try again later.",
        Cause.INSUFFICIENT_CREDITS: "the account has no credits left. Buy some in PowerPost's "
        "dashboard.",
    }
    if error.cause in known:
        return known[error.cause]
    kind = "refuses the call" if isinstance(error, Rejected) else "cannot be asked"
    return f"PowerPost {kind} ({said}). Check POWERPOST_WORKSPACE_ID and POWERPOST_API_URL."


# -- the database -----------------------------------------------------------------------------


async def _check_database(settings: Settings) -> list[Finding]:
    """In a thread that is left behind where it hangs: a database's driver cannot be cancelled."""
    findings: list[Finding] = []
    thread = threading.Thread(
        target=lambda: findings.append(_open_database(settings)), name="database", daemon=True
    )
    thread.start()
    await asyncio.to_thread(thread.join, CHECK_SECONDS)
    text = "no answer in time. Check DATABASE_URL, and what else holds its locks."
    return findings[:] or [Finding(Verdict.MEND, "Database", text)]


def _open_database(settings: Settings) -> Finding:
    path = settings.sqlite_path
    try:
        lock = lock_sqlite_file(path) if path is not None else None
        try:
            migrate(settings.database_url)
        finally:
            if lock is not None:
                lock.release()
    except DatabaseInUseError:
        return Finding(Verdict.OK, "Database", f"{path} is in use by the running bot.")
    except DatabaseUnusableError as error:
        return Finding(Verdict.MEND, "Database", str(error))
    where = path if path is not None else "PostgreSQL"
    return Finding(Verdict.OK, "Database", f"{where} is open and up to date.")

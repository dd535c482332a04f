"""Saying something to one person where they are: nobody else sees it.

There are up to three ways: the `response_url` of what they did, `chat.postEphemeral`, and a direct
message. Each is tried again where Slack is only away for a moment, and then the next is taken:
whoever asked is answered. Said twice (an answer that was lost) is better than never.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, ImagineError, Rejected, Transient
from bot.generations.retry import retry_until
from bot.slack.kit.calls import CONNECTION_FAULTS, call_slack, read_refusal
from bot.slack.kit.message import Message
from bot.slack.kit.payloads import MessageAction

# One Retry-After, or a few tries: a `response_url` is good for five uses.
_WAY_PATIENCE_SECONDS: Final = 20.0
_ANSWER_TIMEOUT: Final = aiohttp.ClientTimeout(total=10.0)
_DOMAINS: Final = (".slack.com", ".slack-gov.com")
# A browser and a library may each see another host in anything else.
_HOST: Final = re.compile(r"[a-z0-9.:-]+")

log = structlog.get_logger()


async def send_ephemeral(
    client: AsyncWebClient,
    *forms: Message,
    channel_id: str,
    user_id: str,
    thread_ts: str | None = None,
    response_url: str | None = None,
    replaces: bool = False,
) -> None:
    """Show the first of `forms` that Slack takes to one person: through the `response_url` if
    there is one (`replaces`: over the message that it belongs to), else in the conversation, else
    in a direct message.

    Raises Transient where one of the ways may work later, Rejected or Misconfigured where none
    will. Takes up to a minute to give up.
    """
    ways: list[Callable[[Message], Awaitable[object]]] = []
    if response_url is not None:
        ways.append(lambda message: respond(response_url, message, client, replaces=replaces))
    ways.append(partial(_post_ephemeral, client, channel_id, user_id, thread_ts))
    ways.append(partial(_post_directly, client, user_id))
    failure: ImagineError = Rejected(Cause.REFUSED_BY_SLACK, "nowhere")
    for way in ways:
        try:
            return await _take_first_form(way, forms)
        except ImagineError as error:
            log.info("ephemeral.refused", cause=error.cause, detail=error.detail)
            if not isinstance(failure, Transient):  # that one may still work, later
                failure = error
    raise failure


async def answer_press(client: AsyncWebClient, action: MessageAction, message: Message) -> None:
    """To who pressed a button, in the thread that it stands in, or that its message heads; where
    the list is, if it stands in one."""
    pressed = None if action.list_in else action.message
    await send_ephemeral(
        client,
        message,
        channel_id=action.list_in or action.channel.id,
        user_id=action.user.id,
        thread_ts=None if pressed is None else pressed.thread_ts or pressed.ts,
    )


async def say_directly(client: AsyncWebClient, message: Message, user_id: str) -> None:
    """Say `message` in a direct message, patiently. Raises the last error."""
    await _take_first_form(partial(_post_directly, client, user_id), (message,))


async def _take_first_form(
    way: Callable[[Message], Awaitable[object]], forms: tuple[Message, ...]
) -> None:
    *better, last = forms
    for form in better:
        try:
            await retry_until(partial(way, form), _WAY_PATIENCE_SECONDS)
        except Rejected as error:
            log.info("form.refused", detail=error.detail)
        else:
            return
    await retry_until(partial(way, last), _WAY_PATIENCE_SECONDS)


async def _post_ephemeral(
    client: AsyncWebClient, channel_id: str, user_id: str, thread_ts: str | None, message: Message
) -> None:
    await call_slack(
        client.chat_postEphemeral,
        channel=channel_id,
        user=user_id,
        thread_ts=thread_ts,
        **content_of(message),
    )


async def _post_directly(client: AsyncWebClient, user_id: str, message: Message) -> None:
    await call_slack(
        client.chat_postMessage, channel=user_id, unfurl_links=False, **content_of(message)
    )


async def respond(
    url: str, message: Message, client: AsyncWebClient, *, replaces: bool = False
) -> None:
    """Answer privately through a `response_url` (5 uses in 30 minutes): one of Slack's, and not
    where a redirect of it leads. Works also where the bot is no member.

    Raises Transient, Rejected or Misconfigured where Slack did not take it, or is not who would be
    told. Source: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
    """
    if not is_slacks(url, client.base_url):
        raise Rejected(Cause.REFUSED_BY_SLACK, "response_url: not Slack's")
    session: Any = client.session
    content = {**content_of(message), "response_type": "ephemeral", "replace_original": replaces}
    try:
        async with session.post(
            url, json=content, timeout=_ANSWER_TIMEOUT, allow_redirects=False
        ) as answer:
            said = read_answer(await answer.text(errors="replace"))
    except (*CONNECTION_FAULTS, ValueError) as error:
        raise Transient(Cause.SLACK_AWAY, type(error).__name__) from error
    if answer.status != 200 or not said.get("ok", True):
        raise read_refusal(answer.status, said, answer.headers)


def is_slacks(url: str, api_url: str) -> bool:
    """Whether `url` is an address of Slack's, or of the API's own origin, where that is another's
    (SLACK_API_URL). Pure."""
    try:
        asked, api = urlsplit(url), urlsplit(api_url)
        origin, host = (asked.scheme, asked.hostname, asked.port), asked.hostname or ""
        is_configured = origin == (api.scheme, api.hostname, api.port)
    except ValueError:
        return False
    if "@" in asked.netloc or not _HOST.fullmatch(host):
        return False
    is_domain = origin[0] == "https" and origin[2] in (None, 443) and f".{host}".endswith(_DOMAINS)
    return is_configured or is_domain


def content_of(message: Message) -> dict[str, Any]:
    """Slack's JSON. Rejected, as Slack would, where the SDK sees that Slack would refuse it."""
    try:
        return message.to_dict()
    except SlackObjectFormationError as error:
        raise Rejected(Cause.REFUSED_BY_SLACK, "invalid_blocks") from error


def read_answer(body: str) -> dict[str, Any]:
    """What a `response_url` answers: JSON, or the word "ok". Pure."""
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}

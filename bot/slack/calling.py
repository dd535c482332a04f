"""Calling Slack's Web API: every failure becomes one of our four (bot/errors.py).

Error codes: https://docs.slack.dev/reference/methods/chat.postMessage and the pages beside it.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import Cause, ImagineError, Misconfigured, Rejected, Transient

_TEMPORARY: Final = frozenset(
    {
        "fatal_error",
        "internal_error",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "accesslimited",
    }
)
_REJECTED: Final = {
    "not_in_channel": Cause.NOT_IN_CHANNEL,
    "channel_not_found": Cause.NOT_IN_CHANNEL,
    "user_not_found": Cause.NOT_IN_CHANNEL,
    "is_archived": Cause.CHANNEL_GONE,
    "restricted_action": Cause.CHANNEL_GONE,
    "restricted_action_read_only_channel": Cause.CHANNEL_GONE,
    "thread_not_found": Cause.THREAD_GONE,
    "message_not_found": Cause.THREAD_GONE,
    "cannot_reply_to_message": Cause.THREAD_GONE,
    "restricted_action_thread_locked": Cause.THREAD_GONE,
}
_MISCONFIGURED: Final = {
    "missing_scope": Cause.MISSING_SCOPE,
    "not_authed": Cause.SLACK_ACCESS,
    "invalid_auth": Cause.SLACK_ACCESS,
    "account_inactive": Cause.SLACK_ACCESS,
    "token_revoked": Cause.SLACK_ACCESS,
    "token_expired": Cause.SLACK_ACCESS,
    "no_permission": Cause.SLACK_ACCESS,
    "ekm_access_denied": Cause.SLACK_ACCESS,
    "org_login_required": Cause.SLACK_ACCESS,
}

# Slack refuses what the message holds, not where it goes: the same in other words may pass.
CONTENT_REFUSED: Final = frozenset(
    {
        "block_mismatch",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
    }
)


# No answer of Slack's own, or none at all.
CONNECTION_FAULTS: Final = (TimeoutError, SlackClientError, aiohttp.ClientError, OSError)


async def call_slack(method: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: Any) -> Any:
    """The answer of `method`, a method of slack_sdk's AsyncWebClient.

    Raises Rejected, Transient or Misconfigured, with Slack's error code as detail. No call is
    repeated here: one that got no answer may have been done.
    """
    try:
        return await method(**arguments)
    except SlackApiError as error:
        raise read_error(error) from error
    except CONNECTION_FAULTS as error:
        raise Transient(Cause.SLACK_AWAY, type(error).__name__) from error


def read_error(error: SlackApiError) -> ImagineError:
    """What Slack's refusal means for what happens next. Pure.

    What is no JSON (a page, or a proxy's words) is an answer that got lost: `http_…` as detail.
    """
    response: Any = error.response  # the SDK's, or aiohttp's own where the body is broken
    status: Any = getattr(response, "status_code", None) or getattr(response, "status", 200)
    data = getattr(response, "data", None)
    headers = getattr(response, "headers", None) or {}
    return read_refusal(status, data if isinstance(data, dict) else {}, headers)


def read_refusal(status: int, said: Mapping[str, Any], headers: Any) -> ImagineError:
    """The same, of an answer with `status`, `headers` and what its JSON `said`. Pure."""
    code = str(said.get("error") or f"http_{status}")
    if status == 429 or code in ("ratelimited", "rate_limited"):
        after = read_retry_after(headers)
        return Transient(Cause.SLACK_AWAY, code, retry_after_seconds=after)
    if status >= 500 or code in _TEMPORARY or code == "http_200":
        return Transient(Cause.SLACK_AWAY, code)
    if code in _MISCONFIGURED:
        needed = said.get("needed")
        return Misconfigured(_MISCONFIGURED[code], f"{code} {needed}" if needed else code)
    return Rejected(_REJECTED.get(code, Cause.REFUSED_BY_SLACK), code)


def read_retry_after(headers: Any) -> float:
    """Slack's `Retry-After` in seconds, within 1 to 300; 30 where it cannot be read."""
    values = {str(name).lower(): value for name, value in headers.items()}
    try:
        seconds = float(str(values.get("retry-after", "")).strip("[]'\" "))
    except ValueError:
        return 30.0
    return 30.0 if math.isnan(seconds) else min(max(seconds, 1.0), 300.0)

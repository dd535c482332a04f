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
        "external_channel_migrating",
        "org_login_required",  # "the workspace is undergoing an enterprise migration"
    }
)
_REJECTED: Final = {
    "not_in_channel": Cause.NOT_IN_CHANNEL,
    "channel_not_found": Cause.NOT_IN_CHANNEL,
    "user_not_found": Cause.NOT_IN_CHANNEL,
    "user_not_in_channel": Cause.NOT_IN_CHANNEL,
    "invalid_channel": Cause.NOT_IN_CHANNEL,
    # "Make sure your app is a member of the conversation it's attempting to post a message to."
    "no_permission": Cause.NOT_IN_CHANNEL,
    "is_archived": Cause.CHANNEL_GONE,
    "channel_is_archived": Cause.CHANNEL_GONE,
    "restricted_action": Cause.CHANNEL_GONE,
    "restricted_action_read_only_channel": Cause.CHANNEL_GONE,
    "posting_to_channel_denied": Cause.CHANNEL_GONE,
    "posting_to_general_channel_denied": Cause.CHANNEL_GONE,
    "channel_type_not_supported": Cause.CHANNEL_GONE,
    "method_not_supported_for_channel_type": Cause.CHANNEL_GONE,
    "messages_tab_disabled": Cause.CHANNEL_GONE,
    "cannot_dm_bot": Cause.CHANNEL_GONE,
    "restricted_action_non_threadable_channel": Cause.NO_THREADS,
    "restricted_action_thread_only_channel": Cause.ONLY_THREADS,
    "thread_not_found": Cause.THREAD_GONE,
    "message_not_found": Cause.THREAD_GONE,
    "cannot_reply_to_message": Cause.THREAD_GONE,
    "restricted_action_thread_locked": Cause.THREAD_GONE,
    "storage_limit_reached": Cause.STORAGE_FULL,
    "file_uploads_disabled": Cause.UPLOADS_OFF,
    "file_uploads_except_images_disabled": Cause.FILE_NOT_ALLOWED,
    "file_type_not_allowed": Cause.FILE_NOT_ALLOWED,
    "slack_connect_blocked_file_type": Cause.FILE_NOT_ALLOWED,
    "file_upload_size_restricted": Cause.FILE_TOO_LARGE,
    "slack_connect_file_link_sharing_blocked": Cause.SHARED_FILES_OFF,
    "slack_connect_file_upload_sharing_blocked": Cause.SHARED_FILES_OFF,
    "access_denied": Cause.ACCESS_DENIED,
}
_MISCONFIGURED: Final = {
    "missing_scope": Cause.MISSING_SCOPE,
    "not_authed": Cause.SLACK_ACCESS,
    "invalid_auth": Cause.SLACK_ACCESS,
    "account_inactive": Cause.SLACK_ACCESS,
    "token_revoked": Cause.SLACK_ACCESS,
    "token_expired": Cause.SLACK_ACCESS,
    "ekm_access_denied": Cause.APP_NOT_ALLOWED,
    "not_allowed_token_type": Cause.SLACK_ACCESS,
    "two_factor_setup_required": Cause.SLACK_ACCESS,
    "app_access_restricted": Cause.APP_NOT_ALLOWED,
    "team_access_not_granted": Cause.APP_NOT_ALLOWED,
}
_MESSAGE_LIMIT: Final = "message_limit_exceeded"
# What each means, for whoever runs the bot; the README's table says what to do.
MEANINGS: Final = {
    "storage_limit_reached": "the workspace's file storage in Slack is full",
    "file_uploads_disabled": "an admin has switched file uploads off",
    "file_uploads_except_images_disabled": "an admin allows no files but images",
    "file_type_not_allowed": "an admin does not allow files of this kind",
    "slack_connect_blocked_file_type": "one of the companies allows no files of this kind",
    "file_upload_size_restricted": "an admin does not allow files of this size",
    "slack_connect_file_link_sharing_blocked": "files may not be shown in shared channels",
    "slack_connect_file_upload_sharing_blocked": "files may not be uploaded to shared channels",
    "access_denied": "Slack denies access to something in the request, and does not say to what",
    _MESSAGE_LIMIT: "all of the workspace together send too many messages",
    "restricted_action_non_threadable_channel": "the channel takes no replies",
    "restricted_action_thread_only_channel": "the channel takes nothing but replies",
    "app_access_restricted": "an admin has to allow this app in the workspace",
    "team_access_not_granted": "the token has no access to this workspace: install the app there",
    "external_channel_migrating": "the channel is being shared with another company, or moved",
    "messages_tab_disabled": "the Messages tab is off: switch it on under App Home",
    "no_permission": "the app is no member of the conversation",
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


# Of these, what may ripen by itself: Slack refuses a file for a moment after it was uploaded.
MAY_RIPEN: Final = frozenset({"block_mismatch", "invalid_arguments", "invalid_blocks"})
TOO_LONG: Final = frozenset({"msg_blocks_too_long", "msg_too_long"})

# It is about files, so that the same without them may pass.
OF_FILES: Final = frozenset(
    {
        Cause.STORAGE_FULL,
        Cause.UPLOADS_OFF,
        Cause.FILE_NOT_ALLOWED,
        Cause.FILE_TOO_LARGE,
        Cause.SHARED_FILES_OFF,
    }
)
# It is about the place, so that no other form of the message would pass there.
OF_PLACE: Final = frozenset(
    {
        Cause.NOT_IN_CHANNEL,
        Cause.CHANNEL_GONE,
        Cause.THREAD_GONE,
        Cause.NO_THREADS,
        Cause.ONLY_THREADS,
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
    if code == _MESSAGE_LIMIT:
        return Transient(Cause.TOO_MANY_MESSAGES, code)
    if status >= 500 or code in _TEMPORARY or code == "http_200":
        return Transient(Cause.SLACK_AWAY, code)
    if code in _MISCONFIGURED:
        needed = said.get("needed")
        return Misconfigured(_MISCONFIGURED[code], f"{code} {needed}" if needed else code)
    return Rejected(_REJECTED.get(code) or _guess_cause(code), code)


def _guess_cause(code: str) -> Cause:
    """What a code of next year is about, as far as its name tells: the place, or what was sent."""
    if code.startswith("restricted_action"):
        return Cause.CHANNEL_GONE
    if code.startswith(("file_upload", "slack_connect_file")):
        return Cause.UPLOADS_OFF
    return Cause.REFUSED_BY_SLACK


def read_retry_after(headers: Any) -> float:
    """Slack's `Retry-After` in seconds, within 1 to 300; 30 where it cannot be read."""
    values = {str(name).lower(): value for name, value in headers.items()}
    try:
        seconds = float(str(values.get("retry-after", "")).strip("[]'\" "))
    except ValueError:
        return 30.0
    return 30.0 if math.isnan(seconds) else min(max(seconds, 1.0), 300.0)

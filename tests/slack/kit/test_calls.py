"""What Slack's refusals mean for what happens next."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import Cause, ImagineError, Misconfigured, Rejected, Transient
from bot.sandbox.serving import serve
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import Workspace
from bot.slack.kit.calls import call_slack, read_error, read_retry_after
from bot.slack.kit.connection import build_client


def refusal(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    """What the SDK raises for such an answer."""
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.example/api/chat.postMessage",
        req_args={},
        data=data,
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("refused", response)  # type: ignore[no-untyped-call]  # the SDK's


@pytest.mark.parametrize(
    ("code", "kind", "cause"),
    [
        ("not_in_channel", Rejected, Cause.NOT_IN_CHANNEL),
        ("channel_not_found", Rejected, Cause.NOT_IN_CHANNEL),
        ("is_archived", Rejected, Cause.CHANNEL_GONE),
        ("messages_tab_disabled", Rejected, Cause.CHANNEL_GONE),
        ("cannot_dm_bot", Rejected, Cause.CHANNEL_GONE),
        ("posting_to_general_channel_denied", Rejected, Cause.CHANNEL_GONE),
        ("channel_type_not_supported", Rejected, Cause.CHANNEL_GONE),
        ("external_channel_migrating", Transient, Cause.SLACK_AWAY),
        ("org_login_required", Transient, Cause.SLACK_AWAY),
        ("not_allowed_token_type", Misconfigured, Cause.SLACK_ACCESS),
        ("two_factor_setup_required", Misconfigured, Cause.SLACK_ACCESS),
        ("restricted_action", Rejected, Cause.CHANNEL_GONE),
        ("thread_not_found", Rejected, Cause.THREAD_GONE),
        ("message_not_found", Rejected, Cause.THREAD_GONE),
        ("restricted_action_thread_locked", Rejected, Cause.THREAD_GONE),
        ("no_permission", Rejected, Cause.NOT_IN_CHANNEL),
        ("restricted_action_non_threadable_channel", Rejected, Cause.NO_THREADS),
        ("restricted_action_thread_only_channel", Rejected, Cause.ONLY_THREADS),
        ("restricted_action_of_next_year", Rejected, Cause.CHANNEL_GONE),
        ("storage_limit_reached", Rejected, Cause.STORAGE_FULL),
        ("file_uploads_disabled", Rejected, Cause.UPLOADS_OFF),
        ("file_uploads_except_images_disabled", Rejected, Cause.FILE_NOT_ALLOWED),
        ("file_type_not_allowed", Rejected, Cause.FILE_NOT_ALLOWED),
        ("file_upload_size_restricted", Rejected, Cause.FILE_TOO_LARGE),
        ("slack_connect_file_link_sharing_blocked", Rejected, Cause.SHARED_FILES_OFF),
        ("slack_connect_file_upload_sharing_blocked", Rejected, Cause.SHARED_FILES_OFF),
        ("slack_connect_file_of_next_year", Rejected, Cause.UPLOADS_OFF),
        ("access_denied", Rejected, Cause.ACCESS_DENIED),
        ("app_access_restricted", Misconfigured, Cause.APP_NOT_ALLOWED),
        ("team_access_not_granted", Misconfigured, Cause.APP_NOT_ALLOWED),
        ("message_limit_exceeded", Transient, Cause.TOO_MANY_MESSAGES),
        ("invalid_blocks", Rejected, Cause.REFUSED_BY_SLACK),
        ("a_code_of_next_year", Rejected, Cause.REFUSED_BY_SLACK),
        ("missing_scope", Misconfigured, Cause.MISSING_SCOPE),
        ("invalid_auth", Misconfigured, Cause.SLACK_ACCESS),
        ("token_revoked", Misconfigured, Cause.SLACK_ACCESS),
        ("account_inactive", Misconfigured, Cause.SLACK_ACCESS),
        ("internal_error", Transient, Cause.SLACK_AWAY),
        ("fatal_error", Transient, Cause.SLACK_AWAY),
        ("service_unavailable", Transient, Cause.SLACK_AWAY),
        ("ratelimited", Transient, Cause.SLACK_AWAY),
    ],
)
def test_a_code_is_one_of_our_four(code: str, kind: type[ImagineError], cause: Cause) -> None:
    read = read_error(refusal({"ok": False, "error": code}))

    assert (type(read), read.cause, read.detail) == (kind, cause, code)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_fault_of_slacks_may_be_tried_again(status: int) -> None:
    assert isinstance(read_error(refusal({"error": "whatever"}, status)), Transient)
    assert isinstance(read_error(refusal("<h1>Server Error</h1>", status)), Transient)


def test_a_missing_scope_is_named_for_the_operator() -> None:
    answer = {"ok": False, "error": "missing_scope", "needed": "files:write"}

    assert read_error(refusal(answer)).detail == "missing_scope files:write"


def test_too_many_calls_wait_as_long_as_slack_says() -> None:
    read = read_error(refusal({"error": "ratelimited"}, 429, {"Retry-After": "17"}))

    assert isinstance(read, Transient)
    assert read.retry_after_seconds == 17


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("1", 1.0),
        ("30", 30.0),
        ("2.5", 2.5),
        ("0", 1.0),
        ("-5", 1.0),
        ("100000", 300.0),
        ("inf", 300.0),
        ("nan", 30.0),
        ("soon", 30.0),
        ("", 30.0),
        ("['7']", 7.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 30.0),
    ],
)
def test_retry_after_is_believed_within_reason(said: str, seconds: float) -> None:
    assert read_retry_after({"RETRY-AFTER": said}) == seconds


def test_where_slack_does_not_say_it_waits_half_a_minute() -> None:
    assert read_retry_after({}) == 30.0


@given(
    data=st.one_of(
        st.none(),
        st.text(max_size=20),
        st.dictionaries(st.sampled_from(["ok", "error", "needed"]), st.text() | st.none()),
    ),
    status=st.integers(100, 599),
)
def test_whatever_slack_answers_is_one_of_our_four(data: Any, status: int) -> None:
    assert isinstance(read_error(refusal(data, status)), Rejected | Transient | Misconfigured)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("dropped", Transient),
        ("dropped_before", Transient),
        ("http_500", Transient),
        ("ratelimited", Transient),
        ("is_archived", Rejected),
        ("token_revoked", Misconfigured),
    ],
)
async def test_over_http_every_failure_is_one_of_our_four(
    fault: str, kind: type[ImagineError]
) -> None:
    workspace = Workspace()
    workspace.faults.next_call("chat.postMessage", fault)
    async with serve(build_app(workspace)) as url:
        client = build_client(f"{url}/api", workspace.bot_token)
        with pytest.raises(kind):
            await call_slack(client.chat_postMessage, channel="C0DESIGN", text="hello")
        sent = [e for e in workspace.exchanges if e.method == "chat.postMessage"]
        assert isinstance(client.session, aiohttp.ClientSession)
        await client.session.close()

    assert len(sent) == 1  # nothing is repeated here


async def test_where_nobody_listens_it_may_be_tried_again() -> None:
    client = build_client("http://127.0.0.1:9/api", "xoxb-1")
    with pytest.raises(Transient):
        await call_slack(client.auth_test)
    assert isinstance(client.session, aiohttp.ClientSession)
    await client.session.close()

"""All Web API methods that the stand-in has, and the way of a call from token to answer."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.api import accounts, chat, conversations, files, groups, views
from bot.sandbox.slack.api.call import Call, Method, SlackError, refuse_arguments
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Workspace

METHODS: dict[str, Method] = {
    **accounts.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **groups.METHODS,
    **views.METHODS,
}
ALWAYS_ALLOWED = frozenset({"token", "team_id"})


def check_token(workspace: Workspace, kind: str, token: str | None) -> None:
    """Raise what Slack says to a token that is missing, unknown, revoked or of the wrong kind."""
    if kind == "any":
        return
    if not token:
        raise SlackError("not_authed")
    right, other = workspace.bot_token, workspace.app_token
    if kind == "app":
        right, other = other, right
    if token == other:
        raise SlackError("not_allowed_token_type")
    if token != right:
        raise SlackError("invalid_auth")
    if workspace.is_token_revoked:
        raise SlackError("token_revoked")


def check_arguments(method: Method, arguments: Json) -> None:
    """Name an argument that the method does not have: Slack would ignore it, and so hide a typo."""
    unknown = sorted(set(arguments) - method.arguments - ALWAYS_ALLOWED)
    if unknown:
        raise refuse_arguments(*(f"unknown argument (sandbox): {name}" for name in unknown))


def answer_call(
    workspace: Workspace, name: str, token: str | None, arguments: dict[str, Any]
) -> Json:
    """Do what a method does and return its body; never raises."""
    method = METHODS.get(name)
    if method is None:
        return SlackError("unknown_method", req_method=name).to_answer()
    try:
        check_token(workspace, method.caller, token)
        check_arguments(method, arguments)
        call = Call(workspace, name, arguments)
        if method.scope is not None:
            call.need_scope(method.scope)
        return method.answer(call)
    except SlackError as error:
        return error.to_answer()

"""`views.*`: modals and Home tabs."""

from __future__ import annotations

from bot.sandbox.slack.api.call import (
    Call,
    Method,
    SlackError,
    find_block_file,
    method,
    refuse_arguments,
)
from bot.sandbox.slack.blocks import check_view, is_view_too_large
from bot.sandbox.slack.modals import open_view, publish_home, push_view, update_view
from bot.sandbox.slack.records import Json, Trigger, View
from bot.sandbox.slack.shapes import show_view
from bot.sandbox.slack.workspace import Workspace


def accept_view(workspace: Workspace, body: object) -> Json:
    """Check a view; raises SlackError when Slack would refuse it."""
    if not isinstance(body, dict):
        raise refuse_arguments("missing required field: view")
    if is_view_too_large(body):
        raise SlackError("view_too_large")
    report = check_view(body, lambda key: find_block_file(workspace, key), workspace.is_file_ready)
    if report.errors:
        raise refuse_arguments(*report.errors)
    return body


def _take_view(call: Call, kind: str, own_id: str | None = None) -> Json:
    body = accept_view(call.workspace, call.find_json("view"))
    if body["type"] != kind:
        raise refuse_arguments(f"must be a {kind} view [json-pointer:/view/type]")
    external_id = body.get("external_id")
    for view in call.workspace.views.values():
        if external_id and view.external_id == external_id and view.id != own_id:
            raise SlackError("duplicate_external_id")
    return body


def _find_trigger(call: Call) -> Trigger:
    trigger_id = call.find_text("trigger_id")
    if trigger_id is None:
        raise refuse_arguments("missing required field: trigger_id")
    trigger = call.workspace.triggers.get(trigger_id)
    if trigger is None:
        raise SlackError("invalid_trigger_id")
    if trigger.is_used:
        raise SlackError("exchanged_trigger_id")
    if call.workspace.clock() - trigger.created > call.workspace.trigger_seconds:
        raise SlackError("expired_trigger_id")
    return trigger


def _answer(call: Call, view: View) -> Json:
    return {"ok": True, "view": show_view(call.workspace, view)}


def open_modal(call: Call) -> Json:
    """`views.open`."""
    trigger = _find_trigger(call)
    body = _take_view(call, "modal")
    trigger.is_used = True
    return _answer(call, open_view(call.workspace, trigger.user, body, trigger.channel))


def push_modal(call: Call) -> Json:
    """`views.push`: with a trigger that arose in an open modal."""
    trigger = _find_trigger(call)
    body = _take_view(call, "modal")
    if trigger.view_id is None or trigger.view_id not in call.workspace.views:
        raise SlackError("not_found")
    view = push_view(call.workspace, trigger.user, body)
    if view is None:
        raise SlackError("push_limit_reached")
    trigger.is_used = True
    return _answer(call, view)


def _find_view(call: Call) -> View:
    view_id, external_id = call.find_text("view_id"), call.find_text("external_id")
    if view_id is None and external_id is None:
        raise refuse_arguments("missing required field: view_id")
    for view in call.workspace.views.values():
        if view.id == view_id or (external_id is not None and view.external_id == external_id):
            return view
    raise SlackError("not_found")


def _check_hash(call: Call, view: View | None) -> None:
    wanted = call.find_text("hash")
    if wanted is not None and view is not None and wanted != view.hash:
        raise SlackError("hash_conflict")


def update_modal(call: Call) -> Json:
    """`views.update`: by view_id or external_id; `hash` refuses when someone was faster."""
    view = _find_view(call)
    body = _take_view(call, view.type, view.id)
    _check_hash(call, view)
    update_view(call.workspace, view, body)
    return _answer(call, view)


def publish(call: Call) -> Json:
    """`views.publish`: a person's Home tab."""
    user_id = call.take_text("user_id")
    if user_id not in call.workspace.users:
        raise SlackError("user_not_found")
    home = call.workspace.homes.get(user_id)
    body = _take_view(call, "home", home.id if home else None)
    _check_hash(call, home)
    return _answer(call, publish_home(call.workspace, user_id, body))


METHODS: dict[str, Method] = {
    "views.open": method(open_modal, "trigger_id interactivity_pointer view"),
    "views.push": method(push_modal, "trigger_id interactivity_pointer view"),
    "views.update": method(update_modal, "view_id external_id hash view"),
    "views.publish": method(publish, "user_id hash view"),
}

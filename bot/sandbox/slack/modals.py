"""Opens, pushes, updates and closes views, and publishes Home tabs.

https://docs.slack.dev/surfaces/modals. Bodies were checked before (`blocks.check_view`).
"""

from __future__ import annotations

import secrets

from bot.sandbox.slack.blocks import fill_ids
from bot.sandbox.slack.records import Json, View
from bot.sandbox.slack.states import carry_state, first_state
from bot.sandbox.slack.workspace import Workspace

MOST_STACKED = 3


def _new_hash(workspace: Workspace) -> str:
    return f"{int(workspace.clock())}.{secrets.token_hex(4)}"


def _complete(body: Json) -> Json:
    return {**body, "blocks": fill_ids(body.get("blocks") or [])}


def _make_view(
    workspace: Workspace, user_id: str, body: Json, channel_id: str | None = None
) -> View:
    view_id = workspace.new_id("V")
    whole = _complete(body)
    view = View(
        id=view_id,
        hash=_new_hash(workspace),
        callback_id=body.get("callback_id") or "",
        type=body["type"],
        user=user_id,
        body=whole,
        state=first_state(whole["blocks"], channel_id),
        root_view_id=view_id,
        external_id=body.get("external_id") or "",
    )
    workspace.views[view_id] = view
    return view


def open_view(
    workspace: Workspace, user_id: str, body: Json, channel_id: str | None = None
) -> View:
    """Open a modal as the root of a new stack; one that was open before is gone."""
    for view in workspace.view_stacks.pop(user_id, []):
        workspace.views.pop(view.id, None)
    view = _make_view(workspace, user_id, body, channel_id)
    workspace.view_stacks[user_id] = [view]
    workspace.announce("view", None, user_id)
    return view


def push_view(workspace: Workspace, user_id: str, body: Json) -> View | None:
    """Put a modal on top of the open ones; None when there are three already or none at all."""
    stack = workspace.view_stacks.get(user_id, [])
    if not 0 < len(stack) < MOST_STACKED:
        return None
    view = _make_view(workspace, user_id, body)
    view.root_view_id = stack[0].id
    view.previous_view_id = stack[-1].id
    stack.append(view)
    workspace.announce("view", None, user_id)
    return view


def update_view(workspace: Workspace, view: View, body: Json) -> None:
    """Replace what a view shows; inputs with the same ids keep what was typed."""
    view.body = _complete(body)
    view.state = carry_state(view.state, view.body["blocks"])
    view.hash = _new_hash(workspace)
    view.callback_id = body.get("callback_id") or ""
    view.external_id = body.get("external_id") or view.external_id
    workspace.announce("home" if view.type == "home" else "view", None, view.user)


def publish_home(workspace: Workspace, user_id: str, body: Json) -> View:
    """Show a person's Home tab; publishing again updates it."""
    home = workspace.homes.get(user_id)
    if home is not None:
        update_view(workspace, home, body)
        return home
    home = workspace.homes[user_id] = _make_view(workspace, user_id, body)
    workspace.announce("home", None, user_id)
    return home


def close_view(workspace: Workspace, view: View) -> None:
    """Take a modal off its stack, with those above it."""
    stack = workspace.view_stacks.get(view.user, [])
    if view not in stack:
        return
    place = stack.index(view)
    for gone in stack[place:]:
        workspace.views.pop(gone.id, None)
    del stack[place:]
    if not stack:
        workspace.view_stacks.pop(view.user, None)
    workspace.announce("view", None, view.user)


def close_all(workspace: Workspace, user_id: str) -> list[View]:
    """Close a person's whole stack; returns what was open, the visible one first."""
    stack = workspace.view_stacks.get(user_id, [])
    closed = list(reversed(stack))
    if closed:
        close_view(workspace, stack[0])
    return closed

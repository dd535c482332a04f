"""User groups: `usergroups.list`, `usergroups.users.list`."""

from __future__ import annotations

from bot.sandbox.slack.api.call import Call, Method, SlackError, method
from bot.sandbox.slack.records import Json, UserGroup
from bot.sandbox.slack.workspace import Workspace


def list_groups(call: Call) -> Json:
    """`usergroups.list`: without the disabled ones, unless they are asked for."""
    is_all = call.find_flag("include_disabled")
    shown = []
    for group in call.workspace.user_groups.values():
        if group.is_disabled and not is_all:
            continue
        described = _show_group(call.workspace, group)
        if call.find_flag("include_users"):
            described["users"] = list(group.members)
        if call.find_flag("include_count"):
            described["user_count"] = len(group.members)
        shown.append(described)
    return {"ok": True, "usergroups": shown}


def list_members(call: Call) -> Json:
    """`usergroups.users.list`: the people of one group."""
    group = call.workspace.user_groups.get(call.take_text("usergroup"))
    if group is None or (group.is_disabled and not call.find_flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"ok": True, "users": list(group.members)}


def _show_group(workspace: Workspace, group: UserGroup) -> Json:
    return {
        "id": group.id,
        "team_id": workspace.team_id,
        "is_usergroup": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": int(group.created),
        "date_update": int(group.created),
        "date_delete": int(group.created) if group.is_disabled else 0,
        "auto_type": None,
        "created_by": "U0ADA",
        "updated_by": "U0ADA",
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
    }


METHODS: dict[str, Method] = {
    "usergroups.list": method(
        list_groups,
        "include_count include_disabled include_users team_id",
        scope="usergroups:read",
    ),
    "usergroups.users.list": method(
        list_members, "usergroup include_disabled team_id", scope="usergroups:read"
    ),
}

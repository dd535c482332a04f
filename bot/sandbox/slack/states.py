"""What inputs hold: their first values, what survives an update, and what the client refuses.

A state is `{"values": {block_id: {action_id: {"type": …, "value" or "selected_…": …}}}}`, as in
https://docs.slack.dev/reference/views (view.state).
"""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.slack.blocks import list_elements, walk_blocks
from bot.sandbox.slack.records import Json

HOLDS: dict[str, tuple[str, str | None]] = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "checkboxes": ("selected_options", "initial_options"),
    "radio_buttons": ("selected_option", "initial_option"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", None),
}
"""Element type -> the key that holds its value in a state, and the field with its first value."""

TEXT_INPUTS = frozenset(
    {"plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input"}
)
LISTS = frozenset({"checkboxes", "file_input"})
REQUIRED_WORDS = "Please complete this required field."


def is_list_input(kind: str) -> bool:
    """True for inputs that hold several things."""
    return kind in LISTS or kind.startswith("multi_")


def first_value(element: Json, channel_id: str | None = None) -> Json:
    """The state of an input that nobody has touched."""
    kind = element["type"]
    key, initial = HOLDS[kind]
    value = element.get(initial) if initial is not None else None
    if value is None and element.get("default_to_current_conversation") and channel_id:
        value = [channel_id] if is_list_input(kind) else channel_id
    if value is None and is_list_input(kind):
        value = []
    return {"type": kind, key: value}


def first_state(blocks: list[Json], channel_id: str | None = None) -> Json:
    """The state of a form that was just opened from `channel_id`."""
    values: Json = {}
    for block in walk_blocks(blocks):
        for element in list_elements(block):
            if element.get("type") in HOLDS:
                held = first_value(element, channel_id)
                values.setdefault(block["block_id"], {})[element["action_id"]] = held
    return {"values": values}


def carry_state(old: Json, blocks: list[Json]) -> Json:
    """The state after an update: what was typed survives where block_id, action_id and type stay.

    A chosen option that the new menu does not have falls back to the menu's first value.
    """
    new = first_state(blocks)
    for block in walk_blocks(blocks):
        for element in list_elements(block):
            block_id, action_id = block["block_id"], element.get("action_id")
            held = old["values"].get(block_id, {}).get(action_id)
            if held is None or held["type"] != element.get("type"):
                continue
            if _is_still_offered(element, held):
                new["values"][block_id][action_id] = held
    return new


def _is_still_offered(element: Json, held: Json) -> bool:
    if element["type"].endswith("external_select") or HOLDS[element["type"]][0] not in {
        "selected_option",
        "selected_options",
    }:
        return True
    chosen = held.get("selected_options") or [held.get("selected_option")]
    values = {option["value"] for option in list_options(element)}
    return all(option is None or option["value"] in values for option in chosen)


def list_options(element: Json) -> list[Json]:
    """The options of a menu, out of their groups."""
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group["options"]
    return options


def pick_value(element: Json, value: Any, offered: list[Json]) -> Json:
    """The state after a person chose `value`; `offered` are an external select's options.

    Raises ValueError when the client would not let them: an option that is not there, too many.
    """
    kind = element["type"]
    key = HOLDS[kind][0]
    if value in (None, "", []):
        return {"type": kind, key: [] if is_list_input(kind) else None}
    if key == "selected_option":
        return {"type": kind, key: _find_option(element, value, offered)}
    if not is_list_input(kind):
        return {"type": kind, key: _plain(kind, value)}
    chosen = value if isinstance(value, list) else [value]
    most = element.get("max_selected_items") or element.get("max_files")
    if kind == "file_input":
        most = most or 10
    if most is not None and len(chosen) > most:
        raise ValueError(f"at most {most} may be chosen")
    if key == "selected_options":
        chosen = [_find_option(element, item, offered) for item in chosen]
    return {"type": kind, key: chosen}


def _plain(kind: str, value: Any) -> Any:
    if kind == "datetimepicker":
        return int(value)
    return value if kind == "rich_text_input" else str(value)


def _find_option(element: Json, value: Any, offered: list[Json]) -> Json:
    wanted = value.get("value") if isinstance(value, dict) else value
    known = offered if element["type"].endswith("external_select") else list_options(element)
    for option in known:
        if option["value"] == wanted:
            return option
    raise ValueError(f"there is no option {wanted!r}")


def check_inputs(blocks: list[Json], state: Json) -> dict[str, str]:
    """What the client itself refuses at submit: block_id -> its words. Empty when all is well."""
    errors: dict[str, str] = {}
    for block in walk_blocks(blocks):
        element = block.get("element")
        if block.get("type") != "input" or element is None:
            continue
        held = state["values"].get(block["block_id"], {}).get(element["action_id"])
        value = held.get(HOLDS[element["type"]][0]) if held else None
        if value in (None, "", []):
            if not block.get("optional"):
                errors[block["block_id"]] = REQUIRED_WORDS
            continue
        words = _check_value(element, value)
        if words is not None:
            errors[block["block_id"]] = words
    return errors


def _check_value(element: Json, value: Any) -> str | None:
    kind = element["type"]
    if kind == "plain_text_input":
        least, most = element.get("min_length") or 0, element.get("max_length") or 3000
        if len(value) < least:
            return f"Must be at least {least} characters long."
        if len(value) > most:
            return f"Must be at most {most} characters long."
    if kind == "number_input":
        return _check_number(element, value)
    if kind == "email_text_input" and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is None:
        return "Please enter a valid email address."
    if kind == "url_text_input" and re.fullmatch(r"https?://\S+", value) is None:
        return "Please enter a valid URL."
    return None


def _check_number(element: Json, value: str) -> str | None:
    pattern = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if re.fullmatch(pattern, value) is None:
        return "Please enter a valid number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and float(value) < float(least):
        return f"Please enter a number that is at least {least}."
    if most is not None and float(value) > float(most):
        return f"Please enter a number that is at most {most}."
    return None

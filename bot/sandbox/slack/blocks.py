"""Block Kit's limits as one table: what Slack refuses in messages, modals and Home tabs.

Sources: https://docs.slack.dev/reference/block-kit (blocks, block-elements, composition-objects),
https://docs.slack.dev/reference/views and slack-facts.md. The types and their fields are complete;
of charts and AI blocks (`task_card`, `plan`, `auth_provider`) only the fields' names are checked.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.slack.file_types import SHOWN_BY_SLACK
from bot.sandbox.slack.records import File, Json
from bot.sandbox.slack.rules import (
    Report,
    Rule,
    Surface,
    all_of,
    anything,
    by_type,
    flag,
    link,
    list_of,
    matches,
    one_of,
    shape,
    text,
    whole,
)

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MOST_CHARACTERS = 13_000
"""All text of a message's blocks together (`msg_blocks_too_long`); about, by slack-facts.md."""
MOST_VIEW_BYTES = 250_000
MODAL_ONLY_BLOCKS = frozenset({"alert"})
MESSAGE_ONLY_BLOCKS = frozenset(
    {"context_actions", "file", "markdown", "table", "task_card", "plan", "card", "carousel"}
)

# -- composition objects -----------------------------------------------------------------------


def plain(most: int) -> Rule:
    """A `plain_text` object."""
    return shape(
        {"type!": one_of("plain_text"), "text!": text(most, is_counted=True), "emoji": flag}
    )


def any_text(most: int) -> Rule:
    """A `plain_text` or `mrkdwn` object."""
    marked = {"type!": anything, "text!": text(most, is_counted=True), "verbatim": flag}
    return by_type({"plain_text": plain(most), "mrkdwn": shape(marked)})


CONFIRM = shape(
    {
        "title!": plain(100),
        "text!": any_text(300),
        "confirm!": plain(30),
        "deny!": plain(30),
        "style": one_of("primary", "danger"),
    }
)
OPTION = shape({"text!": plain(75), "value!": text(150), "description": plain(75)})
MARKED_OPTION = shape({"text!": any_text(75), "value!": text(150), "description": any_text(75)})
LINK_OPTION = shape(
    {"text!": plain(75), "value": text(150), "description": plain(75), "url": link()}
)
OPTION_GROUP = shape({"label!": plain(75), "options!": list_of(OPTION, 100)})
DISPATCH_CONFIG = shape(
    {"trigger_actions_on": list_of(one_of("on_enter_pressed", "on_character_entered"), 2, least=1)}
)
CONVERSATION_FILTER = shape(
    {
        "include": list_of(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
    any_of=("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
WORKFLOW = shape({"trigger!": shape({"url!": link(), "customizable_input_parameters": anything})})
SLACK_FILE_FIELDS = shape({"id": text(255), "url": link()}, exactly_one_of=("id", "url"))


def slack_file(value: Any, pointer: str, report: Report) -> None:
    """A file that Slack has processed and can show: there, ready, and png, jpg or gif."""
    before = len(report.errors)
    SLACK_FILE_FIELDS(value, pointer, report)
    if len(report.errors) > before:
        return
    file = report.find_file(value.get("id") or value.get("url"))
    if file is None or not report.is_file_ready(file) or file.mimetype not in SHOWN_BY_SLACK:
        report.add("invalid slack file", pointer)


def image_url(value: Any, pointer: str, report: Report) -> None:
    """A public picture; Slack fetches it at once and refuses WebP (node-slack-sdk#1482)."""
    before = len(report.errors)
    link()(value, pointer, report)
    if len(report.errors) == before and urlsplit(value).path.lower().endswith(".webp"):
        report.add("downloading image failed", pointer)


def modal_flag(value: Any, pointer: str, report: Report) -> None:
    """A boolean of a field that only modals have."""
    flag(value, pointer, report)
    if report.surface != "modal":
        report.add("only supported in modals", pointer)


# -- elements ----------------------------------------------------------------------------------

ACTION: dict[str, Rule] = {"type": anything, "action_id": text(255)}
ASKING: dict[str, Rule] = {**ACTION, "confirm": CONFIRM, "focus_on_load": flag}
PLACED: dict[str, Rule] = {**ASKING, "placeholder": plain(150)}
OPTIONS: dict[str, Rule] = {
    "options": list_of(OPTION, 100),
    "option_groups": list_of(OPTION_GROUP, 100),
}
MANY: dict[str, Rule] = {"max_selected_items": whole(1, 1000)}
FEEDBACK_BUTTON = shape({"text!": plain(75), "value!": text(2000), "accessibility_label": text(75)})
IDS = list_of(text(255), 100, least=0)


def is_first_among_options(value: Json) -> bool:
    """True when each initial option is exactly one of the options."""
    options = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        options += group.get("options") or []
    chosen = value.get("initial_options") or []
    if value.get("initial_option") is not None:
        chosen = [*chosen, value["initial_option"]]
    return all(option in options for option in chosen)


def initial_among_options(value: Any, pointer: str, report: Report) -> None:
    """`initial_option(s)` must match the options exactly."""
    try:
        is_good = is_first_among_options(value)
    except (AttributeError, TypeError):
        return  # the options themselves are broken, and were reported
    if not is_good:
        report.add("initial_option must be one of the options", pointer)


def bounded_numbers(value: Any, pointer: str, report: Report) -> None:
    """The numbers of a number_input are strings in order."""
    try:
        low, first, high = (
            float(value[name]) if value.get(name) is not None else None
            for name in ("min_value", "initial_value", "max_value")
        )
    except (TypeError, ValueError):
        report.add("must be a number in a string", pointer)
        return
    order = [number for number in (low, first, high) if number is not None]
    if order != sorted(order):
        report.add("min_value, initial_value and max_value are out of order", pointer)


def bounded_lengths(value: Any, pointer: str, report: Report) -> None:
    """min_length must not exceed max_length, nor initial_value either."""
    least, most = value.get("min_length"), value.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        report.add("min_length must be less than max_length", pointer)
    first = value.get("initial_value")
    if isinstance(first, str) and isinstance(most, int) and len(first) > most:
        report.add(f"must be less than {most + 1} characters", f"{pointer}/initial_value")


def chooser(fields: dict[str, Rule]) -> Rule:
    """A select menu."""
    return shape({**PLACED, **fields})


STATIC_SELECT = all_of(
    shape({**PLACED, **OPTIONS, "initial_option": OPTION}, exactly_one_of=tuple(OPTIONS)),
    initial_among_options,
)
MULTI_STATIC_SELECT = all_of(
    shape(
        {**PLACED, **OPTIONS, **MANY, "initial_options": list_of(OPTION, 100)},
        exactly_one_of=tuple(OPTIONS),
    ),
    initial_among_options,
)
BUTTON = shape(
    {
        **ACTION,
        "text!": plain(75),
        "url": link(),
        "value": text(2000),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": text(75),
        "agent_prompt": text(4000),
        "agent_prompt_display": anything,
        "visible_to_user_ids": IDS,
    }
)
IMAGE_FIELDS: dict[str, Rule] = {
    "type": anything,
    "image_url": image_url,
    "slack_file": slack_file,
    "alt_text!": text(2000, is_counted=True),
}
IMAGE_ELEMENT = shape(IMAGE_FIELDS, exactly_one_of=("image_url", "slack_file"))
DATE = matches(r"\d{4}-\d\d-\d\d", "must be a date in the format YYYY-MM-DD")
TIME = matches(r"([01]\d|2[0-3]):[0-5]\d", "must be a time in the format HH:mm")
TEXT_INPUT: dict[str, Rule] = {**PLACED, "dispatch_action_config": DISPATCH_CONFIG}

ELEMENTS: dict[str, Rule] = {
    "button": BUTTON,
    "channels_select": chooser({"initial_channel": text(255), "response_url_enabled": modal_flag}),
    "checkboxes": all_of(
        shape(
            {
                **ASKING,
                "options!": list_of(MARKED_OPTION, 10),
                "initial_options": list_of(MARKED_OPTION, 10),
            }
        ),
        initial_among_options,
    ),
    "conversations_select": chooser(
        {
            "initial_conversation": text(255),
            "default_to_current_conversation": flag,
            "response_url_enabled": modal_flag,
            "filter": CONVERSATION_FILTER,
        }
    ),
    "datepicker": shape({**PLACED, "initial_date": DATE}),
    "datetimepicker": shape({**ASKING, "initial_date_time": whole(1_000_000_000, 9_999_999_999)}),
    "email_text_input": shape({**TEXT_INPUT, "initial_value": text(3000, least=0)}),
    "external_select": chooser({"initial_option": OPTION, "min_query_length": whole(0, 100)}),
    "feedback_buttons": shape(
        {**ACTION, "positive_button!": FEEDBACK_BUTTON, "negative_button!": FEEDBACK_BUTTON}
    ),
    "file_input": shape({**ACTION, "filetypes": list_of(text(50), 100), "max_files": whole(1, 10)}),
    "icon_button": shape(
        {
            **ACTION,
            "icon!": one_of("trash"),
            "text!": plain(75),
            "value": text(2000),
            "confirm": CONFIRM,
            "accessibility_label": text(75),
            "visible_to_user_ids": IDS,
        }
    ),
    "image": IMAGE_ELEMENT,
    "multi_channels_select": chooser({**MANY, "initial_channels": IDS}),
    "multi_conversations_select": chooser(
        {
            **MANY,
            "initial_conversations": IDS,
            "default_to_current_conversation": flag,
            "filter": CONVERSATION_FILTER,
        }
    ),
    "multi_external_select": chooser(
        {**MANY, "initial_options": list_of(OPTION, 100), "min_query_length": whole(0, 100)}
    ),
    "multi_static_select": MULTI_STATIC_SELECT,
    "multi_users_select": chooser({**MANY, "initial_users": IDS}),
    "number_input": all_of(
        shape(
            {
                **TEXT_INPUT,
                "is_decimal_allowed!": flag,
                "initial_value": text(100),
                "min_value": text(100),
                "max_value": text(100),
            }
        ),
        bounded_numbers,
    ),
    "overflow": shape({**ACTION, "confirm": CONFIRM, "options!": list_of(LINK_OPTION, 5)}),
    "plain_text_input": all_of(
        shape(
            {
                **TEXT_INPUT,
                "initial_value": text(3000, least=0),
                "multiline": flag,
                "min_length": whole(0, 3000),
                "max_length": whole(1, 3000),
            }
        ),
        bounded_lengths,
    ),
    "radio_buttons": all_of(
        shape({**ASKING, "options!": list_of(MARKED_OPTION, 10), "initial_option": MARKED_OPTION}),
        initial_among_options,
    ),
    "rich_text_input": shape({**TEXT_INPUT, "initial_value": anything}),
    "static_select": STATIC_SELECT,
    "timepicker": shape({**PLACED, "initial_time": TIME, "timezone": text(100)}),
    "url_text_input": shape({**TEXT_INPUT, "initial_value": text(3000, least=0)}),
    "users_select": chooser({"initial_user": text(255)}),
    "workflow_button": shape(
        {
            **ACTION,
            "text!": plain(75),
            "workflow!": WORKFLOW,
            "style": one_of("primary", "danger"),
            "accessibility_label": text(75),
        }
    ),
}
SELECTS = frozenset(
    {"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
)
MULTI_SELECTS = frozenset(f"multi_{name}" for name in SELECTS)
PICKED = SELECTS | {"checkboxes", "radio_buttons", "datepicker", "timepicker"}
IN_ACTIONS = PICKED | {"button", "overflow", "datetimepicker", "workflow_button"}
IN_SECTION = PICKED | MULTI_SELECTS | {"button", "image", "overflow", "workflow_button"}
IN_INPUT = (
    PICKED
    | MULTI_SELECTS
    | {
        "datetimepicker",
        "email_text_input",
        "file_input",
        "number_input",
        "plain_text_input",
        "rich_text_input",
        "url_text_input",
    }
)
IN_CONTEXT_ACTIONS = frozenset({"feedback_buttons", "icon_button"})


def elements(allowed: frozenset[str], most: int) -> Rule:
    """A list of elements of these types, with action_ids that differ."""
    each = list_of(by_type(ELEMENTS, allowed=allowed), most)

    def check(value: Any, pointer: str, report: Report) -> None:
        each(value, pointer, report)
        if isinstance(value, list):
            ids = [item.get("action_id") for item in value if isinstance(item, dict)]
            for action_id in sorted({i for i in ids if isinstance(i, str) and ids.count(i) > 1}):
                report.add(f"action_id `{action_id}` already exists", pointer)

    return check


# -- blocks ------------------------------------------------------------------------------------

BLOCK: dict[str, Rule] = {"type": anything, "block_id": text(255)}
RICH_INLINE = by_type(
    {
        name: shape({"type": anything, "style": anything, **fields})
        for name, fields in {
            "text": {"text!": text(None, is_counted=True)},
            "link": {"url!": link(), "text": text(), "unsafe": flag},
            "user": {"user_id!": text()},
            "usergroup": {"usergroup_id!": text()},
            "channel": {"channel_id!": text()},
            "team": {"team_id!": text()},
            "emoji": {"name!": text(), "unicode": text(), "skin_tone": anything},
            "broadcast": {"range!": one_of("here", "channel", "everyone")},
            "color": {"value!": text()},
            "date": {"timestamp!": anything, "format!": text(), "url": link(), "fallback": text()},
        }.items()
    }
)
RICH_SECTION = shape({"type": anything, "elements!": list_of(RICH_INLINE, 1000, least=0)})
RICH_PREFORMATTED = shape(
    {
        "type": anything,
        "elements!": list_of(RICH_INLINE, 1000, least=0),
        "border": whole(0, 1),
        "language": text(50),
    }
)
RICH_LIST = shape(
    {
        "type": anything,
        "elements!": list_of(by_type({"rich_text_section": RICH_SECTION}), 1000),
        "style!": one_of("bullet", "ordered"),
        "indent": whole(0, 8),
        "offset": whole(0, 100_000),
        "border": whole(0, 1),
    }
)
RICH_TEXT = shape(
    {
        **BLOCK,
        "elements!": list_of(
            by_type(
                {
                    "rich_text_section": RICH_SECTION,
                    "rich_text_list": RICH_LIST,
                    "rich_text_preformatted": RICH_PREFORMATTED,
                    "rich_text_quote": RICH_PREFORMATTED,
                }
            ),
            1000,
        ),
    }
)
CELL = by_type(
    {
        "raw_text": shape({"type": anything, "text!": text(None, is_counted=True)}),
        "raw_number": shape({"type": anything, "value!": anything, "text": text()}),
        "rich_text": RICH_TEXT,
    }
)
COLUMN = shape({"align": one_of("left", "center", "right"), "is_wrapped": flag})


def unchecked(names: str) -> dict[str, Rule]:
    """Fields of which only the names are checked."""
    return dict.fromkeys(names.split(), anything)


def single_table(value: Any, pointer: str, report: Report) -> None:
    """A message has one table at most."""
    if report.has_table:
        report.add("only_one_table_allowed", pointer)
    report.has_table = True


def only_in_modals(value: Any, pointer: str, report: Report) -> None:
    """`file_input` works in modals only, and its input block must not dispatch."""
    element = value.get("element")
    if not isinstance(element, dict) or element.get("type") != "file_input":
        return
    if report.surface != "modal":
        report.add("unsupported type: file_input", f"{pointer}/element/type")
    if value.get("dispatch_action"):
        report.add("dispatch_action is not supported for file_input", f"{pointer}/dispatch_action")


CARD = shape(
    {
        **BLOCK,
        "hero_image": IMAGE_ELEMENT,
        "icon": IMAGE_ELEMENT,
        "title": any_text(150),
        "subtitle": any_text(150),
        "body": any_text(200),
        "actions": elements(frozenset({"button"}), 3),
    },
    any_of=("hero_image", "title", "actions", "body"),
)
BLOCKS: dict[str, Rule] = {
    "section": shape(
        {
            **BLOCK,
            "text": any_text(3000),
            "fields": list_of(any_text(2000), 10),
            "accessory": by_type(ELEMENTS, allowed=IN_SECTION),
            "expand": flag,
        },
        any_of=("text", "fields"),
    ),
    "header": shape({**BLOCK, "text!": plain(150), "level": whole(1, 6)}),
    "divider": shape(BLOCK),
    "image": shape(
        {**IMAGE_FIELDS, "block_id": text(255), "title": plain(2000)},
        exactly_one_of=("image_url", "slack_file"),
    ),
    "context": shape(
        {
            **BLOCK,
            "elements!": list_of(
                by_type(
                    {"image": IMAGE_ELEMENT, "plain_text": plain(3000), "mrkdwn": any_text(3000)}
                ),
                10,
            ),
        }
    ),
    "actions": shape({**BLOCK, "elements!": elements(IN_ACTIONS, 25)}),
    "context_actions": shape({**BLOCK, "elements!": elements(IN_CONTEXT_ACTIONS, 5)}),
    "input": all_of(
        shape(
            {
                **BLOCK,
                "label!": plain(2000),
                "element!": by_type(ELEMENTS, allowed=IN_INPUT),
                "hint": plain(2000),
                "optional": flag,
                "dispatch_action": flag,
            }
        ),
        only_in_modals,
    ),
    "file": shape({**BLOCK, "external_id!": text(255), "source!": one_of("remote")}),
    "markdown": shape({**BLOCK, "text!": text(12_000, is_counted=True)}),
    "rich_text": RICH_TEXT,
    "table": all_of(
        shape(
            {
                **BLOCK,
                "rows!": list_of(list_of(CELL, 20), 100),
                "column_settings": list_of(COLUMN, 20, least=0),
            }
        ),
        single_table,
    ),
    "video": shape(
        {
            **BLOCK,
            "alt_text!": text(2000, is_counted=True),
            "author_name": text(50),
            "description": plain(200),
            "provider_icon_url": link(),
            "provider_name": text(50),
            "title!": plain(200),
            "title_url": link(schemes=("https",)),
            "thumbnail_url!": link(),
            "video_url!": link(schemes=("https",)),
        }
    ),
    "alert": shape(
        {
            **BLOCK,
            "text!": any_text(3000),
            "level": one_of("default", "info", "warning", "error", "success"),
        }
    ),
    "card": CARD,
    "carousel": shape({**BLOCK, "elements!": list_of(by_type({"card": CARD}), 10)}),
    "task_card": shape(unchecked("type block_id task_id! title! details output sources status")),
    "plan": shape(unchecked("type block_id title tasks")),
    "auth_provider": shape(
        unchecked(
            "type block_id value! name! is_connected! description icon_url auth_url disconnect_url"
            " connected_identity connected_context accessory fallback"
        )
    ),
}
BLOCKS["container"] = shape(
    {
        **BLOCK,
        "title": plain(150),
        "rich_text_title": RICH_TEXT,
        "subtitle": any_text(150),
        "child_blocks!": list_of(by_type(BLOCKS), 10),
        "width": one_of("narrow", "standard", "wide", "full"),
        "icon": IMAGE_ELEMENT,
        "is_collapsible": flag,
        "default_collapsed": flag,
        "has_header_divider": flag,
    },
    any_of=("title", "rich_text_title"),
)
ANY_BLOCK = by_type(BLOCKS)


def one_block(value: Any, pointer: str, report: Report) -> None:
    """A block that this surface shows, with a block_id of its own."""
    ANY_BLOCK(value, pointer, report)
    if not isinstance(value, dict):
        return
    kind, block_id = str(value.get("type")), value.get("block_id")
    is_misplaced = (kind in MODAL_ONLY_BLOCKS and report.surface != "modal") or (
        kind in MESSAGE_ONLY_BLOCKS and report.surface != "message"
    )
    if is_misplaced:
        report.add(f"unsupported type: {kind}", f"{pointer}/type")
    if isinstance(block_id, str):
        if block_id in report.block_ids:
            report.add(f"block_id `{block_id}` already exists", f"{pointer}/block_id")
        report.block_ids.add(block_id)


VIEW_FIELDS: dict[str, Rule] = {
    "type!": one_of("modal", "home"),
    "blocks!": anything,
    "submit": plain(24),
    "close": plain(24),
    "private_metadata": text(3000, least=0),
    "callback_id": text(255, least=0),
    "external_id": text(255, least=0),
    "clear_on_close": flag,
    "notify_on_close": flag,
    "submit_disabled": flag,
}
MODAL = shape({**VIEW_FIELDS, "title!": plain(24)})
HOME = shape({**VIEW_FIELDS, "title": plain(24)})

FindFile = Callable[[str], File | None]
IsReady = Callable[[File], bool]


def check_message_blocks(blocks: Any, find_file: FindFile, is_ready: IsReady) -> Report:
    """Check a message's blocks; `errors` of the report is empty when Slack would take them."""
    report = Report("message", find_file, is_ready)
    list_of(one_block, MOST_BLOCKS["message"], least=0)(blocks, "/blocks", report)
    return report


def check_view(view: Any, find_file: FindFile, is_ready: IsReady) -> Report:
    """Check a view for `views.*`; pointers begin with /view."""
    surface: Surface = "home" if isinstance(view, dict) and view.get("type") == "home" else "modal"
    report = Report(surface, find_file, is_ready)
    (HOME if surface == "home" else MODAL)(view, "/view", report)
    if not isinstance(view, dict):
        return report
    blocks = view.get("blocks")
    list_of(one_block, MOST_BLOCKS[surface], least=0)(blocks, "/view/blocks", report)
    has_input = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    if has_input and surface == "modal" and view.get("submit") is None:
        report.add("submit is required when an input block is within the blocks array", "/view")
    if isinstance(blocks, list) and _count_focused(blocks) > 1:
        report.add("only one element can have focus_on_load set to true", "/view/blocks")
    return report


def _count_focused(blocks: list[Any]) -> int:
    """Inputs stand in no container: the top level is enough."""
    objects = [block for block in blocks if isinstance(block, dict)]
    elements = [block.get("element") or block.get("accessory") for block in objects]
    return sum(
        isinstance(element, dict) and element.get("focus_on_load") is True for element in elements
    )


def is_view_too_large(view: Any) -> bool:
    """More than 250 kB of JSON."""
    return len(json.dumps(view).encode()) > MOST_VIEW_BYTES


# -- what Slack makes of them ------------------------------------------------------------------


def list_elements(block: Json) -> list[Json]:
    """The interactive elements of a block: accessory, input element, or the row of an actions."""
    kind = block.get("type")
    if kind == "section":
        found = [block.get("accessory")]
    elif kind == "input":
        found = [block.get("element")]
    elif kind in {"actions", "context_actions"}:
        found = list(block.get("elements") or [])
    elif kind == "card":
        found = list(block.get("actions") or [])
    else:
        found = []
    return [element for element in found if isinstance(element, dict)]


def walk_blocks(blocks: list[Json]) -> Iterator[Json]:
    """Every block, also those inside containers and carousels."""
    for block in blocks:
        yield block
        if block.get("type") == "container":
            yield from walk_blocks(block.get("child_blocks") or [])
        elif block.get("type") == "carousel":
            yield from walk_blocks(block.get("elements") or [])


def fill_ids(blocks: list[Json]) -> list[Json]:
    """A copy with the block_ids and action_ids that the bot left out, made up as Slack does."""
    copy: list[Json] = json.loads(json.dumps(blocks))
    for block in walk_blocks(copy):
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for element in list_elements(block):
            if element.get("type") != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return copy


def find_element(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json] | None:
    """The block and the element with these ids, or None."""
    for block in walk_blocks(blocks):
        if block.get("block_id") == block_id:
            for element in list_elements(block):
                if element.get("action_id") == action_id:
                    return block, element
    return None


def find_lone_element(blocks: list[Json], action_id: str) -> tuple[Json, Json] | None:
    """The block and the element with this `action_id`, if there is one."""
    found = [
        (block, element)
        for block in walk_blocks(blocks)
        for element in list_elements(block)
        if element.get("action_id") == action_id
    ]
    return found[0] if len(found) == 1 else None


def list_slack_files(blocks: list[Json]) -> list[str]:
    """The ids or URLs of all Slack files that these blocks show, at whatever depth."""
    found: list[str] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            file = value.get("slack_file")
            if isinstance(file, dict):
                found.append(str(file.get("id") or file.get("url")))
            for item in value.values():
                look(item)
        elif isinstance(value, list):
            for item in value:
                look(item)

    look(blocks)
    return found

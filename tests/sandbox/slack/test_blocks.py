"""Block Kit's limits, each as a row: what is just allowed, and what is one too many."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models import blocks as sdk

from bot.sandbox.slack.blocks import BLOCKS, ELEMENTS, check_message_blocks, check_view, fill_ids
from bot.sandbox.slack.records import File

PNG = File("F0PNG", "a.png", "image/png", b"png", "U0IMAGINE", 0.0, "a", 0.0)
WEBP = File("F0WEBP", "a.webp", "image/webp", b"webp", "U0IMAGINE", 0.0, "a", 0.0)
LATE = File("F0LATE", "a.png", "image/png", b"png", "U0IMAGINE", 0.0, "a", 1e12)
FILES = {file.id: file for file in (PNG, WEBP, LATE)}
Block = dict[str, Any]


def find_message_errors(*blocks: Any) -> list[str]:
    return check_message_blocks(list(blocks), FILES.get, lambda f: f.is_ready_at < 1.0).errors


def find_view_errors(view: Any) -> list[str]:
    return check_view(view, FILES.get, lambda f: f.is_ready_at < 1.0).errors


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def option(text: str = "a", value: str = "a") -> Block:
    return {"text": plain(text), "value": value}


def options(count: int) -> list[Block]:
    return [option(str(n), str(n)) for n in range(count)]


def button(**more: Any) -> Block:
    return {"type": "button", "text": plain("Go"), **more}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def field(element: Block, **more: Any) -> Block:
    return {"type": "input", "label": plain("Label"), "element": element, **more}


def image(**more: Any) -> Block:
    return {"type": "image", "alt_text": "a cat", **more}


def select(**more: Any) -> Block:
    return {"type": "static_select", **more}


def modal(*blocks: Any, **more: Any) -> Block:
    body = {"type": "modal", "title": plain("Title"), "submit": plain("Go")}
    return body | {"blocks": list(blocks)} | more


THUMBS = {
    "type": "feedback_buttons",
    "positive_button": {"text": plain("Good"), "value": "up"},
    "negative_button": {"text": plain("Bad"), "value": "down"},
}
CONFIRM = {"title": plain("?"), "text": plain("?"), "confirm": plain("y"), "deny": plain("n")}

ALLOWED: list[Block] = [
    {"type": "section", "text": mrkdwn("x" * 3000)},
    {"type": "section", "fields": [plain("x" * 2000)] * 10},
    {"type": "section", "text": plain("x"), "accessory": button(value="v" * 2000)},
    {"type": "section", "text": plain("x"), "block_id": "b" * 255},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    image(image_url="https://example.com/a.png"),
    image(slack_file={"id": "F0PNG"}, title=plain("t" * 2000)),
    {"type": "context", "elements": [mrkdwn("a")] * 10},
    {"type": "context", "elements": [image(slack_file={"id": "F0PNG"})]},
    actions(*[button(action_id=str(n)) for n in range(25)]),
    actions(button(text=plain("t" * 75), style="danger", confirm=CONFIRM)),
    actions({"type": "overflow", "options": options(5)}),
    actions(select(options=options(100))),
    actions(select(option_groups=[{"label": plain("g"), "options": options(3)}])),
    actions({"type": "users_select"}, {"type": "conversations_select"}),
    {"type": "context_actions", "elements": [THUMBS]},
    {"type": "markdown", "text": "# hi"},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "hi ", "style": {"bold": True}},
                    {"type": "user", "user_id": "U0ADA"},
                    {"type": "link", "url": "https://example.com"},
                ],
            },
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
        ],
    },
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 20] * 100},
    field({"type": "plain_text_input", "max_length": 2000}),
    {"type": "carousel", "elements": [{"type": "card", "title": mrkdwn("a")}]},
    {
        "type": "container",
        "title": plain("a"),
        "child_blocks": [{"type": "divider"}],
    },
]


@pytest.mark.parametrize("block", ALLOWED)
def test_a_block_at_its_limits_is_taken(block: Block) -> None:
    assert find_message_errors(block) == []


REFUSED: list[tuple[Any, str]] = [
    ("text", "must provide an object"),
    ({}, "missing required field: type"),
    ({"type": "nope"}, "unsupported type: nope"),
    ({"type": ["section"]}, "unsupported type"),
    ({"type": "section"}, "must define either `text` or `fields`"),
    ({"type": "section", "text": "plain"}, "must provide an object"),
    ({"type": "section", "text": mrkdwn("")}, "must be more than 0 characters"),
    ({"type": "section", "text": mrkdwn("x" * 3001)}, "must be less than 3001 characters"),
    ({"type": "section", "text": {"type": "html", "text": "x"}}, "unsupported type: html"),
    ({"type": "section", "text": mrkdwn("x") | {"emoji": True}}, "additional property: emoji"),
    ({"type": "section", "fields": [plain("x")] * 11}, "no more than 10 items"),
    ({"type": "section", "fields": [plain("x" * 2001)]}, "must be less than 2001 characters"),
    ({"type": "section", "text": plain("x"), "colour": "red"}, "additional property: colour"),
    ({"type": "section", "text": plain("x"), "block_id": "b" * 256}, "less than 256"),
    ({"type": "section", "text": plain("x"), "accessory": {"type": "divider"}}, "unsupported"),
    ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters"),
    ({"type": "header", "text": mrkdwn("x")}, "must be a valid enum value"),
    ({"type": "divider", "text": plain("x")}, "additional property: text"),
    (image(), "must define either `image_url` or `slack_file`"),
    (image(image_url="https://x.y/a.png", slack_file={"id": "F0PNG"}), "only one of"),
    ({"type": "image", "image_url": "https://x.y/a.png"}, "missing required field: alt_text"),
    (image(image_url="https://x.y/a.png", alt_text="x" * 2001), "less than 2001"),
    (image(image_url="ftp://x.y/a.png"), "invalid url"),
    (image(image_url="https://x.y/" + "a" * 3000), "must be less than 3001"),
    (image(image_url="https://x.y/a.WEBP?sig=1"), "downloading image failed"),
    (image(slack_file={"id": "F0NONE"}), "invalid slack file"),
    (image(slack_file={"id": "F0LATE"}), "invalid slack file"),
    (image(slack_file={"id": "F0WEBP"}), "invalid slack file"),
    (image(slack_file={}), "must define either `id` or `url`"),
    ({"type": "context", "elements": []}, "at least 1"),
    ({"type": "context", "elements": [mrkdwn("a")] * 11}, "no more than 10 items"),
    ({"type": "context", "elements": [button()]}, "unsupported type: button"),
    (actions(*[button(action_id=str(n)) for n in range(26)]), "no more than 25 items"),
    (actions(button(action_id="a"), button(action_id="a")), "action_id `a` already exists"),
    (actions(button(action_id="a" * 256)), "must be less than 256"),
    (actions(button(text=plain("t" * 76))), "must be less than 76"),
    (actions(button(text=mrkdwn("t"))), "must be a valid enum value"),
    (actions(button(value="v" * 2001)), "must be less than 2001"),
    (actions(button(style="red")), "must be a valid enum value"),
    (actions(button(confirm={"title": plain("t")})), "missing required field: text"),
    (actions({"type": "overflow", "options": options(6)}), "no more than 5 items"),
    (actions({"type": "plain_text_input"}), "unsupported type: plain_text_input"),
    (actions(select()), "must define either `options` or `option_groups`"),
    (actions(select(options=options(101))), "no more than 100 items"),
    (actions(select(options=[option("t" * 76)])), "must be less than 76"),
    (actions(select(options=[option("t", "v" * 151)])), "must be less than 151"),
    (actions(select(options=options(2), initial_option=option("9", "9"))), "must be one of"),
    (actions(select(options=options(2), placeholder=plain("p" * 151))), "less than 151"),
    (actions({"type": "radio_buttons", "options": options(11)}), "no more than 10 items"),
    (actions({"type": "checkboxes", "options": options(11)}), "no more than 10 items"),
    (actions({"type": "datepicker", "initial_date": "1.2.2026"}), "must be a date"),
    (actions(THUMBS), "unsupported type: feedback_buttons"),
    ({"type": "context_actions", "elements": [button()]}, "unsupported type: button"),
    (field({"type": "button", "text": plain("x")}), "unsupported type: button"),
    (field({"type": "plain_text_input", "max_length": 3001}), "must be between 1 and 3000"),
    (field({"type": "plain_text_input"}, label=plain("x" * 2001)), "less than 2001"),
    (field({"type": "number_input"}), "missing required field: is_decimal_allowed"),
    (
        field({"type": "number_input", "is_decimal_allowed": False, "min_value": 1}),
        "must provide a string",
    ),
    (field({"type": "file_input"}), "unsupported type: file_input"),
    ({"type": "alert", "text": plain("x")}, "unsupported type: alert"),
    ({"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]}, "no more than 20"),
    ({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}, "unsupported type"),
]


@pytest.mark.parametrize(("block", "words"), REFUSED)
def test_a_block_beyond_its_limits_is_refused_with_a_reason(block: Any, words: str) -> None:
    errors = find_message_errors(block)
    assert errors
    assert any(words in error for error in errors), errors


def test_block_ids_are_unique_in_a_message() -> None:
    errors = find_message_errors(
        {"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}
    )
    assert errors == ["block_id `a` already exists [json-pointer:/blocks/1/block_id]"]


def test_a_message_has_one_table_at_most() -> None:
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}
    assert find_message_errors(table) == []
    assert find_message_errors(table, table) == ["only_one_table_allowed [json-pointer:/blocks/1]"]


VIEWS: list[tuple[Any, str | None]] = [
    (modal({"type": "divider"}), None),
    (modal(*[{"type": "divider"}] * 100), None),
    (modal(*[{"type": "divider"}] * 101), "no more than 100 items"),
    (modal(title=plain("t" * 24), close=plain("c" * 24)), None),
    (modal(title=plain("t" * 25)), "must be less than 25 characters"),
    (modal(submit=plain("t" * 25)), "must be less than 25 characters"),
    (modal(close=plain("t" * 25)), "must be less than 25 characters"),
    (modal(title=None), "missing required field: title"),
    (modal(private_metadata="m" * 3000), None),
    (modal(private_metadata="m" * 3001), "must be less than 3001 characters"),
    (modal(callback_id="c" * 256), "must be less than 256 characters"),
    (modal(colour="red"), "additional property: colour"),
    (modal(type="drawer"), "must be a valid enum value"),
    (modal(blocks=None), "missing required field: blocks"),
    (modal(blocks={}), "must provide an array"),
    (modal(field({"type": "plain_text_input"}), submit=None), "submit is required"),
    (modal(field({"type": "file_input", "max_files": 4, "filetypes": ["png"]})), None),
    (modal(field({"type": "file_input", "max_files": 11})), "must be between 1 and 10"),
    (modal(field({"type": "file_input"}, dispatch_action=True)), "dispatch_action"),
    (modal({"type": "alert", "text": plain("x"), "level": "warning"}), None),
    (modal({"type": "context_actions", "elements": [THUMBS]}), "unsupported type"),
    (modal({"type": "table", "rows": [[]]}), "unsupported type: table"),
    ({"type": "home", "blocks": [{"type": "divider"}]}, None),
    ({"type": "home", "blocks": [field({"type": "file_input"})]}, "unsupported type: file_input"),
    ("view", "must provide an object"),
]


@pytest.mark.parametrize(("view", "words"), VIEWS)
def test_views_have_their_own_limits(view: Any, words: str | None) -> None:
    errors = find_view_errors(view)
    if words is None:
        assert errors == []
    else:
        assert any(words in error for error in errors), errors


def test_every_block_and_element_of_the_sdk_is_known() -> None:
    classes = sdk.Block.__subclasses__()
    sdk_blocks = {name for c in classes if (name := getattr(c, "type", None))}
    assert sdk_blocks - set(BLOCKS) == {"call"}
    names = {
        getattr(c, "type", None)
        for c in (
            *sdk.InputInteractiveElement.__subclasses__(),
            *sdk.InteractiveElement.__subclasses__(),
        )
    }
    assert {n for n in names if isinstance(n, str)} - set(ELEMENTS) == set()


def test_missing_ids_are_made_up_and_given_ones_stay() -> None:
    filled = fill_ids([{"type": "divider"}, actions(button(), button(action_id="own"))])
    assert filled[0]["block_id"]
    first, second = filled[1]["elements"]
    assert first["action_id"]
    assert second["action_id"] == "own"


def test_one_field_of_a_view_takes_the_focus() -> None:
    def view(*elements: Block) -> Block:
        blocks = [field({"type": "plain_text_input", **element}) for element in elements]
        return {"type": "modal", "title": plain("T"), "submit": plain("Go"), "blocks": blocks}

    assert find_view_errors(view({"focus_on_load": True}, {"focus_on_load": False})) == []
    (error,) = find_view_errors(view({"focus_on_load": True}, {"focus_on_load": True}))
    assert "only one element" in error


def test_a_filter_of_conversations_says_something() -> None:
    def section(chosen: Block) -> Block:
        accessory = {"type": "conversations_select", "filter": chosen}
        return {"type": "section", "text": plain("a"), "accessory": accessory}

    assert find_message_errors(section({"exclude_bot_users": True})) == []
    (error,) = find_message_errors(section({}))
    assert "must define either" in error


def test_response_url_enabled_is_for_modals() -> None:
    chooser = {"type": "conversations_select", "response_url_enabled": True}
    section = {"type": "section", "text": plain("a"), "accessory": chooser}
    (error,) = find_message_errors(section)
    assert "only supported in modals" in error

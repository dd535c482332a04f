"""Block Kit as HTML: every kind is drawn, everything is escaped, and nothing is dropped."""

from datetime import UTC
from typing import Any

import pytest

from bot.sandbox.page.block_renderer import (
    BlockRenderer,
    Lookups,
    Option,
    Picture,
    Surface,
    build_environment,
    picture_of_file,
)
from bot.sandbox.page.mrkdwn import RenderContext
from tests.support.mrkdwn import NOON, People

Json = dict[str, Any]
ENVIRONMENT = build_environment()
LOOKUPS = Lookups(
    picture_of_file=lambda key: (
        Picture(f"/file/{key}", width=4, height=3)
        if key == "F1"
        else Picture(None, "No such file in this workspace.")
    ),
    file_of_url=lambda url: "F1" if url == "http://files/F1" else None,
    name_of_file=lambda key: f"{key}.png",
    people=lambda: [Option("U0ADA", "Ada Park")],
    conversations=lambda: [Option("C0DESIGN", "# design", "public"), Option("D0ADA", "me", "im")],
)


def plain(words: str) -> Json:
    return {"type": "plain_text", "text": words}


def mrkdwn(words: str) -> Json:
    return {"type": "mrkdwn", "text": words}


def option(words: str, value: str) -> Json:
    return {"text": plain(words), "value": value}


def draw(block: Json, **surface: Any) -> str:
    context = RenderContext(People(), NOON, UTC, "U0ADA")
    renderer = BlockRenderer(
        ENVIRONMENT, context, LOOKUPS, Surface(**{"kind": "modal", "key": "V1", **surface})
    )
    return str(renderer.block(block))


def actions(element: Json) -> Json:
    return {"type": "actions", "block_id": "b", "elements": [element]}


def entry(element: Json, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": "b",
        "label": plain("Field"),
        "element": {"action_id": "a", **element},
        **more,
    }


BLOCKS: dict[str, tuple[Json, list[str]]] = {
    "section": (
        {"type": "section", "text": mrkdwn("*x*"), "fields": [mrkdwn("one"), plain("two")]},
        ["<strong>x</strong>", "one", "two"],
    ),
    "section with accessory": (
        {
            "type": "section",
            "text": plain("x"),
            "accessory": {"type": "image", "image_url": "http://127.0.0.1:9/x", "alt_text": "y"},
        },
        ['src="http://127.0.0.1:9/x"', 'alt="y"'],
    ),
    "header": ({"type": "header", "text": plain("Big :tada:")}, ["Big 🎉"]),
    "divider": ({"type": "divider"}, ["<hr"]),
    "context": (
        {
            "type": "context",
            "elements": [
                {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "tiny"},
                mrkdwn("*9* credits"),
            ],
        },
        ["/file/F1", "<strong>9</strong> credits"],
    ),
    "image with title": (
        {
            "type": "image",
            "slack_file": {"id": "F1"},
            "alt_text": "A lighthouse",
            "title": plain("1 of 2"),
        },
        ["1 of 2", 'src="/file/F1"', 'alt="A lighthouse"', 'width="4"', "data-zoom"],
    ),
    "image by file url": (
        {"type": "image", "slack_file": {"url": "http://files/F1"}, "alt_text": "x"},
        ['src="/file/F1"'],
    ),
    "rich_text": (
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "a <b>", "style": {"bold": True, "code": True}},
                        {"type": "user", "user_id": "U0ADA"},
                        {"type": "emoji", "name": "wave"},
                        {"type": "link", "url": "https://a.example", "text": "l"},
                        {"type": "broadcast", "range": "here"},
                        {"type": "channel", "channel_id": "C0DESIGN"},
                        {"type": "date", "timestamp": int(NOON), "format": "{time}"},
                    ],
                },
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [{"type": "text", "text": "item"}],
                        }
                    ],
                },
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "pre"}]},
            ],
        },
        ["<strong><code>a &lt;b&gt;</code></strong>", "@Ada Park", "👋", "@here", "#design",
         "12:00 PM", "<ol", "<blockquote>", "<pre"],
    ),
    "table": (
        {
            "type": "table",
            "column_settings": [{"is_wrapped": True}, {"align": "right"}],
            "rows": [[{"type": "raw_text", "text": "Model"}, {"type": "raw_number", "value": 9}]],
        },
        ['class="align-left is-wrapped"', "Model", 'class="align-right"', "9"],
    ),
    "alert": ({"type": "alert", "level": "warning", "text": mrkdwn("*3* left")}, ["level-warning"]),
    "markdown": ({"type": "markdown", "text": "**b**"}, ["<strong>b</strong>"]),
    "context_actions": (
        {
            "type": "context_actions",
            "block_id": "b",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "a",
                    "positive_button": {"text": plain("Good"), "value": "up"},
                    "negative_button": {"text": plain("Bad"), "value": "down"},
                },
                {"type": "icon_button", "action_id": "i", "icon": "trash", "text": plain("Away")},
            ],
        },
        ['data-value="up"', 'aria-label="Good"', 'data-value="down"', 'aria-label="Away"'],
    ),
    "video": (
        {"type": "video", "title": plain("Film"), "alt_text": "x", "video_url": "https://a.example"},
        ["Film", "plays no videos"],
    ),
    "file": ({"type": "file", "external_id": "E1", "source": "remote"}, ["E1"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_is_drawn(name: str) -> None:
    block, expected = BLOCKS[name]
    html = draw(block)
    assert "undrawable" not in html
    for piece in expected:
        assert piece in html


CHOICES = [option("One", "1"), option("Two", "2")]
ELEMENTS: dict[str, tuple[Json, list[str]]] = {
    "button": (
        {"type": "button", "text": plain("Go"), "value": "v", "style": "primary"},
        ['data-value="v"', "primary", "Go"],
    ),
    "button with confirm": (
        {"type": "button", "text": plain("Go"), "confirm": {"title": plain('"Sure"?')}},
        ["data-confirm=", "&#34;title&#34;"],
    ),
    "button with url": (
        {"type": "button", "text": plain("Go"), "url": "https://a.example"},
        ['href="https://a.example"', "noopener"],
    ),
    "button with a bad url": (
        {"type": "button", "text": plain("Go"), "url": "javascript:alert(1)"},
        ['href="#"'],
    ),
    "overflow": (
        {"type": "overflow", "options": CHOICES},
        ['role="menu"', 'data-option="2"'],
    ),
    "static_select": (
        {"type": "static_select", "options": CHOICES, "initial_option": CHOICES[1]},
        ['<option value="2" selected>'],
    ),
    "option groups": (
        {"type": "static_select", "option_groups": [{"label": plain("G"), "options": CHOICES}]},
        ['<optgroup label="G">'],
    ),
    "multi_static_select": (
        {"type": "multi_static_select", "options": CHOICES, "initial_options": CHOICES},
        ['type="checkbox"', 'value="1" checked', 'value="2" checked'],
    ),
    "users_select": ({"type": "users_select"}, ["Ada Park"]),
    "multi_users_select": ({"type": "multi_users_select"}, ["Ada Park", 'type="checkbox"']),
    "conversations_select": (
        {"type": "conversations_select", "initial_conversation": "C0DESIGN"},
        ['<option value="C0DESIGN" selected>', 'value="D0ADA"'],
    ),
    "channels_select": ({"type": "channels_select"}, ["# design"]),
    "external_select": (
        {"type": "external_select", "placeholder": plain("Find"), "min_query_length": 2},
        ['role="combobox"', 'placeholder="Find"', 'data-least="2"'],
    ),
    "radio_buttons": (
        {"type": "radio_buttons", "options": CHOICES, "initial_option": CHOICES[0]},
        ['type="radio"', 'value="1" checked'],
    ),
    "checkboxes": (
        {"type": "checkboxes", "options": CHOICES, "initial_options": [CHOICES[1]]},
        ['type="checkbox"', 'value="2" checked'],
    ),
    "plain_text_input": (
        {"type": "plain_text_input", "max_length": 10, "initial_value": "abc"},
        ['value="abc"', 'data-most="10"', ">7<"],
    ),
    "multiline": (
        {"type": "plain_text_input", "multiline": True, "initial_value": "a\nb </textarea>"},
        ["<textarea", "a\nb &lt;/textarea&gt;"],
    ),
    "number_input": (
        {"type": "number_input", "is_decimal_allowed": False, "initial_value": "3"},
        ['inputmode="numeric"', 'value="3"'],
    ),
    "email_text_input": ({"type": "email_text_input"}, ['type="email"']),
    "url_text_input": ({"type": "url_text_input"}, ['type="url"']),
    "datepicker": (
        {"type": "datepicker", "initial_date": "2026-11-23"},
        ['type="date"', 'value="2026-11-23"'],
    ),
    "timepicker": ({"type": "timepicker"}, ['type="time"']),
    "file_input": (
        {"type": "file_input", "filetypes": ["png", "jpg"], "max_files": 4},
        ['type="file"', 'accept=".png,.jpg"', 'data-most="4"'],
    ),
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_every_element_is_drawn_in_an_input_and_in_actions(name: str) -> None:
    element, expected = ELEMENTS[name]
    for html in (draw(entry(element)), draw(actions({"action_id": "a", **element}))):
        assert "undrawable" not in html
        for piece in expected:
            assert piece in html


@pytest.mark.parametrize(
    "block",
    [
        {"type": "carousel", "elements": []},
        {"type": "section", "text": {"type": "html", "text": "<b>"}},
        {"type": "image", "alt_text": "no picture named"},
        {"type": "image", "image_url": "http://127.0.0.1/x.png"},
        {"type": "input", "label": plain("x")},
        {"type": "actions", "elements": [{"type": "hologram"}]},
        {"type": "actions", "elements": [{"type": "button"}]},
        {"type": "rich_text", "elements": [{"type": "rich_text_poem", "elements": []}]},
        {"type": "table", "rows": [[{"type": "picture"}]]},
        {"type": "header", "text": None},
        {"type": "context", "elements": 7},
        {},
    ],
)
def test_what_cannot_be_drawn_is_an_error_that_one_sees(block: Json) -> None:
    html = draw(block)
    assert 'class="undrawable" role="alert"' in html
    assert "Its JSON" in html


def test_one_bad_element_does_not_take_its_neighbours_along() -> None:
    block = actions({"type": "hologram"})
    block["elements"].append({"type": "button", "action_id": "a", "text": plain("Still here")})
    html = draw(block)
    assert "undrawable" in html
    assert "Still here" in html


HOSTILE = '<script>alert(1)</script>" onload="x'


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "block_id": HOSTILE, "text": plain(HOSTILE),
         "fields": [mrkdwn(HOSTILE)]},
        {"type": "header", "text": plain(HOSTILE)},
        {"type": "image", "image_url": f"http://127.0.0.1/{HOSTILE}", "alt_text": HOSTILE,
         "title": plain(HOSTILE)},
        {"type": "image", "slack_file": {"id": HOSTILE}, "alt_text": HOSTILE},
        entry({"type": "plain_text_input", "initial_value": HOSTILE,
               "placeholder": plain(HOSTILE)}),
        entry({"type": "static_select", "options": [option(HOSTILE, HOSTILE)]}),
        actions({"type": "button", "action_id": HOSTILE, "text": plain(HOSTILE), "value": HOSTILE,
                 "confirm": {"title": plain(HOSTILE)}}),
        {"type": HOSTILE},
    ],
)  # fmt: skip
def test_hostile_words_stay_words(block: Json) -> None:
    html = draw(block)
    assert "<script" not in html
    assert '" onload="' not in html


def test_text_of_either_direction_finds_its_own_way() -> None:
    assert 'dir="auto"' in draw({"type": "section", "text": plain("שלום")})


def test_a_modal_keeps_what_was_filled_in() -> None:
    values = {
        "b": {
            "a": {"type": "plain_text_input", "value": "typed"},
        }
    }
    html = draw(entry({"type": "plain_text_input", "initial_value": "first"}), values=values)
    assert 'value="typed"' in html


def test_an_emptied_field_does_not_fall_back_to_its_first_value() -> None:
    values = {"b": {"a": {"type": "plain_text_input", "value": None}}}
    html = draw(entry({"type": "plain_text_input", "initial_value": "first"}), values=values)
    assert "first" not in html


def test_chosen_files_and_options_are_shown_again() -> None:
    values: Json = {"b": {"a": {"type": "file_input", "files": [{"id": "F1"}]}}}
    assert 'data-file="F1"' in draw(entry({"type": "file_input"}), values=values)
    values = {"b": {"a": {"type": "external_select", "selected_option": option("Sale", "g1")}}}
    html = draw(entry({"type": "external_select"}), values=values)
    assert 'value="Sale"' in html
    assert 'data-chosen="g1"' in html


def test_an_error_stands_at_its_field_and_is_tied_to_it() -> None:
    html = draw(entry({"type": "plain_text_input"}), errors={"b": "Say <more>."})
    assert 'aria-invalid="true" aria-describedby="f-V1-b-a-error"' in html
    assert 'id="f-V1-b-a-error" role="alert"' in html
    assert "Say &lt;more&gt;." in html


def test_every_input_is_tied_to_its_label() -> None:
    assert 'for="f-V1-b-a"' in draw(entry({"type": "plain_text_input"}))
    html = draw(entry({"type": "radio_buttons", "options": CHOICES}))
    assert 'role="group" aria-labelledby="f-V1-b-a-label"' in html


def test_a_conversations_select_keeps_to_its_filter() -> None:
    html = draw(entry({"type": "conversations_select", "filter": {"include": ["im"]}}))
    assert "D0ADA" in html
    assert "C0DESIGN" not in html


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://example.com/x.png", "fetches nothing from example.com"),
        ("file:///etc/passwd", "not a web address"),
        ("javascript:alert(1)", "not a web address"),
        ("http://[broken", "not a web address"),
    ],
)
def test_no_picture_is_fetched_from_elsewhere(url: str, words: str) -> None:
    html = draw({"type": "image", "image_url": url, "alt_text": "x"})
    assert "<img" not in html
    assert words in html


def test_a_file_that_an_update_added_is_broken_as_in_slack() -> None:
    block = {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"}
    html = draw(block, broken_files=frozenset({"F1"}))
    assert "<img" not in html
    assert "broken picture" in html


@pytest.mark.parametrize(
    ("mimetype", "is_ready", "is_deleted", "url"),
    [
        ("image/png", True, False, "/file/F1"),
        ("image/gif", True, False, "/file/F1"),
        ("image/webp", True, False, None),
        ("text/html", True, False, None),
        ("image/png", False, False, None),
        ("image/png", True, True, None),
    ],
)
def test_only_finished_png_jpeg_and_gif_are_pictures(
    mimetype: str, is_ready: bool, is_deleted: bool, url: str | None
) -> None:
    picture = picture_of_file(
        "F1", mimetype=mimetype, is_ready=is_ready, is_deleted=is_deleted, width=1, height=1
    )
    assert picture.url == url
    assert bool(picture.why) == (url is None)

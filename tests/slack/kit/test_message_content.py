"""A message as a person reads it, and its pictures."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import Cause
from bot.slack.kit.message_content import attached_to, plain_text, prompt_from, words_of
from bot.slack.kit.payloads import SentMessage


def message(**changes: Any) -> SentMessage:
    return SentMessage.model_validate({"ts": "1.0", **changes})


def rich(*elements: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    """A block as Slack's own editor makes it."""
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def forwarded(**more: Any) -> dict[str, Any]:
    """Another message, as Slack attaches it to the one that forwards it."""
    return {"is_share": True, "is_msg_unfurl": True, "author_name": "Ben", **more}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("fog &amp; &lt;rain&gt;", "fog & <rain>"),
        ("&amp;lt;", "&lt;"),
        ("<https://x.example|this>", "this"),
        ("<https://x.example>", "https://x.example"),
        ("<mailto:a@x.example|a@x.example>", "a@x.example"),
        ("hi <@U1> and <@U2|ben>", "hi  and ben"),
        ("<!channel> <!subteam^S1|@design>", " @design"),
        ("<#C1|design> <#C2>", "#design "),
        ("<!date^1^{date}|today>", "today"),
        ("", ""),
    ],
)
def test_slacks_syntax_is_read_as_a_person_sees_it(text: str, read: str) -> None:
    assert plain_text(text) == read


def test_a_prompt_keeps_its_lines_and_fits() -> None:
    assert prompt_from("  fog\t and   rain \n\n at   sea ").prompt == "fog and rain\n\nat sea"
    long = prompt_from("x" * 1995 + " and more")

    assert len(long.prompt) == 2000
    assert long.prompt + long.cut == "x" * 1995 + " and more"


@pytest.mark.parametrize(
    ("parts", "read"),
    [
        pytest.param({"text": None}, "", id="nothing"),
        pytest.param({"text": "fog"}, "fog", id="text"),
        pytest.param({"text": "fog", "blocks": [rich(said("fog"))]}, "fog", id="text and blocks"),
        pytest.param(
            {"text": "", "attachments": [forwarded(text="a red fox")]}, "a red fox", id="forwarded"
        ),
        pytest.param(
            {"text": "look:", "attachments": [forwarded(text="a red fox")]},
            "look:\na red fox",
            id="forwarded with a word",
        ),
        pytest.param(
            {
                "attachments": [
                    forwarded(
                        text="",
                        message_blocks=[
                            {
                                "team": "T1",
                                "channel": "C1",
                                "ts": "1.0",
                                "message": {"blocks": [rich(said("a red fox"))]},
                            }
                        ],
                    )
                ]
            },
            "a red fox",
            id="forwarded as blocks",
        ),
        pytest.param(
            {
                "text": "<https://x.slack.com/archives/C1/p1>",
                "attachments": [forwarded(text="a red fox")],
            },
            "a red fox",
            id="a link to a message",
        ),
        pytest.param(
            {
                "text": "like <https://x.example>",
                "attachments": [{"from_url": "https://x.example", "title": "X", "text": "shop"}],
            },
            "like https://x.example",
            id="what is behind a link is not what was said",
        ),
        pytest.param(
            {
                "text": "",
                "bot_id": "B1",
                "attachments": [
                    {
                        "pretext": "Build",
                        "title": "A &amp; B",
                        "text": "all *well*",
                        "fields": [{"title": "Mood", "value": "calm"}],
                        "fallback": "Build: well",
                    }
                ],
            },
            "Build\nA & B\nall well\nMood\ncalm",
            id="what an app attaches",
        ),
        pytest.param({"attachments": [{"fallback": "a chart"}]}, "a chart", id="a fallback"),
        pytest.param(
            {
                "blocks": [
                    {"type": "header", "text": {"type": "plain_text", "text": "Autumn"}},
                    {
                        "type": "section",
                        "text": {"type": "mrkdwn", "text": "fog &amp; <https://x.example|rain>"},
                        "fields": [{"type": "plain_text", "text": "at sea"}],
                        "accessory": {
                            "type": "button",
                            "text": {"type": "plain_text", "text": "Press"},
                        },
                    },
                    {"type": "divider"},
                    {"type": "image", "alt_text": "a fox", "title": {"type": "plain_text"}},
                    {"type": "context", "elements": [{"type": "mrkdwn", "text": "by Ben"}]},
                    {
                        "type": "actions",
                        "elements": [
                            {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
                        ],
                    },
                ]
            },
            "Autumn\nfog & rain\nat sea\nby Ben",
            id="blocks alone",
        ),
        pytest.param(
            {
                "blocks": [
                    rich(
                        said("a "),
                        {"type": "emoji", "name": "fox_face", "unicode": "1f98a"},
                        said(" & "),
                        {
                            "type": "emoji",
                            "name": "woman-technologist",
                            "unicode": "1f469-200d-1f4bb",
                        },
                        said(" at "),
                        {"type": "link", "url": "https://x.example", "text": "the sea"},
                        {"type": "user", "user_id": "U1"},
                        {"type": "channel", "channel_id": "C1"},
                        {"type": "date", "timestamp": 1, "format": "{date}", "fallback": " today"},
                    )
                ]
            },
            "a 🦊 & 👩‍💻 at the sea today",
            id="rich text",
        ),
        pytest.param(
            {
                "blocks": [
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_list",
                                "style": "bullet",
                                "elements": [
                                    {"type": "rich_text_section", "elements": [said("fog")]},
                                    {"type": "rich_text_section", "elements": [said("rain")]},
                                ],
                            },
                            {"type": "rich_text_quote", "elements": [said("at sea")]},
                            {"type": "rich_text_preformatted", "elements": [said("x = 1")]},
                        ],
                    }
                ]
            },
            "fog\nrain\nat sea\nx = 1",
            id="a list, a quote and code",
        ),
        pytest.param(
            {
                "blocks": [
                    {
                        "type": "table",
                        "rows": [[{"type": "raw_text", "text": "fog"}, rich(said("rain"))]],
                    }
                ]
            },
            "fog\nrain",
            id="a table",
        ),
        pytest.param(
            {"blocks": [{"type": "markdown", "text": "# Fog\nat sea"}]},
            "# Fog\nat sea",
            id="markdown",
        ),
    ],
)
def test_the_words_of_a_message_are_those_that_a_person_reads(
    parts: dict[str, Any], read: str
) -> None:
    assert words_of(message(**parts)).prompt == read


def nest(depth: int) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": "deep"}}
    for _ in range(depth):
        block = {"type": "container", "child_blocks": [block]}
    return block


@pytest.mark.parametrize(
    "parts",
    [
        {"blocks": [nest(500)]},
        {"blocks": [{"type": "rich_text", "elements": 5}, {"text": {"type": "mrkdwn", "text": 7}}]},
        {"blocks": [rich({"type": "emoji", "unicode": "zz-110000"}, {"type": None})]},
        {"attachments": [{"is_share": 1, "message_blocks": [7, {"message": None}], "fields": {}}]},
        {"attachments": [{"is_share": True, "files": [None, {"name": "x"}, {"id": 5}]}]},
    ],
    ids=["deep", "numbers", "emoji", "attachments", "files"],
)
def test_whatever_it_is_it_is_read(parts: dict[str, Any]) -> None:
    assert words_of(message(**parts)).prompt == ""
    assert attached_to(message(**parts)).files == ()


def test_the_pictures_are_those_attached_and_those_shown_each_once() -> None:
    image = {"type": "image", "slack_file": {"id": "F1"}, "title": {"text": "again"}}
    blocks = [
        image,
        {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "elsewhere"},
        {"type": "image", "slack_file": {"url": "https://files.slack.com/x"}},
        {"type": "image", "slack_file": "F9", "title": "odd"},
        {"type": "image", "slack_file": {"id": "F2"}},
    ]
    files = [{"id": "F1", "name": "a.png", "mimetype": "image/png"}]
    found = attached_to(message(files=files, blocks=blocks)).files

    assert [(file.file_id, file.name) for file in found] == [("F1", "a.png"), ("F2", "Picture")]


def test_a_forwarded_messages_pictures_are_taken_too() -> None:
    shown = [{"message": {"blocks": [{"type": "image", "slack_file": {"id": "F2"}}]}}]
    file = {"id": "F1", "name": "a.heic", "mimetype": "image/heic"}
    attachment = forwarded(files=[file], message_blocks=shown)

    found = attached_to(message(attachments=[attachment])).files
    assert [file.file_id for file in found] == ["F1", "F2"]


@pytest.mark.parametrize(
    "file",
    [
        {"mode": "file_access", "file_access": "check_file_info"},
        {"name": "a.png", "mimetype": "", "filetype": ""},
        {"name": "a.heic", "mimetype": "image/heic"},
        {"name": "a.raw", "mimetype": "application/octet-stream"},
    ],
    ids=["slack connect", "being scanned", "a photo", "unknown"],
)
def test_what_may_be_a_picture_is_taken_and_looked_at_later(file: dict[str, Any]) -> None:
    found = attached_to(message(files=[{"id": "F1", **file}]))

    assert [each.file_id for each in found.files] == ["F1"]
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("file", "cause"),
    [
        ({"name": "a.pdf", "mimetype": "application/pdf"}, Cause.REFERENCE_NOT_A_PICTURE),
        ({"name": "a.mov", "mimetype": "video/quicktime"}, Cause.REFERENCE_NOT_A_PICTURE),
        ({"mode": "tombstone"}, Cause.REFERENCE_GONE),
        ({"mode": "hidden_by_limit", "name": "old.png"}, Cause.REFERENCE_GONE),
    ],
)
def test_what_is_none_is_left_out_by_its_name(file: dict[str, Any], cause: Cause) -> None:
    found = attached_to(message(files=[{"id": "F1", **file}]))

    assert found.files == ()
    assert [(each.name, each.cause) for each in found.left_out] == [
        (file.get("name", "Picture"), cause)
    ]

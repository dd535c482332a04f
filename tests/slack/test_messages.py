"""A message as a person reads it, and its pictures."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.messages import pictures_of, plain_text, prompt_from
from bot.slack.payloads import SentMessage


def message(**changes: Any) -> SentMessage:
    return SentMessage.model_validate({"ts": "1.0", **changes})


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
    assert prompt_from("  fog\t and   rain \n\n at   sea ") == "fog and rain\n\nat sea"
    assert len(prompt_from("x" * 5000)) == 2000


def test_a_message_without_text_is_an_empty_prompt() -> None:
    assert prompt_from(message(text=None).text) == ""


def test_the_pictures_are_those_attached_and_those_shown_each_once_and_four_at_most() -> None:
    image = {"type": "image", "slack_file": {"id": "F1"}, "title": {"text": "again"}}
    blocks = [
        image,
        {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "elsewhere"},
        {"type": "image", "slack_file": {"url": "https://files.slack.com/x"}},
        {"type": "image", "slack_file": "F9", "title": "odd"},
        *({"type": "image", "slack_file": {"id": f"F{n}"}} for n in range(2, 9)),
    ]
    files = [{"id": "F1", "name": "a.png", "mimetype": "image/png"}]
    found = pictures_of(message(files=files, blocks=blocks))

    assert [reference.key for reference in found] == ["file:F1", "file:F2", "file:F3", "file:F4"]


def test_a_title_of_two_thousand_characters_is_cut() -> None:
    image = {"type": "image", "slack_file": {"id": "F1"}, "title": {"text": "x" * 2000}}

    assert len(pictures_of(message(blocks=[image]))[0].name) == 80


def test_a_picture_of_slack_connect_is_taken_and_looked_at_later() -> None:
    files = [{"id": "F1", "mode": "file_access", "file_access": "check_file_info"}]

    assert [reference.key for reference in pictures_of(message(files=files))] == ["file:F1"]

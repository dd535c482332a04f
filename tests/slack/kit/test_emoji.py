"""Emoji by the names that Slack sends."""

from __future__ import annotations

import pytest

from bot.sandbox.emoji import find_emoji, name_emoji
from bot.slack.kit.emoji import replace_names


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("add a :fox_face:", "add a 🦊"),
        (":wave::skin-tone-3:", "👋🏼"),
        (":female-doctor::skin-tone-5:", "👩🏾\u200d⚕️"),
        (":man-woman-girl-boy:", "👨\u200d👩\u200d👧\u200d👦"),
        (":+1::heart:", "👍❤️"),
        (":flag-de: :100:", "🇩🇪 💯"),
        (":tada:!", "🎉!"),
        (":party-parrot: and :acme_logo:", "party parrot and acme logo"),
        # No emoji at all.
        ("at 10:30:45", "at 10:30:45"),
        ("16:9: a ratio", "16:9: a ratio"),
        ("https://x.example:80/a:b:c", "https://x.example:80/a:b:c"),
        ("this: that", "this: that"),
        (":", ":"),
        ("", ""),
    ],
)
def test_a_name_is_read_as_the_emoji_that_a_person_saw(sent: str, seen: str) -> None:
    assert replace_names(sent) == seen


@pytest.mark.parametrize(
    "typed",
    ["a 🦊 in snow", "👋🏼 👩🏾\u200d⚕️", "👨\u200d👩\u200d👧\u200d👦", "🇩🇪 ❤️ 1️⃣", "no emoji ™ © 5"],
)
def test_the_sandboxs_slack_sends_names_and_the_bot_reads_what_was_typed(typed: str) -> None:
    sent = name_emoji(typed)

    assert replace_names(sent) == typed
    assert "🦊" not in sent


def test_a_name_that_nobody_has_is_none() -> None:
    assert find_emoji("fox_face") == "🦊"
    assert find_emoji("party-parrot") is None

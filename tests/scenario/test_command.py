"""`/imagine …` from the keyboard to the pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sandbox.powerpost.gallery import Gallery
from tests.support.stage import DESIGN, GENERAL, LAUNCH, Stage, images_of, open_stage, status_of


async def test_a_command_becomes_pictures_with_their_cost_in_one_thread(tmp_path: Path) -> None:
    async with open_stage(tmp_path, gallery=Gallery()) as stage:
        shown = await stage.ada.run_command(
            DESIGN,
            "/imagine",
            "a lighthouse in fog --model ideogram-3 --size landscape --quantity 2 --enhance",
        )
        (result,) = await stage.until_told()
        (root,) = stage.roots()

    assert shown.ok
    assert shown.message is None
    assert result.thread_ts == root.ts
    assert "Done" in status_of(root)
    pictures = images_of(result)
    assert len(pictures) == 2
    for number, block in enumerate(pictures, 1):
        file = stage.workspace.files[block["slack_file"]["id"]]
        assert (file.width, file.height, file.mimetype) == (1536, 864, "image/jpeg")
        assert block["alt_text"].startswith("a lighthouse in fog")
        assert f"{number} of 2" in block["title"]["text"]
        assert "1536×864" in block["title"]["text"]
    used = stage.powerpost.charges[0].credits
    left = stage.powerpost.balance
    for text in (result.text, str(result.blocks), status_of(root)):
        assert f"Used {used} credits · {left} left" in text
    assert "a lighthouse in fog" in result.text
    assert stage.powerpost.paid_posts == 1
    sent = [e.request_json for e in stage.powerpost.exchanges if e.method == "POST"]
    assert sent == [
        {
            "prompt": "a lighthouse in fog",
            "model": "ideogram-3",
            "size": "landscape",
            "quantity": 2,
            "enhance_prompt": True,
        }
    ]


@pytest.mark.parametrize(
    "prompt",
    [
        "<!channel> <@U0BEN> *bold* `code` &amp; <https://evil.example|click>",
        "🦊 🎉 é ñ",
        "منارة في الضباب",
        "x" * 2000,
        "🦊" * 2000,
        "line one\nline two",
    ],
    ids=["markup", "emoji", "right-to-left", "2000", "2000 emoji", "lines"],
)
async def test_a_prompt_is_shown_as_it_is_and_can_neither_ping_nor_format(
    stage: Stage, prompt: str
) -> None:
    shown = await stage.ada.run_command(DESIGN, "/imagine", prompt)
    (result,) = await stage.until_told()
    (root,) = stage.roots()

    assert shown.ok
    (block,) = [b for b in root.blocks if b["block_id"] == "prompt"]
    assert block["text"] == {"type": "plain_text", "text": prompt, "emoji": False}
    assert stage.powerpost.exchanges
    (sent,) = [e.request_json for e in stage.powerpost.exchanges if e.method == "POST"]
    assert sent is not None
    assert sent["prompt"] == prompt
    for text in (root.text, result.text):
        assert "<!channel>" not in text
        assert "<@U0BEN>" not in text
        assert "<https://evil" not in text
    assert len(images_of(result)) == 1


async def test_where_the_bot_is_no_member_the_person_is_told_how_to_invite_it(
    stage: Stage,
) -> None:
    await stage.ada.run_command(LAUNCH, "/imagine", "a lighthouse in fog")
    await stage.until(lambda: stage.private(LAUNCH))
    (message,) = stage.private(LAUNCH)

    assert message.ephemeral_to == "U0ADA"
    assert "/invite @Imagine" in message.text
    assert "Nothing was spent" in message.text
    assert "a lighthouse in fog" in str(message.blocks)
    assert stage.submits() == 0


async def test_a_public_channel_needs_no_invitation(stage: Stage) -> None:
    await stage.ada.run_command(GENERAL, "/imagine", "a lighthouse in fog")
    (result,) = await stage.until_told(channel=GENERAL)

    assert len(images_of(result)) == 1


async def test_it_works_in_a_direct_message_to_the_bot(stage: Stage) -> None:
    await stage.ben.run_command("D0BEN", "/imagine", "a lighthouse in fog")
    (result,) = await stage.until_told(channel="D0BEN")

    assert len(images_of(result)) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("help", "--model"),
        ("fog --colour red", "I don't know the option --colour"),
        ("fog --modle flux2-flex", "Did you mean --model?"),
        ("fog --model ideogramm", "Did you mean ideogram-3?"),
        ("fog --size landscap", "Did you mean landscape?"),
        ("--size square", "Describe the picture"),
        ("x" * 2001, "The prompt has 2,001 characters"),
        ("fog -n 5", "Ask for 1 to 4"),
        ("fog -m gpt-image-1.5 -s feed", "GPT Image 1.5 has no feed, its nearest is portrait 2:3"),
    ],
)
async def test_what_cannot_be_done_is_answered_privately_and_costs_nothing(
    stage: Stage, text: str, says: str
) -> None:
    shown = await stage.ada.run_command(DESIGN, "/imagine", text)

    assert shown.ok
    assert shown.message is not None
    assert shown.message.ephemeral_to == "U0ADA"
    assert says in shown.message.text
    assert stage.submits() == 0
    assert stage.roots() == []


async def test_credits_are_told_privately_and_truly(stage: Stage) -> None:
    stage.powerpost.balance = 47

    await stage.ada.run_command(DESIGN, "/imagine", "credits")
    await stage.until(lambda: stage.private())

    assert "has 47 credits left" in stage.private()[0].text

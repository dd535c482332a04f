"""Use in post, as a person uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.sandbox.slack.records import Message
from tests.support.image_form import Form
from tests.support.stage import Stage
from tests.support.threads import make, press


async def open_post_form(stage: Stage, text: str = "a lighthouse in fog") -> tuple[Message, Form]:
    """A result of Ada's, and the form over it."""
    result = await make(stage, text)
    return result, await press_use_in_post(stage, result)


async def press_use_in_post(stage: Stage, result: Message) -> Form:
    """The form over a result that is there."""
    assert (await press(stage.ada, result, "use_in_post")).ok
    return await Form(stage, stage.ada).until_shows("post_form")


async def fill(form: Form, types: Sequence[str], text: str = "Hello from the harbour") -> None:
    """Choose post types, and type a text."""
    await form.set("post_types", list(types))
    await form.set("post_text", text)


def drafts(stage: Stage) -> list[Message]:
    """What was told of drafts."""
    return [m for m in stage.replies() if "draft" in m.text.lower() and "use_in_post" not in str(m)]


async def until_drafted(stage: Stage, number: int = 1) -> Message:
    """What was told of the last of so many drafts."""
    await stage.until(lambda: len(drafts(stage)) >= number, what=f"{number} drafts told")
    return drafts(stage)[number - 1]


def sent(stage: Stage, path: str) -> list[dict[str, Any]]:
    """The bodies that PowerPost got at a path, in order."""
    return [
        e.request_json or {}
        for e in stage.powerpost.exchanges
        if e.method == "POST" and e.path.endswith(path)
    ]


def media_of(stage: Stage) -> list[str]:
    """PowerPost's ids of the pictures of the last generation, in order."""
    last = list(stage.powerpost.generations.values())[-1]
    return [image.media_id for image in last.images]

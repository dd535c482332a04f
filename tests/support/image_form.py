"""The form as a person fills it in."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from bot.sandbox.slack.person import Person, Shown
from bot.sandbox.slack.workspace import View
from tests.support.stage import Stage


def picture(colour: str = "teal", kind: str = "PNG") -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, kind)
    return out.getvalue()


class Form:
    """A person's hands on the form that is open."""

    def __init__(self, stage: Stage, person: Person) -> None:
        self.stage = stage
        self.person = person

    @property
    def view(self) -> View:
        """The modal on top."""
        return self.stage.workspace.view_stacks[self.person.user.id][-1]

    @property
    def is_open(self) -> bool:
        """Whether a modal is open."""
        return bool(self.stage.workspace.view_stacks.get(self.person.user.id))

    def block(self, field: str) -> dict[str, Any]:
        """The input block of a field."""
        for block in self.view.body["blocks"]:
            element = block.get("element") or {}
            if element.get("action_id") == field:
                return dict(block)
        raise KeyError(field)

    def text(self) -> str:
        """Everything that the form says."""
        return str(self.view.body["blocks"])

    def value(self, field: str) -> Any:
        """What a field holds."""
        held = self.view.state["values"][self.block(field)["block_id"]][field]
        return held.get("value") or (held.get("selected_option") or {}).get("value")

    def options(self, field: str) -> list[str]:
        """The values that a select offers."""
        return [option["value"] for option in self.block(field)["element"]["options"]]

    async def set(self, field: str, value: Any) -> Shown:
        """Fill in a field."""
        block_id = self.block(field)["block_id"]
        shown = await self.person.change(self.view.id, block_id, field, value)
        assert shown.ok, shown.error
        return shown

    async def press(self, action_id: str) -> Shown:
        """Press a button beside a text."""
        found = (block for block in self.view.body["blocks"] if "accessory" in block)
        block = next(each for each in found if each["accessory"]["action_id"] == action_id)
        value = block["accessory"].get("value")
        return await self.person.change(self.view.id, block["block_id"], action_id, value)

    async def until_shows(self, callback_id: str) -> Form:
        """Wait for a modal to be on top."""
        await self.stage.until(
            lambda: self.is_open and self.view.callback_id == callback_id, what=callback_id
        )
        return self

    async def submit(self) -> Shown:
        """Press the button."""
        return await self.person.submit(self.view.id)

    async def until_open(self) -> Form:
        """Wait for the form to open and to be filled."""
        await self.stage.until(lambda: self.is_open and " left" in self.text(), what="form open")
        return self


async def choose_caption(stage: Stage, form: Form, position: int = 0) -> str:
    """Choose a caption with at least two platforms; its id."""
    block_id = form.block("caption")["block_id"]
    found = await stage.ada.options(form.view.id, block_id, "caption", "")
    several = [o for o in found if len(stage.powerpost.captions[o["value"]].platforms) > 1]
    chosen: str = several[position]["value"]
    await form.set("caption", chosen)
    await stage.until(lambda: f"source_post_type:{chosen}" in form.text(), what="the platforms")
    return chosen


def styles(stage: Stage) -> list[list[str]]:
    """The style images of each request."""
    return [
        (e.request_json or {}).get("style_images", [])
        for e in stage.powerpost.exchanges
        if e.method == "POST" and e.path.endswith("/images/generate")
    ]


async def edit(stage: Stage, channel: str, ts: str) -> Form:
    """Press Edit under a message."""
    message = stage.workspace.find_message(channel, ts)
    assert message is not None
    actions = next(b for b in message.blocks if b["block_id"] == "actions")
    value = next(e for e in actions["elements"] if e["action_id"] == "edit_generation")["value"]
    await stage.ada.click(channel, ts, "actions", "edit_generation", value=value)
    return await Form(stage, stage.ada).until_open()

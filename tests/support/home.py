"""The Home tab as a person uses it."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.person import Person, Shown
from bot.sandbox.slack.workspace import View
from tests.support.stage import Stage


class Home:
    """A person's hands in the Home tab and on its forms."""

    def __init__(self, stage: Stage, person: Person) -> None:
        self.stage = stage
        self.person = person

    @property
    def tab(self) -> View:
        """What is published for the person."""
        return self.stage.workspace.homes[self.person.user.id]

    @property
    def sheet(self) -> View:
        """The form on top."""
        return self.stage.workspace.view_stacks[self.person.user.id][-1]

    @property
    def is_sheet_open(self) -> bool:
        """Whether a form is open."""
        return bool(self.stage.workspace.view_stacks.get(self.person.user.id))

    def says(self, text: str) -> bool:
        """Whether the tab says so."""
        home = self.stage.workspace.homes.get(self.person.user.id)
        return home is not None and text in str(home.body["blocks"])

    async def open(self, until: str = "Create image") -> None:
        """Open the tab."""
        await self.person.open_home()
        await self.stage.until(lambda: self.says(until), what=f"Home says {until}")

    async def press(self, action_id: str, until: str = "") -> None:
        """Press a button, and wait for what the tab says then."""
        shown = await self.person.change(self.tab.id, self._block_of(action_id), action_id)
        assert shown.ok
        if until:
            await self.stage.until(lambda: self.says(until), what=f"Home says {until}")

    def _block_of(self, action_id: str) -> str:
        for block in self.tab.body["blocks"]:
            if f"'action_id': '{action_id}'" in str(block):
                return str(block["block_id"])
        raise KeyError(action_id)

    async def open_sheet(self, action_id: str) -> None:
        """Press a button that opens a form."""
        await self.press(action_id)
        await self.stage.until(lambda: self.is_sheet_open, what="a form")

    async def choose_from_row(self, text: str, choice: str) -> None:
        """Choose from the menu of the row with this text."""
        row = next(b for b in self.tab.body["blocks"] if text in str(b.get("text")))
        values = [option["value"] for option in row["accessory"]["options"]]
        value = next(value for value in values if value.startswith(choice))
        assert (await self.person.change(self.tab.id, row["block_id"], "home_row_menu", value)).ok
        await self.stage.until(lambda: self.is_sheet_open, what="a form")

    async def fill(self, field: str, value: Any) -> None:
        """Fill in a field."""
        shown = await self.person.change(self.sheet.id, field, field, value)
        assert shown.ok, (field, shown)

    async def choose_kind(self, kind: str, until: str) -> None:
        """Choose what another field depends on, and wait until that one is drawn."""
        await self.fill("sheet_kind", kind)
        drawn = f"'action_id': '{until}'"
        await self.stage.until(lambda: drawn in str(self.sheet.body["blocks"]), what=until)

    async def remove(self, until: str) -> None:
        """Press Remove in the small modal that asks, and close what it says then."""
        (block,) = [b for b in self.sheet.body["blocks"] if b["type"] == "actions"]
        assert (await self.person.change(self.sheet.id, block["block_id"], "home_remove")).ok
        await self.stage.until(lambda: "Removed: " in str(self.sheet.body), what="its outcome")
        await self.person.close(self.sheet.id)
        await self.stage.until(lambda: self.says(until), what=f"Home says {until}")

    async def save(self, until: str = "") -> Shown:
        """Send the form, and wait for what the tab says then."""
        shown = await self.person.submit(self.sheet.id)
        if until:
            assert shown.ok, shown
            await self.stage.until(lambda: self.says(until), what=f"Home says {until}")
        return shown

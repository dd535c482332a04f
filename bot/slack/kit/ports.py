"""What several features need of rooms that they must not know: the store, PowerPost, each other.
Each port stands once; bot/app/wiring.py says who stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from slack_sdk.models.views import View

from bot.credits.ledger import Bill
from bot.errors import Rejected
from bot.generations.record import Generation, NewGeneration
from bot.slack.kit.ids import Strength
from bot.slack.kit.message import Message
from bot.slack.kit.payloads import Interaction, ViewSent


class Gate(Protocol):
    """Where requests are promised (bot/requests/gate.py)."""

    async def accept(self, new: NewGeneration, *, may_ask: bool = False) -> bool:
        """Put it on disk; Transient where that failed. `may_ask`: its person has not seen the
        price, and AboveThreshold is raised if they want to be asked about it."""


class History(Protocol):
    """A person's generations (bot/store/versions.py)."""

    async def history(
        self, team_id: str, user_id: str, before: datetime | None, limit: int
    ) -> tuple[list[Generation], dict[str, Bill], dict[str, int]]:
        """With what each took and gave back, and which version each is that was made from one."""


class Generations(Protocol):
    """The rows (bot/store/generations.py)."""

    async def read(self, generation_id: str) -> Generation:
        """KeyError where there is none."""


class ImageForm(Protocol):
    """The form, as other features open it (bot/slack/image_form/service.py)."""

    def open_for_edit(self, interaction: Interaction, generation: Generation) -> None:
        """Filled with everything that `generation` was made of."""

    async def view_for_edit(
        self, sent: ViewSent, generation: Generation, position: int, strength: Strength
    ) -> View:
        """The same, with one of its pictures as the only reference and how close to it in the
        prompt, as the answer to another modal, which was `sent`: it takes its place."""

    def open_for_question(
        self, interaction: Interaction, new: NewGeneration, preset: str | None
    ) -> None:
        """Filled with what a question was about, into the same conversation."""


class Ask(Protocol):
    """How features ask back (bot/slack/questions/service.py)."""

    async def __call__(
        self,
        new: NewGeneration,
        sentences: Sequence[str],
        *,
        is_offered: bool,
        typed: str = "",
        other: NewGeneration | None = None,
    ) -> Message:
        """The question about `new`, which is on disk when this returns. `other` may be made in its
        place: of both, one is."""


class Refuse(Protocol):
    """How features say that a request was refused (bot/slack/questions/service.py)."""

    async def __call__(self, new: NewGeneration, error: Rejected, *, typed: str = "") -> Message:
        """Why, with what mends it: `new` is on disk when this returns."""

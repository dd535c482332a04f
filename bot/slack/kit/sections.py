"""What "More…" under a result offers: a section for each thing that can be done with its pictures.

A feature makes its own section, and bot/slack/routes.py lists them with the ids of their buttons:
nobody else is changed, and no feature knows another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.generations.record import Generation
from bot.slack.kit.rights import Click


@dataclass(frozen=True, slots=True)
class Section:
    """One of them: words, and a button beside them.

    `describe` says what it is for, in plain text of at most 3,000 characters; nothing, if it isn't
    offered for that generation. `act` is called when the button is pressed, once it is known that
    it counts; its press is `is_in_modal`, so that `open_view` lays a modal upon this one."""

    button: str
    describe: Callable[[Generation], str]
    act: Click

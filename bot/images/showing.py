"""Who sees the pictures of a request, and where: the choices, and how people say them. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from bot.images.typed import squash


class Show(StrEnum):
    """Where a result is shown."""

    THREAD = "thread"  # under its request, and nowhere else
    CHANNEL = "channel"  # there, and in the channel, too (Slack's `reply_broadcast`)
    ME = "me"  # to who asked, in a direct message; they share what they like


_NAMES: Final = {
    Show.THREAD: ("thread", "threadonly", "onlythread", "inthread", "inthethread"),
    Show.CHANNEL: (
        *("channel", "everyone", "everybody", "all", "public", "inchannel", "inthechannel"),
        *("alsointhechannel", "tochannel", "threadandchannel", "both", "broadcast"),
    ),
    Show.ME: (
        *("me", "onlyme", "justme", "meonly", "onlytome", "justtome", "private", "privately"),
        *("preview", "dm", "directmessage", "myself"),
    ),
}
_BY_NAME: Final = {name: show for show, names in _NAMES.items() for name in names}


def find_show(typed: str) -> Show | None:
    """What `typed` names; None for what names nothing."""
    return _BY_NAME.get(squash(typed.strip(" ,;.!?()[]{}<>#")))

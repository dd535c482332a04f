"""The words of where a result is shown."""

from __future__ import annotations

from typing import Final

from bot.images.showing import Show

# As it is chosen in a form.
SHOWN_AS: Final = {
    Show.THREAD: "In the thread",
    Show.CHANNEL: "In the thread and in the channel",
    Show.ME: "First only to the person who asked",
}
# As it is told of a request.
SHOWN: Final = {
    Show.THREAD: "only in the thread",
    Show.CHANNEL: "also in the channel",
    Show.ME: "only to you first",
}

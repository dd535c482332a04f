"""Words about deleting one's data."""

from __future__ import annotations

from typing import Final

WHAT_GOES: Final = (
    "*This goes, for good:* your prompts, references and captions, your history, drafts, "
    "defaults, ratings, votes, requests for approval, and what I asked you back. I can't make "
    "more from your results then: Regenerate, Edit and replies to them end."
)
WHAT_STAYS: Final = (
    "*This stays:* messages and pictures in Slack (delete those with the menu under them, before "
    "you do this), what others made, what admins have set, what was spent, and how many votes a "
    "closed vote had, without your name. "
    "Until a budget's day or month is over, it still counts against your budget."
)
DONE: Final = "Your data is deleted. What you do from now on is new."
GOES_ON: Final = "I'm deleting your data. I'll tell you in a direct message when that is done."
FAILED: Final = "Not all of your data could be deleted right now. Press Delete my data again."


def under_way(count: int) -> str:
    """Nothing was deleted."""
    requests = "1 request of yours is" if count == 1 else f"{count} requests of yours are"
    return (
        f"Nothing was deleted: {requests} still under way, or waiting for approval. Once that has "
        "ended (what waits can be cancelled), press Delete my data again."
    )

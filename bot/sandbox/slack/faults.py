"""What goes wrong on purpose: faults of Slack that a test or the page asks for."""

from __future__ import annotations

from dataclasses import dataclass, field

FAULTS = {
    "slow": "done, but the answer takes `slow_seconds`",
    "dropped": "done, and the connection is cut before the answer",
    "dropped_before": "not done, and the connection is cut",
    "http_500": "not done, HTTP 500 (or any other status) with a page instead of JSON",
    "ratelimited": "not done, HTTP 429 with Retry-After",
}
"""Faults that are no Slack error; any other word is answered as `{"ok": false, "error": word}`."""

SCAN_SECONDS = 4.0
"""How long Slack looks through a file for viruses, while it does."""


@dataclass
class Faults:
    """The faults to come, by Web API method, or "upload", "download", "response_url", "*" (any)."""

    lose_next_file: bool = False
    """The next completed upload is accepted and never becomes ready."""
    scans_files: bool = False
    """What people upload has no type yet for SCAN_SECONDS (node-slack-sdk#2040)."""
    blocks_uploads: bool = False
    """The host that takes the bytes of files answers 403, while all else works."""
    away: bool = False
    """Every call of the bot is cut off without an answer, and nothing is sent to it."""
    refused: dict[str, str] = field(default_factory=dict)
    """What is refused for now, with Slack's error code: messages that hold "slack_file",
    "metadata", "feedback" (blocks), "blocks" (any) or "captions" (long ones), that are a "thread"
    (any reply), a "broadcast" (one that is shown in the channel, too), "top" (any other) or "all";
    and any "upload" of a file."""
    strays_replies: bool = False
    """A reply whose parent is gone comes to stand in the channel, instead of being refused."""
    slow_seconds: float = 2.0
    retry_after_seconds: int = 1
    _pending: dict[str, list[str]] = field(default_factory=dict)

    def next_call(self, method: str, fault: str, times: int = 1) -> None:
        """Let the next `times` calls of `method` meet `fault`: a key of FAULTS or a Slack error."""
        self._pending.setdefault(method, []).extend([fault] * times)

    def take(self, method: str) -> str | None:
        """The fault that this call meets, used up by asking."""
        for key in (method, "*"):
            if self._pending.get(key):
                return self._pending[key].pop(0)
        return None

    def pending(self) -> dict[str, list[str]]:
        """The faults that were asked for and have not happened yet."""
        return {method: list(faults) for method, faults in self._pending.items() if faults}

    def clear(self) -> None:
        """Fine faults again."""
        self._pending.clear()
        self.refused.clear()
        self.lose_next_file = self.blocks_uploads = self.strays_replies = False
        self.scans_files = False
        self.away = False

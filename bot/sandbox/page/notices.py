"""What the Slack client itself tells a person and remembers: notices, errors, what was read."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Notice:
    """A line of the client's own, which only one person sees. `ts` sorts it among messages."""

    ts: str
    text: str


@dataclass
class Notices:
    """Kept in memory, as the client does: a reload of Slack forgets them, too."""

    clock: Callable[[], float]
    view_errors: dict[str, dict[str, str]] = field(default_factory=dict)
    """View id -> block id -> words; the block id "" stands for the whole modal."""
    _notices: dict[tuple[str, str, str | None], list[Notice]] = field(default_factory=dict)
    _seen: dict[tuple[str, str], float] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def tell(self, user: str, channel: str, thread_ts: str | None, text: str) -> None:
        """Show a line to one person, in a channel or in a thread of it."""
        ts = f"{self.clock():.3f}{next(self._numbers) % 1000:03d}"
        self._notices.setdefault((user, channel, thread_ts), []).append(Notice(ts, text))

    def of(self, user: str, channel: str, thread_ts: str | None) -> list[Notice]:
        """The lines that this person has here, oldest first."""
        return self._notices.get((user, channel, thread_ts), [])

    def dismiss(self, user: str, channel: str, ts: str) -> bool:
        """Take a line away; False when there is none."""
        for (owner, place, _), notices in self._notices.items():
            for notice in notices if (owner, place) == (user, channel) else ():
                if notice.ts == ts:
                    notices.remove(notice)
                    return True
        return False

    def see(self, user: str, channel: str) -> None:
        """This person has read the channel up to now."""
        self._seen[user, channel] = self.clock()

    def seen_until(self, user: str, channel: str) -> float:
        """When this person last looked at the channel; 0 for never."""
        return self._seen.get((user, channel), 0.0)


def words_for_failure(command: str, error: str | None) -> str:
    """What Slack shows when a slash command did not come through."""
    return f'{command} failed with the error "{error or "dispatch_failed"}"'

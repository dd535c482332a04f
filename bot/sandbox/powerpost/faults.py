"""The faults at PowerPost: faults for the next calls and outcomes for the next generations."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

_Fault = TypeVar("_Fault", bound=StrEnum)


class SubmitFault(StrEnum):
    """What happens to the next POST /images/generate that the key and the rate limit let in; or
    to the next POST of a caption, a post or a calendar entry ("charged": it is made)."""

    ANSWER_LOST = "answer_lost"  # charged; the connection is closed without an answer
    ANSWER_BROKEN = "answer_broken"  # charged; 200 with JSON that stops in the middle
    ERROR_500 = "error_500"  # not charged
    ERROR_500_CHARGED = "error_500_charged"
    RATE_LIMITED = "rate_limited"  # 429 with error.retryAfter = 1
    INSUFFICIENT_CREDITS = "insufficient_credits"
    INVALID_KEY = "invalid_key"
    FORBIDDEN = "forbidden"
    INSUFFICIENT_SCOPE = "insufficient_scope"
    NOT_FOUND = "not_found"
    INVALID = "invalid"
    HANG = "hang"  # charged; no answer until the client goes away
    SLOW = "slow"  # charged; the answer comes after Faults.slow_seconds


class PollFault(StrEnum):
    """What happens to the next GET /images/generations/{id}."""

    ERROR_500 = "error_500"
    BROKEN = "broken"
    RATE_LIMITED = "rate_limited"
    HANG = "hang"
    DROPPED = "dropped"
    NOT_FOUND = "not_found"


class Outcome(StrEnum):
    """How the next accepted generation ends."""

    COMPLETED = "completed"
    PARTIAL = "partial"  # one picture fails; of one picture that is all of them
    FAILED = "failed"
    SLOW = "slow"  # ten times as long
    NEVER = "never"  # stays processing
    TRANSPARENT = "transparent"  # pictures with an alpha channel
    EXPIRED_LINKS = "expired_links"
    HUGE = "huge"  # valid WebP of 16384 x 16384 pixels in a few bytes
    NOT_A_PICTURE = "not_a_picture"  # says image/webp, is not


class DownloadFault(StrEnum):
    """What happens to the next download of a picture."""

    ERROR_500 = "error_500"
    DROPPED = "dropped"  # the connection is closed in the middle of the picture
    ENDLESS = "endless"  # keeps sending
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    HTML = "html"  # 200 with a page instead of the picture
    HALF = "half"  # 200 with the first half of the picture, and nothing that says so


class Faults:
    """Queues of faults, each used once and in order, and settings that stay until changed."""

    def __init__(self) -> None:
        self._is_away = False
        # Told of each change of `away`; where nobody listens, every connection is closed without
        # an answer instead of being refused.
        self.on_away: Callable[[bool], None] = lambda is_away: None
        self.loses_webhooks = False  # what ended is not told
        self.latency_seconds = 0.0  # added to every answer
        self.links_late_seconds = 0.0  # a link works so long after its generation has ended
        self.links_late_status = 404  # and answers this until then, or 403
        self.slow_seconds = 2.0  # how late SubmitFault.SLOW answers
        self._submits: deque[SubmitFault] = deque()
        self._polls: deque[PollFault] = deque()
        self._outcomes: deque[Outcome] = deque()
        self._downloads: deque[DownloadFault] = deque()
        self._captions: deque[SubmitFault] = deque()
        self._caption_outcomes: deque[Outcome] = deque()
        self._posts: deque[SubmitFault] = deque()
        self._entries: deque[SubmitFault] = deque()

    @property
    def away(self) -> bool:
        """Whether the service is not there at all."""
        return self._is_away

    @away.setter
    def away(self, value: bool) -> None:
        if value != self._is_away:
            self._is_away = value
            self.on_away(value)

    def next_submit(self, fault: SubmitFault) -> None:
        self._submits.append(fault)

    def next_poll(self, fault: PollFault, times: int = 1) -> None:
        self._polls.extend([fault] * times)

    def next_outcome(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)

    def next_download(self, fault: DownloadFault, times: int = 1) -> None:
        self._downloads.extend([fault] * times)

    def next_caption(self, fault: SubmitFault) -> None:
        self._captions.append(fault)

    def next_caption_outcome(self, outcome: Outcome) -> None:
        """Only those that a caption can come to: completed, failed, slow, never."""
        self._caption_outcomes.append(outcome)

    def next_post(self, fault: SubmitFault) -> None:
        self._posts.append(fault)

    def next_entry(self, fault: SubmitFault) -> None:
        self._entries.append(fault)

    def take_caption(self) -> SubmitFault | None:
        return _take(self._captions)

    def take_caption_outcome(self) -> Outcome:
        return _take(self._caption_outcomes) or Outcome.COMPLETED

    def take_post(self) -> SubmitFault | None:
        return _take(self._posts)

    def take_entry(self) -> SubmitFault | None:
        return _take(self._entries)

    def take_submit(self) -> SubmitFault | None:
        return _take(self._submits)

    def take_poll(self) -> PollFault | None:
        return _take(self._polls)

    def take_outcome(self) -> Outcome:
        return _take(self._outcomes) or Outcome.COMPLETED

    def take_download(self) -> DownloadFault | None:
        return _take(self._downloads)

    def pending(self) -> list[str]:
        """What is queued, in words for a page, such as "submit: hang"."""
        return [
            *_name("submit", self._submits),
            *_name("poll", self._polls),
            *_name("outcome", self._outcomes),
            *_name("download", self._downloads),
            *_name("caption", self._captions),
            *_name("caption_outcome", self._caption_outcomes),
            *_name("post", self._posts),
            *_name("entry", self._entries),
        ]

    def clear(self) -> None:
        """Fair faults: nothing queued, not away, no latency."""
        self.away = False
        self.loses_webhooks = False
        self.latency_seconds = self.links_late_seconds = 0.0
        self.links_late_status = 404
        for queue in (
            *(self._submits, self._polls, self._outcomes, self._downloads),
            *(self._captions, self._caption_outcomes, self._posts, self._entries),
        ):
            queue.clear()


def _take(queue: deque[_Fault]) -> _Fault | None:
    return queue.popleft() if queue else None


def _name(kind: str, faults: Iterable[StrEnum]) -> list[str]:
    return [f"{kind}: {fault.value}" for fault in faults]

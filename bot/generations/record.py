"""A generation as it is kept: one row, its state, and which state may follow which.

The row is the promise: it is on disk before Slack is answered, and every step first reads it,
so a step that runs twice does its work once.

    accepted ──> submitting ──> processing ──> finished ──> delivered
       │             │              ├──> failed
       │             │              └──> unknown
       │             ├──> accepted (429, or not reached: nothing was bought)
       │             ├──> refused
       │             └──> unknown
       ├──> refused
       └──> unknown (a backup was restored: it may have been paid since)

`submitting` is the window of the one paid POST: the intent is stored, the answer is not. Where an
answer comes after another process has settled it as unknown, the store's `revive` sets it to
processing: no way to paying leads from there either.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from bot.errors import Cause, Rejected, Transient
from bot.images.brief import Spread
from bot.images.chain import Chain, lines_of
from bot.images.request import ImageRequest
from bot.images.showing import Show
from bot.policy.choices import Choice
from bot.policy.presets import AppliedPreset
from bot.policy.terms import OverBudget, Terms


class State(StrEnum):
    """Where a generation stands. What was told to the person is `told_at`, apart from it."""

    ACCEPTED = "accepted"  # on disk; nothing was sent to PowerPost
    SUBMITTING = "submitting"  # the intent is on disk; the paid POST may have been sent
    PROCESSING = "processing"  # PowerPost has it, and it is paid
    FINISHED = "finished"  # PowerPost has ended with pictures; they are not in Slack yet
    # The pictures, or their links, are in the thread; until it is told, some links may be replaced.
    DELIVERED = "delivered"
    FAILED = "failed"  # PowerPost made nothing; the credits come back
    REFUSED = "refused"  # ended before anything was paid
    UNKNOWN = "unknown"  # paid or not, nobody can say; never sent again


MAY_BECOME: Final[dict[State, frozenset[State]]] = {
    State.ACCEPTED: frozenset({State.SUBMITTING, State.REFUSED, State.UNKNOWN}),
    State.SUBMITTING: frozenset(
        {State.ACCEPTED, State.PROCESSING, State.REFUSED, State.UNKNOWN},
    ),
    State.PROCESSING: frozenset({State.FINISHED, State.FAILED, State.UNKNOWN}),
    State.FINISHED: frozenset({State.DELIVERED}),
    State.DELIVERED: frozenset(),
    State.FAILED: frozenset(),
    State.REFUSED: frozenset(),
    State.UNKNOWN: frozenset(),
}

# PowerPost is asked, or will be: these take one of the places of those that run.
RUNNING: Final = frozenset({State.ACCEPTED, State.SUBMITTING, State.PROCESSING})
# It has ended, and nothing was made: no version of anything, and nothing is made from it.
NOTHING_MADE: Final = frozenset({State.REFUSED, State.FAILED})
# PowerPost has taken its credits.
PAID: Final = frozenset({State.PROCESSING, State.FINISHED, State.DELIVERED, State.FAILED})
# There is an outcome to tell.
TELLABLE: Final = frozenset(State) - RUNNING


# In place of the id of a person, or of their conversation with the bot, who had their data deleted.
FORGOTTEN: Final = "deleted"


class PictureState(StrEnum):
    """Where one picture stands."""

    FOUND = "found"  # PowerPost has made it
    UPLOADED = "uploaded"  # it is a file in Slack
    LINKED = "linked"  # it could not be brought to Slack: its link is shown instead


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a generation. `width` and `height` in pixels; `url` dies at `expires_at`."""

    position: int
    media_id: str
    url: str
    width: int | None
    height: int | None
    expires_at: datetime
    state: PictureState = PictureState.FOUND
    slack_file_id: str | None = None
    cause: Cause | None = None  # why it is LINKED
    alt_text: str | None = None  # what somebody has written; None: made from the prompt
    chosen_at: datetime | None = None  # a vote was closed with it as the winner

    def with_url(self, url: str) -> Picture:
        """The same picture behind a new signed link."""
        return replace(self, url=url)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Slack a request came from and its result goes. `response_url` lives for 30
    minutes; with `thread_ts` everything is said in that thread instead of the channel.

    What only its person shall see is made in their direct message with the bot. Then
    `for_channel_id` is where they asked: its rules, presets and budgets hold, and there (in the
    thread `for_thread_ts`, if any) it is shared unless they choose otherwise."""

    team_id: str
    channel_id: str
    user_id: str
    response_url: str | None = None
    thread_ts: str | None = None
    for_channel_id: str | None = None
    for_thread_ts: str | None = None

    @property
    def ruled_channel_id(self) -> str:
        """The conversation whose rules, presets and budgets hold."""
        return self.for_channel_id or self.channel_id

    @property
    def is_direct(self) -> bool:
        """Whether it is a direct message, by its id or (as long as nothing stands there) by the
        person's."""
        return self.channel_id.startswith("D") or self.channel_id == self.user_id

    @property
    def asked_at(self) -> tuple[str, str | None]:
        """Channel and thread in which its person waits for a private word."""
        if self.for_channel_id is not None and self.channel_id == self.user_id:
            return self.for_channel_id, self.for_thread_ts
        return self.channel_id, self.thread_ts

    def showing(self, show: Show) -> Place:
        """Where it is made to be shown like that: aside in a direct message, or back from there."""
        if show is Show.ME and not self.is_direct:
            return replace(
                self,
                channel_id=self.user_id,
                thread_ts=None,
                for_channel_id=self.channel_id,
                for_thread_ts=self.thread_ts,
            )
        if show is not Show.ME and self.for_channel_id is not None:
            return replace(
                self,
                channel_id=self.for_channel_id,
                thread_ts=self.for_thread_ts,
                for_channel_id=None,
                for_thread_ts=None,
            )
        return self


class SlackFile(BaseModel):
    """A file in Slack that a person chose as a reference picture."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    file_id: str
    name: str


class RefusedFile(BaseModel):
    """A file that cannot be a reference picture, and why. `file_id` is None for what has none."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    file_id: str | None
    name: str
    cause: Cause


class UnusableFiles(Rejected):
    """Some of the files that were to be reference pictures cannot be. Nothing was spent."""

    def __init__(self, files: Sequence[RefusedFile], *, request_id: str | None = None) -> None:
        names = ", ".join(file.name for file in files)
        super().__init__(files[0].cause, names, request_id=request_id)
        self.files = tuple(files)


class Sources(BaseModel):
    """What a request is made of beside PowerPost's fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    references: tuple[SlackFile, ...] = ()  # become style_images before anything is sent
    is_gathered: bool = False  # they have become style_images
    caption_title: str | None = None  # what the person saw of the chosen caption generation
    preset: AppliedPreset | None = None  # goes around the request when it is sent
    # PowerPost's workspace that its media and its caption are in, which is the one that it is made
    # in once it is accepted. None: the default one.
    powerpost_workspace: str | None = None

    @model_serializer(mode="wrap")
    def _leave_out_default(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The version before would pay for it in the default workspace: it must not know what to do
        with what is made in another, and only with that."""
        written: dict[str, Any] = write(self)
        if self.powerpost_workspace is None:
            written.pop("powerpost_workspace", None)
        return written

    def whole(self, request: ImageRequest) -> ImageRequest:
        """What PowerPost is asked for a person's own `request`: the preset goes around it."""
        return request if self.preset is None else self.preset.compose(request)


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a brief. `label` is what makes it different from the others ("red · story");
    `uses` are the places it is meant for, as they were named."""

    request: ImageRequest
    label: str
    uses: tuple[str, ...] = ()
    choice: Choice | None = None  # what of it was said; None: as of the whole
    sources: Sources | None = None  # None: those of the whole
    preset: str | None = None  # the name of the preset that it is made with
    campaign: str | None = None  # None: that of the whole


@dataclass(frozen=True, slots=True)
class NewGeneration:
    """A request that is about to be promised. `origin` is Slack's own id of the click or command:
    the same one delivered twice makes one generation.

    With `parts` it is a brief: one promise of several generations, of one person, in one place,
    under one price. `request` then has the prompt as it was typed, and nobody is asked for it."""

    id: str
    origin: str
    place: Place
    request: ImageRequest
    accepted_at: datetime
    sources: Sources = field(default_factory=Sources)
    parent_id: str | None = None  # the generation that this one was made from
    understood: str | None = None  # what was understood of the words it was asked for with
    preset: str | None = None  # the name of the preset that it is made with
    # Its name; "": none is wanted; None: none, or what the channel has where that is open (Choice).
    campaign: str | None = None
    approved_by: str | None = None  # who let it through though it was over budget
    terms: Terms | None = None  # None: nobody held it against a policy
    choice: Choice | None = None  # what of it was said; None: it is as it shall be
    show: Show = Show.THREAD
    chain: Chain | None = None  # how its prompt came to be
    parts: tuple[Part, ...] = ()
    # What a brief, or a list of one prompt, was asked for with.
    spread: Spread | None = None
    brief_id: str | None = None  # the brief that it is a part of, and which one: 1 for the first
    part: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it can be promised: a brief that is not too large, or no brief."""
        return self.spread is None or not self.spread.is_too_large

    def split(self) -> tuple[NewGeneration, ...]:
        """The generations that a brief promises; itself, if it is none."""
        if not self.parts:
            return (self,)
        return tuple(self._of(number, part) for number, part in enumerate(self.parts, 1))

    def _of(self, number: int, part: Part) -> NewGeneration:
        return replace(
            self,
            id=name_part(self.id, number),
            origin=f"{self.origin}#{number}",
            request=part.request,
            sources=part.sources or self.sources,
            preset=part.preset,
            campaign=self.campaign if part.campaign is None else part.campaign,
            choice=part.choice or self.choice,
            parts=(),
            spread=None,
            brief_id=self.id,
            part=number,
        )


def name_part(brief_id: str, number: int) -> str:
    """The generation's id of a part of a brief, counted from 1."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{brief_id}#{number}"))


class InDoubt(Transient):
    """Whether `new` is on disk cannot be said yet: the database took the COMMIT and did not answer.
    It is looked for until that is known; then the person is told."""

    def __init__(self, new: NewGeneration) -> None:
        super().__init__(Cause.STORAGE, "no answer to a COMMIT")
        self.new = new


@dataclass(frozen=True, slots=True)
class Pending:
    """The generations in one state whose outcome was not told yet."""

    state: str  # State's, or one of a newer version's
    count: int
    oldest_accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation as the store holds it. Times are UTC; credits are PowerPost's numbers."""

    id: str
    origin: str
    place: Place
    request: ImageRequest
    accepted_at: datetime
    state: State
    sources: Sources = field(default_factory=Sources)
    parent_id: str | None = None
    understood: str | None = None
    owner: str | None = None  # the process that works on it
    root_ts: str | None = None  # the root message in the channel
    result_ts: str | None = None  # the message with the pictures, in its thread
    result_channel_id: str | None = None  # elsewhere than `place` where that would not have it
    root_intended_at: datetime | None = None  # from here on the root message may be in Slack
    result_intended_at: datetime | None = None  # and from here on the result
    intent: str | None = None  # the nonce of the process that may send the paid POST
    intended_at: datetime | None = None
    tried_at: datetime | None = None  # it could not be paid for then for the first time
    image_generation_id: str | None = None
    submitted_at: datetime | None = None
    finished_at: datetime | None = None
    told_at: datetime | None = None  # the person knows the outcome: nothing is left to do
    deleted_at: datetime | None = None  # the message and its files were taken away
    deleted_by: str | None = None
    credits_used: float | None = None
    balance_before: float | None = None
    balance_after: float | None = None  # PowerPost's remaining_credits in the answer that charged
    balance_at_end: float | None = None  # asked for when the outcome was known
    cause: Cause | None = None
    upstream_message: str | None = None  # PowerPost's own words: untrusted
    upstream_prompt: str | None = None  # what it made the pictures from, if not what was sent
    request_id: str | None = None
    estimate: float | None = None  # credits that are held for it until PowerPost takes some
    over_budget: OverBudget | None = None  # why it was refused when it was to be paid for
    approved_by: str | None = None
    preset: str | None = None
    campaign: str | None = None
    chain: Chain | None = None
    refused_files: tuple[RefusedFile, ...] = ()  # why it was refused
    show: Show = Show.THREAD
    brief_id: str | None = None  # the brief that it is a part of, and which one
    part: int | None = None
    blanked_at: datetime | None = None  # what its person said, and its links, are not kept any more
    # PowerPost's workspace that it is made in, whatever its channel is set to since; None: the
    # default one.
    powerpost_workspace: str | None = None
    marks: str | None = None  # what people have said of it: "bad chosen good"
    pictures: tuple[Picture, ...] = field(default=())

    @property
    def whole_request(self) -> ImageRequest:
        """What PowerPost is asked. `request` is the person's own."""
        return self.sources.whole(self.request)

    @property
    def lines(self) -> tuple[str, ...]:
        """Its prompt, by what each version has added."""
        return lines_of(self.request.prompt, self.chain)

    @property
    def home_ts(self) -> str | None:
        """The `thread_ts` of the thread that everything about this is said in; None where it stands
        in the open, in a direct message: there nobody has to be spared it."""
        return self.place.thread_ts or (None if self.show is Show.ME else self.root_ts)

    @property
    def pictures_missing(self) -> int:
        """How many of the pictures that were asked for PowerPost did not make."""
        return max(0, self.request.quantity - len(self.pictures))

    @property
    def is_refund_due(self) -> bool:
        """Whether PowerPost gives credits back for it ("failed generations are refunded, partial
        ones partly": powerpost-neighbours.md, Credits)."""
        if self.state is State.FAILED:
            return True
        return self.state in (State.FINISHED, State.DELIVERED) and self.pictures_missing > 0

"""The moments at which the bot is killed, by the step that it is in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.generations.ports import Step
from tests.support.gates import Seen, When
from tests.support.process_environment import Side


class End(StrEnum):
    """What may have become of a generation."""

    PICTURES = "delivered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the bot's to a stand-in: part of its path, and of its body or its query."""

    name: str
    side: Side
    path: str
    body: str = ""

    def matches(self, seen: Seen) -> bool:
        """Whether `seen` is such a request."""
        return self.path in seen.path and (self.body in seen.body or self.body in seen.query)


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in a request of a step's the bot is killed, and what may become of it."""

    step: Step
    call: Call
    when: When
    ends: tuple[End, ...] = (End.PICTURES,)

    def __str__(self) -> str:
        return f"{self.step}: {self.call.name} {self.when}"


REFERENCE_DOWNLOAD = Call("a reference's download", "slack", "/files-pri/")
REFERENCE_UPLOAD = Call("a reference's upload", "powerpost", "/media/upload")
ROOT_POST = Call("the root post", "slack", "/chat.postMessage", '"root"')
BALANCE = Call("the balance", "powerpost", "/account/credits")
SUBMIT = Call("the paid POST", "powerpost", "/images/generate")
LOOK = Call("a look", "powerpost", "/images/generations/")
DOWNLOAD = Call("a download", "powerpost", "/storage/")
UPLOAD = Call("an upload", "slack", "/upload/")
COMPLETION = Call("an upload's completion", "slack", "/files.completeUploadExternal")
RESULT_POST = Call("the result post", "slack", "/chat.postMessage", '"result"')
LAST_EDIT = Call("the last edit", "slack", "/chat.update", "*Done*")

EITHER = (End.PICTURES, End.UNKNOWN)
UNKNOWN = (End.UNKNOWN,)

MOMENTS = (
    Moment(Step.GATHER, REFERENCE_DOWNLOAD, When.ARRIVES),
    Moment(Step.GATHER, REFERENCE_UPLOAD, When.IS_DONE),
    Moment(Step.ANNOUNCE, ROOT_POST, When.ARRIVES),
    Moment(Step.ANNOUNCE, ROOT_POST, When.IS_DONE),
    Moment(Step.ANNOUNCE, ROOT_POST, When.IS_ANSWERED),
    Moment(Step.INTEND, BALANCE, When.ARRIVES),
    Moment(Step.INTEND, BALANCE, When.IS_ANSWERED, EITHER),
    Moment(Step.SUBMIT, SUBMIT, When.ARRIVES, UNKNOWN),
    Moment(Step.SUBMIT, SUBMIT, When.IS_DONE, UNKNOWN),
    Moment(Step.SUBMIT, SUBMIT, When.IS_ANSWERED, EITHER),
    Moment(Step.WAIT, LOOK, When.ARRIVES),
    Moment(Step.WAIT, LOOK, When.IS_ANSWERED),
    Moment(Step.FETCH, DOWNLOAD, When.ARRIVES),
    Moment(Step.FETCH, UPLOAD, When.IS_DONE),
    Moment(Step.FETCH, COMPLETION, When.IS_ANSWERED),
    Moment(Step.TELL, RESULT_POST, When.ARRIVES),
    Moment(Step.TELL, RESULT_POST, When.IS_DONE),
    Moment(Step.TELL, RESULT_POST, When.IS_ANSWERED),
    Moment(Step.TELL, LAST_EDIT, When.IS_DONE),
)

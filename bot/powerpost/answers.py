"""Reading PowerPost's answers: a model, or one of our four errors. Pure.

The table (source: powerpost-neighbours.md, "Errors"; grouping: bot/errors.py):

    status        sent once (calls.py)              any other call
    2xx           the model; unreadable:            the model; unreadable:
                  OutcomeUnknown BROKEN_ANSWER      Transient BROKEN_ANSWER
    429           Transient RATE_LIMITED            Transient RATE_LIMITED
    408           OutcomeUnknown NO_ANSWER          Transient NO_ANSWER
    5xx           OutcomeUnknown SERVER_ERROR       Transient SERVER_ERROR
    401, 403      Misconfigured                     Misconfigured
    other 4xx     Rejected                          Rejected
    the rest      OutcomeUnknown BROKEN_ANSWER      Transient BROKEN_ANSWER

A 5xx to a paid call may have been charged, and so may whatever a redirect hides; a draft may have
been made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from bot.errors import (
    Cause,
    ImagineError,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Transient,
)
from bot.limits import clamp_wait
from bot.powerpost.calls import Call
from bot.powerpost.headers import (
    Headers,
    read_number,
    read_request_id,
    read_retry_after,
)
from bot.powerpost.wire import WireModel

W = TypeVar("W", bound=WireModel)

DETAIL_MAX_CHARACTERS = 500
# Shorter prompts are words that a message would hold anyway ("square"), and tell nothing.
PROMPT_HIDDEN_FROM_CHARACTERS = 8

# The fields of bodies that hold what people wrote.
_WORDS = ("prompt", "content", "title", "description")
_KEY = re.compile(r"pp_[a-z]+_sk_\w+")
_SCOPE = re.compile(r"\b(?:account|calendar|content|images|media|posts|webhooks):[a-z_]+\b")

_REFUSALS: dict[int, tuple[type[Rejected | Misconfigured], Cause]] = {
    401: (Misconfigured, Cause.INVALID_KEY),
    402: (Rejected, Cause.INSUFFICIENT_CREDITS),
    403: (Misconfigured, Cause.FORBIDDEN),
    404: (Rejected, Cause.NOT_FOUND),
    413: (Rejected, Cause.TOO_LARGE),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `received_at` is our clock in Unix seconds, used where `Date` is missing."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)
    received_at: float | None = None


class Failure(StrEnum):
    """How far a call came that got no answer at all."""

    NOT_SENT = "not_sent"  # no connection was made, so not a byte of it left
    LOST = "lost"  # anything later: PowerPost may have it


@dataclass(frozen=True, slots=True)
class _ErrorBody:
    """`{"error": {"message", "code", "retryAfter"}}`, or as much of it as is there."""

    message: str = ""
    code: str = ""
    retry_after: object = None
    scope: str = ""


def read_answer(call: Call[W], answer: Answer) -> W:
    """What `answer` says to `call`.

    Raises Rejected, Transient, OutcomeUnknown (of calls that are sent once) or Misconfigured by the
    table above, with PowerPost's own message as the detail, and never anything else.
    """
    if 200 <= answer.status < 300:
        return _read_value(call, answer)
    if 400 <= answer.status < 500 and answer.status not in {408, 429}:
        raise _read_refusal(call, answer)
    if answer.status == 429:
        raise _read_rate_limit(call, answer)
    if answer.status == 408:
        raise _make_lost(call, answer, Cause.NO_ANSWER, _detail(call, answer))
    is_server_error = 500 <= answer.status < 600
    cause = Cause.SERVER_ERROR if is_server_error else Cause.BROKEN_ANSWER
    raise _make_lost(call, answer, cause, _detail(call, answer))


def read_failure(call: Call[W], failure: Failure, detail: str = "") -> ImagineError:
    """The error for a call that got no answer. `detail` may name the exception's class."""
    if failure is Failure.NOT_SENT:
        return Transient(Cause.UNREACHABLE, detail)
    if call.is_sent_once:
        return OutcomeUnknown(Cause.NO_ANSWER, detail)
    return Transient(Cause.NO_ANSWER, detail)


def _read_value(call: Call[W], answer: Answer) -> W:
    try:
        value = call.reads.model_validate_json(answer.body)
        return value.model_copy(update={"request_id": read_request_id(answer.headers)})
    except ValidationError as error:
        # Field and kind only: the message could quote a prompt.
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        detail = f"{answer.status}, unreadable {call.reads.__name__} {where} {first['type']}"
    raise _make_lost(call, answer, Cause.BROKEN_ANSWER, detail[:DETAIL_MAX_CHARACTERS])


def _read_refusal(call: Call[W], answer: Answer) -> ImagineError:
    said = _read_error_body(answer.body)
    make, cause = _REFUSALS.get(answer.status, (Rejected, Cause.INVALID_REQUEST))
    detail = _detail(call, answer)
    if answer.status == 403 and said.code == "INSUFFICIENT_SCOPE":
        cause = Cause.INSUFFICIENT_SCOPE
        if said.scope not in detail:
            detail = f"{detail} ({said.scope})"
    return make(cause, detail, request_id=read_request_id(answer.headers))


def _read_rate_limit(call: Call[W], answer: Answer) -> Transient:
    """429: refused before anything was bought. `error.retryAfter` wins over the headers."""
    seconds = read_number(_read_error_body(answer.body).retry_after)
    if seconds is None:
        wait = read_retry_after(answer.headers, answer.received_at)
    else:
        wait = clamp_wait(seconds)
    return Transient(
        Cause.RATE_LIMITED,
        _detail(call, answer),
        request_id=read_request_id(answer.headers),
        retry_after_seconds=wait,
    )


def _make_lost(call: Call[W], answer: Answer, cause: Cause, detail: str) -> ImagineError:
    """Sent, and no usable answer: unknown where it may have cost something, else try again."""
    request_id = read_request_id(answer.headers)
    if call.is_sent_once:
        return OutcomeUnknown(cause, detail, request_id=request_id)
    return Transient(cause, detail, request_id=request_id)


def _read_error_body(body: bytes) -> _ErrorBody:
    try:
        parsed = from_json(body)
    except ValueError:
        return _ErrorBody()
    error = parsed.get("error") if isinstance(parsed, dict) else None
    if isinstance(error, str):
        return _ErrorBody(message=error)
    if not isinstance(error, dict):
        return _ErrorBody()
    message, code = error.get("message"), error.get("code")
    scope = _SCOPE.search(body.decode("utf-8", "replace"))
    return _ErrorBody(
        message=message if isinstance(message, str) else "",
        code=code if isinstance(code, str) else "",
        retry_after=error.get("retryAfter"),
        scope=scope.group() if scope else "",
    )


def _detail(call: Call[W], answer: Answer) -> str:
    """Status, code and message on one line, for the operator; no key and no prompt in it."""
    said = _read_error_body(answer.body)
    message = _KEY.sub("[key]", said.message)
    for words in find_words(call.json or {}):
        message = message.replace(words, "[prompt]")
    line = " ".join(f"{answer.status} {said.code} {message}".split())
    return line[:DETAIL_MAX_CHARACTERS]


def find_words(body: Mapping[str, object]) -> list[str]:
    """What a person has written in a body, the longest first. Pure."""
    items = body.get("items")
    parts = [body, *(each for each in (items if isinstance(items, list) else []) if each)]
    found = [
        text
        for part in parts
        for name in _WORDS
        if isinstance(text := part.get(name), str) and len(text) >= PROMPT_HIDDEN_FROM_CHARACTERS
    ]
    return sorted(found, key=len, reverse=True)

"""Building requests to PowerPost. Pure: a `Call` is a value, and `client.py` sends it.

Source: powerpost-images-api.txt and powerpost-neighbours.md. Paths are relative to the base URL
(`https://powerpost.ai/api/v1`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar
from urllib.parse import quote

from bot.errors import Cause, Rejected
from bot.images.request import ImageRequest
from bot.powerpost.wire import (
    CaptionGeneration,
    CaptionOrdered,
    CaptionPage,
    Credits,
    ImageGeneration,
    Media,
    PlannedEntry,
    PostDraft,
    Submitted,
    WireModel,
)

W_co = TypeVar("W_co", bound=WireModel, covariant=True)

ID_MAX_CHARACTERS = 255
FILE_NAME_MAX_CHARACTERS = 100
_NOT_IN_FILE_NAMES = re.compile(r"""["'`*/:<>?\\|;,&$!#%^~{}\[\]=+@＝＋－＠﹦﹢﹣﹫]+""")


class CallKind(StrEnum):
    """What a call is for: the limiter's classes, the log's and the metrics' name."""

    SUBMIT = "submit"
    POLL = "poll"
    CREDITS = "credits"
    UPLOAD = "upload"
    CAPTIONS = "captions"
    CAPTION = "caption"
    CAPTION_ORDER = "caption_order"
    DRAFT = "draft"
    POST = "post"
    PLAN = "plan"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class FilePart:
    """The `file` of a multipart body."""

    name: str
    content: bytes = field(repr=False)
    mime_type: str


@dataclass(frozen=True, slots=True)
class Call(Generic[W_co]):
    """One request, and the model that reads its answer. Its repr shows no prompt and no file."""

    kind: CallKind
    method: str
    path: str
    reads: type[W_co]
    params: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = None
    files: Mapping[str, FilePart] | None = None

    @property
    def is_paid(self) -> bool:
        """Whether sending it may spend credits."""
        return self.kind in (CallKind.SUBMIT, CallKind.CAPTION_ORDER)

    @property
    def is_sent_once(self) -> bool:
        """Whether it makes something, or spends. There is no idempotency key: never send twice."""
        return self.is_paid or self.kind in (CallKind.DRAFT, CallKind.PLAN)

    @property
    def needs_workspace(self) -> bool:
        """Whether it needs `X-Workspace-Id`: everything but the account's credits."""
        return self.kind is not CallKind.CREDITS


def submit_images(request: ImageRequest) -> Call[Submitted]:
    """`POST /images/generate`, the paid call, in the mode that the request's fields determine.

    Model, size and quantity are always said, so that a default that PowerPost changes cannot make
    other pictures than the person was shown. What was not asked for is absent, never null.
    """
    body: dict[str, object] = {}
    if request.prompt is not None and request.prompt.strip():
        body["prompt"] = _mend_text(request.prompt)
    body |= {"model": request.model.value, "size": request.size.value}
    body["quantity"] = request.quantity
    if request.enhance_prompt:
        body["enhance_prompt"] = True
    if request.style_images:
        body["style_images"] = [_mend_text(media_id) for media_id in request.style_images]
    if request.caption_id is not None:
        body["generation_id"] = _mend_text(request.caption_id)
    if request.source_post_type is not None:
        body["source_post_type"] = _mend_text(request.source_post_type)
    return Call(CallKind.SUBMIT, "POST", "/images/generate", Submitted, json=body)


def poll_generation(image_generation_id: str) -> Call[ImageGeneration]:
    """`GET /images/generations/{id}`. Rejected (not found) for what cannot be an id."""
    path = f"/images/generations/{_quote_id(image_generation_id)}"
    return Call(CallKind.POLL, "GET", path, ImageGeneration)


def read_credits() -> Call[Credits]:
    """`GET /account/credits`."""
    return Call(CallKind.CREDITS, "GET", "/account/credits", Credits)


def upload_media(name: str, content: bytes, mime_type: str) -> Call[Media]:
    """`POST /media/upload` of an image. The caller has checked type and size (10 MB)."""
    return Call(
        CallKind.UPLOAD,
        "POST",
        "/media/upload",
        Media,
        form={"type": "image"},
        files={"file": FilePart(_mend_file_name(name), content, mime_type)},
    )


def list_captions(
    cursor: str | None = None, limit: int = 20, status: str | None = None
) -> Call[CaptionPage]:
    """`GET /content/generations`. `limit` is held within PowerPost's 1-100."""
    params = {"limit": str(min(max(limit, 1), 100))}
    if cursor is not None:
        params["cursor"] = _mend_text(cursor)
    if status is not None:
        params["status"] = status
    return Call(CallKind.CAPTIONS, "GET", "/content/generations", CaptionPage, params=params)


def read_caption(generation_id: str) -> Call[CaptionGeneration]:
    """`GET /content/generations/{id}`. Rejected (not found) for what cannot be an id."""
    path = f"/content/generations/{_quote_id(generation_id)}"
    return Call(CallKind.CAPTION, "GET", path, CaptionGeneration)


def order_captions(
    post_types: Sequence[str], prompt: str, media_ids: Sequence[str]
) -> Call[CaptionOrdered]:
    """`POST /content/generate`, a paid call: captions for these post types and pictures."""
    body: dict[str, object] = {
        "post_types": list(post_types),
        "research_mode": "regular",
        "prompt": _mend_text(prompt),
        "media_ids": [_mend_text(each) for each in media_ids],
    }
    return Call(CallKind.CAPTION_ORDER, "POST", "/content/generate", CaptionOrdered, json=body)


def draft_post(
    items: Sequence[Mapping[str, object]], generation_id: str | None = None
) -> Call[PostDraft]:
    """`POST /posts`: a draft. Nothing here publishes anything."""
    body: dict[str, object] = {"items": [dict(each) for each in items]}
    if generation_id is not None:
        body["generation_id"] = _mend_text(generation_id)
    return Call(CallKind.DRAFT, "POST", "/posts", PostDraft, json=body)


def read_post(post_id: str) -> Call[PostDraft]:
    """`GET /posts/{id}`. Rejected (not found) for what cannot be an id."""
    return Call(CallKind.POST, "GET", f"/posts/{_quote_id(post_id)}", PostDraft)


def plan_entry(fields: Mapping[str, object]) -> Call[PlannedEntry]:
    """`POST /calendar/entries`."""
    return Call(CallKind.PLAN, "POST", "/calendar/entries", PlannedEntry, json=dict(fields))


def probe_publish(post_id: str) -> Call[WireModel]:
    """`POST /posts/{id}/publish` of a post that nobody has: may the key publish? It cannot: the id
    is one that was made up a moment ago, so the call is refused with 403 or 404."""
    return Call(CallKind.PROBE, "POST", f"/posts/{_quote_id(post_id)}/publish", WireModel, json={})


def probe_empty(path: str) -> Call[WireModel]:
    """A `POST` with an empty body to `/posts`, `/content/generate` or `/calendar/entries`, which
    lacks what is required and can only be refused."""
    return Call(CallKind.PROBE, "POST", path, WireModel, json={})


def probe_generate() -> Call[WireModel]:
    """`POST /images/generate` as it can only be refused: does the key have `images:generate`?

    It cannot be paid for. The specification refuses this body three times over with a 400: there
    is neither a prompt nor captions to take one from, no model has the size, and no pictures are
    asked for. So it is not of the kind SUBMIT, and what it is answered is never a purchase.
    """
    body: dict[str, object] = {"size": "doctor", "quantity": 0}
    return Call(CallKind.PROBE, "POST", "/images/generate", WireModel, json=body)


def probe_upload() -> Call[WireModel]:
    """`POST /media/upload` without a file, which can only be refused: `media:write`?"""
    return Call(CallKind.PROBE, "POST", "/media/upload", WireModel, form={"type": "image"})


def _mend_text(text: str) -> str:
    """Half an emoji (a lone surrogate, which JSON from Slack can hold) cannot be sent as UTF-8."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _mend_file_name(name: str) -> str:
    """A name that fits a header, a file system and a table: no path, nothing unseen, no sign that
    means something to a shell or a spreadsheet, never empty."""
    last = _mend_text(name).replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in last if character.isprintable())
    plain = _NOT_IN_FILE_NAMES.sub("_", printable)[-FILE_NAME_MAX_CHARACTERS:]
    return plain.lstrip(" .-_") or "picture"


def _quote_id(untrusted: str) -> str:
    """One path segment, whatever it holds.

    `.` and `..` would climb to another endpoint, and no quoting helps against that.
    """
    if untrusted in {"", ".", ".."} or len(untrusted) > ID_MAX_CHARACTERS:
        raise Rejected(Cause.NOT_FOUND, "this cannot be an id of PowerPost's")
    return quote(_mend_text(untrusted), safe="")

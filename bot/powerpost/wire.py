"""What PowerPost says: pydantic models of its answers.

Source: powerpost-images-api.txt ("Response", "Get Image Generation") and powerpost-neighbours.md.
Unknown fields are ignored. A field that the rest of the bot can do without is None where it is
missing or of the wrong type, so that a small change at PowerPost never loses a paid picture; a
field that nothing can be done without (an id, a status, a balance) makes the answer unreadable.
Prompts, captions and signed links are left out of every `repr`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

M = TypeVar("M", bound=BaseModel)


def _read_or_none(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _write_whole_as_int(value: Any) -> Any:
    """9.0 credits are 9 credits."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _assume_utc(value: Any) -> Any:
    is_naive = isinstance(value, datetime) and value.tzinfo is None
    return value.replace(tzinfo=UTC) if is_naive else value


def _read_id(value: Any) -> Any:
    """Ids are strings; a whole number is as readable."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _text_or_empty(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _keep_readable(model: type[M]) -> BeforeValidator:
    """Of a list, the items that `model` can read: one bad item must not lose the others."""

    def read_one(item: Any) -> M | None:
        try:
            return model.model_validate(item)
        except ValidationError:
            return None

    def read_all(value: Any) -> list[M]:
        items = value if isinstance(value, list) else []
        return [read for item in items if (read := read_one(item)) is not None]

    return BeforeValidator(read_all)


def _read_error(value: Any) -> Any:
    return {"message": value} if isinstance(value, str) else value


_OR_NONE = WrapValidator(_read_or_none)

Id = Annotated[
    str, BeforeValidator(_read_id), StringConstraints(strict=True, min_length=1, max_length=255)
]
Number = Annotated[
    Annotated[int, Strict()] | Annotated[float, Strict(), Field(allow_inf_nan=False)],
    AfterValidator(_write_whole_as_int),
]
# No database of ours holds more, and nobody has so much: it is a slip of PowerPost's.
_CREDITS_MAX = 10**12
Balance = Annotated[Number, Field(ge=-_CREDITS_MAX, le=_CREDITS_MAX)]
OptionalBalance = Annotated[Balance | None, _OR_NONE]
# A price below nothing would make room in budgets.
OptionalPrice = Annotated[Annotated[Number, Field(ge=0, le=_CREDITS_MAX)] | None, _OR_NONE]
OptionalCount = Annotated[Annotated[int, Field(ge=0)] | None, _OR_NONE]
OptionalText = Annotated[Annotated[str, Strict()] | None, _OR_NONE]
OptionalTime = Annotated[datetime | None, AfterValidator(_assume_utc), _OR_NONE]
Text = Annotated[str, BeforeValidator(_text_or_empty)]


class WireModel(BaseModel):
    """The root of PowerPost's models: frozen, tolerant of fields that we do not know."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    request_id: OptionalText = Field(default=None, exclude=True)
    """`X-Request-Id` of the answer, put there by answers.py: what support asks for."""


class Submitted(WireModel):
    """The answer to `POST /images/generate`: credits were spent, and this says on what.

    Readable as soon as its id is: everything else may be missing.
    """

    image_generation_id: Id
    """Unique ID to track this image generation."""
    status: Annotated[str, BeforeValidator(lambda said: _text_or_empty(said) or "processing")] = (
        "processing"
    )
    """Initial status (always `processing`)."""
    credits_used: OptionalPrice = None
    """Credits deducted: the only statement of a price that the API makes."""
    remaining_credits: OptionalBalance = None
    """The account's credit balance after the deduction."""
    status_url: OptionalText = None
    """Relative URL to poll. Not used: the id is enough, and a URL would have to be trusted."""


class Image(WireModel):
    """One generated picture."""

    media_id: Text = ""
    """Media ID for use in posts and `style_images`; empty where PowerPost left it out."""
    url: Annotated[str, StringConstraints(strict=True, min_length=1)] = Field(repr=False)
    """Full-resolution URL, signed, valid for 7 days. Not checked here: untrusted."""
    thumbnail_url: OptionalText = Field(default=None, repr=False)
    """Thumbnail URL (384 px)."""
    width: OptionalCount = None
    """Width in pixels."""
    height: OptionalCount = None
    """Height in pixels."""


class GenerationError(WireModel):
    """Why a generation failed, wholly or in part."""

    code: Text = ""
    """A code such as `PARTIAL_FAILURE`; empty where it is missing."""
    message: Text = ""
    """PowerPost's sentence for people; untrusted text, empty where it is missing."""


class ImageGeneration(WireModel):
    """The answer to `GET /images/generations/{id}`.

    A status that the specification does not have makes the answer unreadable (the caller polls
    again). An image without a URL is dropped: nothing can be done with it.
    """

    image_generation_id: Id
    """Unique image generation ID."""
    status: Literal["processing", "completed", "failed"]
    """`failed` with images is a partial result, without images a total failure."""
    prompt: OptionalText = Field(default=None, repr=False)
    """The input prompt, or the one derived from the captions."""
    size: OptionalText = None
    """Requested image size (`square`, `feed`, `portrait`, `landscape`)."""
    quantity: OptionalCount = None
    """Requested number of images."""
    created_at: OptionalTime = None
    """When it was submitted (aware; UTC where no zone is given)."""
    images: Annotated[list[Image], _keep_readable(Image)] = []
    """Generated images (only when completed or partial)."""
    error: Annotated[
        GenerationError | None, BeforeValidator(_read_error), WrapValidator(_read_or_none)
    ] = None
    """Error details (only when failed)."""


class Credits(WireModel):
    """The answer to `GET /account/credits`."""

    balance: Balance
    """Credits of the account, which all its workspaces share."""


class Media(WireModel):
    """The answer to `POST /media/upload`."""

    media_id: Id
    """What `style_images` takes."""
    type: OptionalText = None
    """`image` or `video`."""
    file_name: OptionalText = None
    """The name that was sent."""
    file_size: OptionalCount = None
    """Bytes."""
    mime_type: OptionalText = None
    """The type that PowerPost found."""
    created_at: OptionalTime = None
    """When it was uploaded."""


class VideoCaption(WireModel):
    """YouTube's caption, which has two parts."""

    title: Text = Field(default="", repr=False)
    """The video's title."""
    description: Text = Field(default="", repr=False)
    """The video's description."""


def _keep_readable_captions(value: Any) -> Any:
    """Platform -> caption, without those that are neither a string nor an object."""
    if not isinstance(value, dict):
        return {}
    return {
        platform: caption if isinstance(caption, str) else VideoCaption.model_validate(caption)
        for platform, caption in value.items()
        if isinstance(platform, str) and isinstance(caption, str | dict)
    }


def _keep_texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


class CaptionGeneration(WireModel):
    """One caption generation: of `GET /content/generations` (no outputs) or `…/{id}`."""

    generation_id: Id
    """What an image request's `generation_id` takes."""
    status: Text = ""
    """`pending`, `processing`, `completed` or `failed`."""
    prompt: OptionalText = Field(default=None, repr=False)
    """What the captions were asked for."""
    platforms: Annotated[list[str], BeforeValidator(_keep_texts)] = []
    """`instagram`, `tiktok`, `youtube`, `x`, `facebook`, `linkedin`."""
    research_mode: Annotated[str | bool | None, _OR_NONE] = None
    """PowerPost's own; not used."""
    credits_used: OptionalPrice = None
    """Credits that the captions cost."""
    created_at: OptionalTime = None
    """When they were asked for."""
    outputs: Annotated[dict[str, str | VideoCaption], BeforeValidator(_keep_readable_captions)] = (
        Field(default={}, repr=False)
    )
    """Platform -> caption, when completed and asked for by id; else empty."""


class CaptionPage(WireModel):
    """One page of `GET /content/generations`. Items that cannot be read are dropped."""

    data: Annotated[list[CaptionGeneration], _keep_readable(CaptionGeneration)]
    """The generations of this page."""
    next_cursor: OptionalText = None
    """What the next call's `cursor` takes."""
    has_more: Annotated[bool, BeforeValidator(lambda said: said is True)] = False
    """Whether there is a next page."""


class CaptionOrdered(WireModel):
    """The answer to `POST /content/generate`: credits were spent, and this says on what."""

    generation_id: Id
    """What `GET /content/generations/{id}` takes."""
    credits_used: OptionalPrice = None
    """Credits deducted."""
    remaining_credits: OptionalBalance = None
    """The account's credit balance after the deduction."""


class DraftItem(WireModel):
    """One post type of a post."""

    post_type: Text = ""
    """As it was asked for."""
    status: Text = ""
    """`draft`, `posting`, `posted` or `failed`."""


class PostDraft(WireModel):
    """The answer to `POST /posts` and `GET /posts/{id}`."""

    post_id: Id
    """PowerPost's id."""
    status: Text = ""
    """`draft`, `publishing`, `published` or `failed`."""
    items: Annotated[list[DraftItem], _keep_readable(DraftItem)] = []
    """Its post types."""


class PlannedEntry(WireModel):
    """The answer to `POST /calendar/entries`, whose shape is not known: any 2xx is a yes."""

    entry_id: Annotated[
        Id | None,
        Field(validation_alias=AliasChoices("entry_id", "id", "calendar_entry_id")),
        _OR_NONE,
    ] = None
    """PowerPost's id, if it says one."""

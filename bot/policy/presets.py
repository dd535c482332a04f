"""Presets: what a team has agreed on for its pictures, by name; and one's own defaults. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from bot.images.catalogue import QUANTITY_MAX, STYLE_IMAGES_MAX, Model, Size
from bot.images.request import ImageRequest
from bot.images.showing import Show

NAME_MAX: Final = 30
AFFIX_MAX: Final = 600  # characters of a prefix or suffix; the whole prompt has its own limit
PRESETS_MAX: Final = 90
OWN_PRESETS_MAX: Final = 20  # of one person
OFFERED_MAX: Final = 99  # a select takes 100 options, one of which is none
_ENDS: Final = tuple(".,;:!?…。！？，；：、")


class StoredReference(BaseModel):
    """A reference picture that PowerPost has already (`media_id`, in one of its workspaces; None:
    the default one), with its file in Slack."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    media_id: str
    name: str
    file_id: str | None = None
    powerpost_workspace: str | None = None


class Preset(BaseModel):
    """A named way to make pictures. `channel_id` None: for the whole workspace. What is None is
    not its business. Locked, its options cannot be chosen otherwise; else they are defaults."""

    # A later version may keep more here; this one still works with what it knows.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1, max_length=NAME_MAX)]
    channel_id: str | None = None
    prefix: Annotated[str, Field(max_length=AFFIX_MAX)] = ""
    suffix: Annotated[str, Field(max_length=AFFIX_MAX)] = ""
    model: Model | None = None
    size: Size | None = None
    quantity: Annotated[int, Field(ge=1, le=QUANTITY_MAX)] | None = None
    enhance_prompt: bool | None = None
    references: Annotated[tuple[StoredReference, ...], Field(max_length=STYLE_IMAGES_MAX)] = ()
    is_locked: bool = False


class AppliedPreset(BaseModel):
    """What a preset adds to a request: kept beside the person's own words, so that neither those
    nor what is made from them ever has it twice. As it was when the request was promised."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    name: str
    prefix: str = ""
    suffix: str = ""
    style_images: tuple[str, ...] = ()
    # The same pictures with their files and where PowerPost has them: made in another workspace,
    # they are brought there first, and until then there are no `style_images`. Not written where
    # all of it is the default one, which is all that the version before knows.
    references: tuple[StoredReference, ...] = ()

    @classmethod
    def of(cls, preset: Preset) -> AppliedPreset:
        """What `preset` adds now."""
        return cls(
            name=preset.name,
            prefix=preset.prefix,
            suffix=preset.suffix,
            style_images=tuple(reference.media_id for reference in preset.references),
        ).with_files_of(preset)

    def with_files_of(self, preset: Preset | None) -> AppliedPreset:
        """The same with the files of `preset`, if they are those of all of its pictures."""
        known = {each.media_id: each for each in preset.references} if preset else {}
        if self.references or not all(each in known for each in self.style_images):
            return self
        references = tuple(known[each] for each in self.style_images)
        return self.model_copy(update={"references": references})

    @model_serializer(mode="wrap")
    def _leave_out_files(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        if not self.is_to_be_brought and self.is_in(None):
            written.pop("references", None)
        return written

    @property
    def is_to_be_brought(self) -> bool:
        """Whether its pictures are not where it is made yet."""
        return bool(self.references) and not self.style_images

    def is_in(self, workspace_id: str | None) -> bool:
        """Whether that workspace of PowerPost's has all of its pictures."""
        if not self.references:
            return workspace_id is None or not self.style_images
        return all(each.powerpost_workspace == workspace_id for each in self.references)

    def to_bring(self, *, afresh: bool = False) -> AppliedPreset:
        """The same, whose pictures are brought to PowerPost before it is made; `afresh`: also
        those that it had there."""
        references = self.references
        if afresh:
            nowhere = {"powerpost_workspace": ""}
            references = tuple(each.model_copy(update=nowhere) for each in references)
        return self.model_copy(update={"style_images": (), "references": references})

    def brought(self, references: tuple[StoredReference, ...]) -> AppliedPreset:
        """The same, whose pictures PowerPost has now like that."""
        media_ids = tuple(each.media_id for each in references)
        return self.model_copy(update={"style_images": media_ids, "references": references})

    def compose(self, request: ImageRequest) -> ImageRequest:
        """What PowerPost is asked: the person's `request` with all that the preset adds."""
        prompt = join_prompt(self.prefix, request.prompt or "", self.suffix)
        pictures = dict.fromkeys((*request.style_images, *self.style_images))
        return request.model_copy(
            update={"prompt": prompt or None, "style_images": tuple(pictures)}
        )


def join_prompt(prefix: str, prompt: str, suffix: str) -> str:
    """The three as one text: the prefix before a space; the suffix after what its beginning and
    the prompt's end ask for: nothing before a comma, a space after a full stop, a full stop before
    a capital, else a comma."""
    before = " ".join(part for part in (prefix.strip(), prompt.strip()) if part)
    after = suffix.strip()
    if not before or not after:
        return before or after
    if after.startswith(_ENDS):
        return before + after
    if before.endswith(_ENDS):
        return f"{before} {after}"
    return f"{before}. {after}" if after[0].isupper() else f"{before}, {after}"


class Defaults(BaseModel):
    """What one person's requests are where they do not say. None: as for everyone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: Model | None = None
    size: Size | None = None
    quantity: Annotated[int, Field(ge=1, le=QUANTITY_MAX)] | None = None
    enhance_prompt: bool | None = None
    preset: str | None = None
    show: Show | None = None
    # Ask before anything is made that will probably take more credits than this; None: never.
    ask_above: Annotated[float, Field(ge=0, le=1_000_000)] | None = None

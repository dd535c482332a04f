"""What the form holds, apart from how it looks: read from Slack's `view.state`, kept as a draft,
turned into a request. Pure.

Source of the shapes: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.generations.record import Generation, SlackFile, Sources
from bot.images.catalogue import DEFAULT_MODEL, DEFAULT_SIZE, MODELS, Model, Size
from bot.images.request import ImageRequest
from bot.slack.ids import Field

_E = TypeVar("_E", bound=StrEnum)
ALL_CAPTIONS: Final = "all"
_FILE_PREFIX: Final = "file:"
_MEDIA_PREFIX: Final = "media:"


class Destination(StrEnum):
    """Where the pictures go."""

    HERE = "here"  # where the form was opened
    CHANNEL = "channel"  # another conversation
    ME = "me"  # a direct message


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Reference(_Frozen):
    """A reference picture that the form has already: a file in Slack, or media at PowerPost."""

    key: str  # "file:F123" or "media:uuid"
    name: str

    @classmethod
    def of_file(cls, file_id: str, name: str) -> Reference:
        """A file in Slack."""
        return cls(key=_FILE_PREFIX + file_id, name=name)

    @classmethod
    def of_media(cls, media_id: str, name: str) -> Reference:
        """A picture that PowerPost has."""
        return cls(key=_MEDIA_PREFIX + media_id, name=name)


class FormContext(_Frozen):
    """What the form must remember beside its fields: the modal's `private_metadata`."""

    channel_id: str | None = None
    thread_ts: str | None = None
    offered: tuple[Reference, ...] = ()  # references that may be kept, beside picked files
    parent_id: str | None = None
    is_restored: bool = False  # it shows a draft
    round: int = 0  # how often it was emptied: fields with other ids are empty again

    def block_id(self, field: Field, *reset_by: str) -> str:
        """The `block_id` of a field; `reset_by` are values whose change empties it."""
        parts = [field.value, *reset_by]
        return ":".join([*parts, str(self.round)] if self.round else parts)


class FormValues(_Frozen):
    """Everything that a person can choose. Defaults are the specification's."""

    prompt: str = ""
    model: Model = DEFAULT_MODEL
    size: Size = DEFAULT_SIZE
    quantity: int = 1
    enhance_prompt: bool = False
    caption_id: str | None = None
    caption_title: str | None = None
    source_post_type: str | None = None
    destination: Destination = Destination.HERE
    channel_id: str | None = None
    kept: tuple[Reference, ...] = ()
    files: tuple[SlackFile, ...] = ()

    def with_model(self, model: Model) -> FormValues:
        """The same with another model; a size that it lacks falls back to the default."""
        size = self.size if self.size in MODELS[model].dimensions else DEFAULT_SIZE
        return self.model_copy(update={"model": model, "size": size})

    def to_request(self) -> ImageRequest:
        """What PowerPost would be asked, but for files that are not uploaded there yet."""
        return ImageRequest(
            prompt=self.prompt.strip() or None,
            model=self.model,
            size=self.size,
            quantity=self.quantity,
            enhance_prompt=self.enhance_prompt,
            style_images=tuple(
                kept.key.removeprefix(_MEDIA_PREFIX)
                for kept in self.kept
                if kept.key.startswith(_MEDIA_PREFIX)
            ),
            generation_id=self.caption_id,
            source_post_type=self.source_post_type,
        )

    def to_sources(self) -> Sources:
        """The files that have to become style images, and the caption's title."""
        kept = tuple(
            SlackFile(file_id=kept.key.removeprefix(_FILE_PREFIX), name=kept.name)
            for kept in self.kept
            if kept.key.startswith(_FILE_PREFIX)
        )
        return Sources(references=kept + self.files, caption_title=self.caption_title)

    @property
    def references(self) -> tuple[Reference, ...]:
        """All reference pictures, so that a form that is opened again can offer them."""
        picked = tuple(Reference.of_file(file.file_id, file.name) for file in self.files)
        return self.kept + picked


class PickedFile(_Frozen):
    """A file of a `file_input`, as Slack describes it in `view.state`; untrusted."""

    id: str
    name: str = "file"
    mimetype: str = ""
    size: int = 0


def values_of(generation: Generation) -> FormValues:
    """The form filled with everything that `generation` was made of."""
    request, sources = generation.request, generation.sources
    names = [file.name for file in sources.references] if sources.is_gathered else []
    media_names = [f"Reference {n}" for n in range(1, len(request.style_images) + 1)]
    if names:
        media_names[-len(names) :] = names
    kept = [
        Reference.of_media(media_id, name)
        for media_id, name in zip(request.style_images, media_names, strict=True)
    ]
    if not sources.is_gathered:
        kept += [Reference.of_file(file.file_id, file.name) for file in sources.references]
    return FormValues(
        prompt=request.prompt or "",
        model=request.model,
        size=request.size,
        quantity=request.quantity,
        enhance_prompt=request.enhance_prompt,
        caption_id=request.generation_id,
        caption_title=sources.caption_title,
        source_post_type=request.source_post_type,
        kept=tuple(kept),
    )


def read_context(private_metadata: str | None) -> FormContext:
    """The context that was put into the modal; an empty one where it cannot be read."""
    try:
        return FormContext.model_validate_json(private_metadata or "{}")
    except ValidationError:
        return FormContext()


def read_values(state: Mapping[str, Any], context: FormContext) -> FormValues:
    """What the form holds now, from `view.state`. What cannot be read is as if not filled in."""
    fields = dict(_fields(state))
    model = _member(Model, _option(fields, Field.MODEL)) or DEFAULT_MODEL
    caption = _element(fields, Field.CAPTION).get("selected_option") or {}
    source = _option(fields, Field.SOURCE)
    kept = {option.get("value") for option in _options(fields, Field.KEPT)}
    quantity = _option(fields, Field.QUANTITY) or "1"
    return FormValues(
        prompt=str(_element(fields, Field.PROMPT).get("value") or ""),
        model=model,
        size=_member(Size, _option(fields, Field.SIZE)) or DEFAULT_SIZE,
        quantity=int(quantity) if quantity.isascii() and quantity.isdigit() else 1,
        enhance_prompt=bool(_options(fields, Field.ENHANCE)),
        caption_id=caption.get("value"),
        caption_title=(caption.get("text") or {}).get("text"),
        source_post_type=None if source in (None, ALL_CAPTIONS) else source,
        destination=_member(Destination, _option(fields, Field.DESTINATION)) or Destination.HERE,
        channel_id=_element(fields, Field.CHANNEL).get("selected_conversation"),
        kept=tuple(reference for reference in context.offered if reference.key in kept),
        files=tuple(SlackFile(file_id=f.id, name=f.name) for f in read_files(state)),
    )


def read_files(state: Mapping[str, Any]) -> list[PickedFile]:
    """The files that were picked, as Slack describes them: a list, [], null or nothing at all."""
    picked = []
    for file in _element(dict(_fields(state)), Field.FILES).get("files") or []:
        try:
            picked.append(PickedFile.model_validate(file))
        except ValidationError:
            continue
    return picked


def block_ids(state: Mapping[str, Any]) -> dict[str, str]:
    """Field -> the `block_id` that it has in this form: where its error has to be shown."""
    return {
        action_id: str(block_id)
        for block_id, elements in (state.get("values") or {}).items()
        for action_id in elements
    }


def _fields(state: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for elements in (state.get("values") or {}).values():
        yield from elements.items()


def _element(fields: Mapping[str, Mapping[str, Any]], field: Field) -> Mapping[str, Any]:
    return fields.get(field.value) or {}


def _option(fields: Mapping[str, Mapping[str, Any]], field: Field) -> str | None:
    chosen = _element(fields, field).get("selected_option") or {}
    value = chosen.get("value")
    return None if value is None else str(value)


def _options(fields: Mapping[str, Mapping[str, Any]], field: Field) -> list[Mapping[str, Any]]:
    return list(_element(fields, field).get("selected_options") or [])


def _member(kind: type[_E], value: str | None) -> _E | None:
    return kind(value) if value is not None and value in set(kind) else None

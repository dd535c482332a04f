"""What the form holds, apart from how it looks: read from Slack's `view.state`, kept as a draft,
turned into a request. Pure.

Source of the shapes: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict

from bot.generations.record import Generation, SlackFile, Sources
from bot.images.brief import Row, Spread, distinct_names
from bot.images.campaigns import CAMPAIGN_MAX, read_campaign
from bot.images.catalogue import (
    DEFAULT_MODEL,
    DEFAULT_SIZE,
    MODELS,
    PROMPT_MAX_CHARACTERS,
    STYLE_IMAGES_MAX,
    Model,
    Size,
)
from bot.images.chain import join_lines
from bot.images.names import find_use
from bot.images.request import ImageRequest
from bot.images.showing import Show
from bot.images.typed import clean
from bot.images.variants import escape, unescape
from bot.policy.presets import join_prompt
from bot.slack.kit.emoji import replace_names
from bot.slack.kit.ids import Field, Strength
from bot.slack.kit.lineage import as_asked, as_base
from bot.slack.kit.modals import Metadata, ViewState, as_mapping, as_text, read_files
from bot.slack.kit.searches import REFUSED_OPTION
from bot.slack.kit.text import shorten

_E = TypeVar("_E", bound=StrEnum)
ALL_CAPTIONS: Final = "all"
NO_PRESET: Final = "none"
PRESET_PREFIX: Final = "preset:"
# PowerPost takes no strength of a reference picture: the prompt says it.
STRENGTH_SENTENCES: Final = {
    Strength.CLOSE: "Stay close to the reference picture: the same subject, composition and style.",
    Strength.LOOSELY: "Take only the mood of the reference picture, loosely.",
}
_FILE_PREFIX: Final = "file:"
_MEDIA_PREFIX: Final = "media:"
# Four times this, beside the rest, stays below the 3,000 characters of `private_metadata`.
_NAME_MAX: Final = 80
_ID_MAX: Final = 200  # of the 255 characters of a `block_id`
# What a form of ours can hold, and no more is read: it is kept as a draft, for each person.
_OPTIONS_MAX: Final = 100
# So many can be ticked (slack-facts.md), and so much of them stands in `private_metadata`.
_LINES_MAX: Final = 10
_LINES_CHARACTERS: Final = 700
_SAID_MAX: Final = 600  # of the 3,000 characters of `private_metadata`, with four names
# What rules and presets may leave other options of.
_RULED: Final = frozenset({Field.MODEL, Field.SIZE, Field.QUANTITY, Field.ENHANCE})
# What is in one of PowerPost's workspaces: in another there are others.
_OF_WORKSPACE: Final = frozenset({Field.CAPTION, Field.KEPT, Field.PICTURES})


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
    file_id: str | None = None  # of the file in Slack that shows it, if there is one

    @classmethod
    def of_file(cls, file_id: str, name: str) -> Reference:
        """A file in Slack."""
        return cls(key=_FILE_PREFIX + file_id, name=name[:_NAME_MAX], file_id=file_id)

    def brought(self) -> Reference | None:
        """The same as a file, which can be brought to another of PowerPost's workspaces; None if
        there is none."""
        if self.key.startswith(_FILE_PREFIX):
            return self
        return Reference.of_file(self.file_id, self.name) if self.file_id else None

    def as_file(self) -> SlackFile:
        """The file in Slack that it is."""
        return SlackFile(file_id=self.key.removeprefix(_FILE_PREFIX), name=self.name)

    @classmethod
    def of_media(cls, media_id: str, name: str, file_id: str | None = None) -> Reference:
        """A picture that PowerPost has."""
        return cls(key=_MEDIA_PREFIX + media_id, name=name[:_NAME_MAX], file_id=file_id)


def distinct(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Each picture once: Slack takes no two options of one value."""
    return tuple({reference.key: reference for reference in references}.values())


def bring(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Those that can be brought to another of PowerPost's workspaces, as files."""
    return distinct(moved for each in references if (moved := each.brought()) is not None)


class Misfit(StrEnum):
    """What is made where a model lacks a size; another model is named by its id."""

    ASK = "ask"
    NEAREST = "nearest"


class FormStart(_Frozen):
    """What the version that is edited was made with, to tell what was changed of it."""

    words: str = ""  # a digest of the first words and the caption
    references: str = ""  # a digest of those
    model: Model = DEFAULT_MODEL
    size: Size = DEFAULT_SIZE
    quantity: int = 1
    enhance_prompt: bool = False


class FormContext(Metadata):
    """What the form must remember beside its fields: the modal's `private_metadata`."""

    channel_id: str | None = None
    thread_ts: str | None = None
    offered: tuple[Reference, ...] = ()  # references that may be kept, beside picked files
    parent_id: str | None = None
    is_preview: bool = False  # in that conversation nobody else sees what is made
    for_channel_id: str | None = None  # and this is where it was asked for
    for_thread_ts: str | None = None
    show: Show | None = None  # what it has chosen by itself: another one is another field
    campaign: str | None = None  # the same; "" for none
    is_restored: bool = False  # it shows a draft
    said: str = ""  # what was left out when it was filled; plain text
    wanted_size: Size | None = None  # it was chosen, and the model that was chosen then lacks it
    proposals: int = 0  # of sizes, by captions: each is another field, or Slack would keep the last
    filled: str = ""  # the fingerprint of what it was filled with, which nobody has typed
    round: int = 0  # how often it was emptied: fields with other ids are empty again
    mark: str = ""  # of what may be chosen in it: other options are other fields
    lines: tuple[str, ...] = ()  # what versions have added to the prompt, and may be struck
    pictures: tuple[Reference, ...] = ()  # of the version before, which may be kept
    start: FormStart | None = None  # None where nothing is edited
    list_file: Reference | None = None  # a list that was picked before, and may be kept
    faults: str = ""  # what is wrong with rows of it; plain text
    # PowerPost's workspace (None: the default one) whose captions and media it has.
    powerpost_workspace: str | None = None
    counted: int = 0  # the pictures of a brief whose price it has shown

    def saying(self, *sentences: str) -> FormContext:
        """The same, which says these, too."""
        said = " ".join(each for each in (self.said, *sentences) if each)
        return self.model_copy(update={"said": shorten(said, _SAID_MAX)})

    def source_block_id(self, caption_id: str) -> str:
        """The `block_id` of the platforms of a caption: another one's are another field."""
        return self.block_id(Field.SOURCE, caption_id[:_ID_MAX])

    def size_block_id(self, model: Model) -> str:
        """The `block_id` of the sizes of a model."""
        proposed = [str(self.proposals)] if self.proposals else []
        return self.block_id(Field.SIZE, model, *proposed)

    def block_id(self, field: Field, *reset_by: str) -> str:
        """The `block_id` of a field; `reset_by` are values whose change empties it."""
        parts = [field.value, *reset_by]
        if self.mark and field in _RULED:
            parts.append(self.mark)
        if self.powerpost_workspace and field in _OF_WORKSPACE:
            parts.append(self.powerpost_workspace[:_ID_MAX])
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
    preset: str | None = None
    show: Show | None = None  # None: as it is set where it goes
    campaign: str | None = None  # so with this; "" for none
    lines: tuple[str, ...] = ()  # those that were not struck: they follow the prompt
    pictures: tuple[Reference, ...] = ()  # those of the version before that are kept
    is_several: bool = False  # several sizes, models or prompts; then `model` and `size` are first
    is_one_a_line: bool = False
    models: tuple[Model, ...] = ()
    sizes: tuple[str, ...] = ()  # as they were named
    uses: tuple[str, ...] = ()
    misfit: str = Misfit.ASK
    list_file: Reference | None = None
    leaves_out: bool = False  # rows of the list that are wrong
    powerpost_workspace: str | None = None  # where its caption and its media are

    @property
    def whole_prompt(self) -> str:
        """The prompt, which is a template (bot/images/variants.py), with its lines."""
        lines = map(escape, self.lines)
        return join_lines([each for each in (self.prompt.strip(), *lines) if each])

    def to_spread(self, rows: tuple[Row, ...] = ()) -> Spread:
        """What there are several of, with the rows of a list."""
        if not self.is_several:
            return Spread()
        lines = tuple(map(escape, self.lines))
        if lines:
            rows = tuple(
                row.model_copy(update={"prompt": join_lines((row.prompt, *lines))}) for row in rows
            )
        file = self.list_file
        return Spread(
            models=self.models,
            sizes=self.sizes,
            uses=self.uses,
            substitute=_member(Model, self.misfit),
            rows=rows,
            file_id=file.key.removeprefix(_FILE_PREFIX) if file else "",
            file_name=file.name if file else "",
        )

    def with_several(self, is_several: bool) -> FormValues:
        """The same with fields for several of each, or for one."""
        if is_several == self.is_several:
            return self
        if not is_several:
            return self.model_copy(update={"is_several": False, "models": (), "sizes": ()})
        several = {"is_several": True, "models": (self.model,), "sizes": (self.size.value,)}
        return self.model_copy(update=several)

    def with_firsts(self) -> FormValues:
        """With model and size as the first of several."""
        if not self.is_several:
            return self
        model = next(iter(self.models), self.model)
        shape = find_use(next(iter((*self.sizes, *self.uses)), ""))
        size = shape.fit(model)[0] if shape is not None else self.size
        return self.model_copy(update={"model": model, "size": size})

    @property
    def is_blank(self) -> bool:
        """Whether nothing was chosen; where it would go does not count."""
        anywhere = {"destination": Destination.HERE, "channel_id": None, "show": None}
        anywhere |= {"campaign": None, "powerpost_workspace": None}
        return self.model_copy(update=anywhere) == FormValues()

    @property
    def fingerprint(self) -> str:
        """The same for forms that ask for the same."""
        asked = (
            self.whole_prompt,
            self.model.value,
            self.size.value,
            self.quantity,
            self.enhance_prompt,
            self.caption_id,
            self.source_post_type,
            sorted(reference.key for reference in self.references + self.fitting_pictures),
            self.preset,
            self.to_spread() if self.is_several else None,
            self.is_one_a_line,
        )
        return hashlib.sha256(repr(asked).encode("utf-8", "replace")).hexdigest()[:16]

    def moved_to(self, workspace_id: str | None) -> FormValues:
        """The same in another of PowerPost's workspaces: without its caption, and with its pictures
        as files, as far as they are in Slack."""
        if workspace_id == self.powerpost_workspace:
            return self
        return self.model_copy(
            update={
                "powerpost_workspace": workspace_id,
                "caption_id": None,
                "caption_title": None,
                "source_post_type": None,
                "kept": bring(self.kept),
                "pictures": bring(self.pictures),
            }
        )

    def without_files(self, file_ids: Collection[str]) -> FormValues:
        """The same without these files of Slack's."""
        keys = {_FILE_PREFIX + file_id for file_id in file_ids}
        kept = tuple(each for each in self.kept if each.key not in keys)
        files = tuple(each for each in self.files if each.file_id not in file_ids)
        return self.model_copy(update={"kept": kept, "files": files})

    def with_model(self, model: Model) -> FormValues:
        """The same with another model; a size that it lacks falls back to the default."""
        size = self.size if self.size in MODELS[model].dimensions else DEFAULT_SIZE
        return self.model_copy(update={"model": model, "size": size})

    def to_request(self) -> ImageRequest:
        """What PowerPost would be asked, but for files that are not uploaded there yet."""
        return ImageRequest(
            prompt=unescape(self.whole_prompt) or None,
            model=self.model,
            size=self.size,
            quantity=self.quantity,
            enhance_prompt=self.enhance_prompt,
            style_images=tuple(
                kept.key.removeprefix(_MEDIA_PREFIX)
                for kept in distinct(self.kept + self.fitting_pictures)
                if kept.key.startswith(_MEDIA_PREFIX)
            ),
            caption_id=self.caption_id,
            source_post_type=self.source_post_type,
        )

    def to_sources(self) -> Sources:
        """The files that have to become style images, and the caption's title."""
        kept = tuple(
            kept.as_file()
            for kept in distinct(self.kept + self.fitting_pictures)
            if kept.key.startswith(_FILE_PREFIX)
        )
        return Sources(
            references=kept + self.files,
            caption_title=self.caption_title,
            powerpost_workspace=self.powerpost_workspace,
        )

    @property
    def references(self) -> tuple[Reference, ...]:
        """All reference pictures, so that a form that is opened again can offer them."""
        picked = tuple(Reference.of_file(file.file_id, file.name) for file in self.files)
        return distinct(self.kept + picked)

    @property
    def fitting_pictures(self) -> tuple[Reference, ...]:
        """Those of `pictures` that there is room for beside the references: nobody has to choose
        them, so they give way."""
        return self.pictures[: max(0, STYLE_IMAGES_MAX - len(self.references))]


def values_of(generation: Generation) -> FormValues:
    """The form filled with everything that `generation` was made of."""
    made_of = as_base(as_asked(generation))
    values = with_lines(
        values_from(made_of.request, made_of.sources, generation.preset), made_of.lines
    )
    values = values.model_copy(update={"campaign": generation.campaign or ""})
    # What it was refused for would only be refused again.
    return values.without_files([str(file.file_id) for file in generation.refused_files])


def with_lines(values: FormValues, lines: tuple[str, ...]) -> FormValues:
    """`values`, whose prompt is made of `lines`, with as many of the last ones as can be offered
    apart."""
    first = len(lines)
    while first > 1 and len(lines) - first < _LINES_MAX:
        if sum(len(line) for line in lines[first - 1 :]) > _LINES_CHARACTERS:
            break
        first -= 1
    prompt = escape(join_lines(lines[:first]))
    return values.model_copy(update={"prompt": prompt, "lines": lines[first:]})


def values_like(
    generation: Generation, position: int, strength: Strength = Strength.OPEN
) -> FormValues:
    """The form with one picture as its only reference, and its prompt, which says how close to it;
    not if PowerPost would not take so long a prompt."""
    picture = next(p for p in generation.pictures if p.position == position)
    name = f"Picture {position}"
    kept = (Reference.of_media(picture.media_id, name, picture.slack_file_id),)
    values = values_of(generation)
    prompt = _say_strength(values.prompt, strength)
    return values.model_copy(update={"kept": kept, "prompt": prompt})


def _say_strength(prompt: str, strength: Strength) -> str:
    """`prompt` with the sentence for `strength`, instead of an earlier one."""
    for sentence in STRENGTH_SENTENCES.values():
        prompt = prompt.removesuffix(sentence).rstrip()
    said = join_prompt("", prompt, STRENGTH_SENTENCES.get(strength, ""))
    return said if len(said) <= PROMPT_MAX_CHARACTERS else prompt


def values_from(request: ImageRequest, sources: Sources, preset: str | None) -> FormValues:
    """The form filled with a request, what it is made of, and its preset."""
    files = sources.references if sources.is_gathered else ()
    unnamed = len(request.style_images) - len(files)
    kept = [
        Reference.of_media(media_id, f"Reference {number}")
        for number, media_id in enumerate(request.style_images[:unnamed], 1)
    ]
    kept += [
        Reference.of_media(media_id, file.name, file.file_id)
        for media_id, file in zip(request.style_images[unnamed:], files, strict=True)
    ]
    if not sources.is_gathered:
        kept += [Reference.of_file(file.file_id, file.name) for file in sources.references]
    return FormValues(
        prompt=escape(request.prompt or ""),
        model=request.model,
        size=request.size,
        quantity=request.quantity,
        enhance_prompt=request.enhance_prompt,
        caption_id=request.caption_id,
        caption_title=sources.caption_title,
        source_post_type=request.source_post_type,
        kept=distinct(kept),
        preset=preset,
        powerpost_workspace=sources.powerpost_workspace,
    )


def with_spread(values: FormValues, template: str, spread: Spread | None) -> FormValues:
    """The form filled with a brief: its prompt is a template, and there may be several of all
    else."""
    values = values.model_copy(update={"prompt": template, "lines": ()})
    if spread is None or not spread.is_several:
        return values
    file = Reference.of_file(spread.file_id, spread.file_name) if spread.file_id else None
    named = spread.sizes or (() if spread.uses else (values.size.value,))
    several = {
        "is_several": True,
        "is_one_a_line": bool(spread.rows) and file is None,
        "models": spread.models or (values.model,),
        "sizes": named,
        "uses": spread.uses,
        "misfit": spread.substitute or Misfit.ASK,
        "list_file": file,
        "prompt": "" if file else template,
    }
    return values.model_copy(update=several)


def with_list(values: FormValues, file: SlackFile) -> FormValues:
    """The form for the prompts of a file, in place of one of its own."""
    several = values.with_several(True)
    listed = Reference.of_file(file.file_id, file.name)
    return several.model_copy(update={"prompt": "", "list_file": listed})


def remember_size(context: FormContext, values: FormValues) -> tuple[FormContext, FormValues]:
    """The form after another model was chosen. A size that it lacks is remembered, and comes back
    with a model that has it, unless another one was chosen meanwhile."""
    wanted = values.size
    if context.wanted_size is not None and values.size is DEFAULT_SIZE:
        wanted = context.wanted_size
    is_there = wanted in MODELS[values.model].dimensions
    context = context.model_copy(update={"wanted_size": None if is_there else wanted})
    return context, values.model_copy(update={"size": wanted})


def read_values(state: Mapping[str, Any], context: FormContext) -> FormValues:
    """What the form holds now, from `view.state`. What cannot be read is as if not filled in, and
    so is the platform of another caption than the one that is chosen."""
    fields = ViewState.of(state)
    caption = as_mapping(fields.element(Field.CAPTION).get("selected_option"))
    caption_id = as_text(caption.get("value")) or None
    if caption_id == REFUSED_OPTION:
        caption_id = None
    kept = set(_options(fields.element(Field.KEPT)))
    pictures = set(_options(fields.element(Field.PICTURES)))
    ticked = set(_options(fields.element(Field.LINES)))
    quantity = fields.option(Field.QUANTITY) or "1"
    source = fields.option(Field.SOURCE)
    of_caption = context.source_block_id(caption_id) if caption_id else None
    if of_caption is None or fields.blocks.get(Field.SOURCE) != of_caption:
        source = None
    lists = read_files(state, Field.LIST)
    list_file = context.list_file if fields.options(Field.LIST_KEPT) else None
    if lists:
        list_file = Reference.of_file(lists[0].id, lists[0].name)
    misfit = fields.option(Field.MISFIT) or Misfit.ASK
    several = fields.options(Field.SEVERAL)
    values = FormValues(
        prompt=clean(replace_names(fields.typed(Field.PROMPT))),
        model=_member(Model, fields.option(Field.MODEL)) or DEFAULT_MODEL,
        size=_member(Size, fields.option(Field.SIZE)) or DEFAULT_SIZE,
        quantity=int(quantity) if re.fullmatch("[0-9]{1,4}", quantity) else 1,
        enhance_prompt=bool(_options(fields.element(Field.ENHANCE))),
        caption_id=caption_id,
        caption_title=as_text(as_mapping(caption.get("text")).get("text")) or None,
        source_post_type=None if source in (None, ALL_CAPTIONS) else source,
        destination=_member(Destination, fields.option(Field.DESTINATION)) or Destination.HERE,
        channel_id=fields.conversation(Field.CHANNEL),
        kept=tuple(reference for reference in context.offered if reference.key in kept),
        files=tuple(SlackFile(file_id=f.id, name=f.name) for f in read_files(state, Field.FILES)),
        preset=_read_preset(fields.option(Field.PRESET)),
        show=_member(Show, fields.option(Field.SHOW)),
        campaign=_read_campaign(fields.option(Field.CAMPAIGN)),
        lines=tuple(line for at, line in enumerate(context.lines) if str(at) in ticked),
        pictures=tuple(each for each in context.pictures if each.key in pictures),
        is_several=Field.MODELS in fields.elements,
        is_one_a_line=bool(fields.options(Field.ONE_A_LINE)),
        models=tuple(m for each in fields.options(Field.MODELS) if (m := _member(Model, each))),
        sizes=_read_shapes(fields.options(Field.SIZES)),
        uses=_read_shapes(fields.options(Field.USES)),
        misfit=misfit if misfit in (*Misfit, *Model) else Misfit.ASK,
        list_file=list_file,
        leaves_out=bool(fields.options(Field.LEAVE_OUT)),
        powerpost_workspace=context.powerpost_workspace,
    )
    return values.with_firsts().with_several(bool(several))


def _read_shapes(named: Iterable[str]) -> tuple[str, ...]:
    return distinct_names([each for each in named if find_use(each) is not None])


def _read_preset(option: str | None) -> str | None:
    """The name of the chosen preset; an option's value is the name after a mark, so that the one
    for no preset is none of them."""
    return option.removeprefix(PRESET_PREFIX) if option and option != NO_PRESET else None


def _read_campaign(option: str | None) -> str | None:
    """The name of the chosen campaign; "" for none."""
    return None if option is None else read_campaign(option)[:CAMPAIGN_MAX].rstrip()


def _options(element: Mapping[str, Any]) -> list[str]:
    chosen = element.get("selected_options")
    options = chosen if isinstance(chosen, list) else []
    return [as_text(as_mapping(option).get("value")) for option in options[:_OPTIONS_MAX]]


def _member(kind: type[_E], value: str | None) -> _E | None:
    return kind(value) if value is not None and value in set(kind) else None

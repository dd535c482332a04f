"""The words of presets and personal defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.images.catalogue import MODELS, PROMPT_MAX_CHARACTERS, STYLE_IMAGES_MAX, Model
from bot.images.request import ImageRequest, Rule
from bot.policy.choices import (
    GaveWay,
    LockedOption,
    Overflow,
    PresetConflict,
    PresetRequired,
    UnknownPreset,
)
from bot.policy.presets import Defaults, Preset
from bot.slack.kit.answer_texts import violation
from bot.slack.kit.ids import CommandName
from bot.slack.kit.show_texts import SHOWN
from bot.slack.kit.text import credit_count, joined, picture_count, shorten

_NAMES_SHOWN = 20
BARRED = "not allowed here by the rules"


def named(name: str) -> str:
    """`“brand”`."""
    return f"“{shorten(name, 40)}”"


def options_set(source: Preset | Defaults) -> list[str]:
    """What a preset or one's defaults choose: `Ideogram 3.0`, `landscape`, `2 pictures`."""
    said = []
    if source.model is not None:
        said.append(MODELS[source.model].name)
    if source.size is not None:
        said.append(source.size.value)
    if source.quantity is not None:
        said.append(picture_count(source.quantity))
    if source.enhance_prompt is not None:
        said.append("prompt improved by AI" if source.enhance_prompt else "prompt as it is")
    return said


def preset_summary(preset: Preset) -> str:
    """What a preset does, on one line. Plain text."""
    said = options_set(preset)
    if said:
        said[-1] += " (locked)" if preset.is_locked else ""
    if preset.prefix or preset.suffix:
        said.append("words around yours")
    if count := len(preset.references):
        said.append("1 reference picture" if count == 1 else f"{count} reference pictures")
    return " · ".join(said) or "changes nothing"


def preset_effect(preset: Preset) -> str:
    """What the chosen preset does to a form. Plain text."""
    parts = []
    if said := options_set(preset):
        what = "is locked to" if preset.is_locked else "begins with"
        parts.append(f"{what}: {joined(said)}")
    if around := words_around(preset):
        parts.append(f"puts words around yours: {around}")
    if count := len(preset.references):
        pictures = "reference picture" if count == 1 else "reference pictures"
        parts.append(f"adds {count} {pictures} ({STYLE_IMAGES_MAX - count} more can be yours)")
    said_all = f"{named(preset.name)} {'; '.join(parts) or 'changes nothing'}"
    return said_all if said_all.endswith("”") else f"{said_all}."


def words_around(preset: Preset) -> str:
    """`“Watercolour of” … “on white”`; empty without a prefix and suffix."""
    if not (preset.prefix.strip() or preset.suffix.strip()):
        return ""
    before = f"“{shorten(preset.prefix, 200)}” " if preset.prefix.strip() else ""
    after = f" “{shorten(preset.suffix, 200)}”" if preset.suffix.strip() else ""
    return f"{before}…{after}"


def flag_usage(presets: Sequence[Preset], required: str | None = None) -> str:
    """The line of `help`; `required` is the one that the rules require there. Plain text."""
    if required is not None:
        return f"every picture here is made with {named(required)}; you needn't say so"
    names = ", ".join(shorten(preset.name, 40) for preset in presets[:5])
    more = ", …" if len(presets) > 5 else ""
    return (
        f"one of this team's presets: {names}{more} ({CommandName.IMAGINE} presets shows them); "
        "`--no-preset` for none"
    )


# Of a preset that nobody else can use.
YOURS: Final = "only for you"


def own_defaults(defaults: Defaults | None) -> str:
    """What one's requests are where they do not say; empty where nothing is set. Plain text."""
    said = options_set(defaults) if defaults else []
    if defaults and defaults.preset:
        said.append(f"preset {named(defaults.preset)}")
    if defaults and defaults.show:
        said.append(f"shown {SHOWN[defaults.show]}")
    parts = [f"Your own defaults: {joined(said)}."] if said else []
    if defaults and defaults.ask_above is not None:
        parts.append(f"You are asked first above {credit_count(defaults.ask_above)}.")
    return " ".join(parts)


# The database is away.
PRESETS_UNREAD: Final = "I can't read the presets right now. Please try again in a minute."


# None was made yet. Plain text.
NO_PRESETS: Final = (
    "There are no presets for this conversation. To make your own, choose Save as preset under "
    "More… below a picture. Admins can make some for everyone."
)


def preset_gone(name: str) -> str:
    """The form was opened for pictures whose preset is there no more."""
    return f"The preset {named(name)} doesn't exist any more, so I left it out."


def misfit(broken: PresetConflict, *, is_form: bool = False) -> str:
    """What does not go together, and what to do. Plain text."""
    match broken:
        case UnknownPreset():
            return unknown_preset(broken)
        case LockedOption():
            return locked_option(broken, is_form=is_form)
        case PresetRequired():
            return preset_required(broken, is_form=is_form)
        case Overflow():
            return _overflow(broken)


def unknown_preset(broken: UnknownPreset) -> str:
    """No such preset; the names that there are."""
    typed = shorten(broken.typed, 80)
    meant = _meant(broken.suggestion) if broken.suggestion else ""
    names = [shorten(name, 40) for name in broken.names]
    if not names:
        return f"There is no preset “{typed}”: none can be used in this conversation."
    shown = [*names[:_NAMES_SHOWN], *(["others"] if len(names) > _NAMES_SHOWN else [])]
    are = "only preset is" if len(names) == 1 else "presets are"
    return f"There is no preset “{typed}” here.{meant} The {are} {joined(shown)}."


def _meant(name: str) -> str:
    if " " not in name:
        return f" Did you mean {named(name)}?"
    return f' Did you mean {named(name)}? Put it in double quotes: --preset "{name}".'


def preset_required(broken: PresetRequired, *, is_form: bool = False) -> str:
    """The rules require another preset than what was said."""
    name = named(broken.name)
    if broken.is_gone:
        return (
            f"This channel's rules require the preset {name}, which isn't there any more, so "
            "nothing can be made here. An admin can change that on my Home tab, under Rules. "
            "In a direct message to me you can go on."
        )
    said = "can't be left out" if not broken.typed else f"can't be {named(broken.typed)} instead"
    flag = "--preset" if broken.typed else "--no-preset"
    way = f"Choose {name}." if is_form else f"Send it again without {flag}."
    return f"This channel's rules require the preset {name}, so it {said}. {way}"


def required_here(name: str) -> str:
    """Beside the one preset that may be chosen. Plain text."""
    return f"This channel's rules require the preset {named(name)}."


def locked_option(broken: LockedOption, *, is_form: bool = False) -> str:
    """A locked preset sets something else than what was said."""
    preset, field = broken.preset, broken.field
    value = {
        "model": f"the model {MODELS[preset.model].name}" if preset.model else "",
        "size": f"the size {preset.size}",
        "quantity": picture_count(preset.quantity or 1),
        "enhance_prompt": f"prompt enhancement {'on' if preset.enhance_prompt else 'off'}",
    }[field]
    way = "choose another one" if is_form else "ask without the preset (--no-preset)"
    said = f"The preset {named(preset.name)} is locked to {value}."
    if broken.is_required:
        return f"{said} This channel's rules require it, so leave that to it."
    return f"{said} Leave that to it, or {way}."


def _overflow(broken: Overflow) -> str:
    request = broken.request
    if broken.preset is None:
        return f"With your own defaults: {violation(broken.violation, request)}"
    name = named(broken.preset.name)
    match broken.violation.rule:
        case Rule.PROMPT_TOO_LONG:
            length = len(request.prompt or "")
            return (
                f"With the words of the preset {name} the prompt would have {length:,} "
                f"characters; PowerPost takes at most {PROMPT_MAX_CHARACTERS:,}. "
                f"Shorten yours by {length - PROMPT_MAX_CHARACTERS:,}."
            )
        case Rule.TOO_MANY_STYLE_IMAGES:
            return _too_many_pictures(name, len(broken.preset.style_images))
        case Rule.SIZE_NOT_IN_MODEL:
            return f"With the preset {name}: {_size_missing(request)}"
        case _:
            return f"With the preset {name}: {violation(broken.violation, request)}"


def _too_many_pictures(name: str, brought: int) -> str:
    room = max(0, STYLE_IMAGES_MAX - brought)
    brings = "1 reference picture" if brought == 1 else f"{brought} reference pictures"
    yours = "none of yours" if room == 0 else f"at most {room} of yours"
    return (
        f"The preset {name} brings {brings}, and PowerPost takes {STYLE_IMAGES_MAX}: "
        f"there is room for {yours}."
    )


def _size_missing(request: ImageRequest) -> str:
    facts = MODELS[Model(request.model)]
    return f"{facts.name} has no size {request.size}. It has {joined(facts.sizes)}."


def gave_way(changes: Sequence[GaveWay]) -> str:
    """What is otherwise than by default, and why; empty if nothing is. Plain text."""
    return " ".join(_gave_way(change) for change in changes)


def _gave_way(change: GaveWay) -> str:
    if change.field == "preset":
        return required_here(str(change.got))
    match change.wanted, change.got:
        case Model() as wanted, Model() as got:
            return f"{MODELS[wanted].name} isn't allowed here: {MODELS[got].name} instead."
        case int() as wanted, int() as got:
            return f"{picture_count(wanted)} at a time are too many here: {got} instead."
        case wanted, got:
            return f"The model has no size {wanted}: {got} instead."

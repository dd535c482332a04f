"""What a person chose, and what presets and personal defaults make of it. Pure.

The specification's defaults give way to the person's own, those to the preset's, and all of them
to what was said; but what a locked preset sets cannot be said otherwise. What the rules forbid, and
nobody has said, gives way to what they allow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from bot.errors import Cause, Rejected
from bot.images.catalogue import DEFAULT_SIZE, MODELS, QUANTITY_MAX, STYLE_IMAGES_MAX
from bot.images.request import ImageRequest, Rule, SpecViolation, find_spec_violations
from bot.images.showing import Show
from bot.policy.policy import Policy
from bot.policy.presets import AppliedPreset, Defaults, Preset
from bot.policy.rules import RuleName, Rules, RuleViolation

# The request's fields that presets and defaults know.
OPTION_FIELDS: Final = ("model", "size", "quantity", "enhance_prompt")
_NO_DEFAULTS: Final = Defaults()
_FIELD_OF: Final = {RuleName.MODEL: "model", RuleName.QUANTITY: "quantity"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a request was said: `said` are its fields; `preset` is the name of one, None where
    none was named and "" where none is wanted."""

    said: frozenset[str] = frozenset()
    preset: str | None = None
    has_defaults: bool = False  # what was not said is open: one's own defaults count, and the rules
    is_continued: bool = False  # the preset is the one that an earlier version was made with
    show: Show | None = None  # who shall see it, and where; None where that was not said


@dataclass(frozen=True, slots=True)
class UnknownPreset:
    """No preset of that name may be chosen there; `names` may be."""

    typed: str
    names: tuple[str, ...]
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class LockedOption:
    """`preset` is locked, and sets `field` of the request to something else. `is_required`: the
    rules have every picture made with it."""

    preset: Preset
    field: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class PresetRequired:
    """The rules have every picture there made with the preset `name`; `typed` is the one that was
    asked for instead, "" for none. `is_gone`: there is no preset of that name any more, so that
    nothing can be made there."""

    name: str
    typed: str | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Overflow:
    """What `preset` (None: one's defaults) and the request make together breaks a rule of the
    specification; `request` is the whole."""

    preset: AppliedPreset | None
    request: ImageRequest
    violation: SpecViolation


PresetConflict = UnknownPreset | LockedOption | PresetRequired | Overflow


class PresetConflictError(Rejected):
    """What was said does not go with the preset. Nothing is promised."""

    def __init__(self, *misfits: PresetConflict) -> None:
        super().__init__(Cause.UNFIT, ", ".join(type(each).__name__ for each in misfits))
        self.misfits = misfits


@dataclass(frozen=True, slots=True)
class GaveWay:
    """What nobody has said, and the rules or the model do not let be: `field` was to be `wanted`,
    and is `got`."""

    field: str
    wanted: object
    got: object


@dataclass(frozen=True, slots=True)
class Settled:
    """The request as it is promised, and what goes around it when it is sent."""

    request: ImageRequest
    applied: AppliedPreset | None
    gave_way: tuple[GaveWay, ...] = ()


def settle(
    policy: Policy,
    choice: Choice,
    request: ImageRequest,
    *,
    channel_id: str,
    user_id: str,
    files: int = 0,
    applied: AppliedPreset | None = None,
) -> Settled:
    """`request` with what `policy` adds where `choice` does not say. `files` are reference
    pictures that are not in the request yet; `applied` is what an earlier version had, and it stays
    where its preset is there no more. Raises Unfit."""
    defaults = policy.defaults.get(user_id, _NO_DEFAULTS) if choice.has_defaults else _NO_DEFAULTS
    preset = _find_preset(policy, choice, defaults, channel_id, user_id)
    if preset is not None:
        applied = AppliedPreset.of(preset)
    elif not choice.is_continued:
        applied = None
    rules = policy.rules_in(channel_id)
    if applied is None and defaults is _NO_DEFAULTS:
        # As nearly always: it is as it was said.
        obeyed = _mend_size(_obey(rules, request, choice, None), choice, None)
        return Settled(obeyed, None, _list_gave_way(request, obeyed))
    request = _fill(request, defaults, set(OPTION_FIELDS) - choice.said)
    if preset is not None:
        request = _apply(preset, choice, request, is_required=rules.preset is not None)
    wanted = request
    request = _mend_size(_obey(rules, request, choice, preset), choice, preset)
    whole = request if applied is None else applied.compose(request)
    violations = find_spec_violations(whole)
    if files and len(whole.style_images) + files > STYLE_IMAGES_MAX:
        violations.append(SpecViolation(Rule.TOO_MANY_STYLE_IMAGES, "style_images"))
    if violations:
        raise PresetConflictError(
            *(Overflow(applied, whole, violation) for violation in violations)
        )
    gave_way = _list_gave_way(wanted, request)
    return Settled(request, applied, (*_list_other_preset(choice, rules, preset), *gave_way))


def _list_other_preset(choice: Choice, rules: Rules, preset: Preset | None) -> list[GaveWay]:
    """A version of what was made without the preset that the rules require by now."""
    if rules.preset is None or preset is None or not choice.is_continued:
        return []
    is_same = (choice.preset or "").casefold() == preset.name.casefold()
    return [] if is_same else [GaveWay("preset", choice.preset, preset.name)]


def _list_gave_way(wanted: ImageRequest, got: ImageRequest) -> tuple[GaveWay, ...]:
    if got is wanted:
        return ()
    pairs = ((name, getattr(wanted, name), getattr(got, name)) for name in OPTION_FIELDS)
    return tuple(GaveWay(name, old, new) for name, old, new in pairs if old != new)


def explain_rule_violations(
    policy: Policy,
    breaks: Iterable[RuleViolation],
    request: ImageRequest,
    *,
    choice: Choice | None,
    preset_name: str | None,
    channel_id: str,
    user_id: str,
) -> list[RuleViolation]:
    """`breaks` of a settled `request`, with whose rule it is and where what it forbids came from:
    the locked preset (`preset_name`), or one's own defaults. `choice` None: it is a repeat."""
    seen = policy.seen_by(user_id)
    locked = list_locked(seen.find_preset(preset_name or "", channel_id))
    has_defaults = choice is not None and choice.has_defaults
    own = _list_set(policy.defaults.get(user_id, _NO_DEFAULTS)) if has_defaults else {}
    said = frozenset() if choice is None else choice.said

    def explain(broken: RuleViolation) -> RuleViolation:
        field = _FIELD_OF.get(broken.rule)
        value = getattr(request, field) if field else None
        is_locked = field in locked and locked[field] == value
        is_own = field in own and own[field] == value and field not in said
        is_own_preset = choice is not None and choice.preset is None
        return replace(
            broken,
            is_channels=policy.is_exception(broken.rule, channel_id),
            preset=preset_name if is_locked else None,
            is_default=is_own_preset if is_locked else is_own,
        )

    return [explain(broken) for broken in breaks]


def find_show(policy: Policy, choice: Choice, *, channel_id: str, user_id: str) -> Show | None:
    """How what was asked for there is shown: as it was said, else as one's own defaults say, else
    as the channel has it, else the workspace. None where only the first counts, and nothing was
    said: what is made from a result stays where that is."""
    if choice.show is not None or not choice.has_defaults:
        return choice.show
    own = policy.defaults.get(user_id, _NO_DEFAULTS).show
    return own or policy.settings.show_in(channel_id)


def find_barred(rules: Rules, preset: Preset) -> dict[str, object]:
    """What `preset` is locked to and `rules` forbid, by field: it cannot be used there."""
    locked = list_locked(preset)
    barred: dict[str, object] = {}
    if "model" in locked and rules.models is not None and locked["model"] not in rules.models:
        barred["model"] = locked["model"]
    if "quantity" in locked and (preset.quantity or 1) > (rules.quantity_max or QUANTITY_MAX):
        barred["quantity"] = locked["quantity"]
    return barred


def find_own_words(policy: Policy, applied: AppliedPreset | None, channel_id: str) -> str:
    """The words that a preset adds which no admin has looked at: somebody's own, or those of a
    team's that has others now, or is not there any more. What the rules say of prompts holds for
    them, too."""
    if applied is None:
        return ""
    found = policy.find_preset(applied.name, channel_id)
    if found is not None and (found.prefix, found.suffix) == (applied.prefix, applied.suffix):
        return ""
    return f"{applied.prefix}\n{applied.suffix}"


def find_usable(policy: Policy, name: str | None, channel_id: str) -> Preset | None:
    """The preset of that name, where the rules let it be used there."""
    preset = policy.find_preset(name or "", channel_id)
    is_barred = preset is not None and find_barred(policy.rules_in(channel_id), preset)
    return None if is_barred else preset


def find_unsaid(policy: Policy, *, channel_id: str, user_id: str) -> ImageRequest:
    """What a command is that says nothing but a prompt, in its options."""
    bare = ImageRequest(prompt="-")
    choice = Choice(has_defaults=True)
    try:
        return settle(policy, choice, bare, channel_id=channel_id, user_id=user_id).request
    except PresetConflictError:
        return bare


def list_locked(preset: Preset | None) -> dict[str, object]:
    """The fields that `preset` does not let anybody choose, with what it sets them to."""
    if preset is None or not preset.is_locked:
        return {}
    return _list_set(preset)


def _list_set(source: Preset | Defaults) -> dict[str, object]:
    values = {name: getattr(source, name) for name in OPTION_FIELDS}
    return {name: value for name, value in values.items() if value is not None}


def _find_preset(
    policy: Policy, choice: Choice, defaults: Defaults, channel_id: str, user_id: str
) -> Preset | None:
    required = policy.rules_in(channel_id).preset
    if required is not None:  # one's own never is
        return _find_required(policy, required, choice, channel_id)
    policy = policy.seen_by(user_id)
    if choice.preset is None:
        # One's own default may have been taken away: that is nobody's mistake.
        return policy.find_preset(defaults.preset, channel_id) if defaults.preset else None
    if not choice.preset:
        return None
    found = policy.find_preset(choice.preset, channel_id)
    if found is None and not choice.is_continued:
        names = tuple(preset.name for preset in policy.presets_in(channel_id))
        raise PresetConflictError(
            UnknownPreset(choice.preset, names, _find_close(choice.preset, names))
        )
    return found


def _find_required(policy: Policy, name: str, choice: Choice, channel_id: str) -> Preset:
    """The preset that the rules require there: nothing else may be said."""
    preset = policy.find_preset(name, channel_id)
    if preset is None:
        raise PresetConflictError(PresetRequired(name, choice.preset, is_gone=True))
    is_open = choice.preset is None or choice.is_continued
    if not is_open and policy.find_preset(choice.preset or "", channel_id) is not preset:
        raise PresetConflictError(PresetRequired(preset.name, choice.preset))
    return preset


def _find_close(typed: str, names: Collection[str]) -> str | None:
    """The name that was meant: without its quotes, only its first word came to us."""
    by_fold = {name.casefold(): name for name in names}
    wanted = typed.strip().casefold()
    begun = [name for fold, name in by_fold.items() if fold.startswith(f"{wanted} ")]
    close = get_close_matches(wanted, list(by_fold), n=1, cutoff=0.6)
    return next(iter(begun), by_fold[close[0]] if close else None)


def _apply(
    preset: Preset, choice: Choice, request: ImageRequest, *, is_required: bool
) -> ImageRequest:
    locked = list_locked(preset)
    clashes = [
        LockedOption(preset, name, is_required)
        for name, value in locked.items()
        if name in choice.said and getattr(request, name) != value
    ]
    if clashes:
        raise PresetConflictError(*clashes)
    # What an earlier version was made with stands, but for what is locked.
    open_ = set(locked) if choice.is_continued else set(OPTION_FIELDS) - choice.said
    return _fill(request, preset, open_)


def _fill(
    request: ImageRequest, source: Preset | Defaults, fields: Collection[str]
) -> ImageRequest:
    values = {name: value for name, value in _list_set(source).items() if name in fields}
    return request.model_copy(update=values)


def _obey(
    rules: Rules, request: ImageRequest, choice: Choice, preset: Preset | None
) -> ImageRequest:
    """A model or number that nobody said gives way to what `rules` allow; a size that was said is
    kept. Where nothing goes, it is as it was: the rules will say so."""
    if not choice.has_defaults:
        return request
    fixed = choice.said | set(list_locked(preset))
    changes: dict[str, object] = {}
    if "model" not in fixed and rules.models is not None and request.model not in rules.models:
        allowed = [
            model
            for model in rules.models
            if "size" not in fixed or request.size in MODELS[model].dimensions
        ]
        changes.update({"model": allowed[0]} if allowed else {})
    most = rules.quantity_max or QUANTITY_MAX
    if "quantity" not in fixed and request.quantity > most:
        changes["quantity"] = most
    return request.model_copy(update=changes) if changes else request


def _mend_size(request: ImageRequest, choice: Choice, preset: Preset | None) -> ImageRequest:
    """A size that nobody asked for here gives way where the model lacks it."""
    is_meant = "size" in choice.said or "size" in list_locked(preset)
    if is_meant or request.size in MODELS[request.model].dimensions:
        return request
    return request.model_copy(update={"size": DEFAULT_SIZE})

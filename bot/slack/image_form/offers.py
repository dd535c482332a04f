"""What may be chosen in a form: what its channel's rules leave, and its preset sets. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.images.catalogue import DEFAULT_SIZE, MODELS, QUANTITY_MAX, Model, Size
from bot.images.showing import Show
from bot.policy.budgets import Ceiling, find_ceilings
from bot.policy.choices import Choice, find_barred, find_show, find_usable, list_locked
from bot.policy.policy import Policy
from bot.policy.presets import Defaults, Preset
from bot.policy.rules import RuleName
from bot.slack.image_form.values import Destination, FormContext, FormValues

_MARK_CHARACTERS: Final = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """The options of a form. `barred`: presets that are locked to what the rules forbid;
    `lost_preset`: the name of one that was chosen and is not offered (any more)."""

    models: tuple[Model, ...] = tuple(Model)
    quantity_max: int = QUANTITY_MAX
    presets: tuple[Preset, ...] = ()
    barred: tuple[Preset, ...] = ()
    preset: Preset | None = None
    lost_preset: str | None = None
    required_preset: str | None = None  # the name of the one that the rules require
    are_models_ruled: bool = False
    are_models_channels: bool = False  # their rule is the channel's own
    is_quantity_channels: bool = False
    show: Show | None = None  # how it is shown, if nobody says; None where only its person is
    campaign: str = ""  # what it is made for, if nobody says
    # PowerPost's workspace in which it is made, by its name, if there are several.
    powerpost_workspace: str | None = None
    ceilings: tuple[Ceiling, ...] = ()  # the budgets that it counts against, narrowest first

    @property
    def locked(self) -> dict[str, object]:
        """The fields that the preset does not let anybody choose, with what they are."""
        return list_locked(self.preset)

    @property
    def offered_models(self) -> tuple[Model, ...]:
        """At least one: a select takes no empty list, and what is sent is checked anyway."""
        locked = self.locked.get("model")
        if isinstance(locked, Model):
            return (locked,)
        return self.models or tuple(Model)

    def sizes_of(self, model: Model) -> tuple[Size, ...]:
        """The sizes to choose from."""
        sizes = MODELS[model].sizes
        locked = self.locked.get("size")
        return (locked,) if isinstance(locked, Size) and locked in sizes else sizes

    @property
    def quantities(self) -> tuple[int, ...]:
        """The numbers of pictures to choose from."""
        locked = self.locked.get("quantity")
        if isinstance(locked, int):
            return (locked,)
        return tuple(range(1, self.quantity_max + 1))

    def is_barred(self, name: str) -> bool:
        """Whether a preset of that name is there, and the rules do not let it be used."""
        return any(preset.name.casefold() == name.strip().casefold() for preset in self.barred)

    @property
    def mark(self) -> str:
        """Another one for other options; empty where everything may be chosen."""
        if (
            self.preset is None
            and self.models == tuple(Model)
            and self.quantity_max == QUANTITY_MAX
        ):
            return ""
        told = repr((self.models, self.quantity_max, self.preset))
        digest = hashlib.sha256(told.encode("utf-8", "replace"))
        return digest.hexdigest()[:_MARK_CHARACTERS]

    def fit(self, values: FormValues) -> FormValues:
        """`values` with what is not offered replaced by something that is."""
        model = values.model if values.model in self.offered_models else self.offered_models[0]
        sizes = self.sizes_of(model)
        fallback = DEFAULT_SIZE if DEFAULT_SIZE in sizes else sizes[0]
        quantities = self.quantities
        enhance = self.locked.get("enhance_prompt", values.enhance_prompt)
        return values.model_copy(
            update={
                "model": model,
                "size": values.size if values.size in sizes else fallback,
                "quantity": min(max(values.quantity, quantities[0]), quantities[-1]),
                "enhance_prompt": bool(enhance),
                "preset": self.preset.name if self.preset else None,
                **self._fit_several(values, model),
            }
        )

    def _fit_several(self, values: FormValues, model: Model) -> dict[str, object]:
        """The same, if there may be several of each."""
        if not values.is_several:
            return {}
        models = tuple(each for each in values.models if each in self.offered_models) or (model,)
        locked = self.locked.get("size")
        if isinstance(locked, Size):
            return {"models": models, "sizes": (locked.value,), "uses": ()}
        return {"models": models}


EVERYTHING: Final = Offer()


def find_offer(
    policy: Policy,
    context: FormContext,
    values: FormValues,
    user_id: str,
    now: datetime | None = None,
) -> Offer:
    """What a person may choose, in the conversation that the form posts to; `now` (aware), with the
    budgets that hold there then."""
    channel_id = find_channel(context, values, user_id)
    rules = policy.rules_in(channel_id)
    if rules.preset is None:  # one's own is never required
        policy = policy.seen_by(user_id)
    preset = find_usable(policy, rules.preset or values.preset, channel_id)
    presets = policy.presets_in(channel_id)
    if rules.preset is not None:
        presets = tuple(each for each in presets if each == preset)
    barred = tuple(each for each in presets if find_barred(rules, each))
    return Offer(
        models=tuple(Model) if rules.models is None else rules.models,
        quantity_max=rules.quantity_max or QUANTITY_MAX,
        presets=tuple(each for each in presets if each not in barred),
        barred=barred,
        preset=preset,
        lost_preset=values.preset if values.preset and preset is None else None,
        required_preset=rules.preset,
        are_models_ruled=rules.models is not None and set(rules.models) != set(Model),
        are_models_channels=policy.is_exception(RuleName.MODEL, channel_id),
        is_quantity_channels=policy.is_exception(RuleName.QUANTITY, channel_id),
        ceilings=_find_ceilings(policy, channel_id, user_id, values.campaign, now),
        show=_find_show(policy, context, values, user_id),
        campaign=policy.settings.campaign_in(channel_id) or "",
    )


def _find_show(
    policy: Policy, context: FormContext, values: FormValues, user_id: str
) -> Show | None:
    if is_direct(context, values):
        return None
    if values.destination is Destination.HERE and context.thread_ts:
        return Show.THREAD  # it is asked for there
    channel_id = find_channel(context, values, user_id)
    return find_show(policy, Choice(has_defaults=True), channel_id=channel_id, user_id=user_id)


def is_direct(context: FormContext, values: FormValues) -> bool:
    """Whether the form posts into a direct message."""
    if values.destination is Destination.HERE and context.channel_id:
        return context.channel_id.startswith("D")
    return values.destination is not Destination.CHANNEL


def _find_ceilings(
    policy: Policy,
    channel_id: str,
    user_id: str,
    campaign: str | None,
    now: datetime | None,
) -> tuple[Ceiling, ...]:
    if now is None or not policy.budgets:
        return ()
    if campaign is None:
        campaign = policy.settings.campaign_in(channel_id)
    return find_ceilings(
        policy.budgets,
        channel_id=channel_id,
        user_id=user_id,
        now=now,
        zone=policy.zone,
        campaign=campaign,
    )


def find_channel(context: FormContext, values: FormValues, user_id: str) -> str:
    """Whose rules and budgets hold: where the form posts to, a person's id for a direct message
    with the bot; of what is made aside, where it was asked for."""
    match values.destination:
        case Destination.CHANNEL if values.channel_id:
            return values.channel_id
        case Destination.HERE if context.channel_id:
            return context.for_channel_id or context.channel_id
        case _:
            return user_id


def with_preset(values: FormValues, preset: Preset | None) -> FormValues:
    """`values` when `preset` was chosen just now: what it sets, it sets."""
    if preset is None:
        return values
    return _fill(values.model_copy(update={"preset": preset.name}), preset)


def with_defaults(
    policy: Policy, context: FormContext, values: FormValues, user_id: str
) -> FormValues:
    """`values` that nobody has chosen, with one's own defaults and what their preset sets."""
    defaults = policy.defaults.get(user_id, Defaults())
    channel_id = find_channel(context, values, user_id)
    name = policy.rules_in(channel_id).preset
    if name is None:
        policy, name = policy.seen_by(user_id), defaults.preset
    return with_preset(_fill(values, defaults), find_usable(policy, name, channel_id))


def _fill(values: FormValues, source: Preset | Defaults) -> FormValues:
    names = ("model", "size", "quantity", "enhance_prompt")
    said = {name: getattr(source, name) for name in names}
    update: dict[str, object] = {k: value for k, value in said.items() if value is not None}
    if values.is_several:
        update |= {"models": (source.model,)} if source.model else {}
        update |= {"sizes": (source.size.value,), "uses": ()} if source.size else {}
        return values.model_copy(update=update)
    return values.model_copy(update=update).with_model(source.model or values.model)

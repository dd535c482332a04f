"""What a workspace has set."""

from __future__ import annotations

from bot.images.catalogue import Model, Size
from bot.policy.presets import Preset

BRAND = Preset(
    name="Brand",
    prefix="Watercolour of",
    suffix="on white",
    model=Model.IDEOGRAM_3,
    size=Size.LANDSCAPE,
    quantity=2,
)

"""The models and sizes of the specification, with the true pixels of each pair.

Source: powerpost-images-api.txt, "Models" and "Image Sizes" with the two notes below the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Model(StrEnum):
    """PowerPost's `model`."""

    FLUX2_FLEX = "flux2-flex"
    IDEOGRAM_3 = "ideogram-3"
    GPT_IMAGE_1_5 = "gpt-image-1.5"
    NANO_BANANA_2 = "nano-banana-2"


class Size(StrEnum):
    """PowerPost's `size`: an aspect ratio; its pixels depend on the model."""

    SQUARE = "square"
    FEED = "feed"
    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Pixels of one picture."""

    width: int
    height: int
    ratio: str

    def __str__(self) -> str:
        return f"{self.width}×{self.height}"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the specification says of a model, in its own words."""

    name: str
    best_for: str
    dimensions: dict[Size, Dimensions]

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The sizes that this model has, in the specification's order."""
        return tuple(self.dimensions)


DEFAULT_MODEL: Final = Model.FLUX2_FLEX
DEFAULT_SIZE: Final = Size.SQUARE
PROMPT_MAX_CHARACTERS: Final = 2000
QUANTITY_MAX: Final = 4
STYLE_IMAGES_MAX: Final = 4

_SQUARE = Dimensions(1024, 1024, "1:1")
_GENERAL = {
    Size.SQUARE: _SQUARE,
    Size.FEED: Dimensions(1280, 1600, "4:5"),
    Size.PORTRAIT: Dimensions(1088, 1936, "9:16"),
    Size.LANDSCAPE: Dimensions(1536, 864, "16:9"),
}

MODELS: Final[dict[Model, ModelFacts]] = {
    Model.FLUX2_FLEX: ModelFacts("FLUX.2 Flex", "Multi-reference, fine control", _GENERAL),
    Model.IDEOGRAM_3: ModelFacts("Ideogram 3.0", "Best text rendering and logos", _GENERAL),
    Model.GPT_IMAGE_1_5: ModelFacts(
        "GPT Image 1.5",
        "Photorealistic, best detail",
        {
            Size.SQUARE: _SQUARE,
            Size.PORTRAIT: Dimensions(1024, 1536, "2:3"),
            Size.LANDSCAPE: Dimensions(1536, 1024, "3:2"),
        },
    ),
    Model.NANO_BANANA_2: ModelFacts(
        "Nano Banana 2",
        "Fast generation, great text",
        {
            Size.SQUARE: _SQUARE,
            Size.FEED: Dimensions(896, 1152, "4:5"),
            Size.PORTRAIT: Dimensions(768, 1344, "9:16"),
            Size.LANDSCAPE: Dimensions(1344, 768, "16:9"),
        },
    ),
}

# The specification's "Best For" of each size.
SIZES_BEST_FOR: Final = {
    Size.SQUARE: "Instagram feed, profile images",
    Size.FEED: "Instagram/Facebook feed posts",
    Size.PORTRAIT: "Stories, Reels, TikTok",
    Size.LANDSCAPE: "YouTube thumbnails, X posts",
}

# The post types of powerpost-neighbours.md ("Captions"): what `source_post_type` takes.
SOURCE_POST_TYPES: Final = (
    "instagram-feed",
    "instagram-reel",
    "instagram-story",
    "tiktok-video",
    "tiktok-photos",
    "youtube-video",
    "youtube-short",
    "x-post",
    "facebook-post",
    "facebook-reel",
    "facebook-story",
    "linkedin-post",
)

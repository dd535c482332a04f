"""The models and sizes of the specification, with the true pixels of each pair.

Source: powerpost-images-api.txt, "Models" and "Image Sizes" with the two notes below the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
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

    @property
    def ratio(self) -> str:
        """The ratio of the pixels in small numbers, `9:16`; off by less than 0.2 %."""
        exact = Fraction(self.width, self.height)
        simple = exact.limit_denominator(_RATIO_MAX)
        shown = simple if abs(simple / exact - 1) < _RATIO_OFF else exact
        return f"{shown.numerator}:{shown.denominator}"

    @property
    def best_for(self) -> str:
        """What pictures of this ratio suit: the specification's "Best For", as far as it holds."""
        return _BEST_FOR[self.ratio]

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


_RATIO_MAX: Final = 16
_RATIO_OFF: Final = Fraction(2, 1000)
# The specification names uses by size. Some models' pixels have other ratios than those.
_BEST_FOR: Final = {
    "1:1": "Instagram feed, profile images",
    "4:5": "Instagram/Facebook feed posts",
    "7:9": "Feed posts, cropped a little to 4:5",
    "9:16": "Stories, Reels, TikTok",
    "4:7": "Stories and Reels, cropped a little to 9:16",
    "2:3": "Posters and prints; stories would be cropped",
    "16:9": "YouTube thumbnails, X posts",
    "7:4": "YouTube thumbnails, cropped a little to 16:9",
    "3:2": "Photos and prints; videos would be cropped",
}

DEFAULT_MODEL: Final = Model.FLUX2_FLEX
DEFAULT_SIZE: Final = Size.SQUARE
PROMPT_MAX_CHARACTERS: Final = 2000
QUANTITY_MAX: Final = 4
STYLE_IMAGES_MAX: Final = 4

_SQUARE = Dimensions(1024, 1024)
_GENERAL = {
    Size.SQUARE: _SQUARE,
    Size.FEED: Dimensions(1280, 1600),
    Size.PORTRAIT: Dimensions(1088, 1936),
    Size.LANDSCAPE: Dimensions(1536, 864),
}

MODELS: Final[dict[Model, ModelFacts]] = {
    Model.FLUX2_FLEX: ModelFacts("FLUX.2 Flex", "Multi-reference, fine control", _GENERAL),
    Model.IDEOGRAM_3: ModelFacts("Ideogram 3.0", "Best text rendering and logos", _GENERAL),
    Model.GPT_IMAGE_1_5: ModelFacts(
        "GPT Image 1.5",
        "Photorealistic, best detail",
        {
            Size.SQUARE: _SQUARE,
            Size.PORTRAIT: Dimensions(1024, 1536),
            Size.LANDSCAPE: Dimensions(1536, 1024),
        },
    ),
    Model.NANO_BANANA_2: ModelFacts(
        "Nano Banana 2",
        "Fast generation, great text",
        {
            Size.SQUARE: _SQUARE,
            Size.FEED: Dimensions(896, 1152),
            Size.PORTRAIT: Dimensions(768, 1344),
            Size.LANDSCAPE: Dimensions(1344, 768),
        },
    ),
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

# The size that a post of each type wants, by the specification's "Best For".
SIZE_OF_POST: Final = {
    "instagram-feed": Size.FEED,
    "instagram-reel": Size.PORTRAIT,
    "instagram-story": Size.PORTRAIT,
    "tiktok-video": Size.PORTRAIT,
    "tiktok-photos": Size.PORTRAIT,
    "youtube-video": Size.LANDSCAPE,
    "youtube-short": Size.PORTRAIT,
    "x-post": Size.LANDSCAPE,
    "facebook-post": Size.FEED,
    "facebook-reel": Size.PORTRAIT,
    "facebook-story": Size.PORTRAIT,
}


def propose_size(post_types: Iterable[str], model: Model) -> Size | None:
    """The size for a caption of these post types, of those that `model` has; None if they want
    different ones, or none is known. A caption for YouTube is first of all one for a video."""
    kinds = set(post_types) - {"youtube-short"} or set(post_types)
    wanted = {SIZE_OF_POST.get(kind) for kind in kinds}
    size = wanted.pop() if len(wanted) == 1 else None
    return size if size in MODELS[model].dimensions else None

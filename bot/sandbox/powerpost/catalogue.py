"""What the stand-in offers: models, sizes, pixels, prices, platforms and post types.

Source: "Models" and "Image Sizes" of PowerPost's page on generating images.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Pixels = tuple[int, int]

DEFAULT_MODEL: Final = "flux2-flex"
DEFAULT_SIZE: Final = "square"
SIZES: Final = ("square", "feed", "portrait", "landscape")
MAX_PROMPT_CHARACTERS: Final = 2000
MAX_QUANTITY: Final = 4
MAX_STYLE_IMAGES: Final = 4

# Width and height by model and size; a size that is missing is not supported by the model.
PIXELS: Final[Mapping[str, Mapping[str, Pixels]]] = {
    "flux2-flex": {
        "square": (1024, 1024),
        "feed": (1280, 1600),
        "portrait": (1088, 1936),
        "landscape": (1536, 864),
    },
    "ideogram-3": {
        "square": (1024, 1024),
        "feed": (1280, 1600),
        "portrait": (1088, 1936),
        "landscape": (1536, 864),
    },
    "gpt-image-1.5": {
        "square": (1024, 1024),
        "portrait": (1024, 1536),
        "landscape": (1536, 1024),
    },
    "nano-banana-2": {
        "square": (1024, 1024),
        "feed": (896, 1152),
        "portrait": (768, 1344),
        "landscape": (1344, 768),
    },
}

# The API has no price list. PowerPost published these once, in March 2026, and removed them since
# (powerpost-neighbours.md, "Prices, published once"); the specification's one example, 9 credits,
# does not fit them.
CREDITS_PER_PICTURE: Final[Mapping[str, int]] = {
    "flux2-flex": 5,
    "ideogram-3": 6,
    "nano-banana-2": 6,
    "gpt-image-1.5": 14,
}

PLATFORM_OF_POST_TYPE: Final[Mapping[str, str]] = {
    "instagram-feed": "instagram",
    "instagram-reel": "instagram",
    "instagram-story": "instagram",
    "tiktok-video": "tiktok",
    "tiktok-photos": "tiktok",
    "youtube-video": "youtube",
    "youtube-short": "youtube",
    "x-post": "x",
    "facebook-post": "facebook",
    "facebook-reel": "facebook",
    "facebook-story": "facebook",
    "linkedin-post": "linkedin",
}

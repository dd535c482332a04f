"""The 12 post types: what each is called, which takes pictures, and what its platform allows. Pure.

Post types and platforms: powerpost-neighbours.md, "Captions". The platforms' limits as tools that
post to them document them (2026-11): docs.upload-post.com/resources/character-limits and
orshot.com/docs/publish/social-posting-guidelines; X's way of counting:
https://docs.x.com/fundamentals/counting-characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TITLE_MAX: Final = 100
# PowerPost's own: a post has at most so many items.
ITEMS_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Platform:
    """A social platform. `text_max`: characters of the longest text that it takes."""

    key: str
    name: str
    text_max: int


INSTAGRAM: Final = Platform("instagram", "Instagram", 2200)
TIKTOK: Final = Platform("tiktok", "TikTok", 4000)
YOUTUBE: Final = Platform("youtube", "YouTube", 5000)
X: Final = Platform("x", "X", 280)
FACEBOOK: Final = Platform("facebook", "Facebook", 63_206)
LINKEDIN: Final = Platform("linkedin", "LinkedIn", 3000)
PLATFORMS: Final = {each.key: each for each in (INSTAGRAM, TIKTOK, YOUTUBE, X, FACEBOOK, LINKEDIN)}


@dataclass(frozen=True, slots=True)
class PostKind:
    """A post type. `pictures_max` 0: it is a video, so its draft has the text alone, and the video
    is added in PowerPost. `text_max`: characters, where that is less than the platform's."""

    key: str
    name: str
    platform: Platform
    pictures_max: int
    text_max: int
    needs_title: bool = False

    @property
    def is_video(self) -> bool:
        """Whether pictures cannot be in it."""
        return self.pictures_max == 0


def _kind(
    key: str, name: str, platform: Platform, pictures: int, text_max: int | None = None
) -> PostKind:
    return PostKind(
        key, name, platform, pictures, text_max or platform.text_max, platform is YOUTUBE
    )


KINDS: Final = {
    each.key: each
    for each in (
        _kind("instagram-feed", "Instagram feed", INSTAGRAM, 10),
        _kind("instagram-story", "Instagram story", INSTAGRAM, 1),
        _kind("tiktok-photos", "TikTok photos", TIKTOK, 35),
        _kind("x-post", "X post", X, 4),
        _kind("facebook-post", "Facebook post", FACEBOOK, 10),
        _kind("facebook-story", "Facebook story", FACEBOOK, 1),
        _kind("linkedin-post", "LinkedIn post", LINKEDIN, 20),
        _kind("instagram-reel", "Instagram reel", INSTAGRAM, 0),
        _kind("tiktok-video", "TikTok video", TIKTOK, 0, 2200),
        _kind("youtube-video", "YouTube video", YOUTUBE, 0),
        _kind("youtube-short", "YouTube Short", YOUTUBE, 0),
        _kind("facebook-reel", "Facebook reel", FACEBOOK, 0, 2200),
    )
}
# X counts most of what is not Latin, Greek, Cyrillic and the like as two.
_X_SINGLE: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def count_characters(text: str, platform: Platform) -> int:
    """As the platform counts. An address is counted in full, though X makes it shorter: a text that
    fits here fits there."""
    if platform is not X:
        return len(text)
    return sum(
        1 if any(first <= ord(each) <= last for first, last in _X_SINGLE) else 2 for each in text
    )


def platforms_of(kinds: tuple[PostKind, ...]) -> tuple[Platform, ...]:
    """Each once, in the order of the kinds."""
    return tuple(dict.fromkeys(kind.platform for kind in kinds))

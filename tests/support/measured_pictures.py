"""Pictures of every shape, and how much memory they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PIL import Image

# A process of its own, and its high-water mark reset: `ru_maxrss` of a child begins with its
# parent's (https://man7.org/linux/man-pages/man5/proc.5.html, clear_refs).
MEASURE: Final = """
import re, sys
from pathlib import Path
from bot.errors import Rejected
from bot.slack.kit.pictures import convert_picture
def read(name):
    status = Path("/proc/self/status").read_text()
    return int(re.search(name + r":\\s+(\\d+)", status)[1])
content = Path(sys.argv[1]).read_bytes()
Path("/proc/self/clear_refs").write_text("5")
before = read("VmRSS")
try:
    convert_picture(content, xmp="")
except Rejected as error:
    print(error.cause)
else:
    print((read("VmHWM") - before) * 1024)
"""
_STRIP_PX: Final = 64


def flat(side: int, mode: str) -> Image.Image:
    """A picture that packs well."""
    size = (side, side)
    return Image.radial_gradient("L").resize(size, Image.Resampling.NEAREST).convert(mode)


def noisy(side: int, mode: str) -> Image.Image:
    """One that does not."""
    return Image.merge(mode, [_make_noise(side) for _ in mode])


def _make_noise(side: int) -> Image.Image:
    """A strip again and again, farther apart than any packer looks back: quickly drawn."""
    strip, noise = Image.effect_noise((side, _STRIP_PX), 90), Image.new("L", (side, side))
    for top in range(0, side, _STRIP_PX):
        noise.paste(strip, (0, top))
    return noise


def turned() -> Image.Exif:
    """On its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


Draw = Callable[[int, str], Image.Image]

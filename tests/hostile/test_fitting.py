"""What a picture that somebody sends takes while it is unpacked: less than 400 MB."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pillow_heif
import pytest

from bot.slack.kit.fitting import UNPACKED_MAX_BYTES
from tests.support.measured_pictures import MEASURE, Draw, flat, noisy, turned
from tests.support.root import ROOT

pillow_heif.register_heif_opener()
_QUICKLY: Final = {"enc_params": {"preset": "ultrafast"}}  # to pack it; else 13 s
_MEASURE: Final = (
    MEASURE.replace("bot.slack.kit.pictures", "bot.slack.kit.fitting")
    .replace('convert_picture(content, xmp="")', "fit_picture(content)")
    .replace("convert_picture", "fit_picture")
)

# What it is, how many megapixels just fit, how it is drawn and packed.
KINDS: Final[list[tuple[str, float, Draw, str, str, dict[str, Any]]]] = [
    ("108 megapixels", 108.0, flat, "RGB", "JPEG", {}),
    ("progressive JPEG", 42.0, flat, "RGB", "JPEG", {"progressive": True, "subsampling": 0}),
    ("turned JPEG", 16.7, flat, "RGB", "JPEG", {"exif": turned()}),
    ("noisy JPEG", 16.0, noisy, "RGB", "JPEG", {"quality": 60}),
    ("JPEG for print", 60.0, flat, "CMYK", "JPEG", {}),
    ("PNG", 60.0, flat, "RGB", "PNG", {"compress_level": 1}),
    ("noisy transparent PNG", 16.0, noisy, "RGBA", "PNG", {"compress_level": 0}),
    ("PNG of 16 bits", 40.0, flat, "I;16", "PNG", {"compress_level": 1}),
    ("PNG with a palette", 31.0, flat, "P", "PNG", {"compress_level": 1, "transparency": 0}),
    ("TIFF", 48.0, flat, "RGB", "TIFF", {"compression": "tiff_lzw"}),
    ("TIFF of floats", 30.0, flat, "F", "TIFF", {"compression": "tiff_lzw"}),
    ("TIFF for print", 30.0, flat, "CMYK", "TIFF", {"compression": "tiff_lzw"}),
    ("WebP", 21.0, flat, "RGB", "WEBP", {"method": 0}),
    ("GIF", 32.0, flat, "P", "GIF", {}),
    ("BMP", 30.0, flat, "L", "BMP", {}),
    ("HEIC", 48.0, flat, "RGB", "HEIF", _QUICKLY),
    ("transparent HEIC", 34.0, flat, "RGBA", "HEIF", _QUICKLY),
    ("AVIF", 37.0, flat, "RGB", "AVIF", {"speed": 10}),
]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize(
    ("megapixels", "draw", "mode", "kind", "options"),
    [pytest.param(*rest, id=name) for name, *rest in KINDS],
)
def test_the_largest_that_is_taken_takes_less_than_400_mb(
    tmp_path: Path,
    megapixels: float,
    draw: Draw,
    mode: str,
    kind: str,
    options: dict[str, Any],
) -> None:
    path = tmp_path / "picture"
    draw(math.isqrt(int(megapixels * 1e6)), mode).save(path, kind, **options)

    command = [sys.executable, "-c", _MEASURE, str(path)]
    said = subprocess.run(  # noqa: S603 - our own Python
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=140
    )
    taken = said.stdout.strip()
    assert taken.isdigit(), f"{taken}: it is refused, and measures nothing"
    assert int(taken) <= UNPACKED_MAX_BYTES

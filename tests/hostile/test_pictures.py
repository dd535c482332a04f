"""What a picture takes while it is unpacked: at most 150 MB, whatever it is made to be."""

from __future__ import annotations

import asyncio
import io
import math
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from bot.errors import Cause, Rejected
from bot.slack.kit.pictures import MEMORY_MAX_BYTES, PictureConverter, convert_picture
from tests.support.measured_pictures import MEASURE, Draw, flat, noisy, turned
from tests.support.root import ROOT

# What it is, how many megapixels just fit, how it is drawn and packed.
KINDS: Final[list[tuple[str, float, Draw, str, str, dict[str, Any]]]] = [
    ("WebP", 8.7, flat, "RGB", "WEBP", {"method": 0}),
    ("WebP without loss", 8.7, flat, "RGB", "WEBP", {"method": 0, "lossless": True}),
    ("transparent WebP", 8.7, flat, "LA", "WEBP", {"method": 0}),
    ("noisy WebP", 6.5, noisy, "RGB", "WEBP", {"method": 0, "quality": 90}),
    ("turned WebP", 7.0, flat, "RGB", "WEBP", {"method": 0, "exif": turned()}),
    ("PNG", 13.5, flat, "RGB", "PNG", {"compress_level": 1}),
    ("transparent PNG", 13.5, flat, "LA", "PNG", {"compress_level": 1}),
    ("noisy PNG", 8.5, noisy, "RGB", "PNG", {"compress_level": 0}),
    ("noisy transparent PNG", 7.5, noisy, "RGBA", "PNG", {"compress_level": 0}),
    ("PNG of 16 bits", 13.5, flat, "I;16", "PNG", {"compress_level": 1}),
    ("PNG with a palette", 13.0, flat, "P", "PNG", {"compress_level": 1, "transparency": 0}),
    ("JPEG", 11.4, flat, "RGB", "JPEG", {}),
    ("progressive JPEG", 11.4, flat, "RGB", "JPEG", {"progressive": True, "subsampling": 0}),
    ("noisy JPEG", 8.5, noisy, "RGB", "JPEG", {"progressive": True, "subsampling": 0}),
    ("JPEG for print", 7.8, flat, "CMYK", "JPEG", {"progressive": True, "subsampling": 0}),
    ("turned JPEG", 8.7, flat, "RGB", "JPEG", {"progressive": True, "exif": turned()}),
]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize(
    ("megapixels", "draw", "mode", "kind", "options"),
    [pytest.param(*rest, id=name) for name, *rest in KINDS],
)
def test_the_largest_that_is_taken_takes_at_most_150_mb(
    tmp_path: Path,
    megapixels: float,
    draw: Draw,
    mode: str,
    kind: str,
    options: dict[str, Any],
) -> None:
    path = tmp_path / "picture"
    draw(math.isqrt(int(megapixels * 1e6)), mode).save(path, kind, **options)

    command = [sys.executable, "-c", MEASURE, str(path)]
    said = subprocess.run(  # noqa: S603 - as above
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100
    )
    taken = said.stdout.strip()
    assert taken.isdigit(), f"{taken}: it is refused, and measures nothing"
    assert int(taken) <= MEMORY_MAX_BYTES


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "JPEG"])
def test_what_would_take_more_is_refused_before_it_is_unpacked(kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (6300, 6300)).save(out, kind, **({"method": 0} if kind == "WEBP" else {}))

    with pytest.raises(Rejected) as caught:
        convert_picture(out.getvalue(), xmp="")

    assert caught.value.cause is Cause.TOO_LARGE


async def test_what_does_not_fit_beside_another_waits_for_it() -> None:
    out, converter = io.BytesIO(), PictureConverter()
    Image.new("RGB", (2600, 2600)).save(out, "WEBP", method=0)
    made = await asyncio.gather(*(converter.convert(out.getvalue(), "") for _ in range(4)))
    converter.close()

    assert {(each.width, each.height) for each in made} == {(2600, 2600)}

"""The pictures: landscapes drawn from a hash of the prompt, marked "sandbox", never a model's.

Same prompt, index, model, size and references: same picture. Everything here is pure and slow
(100 ms and more): call it in a thread.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]

THUMBNAIL_PX: Final = 384  # the longer side
_MASK_SCALE: Final = 2  # masks are drawn this much larger, for smooth edges
_TINT: Final = 0.4  # how much of a palette the style references take over


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that decides what a picture looks like."""

    prompt: str
    model: str
    width: int  # pixels
    height: int
    number: int  # from 1
    quantity: int
    tints: tuple[Colour, ...] = ()  # of the style references
    is_transparent: bool = False
    take: int = 0  # how often the same was asked for before: each time another picture


@dataclass(frozen=True, slots=True)
class _Palette:
    sky_top: Colour
    sky_low: Colour
    sun: Colour
    far: Colour
    near: Colour
    is_night: bool = False


_PALETTES: Final = (
    _Palette((255, 158, 109), (255, 226, 180), (255, 246, 219), (214, 122, 127), (74, 44, 89)),
    _Palette((92, 159, 214), (218, 239, 247), (255, 250, 224), (120, 170, 178), (31, 78, 95)),
    _Palette((38, 38, 92), (232, 122, 131), (255, 203, 148), (121, 78, 132), (33, 24, 61)),
    _Palette((13, 19, 48), (46, 74, 117), (244, 241, 222), (37, 58, 94), (8, 13, 30), True),
    _Palette((164, 205, 190), (250, 243, 214), (255, 255, 240), (129, 178, 154), (38, 84, 72)),
    _Palette((247, 197, 204), (255, 240, 230), (255, 255, 255), (222, 158, 171), (109, 74, 116)),
    _Palette((30, 32, 70), (98, 82, 142), (253, 226, 243), (71, 62, 117), (18, 16, 42), True),
    _Palette((120, 196, 224), (253, 236, 196), (255, 214, 102), (232, 168, 96), (138, 76, 52)),
)

_SCENE_WORDS: Final = {
    "sea": ("sea", "ocean", "lighthouse", "beach", "wave", "harbour", "island", "boat", "swim"),
    "mountains": ("mountain", "snow", "alps", "summit", "trail", "climb", "fog", "mist"),
    "city": ("city", "street", "office", "skyline", "neon", "tower", "night train", "laptop"),
    "forest": ("forest", "tree", "wood", "pine", "garden", "orchard", "fern"),
    "hills": ("hill", "field", "meadow", "coffee", "desert", "dune", "valley"),
}


def draw_picture(drawing: Drawing) -> bytes:
    """The full picture as WebP, in exactly the dimensions that were asked for."""
    image = _paint(drawing)
    file = io.BytesIO()
    image.save(file, "WEBP", quality=82, method=1)
    return file.getvalue()


def draw_thumbnail(drawing: Drawing) -> bytes:
    """A JPEG whose longer side has 384 pixels."""
    image = _paint(drawing)
    image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    if image.mode == "RGBA":
        paper = Image.new("RGB", image.size, (255, 255, 255))
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def make_picture_bomb() -> bytes:
    """A valid WebP of 16384 x 16384 pixels in 28 bytes; to decode it takes a gigabyte.

    Lossless WebP: a header with the dimensions, no transforms, no colour cache, and five prefix
    codes of a single symbol each, so that a pixel takes no bits at all.
    """
    dimensions = (16384 - 1) | (16384 - 1) << 14
    single_symbol_code = 0b0001  # "simple", one symbol, of one bit, zero
    bits, length = dimensions, 14 + 14 + 1 + 3  # then alpha hint and version, both zero
    length += 3  # no transform, no colour cache, no meta prefix codes
    for _ in range(5):
        bits |= single_symbol_code << length
        length += 4
    data = b"\x2f" + bits.to_bytes(math.ceil(length / 8), "little")
    data += b"\x00" * (len(data) % 2)
    chunk = b"WEBPVP8L" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(chunk).to_bytes(4, "little") + chunk


def choose_colour(drawing: Drawing) -> Colour:
    """The colour that stands for a picture, when it is a style reference itself."""
    return _choose_palette(_make_random(drawing), drawing.tints).sky_low


def _make_random(drawing: Drawing) -> random.Random:
    text = f"{drawing.prompt}\n{drawing.model}\n{drawing.number}"
    if drawing.take:
        text += f"\n{drawing.take}"
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return random.Random(digest)  # noqa: S311 - it picks colours, not keys


def _paint(drawing: Drawing) -> Image.Image:
    generator = _make_random(drawing)
    palette = _choose_palette(generator, drawing.tints)
    canvas = _Canvas(drawing.width, drawing.height, palette, generator)
    canvas.paint_sky()
    _SCENES[_choose_scene(drawing.prompt, generator)](canvas)
    if drawing.is_transparent:
        canvas.image.putalpha(_make_vignette(canvas.image.size))
    label = f"sandbox · {drawing.model} · {drawing.number} of {drawing.quantity}"
    _write_label(canvas.image, label)
    return canvas.image


def _choose_palette(generator: random.Random, tints: Sequence[Colour]) -> _Palette:
    palette = generator.choice(_PALETTES)
    if not tints:
        return palette
    red, green, blue = (sum(tint[band] for tint in tints) // len(tints) for band in range(3))
    tint = (red, green, blue)
    return _Palette(
        _mix(palette.sky_top, tint, _TINT),
        _mix(palette.sky_low, tint, _TINT / 2),
        palette.sun,
        _mix(palette.far, tint, _TINT),
        _mix(palette.near, _mix(tint, (0, 0, 0), 0.6), _TINT),
        palette.is_night,
    )


def _choose_scene(prompt: str, generator: random.Random) -> str:
    by_chance = generator.choice(sorted(_SCENE_WORDS))
    lowered = prompt.lower()
    for scene, words in _SCENE_WORDS.items():
        if any(word in lowered for word in words):
            return scene
    return by_chance


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _make_gradient(width: int, height: int, top: Colour, low: Colour) -> Image.Image:
    column = Image.new("RGB", (1, height))
    steps = max(height - 1, 1)
    column.putdata([_mix(top, low, row / steps) for row in range(height)])
    return column.resize((width, height), Image.Resampling.NEAREST)


class _Canvas:
    """A picture in the making: layers are painted from far to near."""

    def __init__(
        self, width: int, height: int, palette: _Palette, generator: random.Random
    ) -> None:
        self.width = width
        self.height = height
        self.unit = min(width, height)  # lengths are shares of it, so that sizes look alike
        self.palette = palette
        self.random = generator
        self.sun_at: Point = (width * 0.5, height * 0.4)
        self.image = _make_gradient(width, height, palette.sky_top, palette.sky_low)

    def paint_sky(self) -> None:
        """Stars by night, then the sun or moon with its glow."""
        if self.palette.is_night:
            self._paint_stars()
        x = self.width * self.random.uniform(0.2, 0.8)
        y = self.height * self.random.uniform(0.22, 0.42)
        radius = self.unit * self.random.uniform(0.07, 0.13)
        self.sun_at = (x, y)
        glow = Image.radial_gradient("L").resize((round(radius * 9), round(radius * 9)))
        glow = ImageChops.invert(glow).point(lambda value: max(0, value - 75) * 0.75)
        corner = round(x - glow.width / 2), round(y - glow.height / 2)
        self.image.paste(
            self.palette.sun, (*corner, corner[0] + glow.width, corner[1] + glow.height), glow
        )
        self.paint_ellipse(x, y, radius, radius, self.palette.sun)

    def _paint_stars(self) -> None:
        draw = ImageDraw.Draw(self.image)
        for _ in range(140):
            x = self.random.uniform(0, self.width)
            y = self.random.uniform(0, self.height * 0.6)
            size = self.random.choice((1, 1, 1, 2))
            shade = _mix(self.palette.sky_top, self.palette.sun, self.random.uniform(0.3, 0.9))
            draw.ellipse((x, y, x + size, y + size), fill=shade)

    def paint_ellipse(self, x: float, y: float, wide: float, high: float, fill: Colour) -> None:
        """A smooth ellipse around (x, y) with the half axes `wide` and `high`."""
        box = (math.floor(x - wide) - 1, math.floor(y - high) - 1)
        size = (math.ceil(wide * 2) + 3, math.ceil(high * 2) + 3)
        mask = Image.new("L", (size[0] * _MASK_SCALE, size[1] * _MASK_SCALE))
        left, top = (x - wide - box[0]) * _MASK_SCALE, (y - high - box[1]) * _MASK_SCALE
        ends = (left + 2 * wide * _MASK_SCALE, top + 2 * high * _MASK_SCALE)
        ImageDraw.Draw(mask).ellipse((left, top, *ends), fill=255)
        mask = mask.reduce(_MASK_SCALE)
        self.image.paste(fill, (*box, box[0] + mask.width, box[1] + mask.height), mask)

    def paint_shapes(self, shapes: Sequence[Sequence[Point]], top: Colour, low: Colour) -> None:
        """Fill polygons with one gradient that runs from their highest point to the ground."""
        first_row = max(0, math.floor(min(y for shape in shapes for _, y in shape)))
        height = self.height - first_row
        if height <= 0:
            return
        mask = Image.new("L", (self.width * _MASK_SCALE, height * _MASK_SCALE))
        draw = ImageDraw.Draw(mask)
        for shape in shapes:
            draw.polygon(
                [(x * _MASK_SCALE, (y - first_row) * _MASK_SCALE) for x, y in shape], fill=255
            )
        gradient = _make_gradient(self.width, height, top, low)
        self.image.paste(gradient, (0, first_row), mask.reduce(_MASK_SCALE))

    def layer_colour(self, depth: float) -> Colour:
        """From far and hazy (0) to near and dark (1)."""
        return _mix(self.palette.far, self.palette.near, depth)

    def make_ridge(self, level: float, swing: float, roughness: int) -> list[Point]:
        """A line of hills from the left to the right edge around `level` (share of height)."""
        waves = [
            (
                self.random.uniform(0.6, 1.4) * (octave + 1),
                self.random.uniform(0, math.tau),
                swing / (octave + 1) ** 1.2,
            )
            for octave in range(roughness)
        ]
        points = []
        for step in range(161):
            share = step / 160
            lift = sum(
                size * math.sin(share * math.pi * pace + shift) for pace, shift, size in waves
            )
            points.append((share * self.width, (level - lift) * self.height))
        return points

    def close(self, ridge: Sequence[Point]) -> list[Point]:
        """The land below a ridge."""
        return [(0, self.height), *ridge, (self.width, self.height)]


def _paint_hills(canvas: _Canvas) -> None:
    layers = 5
    for layer in range(layers):
        depth = layer / (layers - 1)
        ridge = canvas.make_ridge(0.56 + 0.09 * layer, 0.055, 3)
        colour = canvas.layer_colour(depth)
        canvas.paint_shapes([canvas.close(ridge)], _mix(colour, canvas.palette.sun, 0.16), colour)


def _paint_mountains(canvas: _Canvas) -> None:
    for layer in range(4):
        depth = layer / 3
        ridge = _make_peaks(canvas, 0.44 + 0.12 * layer, 0.2 - 0.03 * layer)
        colour = canvas.layer_colour(depth)
        mist = _mix(colour, canvas.palette.sky_low, 0.75 - 0.2 * layer)
        canvas.paint_shapes([canvas.close(ridge)], colour, mist)


def _make_peaks(canvas: _Canvas, level: float, swing: float) -> list[Point]:
    """A jagged ridge by halving: each new point is pushed up or down a little less."""
    heights = [canvas.random.uniform(-0.5, 0.5) for _ in range(4)]
    push = 0.7
    for _ in range(5):
        halved = []
        for left, right in itertools.pairwise(heights):
            halved += [left, (left + right) / 2 + canvas.random.uniform(-push, push)]
        heights = [*halved, heights[-1]]
        push *= 0.52
    step = canvas.width / (len(heights) - 1)
    return [
        (index * step, (level - height * swing) * canvas.height)
        for index, height in enumerate(heights)
    ]


def _paint_sea(canvas: _Canvas) -> None:
    horizon = canvas.height * 0.56
    water_top = _mix(_mix(canvas.palette.sky_top, canvas.palette.far, 0.4), canvas.palette.sun, 0.2)
    everything = [(0, horizon), (canvas.width, horizon)]
    water_low = _mix(canvas.palette.near, canvas.palette.sky_top, 0.6)  # water mirrors the sky
    canvas.paint_shapes([canvas.close(everything)], water_top, water_low)
    _paint_headland(canvas, horizon)
    _paint_reflection(canvas, horizon)
    for layer in range(4):
        ridge = canvas.make_ridge(0.72 + 0.075 * layer, 0.014, 4)
        colour = _mix(
            canvas.layer_colour(0.45 + 0.18 * layer), canvas.palette.sky_top, 0.6 - 0.08 * layer
        )
        canvas.paint_shapes([canvas.close(ridge)], _mix(colour, canvas.palette.sun, 0.22), colour)


def _paint_headland(canvas: _Canvas, horizon: float) -> None:
    """A cape on the side away from the sun, with a lighthouse on it."""
    is_left = canvas.sun_at[0] > canvas.width / 2
    reach = canvas.width * canvas.random.uniform(0.3, 0.42)
    high = canvas.unit * 0.1
    land = []
    for step in range(41):
        share = step / 40
        x = reach * share if is_left else canvas.width - reach * share
        land.append((x, horizon - high * (math.cos(share * math.pi) + 1) / 2))
    side = 0 if is_left else canvas.width
    colour = canvas.layer_colour(0.6)
    canvas.paint_shapes([[(side, horizon), *land, (land[-1][0], horizon)]], colour, colour)
    _paint_lighthouse(canvas, land[14][0], land[14][1])


def _paint_lighthouse(canvas: _Canvas, x: float, ground: float) -> None:
    high = canvas.unit * 0.19
    foot, head = high * 0.13, high * 0.08
    white = _mix(canvas.palette.sky_low, (255, 255, 255), 0.55)
    tower = [
        (x - foot, ground + 4),
        (x - head, ground - high),
        (x + head, ground - high),
        (x + foot, ground + 4),
    ]
    canvas.paint_shapes([tower], white, white)
    dark = canvas.layer_colour(0.95)
    room = [
        (x - head * 0.8, ground - high),
        (x - head * 0.8, ground - high * 1.12),
        (x, ground - high * 1.22),
        (x + head * 0.8, ground - high * 1.12),
        (x + head * 0.8, ground - high),
    ]
    canvas.paint_shapes([room], dark, dark)
    canvas.paint_ellipse(x, ground - high * 1.06, head * 0.45, head * 0.45, (255, 236, 160))


def _paint_reflection(canvas: _Canvas, horizon: float) -> None:
    x = canvas.sun_at[0]
    row = horizon + canvas.unit * 0.012
    wide = canvas.unit * 0.13
    while row < canvas.height * 0.78:
        shift = canvas.random.uniform(-0.25, 0.25) * wide
        stretch = wide * canvas.random.uniform(0.5, 1.0)
        shine = _mix(canvas.palette.sun, canvas.palette.far, 0.25)
        canvas.paint_ellipse(x + shift, row, stretch, canvas.unit * 0.0035, shine)
        row += canvas.unit * 0.021
        wide *= 0.97


def _paint_forest(canvas: _Canvas) -> None:
    for layer in range(4):
        depth = layer / 3
        level = 0.56 + 0.11 * layer
        ridge = canvas.make_ridge(level, 0.03, 3)
        tall = canvas.unit * (0.09 + 0.07 * layer)
        trees = [
            _make_tree(x, y, tall * canvas.random.uniform(0.65, 1.2))
            for x, y in ridge[:: 3 + layer]
        ]
        colour = canvas.layer_colour(depth)
        mist = _mix(colour, canvas.palette.sky_low, 0.5 * (1 - depth))
        canvas.paint_shapes([canvas.close(ridge), *trees], colour, mist)


def _make_tree(x: float, ground: float, tall: float) -> list[Point]:
    """A fir: three tiers of branches."""
    right = []
    for tier in range(3):
        low = ground - tall * (0.1 + 0.28 * tier)
        wide = tall * (0.24 - 0.06 * tier)
        right += [(wide, low), (wide * 0.45, low - tall * 0.2)]
    right.append((0, ground - tall))
    left = [(-offset, y) for offset, y in reversed(right)]
    return [(x + offset, y) for offset, y in [(0, ground + tall * 0.1), *right, *left]]


def _paint_city(canvas: _Canvas) -> None:
    for layer in range(3):
        houses = _make_houses(canvas, 0.62 + 0.1 * layer, 0.3 - 0.07 * layer)
        colour = canvas.layer_colour(0.2 + 0.4 * layer)
        low = _mix(colour, canvas.palette.sky_low, 0.35 - 0.17 * layer)
        shapes = [
            [(left, canvas.height), (left, top), (right, top), (right, canvas.height)]
            for left, top, right in houses
        ]
        canvas.paint_shapes(shapes, colour, low)
        if layer > 0:
            _light_windows(canvas, houses)


def _make_houses(canvas: _Canvas, level: float, swing: float) -> list[tuple[float, float, float]]:
    """Left edge, roof and right edge of each house, from the left to the right."""
    houses = []
    left = -canvas.unit * 0.02
    while left < canvas.width:
        wide = canvas.unit * canvas.random.uniform(0.05, 0.12)
        top = canvas.height * (level - swing * canvas.random.random() ** 1.6)
        houses.append((left, top, left + wide))
        left += wide + canvas.unit * canvas.random.choice((0, 0, 0.012))
    return houses


def _light_windows(canvas: _Canvas, houses: Sequence[tuple[float, float, float]]) -> None:
    draw = ImageDraw.Draw(canvas.image)
    size = canvas.unit * 0.009
    light = _mix(canvas.palette.sun, (255, 214, 120), 0.5)
    for left, top, right in houses:
        row = top + size * 2
        while row < canvas.height - size * 2:
            column = left + size * 1.5
            while column < right - size * 2:
                if canvas.random.random() < 0.28:
                    draw.rectangle((column, row, column + size, row + size * 1.4), fill=light)
                column += size * 2.2
            row += size * 3.2


_SCENES: Final = {
    "hills": _paint_hills,
    "mountains": _paint_mountains,
    "sea": _paint_sea,
    "forest": _paint_forest,
    "city": _paint_city,
}


def _write_label(image: Image.Image, text: str) -> None:
    """Small, legible on any ground, in the lower left corner."""
    size = max(14, round(min(image.size) * 0.027))
    font = ImageFont.load_default(size)
    box = font.getbbox(text)
    pad = size * 0.6
    margin = size
    right = margin + box[2] + 2 * pad
    low = image.height - margin
    top = low - size * 1.15 - pad
    patch = Image.new("RGBA", (math.ceil(right - margin), math.ceil(low - top)))
    draw = ImageDraw.Draw(patch)
    edges = (0, 0, patch.width - 1, patch.height - 1)
    draw.rounded_rectangle(edges, radius=size * 0.5, fill=(20, 20, 24, 200))
    draw.text((pad, patch.height / 2), text, font=font, fill="white", anchor="lm")
    place = (round(margin), round(top))
    if image.mode == "RGBA":
        image.alpha_composite(patch, place)
    else:
        image.paste(patch, place, patch)


def _make_vignette(size: tuple[int, int]) -> Image.Image:
    """An alpha channel: opaque in the middle, fading to nothing at rounded edges."""
    inset = round(min(size) * 0.06)
    small = (size[0] // 4, size[1] // 4)
    mask = Image.new("L", small)
    edges = (inset // 4, inset // 4, small[0] - inset // 4, small[1] - inset // 4)
    ImageDraw.Draw(mask).rounded_rectangle(edges, radius=inset // 2, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(inset / 10)).resize(size)

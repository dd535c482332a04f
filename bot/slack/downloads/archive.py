"""The ZIP files: what is in them, and what they are called. Pure.

original/harbour-at-dawn_feed_ideogram-3_1.webp     as PowerPost gave it
marked/harbour-at-dawn_feed_ideogram-3_1.jpg        as it is in Slack
pictures.csv                                        in the last one: all of them
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.generations.record import FORGOTTEN, Generation, Picture
from bot.images.catalogue import MODELS
from bot.images.marks import name_file
from bot.slack.kit import generation_texts
from bot.slack.kit.csv_cells import defend_cell

# Of one ZIP; it is held in memory until Slack has it.
PART_MAX_BYTES: Final = 40_000_000
COLUMNS: Final = (
    *("name", "prompt", "alt text", "model", "size", "user id", "date (UTC)"),
    *("credits of the request", "media id", "permalink"),
)
# By how a file begins (https://en.wikipedia.org/wiki/List_of_file_signatures).
_BEGINNINGS: Final = ((b"RIFF", "webp"), (b"\x89PNG", "png"), (b"\xff\xd8", "jpg"))
_DATE: Final = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Packed:
    """A picture that is in a ZIP. `name` is without what comes after the dot."""

    generation: Generation
    picture: Picture
    name: str


class Archive:
    """A ZIP that is being written. Pictures are compressed already: they are only put together."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._zip = zipfile.ZipFile(self._bytes, "w", zipfile.ZIP_STORED)
        self.count = 0

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._bytes.tell()

    def add(self, name: str, content: bytes) -> None:
        """A file in it."""
        self._zip.writestr(name, content)
        self.count += 1

    def finish(self) -> bytes:
        """All of it. Nothing can be added after that."""
        self._zip.close()
        return self._bytes.getvalue()


def name_picture(generation: Generation, picture: Picture, taken: Sequence[str]) -> str:
    """What a picture is called in the ZIP, without its end: as nothing else is there."""
    name = name_file(generation.request, picture.position, "x").removesuffix(".x")
    if generation.part is not None:
        name = f"{generation.part:02}-{name}"
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def find_extension(content: bytes) -> str:
    """What kind of picture it is."""
    return next((end for begins, end in _BEGINNINGS if content.startswith(begins)), "bin")


def write_list(packed: Sequence[Packed], link_of: dict[str, str | None]) -> bytes:
    """`pictures.csv`: UTF-8 with a mark, as spreadsheets take it. `link_of` is where a generation
    stands in Slack, by its id."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_ALL)
    rows.writerow(COLUMNS)
    for each in packed:
        rows.writerow(_row(each, link_of.get(each.generation.id)))
    return out.getvalue().encode("utf-8-sig")


def _row(packed: Packed, link: str | None) -> list[str | float]:
    generation, picture = packed.generation, packed.picture
    request, who = generation.request, generation.place.user_id
    made_at = generation.finished_at or generation.accepted_at
    credits_ = generation.credits_used
    return [
        defend_cell(packed.name),
        defend_cell(generation_texts.prompt_of(generation)),
        defend_cell(generation_texts.picture_alt(generation, picture.position)),
        defend_cell(MODELS[request.model].name),
        defend_cell(request.size.value),
        "" if who == FORGOTTEN else defend_cell(who),
        made_at.strftime(_DATE),
        "" if credits_ is None else credits_,
        defend_cell(picture.media_id),
        defend_cell(link or ""),
    ]

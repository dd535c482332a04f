"""What a file says of itself, and what it is called."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.images.catalogue import Model, Size
from bot.images.marks import (
    GENERATED,
    NAME_MAX,
    Mark,
    list_marks,
    name_file,
    read_marks,
    write_xmp,
)
from bot.images.request import ImageRequest

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def read_values(xmp: str) -> dict[str, str | None]:
    """What is said, by the property's name without its namespace."""
    (description,) = ET.fromstring(xmp.encode())[0]  # noqa: S314 - our own
    return {each.tag.rpartition("}")[2]: each.text for each in description}


def test_it_says_that_it_was_generated_by_what_and_when() -> None:
    assert read_values(write_xmp(Mark(NOON, Model.FLUX2_FLEX, "gen-1", "media-1"))) == {
        "DigitalSourceType": GENERATED,
        "AISystemUsed": "FLUX.2 Flex",
        "AISystemVersionUsed": "flux2-flex",
        "DigImageGUID": "media-1",
        "identifier": "gen-1",
        "CreateDate": "2026-11-27T12:00:00Z",
        "CreatorTool": "Imagine, through PowerPost",
    }


@given(st.text())
def test_whatever_the_prompt_is_the_packet_can_be_read(prompt: str) -> None:
    said = read_values(write_xmp(Mark(NOON, prompt=prompt)))

    assert said["DigitalSourceType"] == GENERATED
    assert ("AIPromptInformation" in said) == bool(prompt)


def test_marks_are_read_back_as_elements_and_as_attributes() -> None:
    mark = Mark(NOON, Model.FLUX2_FLEX, "gen <1>", "media-1")
    packet = write_xmp(mark).encode()
    begun = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description Iptc4xmpExt:AISystemUsed='
    rewritten = begun + b'"FLUX.2 Flex"/></x:xmpmeta>'

    found = read_marks(b"\xff\xd8" + packet + b"\x00")
    assert {name: found.get(name) for name in list_marks(mark)} == list_marks(mark)
    assert read_marks(rewritten)["AISystemUsed"] == "FLUX.2 Flex"
    assert read_marks(b"\xff\xd8 no packet") == {}


def test_alt_text_goes_along_where_somebody_has_written_it() -> None:
    said = write_xmp(Mark(NOON, alt_text="A <lighthouse>, lit"))

    (description,) = ET.fromstring(said.encode())[0]  # noqa: S314 - our own
    written = [each for each in description if each.tag.endswith("}AltTextAccessibility")]
    assert ["".join(each.itertext()) for each in written] == ["A <lighthouse>, lit"]


def test_a_file_is_called_by_what_it_shows_and_how_it_was_made() -> None:
    request = ImageRequest(prompt="Harbour at dawn", model=Model.IDEOGRAM_3, size=Size.FEED)

    assert name_file(request, 2, "jpg") == "harbour-at-dawn_feed_ideogram-3_2.jpg"


def test_without_words_in_plain_letters_it_is_a_picture() -> None:
    assert name_file(ImageRequest(prompt="夜の港"), 1, "png").startswith("picture_")
    assert name_file(ImageRequest(), 1, "png").startswith("picture_")


@given(st.text(max_size=400), st.sampled_from(Model), st.sampled_from(Size))
def test_a_name_is_short_and_of_plain_letters(prompt: str, model: Model, size: Size) -> None:
    name = name_file(ImageRequest(prompt=prompt, model=model, size=size), 4, "jpg")

    assert len(name) <= NAME_MAX
    assert name.isascii()
    assert set("/\\ :") & set(name) == set()

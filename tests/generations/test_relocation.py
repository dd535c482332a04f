"""What is to be made in another of PowerPost's workspaces: its media are files again."""

from __future__ import annotations

from dataclasses import replace

from bot.generations.record import Generation, Picture, SlackFile, Sources, State
from bot.generations.relocation import find_files, find_strays, relocate
from bot.images.request import ImageRequest
from bot.policy.presets import AppliedPreset, StoredReference
from tests.support.rows import NOW, new_generation

FILE = SlackFile(file_id="F1", name="mood.png")
OLDER = SlackFile(file_id="F0", name="Picture 1")
GATHERED = Sources(references=(FILE,), is_gathered=True)
FOX = ImageRequest(prompt="a fox", style_images=("m0", "m1"))
HAS_FILE = StoredReference(media_id="p1", name="brand.png", file_id="F9")


def made_with(request: ImageRequest, sources: Sources, *pictures: Picture) -> Generation:
    new = new_generation()
    kept = Generation(new.id, new.origin, new.place, request, NOW, State.DELIVERED, sources)
    return replace(kept, pictures=pictures)


def test_media_are_files_again_in_their_order() -> None:
    moved = relocate(FOX, GATHERED, "ws_2", {"m0": OLDER})

    assert moved is not None
    request, sources = moved
    assert request.style_images == ()
    assert sources.references == (OLDER, FILE)
    assert not sources.is_gathered
    assert sources.powerpost_workspace == "ws_2"


def test_what_is_there_already_stays_as_it_is() -> None:
    there = GATHERED.model_copy(update={"powerpost_workspace": "ws_2"})

    assert relocate(FOX, there, "ws_2", {}) == (FOX, there)


def test_a_picture_whose_file_nobody_knows_cannot_be_brought() -> None:
    assert find_strays(FOX, GATHERED) == ("m0",)
    assert relocate(FOX, GATHERED, "ws_2", {}) is None


def test_the_pictures_of_a_preset_are_brought_from_their_files() -> None:
    preset = AppliedPreset(name="brand", style_images=("p1",), references=(HAS_FILE,))
    moved = relocate(ImageRequest(prompt="x"), Sources(preset=preset), "ws_2", {})

    assert moved is not None
    due = moved[1].preset
    assert due is not None
    assert due.is_to_be_brought
    assert due.references == (HAS_FILE,)


def test_pictures_of_a_preset_that_are_there_already_need_no_file() -> None:
    there = StoredReference(media_id="p2", name="made there", powerpost_workspace="ws_2")
    mixed = AppliedPreset(name="b", style_images=("p1", "p2"), references=(HAS_FILE, there))
    whole = AppliedPreset(name="b", style_images=("p2",), references=(there,))

    moved = relocate(ImageRequest(prompt="x"), Sources(preset=mixed), "ws_2", {})
    assert moved is not None
    assert moved[1].preset == mixed.to_bring()
    assert relocate(ImageRequest(prompt="x"), Sources(preset=mixed), None, {}) is None
    sources = Sources(preset=whole, powerpost_workspace="ws_2")
    assert relocate(ImageRequest(prompt="x"), sources, "ws_2", {}) == (
        ImageRequest(prompt="x"),
        sources,
    )


def test_a_preset_without_files_cannot_be_brought() -> None:
    old = AppliedPreset(name="brand", style_images=("p1",))

    assert relocate(ImageRequest(prompt="x"), Sources(preset=old), "ws_2", {}) is None


def test_files_are_known_of_what_was_made_and_what_it_was_made_with() -> None:
    picture = Picture(1, "m9", "https://p.example/1", None, None, NOW, slack_file_id="F7")
    linked = replace(picture, position=2, media_id="m8", slack_file_id=None)

    assert find_files([made_with(FOX, GATHERED, picture, linked)]) == {
        "m9": SlackFile(file_id="F7", name="Picture 1"),
        "m1": FILE,
    }


def test_only_what_is_made_in_another_workspace_says_so_in_its_row() -> None:
    """The version before pays for nothing whose sources say more than it knows."""
    assert "powerpost_workspace" not in Sources().model_dump(mode="json")
    ours = AppliedPreset(name="brand", style_images=("p1",), references=(HAS_FILE,))
    assert ours.model_dump(mode="json").keys() == {"name", "prefix", "suffix", "style_images"}
    there = HAS_FILE.model_copy(update={"powerpost_workspace": "ws_2"})
    for moved in (ours.to_bring(), ours.brought((there,))):
        assert AppliedPreset.model_validate(moved.model_dump(mode="json")) == moved
    other = Sources(powerpost_workspace="ws_2")
    assert other.model_dump(mode="json")["powerpost_workspace"] == "ws_2"
    assert Sources.model_validate(other.model_dump(mode="json")) == other

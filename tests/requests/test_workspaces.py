"""The gate: PowerPost's workspace that a request keeps, and what cannot be made in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.generations.record import (
    Generation,
    NewGeneration,
    Part,
    Picture,
    SlackFile,
    Sources,
    State,
)
from bot.policy.book import PolicyBook
from bot.policy.policy import Policy
from bot.policy.presets import AppliedPreset, Preset, StoredReference
from bot.policy.rules import Rules
from bot.policy.workspaces import (
    Elsewhere,
    InOtherWorkspace,
    PowerPostWorkspaces,
    WorkspaceUnknown,
)
from bot.requests.gate import Gate
from bot.slack.kit import preset_texts
from bot.slack.kit.refusal_texts import can_mend, refused
from tests.support.rows import NOW, REQUEST, new_generation

SEVERAL = PowerPostWorkspaces("ws_1", {"ws_2": "Lakeside Hotel"})
LAKESIDE = Policy(channel_rules={"C1": Rules(powerpost_workspace="ws_2")})


class Rows:
    """A policy that nobody changes."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    async def read(self, team_id: str) -> Policy:
        return self.policy

    async def change(self, *_: object, **__: object) -> Policy:
        raise NotImplementedError


async def let_through(
    policy: Policy, new: NewGeneration, versions: Sequence[Generation] = ()
) -> NewGeneration:
    """`new` as it is promised."""
    accepted: list[NewGeneration] = []

    async def accept(settled: NewGeneration) -> bool:
        accepted.append(settled)
        return True

    async def find_versions(generation_id: str) -> Sequence[Generation]:
        return versions

    gate = Gate(
        PolicyBook(Rows(policy)),
        accept,
        lambda *_: None,
        preset_texts.gave_way,
        workspaces=SEVERAL,
        find_versions=find_versions,
    )
    await gate.accept(new)
    return accepted[0]


async def test_a_request_keeps_the_workspace_of_its_channel() -> None:
    made = await let_through(LAKESIDE, new_generation())

    assert made.sources.powerpost_workspace == "ws_2"


@pytest.mark.parametrize("rules", [{}, {"C1": Rules(powerpost_workspace="ws_1")}])
async def test_without_another_one_it_is_made_in_the_default_one(rules: dict[str, Rules]) -> None:
    made = await let_through(Policy(channel_rules=rules), new_generation())

    assert made.sources.powerpost_workspace is None


async def test_what_is_shown_to_one_person_first_is_made_for_the_channel() -> None:
    new = new_generation()
    place = replace(new.place, channel_id="U1", for_channel_id="C1")
    made = await let_through(LAKESIDE, replace(new, place=place))

    assert made.sources.powerpost_workspace == "ws_2"


async def test_each_part_of_a_brief_is_made_there() -> None:
    parts = tuple(
        Part(REQUEST, label, sources=own) for label, own in (("a", None), ("b", Sources()))
    )
    made = await let_through(LAKESIDE, replace(new_generation(), parts=parts))

    assert {each.sources.powerpost_workspace for each in made.split()} == {"ws_2"}


async def test_an_unknown_workspace_is_refused_and_an_admin_is_told_what_to_do() -> None:
    gone = Policy(channel_rules={"C1": Rules(powerpost_workspace="ws_gone")})
    with pytest.raises(WorkspaceUnknown) as caught:
        await let_through(gone, new_generation())

    said = refused(caught.value)
    assert "a PowerPost workspace that isn't set up here any more" in said
    assert "Home tab, under Rules" in said
    assert "Nothing was spent." in said
    assert not can_mend(caught.value)


async def test_a_caption_of_another_workspace_is_asked_about() -> None:
    captioned = replace(
        new_generation(), request=REQUEST.model_copy(update={"caption_id": "caption"})
    )
    with pytest.raises(InOtherWorkspace) as caught:
        await let_through(LAKESIDE, captioned)

    assert caught.value.what is Elsewhere.CAPTION
    said = refused(caught.value)
    assert "in the PowerPost workspace Default, and pictures here are made in Lakeside" in said
    assert "Choose one of Lakeside Hotel's captions" in said
    assert can_mend(caught.value)


def again(sources: Sources) -> NewGeneration:
    """Made again of what an earlier version had: one of its pictures, and its own reference."""
    request = REQUEST.model_copy(update={"style_images": ("m9", "m1")})
    return replace(new_generation(), request=request, sources=sources, parent_id="g0")


FILE = SlackFile(file_id="F1", name="mood.png")


async def test_made_again_after_its_channel_was_set_to_another_its_pictures_come_along() -> None:
    new = new_generation("g0")
    picture = Picture(1, "m9", "https://p.example/1", None, None, NOW, slack_file_id="F7")
    parent = Generation("g0", "x", new.place, REQUEST, NOW, State.DELIVERED, pictures=(picture,))
    sources = Sources(references=(FILE,), is_gathered=True)
    made = await let_through(LAKESIDE, again(sources), [parent])

    assert made.request.style_images == ()
    assert [file.file_id for file in made.sources.references] == ["F7", "F1"]
    assert not made.sources.is_gathered


async def test_a_reference_without_a_file_is_asked_about() -> None:
    with pytest.raises(InOtherWorkspace) as caught:
        await let_through(LAKESIDE, again(Sources(references=(FILE,), is_gathered=True)))

    assert caught.value.what is Elsewhere.REFERENCES
    assert "leave it out, or add the picture again" in refused(caught.value)


async def test_the_pictures_of_a_preset_come_along_from_its_files() -> None:
    """What an earlier version was made with does not say where the files are: the preset does."""
    stored = StoredReference(media_id="p1", name="brand.png", file_id="F9")
    policy = LAKESIDE.model_copy(update={"presets": (Preset(name="Brand", references=(stored,)),)})
    old = Sources(preset=AppliedPreset(name="brand", style_images=("p1",)))
    made = await let_through(policy, replace(new_generation(), sources=old))

    assert made.sources.preset is not None
    assert made.sources.preset.is_to_be_brought
    assert made.sources.preset.references == (stored,)

    with pytest.raises(InOtherWorkspace) as caught:
        await let_through(LAKESIDE, replace(new_generation(), sources=old))
    assert caught.value.what is Elsewhere.PRESET
    assert "An admin has to add them to the preset again" in refused(caught.value)

"""Alt text: read and changed by its person, kept, and used wherever the picture is shown."""

from __future__ import annotations

import csv
import io
import zipfile

import pyexiv2

from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Message
from tests.support.image_form import Form
from tests.support.stage import DESIGN, GENERAL, Stage, images_of
from tests.support.threads import choose, element, make, open_menu, press
from tests.support.told_briefs import ask, summaries, until_summed, with_pictures

OWN = "A lighthouse <at dawn>, its lamp still lit."


async def open_alt_texts(stage: Stage, person: Person, result: Message) -> Form:
    """The modal, over "More…"."""
    await choose(person, result, "more")
    more = await Form(stage, person).until_shows("more")
    await more.press("more_alt_text")
    return await more.until_shows("alt_text")


def alts_of(message: Message) -> list[str]:
    """What a screen reader says of its pictures."""
    return [block["alt_text"] for block in images_of(message)]


async def test_its_own_alt_text_is_used_wherever_a_picture_is_shown(stage: Stage) -> None:
    result = await make(stage, "a lighthouse in fog -n 2")
    made = alts_of(result)
    form = await open_alt_texts(stage, stage.ada, result)
    assert [form.value(f"alt_text_{n}") for n in (1, 2)] == made
    assert form.block("alt_text_1")["element"]["max_length"] == 2000
    await form.set("alt_text_2", f"  {OWN}\n")
    assert (await form.submit()).ok
    await stage.until(lambda: alts_of(result) == [made[0], OWN], what="the message, in place")
    await stage.until(lambda: any("Saved" in m.text for m in stage.private()), what="a word of it")

    assert result.broken_files == []
    assert [block["type"] for block in result.blocks[-2:]] == ["actions", "context_actions"]
    more = await open_menu(stage, stage.ben, result, "more")
    assert f"Picture 2: “{OWN}”" in more.text()

    sharing = await open_menu(stage, stage.ada, result, "share")
    await sharing.set("share_channel", GENERAL)
    await sharing.submit()
    await stage.until(lambda: stage.roots(GENERAL), what="shared")
    assert alts_of(stage.roots(GENERAL)[0]) == [made[0], OWN]

    await choose(stage.ada, result, "original")
    await stage.until(lambda: "download_result" in str(stage.private()), what="the links")
    await press(stage.ada, stage.private()[-1], "download_result")
    await stage.until(lambda: find_zip(stage) is not None, what="the ZIP file")
    archive = find_zip(stage)
    assert archive is not None
    rows = list(csv.DictReader(io.StringIO(archive.read("pictures.csv").decode("utf-8-sig"))))
    assert [row["alt text"] for row in rows] == [made[0], OWN]
    marked = sorted(name for name in archive.namelist() if name.startswith("marked/"))
    said = []
    for name in marked:
        with pyexiv2.ImageData(archive.read(name)) as read:
            said.append(read.read_xmp().get("Xmp.iptc.AltTextAccessibility"))
    assert said == [None, {'lang="x-default"': OWN}]  # what was made says the prompt: not in files


def find_zip(stage: Stage) -> zipfile.ZipFile | None:
    """The one that has come."""
    files = [f for f in stage.workspace.files.values() if f.name.endswith(".zip") and f.shares]
    return zipfile.ZipFile(io.BytesIO(files[0].content)) if files else None


async def test_only_its_person_and_admins_change_it_and_emptied_it_is_made_again(
    stage: Stage,
) -> None:
    result = await make(stage, "fog")
    (made,) = alts_of(result)
    more = await open_menu(stage, stage.ben, result, "more")
    await more.press("more_alt_text")
    await more.until_shows("notice")
    assert "Only the person who asked" in more.text()
    stage.workspace.users["U0BEN"].is_admin = True
    form = await open_alt_texts(stage, stage.ben, result)
    stage.workspace.users["U0BEN"].is_admin = False
    await form.set("alt_text_1", "Ben's words")
    await form.submit()
    await form.until_shows("notice")  # who may is asked again
    assert alts_of(result) == [made]

    form = await open_alt_texts(stage, stage.ada, result)
    await form.set("alt_text_1", OWN)
    await form.submit()
    await stage.until(lambda: alts_of(result) == [OWN], what="her own")
    form = await open_alt_texts(stage, stage.ada, result)
    await form.set("alt_text_1", None)
    await form.submit()
    await stage.until(lambda: alts_of(result) == [made], what="made from the prompt again")


async def test_of_a_brief_the_message_and_the_contact_sheet_say_it(stage: Stage) -> None:
    await ask(stage)
    await until_summed(stage)
    (pictures,) = with_pictures(stage.replies())
    made = alts_of(pictures)
    select = element(pictures, "pick_part")
    second = select["options"][1]["value"]
    await stage.ada.click(
        DESIGN, pictures.ts, select["block_id"], "pick_part", selected_option=second
    )
    await stage.until(lambda: stage.private(), what="its buttons")
    form = await open_alt_texts(stage, stage.ada, stage.private()[-1])
    await form.set("alt_text_1", OWN)
    await form.submit()
    await stage.until(lambda: alts_of(pictures) == [made[0], OWN, made[2]], what="the message")

    (end,) = summaries(stage.replies())
    await stage.until(lambda: f"2 · blue: {OWN}; 3" in alts_of(end)[0], what="the contact sheet")
    assert pictures.broken_files == end.broken_files == []

"""A process that is killed, and what must have become of its work."""

from __future__ import annotations

import asyncio
import io
import uuid
from datetime import UTC, datetime

from PIL import Image

from bot.generations.ports import Step
from bot.generations.record import NewGeneration, Place, SlackFile, Sources
from bot.images.request import ImageRequest
from bot.store.database import Database
from bot.store.generations import GenerationStore
from tests.support.crash_points import End, Moment
from tests.support.process_environment import CHANNEL, PATIENCE_SECONDS, House
from tests.support.stage import images_of, status_of


def draw(number: int) -> bytes:
    """A picture that PowerPost has not seen yet."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (number, 0, 0)).save(out, "PNG")
    return out.getvalue()


async def promise_with_reference(house: House, prompt: str) -> None:
    """A request with a reference picture, accepted by a process that is gone since."""
    picture = draw(len(house.workspace.files))
    file = house.workspace.add_file("U0ADA", "reference.png", picture)
    references = (SlackFile(file_id=file.id, name=file.name),)
    new = NewGeneration(
        id=str(uuid.uuid4()),
        origin=f"test:{prompt}",
        place=Place(house.workspace.team_id, CHANNEL, "U0ADA"),
        request=ImageRequest(prompt=prompt),
        accepted_at=datetime.now(UTC),
        sources=Sources(references=references),
    )
    database = Database(house.database_url)
    assert await GenerationStore(database).accept(new)
    await database.close()


async def live_until_killed(house: House, moment: Moment, prompt: str) -> None:
    """A generation, up to the moment at which the bot is killed."""
    call = moment.call
    if moment.step is Step.GATHER:
        await house.kill()
        await promise_with_reference(house, prompt)
        trap = house.set_trap(call.side, moment.when, call.matches)
        await house.start()
    else:
        trap = house.set_trap(call.side, moment.when, call.matches)
        assert (await house.ask(prompt)).ok
    async with asyncio.timeout(PATIENCE_SECONDS):
        await trap.sprung.wait()
    assert not house.is_running


def check_what_became(house: House, prompt: str, ends: tuple[End, ...]) -> None:
    """At most one paid POST; the pictures, or one plain word that nobody knows."""
    end = End(house.state_of(prompt))
    assert end in ends
    assert house.submits(prompt) <= 1
    told = house.said(prompt, "result", "unknown")
    if end is End.PICTURES:
        assert house.charges(prompt) == 1
        assert told
        assert all(len(images_of(message)) == 1 for message in told)
    else:
        assert told
        assert all("I will not send it again by myself" in message.text for message in told)


async def die_and_live_on(moment: Moment, house: House) -> None:
    """Killed at any moment it pays once, and the person is told once."""
    house.workspace.scopes |= {"channels:history"}  # it may look for its own messages
    prompt = f"killed when {moment}"

    await live_until_killed(house, moment, prompt)
    await house.start()
    await house.until_all_told()

    check_what_became(house, prompt, moment.ends)
    (root,) = house.said(prompt, "root")
    (_,) = house.said(prompt, "result", "unknown")
    if house.state_of(prompt) == End.PICTURES:
        assert "*Done*" in status_of(root)

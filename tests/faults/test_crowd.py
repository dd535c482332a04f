"""The moments of test_kill once more, on PostgreSQL, and many at a time: each generation stands at
a moment of its own when the process is killed, and the next process takes all of them over.
"""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from bot.generations.ports import Step
from bot.generations.record import NewGeneration, Place, SlackFile, Sources
from bot.images.request import ImageRequest
from bot.store.database import Database
from bot.store.generations import GenerationStore
from tests.support.crash_points import (
    BALANCE,
    COMPLETION,
    MOMENTS,
    REFERENCE_UPLOAD,
    UPLOAD,
    Moment,
)
from tests.support.gates import Seen, Stop, When
from tests.support.killing import check_what_became
from tests.support.logs import find_faults
from tests.support.postgres import make_database
from tests.support.process_environment import House, open_house
from tests.support.stage import status_of

# So few in each that Slack takes their posts without a wait.
CHANNELS = ("C0DESIGN", "C0GENERAL", "D0ADA", "D0BEN")
# Two processes stand side by side, with every other moment each: the window of the paid POST has
# places for four.
CROWDS = (MOMENTS[0::2], MOMENTS[1::2])
# What does not say whose it is comes last, when all others stand still; and of that the balance,
# which everything else asks for on its way.
ANONYMOUS = (REFERENCE_UPLOAD, UPLOAD, COMPLETION, BALANCE)


@dataclass(frozen=True, slots=True)
class Promise:
    """A generation, and the moment that it shall stand at."""

    id: str
    prompt: str
    moment: Moment

    def is_seen(self, house: House, seen: Seen) -> bool:
        """Whether a request is this generation's, as far as one can tell by its ids."""
        text = f"{seen.path} {seen.body}"
        made = [g for g in house.powerpost.generations.values() if g.prompt == self.prompt]
        files = [f for f in house.workspace.files.values() if self.id[:8] in f.name]
        messages = [
            message
            for of_channel in house.workspace.messages.values()
            for message in of_channel
            if message.metadata and message.metadata["event_payload"]["generation"] == self.id
        ]
        ids = [
            self.id,
            self.prompt,
            *(generation.image_generation_id for generation in made),
            *(image.file_name for generation in made for image in generation.images),
            *(file.id for file in files),
            *(message.ts for message in messages),
        ]
        return any(id_ in text for id_ in ids)


async def promise(house: House, store: GenerationStore, number: int, moment: Moment) -> Promise:
    """A request that some web process has accepted."""
    made = Promise(str(uuid.uuid4()), f"killed when {moment}", moment)
    references: tuple[SlackFile, ...] = ()
    if moment.step is Step.GATHER:
        out = io.BytesIO()
        Image.new("RGB", (8, 8), (number, 0, 0)).save(out, "PNG")
        file = house.workspace.add_file("U0ADA", f"{made.id[:8]}.png", out.getvalue())
        references = (SlackFile(file_id=file.id, name=file.name),)
    new = NewGeneration(
        id=made.id,
        origin=f"test:{number}",
        # Persons of their own: nobody waits for a turn.
        place=Place(house.workspace.team_id, CHANNELS[number % 4], f"U0{number}"),
        request=ImageRequest(prompt=made.prompt),
        accepted_at=datetime.now(UTC),
        sources=Sources(references=references),
    )
    assert await store.accept(new)
    return made


def set_stop(house: House, promised: Promise) -> Stop:
    """Hold `promised` up at its moment."""
    call = promised.moment.call

    def matches(seen: Seen) -> bool:
        return call.matches(seen) and (call in ANONYMOUS or promised.is_seen(house, seen))

    return house.set_stop(call.side, promised.moment.when, matches)


async def bring_to_their_moments(
    house: House, store: GenerationStore, moments: Sequence[Moment]
) -> list[Stop]:
    """Each generation held up at its moment."""
    stops: list[Stop] = []
    named = [moment for moment in moments if moment.call not in ANONYMOUS]
    others = [[moment] for call in ANONYMOUS for moment in moments if moment.call == call]
    for together in (named, *others):
        for moment in together:
            promised = await promise(house, store, moments.index(moment), moment)
            stops.append(set_stop(house, promised))
        await house.until(lambda: all(stop.reached.is_set() for stop in stops), "not held up")
    return stops


async def kill_and_start_again(house: House, moments: Sequence[Moment]) -> None:
    """All of them killed at once; the next process pays none twice, and leaves none untold."""
    # It may look for its own messages, wherever it posts.
    house.workspace.channels["C0GENERAL"].members.add(house.workspace.bot.id)
    house.workspace.scopes |= {"channels:history", "im:history"}
    database = Database(house.database_url)
    await house.start()

    stops = await bring_to_their_moments(house, GenerationStore(database, None), moments)
    answered = [stop for stop in stops if stop.when is When.IS_ANSWERED]
    for stop in answered:
        stop.may_go.set()
    for stop in answered:
        await stop.gone.wait()
    await house.kill()
    await database.close()

    await house.start()
    await house.until_all_told()
    for moment in moments:
        prompt = f"killed when {moment}"
        check_what_became(house, prompt, moment.ends)
        (root,) = house.said(prompt, "root")
        (_,) = house.said(prompt, "result", "unknown")
        assert any(f"*{end}*" in status_of(root) for end in ("Done", "Outcome unknown")), moment
    assert find_faults(house.log.read_text("utf-8").splitlines()) == []


async def test_on_postgresql_too_it_pays_at_most_once_and_nobody_is_left_without_an_answer(
    tmp_path: Path, postgres_server: str
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    async with (
        open_house(one, make_database(postgres_server)) as first,
        open_house(other, make_database(postgres_server)) as second,
    ):
        await asyncio.gather(*map(kill_and_start_again, (first, second), CROWDS))


def test_every_moment_is_in_a_crowd() -> None:
    assert {moment for crowd in CROWDS for moment in crowd} == set(MOMENTS)

"""SIGKILL at each moment of a brief of six, and a start on the same file: no part is paid for
twice, every picture that was paid for arrives once, and the end is told once.

The moments of its parts alone, which are generations like any other, are in test_kill.py.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Message
from bot.store.tables import briefs, generations
from tests.support.crash_points import DOWNLOAD, RESULT_POST, ROOT_POST, SUBMIT, UPLOAD, Call
from tests.support.gates import When
from tests.support.logs import find_faults
from tests.support.process_environment import PATIENCE_SECONDS, House, open_house
from tests.support.stage import images_of
from tests.support.threads import press

HOUSES = 2
LETTERS = "abcdef"
SHEET = Call("the contact sheet", "slack", "/files.completeUploadExternal", "contact-sheet")
SUMMARY_POST = Call("the last line", "slack", "/chat.postMessage", '"summary"')
LAST_EDIT = Call("the last edit", "slack", "/chat.update", "Used")


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in its first such call the bot is killed. `is_blind`: it may not look for its own
    messages afterwards."""

    call: Call
    when: When
    may_be_unknown: bool = False
    is_blind: bool = False

    def __str__(self) -> str:
        return f"{self.call.name} {self.when}{' and cannot be found' if self.is_blind else ''}"


MOMENTS = (
    Moment(ROOT_POST, When.ARRIVES),
    Moment(ROOT_POST, When.IS_DONE),
    Moment(ROOT_POST, When.IS_ANSWERED),
    Moment(SUBMIT, When.ARRIVES, may_be_unknown=True),
    Moment(SUBMIT, When.IS_DONE, may_be_unknown=True),
    Moment(SUBMIT, When.IS_ANSWERED, may_be_unknown=True),
    # Others of it may be at the moment of being paid for.
    Moment(DOWNLOAD, When.ARRIVES, may_be_unknown=True),
    Moment(UPLOAD, When.IS_DONE, may_be_unknown=True),
    Moment(RESULT_POST, When.ARRIVES),
    Moment(RESULT_POST, When.IS_DONE),
    Moment(RESULT_POST, When.IS_ANSWERED),
    Moment(SHEET, When.IS_DONE),
    Moment(SUMMARY_POST, When.ARRIVES),
    Moment(SUMMARY_POST, When.IS_DONE),
    Moment(SUMMARY_POST, When.IS_ANSWERED),
    Moment(LAST_EDIT, When.IS_DONE),
    Moment(ROOT_POST, When.IS_DONE, is_blind=True),
    Moment(RESULT_POST, When.IS_DONE, is_blind=True),
    Moment(SUMMARY_POST, When.IS_DONE, is_blind=True),
)
BY_NAME = {str(moment): moment for moment in MOMENTS}


async def ask(house: House, subject: str) -> None:
    """Ada's command for six, and "Make them"."""
    shown = await house.ask(f"kite {{{'|'.join(LETTERS)}}} {subject}")
    assert shown.message is not None
    ada = Person(house.workspace, house.delivery, "U0ADA")
    await press(ada, shown.message, "make_asked")


async def die_and_live_on(house: House, moment: Moment, subject: str) -> None:
    """Asked for, killed, started again, and looked at once it is told."""
    house.workspace.scopes |= {"channels:history"}
    if moment.is_blind:
        house.workspace.scopes -= {"channels:history"}
    trap = house.set_trap(moment.call.side, moment.when, moment.call.matches)
    await ask(house, subject)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await trap.sprung.wait()
    assert not house.is_running
    await house.start()
    untold = sa.select(briefs.c.id).where(briefs.c.told_at.is_(None))
    await house.until(lambda: not house.query(untold), "the brief was not told")
    await house.until_all_told()
    check_what_became(house, moment, subject)


def check_what_became(house: House, moment: Moment, subject: str) -> None:
    """Paid for at most once, shown once, told once."""
    prompts = [f"kite {letter} {subject}" for letter in LETTERS]
    states = Counter(house.state_of(prompt) for prompt in prompts)
    assert all(house.submits(prompt) <= 1 for prompt in prompts)
    assert states["delivered"] + states["unknown"] == len(LETTERS)
    assert states["unknown"] <= (3 if moment.may_be_unknown else 0)  # as run at once
    for prompt in prompts:
        assert house.charges(prompt) == 1 or house.state_of(prompt) == "unknown"

    of_prompt = generations.c.request["prompt"].as_string() == prompts[0]
    (brief,) = house.query(sa.select(generations.c.brief_id).where(of_prompt))
    counts = {kind: len(house.about({brief[0]}, kind)) for kind in ("root", "summary")}
    results = house.about({brief[0]}, "result")
    most = 2 if moment.is_blind else 1
    assert all(1 <= count <= most for count in counts.values()), counts
    shown = Counter(number for message in results for number in numbers_of(message))
    assert set(shown) == set(range(1, len(LETTERS) + 1))
    assert max(shown.values()) <= most
    pictures = sum(len(images_of(message)) for message in results)
    assert states["delivered"] <= pictures <= states["delivered"] * most
    assert "Used" in house.about({brief[0]}, "root")[-1].text


def numbers_of(message: Message) -> list[int]:
    """The parts that a message shows."""
    assert message.metadata is not None
    said = str(message.metadata["event_payload"]["parts"])
    return [int(number) for number in said.split(",")]


async def run_trials(house: House, names: deque[str]) -> dict[str, Exception | None]:
    """One trial after the other, and what each complains of."""
    complaints: dict[str, Exception | None] = {}
    while names:
        name = names.popleft()
        house.calm_down()
        try:
            if not house.is_running:
                await house.start()
            await die_and_live_on(house, BY_NAME[name], f"number {len(names)}")
        except Exception as error:  # noqa: BLE001 - the trial's own test raises it
            complaints[name] = error
        else:
            faults = find_faults(house.log.read_text("utf-8").splitlines())
            complaints[name] = AssertionError(f"in the log: {faults[:5]}") if faults else None
    return complaints


@pytest.fixture(scope="module")
async def complaints(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Exception | None]:
    """What each trial that was asked for complains of."""
    callspecs = [getattr(item, "callspec", None) for item in request.session.items]
    asked = [spec.params["moment"] for spec in callspecs if spec and "moment" in spec.params]
    names = deque(name for name in dict.fromkeys(map(str, asked)) if name in BY_NAME)
    async with AsyncExitStack() as stack:
        directories = [tmp_path_factory.mktemp("house") for _ in range(min(HOUSES, len(names)))]
        houses = [await stack.enter_async_context(open_house(path)) for path in directories]
        found = await asyncio.gather(*(run_trials(house, names) for house in houses))
    return {name: complaint for some in found for name, complaint in some.items()}


@pytest.mark.parametrize("moment", BY_NAME)
def test_a_brief_is_paid_for_at_most_once_and_told_once(
    complaints: dict[str, Exception | None], moment: str
) -> None:
    complaint = complaints[moment]
    if complaint is not None:
        raise complaint

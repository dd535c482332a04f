"""SIGKILL at each step and in the middle of it, and a start on the same file: never two paid POSTs,
never a person without an answer.

Most of the time goes to starting processes and to waiting for pictures, so several houses stand
side by side; in each, trial follows trial, and a bot that one has started the next one kills.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

import pytest

from bot.generations.ports import Step
from bot.sandbox.powerpost.faults import SubmitFault
from tests.support.crash_points import MOMENTS, RESULT_POST, ROOT_POST, SUBMIT, Call, End, Moment
from tests.support.gates import When
from tests.support.killing import check_what_became, die_and_live_on, live_until_killed
from tests.support.logs import find_faults
from tests.support.process_environment import CHANNEL, House, open_house

HOUSES = 3
SECRETS = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "POWERPOST_API_KEY")

Trial = Callable[[House], Awaitable[None]]


async def die_blind_and_live_on(step: Step, call: Call, house: House) -> None:
    """Where it may not look, a message may come twice, but never not at all."""
    house.workspace.scopes -= {"channels:history"}
    prompt = f"killed blind in {step}"

    await live_until_killed(house, Moment(step, call, When.IS_DONE), prompt)
    await house.start()
    await house.until_all_told()

    check_what_became(house, prompt, (End.PICTURES,))
    assert 1 <= len(house.said(prompt, "root")) <= 2
    assert 1 <= len(house.said(prompt, "result", "unknown")) <= 2


async def survive_a_storm(house: House) -> None:
    """Many jobs, many kills: each is paid at most once, and told."""
    house.workspace.scopes |= {"channels:history"}
    prompts = [f"storm {number}" for number in range(6)]
    channels = [CHANNEL, "C0GENERAL", "D0ADA"] * 2

    await asyncio.gather(*map(house.ask, prompts, channels))
    for seconds in (0.05, 0.3, 0.6):
        await asyncio.sleep(seconds)
        await house.kill()
        await house.start()
    await house.until_all_told()

    for prompt in prompts:
        check_what_became(house, prompt, (End.PICTURES, End.UNKNOWN))


async def stop_while_paying(house: House) -> None:
    """A stop waits for an answer that was paid for."""
    prompt = "stopped while paying"
    house.powerpost.faults.next_submit(SubmitFault.SLOW)
    house.powerpost.faults.slow_seconds = 1.5
    trap = house.set_trap("powerpost", When.GOES_ON, SUBMIT.matches, house.terminate)

    await house.ask(prompt)
    await trap.sprung.wait()
    assert await house.wait_for_exit() == 0
    assert house.state_of(prompt) == "processing"
    await house.start()
    await house.until_all_told()

    check_what_became(house, prompt, (End.PICTURES,))


async def stop_while_powerpost_is_silent(house: House) -> None:
    """A stop does not wait for an answer for ever; the outcome is unknown then."""
    prompt = "stopped in silence"
    house.powerpost.faults.next_submit(SubmitFault.HANG)
    trap = house.set_trap("powerpost", When.GOES_ON, SUBMIT.matches, house.terminate)

    await house.ask(prompt)
    await trap.sprung.wait()
    assert await house.wait_for_exit() == 0
    await house.start()
    await house.until_all_told()

    check_what_became(house, prompt, (End.UNKNOWN,))
    assert house.charges(prompt) == 1


TRIALS: dict[str, Trial] = {
    "a storm of kills": survive_a_storm,
    "a stop while PowerPost is silent": stop_while_powerpost_is_silent,
    "a stop while paying": stop_while_paying,
    "killed blind in announce": partial(die_blind_and_live_on, Step.ANNOUNCE, ROOT_POST),
    "killed blind in tell": partial(die_blind_and_live_on, Step.TELL, RESULT_POST),
    **{f"killed in {moment}": partial(die_and_live_on, moment) for moment in MOMENTS},
}


async def run_trials(house: House, names: deque[str]) -> dict[str, Exception | None]:
    """One trial after the other, and what each complains of."""
    complaints: dict[str, Exception | None] = {}
    while names:
        name = names.popleft()
        house.calm_down()
        try:
            if not house.is_running:
                await house.start()
            await TRIALS[name](house)
        except Exception as error:  # noqa: BLE001 - the trial's own test raises it
            complaints[name] = error
        else:
            complaints[name] = check_log(house)
    return complaints


def check_log(house: House) -> Exception | None:
    """Neither prompts, nor secrets, nor faults of the bot's own are in the log."""
    log = house.log.read_text("utf-8")
    if faults := find_faults(log.splitlines()):
        return AssertionError(f"faults in the log: {faults[:5]}")
    for word in ("killed ", "storm ", "stopped ", *map(house.environment.__getitem__, SECRETS)):
        if word in log:
            return AssertionError(f"in the log: {log[log.index(word) - 300 :][:600]}")
    return None


@pytest.fixture(scope="module")
async def complaints(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Exception | None]:
    """What each trial that was asked for complains of."""
    callspecs = [getattr(item, "callspec", None) for item in request.session.items]
    asked = [spec.params["trial"] for spec in callspecs if spec and "trial" in spec.params]
    names = deque(dict.fromkeys(asked))
    async with AsyncExitStack() as stack:
        directories = [tmp_path_factory.mktemp("house") for _ in range(min(HOUSES, len(names)))]
        houses = [await stack.enter_async_context(open_house(path)) for path in directories]
        found = await asyncio.gather(*(run_trials(house, names) for house in houses))
    return {name: complaint for some in found for name, complaint in some.items()}


@pytest.mark.parametrize("trial", TRIALS)
def test_it_pays_at_most_once_and_nobody_is_left_without_an_answer(
    complaints: dict[str, Exception | None], trial: str
) -> None:
    complaint = complaints[trial]
    if complaint is not None:
        raise complaint


def test_every_step_has_a_moment_at_which_it_is_killed() -> None:
    assert {moment.step for moment in MOMENTS} == set(Step)

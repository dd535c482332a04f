"""Who is dead: nobody's clock is believed, and who could not look knows nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.generations.leases import DEAD_AFTER_SECONDS, LIFE_SIGN_SECONDS, Lease, Watch
from tests.support.leaping import run_leaping

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def watch_silently(watch: Watch, begin: float, end: float) -> dict[str, datetime]:
    """What is found at the last of all looks between the two, the other one being silent."""
    clock, silent = begin, {}
    while clock <= end:
        silent = watch.find_silent({"other": NOON}, clock)
        clock += LIFE_SIGN_SECONDS
    return silent


def test_who_gives_no_sign_for_ten_seconds_is_dead() -> None:
    assert watch_silently(Watch(), 100.0, 108.0) == {}
    assert watch_silently(Watch(), 100.0, 110.0) == {"other": NOON}


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forward", "back"])
def test_a_database_whose_clock_is_set_kills_nobody(jump: timedelta) -> None:
    watch = Watch()
    for second in range(0, 60, 2):
        sign = NOON + timedelta(seconds=second) + (jump if second >= 30 else timedelta())
        assert watch.find_silent({"other": sign}, float(second)) == {}


def test_after_a_database_that_was_away_everyone_has_time_to_show_life() -> None:
    watch = Watch()
    watch_silently(watch, 100.0, 104.0)

    assert watch_silently(watch, 134.0, 134.0 + DEAD_AFTER_SECONDS - 2) == {}
    assert watch.find_silent({"other": NOON}, 134.0 + DEAD_AFTER_SECONDS) == {"other": NOON}


def test_who_was_frozen_does_not_think_that_the_others_were() -> None:
    watch = Watch()
    watch_silently(watch, 100.0, 108.0)

    assert watch.find_silent({"other": NOON}, 160.0) == {}


def test_who_has_left_and_comes_back_is_watched_anew() -> None:
    watch = Watch()
    watch_silently(watch, 100.0, 106.0)
    watch.find_silent({}, 108.0)

    assert watch.find_silent({"other": NOON}, 110.0) == {}


class SilentOther:
    """The rows of this process and of one that died: what is buried, and when."""

    def __init__(self) -> None:
        self.buried: dict[str, float] = {}
        self.signs = {"other": NOON}

    async def show_life(self) -> None:
        self.signs["own"] = NOON + timedelta(seconds=asyncio.get_running_loop().time())

    async def list_signs(self) -> dict[str, datetime]:
        return dict(self.signs)

    async def bury(self, silent: Mapping[str, datetime]) -> list[str]:
        for process_id in silent:
            del self.signs[process_id]
            self.buried[process_id] = asyncio.get_running_loop().time()
        return list(silent)

    async def claim_orphans(self, limit: int, left_alone: Collection[str] = ()) -> list[str]:
        return ["g1"] if self.buried else []

    async def leave(self) -> None:
        del self.signs["own"]


def test_a_silent_process_is_buried_once_and_what_it_had_is_gone_on_with() -> None:
    processes, begun = SilentOther(), set[str]()

    async def begin(claimed: Sequence[str]) -> None:
        begun.update(claimed)

    async def live() -> None:
        lease = Lease(processes, begin)
        await lease.open()
        await asyncio.sleep(60)
        await lease.leave()

    run_leaping(live())

    assert set(processes.buried) == {"other"}
    at = processes.buried["other"]
    assert DEAD_AFTER_SECONDS <= at < DEAD_AFTER_SECONDS + 3 * LIFE_SIGN_SECONDS
    assert begun == {"g1"}
    assert processes.signs == {}

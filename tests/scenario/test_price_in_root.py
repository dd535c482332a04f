"""The price stays in the first message: an estimate until PowerPost has said what it took."""

from __future__ import annotations

from tests.support.stage import DESIGN, Stage, hold, status_of
from tests.support.threads import make, press


async def test_what_powerpost_took_stands_in_the_first_message_while_it_generates(
    stage: Stage,
) -> None:
    with hold(stage.powerpost):
        await stage.ada.run_command(DESIGN, "/imagine", "a heron")
        await stage.until(lambda: any("*Generating*" in status_of(r) for r in stage.roots()))
        assert " · 3 credits" in status_of(stage.roots()[-1])
    await stage.until_told()
    assert "Used 3 credits" in status_of(stage.roots()[-1])


async def test_the_first_message_of_a_version_says_it_too(stage: Stage) -> None:
    result = await make(stage)
    thread_ts = result.thread_ts or ""
    with hold(stage.powerpost):
        assert (await press(stage.ada, result, "regenerate")).ok
        await stage.until(lambda: any("*Generating*" in str(m.blocks) for m in stage.replies()))
        (root,) = [m for m in stage.thread(thread_ts) if "*Generating*" in str(m.blocks)]
        assert " · 3 credits" in status_of(root)
    await stage.until_told_in_thread(thread_ts)

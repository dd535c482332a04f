"""The ledger beside what PowerPost really took, from the click to the audit."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.cli.audit import ADDS_UP, CANNOT_ASK, DIFFERS, run_audit
from bot.credits.ledger import Entry, EntryKind
from bot.policy.policy import WorkspaceSettings
from bot.sandbox.powerpost.service import Outcome, SubmitFault
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.ledger import LedgerStore
from bot.store.policies import PolicyStore
from tests.support.examples import NOON
from tests.support.stage import DESIGN, GENERAL, Stage, is_settled, open_stage, status_of

FAULTS = [
    SubmitFault.ANSWER_LOST,
    SubmitFault.ANSWER_BROKEN,
    SubmitFault.ERROR_500,
    SubmitFault.ERROR_500_CHARGED,
    SubmitFault.INSUFFICIENT_CREDITS,
    SubmitFault.INVALID,
]
UNKNOWING = {
    SubmitFault.ANSWER_LOST,
    SubmitFault.ANSWER_BROKEN,
    SubmitFault.ERROR_500,
    SubmitFault.ERROR_500_CHARGED,
}
OUTCOMES = [Outcome.COMPLETED, Outcome.PARTIAL, Outcome.FAILED, Outcome.NOT_A_PICTURE]


async def read_entries(stage: Stage) -> list[Entry]:
    database = Database(stage.settings.database_url)
    try:
        return await LedgerStore(database).read_entries()
    finally:
        await database.close()


async def sum_by_image_generation(stage: Stage, entries: list[Entry]) -> dict[str, float]:
    """What the ledger says of each of PowerPost's generations: taken, less what comes back."""
    database = Database(stage.settings.database_url)
    sums: defaultdict[str, float] = defaultdict(float)
    for entry in entries:
        generation = await GenerationStore(database).read(entry.generation_id)
        sums[generation.image_generation_id or ""] += (entry.credits or 0) + entry.expected
    await database.close()
    return dict(sums)


async def audit(stage: Stage) -> tuple[int, str]:
    """The exit code and the report. It has its own loop, and so a thread."""
    lines: list[str] = []
    code = await asyncio.to_thread(run_audit, stage.settings, lines.append, None)
    return code, "\n".join(" ".join(line.split()) for line in lines)


async def until_settled(stage: Stage, number: int) -> None:
    """Wait until the status lines of so many say how it ended."""
    await stage.until(
        lambda: sum(is_settled(root) for root in stage.roots() + stage.roots(GENERAL)) == number
    )


asked = st.tuples(
    st.none() | st.sampled_from(FAULTS),
    st.sampled_from(OUTCOMES),
    st.integers(1, 4),
    st.booleans(),
)


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@example([(SubmitFault.ERROR_500, Outcome.PARTIAL, 1, False), (None, Outcome.FAILED, 1, False)])
@example([(None, Outcome.FAILED, 3, False), (None, Outcome.PARTIAL, 3, False)])
@given(requests=st.lists(asked, min_size=1, max_size=5))
async def test_the_sum_of_the_entries_is_what_powerpost_took_whatever_the_weather(
    requests: list[tuple[SubmitFault | None, Outcome, int, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with open_stage(Path(directory)) as stage:
            stage.powerpost.seconds_per_generation = 0.05
            for number, (fault, outcome, quantity, waits) in enumerate(requests, 1):
                if fault is not None:
                    stage.powerpost.faults.next_submit(fault)
                stage.powerpost.faults.next_outcome(outcome)
                person, channel = (stage.ada, DESIGN) if number % 2 else (stage.ben, GENERAL)
                await person.run_command(channel, "/imagine", f"fog {number} -n {quantity}")
                if waits:
                    await until_settled(stage, number)
            await until_settled(stage, len(requests))
            code, report = await audit(stage)
            entries = await read_entries(stage)

            ours = await sum_by_image_generation(stage, entries)
            theirs: Counter[str] = Counter()
            for charge in stage.powerpost.charges:
                theirs[charge.image_generation_id] += charge.credits
            assert ours == {id_: theirs[id_] for id_ in ours}
            if theirs.keys() == ours.keys():
                assert sum(ours.values()) == 100 - stage.powerpost.balance
            if all(fault not in UNKNOWING for fault, *_ in requests):
                assert code == ADDS_UP, report
            else:  # charged or not, nobody can say: then the audit names it
                assert code == ADDS_UP or "Outcomes that nobody knows" in report


async def test_a_failed_ones_credits_are_entered_as_taken_and_given_back(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.FAILED)

    await stage.ada.run_command(DESIGN, "/imagine", "fog -n 2")
    (told,) = await stage.until_told()

    assert "6 credits refunded" in told.text
    assert [(e.kind, e.credits, e.expected) for e in await read_entries(stage)] == [
        (EntryKind.CHARGE, 6, 0),
        (EntryKind.REFUND_EXPECTED, 0, -6),
        (EntryKind.REFUND_CONFIRMED, -6, 6),
    ]
    assert (await audit(stage))[0] == ADDS_UP


async def test_while_it_waits_the_status_line_says_what_it_will_probably_cost(
    stage: Stage,
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await stage.until_told()
    stage.powerpost.faults.away = True
    said: list[str] = []
    for text in ("fog", "fog -n 2", "fog -m ideogram-3"):
        await stage.ada.run_command(DESIGN, "/imagine", text)
        number = len(said) + 2
        await stage.until(lambda number=number: len(stage.roots()) == number)  # type: ignore[misc]
        said.append(status_of(stage.roots()[-1]).partition(" · ")[2].rstrip("."))

    prices = [(line.partition("trying · ")[2] or line).partition(" · ")[0] for line in said]
    assert prices == ["about 3 credits", "about 6 credits", "about 6 credits (guide price)"]


def confirm_of(message: Any, label: str) -> dict[str, Any] | None:
    """What a button asks first."""
    for block in message.blocks:
        for element in block.get("elements", []):
            if element.get("type") == "button" and element["text"]["text"] == label:
                confirm: dict[str, Any] | None = element.get("confirm")
                return confirm
    raise AssertionError(f"no button {label}")


@pytest.mark.parametrize(
    ("above", "again", "missing"), [(None, False, False), (9, True, False), (3, True, True)]
)
async def test_a_button_asks_first_where_the_workspace_wants_it(
    stage: Stage, above: float | None, again: bool, missing: bool
) -> None:
    database = Database(stage.settings.database_url)
    wanted = WorkspaceSettings(confirm_above=above)
    await PolicyStore(database).change(
        stage.workspace.team_id,
        lambda policy: policy.model_copy(update={"settings": wanted}),
        user_id="U0ADA",
        what="settings",
        now=NOON,
    )
    await database.close()
    stage.powerpost.faults.next_outcome(Outcome.PARTIAL)

    await stage.ada.run_command(DESIGN, "/imagine", "fog -n 3")
    (told,) = await stage.until_told()

    asks_again = confirm_of(told, "Regenerate")
    asks_missing = confirm_of(told, "Make the missing 1")
    assert (asks_again is not None, asks_missing is not None) == (again, missing)
    if asks_again is not None:
        assert asks_again["title"]["text"] == "Spend about 9 credits?"
        assert "took the last time" in asks_again["text"]["text"]
    if asks_missing is not None:
        assert asks_missing["title"]["text"] == "Spend about 3 credits?"
        assert "estimated from what 3 pictures" in asks_missing["text"]["text"]


async def test_the_audit_says_what_does_not_add_up_while_the_bot_runs(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await stage.until_told()
    assert (await audit(stage))[0] == ADDS_UP
    stage.powerpost.balance -= 7

    code, report = await audit(stage)

    assert code == DIFFERS
    assert "difference -7" in report
    assert "somebody else spent from the same account" in report
    assert report.endswith("It does not add up.")


async def test_an_answer_that_was_lost_is_what_the_audit_names(stage: Stage) -> None:
    stage.powerpost.faults.next_submit(SubmitFault.ANSWER_LOST)
    await stage.ada.run_command(DESIGN, "/imagine", "fog -n 2")
    await stage.until_told()

    code, report = await audit(stage)

    assert code == DIFFERS
    assert "difference -6" in report
    assert "balance 100 before, 94 after" in report


async def test_the_audit_cannot_ask_where_powerpost_is_away_or_nothing_was_kept(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, runs_bot=False) as stage:
        code, report = await audit(stage)
        assert code == CANNOT_ASK
        assert "has the bot run here" in report
        assert not (tmp_path / "imagine.sqlite3").exists()

    async with open_stage(tmp_path) as stage:
        stage.powerpost.faults.away = True
        code, report = await audit(stage)
        assert code == CANNOT_ASK
        assert "PowerPost does not tell the balance" in report

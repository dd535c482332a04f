"""`GET /metrics`: what an operator can be woken by, and nothing that is a person's business."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from bot.errors import Cause, Rejected, Transient
from bot.generations.record import Pending, State
from bot.generations.usage import Usage
from bot.sandbox.powerpost.service import Outcome, PollFault, SubmitFault
from bot.store.ledger import Outstanding
from bot.telemetry.instrumentation import Observers, Operation
from bot.telemetry.metrics import Metrics, measure_phases
from tests.support.examples import NOON, make_generation
from tests.support.stage import DESIGN, Stage

PROMPT = "a lighthouse that nobody else may know of"


class Page:
    """What one scrape shows."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families: list[Metric] = list(text_string_to_metric_families(text))

    def value(self, name: str, **labels: str) -> float | None:
        """The sum of the samples of this name that have at least these labels; None: no sample."""
        found = [
            sample.value
            for family in self.families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(found) if found else None

    def labels(self) -> dict[str, set[str]]:
        """Every label of ours with its values."""
        found: dict[str, set[str]] = {}
        for family in self.families:
            for sample in family.samples:
                for name, value in sample.labels.items():
                    if name != "le":
                        found.setdefault(name, set()).add(value)
        return found


async def scrape(stage: Stage) -> Page:
    async with aiohttp.ClientSession() as http, http.get(f"{stage.bot_url}/metrics") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        return Page(await answer.text())


async def test_a_delivered_generation_is_on_the_page(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", f"{PROMPT} --quantity 2")
    await stage.until_told()
    page = await scrape(stage)
    while page.value("imagine_generations_told_total") is None:  # noted after the last edit
        page = await scrape(stage)

    told = page.value("imagine_generations_told_total", outcome="delivered", cause="")
    assert told == 1
    (charge,) = stage.powerpost.charges
    assert page.value("imagine_credits_spent_total") == charge.credits
    assert page.value("imagine_credits_refunded_total") == 0
    for phase in ("announced", "paid", "finished", "told"):
        assert page.value("imagine_phase_seconds_count", phase=phase) == 1, phase
    for step in ("gather", "announce", "intend", "submit", "wait", "fetch", "tell"):
        assert page.value("imagine_step_seconds_count", step=step, outcome="ok") == 1, step
    for kind, calls in {"submit": 1, "download": 2}.items():
        found = page.value("imagine_powerpost_call_seconds_count", kind=kind, outcome="ok")
        assert found == calls, kind
    posts = page.value("imagine_slack_call_seconds_count", method="chat.postMessage", outcome="ok")
    assert posts == 2
    # The command, and Slack's events of what the bot itself has posted.
    assert (page.value("imagine_answer_seconds_count") or 0) >= 1


async def test_what_is_owed_is_counted_by_state_with_the_age_of_the_oldest(stage: Stage) -> None:
    page = await scrape(stage)
    assert page.value("imagine_generations_owed") == 0
    assert page.value("imagine_oldest_owed_age_seconds") == 0
    assert page.value("imagine_database_up") == 1

    stage.powerpost.faults.next_outcome(Outcome.NEVER)
    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    await stage.until(lambda: stage.powerpost.paid_posts == 1, what="paid")
    while (page := await scrape(stage)).value("imagine_generations_owed", state="processing") != 1:
        pass

    assert page.value("imagine_generations_running") == 1
    assert page.value("imagine_queue_length") == 0
    assert 0 < (page.value("imagine_oldest_owed_age_seconds") or 0) < 60


async def test_what_goes_wrong_is_counted_by_its_cause(stage: Stage) -> None:
    stage.powerpost.faults.next_submit(SubmitFault.INSUFFICIENT_CREDITS)
    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    await stage.until_told()
    stage.powerpost.faults.next_poll(PollFault.ERROR_500)
    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    await stage.until_told(2)
    page = await scrape(stage)

    refused = page.value(
        "imagine_generations_told_total", outcome="refused", cause="insufficient_credits"
    )
    assert refused == 1
    for kind, outcome in (("submit", "insufficient_credits"), ("poll", "server_error")):
        labels = {"kind": kind, "outcome": outcome}
        assert page.value("imagine_powerpost_call_seconds_count", **labels) == 1, labels


async def test_no_label_holds_what_is_a_persons_business(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    await stage.until_told()
    page = await scrape(stage)

    assert set(page.labels()) <= {
        "state", "phase", "step", "task", "kind", "method", "outcome", "cause", "le",
    }  # fmt: skip
    for secret in (PROMPT, "lighthouse", "U0ADA", DESIGN, "T0SANDBOX", "xoxb", "pp_live"):
        assert secret not in page.text
    for id_ in stage.powerpost.generations:
        assert id_ not in page.text


async def test_names_are_as_prometheus_wants_them(stage: Stage) -> None:
    for family in (await scrape(stage)).families:
        if not family.name.startswith("imagine_"):
            continue
        assert family.documentation, family.name
        is_named = {
            "histogram": family.name.endswith("_seconds"),
            "counter": not family.name.endswith("_total"),  # which the samples have
            "gauge": True,
        }
        assert is_named[family.type], family.name


class Away:
    """A database that does not answer."""

    async def count_pending(self) -> list[Pending]:
        raise Transient(Cause.STORAGE)

    async def read_outstanding(self) -> Outstanding:
        raise Transient(Cause.STORAGE)


class Rows:
    """A database with something owed since noon."""

    async def count_pending(self) -> list[Pending]:
        return [Pending(State.FAILED, 2, datetime.now(UTC) - timedelta(minutes=10))]

    async def read_outstanding(self) -> Outstanding:
        return Outstanding(2, 9.0, datetime.now(UTC) - timedelta(hours=2))


async def read_page(metrics: Metrics, rows: Rows | Away) -> Page:
    """The metrics, as `rows` has it."""
    answer = await metrics.answer(rows.count_pending, rows.read_outstanding)
    return Page(bytes(answer.body).decode())


async def test_while_the_database_is_away_the_page_says_so_and_the_rest_is_there() -> None:
    metrics = Metrics(queued=lambda: 3, running=lambda: 1)
    before = await read_page(metrics, Rows())
    page = await read_page(metrics, Away())

    assert before.value("imagine_generations_owed", state="failed") == 2
    assert 599 < (before.value("imagine_oldest_owed_age_seconds") or 0) < 660
    assert before.value("imagine_refunds_outstanding_credits") == 9
    age = before.value("imagine_oldest_refund_outstanding_age_seconds") or 0
    assert 7199 < age < 7260
    assert page.value("imagine_database_up") == 0
    assert page.value("imagine_generations_owed") is None
    assert page.value("imagine_queue_length") == 3
    assert page.value("imagine_generations_running") == 1


@pytest.mark.parametrize(
    ("root_ts", "expected"),
    [
        (f"{NOON.timestamp() + 0.5:.6f}", {"announced": 0.5, "paid": 1.5, "finished": 10.0}),
        (None, {"paid": 2.0, "finished": 10.0}),
        ("no number", {"paid": 2.0, "finished": 10.0}),
        (f"{NOON.timestamp() - 5:.6f}", {"announced": 0.0, "paid": 7.0, "finished": 10.0}),
    ],
)
def test_phases_are_measured_between_the_moments_of_the_row(
    root_ts: str | None, expected: dict[str, float]
) -> None:
    generation = replace(
        make_generation(), root_ts=root_ts, submitted_at=NOON + timedelta(seconds=2)
    )

    assert measure_phases(generation) == pytest.approx(expected)


async def test_credits_are_counted_as_they_were_told() -> None:
    metrics = Metrics(queued=lambda: 0, running=lambda: 0)
    metrics.note_delivered(make_generation(State.DELIVERED), Usage(used=6, left=40, refunded=3))
    metrics.note_delivered(make_generation(State.UNKNOWN), Usage(used=None, left=None))
    metrics.note_refund(3)  # seen at the outcome of whichever generation
    page = await read_page(metrics, Rows())

    assert page.value("imagine_credits_spent_total") == 6
    assert page.value("imagine_credits_refunded_total") == 3
    assert page.value("imagine_generations_told_total") == 2


async def test_several_who_watch_see_the_same_outcome() -> None:
    first, second = (Metrics(lambda: 0, lambda: 0) for _ in range(2))
    both = Observers(first, second)
    with both.watch(Operation.SLACK, "chat.update") as note:
        note.outcome = "slack_away"
    with pytest.raises(Rejected), both.watch(Operation.SLACK, "chat.update"):
        raise Rejected(Cause.THREAD_GONE)
    with pytest.raises(ZeroDivisionError), both.watch(Operation.SLACK, "chat.update"):
        raise ZeroDivisionError

    for metrics in (first, second):
        page = await read_page(metrics, Rows())
        for outcome in ("slack_away", "thread_gone", "fault"):
            assert page.value("imagine_slack_call_seconds_count", outcome=outcome) == 1


def test_two_bots_in_one_process_do_not_share_their_counts() -> None:
    Metrics(lambda: 0, lambda: 0)
    Metrics(lambda: 0, lambda: 0)

    assert not [family for family in REGISTRY.collect() if family.name.startswith("imagine_")]

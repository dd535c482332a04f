"""Traces: a span for each generation with its steps and calls, sent to a collector over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bot.sandbox.powerpost.service import PollFault
from tests.support.root import ROOT
from tests.support.stage import API_KEY, DESIGN, open_stage, run_bot
from tests.support.traces import open_collector

if TYPE_CHECKING:  # to load them takes half a second, in every process that collects tests
    pass

PROMPT = "a lighthouse that nobody else may know of"


async def test_a_generation_is_a_span_with_its_steps_and_calls_in_it(tmp_path: Path) -> None:
    from opentelemetry.proto.trace.v1.trace_pb2 import Status

    async with (
        open_collector() as (collector, url),
        open_stage(tmp_path, otel_exporter_otlp_endpoint=url) as stage,
    ):
        stage.powerpost.faults.next_poll(PollFault.ERROR_500)
        await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
        await stage.until_told()
        await stage.until(lambda: collector.named("generation"), what="sent")

    (whole,) = collector.named("generation")
    (identity,) = [a.value.string_value for a in whole.attributes if a.key == "imagine.generation"]
    assert len(identity) == 36
    steps = [span for span in collector.spans if span.name.startswith("step ")]
    assert {collector.parent(step).span_id for step in steps} == {whole.span_id}
    names = [span.name.removeprefix("step ") for span in steps]
    assert {"announce", "intend", "submit", "wait", "fetch", "tell"} <= set(names)
    for call, step in (
        ("powerpost submit", "step submit"),
        ("powerpost download", "step fetch"),
        ("slack chat.postMessage", "step announce"),
    ):
        parents = {collector.parent(span).name for span in collector.named(call)}
        assert step in parents, call
    broken, *_ = collector.named("powerpost poll")
    assert broken.status.code == Status.STATUS_CODE_ERROR
    assert {a.key: a.value.string_value for a in broken.attributes}["imagine.outcome"] == (
        "server_error"
    )
    of_it = [span for span in collector.spans if span.trace_id == whole.trace_id]
    assert len(of_it) > 12
    for secret in (PROMPT, API_KEY, "xoxb", "signature=", "U0ADA", DESIGN):
        assert secret.encode() not in collector.raw


async def test_a_collector_that_is_away_holds_nothing_up(tmp_path: Path) -> None:
    async with open_stage(
        tmp_path, runs_bot=False, otel_exporter_otlp_endpoint="http://127.0.0.1:1"
    ) as stage:
        async with run_bot(stage):
            await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
            await stage.until_told()
            began = time.monotonic()
        assert time.monotonic() - began < 9


def test_without_the_library_one_line_says_what_is_missing() -> None:
    script = """
import sys
sys.modules["opentelemetry"] = None  # as where it is not installed
from bot.telemetry.logs import set_up_logging
from bot.telemetry.traces import open_traces
set_up_logging("INFO")
assert open_traces("http://127.0.0.1:1") is None
assert open_traces(None) is None
"""
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    (line,) = ended.stdout.splitlines()
    said = json.loads(line)
    assert said["event"] == "traces.export_failed"
    assert "imagine-for-slack[otel]" in said["missing"]

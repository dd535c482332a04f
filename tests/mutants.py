"""Can the tests fail? `python -m tests.mutants --sample 60 --seed 1` breaks one thing at a time in
the modules that pay, deliver or decide, and says which breaks no test has noticed.

mutmut makes the mutants (https://mutmut.readthedocs.io); what is done here is to draw some of them
and to run only those tests that are to catch each. A mutant exists in the memory of one process:
no file is changed. Needs the `mutants` extra.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib.abc
import importlib.machinery
import importlib.util
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final

from tests.support.root import ROOT

# One mutant's tests; what takes longer hangs, and that is noticed.
TRIAL_SECONDS: Final = 300.0
TEST_SECONDS: Final = 40
TARGET: Final = 0.92
# Calls and assignments that only say something: to the operator, or to the type checker.
_ONLY_SAID: Final = ("log.", "log =", "say(", "structlog.", "TypeVar(", "__all__")
_NO_TESTS: Final = 5  # pytest's exit code

# The modules that pay, deliver or decide, and the tests that are to catch what breaks there: quick
# ones first, none that runs the bot as a process (a mutant is in this process only).
_TIME: Final = (
    "tests/generations/test_timing.py",
    "tests/generations/test_poll_schedule.py",
    "tests/generations/test_retry.py",
    "tests/generations/test_polling.py",
    "tests/generations/test_payment.py",
)
_LIFE: Final = ("tests/generations", "tests/scenario/test_thread.py")
_MONEY: Final = ("tests/credits", "tests/store/test_ledger.py", "tests/store/test_spending.py")
_ROWS: Final = ("tests/store/test_generations.py", "tests/store/test_ledger.py")
_RULES: Final = ("tests/policy", "tests/scenario/test_rules.py")
_WORDS: Final = ("tests/images", "tests/hostile/test_input.py")
MODULES: Final[dict[str, tuple[str, ...]]] = {
    "bot/credits/alerts.py": ("tests/credits/test_alerts.py", "tests/scenario/test_alerts.py"),
    "bot/credits/audit.py": ("tests/credits", "tests/scenario/test_ledger.py"),
    "bot/credits/balances.py": (*_MONEY, "tests/scenario/test_ledger.py"),
    "bot/credits/estimates.py": (*_MONEY, "tests/scenario/test_budgets.py"),
    "bot/credits/ledger.py": _MONEY,
    "bot/credits/reports.py": ("tests/credits/test_reports.py", "tests/scenario/test_usage.py"),
    "bot/generations/queue.py": (*_LIFE, "tests/scenario/test_in_doubt.py"),
    "bot/generations/approval.py": (
        "tests/generations/test_approval.py",
        "tests/store/test_approvals.py",
        "tests/scenario/test_budgets.py",
    ),
    "bot/credits/restore_guard.py": ("tests/scenario/test_restore.py",),
    "bot/generations/retry.py": _TIME,
    "bot/generations/engine.py": _LIFE,
    "bot/generations/leases.py": ("tests/generations/test_leases.py",),
    "bot/generations/usage.py": ("tests/generations/test_usage.py",),
    "bot/generations/payment.py": (*_TIME, "tests/generations/test_workflow.py"),
    "bot/generations/slots.py": ("tests/generations/test_slots.py", "tests/store/test_slots.py"),
    "bot/generations/record.py": ("tests/generations", "tests/store/test_generations.py"),
    "bot/generations/poll_schedule.py": _TIME,
    "bot/generations/timing.py": (*_TIME, "tests/generations/test_workflow.py"),
    "bot/generations/fair_queue.py": ("tests/generations/test_fair_queue.py", *_TIME),
    "bot/generations/polling.py": (*_TIME, "tests/generations/test_workflow.py"),
    "bot/generations/workflow.py": (
        "tests/generations/test_workflow.py",
        *_LIFE,
        "tests/scenario/test_partial.py",
    ),
    "bot/images/command.py": _WORDS,
    "bot/images/flags.py": _WORDS,
    "bot/images/reply.py": _WORDS,
    "bot/policy/book.py": _RULES,
    "bot/limits.py": ("tests/test_limits.py", "tests/powerpost", "tests/slack/kit"),
    "bot/policy/budgets.py": ("tests/policy", "tests/store/test_spending.py"),
    "bot/policy/changes.py": ("tests/policy", "tests/slack/home/test_change_texts.py"),
    "bot/policy/choices.py": _RULES,
    "bot/policy/policy.py": _RULES,
    "bot/policy/presets.py": (*_RULES, "tests/scenario/test_presets.py"),
    "bot/policy/rules.py": _RULES,
    "bot/policy/terms.py": ("tests/policy", "tests/store/test_spending.py"),
    "bot/powerpost/answers.py": ("tests/powerpost/test_answers.py", "tests/powerpost"),
    "bot/powerpost/calls.py": ("tests/powerpost", "tests/cli/test_doctor.py"),
    "bot/powerpost/client.py": ("tests/powerpost/test_client.py", "tests/powerpost"),
    "bot/powerpost/downloads.py": ("tests/powerpost/test_downloads.py",),
    "bot/powerpost/rate_limiter.py": ("tests/powerpost/test_rate_limiter.py", "tests/powerpost"),
    "bot/slack/approvals/notifier.py": (
        "tests/slack/approvals/test_notifier.py",
        "tests/scenario/test_budgets.py",
    ),
    "bot/slack/kit/rate_limits.py": (
        "tests/slack/kit/test_rate_limits.py",
        "tests/slack/results/test_publisher.py",
    ),
    "bot/slack/results/publisher.py": (
        "tests/slack/results/test_publisher.py",
        "tests/slack/results/test_views.py",
        "tests/scenario/test_thread.py",
        "tests/scenario/test_slack_trouble.py",
    ),
    "bot/slack/kit/endpoint.py": ("tests/slack/kit/test_endpoint.py",),
    "bot/store/approvals.py": ("tests/store/test_approvals.py", "tests/scenario/test_budgets.py"),
    "bot/store/generations.py": (*_ROWS, "tests/store", "tests/generations/test_workflow.py"),
    "bot/store/ledger.py": ("tests/store/test_ledger.py", "tests/scenario/test_ledger.py"),
    "bot/store/slots.py": ("tests/store/test_slots.py", "tests/generations/test_slots.py"),
    "bot/store/processes.py": ("tests/store/test_processes.py", "tests/generations/test_leases.py"),
    "bot/store/spending.py": ("tests/store/test_spending.py", "tests/store/test_approvals.py"),
}
# Loaded once: each trial is forked from a process that has them, and nothing of ours.
_PRELOADED: Final = [
    "aiohttp", "alembic", "httpx", "hypothesis", "jinja2", "PIL.Image", "psycopg", "pydantic",
    "pydantic_settings", "pytest", "pytest_asyncio", "slack_bolt.async_app",
    "sqlalchemy.ext.asyncio", "starlette.applications", "structlog", "uvicorn", "websockets",
]  # fmt: skip


class Fate(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    LIVED = "lived"
    HUNG = "hung"  # its tests did not end in time: caught, too


@dataclass(frozen=True, slots=True)
class Mutant:
    """One break. `number` is its place among its module's."""

    path: str
    number: int
    source: str

    def __str__(self) -> str:
        """The changed lines, as a diff without its head."""
        before, after = (ROOT / self.path).read_text().splitlines(), self.source.splitlines()
        lines = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
        return "\n".join([f"{self.path}#{self.number}", *lines])


class _MutatedFile(importlib.machinery.SourceFileLoader):
    """Loads a module from another source than its file's."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> Any:
        return compile(self._source, self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._name = mutant.path.removesuffix(".py").replace("/", ".")
        self._loader = _MutatedFile(self._name, str(ROOT / mutant.path), mutant.source)

    def find_spec(self, fullname: str, path: object, target: object = None) -> Any:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_loader(fullname, self._loader)


def draw(paths: Sequence[str], size: int, seed: int) -> list[Mutant]:
    """`size` mutants of those modules, each as likely as any other; the same ones for a `seed`."""
    everything = [make for path in paths for make in _list_makers(path)]
    chosen = random.Random(seed).sample(everything, min(size, len(everything)))  # noqa: S311
    return [make() for make in chosen]


def _list_makers(path: str) -> list[Callable[[], Mutant]]:
    """What makes each mutant of a module that mutmut knows of; making one takes a while."""
    import libcst as cst
    from libcst.metadata import MetadataWrapper
    from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
    from mutmut.mutation.mutators import mutation_operators
    from mutmut.mutation.pragma_handling import IgnoredCode

    class Visitor(MutationVisitor):  # type: ignore[misc, unused-ignore]
        """Also goes into properties and context managers, which mutmut leaves out as it could not
        switch them at run time; not into what is only logged."""

        def _skip_node_and_children(self, node: Any) -> bool:
            if isinstance(node, cst.FunctionDef):
                return False
            if isinstance(node, cst.Call | cst.Assign):
                code = cst.Module([]).code_for_node(node)
                return code.startswith(_ONLY_SAID) or bool(super()._skip_node_and_children(node))
            return bool(super()._skip_node_and_children(node))

    wrapper = MetadataWrapper(cst.parse_module((ROOT / path).read_text()))
    visitor = Visitor(mutation_operators, IgnoredCode(set(), set(), set()))
    module = wrapper.visit(visitor)

    def make(number: int) -> Mutant:
        change = visitor.mutations[number]
        broken = deep_replace(module, change.original_node, change.mutated_node)
        return Mutant(path, number, broken.code)

    return [partial(make, number) for number in range(len(visitor.mutations))]


def _run_tests(tests: Sequence[str], mutant: Mutant | None) -> None:
    """The whole life of a forked process: exits as pytest does."""
    os.setpgrp()
    os.chdir(ROOT)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
    import pytest

    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", f"--timeout={TEST_SECONDS}"]
    os._exit(pytest.main([*options, *tests]))


def try_tests(tests: Sequence[str], mutant: Mutant | None = None) -> Fate:
    """Run `tests` with `mutant` in place of its module, in a process of their own."""
    trial = multiprocessing.get_context("forkserver").Process(
        target=_run_tests, args=(tests, mutant)
    )
    trial.start()
    trial.join(TRIAL_SECONDS)
    is_hanging = trial.exitcode is None
    assert trial.pid is not None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(trial.pid, signal.SIGKILL)  # with whatever it has started
    trial.join()
    if is_hanging:
        return Fate.HUNG
    if trial.exitcode == _NO_TESTS:
        raise SystemExit(f"there are no tests in {' '.join(tests)}")
    return Fate.LIVED if trial.exitcode == 0 else Fate.CAUGHT


def _check_unbroken(pool: ThreadPoolExecutor, mutants: Sequence[Mutant]) -> None:
    """A test that fails anyway catches everything."""
    suites = {MODULES[mutant.path] for mutant in mutants}
    for suite, fate in zip(suites, pool.map(try_tests, suites), strict=True):
        if fate is Fate.CAUGHT:
            raise SystemExit(f"not green without any mutant: {' '.join(suite)}")


def _try(mutant: Mutant) -> tuple[Mutant, Fate, float]:
    begun = time.monotonic()
    return mutant, try_tests(MODULES[mutant.path], mutant), time.monotonic() - begun


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where fewer than 92 % are caught."""
    parser = argparse.ArgumentParser("python -m tests.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=60, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only modules whose path begins with this")
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--skip-check", action="store_true", help="do not run the tests unbroken")
    asked = parser.parse_args(arguments)
    paths = [path for path in MODULES if path.startswith(asked.only)]
    mutants = draw(paths, asked.sample, asked.seed)
    multiprocessing.get_context("forkserver").set_forkserver_preload(_PRELOADED)
    with ThreadPoolExecutor(asked.at_once) as pool:
        if not asked.skip_check:
            _check_unbroken(pool, mutants)
        fates = list[Fate]()
        for mutant, fate, seconds in pool.map(_try, mutants):
            fates.append(fate)
            said = f"{mutant}\n" if fate is Fate.LIVED else f"{mutant.path}#{mutant.number} "
            print(f"{said}{fate} after {seconds:.1f} s", flush=True)
    caught = sum(fate is not Fate.LIVED for fate in fates)
    share = caught / len(fates)
    print(f"{caught} of {len(fates)} caught: {share:.1%}")
    return 0 if share >= TARGET else 1


if __name__ == "__main__":
    raise SystemExit(main())

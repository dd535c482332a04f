"""Ruff and mypy as tests, so that the one test command says all there is to say."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.root import ROOT


# Beside four other workers mypy takes a minute or two; here, too, nothing hangs for ever.
@pytest.mark.timeout(450)
@pytest.mark.parametrize(
    "tool",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=["ruff check", "ruff format", "mypy --strict"],
)
def test_the_code_is_as_the_tools_want_it(tool: list[str]) -> None:
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", *tool],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_mypy_is_strict_and_sees_the_tests_too() -> None:
    config = (ROOT / "pyproject.toml").read_text("utf-8")

    assert "strict = true" in config
    assert 'files = ["bot", "tests"]' in config


_CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic"}


def list_clocks_read_at_import(source: str) -> list[int]:
    """The lines on which a module asks what time it is as it is imported."""
    return [
        call.lineno
        for call in _list_calls(ast.parse(source))
        if isinstance(call.func, ast.Attribute) and call.func.attr in _CLOCKS
    ]


def _list_calls(node: ast.AST) -> Iterator[ast.Call]:
    """Those that run at import: not what stands in a function's body, but its defaults do."""
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.Call):
                yield child
            if isinstance(child, ast.AST):
                yield from _list_calls(child)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("NOW = datetime.now(UTC)", [1]),
        ("class A:\n    at = time.time()", [2]),
        ("@mark(datetime.now())\ndef f(at=date.today()): ...", [2, 1]),
        ("def f():\n    return datetime.now(UTC)", []),
        ("clock = lambda: time.time()", []),
        ("NOON = datetime(2026, 11, 23)", []),
    ],
)
def test_a_clock_that_is_read_at_import_is_found(source: str, lines: list[int]) -> None:
    assert sorted(list_clocks_read_at_import(source)) == sorted(lines)


def test_no_test_reads_a_clock_as_it_is_imported() -> None:
    """Such a moment may be of yesterday, or of last month, when the test runs."""
    found = {
        str(path.relative_to(ROOT)): lines
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if (lines := list_clocks_read_at_import(path.read_text("utf-8")))
    }

    assert found == {}

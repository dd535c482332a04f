"""Ruff and mypy as tests, so that the one test command says all there is to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


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
        timeout=300,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_mypy_is_strict_and_sees_the_tests_too() -> None:
    config = (ROOT / "pyproject.toml").read_text("utf-8")

    assert "strict = true" in config
    assert 'files = ["bot", "tests"]' in config

"""Fixtures that several rooms' tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stage import Stage, open_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The whole bot between fresh stand-ins."""
    async with open_stage(tmp_path) as opened:
        yield opened


@pytest.fixture
async def stage_without_bot(tmp_path: Path) -> AsyncIterator[Stage]:
    """Fresh stand-ins; the test runs the bot itself."""
    async with open_stage(tmp_path, runs_bot=False) as opened:
        yield opened

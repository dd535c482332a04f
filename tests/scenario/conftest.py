"""What holds in every scenario."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenario.sight import find_insides
from tests.stage import Stage, open_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The whole bot between fresh stand-ins; afterwards, nobody has seen its insides."""
    async with open_stage(tmp_path) as opened:
        yield opened
    assert find_insides(opened) == []

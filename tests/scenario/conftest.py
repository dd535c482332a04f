"""What holds in every scenario."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from tests.support.image_form import Form
from tests.support.rendered_text import find_insides
from tests.support.stage import DESIGN, Stage, open_stage


@pytest.fixture(autouse=True, scope="module")
def plain_tracebacks() -> Iterator[None]:
    """As in production (bot/telemetry/logs.py): structlog's own draw every variable, for seconds
    at a time, in which nobody in Slack would be answered."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    processors = [structlog.contextvars.merge_contextvars, structlog.processors.add_log_level]
    structlog.configure(processors=[*processors, plain])
    yield
    structlog.reset_defaults()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The whole bot between fresh stand-ins; afterwards, nobody has seen its insides."""
    async with open_stage(tmp_path) as opened:
        yield opened
    assert find_insides(opened) == []


@pytest.fixture(scope="module")
async def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One stage for the tests of a module that leave nothing behind."""
    async with open_stage(tmp_path_factory.mktemp("shared")) as opened:
        yield opened
    assert find_insides(opened) == []


@pytest.fixture
async def form(stage: Stage) -> Form:
    """The form, open in #design."""
    await stage.ada.run_command(DESIGN, "/imagine", "")
    return await Form(stage, stage.ada).until_open()

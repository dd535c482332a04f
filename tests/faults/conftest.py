"""Trials that end processes again and again take their time, the more so beside other files; each
has a patience of its own, far below this."""

from __future__ import annotations

import pytest

LONGEST_SECONDS = 450


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bounded all the same."""
    for item in items:
        if item.nodeid.startswith("tests/faults/"):
            item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))

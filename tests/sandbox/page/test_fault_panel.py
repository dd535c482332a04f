"""Every button of the Weather panel does something to a stand-in, and clearing undoes it."""

import pytest

from bot.sandbox.page.fault_panel import FAULTS, StandIns, inject_fault, list_groups, list_pending
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.slack.workspace import Workspace

KEYS = [fault.key for faults in FAULTS.values() for fault in faults]


def test_the_keys_are_unique() -> None:
    assert len(KEYS) == len(set(KEYS))


@pytest.mark.parametrize("key", KEYS)
def test_every_fault_is_listed_until_all_are_cleared(key: str) -> None:
    stand_ins = StandIns(Workspace(), PowerPost())
    assert list_pending(stand_ins) == []
    assert inject_fault(stand_ins, key)
    assert list_pending(stand_ins) != []
    assert inject_fault(stand_ins, "clear")
    assert list_pending(stand_ins) == []


@pytest.mark.parametrize("key", ["powerpost-away", "powerpost-latency_seconds", "slack-away"])
def test_a_switch_goes_on_and_off(key: str) -> None:
    stand_ins = StandIns(Workspace(), PowerPost())

    def is_on() -> bool | None:
        buttons = [button for group in list_groups(stand_ins).values() for button in group]
        return next(button.is_on for button in buttons if button.fault.key == key)

    assert is_on() is False
    inject_fault(stand_ins, key)
    assert is_on() is True
    inject_fault(stand_ins, key)
    assert is_on() is False


def test_an_unknown_fault_is_refused() -> None:
    assert not inject_fault(StandIns(Workspace(), PowerPost()), "plague")

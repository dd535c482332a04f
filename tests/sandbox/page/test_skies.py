"""Every button of the weather panel does something to a stand-in, and clearing undoes it."""

import pytest

from bot.sandbox.page.skies import FAULTS, Skies, forecast, list_groups, order_fault
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.slack.workspace import Workspace

KEYS = [fault.key for faults in FAULTS.values() for fault in faults]


def test_the_keys_are_unique() -> None:
    assert len(KEYS) == len(set(KEYS))


@pytest.mark.parametrize("key", KEYS)
def test_every_fault_is_forecast_until_the_sky_is_cleared(key: str) -> None:
    skies = Skies(Workspace(), PowerPost())
    assert forecast(skies) == []
    assert order_fault(skies, key)
    assert forecast(skies) != []
    assert order_fault(skies, "clear")
    assert forecast(skies) == []


@pytest.mark.parametrize("key", ["powerpost-away", "powerpost-slow", "slack-away"])
def test_a_switch_goes_on_and_off(key: str) -> None:
    skies = Skies(Workspace(), PowerPost())

    def is_on() -> bool | None:
        buttons = [button for group in list_groups(skies) for button in group.faults]
        return next(button.is_on for button in buttons if button.key == key)

    assert is_on() is False
    order_fault(skies, key)
    assert is_on() is True
    order_fault(skies, key)
    assert is_on() is False


def test_an_unknown_fault_is_refused() -> None:
    assert not order_fault(Skies(Workspace(), PowerPost()), "plague")

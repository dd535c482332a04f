"""The Home tab within Slack's limits, however much is set, and whoever named it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.images.catalogue import Model
from bot.policy.policy import Policy
from bot.policy.presets import NAME_MAX, Defaults, Preset
from bot.policy.rules import Rules
from bot.slack.home.facts import HomeFacts
from bot.slack.home.screens import HomePage, Screen
from bot.slack.home.views import show_home, show_unavailable
from tests.support.home_views import HOSTILE, budget, find_faults, full, generation


@pytest.mark.parametrize("screen", Screen)
@pytest.mark.parametrize("page", [0, 1, 99])
def test_every_screen_is_within_slacks_limits_with_everything_that_can_be_set(
    screen: Screen, page: int
) -> None:
    view = show_home(full(), HomePage(screen=screen, page=page)).to_dict()

    assert find_faults(view) == []


@pytest.mark.parametrize("screen", Screen)
def test_every_screen_says_something_where_nothing_is_set(screen: Screen) -> None:
    view = show_home(HomeFacts("U1", is_admin=True, policy=Policy()), HomePage(screen=screen))

    shown = view.to_dict()
    assert find_faults(shown) == []
    assert sum(block["type"] == "section" for block in shown["blocks"]) >= 1


@pytest.mark.parametrize("screen", [Screen.BUDGETS, Screen.RULES, Screen.CHANGES])
@pytest.mark.parametrize("is_admin", [False, None])
def test_nobody_but_admins_sees_what_is_for_admins(screen: Screen, is_admin: bool | None) -> None:
    facts = HomeFacts("U1", is_admin=is_admin, policy=full().policy)

    shown = str(show_home(facts, HomePage(screen=screen)).to_dict())

    assert "Create image" in shown
    assert "For admins" not in shown
    assert "home_edit_settings" not in shown


def test_presets_are_shown_to_everyone_with_a_menu_at_ones_own() -> None:
    own = {"U1": (Preset(name="mine"), Preset(name="Brand")), "U2": (Preset(name="hers"),)}
    policy = Policy(presets=(Preset(name="brand", model=Model.GPT_IMAGE_1_5),), own_presets=own)
    facts = HomeFacts("U1", is_admin=False, policy=policy)

    view = show_home(facts, HomePage(screen=Screen.PRESETS)).to_dict()

    shown = str(view)
    assert "GPT Image 1.5" in shown
    assert "hers" not in shown
    assert "home_add_preset" in shown
    menus = [block["text"]["text"] for block in view["blocks"] if "accessory" in block]
    assert [text.splitlines()[0] for text in menus] == [
        "*Brand* for you alone. *Your team has a preset of this name now: rename yours to use it.*",
        "*mine* for you alone",
    ]


def test_a_page_that_is_not_there_any_more_is_the_last_one() -> None:
    policy = Policy(budgets=tuple(budget(number) for number in range(25)))
    facts = HomeFacts("U1", is_admin=True, policy=policy)

    view = show_home(facts, HomePage(screen=Screen.BUDGETS, page=7)).to_dict()

    assert '"page":1' in view["private_metadata"]
    assert "Page 2 · 25 in all" in str(view)
    assert "home_page_on" not in str(view)


def test_names_that_people_give_ping_nobody() -> None:
    policy = Policy(
        presets=(Preset(name=HOSTILE[:NAME_MAX], prefix=HOSTILE),),
        rules=Rules(words=(HOSTILE,)),
        defaults={"U1": Defaults(preset=HOSTILE)},
    )
    facts = HomeFacts("U1", is_admin=True, policy=policy, recent=(generation(1),))

    texts = [
        text
        for screen in Screen
        for text in find_mrkdwn(show_home(facts, HomePage(screen=screen)).to_dict())
    ]
    assert any("&lt;!channel&gt;" in text for text in texts)
    assert not any("<!channel>" in text for text in texts)


def find_mrkdwn(node: Any) -> list[str]:
    """The texts in which Slack looks for syntax."""
    if isinstance(node, list):
        return [text for item in node for text in find_mrkdwn(item)]
    if not isinstance(node, dict):
        return []
    own = [str(node["text"])] if node.get("type") == "mrkdwn" else []
    return own + [text for item in node.values() for text in find_mrkdwn(item)]


def test_without_thumbnails_the_pictures_are_still_linked() -> None:
    shown = show_home(full(), HomePage(), has_thumbnails=False).to_dict()

    assert find_faults(shown) == []
    assert "slack_file" not in str(shown)
    assert "/archives/C1/" in str(shown)


def test_without_the_database_there_is_a_way_to_ask_again() -> None:
    view = show_unavailable().to_dict()

    assert find_faults(view) == []
    assert "home_refresh" in str(view)

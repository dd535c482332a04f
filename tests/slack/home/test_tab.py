"""The Home tab within Slack's limits, however much is set, and whoever named it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.generations.record import Generation, Picture, PictureState, Place, State
from bot.images.catalogue import Model, Size
from bot.images.request import ImageRequest
from bot.policy.budgets import Budget, Ceiling, Period, Scope, Window
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.presets import AFFIX_MAX, NAME_MAX, PRESETS_MAX, Defaults, Preset
from bot.policy.rules import Rules
from bot.sandbox.slack.blocks import check_view, is_view_too_large
from bot.sandbox.slack.records import File
from bot.slack.home.facts import RECENT, HomeFacts, Used
from bot.slack.home.forms.budget import BUDGETS_MAX
from bot.slack.home.forms.rules import EXCEPTIONS_MAX
from bot.slack.home.screens import HomePlace, Screen
from bot.slack.home.views import show_home, show_unavailable
from bot.store.policies import PolicyChange

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FILE = File("F1", "x.png", "image/png", b"", "U1", 0.0, "x.png", 0.0)
HOSTILE = "<!channel> & *_~`\u202e🦊"
LONG = ("&<>" * AFFIX_MAX)[:AFFIX_MAX]


def budget(number: int) -> Budget:
    scope = list(Scope)[number % 3]
    subject = None if scope is Scope.WORKSPACE else f"X{number}"
    return Budget(id=f"b{number}", scope=scope, subject=subject, period=Period.DAY, credits=1e6)


def preset(number: int) -> Preset:
    return Preset(
        name=f"{number}{'&' * NAME_MAX}"[:NAME_MAX],
        channel_id=f"C{number}" if number % 2 else None,
        prefix=LONG,
        suffix=LONG,
        model=Model.GPT_IMAGE_1_5,
        size=Size.PORTRAIT,
        quantity=4,
        enhance_prompt=True,
        is_locked=True,
    )


def rules(count: int = 100) -> Rules:
    ids = tuple(f"C{number:010}" for number in range(count))
    words = tuple(f"{number}{'&' * 100}" for number in range(count))
    return Rules(
        models=tuple(Model), quantity_max=4, channels=ids, people=ids, groups=ids, words=words
    )


def generation(number: int) -> Generation:
    request = ImageRequest(prompt=HOSTILE * 50)
    url = "https://p.example/1"
    made = Picture(1, "m1", url, 1, 1, NOW, PictureState.UPLOADED, slack_file_id="F1")
    return Generation(
        f"g{number}", f"o{number}", Place("T1", "C1", "U1"), request, NOW, State.DELIVERED,
        root_ts="1.1", result_ts="1.2", credits_used=4, pictures=(made,),
    )  # fmt: skip


def full() -> HomeFacts:
    """As much as can be set, all of it as long as it can be."""
    many = tuple(f"U{number:010}" for number in range(100))
    budgets = tuple(budget(number) for number in range(BUDGETS_MAX))
    policy = Policy(
        settings=WorkspaceSettings(
            admins=many, approvers=many, approval_channel="C1", alert_below=1e6, confirm_above=0
        ),
        rules=rules(),
        channel_rules={f"C{number:010}": rules() for number in range(EXCEPTIONS_MAX)},
        budgets=budgets,
        presets=tuple(preset(number) for number in range(PRESETS_MAX)),
        defaults={"U1": Defaults(model=Model.IDEOGRAM_3, preset="&" * 30)},
    )
    window = Window(NOW, NOW + timedelta(days=1))
    used = {each.id: Used(Ceiling(each, each.subject, window), 12.5) for each in budgets}
    return HomeFacts(
        "U1",
        is_admin=True,
        policy=policy,
        balance=(999_999.25, NOW),
        mine=tuple(used.values())[:4],
        used=used,
        recent=tuple(generation(number) for number in range(RECENT)),
        changes=tuple(
            PolicyChange(number, f"preset:name={'&' * 30}", "U1", NOW) for number in range(21)
        ),
        workspace_url="https://sandbox.slack.com/",
    )


def find_faults(view: dict[str, Any]) -> list[str]:
    """What Slack would refuse."""
    faults = check_view(view, lambda _key: FILE, lambda _file: True).errors
    return [*map(str, faults), *(["too large"] if is_view_too_large(view) else [])]


@pytest.mark.parametrize("screen", Screen)
@pytest.mark.parametrize("page", [0, 1, 99])
def test_every_screen_is_within_slacks_limits_with_everything_that_can_be_set(
    screen: Screen, page: int
) -> None:
    view = show_home(full(), HomePlace(screen=screen, page=page)).to_dict()

    assert find_faults(view) == []


@pytest.mark.parametrize("screen", Screen)
def test_every_screen_says_something_where_nothing_is_set(screen: Screen) -> None:
    view = show_home(HomeFacts("U1", is_admin=True, policy=Policy()), HomePlace(screen=screen))

    shown = view.to_dict()
    assert find_faults(shown) == []
    assert sum(block["type"] == "section" for block in shown["blocks"]) >= 1


@pytest.mark.parametrize("screen", [Screen.BUDGETS, Screen.RULES, Screen.CHANGES])
@pytest.mark.parametrize("is_admin", [False, None])
def test_nobody_but_admins_sees_what_is_for_admins(screen: Screen, is_admin: bool | None) -> None:
    facts = HomeFacts("U1", is_admin=is_admin, policy=full().policy)

    shown = str(show_home(facts, HomePlace(screen=screen)).to_dict())

    assert "Create image" in shown
    assert "For admins" not in shown
    assert "home_edit_settings" not in shown


def test_presets_are_shown_to_everyone_without_a_menu() -> None:
    facts = HomeFacts("U1", is_admin=False, policy=full().policy)

    shown = str(show_home(facts, HomePlace(screen=Screen.PRESETS)).to_dict())

    assert "GPT Image 1.5" in shown
    assert "home_row_menu" not in shown
    assert "home_add_preset" not in shown


def test_a_page_that_is_not_there_any_more_is_the_last_one() -> None:
    policy = Policy(budgets=tuple(budget(number) for number in range(25)))
    facts = HomeFacts("U1", is_admin=True, policy=policy)

    view = show_home(facts, HomePlace(screen=Screen.BUDGETS, page=7)).to_dict()

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
        for text in find_mrkdwn(show_home(facts, HomePlace(screen=screen)).to_dict())
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
    shown = show_home(full(), HomePlace(), has_thumbnails=False).to_dict()

    assert find_faults(shown) == []
    assert "slack_file" not in str(shown)
    assert "/archives/C1/" in str(shown)


def test_without_the_database_there_is_a_way_to_ask_again() -> None:
    view = show_unavailable().to_dict()

    assert find_faults(view) == []
    assert "home_refresh" in str(view)

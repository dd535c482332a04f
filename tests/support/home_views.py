"""Views of the Home tab, checked as Slack checks them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.generations.record import Generation, Picture, PictureState, Place, State
from bot.images.catalogue import Model, Size
from bot.images.request import ImageRequest
from bot.policy.budgets import Budget, Ceiling, Period, Scope, Window
from bot.policy.changes import PolicyChange
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.presets import AFFIX_MAX, NAME_MAX, PRESETS_MAX, Defaults, Preset
from bot.policy.rules import Rules
from bot.sandbox.slack.blocks import check_view, is_view_too_large
from bot.sandbox.slack.records import File
from bot.slack.home.facts import RECENT, HomeFacts, Used
from bot.slack.home.forms.budget import BUDGETS_MAX
from bot.slack.home.forms.rules import EXCEPTIONS_MAX

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

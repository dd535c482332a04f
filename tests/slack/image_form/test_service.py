"""The form opens before anything slow: seen from Slack, with a database that takes its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from bot.credits.estimates import Basis, Estimate
from bot.generations.record import NewGeneration
from bot.images.captions import CaptionFacts, CaptionSummary
from bot.images.catalogue import Model
from bot.policy.book import PolicyBook
from bot.policy.budgets import Budget, BudgetUse, Ceiling, Period, Scope
from bot.policy.policy import Policy
from bot.policy.rules import Rules
from bot.sandbox.serving import serve
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import View, Workspace
from bot.slack.image_form.drafts import Draft, Drafts
from bot.slack.image_form.service import ImageFormService
from bot.slack.image_form.values import FormValues
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.connection import open_client
from bot.slack.kit.files import FileFetcher
from bot.slack.kit.payloads import SlashCommand, ViewAction
from bot.slack.kit.prompt_lists import ListReader
from bot.store.drafts import Draft as KeptDraft

TYPED = FormValues(prompt="typed yesterday", quantity=3)


@dataclass
class SlowHouse:
    """A database and a PowerPost that answer when they are let."""

    is_let: asyncio.Event = field(default_factory=asyncio.Event)
    draft: FormValues | None = None
    answered: list[str] = field(default_factory=list)

    async def _answer(self, what: str) -> None:
        await self.is_let.wait()
        self.answered.append(what)

    async def accept(self, new: NewGeneration, *, may_ask: bool = False) -> bool:
        return True

    async def find(self, team_id: str, user_id: str, now: datetime) -> Draft | None:
        await self._answer("draft")
        return None if self.draft is None else KeptDraft(self.draft.model_dump(mode="json"), None)

    async def save(self, *_: Any, **__: Any) -> None: ...
    async def forget(self, team_id: str, user_id: str) -> None: ...

    async def find_shown(self, *_: Any) -> None: ...

    async def list_recent(self, team_id: str) -> tuple[str, ...]:
        return ()

    async def usage(self, team_id: str, ceilings: Sequence[Ceiling]) -> list[BudgetUse]:
        await self._answer("budgets")
        return [BudgetUse(ceiling, 4.0) for ceiling in ceilings]

    async def look(self, asked: Sequence[tuple[Model, int]]) -> tuple[list[Estimate], float | None]:
        await self._answer("cost")
        return [Estimate(Basis.SEEN, 9.0) for _ in asked], None

    async def last_balance(self) -> float | None:
        await self._answer("stored balance")
        return None

    async def balance(self) -> float:
        await self._answer("balance")
        return 36.0

    def known(self, generation_id: str) -> CaptionFacts | None:
        return None

    async def search(self, query: str, workspace_id: str | None = None) -> list[CaptionSummary]:
        return []

    async def read(self, generation_id: str, workspace_id: str | None = None) -> CaptionFacts:
        await self._answer("caption")
        return CaptionFacts()


@dataclass
class SlowPolicies:
    """What is set in that house."""

    house: SlowHouse
    policy: Policy = field(default_factory=Policy)

    async def read(self, team_id: str) -> Policy:
        await self.house.is_let.wait()
        return self.policy

    async def change(self, *_: Any, **__: Any) -> Policy:
        return self.policy


@dataclass
class Sandbox:
    """A form's desk in a slow house, and Slack."""

    workspace: Workspace
    house: SlowHouse
    desk: ImageFormService
    background: BackgroundTasks
    policies: SlowPolicies

    def run_command(self) -> None:
        """Ada's `/imagine` alone."""
        trigger_id = self.workspace.grant_trigger("U0ADA", channel_id="C0DESIGN")
        place = {"team_id": "T0SANDBOX", "channel_id": "C0DESIGN", "user_id": "U0ADA"}
        body = place | {"command": "/imagine", "trigger_id": trigger_id}
        self.desk.open_for_command(SlashCommand.model_validate(body))

    async def until_open(self) -> View:
        """The form."""
        for _ in range(1000):
            if self.workspace.view_stacks.get("U0ADA"):
                break
            await asyncio.sleep(0.005)
        return self.workspace.view_stacks["U0ADA"][-1]


@pytest.fixture
async def scene() -> AsyncIterator[Sandbox]:
    async with serve_sandbox() as opened:
        yield opened


@asynccontextmanager
async def serve_sandbox() -> AsyncIterator[Sandbox]:
    workspace, house, background = Workspace(), SlowHouse(), BackgroundTasks()
    policies = SlowPolicies(house)
    async with (
        serve(build_app(workspace)) as workspace.base_url,
        open_client(f"{workspace.base_url}/api", workspace.bot_token) as client,
    ):
        desk = ImageFormService(
            client=client,
            gate=house,
            drafts=Drafts(house, background),
            prices=house,
            ask_balance=house.balance,
            captions=house,
            read_usage=house.usage,
            background=background,
            policies=PolicyBook(policies),
            find_shown=house.find_shown,
            lists=ListReader(FileFetcher(client)),
            campaigns=house,
        )
        yield Sandbox(workspace, house, desk, background, policies)
        await background.close()


async def test_it_opens_before_the_slow_has_answered_and_is_filled_afterwards(
    scene: Sandbox,
) -> None:
    scene.run_command()
    view = await scene.until_open()
    assert scene.house.answered == []
    assert "What it costs is told afterwards" in str(view.body)

    scene.house.is_let.set()
    await scene.background.settle()
    assert "About 9 credits, 36 left" in str(view.body)
    opened = [e for e in scene.workspace.exchanges if e.method == "views.open"]
    assert len(opened) == 1


async def test_what_is_left_of_a_budget_is_filled_in_afterwards(scene: Sandbox) -> None:
    budget = Budget(id="b1", scope=Scope.PERSON, period=Period.DAY, credits=6)
    scene.policies.policy = Policy(budgets=(budget,))
    scene.run_command()
    view = await scene.until_open()
    assert "budgets" not in scene.house.answered

    scene.house.is_let.set()
    await scene.background.settle()
    assert ":warning: *2 of your 6 credits a day left*: not enough for this" in str(view.body)


async def test_rules_that_come_late_are_held_against_the_open_form(scene: Sandbox) -> None:
    scene.policies.policy = Policy(rules=Rules(models=(Model.IDEOGRAM_3,)))
    scene.run_command()
    view = await scene.until_open()
    assert "Nano Banana 2" in str(view.body)

    scene.house.is_let.set()
    await scene.background.settle()
    assert "'value': 'nano-banana-2'" not in str(view.body)
    assert "By the rules of this workspace" in str(view.body)


async def test_a_draft_that_comes_late_is_put_into_the_open_form(scene: Sandbox) -> None:
    scene.house.draft = TYPED
    scene.run_command()
    view = await scene.until_open()
    assert "Restored from your draft" not in str(view.body)

    scene.house.is_let.set()
    await scene.background.settle()
    assert "Restored from your draft" in str(view.body)
    assert "typed yesterday" in str(view.state)


async def test_a_draft_that_comes_late_does_not_undo_what_was_changed_meanwhile(
    scene: Sandbox,
) -> None:
    scene.house.draft = TYPED
    scene.run_command()
    view = await scene.until_open()
    option = {"value": "ideogram-3"}
    view.state["values"]["model"]["model"]["selected_option"] = option
    action = {
        "user": {"id": "U0ADA"},
        "team": {"id": "T0SANDBOX"},
        "view": {"id": view.id, "hash": view.hash, "state": view.state},
        "actions": [{"action_id": "model", "block_id": "model", "action_ts": "2.0"}],
    }
    scene.desk.change(ViewAction.model_validate(action))
    scene.house.is_let.set()
    await scene.background.settle()

    assert "typed yesterday" not in str(view.state)
    assert "size:ideogram-3" in str(view.body)


@pytest.mark.parametrize("action_ts", ["", "soon", "1e999", "-1"])
async def test_an_odd_moment_breaks_nothing(scene: Sandbox, action_ts: str) -> None:
    scene.house.is_let.set()
    scene.run_command()
    view = await scene.until_open()
    await scene.background.settle()
    action = {
        "user": {"id": "U0ADA"},
        "team": {"id": "T0SANDBOX"},
        "view": {"id": view.id, "hash": "stale", "state": view.state},
        "actions": [{"action_id": "model", "action_ts": action_ts}],
    }
    scene.desk.change(ViewAction.model_validate(action))
    await scene.background.settle()

    assert "Create image" in str(view.body["title"])

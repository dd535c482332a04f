"""A channel whose id has changed: everything that is kept of it moves along, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.generations.approval import Approval
from bot.generations.record import NewGeneration, Place, State
from bot.images.request import ImageRequest
from bot.images.showing import Show
from bot.images.usage import By
from bot.policy.budgets import Budget, Period, Scope, Window
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.presets import Preset
from bot.policy.rules import Rules
from bot.store.approvals import ApprovalStore
from bot.store.channels import ChannelStore, replace_id
from bot.store.database import Database
from bot.store.drafts import DraftStore
from bot.store.generations import GenerationStore
from bot.store.policies import PolicyStore
from bot.store.spending import SpendingStore
from bot.store.tables import alerts, approval_messages
from bot.store.usage import UsageStore
from bot.store.versions import VersionStore
from bot.store.welcomes import WelcomeStore
from tests.support.budget_rows import NOW, ceilings, enter

OLD, NEW, NEXT = "G1LAUNCH", "C1LAUNCH", "C2LAUNCH"
TEAM = "T1"
OF_CHANNEL = Budget(id="b", scope=Scope.CHANNEL, subject=OLD, period=Period.DAY, credits=10)


def new(id_: str, channel: str = OLD, team: str = TEAM, **changes: Any) -> NewGeneration:
    place = Place(team, channel, "U1")
    return NewGeneration(id_, f"command:{id_}", place, ImageRequest(prompt="fog"), NOW, **changes)


async def set_everything(database: Database) -> None:
    def edit(policy: Policy) -> Policy:
        return policy.model_copy(
            update={
                "settings": WorkspaceSettings(approval_channel=OLD, shared_channels=(OLD, "C9")),
                "rules": Rules(channels=("C9", OLD)),
                "channel_rules": {OLD: Rules(quantity_max=1), "C9": Rules(quantity_max=2)},
                "budgets": (OF_CHANNEL,),
                "presets": (Preset(name="brand", channel_id=OLD), Preset(name="all")),
            }
        )

    await PolicyStore(database).change(TEAM, edit, user_id="U1", what="test", now=NOW)


async def test_what_is_set_for_the_channel_moves_along_as_a_change_that_is_on_record(
    any_database: Database,
) -> None:
    await set_everything(any_database)
    store = PolicyStore(any_database)

    assert await ChannelStore(any_database).move(TEAM, OLD, NEW, NOW)
    policy = await store.read(TEAM)

    assert policy.settings.approval_channel == NEW
    assert policy.settings.shared_channels == (NEW, "C9")
    assert policy.rules.channels == ("C9", NEW)
    assert set(policy.channel_rules) == {NEW, "C9"}
    assert policy.channel_rules[NEW].quantity_max == 1
    assert [budget.subject for budget in policy.budgets] == [NEW]
    assert [preset.channel_id for preset in policy.presets] == [NEW, None]
    assert policy.version == 2
    assert (await store.list_changes(TEAM, 0, 1))[0].what == f"channel_moved:channel={NEW}"


async def test_done_twice_it_changes_nothing(any_database: Database) -> None:
    await set_everything(any_database)
    channels, store = ChannelStore(any_database), PolicyStore(any_database)
    await channels.move(TEAM, OLD, NEW, NOW)
    before = await store.read(TEAM)

    assert not await channels.move(TEAM, OLD, NEW, NOW + timedelta(seconds=1))
    assert not await channels.move(TEAM, NEW, NEW, NOW)
    assert await store.read(TEAM) == before


async def test_another_workspaces_channel_of_that_id_stays(any_database: Database) -> None:
    store = GenerationStore(any_database)
    await store.accept(new("g1", team="T2"))
    await ChannelStore(any_database).move(TEAM, OLD, NEW, NOW)

    assert (await store.read("g1")).place.channel_id == OLD


async def test_generations_move_with_their_threads(any_database: Database) -> None:
    store, lineage = GenerationStore(any_database), VersionStore(any_database)
    await store.accept(new("g1"))
    await store.note("g1", root_ts="1.0", result_channel_id=OLD)
    await ChannelStore(any_database).move(TEAM, OLD, NEW, NOW)
    moved = await store.read("g1")

    assert (moved.place.channel_id, moved.result_channel_id) == (NEW, NEW)
    assert await lineage.newest_in_thread(TEAM, NEW, "1.0") is not None
    assert await lineage.newest_in_thread(TEAM, OLD, "1.0") is None


async def test_what_is_asked_for_under_the_old_id_later_is_worked_on_under_the_new_one(
    any_database: Database,
) -> None:
    store = GenerationStore(any_database)
    await ChannelStore(any_database).move(TEAM, OLD, NEW, NOW)
    await store.accept(new("g1"))

    assert (await store.read_own("g1")).place.channel_id == NEW


async def test_what_is_made_aside_stays_its_channels(any_database: Database) -> None:
    store, channels = GenerationStore(any_database), ChannelStore(any_database)
    aside = Place(TEAM, "U1", "U1", for_channel_id=OLD, for_thread_ts="1.0")
    await store.accept(replace(new("g1"), place=aside, show=Show.ME))
    await store.note("g1", root_ts="2.0", channel_id="D1")
    await channels.move(TEAM, OLD, NEW, NOW)
    await store.accept(replace(new("g2"), place=aside, show=Show.ME))
    first, second = await store.read_own("g1"), await store.read_own("g2")

    assert first.place == replace(aside, channel_id="D1", for_channel_id=NEW)
    assert second.place == replace(aside, for_channel_id=NEW)
    assert first.show is second.show is Show.ME


async def test_a_post_of_the_moment_before_is_noted_under_the_new_id(
    any_database: Database,
) -> None:
    store = GenerationStore(any_database)
    await store.accept(new("g1"))
    await ChannelStore(any_database).move(TEAM, OLD, NEW, NOW)
    await store.note("g1", root_ts="1.0", channel_id=OLD)

    assert (await store.read("g1")).place.channel_id == NEW


async def test_what_was_spent_counts_against_the_channels_budget_as_before(
    any_database: Database,
) -> None:
    await enter(any_database, "g1", 6.0, channel_id=OLD)
    await enter(any_database, "g2", 2.0, channel_id=NEXT)
    channels = ChannelStore(any_database)
    await channels.move(TEAM, OLD, NEW, NOW)
    await enter(any_database, "g3", 1.0, channel_id=NEW)
    held = ceilings(OF_CHANNEL.model_copy(update={"subject": NEW}), channel=NEW)
    (use,) = await SpendingStore(any_database).usage(TEAM, held)
    assert use.used == 7.0

    await channels.move(TEAM, NEW, NEXT, NOW)
    held = ceilings(OF_CHANNEL.model_copy(update={"subject": NEXT}), channel=NEXT)
    (use,) = await SpendingStore(any_database).usage(TEAM, held)
    assert use.used == 9.0


async def test_reports_show_one_channel(any_database: Database) -> None:
    await enter(any_database, "g1", 6.0, channel_id=OLD)
    await ChannelStore(any_database).move(TEAM, OLD, NEW, NOW)
    await enter(any_database, "g2", 1.0, channel_id=NEW)
    window, usage = Window(NOW - timedelta(days=1), NOW + timedelta(days=1)), None
    usage = UsageStore(any_database)

    (line,) = await usage.add_up(By.CHANNEL, TEAM, window)
    assert (line.key, line.credits) == (NEW, 7.0)
    assert {each.channel_id for each in await usage.list_charged(TEAM, window)} == {NEW}
    assert await usage.list_spenders(NOW - timedelta(hours=1)) == [(TEAM, NEW, "U1", "")]


async def test_drafts_requests_for_approval_cards_and_alerts_move_along(
    any_database: Database,
) -> None:
    drafts, store = DraftStore(any_database), ApprovalStore(any_database, None)
    now = datetime.now(UTC)
    await drafts.save(TEAM, "U1", {"channel_id": OLD, "prompt": "fog"}, now)
    approval = Approval("a1", new("g1"), (), now + timedelta(hours=1))
    await store.offer(approval)
    await store.ask(approval, (OLD, "U2"), now)
    row = {"team_id": TEAM, "raised_at": NOW, "told_to": []}
    key = f"budget:channel:{OLD}:day:now:b:10:50"
    raised = row | {"key": key, "document": {"kind": "budget", "subject": OLD}}
    await any_database.write(lambda on: on.execute(sa.insert(alerts).values(raised)))

    await ChannelStore(any_database).move(TEAM, OLD, NEW, now)

    draft = await drafts.find(TEAM, "U1", now)
    assert draft is not None
    assert draft.form == {"channel_id": NEW, "prompt": "fog"}
    read = await store.read("a1")
    assert read is not None
    assert read.new.place.channel_id == NEW

    async def read_all(column: sa.Column[Any]) -> list[Any]:
        return await any_database.read(lambda on: list(on.execute(sa.select(column)).scalars()))

    addresses = await read_all(approval_messages.c.address)
    keys, documents = await read_all(alerts.c.key), await read_all(alerts.c.document)
    assert {NEW, "U2"} <= set(addresses)
    assert OLD not in addresses
    assert keys == [key.replace(OLD, NEW)]
    assert documents == [{"kind": "budget", "subject": NEW}]


async def test_an_outcome_that_is_not_told_yet_says_the_new_channels_budget(
    any_database: Database,
) -> None:
    store = GenerationStore(any_database)
    await store.accept(new("g1"))
    await store.note("g1", over_budget={"approval_id": None, "shortfalls": [], "of": OLD})
    await ChannelStore(any_database).move(TEAM, OLD, NEW, NOW)

    assert (await store.read("g1")).over_budget is not None
    assert (await store.read("g1")).state is State.ACCEPTED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": OLD}, {"a": NEW}),
        ({OLD: {"x": OLD}}, {NEW: {"x": NEW}}),
        ({OLD: 1, NEW: 2}, {NEW: 2}),
        ([OLD, "C9", [OLD]], [NEW, "C9", [NEW]]),
        ({"text": f"in {OLD}"}, {"text": f"in {OLD}"}),
        (None, None),
        (7, 7),
    ],
)
def test_an_id_is_replaced_wherever_it_stands_alone(before: Any, after: Any) -> None:
    assert replace_id(before, OLD, NEW) == after


async def test_moves_that_are_told_in_the_wrong_order_end_at_the_newest_id(
    any_database: Database,
) -> None:
    await set_everything(any_database)
    store, channels = GenerationStore(any_database), ChannelStore(any_database)
    await store.accept(new("g1"))
    await channels.move(TEAM, NEW, NEXT, NOW)
    await channels.move(TEAM, OLD, NEW, NOW)
    await store.accept(new("g2"))
    policy = await PolicyStore(any_database).read(TEAM)

    assert (await store.read("g1")).place.channel_id == NEXT
    assert (await store.read_own("g2")).place.channel_id == NEXT
    assert [budget.subject for budget in policy.budgets] == [NEXT]


async def test_a_channel_may_go_back_to_the_id_that_it_had(any_database: Database) -> None:
    store, channels = GenerationStore(any_database), ChannelStore(any_database)
    await store.accept(new("g1"))
    await channels.move(TEAM, OLD, NEW, NOW)
    await channels.move(TEAM, NEW, OLD, NOW)

    assert (await store.read("g1")).place.channel_id == OLD


async def test_what_is_kept_under_both_ids_does_not_stop_the_move(any_database: Database) -> None:
    await set_everything(any_database)
    store = ApprovalStore(any_database, None)
    approval = Approval("a1", new("g1"), (), NOW + timedelta(hours=1))
    await store.offer(approval)
    await store.ask(approval, (OLD, NEW), NOW)
    row = {"team_id": TEAM, "raised_at": NOW, "told_to": [], "document": {}}
    keys = [f"budget:channel:{id_}:day:now:b:10:50" for id_ in (OLD, NEW)]
    raised = sa.insert(alerts).values([row | {"key": key} for key in keys])
    await any_database.write(lambda on: on.execute(raised))

    assert await ChannelStore(any_database).move(TEAM, OLD, NEW, NOW)
    assert (await PolicyStore(any_database).read(TEAM)).budgets[0].subject == NEW
    kept = await any_database.read(lambda on: list(on.execute(sa.select(alerts.c.key)).scalars()))
    assert kept == keys[1:]


async def test_somebody_is_welcomed_once(any_database: Database) -> None:
    store = WelcomeStore(any_database)

    assert await store.claim(TEAM, "U1")
    assert not await store.claim(TEAM, "U1")
    assert await store.claim(TEAM, "U2")
    await store.give_back(TEAM, "U1")
    assert await store.claim(TEAM, "U1")

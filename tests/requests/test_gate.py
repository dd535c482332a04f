"""The entrance: what the policy of this moment says holds, whatever was known before."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

import pytest

from bot.errors import Cause, ImagineError, Misconfigured, Rejected, Transient
from bot.generations.record import Generation, NewGeneration, State
from bot.policy.book import PolicyBook
from bot.policy.budgets import Budget, Period, Scope
from bot.policy.choices import Choice, PresetConflictError, UnknownPreset
from bot.policy.policy import Policy
from bot.policy.presets import AppliedPreset, Preset
from bot.policy.rules import RuleName, Rules
from bot.policy.terms import NotAllowed, StalePolicy
from bot.requests.gate import Gate, Permission
from bot.slack.kit import preset_texts
from tests.support.rows import new_generation


class Rows:
    """Policies in memory, as several processes would share them."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.reads = 0

    async def read(self, team_id: str) -> Policy:
        self.reads += 1
        return self.policy

    async def change(
        self,
        team_id: str,
        edit: Callable[[Policy], Policy],
        *,
        user_id: str,
        what: str,
        now: datetime,
    ) -> Policy:
        self.policy = edit(self.policy)
        return self.policy


class QueueOf:
    """Accepts what names the newest version of `rows`."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.accepted: list[NewGeneration] = []

    async def accept(self, new: NewGeneration) -> bool:
        assert new.terms is not None
        if new.terms.policy_version != self._rows.policy.version:
            raise StalePolicy
        self.accepted.append(new)
        return True


def know_no_groups(team_id: str, user_id: str, groups: Collection[str]) -> frozenset[str] | None:
    """Nothing is known of user groups."""
    return None


class Members:
    """Slack's user groups: group -> its people; or what Slack says instead."""

    def __init__(self, groups: dict[str, set[str]], away: ImagineError | None = None) -> None:
        self._groups = groups
        self._away = away

    async def find_groups(
        self, team_id: str, user_id: str, groups: Collection[str]
    ) -> frozenset[str]:
        if self._away is not None:
            raise self._away
        return frozenset(group for group in groups if user_id in self._groups.get(group, ()))


def generation_of(new: NewGeneration) -> Generation:
    return Generation(new.id, new.origin, new.place, new.request, new.accepted_at, State.ACCEPTED)


def open_gate(rows: Rows) -> tuple[Gate, QueueOf]:
    queue = QueueOf(rows)
    return Gate(PolicyBook(rows), queue.accept, know_no_groups, preset_texts.gave_way), queue


async def test_a_policy_is_read_once_while_nobody_changes_it() -> None:
    rows = Rows(Policy())
    gate, queue = open_gate(rows)

    for number in range(3):
        await gate.accept(new_generation(f"g{number}"))

    assert rows.reads == 1
    assert len(queue.accepted) == 3


async def test_a_rule_that_another_process_has_set_holds_at_once() -> None:
    rows = Rows(Policy())
    gate, queue = open_gate(rows)
    await gate.accept(new_generation("g1"))
    rows.policy = Policy(version=1, rules=Rules(quantity_max=1))

    with pytest.raises(NotAllowed) as caught:
        await gate.accept(new_generation("g2"))

    assert [each.rule for each in caught.value.breaks] == [RuleName.QUANTITY]
    assert [new.id for new in queue.accepted] == ["g1"]


async def test_a_request_goes_on_with_the_budgets_that_it_counts_against() -> None:
    budget = Budget(id="b", scope=Scope.PERSON, period=Period.DAY, credits=5)
    gate, queue = open_gate(Rows(Policy(version=3, budgets=(budget,))))

    await gate.accept(new_generation())

    terms = queue.accepted[0].terms
    assert terms is not None
    assert terms.policy_version == 3
    assert [(each.budget, each.subject) for each in terms.ceilings] == [(budget, "U1")]


async def test_a_preset_that_was_made_in_another_process_is_found() -> None:
    rows = Rows(Policy())
    gate, queue = open_gate(rows)
    await gate.accept(new_generation("g1"))
    rows.policy = Policy(version=1, presets=(Preset(name="Brand", suffix="on white"),))

    await gate.accept(replace(new_generation("g2"), choice=Choice(preset="brand")))

    kept = queue.accepted[1]
    assert kept.preset == "Brand"
    assert kept.sources.preset == AppliedPreset(name="Brand", suffix="on white")
    assert kept.request == new_generation("g2").request
    assert kept.choice is None


async def test_a_preset_that_is_nowhere_is_told_after_a_look_at_the_newest_policy() -> None:
    rows = Rows(Policy())
    gate, queue = open_gate(rows)

    with pytest.raises(PresetConflictError) as caught:
        await gate.accept(replace(new_generation(), choice=Choice(preset="brand")))

    assert caught.value.misfits == (UnknownPreset("brand", ()),)
    assert rows.reads == 2
    assert queue.accepted == []


async def test_what_was_promised_before_a_rule_was_set_is_not_permitted_any_more() -> None:
    rows = Rows(Policy())
    permission = Permission(PolicyBook(rows), Members({"S1": {"U2"}}).find_groups)
    promised = generation_of(new_generation())
    await permission.check(promised, is_last=True)
    rows.policy = Policy(version=1, rules=Rules(groups=("S1",)))

    await permission.check(promised, is_last=False)  # as far as this process knows
    with pytest.raises(NotAllowed):
        await permission.check(promised, is_last=True)

    rows.policy = Policy(version=2, rules=Rules(groups=("S1",), people=("U1",)))
    await permission.check(promised, is_last=True)


@pytest.mark.parametrize(
    ("ours", "raised"), [("T0OURS", Rejected), ("", Transient), (None, Transient)]
)
async def test_nothing_is_paid_for_another_workspace_or_before_ours_is_known(
    ours: str | None, raised: type[ImagineError]
) -> None:
    permission = Permission(
        PolicyBook(Rows(Policy())), Members({}).find_groups, home_team_id=lambda: ours
    )
    promised = generation_of(new_generation())

    with pytest.raises(raised) as caught:
        await permission.check(promised, is_last=True)
    assert caught.value.cause is (Cause.OUTSIDER if ours else Cause.SLACK_AWAY)


@pytest.mark.parametrize(
    ("away", "raised"),
    [
        (Transient(Cause.SLACK_AWAY, "fatal_error"), Transient),
        (Misconfigured(Cause.MISSING_SCOPE, "missing_scope"), Rejected),
        (Rejected(Cause.REFUSED_BY_SLACK, "plan_upgrade_required"), Rejected),
    ],
)
async def test_where_slack_does_not_say_who_is_in_a_group_nobody_unknown_is_let_through(
    away: ImagineError, raised: type[ImagineError]
) -> None:
    rows = Rows(Policy(rules=Rules(groups=("S1",))))
    permission = Permission(PolicyBook(rows), Members({}, away).find_groups)

    with pytest.raises(raised) as caught:
        await permission.check(generation_of(new_generation()), is_last=True)
    assert caught.value.cause is Cause.GROUPS_UNKNOWN


async def test_a_policy_that_changes_all_the_time_is_given_up_on() -> None:
    class Restless(Rows):
        async def read(self, team_id: str) -> Policy:
            self.policy = self.policy.model_copy(update={"version": self.policy.version + 1})
            return Policy()

    gate, queue = open_gate(Restless(Policy()))

    with pytest.raises(Transient):
        await gate.accept(new_generation())
    assert queue.accepted == []

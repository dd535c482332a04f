"""Who may approve, and what is kept of a request: tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.generations.approval import (
    Approval,
    Verdict,
    dump_request,
    dump_shortfalls,
    find_addresses,
    judge,
    load_request,
    load_shortfalls,
)
from bot.generations.record import NewGeneration, Place, SlackFile, Sources
from bot.images.catalogue import Model, Size
from bot.images.request import ImageRequest
from bot.images.showing import Show
from bot.policy.budgets import Budget, Ceiling, Period, Scope, Window
from bot.policy.choices import Choice
from bot.policy.policy import WorkspaceSettings
from bot.policy.terms import ExceededBudget, Terms

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NEW = NewGeneration(
    "g1",
    "view:T1:V1",
    Place("T1", "C1", "U1", "https://hooks.example/1", "17.5"),
    ImageRequest(
        prompt="fog <!channel> 🦊 منارة",
        model=Model.IDEOGRAM_3,
        size=Size.FEED,
        quantity=2,
        enhance_prompt=True,
        style_images=("m1",),
    ),
    NOW,
    sources=Sources(references=(SlackFile(file_id="F1", name="a.png"),), caption_title="Autumn"),
    parent_id="g0",
    understood="Understood: once more",
    preset="brand",
)
SHORTFALL = ExceededBudget(
    Ceiling(
        Budget(id="b1", scope=Scope.PERSON, period=Period.DAY, credits=5.0),
        "U1",
        Window(NOW, datetime(2026, 12, 1, tzinfo=UTC)),
    ),
    4.5,
    9.0,
    is_guess=True,
)
APPROVAL = Approval("a1", NEW, (SHORTFALL,), NOW)


def test_nothing_of_a_request_is_lost_while_it_waits_for_approval() -> None:
    assert load_request(dump_request(replace(NEW, terms=Terms(3)))) == NEW
    assert load_shortfalls(dump_shortfalls((SHORTFALL,))) == (SHORTFALL,)


def test_the_version_before_can_read_a_request_that_says_nothing_new() -> None:
    known = dump_request(NEW)
    assert "show" not in known
    assert not {"for_channel_id", "for_thread_ts"} & known["place"].keys()

    place = NEW.place.showing(Show.ME)
    aside = replace(NEW, place=place, show=Show.ME, choice=Choice(show=Show.ME))
    assert load_request(dump_request(aside)) == aside


@pytest.mark.parametrize(
    ("approvers", "channel", "addresses"),
    [
        ((), None, ()),
        (("U1",), None, ()),  # only the requester
        (("U1", "U2", "U3", "U2"), None, ("U2", "U3")),
        ((), "C9", ("C9",)),
        (("U2",), "C9", ("C9",)),
        (("U1",), "C9", ()),  # nobody there but the requester may
    ],
)
def test_cards_go_to_the_channel_or_else_to_each_approver_but_the_requester(
    approvers: tuple[str, ...], channel: str | None, addresses: tuple[str, ...]
) -> None:
    settings = WorkspaceSettings(approvers=approvers, approval_channel=channel)

    assert find_addresses(settings, "U1") == addresses


@pytest.mark.parametrize(
    ("approvers", "channel", "clicker", "where", "verdict"),
    [
        (("U2",), None, "U2", "D2", Verdict.DONE),
        (("U2",), None, "U3", "D3", Verdict.NOT_APPROVER),
        (("U1", "U2"), None, "U1", "D1", Verdict.OWN),
        ((), "C9", "U3", "C9", Verdict.DONE),
        ((), "C9", "U1", "C9", Verdict.OWN),
        ((), "C9", "U3", "C8", Verdict.NOT_APPROVER),  # an old card, in a former channel
        ((), None, "U3", "C9", Verdict.NOT_APPROVER),
        (("U2",), "C9", "U3", "C9", Verdict.NOT_APPROVER),
        (("U2",), "C9", "U2", "C8", Verdict.DONE),
    ],
)
def test_only_approvers_decide_and_nobody_on_their_own(
    approvers: tuple[str, ...], channel: str | None, clicker: str, where: str, verdict: Verdict
) -> None:
    settings = WorkspaceSettings(approvers=approvers, approval_channel=channel)

    assert judge(settings, APPROVAL, clicker, where) is verdict

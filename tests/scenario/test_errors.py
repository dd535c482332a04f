"""Each error of PowerPost's specification, as a person in Slack meets it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bot.sandbox.powerpost.exchanges import Exchange
from bot.sandbox.powerpost.faults import PollFault, SubmitFault
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.serving import serve
from tests.support.rendered_text import find_insides, small_print_of, words_of
from tests.support.stage import DESIGN, Stage, images_of, open_stage, status_of

PROMPT = "a lighthouse in fog"


def submits_of(stage: Stage) -> list[Exchange]:
    return [e for e in stage.powerpost.exchanges if e.path.endswith("/images/generate")]


def request_id_of(exchange: Exchange) -> str:
    return {name.lower(): value for name, value in exchange.answer_headers.items()}["x-request-id"]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (SubmitFault.INVALID, "PowerPost did not accept this request."),
        (SubmitFault.INVALID_KEY, "PowerPost does not accept this app's key."),
        (SubmitFault.INSUFFICIENT_CREDITS, "too few credits for this (it has 100 credits)"),
        (SubmitFault.FORBIDDEN, "may not use its PowerPost workspace."),
        (SubmitFault.INSUFFICIENT_SCOPE, "PowerPost key may not make pictures."),
        (SubmitFault.NOT_FOUND, "does not know a reference picture or caption"),
    ],
    ids=["400", "401", "402", "403 workspace", "403 scope", "404"],
)
async def test_a_refusal_is_told_in_its_own_words_and_costs_nothing(
    stage: Stage, fault: SubmitFault, says: str
) -> None:
    stage.powerpost.faults.next_submit(fault)

    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    (told,) = await stage.until_told()
    (root,) = stage.roots()

    assert says in told.text
    assert "Nothing was spent." in told.text
    assert "*Not started* · Nothing was spent" in status_of(root)
    (sent,) = submits_of(stage)
    assert request_id_of(sent) in small_print_of(told)
    assert (stage.powerpost.paid_posts, stage.powerpost.balance) == (0, 100)


async def test_what_powerpost_says_of_a_bad_request_is_passed_on_without_its_codes(
    stage: Stage,
) -> None:
    stage.powerpost.faults.next_submit(SubmitFault.INVALID)

    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    (told,) = await stage.until_told()

    assert "PowerPost says: “Invalid request body”" in told.text


async def test_too_many_requests_wait_as_long_as_powerpost_says_and_pay_once(
    stage: Stage,
) -> None:
    stage.powerpost.faults.next_submit(SubmitFault.RATE_LIMITED)

    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    await stage.until(lambda: stage.roots() and "*Waiting*: " in status_of(stage.roots()[0]))
    held_up = status_of(stage.roots()[0])
    (told,) = await stage.until_told()

    assert "Nothing has been spent yet" in held_up
    assert len(images_of(told)) == 1
    first, second = submits_of(stage)
    assert (first.status, second.status) == (429, 200)
    assert second.at - first.at >= 1.0
    assert stage.powerpost.paid_posts == 1


@pytest.mark.parametrize(
    ("fault", "is_charged", "has_answer"),
    [
        (SubmitFault.ANSWER_LOST, True, False),
        (SubmitFault.ANSWER_BROKEN, True, True),
        (SubmitFault.ERROR_500, False, True),
        (SubmitFault.ERROR_500_CHARGED, True, True),
    ],
)
async def test_where_no_answer_tells_the_balance_is_told_and_nothing_is_sent_again(
    stage: Stage, fault: SubmitFault, is_charged: bool, has_answer: bool
) -> None:
    stage.powerpost.faults.next_submit(fault)

    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    (told,) = await stage.until_told()
    (root,) = stage.roots()

    now = stage.powerpost.balance
    assert f"was 100 before and is {now} now" in told.text
    spent = "credits were probably spent" if is_charged else "probably nothing was spent"
    assert spent in told.text
    assert "I will not send it again by myself" in told.text
    assert "Outcome unknown" in status_of(root)
    assert images_of(told) == []
    assert stage.submits() == 1
    assert stage.powerpost.paid_posts == int(is_charged)
    if has_answer:
        assert request_id_of(submits_of(stage)[0]) in small_print_of(told)


@pytest.mark.parametrize("fault", [fault for fault in PollFault if fault is not PollFault.HANG])
async def test_a_look_that_fails_never_fails_the_job(stage: Stage, fault: PollFault) -> None:
    stage.powerpost.faults.next_poll(fault)

    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1
    assert stage.powerpost.faults.pending() == []
    assert stage.submits() == 1


async def test_while_powerpost_cannot_be_reached_nothing_is_spent_and_it_runs_when_it_is_back(
    tmp_path: Path,
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    nowhere = f"http://127.0.0.1:{port}"
    async with open_stage(tmp_path, powerpost_api_url=f"{nowhere}/api/v1") as stage:
        await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
        await stage.until(lambda: stage.roots() and "*Waiting*: " in status_of(stage.roots()[0]))
        async with serve(build_powerpost(stage.powerpost), port):
            (told,) = await stage.until_told()

        assert len(images_of(told)) == 1
        assert (stage.submits(), stage.powerpost.paid_posts) == (1, 1)
        assert find_insides(stage) == []


async def test_credits_that_cannot_be_asked_for_are_said_so(stage: Stage) -> None:
    stage.powerpost.faults.away = True

    await stage.ada.run_command(DESIGN, "/imagine", "credits")
    await stage.until(lambda: stage.private())

    assert "PowerPost isn't answering right now" in words_of(stage.private()[0])

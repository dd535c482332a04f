"""Generations that end with fewer pictures than were asked for, or with pictures that are odd."""

from __future__ import annotations

import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from bot.sandbox.powerpost.faults import DownloadFault, Outcome
from bot.sandbox.slack.records import Message
from tests.support.rendered_text import words_of
from tests.support.stage import DESIGN, GENERAL, Stage, hold, images_of, status_of

PROMPT = "a lighthouse in fog"
LINK = re.compile(r"<(http[^|>]+)\|([^>]+)>")


def links_of(message: Message) -> list[tuple[str, str]]:
    """(address, name) of each link in the blocks."""
    sections = [block for block in message.blocks if block["type"] == "section"]
    return LINK.findall(" ".join(block["text"]["text"] for block in sections))


async def test_a_partial_result_is_delivered_with_what_was_refunded(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.PARTIAL)

    await stage.ada.run_command(DESIGN, "/imagine", f"{PROMPT} -n 3")
    (told,) = await stage.until_told()
    (root,) = stage.roots()

    paid, refunded = (charge.credits for charge in stage.powerpost.charges)
    assert len(images_of(told)) == 2
    assert "2 of 3 pictures could be made" in told.text
    assert "1 of 3 images failed to generate. Credits refunded for failed images." in told.text
    left = stage.powerpost.balance
    money = f"Used {paid} credits · {-refunded} credits refunded · {left} left"
    assert money in told.text
    assert money in status_of(root)
    assert "*2 of 3 pictures* made" in status_of(root)
    cost = f"{paid + refunded} credits ({-refunded} came back)"
    await stage.ada.run_command(DESIGN, "/imagine", "history")
    await stage.until(lambda: stage.private(), what="the history")
    assert "done · 2 of 3 pictures" in stage.private()[-1].text
    assert cost in stage.private()[-1].text
    await stage.ada.open_home()
    await stage.until(lambda: "U0ADA" in stage.workspace.homes, what="Home")
    assert "done · 2 of 3 pictures" in str(stage.workspace.homes["U0ADA"].body)
    assert cost in str(stage.workspace.homes["U0ADA"].body)


async def test_a_failure_says_why_and_that_the_credits_come_back(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.FAILED)

    await stage.ada.run_command(DESIGN, "/imagine", f"{PROMPT} -n 2")
    (told,) = await stage.until_told()
    (root,) = stage.roots()

    paid = stage.powerpost.charges[0].credits
    assert "All images failed to generate. Credits refunded." in told.text
    assert f"Used {paid} credits · {paid} credits refunded · 100 left" in told.text
    assert "*Failed*" in status_of(root)
    assert stage.powerpost.balance == 100


async def test_a_refund_is_no_number_while_another_is_out_that_it_may_be_of(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.PARTIAL)
    stage.powerpost.faults.next_outcome(Outcome.NEVER)

    with hold(stage.powerpost):
        await stage.ada.run_command(DESIGN, "/imagine", f"{PROMPT} -n 3")
        await stage.until(lambda: stage.powerpost.paid_posts == 1)
        await stage.ben.run_command(GENERAL, "/imagine", f"{PROMPT} -n 3")
        await stage.until(lambda: stage.powerpost.paid_posts == 2)
    (partial,) = await stage.until_told()

    assert "refunded by PowerPost for what failed (amount not stated)" in partial.text


async def test_a_refund_is_a_number_though_another_paid_meanwhile(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.PARTIAL)

    with hold(stage.powerpost):
        await stage.ada.run_command(DESIGN, "/imagine", f"{PROMPT} -n 3")
        await stage.until(lambda: stage.powerpost.paid_posts == 1)
        stage.powerpost.seconds_per_generation = 0.0
        await stage.ben.run_command(GENERAL, "/imagine", f"{PROMPT} -n 2")
        await stage.until_told(channel=GENERAL)
    (partial,) = await stage.until_told()

    assert "3 credits refunded" in partial.text


async def test_transparent_pictures_stay_transparent(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.TRANSPARENT)

    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    (told,) = await stage.until_told()

    (block,) = images_of(told)
    file = stage.workspace.files[block["slack_file"]["id"]]
    assert file.mimetype == "image/png"
    with Image.open(io.BytesIO(file.content)) as picture:
        lowest, highest = picture.getchannel("A").getextrema()
    assert (lowest, highest) == (0, 255)


async def test_a_picture_that_cannot_be_brought_is_linked_and_the_others_are_shown(
    stage: Stage,
) -> None:
    stage.powerpost.faults.next_download(DownloadFault.ENDLESS)

    await stage.ada.run_command(DESIGN, "/imagine", f"{PROMPT} -n 3")
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 2
    ((link, name),) = links_of(told)
    assert re.fullmatch(r"Picture [123] of 3", name)
    (expires,) = parse_qs(urlsplit(link).query)["expires"]
    said = re.search(r"works until <!date\^(\d+)\^", words_of(told))
    assert said is not None
    assert abs(int(said.group(1)) - float(expires)) < 60
    assert name in told.text


@pytest.mark.parametrize("outcome", [Outcome.NOT_A_PICTURE, Outcome.HUGE])
async def test_pictures_that_slack_could_not_show_are_linked(
    stage: Stage, outcome: Outcome
) -> None:
    stage.powerpost.faults.next_outcome(outcome)

    await stage.ada.run_command(DESIGN, "/imagine", f"{PROMPT} -n 2")
    (told,) = await stage.until_told()

    assert images_of(told) == []
    assert [name for _, name in links_of(told)] == ["Picture 1 of 2", "Picture 2 of 2"]
    why = "not in a form" if outcome is Outcome.NOT_A_PICTURE else "too large"
    assert why in told.text


@pytest.mark.parametrize(
    "fault",
    [
        DownloadFault.ERROR_500,
        DownloadFault.DROPPED,
        DownloadFault.NOT_FOUND,
        DownloadFault.FORBIDDEN,
        DownloadFault.HTML,
        DownloadFault.HALF,
    ],
)
async def test_a_download_that_breaks_is_tried_again(stage: Stage, fault: DownloadFault) -> None:
    stage.powerpost.faults.next_download(fault)

    await stage.ada.run_command(DESIGN, "/imagine", f"{PROMPT} -n 2")
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 2


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (DownloadFault.NOT_FOUND, "PowerPost did not hand it out"),
        (DownloadFault.FORBIDDEN, "PowerPost did not hand it out"),
        (DownloadFault.HTML, "what PowerPost hands out is not in a form that Slack can show"),
        (DownloadFault.HALF, "what PowerPost hands out is not in a form that Slack can show"),
    ],
)
async def test_a_picture_that_stays_away_is_linked_and_it_is_said_why(
    stage: Stage, fault: DownloadFault, why: str
) -> None:
    stage.powerpost.faults.next_download(fault, times=50)

    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    (told,) = await stage.until_told()

    assert images_of(told) == []
    assert why in told.text
    downloads = [e for e in stage.powerpost.exchanges if "/storage/" in e.path]
    assert len(downloads) >= 3


async def test_a_link_that_has_died_is_renewed(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.EXPIRED_LINKS)
    heard = stage.powerpost.subscribe()

    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    async for exchange in heard:
        if exchange.status == 403 and exchange.is_over:
            break
    (generation,) = stage.powerpost.generations.values()
    generation.outcome = Outcome.COMPLETED  # from here on its links are good ones
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1


async def test_a_link_stays_dead_where_powerpost_has_no_other(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.EXPIRED_LINKS)

    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    (told,) = await stage.until_told()

    assert images_of(told) == []
    assert "Picture 1 of 1" in told.text

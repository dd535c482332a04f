"""The caption search: everything is found, and Slack is answered in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.images.captions import CaptionSummary
from bot.powerpost.captions import (
    CaptionCatalogue,
    find_captions,
    post_types_of,
    previews_of,
)
from bot.powerpost.client import PowerPostClient
from bot.powerpost.wire import CaptionGeneration
from bot.sandbox.serving import serve
from bot.slack.image_form.texts import caption_title


@dataclass
class Captions:
    """PowerPost's 120 caption generations."""

    wait_seconds: list[float] = field(default_factory=list)  # before each answer to come
    status: int = 200
    lists: int = 0
    workspaces: list[str] = field(default_factory=list)  # of each list
    reads: int = 0

    async def list(self, request: Request) -> Response:
        self.lists += 1
        self.workspaces.append(request.headers["x-workspace-id"])
        await asyncio.sleep(self.wait_seconds.pop(0) if self.wait_seconds else 0)
        if self.status != 200:
            return JSONResponse({"error": {"message": "", "code": "X"}}, self.status)
        query = request.query_params
        assert query["status"] == "completed"
        start, limit = int(query.get("cursor") or 0), int(query["limit"])
        end = min(start + limit, 120)
        data = [show(n) for n in range(start, end)]
        has_more = end < 120
        cursor = str(end) if has_more else None
        return JSONResponse({"data": data, "next_cursor": cursor, "has_more": has_more})

    async def read(self, request: Request) -> Response:
        self.reads += 1
        if self.status != 200:
            return JSONResponse({"error": {"message": "", "code": "X"}}, self.status)
        outputs = {"instagram": "Leaves!", "youtube": {"title": "Autumn", "description": "Walk"}}
        return JSONResponse({**show(7), "platforms": list(outputs), "outputs": outputs})


def show(number: int) -> dict[str, object]:
    """One of them, in a list."""
    return {
        "generation_id": f"c{number}",
        "status": "completed",
        "prompt": f"Topic number {number} of the autumn campaign",
        "platforms": ["instagram"],
        "research_mode": "regular",
        "credits_used": 1,
        "created_at": "2026-11-05T08:00:00Z",
    }


@asynccontextmanager
async def open_catalogue(captions: Captions) -> AsyncIterator[tuple[CaptionCatalogue, list[float]]]:
    """A catalogue over `captions`, and its clock."""
    routes = [
        Route("/api/v1/content/generations", captions.list),
        Route("/api/v1/content/generations/{id}", captions.read),
    ]
    clock = [0.0]
    async with serve(Starlette(routes=routes)) as url:
        client = PowerPostClient(
            base_url=f"{url}/api/v1", api_key="pp_live_sk_x", workspace_id="ws"
        )
        yield CaptionCatalogue(client, clock=lambda: clock[0]), clock
        await client.aclose()


async def test_a_hundred_and_twenty_are_searched_and_a_hundred_offered() -> None:
    async with open_catalogue(Captions()) as (catalogue, _):
        assert len(await catalogue.search("")) == 100
        (found,) = await catalogue.search("NUMBER 119")
        assert found.caption_id == "c119"
        assert caption_title(found) == "Topic number 119 of the autumn campaign · 5 Nov 2026"
        assert await catalogue.search("nov 119 instagram") != []
        assert await catalogue.search("zebra") == []


async def test_they_are_kept_for_a_minute() -> None:
    captions = Captions()
    async with open_catalogue(captions) as (catalogue, clock):
        await catalogue.search("")
        clock[0] = 59.0
        await catalogue.search("x")
        assert captions.lists == 2  # two pages, once
        clock[0] = 61.0
        await catalogue.search("x")
        assert captions.lists == 4


async def test_each_workspace_has_its_own_and_they_are_kept_apart() -> None:
    captions = Captions()
    async with open_catalogue(captions) as (catalogue, _):
        await catalogue.search("")
        await catalogue.search("", "ws_2")
        await catalogue.search("x", "ws_2")
        await catalogue.search("x")

    assert captions.workspaces == ["ws", "ws", "ws_2", "ws_2"]  # two pages each, once


async def test_ten_letters_at_once_ask_once() -> None:
    captions = Captions()
    async with open_catalogue(captions) as (catalogue, _):
        found = await asyncio.gather(*(catalogue.search("autumn") for _ in range(10)))

    assert {len(each) for each in found} == {100}
    assert captions.lists == 2


async def test_where_powerpost_is_slow_slack_is_answered_in_time_with_what_is_there() -> None:
    captions = Captions(wait_seconds=[0.0, 60.0])
    async with open_catalogue(captions) as (catalogue, _):
        began = time.monotonic()
        found = await catalogue.search("")
        assert time.monotonic() - began < 8  # the second page alone takes a minute
        assert len(found) == 100  # the first page


@pytest.mark.parametrize("status", [401, 403, 429, 500])
async def test_where_powerpost_refuses_nothing_is_offered_and_the_next_letter_asks_again(
    status: int,
) -> None:
    captions = Captions(status=status)
    async with open_catalogue(captions) as (catalogue, _):
        assert await catalogue.search("") == []
        captions.status = 200
        if status != 429:  # after that the client waits as long as it was told
            assert len(await catalogue.search("")) == 100


async def test_what_was_there_before_is_offered_while_powerpost_is_away() -> None:
    captions = Captions()
    async with open_catalogue(captions) as (catalogue, clock):
        await catalogue.search("")
        captions.status, clock[0] = 500, 61.0

        assert len(await catalogue.search("")) == 100


async def test_one_is_read_once_and_known_from_then_on() -> None:
    captions = Captions()
    async with open_catalogue(captions) as (catalogue, _):
        assert catalogue.known("c7") is None
        facts = await catalogue.read("c7")
        assert (await catalogue.read("c7"), catalogue.known("c7")) == (facts, facts)

    assert captions.reads == 1
    assert facts.post_types[0] == "instagram-feed"
    assert facts.previews == {"instagram": "Leaves!", "youtube": "Autumn · Walk"}


async def test_one_that_cannot_be_read_says_so_and_is_asked_for_again() -> None:
    captions = Captions(status=404)
    async with open_catalogue(captions) as (catalogue, _):
        assert (await catalogue.read("c7")).is_unavailable
        captions.status = 200
        assert not (await catalogue.read("c7")).is_unavailable


def caption(**changes: object) -> CaptionGeneration:
    return CaptionGeneration.model_validate(show(1) | changes)


def test_a_title_fits_into_an_option() -> None:
    date = datetime(2026, 11, 5, tzinfo=UTC)
    assert len(caption_title(CaptionSummary("c", "x" * 500, date))) <= 75
    assert len(caption_title(CaptionSummary("c", "x" * 500))) <= 75
    said = caption_title(CaptionSummary("c", None, date))
    assert said == "Captions without a prompt · 5 Nov 2026"


def test_the_platforms_are_its_own() -> None:
    assert post_types_of(["x", "linkedin"]) == ("x-post", "linkedin-post")
    assert post_types_of(["myspace"]) == ()
    assert previews_of(caption(outputs={})) == {}


def test_all_words_have_to_be_there() -> None:
    both = [caption(generation_id="a", prompt="red fox"), caption(generation_id="b", prompt="fox")]

    assert [found.caption_id for found in find_captions(both, "FOX red")] == ["a"]

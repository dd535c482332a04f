"""POST /posts, GET /posts/{id}, POST /content/generate and the calendar: sentence by sentence of
powerpost-neighbours.md, "Posts" and "Learned since"."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.sandbox.powerpost.access import ALL_SCOPES
from bot.sandbox.powerpost.faults import Outcome, SubmitFault
from bot.sandbox.powerpost.service import PowerPost
from tests.support.powerpost_stand_in import Clock

X_POST = {"post_type": "x-post", "content": "Hello"}


async def make_picture(client: httpx.AsyncClient, clock: Clock) -> str:
    """The `media_id` of a generated picture."""
    made = (await client.post("/images/generate", json={"prompt": "a fox"})).json()
    clock.advance(10)
    found = await client.get(f"/images/generations/{made['image_generation_id']}")
    return str(found.json()["images"][0]["media_id"])


async def send(client: httpx.AsyncClient, path: str, body: object) -> tuple[int, Any]:
    response = await client.post(path, json=body)
    return response.status_code, response.json()


async def test_a_draft_is_answered_with_its_items(client: httpx.AsyncClient, clock: Clock) -> None:
    media_id = await make_picture(client, clock)
    item = {**X_POST, "media_ids": [media_id]}

    status, post = await send(client, "/posts", {"items": [item]})

    assert status == 200
    assert set(post) == {"post_id", "status", "created_at", "items"}
    assert post["status"] == "draft"
    (made,) = post["items"]
    assert set(made) == {"item_id", "post_type", "platform", "content", "media_ids", "status"}
    assert (made["platform"], made["media_ids"], made["status"]) == ("x", [media_id], "draft")
    assert (await client.get(f"/posts/{post['post_id']}")).json() == post


@pytest.mark.parametrize(
    "items",
    [
        None,
        [],
        [X_POST] * 13,
        ["x-post"],
        [{"content": "Hello"}],
        [{"post_type": "myspace", "content": "Hello"}],
        [{"post_type": "x-post"}],
        [{"post_type": "x-post", "content": "x" * 281}],
        [{"post_type": "youtube-video", "content": "Hello"}],
        [{"post_type": "youtube-short", "content": "Hello", "title": "t" * 101}],
        [{**X_POST, "media_ids": "m1"}],
    ],
)
async def test_a_post_that_breaks_a_rule_is_400(client: httpx.AsyncClient, items: Any) -> None:
    status, answer = await send(client, "/posts", {"items": items})
    assert (status, answer["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_a_video_type_refuses_a_picture(client: httpx.AsyncClient, clock: Clock) -> None:
    item = {
        "post_type": "instagram-reel",
        "content": "Hello",
        "media_ids": [await make_picture(client, clock)],
    }
    assert (await send(client, "/posts", {"items": [item]}))[0] == 400


async def test_unknown_media_captions_and_posts_are_404(client: httpx.AsyncClient) -> None:
    item = {**X_POST, "media_ids": ["nobodys"]}
    assert (await send(client, "/posts", {"items": [item]}))[0] == 404
    assert (await send(client, "/posts", {"generation_id": "no", "items": [X_POST]}))[0] == 404
    assert (await client.get("/posts/nobodys")).status_code == 404


async def test_content_is_taken_from_the_captions_if_none_is_sent(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    captions = next(
        each for each in powerpost.captions.values() if isinstance(each.outputs.get("x"), str)
    )
    body = {"generation_id": captions.generation_id, "items": [{"post_type": "x-post"}]}

    status, post = await send(client, "/posts", body)

    assert (status, post["items"][0]["content"]) == (200, captions.outputs["x"])


CALLS = {
    "content:generate": ("POST", "/content/generate"),
    "posts:write": ("POST", "/posts"),
    "posts:read": ("GET", "/posts/p1"),
    "posts:publish": ("POST", "/posts/p1/publish"),
    "calendar:write": ("POST", "/calendar/entries"),
    "calendar:read": ("GET", "/calendar/entries"),
}


@pytest.mark.parametrize("scope", CALLS)
async def test_a_key_without_the_scope_is_told_which(
    client: httpx.AsyncClient, powerpost: PowerPost, scope: str
) -> None:
    powerpost.add_key("less", scopes=set(ALL_SCOPES) - {scope}, workspaces={"ws_sandbox"})
    method, path = CALLS[scope]

    answer = await client.request(method, path, headers={"x-api-key": "less"}, json={})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "INSUFFICIENT_SCOPE")
    assert scope in error["message"]


@pytest.mark.parametrize("path", ["/posts", "/content/generate", "/calendar/entries"])
async def test_each_needs_a_workspace_of_the_keys(client: httpx.AsyncClient, path: str) -> None:
    foreign = await client.post(path, json={}, headers={"X-Workspace-Id": "ws_other"})
    missing = await client.post(path, json={}, headers={"X-Workspace-Id": ""})
    assert (foreign.status_code, missing.status_code) == (403, 400)


async def test_a_post_is_published_once(client: httpx.AsyncClient, powerpost: PowerPost) -> None:
    _, post = await send(client, "/posts", {"items": [X_POST]})
    path = f"/posts/{post['post_id']}/publish"
    assert (await send(client, path, {}))[1]["status"] == "publishing"
    assert (await send(client, path, {}))[1]["error"]["code"] == "ALREADY_PUBLISHED"
    assert powerpost.published == [post["post_id"]]


ORDER = {"post_types": ["x-post", "youtube-short"], "research_mode": "regular", "prompt": "a fox"}


async def test_captions_cost_6_and_1_an_image_and_are_written_after_a_while(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    media_id = await make_picture(client, clock)
    before = powerpost.balance

    status, made = await send(client, "/content/generate", {**ORDER, "media_ids": [media_id]})

    assert (status, made["credits_used"], powerpost.balance) == (200, 7, before - 7)
    path = f"/content/generations/{made['generation_id']}"
    assert (await client.get(path)).json()["status"] == "processing"
    clock.advance(10)
    written = (await client.get(path)).json()
    assert written["status"] == "completed"
    assert set(written["outputs"]) == {"x", "youtube"}
    assert set(written["outputs"]["youtube"]) == {"title", "description"}
    listed = (await client.get("/content/generations", params={"limit": 1})).json()
    assert listed["data"][0]["generation_id"] == made["generation_id"]


async def test_captions_that_fail_are_refunded(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    powerpost.faults.next_caption_outcome(Outcome.FAILED)
    before = powerpost.balance
    _, made = await send(client, "/content/generate", ORDER)
    assert powerpost.balance == before - 6
    clock.advance(10)
    found = (await client.get(f"/content/generations/{made['generation_id']}")).json()
    assert (found["status"], "outputs" in found, powerpost.balance) == ("failed", False, before)


@pytest.mark.parametrize(
    "change",
    [
        {"post_types": []},
        {"post_types": ["myspace"]},
        {"research_mode": None},
        {"prompt": "ab"},
        {"prompt": "a" * 2001},
        {"prompt": ""},
        {"media_ids": ["m"] * 11},
        {"cta_text": "a" * 101},
        {"source_urls": ["http://plain.example"]},
        {"source_urls": ["https://a.example"] * 11},
    ],
)
async def test_an_order_of_captions_that_breaks_a_rule_is_400(
    client: httpx.AsyncClient, powerpost: PowerPost, change: dict[str, Any]
) -> None:
    status, answer = await send(client, "/content/generate", ORDER | change)
    assert (status, answer["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert powerpost.charges == []


async def test_captions_need_enough_credits(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.balance = 5
    assert (await send(client, "/content/generate", ORDER))[0] == 402


ENTRY = {"title": "Launch", "scheduled_date": "2027-05-12", "scheduled_time": "09:30"}


async def test_the_calendar_keeps_lists_changes_and_deletes(client: httpx.AsyncClient) -> None:
    _, made = await send(client, "/calendar/entries", {**ENTRY, "platforms": ["x", "instagram"]})
    path = f"/calendar/entries/{made['entry_id']}"
    window = {"start_date": "2027-05-01", "end_date": "2027-05-31"}

    listed = (await client.get("/calendar/entries", params=window)).json()
    changed = (await client.patch(path, json={"title": "Later"})).json()

    assert listed["data"] == [made]
    assert (changed["title"], changed["scheduled_time"]) == ("Later", "09:30")
    assert (await client.get(path)).json() == changed
    assert (await client.delete(path)).status_code == 200
    assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"title": "t" * 501},
        {"title": " "},
        {"description": "d" * 5001},
        {"scheduled_date": "12 May"},
        {"scheduled_time": "25:00"},
        {"platforms": ["myspace"]},
    ],
)
async def test_an_entry_that_breaks_a_rule_is_400(
    client: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    assert (await send(client, "/calendar/entries", ENTRY | change))[0] == 400


@pytest.mark.parametrize(
    "window",
    [{}, {"start_date": "2027-01-01"}, {"start_date": "2027-01-01", "end_date": "2028-01-03"}],
)
async def test_a_list_of_the_calendar_needs_its_dates(
    client: httpx.AsyncClient, window: dict[str, str]
) -> None:
    assert (await client.get("/calendar/entries", params=window)).status_code == 400


@pytest.mark.parametrize(
    ("fault", "made"), [(SubmitFault.ANSWER_LOST, 1), (SubmitFault.ERROR_500_CHARGED, 1)]
)
async def test_a_draft_may_be_made_and_its_answer_lost(
    client: httpx.AsyncClient, powerpost: PowerPost, fault: SubmitFault, made: int
) -> None:
    powerpost.faults.next_post(fault)
    try:
        assert (await client.post("/posts", json={"items": [X_POST]})).status_code == 500
    except httpx.HTTPError:
        assert fault is SubmitFault.ANSWER_LOST
    assert len(powerpost.posts) == made

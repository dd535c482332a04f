"""Faults on purpose, and Slack's rates."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
import pytest

from bot.sandbox.slack.rates import Limiter
from tests.support.slack_stand_in import Bot, Clock, Slack

POST = {"channel": "C0DESIGN", "text": "hi"}


def count_messages(slack: Slack) -> int:
    return len(slack.workspace.messages["C0DESIGN"])


async def test_an_error_comes_as_often_as_it_was_asked_for(slack: Slack) -> None:
    slack.workspace.faults.next_call("chat.postMessage", "internal_error", times=2)
    answers = [await slack.call("chat.postMessage", **POST) for _ in range(3)]
    assert [a.get("error") for a in answers] == ["internal_error", "internal_error", None]
    assert count_messages(slack) == 1


@pytest.mark.parametrize(("fault", "messages"), [("dropped", 1), ("dropped_before", 0)])
async def test_a_dropped_call_has_no_answer(slack: Slack, fault: str, messages: int) -> None:
    slack.workspace.faults.next_call("chat.postMessage", fault)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await slack.call("chat.postMessage", **POST)
    assert count_messages(slack) == messages
    assert slack.workspace.exchanges[-1].status == 0


async def test_the_sdk_posts_twice_when_an_answer_is_lost(slack: Slack) -> None:
    slack.workspace.faults.next_call("chat.postMessage", "dropped")
    await slack.client.chat_postMessage(channel="C0DESIGN", text="hi")
    assert count_messages(slack) == 2


async def test_a_500_is_no_json(slack: Slack) -> None:
    slack.workspace.faults.next_call("*", "http_500")
    async with slack.http.post(f"{slack.url}/api/auth.test") as response:
        assert (response.status, response.content_type) == (500, "text/html")


async def test_slow_is_done_and_late(slack: Slack) -> None:
    slack.workspace.faults.slow_seconds = 0.05
    slack.workspace.faults.next_call("chat.postMessage", "slow")
    started = time.perf_counter()
    assert (await slack.call("chat.postMessage", **POST))["ok"]
    assert time.perf_counter() - started > 0.05


async def test_ratelimited_says_when_to_come_again(slack: Slack) -> None:
    slack.workspace.faults.retry_after_seconds = 7
    slack.workspace.faults.next_call("chat.update", "ratelimited")
    headers = {"Authorization": "Bearer xoxb-sandbox"}
    async with slack.http.post(f"{slack.url}/api/chat.update", headers=headers) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")
        assert (await response.json())["error"] == "ratelimited"


async def test_while_slack_is_away_nothing_goes_in_or_out(slack: Slack, bot: Bot) -> None:
    slack.workspace.faults.away = True
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await slack.call("auth.test")
    assert (await bot.ada.run_command("C0DESIGN", "/imagine")).error == "dispatch_failed"
    assert bot.requests == []
    slack.workspace.faults.clear()
    assert (await slack.call("auth.test"))["ok"]


async def test_uploads_downloads_and_responses_have_weather_too(slack: Slack) -> None:
    faults = slack.workspace.faults
    url = slack.workspace.grant_response_url("C0DESIGN", "U0ADA")
    file = slack.workspace.add_file("U0ADA", "a.png", b"x")
    cases = [("response_url", "post", url), ("download", "get", file.url_private)]
    for name, method, place in cases:
        faults.next_call(name, "http_500")
        async with slack.http.request(method, place, json={"text": "x"}) as response:
            assert response.status == 500
    assert faults.pending() == {}


async def test_a_channel_takes_a_burst_and_then_one_message_a_second(
    slack: Slack, clock: Clock
) -> None:
    slack.workspace.limiter.is_on = True
    answers = [await slack.call("chat.postMessage", **POST) for _ in range(6)]
    assert [a.get("error") for a in answers] == [None] * 5 + ["ratelimited"]
    other: dict[str, Any] = await slack.call("chat.postMessage", channel="D0ADA", text="hi")
    assert other["ok"]
    clock.now += 1
    assert (await slack.call("chat.postMessage", **POST))["ok"]
    assert (await slack.call("chat.postMessage", **POST))["error"] == "ratelimited"


RATES = [("chat.update", 50), ("views.update", 100), ("files.info", 100), ("auth.test", None)]


@pytest.mark.parametrize(("method", "a_minute"), RATES)
def test_each_method_has_its_tier(method: str, a_minute: int | None) -> None:
    limiter = Limiter(is_on=True)
    waits = [limiter.take(method, None, 0.0) for _ in range(150)]
    allowed = waits.count(None)
    assert allowed == (150 if a_minute is None else a_minute)
    if a_minute is not None:
        assert waits[-1] == -(-60 // a_minute)


def test_rates_can_be_turned_off() -> None:
    limiter = Limiter(is_on=False)
    assert {limiter.take("chat.update", None, 0.0) for _ in range(500)} == {None}

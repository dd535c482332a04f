"""Which proxy a call goes through, and that every call asks the same."""

from __future__ import annotations

import pytest

from bot.errors import Transient
from bot.http.proxies import find_proxy
from bot.powerpost.client import PowerPostClient
from bot.sandbox.process import without_proxy
from bot.slack.kit.calls import call_slack
from bot.slack.kit.connection import open_client
from tests.support.scripted_powerpost import play, write_answer

PROXY = "http://proxy.example:3128"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Without anybody's proxies."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "wss_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("settings", "url", "proxy"),
    [
        ({}, "https://slack.com/api", None),
        ({"HTTPS_PROXY": PROXY}, "https://slack.com/api", PROXY),
        ({"https_proxy": PROXY}, "https://slack.com/api", PROXY),
        ({"HTTPS_PROXY": PROXY}, "wss://wss.slack.com/link", PROXY),
        ({"HTTPS_PROXY": PROXY}, "http://slack.com/api", None),
        ({"HTTP_PROXY": PROXY}, "ws://slack.com/api", PROXY),
        ({"ALL_PROXY": PROXY}, "https://slack.com/api", PROXY),
        ({"ALL_PROXY": "socks5://proxy.example"}, "https://slack.com/api", None),
        ({"HTTPS_PROXY": "proxy.example:3128"}, "https://slack.com/api", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "slack.com"}, "https://files.slack.com/", None),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "a.example"}, "https://slack.com/", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, "https://slack.com/", None),
        ({"HTTPS_PROXY": PROXY}, "https://[::1", None),
        ({"HTTPS_PROXY": PROXY}, "", None),
    ],
)
def test_the_environment_says_which_proxy(
    environment: pytest.MonkeyPatch, settings: dict[str, str], url: str, proxy: str | None
) -> None:
    for name, value in settings.items():
        environment.setenv(name, value)

    assert find_proxy(url) == proxy


async def test_calls_of_slack_and_of_powerpost_go_through_the_same_proxy(
    environment: pytest.MonkeyPatch,
) -> None:
    async with play(write_answer(403, b"not on my list", "Connection: close")) as proxy:
        environment.setenv("HTTPS_PROXY", proxy.url.removesuffix("/api/v1"))
        await call_both()

        assert [head.split()[:2] for head in proxy.heads] == [
            ["CONNECT", "slack.invalid:443"],
            ["CONNECT", "powerpost.invalid:443"],
        ]


async def test_no_proxy_is_heeded_by_both(environment: pytest.MonkeyPatch) -> None:
    async with play(write_answer(403, b"not on my list", "Connection: close")) as proxy:
        environment.setenv("HTTPS_PROXY", proxy.url.removesuffix("/api/v1"))
        environment.setenv("NO_PROXY", ".invalid")
        await call_both()

        assert proxy.connections == 0


async def call_both() -> None:
    async with open_client("https://slack.invalid/api", "xoxb-1") as slack:
        with pytest.raises(Transient):
            await call_slack(slack.auth_test)
    powerpost = PowerPostClient(
        base_url="https://powerpost.invalid/api/v1", api_key="pp_live_sk_1", workspace_id="ws_1"
    )
    with pytest.raises(Transient):
        await powerpost.credits()
    await powerpost.aclose()


@pytest.mark.parametrize(
    ("given", "direct"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"NO_PROXY": "a.example"}, "a.example,127.0.0.1,localhost,::1"),
        ({"no_proxy": "a.example"}, "a.example,127.0.0.1,localhost,::1"),
        ({"NO_PROXY": "", "HTTPS_PROXY": PROXY}, "127.0.0.1,localhost,::1"),
    ],
)
def test_stand_ins_are_called_directly(given: dict[str, str], direct: str) -> None:
    assert without_proxy(given) == {"NO_PROXY": direct, "no_proxy": direct}

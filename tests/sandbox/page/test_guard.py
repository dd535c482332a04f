"""Who may drive the page: its own visitor on loopback, and no page from elsewhere."""

import pytest

from bot.sandbox.page.guard import why_refused

HERE = {"host": "127.0.0.1:8801"}
SAME = {"origin": "http://127.0.0.1:8801", "sec-fetch-site": "same-origin"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", HERE),
        ("GET", {"host": "localhost:8801"}),
        ("GET", {"host": "[::1]:8801"}),
        ("GET", {**HERE, "sec-fetch-site": "cross-site"}),
        ("POST", {**HERE, **SAME}),
        ("POST", {**HERE, "origin": "http://127.0.0.1:8801"}),
        ("POST", {**HERE, "sec-fetch-site": "same-origin"}),
    ],
)
def test_the_pages_own_visitor_may(method: str, headers: dict[str, str]) -> None:
    assert why_refused(method, headers) is None


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("GET", {"host": ""}),
        ("GET", {"host": "evil.example:8801"}),
        ("GET", {"host": "127.0.0.1.evil.example"}),
        ("GET", {"host": "localhost.evil.example"}),
        ("GET", {"host": "192.168.0.7:8801"}),
        ("GET", {"host": "[broken"}),
        ("GET", {"host": "evil.example@127.0.0.1x"}),
        ("POST", HERE),
        ("POST", {**HERE, "origin": "https://evil.example"}),
        ("POST", {**HERE, "origin": "null"}),
        ("POST", {**HERE, "origin": "http://127.0.0.1:9999"}),
        ("POST", {**HERE, "origin": "http://localhost:8801"}),
        ("POST", {**HERE, "sec-fetch-site": "cross-site"}),
        ("POST", {**HERE, "sec-fetch-site": "same-site"}),
        ("POST", {**HERE, "sec-fetch-site": "none"}),
        ("POST", {**HERE, **SAME, "sec-fetch-site": "cross-site"}),
        ("POST", {**HERE, **SAME, "origin": "https://evil.example"}),
        ("DELETE", HERE),
    ],
)
def test_nobody_else_may(method: str, headers: dict[str, str]) -> None:
    assert why_refused(method, headers) is not None

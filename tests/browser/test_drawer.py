"""The drawer: what Slack and PowerPost saw, in order, filtered, and copied without a secret."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.desk import Desk


async def test_every_exchange_is_there_and_filtered_by_generation(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="Exchanges").click()
    drawer = desk.page.get_by_role("log", name="Exchanges")
    root = await desk.imagine("a boat in the drawer")
    await expect(root).to_contain_text("Done in")
    rows = drawer.locator(".trace")
    submit = rows.filter(has_text="POST /api/v1/images/generate").last
    await expect(submit).to_contain_text("200")
    await submit.locator("summary").click()
    request = submit.get_by_role("region", name="Request")
    await expect(request).to_contain_text('"prompt": "a boat in the drawer"')
    await expect(request).not_to_contain_text("pp_live_sk_sandbox")
    await desk.shoot("drawer")

    await submit.get_by_role("button", name="Only this generation").click()
    await expect(rows.filter(has_text="auth.test")).to_have_count(0)
    for call in (
        "POST /slack/events",
        "chat.postMessage",
        "POST /api/v1/images/generate",
        "GET /api/v1/images/generations/",
        "GET /storage/images/",
        "files.completeUploadExternal",
    ):
        await expect(rows.filter(has_text=call).first).to_be_visible()
    await desk.shoot("drawer-one-generation")


async def test_curl_is_copied_without_secrets(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="Exchanges").click()
    root = await desk.imagine("it's a 'quoted' boat")
    await expect(root).to_contain_text("Done in")
    rows = desk.page.get_by_role("log", name="Exchanges").locator(".trace")
    submit = rows.filter(has_text="POST /api/v1/images/generate").last
    await submit.locator("summary").click()
    await desk.press("Copy as curl", submit)
    await expect(desk.page.get_by_text("Copied.")).to_be_visible()

    curl = await desk.page.evaluate("navigator.clipboard.readText()")
    assert curl.startswith('curl -sS -X POST "$POWERPOST_URL/api/v1/images/generate"')
    assert '-H "x-api-key: $POWERPOST_API_KEY"' in curl
    assert "pp_live_sk" not in curl

"""The drawer: what Slack and PowerPost saw, in order, filtered, and copied without a secret."""

from __future__ import annotations

from playwright.async_api import expect

from tests.support.browser_page import Desk, Gallery


async def test_every_exchange_is_there_and_filtered_by_generation(
    visitor: Desk, gallery: Gallery
) -> None:
    await visitor.visit_result(gallery, "a lighthouse")
    await visitor.page.get_by_role("button", name="Exchanges").click()
    filter_ = visitor.page.get_by_label("Filter by method, word or generation")
    await filter_.fill('images/generate "a lighthouse"')
    rows = visitor.page.get_by_role("log", name="Exchanges").locator(".exchange")
    await expect(rows).to_have_count(1)
    await rows.locator("summary").click()
    request = rows.get_by_role("region", name="Request")
    await expect(request).to_contain_text('"prompt": "a lighthouse"')
    await expect(request).not_to_contain_text("pp_live_sk_sandbox")
    await visitor.shoot("drawer")

    await rows.get_by_role("button", name="Only generation").click()
    for call in (
        "POST /slack/events",
        "chat.postMessage",
        "POST /api/v1/images/generate",
        "GET /api/v1/images/generations/",
        "GET /storage/images/",
        "POST /upload/v1/",
        "files.completeUploadExternal",
        "chat.update",
    ):
        await expect(rows.filter(has_text=call).first).to_be_visible()
    await expect(rows.filter(has_text="/imagine")).to_have_count(1)
    await expect(rows.filter(has_text="/images/generate")).to_have_count(1)
    await expect(rows.filter(has_text="GET /storage/images/")).to_have_count(2)
    await visitor.shoot("drawer-one-generation")


async def test_curl_is_copied_without_secrets(visitor: Desk, gallery: Gallery) -> None:
    await visitor.visit_result(gallery, "a lighthouse")
    await visitor.page.get_by_role("button", name="Exchanges").click()
    filter_ = visitor.page.get_by_label("Filter by method, word or generation")
    await filter_.fill('images/generate "a lighthouse"')
    rows = visitor.page.get_by_role("log", name="Exchanges").locator(".exchange")
    await expect(rows).to_have_count(1)
    submit = rows.filter(has_text="POST /api/v1/images/generate").last
    await submit.locator("summary").click()
    copy = submit.get_by_role("button", name="Copy as curl", exact=True)
    await visitor.press_and_see(copy, visitor.page.get_by_text("Copied."))

    curl = await visitor.page.evaluate("navigator.clipboard.readText()")
    assert curl.startswith('curl -sS -X POST "$POWERPOST_URL/api/v1/images/generate"')
    assert '-H "x-api-key: $POWERPOST_API_KEY"' in curl
    assert "pp_live_sk" not in curl

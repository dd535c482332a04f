"""Two people, what each of them sees, and the ways around: keyboard alone, a phone, the dark."""

from __future__ import annotations

from playwright.async_api import expect

from bot.sandbox.wiring import Sandbox
from tests.support.browser import OpenDesk
from tests.support.browser_page import GALLERY, LAUNCH, PHONE, Desk, Gallery, clear_scene


async def test_both_people_see_pictures_and_only_one_sees_a_private_answer(
    desk: Desk, open_tab: OpenDesk
) -> None:
    other = await open_tab()
    await other.visit(who=other.ben)
    await desk.send("/imagine credits")
    await expect(desk.private).to_contain_text("credits left")
    root = await desk.imagine("a boat for two")

    seen = other.messages.filter(has_text="Ada Park asked for 1 picture")
    await expect(seen).to_contain_text("a boat for two")
    await expect(other.private).to_have_count(0)
    await expect(root).to_contain_text("Done in")
    await other.open_thread(seen)
    await expect(other.pictures(other.replies.last)).to_have_count(1)


async def test_a_form_belongs_to_the_person_who_opened_it(desk: Desk) -> None:
    await desk.open_form()
    await desk.page.goto(f"{desk.scene.url}/c/C0DESIGN?as={desk.ben}")
    await expect(desk.composer).to_be_visible()
    await expect(desk.form).to_have_count(0)
    await desk.page.goto(f"{desk.scene.url}/c/C0DESIGN?as={desk.ada}")
    await expect(desk.form).to_be_visible()


async def test_a_private_channel_tells_how_to_invite_the_bot(desk: Desk) -> None:
    await desk.visit(LAUNCH)
    await desk.send("/imagine a rocket")
    await expect(desk.private).to_contain_text("/invite @Imagine")
    assert desk.count_submits() == 0

    await desk.press("Invite Imagine")
    await expect(desk.page.get_by_text("has joined the channel")).to_be_visible()
    result = await desk.make_pictures("a rocket")
    await expect(desk.pictures(result)).to_have_count(1)
    desk.scene.workspace.channels[LAUNCH].members.remove(desk.scene.workspace.bot.id)


async def test_everything_can_be_done_by_keyboard_alone(desk: Desk) -> None:
    keys = desk.page.keyboard
    await expect(desk.composer).to_be_focused()
    await keys.type("/im")
    await expect(desk.page.get_by_role("option")).to_be_visible()
    await keys.press("Tab")
    await keys.press("Backspace")
    await keys.press("Enter")
    prompt = desk.form.get_by_label("Prompt").first
    await expect(prompt).to_be_focused()
    await expect(desk.form).to_contain_text("left")
    await keys.type("typed, never clicked")
    for label in ("Choose several of each", "Model"):
        await keys.press("Tab")
        await expect(desk.form.get_by_label(label)).to_be_focused()
    await keys.press("Control+Enter")
    await expect(desk.form).to_be_hidden()
    root = desk.messages.filter(has_text="typed, never clicked")
    await expect(root).to_contain_text("Done in")

    await expect(desk.composer).to_be_focused()
    await keys.press("ArrowUp")
    await expect(root).to_be_focused()
    for _ in range(12):
        if await root.locator("a.replies").evaluate("n => n.matches(':focus')"):
            break
        await keys.press("Tab")
    await keys.press("Enter")
    await expect(desk.pictures(desk.replies.last)).to_have_count(1)
    await keys.press("Escape")
    await expect(desk.thread).to_be_hidden()


async def test_a_modal_keeps_the_focus_inside(desk: Desk) -> None:
    form = await desk.open_form()
    await form.get_by_role("button", name="Create").focus()
    await desk.page.keyboard.press("Tab")
    await expect(form.get_by_role("button", name="Close")).to_be_focused()
    await desk.page.keyboard.press("Shift+Tab")
    await expect(form.get_by_role("button", name="Create")).to_be_focused()


async def test_it_is_usable_on_a_phone(
    open_tab: OpenDesk, gallery: Gallery, scene: Sandbox
) -> None:
    clear_scene(scene, gallery.people)
    desk = await open_tab(size=PHONE, has_touch=True, is_mobile=True)
    fits = "document.documentElement.scrollWidth <= innerWidth"
    await desk.visit(GALLERY)
    root = await desk.imagine("a boat in my hand")
    await desk.shoot("phone-channel")
    await desk.page.locator("a.replies").first.tap()
    await expect(desk.pictures(desk.replies.first).first).to_be_visible()
    await desk.shoot("phone-thread")
    assert await desk.page.evaluate(fits)
    await desk.page.get_by_role("link", name="Back to the channel").tap()
    await expect(desk.thread).to_be_hidden()
    await expect(root).to_contain_text("a boat in my hand")

    await desk.page.get_by_role("button", name="Channels").tap()
    await desk.page.get_by_role("link", name="general").tap()
    await expect(desk.page.get_by_role("heading", name="general").first).to_be_visible()
    await desk.open_form()
    await desk.shoot("phone-form")
    assert await desk.page.evaluate(fits)
    await desk.form.get_by_role("button", name="Cancel").tap()
    await expect(desk.form).to_be_hidden()


async def test_dark_is_what_the_system_says_or_the_switch(
    open_tab: OpenDesk, gallery: Gallery, scene: Sandbox
) -> None:
    clear_scene(scene, gallery.people)
    desk = await open_tab(color_scheme="dark")
    body = desk.page.locator("body")
    await desk.visit_result(gallery, "a lighthouse")
    await expect(body).to_have_css("background-color", "rgb(26, 29, 33)")
    await desk.shoot("dark-thread")
    await desk.press("Switch between light and dark")
    await expect(body).to_have_css("background-color", "rgb(255, 255, 255)")
    await desk.page.reload()
    await expect(body).to_have_css("background-color", "rgb(255, 255, 255)")


async def test_what_is_being_typed_survives_what_happens_meanwhile(desk: Desk) -> None:
    await desk.composer.press_sequentially("half a sent")
    await desk.scene.person(desk.ben).say("C0DESIGN", "meanwhile")
    await expect(desk.messages.last).to_contain_text("meanwhile")
    await expect(desk.composer).to_be_focused()
    await desk.composer.press_sequentially("ence")
    await expect(desk.composer).to_have_value("half a sentence")


async def test_an_own_message_is_edited_and_deleted(desk: Desk) -> None:
    await desk.send("a mesage")
    message = desk.messages.last
    await desk.choose_from_menu(message, "Edit message")
    await desk.page.get_by_label("Edit the message").fill("a message")
    await desk.page.keyboard.press("Enter")
    await expect(message).to_contain_text("a message (edited)")
    await desk.choose_from_menu(message, "Delete message…")
    await desk.press("Delete", desk.page.get_by_role("dialog", name="Delete message"))
    await expect(desk.messages).to_have_count(0)

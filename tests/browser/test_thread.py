"""What follows in the thread: buttons, replies in words, sharing, deleting, history."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.support.browser_page import GENERAL, Desk, Gallery


async def choose(desk: Desk, message: Locator, item: str) -> None:
    """Choose from the menu in a message."""
    await message.get_by_role("button", name="More", exact=True).click()
    await desk.page.get_by_role("menuitem", name=item).click()


async def test_regenerate_makes_another_version(visitor: Desk, gallery: Gallery) -> None:
    result = await visitor.visit_result(gallery, "a harbour")
    await visitor.press("Regenerate", result)
    version = visitor.replies.filter(has_text="2nd version, from the 1st")
    await expect(visitor.pictures(version)).to_have_count(1)
    # It is over in two seconds: a slow machine looks later.
    await visitor.page.evaluate(
        """new MutationObserver(() => {
            if (document.querySelector('.flash')) document.documentElement.dataset.flashed = '';
        }).observe(document, { subtree: true, attributeFilter: ['class'] })"""
    )
    await version.get_by_role("link", name="the 1st").click()
    await expect(visitor.page.locator("html[data-flashed]")).to_be_attached()
    assert visitor.count_submits() == 1


async def test_edit_changes_one_thing_and_keeps_the_rest(visitor: Desk, gallery: Gallery) -> None:
    result = await visitor.visit_result(gallery, "a heron")
    await visitor.press("Edit", result)
    form = visitor.form
    await expect(form.get_by_label("Prompt").first).to_have_value("a heron")
    await expect(form.get_by_label("How many")).to_have_value("1")
    await form.get_by_label("Prompt").first.fill("a heron in snow")
    await form.get_by_label("Size").select_option("portrait")
    await visitor.press("Create", form)
    await expect(form).to_be_hidden()
    version = visitor.replies.filter(has_text="2nd version")
    await expect(visitor.pictures(version)).to_have_count(1)
    await expect(version).to_contain_text("a heron in snow")
    await expect(version).to_contain_text("1088×1936 px")


async def test_more_like_one_of_two_takes_it_as_reference(visitor: Desk, gallery: Gallery) -> None:
    result = await visitor.visit_result(gallery, "a dune")
    await choose(visitor, result, "More like this")
    form = visitor.form
    await form.get_by_label("Picture 2").check()
    await visitor.shoot("more-like-which")
    await visitor.press("Next", form)
    await expect(form.get_by_label("Prompt").first).to_have_value("a dune")
    await visitor.press("Create", form)
    await expect(form).to_be_hidden()
    await expect(visitor.thread).to_contain_text("1 reference picture")
    version = visitor.replies.filter(has_text="2nd version")
    await expect(visitor.pictures(version)).to_have_count(2)
    assert len(visitor.find_generation(prompt="a dune").style_images) == 1


async def test_a_picture_is_shared_in_another_channel(visitor: Desk, gallery: Gallery) -> None:
    result = await visitor.visit_result(gallery, "a lighthouse")
    await choose(visitor, result, "Share to channel")
    await visitor.form.get_by_label("Share to").select_option(GENERAL)
    await visitor.press("Share", visitor.form)
    await expect(visitor.form).to_be_hidden()
    await visitor.page.get_by_role("link", name="general").first.click()
    shared = visitor.messages.filter(has_text="Ada Park shares 2 pictures")
    await expect(visitor.pictures(shared)).to_have_count(2)


async def test_the_owner_deletes_and_others_may_not(visitor: Desk, gallery: Gallery) -> None:
    await visitor.visit_result(gallery, "a pier")
    await visitor.become("Ben Osei")
    await choose(visitor, visitor.replies.first, "Delete")
    told = visitor.page.get_by_text("and workspace admins can delete these pictures")
    await expect(told.first).to_be_visible()
    await visitor.become("Ada Park")
    await expect(visitor.pictures(visitor.replies.first)).to_have_count(1)

    await choose(visitor, visitor.replies.first, "Delete")
    await expect(visitor.form).to_contain_text("You don't get the credits back")
    await visitor.shoot("delete-sure")
    await visitor.press("Delete", visitor.form)
    await expect(visitor.form).to_be_hidden()
    await expect(visitor.replies).to_have_count(0)
    await expect(visitor.thread).to_contain_text("Deleted by @Ada Park")


async def test_feedback_is_taken_without_a_word(visitor: Desk, gallery: Gallery) -> None:
    result = await visitor.visit_result(gallery, "a lighthouse")
    before = len(visitor.scene.workspace.exchanges)
    async with visitor.page.expect_response("**/do/click"):
        await visitor.press("A good result", result)
    after = visitor.scene.workspace.exchanges[before:]
    (click,) = [exchange for exchange in after if exchange.kind == "interaction"]
    assert click.status == 200
    await expect(visitor.page.locator(".toast")).to_have_count(0)


async def test_a_reply_in_words_makes_another_version(visitor: Desk, gallery: Gallery) -> None:
    await visitor.visit_result(gallery, "an island")
    await visitor.reply("@Imagine thanks!")
    await expect(visitor.thread).to_contain_text("To get another version, say what to change")
    assert visitor.count_submits() == 0

    await visitor.reply("@Imagine with a darker sky")
    version = visitor.replies.filter(has_text="2nd version")
    await expect(visitor.pictures(version)).to_have_count(1)
    await expect(visitor.thread).to_contain_text("added “with a darker sky”")
    await visitor.shoot("reply-in-words")


async def test_history_lists_what_a_person_made(visitor: Desk, gallery: Gallery) -> None:
    await visitor.visit()
    await visitor.send("/imagine history")
    await expect(visitor.private).to_contain_text("a lighthouse")
    await expect(visitor.private).to_contain_text("10 credits")
    await expect(visitor.private.get_by_role("img", name="a lighthouse")).to_be_visible()
    await visitor.shoot("history")
    await visitor.become("Ben Osei")
    await visitor.send("/imagine history")
    await expect(visitor.private).to_contain_text("There's nothing here yet.")


async def test_in_a_direct_message_replies_need_no_mention(desk: Desk) -> None:
    link = desk.page.get_by_role("link", name="Imagine (direct message)")
    await link.click()
    await expect(link).to_have_attribute("aria-current", "page")  # or it is said in the channel
    await desk.make_pictures("a kite")
    await desk.reply("again x2")
    version = desk.replies.filter(has_text="2nd version")
    await expect(desk.pictures(version)).to_have_count(2)

"""Use in post: a draft in PowerPost from a result, at most once, never published."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.powerpost.access import ALL_SCOPES
from bot.sandbox.powerpost.faults import Outcome, SubmitFault
from tests.support.budget_rows import budget
from tests.support.image_form import Form
from tests.support.policies import set_policy
from tests.support.posts import (
    drafts,
    fill,
    media_of,
    open_post_form,
    press_use_in_post,
    sent,
    until_drafted,
)
from tests.support.rendered_text import find_insides
from tests.support.stage import API_KEY, DESIGN, Stage, open_stage, run_bot
from tests.support.threads import element, make, press


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, imagine_posts=True) as opened:
        yield opened
    assert find_insides(opened) == []
    assert opened.powerpost.published == []


async def test_pictures_in_the_chosen_order_become_a_draft_that_the_thread_shows(
    stage: Stage,
) -> None:
    result, form = await open_post_form(stage, "a lighthouse -n 3")
    await form.set("post_picture_1", "3")
    await form.set("post_picture_2", "1")
    await form.set("post_picture_3", "none")
    await fill(form, ["instagram-feed", "x-post"], "Hello <!channel> & all")

    assert (await form.submit()).ok
    told = await until_drafted(stage)

    first, _, third = media_of(stage)
    (body,) = sent(stage, "/posts")
    assert [item["post_type"] for item in body["items"]] == ["instagram-feed", "x-post"]
    assert all(item["media_ids"] == [third, first] for item in body["items"])
    assert all(item["content"] == "Hello <!channel> & all" for item in body["items"])
    assert told.thread_ts == result.thread_ts
    (post,) = stage.powerpost.posts.values()
    for said in ("<@U0ADA> made a draft", "Instagram feed and X post", post.post_id):
        assert said in told.text
    assert "Hello &lt;!channel&gt; &amp; all" in told.text
    assert "Not published" in told.text


async def test_without_the_setting_there_is_no_button(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as plain:
        result = await make(plain)
    with pytest.raises(KeyError):
        element(result, "use_in_post")


async def test_a_form_that_is_sent_twice_makes_one_draft(stage: Stage) -> None:
    _, form = await open_post_form(stage)
    await fill(form, ["x-post"])
    view = form.view
    await form.submit()
    stage.workspace.views[view.id] = view
    await stage.ada.submit(view.id)
    await until_drafted(stage)
    assert len(sent(stage, "/posts")) == 1


async def test_mistakes_are_told_at_their_fields_and_nothing_is_lost(stage: Stage) -> None:
    _, form = await open_post_form(stage, "a lighthouse -n 2")
    await fill(form, ["x-post", "instagram-story", "youtube-short"], "a" * 300)
    await form.set("post_day", "2020-01-01")

    shown = await form.submit()

    assert shown.view_errors is not None
    assert "X post takes 280 characters; the text has 300" in shown.view_errors["post_text"]
    assert "Instagram story takes 1 picture" in shown.view_errors["post_types"]
    assert "YouTube Short needs a title" in shown.view_errors["post_title"]
    assert "This day is over" in shown.view_errors["post_day"]
    assert form.value("post_text") == "a" * 300
    assert sent(stage, "/posts") == []


async def test_a_video_type_is_drafted_with_its_text_and_title_alone(stage: Stage) -> None:
    _, form = await open_post_form(stage)
    await fill(form, ["youtube-video"])
    await form.set("post_title", "Our lighthouse")
    await form.submit()
    await until_drafted(stage)
    ((item,),) = [body["items"] for body in sent(stage, "/posts")]
    assert (item["title"], "media_ids" in item) == ("Our lighthouse", False)


async def test_each_post_type_gets_its_text_of_chosen_captions(stage: Stage) -> None:
    _, form = await open_post_form(stage)
    await form.set("post_types", ["instagram-feed", "x-post"])
    await form.set("post_source", "captions")
    block_id = form.block("caption")["block_id"]
    found = await stage.ada.options(form.view.id, block_id, "caption", "")
    captions = [stage.powerpost.captions[each["value"]] for each in found]
    both = next(each for each in captions if {"instagram", "x"} <= set(each.platforms))
    neither = next(each for each in captions if "x" not in each.platforms)

    await form.set("caption", neither.generation_id)
    refused = await form.submit()
    await form.set("caption", both.generation_id)
    await form.submit()
    await until_drafted(stage)

    assert "no text for X post" in (refused.view_errors or {})["post_captions"]
    (body,) = sent(stage, "/posts")
    assert body["generation_id"] == both.generation_id
    assert [item["content"] for item in body["items"]] == [
        both.outputs["instagram"],
        both.outputs["x"],
    ]


async def write_for(stage: Stage, form: Form, types: list[str]) -> None:
    await form.set("post_types", types)
    await form.set("post_source", "written")
    assert (await form.submit()).ok


async def test_powerpost_writes_the_text_for_a_price_that_was_said(stage: Stage) -> None:
    _, form = await open_post_form(stage)
    assert "Written by PowerPost: about 7 credits (guide price)" in form.text()

    await write_for(stage, form, ["x-post", "youtube-short"])
    told = await until_drafted(stage)

    (order,) = sent(stage, "/content/generate")
    assert order["media_ids"] == media_of(stage)
    assert order["prompt"] == "a lighthouse in fog"
    assert "7 credits" in told.text
    (body,) = sent(stage, "/posts")
    assert all("Written by the sandbox" in item["content"] for item in body["items"])
    assert body["items"][1]["title"] == "a lighthouse in fog"
    await stage.ada.run_command(DESIGN, "/imagine", "usage --by model")
    await stage.until(lambda: "Texts" in str([m.text for m in stage.private()]), what="the report")
    assert "Texts for posts: 7 credits" in stage.private()[-1].text


async def test_a_text_over_budget_is_not_paid_for(stage: Stage) -> None:
    await set_policy(stage, budgets=(budget(10),))
    _, form = await open_post_form(stage)  # which takes 3
    await form.set("post_types", ["x-post"])
    await form.set("post_source", "written")
    await form.submit()
    await until_drafted(stage)  # 7 more

    form = await press_use_in_post(stage, stage.replies()[0])
    await form.set("post_types", ["x-post"])
    await form.set("post_source", "written")
    shown = await form.submit()

    assert shown.view_errors is not None
    assert "Nothing was spent" in shown.view_errors["post_source"]
    assert form.value("post_source") == "written"
    assert stage.powerpost.paid_captions == 1


async def test_a_text_that_fails_is_told_with_what_comes_back(stage: Stage) -> None:
    _, form = await open_post_form(stage)
    balance = stage.powerpost.balance
    stage.powerpost.faults.next_caption_outcome(Outcome.FAILED)
    await write_for(stage, form, ["x-post"])
    told = await until_drafted(stage)
    assert "couldn't write the text. Its price of 7 credits comes back" in told.text
    assert stage.powerpost.balance == balance
    assert sent(stage, "/posts") == []


async def test_a_text_without_an_answer_is_told_and_not_ordered_again(stage: Stage) -> None:
    _, form = await open_post_form(stage)
    stage.powerpost.faults.next_caption(SubmitFault.ANSWER_LOST)
    await write_for(stage, form, ["x-post"])
    told = await until_drafted(stage)
    assert "nobody knows whether it did and took credits" in told.text
    assert stage.powerpost.paid_captions == 1
    assert sent(stage, "/posts") == []


async def test_a_draft_without_an_answer_is_unknown_until_somebody_makes_it_again(
    stage: Stage,
) -> None:
    _, form = await open_post_form(stage)
    stage.powerpost.faults.next_post(SubmitFault.ANSWER_LOST)
    await fill(form, ["x-post"])
    await form.submit()
    told = await until_drafted(stage)
    assert "Nobody knows whether the draft was made" in told.text
    assert len(sent(stage, "/posts")) == 1

    for _ in range(2):
        await press(stage.ben, told, "post_again")
    again = await until_drafted(stage, 2)

    assert "<@U0BEN> made a draft" in again.text
    assert len(sent(stage, "/posts")) == 2
    confirm = element(told, "post_again")["confirm"]
    assert "there will be two" in confirm["text"]["text"]


async def test_a_key_without_the_scope_is_named_and_the_calendars_does_not_keep_the_draft(
    stage: Stage,
) -> None:
    lacks = {"posts:read", "calendar:write"}
    stage.powerpost.add_key(API_KEY, set(ALL_SCOPES) - lacks, {"ws_sandbox"})
    _, form = await open_post_form(stage)
    await fill(form, ["x-post"])
    await form.set("post_day", tomorrow())
    await form.submit()
    told = await until_drafted(stage)
    assert "calendar:write" in told.text
    assert len(stage.powerpost.posts) == 1

    await press(stage.ada, told, "check_post")
    await stage.until(lambda: stage.private(), what="told why")
    assert "posts:read" in stage.private()[-1].text

    stage.powerpost.add_key(API_KEY, set(ALL_SCOPES) - {"posts:write"}, {"ws_sandbox"})
    form = await press_use_in_post(stage, stage.replies()[0])
    await fill(form, ["x-post"])
    await form.submit()
    refused = await until_drafted(stage, 2)
    assert "lacks the scope `posts:write`" in refused.text
    assert "Nothing was spent" in refused.text


def tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


async def test_a_draft_is_planned_by_the_persons_clocks_with_a_link_to_the_thread(
    stage: Stage,
) -> None:
    result, form = await open_post_form(stage)
    assert "By the clocks of Europe/London" in form.text()
    await fill(form, ["x-post", "instagram-feed"], "Hello")
    await form.set("post_day", tomorrow())
    await form.set("post_time", "09:30")
    await form.submit()
    told = await until_drafted(stage)

    (entry,) = stage.powerpost.calendar.entries.values()
    assert (entry.title, entry.scheduled_time) == ("Hello (X, Instagram)", "09:30")
    assert (entry.scheduled_date, entry.platforms) == (tomorrow(), ("x", "instagram"))
    link = f"/archives/{DESIGN}/p{result.ts.replace('.', '')}"
    assert entry.description is not None
    assert link in entry.description
    assert "Europe/London" in entry.description
    assert "09:30 (Europe/London)" in told.text


async def test_an_entry_without_an_answer_is_unknown_and_not_sent_again(stage: Stage) -> None:
    stage.powerpost.faults.next_entry(SubmitFault.ANSWER_LOST)
    _, form = await open_post_form(stage)
    await fill(form, ["x-post"])
    await form.set("post_day", tomorrow())
    await form.submit()
    told = await until_drafted(stage)
    assert "Nobody knows whether" in told.text
    assert "made a draft" in told.text
    assert len(sent(stage, "/calendar/entries")) == 1


async def test_the_state_is_shown_when_somebody_asks(stage: Stage) -> None:
    _, form = await open_post_form(stage)
    await fill(form, ["x-post", "linkedin-post"])
    await form.submit()
    told = await until_drafted(stage)
    (post,) = stage.powerpost.posts.values()
    post.set_status("published")
    post.items[1].status = "failed"

    await press(stage.ben, told, "check_post")

    await stage.until(lambda: "published" in drafts(stage)[0].text.replace("Not p", ""))
    assert "LinkedIn post failed" in drafts(stage)[0].text


async def test_a_draft_that_was_promised_is_made_after_a_restart(tmp_path: Path) -> None:
    async with open_stage(tmp_path, runs_bot=False, imagine_posts=True) as stage:
        async with run_bot(stage):
            _, form = await open_post_form(stage)
            stage.powerpost.faults.away = True
            await fill(form, ["x-post"])
            await form.submit()
        stage.powerpost.faults.away = False
        async with run_bot(stage):
            told = await until_drafted(stage)
        assert "made a draft" in told.text
        assert len(stage.powerpost.posts) == 1


async def test_buttons_of_before_make_nothing_once_it_is_switched_off(tmp_path: Path) -> None:
    async with open_stage(tmp_path, runs_bot=False, imagine_posts=True) as stage:
        async with run_bot(stage):
            result, form = await open_post_form(stage)
            await form.set("post_types", ["x-post"])
            await form.set("post_source", "written")
        stage.settings = stage.settings.model_copy(update={"imagine_posts": False})
        async with run_bot(stage):
            await form.submit()
            assert "switched off" in form.text()
            await press(stage.ada, result, "use_in_post")
            await stage.until(lambda: stage.private(), what="told why")
        assert "switched off" in stage.private()[-1].text
        assert stage.powerpost.paid_captions == 0
        assert stage.powerpost.posts == {}

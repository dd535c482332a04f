"""The page over HTTP: what is shown to whom, what a person does, and what the client says."""

import asyncio
import json
from io import BytesIO

import pytest
from PIL import Image

from tests.support.sandbox_page import Desk


def make_png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 3), "#0b7a75").save(out, "PNG")
    return out.getvalue()


async def test_the_first_page_leads_to_a_channel(desk: Desk) -> None:
    response = await desk.client.get("/")
    assert response.status_code == 303
    assert response.headers["location"] == "/c/C0DESIGN?as=U0ADA"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/c/C0DESIGN?as=U0ADA", "Message #design"),
        ("/c/G0LAUNCH?as=U0BEN", "Invite Imagine"),
        ("/c/D0ADA?as=U0ADA", "This is your direct message with"),
        ("/home?as=U0ADA", "This is a work in progress"),
        ("/c/C0DESIGN", "nothing here leaves this computer. Pictures are drawn, not generated."),
    ],
)
async def test_every_place_is_drawn(desk: Desk, path: str, words: str) -> None:
    assert words in await desk.get(path)


@pytest.mark.parametrize(
    "path",
    [
        "/c/C0NOWHERE?as=U0ADA",
        "/c/D0BEN?as=U0ADA",
        "/c/C0DESIGN?as=U0NOBODY",
        "/c/C0DESIGN?as=U0IMAGINE",
        "/part/nothing?as=U0ADA",
        "/file/F0NOTHING",
        "/exchange/p99",
    ],
)
async def test_what_is_not_there_or_not_theirs_is_not_shown(desk: Desk, path: str) -> None:
    await desk.get(path, 404)


async def test_other_pages_are_kept_out(desk: Desk) -> None:
    url = str(desk.client.base_url)
    for headers in ({"host": "evil.example"}, {"host": "evil.example", "origin": url}):
        assert (await desk.client.get("/", headers=headers)).status_code == 403
    posted = await desk.client.post(
        "/do/kill", data={"as": "U0ADA"}, headers={"origin": "https://evil.example"}
    )
    assert posted.status_code == 403
    assert desk.process.is_running


async def test_every_answer_carries_the_policy(desk: Desk) -> None:
    response = await desk.client.get("/c/C0DESIGN?as=U0ADA")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_no_page_has_inline_script_style_or_handlers(desk: Desk) -> None:
    desk.open_form()
    html = await desk.get("/c/C0DESIGN?as=U0ADA")
    assert " style=" not in html
    assert " onclick=" not in html
    assert "<script>" not in html


async def test_what_is_said_stands_in_the_channel_as_words(desk: Desk) -> None:
    assert await desk.do("say", text="*hi* <script>alert(1)</script>") == {"ok": True}
    html = await desk.get("/part/messages?as=U0BEN&channel=C0DESIGN")
    assert "<strong>hi</strong> &lt;script&gt;alert(1)&lt;/script&gt;" in html


async def test_a_reply_stands_in_its_thread_and_is_counted(desk: Desk) -> None:
    root = desk.workspace.post_message("C0DESIGN", "U0BEN", "root")
    await desk.do("say", text="a reply", thread=root.ts)
    channel = await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")
    assert "1 reply" in channel
    assert "a reply" not in channel
    assert "a reply" in await desk.get(f"/part/thread?as=U0ADA&channel=C0DESIGN&thread={root.ts}")


async def test_an_ephemeral_message_is_seen_by_one_and_can_be_dismissed(desk: Desk) -> None:
    message = desk.workspace.post_message("C0DESIGN", "U0IMAGINE", "psst", ephemeral_to="U0ADA")
    mine = await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")
    assert "psst" in mine
    assert "Only visible to you" in mine
    assert "psst" not in await desk.get("/part/messages?as=U0BEN&channel=C0DESIGN")
    assert not (await desk.do("dismiss", ts=message.ts, **{"as": "U0BEN"}))["ok"]
    assert (await desk.do("dismiss", ts=message.ts))["ok"]
    assert "psst" not in await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")


async def test_a_command_reaches_the_bot_and_its_answer_is_shown(desk: Desk) -> None:
    desk.bot.answer = {"response_type": "ephemeral", "text": "usage"}
    assert await desk.do("say", text="/imagine a fox & co") == {"ok": True}
    assert desk.bot.received[0]["text"] == "a fox &amp; co"
    assert "usage" in await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")


async def test_a_command_without_an_answer_fails_in_slacks_words(desk: Desk) -> None:
    desk.silence_bot()
    assert (await desk.do("say", text="/imagine a fox"))["ok"] is False
    html = await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")
    assert "/imagine failed with the error &#34;operation_timeout&#34;" in html


async def test_commands_do_not_work_in_threads(desk: Desk) -> None:
    root = desk.workspace.post_message("C0DESIGN", "U0BEN", "root")
    answer = await desk.do("say", text="/imagine a fox", thread=root.ts)
    assert answer == {"ok": False, "keep": True}
    assert desk.bot.received == []
    html = await desk.get(f"/part/thread?as=U0ADA&channel=C0DESIGN&thread={root.ts}")
    assert "/imagine is not supported in threads. Sorry!" in html


async def test_an_unknown_command_is_refused_and_the_line_goes_when_dismissed(desk: Desk) -> None:
    assert (await desk.do("say", text="/nope x"))["keep"]
    html = await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")
    assert "/nope is not a valid command" in html
    ts = html.split('data-do="dismiss" data-ts="')[1].split('"')[0]
    assert (await desk.do("dismiss", ts=ts))["ok"]
    assert "/nope" not in await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")


async def test_the_bot_can_be_invited(desk: Desk) -> None:
    assert (await desk.do("invite", channel="G0LAUNCH"))["ok"]
    html = await desk.get("/part/messages?as=U0ADA&channel=G0LAUNCH")
    assert "Invite Imagine" not in html
    assert "has joined the channel" in html


async def test_own_messages_can_be_edited_and_deleted(desk: Desk) -> None:
    await desk.do("say", text="first")
    ts = desk.workspace.history("C0DESIGN", viewer="U0ADA")[-1].ts
    assert not (await desk.do("edit", ts=ts, text="mine now", **{"as": "U0BEN"}))["ok"]
    assert (await desk.do("edit", ts=ts, text="second"))["ok"]
    html = await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")
    assert "second" in html
    assert "(edited)" in html
    assert (await desk.do("delete", ts=ts))["ok"]
    assert "second" not in await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")


async def test_a_button_in_a_message_reaches_the_bot(desk: Desk) -> None:
    element = {"type": "button", "action_id": "again", "value": "g1",
               "text": {"type": "plain_text", "text": "Again"}}  # fmt: skip
    block = {"type": "actions", "block_id": "b", "elements": [element]}
    message = desk.workspace.post_message("C0DESIGN", "U0IMAGINE", "x", blocks=[block])
    html = await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")
    assert 'data-act="again"' in html
    answer = await desk.do(
        "click", ts=message.ts, block="b", action="again", kind="button", value="g1"
    )
    assert answer == {"ok": True}
    assert desk.bot.received[0]["actions"][0]["value"] == "g1"


async def test_a_click_without_an_answer_is_said_in_passing(desk: Desk) -> None:
    element = {"type": "overflow", "action_id": "o", "options": [
        {"text": {"type": "plain_text", "text": "Share"}, "value": "s"}]}  # fmt: skip
    block = {"type": "actions", "block_id": "b", "elements": [element]}
    message = desk.workspace.post_message("C0DESIGN", "U0IMAGINE", "x", blocks=[block])
    desk.silence_bot()
    answer = await desk.do(
        "click", ts=message.ts, block="b", action="o", kind="overflow", option="s"
    )
    assert "operation_timeout" in answer["words"]
    assert desk.bot.received[0]["actions"][0]["selected_option"]["value"] == "s"


async def test_shortcuts_reach_the_bot(desk: Desk) -> None:
    message = desk.workspace.post_message("C0DESIGN", "U0BEN", "a fox")
    assert "Make an image of this" in await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")
    assert (await desk.do("shortcut", callback="create"))["ok"]
    assert (await desk.do("message_shortcut", callback="make", ts=message.ts))["ok"]
    assert [payload["callback_id"] for payload in desk.bot.received] == ["create", "make"]


async def test_a_modal_is_filled_in_refused_and_accepted(desk: Desk) -> None:
    view = desk.open_form()
    assert "Create an image" in await desk.get("/part/modal?as=U0ADA")
    assert "<dialog" not in await desk.get("/part/modal?as=U0BEN")
    fields = {"view": view, "block": "prompt", "action": "v", "kind": "plain_text_input"}
    assert (await desk.do("change", value="a bad fox", **fields))["ok"]

    desk.bot.answer = {"response_action": "errors", "errors": {"prompt": "Not <bad>."}}
    assert not (await desk.do("submit", view=view))["ok"]
    html = await desk.get("/part/modal?as=U0ADA")
    assert "Not &lt;bad&gt;." in html
    assert 'value="a bad fox"' in html

    desk.bot.answer = ""
    assert (await desk.do("submit", view=view))["ok"]
    assert "<dialog" not in await desk.get("/part/modal?as=U0ADA")


async def test_a_required_field_is_asked_for_before_the_bot_is(desk: Desk) -> None:
    view = desk.open_form()
    assert not (await desk.do("submit", view=view))["ok"]
    assert 'class="field-error"' in await desk.get("/part/modal?as=U0ADA")
    assert desk.bot.received == []


async def test_a_submit_without_an_answer_keeps_the_modal_and_says_so(desk: Desk) -> None:
    view = desk.open_form()
    await desk.do("change", view=view, block="prompt", action="v", value="x")
    desk.silence_bot()
    assert not (await desk.do("submit", view=view))["ok"]
    html = await desk.get("/part/modal?as=U0ADA")
    assert "We had some trouble connecting. Try again?" in html
    assert "operation_timeout" in html


async def test_a_modal_can_be_closed(desk: Desk) -> None:
    view = desk.open_form()
    assert (await desk.do("close", view=view))["ok"]
    assert "<dialog" not in await desk.get("/part/modal?as=U0ADA")


async def test_an_external_select_shows_what_the_bot_offers(desk: Desk) -> None:
    view = desk.open_form()
    option = {"text": {"type": "plain_text", "text": "Autumn sale"}, "value": "g1"}
    desk.bot.answer = {"options": [option]}
    query = f"as=U0ADA&view={view}&block=caption&action=c&q=aut"
    offered = json.loads(await desk.get(f"/options?{query}"))
    assert offered["options"] == [option]
    assert desk.bot.received[0]["value"] == "aut"
    desk.bot.answer = ""
    fields = {"view": view, "block": "caption", "action": "c", "kind": "external_select"}
    assert (await desk.do("change", value="g1", **fields))["ok"]
    assert 'value="Autumn sale"' in await desk.get("/part/modal?as=U0ADA")


async def test_a_file_is_uploaded_chosen_and_shown(desk: Desk) -> None:
    sent = await desk.client.post(
        "/do/upload", data={"as": "U0ADA", "for": "view"}, files={"upload": ("a.png", make_png())}
    )
    file_id = sent.json()["id"]
    assert sent.json()["url"] == f"/file/{file_id}"
    view = desk.open_form()
    fields = {"view": view, "block": "refs", "action": "v", "kind": "file_input"}
    assert (await desk.do("change", value=[file_id], **fields))["ok"]
    assert f'data-file="{file_id}"' in await desk.get("/part/modal?as=U0ADA")
    await desk.do("say", text="look", file=[file_id])
    assert f'src="/file/{file_id}"' in await desk.get("/part/messages?as=U0ADA&channel=C0DESIGN")


async def test_a_file_that_is_too_large_is_refused(desk: Desk) -> None:
    sent = await desk.client.post(
        "/do/upload",
        data={"as": "U0ADA", "for": "view"},
        files={"upload": ("big.png", b"x" * (10 * 1024 * 1024 + 1))},
    )
    assert sent.json() == {"ok": False, "words": "big.png is larger than 10 MB."}


async def test_only_pictures_are_served_as_what_they_are(desk: Desk) -> None:
    picture = desk.workspace.add_file("U0ADA", "a.png", make_png())
    page = desk.workspace.add_file("U0ADA", "a.html", b"<script>alert(1)</script>")
    shown = await desk.client.get(f"/file/{picture.id}")
    kept = await desk.client.get(f"/file/{page.id}")
    assert shown.headers["content-type"] == "image/png"
    assert kept.headers["content-type"] == "application/octet-stream"
    assert kept.headers["content-disposition"] == "attachment"


async def test_home_is_what_the_bot_published(desk: Desk) -> None:
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    block = {"type": "actions", "block_id": "b", "elements": [button]}
    view = desk.publish_home([block])
    assert 'data-act="go"' in await desk.get("/part/home?as=U0ADA")
    assert (await desk.do("click", view=view, block="b", action="go", kind="button"))["ok"]
    assert desk.bot.received[0]["type"] == "block_actions"
    assert (await desk.do("open_home"))["ok"]
    await desk.delivery.settle()
    assert desk.bot.received[1]["event"]["type"] == "app_home_opened"


async def test_a_channel_with_news_is_marked_until_it_is_seen(desk: Desk) -> None:
    desk.workspace.post_message("C0GENERAL", "U0BEN", "news")
    assert ", unread" in await desk.get("/part/sidebar?as=U0ADA&channel=C0DESIGN")
    await desk.get("/c/C0GENERAL?as=U0ADA")
    assert ", unread" not in await desk.get("/part/sidebar?as=U0ADA&channel=C0DESIGN")


async def test_the_weather_is_ordered_and_forecast(desk: Desk) -> None:
    assert (await desk.do("fault", fault="outcome-partial"))["ok"]
    assert "Next generation: partial" in await desk.get("/part/weather?as=U0ADA")
    assert not (await desk.do("fault", fault="plague"))["ok"]


async def test_the_balance_is_set_and_shown(desk: Desk) -> None:
    assert (await desk.do("balance", balance="7"))["ok"]
    assert desk.powerpost.balance == 7
    assert "<b>7</b>" in await desk.get("/part/status?as=U0ADA")
    for wrong in ("-1", "x", "", "99999999", "1.5"):
        assert not (await desk.do("balance", balance=wrong))["ok"]
    assert desk.powerpost.balance == 7


async def test_the_bot_is_killed_and_started(desk: Desk) -> None:
    assert (await desk.do("kill"))["ok"]
    assert "Bot stopped" in await desk.get("/part/status?as=U0ADA")
    assert (await desk.do("start"))["ok"]
    assert "Bot running" in await desk.get("/part/status?as=U0ADA")


async def test_the_drawer_shows_filters_and_opens_exchanges(desk: Desk) -> None:
    await desk.do("say", text="/imagine a fox")
    html = await desk.get("/part/drawer?as=U0ADA")
    assert "/imagine a fox" in html
    assert "Nothing matches" in await desk.get("/part/drawer?as=U0ADA&q=badger")
    key = html.split('data-exchange="')[1].split('"')[0]
    detail = await desk.get(f"/exchange/{key}")
    assert "Copy as curl" in detail
    assert "response_url" in detail


async def test_an_unknown_deed_is_not_found(desk: Desk) -> None:
    assert (await desk.client.post("/do/magic", data={"as": "U0ADA"})).status_code == 404


async def test_changes_are_told_to_those_who_may_see_them(desk: Desk) -> None:
    told: list[dict[str, str]] = []
    async with asyncio.timeout(30), desk.client.stream("GET", "/events?as=U0BEN") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if not line.startswith("data: "):
                continue
            told.append(json.loads(line.removeprefix("data: ")))
            if len(told) == 1:
                desk.workspace.post_message("C0DESIGN", "U0IMAGINE", "x", ephemeral_to="U0ADA")
                desk.open_form("U0ADA")
                desk.workspace.post_message("C0GENERAL", "U0ADA", "hi")
            if told[-1]["kind"] == "message":
                break
    assert told == [
        {"kind": "hello", "channel": None},
        {"kind": "message", "channel": "C0GENERAL"},
    ]


async def test_a_message_is_drawn_anew_when_it_or_its_picture_changes(desk: Desk) -> None:
    picture = desk.workspace.add_file("U0IMAGINE", "a.png", make_png())
    block = {"type": "image", "block_id": "b", "slack_file": {"id": picture.id}, "alt_text": "fox"}
    message = desk.workspace.post_message("C0DESIGN", "U0IMAGINE", "one", blocks=[block])
    part = "/part/messages?as=U0ADA&channel=C0DESIGN"
    assert f'src="/file/{picture.id}"' in await desk.get(part)
    desk.workspace.delete_file(picture)
    assert "This file was deleted." in await desk.get(part)
    text = {"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": "*two*"}}
    desk.workspace.edit_message(message, blocks=[text])
    assert "<strong>two</strong>" in await desk.get(part)


async def test_a_bot_that_does_not_start_is_said_and_not_an_error(desk: Desk) -> None:
    desk.process.why_not = "Its own words are above."
    answer = await desk.do("start")
    assert answer == {"ok": False, "words": "The bot did not start. Its own words are above."}

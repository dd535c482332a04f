"""Modals and Home: triggers, hashes, stacks, states, submissions and their answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_bolt import BoltResponse

from tests.support.slack_stand_in import Bot, Clock, Slack

View = dict[str, Any]


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value.upper()), "value": value}


def field(name: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    element = {"action_id": name, **element}
    return {"type": "input", "block_id": name, "label": plain(name), "element": element, **more}


PROMPT = field("prompt", {"type": "plain_text_input", "max_length": 10})
MODEL = field(
    "model",
    {"type": "static_select", "options": [option("flux"), option("gpt")]},
    dispatch_action=True,
)


def modal(*blocks: dict[str, Any], **more: Any) -> View:
    body = {"type": "modal", "title": plain("Imagine"), "submit": plain("Go")}
    return body | {"callback_id": "form", "blocks": list(blocks)} | more


FORM = modal(PROMPT, MODEL)


def open_with(slack: Slack, user: str = "U0ADA") -> str:
    return slack.workspace.grant_trigger(user, channel_id="C0DESIGN")


async def open_form(slack: Slack, view: View = FORM, user: str = "U0ADA") -> str:
    answer = await slack.call("views.open", trigger_id=open_with(slack, user), view=view)
    assert answer["ok"], answer
    view_id: str = answer["view"]["id"]
    return view_id


def values(slack: Slack, view_id: str) -> dict[str, Any]:
    found: dict[str, Any] = slack.workspace.views[view_id].state["values"]
    return found


# -- opening -----------------------------------------------------------------------------------


async def test_a_trigger_opens_one_view_within_three_seconds(slack: Slack, clock: Clock) -> None:
    trigger = open_with(slack)
    assert (await slack.call("views.open", trigger_id=trigger, view=FORM))["ok"]
    again = await slack.call("views.open", trigger_id=trigger, view=FORM)
    assert again["error"] == "exchanged_trigger_id"
    late = open_with(slack)
    clock.now += 3.01
    assert (await slack.call("views.open", trigger_id=late, view=FORM))["error"] == (
        "expired_trigger_id"
    )
    wrong = await slack.call("views.open", trigger_id="1.2.x", view=FORM)
    assert wrong["error"] == "invalid_trigger_id"
    assert (await slack.call("views.open", view=FORM))["error"] == "invalid_arguments"


async def test_a_refused_view_does_not_use_its_trigger_up(slack: Slack) -> None:
    trigger = open_with(slack)
    bad = await slack.call("views.open", trigger_id=trigger, view=modal(title=plain("t" * 25)))
    assert bad["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    assert (await slack.call("views.open", trigger_id=trigger, view=FORM))["ok"]


async def test_a_view_over_250_kb_is_too_large(slack: Slack) -> None:
    big = [{"type": "section", "text": plain("x" * 3000)}] * 90
    answer = await slack.call("views.open", trigger_id=open_with(slack), view=modal(*big))
    assert answer["error"] == "view_too_large"


async def test_external_ids_are_unique_and_find_their_view(slack: Slack) -> None:
    await open_form(slack, modal(PROMPT, external_id="draft"))
    twice = await slack.call(
        "views.open",
        trigger_id=open_with(slack, "U0BEN"),
        view=modal(PROMPT, external_id="draft"),
    )
    assert twice["error"] == "duplicate_external_id"
    assert (await slack.call("views.update", external_id="draft", view=FORM))["ok"]


async def test_the_stack_is_three_deep_and_push_needs_a_trigger_from_a_view(slack: Slack) -> None:
    root = await open_form(slack)
    outside = await slack.call("views.push", trigger_id=open_with(slack), view=FORM)
    assert outside["error"] == "not_found"
    shown = []
    for _ in range(3):
        trigger = slack.workspace.grant_trigger("U0ADA", root)
        shown.append(await slack.call("views.push", trigger_id=trigger, view=FORM))
    assert [a.get("error") for a in shown] == [None, None, "push_limit_reached"]
    assert shown[1]["view"]["root_view_id"] == root
    assert shown[1]["view"]["previous_view_id"] == shown[0]["view"]["id"]


# -- updating ----------------------------------------------------------------------------------


async def test_hash_refuses_the_slower_of_two_updates(slack: Slack) -> None:
    opened = await slack.call("views.open", trigger_id=open_with(slack), view=FORM)
    view_id, old = opened["view"]["id"], opened["view"]["hash"]
    first = await slack.call("views.update", view_id=view_id, hash=old, view=FORM)
    assert first["ok"]
    assert first["view"]["hash"] != old
    second = await slack.call("views.update", view_id=view_id, hash=old, view=FORM)
    assert second["error"] == "hash_conflict"
    assert (await slack.call("views.update", view_id="V0NONE", view=FORM))["error"] == "not_found"


async def test_what_was_typed_survives_an_update_where_the_ids_stay(slack: Slack, bot: Bot) -> None:
    bot.app.action("model")(_ack)
    view_id = await open_form(slack)
    await bot.ada.change(view_id, "prompt", "prompt", "a fox")
    await bot.ada.change(view_id, "model", "model", "gpt")
    renamed = field("prompt2", {"type": "plain_text_input", "initial_value": "new"})
    fewer = field("model", {"type": "static_select", "options": [option("flux")]})
    await slack.call("views.update", view_id=view_id, view=modal(PROMPT, renamed, fewer))
    held = values(slack, view_id)
    assert held["prompt"]["prompt"]["value"] == "a fox"
    assert held["prompt2"]["prompt2"]["value"] == "new"
    assert held["model"]["model"]["selected_option"] is None


async def _ack(ack) -> None:  # type: ignore[no-untyped-def]
    await ack()


async def test_a_closed_view_is_not_found(slack: Slack, bot: Bot) -> None:
    view_id = await open_form(slack)
    await bot.ada.close(view_id)
    answer = await slack.call("views.update", view_id=view_id, view=FORM)
    assert answer["error"] == "not_found"
    assert (await bot.ada.submit(view_id)).error == "view_not_found"


async def test_nobody_uses_the_view_of_another(slack: Slack, bot: Bot) -> None:
    view_id = await open_form(slack)
    assert (await bot.ben.change(view_id, "prompt", "prompt", "x")).error == "view_not_found"


# -- inputs ------------------------------------------------------------------------------------

INPUTS: list[tuple[dict[str, Any], Any, dict[str, Any]]] = [
    ({"type": "plain_text_input"}, "hi", {"value": "hi"}),
    ({"type": "plain_text_input"}, "", {"value": None}),
    ({"type": "number_input", "is_decimal_allowed": False}, "3", {"value": "3"}),
    (
        {"type": "radio_buttons", "options": [option("a"), option("b")]},
        "b",
        {"selected_option": option("b")},
    ),
    (
        {"type": "checkboxes", "options": [option("a"), option("b")]},
        ["a", "b"],
        {"selected_options": [option("a"), option("b")]},
    ),
    ({"type": "checkboxes", "options": [option("a")]}, None, {"selected_options": []}),
    ({"type": "users_select"}, "U0BEN", {"selected_user": "U0BEN"}),
    ({"type": "conversations_select"}, "C0DESIGN", {"selected_conversation": "C0DESIGN"}),
    ({"type": "channels_select"}, "C0DESIGN", {"selected_channel": "C0DESIGN"}),
    (
        {"type": "multi_users_select"},
        ["U0ADA", "U0BEN"],
        {"selected_users": ["U0ADA", "U0BEN"]},
    ),
    ({"type": "datepicker"}, "2026-11-23", {"selected_date": "2026-11-23"}),
    (
        {"type": "static_select", "options": [option("a")]},
        {"value": "a"},
        {"selected_option": option("a")},
    ),
]


@pytest.mark.parametrize(("element", "value", "held"), INPUTS)
async def test_an_input_holds_what_was_chosen(
    slack: Slack, bot: Bot, element: dict[str, Any], value: Any, held: dict[str, Any]
) -> None:
    view_id = await open_form(slack, modal(field("x", element)))
    shown = await bot.ada.change(view_id, "x", "x", value)
    assert shown.ok
    assert values(slack, view_id)["x"]["x"] == {"type": element["type"], **held}


async def test_a_choice_that_is_not_offered_cannot_be_made(slack: Slack, bot: Bot) -> None:
    view_id = await open_form(slack)
    assert (await bot.ada.change(view_id, "model", "model", "dall-e")).error == "option_not_found"
    assert (await bot.ada.change(view_id, "model", "nope", "x")).error == "action_not_found"


async def test_initial_values_and_the_current_conversation_fill_the_form(slack: Slack) -> None:
    view_id = await open_form(
        slack,
        modal(
            field("a", {"type": "plain_text_input", "initial_value": "hello"}),
            field("b", {"type": "conversations_select", "default_to_current_conversation": True}),
            field("c", {"type": "file_input"}),
        ),
    )
    held = values(slack, view_id)
    assert held["a"]["a"]["value"] == "hello"
    assert held["b"]["b"]["selected_conversation"] == "C0DESIGN"
    assert held["c"]["c"]["files"] == []


async def test_files_of_a_file_input_can_be_downloaded(slack: Slack, bot: Bot) -> None:
    element = {"type": "file_input", "max_files": 1}
    view_id = await open_form(slack, modal(field("refs", element)))
    one = await bot.ada.upload("one.png", b"\x89PNG\r\n\x1a\n")
    two = await bot.ada.upload("two.png", b"\x89PNG\r\n\x1a\n")
    too_many = await bot.ada.change(view_id, "refs", "refs", [one.id, two.id])
    assert too_many.error == "option_not_found"
    assert (await bot.ada.change(view_id, "refs", "refs", [one.id])).ok
    (held,) = values(slack, view_id)["refs"]["refs"]["files"]
    assert (held["id"], held["mimetype"]) == (one.id, "image/png")
    headers = {"Authorization": "Bearer xoxb-sandbox"}
    async with slack.http.get(held["url_private_download"], headers=headers) as response:
        assert await response.read() == b"\x89PNG\r\n\x1a\n"


async def test_a_file_over_slack_connect_shows_only_its_id(slack: Slack, bot: Bot) -> None:
    view_id = await open_form(slack, modal(field("refs", {"type": "file_input"})))
    file = await bot.ada.upload("one.png", b"\x89PNG\r\n\x1a\n")
    file.is_connect = True
    await bot.ada.change(view_id, "refs", "refs", [file.id])
    (held,) = values(slack, view_id)["refs"]["refs"]["files"]
    assert held == {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}
    whole = await slack.client.files_info(file=file.id)
    assert whole["file"]["url_private_download"]


# -- actions in views --------------------------------------------------------------------------


async def test_only_dispatching_inputs_send_actions(slack: Slack, bot: Bot) -> None:
    @bot.app.action("model")
    async def change_model(ack, body, client) -> None:  # type: ignore[no-untyped-def]
        await ack()
        bot.heard.append(body)
        await client.views_update(
            view_id=body["view"]["id"], hash=body["view"]["hash"], view=modal(PROMPT, MODEL)
        )

    view_id = await open_form(slack)
    await bot.ada.change(view_id, "prompt", "prompt", "a fox")
    assert bot.requests == []
    await bot.ada.change(view_id, "model", "model", "gpt")
    (body,) = bot.heard
    assert body["type"] == "block_actions"
    assert body["container"] == {"type": "view", "view_id": view_id}
    (action,) = body["actions"]
    assert (action["block_id"], action["action_id"]) == ("model", "model")
    assert action["selected_option"]["value"] == "gpt"
    assert body["view"]["state"]["values"]["prompt"]["prompt"]["value"] == "a fox"
    assert values(slack, view_id)["model"]["model"]["selected_option"]["value"] == "gpt"


async def test_a_text_dispatches_on_enter_or_on_each_letter(slack: Slack, bot: Bot) -> None:
    bot.app.action("a")(_ack)
    bot.app.action("b")(_ack)
    letters = {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}
    view_id = await open_form(
        slack,
        modal(
            field("a", {"type": "plain_text_input"}, dispatch_action=True),
            field("b", {"type": "plain_text_input", **letters}, dispatch_action=True),
        ),
    )
    await bot.ada.change(view_id, "a", "a", "x")
    assert len(bot.requests) == 0
    await bot.ada.change(view_id, "a", "a", "x", pressed_enter=True)
    await bot.ada.change(view_id, "b", "b", "x")
    assert len(bot.requests) == 2


async def test_an_external_select_asks_the_bot_and_takes_what_it_offered(
    slack: Slack, bot: Bot
) -> None:
    @bot.app.options("caption")
    async def find(ack, payload) -> None:  # type: ignore[no-untyped-def]
        bot.heard.append(payload["value"])
        await ack(options=[option("one"), option("two")])

    element = {"type": "external_select", "min_query_length": 1}
    view_id = await open_form(slack, modal(field("caption", element)))
    assert await bot.ada.options(view_id, "caption", "caption", "") == []
    offered = await bot.ada.options(view_id, "caption", "caption", "tw")
    assert [o["value"] for o in offered] == ["one", "two"]
    assert bot.heard == ["tw"]
    assert (await bot.ada.change(view_id, "caption", "caption", "two")).ok
    held = values(slack, view_id)["caption"]["caption"]
    assert held["selected_option"] == option("two")
    assert (await bot.ada.change(view_id, "caption", "caption", "six")).error == (
        "option_not_found"
    )


# -- submitting --------------------------------------------------------------------------------


async def test_the_client_refuses_empty_and_overlong_inputs_itself(slack: Slack, bot: Bot) -> None:
    number = {"type": "number_input", "is_decimal_allowed": False, "max_value": "4"}
    view_id = await open_form(
        slack,
        modal(
            PROMPT,
            field("n", number),
            field("o", {"type": "plain_text_input"}, optional=True),
            field("m", {"type": "plain_text_input"}),
        ),
    )
    await bot.ada.change(view_id, "prompt", "prompt", "x" * 11)
    await bot.ada.change(view_id, "n", "n", "5")
    shown = await bot.ada.submit(view_id)
    assert shown.view_errors == {
        "prompt": "Must be at most 10 characters long.",
        "n": "Please enter a number that is at most 4.",
        "m": "Please complete this required field.",
    }
    assert bot.requests == []


async def fill_and_submit(slack: Slack, bot: Bot) -> Any:
    view_id = await open_form(slack, modal(PROMPT, private_metadata="secret"))
    await bot.ada.change(view_id, "prompt", "prompt", "a fox")
    return view_id, await bot.ada.submit(view_id)


async def test_an_empty_answer_closes_the_form(slack: Slack, bot: Bot) -> None:
    @bot.app.view("form")
    async def submit(ack, body, view) -> None:  # type: ignore[no-untyped-def]
        bot.heard.append(body)
        await ack()

    view_id, shown = await fill_and_submit(slack, bot)
    assert shown.ok
    assert view_id not in slack.workspace.views
    (body,) = bot.heard
    assert body["view"]["private_metadata"] == "secret"
    assert body["view"]["state"]["values"]["prompt"]["prompt"]["value"] == "a fox"
    assert "channel" not in body


async def test_errors_show_at_their_field_and_the_form_stays(slack: Slack, bot: Bot) -> None:
    @bot.app.view("form")
    async def submit(ack) -> None:  # type: ignore[no-untyped-def]
        await ack(response_action="errors", errors={"prompt": "Too dark"})

    view_id, shown = await fill_and_submit(slack, bot)
    assert (shown.ok, shown.view_errors) == (False, {"prompt": "Too dark"})
    assert view_id in slack.workspace.views


BAD_ANSWERS: list[dict[str, Any]] = [
    {"response_action": "errors", "errors": {"nowhere": "x"}},
    {"response_action": "errors", "errors": {}},
    {"response_action": "errors"},
    {"response_action": "dance"},
    {"response_action": "update", "view": {"type": "modal"}},
    {"response_action": "push"},
]


@pytest.mark.parametrize("answer", BAD_ANSWERS)
async def test_an_answer_that_slack_cannot_follow_is_trouble(
    slack: Slack, bot: Bot, answer: dict[str, Any]
) -> None:
    @bot.app.view("form")
    async def submit(ack) -> BoltResponse:  # type: ignore[no-untyped-def]
        return BoltResponse(
            status=200,
            body=json.dumps(answer),
            headers={"content-type": "application/json"},
        )

    view_id, shown = await fill_and_submit(slack, bot)
    assert (shown.ok, shown.error) == (False, "dispatch_unknown_error")
    assert view_id in slack.workspace.views


async def test_answers_update_push_and_clear_views(slack: Slack, bot: Bot) -> None:
    answers: list[dict[str, Any]] = [
        {"response_action": "update", "view": modal(PROMPT, MODEL)},
        {"response_action": "push", "view": modal({"type": "divider"})},
        {"response_action": "clear"},
    ]

    @bot.app.view("form")
    async def submit(ack) -> None:  # type: ignore[no-untyped-def]
        await ack(**answers.pop(0))

    view_id, shown = await fill_and_submit(slack, bot)
    assert shown.ok
    assert len(slack.workspace.views[view_id].body["blocks"]) == 2
    assert values(slack, view_id)["prompt"]["prompt"]["value"] == "a fox"
    bot.app.action("model")(_ack)
    await bot.ada.change(view_id, "model", "model", "flux")
    assert (await bot.ada.submit(view_id)).ok
    stack = slack.workspace.view_stacks["U0ADA"]
    assert [v.previous_view_id for v in stack] == [None, view_id]
    assert (await bot.ada.submit(stack[1].id)).ok
    assert slack.workspace.view_stacks == {}


async def test_closing_is_told_where_it_was_asked_for(slack: Slack, bot: Bot) -> None:
    @bot.app.view_closed("form")
    async def closed(ack, body) -> None:  # type: ignore[no-untyped-def]
        bot.heard.append(body["is_cleared"])
        await ack()

    await bot.ada.close(await open_form(slack))
    assert bot.requests == []
    await bot.ada.close(await open_form(slack, modal(PROMPT, notify_on_close=True)))
    view_id = await open_form(slack, modal(PROMPT, notify_on_close=True))
    await bot.ada.close(view_id, is_clearing=True)
    assert bot.heard == [False, True]


async def test_a_chosen_conversation_comes_with_a_response_url(slack: Slack, bot: Bot) -> None:
    @bot.app.view("form")
    async def submit(ack, body) -> None:  # type: ignore[no-untyped-def]
        bot.heard.append(body["response_urls"])
        await ack()

    element = {"type": "conversations_select", "response_url_enabled": True}
    view_id = await open_form(slack, modal(field("where", element)))
    await bot.ada.change(view_id, "where", "where", "C0GENERAL")
    await bot.ada.submit(view_id)
    ((url,),) = bot.heard
    assert url["channel_id"] == "C0GENERAL"
    async with slack.http.post(url["response_url"], json={"text": "there"}) as response:
        assert response.status == 200


# -- Home --------------------------------------------------------------------------------------


async def test_home_is_published_when_it_is_opened(slack: Slack, bot: Bot) -> None:
    @bot.app.event("app_home_opened")
    async def opened(event, client) -> None:  # type: ignore[no-untyped-def]
        bot.heard.append(event.get("view", {}).get("hash"))
        home = {"type": "home", "blocks": [{"type": "actions", "elements": [BUTTON]}]}
        await client.views_publish(user_id=event["user"], view=home)

    @bot.app.action("again")
    async def again(ack, body) -> None:  # type: ignore[no-untyped-def]
        bot.heard.append(body["view"]["type"])
        await ack()

    await bot.ada.open_home()
    await bot.delivery.settle()
    home = slack.workspace.homes["U0ADA"]
    block_id = home.body["blocks"][0]["block_id"]
    assert (await bot.ada.change(home.id, block_id, "again")).ok
    old = home.hash
    await bot.ada.open_home()
    await bot.delivery.settle()
    assert bot.heard == [None, "home", old]
    # What was pressed before the page showed what was published anew arrives, too.
    assert slack.workspace.homes["U0ADA"].body["blocks"][0]["block_id"] != block_id
    assert (await bot.ada.change(home.id, block_id, "again")).ok
    assert not (await bot.ada.change(home.id, block_id, "another")).ok
    assert "U0BEN" not in slack.workspace.homes
    stale = await slack.call(
        "views.publish", user_id="U0ADA", hash=old, view={"type": "home", "blocks": []}
    )
    assert stale["error"] == "hash_conflict"
    wrong = await slack.call("views.publish", user_id="U0ADA", view=FORM)
    assert wrong["error"] == "invalid_arguments"


BUTTON = {"type": "button", "action_id": "again", "text": plain("Again"), "value": "1"}

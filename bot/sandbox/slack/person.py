"""What a person does in the Slack client, and what the client shows them for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.sandbox.slack.api.call import SlackError
from bot.sandbox.slack.api.views import accept_view
from bot.sandbox.slack.blocks import find_element, find_lone_element
from bot.sandbox.slack.composing import compose_command, compose_text, link_names
from bot.sandbox.slack.delivery import Delivery, Reply
from bot.sandbox.slack.modals import close_all, close_view, push_view, update_view
from bot.sandbox.slack.payloads import (
    announce_message,
    make_closing,
    make_command,
    make_message_actions,
    make_message_shortcut,
    make_shortcut,
    make_submission,
    make_suggestion,
    make_view_actions,
    message_changed,
    message_deleted,
)
from bot.sandbox.slack.records import File, Json, Message, ResponseUrl, View
from bot.sandbox.slack.responses import take_response
from bot.sandbox.slack.shapes import forward_message, show_message, show_shared_file, show_view
from bot.sandbox.slack.states import HOLDS, TEXT_INPUTS, check_inputs, list_options, pick_value
from bot.sandbox.slack.workspace import Workspace

BAD_ANSWER = "dispatch_unknown_error"
MOST_OPTIONS = 100


@dataclass
class Shown:
    """What the client shows after an act.

    `error` is Slack's word ("operation_timeout", "dispatch_failed", …), `message` the answer that
    appeared or the message that was sent, `view_errors` block_id -> words at the field.
    """

    ok: bool
    error: str | None = None
    message: Message | None = None
    seconds: float = 0.0
    view_errors: dict[str, str] | None = None


class Person:
    """One person's hands. Every act returns what their client shows, and raises nothing."""

    def __init__(self, workspace: Workspace, delivery: Delivery, user_id: str) -> None:
        self.workspace = workspace
        self.delivery = delivery
        self.user = workspace.users[user_id]

    # -- conversations ---------------------------------------------------------------------

    async def run_command(self, channel_id: str, command: str, text: str = "") -> Shown:
        """Type a slash command; `/invite @imagine` is Slack's own and works too.

        The client gives up after three seconds with `operation_timeout`.
        """
        channel = self.workspace.channels.get(channel_id)
        if channel is None or not self.workspace.may_see(channel, self.user.id):
            return Shown(False, "channel_not_found")
        if command == "/invite":
            return await self._invite_by_name(channel_id, text)
        # The app's commands and shortcuts are those of the workspace that it is installed in.
        if self.workspace.is_outside(self.user):
            return Shown(False, "invalid_command")
        if command not in self.workspace.commands:
            return Shown(False, "invalid_command")
        if channel.is_archived:
            return Shown(False, "is_archived")
        escaped = compose_command(text.strip())
        if self.workspace.is_escaping_commands:
            escaped = link_names(self.workspace, escaped, with_label=True)
        fields = make_command(self.workspace, self.user, channel, command, escaped)
        reply = await self.delivery.send_command(fields)
        return self._show_command_answer(channel_id, reply)

    def _show_command_answer(self, channel_id: str, reply: Reply) -> Shown:
        if reply.error is not None:
            return Shown(False, reply.error, seconds=reply.seconds)
        body = {"text": reply.body} if isinstance(reply.body, str) else reply.body
        if not body:
            return Shown(True, seconds=reply.seconds)
        place = ResponseUrl("", channel_id, self.user.id, self.workspace.clock())
        try:
            message = take_response(self.workspace, place, body)
        except SlackError:
            return Shown(False, "invalid_command_response", seconds=reply.seconds)
        return Shown(True, message=message, seconds=reply.seconds)

    async def _invite_by_name(self, channel_id: str, text: str) -> Shown:
        wanted = text.strip().removeprefix("@").lower()
        for user in self.workspace.users.values():
            if wanted in {user.name.lower(), user.real_name.lower(), user.id.lower()}:
                return await self.invite(channel_id, user.id)
        return Shown(False, "user_not_found")

    async def invite(self, channel_id: str, user_id: str) -> Shown:
        """Invite someone, the bot included, into a channel."""
        channel = self.workspace.channels.get(channel_id)
        if channel is None or self.user.id not in channel.members:
            return Shown(False, "not_in_channel")
        if channel.kind == "im":
            return Shown(False, "method_not_supported_for_channel_type")
        if user_id in channel.members:
            return Shown(False, "already_in_channel")
        channel.members.add(user_id)
        text = f"<@{user_id}> has joined the channel"
        message = self.workspace.post_message(channel_id, user_id, text, subtype="channel_join")
        self.workspace.announce("channel", channel_id)
        event = {
            "type": "member_joined_channel",
            "user": user_id,
            "channel": channel_id,
            "channel_type": "C" if channel.kind == "public" else "G",
            "team": self.workspace.team_id,
            "inviter": self.user.id,
            "event_ts": message.ts,
        }
        self.workspace.send_event(event, "member_joined_channel")
        return Shown(True, message=message)

    async def say(
        self,
        channel_id: str,
        text: str,
        *,
        thread_ts: str | None = None,
        files: Sequence[File] = (),
        attachments: Sequence[Json] = (),
    ) -> Shown:
        """Send a message as typed: `@Imagine` becomes a mention, & < > are escaped.

        The bot hears of it in the background; `delivery.settle()` waits until it has answered.
        """
        workspace = self.workspace
        channel = workspace.channels.get(channel_id)
        if channel is None or not workspace.may_see(channel, self.user.id):
            return Shown(False, "channel_not_found")
        if self.user.id not in channel.members:
            return Shown(False, "not_in_channel")
        if channel.is_archived:
            return Shown(False, "is_archived")
        if not (text.strip() or files or attachments):
            return Shown(False, "no_text")
        parent = workspace.find_message(channel_id, thread_ts)
        if thread_ts is not None and (parent is None or parent.is_reply):
            return Shown(False, "thread_not_found")
        message = workspace.post_message(
            channel_id,
            self.user.id,
            compose_text(workspace, text),
            thread_ts=thread_ts,
            file_ids=[file.id for file in files],
            attachments=attachments,
        )
        announce_message(workspace, message)
        return Shown(True, message=message)

    async def forward(
        self, channel_id: str, message_ts: str, to_channel_id: str, text: str = ""
    ) -> Shown:
        """Forward a message that this person sees, with words or without."""
        message = self.workspace.find_message(channel_id, message_ts)
        if message is None or message.ephemeral_to is not None or message.is_deleted:
            return Shown(False, "message_not_found")
        attachment = forward_message(self.workspace, message)
        return await self.say(to_channel_id, text, attachments=[attachment])

    def _find_own(self, channel_id: str, ts: str, *, or_admin: bool) -> Message | None:
        message = self.workspace.find_message(channel_id, ts)
        if message is None or message.ephemeral_to not in (None, self.user.id):
            return None
        is_allowed = message.user == self.user.id or (or_admin and self.user.is_admin)
        return message if is_allowed or message.ephemeral_to == self.user.id else None

    async def edit(self, channel_id: str, message_ts: str, text: str) -> Shown:
        """Edit an own message."""
        message = self._find_own(channel_id, message_ts, or_admin=False)
        if message is None or message.bot_id is not None:
            return Shown(False, "cant_update_message")
        old = show_message(self.workspace, message)
        self.workspace.edit_message(message, text=compose_text(self.workspace, text))
        message_changed(self.workspace, message, old)
        return Shown(True, message=message)

    async def delete(self, channel_id: str, message_ts: str) -> Shown:
        """Delete an own message (an admin: anyone's), or dismiss an ephemeral one."""
        message = self._find_own(channel_id, message_ts, or_admin=True)
        if message is None:
            return Shown(False, "cant_delete_message")
        old = show_message(self.workspace, message)
        self.workspace.remove_message(message)
        message_deleted(self.workspace, message, old)
        return Shown(True)

    async def react(self, channel_id: str, message_ts: str, name: str) -> Shown:
        """Add an emoji to a message, or take it back."""
        message = self.workspace.find_message(channel_id, message_ts)
        if message is None or message.ephemeral_to is not None:
            return Shown(False, "message_not_found")
        users = message.reactions.setdefault(name, [])
        kind = "reaction_removed" if self.user.id in users else "reaction_added"
        if kind == "reaction_removed":
            users.remove(self.user.id)
        else:
            users.append(self.user.id)
        if not users:
            del message.reactions[name]
        self.workspace.announce("message", channel_id)
        item = {"type": "message", "channel": channel_id, "ts": message_ts}
        event = {"type": kind, "user": self.user.id, "reaction": name, "item": item}
        more = {"item_user": message.user, "event_ts": self.workspace.next_ts()}
        self.workspace.send_event(event | more, kind)
        return Shown(True, message=message)

    async def upload(self, name: str, content: bytes) -> File:
        """A file of this person's, for `say` and for file_input."""
        return self.workspace.add_file(self.user.id, name, content)

    # -- messages' elements and shortcuts --------------------------------------------------

    async def click(
        self,
        channel_id: str,
        message_ts: str,
        block_id: str,
        action_id: str,
        *,
        value: str | None = None,
        selected_option: str | None = None,
    ) -> Shown:
        """Use an element of a message. `selected_option` is an option's value (overflow, selects,
        radio buttons); `value` tells the two feedback buttons apart ("positive", "negative" or
        their own value), or is an id, a date, …
        """
        message = self.workspace.find_message(channel_id, message_ts)
        if message is None or message.ephemeral_to not in (None, self.user.id):
            return Shown(False, "message_not_found")
        found = find_element(message.blocks, block_id, action_id)
        if found is None:
            return Shown(False, "action_not_found")
        state = self.workspace.message_states.setdefault((channel_id, message_ts), {})
        chosen = selected_option if selected_option is not None else value
        try:
            action = self._make_action(found[0], found[1], chosen, state, message_ts)
        except (ValueError, TypeError, AttributeError):
            return Shown(False, "option_not_found")
        payload = make_message_actions(
            self.workspace, self.user, message, action, {"values": state}
        )
        return self._show(await self.delivery.send_interaction(payload))

    def _make_action(
        self, block: Json, element: Json, chosen: Any, values: Json, place: str
    ) -> Json:
        """The entry of `actions` for using an element; inputs also change `values`.

        Raises ValueError when the element has no such choice.
        """
        kind, block_id, action_id = element["type"], block["block_id"], element["action_id"]
        action: Json = {"type": kind, "block_id": block_id, "action_id": action_id}
        if kind in HOLDS:
            offered = self.workspace.offered.get((place, block_id, action_id), [])
            held = pick_value(element, chosen, offered)
            values.setdefault(block_id, {})[action_id] = self._show_files(held)
            action |= values[block_id][action_id]
        elif kind == "overflow":
            action["selected_option"] = _pick_overflow(element, chosen)
        elif kind == "feedback_buttons":
            pressed = _pick_feedback(element, chosen)
            action |= {"text": pressed["text"], "value": pressed["value"]}
        else:
            wanted = ("text", "value", "style", "confirm")
            action |= {name: element[name] for name in wanted if name in element}
        return action | {"action_ts": self.workspace.next_ts()}

    def _show_files(self, held: Json) -> Json:
        if held["type"] != "file_input":
            return held
        files = self.workspace.files
        chosen = [key if isinstance(key, str) else str(key.get("id")) for key in held["files"]]
        missing = [file_id for file_id in chosen if file_id not in files]
        if missing:
            raise ValueError(f"no file {missing[0]}")
        return {**held, "files": [show_shared_file(self.workspace, files[i]) for i in chosen]}

    def _show(self, reply: Reply) -> Shown:
        return Shown(reply.error is None, reply.error, seconds=reply.seconds)

    async def shortcut(self, callback_id: str) -> Shown:
        """Choose a global shortcut."""
        if not self._has_shortcut(callback_id, "global"):
            return Shown(False, "shortcut_not_found")
        payload = make_shortcut(self.workspace, self.user, callback_id)
        return self._show(await self.delivery.send_interaction(payload))

    async def message_shortcut(self, callback_id: str, channel_id: str, message_ts: str) -> Shown:
        """Choose a shortcut from a message's menu; ephemeral messages have none."""
        message = self.workspace.find_message(channel_id, message_ts)
        if message is None or message.ephemeral_to is not None or message.is_deleted:
            return Shown(False, "message_not_found")
        if not self._has_shortcut(callback_id, "message"):
            return Shown(False, "shortcut_not_found")
        payload = make_message_shortcut(self.workspace, self.user, callback_id, message)
        return self._show(await self.delivery.send_interaction(payload))

    def _has_shortcut(self, callback_id: str, kind: str) -> bool:
        known = self.workspace.shortcuts
        if self.workspace.is_outside(self.user):
            return False
        return not known or known.get(callback_id) == kind

    # -- views -----------------------------------------------------------------------------

    def _find_view(self, view_id: str) -> View | None:
        view = self.workspace.views.get(view_id)
        return view if view is not None and view.user == self.user.id else None

    async def change(
        self,
        view_id: str,
        block_id: str,
        action_id: str,
        value: Any = None,
        *,
        pressed_enter: bool = False,
    ) -> Shown:
        """Fill an input of an open view or press a button in it (Home as well).

        `value`: text for text, number and date inputs; an option's value (or a list of them) for
        selects, radio buttons and checkboxes; an id (or a list) for users, conversations, channels;
        a list of file ids for file_input; None empties. Sends block_actions where Slack does: for
        texts in a dispatching input only on enter or, where it is configured so, on each letter.
        """
        view = self._find_view(view_id)
        if view is None:
            return Shown(False, "view_not_found")
        blocks = view.body["blocks"]
        # Published again since the person saw it, a block without an id of its own has another.
        found = find_element(blocks, block_id, action_id) or find_lone_element(blocks, action_id)
        if found is None:
            return Shown(False, "action_not_found")
        block, element = found
        try:
            action = self._make_action(block, element, value, view.state["values"], view_id)
        except (ValueError, TypeError, AttributeError):
            return Shown(False, "option_not_found")
        self.workspace.announce("home" if view.type == "home" else "view", None, view.user)
        if not _is_dispatching(block, element, pressed_enter):
            return Shown(True)
        payload = make_view_actions(self.workspace, self.user, view, action)
        return self._show(await self.delivery.send_interaction(payload))

    async def options(
        self, view_id: str, block_id: str, action_id: str, query: str = ""
    ) -> list[Json]:
        """What an external_select offers for these letters: options, taken out of their groups.

        Empty where the client shows nothing: too few letters, no or a bad answer.
        """
        view = self._find_view(view_id)
        found = find_element(view.body["blocks"], block_id, action_id) if view else None
        if view is None or found is None or len(query) < found[1].get("min_query_length", 3):
            return []
        payload = make_suggestion(self.workspace, self.user, view, block_id, action_id, query)
        reply = await self.delivery.send_interaction(payload)
        if reply.error is not None or not isinstance(reply.body, dict):
            return []
        offered = _read_options(reply.body)
        self.workspace.offered[view_id, block_id, action_id] = offered
        return offered

    async def submit(self, view_id: str) -> Shown:
        """Press the modal's submit button; what the client refuses itself is not sent."""
        view = self._find_view(view_id)
        if view is None or view.type != "modal":
            return Shown(False, "view_not_found")
        errors = check_inputs(view.body["blocks"], view.state)
        if errors:
            return Shown(False, "invalid_inputs", view_errors=errors)
        payload = make_submission(self.workspace, self.user, view)
        reply = await self.delivery.send_interaction(payload)
        if reply.error is not None:
            return self._show(reply)
        return self._follow_answer(view, reply)

    def _follow_answer(self, view: View, reply: Reply) -> Shown:
        body = reply.body if isinstance(reply.body, dict) else {}
        action = body.get("response_action")
        shown = Shown(True, seconds=reply.seconds)
        if action == "errors":
            return _show_view_errors(view, body.get("errors"), reply.seconds)
        if self._find_view(view.id) is None:
            return shown  # closed or replaced meanwhile
        if action is None:
            close_view(self.workspace, view)
        elif action == "clear":
            close_all(self.workspace, self.user.id)
        elif action in {"update", "push"}:
            return self._replace_view(view, action, body.get("view"), shown)
        else:
            return Shown(False, BAD_ANSWER, seconds=reply.seconds)
        return shown

    def _replace_view(self, view: View, action: str, body: object, shown: Shown) -> Shown:
        try:
            accepted = accept_view(self.workspace, body)
        except SlackError:
            return Shown(False, BAD_ANSWER, seconds=shown.seconds)
        if action == "update":
            update_view(self.workspace, view, accepted)
        elif push_view(self.workspace, self.user.id, accepted) is None:
            return Shown(False, "push_limit_reached", seconds=shown.seconds)
        return shown

    async def close(self, view_id: str, *, is_clearing: bool = False) -> None:
        """Close a modal (Cancel, or with `is_clearing` the X that closes the whole stack)."""
        view = self._find_view(view_id)
        if view is None or view.type != "modal":
            return
        if is_clearing or view.body.get("clear_on_close"):
            closed = close_all(self.workspace, self.user.id)
            is_clearing = True
        else:
            close_view(self.workspace, view)
            closed = [view]
        for gone in closed:
            if gone.body.get("notify_on_close"):
                payload = make_closing(self.workspace, self.user, gone, is_cleared=is_clearing)
                await self.delivery.send_interaction(payload)

    async def open_home(self, tab: Literal["home", "messages"] = "home") -> Shown:
        """Open a tab of the app; the bot hears of it in the background. The Messages tab is
        the direct message with it."""
        workspace = self.workspace
        event: Json = {
            "type": "app_home_opened",
            "user": self.user.id,
            "channel": workspace.open_dm(self.user.id).id,
            "tab": tab,
            "event_ts": workspace.next_ts(),
        }
        home = workspace.homes.get(self.user.id)
        if tab == "home" and home is not None:
            event["view"] = show_view(workspace, home)
        workspace.send_event(event, "app_home_opened")
        return Shown(True)


def _pick_overflow(element: Json, chosen: Any) -> Json:
    for option in element["options"]:
        if option.get("value") == chosen:
            found: Json = option
            return found
    raise ValueError(f"there is no option {chosen!r}")


def _pick_feedback(element: Json, chosen: Any) -> Json:
    for name in ("positive", "negative"):
        button: Json = element[f"{name}_button"]
        if chosen in (name, button["value"]):
            return button
    raise ValueError(f"there is no button {chosen!r}")


def _is_dispatching(block: Json, element: Json, pressed_enter: bool) -> bool:
    if block["type"] != "input":
        return True
    if not block.get("dispatch_action"):
        return False
    if element["type"] not in TEXT_INPUTS:
        return True
    config = element.get("dispatch_action_config") or {}
    moments = config.get("trigger_actions_on") or ["on_enter_pressed"]
    return ("on_enter_pressed" if pressed_enter else "on_character_entered") in moments


def _read_options(body: Json) -> list[Json]:
    try:
        return list_options(body)[:MOST_OPTIONS]
    except (AttributeError, KeyError, TypeError):
        return []


def _show_view_errors(view: View, errors: object, seconds: float) -> Shown:
    """Errors must be keyed by input blocks of this view, or the client only shows trouble."""
    inputs = {b["block_id"] for b in view.body["blocks"] if b["type"] == "input"}
    is_good = (
        isinstance(errors, dict)
        and bool(errors)
        and set(errors) <= inputs
        and all(isinstance(words, str) and words for words in errors.values())
    )
    if not isinstance(errors, dict) or not is_good:
        return Shown(False, BAD_ANSWER, seconds=seconds)
    return Shown(False, "invalid_inputs", seconds=seconds, view_errors=errors)

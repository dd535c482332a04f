"""What a person does on the page: one function for each form that is posted to ``/do/…``.

Each answers with JSON: ``{"ok": bool, "words": what to say in passing, …}``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.datastructures import FormData, UploadFile

from bot.sandbox.page.features import Features
from bot.sandbox.page.notices import Notices, words_for_failure
from bot.sandbox.page.skies import Skies, order_fault
from bot.sandbox.slack.person import Person, Shown

Answer = dict[str, Any]
MOST_FILE_BYTES = 50 * 1024 * 1024
_TROUBLE = "We had some trouble connecting. Try again?"
_FAILURES = {
    "operation_timeout": "Imagine did not answer within three seconds (operation_timeout).",
    "dispatch_failed": "Imagine could not be reached (dispatch_failed). Is the bot running?",
}


class BotProcess(Protocol):
    """The bot's process, as the one who started the sandbox holds it."""

    @property
    def is_running(self) -> bool: ...
    @property
    def is_starting(self) -> bool:
        """Running, and not ready to hear anything yet."""

    async def until_ready(self) -> None:
        """Wait for the end of a start; RuntimeError or TimeoutError where it does not come up."""

    async def kill(self) -> None:
        """SIGKILL, without a word of warning."""

    async def start(self) -> None:
        """Start it again; RuntimeError or TimeoutError where it does not come up."""


@dataclass(frozen=True)
class Desk:
    """What a deed needs: the person, their form, and the world."""

    person: Person
    form: FormData
    notices: Notices
    skies: Skies
    features: Features
    bot: BotProcess | None

    def text(self, name: str) -> str:
        """A field of the form; "" when it is missing."""
        value = self.form.get(name)
        if not isinstance(value, str):
            return ""
        # A page that is open in a channel whose id has changed since is still in it.
        return self.skies.workspace.former_channels.get(value, value)

    def texts(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]


Deed = Callable[[Desk], Awaitable[Answer]]


async def say(desk: Desk) -> Answer:
    """Send what stands in a composer: a message, a reply or a slash command."""
    text, thread = desk.text("text").strip(), desk.text("thread") or None
    file_ids = desk.texts("file")
    if text.startswith("/"):
        return await _run_command(desk, text, thread)
    if not text and not file_ids:
        return {"ok": False}
    files = [
        file
        for file_id in file_ids
        if (file := desk.person.workspace.files.get(file_id)) is not None
    ]
    shown = await desk.person.say(desk.text("channel"), text, thread_ts=thread, files=files)
    return _passing(shown)


async def _run_command(desk: Desk, text: str, thread: str | None) -> Answer:
    command, _, rest = text.partition(" ")
    channel = desk.text("channel")

    def tell(words: str, *, is_kept: bool) -> Answer:
        desk.notices.tell(desk.person.user.id, channel, thread, words)
        return {"ok": False, "keep": is_kept}

    if "\n" in command:
        command, _, first = command.partition("\n")
        rest = f"{first} {rest}"
    known = {item.name for item in desk.features.commands} | {"/invite"}
    if command not in known:
        return tell(
            f"{command} is not a valid command. In Slack, all messages that start with the “/” "
            "character are interpreted as commands.",
            is_kept=True,
        )
    if thread is not None:
        return tell(f"{command} is not supported in threads. Sorry!", is_kept=True)
    shown = await desk.person.run_command(channel, command, rest.strip())
    if shown.ok:
        return {"ok": True}
    return tell(words_for_failure(command, shown.error), is_kept=False)


async def click(desk: Desk) -> Answer:
    """Use an element of a message, of a modal or of Home."""
    kind, block, action = desk.text("kind"), desk.text("block"), desk.text("action")
    option = desk.text("option") or None
    value = desk.text("value") or None
    if desk.text("view"):
        shown = await desk.person.change(desk.text("view"), block, action, option or value)
    elif kind in _OPTION_KINDS:
        shown = await desk.person.click(
            desk.text("channel"), desk.text("ts"), block, action, selected_option=option or value
        )
    else:
        shown = await desk.person.click(
            desk.text("channel"), desk.text("ts"), block, action, value=value
        )
    return _passing(shown)


async def change(desk: Desk) -> Answer:
    """Fill in a field of a modal or of Home, or of a message."""
    kind = desk.text("kind")
    values: list[str] = desk.texts("value")
    value: Any = values if kind in _LIST_KINDS else (values[0] if values else None) or None
    if not desk.text("view"):
        # Person.click takes what stands in a message's select, radio buttons or checkboxes.
        shown = await desk.person.click(
            desk.text("channel"),
            desk.text("ts"),
            desk.text("block"),
            desk.text("action"),
            selected_option=value,
        )
        return _passing(shown)
    shown = await desk.person.change(
        desk.text("view"),
        desk.text("block"),
        desk.text("action"),
        value,
        pressed_enter=desk.text("enter") == "1",
    )
    return _passing(shown)


async def submit(desk: Desk) -> Answer:
    """Press the modal's button; what is refused goes to the fields."""
    view_id = desk.text("view")
    desk.notices.view_errors.pop(view_id, None)
    shown = await desk.person.submit(view_id)
    if shown.view_errors:
        desk.notices.view_errors[view_id] = _place_errors(desk, view_id, shown.view_errors)
    elif not shown.ok:
        desk.notices.view_errors[view_id] = {"": f"{_TROUBLE} ({shown.error or 'unknown'})"}
    return {"ok": shown.ok and not shown.view_errors}


def _place_errors(desk: Desk, view_id: str, errors: dict[str, str]) -> dict[str, str]:
    """Errors of blocks that are not there are shown above the fields rather than not at all."""
    view = desk.person.workspace.views.get(view_id)
    blocks = {block.get("block_id") for block in view.body.get("blocks", [])} if view else set()
    placed = {block: words for block, words in errors.items() if block in blocks}
    lost = [f"{words} (block {block!r})" for block, words in errors.items() if block not in blocks]
    return {**placed, "": " ".join(lost)} if lost else placed


async def close(desk: Desk) -> Answer:
    """Close a modal, or with `clear` all that lie on top of each other."""
    await desk.person.close(desk.text("view"), is_clearing=desk.text("clear") == "1")
    desk.notices.view_errors.pop(desk.text("view"), None)
    return {"ok": True}


async def upload(desk: Desk) -> Answer:
    """Upload a file, for a message or a file_input."""
    file = desk.form.get("upload")
    if not isinstance(file, UploadFile):
        return {"ok": False, "words": "No file arrived."}
    most = 10 * 1024 * 1024 if desk.text("for") == "view" else MOST_FILE_BYTES
    if file.size is None or file.size > most:
        words = f"{file.filename} is larger than {most // 1024 // 1024} MB."
        return {"ok": False, "words": words}
    stored = await desk.person.upload(file.filename or "file", await file.read())
    is_picture = stored.mimetype in ("image/png", "image/jpeg", "image/gif")
    url = f"/file/{stored.id}" if is_picture else None
    return {"ok": True, "id": stored.id, "name": stored.name, "url": url}


async def run_shortcut(desk: Desk) -> Answer:
    """Choose a global shortcut."""
    return _passing(await desk.person.shortcut(desk.text("callback")))


async def run_message_shortcut(desk: Desk) -> Answer:
    """Choose a shortcut from a message's menu."""
    return _passing(
        await desk.person.message_shortcut(
            desk.text("callback"), desk.text("channel"), desk.text("ts")
        )
    )


async def forward(desk: Desk) -> Answer:
    """Forward a message into the conversation that it is in."""
    channel = desk.text("channel")
    return _passing(await desk.person.forward(channel, desk.text("ts"), channel))


async def open_home(desk: Desk) -> Answer:
    """Look at the app's Home tab, which asks the bot to draw it."""
    return _passing(await desk.person.open_home())


async def open_messages(desk: Desk) -> Answer:
    """Look at the app's Messages tab."""
    return _passing(await desk.person.open_messages_tab())


async def edit(desk: Desk) -> Answer:
    """Change an own message."""
    return _passing(
        await desk.person.edit(desk.text("channel"), desk.text("ts"), desk.text("text"))
    )


async def delete(desk: Desk) -> Answer:
    """Delete an own message; an admin may delete anyone's."""
    return _passing(await desk.person.delete(desk.text("channel"), desk.text("ts")))


async def invite(desk: Desk) -> Answer:
    """Invite the bot into the channel."""
    bot = desk.person.workspace.bot.id
    return _passing(await desk.person.invite(desk.text("channel"), bot))


async def share_channel(desk: Desk) -> Answer:
    """Share a private channel with another company: it gets another id, as in Slack."""
    workspace, channel_id = desk.person.workspace, desk.text("channel")
    channel = workspace.channels.get(channel_id)
    is_in = channel is not None and desk.person.user.id in channel.members
    if channel is None or channel.kind != "private" or channel.shared_with or not is_in:
        return {"ok": False, "words": "Only private channels of one's own can be shared."}
    new_id = workspace.change_channel_id(channel_id)
    return {"ok": True, "words": f"#{channel.name} is shared; its id is {new_id} now."}


async def dismiss(desk: Desk) -> Answer:
    """Take away something that only this person sees: Slackbot's line or an ephemeral message."""
    channel, ts = desk.text("channel"), desk.text("ts")
    if desk.notices.dismiss(desk.person.user.id, channel, ts):
        return {"ok": True}
    message = desk.person.workspace.find_message(channel, ts)
    if message is None or message.ephemeral_to != desk.person.user.id:
        return {"ok": False, "words": "That message is not yours to dismiss."}
    return _passing(await desk.person.delete(channel, ts))


async def order_weather(desk: Desk) -> Answer:
    """Order a fault."""
    return {"ok": order_fault(desk.skies, desk.text("fault"))}


async def set_balance(desk: Desk) -> Answer:
    """Set the account's credits."""
    text = desk.text("balance")
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        return {"ok": False, "words": "The balance is a whole number of credits."}
    desk.skies.powerpost.balance = int(text)
    return {"ok": True, "words": f"The balance is {int(text)} credits now."}


async def kill_bot(desk: Desk) -> Answer:
    """Kill the bot's process."""
    if desk.bot is None:
        return {"ok": False, "words": "This sandbox did not start the bot."}
    await desk.bot.kill()
    return {"ok": True, "words": "The bot was killed."}


async def start_bot(desk: Desk) -> Answer:
    """Start the bot's process."""
    if desk.bot is None:
        return {"ok": False, "words": "This sandbox did not start the bot."}
    try:
        await desk.bot.start()
    except (RuntimeError, TimeoutError) as error:
        return {"ok": False, "words": f"The bot did not start. {error}".strip()}
    return {"ok": True, "words": "The bot is running again."}


def _passing(shown: Shown) -> Answer:
    if shown.ok:
        return {"ok": True}
    error = shown.error or "unknown_error"
    return {"ok": False, "words": _FAILURES.get(error, f"Slack refused this: {error}")}


_OPTION_KINDS = frozenset({"overflow", "static_select", "external_select", "radio_buttons"})
_LIST_KINDS = frozenset(
    {
        "checkboxes",
        "file_input",
        "multi_static_select",
        "multi_external_select",
        "multi_users_select",
        "multi_conversations_select",
        "multi_channels_select",
    }
)

DEEDS: dict[str, Deed] = {
    "say": say,
    "click": click,
    "change": change,
    "submit": submit,
    "close": close,
    "upload": upload,
    "shortcut": run_shortcut,
    "message_shortcut": run_message_shortcut,
    "forward": forward,
    "open_home": open_home,
    "open_messages": open_messages,
    "edit": edit,
    "delete": delete,
    "invite": invite,
    "share_channel": share_channel,
    "dismiss": dismiss,
    "weather": order_weather,
    "balance": set_balance,
    "kill": kill_bot,
    "start": start_bot,
}

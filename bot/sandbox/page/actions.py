"""What a person does on the page: one function for each form that is posted to ``/do/…``.

Each answers with JSON: ``{"ok": bool, "words": what to say in passing, …}``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.datastructures import FormData, UploadFile

from bot.sandbox.page.fault_panel import StandIns, inject_fault
from bot.sandbox.page.features import Features
from bot.sandbox.page.notices import Notices, words_for_failure
from bot.sandbox.slack.file_types import SHOWN_BY_SLACK
from bot.sandbox.slack.person import Person, Shown

Answer = dict[str, Any]
MOST_FILE_BYTES = 50 * 1024 * 1024
MOST_VIEW_FILE_BYTES = 10 * 1024 * 1024
_TROUBLE = "We had some trouble connecting. Try again?"
_FAILURES = {
    "operation_timeout": "Imagine didn't answer within three seconds (operation_timeout).",
    "dispatch_failed": "Imagine can't be reached (dispatch_failed). Is the bot running?",
}


class BotProcess(Protocol):
    """The bot's process, as whoever started the sandbox has it."""

    @property
    def is_running(self) -> bool: ...
    @property
    def is_starting(self) -> bool:
        """Running, and not ready to hear anything yet."""

    async def until_ready(self) -> None:
        """Wait for the end of a start; RuntimeError or TimeoutError if it does not come up."""

    async def kill(self) -> None:
        """SIGKILL, without a word of warning."""

    async def start(self) -> None:
        """Start it again; RuntimeError or TimeoutError if it does not come up."""


@dataclass(frozen=True)
class ActionContext:
    """What an action needs: the person, their form and the stand-ins."""

    person: Person
    form: FormData
    notices: Notices
    stand_ins: StandIns
    features: Features
    bot: BotProcess | None

    def text(self, name: str) -> str:
        """A field of the form; "" when it is missing."""
        value = self.form.get(name)
        if not isinstance(value, str):
            return ""
        # A page that is open in a channel whose id has changed since is still in it.
        return self.stand_ins.workspace.former_channels.get(value, value)

    @property
    def channel(self) -> str:
        """The channel that the page shows, or ""."""
        return self.text("channel")

    @property
    def ts(self) -> str:
        """The message that the action is about, or ""."""
        return self.text("ts")

    def texts(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]


Action = Callable[[ActionContext], Awaitable[Answer]]
Act = Callable[[ActionContext], Awaitable[Shown]]


async def say(context: ActionContext) -> Answer:
    """Send what is in a composer: a message, a reply or a slash command."""
    text, thread = context.text("text").strip(), context.text("thread") or None
    if text.startswith("/"):
        return await _run_command(context, text, thread)
    known = context.person.workspace.files
    files = [known[file_id] for file_id in context.texts("file") if file_id in known]
    if not text and not context.texts("file"):
        return {"ok": False}
    shown = await context.person.say(context.channel, text, thread_ts=thread, files=files)
    return _answer(shown)


async def _run_command(context: ActionContext, text: str, thread: str | None) -> Answer:
    command, _, rest = text.partition(" ")

    def tell(words: str, *, is_kept: bool) -> Answer:
        context.notices.tell(context.person.user.id, context.channel, thread, words)
        return {"ok": False, "keep": is_kept}

    if "\n" in command:
        command, _, first = command.partition("\n")
        rest = f"{first} {rest}"
    known = {item.name for item in context.features.commands} | {"/invite"}
    if command not in known:
        return tell(
            f"{command} is not a valid command. In Slack, all messages that start with the “/” "
            "character are interpreted as commands.",
            is_kept=True,
        )
    if thread is not None:
        return tell(f"{command} is not supported in threads. Sorry!", is_kept=True)
    shown = await context.person.run_command(context.channel, command, rest.strip())
    if shown.ok:
        return {"ok": True}
    return tell(words_for_failure(command, shown.error), is_kept=False)


async def click(context: ActionContext) -> Answer:
    """Use an element of a message, of a modal or of Home."""
    option, value = context.text("option") or None, context.text("value") or None
    if context.text("view"):
        return await _change_view(context, option or value)
    if context.text("kind") in _OPTION_KINDS:
        return await _click_message(context, selected_option=option or value)
    return await _click_message(context, value=value)


async def change(context: ActionContext) -> Answer:
    """Fill in a field of a modal or of Home, or of a message."""
    values = context.texts("value")
    is_list = context.text("kind") in _LIST_KINDS
    value: Any = values if is_list else (values[0] if values else None) or None
    if context.text("view"):
        return await _change_view(context, value)
    # Person.click takes what is chosen in a message's select, radio buttons or checkboxes.
    return await _click_message(context, selected_option=value)


async def _change_view(context: ActionContext, value: Any) -> Answer:
    shown = await context.person.change(
        context.text("view"),
        context.text("block"),
        context.text("action"),
        value,
        pressed_enter=context.text("enter") == "1",
    )
    return _answer(shown)


async def _click_message(context: ActionContext, **chosen: Any) -> Answer:
    block, action = context.text("block"), context.text("action")
    shown = await context.person.click(context.channel, context.ts, block, action, **chosen)
    return _answer(shown)


async def submit(context: ActionContext) -> Answer:
    """Press the modal's button; what is refused goes to the fields."""
    view_id, view_errors = context.text("view"), context.notices.view_errors
    view_errors.pop(view_id, None)
    shown = await context.person.submit(view_id)
    if shown.view_errors:
        view_errors[view_id] = _place_errors(context, view_id, shown.view_errors)
    elif not shown.ok:
        view_errors[view_id] = {"": f"{_TROUBLE} ({shown.error or 'unknown'})"}
    return {"ok": shown.ok and not shown.view_errors}


def _place_errors(context: ActionContext, view_id: str, errors: dict[str, str]) -> dict[str, str]:
    """Errors of blocks that are not there are shown above the fields rather than not at all."""
    view = context.person.workspace.views.get(view_id)
    blocks = {block.get("block_id") for block in view.body.get("blocks", [])} if view else set()
    placed = {block: words for block, words in errors.items() if block in blocks}
    lost = [f"{words} (block {block!r})" for block, words in errors.items() if block not in blocks]
    return {**placed, "": " ".join(lost)} if lost else placed


async def close(context: ActionContext) -> Answer:
    """Close a modal, or with `clear` the whole stack of them."""
    await context.person.close(context.text("view"), is_clearing=context.text("clear") == "1")
    context.notices.view_errors.pop(context.text("view"), None)
    return {"ok": True}


async def upload(context: ActionContext) -> Answer:
    """Upload a file, for a message or a file_input."""
    file = context.form.get("upload")
    if not isinstance(file, UploadFile):
        return {"ok": False, "words": "No file arrived."}
    most = MOST_VIEW_FILE_BYTES if context.text("for") == "view" else MOST_FILE_BYTES
    if file.size is None or file.size > most:
        words = f"{file.filename} is larger than {most // 1024 // 1024} MB."
        return {"ok": False, "words": words}
    stored = await context.person.upload(file.filename or "file", await file.read())
    url = f"/file/{stored.id}" if stored.mimetype in SHOWN_BY_SLACK else None
    return {"ok": True, "id": stored.id, "name": stored.name, "url": url}


async def share_channel(context: ActionContext) -> Answer:
    """Share a private channel with another company: it gets another id, as in Slack."""
    workspace = context.person.workspace
    channel = workspace.channels.get(context.channel)
    is_in = channel is not None and context.person.user.id in channel.members
    if channel is None or channel.kind != "private" or channel.shared_with or not is_in:
        return {"ok": False, "words": "You can only share private channels that you are in."}
    new_id = workspace.change_channel_id(channel.id)
    return {"ok": True, "words": f"#{channel.name} is shared. Its new id is {new_id}."}


async def dismiss(context: ActionContext) -> Answer:
    """Remove what only this person sees: Slackbot's line or an ephemeral message."""
    channel, ts, user_id = context.channel, context.ts, context.person.user.id
    if context.notices.dismiss(user_id, channel, ts):
        return {"ok": True}
    message = context.person.workspace.find_message(channel, ts)
    if message is None or message.ephemeral_to != user_id:
        return {"ok": False, "words": "You can't dismiss that message."}
    return _answer(await context.person.delete(channel, ts))


async def inject(context: ActionContext) -> Answer:
    """Order a fault."""
    return {"ok": inject_fault(context.stand_ins, context.text("fault"))}


async def set_balance(context: ActionContext) -> Answer:
    """Set the account's credits."""
    text = context.text("balance")
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        return {"ok": False, "words": "Enter a whole number of credits."}
    context.stand_ins.powerpost.balance = int(text)
    return {"ok": True, "words": f"The balance is now {int(text)} credits."}


async def kill_bot(context: ActionContext) -> Answer:
    """Kill the bot's process."""
    if context.bot is None:
        return _NO_BOT
    await context.bot.kill()
    return {"ok": True, "words": "The bot was killed."}


async def start_bot(context: ActionContext) -> Answer:
    """Start the bot's process."""
    if context.bot is None:
        return _NO_BOT
    try:
        await context.bot.start()
    except (RuntimeError, TimeoutError) as error:
        return {"ok": False, "words": f"The bot did not start. {error}".strip()}
    return {"ok": True, "words": "The bot is running again."}


def _answer(shown: Shown) -> Answer:
    if shown.ok:
        return {"ok": True}
    error = shown.error or "unknown_error"
    return {"ok": False, "words": _FAILURES.get(error, f"Slack refused this: {error}")}


def _telling(act: Act) -> Action:
    async def action(context: ActionContext) -> Answer:
        return _answer(await act(context))

    return action


_NO_BOT: Answer = {"ok": False, "words": "This sandbox did not start the bot."}
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

ACTIONS: dict[str, Action] = {
    "say": say,
    "click": click,
    "change": change,
    "submit": submit,
    "close": close,
    "upload": upload,
    "share_channel": share_channel,
    "dismiss": dismiss,
    "fault": inject,
    "balance": set_balance,
    "kill": kill_bot,
    "start": start_bot,
    # What a person does in one step.
    "shortcut": _telling(lambda it: it.person.shortcut(it.text("callback"))),
    "message_shortcut": _telling(
        lambda it: it.person.message_shortcut(it.text("callback"), it.channel, it.ts)
    ),
    "forward": _telling(lambda it: it.person.forward(it.channel, it.ts, it.channel)),
    "open_home": _telling(lambda it: it.person.open_home()),
    "open_messages": _telling(lambda it: it.person.open_home("messages")),
    "edit": _telling(lambda it: it.person.edit(it.channel, it.ts, it.text("text"))),
    "delete": _telling(lambda it: it.person.delete(it.channel, it.ts)),
    "invite": _telling(lambda it: it.person.invite(it.channel, it.person.workspace.bot.id)),
}

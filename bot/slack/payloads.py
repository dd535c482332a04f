"""What Slack sends us, as far as we use it. Untrusted: unknown fields are ignored.

Source: the payload samples of slackapi/java-slack-sdk, and slack-facts.md.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

# Characters that no database takes as text: NUL, and halves of characters.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def clean_text(value: Any) -> Any:
    """What people wrote, without what cannot be stored; anything but text as it is."""
    return _UNSTORABLE.sub("", value) if isinstance(value, str) else value


# A file of which Slack says nothing where it was chosen (Slack Connect).
UNNAMED: Final = "Picture"

# What people write, or what may stand in for it.
Written = Annotated[str, BeforeValidator(clean_text)]


class Payload(BaseModel):
    """The root of Slack's payloads."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def leave_out_nulls(cls, data: Any) -> Any:
        """Slack says null for what is not there, in some payloads."""
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}


class SlashCommand(Payload):
    """A slash command. `text` is escaped by Slack; `trigger_id` names this one use of it."""

    team_id: str
    channel_id: str
    user_id: str
    command: str
    trigger_id: str
    channel_name: str = ""
    text: Written = ""
    response_url: str | None = None


class Team(Payload):
    """A workspace; `enterprise_id` where it is one of an organisation's."""

    id: str
    enterprise_id: str | None = None


class User(Payload):
    """Who did it; some payloads name their team here only."""

    id: str
    team_id: str | None = None


class Channel(Payload):
    """Where it was done."""

    id: str


# Slack takes no more: https://docs.slack.dev/reference/views ("private_metadata").
METADATA_MAX: Final = 3000


def _drop_overlong(value: Any) -> Any:
    """What is longer than Slack takes was not put there by us."""
    return "" if isinstance(value, str) and len(value) > METADATA_MAX else value


class SentView(Payload):
    """A modal as it was when something was done in it. `state` is read by forms/values.py."""

    id: str
    hash: str = ""
    callback_id: str = ""
    private_metadata: Annotated[str, BeforeValidator(_drop_overlong)] = ""
    state: dict[str, Any] = Field(default_factory=dict)


class Option(Payload):
    """What was chosen in a menu or select."""

    value: str = ""


class Action(Payload):
    """One button pressed or field changed. `action_ts` orders them."""

    action_id: str
    block_id: str = ""
    action_ts: str = ""
    value: str | None = None
    selected_option: Option | None = None

    @property
    def chosen(self) -> str:
        """The value of the option that was chosen, in a menu or select."""
        return self.selected_option.value if self.selected_option else ""


class Interaction(Payload):
    """What all interactions have. `team` is absent where an app is installed for a whole org."""

    user: User
    team: Team | None = None
    trigger_id: str = ""

    @property
    def team_id(self) -> str:
        """The workspace."""
        return self.team.id if self.team else self.user.team_id or ""

    @property
    def is_from_outside(self) -> bool:
        """Whether another workspace's person did it, in a channel that both share. In an
        organisation a member may be of another of its workspaces: there nobody is taken for one.

        slack-facts.md, "Whose workspace": they can press the buttons that they see.
        """
        if self.team is None or self.team.enterprise_id or self.user.team_id is None:
            return False
        return self.user.team_id != self.team.id


class Shortcut(Interaction):
    """A global shortcut."""


class MessageFile(Payload):
    """A file of a message."""

    id: str
    name: Written | None = None
    title: Written | None = None
    mimetype: str = ""
    file_access: str = ""

    @property
    def is_hidden(self) -> bool:
        """Whether Slack does not say here what it is (Slack Connect): `files.info` does.

        https://docs.slack.dev/apis/slack-connect (`check_file_info`)
        """
        return self.file_access == "check_file_info"


class SentMessage(Payload):
    """A message that something was done to. `text` is escaped by Slack."""

    ts: str
    thread_ts: str | None = None
    text: Written = ""
    files: tuple[MessageFile, ...] = ()
    blocks: tuple[dict[str, Any], ...] = ()


class MessageShortcut(Interaction):
    """A shortcut in the menu of a message."""

    channel: Channel
    message: SentMessage


class ViewAction(Interaction):
    """Something done in a modal, short of sending it."""

    view: SentView
    actions: tuple[Action, ...] = Field(min_length=1)


class ViewSent(Interaction):
    """A modal was sent (`view_submission`) or closed (`view_closed`)."""

    view: SentView


class Suggestion(Interaction):
    """What was typed into an external select (`block_suggestion`)."""

    value: Written = ""


class MessageAction(Interaction):
    """A button pressed under a message."""

    channel: Channel
    message: SentMessage | None = None
    actions: tuple[Action, ...] = Field(min_length=1)
    response_url: str | None = None


class ButtonAction(Interaction):
    """A button pressed anywhere, the Home tab included: there is no channel there."""

    actions: tuple[Action, ...] = Field(min_length=1)


class Event(Payload):
    """A message or a mention. `text` is escaped by Slack; `subtype`, `hidden`, `edited` and
    `bot_id` tell what is no person's new message."""

    type: str
    user: str | None = None
    text: Written = ""
    ts: str | None = None
    thread_ts: str | None = None
    channel: str | None = None
    channel_type: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    hidden: bool = False
    edited: dict[str, Any] | None = None
    files: tuple[MessageFile, ...] = ()


class EventEnvelope(Payload):
    """An event with what Slack says of it."""

    team_id: str
    event: Event


class HomeEvent(Payload):
    """The bot's Home or Messages tab was opened (`app_home_opened`). `view` is what the Home tab
    showed, absent before anything was published."""

    user: str
    tab: str = "home"
    view: SentView | None = None


class HomeOpened(Payload):
    """The same with what Slack says of it."""

    team_id: str
    event: HomeEvent

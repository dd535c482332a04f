"""What Slack sends us, as far as we use it. Untrusted: unknown fields are ignored.

Source: the payload samples of slackapi/java-slack-sdk, and slack-facts.md.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

# Characters that no database takes as text: NUL, and halves of characters.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def clean_text(value: Any) -> Any:
    """What people wrote, without what cannot be stored; anything but text as it is."""
    return _UNSTORABLE.sub("", value) if isinstance(value, str) else value


# A file of which Slack says nothing where it was chosen (Slack Connect).
UNNAMED: Final = "Picture"

# Conversations, as Slack names them.
ChannelId = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,30}$")]

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
    enterprise_id: str | None = None

    @property
    def origin(self) -> Origin:
        """Whose command it is."""
        return Origin(self.team_id, enterprise_id=self.enterprise_id)


class Team(Payload):
    """A workspace; `enterprise_id` where it is one of an organisation's."""

    id: str
    enterprise_id: str | None = None


class Enterprise(Payload):
    """An organisation of workspaces."""

    id: str


class User(Payload):
    """Who did it, and whose person they are; some payloads name a team here only."""

    id: str
    team_id: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a payload comes from: the workspace that the app is installed in, and whose person did
    it. `is_internal`: Slack says that nobody from outside the organisation is there. `is_certain`:
    it says whose person it is."""

    team_id: str
    person_team_id: str | None = None  # a workspace, or an organisation (E…)
    enterprise_id: str | None = None
    is_internal: bool = False
    is_certain: bool = True


class Channel(Payload):
    """Where it was done."""

    id: str


# Slack takes no more: https://docs.slack.dev/reference/views ("private_metadata").
METADATA_MAX: Final = 3000


def _drop_overlong(value: Any) -> Any:
    """What is longer than Slack takes was not put there by us."""
    return "" if isinstance(value, str) and len(value) > METADATA_MAX else value


class SentView(Payload):
    """A modal, or a Home tab, as it was when something was done in it. `state` is read by
    kit/modals.py. `app_installed_team_id`: in a shared channel the other fields name the
    workspace of whoever sent it (bolt-js#1614)."""

    id: str
    type: str = ""
    app_installed_team_id: str | None = None
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


def _read_team(value: Any) -> Any:
    """A workspace by its id alone, as some payloads have it."""
    return {"id": value} if isinstance(value, str) else value


class Interaction(Payload):
    """What all interactions have. `team` is absent where an app is installed for a whole org."""

    user: User
    team: Annotated[Team | None, BeforeValidator(_read_team)] = None
    enterprise: Annotated[Enterprise | None, BeforeValidator(_read_team)] = None
    view: SentView | None = None
    trigger_id: str = ""

    @property
    def team_id(self) -> str:
        """The workspace that the app is installed in. The order is Bolt's (slack_bolt 1.30,
        `request/internals.py`, `extract_team_id`)."""
        if self.view is not None and self.view.app_installed_team_id:
            return self.view.app_installed_team_id
        return self.team.id if self.team else self.user.team_id or ""

    @property
    def is_in_modal(self) -> bool:
        """Whether it was done in a modal, and not in a message or the Home tab."""
        return self.view is not None and self.view.type == "modal"

    @property
    def origin(self) -> Origin:
        """Whose doing it is. `app_installed_team_id` says nothing of the person: where `user` does
        not, the other `team` does (bolt-js#1614)."""
        of_team = self.team.enterprise_id if self.team else None
        of_payload = self.enterprise.id if self.enterprise else None
        person = self.user.team_id or (self.team.id if self.team else None)
        return Origin(self.team_id, person, of_team or of_payload)


class Shortcut(Interaction):
    """A global shortcut."""


class MessageFile(Payload):
    """A file of a message."""

    id: str
    name: Written | None = None
    title: Written | None = None
    mimetype: str = ""  # empty while Slack looks through it, and where it says nothing of it
    mode: str = ""


def read_message_files(files: Any) -> list[MessageFile]:
    """Files inside an attachment; what is none is left out."""
    found = []
    for file in files if isinstance(files, list) else ():
        with contextlib.suppress(ValidationError):
            found.append(MessageFile.model_validate(file))
    return found


class SentMessage(Payload):
    """A message that something was done to. `text` is escaped by Slack."""

    ts: str
    thread_ts: str | None = None
    text: Written = ""
    files: tuple[MessageFile, ...] = ()
    blocks: tuple[dict[str, Any], ...] = ()
    attachments: tuple[dict[str, Any], ...] = ()
    bot_id: str | None = None


class MessageShortcut(Interaction):
    """A shortcut in the menu of a message."""

    channel: Channel
    message: SentMessage


class ViewAction(Interaction):
    """Something done in a modal, short of sending it."""

    view: SentView  # never absent here
    actions: tuple[Action, ...] = Field(min_length=1)


class ViewSent(Interaction):
    """A modal was sent (`view_submission`) or closed (`view_closed`)."""

    view: SentView


class Suggestion(Interaction):
    """What was typed into an external select (`block_suggestion`)."""

    value: Written = ""
    view: SentView | None = None  # the modal that it is in


class MessageAction(Interaction):
    """A button pressed under a message."""

    channel: Channel
    message: SentMessage | None = None
    actions: tuple[Action, ...] = Field(min_length=1)
    response_url: str | None = None
    list_in: str | None = None  # ours: where the list is in which it was pressed


class ButtonAction(Interaction):
    """A button pressed anywhere, the Home tab included: there is no channel there."""

    channel: Channel | None = None
    message: SentMessage | None = None
    actions: tuple[Action, ...] = Field(min_length=1)
    response_url: str | None = None


class Profile(Payload):
    """What an event says of its person: `team` is theirs."""

    team: str | None = None


class ChangedMessage(Payload):
    """A message within an event that tells of its change."""

    user: str | None = None
    text: Written = ""
    ts: str | None = None
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    edited: dict[str, Any] | None = None
    team: str | None = None
    user_team: str | None = None
    source_team: str | None = None


class Event(Payload):
    """A message or a mention. `text` is escaped by Slack; `subtype`, `hidden`, `edited` and
    `bot_id` tell what is no person's new message. `message` and `previous_message` are there with
    the subtype `message_changed`."""

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
    team: str | None = None
    user_team: str | None = None
    source_team: str | None = None
    user_profile: Profile | None = None
    message: ChangedMessage | None = None
    previous_message: ChangedMessage | None = None

    @property
    def person_team_id(self) -> str | None:
        """Whose person `user` is. In a shared channel `team` may be the channel's, and then
        `user_team` is theirs (bolt-python, tests/slack_bolt/request/test_internals.py)."""
        return self.said_team_id or (self.message or self).team

    @property
    def said_team_id(self) -> str | None:
        """The same where Slack says it of the person: `team` may be the app's workspace."""
        said = self.message or self
        profile = self.user_profile.team if self.user_profile else None
        return said.user_team or said.source_team or profile


class Authorization(Payload):
    """For which installation of the app an event is sent."""

    team_id: str | None = None
    enterprise_id: str | None = None


class Envelope(Payload):
    """What Slack says of every event. `team_id` may be the other side's in a shared channel, and
    `authorizations` then says whose app it is (java-slack-sdk#629)."""

    outer_team_id: Annotated[str, Field(alias="team_id")] = ""
    outer_enterprise_id: Annotated[str | None, Field(alias="enterprise_id")] = None
    authorizations: tuple[Authorization, ...] = ()
    is_ext_shared_channel: bool | None = None

    @property
    def team_id(self) -> str:
        """The workspace that the app is installed in."""
        ours = self.authorizations[0].team_id if self.authorizations else None
        return ours or self.outer_team_id

    def _find_origin(self, person_team_id: str | None, *, is_said: bool) -> Origin:
        ours = self.authorizations[0].enterprise_id if self.authorizations else None
        return Origin(
            self.team_id,
            person_team_id,
            ours or self.outer_enterprise_id,
            # Of a person of another of the organisation's workspaces, that is the outer team.
            is_internal=self.is_ext_shared_channel is False,
            is_certain=is_said or not self.is_ext_shared_channel,
        )


class EventEnvelope(Envelope):
    """An event with what Slack says of it."""

    event: Event

    @property
    def origin(self) -> Origin:
        """Whose message it is."""
        is_said = self.event.said_team_id is not None
        return self._find_origin(self.event.person_team_id, is_said=is_said)


class HomeEvent(Payload):
    """The bot's Home or Messages tab was opened (`app_home_opened`). `view` is what the Home tab
    showed, absent before anything was published. Whose person opened it, nothing says."""

    user: str
    tab: str = "home"
    channel: str | None = None
    view: SentView | None = None


class HomeOpened(Envelope):
    """The same with what Slack says of it."""

    event: HomeEvent


class ChannelMove(Payload):
    """A private channel was shared with another company, and has another id from then on.

    https://docs.slack.dev/reference/events/channel_id_changed
    """

    old_channel_id: ChannelId
    new_channel_id: ChannelId


class ChannelMoved(Envelope):
    """The same with what Slack says of it."""

    event: ChannelMove


class RevokedTokens(Payload):
    """Whose tokens are worth nothing any more: users' ids."""

    oauth: tuple[str, ...] = ()
    bot: tuple[str, ...] = ()


class RemovalEvent(Payload):
    """`app_uninstalled`, or `tokens_revoked` with those that were."""

    type: str
    tokens: RevokedTokens = RevokedTokens()


class AppRemoved(Envelope):
    """The same with what Slack says of it. `event_time` is in Unix seconds: it may come late."""

    event: RemovalEvent
    event_time: int


def at_home(body: dict[str, Any], team_id: str) -> dict[str, Any]:
    """`body`, of which it is known who may do it, under the app's own workspace: rules, budgets and
    rows are kept under that one, whichever workspace Slack has named. Pure."""
    if "command" in body:
        return {**body, "team_id": team_id}
    if "event" in body:
        return {**body, "team_id": team_id, "authorizations": []}
    placed = {**body, "team": {"id": team_id}}
    if isinstance(view := body.get("view"), dict):
        placed["view"] = {**view, "app_installed_team_id": team_id}
    return placed

"""Everything that a workspace has set, as one frozen value with a version. Pure."""

from __future__ import annotations

from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.images.brief import PICTURES_MAX
from bot.images.showing import Show
from bot.images.typed import fold
from bot.policy.budgets import Budget
from bot.policy.presets import Defaults, Preset
from bot.policy.rules import FIELDS_OF, RuleName, Rules

Credits = Annotated[float, Field(ge=0, le=1_000_000)]


_NO_RULES: Final = Rules()


class WorkspaceSettings(BaseModel):
    """What is neither a rule nor a budget. People and channels are Slack's ids."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    time_zone: str = "UTC"  # an IANA name: when a day and a month begin
    admins: tuple[str, ...] = ()  # beside Slack's own admins and owners
    approvers: tuple[str, ...] = ()  # people who may approve what is over budget
    approval_channel: str | None = None  # where the cards go; None: to each approver
    # With nobody named: an admin was told that whoever can join that channel may approve.
    is_open_approval_meant: bool = False
    alert_below: Credits | None = None  # tell the admins when the balance falls below this
    confirm_above: Credits | None = None  # ask before a Regenerate that costs this or more
    # Of a brief, which makes several at once: how many pictures it may have, and above how many
    # pictures or credits it asks first (None: never for their sake).
    brief_most: Annotated[int, Field(ge=2, le=PICTURES_MAX)] = PICTURES_MAX
    brief_ask_pictures: Annotated[int, Field(ge=0, le=PICTURES_MAX)] | None = 4
    brief_ask_credits: Credits | None = 20
    # Channels (Slack Connect) in which people of other companies may make pictures, too.
    shared_channels: tuple[str, ...] = ()
    # Where results are shown, if nobody says: in the workspace, and in channels that differ.
    show: Show = Show.THREAD
    show_channels: dict[str, Show] = Field(default_factory=dict)

    def show_in(self, channel_id: str) -> Show:
        """Where results of a channel are shown, if nobody says."""
        return self.show_channels.get(channel_id, self.show)

    # What pictures are made for, if nobody says: in the workspace, and in channels that differ
    # ("": for none).
    campaign: str | None = None
    campaign_channels: dict[str, str] = Field(default_factory=dict)

    def campaign_in(self, channel_id: str) -> str | None:
        """The campaign of what is made in a channel, if nobody says."""
        return self.campaign_channels.get(channel_id, self.campaign) or None

    # Ask whether a reply without a mention, in a picture's thread, is to make a new version.
    asks_about_replies: bool = True

    @field_validator("time_zone")
    @classmethod
    def _must_exist(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("no such time zone") from None
        return name


class Policy(BaseModel):
    """Rules, budgets, presets, settings and personal defaults of one workspace. Whoever acts on it
    names its `version`, and is told where it has been changed since."""

    # A later version may keep more here; this one still works with what it knows.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    version: int = 0
    settings: WorkspaceSettings = WorkspaceSettings()
    rules: Rules = Rules()
    channel_rules: dict[str, Rules] = Field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    presets: tuple[Preset, ...] = ()
    defaults: dict[str, Defaults] = Field(default_factory=dict)
    own_presets: dict[str, tuple[Preset, ...]] = Field(default_factory=dict)  # by person

    def seen_by(self, user_id: str) -> Policy:
        """The same, with that person's own presets among those of the workspace; of one name, the
        team's is meant."""
        own = self.own_presets.get(user_id)
        return self.model_copy(update={"presets": (*self.presets, *own)}) if own else self

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's clocks."""
        return ZoneInfo(self.settings.time_zone)

    @property
    def is_open(self) -> bool:
        """Whether it holds nothing against any request: no rule, no budget."""
        return not self.budgets and not self.channel_rules and self.rules == _NO_RULES

    def rules_in(self, channel_id: str) -> Rules:
        """The rules of a channel, its exceptions included."""
        return self.rules.with_exceptions(self.channel_rules.get(channel_id))

    def powerpost_workspace_in(self, channel_id: str) -> str | None:
        """The id of PowerPost's workspace in which what is asked for there is made; None: the
        default one."""
        own = self.channel_rules.get(channel_id)
        return None if own is None else own.powerpost_workspace

    def is_exception(self, rule: RuleName, channel_id: str) -> bool:
        """Whether `rule`, as it is in that channel, is one of the channel's own."""
        own = self.channel_rules.get(channel_id, _NO_RULES)
        return any(getattr(own, name) is not None for name in FIELDS_OF[rule])

    def presets_in(self, channel_id: str | None) -> tuple[Preset, ...]:
        """What may be chosen there, by name; a channel's own takes the place of the workspace's
        of the same name."""
        by_name: dict[str, Preset] = {}
        for preset in self.presets:
            name = preset.name.casefold()
            if preset.channel_id is None:
                by_name.setdefault(name, preset)
            elif preset.channel_id == channel_id:
                by_name[name] = preset
        return tuple(by_name[name] for name in sorted(by_name))

    def find_preset(self, name: str, channel_id: str | None) -> Preset | None:
        """The preset of that name there, however it is capitalised, spaced and accented."""
        presets, wanted = self.presets_in(channel_id), name.strip().casefold()
        exact = next((each for each in presets if each.name.casefold() == wanted), None)
        folded = fold(name)
        return exact or next((each for each in presets if fold(each.name) == folded), None)

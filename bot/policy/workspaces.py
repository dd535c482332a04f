"""PowerPost's workspaces that the key serves, by the names that the operator gave them. Pure.

Everything at PowerPost but the credits belongs to one of them (powerpost-neighbours.md,
"Authentication and scope"): what is made, captions, media, webhooks. In rows and policies None
stands for the default one. Slack's workspace is another thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.errors import Cause, Rejected

DEFAULT_NAME: Final = "Default"


@dataclass(frozen=True, slots=True)
class PowerPostWorkspaces:
    """`default_id` is where everything is made, if a channel has no other; `names` are those of
    workspaces by their ids, perhaps the default one's among them."""

    default_id: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """All that are known, the default one first."""
        return tuple(dict.fromkeys((self.default_id, *self.names)))

    @property
    def are_several(self) -> bool:
        """Whether there is anything to choose, or to tell apart."""
        return len(self.ids) > 1

    def settle(self, workspace_id: str | None) -> str | None:
        """The same workspace, always named in the same way: None for the default one."""
        return None if workspace_id in (None, self.default_id) else workspace_id

    def knows(self, workspace_id: str | None) -> bool:
        """Whether the operator has it set up."""
        return workspace_id is None or workspace_id in self.ids

    def name_of(self, workspace_id: str | None) -> str:
        """As people know it; the id of one that is not set up (any more)."""
        found = self.default_id if workspace_id is None else workspace_id
        if found == self.default_id:
            return self.names.get(found, DEFAULT_NAME)
        return self.names.get(found, found)


ONE_WORKSPACE: Final = PowerPostWorkspaces()


class Elsewhere(StrEnum):
    """What is in another of PowerPost's workspaces than the channel's."""

    CAPTION = "caption"
    REFERENCES = "references"  # whose files are not known (any more)
    PRESET = "preset"  # the same of its pictures


class WorkspaceUnknown(Rejected):
    """The channel is set to a workspace of PowerPost's that the operator has not set up (any more).
    Nothing was spent."""

    def __init__(self, workspace_id: str) -> None:
        super().__init__(Cause.WORKSPACE_UNKNOWN, workspace_id)


class InOtherWorkspace(Rejected):
    """Some of what was chosen is in another of PowerPost's workspaces (`found`) than the channel's
    (`wanted`): names for people. Nothing was spent."""

    def __init__(self, what: Elsewhere, found: str, wanted: str) -> None:
        super().__init__(Cause.IN_OTHER_WORKSPACE, what.value)
        self.what = what
        self.found = found
        self.wanted = wanted

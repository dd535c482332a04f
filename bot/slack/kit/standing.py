"""Whose person somebody is: of the workspace that the app is installed in, or of another company,
with which it shares a channel. Pure.

Sources: slack_bolt 1.30, `request/internals.py`, and the payloads that its tests have recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.slack.kit.payloads import Origin


@dataclass(frozen=True, slots=True)
class Home:
    """The workspace that the app is installed in, and its organisation, by `auth.test`."""

    team_id: str
    enterprise_id: str | None = None


class Standing(StrEnum):
    """What somebody is to the workspace. Guests of it are its members."""

    MEMBER = "member"
    OUTSIDER = "outsider"
    UNCLEAR = "unclear"  # of another workspace, of the same organisation or of another: ask Slack


def judge(origin: Origin, home: Home | None) -> Standing:
    """Whose person did what has this `origin`. Which organisation is ours, Slack says of the app
    alone: a payload may name the other company's. Where `home` is not known yet, the workspace that
    the payload names is taken for it; before anything is paid, it is known
    (bot/requests/gate.py)."""
    if not origin.team_id:
        return Standing.OUTSIDER
    home = home or Home(origin.team_id)
    organisation = home.enterprise_id
    is_same_organisation = organisation is not None and organisation == origin.enterprise_id
    if origin.team_id not in (home.team_id, organisation) and not is_same_organisation:
        return Standing.OUTSIDER
    person = origin.person_team_id or origin.team_id
    if person in (home.team_id, organisation):
        return Standing.MEMBER if origin.is_certain else Standing.UNCLEAR
    if organisation is None or person.startswith("E"):
        return Standing.OUTSIDER
    return Standing.MEMBER if origin.is_internal else Standing.UNCLEAR

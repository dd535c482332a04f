"""Whose doing it is, by what Slack sends: payloads as the official SDKs have recorded them.

Sources: bolt-python, tests/slack_bolt/request/test_internals.py; bolt-js#1614; java-slack-sdk#629,
#1041.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from bot.slack.kit.payloads import EventEnvelope, HomeOpened, Interaction, SlashCommand, at_home
from bot.slack.kit.standing import Home, Standing, judge

OURS, THEIRS, ORG, OTHER_ORG = "T1", "T2", "E1", "E2"
HOME: Final = Home(OURS)
IN_ORG: Final = Home(OURS, ORG)
INSTALLED: Final = {"enterprise_id": None, "team_id": OURS, "user_id": "UBOT", "is_bot": True}
INSTALLED_IN_ORG: Final = INSTALLED | {"enterprise_id": ORG}


def view(**said: Any) -> dict[str, Any]:
    return {"view": {"id": "V1", "type": "modal", **said}}


def click(team: Any, person_team: str | None = None, **more: Any) -> dict[str, Any]:
    user = {"id": "U1"} | ({"team_id": person_team} if person_team else {})
    return {"team": team, "user": user, **more}


@pytest.mark.parametrize(
    ("payload", "workspace"),
    [
        (click({"id": OURS}, OURS), OURS),
        (click({"id": OURS}), OURS),
        (click(OURS, OURS), OURS),
        (click({"id": OURS}, THEIRS), OURS),
        (click(None, OURS, enterprise={"id": ORG}), OURS),
        (click(None, OURS, enterprise={"id": ORG}, is_enterprise_install=True), OURS),
        (click({"id": THEIRS}, THEIRS, **view(app_installed_team_id=OURS)), OURS),
        (click({"id": THEIRS}, THEIRS, **view(app_installed_team_id=None)), THEIRS),
        (click({"id": THEIRS}, THEIRS, **view(app_installed_team_id="")), THEIRS),
        (click(None, THEIRS, **view(app_installed_team_id=OURS, team_id=THEIRS)), OURS),
        (click(None), ""),
    ],
)
def test_the_workspace_of_an_interaction_is_the_one_of_the_app(
    payload: dict[str, Any], workspace: str
) -> None:
    assert Interaction.model_validate(payload).team_id == workspace


def event(
    outer: str, said: dict[str, Any], authorizations: list[Any] | None = None, **more: Any
) -> EventEnvelope:
    mention = {"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1.0", **said}
    given = {"authorizations": authorizations} if authorizations is not None else {}
    envelope = {"team_id": outer, "type": "event_callback", "event": mention, **given, **more}
    return EventEnvelope.model_validate(envelope)


@pytest.mark.parametrize(
    ("outer", "authorizations", "workspace"),
    [
        (OURS, None, OURS),
        (OURS, [], OURS),
        (OURS, [INSTALLED], OURS),
        (THEIRS, [INSTALLED], OURS),
        (OURS, [INSTALLED | {"team_id": None}], OURS),
    ],
)
def test_the_workspace_of_an_event_is_the_one_of_its_authorization(
    outer: str, authorizations: list[Any] | None, workspace: str
) -> None:
    assert event(outer, {}, authorizations).team_id == workspace
    opened = {"team_id": outer, "event": {"type": "app_home_opened", "user": "U1"}}
    opened |= {"authorizations": authorizations} if authorizations is not None else {}
    assert HomeOpened.model_validate(opened).team_id == workspace


SHARED: Final = {"is_ext_shared_channel": True}


@pytest.mark.parametrize(
    ("heard", "standing"),
    [
        # Our own people, in our channel, and in one that another company shares with us.
        (event(OURS, {"team": OURS}, [INSTALLED], is_ext_shared_channel=False), Standing.MEMBER),
        (event(OURS, {}, [INSTALLED]), Standing.MEMBER),
        # `team` of a mention may be the app's, whoever mentions it: there Slack is asked.
        (event(OURS, {"team": OURS}, [INSTALLED], **SHARED), Standing.UNCLEAR),
        (event(OURS, {}, [INSTALLED], **SHARED), Standing.UNCLEAR),
        (event(OURS, {"user_team": OURS}, [INSTALLED], **SHARED), Standing.MEMBER),
        (event(OURS, {"source_team": OURS}, [INSTALLED], **SHARED), Standing.MEMBER),
        (
            event(THEIRS, {"team": THEIRS, "user_team": OURS}, [INSTALLED], **SHARED),
            Standing.MEMBER,
        ),
        (event(THEIRS, {"user_profile": {"team": OURS}}, [INSTALLED], **SHARED), Standing.MEMBER),
        # Theirs: a mention names the app's workspace as `team`, a message its sender's.
        (
            event(OURS, {"team": OURS, "user_team": THEIRS}, [INSTALLED], **SHARED),
            Standing.OUTSIDER,
        ),
        (event(OURS, {"source_team": THEIRS}, [INSTALLED], **SHARED), Standing.OUTSIDER),
        (event(OURS, {"user_profile": {"team": THEIRS}}, [INSTALLED]), Standing.OUTSIDER),
        (event(THEIRS, {"team": THEIRS}, [INSTALLED], **SHARED), Standing.OUTSIDER),
        (event(OURS, {"user_team": OTHER_ORG}, [INSTALLED], **SHARED), Standing.OUTSIDER),
        (
            event(THEIRS, {"user_team": OTHER_ORG}, None, enterprise_id=OTHER_ORG, **SHARED),
            Standing.OUTSIDER,
        ),
        (
            event(OURS, {"user_team": OTHER_ORG}, [INSTALLED], enterprise_id=OTHER_ORG),
            Standing.OUTSIDER,
        ),
        (event(OURS, {"team": THEIRS}, [INSTALLED], enterprise_id=OTHER_ORG), Standing.OUTSIDER),
    ],
)
def test_whose_message_it_is_slack_says(heard: EventEnvelope, standing: Standing) -> None:
    assert judge(heard.origin, HOME) is standing


@pytest.mark.parametrize(
    ("said", "more", "standing"),
    [
        ({"user_team": ORG}, SHARED, Standing.MEMBER),
        ({"user_team": OTHER_ORG}, SHARED, Standing.OUTSIDER),
        ({"user_team": "T3"}, SHARED, Standing.UNCLEAR),
        ({"user_team": "T3"}, {"is_ext_shared_channel": False}, Standing.MEMBER),
    ],
)
def test_in_an_organisation_people_of_its_other_workspaces_are_no_strangers(
    said: dict[str, Any], more: dict[str, Any], standing: Standing
) -> None:
    heard = event(OURS, said, [INSTALLED_IN_ORG], enterprise_id=ORG, **more)

    assert judge(heard.origin, IN_ORG) is standing


@pytest.mark.parametrize(
    ("payload", "home", "standing"),
    [
        (click({"id": OURS}, OURS), HOME, Standing.MEMBER),
        (click({"id": OURS}), HOME, Standing.MEMBER),
        (click({"id": OURS}, THEIRS), HOME, Standing.OUTSIDER),
        (click({"id": OURS}, THEIRS), None, Standing.OUTSIDER),
        (click({"id": THEIRS}, THEIRS), HOME, Standing.OUTSIDER),
        (click({"id": THEIRS}), HOME, Standing.OUTSIDER),
        (click({"id": THEIRS}, OURS), HOME, Standing.OUTSIDER),
        (
            click({"id": THEIRS}, THEIRS, **view(app_installed_team_id=OURS)),
            HOME,
            Standing.OUTSIDER,
        ),
        (
            click({"id": THEIRS}, THEIRS, **view(app_installed_team_id=OURS)),
            None,
            Standing.OUTSIDER,
        ),
        (click({"id": OURS}, OURS, **view(app_installed_team_id=OURS)), None, Standing.MEMBER),
        (click(None, OURS, enterprise={"id": ORG}), HOME, Standing.MEMBER),
        (click(None, THEIRS), HOME, Standing.OUTSIDER),
        (click(None), HOME, Standing.OUTSIDER),
        (click({"id": OURS, "enterprise_id": ORG}, "T3"), IN_ORG, Standing.UNCLEAR),
        (click({"id": OURS, "enterprise_id": ORG}, OTHER_ORG), IN_ORG, Standing.OUTSIDER),
        (click({"id": OURS, "enterprise_id": ORG}, ORG), IN_ORG, Standing.MEMBER),
        (click({"id": "T3", "enterprise_id": ORG}, "T3"), IN_ORG, Standing.UNCLEAR),
        (click({"id": "T3", "enterprise_id": OTHER_ORG}, "T3"), IN_ORG, Standing.OUTSIDER),
        # What they name as their organisation is not ours, whether we are in one or not.
        (click({"id": THEIRS, "enterprise_id": OTHER_ORG}, THEIRS), HOME, Standing.OUTSIDER),
        (click({"id": THEIRS}, THEIRS, enterprise={"id": OTHER_ORG}), HOME, Standing.OUTSIDER),
        (click({"id": OURS}, THEIRS, enterprise={"id": OTHER_ORG}), HOME, Standing.OUTSIDER),
        (click({"id": OURS}, OTHER_ORG, enterprise={"id": OTHER_ORG}), HOME, Standing.OUTSIDER),
        (click(None, THEIRS, enterprise={"id": OTHER_ORG}), HOME, Standing.OUTSIDER),
        (click({"id": OURS}, OTHER_ORG, enterprise={"id": OTHER_ORG}), None, Standing.OUTSIDER),
        (click({"id": THEIRS}, None, **view(app_installed_team_id=OURS)), HOME, Standing.OUTSIDER),
        (click(None, None, **view(app_installed_team_id=OURS)), HOME, Standing.MEMBER),
    ],
)
def test_whose_click_it_is_slack_says(
    payload: dict[str, Any], home: Home | None, standing: Standing
) -> None:
    assert judge(Interaction.model_validate(payload).origin, home) is standing


@pytest.mark.parametrize(
    "payload",
    [
        click({"id": THEIRS}, THEIRS),
        click({"id": "T3", "enterprise_id": ORG}, "T3"),
        click(None, "T3", enterprise={"id": ORG}, is_enterprise_install=True),
        click({"id": THEIRS}, THEIRS, **view()),
        click({"id": THEIRS}, THEIRS, **view(app_installed_team_id=None)),
        click(None, None, **view(app_installed_team_id="T3")),
    ],
)
def test_whoever_may_do_it_does_it_under_the_rules_of_our_workspace(
    payload: dict[str, Any],
) -> None:
    assert Interaction.model_validate(at_home(payload, OURS)).team_id == OURS


def test_commands_and_events_are_under_the_rules_of_our_workspace_too() -> None:
    command = {"team_id": "T3", "channel_id": "C1", "user_id": "U1", "command": "/imagine"}
    command["trigger_id"] = "1"
    heard = event("T3", {}, [INSTALLED | {"team_id": "T3"}]).model_dump(by_alias=True)

    assert SlashCommand.model_validate(at_home(command, OURS)).team_id == OURS
    assert EventEnvelope.model_validate(at_home(heard, OURS)).team_id == OURS

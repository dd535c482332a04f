"""A click counts where what it is about belongs, for whom it belongs to; anything else is harmless.

Every route is tried with ids of somebody else's result from places where it is not: nothing is
paid, shown, shared, deleted or set, and not a word of the prompt is said.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import Mock

import aiohttp
import pytest

from bot.generations.record import Generation, Place, State
from bot.images.request import ImageRequest
from bot.sandbox.slack.records import Exchange
from bot.slack.kit.ids import ActionId, BlockId, HomeAction, MenuChoice, Opinion, RowChoice, ViewId
from bot.slack.kit.rights import Right, counts_at
from bot.slack.kit.routing import Route, Surface
from bot.slack.routes import build_routes
from tests.support.hostile import make_form
from tests.support.signed_requests import FORM, Slack
from tests.support.stage import DESIGN, GENERAL, LAUNCH, Stage, open_stage

SECRET: Final = "the unannounced lighthouse"
OURS: Final = "T0SANDBOX"
ROUTES: Final = build_routes(Mock())


@dataclass(frozen=True)
class Attempt:
    """Somebody, somewhere, with some id; `{id}` is that of Ada's result in #design."""

    name: str
    user: str = "U0BEN"
    channel: str = DESIGN
    team: str = OURS
    id: str = "{id}"
    metadata: str | None = None  # of a modal; else the id with the channel
    home: str | None = None  # whose person it is, where Slack says so

    @property
    def is_asker(self) -> bool:
        """Whether it is Ada, whose result it is, in her own workspace."""
        return (self.user, self.team) == ("U0ADA", OURS)

    def view_metadata(self, generation_id: str) -> str:
        """What a modal would have remembered."""
        if self.metadata is not None:
            return self.metadata.replace("{id}", generation_id)
        own = self.id.replace("{id}", generation_id)
        return json.dumps({"generation_id": own, "channel_id": self.channel})


ATTEMPTS: Final = (
    Attempt("another channel", channel=GENERAL),
    Attempt("a private channel", channel=LAUNCH),
    Attempt("who asked, in another channel", user="U0ADA", channel=GENERAL),
    Attempt("another person's direct message", channel="D0BEN"),
    Attempt("another person, as if in hers", channel="D0ADA"),
    Attempt("another team", team="T0OTHER"),
    Attempt("who asked, of another team", user="U0ADA", team="T0OTHER"),
    Attempt("no team", team=""),
    Attempt("a guest of another workspace, in its channel", home="T0OTHER"),
    Attempt("a forged id", id=str(uuid.UUID(int=7))),
    Attempt("an empty id", id=""),
    Attempt("a pattern", id="%"),
    Attempt("a modal of an older version", metadata="{id}", channel=GENERAL),
    Attempt("a modal that remembers nothing", metadata="", channel=GENERAL),
    Attempt("a modal with half of it", metadata='{"generation_id": "{id}"}', channel=GENERAL),
)


@dataclass
class Scene:
    """A bot that made a result for Ada in #design, and somebody who sends what Slack would."""

    slack: Slack
    stage: Stage
    generation_id: str
    result_ts: str

    async def try_route(self, route: Route, attempt: Attempt) -> None:
        """Everything that this route could be made to believe."""
        for payload in make_payloads(route, attempt, self.generation_id, self.result_ts):
            if attempt.is_asker and BlockId.LIBRARY in str(payload):
                continue  # where it is hers, wherever she reads it
            status, answer = await self.slack.post_signed(make_form({"payload": payload}), FORM)
            assert status == 200
            assert SECRET not in answer, (route, attempt.name)

    async def settle(self) -> list[Exchange]:
        """What the bot has said to Slack, once it says no more."""
        exchanges = self.stage.workspace.exchanges
        last = None
        # Nobody says when the last errand is done.
        while last is not (last := exchanges[-1] if exchanges else None):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        return [each for each in exchanges if each.direction == "from_bot"]


def make_payloads(
    route: Route, attempt: Attempt, generation_id: str, ts: str
) -> list[dict[str, Any]]:
    own = attempt.id.replace("{id}", generation_id)
    user = {"id": attempt.user} | ({"team_id": attempt.home} if attempt.home else {})
    who: dict[str, Any] = {"user": user, "trigger_id": "1.2.3"}
    who |= {"team": {"id": attempt.team}} if attempt.team else {}
    place = {"channel": {"id": attempt.channel}, "message": {"ts": ts, "thread_ts": ts}}
    view = {"id": "V1", "type": "modal", "hash": "1.a", "blocks": [], "state": {"values": {}}}
    view |= {"private_metadata": attempt.view_metadata(generation_id)}
    if route.surface is Surface.VIEW:
        state = {"values": {"share_channel": {"share_channel": {"selected_conversation": GENERAL}}}}
        sent = view | {"callback_id": str(route.key), "state": state}
        return [{"type": "view_submission", **who, "view": sent}]
    listed = f"{BlockId.LIBRARY}{own}"  # as if the library had shown it
    return [
        {"type": "block_actions", **who, **where, "actions": [make_action(route, value, block)]}
        for value in (own, *make_choices(route, own))
        for where, block in ((place, "b"), ({"view": view}, "b"), (place, listed))
    ]


def make_choices(route: Route, own: str) -> list[str]:
    """The values of a menu that has several."""
    match route.key:
        case HomeAction.ROW_MENU:
            return [f"{each}:defaults:U0ADA" for each in RowChoice]
        case ActionId.RESULT_MENU | ActionId.FEEDBACK:
            return [f"{each}:{own}" for each in (*MenuChoice, *Opinion)]
    return [f"1:a-round:{own}"] if is_of_vote(route) else []


def is_of_vote(route: Route) -> bool:
    """Whether the button is one of a vote's, which names picture, round and generation."""
    return route.key in (ActionId.VOTE, ActionId.WANT_CHANGES, ActionId.CLOSE_VOTE)


def make_action(route: Route, value: str, block: str = "b") -> dict[str, Any]:
    option = {"selected_option": {"value": value}}
    return {
        "action_id": "vote:1" if route.key == ActionId.VOTE else str(route.key),
        "block_id": block,
        "action_ts": "1",
        "value": value,
        **option,
    }


def name_route(route: Route) -> str:
    return f"{route.surface}-{route.key}"


CLICKS: Final = [route for route in ROUTES if route.surface in (Surface.ACTION, Surface.VIEW)]


@pytest.fixture(scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    directory: Path = tmp_path_factory.mktemp("rights")
    async with open_stage(directory, imagine_posts=True) as stage, aiohttp.ClientSession() as http:
        # An answer that Slack puts off comes later, among those to the next attempt.
        stage.workspace.limiter.is_on = False
        await stage.ada.run_command(DESIGN, "/imagine", f"{SECRET} -n 2")
        (result,) = await stage.until_told()
        stage.workspace.channels[DESIGN].members.discard("U0BEN")  # he could find it in there
        actions = next(block for block in result.blocks if block["block_id"] == "actions")
        yield Scene(Slack(http, stage), stage, actions["elements"][0]["value"], result.ts)


_OF_HER_HISTORY = (
    *(ActionId.USE_AGAIN, ActionId.USE_PROMPT, ActionId.SHARE_OWN),
    *(ActionId.OLDER_LIBRARY, ActionId.NEWEST_LIBRARY, ViewId.LIBRARY_FORM),
)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
async def test_what_is_not_yours_or_not_here_is_refused_or_harmless(
    scene: Scene, attempt: Attempt
) -> None:
    before, said_before = scene.stage.submits(), len(await scene.settle())

    for route in CLICKS:
        if attempt.is_asker and route.key in _OF_HER_HISTORY:
            continue  # her own pictures, in her own lists, which she reads anywhere
        await scene.try_route(route, attempt)
    said = (await scene.settle())[said_before:]

    assert scene.stage.submits() == before, "it was paid"
    own = {attempt.user, f"D0{attempt.user[2:]}", attempt.channel}
    for exchange in said:
        shown = json.dumps(exchange.request, ensure_ascii=False)
        if exchange.method == "views.publish" and exchange.request["user_id"] == "U0ADA":
            continue  # her own pictures, in her own Home
        assert SECRET not in shown, (exchange.method, shown)
        assert exchange.method not in ("chat.delete", "files.delete", "chat.update")
        if exchange.method == "chat.postMessage":
            assert exchange.request["channel"] in own
    assert [m for m in scene.stage.workspace.messages[DESIGN] if m.ts == scene.result_ts]


@pytest.mark.parametrize(
    "route", [each for each in CLICKS if each.right is Right.RESULT], ids=name_route
)
async def test_the_same_click_counts_where_the_result_is(tmp_path: Path, route: Route) -> None:
    async with open_stage(tmp_path, imagine_posts=True) as stage, aiohttp.ClientSession() as http:
        await stage.ada.run_command(DESIGN, "/imagine", f"{SECRET} -n 2")
        (result,) = await stage.until_told()
        actions = next(block for block in result.blocks if block["block_id"] == "actions")
        scene = Scene(Slack(http, stage), stage, actions["elements"][0]["value"], result.ts)
        before = len(await scene.settle())

        foreign = "I no longer have these pictures"
        attempt = Attempt("who asked, in its channel", user="U0ADA")
        answers = []
        payloads = make_payloads(route, attempt, scene.generation_id, scene.result_ts)
        for payload in payloads[1:2] if str(route.key).startswith("more_") else payloads[:1]:
            if route.key in (ActionId.RESULT_MENU, ActionId.FEEDBACK):
                wanted = (
                    f"{MenuChoice.SHARE if route.key == ActionId.RESULT_MENU else Opinion.GOOD}"
                )
                payload["actions"] = [make_action(route, f"{wanted}:{scene.generation_id}")]
            if is_of_vote(route) and route.surface is Surface.ACTION:
                payload["actions"] = [make_action(route, f"1:a-round:{scene.generation_id}")]
            body = make_form({"payload": payload})
            answers.append((await scene.slack.post_signed(body, FORM))[1])
        said = (await scene.settle())[before:]

    assert foreign not in str(answers)
    assert not any(foreign in json.dumps(exchange.request) for exchange in said)


def test_every_route_says_who_may() -> None:
    results = {route.key for route in ROUTES if route.right is Right.RESULT}

    assert {route.right for route in ROUTES} == set(Right)
    assert results == {
        *(ActionId.REGENERATE, ActionId.EDIT, ActionId.MAKE_MISSING, ActionId.CANCEL),
        *(ActionId.RESULT_MENU, ActionId.FEEDBACK, ActionId.SHARE, ActionId.LOOK_AGAIN),
        *(ActionId.DOWNLOAD, ActionId.DOWNLOAD_BRIEF, ActionId.PICK_PART, ActionId.CANCEL_BRIEF),
        *(ActionId.BRIEF_MISSING, ActionId.BRIEF_AGAIN, ActionId.EDIT_BRIEF),
        *(ActionId.GROUP_AGAIN, ActionId.EDIT_GROUP),
        *(ActionId.MORE_PROMPT, ActionId.MORE_ALT_TEXT, ViewId.ALT_TEXT, ActionId.MORE_PRESET),
        ActionId.MORE_CAMPAIGN,
        *(ActionId.MORE_PICK, ActionId.START_VOTE, ActionId.WANT_CHANGES, ActionId.CLOSE_VOTE),
        ActionId.VOTE,
        *(ActionId.USE_IN_POST, ActionId.CHECK_POST, ActionId.POST_AGAIN, ViewId.POST_FORM),
        *(ViewId.PICK_PICTURE, ViewId.SHARE_PICTURE, ViewId.DELETE_RESULT),
        *(ViewId.WANT_CHANGES, ViewId.CHOOSE_WINNER),
    }


ASKED_IN_DESIGN: Final = Generation(
    id="g",
    origin="o",
    place=Place(OURS, DESIGN, "U0ADA"),
    request=ImageRequest(prompt="fog"),
    accepted_at=Mock(),
    state=State.DELIVERED,
)
ASKED_IN_PRIVATE: Final = replace(ASKED_IN_DESIGN, place=Place(OURS, "U0ADA", "U0ADA"))
MOVED: Final = replace(ASKED_IN_DESIGN, result_channel_id="D0ADA")


@pytest.mark.parametrize(
    ("generation", "team", "channel", "user", "counts"),
    [
        (ASKED_IN_DESIGN, OURS, DESIGN, "U0ADA", True),
        (ASKED_IN_DESIGN, OURS, DESIGN, "U0BEN", True),
        (ASKED_IN_DESIGN, OURS, "D0ADA", "U0ADA", True),
        (ASKED_IN_DESIGN, OURS, "D0BEN", "U0BEN", False),
        (ASKED_IN_DESIGN, OURS, GENERAL, "U0ADA", False),
        (ASKED_IN_DESIGN, OURS, "", "U0ADA", False),
        (ASKED_IN_DESIGN, "T0OTHER", DESIGN, "U0ADA", False),
        (ASKED_IN_DESIGN, "", DESIGN, "U0ADA", False),
        (ASKED_IN_PRIVATE, OURS, "D0ADA", "U0ADA", True),
        (ASKED_IN_PRIVATE, OURS, "D0ADA", "U0BEN", False),
        (ASKED_IN_PRIVATE, OURS, DESIGN, "U0ADA", False),
        (MOVED, OURS, "D0ADA", "U0ADA", True),
        (MOVED, OURS, DESIGN, "U0BEN", True),
    ],
)
def test_a_click_counts_in_the_results_own_conversation(
    generation: Generation, team: str, channel: str, user: str, counts: bool
) -> None:
    assert counts_at(generation, team, channel, user) is counts

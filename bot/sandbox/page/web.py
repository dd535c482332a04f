"""The sandbox's page over HTTP: whole pages, their parts, the event stream, files and actions."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox.emoji import find_emoji
from bot.sandbox.page.actions import ACTIONS, ActionContext, BotProcess
from bot.sandbox.page.block_renderer import build_environment
from bot.sandbox.page.exchange_rows import ExchangeTable
from bot.sandbox.page.fault_panel import StandIns, list_groups, list_pending
from bot.sandbox.page.features import DEFAULT_FEATURES, Features
from bot.sandbox.page.guard import Guard
from bot.sandbox.page.notices import Notices
from bot.sandbox.page.screen import BodyCache, Profile, Screen
from bot.sandbox.page.stream import stream_changes
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import User
from bot.sandbox.slack.workspace import Workspace

__all__ = ["BotProcess", "build_app"]

_FIRST_CHANNEL = "C0DESIGN"
_PARTS = frozenset(
    {"status", "sidebar", "messages", "thread", "home", "modal", "weather", "drawer"}
)
_MOST_EXCHANGES = 200
_SAFE_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def build_app(
    *,
    workspace: Workspace,
    person: Callable[[str], Person],
    powerpost: PowerPost | None,
    bot: BotProcess | None,
    features: Features = DEFAULT_FEATURES,
) -> Starlette:
    """The page as an ASGI app, for `bot.sandbox.serving.serve`.

    `person` gives the hands of a user id. `features` come from `read_features(manifest)`; without
    them the composer knows `/imagine` and there are no shortcuts. `bot` is None where nobody can
    kill and start it, `powerpost` where the bot behind the page has nothing to do with it.
    """
    page = _Page(workspace, person, powerpost, bot, features)
    routes = [
        Route("/", page.show_first),
        Route("/c/{channel}", page.show_channel),
        Route("/c/{channel}/t/{thread}", page.show_channel),
        Route("/home", page.show_home),
        Route("/part/{part}", page.show_part),
        Route("/exchange/{key}", page.show_exchange),
        Route("/events", page.stream),
        Route("/options", page.list_options),
        Route("/file/{file}", page.send_file),
        Route("/do/{action}", page.do, methods=["POST"]),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard)])


@dataclass(frozen=True)
class Location:
    """The place on the page that someone looks at."""

    place: str
    """"channel" or "home"."""
    title: str
    kind: str = ""
    channel: str | None = None
    thread: str | None = None
    members: list[Profile] = field(default_factory=list)
    has_bot: bool = True
    is_archived: bool = False
    is_shared: bool = False


@dataclass(frozen=True)
class Identity:
    """One of the people whom the visitor can be."""

    href: str
    profile: Profile
    is_viewer: bool
    standing: str
    """Admin, member, or of which other company."""


class _Page:
    def __init__(
        self,
        workspace: Workspace,
        person: Callable[[str], Person],
        powerpost: PowerPost | None,
        bot: BotProcess | None,
        features: Features,
    ) -> None:
        self._workspace = workspace
        self._person = person
        self._has_powerpost = powerpost is not None
        self._powerpost = powerpost = powerpost or PowerPost()
        self._bot = bot
        self._features = features
        self._stand_ins = StandIns(workspace, powerpost)
        self._notices = Notices(workspace.clock)
        self._environment = build_environment()
        self._environment.globals["emoji"] = lambda name: find_emoji(name) or f":{name}:"
        self._bodies = BodyCache()
        self._exchanges = ExchangeTable(
            workspace.exchanges, powerpost.exchanges, _local_zone(), powerpost.deliveries
        )
        self._zone = _local_zone()

    # -- pages --------------------------------------------------------------------------------

    async def show_first(self, request: Request) -> Response:
        viewer = self._viewer(request)
        first = self._first_channel(viewer)
        return RedirectResponse(f"/c/{first}?as={viewer.id}", status_code=303)

    async def show_channel(self, request: Request) -> Response:
        viewer = self._viewer(request)
        channel, thread = request.path_params["channel"], request.path_params.get("thread")
        here = self._place(viewer, channel, thread)
        self._notices.see(viewer.id, channel)
        return await self._render("page.html", viewer, here)

    async def show_home(self, request: Request) -> Response:
        viewer = self._viewer(request)
        return await self._render("page.html", viewer, self._home_place())

    async def show_part(self, request: Request) -> Response:
        part = request.path_params["part"]
        if part not in _PARTS:
            raise HTTPException(404)
        viewer = self._viewer(request)
        query = request.query_params
        channel = query.get("channel")
        here = self._home_place()
        if channel:
            here = self._place(viewer, channel, query.get("thread") or None)
        if part == "messages" and channel:
            self._notices.see(viewer.id, channel)
        return await self._render(f"part_{part}.html", viewer, here, query.get("q", ""))

    async def _render(
        self, template: str, viewer: User, here: Location, query: str = ""
    ) -> Response:
        context = self._context(viewer, here)
        screen: Screen = context["screen"]
        if template in ("part_messages.html", "page.html") and here.channel:
            context["rows"] = screen.channel_rows(here.channel)
        if template in ("part_thread.html", "page.html") and here.channel and here.thread:
            context["thread_rows"] = screen.thread_rows(here.channel, here.thread)
        if template == "part_drawer.html":
            context.update(await self._drawer(query))
        html = self._environment.get_template(template).render(context)
        return HTMLResponse(html, headers={"cache-control": "no-store"})

    def _context(self, viewer: User, here: Location) -> dict[str, Any]:
        screen = Screen(
            self._workspace, self._environment, viewer, self._notices, self._zone, self._bodies
        )
        view = screen.modal()
        errors = self._notices.view_errors.get(view.id, {}) if view else {}
        return {
            "screen": screen,
            "viewer": viewer,
            "here": here,
            "links": screen.channel_links(here.channel),
            "people": self._people(screen, viewer, here),
            "bot_profile": screen.profile(self._workspace.bot.id),
            "home": screen.home(),
            "view": view,
            "view_error": errors.get(""),
            "depth": len(self._workspace.view_stacks.get(viewer.id) or []),
            "features": self._features,
            "features_json": self._features.to_json(),
            "bot": self._bot,
            "balance": self._powerpost.balance if self._has_powerpost else None,
            "pending_faults": list_pending(self._stand_ins),
            "weather_groups": list_groups(self._stand_ins, has_powerpost=self._has_powerpost),
        }

    def _people(self, screen: Screen, viewer: User, here: Location) -> list[Identity]:
        people = []
        for user in self._workspace.users.values():
            if user.is_bot:
                continue
            channel = self._workspace.channels.get(here.channel or "")
            path = "/home" if here.place == "home" else f"/c/{self._first_channel(user)}"
            if channel is not None and self._workspace.may_see(channel, user.id):
                path = f"/c/{channel.id}" + (f"/t/{here.thread}" if here.thread else "")
            elif channel is not None and channel.kind == "im" and not channel.is_people_dm:
                path = f"/c/{self._workspace.open_dm(user.id).id}"
            href, profile = f"{path}?as={user.id}", screen.profile(user.id)
            people.append(Identity(href, profile, user is viewer, _standing(user)))
        return people

    def _first_channel(self, user: User) -> str:
        """Where somebody begins: people of another company only see what is shared with them."""
        channels = self._workspace.channels
        first = channels.get(_FIRST_CHANNEL)
        if first is not None and self._workspace.may_see(first, user.id):
            return first.id
        return next(id_ for id_, each in channels.items() if self._workspace.may_see(each, user.id))

    def _viewer(self, request: Request) -> User:
        return self._user(request.query_params.get("as"))

    def _user(self, user_id: str | None) -> User:
        people = [user for user in self._workspace.users.values() if not user.is_bot]
        if user_id is None:
            return people[0]
        for user in people:
            if user.id == user_id:
                return user
        raise HTTPException(404, "No such person.")

    def _place(self, viewer: User, channel_id: str, thread: str | None) -> Location:
        channel_id = self._workspace.former_channels.get(channel_id, channel_id)
        channel = self._workspace.channels.get(channel_id)
        if channel is None or not self._workspace.may_see(channel, viewer.id):
            raise HTTPException(404, "No such channel, or you can’t see it.")
        screen = Screen(
            self._workspace, self._environment, viewer, self._notices, self._zone, self._bodies
        )
        return Location(
            place="channel",
            title=screen.title_of(channel),
            kind=channel.kind,
            channel=channel.id,
            thread=thread,
            members=[screen.profile(user_id) for user_id in sorted(channel.members)],
            has_bot=self._workspace.bot.id in channel.members,
            is_archived=channel.is_archived,
            is_shared=channel.shared_with is not None,
        )

    def _home_place(self) -> Location:
        return Location(place="home", title=f"{self._workspace.bot.real_name} Home")

    # -- the drawer ---------------------------------------------------------------------------

    async def _drawer(self, query: str) -> dict[str, Any]:
        rows, count = await self._exchanges.find_last(query, _MOST_EXCHANGES)
        return {"exchanges": rows, "more": count - len(rows), "query": query}

    async def show_exchange(self, request: Request) -> Response:
        row = self._exchanges.find(request.path_params["key"])
        if row is None:
            raise HTTPException(404, "No such exchange.")
        template = self._environment.get_template("part_exchange.html")
        return HTMLResponse(template.render(exchange=row))

    # -- the rest -----------------------------------------------------------------------------

    async def stream(self, request: Request) -> Response:
        changes = stream_changes(self._workspace, self._powerpost, self._viewer(request).id)
        headers = {"cache-control": "no-store"}
        return StreamingResponse(changes, media_type="text/event-stream", headers=headers)

    async def list_options(self, request: Request) -> Response:
        """What an external_select offers, already as Slack's option objects."""
        viewer, query = self._viewer(request), request.query_params
        options = await self._person(viewer.id).options(
            query.get("view", ""),
            query.get("block", ""),
            query.get("action", ""),
            query.get("q", ""),
        )
        return JSONResponse({"options": options})

    async def send_file(self, request: Request) -> Response:
        """A file's bytes. Only pictures are shown, anything else is offered as a download."""
        file = self._workspace.files.get(request.path_params["file"])
        if file is None or file.is_deleted:
            raise HTTPException(404, "No such file.")
        headers = {"cache-control": "private, max-age=3600"}
        if file.mimetype in _SAFE_PICTURES:
            return Response(file.content, media_type=file.mimetype, headers=headers)
        headers["content-disposition"] = "attachment"
        return Response(file.content, media_type="application/octet-stream", headers=headers)

    async def _until_heard(self) -> None:
        """A person may be faster than a bot that is starting: what they do waits for it."""
        if self._bot is not None and self._bot.is_starting:
            # Where it does not come up, Slack's own words for that follow.
            with contextlib.suppress(RuntimeError, TimeoutError):
                await self._bot.until_ready()

    async def do(self, request: Request) -> Response:
        name = request.path_params["action"]
        action = ACTIONS.get(name)
        if action is None:
            raise HTTPException(404, "No such action.")
        if name != "kill":
            await self._until_heard()
        async with request.form(max_files=1, max_fields=200) as form:
            who = form.get("as")
            user = self._user(who if isinstance(who, str) else None)
            context = ActionContext(
                person=self._person(user.id),
                form=form,
                notices=self._notices,
                stand_ins=self._stand_ins,
                features=self._features,
                bot=self._bot,
            )
            return JSONResponse(await action(context))


def _standing(user: User) -> str:
    return user.team_name or ("Admin" if user.is_admin else "Member")


def _local_zone() -> tzinfo:
    return datetime.now(UTC).astimezone().tzinfo or UTC

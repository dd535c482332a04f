"""Builds every part from the settings, hands them to each other, starts and stops them."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import structlog
from filelock import FileLock
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.alarm import Alarm, Tallies
from bot.approvals import ApprovalCourt, ApprovalOffers, ApprovalSweep
from bot.captions import CaptionCatalogue
from bot.entrance import Entrance, Permission
from bot.errors import ImagineError
from bot.generations.admission import Admission
from bot.generations.engine import DbosEngine
from bot.generations.leases import Lease
from bot.generations.places import RUNNING_PER_PERSON, Places
from bot.generations.timing import Rhythm
from bot.generations.workflow import GenerationWorkflow
from bot.metrics import Metrics
from bot.observing import Doing, Observers
from bot.policy.book import PolicyBook
from bot.powerpost.client import PowerPostClient
from bot.powerpost.downloads import PictureStorage
from bot.powerpost.sharing import SharedLimiter
from bot.references import ReferenceGatherer
from bot.settings import Settings
from bot.slack.admins import Admins
from bot.slack.alerts import AdminAlerts
from bot.slack.application import build_bolt_app
from bot.slack.approvals.courier import ApprovalCourier
from bot.slack.approvals.desk import ApprovalDesk
from bot.slack.connection import SlackClient, SlackConnection, build_client
from bot.slack.errands import Errands
from bot.slack.faults import FaultAnswers
from bot.slack.files import FileFetcher
from bot.slack.forms.desk import FormDesk
from bot.slack.forms.drafts import Drafts
from bot.slack.home.desk import HomeDesk
from bot.slack.home.facts import BalanceWatch, HomeFactFinder
from bot.slack.home.references import ReferenceKeeper
from bot.slack.listeners.events import EventListeners
from bot.slack.membership import GroupMembership
from bot.slack.ordering import OrderDesk
from bot.slack.pacing import SlackPace
from bot.slack.pictures import PictureConverter
from bot.slack.posting import SlackAudience
from bot.slack.quotes import Quotes
from bot.slack.reports.desk import ReportDesk
from bot.slack.routes import Route as SlackRoute
from bot.slack.routes import build_routes
from bot.slack.threads.desk import ThreadDesk
from bot.slack.versions import Versions
from bot.slack.web import SlackEndpoint
from bot.store.alerts import AlertStore
from bot.store.approvals import ApprovalStore
from bot.store.balances import BalanceStore
from bot.store.database import Database, lock_sqlite_file
from bot.store.drafts import DraftStore
from bot.store.generations import LOCAL_OWNER, GenerationStore
from bot.store.hints import HintKind, HintStore
from bot.store.ledger import LedgerStore
from bot.store.lineage import LineageStore
from bot.store.media import MediaStore
from bot.store.migrate import migrate
from bot.store.paces import PaceStore
from bot.store.places import PlaceStore
from bot.store.policies import PolicyStore
from bot.store.prices import PriceStore
from bot.store.processes import ProcessStore
from bot.store.spending import SpendingStore
from bot.store.usage import UsageStore
from bot.traces import open_traces
from bot.upstream import PowerPostUpstream
from bot.webhook import WebhookEndpoint

# Of the 10 seconds that a stop may take, this much goes to answers that were paid for.
PAID_ANSWER_SECONDS: Final = 5.0

# Three of a person's requests run at a time, and ten may wait.
OWED_PER_PERSON: Final = RUNNING_PER_PERSON + 10

log = structlog.get_logger()


class Role(StrEnum):
    """What a process does: answer Slack, work on what was promised, or both."""

    WEB = "web"
    WORKER = "worker"
    ALL = "all"

    @property
    def answers(self) -> bool:
        """Whether Slack is answered here."""
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        """Whether generations are worked on here."""
        return self is not Role.WEB


class Bot:
    """The whole bot, built and used on one event loop."""

    def __init__(
        self, settings: Settings, rhythm: Rhythm | None = None, role: Role = Role.ALL
    ) -> None:
        """`rhythm` is the settings' own where it is not given."""
        self._settings = settings
        self._role = role
        # On PostgreSQL each process has a name of its own, and what a dead one had is taken over.
        owner = LOCAL_OWNER if settings.is_sqlite else secrets.token_hex(8)
        self._lock: FileLock | None = None
        token = settings.slack_bot_token.get_secret_value()
        self._metrics = Metrics(
            queued=lambda: self._admission.queued, running=lambda: self._engine.running
        )
        self._traces = open_traces(settings.otel_exporter_otlp_endpoint)
        observer = self._observer = Observers(self._metrics, self._traces)
        slack = build_client(settings.slack_api_url, token, observer)
        app_token = _reveal(settings.slack_app_token) if role.answers else None
        self._connection = SlackConnection(slack, app_token, answering=self._answering)
        self._database = Database(settings.database_url)
        # Where other processes may be, limits are kept together with them; else in memory.
        self._paces = None if settings.is_sqlite else PaceStore(self._database)
        self._limiter = None if self._paces is None else SharedLimiter(self._paces)
        self._powerpost = PowerPostClient(
            base_url=settings.powerpost_api_url,
            api_key=settings.powerpost_api_key.get_secret_value(),
            workspace_id=settings.powerpost_workspace_id,
            limiter=self._limiter,
            observer=observer,
        )
        self._storage = PictureStorage(settings.powerpost_api_url, observer=observer)
        self._converter = PictureConverter()
        self._store = GenerationStore(
            self._database,
            owner if role.works else None,
            owed_per_person=OWED_PER_PERSON,
        )
        self._processes = ProcessStore(self._database, owner)
        self._lineage = LineageStore(self._database)
        self._ledger = LedgerStore(self._database)
        self._prices = PriceStore(self._database)
        policies = PolicyStore(self._database)
        self._policies = PolicyBook(policies)
        self._admins = Admins(slack, self._policies, settings.imagine_admins)
        upstream = PowerPostUpstream(self._powerpost)
        self._members = GroupMembership(slack)
        self._alarm = self._build_alarm(slack, upstream)
        self._workflow = self._build_workflow(slack, upstream, rhythm, owner)
        self._hints = HintStore(
            self._database,
            settings.database_url,
            {
                HintKind.ENDED: self._workflow.waiting.wake,
                HintKind.CANCELLED: self._workflow.places.skip_line,
                HintKind.PLACE_FREE: self._workflow.places.wake,
            },
        )
        self._engine = DbosEngine(settings.database_url, self._workflow.run, owner)
        self._admission = Admission(self._store, self._engine if role.works else None)
        self._lease = Lease(self._processes, self._admission.begin)
        self._errands = Errands()
        approvals = ApprovalStore(self._database, owner if role.works else None)
        offers = ApprovalOffers(approvals)
        self._entrance = Entrance(self._policies, self._admission, self._members, offers)
        self._approval = self._build_approval_desk(slack, approvals)
        self._drafts = Drafts(DraftStore(self._database), self._errands)
        self._home_facts = HomeFactFinder(
            book=self._policies,
            admins=self._admins,
            balance=BalanceWatch(upstream, BalanceStore(self._database)),
            pictures=self._lineage,
            changes=policies,
            spending=SpendingStore(self._database),
            workspace_url=lambda: self._connection.workspace_url,
        )
        routes = self._build_routes(slack, upstream)
        faults = FaultAnswers(slack, self._errands)
        self._bolt = build_bolt_app(slack, token, self._connection, routes, faults)

    def _build_workflow(
        self, slack: SlackClient, upstream: PowerPostUpstream, rhythm: Rhythm | None, owner: str
    ) -> GenerationWorkflow:
        """The life of a generation, with what it reaches PowerPost and Slack through."""
        settings = self._settings
        audience = SlackAudience(
            slack,
            self._storage,
            self._converter,
            Versions(self._store, self._lineage, lambda: self._connection.workspace_url),
            Quotes(self._prices, self._policies),
            SlackPace(time.monotonic, self._paces),
        )
        references = self._references = ReferenceGatherer(
            FileFetcher(slack),
            self._powerpost,
            MediaStore(self._database, settings.powerpost_workspace_id),
        )
        return GenerationWorkflow(
            self._store,
            upstream,
            audience,
            references,
            self._ledger,
            rhythm or Rhythm(poll_seconds=settings.poll_seconds),
            self._observer,
            Tallies(self._metrics, self._alarm),
            self._build_places(audience, owner),
            Permission(self._policies, self._members),
        )

    def _build_alarm(self, slack: SlackClient, upstream: PowerPostUpstream) -> Alarm:
        usage = UsageStore(self._database)
        return Alarm(
            book=self._policies,
            policies=PolicyStore(self._database),
            usage=usage,
            spending=SpendingStore(self._database),
            prices=PriceStore(self._database),
            alerts=AlertStore(self._database),
            voice=AdminAlerts(slack, self._admins),
            purse=upstream,
        )

    def _build_places(self, audience: SlackAudience, owner: str) -> Places:
        """Who may run: this process decides alone where it is the only one."""
        limit = self._settings.imagine_running_per_workspace
        if self._settings.is_sqlite:
            return Places(self._store, audience, limit)
        book = PlaceStore(self._database, owner, per_person=RUNNING_PER_PERSON, per_workspace=limit)

        async def tell_free(whose: str) -> None:
            await self._hints.send(HintKind.PLACE_FREE, whose)

        return Places(self._store, audience, limit, book, tell_free)

    def _build_routes(self, slack: SlackClient, upstream: PowerPostUpstream) -> list[SlackRoute]:
        """Everything that people can do, with the desks that do it."""
        form = FormDesk(
            client=slack,
            door=self._entrance,
            drafts=self._drafts,
            prices=self._prices,
            purse=upstream,
            captions=CaptionCatalogue(self._powerpost),
            errands=self._errands,
            policies=self._policies,
        )
        thread = ThreadDesk(
            client=slack,
            door=self._entrance,
            generations=self._store,
            lineage=self._lineage,
            form=form,
            errands=self._errands,
            workspace_url=lambda: self._connection.workspace_url,
            cancel=self._cancel,
        )
        usage = UsageStore(self._database)
        reports = ReportDesk(slack, usage, self._policies, self._admins, self._errands)
        orders = OrderDesk(
            self._entrance, upstream, form, thread, slack, self._errands, self._policies, reports
        )
        events = EventListeners(thread, lambda: self._connection.bot_user_id)
        home = HomeDesk(
            client=slack,
            book=self._policies,
            facts=self._home_facts,
            references=ReferenceKeeper(slack, self._policies, self._references),
            form=form,
            errands=self._errands,
        )
        return build_routes(orders, form, thread, events, home, self._approval, reports)

    def _build_approval_desk(self, slack: SlackClient, approvals: ApprovalStore) -> ApprovalDesk:
        """What is over budget: asked for, decided and told."""
        read = self._policies.read
        courier = ApprovalCourier(slack, approvals, read)
        self._approval_sweep = ApprovalSweep(approvals, courier.deliver)
        court = ApprovalCourt(approvals, self._policies, self._entrance, self._admission)
        return ApprovalDesk(slack, court, courier, self._errands, read)

    async def _cancel(self, generation_id: str) -> bool:
        is_cancelled = await self._store.cancel(generation_id, datetime.now(UTC))
        if is_cancelled:
            self._workflow.places.skip_line(generation_id)
            await self._hints.send(HintKind.CANCELLED, generation_id)  # another may have it
        return is_cancelled

    async def _tell_ended(self, image_generation_id: str) -> None:
        await self._hints.send(HintKind.ENDED, image_generation_id)

    @property
    def is_connected(self) -> bool:
        """Whether Slack has told us who we are."""
        return self._connection.identity is not None

    async def start(self) -> None:
        """Bring the database up to date, resume what was promised, and open the door.

        Raises DatabaseInUseError, DatabaseUnusableError or EngineError where it cannot.
        """
        if (path := self._settings.sqlite_path) is not None:
            self._lock = lock_sqlite_file(path)
        await asyncio.to_thread(migrate, self._settings.database_url)
        if self._paces is not None:
            with contextlib.suppress(ImagineError):  # the next start does it, too
                await self._paces.forget_old()
        if self._role.works:
            await self._start_work()
        self._connection.open(self._bolt)
        log.info("started", role=self._role, socket_mode=self._settings.uses_socket_mode)

    async def _start_work(self) -> None:
        if self._settings.is_sqlite:
            await self._processes.adopt_all()
            await self._engine.launch()
        else:
            await self._engine.launch()
            await self._lease.open()
        self._hints.open()
        self._admission.open()
        self._approval_sweep.open()
        self._alarm.open()

    async def close(self) -> None:
        """Stop within 10 seconds; what is under way is resumed by the next start."""
        await self._connection.close_socket()
        await self._hints.close()
        await self._lease.stop()
        await self._approval_sweep.close()
        await self._admission.close()
        await self._drafts.flush()
        await self._alarm.close()
        await self._errands.close()
        await self._workflow.payment.close(PAID_ANSWER_SECONDS)
        if self._role.works:
            await self._engine.close()
            if not self._settings.is_sqlite:
                await self._lease.leave()
        self._converter.close()
        await self._storage.aclose()
        await self._powerpost.aclose()
        if self._limiter is not None:
            await self._limiter.close()
        await self._connection.close()
        await self._database.close()
        if self._traces is not None:
            await self._traces.close()
        if self._lock is not None:
            self._lock.release()
        log.info("stopped")

    def web_app(self) -> Starlette:
        """The ASGI app; its lifespan starts and stops the bot."""
        routes = [
            Route("/healthz", _say_alive),
            Route("/readyz", self._say_ready),
            Route("/metrics", self._say_metrics),
        ]
        secret = _reveal(self._settings.slack_signing_secret)
        is_answering = self._role.answers and not self._settings.uses_socket_mode
        if is_answering and secret is not None:
            endpoint = SlackEndpoint(self._bolt, secret, self._answering)
            routes.append(Route("/slack/events", endpoint.answer, methods=["POST"]))
        if token := _reveal(self._settings.powerpost_webhook_token):
            workspace_id = self._settings.powerpost_workspace_id
            webhook = WebhookEndpoint(token, workspace_id, self._tell_ended)
            routes.append(Route("/powerpost/webhook/{token}", webhook.answer, methods=["POST"]))
        return Starlette(routes=routes, lifespan=self._live)

    @contextlib.asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        """Started on the way in and closed on the way out, also where the start failed."""
        try:
            await self.start()
            yield
        finally:
            await self.close()

    @contextlib.asynccontextmanager
    async def _live(self, _app: Starlette) -> AsyncIterator[None]:
        async with self.live():
            yield

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        with self._admission.answering(), self._observer.watch(Doing.ANSWER, "slack"):
            yield

    async def _say_metrics(self, _request: Request) -> Response:
        return await self._metrics.answer(self._store, self._ledger)

    async def _say_ready(self, _request: Request) -> Response:
        """200 where a command would be heard, kept and answered; else 503, and what is missing."""
        problems = {}
        try:
            async with asyncio.timeout(2.0):
                await self._store.ping()
        except (TimeoutError, ImagineError):
            problems["database"] = "does not answer"
        if problem := await self._connection.problem():
            problems["slack"] = problem
        body = {"ready": not problems, "running": self._engine.running, "problems": problems}
        return JSONResponse(body, 503 if problems else 200)


async def _say_alive(_request: Request) -> Response:
    return PlainTextResponse("ok")


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()

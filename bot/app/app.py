"""Builds every part from the settings, hands them to each other, starts and stops them."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from enum import StrEnum
from typing import Final

import structlog
from filelock import FileLock
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.app.dependencies import Dependencies, Stores
from bot.app.wiring import build_features
from bot.app.worker import Worker
from bot.errors import ImagineError
from bot.generations.timing import PollSchedule
from bot.http.bodies import Bodies
from bot.policy.book import PolicyBook
from bot.policy.workspaces import PowerPostWorkspaces
from bot.powerpost.client import PowerPostClient
from bot.powerpost.rate_limiter import RateLimiter
from bot.powerpost.upstream import PowerPostUpstream
from bot.powerpost.webhook import WebhookEndpoint
from bot.settings import Settings
from bot.slack.image_form.drafts import Drafts
from bot.slack.kit.admins import Admins
from bot.slack.kit.application import build_bolt_app
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.connection import SlackConnection, build_client
from bot.slack.kit.endpoint import SlackEndpoint
from bot.slack.kit.failed_listeners import FaultAnswers
from bot.slack.kit.files import FileFetcher
from bot.slack.kit.membership import GroupMembership
from bot.slack.kit.pictures import PictureConverter, SlackPicture
from bot.slack.kit.references import ReferenceGatherer
from bot.slack.kit.signing import ContentSigner
from bot.store.database import lock_sqlite_file, make_private
from bot.store.generations import LOCAL_OWNER
from bot.store.migrate import migrate
from bot.telemetry.instrumentation import Observers, Operation
from bot.telemetry.metrics import Metrics
from bot.telemetry.traces import open_traces

# Of the 10 seconds that a stop may take, this much goes to answers that were paid for.
PAID_ANSWER_SECONDS: Final = 5.0

log = structlog.get_logger()


Endpoint = Callable[[Request], Awaitable[Response]]


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
        self,
        settings: Settings,
        schedule: PollSchedule | None = None,
        role: Role = Role.ALL,
        *,
        after_restore: bool = False,
    ) -> None:
        """`schedule` is the settings' own if it is not given. `after_restore`: the database was
        restored from a backup; what it has as accepted is not paid."""
        self._after_restore = after_restore
        self._settings = settings
        self._role = role
        self._lock: FileLock | None = None
        self._traces = open_traces(settings.otel_exporter_otlp_endpoint)
        schedule = schedule or PollSchedule(poll_seconds=settings.poll_seconds)
        self._dependencies = dependencies = self._build_dependencies(schedule)
        self._worker = Worker(dependencies, schedule, works=role.works)
        self._drafts = Drafts(dependencies.stores.drafts, dependencies.background)
        self._bolt = build_bolt_app(
            dependencies.slack,
            settings.slack_bot_token.get_secret_value(),
            dependencies.connection,
            build_features(dependencies, self._worker, self._drafts),
            FaultAnswers(dependencies.slack, dependencies.background),
        )

    def _build_dependencies(self, schedule: PollSchedule) -> Dependencies:
        settings, role = self._settings, self._role
        # On PostgreSQL each process has a name of its own, and what a dead one had is taken over.
        owner = LOCAL_OWNER if settings.is_sqlite else secrets.token_hex(8)
        metrics = Metrics(
            queued=lambda: self._worker.queue.queued,
            running=lambda: self._worker.engine.running,
        )
        observer = Observers(metrics, self._traces)
        token = settings.slack_bot_token.get_secret_value()
        slack = build_client(settings.slack_api_url, token, observer)
        app_token = _reveal(settings.slack_app_token) if role.answers else None
        stores = Stores(settings, owner, works=role.works)
        powerpost = PowerPostClient(
            base_url=settings.powerpost_api_url,
            api_key=settings.powerpost_api_key.get_secret_value(),
            workspace_id=settings.powerpost_workspace_id,
            limiter=RateLimiter(stores.rate_limits),
            observer=observer,
        )
        upstream = PowerPostUpstream(powerpost)
        policies = PolicyBook(stores.policies)
        converter = PictureConverter(_build_signing(settings))
        fetcher = FileFetcher(slack, first_poll_seconds=schedule.file_poll_seconds)

        connection = SlackConnection(
            slack,
            app_token,
            answering=self._answering,
            note_working=stores.installations.note_working,
        )
        return Dependencies(
            settings=settings,
            owner=owner,
            stores=stores,
            metrics=metrics,
            observer=observer,
            slack=slack,
            connection=connection,
            powerpost=powerpost,
            upstream=upstream,
            workspaces=PowerPostWorkspaces(
                settings.powerpost_workspace_id, settings.powerpost_workspace_names
            ),
            policies=policies,
            admins=Admins(slack, policies, settings.imagine_admins, home=lambda: connection.home),
            members=GroupMembership(slack),
            references=ReferenceGatherer(fetcher, upstream.upload, stores.media, converter),
            converter=converter,
            background=BackgroundTasks(),
        )

    @property
    def is_connected(self) -> bool:
        """Whether Slack has told us who we are."""
        return self._dependencies.connection.identity is not None

    async def start(self) -> None:
        """Bring the database up to date, resume what was promised, and take requests in.

        Raises DatabaseInUseError, DatabaseUnusableError or RestoredBackupError where it cannot.
        """
        if (path := self._settings.sqlite_path) is not None:
            self._lock = lock_sqlite_file(path)
            is_private = make_private(path)
            log.info("database.opened", path=str(path), is_private=is_private)
        await asyncio.to_thread(migrate, self._settings.database_url)
        await self._worker.open(after_restore=self._after_restore)
        self._dependencies.connection.open(self._bolt)
        log.info("process.started", role=self._role, socket_mode=self._settings.uses_socket_mode)

    async def close(self) -> None:
        """Stop within 10 seconds; what is under way is resumed by the next start."""
        dependencies = self._dependencies
        await dependencies.connection.close_socket()
        await self._worker.stop_beginning()
        await self._drafts.flush()
        await dependencies.background.close()
        await self._worker.close(PAID_ANSWER_SECONDS)
        await dependencies.powerpost.aclose()
        await dependencies.connection.close()
        await dependencies.stores.close()
        if self._traces is not None:
            await self._traces.close()
        if self._lock is not None:
            self._lock.release()
        log.info("process.stopped")

    def web_app(self) -> Starlette:
        """The ASGI app; its lifespan starts and stops the bot."""
        bodies = Bodies()
        routes = [
            Route("/healthz", _say_alive),
            Route("/readyz", share_look(self._say_ready)),
            Route(
                "/metrics", _with_token(self._settings.metrics_token, share_look(self._say_metrics))
            ),
        ]
        secret = _reveal(self._settings.slack_signing_secret)
        is_answering = self._role.answers and not self._settings.uses_socket_mode
        if is_answering and secret is not None:
            endpoint = SlackEndpoint(self._bolt, secret, self._answering, bodies)
            routes.append(Route("/slack/events", endpoint.answer, methods=["POST"]))
        if token := _reveal(self._settings.powerpost_webhook_token):
            ours = self._dependencies.workspaces.ids
            webhook = WebhookEndpoint(token, ours, self._worker.notify_ended, bodies)
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
        queue, observer = self._worker.queue, self._dependencies.observer
        with queue.answering(), observer.watch(Operation.ANSWER, "slack"):
            yield

    async def _say_metrics(self) -> Response:
        stores = self._dependencies.stores
        return await self._dependencies.metrics.answer(
            stores.generations.count_pending, stores.ledger.read_outstanding
        )

    async def _say_ready(self) -> Response:
        """200 if it is ready to accept commands; else 503, and what is missing."""
        problems = {}
        try:
            async with asyncio.timeout(2.0):
                await self._dependencies.stores.generations.ping()
        except (TimeoutError, ImagineError):
            problems["database"] = "does not answer"
        if problem := await self._dependencies.connection.problem():
            problems["slack"] = problem
        running = self._worker.engine.running
        body = {"ready": not problems, "running": running, "problems": problems}
        return JSONResponse(body, 503 if problems else 200)


async def _say_alive(_request: Request) -> Response:
    return PlainTextResponse("ok")


def share_look(look: Callable[[], Awaitable[Response]]) -> Endpoint:
    """Who asks while somebody's answer is looked up gets the same one: anybody may ask as often as
    they like, and the database is asked once at a time."""
    looking: asyncio.Future[Response] | None = None

    async def answer(_request: Request) -> Response:
        nonlocal looking
        if looking is None or looking.done():
            looking = asyncio.ensure_future(look())
        return await asyncio.shield(looking)

    return answer


def _with_token(token: SecretStr | None, endpoint: Endpoint) -> Endpoint:
    """`endpoint` for who names the token; for everybody where there is none."""
    if token is None:
        return endpoint
    expected = f"Bearer {token.get_secret_value()}".encode()

    async def answer(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            return PlainTextResponse("token needed", 401, {"WWW-Authenticate": "Bearer"})
        return await endpoint(request)

    return answer


def _build_signing(settings: Settings) -> Callable[[SlackPicture, bytes], SlackPicture] | None:
    """Raises SigningUnusableError."""
    certificate, key = settings.imagine_signing_certificate, settings.imagine_signing_key
    if certificate is None or key is None:
        return None
    return ContentSigner(certificate, key, settings.imagine_signing_algorithm).sign


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()

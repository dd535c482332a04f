"""The making of pictures: the workflow with what it reaches PowerPost and Slack through, and the
engine, queues and sweeps that keep it going."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from functools import partial

import structlog

from bot.app.dependencies import Dependencies
from bot.credits.budget_alerts import BudgetAlerts, Counters
from bot.credits.restore_guard import RestoreGuard
from bot.errors import ImagineError
from bot.generations.engine import Engine
from bot.generations.leases import Lease, is_alone
from bot.generations.queue import GenerationQueue
from bot.generations.slots import RUNNING_PER_PERSON, Slots
from bot.generations.timing import Rhythm
from bot.generations.workflow import GenerationWorkflow
from bot.powerpost.captions import CaptionCatalogue
from bot.powerpost.downloads import PictureStorage
from bot.requests.approvals import ApprovalOffers, ApprovalService, ApprovalSweep
from bot.requests.gate import Gate, Permission
from bot.slack.alerts.notifier import AlertNotifier
from bot.slack.approvals.notifier import ApprovalNotifier
from bot.slack.kit import preset_texts
from bot.slack.kit.in_doubt import tell_settled
from bot.slack.kit.rate_limits import SlackRateLimits
from bot.slack.results.publisher import SlackPublisher
from bot.slack.results.quotes import Quotes
from bot.slack.results.versions import Versions
from bot.store.notifications import NotificationKind, NotificationStore
from bot.store.slots import SlotStore

log = structlog.get_logger()


class Worker:
    """Takes requests in, and sees to it that they are worked on. One for the process."""

    def __init__(self, parts: Dependencies, rhythm: Rhythm, *, works: bool) -> None:
        """Without `works` requests are only taken in: other processes work on them."""
        self._parts = parts
        self._works = works
        settings, stores = parts.settings, parts.stores
        self._storage = PictureStorage(
            settings.powerpost_api_url, observer=parts.observer, tls=parts.powerpost.tls
        )
        self.captions = CaptionCatalogue(parts.powerpost)
        self._alarm = self._build_alarm()
        self._clearance = RestoreGuard(
            stores.heartbeats,
            stores.prices,
            parts.upstream.balance,
            partial(is_alone, stores.processes),
        )
        self._offers = ApprovalOffers(stores.approvals)
        self.workflow = workflow = self._build_workflow(rhythm)
        self._hints = NotificationStore(
            stores.database,
            settings.database_url,
            {
                NotificationKind.ENDED: workflow.waiting.wake,
                NotificationKind.CANCELLED: workflow.places.skip_line,
                NotificationKind.SLOT_FREE: workflow.places.wake,
            },
        )
        self.engine = Engine(workflow.run, stores.generations.let_go)
        self.admission = GenerationQueue(
            stores.generations, self.engine if works else None, partial(tell_settled, parts.slack)
        )
        self._lease = Lease(stores.processes, self.admission.begin_all, self.engine.left_alone)
        self.entrance = Gate(
            parts.policies,
            self.admission,
            parts.members,
            preset_texts.gave_way,
            self._offers,
            self.captions,
        )
        self.court = ApprovalService(
            stores.approvals, parts.policies, self.entrance, self.admission
        )
        self.courier = ApprovalNotifier(parts.slack, stores.approvals, parts.policies.read)
        self._approvals = ApprovalSweep(
            stores.approvals, self.courier.deliver, partial(parts.policies.read, fresh=True)
        )

    def _build_workflow(self, rhythm: Rhythm) -> GenerationWorkflow:
        parts, stores = self._parts, self._parts.stores
        audience = SlackPublisher(
            parts.slack,
            self._storage,
            parts.converter,
            Versions(stores.generations, stores.lineage, lambda: parts.connection.workspace_url),
            Quotes(stores.prices, parts.policies),
            SlackRateLimits(time.monotonic, stores.paces),
            may=parts.connection.may,
        )
        return GenerationWorkflow(
            stores.generations,
            parts.upstream,
            audience,
            parts.references,
            stores.ledger,
            rhythm,
            parts.observer,
            Counters(parts.metrics, self._alarm),
            self._build_places(audience),
            Permission(
                parts.policies,
                parts.members,
                self._offers,
                self.captions,
                lambda: parts.connection.home_team_id,
            ),
            self._clearance.given,
        )

    def _build_alarm(self) -> BudgetAlerts:
        parts, stores = self._parts, self._parts.stores
        return BudgetAlerts(
            book=parts.policies,
            policies=stores.policies,
            usage=stores.usage,
            spending=stores.spending,
            prices=stores.prices,
            alerts=stores.alerts,
            voice=AlertNotifier(parts.slack, parts.admins),
            purse=parts.upstream,
            refunds=stores.ledger,
        )

    def _build_places(self, audience: SlackPublisher) -> Slots:
        """Who may run: this process decides alone where it is the only one."""
        settings, stores = self._parts.settings, self._parts.stores
        limit = settings.imagine_running_per_workspace
        if settings.is_sqlite:
            return Slots(audience, limit)
        book = SlotStore(
            stores.database, self._parts.owner, per_person=RUNNING_PER_PERSON, per_workspace=limit
        )

        async def tell_free(whose: str) -> None:
            await self._hints.send(NotificationKind.SLOT_FREE, whose)

        return Slots(audience, limit, book, tell_free)

    async def cancel(self, generation_id: str) -> bool:
        """Refuse what nothing was sent for yet, whoever has it; its status line says so at once.
        False where that is over."""
        is_cancelled = await self._parts.stores.generations.cancel(generation_id, datetime.now(UTC))
        if is_cancelled:
            self.workflow.places.skip_line(generation_id)
            await self._hints.send(NotificationKind.CANCELLED, generation_id)  # another may have it
        return is_cancelled

    async def hint_ended(self, image_generation_id: str) -> None:
        """PowerPost may have ended it: whichever process waits for it looks."""
        await self._hints.send(NotificationKind.ENDED, image_generation_id)

    async def open(self, *, after_restore: bool = False) -> None:
        """Resume what was promised, and begin to work. Raises RestoredBackupError instead of
        paying twice; `after_restore`, what was accepted is told to be unknown, and not paid."""
        if not self._works:
            return
        stores = self._parts.stores
        if after_restore:
            balance = await self.workflow.payment.try_balance()
            settled = await stores.heartbeats.settle_restored(balance, datetime.now(UTC))
            log.warning("backup_settled", generations=settled)
        await self._clearance.open()
        if self._parts.settings.is_sqlite:
            await stores.processes.adopt_all()
        else:
            if stores.paces is not None:
                with contextlib.suppress(ImagineError):  # the next start does it, too
                    await stores.paces.forget_old()
            await self._lease.open()
        self._hints.open()
        self.admission.open()
        self._approvals.open()
        self._alarm.open()

    async def stop_beginning(self) -> None:
        """Take nothing over and begin nothing more."""
        await self._clearance.close()
        await self._hints.close()
        await self._lease.stop()
        await self._approvals.close()
        await self.admission.close()
        await self._alarm.close()

    async def close(self, paid_answer_seconds: float) -> None:
        """Wait so long for answers to what was paid for; what else is under way is resumed by the
        next start."""
        await self.workflow.payment.close(paid_answer_seconds)
        if self._works:
            await self.engine.close()
            await self.workflow.payment.hand_back()
            if not self._parts.settings.is_sqlite:
                await self._lease.leave()
        self._parts.converter.close()
        await self._storage.aclose()

"""The worker: the workflow with what it reaches PowerPost and Slack through, and the
engine, queues and sweeps that keep it going."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

import structlog

from bot.app.dependencies import Dependencies
from bot.app.sweep import FIRST_LOOK_SECONDS, LOOK_SECONDS, NightlySweep
from bot.credits.budget_alerts import BudgetAlerts, Counters
from bot.credits.restore_guard import RestoreGuard
from bot.errors import Transient
from bot.generations.brief import is_apart
from bot.generations.brief_delivery import BriefDelivery, PartPublisher
from bot.generations.engine import Engine
from bot.generations.leases import Lease, is_alone
from bot.generations.ports import Publisher
from bot.generations.queue import SWEEP_SECONDS, GenerationQueue
from bot.generations.record import Generation
from bot.generations.retry import retry_until
from bot.generations.slots import RUNNING_PER_PERSON, Slots
from bot.generations.timing import PollSchedule
from bot.generations.usage import Usage, count_usage
from bot.generations.workflow import GenerationWorkflow
from bot.periodic import PeriodicTask
from bot.posts.gate import PostGate
from bot.posts.workflow import PostWorkflow
from bot.powerpost.captions import CaptionCatalogue
from bot.powerpost.downloads import PictureStorage
from bot.powerpost.posts import PowerPostDesk
from bot.requests.approvals import ApprovalOffers, ApprovalService, ApprovalSweep
from bot.requests.gate import Gate, Permission
from bot.slack.alerts.notifier import AlertNotifier
from bot.slack.approvals.notifier import ApprovalNotifier
from bot.slack.briefs.publisher import BriefPublisher
from bot.slack.briefs.sheet import ContactSheets
from bot.slack.kit import preset_texts
from bot.slack.kit.files import FileUploader
from bot.slack.kit.in_doubt import tell_settled
from bot.slack.kit.posting import Poster
from bot.slack.kit.rate_limits import SlackRateLimits
from bot.slack.picks.delivery import LOOK_SECONDS as PICKS_LOOK_SECONDS
from bot.slack.picks.delivery import PickDelivery
from bot.slack.picks.subject import Subject, Subjects
from bot.slack.posts.teller import PostTeller
from bot.slack.results.publisher import SlackPublisher
from bot.slack.results.quotes import Quotes
from bot.slack.results.sharing import LOOK_SECONDS as SHARES_LOOK_SECONDS
from bot.slack.results.sharing import Sharing
from bot.slack.results.versions import Versions
from bot.store.notifications import NotificationKind, NotificationStore
from bot.store.slots import SlotStore

# A message that is changed while its person looks on.
_SHOW_AGAIN_SECONDS: Final = 120.0

log = structlog.get_logger()


class Worker:
    """Takes requests in, and sees to it that they are worked on. One for the process."""

    def __init__(self, dependencies: Dependencies, schedule: PollSchedule, *, works: bool) -> None:
        """Without `works` requests are only taken in: other processes work on them."""
        self._dependencies = dependencies
        self._works = works
        settings, stores = dependencies.settings, dependencies.stores
        self._storage = PictureStorage(
            settings.powerpost_api_url,
            observer=dependencies.observer,
            tls=dependencies.powerpost.tls,
        )
        self.fetch_picture = self._storage.fetch
        self.captions = CaptionCatalogue(dependencies.powerpost)
        self._budget_alerts = self._build_budget_alerts()
        self._clearance = RestoreGuard(
            stores.heartbeats,
            stores.prices,
            dependencies.upstream.balance,
            partial(is_alone, stores.processes),
            dependencies.observer,
        )
        self._offers = ApprovalOffers(stores.approvals)
        self._pace = SlackRateLimits(time.monotonic, stores.rate_limits)
        self.workflow = workflow = self._build_workflow(schedule)
        self._notifications = NotificationStore(
            stores.database,
            settings.database_url,
            {
                NotificationKind.ENDED: workflow.waiting.wake,
                NotificationKind.CANCELLED: workflow.slots.leave_queue,
                NotificationKind.SLOT_FREE: workflow.slots.wake,
            },
            dependencies.observer,
        )
        self.engine = Engine(workflow.run, stores.generations.let_go)
        self.queue = GenerationQueue(
            stores.generations,
            self.engine if works else None,
            partial(tell_settled, dependencies.slack),
            dependencies.observer,
        )
        self._lease = Lease(
            stores.processes, self.queue.begin_all, self.engine.left_alone, dependencies.observer
        )
        self.gate = Gate(
            dependencies.policies,
            self.queue.accept,
            dependencies.members.known_groups,
            preset_texts.gave_way,
            self._offers.offer,
            self.captions,
            stores.prices,
            stores.spending.usage,
            dependencies.workspaces,
            stores.lineage.versions,
        )
        self._build_approvals()
        self._build_sharing()
        self._build_picks()
        self._build_posts(schedule)
        self._sweep = PeriodicTask(
            "nightly_sweep",
            LOOK_SECONDS,
            NightlySweep(stores.retention, dependencies.metrics).look,
            dependencies.observer,
            first_pause_seconds=FIRST_LOOK_SECONDS,
        )

    def _build_approvals(self) -> None:
        dependencies, stores = self._dependencies, self._dependencies.stores
        self.approvals = ApprovalService(
            stores.approvals, dependencies.policies, self.gate, self.queue
        )
        self.notifier = ApprovalNotifier(
            dependencies.slack,
            stores.approvals,
            dependencies.policies.read,
            stores.questions.keep,
        )
        self._approvals = ApprovalSweep(
            stores.approvals,
            self.notifier.deliver,
            partial(dependencies.policies.read, fresh=True),
            observer=dependencies.observer,
        )

    def _build_sharing(self) -> None:
        dependencies, stores = self._dependencies, self._dependencies.stores
        self.sharing = Sharing(
            dependencies.slack,
            Poster(dependencies.slack, self._pace),
            stores.shares,
            stores.generations.read,
            dependencies.policies,
            dependencies.members,
            lambda: dependencies.connection.workspace_url,
            is_alone=dependencies.settings.is_sqlite,
        )
        self._shares = PeriodicTask(
            "shares", SHARES_LOOK_SECONDS, self.sharing.deliver_pending, dependencies.observer
        )

    def _build_picks(self) -> None:
        dependencies, stores = self._dependencies, self._dependencies.stores
        self.subjects = Subjects(stores.generations, stores.briefs)
        self.picks = PickDelivery(
            dependencies.slack,
            Poster(dependencies.slack, self._pace),
            stores.picks,
            self.subjects,
            self._show_chosen,
        )
        self._picks = PeriodicTask(
            "votes", PICKS_LOOK_SECONDS, self.picks.look, dependencies.observer
        )

    def _build_posts(self, schedule: PollSchedule) -> None:
        """Drafts: a workflow and an engine of their own, which keeps them under way as it does
        generations."""
        dependencies, stores = self._dependencies, self._dependencies.stores
        self.desk = PowerPostDesk(dependencies.powerpost)
        self.post_gate = PostGate(
            dependencies.policies,
            stores.posts,
            stores.prices.estimate_text,
            dependencies.members.find_groups,
            stores.installations.is_removed,
            dependencies.workspaces,
        )
        poster = Poster(dependencies.slack, self._pace)
        self.post_teller = PostTeller(poster, stores.posts, self.post_gate.estimate)
        self._post_workflow = PostWorkflow(
            stores.posts,
            self.desk,
            self.post_teller,
            self.post_gate,
            stores.ledger.settle,
            self._clearance.given,
            schedule.poll_seconds,
        )
        self._post_engine = Engine(self._post_workflow.run, stores.posts.let_go)
        self._posts = PeriodicTask("posts", SWEEP_SECONDS, self._begin_posts, dependencies.observer)

    def begin_post(self, post_id: str) -> None:
        """Work on a draft that is on disk; where this process does not work, another does."""
        if self._works:
            self._post_engine.start(post_id)

    async def _begin_posts(self) -> None:
        """What is pending and not under way is begun, if no other process has it."""
        for post_id in await self._dependencies.stores.posts.list_pending(datetime.now(UTC)):
            self._post_engine.start(post_id)

    def _build_workflow(self, schedule: PollSchedule) -> GenerationWorkflow:
        dependencies, stores = self._dependencies, self._dependencies.stores
        pace = self._pace
        self._single = single = SlackPublisher(
            dependencies.slack,
            self._storage.fetch,
            dependencies.converter,
            Versions(
                stores.generations, stores.lineage, lambda: dependencies.connection.workspace_url
            ),
            Quotes(
                stores.prices,
                dependencies.policies,
                can_post=dependencies.settings.imagine_posts,
            ),
            pace,
            may=dependencies.connection.may,
            file_poll_seconds=schedule.file_poll_seconds,
            has_prompts=self._dependencies.settings.imagine_prompt_in_files,
        )
        sheets = ContactSheets(
            self._storage.fetch,
            dependencies.converter,
            FileUploader(
                dependencies.slack,
                first_poll_seconds=schedule.file_poll_seconds,
                may=dependencies.connection.may,
            ),
        )
        self._parts = BriefPublisher(
            dependencies.slack,
            Poster(dependencies.slack, pace),
            stores.prices,
            stores.lineage.bills,
            lambda: dependencies.connection.workspace_url,
            sheets.bring,
        )
        self._briefs = BriefDelivery(stores.briefs, self._parts, observer=dependencies.observer)
        publisher = PartPublisher(single, self._briefs)
        return GenerationWorkflow(
            stores.generations,
            dependencies.upstream,
            publisher,
            dependencies.references,
            stores.ledger.settle,
            schedule,
            dependencies.observer,
            Counters(dependencies.metrics, self._budget_alerts),
            self._build_slots(publisher),
            Permission(
                dependencies.policies,
                dependencies.members.find_groups,
                self._offers.offer,
                self.captions,
                lambda: dependencies.connection.home_team_id,
                stores.installations.is_removed,
            ),
            self._clearance.given,
        )

    def _build_budget_alerts(self) -> BudgetAlerts:
        dependencies, stores = self._dependencies, self._dependencies.stores
        return BudgetAlerts(
            book=dependencies.policies,
            list_teams=stores.policies.list_teams,
            list_spenders=stores.usage.list_spenders,
            read_usage=stores.spending.usage,
            prices=stores.prices,
            alerts=stores.alerts,
            notifier=AlertNotifier(dependencies.slack, dependencies.admins),
            ask_balance=dependencies.upstream.balance,
            end_overdue=stores.ledger.end_overdue,
            observer=dependencies.observer,
        )

    def _build_slots(self, publisher: Publisher) -> Slots:
        """Who may run: this process decides alone where it is the only one."""
        settings, stores = self._dependencies.settings, self._dependencies.stores
        limit = settings.imagine_running_per_workspace
        if settings.is_sqlite:
            return Slots(publisher.show_progress, limit)
        shared = SlotStore(
            stores.database,
            self._dependencies.owner,
            per_person=RUNNING_PER_PERSON,
            per_workspace=limit,
        )

        async def notify_free(whose: str) -> None:
            await self._notifications.send(NotificationKind.SLOT_FREE, whose)

        return Slots(publisher.show_progress, limit, shared, notify_free)

    async def cancel(self, generation_id: str) -> bool:
        """Refuse what nothing was sent for yet, whoever has it; its status line says so at once.
        False where that is over."""
        is_cancelled = await self._dependencies.stores.generations.cancel(
            generation_id, datetime.now(UTC)
        )
        if is_cancelled:
            await self.note_cancelled([generation_id])
        return is_cancelled

    async def note_cancelled(self, generation_ids: Sequence[str]) -> None:
        """These were refused in their rows: they leave the queue, whoever has them."""
        for generation_id in generation_ids:
            self.workflow.slots.leave_queue(generation_id)
            await self._notifications.send(NotificationKind.CANCELLED, generation_id)

    async def go_on(self, generation_id: str) -> bool:
        """Work again on what was told to have no known outcome, and has one at PowerPost: it is
        paid for, so it is only looked at. False where it is worked on already."""
        # On PostgreSQL the process that had it may be gone: whoever works takes it.
        owner = self._dependencies.owner if self._works else None
        is_mine = await self._dependencies.stores.generations.revive(generation_id, owner=owner)
        if is_mine and self._works:
            await self.queue.begin_all([generation_id])
        return is_mine

    async def show_again(self, generation_id: str) -> None:
        """Put the result, as its rows are now, in place of its message. Raises what Slack or the
        database say."""
        stores = self._dependencies.stores
        generation = await stores.generations.read(generation_id)
        brief = await stores.briefs.read(generation.brief_id) if generation.brief_id else None
        if brief is not None and not is_apart(brief, generation):
            await retry_until(
                lambda: self._parts.show_again(brief, generation), _SHOW_AGAIN_SECONDS
            )
            return
        usage = await self._count_usage(generation)
        await retry_until(lambda: self._single.show_again(generation, usage), _SHOW_AGAIN_SECONDS)

    async def _show_chosen(self, subject: Subject, generation_ids: Collection[str]) -> None:
        """The first message says which picture was chosen, and so do the messages of these."""
        anchor, brief = subject.anchor, subject.brief
        if brief is not None and brief.told_at is not None:
            await self._parts.show_end(brief)
        if brief is None and anchor.told_at is not None and anchor.deleted_at is None:
            await self._single.show_outcome(anchor, await self._count_usage(anchor))
        messages = {
            each.result_ts: each.id
            for each in subject.made
            if each.id in generation_ids and each.deleted_at is None
        }
        for generation_id in messages.values():
            await self.show_again(generation_id)

    async def _count_usage(self, generation: Generation) -> Usage:
        bills = await self._dependencies.stores.lineage.bills([generation.id])
        bill = bills.get(generation.id)
        return count_usage(generation, (bill.back or None) if bill else None)

    async def notify_ended(self, image_generation_id: str) -> None:
        """PowerPost may have ended it: whichever process waits for it looks."""
        await self._notifications.send(NotificationKind.ENDED, image_generation_id)

    async def open(self, *, after_restore: bool = False) -> None:
        """Resume what was promised, and begin to work. Raises RestoredBackupError instead of
        paying twice; `after_restore`, what was accepted is told to be unknown, and not paid."""
        if not self._works:
            return
        stores = self._dependencies.stores
        if after_restore:
            balance = await self.workflow.payment.try_balance()
            settled = await stores.heartbeats.settle_restored(balance, datetime.now(UTC))
            log.warning("backup.settled", generations=settled)
        await self._clearance.open()
        if self._dependencies.settings.is_sqlite:
            await stores.processes.adopt_all()
            await stores.posts.adopt_all()
        else:
            await self._lease.open()
        self._notifications.open()
        self.queue.open()
        self._approvals.open()
        self._briefs.open()
        self._budget_alerts.open()
        self._shares.start()
        self._picks.start()
        self._posts.start()
        self._sweep.start()

    async def stop_beginning(self) -> None:
        """Take nothing over and begin nothing more."""
        await self._sweep.stop()
        await self._shares.stop()
        await self._picks.stop()
        await self.picks.close()
        await self._posts.stop()
        await self._clearance.close()
        await self._notifications.close()
        await self._lease.stop()
        await self._approvals.close()
        await self._briefs.close()
        await self.queue.close()
        await self._budget_alerts.close()

    async def close(self, paid_answer_seconds: float) -> None:
        """Wait so long for answers to what was paid for; what else is under way is resumed by the
        next start."""
        await self._post_engine.close()
        await asyncio.gather(
            self.workflow.payment.close(paid_answer_seconds),
            self._post_workflow.close(paid_answer_seconds),
        )
        if self._works:
            await self.engine.close()
            with contextlib.suppress(Transient):  # then they are free when their claims end
                await self._dependencies.stores.posts.let_go()
            await self.workflow.payment.hand_back()
            if not self._dependencies.settings.is_sqlite:
                await self._briefs.let_go()
                await self._lease.leave()
        self._dependencies.converter.close()
        await self._storage.aclose()

"""Wires the features: the service of each, and the table of routes that leads to them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import structlog

from bot.app.dependencies import Dependencies
from bot.app.worker import Worker
from bot.slack.approvals.service import ApprovalActions
from bot.slack.commands.service import CommandService
from bot.slack.home.facts import BalanceWatch, HomeFactFinder
from bot.slack.home.references import ReferenceKeeper
from bot.slack.home.service import HomeService
from bot.slack.image_form.drafts import Drafts
from bot.slack.image_form.service import ImageFormService
from bot.slack.kit.channel_access import ChannelAccess
from bot.slack.kit.outsiders import Outsiders
from bot.slack.kit.rights import ResultRights
from bot.slack.messages.handlers import MessageHandlers
from bot.slack.messages.service import MessageService
from bot.slack.questions.service import QuestionService
from bot.slack.reports.service import ReportService
from bot.slack.results.service import ResultService
from bot.slack.results.sharing import Sharing
from bot.slack.routes import Route, build_routes

log = structlog.get_logger()


def build_features(dependencies: Dependencies, worker: Worker, drafts: Drafts) -> list[Route]:
    """Everything that people can do, with the services that do it."""
    form = _build_form(dependencies, worker, drafts)
    questions = QuestionService(
        client=dependencies.slack,
        gate=worker.gate,
        questions=dependencies.stores.questions,
        prices=dependencies.stores.prices,
        policies=dependencies.policies,
        form=form,
        background=dependencies.background,
    )
    thread = _build_thread(dependencies, worker, form, questions)
    reports = ReportService(
        dependencies.slack,
        dependencies.stores.usage,
        dependencies.policies,
        dependencies.admins,
        dependencies.background,
    )
    orders = CommandService(
        worker.gate,
        dependencies.upstream,
        form,
        thread,
        dependencies.slack,
        dependencies.background,
        dependencies.policies,
        reports,
        questions,
    )
    outsiders = Outsiders(
        dependencies.slack,
        dependencies.background,
        dependencies.policies,
        dependencies.admins,
        lambda: dependencies.connection.home,
    )
    spoken = MessageService(
        dependencies.slack,
        dependencies.background,
        dependencies.stores.welcomes,
        dependencies.admins,
    )
    events = MessageHandlers(
        thread,
        spoken,
        outsiders,
        partial(_move_channel, dependencies),
        reports.names,
        lambda: dependencies.connection.bot_user_id,
    )
    approval = ApprovalActions(
        dependencies.slack,
        worker.approvals,
        worker.notifier,
        dependencies.background,
        dependencies.policies.read,
    )
    results = ResultRights(dependencies.stores.generations, thread.refuse_click)
    home = _build_home(dependencies, form)
    return build_routes(
        orders, form, thread, events, home, approval, reports, results, outsiders, spoken
    )


async def _move_channel(dependencies: Dependencies, team_id: str, old_id: str, new_id: str) -> None:
    if await dependencies.stores.channels.move(team_id, old_id, new_id, datetime.now(UTC)):
        log.info("channel_moved", channel=new_id)
    dependencies.policies.forget(team_id)


def _build_form(dependencies: Dependencies, worker: Worker, drafts: Drafts) -> ImageFormService:
    return ImageFormService(
        client=dependencies.slack,
        gate=worker.gate,
        drafts=drafts,
        prices=dependencies.stores.prices,
        balance_source=dependencies.upstream,
        captions=worker.captions,
        spending=dependencies.stores.spending,
        background=dependencies.background,
        policies=dependencies.policies,
        may=dependencies.connection.may,
        made=dependencies.stores.lineage,
    )


def _build_thread(
    dependencies: Dependencies, worker: Worker, form: ImageFormService, questions: QuestionService
) -> ResultService:
    return ResultService(
        client=dependencies.slack,
        gate=worker.gate,
        lineage=dependencies.stores.lineage,
        form=form,
        background=dependencies.background,
        workspace_url=lambda: dependencies.connection.workspace_url,
        cancel=worker.cancel,
        sharing=Sharing(dependencies.slack, dependencies.policies, dependencies.members),
        questions=questions,
        policies=dependencies.policies,
    )


def _build_home(dependencies: Dependencies, form: ImageFormService) -> HomeService:
    facts = HomeFactFinder(
        book=dependencies.policies,
        admins=dependencies.admins,
        balance=BalanceWatch(dependencies.upstream, dependencies.stores.balances),
        pictures=dependencies.stores.lineage,
        changes=dependencies.stores.policies,
        channels=ChannelAccess(dependencies.slack, dependencies.connection.may),
        spending=dependencies.stores.spending,
        workspace_url=lambda: dependencies.connection.workspace_url,
    )
    return HomeService(
        client=dependencies.slack,
        book=dependencies.policies,
        facts=facts,
        references=ReferenceKeeper(
            dependencies.slack, dependencies.policies, dependencies.references
        ),
        form=form,
        background=dependencies.background,
        may=dependencies.connection.may,
    )

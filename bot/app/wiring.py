"""The desks: who does what people ask for in Slack, and the table of routes that leads to them."""

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


def build_features(parts: Dependencies, making: Worker, drafts: Drafts) -> list[Route]:
    """Everything that people can do, with the desks that do it."""
    form = _build_form(parts, making, drafts)
    questions = QuestionService(
        client=parts.slack,
        door=making.entrance,
        questions=parts.stores.questions,
        prices=parts.stores.prices,
        policies=parts.policies,
        form=form,
        errands=parts.errands,
    )
    thread = _build_thread(parts, making, form, questions)
    reports = ReportService(
        parts.slack, parts.stores.usage, parts.policies, parts.admins, parts.errands
    )
    orders = CommandService(
        making.entrance,
        parts.upstream,
        form,
        thread,
        parts.slack,
        parts.errands,
        parts.policies,
        reports,
        questions,
    )
    outsiders = Outsiders(
        parts.slack,
        parts.errands,
        parts.policies,
        parts.admins,
        lambda: parts.connection.home,
    )
    spoken = MessageService(parts.slack, parts.errands, parts.stores.welcomes, parts.admins)
    events = MessageHandlers(
        thread,
        spoken,
        outsiders,
        partial(_move_channel, parts),
        reports.names,
        lambda: parts.connection.bot_user_id,
    )
    approval = ApprovalActions(
        parts.slack, making.court, making.courier, parts.errands, parts.policies.read
    )
    results = ResultRights(parts.stores.generations, thread.refuse_click)
    home = _build_home(parts, form)
    return build_routes(
        orders, form, thread, events, home, approval, reports, results, outsiders, spoken
    )


async def _move_channel(parts: Dependencies, team_id: str, old_id: str, new_id: str) -> None:
    if await parts.stores.channels.move(team_id, old_id, new_id, datetime.now(UTC)):
        log.info("channel_moved", channel=new_id)
    parts.policies.forget(team_id)


def _build_form(parts: Dependencies, making: Worker, drafts: Drafts) -> ImageFormService:
    return ImageFormService(
        client=parts.slack,
        door=making.entrance,
        drafts=drafts,
        prices=parts.stores.prices,
        purse=parts.upstream,
        captions=making.captions,
        spending=parts.stores.spending,
        errands=parts.errands,
        policies=parts.policies,
        may=parts.connection.may,
        made=parts.stores.lineage,
    )


def _build_thread(
    parts: Dependencies, making: Worker, form: ImageFormService, questions: QuestionService
) -> ResultService:
    return ResultService(
        client=parts.slack,
        door=making.entrance,
        lineage=parts.stores.lineage,
        form=form,
        errands=parts.errands,
        workspace_url=lambda: parts.connection.workspace_url,
        cancel=making.cancel,
        sharing=Sharing(parts.slack, parts.policies, parts.members),
        questions=questions,
        policies=parts.policies,
    )


def _build_home(parts: Dependencies, form: ImageFormService) -> HomeService:
    facts = HomeFactFinder(
        book=parts.policies,
        admins=parts.admins,
        balance=BalanceWatch(parts.upstream, parts.stores.balances),
        pictures=parts.stores.lineage,
        changes=parts.stores.policies,
        channels=ChannelAccess(parts.slack, parts.connection.may),
        spending=parts.stores.spending,
        workspace_url=lambda: parts.connection.workspace_url,
    )
    return HomeService(
        client=parts.slack,
        book=parts.policies,
        facts=facts,
        references=ReferenceKeeper(parts.slack, parts.policies, parts.references),
        form=form,
        errands=parts.errands,
        may=parts.connection.may,
    )

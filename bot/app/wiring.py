"""Wires the features: the service of each, and the table of routes that leads to them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bot.app.dependencies import Dependencies
from bot.app.worker import Worker
from bot.credits.auditor import Auditor
from bot.errors import Transient
from bot.slack.approvals.service import ApprovalActions
from bot.slack.audit.service import AuditService
from bot.slack.briefs.service import BriefService
from bot.slack.commands.mentions import MentionService
from bot.slack.commands.service import CommandService
from bot.slack.downloads.service import DownloadService
from bot.slack.history.service import HistoryService
from bot.slack.home.facts import BalanceWatch, HomeFactFinder
from bot.slack.home.references import ReferenceKeeper
from bot.slack.home.service import HomeService
from bot.slack.image_form.drafts import Drafts
from bot.slack.image_form.service import ImageFormService, find_target
from bot.slack.kit.channel_access import ChannelAccess
from bot.slack.kit.files import FileFetcher
from bot.slack.kit.ids import ViewId
from bot.slack.kit.library import ChannelSight, LibraryFinder
from bot.slack.kit.outsiders import Outsiders
from bot.slack.kit.prompt_lists import ListReader
from bot.slack.kit.rights import ResultRights
from bot.slack.kit.routing import Route
from bot.slack.library.service import LibraryService
from bot.slack.messages.handlers import MessageHandlers
from bot.slack.messages.service import MessageService
from bot.slack.picks.service import PickService
from bot.slack.posts.service import PostService
from bot.slack.privacy.service import PrivacyService
from bot.slack.questions.service import QuestionService
from bot.slack.reports.service import ReportService
from bot.slack.results.alt_texts import AltTextService
from bot.slack.results.looking import OutcomeLook
from bot.slack.results.originals import Originals
from bot.slack.results.result_views import buttons_of
from bot.slack.results.service import ResultService
from bot.slack.results.variations import find_share_target
from bot.slack.routes import Services, build_routes
from bot.store.personal_data import UnderWay

# As under a result, without its price: where a price is to be asked about, it is.
_SHOW_ROW: Final = partial(buttons_of, can_repeat=True)

log = structlog.get_logger()


def build_features(dependencies: Dependencies, worker: Worker, drafts: Drafts) -> list[Route]:
    """Everything that people can do, with the services that do it."""
    form = _build_form(dependencies, worker, drafts)
    questions = _build_questions(dependencies, worker, form)
    auditor = Auditor(dependencies.stores.ledger, dependencies.upstream.balance)
    sight = ChannelSight(dependencies.slack, dependencies.connection.may)
    finder = _build_finder(dependencies, sight)
    home = _build_home(dependencies, finder)
    library = _build_library(dependencies, finder, home)
    history, reports = _build_history(dependencies), _build_reports(dependencies)
    commands = _build_commands(dependencies, worker, form, questions, history, reports, library)
    picks = _build_picks(dependencies, worker)
    look = OutcomeLook(dependencies.upstream, auditor, worker.go_on)
    results = _build_results(dependencies, worker, form, questions, commands, look, picks)
    outsiders = _build_outsiders(dependencies)
    client, background = dependencies.slack, dependencies.background
    lineage, policies = dependencies.stores.lineage, dependencies.policies
    return build_routes(
        Services(
            commands=commands,
            form=form,
            results=results,
            alt_texts=AltTextService(client, background, lineage, worker.show_again),
            briefs=_build_briefs(dependencies, worker, form, questions),
            downloads=_build_downloads(dependencies, worker, sight),
            picks=picks,
            posts=_build_posts(dependencies, worker),
            questions=questions,
            approvals=ApprovalActions(
                client, worker.approvals, worker.notifier, background, policies.read
            ),
            home=home,
            history=history,
            library=library,
            reports=reports,
            audit=AuditService(client, auditor, dependencies.admins, background),
            messages=_build_messages(dependencies, outsiders, results, home, reports),
            privacy=PrivacyService(
                client,
                partial(_forget_person, dependencies, drafts),
                policies.forget,
                home.show_afresh,
                background,
            ),
            rights=ResultRights(
                dependencies.stores.generations, results.refuse_click, finder.may_see
            ),
            outsiders=outsiders,
        )
    )


def _build_finder(dependencies: Dependencies, sight: ChannelSight) -> LibraryFinder:
    return LibraryFinder(
        dependencies.stores.library,
        sight,
        dependencies.admins.is_member,
        partial(_read_zone, dependencies),
    )


def _build_library(
    dependencies: Dependencies, finder: LibraryFinder, home: HomeService
) -> LibraryService:
    return LibraryService(
        client=dependencies.slack,
        finder=finder,
        campaigns=dependencies.stores.campaigns,
        background=dependencies.background,
        show_row=_SHOW_ROW,
        show_at_home=home.show_library,
        workspace_url=lambda: dependencies.connection.workspace_url,
    )


def _build_history(dependencies: Dependencies) -> HistoryService:
    return HistoryService(
        dependencies.slack,
        dependencies.stores.lineage,
        dependencies.background,
        lambda: dependencies.connection.workspace_url,
    )


def _build_reports(dependencies: Dependencies) -> ReportService:
    return ReportService(
        dependencies.slack,
        dependencies.stores.usage,
        dependencies.policies,
        dependencies.admins,
        dependencies.background,
        lambda: dependencies.connection.workspace_url,
        dependencies.workspaces,
    )


def _build_picks(dependencies: Dependencies, worker: Worker) -> PickService:
    return PickService(
        client=dependencies.slack,
        background=dependencies.background,
        rounds=dependencies.stores.picks,
        subjects=worker.subjects,
        wake=worker.picks.wake,
        policies=dependencies.policies,
        admins=dependencies.admins,
        workspace_url=lambda: dependencies.connection.workspace_url,
    )


def _build_outsiders(dependencies: Dependencies) -> Outsiders:
    return Outsiders(
        dependencies.slack,
        dependencies.background,
        dependencies.policies,
        dependencies.admins,
        lambda: dependencies.connection.home,
        {ViewId.IMAGE_FORM: find_target, ViewId.SHARE_PICTURE: find_share_target},
    )


def _build_briefs(
    dependencies: Dependencies,
    worker: Worker,
    form: ImageFormService,
    questions: QuestionService,
) -> BriefService:
    return BriefService(
        client=dependencies.slack,
        background=dependencies.background,
        briefs=dependencies.stores.briefs,
        gate=worker.gate,
        form=form,
        refuse=questions.refuse,
        note_cancelled=worker.note_cancelled,
    )


def _build_downloads(
    dependencies: Dependencies, worker: Worker, sight: ChannelSight
) -> DownloadService:
    return DownloadService(
        dependencies.slack,
        dependencies.background,
        dependencies.stores.lineage,
        worker.fetch_picture,
        dependencies.converter,
        lambda: dependencies.connection.workspace_url,
        dependencies.stores.campaigns,
        sight,
        has_prompts=dependencies.settings.imagine_prompt_in_files,
    )


def _build_posts(dependencies: Dependencies, worker: Worker) -> PostService:
    return PostService(
        client=dependencies.slack,
        background=dependencies.background,
        gate=worker.post_gate,
        posts=dependencies.stores.posts,
        desk=worker.desk,
        teller=worker.post_teller,
        policies=dependencies.policies,
        begin=worker.begin_post,
        workspace_url=lambda: dependencies.connection.workspace_url,
        is_set_up=dependencies.settings.imagine_posts,
        workspaces=dependencies.workspaces,
    )


def _build_commands(
    dependencies: Dependencies,
    worker: Worker,
    form: ImageFormService,
    questions: QuestionService,
    history: HistoryService,
    reports: ReportService,
    library: LibraryService,
) -> CommandService:
    return CommandService(
        client=dependencies.slack,
        background=dependencies.background,
        gate=worker.gate,
        ask_balance=dependencies.upstream.balance,
        policies=dependencies.policies,
        names=reports.names,
        ask=questions.ask,
        refuse=questions.refuse,
        open_form=form.open_for_command,
        show_history=history.show,
        report=reports.tell,
        campaigns=dependencies.stores.campaigns,
        library=library,
    )


def _build_messages(
    dependencies: Dependencies,
    outsiders: Outsiders,
    results: ResultService,
    home: HomeService,
    reports: ReportService,
) -> MessageHandlers:
    answers = MessageService(
        dependencies.slack,
        dependencies.background,
        dependencies.stores.welcomes,
        dependencies.admins,
    )
    return MessageHandlers(
        answers=answers,
        outsiders=outsiders,
        names=reports.names,
        bot_user_id=lambda: dependencies.connection.bot_user_id,
        take_reply=results.take_reply,
        take_overheard=results.take_overheard,
        open_home=home.open,
        move_channel=partial(_move_channel, dependencies),
        end_installation=partial(_end_installation, dependencies),
    )


def _build_questions(
    dependencies: Dependencies, worker: Worker, form: ImageFormService
) -> QuestionService:
    return QuestionService(
        client=dependencies.slack,
        gate=worker.gate,
        questions=dependencies.stores.questions,
        prices=dependencies.stores.prices,
        policies=dependencies.policies,
        form=form,
        background=dependencies.background,
    )


async def _forget_person(
    dependencies: Dependencies, drafts: Drafts, user_id: str, now: datetime, team_id: str
) -> int:
    await drafts.forget(team_id, user_id)  # also one that is not saved yet
    try:
        await dependencies.stores.personal_data.forget(user_id, now, team_id)
    except UnderWay as error:
        return error.count
    return 0


async def _end_installation(dependencies: Dependencies, team_id: str, at: datetime) -> None:
    is_new = await dependencies.stores.installations.end(team_id, at)
    log.warning("app.removed", team=team_id, at=at.isoformat(), is_late=not is_new)


async def _move_channel(dependencies: Dependencies, team_id: str, old_id: str, new_id: str) -> None:
    if await dependencies.stores.channels.move(team_id, old_id, new_id, datetime.now(UTC)):
        log.info("channel.moved", channel=new_id)
    dependencies.policies.forget(team_id)


def _build_form(dependencies: Dependencies, worker: Worker, drafts: Drafts) -> ImageFormService:
    return ImageFormService(
        client=dependencies.slack,
        gate=worker.gate,
        drafts=drafts,
        prices=dependencies.stores.prices,
        ask_balance=dependencies.upstream.balance,
        captions=worker.captions,
        read_usage=dependencies.stores.spending.usage,
        background=dependencies.background,
        policies=dependencies.policies,
        may=dependencies.connection.may,
        find_shown=dependencies.stores.lineage.find_shown,
        lists=ListReader(FileFetcher(dependencies.slack)),
        campaigns=dependencies.stores.campaigns,
        workspaces=dependencies.workspaces,
    )


def _build_results(
    dependencies: Dependencies,
    worker: Worker,
    form: ImageFormService,
    questions: QuestionService,
    commands: CommandService,
    look: OutcomeLook,
    picks: PickService,
) -> ResultService:
    mentions = MentionService(
        client=dependencies.slack,
        background=dependencies.background,
        gate=worker.gate,
        policies=dependencies.policies,
        ask=questions.ask,
        refuse=questions.refuse,
        answer_word=commands.answer_word,
        lists=ListReader(FileFetcher(dependencies.slack)),
        campaigns=dependencies.stores.campaigns,
    )
    return ResultService(
        client=dependencies.slack,
        gate=worker.gate,
        lineage=dependencies.stores.lineage,
        form=form,
        background=dependencies.background,
        cancel=worker.cancel,
        sharing=worker.sharing,
        ask=questions.ask,
        refuse=questions.refuse,
        policies=dependencies.policies,
        take_new=mentions.take,
        outcome_look=look,
        originals=Originals(dependencies.upstream),
        start_vote=picks.start_in_words,
        campaigns=dependencies.stores.campaigns,
        can_post=dependencies.settings.imagine_posts,
    )


async def _read_zone(dependencies: Dependencies, team_id: str) -> ZoneInfo:
    """When a workspace's days begin; UTC, if the database does not say."""
    try:
        return (await dependencies.policies.read(team_id)).zone
    except Transient:
        return ZoneInfo("UTC")


def _build_home(dependencies: Dependencies, library: LibraryFinder) -> HomeService:
    facts = HomeFactFinder(
        book=dependencies.policies,
        admins=dependencies.admins,
        balance=BalanceWatch(dependencies.upstream.balance, dependencies.stores.balances.last),
        pictures=dependencies.stores.lineage,
        list_changes=dependencies.stores.policies.list_changes,
        channels=ChannelAccess(dependencies.slack, dependencies.connection.may),
        read_usage=dependencies.stores.spending.usage,
        workspace_url=lambda: dependencies.connection.workspace_url,
        workspaces=dependencies.workspaces,
        library=library,
    )
    return HomeService(
        client=dependencies.slack,
        book=dependencies.policies,
        facts=facts,
        references=ReferenceKeeper(
            dependencies.slack, dependencies.policies, dependencies.references
        ),
        background=dependencies.background,
        campaigns=dependencies.stores.campaigns,
        show_row=_SHOW_ROW,
        may=dependencies.connection.may,
        workspaces=dependencies.workspaces,
    )

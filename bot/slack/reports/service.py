"""Who asks what was spent is told: privately where they are; admins of everyone, and with a chart
and a file in their direct message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.credits.reports import (
    Charged,
    Line,
    Report,
    find_month_window,
    name_workspaces,
    shape_report,
)
from bot.errors import ImagineError, Rejected
from bot.generations.record import FORGOTTEN
from bot.generations.retry import retry_until
from bot.images.usage import By, Month, ShowUsage, parse_month
from bot.policy.book import PolicyBook
from bot.policy.budgets import Window
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces
from bot.slack.kit.admins import Admins
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.calls import call_slack
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.files import FileUploader
from bot.slack.kit.ids import ReportField
from bot.slack.kit.message import Message
from bot.slack.kit.modals import ViewState, open_view, show_notice
from bot.slack.kit.names import Names
from bot.slack.kit.payloads import ButtonAction, SlashCommand, ViewSent
from bot.slack.kit.quotas import Quota
from bot.slack.reports import texts
from bot.slack.reports.chart import paint, plan_chart
from bot.slack.reports.sheet import write_sheet
from bot.slack.reports.views import MONTHS_MAX, show_form, show_report, without_blocks

# Slack may refuse a file for a moment after it has said that it is ready.
_FILE_PAUSE_SECONDS: Final = 2.0
# Who asked for it waits for it.
_SLACK_PATIENCE_SECONDS: Final = 60.0
_MONTHS_SECONDS: Final = 1.0
_ADMIN_SECONDS: Final = 1.5

log = structlog.get_logger()


class Usage(Protocol):
    """What was spent (bot/store/usage.py)."""

    async def add_up(
        self, by: By, team_id: str, window: Window, user_id: str | None = None
    ) -> list[Line]: ...
    async def list_charged(
        self, team_id: str, window: Window, limit: int | None = None
    ) -> list[Charged]: ...
    async def list_months(self, team_id: str, zone: ZoneInfo, most: int) -> list[Month]: ...


class ReportService:
    """One for the process. Everything happens after the answer, and may be asked for again."""

    def __init__(
        self,
        client: AsyncWebClient,
        usage: Usage,
        book: PolicyBook,
        admins: Admins,
        background: BackgroundTasks,
        workspace_url: Callable[[], str | None] = lambda: None,
        workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
    ) -> None:
        """`workspace_url` is Slack's address of the workspace, once it is known; `workspaces` are
        PowerPost's."""
        self._workspaces = workspaces
        self._workspace_url = workspace_url
        self.names = Names(client)
        self._client = client
        self._usage = usage
        self._book = book
        self._admins = admins
        self._background = background
        self._files = FileUploader(client)
        self._quota = Quota(texts.REPORTS_MAX, per_seconds=texts.REPORTS_MINUTES * 60.0)

    def tell(self, command: SlashCommand, asked: ShowUsage) -> None:
        """`/imagine usage …`: answered where it was typed."""
        if self._quota.take(command.team_id, command.user_id):
            self._background.run(self._tell(command, asked))
        else:
            self._background.run(self._answer(command, show_sentence(texts.TOO_MANY_REPORTS)))

    def open_form(self, action: ButtonAction) -> None:
        """The Report button: which month, and a line for each of what."""
        self._background.run(self._open_form(action))

    async def _open_form(self, action: ButtonAction) -> None:
        try:
            view = await self._draw_form(action.team_id, action.user.id)
        except ImagineError as error:
            log.warning("report_form.failed", cause=error.cause, detail=error.detail)
            view = show_notice(texts.UNAVAILABLE)
        try:
            await open_view(self._client, action, view)
        except ImagineError as error:
            log.warning("report_form.not_opened", cause=error.cause, detail=error.detail)
            await self._post(action.user.id, [show_sentence(texts.FORM_NOT_OPENED)])

    async def _draw_form(self, team_id: str, user_id: str) -> View:
        if not await self._admins.is_admin(team_id, user_id):
            return show_notice(texts.ADMINS_ONLY_REPORT)
        zone = (await self._book.read(team_id)).zone
        months: list[Month] = []
        with contextlib.suppress(TimeoutError):  # a trigger is good for 3 seconds
            async with asyncio.timeout(_MONTHS_SECONDS):
                months = await self._usage.list_months(team_id, zone, MONTHS_MAX)
        now = await self._find_month(team_id)
        return show_form(months, now, has_workspaces=self._workspaces.are_several)

    async def submit(self, sent: ViewSent) -> View:
        """The form was sent: the report is brought after the answer, which says so."""
        state = ViewState.of(sent.view.state)
        month = parse_month(state.option(ReportField.MONTH) or "")
        by = state.option(ReportField.BY)
        if month is None or by not in set(By):
            return show_notice(texts.UNAVAILABLE)
        may = None
        with contextlib.suppress(TimeoutError, ImagineError):
            async with asyncio.timeout(_ADMIN_SECONDS):
                may = await self._admins.is_admin(sent.team_id, sent.user.id)
        if not may:
            return show_notice(texts.UNAVAILABLE if may is None else texts.ADMINS_ONLY_REPORT)
        if not self._quota.take(sent.team_id, sent.user.id):
            return show_notice(texts.TOO_MANY_REPORTS)
        self._background.run(self._send(sent.team_id, sent.user.id, By(by), month))
        return show_notice(texts.ON_ITS_WAY)

    async def _tell(self, command: SlashCommand, asked: ShowUsage) -> None:
        try:
            await self._tell_month(command, asked)
        except ImagineError as error:
            log.warning("report.failed", cause=error.cause, detail=error.detail)
            await self._answer(command, show_sentence(texts.UNAVAILABLE))

    async def _tell_month(self, command: SlashCommand, asked: ShowUsage) -> None:
        team_id, user_id = command.team_id, command.user_id
        policy = await self._book.read(team_id, fresh=True)
        month = asked.month.resolve(datetime.now(UTC).astimezone(policy.zone).date())
        if asked.by is None:
            await self._answer(command, await self._show_own(team_id, user_id, month))
        elif not await self._admins.is_admin(team_id, user_id):
            own = await self._show_own(team_id, user_id, month, texts.ADMINS_ONLY)
            await self._answer(command, own)
        else:
            report = await self._read(asked.by, team_id, month)
            notes = [texts.COMING] if report.lines else []
            said = texts.sentence(report, await self._find_month(team_id))
            await self._answer(command, show_report(report, said, *notes))
            if report.lines and not await self._try_deliver(team_id, user_id, report):
                await self._answer(command, show_sentence(texts.NOT_BROUGHT))

    async def _send(self, team_id: str, user_id: str, by: By, month: Month) -> None:
        try:
            report = await self._read(by, team_id, month)
        except ImagineError:
            await self._post(user_id, [show_sentence(texts.UNAVAILABLE)])
            raise
        if not report.lines:
            said = texts.sentence(report, await self._find_month(team_id))
            await self._post(user_id, [show_sentence(said)])
        elif not await self._try_deliver(team_id, user_id, report):
            await self._post(user_id, [show_sentence(texts.UNAVAILABLE)])

    async def _show_own(
        self, team_id: str, user_id: str, month: Month, before: str | None = None
    ) -> Message:
        report = await self._read(By.MODEL, team_id, month, user_id)
        sentence = texts.own_sentence(report.total, month, await self._find_month(team_id))
        return show_report(report, sentence if before is None else f"{before} {sentence}")

    async def _find_month(self, team_id: str) -> Month:
        """The month that it is where the workspace is."""
        today = datetime.now(UTC).astimezone((await self._book.read(team_id)).zone)
        return Month(today.year, today.month)

    async def _read(self, by: By, team_id: str, month: Month, user_id: str | None = None) -> Report:
        window = find_month_window(month, (await self._book.read(team_id)).zone)
        lines = await self._usage.add_up(by, team_id, window, user_id)
        if by is By.WORKSPACE:
            lines = name_workspaces(lines, self._workspaces)
        return shape_report(by, month, lines)

    async def _try_deliver(self, team_id: str, user_id: str, report: Report) -> bool:
        """Bring table, chart and file to a person's direct message; whether that went well."""
        try:
            await self._deliver(team_id, user_id, report)
        except ImagineError as error:
            log.warning("report.upload_failed", cause=error.cause, detail=error.detail)
            return False
        return True

    async def _deliver(self, team_id: str, user_id: str, report: Report) -> None:
        zone = (await self._book.read(team_id)).zone
        window = find_month_window(report.month, zone)
        charged = await self._usage.list_charged(team_id, window, texts.ROWS_MAX)
        involved = {each.user_id for each in charged} | {each.channel_id for each in charged}
        involved |= {each.approved_by for each in charged if each.approved_by is not None}
        involved.discard(FORGOTTEN)
        # Those of the chart first: there may be more than can be asked for.
        names = await self.names.find([*(_ids_of(report)), *sorted(involved)])
        chart = await self._bring_chart(report, names)
        sentence = texts.sentence(report, await self._find_month(team_id))
        plain = show_report(report, sentence, texts.NO_CHART)
        whole = show_report(report, sentence, chart=chart)
        forms = [whole, whole, plain] if chart is not None else [plain]
        channel_id = await self._post(user_id, [*forms, without_blocks(plain)])
        url, workspaces = self._workspace_url(), self._workspaces
        sheet = await asyncio.to_thread(write_sheet, charged, names, zone, url, workspaces)
        name = f"imagine-usage-{report.month}.csv"
        if not await self._share(name, sheet, channel_id, texts.csv_comment(len(charged))):
            await self._post(user_id, [show_sentence(texts.NO_FILE)])

    async def _share(self, name: str, content: bytes, channel_id: str, comment: str) -> bool:
        """Whether the file could be brought."""
        try:
            await retry_until(
                lambda: self._files.share(name, content, channel_id, comment),
                _SLACK_PATIENCE_SECONDS,
            )
        except ImagineError as error:
            log.warning("sheet.upload_failed", cause=error.cause, detail=error.detail)
            return False
        return True

    async def _bring_chart(self, report: Report, names: dict[str, str]) -> tuple[str, str] | None:
        """The file in Slack and its alt text; None where there is none this time."""
        chart = plan_chart(report, names)
        picture = await paint(chart)
        if picture is None:
            return None
        try:
            file_id = await self._files.upload(f"imagine-usage-{report.month}.png", picture)
        except ImagineError as error:
            log.warning("chart.upload_failed", cause=error.cause, detail=error.detail)
            return None
        return file_id, texts.chart_alt(report, [(bar.label, bar.value) for bar in chart.bars])

    async def _answer(self, command: SlashCommand, message: Message) -> None:
        """Where the command was typed; without the table where Slack will not have it."""
        await send_ephemeral(
            self._client,
            message,
            without_blocks(message),
            channel_id=command.channel_id,
            user_id=command.user_id,
            response_url=command.response_url,
        )

    async def _post(self, user_id: str, forms: Sequence[Message]) -> str:
        """Post the first of `forms` that Slack takes to a person's direct message, whose id is
        returned. Raises Rejected where it takes none."""
        *better, last = forms
        for form in better:
            try:
                return await self._post_one(user_id, form)
            except Rejected as error:
                log.info("form.refused", detail=error.detail)
                await asyncio.sleep(_FILE_PAUSE_SECONDS)
        return await self._post_one(user_id, last)

    async def _post_one(self, user_id: str, message: Message) -> str:
        answer = await retry_until(
            lambda: call_slack(
                self._client.chat_postMessage,
                channel=user_id,
                unfurl_links=False,
                **message.to_dict(),
            ),
            _SLACK_PATIENCE_SECONDS,
        )
        return str(answer["channel"])


def _ids_of(report: Report) -> list[str]:
    is_of_slack = report.by in (By.USER, By.CHANNEL)
    return [line.key for line in report.lines] if is_of_slack else []

"""Alerts in Slack: a direct message to each admin."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement
from slack_sdk.web.async_client import AsyncWebClient

from bot.credits.alerts import BalanceAlert, BudgetAlert
from bot.slack.alerts import texts
from bot.slack.kit.admins import Admins
from bot.slack.kit.calls import call_slack
from bot.slack.kit.ids import ActionId
from bot.slack.kit.message import Message, mrkdwn_context, mrkdwn_section


class AlertNotifier:
    """One for the process. Methods raise the errors of bot/errors.py."""

    def __init__(self, client: AsyncWebClient, admins: Admins) -> None:
        self._client = client
        self._admins = admins

    async def list_people(self, team_id: str) -> list[str]:
        """Who is to be told."""
        return await self._admins.list_all(team_id)

    async def tell(self, user_id: str, alert: BudgetAlert | BalanceAlert) -> None:
        """One person. Rejected where Slack lets nobody write to them."""
        message = show_alert(alert)
        await call_slack(
            self._client.chat_postMessage, channel=user_id, unfurl_links=False, **message.to_dict()
        )


def show_alert(alert: BudgetAlert | BalanceAlert) -> Message:
    """What has happened, and why one is told."""
    said = texts.alert_mrkdwn(alert)
    blocks: list[Block] = [mrkdwn_section(said), mrkdwn_context(texts.WHY_YOU)]
    if isinstance(alert, BudgetAlert) and alert.budget_id:
        raise_it = ButtonElement(
            text="Raise the budget", action_id=ActionId.RAISE_BUDGET, value=alert.budget_id
        )
        blocks.append(ActionsBlock(elements=[raise_it]))
    return Message(f"{said} {texts.WHY_YOU}", blocks)

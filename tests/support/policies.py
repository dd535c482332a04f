"""What a workspace has set, set behind the bot's back: as another process would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.policy.policy import Policy
from bot.store.database import Database
from bot.store.policies import PolicyStore
from tests.support.stage import Stage


async def change_policy(stage: Stage, edit: Callable[[Policy], Policy]) -> Policy:
    """Change what is set; the bot finds out by itself."""
    database = Database(stage.settings.database_url)
    try:
        return await PolicyStore(database).change(
            stage.workspace.team_id, edit, user_id="U0ADA", what="test", now=datetime.now(UTC)
        )
    finally:
        await database.close()


async def set_policy(stage: Stage, **parts: Any) -> Policy:
    """Set these parts of the policy: `rules`, `presets`, …"""
    return await change_policy(stage, lambda policy: policy.model_copy(update=parts))

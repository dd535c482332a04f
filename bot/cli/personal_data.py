"""`python -m bot forget` and `python -m bot export`: what is stored about one person."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from bot.errors import ImagineError
from bot.settings import Settings
from bot.store.database import Database
from bot.store.personal_data import PersonalDataStore, UnderWay

_T = TypeVar("_T")

DONE = 0
NOT_DONE = 1
CANNOT = 2


def run_forget(
    settings: Settings, say: Callable[[str], None], user_id: str, *, is_dry_run: bool
) -> int:
    """Delete what is stored about a person, or say what would go; the exit code."""

    async def forget(store: PersonalDataStore) -> int:
        try:
            if is_dry_run:
                found = await store.count(user_id)
            else:
                found = await store.forget(user_id, datetime.now(UTC))
        except UnderWay as error:
            say(f"Nothing was deleted: {error.count} of {user_id}'s requests are under way.")
            return NOT_DONE
        would = "Would delete" if is_dry_run else "Deleted"
        for name, count in found.counts.items():
            say(f"{would} {name.replace('_', ' ')}: {count}")
        say("Messages and pictures in Slack stay, and so does what was spent, without a name.")
        return DONE

    return _run(settings, say, forget)


def run_export(settings: Settings, say: Callable[[str], None], user_id: str) -> int:
    """Print what is stored about a person, as JSON; the exit code."""

    async def export(store: PersonalDataStore) -> int:
        say(json.dumps(await store.export(user_id), indent=2, ensure_ascii=False))
        return DONE

    return _run(settings, say, export)


def _run(
    settings: Settings,
    say: Callable[[str], None],
    do: Callable[[PersonalDataStore], Awaitable[int]],
) -> int:
    path = settings.sqlite_path
    if path is not None and not path.exists():
        say(f"There is no {path}: has the bot run here, with this DATABASE_URL?")
        return CANNOT

    async def run() -> int:
        database = Database(settings.database_url)
        try:
            return await do(PersonalDataStore(database))
        except ImagineError:
            say("The database does not answer.")
            return CANNOT
        finally:
            await database.close()

    return asyncio.run(run())

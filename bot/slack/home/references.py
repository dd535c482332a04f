"""The reference pictures of a preset: brought to PowerPost after the form was answered, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.generations.record import SlackFile
from bot.policy.book import PolicyBook
from bot.policy.presets import StoredReference
from bot.slack.home import texts as home_texts
from bot.slack.home.forms.defaults import DEFAULTS_FORM
from bot.slack.home.forms.form import Gone
from bot.slack.home.forms.preset import add_references, find_preset, owner_of
from bot.slack.kit import failure_texts as failures
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.calls import call_slack
from bot.slack.kit.payloads import ViewSent
from bot.slack.kit.references import ReferenceGatherer

log = structlog.get_logger()


class ReferenceKeeper:
    """One for the process."""

    def __init__(
        self, client: AsyncWebClient, book: PolicyBook, references: ReferenceGatherer
    ) -> None:
        self._client = client
        self._book = book
        self._references = references

    async def keep(self, sent: ViewSent, key: str, files: Sequence[SlackFile]) -> None:
        """Bring `files`, keep them with the preset of that key, and tell the person. What is lost
        with the process is missing in the preset, and can be added again."""
        name = key.partition(":")[2]
        try:
            said = await self._bring(sent, key, name, files)
        except Gone:
            why = home_texts.PRESET_GONE_MEANWHILE
            said = home_texts.references_not_added(name, why)
        except ImagineError as error:
            log.warning("references.save_failed", cause=error.cause, detail=error.detail)
            why = home_texts.TRY_REFERENCES_AGAIN
            said = home_texts.references_not_added(name, why)
        message = show_sentence(said)
        await call_slack(self._client.chat_postMessage, channel=sent.user.id, **message.to_dict())

    async def _bring(self, sent: ViewSent, key: str, name: str, files: Sequence[SlackFile]) -> str:
        brought = await self._references.bring(files)
        added = tuple(
            StoredReference(media_id=media_id, name=file.name, file_id=file.file_id)
            for file, media_id in brought.media_ids.items()
        )
        why = " ".join(failures.bad_reference(each.name, each.cause) for each in brought.refused)
        if not added:
            return home_texts.references_not_added(name, why)
        changed = await self._book.change(
            sent.team_id,
            lambda policy: add_references(policy, key, added),
            user_id=sent.user.id,
            what=DEFAULTS_FORM.what if owner_of(key) else f"preset:name={name}",
            now=datetime.now(UTC),
        )
        preset = find_preset(changed, key)
        kept = {each.media_id for each in preset.references} if preset else set()
        media_ids = set(brought.media_ids.values())
        said = home_texts.references_added(len(kept & media_ids), len(media_ids), name)
        return f"{said} {why}".strip()

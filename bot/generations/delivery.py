"""Bringing the pictures to Slack: each as a file, else as a link, which may be replaced later."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from bot.errors import Cause, ImagineError, Rejected, Transient
from bot.generations import timing
from bot.generations.ports import PowerPost, Publisher, Store
from bot.generations.record import Generation, Picture, PictureState, State
from bot.generations.retry import retry_forever, retry_until

log = structlog.get_logger()


class Delivery:
    """One for the process."""

    def __init__(
        self, store: Store, powerpost: PowerPost, publisher: Publisher, patience: timing.Patience
    ) -> None:
        self._store = store
        self._powerpost = powerpost
        self._publisher = publisher
        self._patience = patience

    async def bring(self, generation: Generation, picture: Picture) -> None:
        """Bring `picture` to Slack, or note why its link is to be shown instead."""
        try:
            file_id = await self._bring_fresh(generation, picture)
        except ImagineError as error:
            await self._note_linked(generation, picture, error)
        except Exception as error:
            # Whatever it was, it must not keep the other pictures from the person.
            log.exception("picture.upload_failed", position=picture.position)
            unknown = Rejected(Cause.OTHER, type(error).__name__)
            await self._note_linked(generation, picture, unknown)
        else:
            await self._note_brought(generation, picture, file_id)

    async def _bring_fresh(self, generation: Generation, picture: Picture) -> str:
        """Bring `picture`. Its storage may have it only in a moment, or under a new link; the old
        one may have died."""
        newest = picture

        async def bring() -> str:
            nonlocal newest
            try:
                return await self._publisher.upload_picture(generation, newest)
            except Transient as error:
                if error.cause is Cause.LINK_EXPIRED:
                    newest = await self._renew(generation, newest)
                raise

        return await retry_until(bring, self._patience.seconds)

    async def _renew(self, generation: Generation, picture: Picture) -> Picture:
        """`picture` under the link that PowerPost has for it now, which may be the same."""
        try:
            powerpost = self._powerpost.for_workspace(generation.powerpost_workspace)
            poll = await powerpost.poll(generation.image_generation_id or "")
        except ImagineError as error:
            log.info("link.renewal_failed", cause=error.cause, detail=error.detail)
            return picture
        urls = {made.media_id: made.url for made in poll.pictures}
        if (url := urls.get(picture.media_id, picture.url)) != picture.url:
            await retry_forever(
                lambda: self._store.note_picture(generation.id, picture.position, url=url)
            )
            return picture.with_url(url)
        if picture.expires_at < datetime.now(UTC):
            raise Rejected(Cause.LINK_EXPIRED, "its time is over")
        return picture

    def find_late(self, generation: Generation) -> tuple[Picture, ...]:
        """Those that are shown as links so far and may still be brought."""
        return find_late(generation, self._patience, datetime.now(UTC))

    async def bring_late(self, generation: Generation) -> Generation:
        """Try on for pictures that only have a link because the way to Slack's files was broken.
        Their person knows the outcome, but it stays ours: a process that takes it over goes on."""
        if generation.state is State.FINISHED:
            await retry_forever(
                lambda: self._store.advance(generation.id, State.FINISHED, State.DELIVERED)
            )
        tries = 0
        while True:
            newest = await retry_forever(lambda: self._store.read_own(generation.id))
            late = self.find_late(newest)
            if not late:
                return newest
            await asyncio.sleep(self._patience.pause_seconds(tries))
            tries += 1
            await self._try_late(newest, late)

    async def _try_late(self, generation: Generation, late: Sequence[Picture]) -> None:
        """Bring what can be brought of `late`, and show it in a message of its own: in one that is
        edited a new file would be shown as broken (java-slack-sdk#1441)."""
        brought = []
        for picture in late:
            try:
                file_id = await self._publisher.upload_picture(generation, picture)
            except Transient as error:
                log.info("picture.still_linked", position=picture.position, cause=error.cause)
            except ImagineError as error:
                await self._note_linked(generation, picture, error)
            else:
                state = PictureState.UPLOADED
                brought.append(replace(picture, state=state, slack_file_id=file_id, cause=None))
        if not brought:
            return
        if (
            await retry_forever(lambda: self._store.read_own(generation.id))
        ).deleted_at is not None:
            return
        try:
            await retry_until(
                lambda: self._publisher.post_late(generation, brought),
                timing.STATUS_PATIENCE_SECONDS,
            )
        except Rejected as error:
            for picture in brought:
                await self._note_linked(generation, picture, error)
            return
        for picture in brought:
            await self._note_brought(generation, picture, str(picture.slack_file_id))
        log.info("pictures.delivered_late", pictures=len(brought))

    async def _note_brought(self, generation: Generation, picture: Picture, file_id: str) -> None:
        changes = {"state": PictureState.UPLOADED, "slack_file_id": file_id, "cause": None}
        await retry_forever(
            lambda: self._store.note_picture(generation.id, picture.position, **changes)
        )

    async def _note_linked(
        self, generation: Generation, picture: Picture, error: ImagineError
    ) -> None:
        log.warning(
            "picture.linked",
            position=picture.position,
            media_id=picture.media_id,
            cause=error.cause,
            detail=error.detail,
        )
        changes = {"state": PictureState.LINKED, "cause": error.cause}
        await retry_forever(
            lambda: self._store.note_picture(generation.id, picture.position, **changes)
        )


def find_late(
    generation: Generation, patience: timing.Patience, now: datetime
) -> tuple[Picture, ...]:
    """The pictures that are shown as links so far and may still be brought. Pure."""
    made_at = generation.finished_at
    if generation.result_ts is None or generation.deleted_at is not None or made_at is None:
        return ()
    if (now - made_at).total_seconds() > patience.late_seconds:
        return ()
    return tuple(
        picture
        for picture in generation.pictures
        if picture.state is PictureState.LINKED and picture.cause is Cause.UPLOAD_FAILED
    )

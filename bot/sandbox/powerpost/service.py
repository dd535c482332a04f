"""PowerPost's rules and state, without HTTP: what is accepted, charged, refunded and found."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.powerpost import access, captions, catalogue
from bot.sandbox.powerpost.access import ALL_SCOPES, Key, RateLimiter, RateState
from bot.sandbox.powerpost.calendar import Calendar, CalendarEntry
from bot.sandbox.powerpost.captions import CaptionGeneration
from bot.sandbox.powerpost.errors import (
    ApiError,
    forbidden,
    insufficient_credits,
    insufficient_scope,
    internal_error,
    invalid,
    invalid_key,
    not_found,
    rate_limited,
)
from bot.sandbox.powerpost.exchanges import Exchange, ExchangeLog, Subscription
from bot.sandbox.powerpost.faults import Faults, Outcome, PollFault, SubmitFault
from bot.sandbox.powerpost.generation import GeneratedImage, ImageGeneration, Sign
from bot.sandbox.powerpost.links import LINK_SECONDS, LinkSigner
from bot.sandbox.powerpost.media import Inspection, Media, Upload
from bot.sandbox.powerpost.pictures import Drawing, choose_colour
from bot.sandbox.powerpost.posts import VIDEO_TYPES, Post, PostItem, read_post
from bot.sandbox.powerpost.seeds import seed_further, seed_workspace
from bot.sandbox.powerpost.submission import Submission, read_submission
from bot.sandbox.powerpost.writing import read_order, write_captions

__all__ = [
    "ApiError",
    "Charge",
    "Exchange",
    "Faults",
    "ImageGeneration",
    "Outcome",
    "PollFault",
    "PowerPost",
    "SubmitFault",
]

_SLOW_FACTOR = 10


@dataclass(frozen=True, slots=True)
class Charge:
    """Credits that a generation took, or gave back when negative."""

    image_generation_id: str
    credits: int
    at: float  # Unix seconds


class PowerPost:
    """An account with one seeded workspace, in memory; `add_workspace` adds others. All methods are
    for the loop's thread.

    `clock` gives Unix seconds; a generation ends when it says so, nothing runs in between.
    Methods that answer a call raise ApiError for what PowerPost would refuse.
    """

    def __init__(
        self,
        *,
        api_key: str = "pp_live_sk_sandbox",
        workspace_id: str = "ws_sandbox",
        balance: int = 100,
        credits_per_picture: Mapping[str, int] = catalogue.CREDITS_PER_PICTURE,
        seconds_per_generation: float = 3.0,
        rate_limit_per_minute: int = 30,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.seconds_per_generation = seconds_per_generation
        self.rate_limit_per_minute = rate_limit_per_minute
        self.faults = Faults()
        self.webhook_urls: dict[str, str] = {}  # by workspace: each has settings of its own
        # Whether style_images takes pictures that were generated is not said. Posts take them.
        self.takes_generated_media_as_style = True
        self.generations: dict[str, ImageGeneration] = {}
        self.paid_posts = 0
        self.paid_captions = 0
        self.posts: dict[str, Post] = {}
        self.published: list[str] = []  # ids of posts that a key has published
        self.calendar = Calendar()
        self.captions, self.media = seed_workspace(workspace_id, clock())
        self.links = LinkSigner()
        self._clock = clock
        self._balance = balance
        self._credits_per_picture = credits_per_picture
        self._charges: list[Charge] = []
        self._due_refunds: list[ImageGeneration] = []
        self._keys: dict[str, Key] = {}
        self._own = api_key, workspace_id
        self._pictures: dict[str, GeneratedImage] = {}
        self._limiter = RateLimiter()
        self._log = ExchangeLog()
        self.add_key(api_key, scopes=set(ALL_SCOPES), workspaces={workspace_id})

    # What tests and the page read and set

    @property
    def balance(self) -> int:
        """Credits of the account, refunds that are due included."""
        self._settle()
        return self._balance

    @balance.setter
    def balance(self, value: int) -> None:
        self._settle()
        self._balance = value

    @property
    def charges(self) -> list[Charge]:
        """Every charge and refund so far, oldest first."""
        self._settle()
        return self._charges

    @property
    def exchanges(self) -> list[Exchange]:
        """Every request in the order of arrival, with its answer once there is one."""
        return self._log.exchanges

    @property
    def deliveries(self) -> list[Exchange]:
        """Every webhook that was sent."""
        return self._log.deliveries

    def end_all(self) -> None:
        """Let what is under way end now, however long it was to take; what never ends does not."""
        now = self.now()
        for generation in self.generations.values():
            if not math.isinf(generation.ends_at):
                generation.ends_at = min(generation.ends_at, now)
        for caption in self.captions.values():
            if caption.ends_at is not None and not math.isinf(caption.ends_at):
                caption.ends_at = min(caption.ends_at, now)

    def subscribe(self) -> Subscription:
        """`async for exchange in service.subscribe()`: on arrival and again when it is over."""
        return self._log.subscribe()

    def add_key(self, key: str, scopes: set[str], workspaces: set[str]) -> None:
        """Accept another key, for example one with fewer scopes."""
        self._keys[key] = Key(frozenset(scopes), frozenset(workspaces))

    def add_workspace(self, workspace_id: str) -> None:
        """Give the account another workspace, which its key may use, too."""
        own_key, _ = self._own
        self.captions |= seed_further(workspace_id, self.now())
        key = self._keys[own_key]
        self._keys[own_key] = Key(key.scopes, key.workspaces | {workspace_id})

    @property
    def webhook_url(self) -> str | None:
        """Where the first workspace tells of its generations."""
        return self.webhook_urls.get(self._own[1])

    @webhook_url.setter
    def webhook_url(self, url: str | None) -> None:
        if url is None:
            self.webhook_urls.pop(self._own[1], None)
        else:
            self.webhook_urls[self._own[1]] = url

    def now(self) -> float:
        return self._clock()

    def kept(self) -> dict[str, Any]:
        """Everything that outlives a process: see `restore`."""
        return {
            "generations": self.generations,
            "media": self.media,
            "charges": self.charges,
            "balance": self.balance,
            "due": [generation.image_generation_id for generation in self._due_refunds],
            "captions": self.captions,
            "posts": self.posts,
            "entries": self.calendar.entries,
            "secret": self.links.secret.hex(),
        }

    def restore(
        self,
        *,
        generations: dict[str, ImageGeneration],
        media: dict[str, Media],
        charges: list[Charge],
        balance: int,
        due: list[str],
        captions: dict[str, CaptionGeneration] | None,
        posts: dict[str, Post],
        entries: dict[str, CalendarEntry],
        secret: bytes,
    ) -> None:
        """What an earlier process has kept (saved_state.py), in place of what is here: its
        links go on working."""
        self.generations, self.media = generations, media
        self.captions = self.captions if captions is None else captions
        self.posts, self.calendar.entries = posts, entries
        self._charges, self._balance = charges, balance
        self._due_refunds = [generations[generation_id] for generation_id in due]
        self.paid_posts = len(generations)
        self.links = LinkSigner(secret)
        self._pictures = {
            image.media_id: image for each in generations.values() for image in each.images
        }

    # What the HTTP layer tells

    def begin_exchange(self, exchange: Exchange) -> None:
        self._log.begin(exchange)

    def finish_exchange(self, exchange: Exchange, seconds: float) -> None:
        self._log.finish(exchange, seconds)

    def count_request(self, key: str | None) -> RateState:
        """Count it toward the key's limit; all unknown keys share one count."""
        known = key if key in self._keys else ""
        return self._limiter.count(known or "", self.rate_limit_per_minute, self.now())

    def check_rate(self, state: RateState) -> None:
        if state.is_exceeded:
            raise rate_limited(max(1, math.ceil(state.resets_at - self.now())))

    def authorise(self, key: str | None, scope: str) -> Key:
        return access.check_access(self._keys.get(key or ""), scope)

    # The endpoints

    def submit(self, workspace_id: str, body: object, fault: SubmitFault | None) -> ImageGeneration:
        """POST /images/generate: accept and charge, or refuse; `fault` may refuse before."""
        if fault is not None:
            _refuse_by_weather(fault)
        submission = read_submission(body)
        style_images = self._find_style_images(workspace_id, submission)
        prompt = submission.prompt
        if submission.generation_id is not None:
            source = captions.find_captions(self.captions, workspace_id, submission.generation_id)
            derived = captions.derive_prompt(source, submission.source_post_type)
            prompt = prompt or derived
            style_images += source.media_ids
        if prompt is None:
            raise invalid("prompt is required")
        generation = self._make_generation(workspace_id, submission, prompt, style_images)
        if generation.credits_used > self.balance:
            raise insufficient_credits(generation.credits_used, self.balance)
        self._accept(generation)
        return generation

    def describe_submission(self, generation: ImageGeneration) -> dict[str, Any]:
        """The answer to an accepted POST; `status` is always processing."""
        return {
            "image_generation_id": generation.image_generation_id,
            "status": "processing",
            "credits_used": generation.credits_used,
            "remaining_credits": self.balance,
            "status_url": f"/api/v1/images/generations/{generation.image_generation_id}",
        }

    def describe_generation(
        self, workspace_id: str, image_generation_id: str, sign: Sign
    ) -> dict[str, Any]:
        """GET /images/generations/{id}; another workspace's is not found."""
        generation = self.generations.get(image_generation_id)
        if generation is None or generation.workspace_id != workspace_id:
            raise not_found("Image generation")
        return generation.describe(self.now(), sign, LINK_SECONDS)

    def describe_credits(self) -> dict[str, Any]:
        return {"balance": self.balance}

    def keep_media(
        self, workspace_id: str, upload: Upload, inspection: Inspection
    ) -> dict[str, Any]:
        """POST /media/upload, after the file was inspected (which is slow: in a thread)."""
        media = Media(
            media_id=str(uuid.uuid4()),
            workspace_id=workspace_id,
            type=inspection.type,
            file_name=upload.file_name,
            file_size=len(upload.content),
            mime_type=inspection.mime_type,
            created_at=self.now(),
            colour=inspection.colour,
        )
        self.media[media.media_id] = media
        return {
            "media_id": media.media_id,
            "type": media.type,
            "file_name": media.file_name,
            "file_size": media.file_size,
            "mime_type": media.mime_type,
            "created_at": captions.format_time(media.created_at),
        }

    def order_captions(
        self, workspace_id: str, body: object, fault: SubmitFault | None
    ) -> CaptionGeneration:
        """POST /content/generate: accept and charge, or refuse; `fault` may refuse before."""
        if fault is not None:
            _refuse_by_weather(fault, "content:generate")
        order = read_order(body)
        for media_id in order.media_ids:
            self._find_media(workspace_id, media_id, "media_ids")
        if order.price > self.balance:
            raise insufficient_credits(order.price, self.balance)
        now, outcome = self.now(), self.faults.take_caption_outcome()
        is_failed = outcome is Outcome.FAILED
        made = CaptionGeneration(
            generation_id=str(uuid.uuid4()),
            workspace_id=workspace_id,
            status="processing",
            prompt=order.prompt,
            platforms=order.platforms,
            created_at=now,
            research_mode=order.research_mode,
            credits_used=order.price,
            media_ids=order.media_ids,
            ends_at=now + self._choose_seconds(outcome),
            written=None if is_failed else write_captions(order.prompt, order.platforms),
        )
        self.captions[made.generation_id] = made
        self.paid_captions += 1
        self._balance -= order.price
        self._charges.append(Charge(made.generation_id, order.price, now))
        return made

    def describe_order(self, made: CaptionGeneration) -> dict[str, Any]:
        """The answer to an accepted POST /content/generate."""
        return {
            "generation_id": made.generation_id,
            "status": "processing",
            "credits_used": made.credits_used,
            "remaining_credits": self.balance,
        }

    def make_post(self, workspace_id: str, body: object, fault: SubmitFault | None) -> Post:
        """POST /posts: a draft, or a refusal; `fault` may refuse before."""
        if fault is not None:
            _refuse_by_weather(fault, "posts:write")
        post = read_post(body, workspace_id, self.now())
        source = None
        if post.generation_id is not None:
            self._settle()
            source = captions.find_captions(self.captions, workspace_id, post.generation_id)
        for item in post.items:
            self._fill_item(workspace_id, item, source)
        self.posts[post.post_id] = post
        return post

    def _fill_item(
        self, workspace_id: str, item: PostItem, source: CaptionGeneration | None
    ) -> None:
        for media_id in item.media_ids:
            media = self._find_media(workspace_id, media_id, "media_ids")
            if item.post_type in VIDEO_TYPES and media.type != "video":
                raise invalid(f"{item.post_type} takes a video, not an image")
        if not item.content and source is not None:
            written = source.outputs.get(item.platform)
            if written is None:
                raise invalid(f"the generation has no {item.platform} caption")
            item.content = written if isinstance(written, str) else written["description"]

    def find_post(self, workspace_id: str, post_id: str) -> Post:
        """404, also for another workspace's."""
        post = self.posts.get(post_id)
        if post is None or post.workspace_id != workspace_id:
            raise not_found("Post")
        return post

    def publish(self, workspace_id: str, post_id: str) -> dict[str, Any]:
        """POST /posts/{id}/publish: the bot must never call it (`published` tells)."""
        post = self.find_post(workspace_id, post_id)
        if post.status in ("publishing", "published"):
            raise ApiError(409, "ALREADY_PUBLISHED", "This post is published already")
        self.published.append(post_id)
        post.set_status("publishing")
        return post.describe()

    def plan(self, workspace_id: str, body: object, fault: SubmitFault | None) -> dict[str, Any]:
        """POST /calendar/entries; `fault` may refuse before."""
        if fault is not None:
            _refuse_by_weather(fault, "calendar:write")
        return self.calendar.add(workspace_id, body, self.now()).describe()

    def _find_media(self, workspace_id: str, media_id: str, field: str) -> Media:
        media = self.media.get(media_id)
        if media is None or media.workspace_id != workspace_id or media.created_at > self.now():
            raise not_found(f"{field}: media {media_id}")
        return media

    def list_captions(self, workspace_id: str, query: dict[str, str]) -> dict[str, Any]:
        self._settle()
        return captions.list_captions(self.captions.values(), workspace_id, query)

    def describe_captions(self, workspace_id: str, generation_id: str) -> dict[str, Any]:
        self._settle()
        return captions.find_captions(self.captions, workspace_id, generation_id).details()

    def find_picture(self, name: str, expires: str, signature: str) -> GeneratedImage:
        """The picture behind a signed link. ApiError 403 when forged or expired."""
        if not self.links.is_valid(name, expires, signature, self.now()):
            raise forbidden("The link is not valid, or not any more")
        image = self._pictures[name.removesuffix(".webp").removesuffix("-thumb.jpg")]
        # Whether the storage has a picture in the moment in which its link is told is not said.
        late = self.faults.links_late_seconds
        if late and self.media[image.media_id].created_at + late > self.now():
            is_forbidden = self.faults.links_late_status == 403
            raise forbidden("Not yet") if is_forbidden else not_found("Image")
        return image

    # How it is done

    def _find_style_images(self, workspace_id: str, submission: Submission) -> tuple[str, ...]:
        for media_id in submission.style_images:
            media = self.media.get(media_id)
            is_ours = media is not None and media.workspace_id == workspace_id
            if media is None or not is_ours or not self._may_be_style(media):
                raise not_found(f"style_images: media {media_id}")
            if media.type != "image":
                raise invalid(f"style_images: media {media_id} is not an image")
        return submission.style_images

    def _may_be_style(self, media: Media) -> bool:
        if not media.is_generated:
            return True
        return self.takes_generated_media_as_style and media.created_at <= self.now()

    def _make_generation(
        self, workspace_id: str, submission: Submission, prompt: str, style_images: tuple[str, ...]
    ) -> ImageGeneration:
        """Nothing is charged or kept yet. enhance_prompt changes nothing that can be seen: the
        specification says that the answer's prompt is "the input prompt"."""
        price = self._credits_per_picture[submission.model]
        return ImageGeneration(
            image_generation_id=str(uuid.uuid4()),
            workspace_id=workspace_id,
            mode=submission.mode,
            prompt=prompt,
            model=submission.model,
            size=submission.size,
            quantity=submission.quantity,
            enhance_prompt=submission.enhance_prompt,
            style_images=style_images,
            generation_id=submission.generation_id,
            source_post_type=submission.source_post_type,
            credits_used=price * submission.quantity,
            created_at=self.now(),
            ends_at=math.inf,
            outcome=Outcome.COMPLETED,
        )

    def _accept(self, generation: ImageGeneration) -> None:
        """Charge it and decide how it will end."""
        outcome = self.faults.take_outcome()
        generation.outcome = outcome
        generation.ends_at = generation.created_at + self._choose_seconds(outcome)
        failed = {Outcome.FAILED: generation.quantity, Outcome.PARTIAL: 1}.get(outcome, 0)
        generation.images = [
            self._make_image(generation, number)
            for number in range(1, generation.quantity - failed + 1)
        ]
        self.paid_posts += 1
        self._charge(generation, generation.credits_used, generation.created_at)
        if generation.refund:
            self._due_refunds.append(generation)
        self.generations[generation.image_generation_id] = generation

    def _choose_seconds(self, outcome: Outcome) -> float:
        if outcome is Outcome.NEVER:
            return math.inf
        factor = _SLOW_FACTOR if outcome is Outcome.SLOW else 1
        return self.seconds_per_generation * factor

    def _count_takes(self, generation: ImageGeneration) -> int:
        """How often the same prompt was given to the same model before."""
        return sum(
            (other.prompt, other.model) == (generation.prompt, generation.model)
            for other in self.generations.values()
            if other is not generation
        )

    def _make_image(self, generation: ImageGeneration, number: int) -> GeneratedImage:
        width, height = catalogue.PIXELS[generation.model][generation.size]
        drawing = Drawing(
            prompt=generation.prompt,
            model=generation.model,
            width=width,
            height=height,
            number=number,
            quantity=generation.quantity,
            tints=tuple(self.media[media_id].colour for media_id in generation.style_images),
            is_transparent=generation.outcome is Outcome.TRANSPARENT,
            take=self._count_takes(generation),
        )
        image = GeneratedImage(str(uuid.uuid4()), drawing, generation.outcome)
        self._pictures[image.media_id] = image
        self.media[image.media_id] = Media(
            media_id=image.media_id,
            workspace_id=generation.workspace_id,
            type="image",
            file_name=image.file_name,
            file_size=0,
            mime_type="image/webp",
            created_at=generation.ends_at,
            colour=choose_colour(drawing),
            is_generated=True,
        )
        return image

    def _settle(self) -> None:
        """Give back what failed, for generations that have ended since the last time."""
        now = self.now()
        due = [generation for generation in self._due_refunds if generation.ends_at <= now]
        for generation in sorted(due, key=lambda generation: generation.ends_at):
            self._due_refunds.remove(generation)
            self._charge(generation, -generation.refund, generation.ends_at)
        for caption in self.captions.values():
            if caption.ends_at is None or caption.ends_at > now:
                continue
            ended_at = caption.ends_at
            caption.end()
            if caption.status == "failed":
                self._balance += caption.credits_used
                self._charges.append(Charge(caption.generation_id, -caption.credits_used, ended_at))

    def _charge(self, generation: ImageGeneration, amount: int, at: float) -> None:
        self._balance -= amount
        self._charges.append(Charge(generation.image_generation_id, amount, at))


def _refuse_by_weather(fault: SubmitFault, scope: str = "images:generate") -> None:
    """Raise what the fault answers with, where it answers before anything is charged."""
    refusals = {
        SubmitFault.ERROR_500: internal_error(),
        SubmitFault.RATE_LIMITED: rate_limited(1),
        SubmitFault.INSUFFICIENT_CREDITS: ApiError(
            402, "INSUFFICIENT_CREDITS", "Insufficient credits"
        ),
        SubmitFault.INVALID_KEY: invalid_key(),
        SubmitFault.FORBIDDEN: forbidden(),
        SubmitFault.INSUFFICIENT_SCOPE: insufficient_scope(scope),
        SubmitFault.NOT_FOUND: not_found("Generation"),
        SubmitFault.INVALID: invalid("Invalid request body"),
    }
    if fault in refusals:
        raise refusals[fault]

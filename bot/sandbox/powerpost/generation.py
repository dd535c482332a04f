"""One image generation: what was asked, how it ends, and what GET answers at a given moment.

Source: "Get Image Generation" of PowerPost's page on generating images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.powerpost.captions import format_time
from bot.sandbox.powerpost.faults import Outcome
from bot.sandbox.powerpost.pictures import Drawing

Sign = Callable[[str, float], str]  # file name, Unix seconds of expiry -> address


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """A picture that exists, or will when the generation ends."""

    media_id: str
    drawing: Drawing
    outcome: Outcome  # of the generation it is from

    @property
    def file_name(self) -> str:
        return f"{self.media_id}.webp"

    @property
    def thumbnail_name(self) -> str:
        return f"{self.media_id}-thumb.jpg"


@dataclass(slots=True)
class ImageGeneration:
    """Accepted and charged. All times are Unix seconds."""

    image_generation_id: str
    workspace_id: str
    mode: str  # "text", "reference" or "post"
    prompt: str
    model: str
    size: str
    quantity: int
    enhance_prompt: bool
    style_images: tuple[str, ...]  # the source's media included, in post mode
    generation_id: str | None  # of the captions
    source_post_type: str | None
    credits_used: int
    created_at: float
    ends_at: float
    outcome: Outcome
    images: list[GeneratedImage] = field(default_factory=list)

    @property
    def failed_count(self) -> int:
        return self.quantity - len(self.images)

    @property
    def refund(self) -> int:
        """Credits that come back when it ends: the price of the pictures that failed."""
        return self.credits_used // self.quantity * self.failed_count

    @property
    def error(self) -> dict[str, str] | None:
        """What is wrong with the result, once it has ended."""
        if not self.failed_count:
            return None
        if self.images:
            message = f"{self.failed_count} of {self.quantity} images failed to generate."
            return {
                "code": "PARTIAL_FAILURE",
                "message": f"{message} Credits refunded for failed images.",
            }
        # The specification names no code for this; the text is ours too.
        return {
            "code": "GENERATION_FAILED",
            "message": "All images failed to generate. Credits refunded.",
        }

    def status_at(self, now: float) -> str:
        if now < self.ends_at:
            return "processing"
        return "failed" if self.failed_count else "completed"

    def describe(self, now: float, sign: Sign, link_seconds: float) -> dict[str, Any]:
        """The JSON of GET /images/generations/{id}: images and error only where they belong."""
        status = self.status_at(now)
        answer: dict[str, Any] = {
            "image_generation_id": self.image_generation_id,
            "status": status,
            "prompt": self.prompt,
            "size": self.size,
            "quantity": self.quantity,
            "created_at": format_time(self.created_at),
        }
        if status == "processing":
            return answer
        expires_at = self._links_expire_at(link_seconds)
        if self.images:
            answer["images"] = [
                {
                    "media_id": image.media_id,
                    "url": sign(image.file_name, expires_at),
                    "thumbnail_url": sign(image.thumbnail_name, expires_at),
                    "width": image.drawing.width,
                    "height": image.drawing.height,
                }
                for image in self.images
            ]
        if self.error:
            answer["error"] = self.error
        return answer

    def _links_expire_at(self, link_seconds: float) -> float:
        """Counted from the end, not from the look: whether a new look renews them is not said."""
        if self.outcome is Outcome.EXPIRED_LINKS:
            return self.ends_at - 1
        return self.ends_at + link_seconds

"""What a delivered picture says of itself (bot/images/marks.py), from its generation. Pure."""

from __future__ import annotations

from bot.generations.record import Generation, Picture
from bot.images.marks import Mark, write_xmp


def mark_picture(generation: Generation, picture: Picture, *, has_prompts: bool) -> str:
    """Its XMP packet. `has_prompts`: it says what it was made with, too."""
    return write_xmp(
        Mark(
            generation.finished_at or generation.accepted_at,
            generation.request.model,
            generation.image_generation_id,
            picture.media_id,
            generation.whole_request.prompt if has_prompts else None,
            picture.alt_text,
        )
    )

"""The caption generations that a sandbox workspace starts with: 120, the same every time.

24 small businesses, each with five posts, out of a few templates. All of them are invented. Each
further workspace of the account has the posts of one more business.
"""

from __future__ import annotations

import uuid
from typing import Final

from bot.sandbox.powerpost.captions import Caption, CaptionGeneration
from bot.sandbox.powerpost.media import Media

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "powerpost-sandbox")
_SECONDS_BETWEEN: Final = 5 * 3600.0

# Name and product.
_BUSINESSES: Final = (
    ("Harbour Roasters", "the single-origin filter roast"),
    ("Field & Fern", "the mixed wildflower bouquet"),
    ("Nordlicht Bikes", "the city e-bike in forest green"),
    ("Pine Street Bakery", "the 36-hour sourdough"),
    ("Lumen Yoga", "the lunch-hour flow class"),
    ("Saltwater Swim", "the recycled-nylon swimsuit"),
    ("Kettle & Co", "the linen apron in rust"),
    ("Brightside Dental", "the evening appointment"),
    ("Atlas Climbing", "the new bouldering wall"),
    ("Green Ledger", "bookkeeping for one-person firms"),
    ("Moonlit Cinema", "the open-air season"),
    ("Oak & Iron", "the solid oak writing desk"),
    ("Tide Table", "the six-course fish menu"),
    ("Paper Lantern Books", "the autumn reading box"),
    ("Summit Soles", "the light trail shoe"),
    ("Velvet Hound", "the lined dog coat"),
    ("Northern Solar", "balcony solar for rented flats"),
    ("Clay Days", "the Saturday wheel course"),
    ("Orchard Lane Cider", "the dry cider from old trees"),
    ("Studio Kind", "a logo and a name in ten days"),
    ("Little Voyage", "the night train to the sea"),
    ("Hearth Homes", "the free energy walk-through"),
    ("Sprout Kids", "the woodland playgroup"),
    ("Citrus & Smoke", "the blood orange hot sauce"),
)
# Whose posts a further workspace has.
_FURTHER: Final = ("Lakeside Hotel", "the weekend by the lake")
# The prompt of a post, and what the captions say.
_POSTS: Final = (
    ("Announce {product} from {name}", "It is here ✨ Say hello to {product}. Order it today."),
    ("Behind the scenes at {name}", "This is how {product} is made. Would you have guessed?"),
    ("Introduce a customer of {name}", "Meet Mara. Ask her about {product} and take your time."),
    ("This week at {name}: 15% off", "Until Sunday: 15% off {product}. The link is in our bio."),
    ("A tip from {name} about {product}", "New to {product}? Start small. Save this for later 📌"),
)
_CAPTIONS: Final = {
    "instagram": "{body}\n.\n#{tag} #shoplocal",
    "tiktok": "{body} 👀 #{tag} #fyp",
    "x": "{body} #{tag}",
    "facebook": "{body}\n\nTell us in the comments what you think!",
    "linkedin": "{body}\n\nWhat we learned: small things, done every day, add up.",
}
_PLATFORM_MIXES: Final = (
    ("instagram", "facebook"),
    ("instagram", "tiktok", "youtube"),
    ("linkedin", "x"),
    ("instagram",),
    ("instagram", "facebook", "x", "linkedin"),
    ("youtube", "tiktok"),
    ("instagram", "tiktok", "youtube", "x", "facebook", "linkedin"),
)


def seed_workspace(
    workspace_id: str, now: float
) -> tuple[dict[str, CaptionGeneration], dict[str, Media]]:
    """The caption generations, newest about an hour before `now`, and the media of some."""
    generations: dict[str, CaptionGeneration] = {}
    media: dict[str, Media] = {}
    for index in range(len(_BUSINESSES) * len(_POSTS)):
        created_at = now - 3600 - index * _SECONDS_BETWEEN
        business = _BUSINESSES[index % len(_BUSINESSES)]
        generation = _make_generation(workspace_id, f"generation {index}", index, business)
        generation.created_at = created_at
        attached = [
            _make_media(workspace_id, index, number, created_at)
            for number in range(index % 3 if index % 4 == 0 else 0)
        ]
        generation.media_ids = tuple(item.media_id for item in attached)
        generations[generation.generation_id] = generation
        media |= {item.media_id: item for item in attached}
    return generations, media


def seed_further(workspace_id: str, now: float) -> dict[str, CaptionGeneration]:
    """The caption generations of another workspace of the same account: each of the posts, of one
    business. Their ids are other ones in each workspace."""
    generations = {}
    for number in range(len(_POSTS)):
        # From where all are completed.
        index = number + len(_POSTS) * 2
        generation = _make_generation(workspace_id, f"{workspace_id} {number}", index, _FURTHER)
        generation.created_at = now - 3600 - number * _SECONDS_BETWEEN
        generations[generation.generation_id] = generation
    return generations


def _make_generation(
    workspace_id: str, key: str, index: int, business: tuple[str, str]
) -> CaptionGeneration:
    name, product = business
    # 24 businesses and 5 posts share no factor, so each business gets each post.
    post = _POSTS[index % len(_POSTS)]
    prompt, body = (text.format(name=name, product=product) for text in post)
    tag = "".join(letter for letter in name if letter.isalnum())
    platforms = _PLATFORM_MIXES[index % len(_PLATFORM_MIXES)]
    status = _choose_status(index)
    outputs = {platform: _write_caption(platform, prompt, body, tag) for platform in platforms}
    return CaptionGeneration(
        generation_id=str(uuid.uuid5(_NAMESPACE, key)),
        workspace_id=workspace_id,
        status=status,
        prompt=prompt,
        platforms=list(platforms),
        created_at=0.0,
        outputs=outputs if status == "completed" else {},
        credits_used=0 if status == "failed" else len(platforms),
    )


def _write_caption(platform: str, prompt: str, body: str, tag: str) -> Caption:
    if platform == "youtube":
        return {"title": prompt, "description": f"{body}\n\n#{tag} #shorts"}
    return _CAPTIONS[platform].format(body=body, tag=tag)


def _choose_status(index: int) -> str:
    """The newest two are still being written; one in fifteen failed."""
    if index < 2:
        return ("pending", "processing")[index]
    return "failed" if index % 15 == 7 else "completed"


def _make_media(workspace_id: str, index: int, number: int, created_at: float) -> Media:
    media_id = uuid.uuid5(_NAMESPACE, f"media {index} {number}")
    red, green, blue = media_id.bytes[:3]
    return Media(
        media_id=str(media_id),
        workspace_id=workspace_id,
        type="image",
        file_name=f"reference-{number + 1}.jpg",
        file_size=240_000 + red * 1000,
        mime_type="image/jpeg",
        created_at=created_at,
        colour=(red, green, blue),
    )

"""The caption generations that a sandbox workspace starts with: 120, the same every time.

24 small businesses, each with five posts: a launch, a look behind the scenes, a customer's story,
an offer and a tip. The businesses and people are invented.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.sandbox.powerpost.captions import Caption, CaptionGeneration
from bot.sandbox.powerpost.media import Media

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "powerpost-sandbox")
_SECONDS_BETWEEN: Final = 5 * 3600.0
_WORDS_OF_SMALL_NUMBERS: Final = ("one", "two", "three")


@dataclass(frozen=True, slots=True)
class _Business:
    name: str
    product: str
    benefit: str
    scene: str
    person: str
    tip: str
    hashtag: str


_BUSINESSES: Final = (
    _Business(
        "Harbour Roasters",
        "our single-origin Ethiopia filter roast",
        "blueberry and jasmine in a slow cup",
        "the roastery at six in the morning",
        "Mara, who opens the shop",
        "Rinse the paper filter first: it warms the cup and washes the paper taste away",
        "SlowCoffee",
    ),
    _Business(
        "Field & Fern",
        "the mixed wildflower bouquet",
        "colour on the table for ten days",
        "the cutting garden after rain",
        "Jonas, our grower",
        "Cut the stems at a slant and change the water every second day",
        "LocalFlowers",
    ),
    _Business(
        "Nordlicht Bikes",
        "the city e-bike in forest green",
        "the hill to the office without the sweat",
        "the workshop stand with a bare frame",
        "Ines, who builds our wheels",
        "Check the tyre pressure once a week: soft tyres eat range",
        "RideToWork",
    ),
    _Business(
        "Pine Street Bakery",
        "the 36-hour sourdough",
        "a crust that sings when it cools",
        "the deck oven at full load",
        "Tomas, our night baker",
        "Keep the loaf cut side down on a wooden board, never in the fridge",
        "Sourdough",
    ),
    _Business(
        "Lumen Yoga",
        "the lunch-hour flow class",
        "forty minutes that change the afternoon",
        "the studio floor in low winter sun",
        "Priya, who teaches on Tuesdays",
        "Breathe out longer than you breathe in before a hard meeting",
        "BreatheOut",
    ),
    _Business(
        "Saltwater Swim",
        "the recycled-nylon one-piece",
        "a suit that stays put in real waves",
        "the rinse rack behind the beach hut",
        "Cleo, our lifeguard and tester",
        "Rinse it in fresh water after every swim and dry it in the shade",
        "ColdWaterClub",
    ),
    _Business(
        "Kettle & Co",
        "the linen apron in rust",
        "pockets where your hands already look for them",
        "the cutting table with forty metres of linen",
        "Aiko, our pattern maker",
        "Wash linen at 40 degrees and hang it damp: no iron needed",
        "MadeToLast",
    ),
    _Business(
        "Brightside Dental",
        "evening appointments on Thursdays",
        "a check-up without a day off",
        "the calm little waiting room",
        "Dr. Owusu, who explains before she drills",
        "Wait half an hour after coffee before you brush",
        "HealthySmile",
    ),
    _Business(
        "Atlas Climbing",
        "the new bouldering wall",
        "sixty fresh problems from easy to unfair",
        "route setters at midnight with drills and tape",
        "Leo, who sets the blues",
        "Look at your feet until they stand: arms only follow",
        "ClimbTogether",
    ),
    _Business(
        "Green Ledger",
        "bookkeeping for one-person firms",
        "your quarter done in an afternoon",
        "a desk with one tidy folder",
        "Hanna, who answers the phone herself",
        "Photograph each receipt the moment you get it",
        "SmallBusiness",
    ),
    _Business(
        "Moonlit Cinema",
        "the open-air season under the viaduct",
        "films that sound better under the sky",
        "the screen going up at sunset",
        "Rafa, our projectionist",
        "Bring a second layer: the credits are always colder than you think",
        "OpenAirCinema",
    ),
    _Business(
        "Oak & Iron",
        "the solid oak writing desk",
        "a desk that your grandchildren will argue over",
        "planks resting in the drying shed",
        "Piet, our joiner",
        "Oil the top twice a year and wipe along the grain",
        "SlowFurniture",
    ),
    _Business(
        "Tide Table",
        "the six-course fish menu",
        "what the boats brought in, and nothing else",
        "the harbour wall at four in the morning",
        "Chef Nuria",
        "Dry the fillet well and do not touch it: the skin lets go when it is ready",
        "CatchOfTheDay",
    ),
    _Business(
        "Paper Lantern Books",
        "the autumn reading box",
        "three novels that nobody told you about",
        "the back room with ladders and proofs",
        "Ivo, who reads everything",
        "Read the first page aloud: if you stumble, it is not your book today",
        "IndieBookshop",
    ),
    _Business(
        "Summit Soles",
        "the light trail shoe",
        "grip on wet rock at half the weight",
        "the test track above the tree line",
        "Kaja, who ran 900 km in the prototype",
        "Lace the last eyelet for descents: your toes will thank you",
        "TrailRunning",
    ),
    _Business(
        "Velvet Hound",
        "the lined dog coat",
        "dry backs and no chafing on long walks",
        "the fitting day with eleven whippets",
        "Bella, our smallest model",
        "Two fingers should fit under every strap",
        "DogsOfInstagram",
    ),
    _Business(
        "Northern Solar",
        "balcony solar for rented flats",
        "a quarter of your bill from the railing",
        "an installation on a fourth floor",
        "Emre, who wires without drilling",
        "Tilt the panel in winter: the low sun is worth the five minutes",
        "BalconySolar",
    ),
    _Business(
        "Clay Days",
        "the Saturday wheel course",
        "mud, music and a bowl you made yourself",
        "shelves of pots before the glaze",
        "Sunniva, who has centred ten thousand pots",
        "Wet hands, slow wheel, elbows in",
        "HandmadeCeramics",
    ),
    _Business(
        "Orchard Lane Cider",
        "the dry cider from old trees",
        "apples that no supermarket would take",
        "the press running in October fog",
        "Wil, fourth generation",
        "Serve it cool, not cold, in a wine glass",
        "RealCider",
    ),
    _Business(
        "Studio Kind",
        "logo and name in ten days",
        "a brand you can explain in one breath",
        "the wall where bad ideas are welcome",
        "Noor, our type designer",
        "Print your logo at the size of a thumbnail before you fall in love with it",
        "BrandDesign",
    ),
    _Business(
        "Little Voyage",
        "night trains to the sea",
        "asleep in the city and awake by the water",
        "the platform at 22:41",
        "Marta, who has slept in every carriage",
        "Take the upper berth: it is warmer and nobody sits on it",
        "SlowTravel",
    ),
    _Business(
        "Hearth Homes",
        "the free energy walk-through",
        "a warm house and a smaller bill",
        "a thermal camera on an old front door",
        "Gus, who finds every draught",
        "Close the curtains at dusk and open them with the first sun",
        "WarmHome",
    ),
    _Business(
        "Sprout Kids",
        "the woodland playgroup",
        "muddy boots and long naps",
        "the fire pit with twelve small sticks",
        "Ola, who knows every mushroom",
        "Pack wool: it is warm even when it is wet",
        "OutdoorKids",
    ),
    _Business(
        "Citrus & Smoke",
        "the blood orange hot sauce",
        "heat that arrives late and leaves politely",
        "the kitchen on bottling day",
        "Dalia, who invented it by accident",
        "Three drops in a salad dressing beat thirty on a taco",
        "HotSauce",
    ),
)

_PLATFORM_MIXES: Final = (
    ("instagram", "facebook"),
    ("instagram", "tiktok", "youtube"),
    ("linkedin", "x"),
    ("instagram",),
    ("instagram", "facebook", "x", "linkedin"),
    ("youtube", "tiktok"),
    ("instagram", "tiktok", "youtube", "x", "facebook", "linkedin"),
)

_ANGLES: Final = ("launch", "behind the scenes", "customer story", "offer", "tip")


def seed_workspace(
    workspace_id: str, now: float
) -> tuple[dict[str, CaptionGeneration], dict[str, Media]]:
    """The caption generations, newest about an hour before `now`, and the media of some."""
    generations: dict[str, CaptionGeneration] = {}
    media: dict[str, Media] = {}
    for index, (business, angle) in enumerate(_pairs()):
        created_at = now - 3600 - index * _SECONDS_BETWEEN
        attached = [
            _make_media(workspace_id, index, number, created_at)
            for number in range(index % 3 if index % 4 == 0 else 0)
        ]
        media.update({item.media_id: item for item in attached})
        generation = _make_generation(workspace_id, index, business, angle, created_at)
        generation.media_ids = tuple(item.media_id for item in attached)
        generations[generation.generation_id] = generation
    return generations, media


def _pairs() -> Iterator[tuple[_Business, str]]:
    for round_number in range(len(_ANGLES)):
        for number, business in enumerate(_BUSINESSES):
            yield business, _ANGLES[(number + round_number) % len(_ANGLES)]


def _make_generation(
    workspace_id: str, index: int, business: _Business, angle: str, created_at: float
) -> CaptionGeneration:
    platforms = _PLATFORM_MIXES[index % len(_PLATFORM_MIXES)]
    status = _choose_status(index)
    outputs = {platform: _write_caption(platform, business, angle) for platform in platforms}
    return CaptionGeneration(
        generation_id=str(uuid.uuid5(_NAMESPACE, f"generation {index}")),
        workspace_id=workspace_id,
        status=status,
        prompt=_write_prompt(business, angle),
        platforms=list(platforms),
        created_at=created_at,
        outputs=outputs if status == "completed" else {},
        credits_used=0 if status == "failed" else len(platforms),
    )


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
        file_name=f"reference-{_WORDS_OF_SMALL_NUMBERS[number]}.jpg",
        file_size=240_000 + red * 1000,
        mime_type="image/jpeg",
        created_at=created_at,
        colour=(red, green, blue),
    )


def _write_prompt(business: _Business, angle: str) -> str:
    return {
        "launch": f"Announce {business.product} from {business.name}",
        "behind the scenes": f"Behind the scenes at {business.name}: {business.scene}",
        "customer story": f"Introduce {business.person} at {business.name}",
        "offer": f"This week at {business.name}: 15% off {business.product}",
        "tip": f"A tip from {business.name} for followers of #{business.hashtag}",
    }[angle]


def _write_caption(platform: str, business: _Business, angle: str) -> Caption:
    body = _write_body(business, angle)
    if platform == "youtube":
        title = _write_prompt(business, angle)[:100]
        return {"title": title, "description": f"{body}\n\n#{business.hashtag} #shorts"}
    return {
        "instagram": f"{body}\n.\n#{business.hashtag} #{_join(business.name)} #shoplocal",
        "tiktok": f"{body.split('. ')[0]} 👀 #{business.hashtag} #fyp",
        "x": f"{body} #{business.hashtag}"[:280],
        "facebook": f"{body}\n\nTell us in the comments what you think!",
        "linkedin": f"{body}\n\nWhat we learned: small things, done every day, add up.",
    }[platform]


def _write_body(business: _Business, angle: str) -> str:
    product = business.product[0].upper() + business.product[1:]
    return {
        "launch": f"It is here ✨ {product}. Made for one thing: {business.benefit}. "
        "In the shop and online from today.",
        "behind the scenes": f"This is what you do not see: {business.scene}. "
        f"It is where {business.benefit} begins.",
        "customer story": f"Meet {business.person}. Ask about {business.product} "
        f"and bring some time. The short version: {business.benefit}.",
        "offer": f"Until Sunday: 15% off {business.product}. "
        f"Because everybody should know {business.benefit}. Link in bio.",
        "tip": f"{business.tip}. Save this for later 📌 More tips from {business.name} every week.",
    }[angle]


def _join(name: str) -> str:
    return "".join(letter for letter in name if letter.isalnum())

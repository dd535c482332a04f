"""A change that fits a prompt, as an example for a reply. Pure."""

from __future__ import annotations

import re
from typing import Final

from bot.images.typed import fold

# The first line with a word of the prompt says what could be changed of it.
_FITTING: Final = (
    (
        "sky skies cloud clouds sunset sunrise storm fog mist lighthouse mountain sea harbour "
        "harbor beach coast landscape island desert",
        "with a darker sky",
    ),
    (
        "logo poster sign banner flyer icon headline letters lettering typography",
        "in blue and white",
    ),
    ("portrait face man woman person people child team selfie", "smiling, in evening light"),
    ("fox dog cat bird horse heron animal owl bear wolf tree forest house village", "in snow"),
    ("product bottle cup phone shoe shoes chair table coffee food cake", "on a marble table"),
    ("city street skyline building car train bridge", "at night"),
)
_ANY: Final = "in warmer colours"


def find_example(prompt: str) -> str:
    """Words that a reply to a picture of `prompt` could have."""
    said = set(re.findall(r"[^\W\d_]+", fold(prompt)))
    fitting = (change for words, change in _FITTING if not said.isdisjoint(words.split()))
    return next((each for each in fitting if fold(each) not in fold(prompt)), _ANY)

"""What is said of a search that cannot be made as it was typed. Plain text."""

from __future__ import annotations

from typing import Final

from bot.images.catalogue import MODELS, Model
from bot.images.find import FindMisunderstood, FindProblem
from bot.slack.kit.text import joined, shorten

_EXAMPLE: Final = "/imagine find harbour --by @ann --in #design --since 2026-11-01 --rating good"
BAD_DAY: Final = "Write a day, such as 2026-11-01, yesterday or last month."
TOO_MANY: Final = "60 searches a minute at most. Please wait a moment."
BAD_ORDER: Final = "This is before the first day."
PEOPLE_UNKNOWN: Final = (
    "I can't look up people's names right now. Press Search to choose the person."
)


def misunderstood(answer: FindMisunderstood) -> str:
    """A filter that is not understood, and the right spelling."""
    typed = shorten(answer.typed, 80)
    meant = f" Did you mean {answer.suggestion}?" if answer.suggestion else ""
    match answer.problem:
        case FindProblem.UNKNOWN_FLAG:
            filters = "--by, --in, --campaign, --model, --size, --since, --until and --rating"
            said = f"I don't know the filter {typed}.{meant} There are {filters}."
        case FindProblem.UNKNOWN_MODEL:
            models = joined(model.value for model in Model)
            said = f"There is no model “{typed}”.{meant} The models are {models}."
        case FindProblem.UNKNOWN_SIZE:
            sizes = joined(dict.fromkeys(str(x) for each in MODELS.values() for x in each.sizes))
            said = f"There is no size “{typed}”.{meant} The sizes are {sizes}."
        case FindProblem.UNKNOWN_DAY:
            said = f"I know no day “{typed}”.{meant} Write 2026-11-01, 2026-11, or last month."
        case FindProblem.UNKNOWN_RATING:
            said = f"A rating is good, bad or chosen, not “{typed}”.{meant}"
        case FindProblem.VALUE_MISSING:
            said = f"{typed} needs a value after it."
        case FindProblem.GIVEN_TWICE:
            said = f"{typed} appears twice. Use it once."
    return f"{said} An example: {_EXAMPLE}"


def no_person(typed: str, near: str | None) -> str:
    """Nobody is called that."""
    meant = f" Did you mean @{near}?" if near else ""
    return (
        f"I know nobody called {shorten(typed, 80)}.{meant} Press Search to choose the "
        "person from a list."
    )


def no_channel(typed: str, near: str | None) -> str:
    """No channel that the person is in is called that."""
    meant = f" Did you mean #{near}?" if near else ""
    return (
        f"You are in no channel {shorten(typed, 80)} that I can see.{meant} Press Search to choose."
    )


def no_campaign(typed: str, near: str | None) -> str:
    """Nothing was made for a campaign of that name."""
    meant = f" Did you mean “{near}”?" if near else ""
    return f"There is no campaign “{shorten(typed, 80)}”.{meant} Press Search to choose one."

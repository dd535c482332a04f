"""The words of a message that brings a list of prompts: `@Imagine make these --size feed`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.images.brief import Spread
from bot.images.catalogue import DEFAULT_MODEL, DEFAULT_SIZE, Model
from bot.images.flags import split_flags
from bot.images.lists import PromptList
from bot.images.meaning import Change, Misunderstood, Options
from bot.images.options import find_value_problems, multiply, read_options, read_spread
from bot.images.request import ImageRequest
from bot.images.tokens import join_words, prepare, read_words
from bot.images.vocabulary import table

# Who says no more than this wants the list to be made.
_OF_LISTS: Final = table(
    """
    make do draw create generate render paint run please pls plz these this those them all of the
    list csv file table sheet rows prompts prompt pictures picture images image for me us here it
    from in with each one everything hi hey hello and can could would you now bitte mach mache das
    diese alle bilder haz estas fais ces
    """
)


@dataclass(frozen=True, slots=True)
class ListAsked:
    """What such a message asks for: `change` is a brief, or an ordinary request for a list of one.
    `problems` are to be asked about; `lost` are words that would be left out, as the list has its
    own prompts. `spread` is what the form needs to show the list again."""

    change: Change
    spread: Spread
    problems: tuple[Misunderstood, ...] = ()
    lost: str = field(default="")


def parse_list_message(
    text: str,
    listed: PromptList,
    *,
    file_id: str,
    file_name: str,
    preset_names: Sequence[str] = (),
    model: Model = DEFAULT_MODEL,
    campaign_names: Sequence[str] = (),
) -> ListAsked:
    """What `text`, without the bot's mention and unescaped, asks for with the rows of `listed`.
    What its flags say holds for rows that do not say it. `preset_names`, `model` and
    `campaign_names` as in `parse_command`."""
    typed = prepare(text)
    split = split_flags(typed, preset_names, campaign_names=campaign_names)
    options = read_options(split.values)
    words = read_words(typed, split.words)
    is_bare = all(not word.said or word.said in _OF_LISTS for word in words)
    spread = read_spread(split.values).model_copy(
        update={"rows": listed.rows, "file_id": file_id, "file_name": file_name}
    )
    request = _make_request(options, listed)
    change, doubts = multiply(Change(request, (), options), spread, options.model or model)
    problems = (*split.problems, *find_value_problems(split.values), *doubts)
    lost = "" if is_bare else join_words(typed, split.words)
    return ListAsked(change, spread, problems, lost)


def _make_request(options: Options, listed: PromptList) -> ImageRequest:
    """The whole, by what the flags say; its prompt is what lists show of it."""
    return ImageRequest(
        prompt=" · ".join(row.prompt for row in listed.rows) or None,
        model=options.model or DEFAULT_MODEL,
        size=options.size or DEFAULT_SIZE,
        quantity=1 if options.quantity is None else options.quantity,
        enhance_prompt=options.enhance or False,
    )

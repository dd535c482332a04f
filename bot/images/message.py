"""The grammar of a message to the bot that is about no picture yet: `@Imagine a fox`, or plain
words in a direct message. Pure.

It is read as `/imagine` reads it, but a command is always meant for the bot, and a message often
is not. So a message is paid for at once only if it can be nothing but a description: the mention
stands first (a greeting may stand before it), nobody else is mentioned, nothing is asked with a
question mark, it is no short statement ("the printer is broken"), no word of a conversation is in
it ("I", "you", "thanks"), and it is more than one word, since a word alone is as often meant as a
command. Anything else that could be drawn is asked about: that costs one click, and a picture that
nobody wanted costs credits. What stands in quotes is always part of the picture.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.images.catalogue import DEFAULT_MODEL, Model
from bot.images.command import Command, Generate, parse_command
from bot.images.meaning import AgainstSpec, Change, Misunderstood, NotUnderstood
from bot.images.reply import Help, Nothing, Press, TakeUp, parse_reply
from bot.images.request import ImageRequest
from bot.images.talk import is_talk
from bot.images.tokens import Token, prepare, read_words, split_tokens
from bot.images.typed import fold
from bot.images.vocabulary import table

_GREETING: Final = re.compile(
    r"(?:(?:hi|hiya|hey|hello|hallo|yo|ok|okay|so|good (?:morning|afternoon|evening)|please|pls"
    r"|plz|bitte)(?![\w'’])[\s,.!:]*)+",
    re.IGNORECASE,
)
# "Can you draw me a fox?": not "can you hear me?".
_WISH: Final = re.compile(
    r"(?:can|could|would|will) (?:you|u)(?: (?:please|pls|just))* "
    r"(?=(?:draw|paint|make|create|generate|design|sketch|render|illustrate)"
    r"(?! (?:it|this|that|them|these|those)\b))",
    re.IGNORECASE,
)
_ANY_WISH: Final = re.compile(
    r"(?:(?:can|could|would|will) (?:you|u|we)|i want|i need|i'd like|i would like|let's|lets)"
    r"(?: (?:please|pls|just|to|have))* ",
    re.IGNORECASE,
)
_POLITE_LAST: Final = re.compile(
    r"(?<![\s,])[\s,]+(?:please|pls|plz|bitte|thanks|thank you|thx)[\s.!?]*\Z", re.IGNORECASE
)
# Who says one of these speaks to somebody.
_SPEECH: Final = table(
    """
    i i'm i've ive i'd i'll we we're we've we'll we'd you you're you've you'll u ur your yours
    imagine imagine's bot thanks thank thx thankyou danke merci gracias grazie obrigado sorry
    ich wir du ihr sie dich mich dir mir je j'ai tu nous vous yo nosotros usted io noi eu nós
    он я мы ты вы спасибо
    """
)
# Who begins with one of these says, asks or orders something; a description begins otherwise.
_SPEECH_FIRST: Final = table(
    """
    he he's she she's they they're they've it it's its that that's this there there's those these
    here here's who who's what what's when where why how if because since maybe perhaps let let's
    lets do don't does doesn't did didn't is isn't are aren't was wasn't were has hasn't have
    haven't can can't cannot could couldn't should shouldn't would wouldn't will won't must my our
    not no yes but and or also never always just stop cancel wait tell ask remind send show share
    delete remove explain translate write call help try use open close forget remember check look
    see note fyi re fw fwd as everyone anybody anyone nobody somebody someone
    wie was wer wann wo warum wieso kannst könnt können ist sind hast hat habe haben mein dein bitte
    comment pourquoi quand qui est est-ce peux pouvez mon ton
    cómo como qué que quién cuándo por puedes puede es mi tu
    """
)


# In a short text, one of these makes it a statement: "the printer is broken again".
_STATES: Final = table(
    """
    is isn't are aren't was wasn't were weren't has hasn't had doesn't don't didn't can't won't
    """
)
_CHAT_MAX: Final = 300  # characters; what is longer is not read twice
_STATEMENT_MAX: Final = 12  # words; in a longer description a part may be a sentence


@dataclass(frozen=True, slots=True)
class Chat:
    """It says nothing that could be drawn: thanks, a greeting, a question to the bot."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may be drawn, but may be meant for people as well: `guess` is what would be made."""

    guess: Change = field(compare=False)


Message = Command | Chat | Unsure


def parse_message(
    text: str,
    *,
    before: str = "",
    names_people: bool = False,
    preset_names: Sequence[str] = (),
    model: Model = DEFAULT_MODEL,
    campaign_names: Sequence[str] = (),
) -> Message:
    """What `text`, without the bot's mention and unescaped, asks for. `before` are the words in
    front of the mention; `names_people`: others are mentioned, too. `preset_names`, `model` and
    `campaign_names` as in `parse_command`."""
    typed = _strip(prepare(text))
    command = parse_command(typed, preset_names, model, campaign_names)
    if not isinstance(command, Generate | Misunderstood | AgainstSpec):
        return command
    if len(typed) <= _CHAT_MAX and _is_chat(typed, preset_names):
        return Chat()
    is_to_bot = not names_people and _GREETING.sub("", before.strip()).strip(" ,.!:") == ""
    if isinstance(command, Generate) and not (is_to_bot and _is_description(typed)):
        return Unsure(command.change)
    return command


def sounds_spoken(text: str) -> bool:
    """Whether `text` speaks to somebody ("I like it", "what do you think?"). A wish, such as "can
    you make it darker?" or "I want a darker sky", does not count."""
    bare = _bare(prepare(text))
    wish = _ANY_WISH.match(bare)
    return _is_spoken(bare[wish.end() :].rstrip("?？ ") if wish else bare)


def _strip(text: str) -> str:
    """`text` without what is said to be polite."""
    bare = _bare(text)
    if (wish := _WISH.match(bare)) is not None:
        bare = bare[wish.end() :].rstrip("?？ ")
    shorter = _POLITE_LAST.sub("", bare)
    return bare if is_talk(read_words(shorter, list(split_tokens(shorter)))) else shorter


def _bare(text: str) -> str:
    """`text` without a greeting, if anything else is said."""
    greeting = _GREETING.match(text)
    rest = text[greeting.end() :] if greeting else text
    return rest or text


def _is_chat(typed: str, preset_names: Sequence[str]) -> bool:
    read = parse_reply(typed, ImageRequest(), preset_names=preset_names)
    return isinstance(read, NotUnderstood | Nothing | Press | TakeUp | Help)


def _is_description(typed: str) -> bool:
    tokens = list(split_tokens(typed))
    is_word = len(tokens) == 1 and typed.isascii() and not tokens[0].is_literal
    return not is_word and not _is_spoken(typed)


def _is_spoken(typed: str) -> bool:
    """Whether it asks, states or has words of a conversation, outside of quotes."""
    tokens = list(split_tokens(typed))
    said = [_fold(token) for token in tokens if not token.is_literal]
    if any(token.text.endswith(("?", "？")) for token in tokens if not token.is_literal):
        return True
    is_first = bool(tokens) and not tokens[0].is_literal and said[0] in _SPEECH_FIRST
    is_statement = len(tokens) <= _STATEMENT_MAX and not _STATES.isdisjoint(said)
    return is_first or is_statement or not _SPEECH.isdisjoint(said)


def _fold(token: Token) -> str:
    return fold(token.text).replace("’", "'").strip(' .,;:!?…¿¡()"“”„*_~')

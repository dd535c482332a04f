"""Nothing that a person can send holds the event loop, and with it everybody else, for long."""

from __future__ import annotations

import functools
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Final

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.images.command import parse_command
from bot.images.flags import TEXT_MAX
from bot.images.reply import parse_reply
from bot.images.request import ImageRequest
from bot.slack.kit.ids import ActionId, Field, HomeAction, HomeField, ViewId
from tests.support.hostile import make_form, to_json
from tests.support.hostile_input import hostile
from tests.support.signed_requests import FORM, JSON, Slack
from tests.support.stage import DESIGN, Stage, open_stage
from tests.support.watch import Watched, watch_bot

# Shorter than this is short on every machine. What is longer is measured again beside a piece of
# work of a known size, so that a slow machine, or a busy one, is given as much longer.
SHORT_SECONDS: Final = 0.05
_TIMES_THE_WORK: Final = 25  # some 0.1 s, where nothing else runs
_WORK: Final = "a fox and a hare " * 64_000
_TRIES: Final = 3  # something else may have held the thread up
LENGTHS: Final = (TEXT_MAX - 1, 40_000)
TEAM: Final = {"id": "T0SANDBOX"}

# What repeats, and what it stands after: both ends of a text are looked at apart.
PIECES: Final = (
    *("x2 ", "again ", "a ", "a", " ", ", ", "and ", "please ", "in ", "as a ", "one more ", "..."),
    *("use ideogram ", "with the ", "with x preset ", "not enhance ", "using nano banana 2 in "),
    *("thanks for ", "hahaha", "niiice ", "aaaa ", "can you ", "dall-e ", "prompt: ", "\n", "٣"),
    *("--m", "--model ", "-n 2 ", "—x ", "-a=", "--enhance=", "--by ", "november ", "usage "),
    *('"a ', "“a ", '"', "“", "«", ":a", ":a:", "<#", "<a|", "<@U0IMAGINE|", "<<", "&lt;", "&amp;"),
    *("(", "*_~", "🦊", "é", "A\u0301 ", "\ufdfa", "\u202e", "\x00", "x" * 99 + " "),
)
STARTS: Final = ("", "fox ", "usage by ", "--model=", '"')
SOME_PIECES: Final = ("x2 ", "a ", "<", "🦊", "--by ", "\ufdfa")


def grow(start: str, piece: str, length: int, end: str = "") -> str:
    """A text of `length` characters."""
    return (start + piece * (length // len(piece) + 1))[: length - len(end)] + end


def all_texts(starts: Sequence[str] = STARTS) -> Iterator[str]:
    """What repeats, after each beginning and before an end, as long as it is read, and longer."""
    for start, piece, length in itertools.product(starts, PIECES, LENGTHS):
        yield grow(start, piece, length, " fox" if length % 8 else "")


@pytest.fixture(scope="module")
async def watched(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Watched, Slack, str]]:
    """A bot with a thread to reply in, somebody who speaks for Slack, and that thread's root."""
    directory = tmp_path_factory.mktemp("loop")
    async with (
        open_stage(directory, runs_bot=False) as stage,
        watch_bot(stage) as bot,
        aiohttp.ClientSession() as http,
    ):
        await stage.ada.run_command(DESIGN, "/imagine", "fog")
        await stage.until_told()
        yield bot, Slack(http, stage), await find_root(stage)


async def find_root(stage: Stage) -> str:
    (root,) = stage.roots()
    return root.ts


def is_short(seconds: float) -> bool:
    """Whether that much of a thread's time is too little to be felt by anybody else."""
    if seconds < SHORT_SECONDS:
        return True
    unit = min(time_reading(str.split, _WORK) for _ in range(5))
    return seconds < _TIMES_THE_WORK * unit


async def is_soon_done(
    watched: tuple[Watched, Slack, str], body: bytes, content_type: str = FORM
) -> bool:
    """Send something; whether it holds the loop for a short time only. Again, where it does not:
    the first use of a thing is not the longest that anybody can make of it."""
    bot, slack, _ = watched
    for _ in range(_TRIES):
        bot.reset()
        status, answer = await slack.post_signed(body, content_type)
        assert status < 500, answer
        if is_short(bot.longest):
            return True
    return False


def command(text: str) -> bytes:
    """What is typed after /imagine, as Slack sends it."""
    fields = {"command": "/imagine", "team_id": "T0SANDBOX", "trigger_id": "1.2.3"}
    return make_form(fields | {"channel_id": DESIGN, "user_id": "U0BEN", "text": text})


def reply(text: str, root: str, *, is_direct: bool = False) -> bytes:
    """What is said in the thread of `root`."""
    event = {"type": "app_mention", "user": "U0BEN", "ts": "1800000000.000100", "channel": DESIGN}
    if is_direct:
        event |= {"type": "message", "channel_type": "im"}
    envelope = {"type": "event_callback", "team_id": "T0SANDBOX", "event_id": "Ev1"}
    return to_json(envelope | {"event": event | {"text": text, "thread_ts": root}}).encode()


def interaction(kind: str, **fields: Any) -> bytes:
    """What is done with a mouse."""
    who = {"team": TEAM, "user": {"id": "U0ADA"}, "trigger_id": "1.2.3"}
    return make_form({"payload": {"type": kind, **who, **fields}})


def view(callback_id: str, field: str, element: Any, metadata: str = "") -> dict[str, Any]:
    """A modal with one field."""
    said = {"callback_id": callback_id, "private_metadata": metadata}
    known = {"id": "V1", "type": "modal", "hash": "1.a", "blocks": []}
    return known | said | {"state": {"values": {field: {field: element}}}}


def read_reply(text: str, *, has_pictures: bool) -> None:
    parse_reply(text, ImageRequest(prompt="a fox"), has_pictures=has_pictures)


def time_reading(read: Callable[[str], object], text: str) -> float:
    """Seconds of this thread."""
    begun = time.thread_time()
    read(text)
    return time.thread_time() - begun


@pytest.mark.parametrize(
    "read",
    [
        parse_command,
        functools.partial(read_reply, has_pictures=False),
        functools.partial(read_reply, has_pictures=True),
    ],
    ids=["a command", "a reply", "a reply with pictures"],
)
def test_nothing_takes_long_to_read(read: Callable[[str], object]) -> None:
    too_long = [
        (text[:30], len(text))
        for text in all_texts()
        if not any(is_short(time_reading(read, text)) for _ in range(_TRIES))
    ]

    assert too_long == []


async def test_no_command_or_reply_holds_the_loop(watched: tuple[Watched, Slack, str]) -> None:
    too_long = []
    for number, text in enumerate(all_texts(["fox "])):
        said = reply(f"<@U0IMAGINE> {text}"[:40_000], watched[2], is_direct=number % 4 == 0)
        if not await is_soon_done(watched, said, JSON):
            too_long.append(f"reply {len(text)} {text[:30]}")
        if not await is_soon_done(watched, command(text)):
            too_long.append(f"command {len(text)} {text[:30]}")

    assert too_long == []


@pytest.mark.parametrize("piece", SOME_PIECES)
async def test_no_form_shortcut_or_search_holds_the_loop(
    watched: tuple[Watched, Slack, str], piece: str
) -> None:
    text = grow("", piece, 40_000)
    words = {"type": "plain_text_input", "value": text}
    option = {"selected_option": {"value": text, "text": {"text": text}}}
    many = {"selected_options": [{"value": part} for part in text.split(" ")[:10_000]]}
    message = {"ts": "1.2", "text": text, "files": [], "blocks": [{"type": "image"}] * 3000}
    sent = [
        *(
            interaction(kind, view=view(ViewId.IMAGE_FORM, field, element))
            for kind in ("view_submission", "view_closed")
            for field in Field
            for element in (words, option, many)
        ),
        *(
            interaction("view_submission", view=view(sheet, field, words, text))
            for sheet, field in (
                (ViewId.RULES_FORM, HomeField.WORDS),
                (ViewId.PRESET_FORM, HomeField.NAME),
                (ViewId.PRESET_FORM, HomeField.PREFIX),
                (ViewId.SETTINGS_FORM, HomeField.TIME_ZONE),
                (ViewId.SETTINGS_FORM, HomeField.ADMINS),
                (ViewId.BUDGET_FORM, HomeField.CREDITS),
                (ViewId.DEFAULTS_FORM, HomeField.PRESET),
                (ViewId.DENY_APPROVAL, "reason"),
            )
        ),
        *(
            interaction("block_suggestion", action_id=action_id, block_id=action_id, value=text)
            for action_id in (Field.CAPTION, HomeField.TIME_ZONE)
        ),
        *(
            interaction(
                "block_actions",
                channel={"id": DESIGN},
                view=view(ViewId.IMAGE_FORM, Field.PROMPT, words, text),
                actions=[{"action_id": action_id, "block_id": "b", "value": text, **option}],
            )
            for action_id in (*ActionId, *HomeAction, *Field)
        ),
        interaction(
            "message_action",
            callback_id="image_of_message",
            channel={"id": DESIGN},
            message=message,
        ),
    ]
    too_long = [body[:300] for body in sent if not await is_soon_done(watched, body)]

    assert too_long == []


@hostile
@given(
    pieces=st.lists(st.sampled_from(PIECES) | st.text(max_size=5), min_size=1, max_size=4),
    start=st.sampled_from(STARTS),
    length=st.sampled_from(LENGTHS),
)
async def test_no_mixture_holds_the_loop(
    watched: tuple[Watched, Slack, str], pieces: list[str], start: str, length: int
) -> None:
    text = grow(start, "".join(pieces) or " ", length)

    assert await is_soon_done(watched, command(text))
    assert await is_soon_done(watched, reply(text, watched[2]), JSON)


@pytest.mark.parametrize(
    "body", ["[" * 40_000, '{"a":' * 8_000, "1" * 40_000, '"' + "\\u0041" * 6000]
)
async def test_no_json_holds_the_loop(watched: tuple[Watched, Slack, str], body: str) -> None:
    assert await is_soon_done(watched, body.encode(), JSON)
    assert await is_soon_done(watched, make_form({"payload": body}))
    assert await is_soon_done(watched, json.dumps({"type": body}).encode(), JSON)
    assert await is_soon_done(watched, b"&".join([b"a=b"] * 10_000))

"""What a message to the bot asks for, where it is about no picture yet."""

from __future__ import annotations

import pytest

from bot.images.command import Generate, Help, OpenForm, ShowCredits, ShowHistory
from bot.images.meaning import Misunderstood
from bot.images.message import Chat, Unsure, parse_message, sounds_spoken

PROMPTS = [
    ("a fox", "a fox"),
    ("a fox, please", "a fox"),
    ("hey, a fox", "a fox"),
    ("Please a fox thanks", "a fox"),
    ("can you draw me a fox?", "draw me a fox"),
    ("a lighthouse in fog -n 2 --model ideogram-3", "a lighthouse in fog"),
    ("ein Fuchs im Schnee", "ein Fuchs im Schnee"),
    ("日本の城", "日本の城"),
    ('a sign that says "you are here"', 'a sign that says "you are here"'),
    ('"I love you"', "I love you"),
]
CHAT = [
    *("hi", "thanks", "thanks!", "stop", "ok", "cancel", "please", "yes please", "good bot"),
    *("what is this?", "who are you", "how much does it cost?", "are you there", "test", "👍"),
    *("never mind", "enough for today", "undo", "delete this", "share it", "nice work"),
]
UNSURE = [
    *("fox", "a fox?", "I need a picture for our launch", "thanks a lot for the fox"),
    *("the printer is broken again", "can you hear me?", "you rock", "my invoice from March"),
    *("we should try this tomorrow", "kannst du einen Fuchs malen?", "tell Ben about it"),
]


@pytest.mark.parametrize(("text", "prompt"), PROMPTS)
def test_a_clear_prompt_is_read_as_a_command_reads_it(text: str, prompt: str) -> None:
    read = parse_message(text)

    assert isinstance(read, Generate)
    assert read.request.prompt == prompt


@pytest.mark.parametrize("text", CHAT)
def test_what_says_nothing_that_could_be_drawn_is_chat(text: str) -> None:
    assert parse_message(text) == Chat()


@pytest.mark.parametrize("text", UNSURE)
def test_what_may_be_meant_for_people_is_asked_about(text: str) -> None:
    assert isinstance(parse_message(text), Unsure)


@pytest.mark.parametrize("before", ["", "hey", "Hi,", "ok, please", "Good morning!"])
def test_a_greeting_may_stand_before_the_mention(before: str) -> None:
    assert isinstance(parse_message("a fox", before=before), Generate)


@pytest.mark.parametrize("before", ["look what I made with", "ask", "a fox by"])
def test_a_mention_in_the_middle_of_a_sentence_is_asked_about(before: str) -> None:
    assert isinstance(parse_message("a fox", before=before), Unsure)


def test_who_mentions_others_too_is_asked() -> None:
    assert isinstance(parse_message("Ben as a hero", names_people=True), Unsure)


def test_words_of_commands_are_commands() -> None:
    assert parse_message("help") == parse_message("?") == Help()
    assert parse_message("credits") == ShowCredits()
    assert parse_message("history") == ShowHistory()
    assert parse_message("") == OpenForm()


@pytest.mark.parametrize("text", ["a fox -s portrit", "a fox in landscape", "make it darker"])
def test_slips_are_asked_about_with_what_would_be_made(text: str) -> None:
    read = parse_message(text)

    assert isinstance(read, Misunderstood)
    assert read.guess is not None


@pytest.mark.parametrize(
    "text", ["I like the second one", "what do you think?", "we could use this", "that's the one"]
)
def test_speech_is_told_from_a_wish(text: str) -> None:
    assert sounds_spoken(text)


@pytest.mark.parametrize(
    "text", ["darker sky", "can you make it darker?", "I want a darker sky", "with more fog"]
)
def test_a_wish_is_no_speech(text: str) -> None:
    assert not sounds_spoken(text)

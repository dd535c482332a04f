"""A list of prompts: each row is read, or named by its number with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.images.brief import PICTURES_MAX, Spread, plan
from bot.images.catalogue import Model
from bot.images.lists import ListProblem, PromptList, read_csv, read_lines
from bot.images.request import ImageRequest


def faults(found: PromptList) -> list[tuple[int | None, ListProblem, str | None]]:
    return [(fault.number, fault.problem, fault.suggestion) for fault in found.faults]


ROW = (Model.IDEOGRAM_3, "a kite, in the wind", "feed")


@pytest.mark.parametrize(
    "content",
    [
        b'prompt,model,size\n"a kite, in the wind",ideogram-3,feed\n',
        b'\xef\xbb\xbfprompt,model,size\r\n"a kite, in the wind",ideogram-3,feed\r\n',
        b"prompt;model;size\r\na kite, in the wind;Ideogram 3.0;feed",
        b"sep=;\r\nPrompt;Model;Size\r\na kite, in the wind;ideogram-3;feed\r\n",
        b"\n size\tmodel\tprompt\nfeed\tideogram-3\ta kite, in the wind\n\n\t\t\n",
        "prompt;model;size\na kite, in the wind;ideogram-3;feed".encode("utf-16"),
        b'"prompt";"model";"size"\n"a kite, in the wind";"ideogram-3";"feed"',
    ],
)
def test_a_file_is_read_however_it_was_written(content: bytes) -> None:
    found = read_csv(content)

    assert found.faults == ()
    assert [(row.models[0], row.prompt, row.sizes[0]) for row in found.rows] == [ROW]


def test_all_columns_are_read() -> None:
    found = read_csv(
        b"name,prompt,model,size,for,quantity,preset,campaign,notes\n"
        b'Kite,"a {red|blue} kite","flux2-flex, ideogram-3",feed,"instagram-story,youtube",2,brand,'
        b"Spring,mine\n",
        ["Brand"],
    )

    (row,) = found.rows
    assert (row.name, row.models) == ("Kite", (Model.FLUX2_FLEX, Model.IDEOGRAM_3))
    assert (row.sizes, row.uses) == (("feed",), ("instagram-story", "youtube"))
    assert (row.quantity, row.preset, row.campaign) == (2, "brand", "Spring")
    assert found.ignored == ("notes",)
    brief = plan(ImageRequest(prompt="list"), Spread(rows=found.rows), Model.FLUX2_FLEX)
    assert (len(brief.parts), brief.pictures) == (12, 24)
    first = brief.parts[0]
    assert first.label == "Kite · red · FLUX.2 Flex · feed"
    assert first.said == {"model", "size", "quantity"}
    assert (first.preset, first.campaign) == ("brand", "Spring")


def test_a_row_says_what_it_says_and_the_rest_is_as_of_the_whole() -> None:
    found = read_csv(b"prompt,size\na kite,story\na fox,\n")
    brief = plan(
        ImageRequest(prompt="list", quantity=2),
        Spread(rows=found.rows, sizes=("feed", "landscape")),
        Model.FLUX2_FLEX,
    )

    assert [(part.label, part.request.quantity) for part in brief.parts] == [
        ("a kite", 2),
        ("a fox · feed", 2),
        ("a fox · landscape", 2),
    ]


def test_each_bad_row_is_named_with_its_number_and_reason() -> None:
    found = read_csv(
        b"prompt,model,size,for,quantity,preset\n"
        b"a fox,,,,,\n"
        b"a fox,midjourney,,,,\n"
        b"\n"
        b"a fox,,protrait,,,\n"
        b"a fox,,,instagram-stroy,,\n"
        b"a fox,,,,seven,\n"
        b"a fox,,,,5,\n"
        b"a fox,,,,,brnad\n"
        b",ideogram-3,,,,\n"
        b"a {red|blue fox,,,,,\n"
        b"a fox,gpt-image-1.5,feed,,,\n"
        b"a fox, in fog,,,,,,\n"
        b"one,two,three,4,5,6,7\n",
        ["brand"],
    )

    assert [row.number for row in found.rows] == [2]
    assert faults(found) == [
        (3, ListProblem.UNKNOWN_MODEL, None),
        (5, ListProblem.UNKNOWN_SIZE, "portrait"),
        (6, ListProblem.UNKNOWN_USE, "instagram-story"),
        (7, ListProblem.BAD_QUANTITY, None),
        (8, ListProblem.BAD_QUANTITY, None),
        (9, ListProblem.UNKNOWN_PRESET, "brand"),
        (10, ListProblem.PROMPT_MISSING, None),
        (11, ListProblem.UNCLOSED, None),
        (12, ListProblem.SIZE_DIFFERS, "portrait"),
        (13, ListProblem.UNKNOWN_MODEL, None),
        (14, ListProblem.CELLS_LEFT, None),
    ]
    assert not found.is_hopeless


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", ListProblem.EMPTY),
        (b"prompt\n\n", ListProblem.EMPTY),
        (b"a fox\na kite\n", ListProblem.NO_COLUMNS),
        (b"promt,size\na fox,feed\n", ListProblem.UNKNOWN_COLUMN),
        (b"prompt,modle\na fox,flux\n", ListProblem.UNKNOWN_COLUMN),
        ("prompt\nein Männchen".encode("latin-1"), ListProblem.NOT_TEXT),
        (b"\x89PNG\r\n\x1a\n\0\0", ListProblem.NOT_TEXT),
        (b"prompt\n" + b"a fox\n" * 1000, ListProblem.TOO_MANY_ROWS),
        (b"prompt" + b",x" * 490_000, ListProblem.NO_COLUMNS),
        (b"a," * 500_000, ListProblem.NO_COLUMNS),
        (b'"' * 1_000_000, ListProblem.NO_COLUMNS),
    ],
)
def test_a_file_that_is_no_list_says_why(content: bytes, problem: ListProblem) -> None:
    found = read_csv(content)

    assert found.is_hopeless
    assert [fault.problem for fault in found.faults] == [problem]


def test_quotes_that_are_not_closed_are_named() -> None:
    found = read_csv(b'prompt,size\na fox,feed\n"a kite,feed\na harbour,story\n')

    assert [row.number for row in found.rows] == [2]
    assert faults(found) == [(3, ListProblem.BAD_QUOTES, None)]


def test_a_quoted_cell_may_have_lines_and_quotes_and_rows_are_counted_as_they_are_seen() -> None:
    found = read_csv(b'prompt\n"a sign\nthat says ""open"""\na fox\n')

    assert [(row.number, row.prompt) for row in found.rows] == [
        (2, 'a sign\nthat says "open"'),
        (3, "a fox"),
    ]


def test_lines_are_prompts_with_their_numbers() -> None:
    found = read_lines("a fox\n\n  a {red|blue} kite, in the wind \n{a|b c")

    assert [(row.number, row.prompt) for row in found.rows] == [
        (1, "a fox"),
        (3, "a {red|blue} kite, in the wind"),
    ]
    assert faults(found) == [(4, ListProblem.UNCLOSED, None)]


def test_rows_that_ask_for_the_same_are_each_made() -> None:
    found = read_csv(b"prompt,name\na kite,A\na kite,B\n")
    brief = plan(ImageRequest(prompt="list"), Spread(rows=found.rows), Model.FLUX2_FLEX)

    assert [part.label for part in brief.parts] == ["A", "B"]


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"prompt\n{text}".encode()))
def test_whatever_is_sent_is_read_or_refused(content: bytes) -> None:
    found = read_csv(content)

    assert found.rows or found.faults
    assert len(found.rows) <= PICTURES_MAX


def test_a_cell_takes_so_many_names_and_not_more() -> None:
    many = ",".join(["feed", "portrait"] * 11)
    found = read_csv(f'prompt;size\na kite;"{many}"\n'.encode())

    assert [(fault.problem, fault.typed) for fault in found.faults] == [
        (ListProblem.TOO_MANY_NAMES, "22")
    ]

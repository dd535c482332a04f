"""The search of the library: the same words find the same pictures on both databases, the newest
first, and only what the person who looks may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.generations.library import Cursor, Search, Viewer
from bot.images.catalogue import Model
from bot.store.database import Database
from bot.store.library import LibraryStore, cover_days, list_clauses, list_windows, split_words
from bot.store.library_sql import FACET
from bot.store.personal_data import PersonalDataStore
from bot.store.retention import SWEPT, RetentionStore
from bot.store.tables import generations, pictures
from bot.store.versions import VersionStore
from tests.store.examples import NOON, generation_row, insert, picture_row

ADA = Viewer("T1", "UADA", frozenset({"C1"}))
BEN = Viewer("T1", "UBEN", frozenset({"C1", "C2"}))


def row(id_: str, prompt: str, days: float = 0, **changes: Any) -> dict[str, Any]:
    """Made by Ada so many days before noon, and shown in C1."""
    told_at = NOON - timedelta(days=days)
    base = generation_row(id_, told_at, user_id="UADA", result_ts=f"{id_}.2")
    base["request"] = {**base["request"], "prompt": prompt, **changes.pop("request", {})}
    base |= dict.fromkeys(("result_channel_id", "for_channel_id", "campaign"), None)
    base["show"] = "thread"
    return base | changes


async def keep(database: Database, *rows: dict[str, Any]) -> None:
    await insert(database, generations, *rows)


async def find(
    database: Database, words: str = "", viewer: Viewer = ADA, limit: int = 10, **search: Any
) -> list[str]:
    wanted = Search(words, **search)
    found = await LibraryStore(database).find(viewer, wanted, NOON, limit)
    return [each.id for each in found]


@pytest.mark.parametrize(
    ("prompt", "typed", "is_found"),
    [
        ("a lighthouse in fog", "lighthouse", True),
        ("a lighthouse in fog", "LIGHT", True),  # the last word may be begun
        ("a lighthouse in fog", "light fog", False),  # and only the last one
        ("a lighthouse in fog", "fog lighthouse", True),
        ("a lighthouse in fog", "harbour", False),
        ("a lighthouse in fog", "house", False),
        ("Un café à Paris", "cafe", True),
        ("Un CAFÉ à Paris", "Café a paris", True),
        ("Un cafe\u0301 à Paris", "café", True),
        ("ein Hafen in München", "munchen", True),
        ("eine Straße", "straße", True),
        ("İstanbul at night", "istanbul", True),
        ("Ångström", "angstrom", True),
        ("Маяк в Тумане", "маяк тумане", True),
        ("ΦΆΡΟΣ στην ομίχλη", "ομίχλη", True),
        ("मछली पकड़ने का जहाज़", "जहाज़", True),
        ("港の夜明け", "港の", True),
        ("“quoted”—dashed… words", "quoted dashed words", True),
        ("a fox 🦊 on ice", "fox ice", True),
        ("well-known rock'n'roll", "well known roll", True),
        ("3D render, 4k", "3d 4k", True),
        ("anything", "anything OR harbour", False),
        ("a fox NEAR water", "NEAR water", True),
        ("x", "a:* | !b & (c", False),
        ("fox", '"fox" -hare*', False),
        ("fox", "'fox'", True),
        ("fox", f"{FACET}cC1 fox", False),
        ("fox", "***", False),
        ("灯" * 70 + " と猫", "灯" * 70 + " と猫", True),
        ("a" * 64 + " cat", "a" * 64 + " cat", True),
    ],
)
async def test_words_find_whatever_their_case_accents_and_signs(
    any_database: Database, prompt: str, typed: str, is_found: bool
) -> None:
    await keep(any_database, row("g1", prompt))

    assert await find(any_database, typed) == (["g1"] if is_found else [])


async def test_the_newest_come_first_page_by_page_and_none_is_left_out(
    any_database: Database,
) -> None:
    days = [0, 0.1, 1.5, 3, 3, 20, 130, 131, 300, 1_500]
    await keep(any_database, *(row(f"g{n}", "a fox", each) for n, each in enumerate(days)))
    store, pages = LibraryStore(any_database), list[list[str]]()
    cursor: Cursor | None = None

    while page := await store.find(ADA, Search("fox"), NOON, 3, cursor):
        pages.append([each.id for each in page])
        cursor = Cursor.read(str(Cursor.after(page[-1])))

    assert pages == [["g0", "g1", "g2"], ["g4", "g3", "g5"], ["g6", "g7", "g8"], ["g9"]]


async def test_only_what_stands_in_a_visible_channel_or_is_ones_own_is_found(
    any_database: Database,
) -> None:
    others: dict[str, Any] = {"user_id": "UCLEO"}
    await keep(
        any_database,
        row("own", "fox", channel_id="DADA", result_channel_id="DADA"),
        row("here", "fox", **others),
        row("elsewhere", "fox", channel_id="C2", **others),
        row("moved-out", "fox", result_channel_id="DCLEO", **others),
        row("not-shown", "fox", result_ts=None, **others),
        row("preview", "fox", channel_id="DCLEO", for_channel_id="C1", show="me", **others),
        row("other-team", "fox", team_id="T2"),
    )

    assert set(await find(any_database, "fox")) == {"own", "here"}
    assert set(await find(any_database, "fox", BEN)) == {"here", "elsewhere"}
    assert await find(any_database, "fox", Viewer("T1", "UDAN")) == []
    assert await find(any_database, "fox", BEN, channel_id="C2") == ["elsewhere"]
    assert await find(any_database, "fox", ADA, channel_id="C2") == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"user_id": "UBEN"}, ["ben"]),
        ({"channel_id": "C1"}, ["good", "feed", "ben", "old"]),
        ({"model": Model.FLUX2_FLEX}, ["feed"]),
        ({"size": "landscape"}, ["feed"]),
        ({"campaign": "Spring 27"}, ["good"]),
        ({"mark": "good"}, ["good"]),
        ({"mark": "bad"}, []),
        ({"since": NOON - timedelta(days=2)}, ["good", "feed"]),
        ({"until": NOON - timedelta(days=2)}, ["ben", "old"]),
        ({"since": NOON - timedelta(days=20), "until": NOON - timedelta(days=2)}, ["ben"]),
        ({"campaign": "Autumn"}, []),
    ],
)
async def test_each_filter_leaves_what_it_says(
    any_database: Database, search: dict[str, Any], found: Sequence[str]
) -> None:
    of_feed = {"request": {"model": "flux2-flex", "size": "landscape"}}
    await keep(
        any_database,
        row("good", "fox", campaign="Spring 27"),
        row("feed", "fox", 1, **of_feed),
        row("ben", "fox", 9, user_id="UBEN"),
        row("old", "fox", 99),
    )
    await VersionStore(any_database).keep_opinion("good", "UBEN", "good", NOON)

    assert await find(any_database, "fox", **search) == found
    assert await find(any_database, **search) == found


async def test_what_is_deleted_blanked_or_forgotten_is_found_no_more(
    any_database: Database,
) -> None:
    await keep(
        any_database,
        *(row(each, "fox", 9) for each in ("deleted", "stays")),
        row("old", "fox", 500),
        row("ben", "fox", user_id="UBEN"),
        row("waits", "fox", user_id="UDAN", told_at=None, state="processing"),
    )
    assert set(await find(any_database, "fox")) == {"deleted", "stays", "old", "ben"}

    assert await VersionStore(any_database).mark_deleted("deleted", "UADA", NOON)
    assert set(await find(any_database, "fox")) == {"stays", "old", "ben"}
    retention = RetentionStore(any_database, timedelta(days=365))
    for kept in SWEPT:
        await retention.sweep(kept, NOON, 100)
    assert set(await find(any_database, "fox")) == {"stays", "ben"}
    await PersonalDataStore(any_database).forget("UBEN", NOON)
    assert set(await find(any_database, "fox")) == {"stays"}
    if any_database.dialect == "sqlite":  # and their words are in no index
        check = "INSERT INTO library (library) VALUES ('integrity-check')"
        await any_database.write(lambda on: on.exec_driver_sql(check))
        count = "SELECT count(*) FROM library WHERE library MATCH 'fox'"
        assert await any_database.read(lambda on: on.exec_driver_sql(count).scalar_one()) == 1


async def test_what_only_a_newer_version_can_read_is_left_out(any_database: Database) -> None:
    newer = row("g2", "fox", request={"model": "ideogram-9"})
    await keep(any_database, row("g1", "fox"), newer, row("g3", "fox"))

    assert set(await find(any_database, "fox")) == {"g1", "g3"}


async def test_a_file_that_is_written_anew_finds_the_same(any_database: Database) -> None:
    if any_database.dialect != "sqlite":
        pytest.skip("rows have numbers in SQLite only")
    await keep(any_database, *(row(f"g{n}", f"fox{n}", n) for n in range(9)))
    gone = sa.delete(generations).where(generations.c.id == "g1")
    await any_database.write(lambda on: on.execute(gone))

    def vacuum(on: sa.Connection) -> None:
        on.exec_driver_sql("COMMIT")
        on.exec_driver_sql("VACUUM")
        on.exec_driver_sql("BEGIN")

    await any_database.write(vacuum)

    assert [await find(any_database, f"fox{n}") for n in (0, 1, 2, 8)] == [
        ["g0"],
        [],
        ["g2"],
        ["g8"],
    ]


async def test_the_last_opinions_of_all_count_until_they_are_forgotten(
    any_database: Database,
) -> None:
    await keep(any_database, row("g1", "fox"))
    await insert(any_database, pictures, picture_row("g1", NOON))
    versions = VersionStore(any_database)
    await versions.keep_opinion("g1", "UBEN", "good", NOON)
    await versions.keep_opinion("g1", "UCLEO", "good", NOON)
    await versions.keep_opinion("g1", "UCLEO", "bad", NOON)
    assert await find(any_database, mark="good") == await find(any_database, mark="bad") == ["g1"]

    await PersonalDataStore(any_database).forget("UBEN", NOON)

    assert await find(any_database, mark="good") == []
    assert await find(any_database, mark="bad") == ["g1"]


def test_days_are_covered_by_few_terms_and_each_once() -> None:
    covered = list[int]()
    for term in cover_days(250, 1_100):
        length = {"d": 1, "e": 16, "f": 256}[term[1]]
        covered += range(int(term[2:]) * length, (int(term[2:]) + 1) * length)

    assert covered == list(range(250, 1_101))
    assert len(cover_days(250, 1_100)) < 40


def test_windows_follow_each_other_down_to_the_first_day() -> None:
    windows = list(list_windows(NOON, NOON - timedelta(days=40)))

    assert [len(each) for each in windows[:1]] == [2]
    terms = [term for window in windows for term in window]
    assert len(terms) == len(set(terms))
    assert list(list_windows(NOON - timedelta(days=1), NOON)) == []


def test_words_are_folded_each_once_and_no_more_than_a_dozen() -> None:
    assert split_words("Fox, FOX & Café") == ["fox", "cafe"]
    assert len(split_words(" ".join(f"w{n}" for n in range(99)))) == 12
    assert list_clauses(ADA, Search("?!")) is None

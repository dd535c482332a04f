"""What the documents say is there: links lead somewhere, files exist, commands can be run."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
import yaml

from bot.__main__ import cli
from tests.support.documents import UPDATE, read_pythons
from tests.support.root import ROOT

DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / ".github").glob("*.md")),
    *sorted((ROOT / ".readme").glob("*.md")),
]
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
# What whoever runs the commands has anyway, or installs apart from the bot.
PROGRAMS = {"git", "heroku", "pre-commit", "python", "python3", "slack"}
CHOICES = ("at-most-once", "engine", "limiter", "rows", "threads")


def find_links(text: str) -> Iterator[str]:
    """Where a document's links and pictures lead."""
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


def find_anchors(text: str) -> set[str]:
    """The anchors of its headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"[^\w\- ]", "", each).strip().lower().replace(" ", "-") for each in headings}


def find_commands(text: str) -> Iterator[list[str]]:
    """The words of each command in its blocks of shell, without comments."""
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            for command in line.split(" && "):
                yield shlex.split(command, comments=True)


def is_readable_by_click(words: list[str]) -> bool:
    """Whether `python -m bot` takes these words: commands and options that there are."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    options = {name for each in command.params for name in each.opts}
    return command is not cli and {word for word in words if word.startswith("--")} <= options


def check_command(words: list[str]) -> None:
    """AssertionError if there is no such program, module, command, option or file."""
    program = words[0].removeprefix(".venv/bin/")
    if program in {"pip", "pytest"}:
        return
    assert program in PROGRAMS, words
    if words[1:2] != ["-m"] or not program.startswith("python"):
        return
    module, arguments = words[2], words[3:]
    assert importlib.util.find_spec(module), words
    if module == "bot":
        assert is_readable_by_click(arguments), words
    if module == "pytest":
        paths = [each for each in arguments if each.startswith("tests")]
        assert all((ROOT / path).exists() for path in paths), words


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_each_link_leads_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")

    for link in find_links(text):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme == "https", link
            continue
        target = (path.parent / parts.path).resolve() if parts.path else path
        assert target.exists(), link
        if parts.fragment:
            assert parts.fragment in find_anchors(target.read_text("utf-8")), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_each_file_that_is_named_is_there(path: Path) -> None:
    """In backticks, from the top of the repository."""
    named = re.findall(r"`((?:bot|tests|\.\w+)/[\w./-]+)`", path.read_text("utf-8"))

    absent = {name for name in named if not (ROOT / name).exists()}
    assert {name for name in absent if not name.startswith(".venv/")} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_each_command_can_be_run(path: Path) -> None:
    for words in filter(None, find_commands(path.read_text("utf-8"))):
        check_command(words)


@pytest.mark.parametrize(
    "command",
    [
        "cargo build",
        "python -m bot frobnicate",
        "python -m bot sandbox --frobnicate",
        ".venv/bin/python -m tests.frobnicate",
        ".venv/bin/python -m pytest tests/test_frobnicate.py",
    ],
)
def test_a_command_that_is_none_is_found(command: str) -> None:
    with pytest.raises(AssertionError):
        check_command(command.split())


def test_ci_runs_the_test_command_of_the_readme() -> None:
    (command,) = re.findall(r"(?m)^(.* -m pytest)$", (ROOT / "README.md").read_text("utf-8"))
    script = (ROOT / ".ci" / "run").read_text("utf-8")

    assert "\n" + command.replace(" && ", "\n") + "\n" in script
    assert "set -euo pipefail" in script


def test_ci_runs_every_file_whose_tests_install() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    (named,) = re.findall(r"-m pytest -m pythons (.+)", script)

    marked = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"pytest\.mark\.pythons\b", path.read_text("utf-8")) and path != Path(__file__)
    }
    assert set(named.split()) == marked


def test_the_workflow_runs_the_same_script_on_every_python_that_is_promised() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))

    assert {"run": ".ci/run"} in workflow["jobs"]["test"]["steps"]
    assert read_pythons() == ["3.11", "3.12", "3.13", "3.14"]
    assert (ROOT / ".python-version").read_text("utf-8").strip() in read_pythons()


def test_contributing_says_how_to_update_what_a_platform_installs() -> None:
    assert ["-m", *UPDATE] in [
        words[1:] for words in find_commands(CONTRIBUTING.read_text("utf-8"))
    ]


def test_each_hook_before_a_commit_can_be_run() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))

    entries = [hook["entry"].split() for repo in config["repos"] for hook in repo["hooks"]]
    assert [words[2] for words in entries] == ["ruff", "ruff", "mypy"]
    for words in entries:
        check_command(words)


@pytest.mark.parametrize("choice", CHOICES)
def test_each_choice_that_is_hard_to_take_back_has_its_page(choice: str) -> None:
    text = (ROOT / ".readme" / f"{choice}.md").read_text("utf-8")

    for part in (
        "# Why ",
        "**Question.**",
        "**Decision.**",
        "**Weighed as well.**",
        "**Reopen it**",
    ):
        assert part in text, part
    assert len(text.splitlines()) <= 45


def test_there_is_a_way_to_each_document() -> None:
    linked = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)

    for link in (".github/CONTRIBUTING.md", ".github/SECURITY.md", "CHANGELOG.md", ".readme"):
        assert f"]({link})" in linked, link

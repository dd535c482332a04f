"""requirements.txt, which platforms install: what pyproject.toml says, all that this needs in turn,
each with its version and hashes, and no address to fetch it from."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.documents import UPDATE, read_pythons
from tests.support.root import ROOT

FILE = ROOT / "requirements.txt"
SYSTEMS = ("linux", "macos", "windows")
# Nothing is said of a machine, an extra or a variant that is not this one's.
_HERE = {"extra": ""}


@dataclass(frozen=True)
class Pin:
    """One entry of the file."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        """As indexes compare names."""
        return canonicalize_name(self.requirement.name)

    @property
    def is_for_here(self) -> bool:
        """Whether this Python on this system needs it."""
        marker = self.requirement.marker
        return marker is None or marker.evaluate(_HERE)


def read_pins(text: str) -> list[Pin]:
    """What a requirements file asks for. Raises on what is neither a requirement nor a hash."""
    lines = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines()
    pins = []
    for line in filter(None, lines):
        asked, *hashes = line.split("--hash=")
        pins.append(Pin(Requirement(asked.strip()), tuple(each.strip() for each in hashes)))
    return pins


def read_dependencies() -> list[Requirement]:
    """What pyproject.toml says the bot needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [Requirement(each) for each in project["dependencies"]]


def find_needed(asked: list[Requirement]) -> set[str]:
    """The names of these and of all that they need on this machine, as they are installed here."""
    needed: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [(each, extra) for each in asked for extra in ("", *each.extras)]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        needed.add(name)
        for text in requires(name) or []:
            one = Requirement(text)
            if one.marker is None or one.marker.evaluate({"extra": extra}):
                waiting += [(one, each) for each in ("", *one.extras)]
    return needed


@pytest.fixture(scope="module")
def pins() -> list[Pin]:
    """Those of our file."""
    return read_pins(FILE.read_text("utf-8"))


def test_each_dependency_is_there_in_its_own_version(pins: list[Pin]) -> None:
    found = {pin.name: str(pin.requirement.specifier) for pin in pins}

    wanted = {canonicalize_name(each.name): str(each.specifier) for each in read_dependencies()}
    assert {name: found.get(name) for name in wanted} == wanted


def test_so_is_all_that_they_need_and_nothing_else(pins: list[Pin]) -> None:
    assert {pin.name for pin in pins if pin.is_for_here} == find_needed(read_dependencies())


def test_each_has_one_version_and_the_hashes_of_its_files(pins: list[Pin]) -> None:
    for pin in pins:
        assert re.fullmatch(r"==[^*,]+", str(pin.requirement.specifier)), pin.name
        assert pin.hashes, pin.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in pin.hashes), pin.name


def test_no_address_is_in_it() -> None:
    text = FILE.read_text("utf-8")

    assert "://" not in text
    assert not re.search(r"(?m)^\s*-(?!-hash=)", text)


def test_its_head_says_how_to_make_it_anew() -> None:
    assert f"#    {' '.join(UPDATE)}\n" in FILE.read_text("utf-8")


@pytest.mark.pythons
def test_the_command_that_makes_it_makes_this_one(tmp_path: Path, pins: list[Pin]) -> None:
    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)

    subprocess.run([sys.executable, "-m", *UPDATE, "-q"], cwd=tmp_path, check=True)  # noqa: S603

    made = read_pins((tmp_path / "requirements.txt").read_text("utf-8"))
    # A release may get more files later, and with them more hashes.
    assert [str(pin.requirement) for pin in made] == [str(pin.requirement) for pin in pins]


@pytest.mark.pythons
@pytest.mark.parametrize("python", read_pythons())
def test_there_is_a_wheel_of_each_for_every_python_and_system(tmp_path: Path, python: str) -> None:
    """Nothing is compiled on a platform. The Pythons themselves need not be here for that."""
    install = [sys.executable, "-m", *["uv", "pip", "install", "-q", "--dry-run", "--no-deps"]]
    install += ["--require-hashes", "--only-binary=:all:", "--target", str(tmp_path)]
    for system in SYSTEMS:
        wanted = ["--python-version", python, "--python-platform", system, "-r", str(FILE)]
        ended = subprocess.run(  # noqa: S603 - our own words
            [*install, *wanted], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, f"{python} on {system}: {ended.stderr}"

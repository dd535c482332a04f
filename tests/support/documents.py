"""Files that several tests read."""

from __future__ import annotations

import json

import yaml

from tests.support.root import ROOT

SCHEMA = json.loads((ROOT / "tests" / "contract" / "manifest.schema.2.0.0.json").read_text("utf-8"))


UPDATE = ["uv", "pip", "compile", "pyproject.toml", "-o", "requirements.txt"]  # as its head says


def read_pythons() -> list[str]:
    """The Pythons that CI tries."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    pythons: list[str] = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    return pythons

"""The page's scripts import each other in a line: none of them comes round to itself."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

from bot.sandbox.page import web

STATIC = Path(web.__file__).parent / "static"
IMPORT = re.compile(r"""^import\s(?:[^'"]*\sfrom\s)?['"]\./([\w.]+)['"]""", re.MULTILINE)


def read_imports() -> dict[str, set[str]]:
    return {path.name: set(IMPORT.findall(path.read_text("utf-8"))) for path in STATIC.glob("*.js")}


def test_no_script_imports_itself_by_way_of_others() -> None:
    order = list(TopologicalSorter(read_imports()).static_order())  # CycleError names a circle

    assert order.index("dom.js") < order.index("fields.js") < order.index("page.js")


def test_every_import_is_there_and_every_script_is_loaded() -> None:
    imports = read_imports()
    loaded, waiting = set(), ["page.js", "theme.js"]
    while waiting:
        name = waiting.pop()
        if name not in loaded:
            loaded.add(name)
            waiting += imports[name]

    assert loaded == set(imports)


def test_every_name_that_is_imported_is_exported() -> None:
    named = re.compile(r"^import \{ ([\w, ]+) \} from '\./([\w.]+)';$", re.MULTILINE)
    for path in STATIC.glob("*.js"):
        for names, source in named.findall(path.read_text("utf-8")):
            exported = (STATIC / source).read_text("utf-8")
            for name in names.split(", "):
                wanted = rf"^export (?:async )?(?:function|const|let) {name}\b"
                assert re.search(wanted, exported, re.MULTILINE), f"{path.name}: {name}"

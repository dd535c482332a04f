"""What a running bot holds in memory: the collections in its objects and modules."""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

from cachetools import Cache

_COLLECTIONS: Final = (dict, list, set, deque, Cache, WeakKeyDictionary, WeakSet)
_WEAK: Final = (WeakValueDictionary,)


@dataclass(frozen=True, slots=True)
class Holder:
    """One collection. `most` is how many it ever holds; None: it has no bound of its own."""

    name: str  # Class.attribute, or the module's name
    size: int
    most: float | None


def find_holders() -> dict[tuple[int, str], Holder]:
    """Those of the bot, by the object that has it."""
    gc.collect()
    found = {}
    for owner, label in _list_owners():
        for attribute, value in _list_attributes(owner):
            if isinstance(value, (*_COLLECTIONS, *_WEAK)):
                holder = Holder(f"{label}.{attribute}", len(value), _find_most(value))
                found[id(owner), holder.name] = holder
    return found


def find_function_caches() -> dict[str, int | None]:
    """`lru_cache` and `cache`, each with how many answers it keeps; None: as many as there are."""
    return {
        f"{module.__name__}.{name}": value.cache_parameters()["maxsize"]
        for module in _list_modules()
        for name, value in vars(module).items()
        if hasattr(value, "cache_parameters") and value.__module__ == module.__name__
    }


def _list_owners() -> Iterator[tuple[object, str]]:
    for each in gc.get_objects():
        kind = type(each)
        if _is_ours(getattr(kind, "__module__", "")):
            yield each, kind.__name__
    for module in _list_modules():
        yield module, module.__name__


def _list_modules() -> list[Any]:
    return [module for name, module in sorted(sys.modules.items()) if module and _is_ours(name)]


def _is_ours(module: object) -> bool:
    name = str(module)
    return name.startswith("bot.") and not name.startswith("bot.sandbox")


def _list_attributes(owner: object) -> Iterator[tuple[str, Any]]:
    yield from list(getattr(owner, "__dict__", {}).items())
    for kind in type(owner).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if not name.startswith("__") and hasattr(owner, name):
                yield name, getattr(owner, name)


def _find_most(value: Any) -> float | None:
    if isinstance(value, Cache):
        return float(value.maxsize)
    if isinstance(value, deque) and value.maxlen is not None:
        return value.maxlen
    return None

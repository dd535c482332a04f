"""A policy as the document that is kept, which may be a newer version's. Pure.

During a deploy, and after one that was taken back, an older version works beside what a newer one
has set. What it does not know of rules and budgets it cannot hold requests to, so it holds none
(NewerVersion); everything else that it does not know it leaves out of its view, and keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.errors import NewerVersion
from bot.policy.budgets import Budget
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.presets import Defaults, Preset
from bot.policy.rules import Rules

_M = TypeVar("_M", bound=BaseModel)
_Json = Mapping[str, Any]

_ABSENT: Final = object()
_BUDGETS: Final[TypeAdapter[tuple[Budget, ...]]] = TypeAdapter(tuple[Budget, ...])
_CHANNEL_RULES: Final[TypeAdapter[dict[str, Rules]]] = TypeAdapter(dict[str, Rules])


def read_policy(document: _Json, version: int) -> Policy:
    """The policy of a document. Raises NewerVersion where its rules or budgets say more than this
    version can hold to, or its settings cannot be read at all."""
    try:
        return Policy(
            version=version,
            settings=WorkspaceSettings.model_validate(document.get("settings", {})),
            rules=Rules.model_validate(document.get("rules", {}), extra="forbid"),
            channel_rules=_CHANNEL_RULES.validate_python(
                document.get("channel_rules", {}), extra="forbid"
            ),
            budgets=_BUDGETS.validate_python(document.get("budgets", ()), extra="forbid"),
            presets=tuple(_readable(Preset, document.get("presets", ()))),
            own_presets={
                user_id: tuple(_readable(Preset, presets))
                for user_id, presets in document.get("own_presets", {}).items()
            },
            defaults={
                user_id: read
                for user_id, defaults in document.get("defaults", {}).items()
                for read in _readable(Defaults, [defaults])
            },
        )
    except ValidationError:
        raise NewerVersion("policy") from None


def write_policy(document: _Json, before: Policy, after: Policy) -> dict[str, Any]:
    """The document of `after`, which was made from `before`, which was read from `document`: what
    `before` does not show of it stays as it is."""
    old, new = dump_policy(before), dump_policy(after)
    written: dict[str, Any] = _merge(dict(document), old, new)
    unread = [
        preset for preset in document.get("presets", ()) if not list(_readable(Preset, [preset]))
    ]
    return written | {"presets": [*written["presets"], *unread]}


def dump_policy(policy: Policy) -> dict[str, Any]:
    """Rules without what they do not rule: to an older version, which would not know the name of
    it, they say no more than they have to."""
    ruled = policy.model_dump(mode="json", include={"rules", "channel_rules"}, exclude_none=True)
    return policy.model_dump(mode="json") | ruled


def _readable(model: type[_M], documents: Any) -> Iterator[_M]:
    for document in documents:
        try:
            yield model.model_validate(document)
        except ValidationError:
            continue


def _merge(document: Any, old: Any, new: Any) -> Any:
    """`document` with what differs between `old` and `new`."""
    if old == new:
        return document
    if isinstance(document, dict) and isinstance(old, dict) and isinstance(new, dict):
        gone = old.keys() - new.keys()
        kept = {key: value for key, value in document.items() if key not in gone}
        return kept | {
            key: _merge(document.get(key), old.get(key), value)
            for key, value in new.items()
            if key in document or old.get(key, _ABSENT) != value  # else as by default, as before
        }
    if isinstance(document, list) and isinstance(old, list) and isinstance(new, list):
        return [_merge_item(document, old, item) for item in new]
    return new


def _merge_item(documents: list[Any], old: list[Any], item: Any) -> Any:
    """An item of a list that is still (or again) there, as its document has it; else as it is. One
    that was changed is known again by its `id`, or by its name and place."""
    if not isinstance(item, dict):
        return item
    for number, former in enumerate(old):
        if _identify(former) == _identify(item):
            document = next((d for d in documents if _identify(d) == _identify(item)), former)
            return _merge(document, old[number], item)
    return item


def _identify(item: Any) -> tuple[Any, ...]:
    if not isinstance(item, dict):
        return ("value", item)
    return (item.get("id"), item.get("name"), item.get("channel_id"))

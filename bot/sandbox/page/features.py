"""What the app offers in Slack's client: its commands and shortcuts, as its manifest has them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """A slash command, as the composer completes it."""

    name: str
    hint: str
    description: str


@dataclass(frozen=True)
class Shortcut:
    """An entry of a menu: a message's, or the composer's for the global ones."""

    name: str
    callback_id: str
    description: str


@dataclass(frozen=True)
class Features:
    """Everything that the page offers on behalf of the app."""

    commands: tuple[Command, ...] = ()
    global_shortcuts: tuple[Shortcut, ...] = ()
    message_shortcuts: tuple[Shortcut, ...] = ()
    has_home: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the page's script; Slack's own `/invite` stands beside the app's commands."""
        commands = [asdict(command) for command in (*self.commands, _INVITE)]
        return {"commands": commands}


_INVITE = Command("/invite", "@Imagine", "Add someone to this channel")

DEFAULT_FEATURES = Features(
    commands=(
        Command(
            "/imagine",
            "a lighthouse in fog --model ideogram-3 --size landscape --quantity 2",
            "Make pictures from words",
        ),
    )
)


def read_features(manifest: Mapping[str, Any]) -> Features:
    """The features that an app manifest (parsed YAML or JSON) declares."""
    features = manifest.get("features") or {}
    commands = tuple(
        Command(item["command"], item.get("usage_hint") or "", item.get("description") or "")
        for item in features.get("slash_commands") or ()
    )
    by_type: dict[str, list[Shortcut]] = {"global": [], "message": []}
    for item in features.get("shortcuts") or ():
        shortcut = Shortcut(item["name"], item["callback_id"], item.get("description") or "")
        by_type[item["type"]].append(shortcut)
    has_home = bool((features.get("app_home") or {}).get("home_tab_enabled"))
    return Features(commands, tuple(by_type["global"]), tuple(by_type["message"]), has_home)

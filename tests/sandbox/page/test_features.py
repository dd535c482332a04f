"""What the composer and the menus offer comes from the app's manifest."""

from bot.sandbox.page.features import Command, Features, Shortcut, read_features

MANIFEST = {
    "features": {
        "slash_commands": [
            {"command": "/imagine", "description": "Make pictures", "usage_hint": "a fox"}
        ],
        "shortcuts": [
            {"name": "Create image", "type": "global", "callback_id": "create", "description": "d"},
            {"name": "Make one", "type": "message", "callback_id": "make", "description": "e"},
        ],
    }
}


def test_a_manifest_names_commands_and_shortcuts() -> None:
    assert read_features(MANIFEST) == Features(
        (Command("/imagine", "a fox", "Make pictures"),),
        (Shortcut("Create image", "create", "d"),),
        (Shortcut("Make one", "make", "e"),),
    )


def test_a_manifest_without_features_offers_nothing() -> None:
    assert read_features({}) == Features()


def test_slacks_own_invite_stands_beside_the_apps_commands() -> None:
    names = [command["name"] for command in read_features(MANIFEST).to_json()["commands"]]
    assert names == ["/imagine", "/invite"]

"""The settings: what is wrong is named, all at once, and no secret is ever shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, read_settings
from tests.support.root import ROOT

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-secret-bot",
    "SLACK_SIGNING_SECRET": "secret-signing",
    "SLACK_APP_TOKEN": "xapp-secret-app",
    "POWERPOST_API_KEY": "pp_live_sk_secret",
    "POWERPOST_WORKSPACE_ID": "ws_1",
}
EXAMPLE = ROOT / ".env.example"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of this machine's own settings."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def read_file(directory: Path, values: dict[str, str]) -> Settings:
    """The settings of an .env file with these lines."""
    path = directory / ".env"
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()), "utf-8")
    return read_settings(path)


def complaint(directory: Path, values: dict[str, str]) -> str:
    """The one line about what is wrong."""
    with pytest.raises(SettingsError) as caught:
        read_file(directory, values)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_needed_is_read_from_the_file_and_the_rest_has_defaults(tmp_path: Path) -> None:
    settings = read_file(tmp_path, GOOD)

    assert settings.slack_bot_token.get_secret_value() == "xoxb-secret-bot"
    assert settings.powerpost_workspace_id == "ws_1"
    assert settings.slack_api_url == "https://slack.com/api"
    assert settings.powerpost_api_url == "https://powerpost.ai/api/v1"
    assert settings.port == 3000
    assert settings.poll_seconds == 2.5
    assert settings.database_url == "sqlite:///imagine.sqlite3"
    assert settings.log_level == "INFO"


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "4000")

    assert read_file(tmp_path, GOOD | {"PORT": "5000"}).port == 4000


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "POWERPOST_API_KEY", "POWERPOST_WORKSPACE_ID"])
def test_a_needed_one_that_is_missing_or_empty_is_named(tmp_path: Path, name: str) -> None:
    without = {key: value for key, value in GOOD.items() if key != name}

    assert f"{name} is missing" in complaint(tmp_path, without)
    assert f"{name} is missing" in complaint(tmp_path, without | {name: ""})


def test_a_certificate_and_its_key_go_together(tmp_path: Path) -> None:
    certificate, key = {"IMAGINE_SIGNING_CERTIFICATE": "a.pem"}, {"IMAGINE_SIGNING_KEY": "b.pem"}

    assert read_file(tmp_path, GOOD | certificate | key).imagine_signing_key == Path("b.pem")
    for one in (certificate, key):
        said = complaint(tmp_path, GOOD | one)
        assert "IMAGINE_SIGNING_KEY and IMAGINE_SIGNING_CERTIFICATE go together" in said


def test_one_way_in_is_enough_and_none_is_named(tmp_path: Path) -> None:
    app, secret = "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"
    rest = {key: value for key, value in GOOD.items() if key not in (app, secret)}

    assert read_file(tmp_path, rest | {app: GOOD[app]}).uses_socket_mode
    assert not read_file(tmp_path, rest | {secret: GOOD[secret]}).uses_socket_mode
    said = complaint(tmp_path, rest)
    assert "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing" in said


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-1-2", "must look like xoxb-"),
        ("SLACK_BOT_TOKEN", "xoxb-", "must look like xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-abc", "must look like xapp-"),
        ("SLACK_SIGNING_SECRET", "a b", "one word"),
        ("SLACK_API_URL", "slack.com/api", "http(s) address"),
        ("POWERPOST_API_KEY", "pp_live_sk_", "must look like pp_live_sk_"),
        ("POWERPOST_API_KEY", "pp_live_sk_é", "must look like pp_live_sk_"),
        ("POWERPOST_WORKSPACE_ID", "my workspace", "one word"),
        ("POWERPOST_API_URL", "ftp://powerpost.ai", "http(s) address"),
        ("IMAGINE_POWERPOST_WORKSPACES", "ws_1, ws_2", "must look like Brand A=ws_1"),
        ("IMAGINE_POWERPOST_WORKSPACES", "Brand A=", "must look like Brand A=ws_1"),
        ("IMAGINE_POWERPOST_WORKSPACES", "A=ws_1,a=ws_2", "must name each workspace once"),
        ("IMAGINE_POWERPOST_WORKSPACES", "A=ws_1,B=ws_1", "must name each workspace once"),
        ("IMAGINE_POWERPOST_WORKSPACES", "A=ws 1", "one word"),
        ("IMAGINE_POWERPOST_WORKSPACES", f"{'A' * 51}=ws_1", "at most 50 characters"),
        ("IMAGINE_POWERPOST_WORKSPACES", f"A={'w' * 65}", "at most 64 characters"),
        ("POWERPOST_WEBHOOK_TOKEN", "short", "24 or more"),
        ("DATABASE_URL", "mysql://u:p@h/d", "sqlite:/// or postgresql://"),
        ("PORT", "http", "integer"),
        ("PORT", "70000", "65535"),
        ("POLL_SECONDS", "0", "0.1"),
        ("LOG_LEVEL", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    ],
)
def test_a_malformed_one_is_named_with_what_it_must_be(
    tmp_path: Path, name: str, value: str, says: str
) -> None:
    said = complaint(tmp_path, GOOD | {name: value})

    assert says in said
    assert re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b|\bPORT\b", said) == [name]


def test_powerposts_workspaces_are_named_in_one_line(tmp_path: Path) -> None:
    line = " Brand A = ws_1,A/B=C & sons=ws_2 , "
    settings = read_file(tmp_path, GOOD | {"IMAGINE_POWERPOST_WORKSPACES": line})

    assert settings.powerpost_workspace_names == {"ws_1": "Brand A", "ws_2": "A/B=C & sons"}
    assert read_file(tmp_path, GOOD).powerpost_workspace_names == {}


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    said = complaint(tmp_path, {"PORT": "x", "SLACK_BOT_TOKEN": "nonsense"})

    for name in (
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "POWERPOST_API_KEY",
        "POWERPOST_WORKSPACE_ID",
        "PORT",
    ):
        assert name in said


def test_no_value_of_a_secret_is_in_a_complaint_or_a_repr(tmp_path: Path) -> None:
    said = complaint(
        tmp_path,
        {
            "SLACK_BOT_TOKEN": "very-secret-1",
            "SLACK_SIGNING_SECRET": "very secret 2",
            "SLACK_APP_TOKEN": "very-secret-3",
            "POWERPOST_API_KEY": "very secret 4",
            "POWERPOST_WEBHOOK_TOKEN": "very-secret-5",
            "DATABASE_URL": "mysql://u:very-secret-6@h/d",
        },
    )
    settings = read_file(tmp_path, GOOD | {"DATABASE_URL": "postgresql://u:secret-6@h/d"})

    for shown in (said, repr(settings), str(settings)):
        assert "secret-" not in shown
        assert "very" not in shown
        assert "_secret" not in shown.replace("signing_secret", "")


def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SLACK_BOT_TOKEN=\xff\xfe")

    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path / ".env")


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("sqlite:////var/lib/a.sqlite3", "sqlite:////var/lib/a.sqlite3"),
    ],
)
def test_a_platforms_database_address_gets_its_driver(
    tmp_path: Path, given: str, becomes: str
) -> None:
    assert read_file(tmp_path, GOOD | {"DATABASE_URL": given}).database_url == becomes


def test_the_sqlite_file_is_known_and_postgresql_has_none(tmp_path: Path) -> None:
    on_file = read_file(tmp_path, GOOD | {"DATABASE_URL": "sqlite:////var/lib/a.sqlite3"})
    on_server = read_file(tmp_path, GOOD | {"DATABASE_URL": "postgresql://h/d"})

    assert on_file.sqlite_path == Path("/var/lib/a.sqlite3")
    assert on_server.sqlite_path is None


def test_the_example_lists_exactly_the_settings() -> None:
    listed = re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text("utf-8"), re.MULTILINE)

    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)


def test_what_the_example_says_of_defaults_is_true(tmp_path: Path) -> None:
    shown = dict(re.findall(r"^#([A-Z_]+)=(.+)$", EXAMPLE.read_text("utf-8"), re.MULTILINE))

    assert read_file(tmp_path, GOOD | shown) == read_file(tmp_path, GOOD)


def test_the_example_as_it_is_names_each_secret_that_is_to_be_filled_in(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(EXAMPLE.read_text("utf-8"), "utf-8")

    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path / ".env")

    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "POWERPOST_API_KEY", "POWERPOST_WORKSPACE"):
        assert name in str(caught.value)


def test_admins_are_named_by_their_ids_with_commas(tmp_path: Path) -> None:
    named = read_file(tmp_path, GOOD | {"IMAGINE_ADMINS": "U0ADA, W0BEN,"})

    assert named.imagine_admins == {"U0ADA", "W0BEN"}


def test_an_admin_named_by_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="IMAGINE_ADMINS"):
        read_file(tmp_path, GOOD | {"IMAGINE_ADMINS": "@ada"})

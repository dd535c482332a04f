"""The settings, from the environment or `.env`: the only reader of either.

Each variable is in `.env.example` with what it is for. Secrets are `SecretStr`, so that printing
the settings, or an error about them, prints stars; the database's address, which may hold a
password, is not printed at all.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

# Characters: they stand in menus, and in what Slack keeps of a form.
_NAME_MAX: Final = 50
_ID_MAX: Final = 64


class SettingsError(Exception):
    """One line that names every setting that is missing or malformed."""


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http(s) address")
    return value.rstrip("/")


def _database_url(value: str) -> str:
    # Platforms hand out `postgres://`; SQLAlchemy wants the driver named.
    value = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)
    if not re.match(r"(sqlite:///|postgresql\+psycopg://)\S", value):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return value


def _workspace_id(value: str) -> str:
    if not re.fullmatch(r"[!-~]+", value):
        raise ValueError("must be one word, as the dashboard shows it")
    return value


def _read_workspaces(value: str) -> dict[str, str]:
    """Id -> name, of `Brand A=ws_1, Brand B=ws_2`. A name may have what it likes but a comma."""
    found: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in value.split(","))):
        name, _, workspace_id = (part.strip() for part in pair.rpartition("="))
        if not name or not workspace_id:
            raise ValueError("must look like Brand A=ws_1, Brand B=ws_2")
        if len(name) > _NAME_MAX or not name.isprintable():
            raise ValueError(f"must have names of at most {_NAME_MAX} characters")
        if len(workspace_id) > _ID_MAX:
            raise ValueError(f"must have ids of at most {_ID_MAX} characters")
        if name.casefold() in map(str.casefold, found.values()) or workspace_id in found:
            raise ValueError("must name each workspace once")
        found[_workspace_id(workspace_id)] = name
    return found


def _workspaces(value: str) -> str:
    _read_workspaces(value)
    return value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _secret_pattern(pattern: str, looks: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not re.fullmatch(pattern, value.get_secret_value()):
            raise ValueError(f"must look like {looks}")
        return value

    return AfterValidator(check)


def _default_host(given: dict[str, Any]) -> str:
    """Any address, which a platform routes to. In Socket Mode nobody has to reach us: what listens
    there is for who watches this machine."""
    return "127.0.0.1" if given.get("slack_app_token") else "0.0.0.0"  # noqa: S104 - see above


def _split(value: object) -> object:
    return re.split(r"[\s,]+", value.strip(" ,")) if isinstance(value, str) else value


SlackUserId = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]+$")]
# [!-~] is every character that fits into a header.
BotToken = Annotated[SecretStr, _secret_pattern(r"xox[be]-?[!-~]{3,}", "xoxb-…")]
AppToken = Annotated[SecretStr, _secret_pattern(r"xapp-[!-~]+", "xapp-…")]
# The placeholder of .env.example is no key.
PowerPostKey = Annotated[
    SecretStr,
    _secret_pattern(r"(?!pp_live_sk_$)[!-~]{8,}", "pp_live_sk_…, as the dashboard shows it"),
]
LongToken = Annotated[
    SecretStr, _secret_pattern(r"[A-Za-z0-9_-]{24,}", "24 or more letters and digits")
]
AnySecret = Annotated[SecretStr, _secret_pattern(r"[!-~]{8,}", "one word of 8 or more characters")]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)]

SigningAlgorithm = Literal["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"]


class Settings(BaseSettings):
    """Everything an operator may set. Names are the environment's, in lower case."""

    # An empty variable is one that is not set: platforms and .env files have such.
    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    slack_bot_token: BotToken
    slack_signing_secret: AnySecret | None = None
    slack_app_token: Annotated[AppToken | None, Field(validate_default=True)] = None
    slack_api_url: HttpUrl = "https://slack.com/api"

    powerpost_api_key: PowerPostKey
    powerpost_workspace_id: Annotated[str, AfterValidator(_workspace_id)]
    imagine_powerpost_workspaces: Annotated[str, AfterValidator(_workspaces)] = ""
    powerpost_api_url: HttpUrl = "https://powerpost.ai/api/v1"
    powerpost_webhook_token: LongToken | None = None

    imagine_admins: Annotated[frozenset[SlackUserId], NoDecode, BeforeValidator(_split)] = (
        frozenset()
    )

    database_url: Annotated[str, AfterValidator(_database_url), Field(repr=False)] = (
        "sqlite:///imagine.sqlite3"
    )
    port: Annotated[int, Field(ge=0, le=65535)] = 3000
    host: str = Field(default_factory=_default_host)
    metrics_token: LongToken | None = None
    imagine_running_per_workspace: Annotated[int | None, Field(ge=1)] = None
    imagine_retention_days: Annotated[int, Field(ge=0, le=36_500)] = 365
    imagine_prompt_in_files: bool = False
    imagine_posts: bool = False
    imagine_signing_certificate: Path | None = None
    imagine_signing_key: Annotated[Path | None, Field(validate_default=True)] = None
    imagine_signing_algorithm: SigningAlgorithm = "es256"
    poll_seconds: Annotated[float, Field(ge=0.1, le=60)] = 2.5
    otel_exporter_otlp_endpoint: HttpUrl | None = None
    log_level: LogLevel = "INFO"

    @field_validator("imagine_signing_key")
    @classmethod
    def _with_certificate(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if (value is None) != (info.data.get("imagine_signing_certificate") is None):
            raise ValueError("and IMAGINE_SIGNING_CERTIFICATE go together: set both or neither")
        return value

    @field_validator("slack_app_token")
    @classmethod
    def _one_way_in(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        # A malformed secret is not among the data, and is complained of already.
        if value is None and info.data.get("slack_signing_secret", "malformed") is None:
            raise ValueError("(Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing")
        return value

    @property
    def powerpost_workspace_names(self) -> dict[str, str]:
        """What the workspaces are called that the key serves, by their ids."""
        return _read_workspaces(self.imagine_powerpost_workspaces)

    @property
    def uses_socket_mode(self) -> bool:
        """Whether Slack's traffic comes over a socket that we open (no public address needed)."""
        return self.slack_app_token is not None

    @property
    def retention(self) -> timedelta | None:
        """How long prompts and all of their kind are kept; None: for ever."""
        return timedelta(days=self.imagine_retention_days) or None

    @property
    def is_sqlite(self) -> bool:
        """Whether the jobs are kept in a file, which one process alone may open."""
        return self.sqlite_path is not None

    @property
    def sqlite_path(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        prefix = "sqlite:///"
        if not self.database_url.startswith(prefix):
            return None
        return Path(self.database_url.removeprefix(prefix)).absolute()


def read_settings(env_file: Path | str | None = ".env") -> Settings:
    """The settings of this process.

    Raises SettingsError with one line that names everything wrong, and no value of a secret.
    """
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        raise SettingsError(_describe(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"Settings: {env_file} cannot be read ({type(error).__name__})."
        ) from None


def _describe(error: ValidationError) -> str:
    complaints = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        name = ".".join(str(part) for part in problem["loc"]).upper()
        text = problem["msg"].removeprefix("Value error, ").replace("Input should", "should")
        complaints.append(
            f"{name} is missing" if problem["type"] == "missing" else f"{name} {text}"
        )
    return "Settings: " + "; ".join(complaints) + ". See .env.example."

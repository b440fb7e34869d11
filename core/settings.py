"""Configuration: of the process, from the environment; of the company, from the database."""

from __future__ import annotations

import ipaddress
import os
from difflib import get_close_matches
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict

from core.errors import SettingsError
from core.fields import data, text
from core.links import link
from core.model import Meta, Model
from core.users import User

PREFIX = "TRADEPOST_"
ENV_FILE = ".env"
SCHEMES: dict[str, tuple[str, ...]] = {
    "database_url": ("sqlite:///", "postgresql://", "postgres://"),
    "database_direct_url": ("postgresql://", "postgres://"),
    "search_url": ("http://", "https://"),
    "redis_url": ("redis://", "rediss://", "redis+unix://"),
    "public_url": ("https://", "http://"),
    "oidc_issuer": ("https://", "http://"),
    "traces_url": ("http://", "https://"),
    "files_url": ("file:///", "s3://"),
    "files_endpoint": ("https://", "http://"),
}

Words = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Everything that a process is told from outside: `TRADEPOST_…` in the environment or a `.env` file.

    Make one with `load_settings`, which explains faults.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        validate_default=True,
    )

    data: Path = Field(Path("data"), description="Folder of all embedded data")
    database_url: str = Field(
        "", repr=False, description="sqlite:///absolute/path or postgresql://…; empty: a SQLite file in the data folder"
    )
    database_direct_url: str = Field(
        "", repr=False, description="The same database past PgBouncer, for backups; empty: TRADEPOST_DATABASE_URL"
    )
    search_url: str = Field("", description="A Meilisearch server; empty: the embedded engine")
    search_key: SecretStr = Field(SecretStr(""), description="The key of the Meilisearch server")
    redis_url: str = Field(
        "",
        repr=False,
        description="Where several processes count sign-ins and tell live changes; empty: each by itself",
    )
    files_url: str = Field(
        "",
        description="Where attachments are kept: file:///folder or s3://bucket/prefix; empty: in the data folder",
    )
    files_endpoint: str = Field("", description="The address of S3-compatible storage; empty: Amazon's")
    files_region: str = Field("us-east-1", description="The region of the bucket")
    files_key: str = Field("", description="The access key of the bucket; empty: the machine's own rights on Amazon")
    files_secret: SecretStr = Field(SecretStr(""), description="The secret of that access key")

    mail_url: SecretStr = Field(
        SecretStr(""), description="The mail server: smtp://user:password@host:587 or smtps://…:465; empty: no mail"
    )
    mail_from: str = Field("", description="Whom mail is from: news@example.com or Example <news@example.com>")
    public_url: str = Field(
        "", description="How people reach it from outside, for links in mail: https://crm.example.com"
    )

    host: str = Field("127.0.0.1", description="The address to listen on")
    port: int = Field(8000, ge=0, le=65_535, description="The port to listen on")
    processes: int = Field(1, ge=1, le=256, description="How many web processes share the port")
    allowed_hosts: Words = Field((), description="Names by which browsers reach the server, with commas; *: any name")
    trusted_proxies: Words = Field(
        (), description="Addresses of proxies whose X-Forwarded-For is believed, with commas"
    )
    secure_cookies: Literal["auto", "always", "never"] = Field("auto", description="auto: secure over https")

    log_format: Literal["text", "json"] = Field("text", description="json: each line of the log is one JSON object")
    log_level: Literal["info", "warning", "error"] = Field(
        "warning", description="info: each request and each batch of jobs is told, too"
    )

    metrics: str = Field(
        "", description="Where to answer Prometheus, a port of its own: 127.0.0.1:9464; empty: nowhere"
    )
    traces_url: str = Field(
        "",
        repr=False,
        description="A collector that takes OTLP over HTTP: http://collector:4318; empty: no traces",
    )
    traces_share: float = Field(1.0, ge=0, le=1, description="Which share of the requests is traced")

    page_limit: int = Field(200, ge=1, le=1_000, description="Most records in one page of a list")
    depth_limit: int = Field(12, ge=2, le=50, description="Deepest nesting of a GraphQL document")
    token_limit: int = Field(2_000, ge=50, le=50_000, description="Most tokens in a GraphQL document")
    alias_limit: int = Field(30, ge=1, le=1_000, description="Most aliases in a GraphQL document")
    cost_limit: int = Field(20_000, ge=100, description="Most records that a GraphQL document may ask for in all")
    subscription_limit: int = Field(20, ge=1, le=1_000, description="Most subscriptions of one WebSocket at a time")
    time_limit: int = Field(30, ge=1, le=3_600, description="Seconds after which a request is given up")
    body_limit: int = Field(1_048_576, ge=1_024, description="Most bytes of a request without a file")
    upload_limit: int = Field(52_428_800, ge=1_024, description="Most bytes of an uploaded file")

    egress_allow: Words = Field(
        (),
        description="Hosts and networks inside that requests may go to, with commas: idp.internal, 10.1.0.0/16",
    )
    oidc_issuer: str = Field(
        "", description="Another service that people may sign in by (OpenID Connect): https://login.example.com"
    )
    oidc_client: str = Field("", description="How Tradepost is called there: its client id")
    oidc_secret: SecretStr = Field(SecretStr(""), description="The secret of that client")
    oidc_name: str = Field("", description="How people know that service; empty: its host")
    session_idle: int = Field(720, ge=5, description="Minutes without a request after which a session ends")
    session_lifetime: int = Field(10_080, ge=5, description="Minutes after which a session ends in any case")
    language: Literal["en", "zh_Hans", "ko"] = Field("en", description="The language of a new company and its users")
    admin_password: SecretStr = Field(
        SecretStr(""), description="The administrator's first password; empty: one is made up"
    )

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("allowed_hosts", "trusted_proxies", "egress_allow", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            ipaddress.ip_network(one)
        return value

    @field_validator(*SCHEMES)
    @classmethod
    def _scheme(cls, value: str, info: Any) -> str:
        known = SCHEMES[info.field_name]
        if value and not value.startswith(known):
            raise ValueError(f"must begin with {' or '.join(known)}")
        return value

    @field_validator("metrics")
    @classmethod
    def _place(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and not (host and port.isdigit() and int(port) < 65_536):
            raise ValueError("must be like 127.0.0.1:9464")
        return value

    @field_validator("mail_url")
    @classmethod
    def _mail_server(cls, value: SecretStr) -> SecretStr:
        parts = urlsplit(value.get_secret_value())
        if value.get_secret_value() and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
            raise ValueError("must be like smtp://user:password@host:587 or smtps://user:password@host:465")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        _, address = parseaddr(value)
        if value and ("@" not in address or address.startswith("@") or address.endswith("@")):
            raise ValueError("must be an address of mail")
        return value

    @field_validator("files_url")
    @classmethod
    def _bucket(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme == "s3" and (not parts.netloc or "@" in parts.netloc):
            raise ValueError("must be like s3://bucket/prefix; its key is in TRADEPOST_FILES_KEY")
        return value

    @field_validator("files_secret")
    @classmethod
    def _pair(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if bool(value.get_secret_value()) != bool(info.data.get("files_key")):
            raise ValueError("goes together with TRADEPOST_FILES_KEY")
        return value

    @property
    def database(self) -> str:
        """The address of the database, the default one made explicit."""
        return self.database_url or "sqlite" + (self.data / "tradepost.sqlite3").as_uri().removeprefix("file")

    @property
    def direct(self) -> str:
        """The address of the database for programs that PgBouncer would hinder."""
        return self.database_direct_url or self.database

    @property
    def sqlite(self) -> Path | None:
        """The file of the database, when it is one."""
        parts = urlsplit(self.database)
        return Path(unquote(parts.path)) if parts.scheme == "sqlite" else None

    @property
    def files(self) -> str:
        """Where attachments are kept, the default made explicit."""
        return self.files_url or (self.data / "files").as_uri()

    def secure(self, scheme: str) -> bool:
        """Whether a cookie for a request of this scheme (`http`, `https`) is to be marked secure."""
        return self.secure_cookies == "always" or (self.secure_cookies == "auto" and scheme == "https")

    def session_cookie(self, scheme: str) -> str:
        """The name of the session's cookie; over https one that no subdomain can set."""
        return "__Host-tradepost" if self.secure(scheme) else "tradepost"

    def halfway_cookie(self, scheme: str) -> str:
        """The name of the cookie of somebody whose second factor is awaited."""
        return f"{self.session_cookie(scheme)}-halfway"

    def trip_cookie(self, scheme: str) -> str:
        """The name of the cookie of a browser that is on its way to sign in elsewhere and back."""
        return f"{self.session_cookie(scheme)}-trip"

    def ceremony_cookie(self, scheme: str) -> str:
        """The name of the cookie that binds what a passkey answers to the browser that was asked."""
        return f"{self.session_cookie(scheme)}-ceremony"

    def allows_host(self, host: str) -> bool:
        """Whether a request may name this host: a number, this machine, a listed name (`.example.com`: all in it)."""
        name = host.lower().rstrip(".")
        if name in ("localhost", self.host.lower()) or "*" in self.allowed_hosts or _numeric(name):
            return True
        listed = [one.lower() for one in self.allowed_hosts]
        return name in listed or any(one.startswith(".") and name.endswith(one) for one in listed)


def _numeric(host: str) -> bool:
    # A page elsewhere can point a name of its own at us, but not a number: numbers need no list.
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def load_settings(**given: Any) -> Settings:
    """The settings of the environment and `.env`, some given by name; `SettingsError` names each fault and remedy."""
    settings: Settings | None = None
    faults: list[str] = []
    try:
        faults += _misspelt()
        settings = Settings(**given)
    except ValidationError as fault:
        faults += [_explained(one["loc"], one["msg"]) for one in fault.errors(include_input=False, include_url=False)]
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{ENV_FILE} cannot be read: {fault}; save it as UTF-8, readable by this user") from fault
    if settings is None or faults:
        raise SettingsError("\n".join(faults))
    return settings


def _explained(place: tuple[int | str, ...], message: str) -> str:
    name = PREFIX + str(place[0]).upper()
    return f"{name}: {message.removeprefix('Value error, ')}; correct it in the environment or in .env"


def _misspelt() -> list[str]:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    strange = (
        one
        for one in (*os.environ, *(name.upper() for name in DotEnvSettingsSource(Settings).env_vars))
        if one.startswith(PREFIX) and one not in known and not one.startswith(PREFIX + "TEST_")
    )
    return [
        f"{one}: there is no such setting; did you mean {close[0]}?"
        for one in strange
        if (close := get_close_matches(one, known, 1, 0.9))
    ]


class Setting(Model):
    """A value that an administrator chose for the whole company."""

    meta = Meta(title="name", internal=True)

    name = text(120, required=True, unique=True)
    content = data()


class View(Model):
    """A saved view of a list: its filters, columns and order under a name, of one user."""

    meta = Meta(title="name", internal=True, together=(("user", "model", "name"),))

    user = link(User, required=True)
    model = text(120, required=True)
    name = text(120, required=True)
    content = data()

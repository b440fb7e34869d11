"""Logs: a line for each thing that happened, with the request that it belongs to, and never a secret."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
from pydantic import SecretStr

from core.ids import REQUEST
from core.settings import Settings

HIDDEN = "***"
SHORTEST = 4
"""A secret of fewer letters would take half the log with it."""

TELLTALE = (
    (re.compile(r"\btp_[A-Za-z0-9_-]{8,}"), f"tp_{HIDDEN}"),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)((?:set-)?cookie['\"]?\s*[:=]\s*)[^\r\n]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)((?:__host-)?\btradepost=)[\w-]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(\w*(?:password|passwd|secret)['\"]?\s*[:=]\s*['\"]?)[^\s'\",;&]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?m)^(DETAIL:\s+).*$"), rf"\1{HIDDEN}"),
)
"""What looks like a secret wherever it stands, and PostgreSQL's details, which quote the values of a record."""

log = logging.getLogger("tradepost")


class Veil:
    """Takes out of a text what the settings keep secret, and what looks like a secret."""

    def __init__(self, settings: Settings) -> None:
        known = sorted({one for one in _secrets(settings) if len(one) >= SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def hide(self, text: str) -> str:
        """The text without its secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for looks, instead in TELLTALE:
            text = looks.sub(instead, text)
        return text


def _secrets(settings: Settings) -> Iterator[str]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        raw = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        if isinstance(value, SecretStr):
            yield raw
        if "://" in raw and (password := urlsplit(raw).password):
            yield from (password, unquote(password))


class Lines(logging.Formatter):
    """One line of text for each message; what an exception tells follows it."""

    def __init__(self, veil: Veil) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._veil = veil

    def format(self, record: logging.LogRecord) -> str:
        """What is written."""
        request = REQUEST.get()
        return self._veil.hide(super().format(record)) + (f" [{request}]" if request else "")


class Objects(logging.Formatter):
    """One JSON object for each message; what was given as `extra={"told": …}` are members of it."""

    def __init__(self, veil: Veil) -> None:
        super().__init__()
        self._veil = veil

    def format(self, record: logging.LogRecord) -> str:
        """What is written."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._veil.hide(record.getMessage()),
            "request": REQUEST.get() or None,
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            told["exception"] = self._veil.hide(self.formatException(record.exc_info))
        return orjson.dumps({name: value for name, value in told.items() if value is not None}).decode()


def set_up(settings: Settings) -> None:
    """From now on this process logs to its error output as the settings say. Other libraries only warn."""
    veil = Veil(settings)
    handler = logging.StreamHandler()
    handler.setFormatter(Objects(veil) if settings.log_format == "json" else Lines(veil))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    log.setLevel(level)

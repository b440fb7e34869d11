"""Sending mail: one message at a time over SMTP, and what became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import getaddresses, parseaddr
from enum import Enum
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from core.errors import SettingsError
from core.settings import Settings

PORTS = {"smtp": 587, "smtps": 465}
PERMANENT = 500
SECONDS = 60


class Fate(Enum):
    """What became of a message.

    - `SENT`: the server took it.
    - `REFUSED`: the server will never take it: the address does not exist, the text is not welcome.
    - `DEFERRED`: it was not taken now; it may be sent again.
    - `UNKNOWN`: the line broke while it was handed over; sending it again might make two.
    """

    SENT = "sent"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Posted:
    """The fate of a message, and what the server said."""

    fate: Fate
    answer: str = ""


class Post:
    """An open line to the mail server."""

    def __init__(self, client: SMTP) -> None:
        self._client = client

    async def send(self, message: EmailMessage) -> Posted:
        """Hand over one message to the recipients in its headers; never raises for what the server does."""
        sender = parseaddr(str(message["From"]))[1]
        recipients = [one for _, one in getaddresses([str(message[name]) for name in ("To", "Cc") if message[name]])]
        try:
            await self._client.mail(sender)
            for one in recipients:
                await self._client.rcpt(one)
        except SMTPResponseException as fault:
            await self._reset()
            return _answered(fault)
        except (SMTPException, OSError) as fault:
            return Posted(Fate.DEFERRED, str(fault))
        try:
            told = await self._client.data(message.as_bytes(policy=WIRE))
        except SMTPResponseException as fault:
            await self._reset()
            return _answered(fault)
        except (SMTPException, OSError) as fault:
            return Posted(Fate.UNKNOWN, str(fault))
        return Posted(Fate.SENT, told.message)

    async def _reset(self) -> None:
        """Begin anew after a refusal; a line that broke meanwhile shows with the next message."""
        try:
            await self._client.rset()
        except (SMTPException, OSError):
            self._client.close()


def _answered(fault: SMTPResponseException) -> Posted:
    return Posted(Fate.REFUSED if fault.code >= PERMANENT else Fate.DEFERRED, f"{fault.code} {fault.message}")


class Mailer:
    """The mail server of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def sender(self) -> str:
        """The address that mail comes from; `SettingsError` names what is missing."""
        if not self._settings.smtp_url:
            raise SettingsError("No mail server is set; set TRADEPOST_SMTP_URL and TRADEPOST_MAIL_FROM")
        if not self._settings.mail_from:
            raise SettingsError("Mail has no sender; set TRADEPOST_MAIL_FROM")
        return self._settings.mail_from

    def address(self, path: str) -> str:
        """The full address of one of our pages, for links in mails; `SettingsError` when nobody said where we are."""
        if not self._settings.public_url:
            raise SettingsError("Links in mails need an address; set TRADEPOST_PUBLIC_URL")
        return self._settings.public_url.rstrip("/") + path

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Post]:
        """A line for several messages; `ConnectionError` when the server is not to be reached or refuses us."""
        client = self._client()
        try:
            await client.connect()
        except (SMTPException, OSError) as fault:
            raise ConnectionError(f"The mail server does not answer: {fault}") from fault
        try:
            yield Post(client)
        finally:
            try:
                await client.quit()
            except (SMTPException, OSError):  # it is gone already
                client.close()

    def _client(self) -> SMTP:
        parts = urlsplit(self._settings.smtp_url)
        return SMTP(
            hostname=parts.hostname or "localhost",
            port=parts.port or PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            timeout=SECONDS,
        )

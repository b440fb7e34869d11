"""Mail by SMTP: one message to one person, and what became of it."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import SMTPUTF8 as SMTPUTF8_POLICY
from email.utils import format_datetime, formataddr, parseaddr
from enum import Enum
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from email_validator import EmailNotValidError, validate_email

from core.errors import TradepostError

PORTS = {"smtp": 587, "smtps": 465}
SECONDS = 60.0
FOR_GOOD = 500
LONGEST_WORDS = 300


class MailFault(TradepostError):
    """Nothing can be sent to anybody: what stands in the way is ours to mend, or the server's."""

    code = "mail"


class Fate(Enum):
    """What became of a message."""

    SENT = "sent"
    """The server has taken it over."""
    REFUSED = "refused"
    """It will not be taken for this person, today or tomorrow."""
    DEFERRED = "deferred"
    """It was not taken now; trying again later makes sense."""
    UNKNOWN = "unknown"
    """The line broke while it was handed over: it may have been taken, so it must not be sent again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message, and what the server said."""

    fate: Fate
    said: str = ""


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A message to one person. `key` makes its Message-ID: the same message, tried again, has the same."""

    to: str
    subject: str
    text: str
    key: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[MailFile] = ()


@dataclass(frozen=True)
class Mailer:
    """Sends mail by a server (`smtp://user:password@host:587`, `smtps://…`) from somebody (`News <news@shop.example>`).

    A password is sent over TLS alone, except to this machine.
    """

    url: str = field(repr=False)
    sender: str
    public_url: str

    @property
    def missing(self) -> tuple[str, ...]:
        """The settings without which no mail can be sent; none: it can."""
        values = {
            "TRADEPOST_MAIL_URL": self.url,
            "TRADEPOST_MAIL_FROM": self.sender,
            "TRADEPOST_PUBLIC_URL": self.public_url,
        }
        return tuple(name for name, value in values.items() if not value)

    def address(self, path: str) -> str:
        """The full address of a page (`/marketing/leave/…`), to be written into a mail."""
        return self.public_url.rstrip("/") + path

    @asynccontextmanager
    async def line(self) -> AsyncIterator[MailLine]:
        """A line to the server, opened with the first message. `MailFault` where settings are missing."""
        if self.missing:
            raise MailFault(f"Mail is not set up: {', '.join(self.missing)} must be set")
        line = MailLine(self.url, self.sender)
        try:
            yield line
        finally:
            await line.close()


class MailLine:
    """A line to the mail server; one that broke is opened anew with the next message."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._name, self._sender = parseaddr(sender)
        self._client: SMTP | None = None

    async def send(self, mail: Mail) -> Delivery:
        """Hand a message over. `MailFault` where the fault is nobody's to whom it goes."""
        to = _ascii(mail.to)
        if to is None:
            return Delivery(Fate.REFUSED, "This is no address of mail")
        client = await self._connected()
        wide = not to.isascii()
        if wide and not client.supports_extension("smtputf8"):
            return Delivery(Fate.REFUSED, "The mail server takes no address with such letters")
        try:
            content = self._bytes(mail, to, wide=wide)
        except ValueError as fault:
            return Delivery(Fate.REFUSED, f"The message cannot be written: {fault}")
        try:
            refusal = await self._addressed(client, to, wide=wide)
        except (SMTPException, OSError) as fault:  # not handed over yet, so it can be tried again
            client.close()
            return Delivery(Fate.DEFERRED, _words(fault))
        return refusal or await self._handed_over(client, content)

    async def _addressed(self, client: SMTP, to: str, *, wide: bool) -> Delivery | None:
        """Say who writes to whom; what the server has against it."""
        encoding, options = ("utf-8", ("SMTPUTF8",)) if wide else ("ascii", ())
        try:
            await client.mail(_ascii(self._sender) or self._sender, options=options, encoding=encoding)
            await client.rcpt(to, encoding=encoding)
        except SMTPSenderRefused as fault:
            if fault.code >= FOR_GOOD:
                raise MailFault(f"The mail server takes nothing from {self._sender}: {_words(fault)}") from fault
            return await self._refused(client, fault)
        except SMTPRecipientRefused as fault:
            return await self._refused(client, fault)
        return None

    async def _handed_over(self, client: SMTP, content: bytes) -> Delivery:
        try:
            answer = await client.data(content)
        except SMTPDataError as fault:
            return await self._refused(client, fault)
        except (SMTPException, OSError) as fault:
            client.close()
            return Delivery(Fate.UNKNOWN, _words(fault))
        return Delivery(Fate.SENT, answer.message[:LONGEST_WORDS])

    async def _refused(self, client: SMTP, fault: SMTPResponseException) -> Delivery:
        """A refusal of this message; the line is made ready for the next."""
        try:
            await client.rset()
        except (SMTPException, OSError):
            client.close()
        return Delivery(Fate.REFUSED if fault.code >= FOR_GOOD else Fate.DEFERRED, _words(fault))

    async def _connected(self) -> SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        url = self._url
        host, password = url.hostname or "localhost", unquote(url.password or "")
        self._client = SMTP(
            hostname=host,
            port=url.port or PORTS[url.scheme],
            username=unquote(url.username) if url.username else None,
            password=password or None,
            timeout=SECONDS,
            use_tls=url.scheme == "smtps",
            start_tls=True if password and url.scheme == "smtp" and not _here(host) else None,
        )
        try:
            await self._client.connect()
        except SMTPAuthenticationError as fault:
            raise MailFault(f"The mail server does not let us in: {_words(fault)}") from fault
        except (SMTPException, OSError) as fault:
            raise MailFault(f"The mail server at {host} cannot be used: {_words(fault)}") from fault
        return self._client

    def _bytes(self, mail: Mail, to: str, *, wide: bool) -> bytes:
        """The message as it goes over the line: 7 bits, unless the address itself needs more."""
        message = EmailMessage((SMTPUTF8_POLICY if wide else SMTP_POLICY).clone(cte_type="7bit"))
        message["From"] = formataddr((self._name, _ascii(self._sender) or self._sender))
        message["To"] = to
        message["Subject"] = " ".join(mail.subject.split())
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{mail.key}@{self._sender.rpartition('@')[2]}>"
        for name, value in mail.headers.items():
            message[name] = value
        message.set_content(mail.text)
        if mail.html:
            message.add_alternative(mail.html, subtype="html")
        for one in mail.files:
            kind, _, subtype = one.media_type.partition("/")
            message.add_attachment(one.content, maintype=kind, subtype=subtype or "octet-stream", filename=one.name)
        return message.as_bytes()

    async def close(self) -> None:
        """Take leave of the server."""
        if self._client is None or not self._client.is_connected:
            return
        try:
            await self._client.quit()
        except (SMTPException, OSError):
            self._client.close()


def _ascii(address: str) -> str | None:
    """An address as servers take it, its domain in ASCII (IDNA); `None` for what is no address."""
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return found.ascii_email or f"{found.local_part}@{found.ascii_domain}"


def _here(host: str) -> bool:
    """Whether a server is on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _words(fault: Exception) -> str:
    if isinstance(fault, SMTPResponseException):
        return f"{fault.code} {fault.message}"[:LONGEST_WORDS]
    return (str(fault) or type(fault).__name__)[:LONGEST_WORDS]

"""Reading what people are reached by: mail addresses, phone numbers, web addresses; and lists of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from core.errors import Refused

LONGEST_EMAIL = 254
LONGEST_URL = 2_000
LONGEST_LIST = 50
FEWEST_DIGITS, MOST_DIGITS = 3, 20
SEPARATORS = re.compile(r"[\n\r\t,;、\uff0c\uff1b]+")
BARE_HOST = re.compile(r"[^\W_][\w-]*(\.[\w-]+)+(:\d+)?([/?#].*)?\Z")
NO_URL = re.compile(r"""[\s<>"\\]""")
PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(/|\Z)")
"""What needs no further questions: a host without a port, and nobody before it."""
PLAIN_NAME = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*\Z", re.ASCII)
"""What may stand before the @ without further questions."""
PHONE = re.compile(r"\+?[\d ()./*#~-]+( ?(ext\.?|x|转|내선) ?\d+)?\Z", re.ASCII | re.IGNORECASE)


def _line(raw: object, what: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    if isinstance(raw, str) and raw.isascii() and raw.isprintable() and (text := raw.strip()):
        return text  # most of what people write: nothing in it to compose or to refuse
    text = unicodedata.normalize(form, raw).strip() if isinstance(raw, str) else ""
    if not text or any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in text):
        raise Refused(what)
    return text


def parse_email(raw: object) -> str:
    """A mail address by its form alone; no server is asked whether it exists."""
    text = _line(raw, "Write a mail address like name@example.com", "NFKC")
    if len(text) > LONGEST_EMAIL:
        raise Refused("Shorten this to %(length)s characters", code="too_long", length=LONGEST_EMAIL)
    name, _, domain = text.rpartition("@")
    if PLAIN_NAME.match(name) and domain.isascii():
        found = _domain(domain)
        normalized = f"{name}@{found}" if found else ""
    else:
        normalized = _address(text)
    if not normalized:
        raise Refused("Write a mail address like name@example.com", code="no_email")
    return normalized


def _address(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return ""


@lru_cache(10_000)
def _domain(domain: str) -> str:
    """A domain as it is written properly, or nothing; remembered, since the addresses of a table share theirs."""
    return _address(f"a@{domain}").removeprefix("a@")


def parse_url(raw: object) -> str:
    """A web address, http or https; a bare `www.example.com` is taken as https."""
    text = _line(raw, "Write a web address like https://example.com")
    if BARE_HOST.match(text):
        text = f"https://{text}"
    if len(text) > LONGEST_URL:
        raise Refused("Shorten this to %(length)s characters", code="too_long", length=LONGEST_URL)
    if NO_URL.search(text) or not _sound(text):
        raise Refused("Write a web address like https://example.com", code="no_url")
    return text


def _sound(text: str) -> bool:
    """Whether it is http or https with a host and a port; a name or password before the host deceives readers."""
    if PLAIN_URL.match(text):
        return True
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
        )
    except ValueError:
        return False


def parse_phone(raw: object, longest: int = 32) -> str:
    """A phone number as it was typed, with single spaces."""
    if isinstance(raw, int | float) and not isinstance(raw, bool) and raw == int(raw):
        raw = str(int(raw))
    text = " ".join(_line(raw, "Write a phone number like +86 21 5555 0100", "NFKC").split())
    if len(text) > longest:
        raise Refused("Shorten this to %(length)s characters", code="too_long", length=longest)
    digits = sum(map(str.isdigit, text))
    if PHONE.match(text) and FEWEST_DIGITS <= digits <= MOST_DIGITS:
        return text
    if not _parseable(text):
        raise Refused("Write a phone number like +86 21 5555 0100", code="no_phone")
    return text


def _parseable(text: str) -> bool:
    """Whether the library finds a number in it; the region only matters for numbers without a country code."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, "US"))
    except phonenumbers.NumberParseException:
        return False


def parse_tag(raw: object, longest: int = 64) -> str:
    """A short free word, with single spaces."""
    text = " ".join(_line(raw, "Write a word").split())
    if len(text) > longest:
        raise Refused("Shorten this to %(length)s characters", code="too_long", length=longest)
    return text


def _items(raw: object) -> Iterable[object]:
    if raw is None:
        return ()
    if isinstance(raw, str):
        return SEPARATORS.split(raw)
    if isinstance(raw, list | tuple | set | frozenset):
        return raw
    return (raw,)


def _each(raw: object, read: Callable[[object], str]) -> tuple[str, ...]:
    """The items of a list in their order, each once whatever its case."""
    found: dict[str, str] = {}
    for item in _items(raw):
        if item is None or (isinstance(item, str) and not item.strip()):
            continue
        value = read(item)
        found.setdefault(value.casefold(), value)
    if len(found) > LONGEST_LIST:
        raise Refused("Write at most %(most)s", code="too_many", most=LONGEST_LIST)
    return tuple(found.values())


def parse_phones(raw: object, longest: int) -> tuple[str, ...]:
    """Phone numbers, as a list or in one text with commas, semicolons or lines between them."""
    return _each(raw, lambda item: parse_phone(item, longest))


def parse_emails(raw: object) -> tuple[str, ...]:
    """Mail addresses, as a list or in one text with commas, semicolons or lines between them."""
    return _each(raw, parse_email)


def parse_tags(raw: object, longest: int) -> tuple[str, ...]:
    """Words, as a list or in one text with commas, semicolons or lines between them."""
    return _each(raw, lambda item: parse_tag(item, longest))

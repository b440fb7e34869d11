"""Passwords: hashed with Argon2id, two at a time, so that a flood of sign-ins cannot starve the process."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core.errors import Refused
from core.weakness import weak

T = TypeVar("T")

MINIMUM = 12
MAXIMUM = 128
SLOTS = 2
WAITING = 32


def normal(password: str) -> str:
    """The password as it is hashed: composed characters (NFC), so that every keyboard's form of it is the same."""
    return unicodedata.normalize("NFC", password)


def require_strength(password: str, personal: Sequence[str] = (), *, field: str | None = "password") -> None:
    """Refuse a password that is too short, too long, common, or made of the person's own names."""
    length = len(normal(password))
    if length < MINIMUM:
        raise Refused("A password has at least %(least)s characters", field=field, code="too_short", least=MINIMUM)
    if length > MAXIMUM:
        raise Refused("A password has at most %(most)s characters", field=field, code="too_long", most=MAXIMUM)
    if weak(normal(password), personal):
        raise Refused("This password is easy to guess; choose several unrelated words", field=field, code="weak")


def made_up() -> str:
    """A new random password of 120 bits, in groups that can be read out."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(6)) for _ in range(4))


def nobodys(hasher: PasswordHasher) -> str:
    """What nothing hashes to, of random bytes: to verify against it takes as long as against a real one."""
    salt, hashed = (b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${hashed}"


class Passwords:
    """Hashes and verifies. One per process; `close` it at the end."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._pool = ThreadPoolExecutor(SLOTS, thread_name_prefix="password")
        self._pending = 0
        self._dummy = nobodys(self._hasher)

    async def hash(self, password: str) -> str:
        """What is stored of a password."""
        return await self._run(partial(self._hasher.hash, normal(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one; without one it takes as long and is not."""
        matches = await self._run(partial(self._matches, stored or self._dummy, normal(password)))
        return matches and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the password was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._pending >= SLOTS + WAITING:
            raise Refused("Too many people are signing in at this moment; try again in a few seconds", code="busy")
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._pending -= 1

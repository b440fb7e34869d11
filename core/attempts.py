"""Attempts to sign in: how many of them an account and an address have before they must wait."""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

from core.codec import fold
from core.errors import Refused

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

T = TypeVar("T")

WINDOW = 15
PAIR = RateLimitItemPerMinute(10, WINDOW, "pair")
ACCOUNT = RateLimitItemPerMinute(50, WINDOW, "account")
ADDRESS = RateLimitItemPerMinute(100, WINDOW, "address")
SECOND = (RateLimitItemPerMinute(5, WINDOW, "second"), RateLimitItemPerDay(20, 1, "second"))
"""Of an account: whoever knows its password must not find a code of six digits by trying."""

log = logging.getLogger(__name__)


class Attempts:
    """Counts attempts: of one address on one account all of them, of an account and of an address the failed ones.

    So somebody who knows a login cannot lock its user out from elsewhere quickly, and an office behind one address can
    sign in on a Monday morning. Counts are in this process, or in Redis for several.
    """

    def __init__(self, redis_url: str = "") -> None:
        self._local = FixedWindowRateLimiter(MemoryStorage())
        self._pool = _pool(redis_url) if redis_url else None
        self._shared = FixedWindowRateLimiter(_redis(redis_url, self._pool)) if self._pool else self._local

    async def close(self) -> None:
        """Let go of Redis."""
        if self._pool is not None:
            await self._pool.disconnect()

    async def admit(self, login: str, address: str) -> None:
        """Count an attempt; `Refused` tells how long to wait when there were too many."""
        account, network = _account(login), _network(address)
        if not await self._ask(lambda one: one.hit(PAIR, account, network)):
            raise await self._refusal(PAIR, account, network)
        await self._require(ACCOUNT, account)
        await self._require(ADDRESS, network)

    async def count(self, name: str, address: str, most: int, minutes: int) -> None:
        """Count what an address did under some name; `Refused` when it was more often than that within some minutes."""
        limit = RateLimitItemPerMinute(most, minutes, name)
        if not await self._ask(lambda one: one.hit(limit, _network(address))):
            raise Refused("That was too often; try again later", code="too_often")

    async def failed(self, login: str, address: str) -> None:
        """Count that the password was wrong."""
        await self._ask(lambda one: one.hit(ACCOUNT, _account(login)))
        await self._ask(lambda one: one.hit(ADDRESS, _network(address)))

    async def succeeded(self, login: str, address: str) -> None:
        """Forget the attempts of this address on this account."""
        await self._ask(lambda one: one.clear(PAIR, _account(login), _network(address)))

    async def admit_second(self, account: str) -> None:
        """Count an attempt at a second factor; `Refused` tells how long to wait when there were too many."""
        for limit in SECOND:
            if not await self._ask(lambda one, limit=limit: one.hit(limit, account)):  # type: ignore[misc]  # a default binds it
                raise await self._refusal(limit, account)

    async def succeeded_second(self, account: str) -> None:
        """Forget the attempts at an account's second factor."""
        for limit in SECOND:
            await self._ask(lambda one, limit=limit: one.clear(limit, account))  # type: ignore[misc]  # a default binds it

    async def _require(self, limit: RateLimitItem, key: str) -> None:
        if not await self._ask(lambda one: one.test(limit, key)):
            raise await self._refusal(limit, key)

    async def _refusal(self, limit: RateLimitItem, *key: str) -> Refused:
        stats = await self._ask(lambda one: one.get_window_stats(limit, *key))
        minutes = max(1, math.ceil((stats.reset_time - time.time()) / 60))
        return Refused(
            "Too many attempts to sign in; try again in %(minutes)s minutes", code="too_many_attempts", minutes=minutes
        )

    async def _ask(self, question: Callable[[FixedWindowRateLimiter], Awaitable[T]]) -> T:
        # Without Redis each process counts for itself: weaker, but nobody is locked out and nothing is unlimited.
        try:
            return await question(self._shared)
        except StorageError as fault:
            log.warning("Redis does not answer, attempts to sign in are counted by this process alone: %s", fault)
            return await question(self._local)


def _pool(url: str) -> ConnectionPool:
    from redis.asyncio import ConnectionPool  # takes a while to load, which one process does without

    return ConnectionPool.from_url(url)


def _redis(url: str, pool: Any) -> Storage:
    return RedisStorage(f"async+{url}", wrap_exceptions=True, implementation="redispy", connection_pool=pool)


def _account(login: str) -> str:
    return sha256(fold(login).encode()).hexdigest()


def _network(address: str) -> str:
    """The neighbourhood of an address: whoever has one address easily has those beside it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 64), strict=False))

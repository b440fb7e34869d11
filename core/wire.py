"""The wire between processes: what one of them tells, all others hear, through Redis."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "tradepost:live"
PAUSE = 2.0

log = logging.getLogger(__name__)


async def tell(url: str, outgoing: asyncio.Queue[bytes]) -> None:
    """Tell the other processes what comes into a queue, until this is cancelled."""

    async def work() -> None:
        async with Redis.from_url(url) as redis:
            while True:
                await redis.publish(CHANNEL, await outgoing.get())

    await _patiently(work)


async def hear(url: str, heard: Callable[[bytes], None]) -> None:
    """Hand on what any process tells, this one too, until this is cancelled."""

    async def work() -> None:
        async with Redis.from_url(url) as redis, redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(CHANNEL)
            async for message in channel.listen():
                heard(message["data"])

    await _patiently(work)


async def _patiently(work: Callable[[], Awaitable[None]]) -> None:
    """Try again for as long as Redis is away: pages of this process are told all the same."""
    while True:
        try:
            await work()
        except (RedisError, OSError) as fault:
            log.warning("Redis does not answer, live changes stay in this process: %s", fault)
            await asyncio.sleep(PAUSE)

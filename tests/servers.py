"""Servers that tests meet."""

from __future__ import annotations

import asyncio
import shutil

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from tradepost.testing import missing


@pytest.fixture
async def redis_url(unused_tcp_port, tmp_path):
    program = shutil.which("redis-server")
    if program is None:
        missing("redis-server is not installed")
        raise AssertionError
    address = ("--port", str(unused_tcp_port), "--bind", "127.0.0.1", "--dir", str(tmp_path), "--save", "")
    server = await asyncio.create_subprocess_exec(program, *address, stdout=asyncio.subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{unused_tcp_port}"
    client = Redis.from_url(url, retry=Retry(ConstantBackoff(0.05), 100))
    await client.ping()
    await client.aclose()
    yield url
    server.terminate()
    await server.wait()

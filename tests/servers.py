"""Servers that tests meet, each made from nothing and ended by its process id."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from tradepost.cluster import Cluster
from tradepost.testing import missing

PATIENCE_SECONDS = 120


@pytest.fixture
def redis_url(free_tcp_port: int, tmp_path: Path) -> Iterator[str]:
    """The address of an empty Redis."""
    program = shutil.which("redis-server")
    if program is None:
        missing("redis-server is not installed")
        raise AssertionError
    address = ("--port", str(free_tcp_port), "--bind", "127.0.0.1", "--dir", str(tmp_path), "--save", "")
    server = subprocess.Popen([program, *address], stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{free_tcp_port}"
    with Redis.from_url(url, retry=Retry(ConstantBackoff(0.05), 200)) as client:
        client.ping()
    yield url
    server.terminate()
    server.wait()


CONFIGURATION = """
[databases]
* = host={server} user=tradepost
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = 3
"""


@pytest.fixture
def bouncer(cluster: Cluster, run_folder: Path) -> Iterator[str]:
    """The address of an empty database by way of a PgBouncer with three connections."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        missing("PgBouncer is not installed")
    name = f"bounced_{uuid4().hex[:8]}"
    folder = run_folder / name
    folder.mkdir()
    (folder / "pgbouncer.ini").write_text(CONFIGURATION.format(server=cluster.folder, folder=folder))
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    cluster.create(name)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([str(program), "-q", str(folder / "pgbouncer.ini")], stderr=log, user=user)
    try:
        until = time.monotonic() + 10
        while not (folder / ".s.PGSQL.6432").exists():
            assert time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.05)
        yield f"postgresql://tradepost@/{name}?host={folder}&port=6432&statement_cache_size=0"
    finally:
        process.terminate()
        process.wait(10)
        cluster.drop(name)


def meilisearch_program() -> str | None:
    """The program of a Meilisearch server: that of TRADEPOST_TEST_MEILISEARCH, else one in PATH or in the cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tradepost" / "meilisearch-1.21.0"
    kept = str(cache) if cache.is_file() else None
    return os.environ.get("TRADEPOST_TEST_MEILISEARCH") or shutil.which("meilisearch") or kept


@pytest.fixture(scope="session")
def meilisearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address and key of a running server, started on loopback as a user without rights."""
    program = meilisearch_program()
    if program is None:
        missing("Meilisearch is not installed; set TRADEPOST_TEST_MEILISEARCH to its program")
        raise AssertionError
    user = "nobody" if os.getuid() == 0 else None
    folder = Path("/tmp") / f"tradepost-meilisearch-{uuid4().hex}"  # under tmp_path no other user may look
    folder.mkdir(mode=0o700)
    shutil.copy(program, folder / "server")
    if user:
        shutil.chown(folder, user)
        shutil.chown(folder / "server", user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    key = secrets.token_hex(16)
    command = [str(folder / "server"), "--http-addr", address, "--db-path", str(folder / "data"), "--no-analytics"]
    environment = {"MEILI_MASTER_KEY": key, "MEILI_LOG_LEVEL": "ERROR", "HOME": str(folder)}
    # The shell ends the server when its input ends, and that ends with this process, however it dies.
    server = subprocess.Popen(
        ["/bin/sh", "-c", '"$@" & read -r _; kill $!; wait', "sh", *command],
        cwd=folder,
        env=environment,
        user=user,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _answering(f"http://{address}", server)
        yield f"http://{address}", key
    finally:
        server.communicate(timeout=PATIENCE_SECONDS)
        shutil.rmtree(folder)


def _answering(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"Meilisearch ended at its start with {server.returncode}")
        try:
            with urlopen(f"{url}/health") as answer:
                if json.load(answer)["status"] == "available":
                    return
        except URLError:
            time.sleep(0.05)
    pytest.fail("Meilisearch does not answer")

"""PostgreSQL behind a PgBouncer that gives a server connection to each transaction, not to each client."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from core.boot import boot
from core.database import KEY, connect
from core.migrator import migrate, on_disk
from tradepost.cluster import Cluster
from tradepost.testing import missing

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


async def test_migrations_transactions_and_reads_work_through_pgbouncer(bouncer: str) -> None:
    database = await connect(bouncer, boot([]))
    try:
        assert await migrate(database, boot([])) == list(on_disk(boot([])))
        async with database.begin(KEY) as connection:
            await connection.run(KEY, "CREATE TABLE tally (number int)")
            await connection.run(KEY, "INSERT INTO tally VALUES (0)")

        async def count() -> None:
            for _ in range(5):
                async with database.begin(KEY) as connection:
                    ((number,),) = await connection.rows(KEY, "SELECT number FROM tally FOR UPDATE")
                    await connection.run(KEY, "UPDATE tally SET number = $1", [number + 1])
                assert (await database.read(KEY, "SELECT $1::int + 1", [number]))[0] == (number + 1,)

        await asyncio.gather(*(count() for _ in range(20)))
        assert await database.read(KEY, "SELECT number FROM tally") == [(100,)]
    finally:
        await database.close()

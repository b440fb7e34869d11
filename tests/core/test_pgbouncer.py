"""PostgreSQL behind a PgBouncer that gives a server connection to each transaction, not to each client."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from core.backups import back_up, bring_back
from core.boot import boot
from core.database import KEY, connect
from core.errors import SettingsError
from core.migrator import migrate, on_disk
from core.settings import load_settings
from tradepost.cluster import Cluster


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


async def test_a_backup_goes_past_pgbouncer_and_is_refused_where_it_cannot(
    bouncer: str, cluster: Cluster, tmp_path: Path
) -> None:
    database = await connect(bouncer, boot([]))
    try:
        await migrate(database, boot([]))
        bounced = load_settings(data=tmp_path / "old", database_url=bouncer)
        with pytest.raises(SettingsError, match="TRADEPOST_DATABASE_DIRECT_URL: name the same database past PgBouncer"):
            await back_up(bounced, tmp_path / "backups" / "one.tar", lambda *_: None)
        assert list((tmp_path / "backups").iterdir()) == []
        with pytest.raises(SettingsError, match="TRADEPOST_DATABASE_DIRECT_URL"):
            await bring_back(bounced, tmp_path / "one.tar", lambda *_: None)
        direct = cluster.address(urlsplit(bouncer).path.lstrip("/"))
        settings = load_settings(data=tmp_path / "old", database_url=bouncer, database_direct_url=direct)
        file = await back_up(settings, tmp_path / "two.tar", lambda *_: None)
        steps = "SELECT plugin, name FROM tradepost_migration ORDER BY 1, 2"
        before = await database.read(KEY, steps)
    finally:
        await database.close()
    name = f"restored_{uuid4().hex}"
    cluster.create(name)
    try:
        await bring_back(
            load_settings(data=tmp_path / "new", database_url=cluster.address(name)), file, lambda *_: None
        )
        restored = await connect(cluster.address(name), boot([]))
        assert await restored.read(KEY, steps) == before
        await restored.close()
    finally:
        cluster.drop(name)

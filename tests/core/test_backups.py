"""Backups are whole or nothing, and what they bring back lets nobody in unasked."""

from __future__ import annotations

import os
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from core import backups
from core.backups import back_up, bring_back
from core.blobs import store_of
from core.database import KEY, Database, Dialect, connect
from core.departments import Department
from core.errors import FilesUnavailable, Refused
from core.ids import born, now
from core.rows import insert
from core.sessions import Session
from core.settings import Settings, load_settings
from core.users import User


def quiet(done: int, total: int) -> None:
    assert done <= total


async def _fill(database: Database, registry) -> None:
    async with database.begin(KEY) as connection:
        department, user, session = born(now()), born(now()), born(now())
        await insert(connection, registry.spec(Department), department | {"name": "北京 office"})
        await insert(
            connection, registry.spec(User), user | {"login": "mei", "name": "Mei", "department": department["id"]}
        )
        moments = {"seen_at": now(), "expires_at": now()}
        await insert(connection, registry.spec(Session), session | {"user": user["id"], "digest": "d"} | moments)


@pytest.fixture
async def settings(database: Database, database_url: str, registry, tmp_path: Path) -> Settings:
    await _fill(database, registry)
    made = load_settings(data=tmp_path / "old", database_url=database_url)
    files = made.data / "files" / "ab"
    files.mkdir(parents=True)
    (files / "abcd").write_bytes(os.urandom(100_000))
    return made


@pytest.fixture
async def elsewhere(request, dialect: Dialect, tmp_path: Path) -> AsyncIterator[Settings]:
    if dialect is Dialect.SQLITE:
        yield load_settings(data=tmp_path / "new", database_url=f"sqlite://{tmp_path}/new/tradepost.sqlite3")
        return
    cluster = request.getfixturevalue("cluster")
    name = f"restored_{uuid4().hex}"
    cluster.create(name)
    yield load_settings(data=tmp_path / "new", database_url=cluster.address(name))
    cluster.drop(name)


async def _names(settings: Settings, registry) -> tuple[list, int]:
    database = await connect(settings.database, registry)
    try:
        sessions = await database.read(KEY, "SELECT count(*) FROM core_session")
        return [row[0] for row in await database.read(KEY, "SELECT name FROM core_department")], sessions[0][0]
    finally:
        await database.close()


async def test_what_was_backed_up_comes_back_without_its_sessions(settings, elsewhere, registry, tmp_path):
    file = await back_up(settings, tmp_path / "backup.tar", quiet)
    restored = await bring_back(elsewhere, file, quiet)
    assert restored.files == 1
    assert await _names(elsewhere, registry) == (["北京 office"], 0)
    assert (elsewhere.data / "files/ab/abcd").read_bytes() == (settings.data / "files/ab/abcd").read_bytes()
    assert await _names(settings, registry) == (["北京 office"], 1)


async def test_a_backup_and_what_comes_back_are_readable_by_their_owner_alone(settings, elsewhere, tmp_path):
    file = await back_up(settings, tmp_path / "backup.tar", quiet)
    assert file.stat().st_mode & 0o777 == 0o600
    await bring_back(elsewhere, file, quiet)
    if elsewhere.sqlite:
        assert elsewhere.sqlite.stat().st_mode & 0o777 == 0o600


async def test_a_restore_that_fails_leaves_the_place_empty(settings, elsewhere, tmp_path, monkeypatch):
    file = await back_up(settings, tmp_path / "backup.tar", quiet)

    def full(*_: object) -> None:
        raise Refused("no room")

    with monkeypatch.context() as patched:
        patched.setattr(backups, "_place_database", full)
        with pytest.raises(Refused, match="no room"):
            await bring_back(elsewhere, file, quiet)
    assert list(elsewhere.data.iterdir()) == []
    assert (await bring_back(elsewhere, file, quiet)).files == 1


async def test_a_backup_never_overwrites(settings, tmp_path):
    (tmp_path / "backup.tar").write_text("precious")
    with pytest.raises(Refused, match="is there already"):
        await back_up(settings, tmp_path / "backup.tar", quiet)
    assert (tmp_path / "backup.tar").read_text() == "precious"


async def test_a_restore_wants_an_empty_place(settings, registry, tmp_path):
    file = await back_up(settings, tmp_path, quiet)
    with pytest.raises(Refused, match="empty place"):
        await bring_back(settings, file, quiet)
    (settings.data / "files/ab/abcd").unlink()
    with pytest.raises(Refused, match="empty"):
        await bring_back(settings, file, quiet)
    assert await _names(settings, registry) == (["北京 office"], 1)


@pytest.mark.parametrize("dialect", [Dialect.SQLITE], indirect=False)
async def test_files_go_from_a_folder_into_a_bucket_and_back(dialect, settings, tmp_path, bucket_server):
    def at(name: str, **told: str) -> Settings:
        return load_settings(data=tmp_path / name, database_url=f"sqlite://{tmp_path}/{name}/crm.sqlite", **told)

    bucket, folder = at("bucket", **bucket_server.make()), at("folder")
    await bring_back(bucket, await back_up(settings, tmp_path / "one.tar", quiet), quiet)
    assert sorted(one.name for one in bucket.data.iterdir()) == ["crm.sqlite"]
    assert [(one.place, one.size) for one in await store_of(bucket).stored()] == [("abcd", 100_000)]
    with pytest.raises(Refused, match=r"s3://.* holds attachments; restore into an empty place"):
        await bring_back(bucket, tmp_path / "one.tar", quiet)
    await bring_back(folder, await back_up(bucket, tmp_path / "two.tar", quiet), quiet)
    assert (folder.data / "files/ab/abcd").read_bytes() == (settings.data / "files/ab/abcd").read_bytes()


@pytest.mark.parametrize("dialect", [Dialect.SQLITE], indirect=False)
async def test_a_backup_fails_where_the_files_are_away(dialect, settings, tmp_path, bucket_server):
    away = load_settings(data=settings.data, database_url=settings.database_url, **bucket_server.named("none"))
    with pytest.raises(FilesUnavailable):
        await back_up(away, tmp_path / "backups" / "one.tar", quiet)
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.parametrize("dialect", [Dialect.SQLITE], indirect=False)
async def test_a_damaged_backup_is_refused_whole(dialect, settings, elsewhere, tmp_path):
    file = await back_up(settings, tmp_path / "backup.tar", quiet)
    with tarfile.open(file) as tar:
        place = tar.getmember("files/ab/abcd").offset_data
    damaged = bytearray(file.read_bytes())
    damaged[place] ^= 1
    file.write_bytes(damaged)
    with pytest.raises(Refused, match="files/ab/abcd in the backup is not what was written"):
        await bring_back(elsewhere, file, quiet)
    assert list(elsewhere.data.iterdir()) == []


async def test_what_is_no_backup_is_refused(elsewhere, tmp_path):
    (tmp_path / "letter.tar").write_text("Dear sirs")
    with pytest.raises(Refused, match=r"letter\.tar is no backup of Tradepost"):
        await bring_back(elsewhere, tmp_path / "letter.tar", quiet)


@pytest.mark.parametrize("dialect", [Dialect.SQLITE], indirect=False)
async def test_a_backup_fits_its_kind_of_database(dialect, settings, cluster, tmp_path):
    file = await back_up(settings, tmp_path / "backup.tar", quiet)
    name = f"other_{uuid4().hex}"
    cluster.create(name)
    try:
        other = load_settings(data=tmp_path / "other", database_url=cluster.address(name))
        with pytest.raises(Refused, match="The backup is of sqlite, the settings name postgres"):
            await bring_back(other, file, quiet)
    finally:
        cluster.drop(name)

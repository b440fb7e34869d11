"""Backups: database and attachments in one file, made while Tradepost runs, checked byte by byte when brought back."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from core.blobs import Store, path_of, store_of
from core.boot import boot
from core.database import KEY, Database, Dialect, connect, require_direct
from core.errors import Refused
from core.settings import Settings

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
FILES = "files/"
CREDENTIALS = ("core_session", "core_token")
PRIVATE = 0o600
"""A backup holds all that the company knows, and the hashes of its passwords: it is its owner's to read."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back: when the backup was made, and how many attachments it holds."""

    made_at: str
    files: int


async def back_up(settings: Settings, target: Path, progress: Progress) -> Path:
    """Write a backup and return where it is; `progress` hears bytes done and bytes in all."""
    at = datetime.now(UTC)
    path = _free(target, at)
    await require_direct(settings)
    with TemporaryDirectory(dir=path.parent, prefix=".backup-") as name:
        folder = Path(name)
        await asyncio.to_thread(_copy_database, settings, folder / DATABASE)
        with tarfile.open(folder / "archive", "w") as tar:
            described = await _packed(tar, folder, store_of(settings), progress)
            (folder / MANIFEST).write_bytes(_manifest(settings, at, described))
            tar.add(folder / MANIFEST, MANIFEST)
        (folder / "archive").chmod(PRIVATE)
        (folder / "archive").replace(path)
    return path


def _free(target: Path, at: datetime) -> Path:
    path = target / f"tradepost-{at:%Y%m%d-%H%M%S}.tar" if target.is_dir() else target
    if path.exists():
        raise Refused("%(path)s is there already; choose another name", path=path)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


async def _packed(tar: tarfile.TarFile, folder: Path, store: Store, progress: Progress) -> dict[str, Any]:
    """Put the copy of the database and all attachments into an archive; their sizes and digests by their names.

    The database was copied first: what it names was there before, and contents outlive their row by a day.
    """
    described: dict[str, Any] = {}
    there = sorted((one.place, one.size) for one in await store.stored() if not one.place.startswith("."))
    done, total = 0, (folder / DATABASE).stat().st_size + sum(size for _, size in there)

    async def pack(name: str, file: Path) -> None:
        nonlocal done
        described[name] = await asyncio.to_thread(_pack, tar, name, file)
        done += described[name]["size"]
        progress(done, total)

    await pack(DATABASE, folder / DATABASE)
    for place, _ in there:
        await pack(FILES + path_of(place), await _fetched(store, place, folder / "contents"))
    return described


def _pack(tar: tarfile.TarFile, name: str, file: Path) -> dict[str, Any]:
    """Move a file into an archive; its size and digest."""
    described = {"size": file.stat().st_size, "sha256": _digest(file)}
    tar.add(file, name)
    file.unlink()
    return described


async def _fetched(store: Store, place: str, into: Path) -> Path:
    with into.open("wb") as file:
        async for block in await store.read(place):
            await asyncio.to_thread(file.write, block)
    return into


async def bring_back(settings: Settings, source: Path, progress: Progress) -> Restored:
    """Bring a backup into an empty place. Sessions and tokens end: one that was revoked since must not come alive."""
    store = store_of(settings)
    await require_direct(settings)
    await _require_empty(settings, store)
    settings.data.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.data, prefix=".restore-") as name:
        folder = Path(name)
        manifest = await asyncio.to_thread(_unpack, source, folder)
        await asyncio.to_thread(_require_whole, folder, manifest["members"], progress)
        _require_dialect(settings, manifest)
        restored = Restored(manifest["made_at"], len(manifest["members"]) - 1)
        try:
            for member in manifest["members"]:
                if member.startswith(FILES):
                    await store.keep(member.rpartition("/")[2], folder / member)
            await asyncio.to_thread(_place_database, settings, folder / DATABASE)
        except BaseException:
            # The place was empty, and is so again: who mends what was wrong may try once more.
            await store.clear()
            raise
    await _end_sessions(settings)
    return restored


async def _end_sessions(settings: Settings) -> None:
    database = await _connected(settings)
    try:
        async with database.begin(KEY) as connection:
            for table in CREDENTIALS:
                await connection.run(KEY, f"DELETE FROM {table}")
    finally:
        await database.close()


async def _connected(settings: Settings) -> Database:
    return await connect(settings.database, boot([]))


async def _require_empty(settings: Settings, store: Store) -> None:
    database = settings.sqlite
    if await store.stored():
        raise Refused("%(path)s holds attachments; restore into an empty place", path=await store.reach())
    if database is not None:
        if database.exists():
            raise Refused("%(path)s is there already; restore into an empty place", path=database)
        return
    opened = await _connected(settings)
    try:
        if await opened.read(KEY, "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1"):
            raise Refused("The database has tables; restore into an empty one")
    finally:
        await opened.close()


def _manifest(settings: Settings, at: datetime, members: Mapping[str, Any]) -> bytes:
    told = {"format": FORMAT, "made_at": at.isoformat(), "dialect": _dialect(settings).value, "members": members}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _copy_database(settings: Settings, copy: Path) -> None:
    path = settings.sqlite
    if path is None:
        _run("pg_dump", settings, "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
        return
    if not path.is_file():
        raise Refused("%(path)s is not there; nothing to back up", path=path)
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("VACUUM INTO ?", [str(copy)])
    finally:
        connection.close()


def _require_dialect(settings: Settings, manifest: Mapping[str, Any]) -> None:
    ours, theirs = _dialect(settings).value, manifest["dialect"]
    if ours != theirs:
        raise Refused("The backup is of %(theirs)s, the settings name %(ours)s", theirs=theirs, ours=ours)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source) as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = orjson.loads((folder / MANIFEST).read_bytes())
    except (tarfile.TarError, OSError, orjson.JSONDecodeError) as fault:
        raise Refused(
            "%(path)s is no backup of Tradepost, or it is damaged: %(fault)s", path=source, fault=fault
        ) from fault
    if manifest.get("format") != FORMAT:
        raise Refused("The backup was made by another version of Tradepost; restore it with that")
    return manifest


def _require_whole(folder: Path, members: Mapping[str, Mapping[str, Any]], progress: Progress) -> None:
    total, done = sum(one["size"] for one in members.values()), 0
    for name, told in members.items():
        path = folder / name
        if not path.is_file() or _digest(path) != told["sha256"]:
            raise Refused("%(name)s in the backup is not what was written; nothing was restored", name=name)
        done += told["size"]
        progress(done, total)


def _place_database(settings: Settings, copy: Path) -> None:
    path = settings.sqlite
    if path is None:
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        _run("pg_restore", settings, *options, f"--dbname={_environment(settings)['PGDATABASE']}", str(copy))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    copy.chmod(PRIVATE)
    shutil.move(copy, path)


def _run(program: str, settings: Settings, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise Refused("%(program)s is not installed; install PostgreSQL's client programs", program=program)
    result = subprocess.run(  # noqa: S603 - the program was found in PATH, the arguments are ours
        [found, *arguments], env=_environment(settings), capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise Refused("%(program)s: %(fault)s", program=program, fault=result.stderr.strip())


def _environment(settings: Settings) -> dict[str, str]:
    """The database's address as libpq reads it; a password does not show in the list of processes."""
    parts = urlsplit(settings.direct)
    query = dict(parse_qsl(parts.query))
    told = {
        "PGHOST": query.get("host") or parts.hostname,
        "PGPORT": str(parts.port or "") or query.get("port"),
        "PGUSER": unquote(parts.username or "") or query.get("user"),
        "PGPASSWORD": unquote(parts.password or "") or query.get("password"),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": query.get("sslmode"),
    }
    return {**os.environ, **{name: value for name, value in told.items() if value}}


def _dialect(settings: Settings) -> Dialect:
    return Dialect.SQLITE if settings.sqlite else Dialect.POSTGRES


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Backups: database and attachments in one file, made while Tradepost runs, checked byte by byte when brought back."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from core.boot import boot
from core.database import KEY, Database, Dialect, connect
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
    return await asyncio.to_thread(_write, settings, target, progress)


async def bring_back(settings: Settings, source: Path, progress: Progress) -> Restored:
    """Bring a backup into an empty place. Sessions and tokens end: one that was revoked since must not come alive."""
    await _require_empty(settings)
    restored = await asyncio.to_thread(_read, settings, source, progress)
    database = await _connected(settings)
    try:
        async with database.begin(KEY) as connection:
            for table in CREDENTIALS:
                await connection.run(KEY, f"DELETE FROM {table}")
    finally:
        await database.close()
    return restored


async def _connected(settings: Settings) -> Database:
    return await connect(settings.database, boot([]))


async def _require_empty(settings: Settings) -> None:
    database, files = settings.sqlite, _files_folder(settings)
    if files.is_dir() and any(files.iterdir()):
        raise Refused("%(path)s holds attachments; restore into an empty place", path=files)
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


def _write(settings: Settings, target: Path, progress: Progress) -> Path:
    at = datetime.now(UTC)
    path = target / f"tradepost-{at:%Y%m%d-%H%M%S}.tar" if target.is_dir() else target
    if path.exists():
        raise Refused("%(path)s is there already; choose another name", path=path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        copy, archive = Path(folder, DATABASE), Path(folder, "archive")
        _copy_database(settings, copy)
        members = {DATABASE: copy} | dict(_attachments(_files_folder(settings)))
        total, done = sum(one.stat().st_size for one in members.values()), 0
        described: dict[str, dict[str, Any]] = {}
        with tarfile.open(archive, "w") as tar:
            for name, member in members.items():
                size = member.stat().st_size
                described[name] = {"size": size, "sha256": _digest(member)}
                tar.add(member, name, recursive=False)
                done += size
                progress(done, total)
            manifest = Path(folder, MANIFEST)
            manifest.write_bytes(_manifest(settings, at, described))
            tar.add(manifest, MANIFEST)
        archive.chmod(PRIVATE)
        archive.replace(path)
    return path


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


def _attachments(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield FILES + path.relative_to(folder).as_posix(), path


def _read(settings: Settings, source: Path, progress: Progress) -> Restored:
    settings.data.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.data, prefix=".restore-") as name:
        folder = Path(name)
        manifest = _unpack(source, folder)
        _require_whole(folder, manifest["members"], progress)
        if manifest["dialect"] != _dialect(settings).value:
            raise Refused(
                "The backup is of %(theirs)s, the settings name %(ours)s",
                theirs=manifest["dialect"],
                ours=_dialect(settings).value,
            )
        files = _files_folder(settings)
        for member in manifest["members"]:
            if member.startswith(FILES):
                place = files / member.removeprefix(FILES)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(folder / member, place)
        try:
            _place_database(settings, folder / DATABASE)
        except BaseException:
            # The place was empty, and is so again: who mends what was wrong may try once more.
            shutil.rmtree(files, ignore_errors=True)
            raise
        return Restored(manifest["made_at"], len(manifest["members"]) - 1)


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
    parts = urlsplit(settings.database)
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


def _files_folder(settings: Settings) -> Path:
    parts = urlsplit(settings.files)
    if parts.scheme != "file":
        raise Refused("Attachments at %(url)s are backed up where they are kept", url=settings.files)
    return Path(unquote(parts.path))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Where the contents of files are: in a folder or a bucket, under random names, each written wholly or not at all."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import unquote, urlsplit

from core.errors import NotFound, Refused, TooLarge
from core.settings import Settings

BLOCK = 1 << 18
HEAD = 4_096
SHARD = 2
LONGEST_NAME = 255

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
OFFICE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
}
OLD_OFFICE = {".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint"}
UNKNOWN = "application/octet-stream"
INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"})
"""Types that a browser may show within our pages' origin; everything else is saved, not shown."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Contents that were stored: where, how many bytes, their SHA-256, and what they begin with."""

    place: str
    size: int
    digest: str
    head: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """Contents that are there: where, how many bytes, and when they were written."""

    place: str
    size: int
    written: datetime


class Store(Protocol):
    """Where contents are kept. What cannot be reached raises `FilesUnavailable`."""

    async def write(self, stream: AsyncIterable[bytes], limit: int) -> Blob:
        """Store what comes; `TooLarge` when it is more than the limit, and then nothing stays."""

    async def keep(self, place: str, file: Path) -> None:
        """Store a file of this machine at a place; the file may be gone then."""

    async def read(self, place: str) -> AsyncIterator[bytes]:
        """The contents, block by block; `NotFound` when they are lost."""

    async def remove(self, place: str) -> None:
        """Remove contents; it does no harm when they are gone."""

    async def stored(self) -> list[Stored]:
        """Everything that is there, leavings of interrupted uploads too."""

    async def clear(self) -> None:
        """Remove everything."""

    async def reach(self) -> str:
        """Where it is, once it has answered."""


def new_place() -> str:
    """A place that nobody can guess."""
    return secrets.token_hex(16)


def path_of(place: str) -> str:
    """Where contents are below the folder or the bucket, so that no folder has too many."""
    return f"{place.lstrip('.')[:SHARD]}/{place}"


def sniffed(head: bytes, name: str) -> str:
    """The media type that the contents themselves show; the name only tells office documents apart."""
    for magic, media_type in MAGIC:
        if head.startswith(magic):
            return media_type
    suffix = Path(name).suffix.lower()
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"PK\x03\x04"):
        return OFFICE.get(suffix, "application/zip")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return OLD_OFFICE.get(suffix, UNKNOWN)
    return UNKNOWN


def safe_name(raw: str) -> str:
    """A file's name without folders and control characters, short enough, its suffix kept."""
    name = raw.replace("\\", "/").rpartition("/")[2]
    name = "".join(one for one in name if one.isprintable()).strip(" .")
    stem, suffix = Path(name).stem, Path(name).suffix[:32]
    if not name:
        raise Refused("The file needs a name", field="name")
    return f"{stem[: LONGEST_NAME - len(suffix)]}{suffix}"


class Folder:
    """A folder of contents."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def write(self, stream: AsyncIterable[bytes], limit: int) -> Blob:
        """Store what comes; `TooLarge` when it is more than the limit, and then nothing stays."""
        place = new_place()
        target = self._file(place)
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as file:
            try:
                blob = await fill(place, file, stream, limit)
                await asyncio.to_thread(_settle, file, target)
            except BaseException:
                await asyncio.to_thread(Path(file.name).unlink, missing_ok=True)
                raise
        return blob

    async def keep(self, place: str, file: Path) -> None:
        """Move a file to its place."""
        target = self._file(place)
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.move, file, target)

    async def read(self, place: str) -> AsyncIterator[bytes]:
        """The contents, block by block; `NotFound` when they are lost."""
        path = self._file(place)
        if not await asyncio.to_thread(path.is_file):
            raise NotFound
        return _blocks(path)

    async def remove(self, place: str) -> None:
        """Remove contents; it does no harm when they are gone."""
        await asyncio.to_thread(self._file(place).unlink, missing_ok=True)

    async def stored(self) -> list[Stored]:
        """Everything that is there, leavings of interrupted uploads too."""
        return await asyncio.to_thread(self._stored)

    def _stored(self) -> list[Stored]:
        files = self.path.glob("*/*") if self.path.is_dir() else ()
        there = ((file.name, file.stat()) for file in files)
        return [Stored(name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC)) for name, stat in there]

    async def clear(self) -> None:
        """Remove everything."""
        await asyncio.to_thread(shutil.rmtree, self.path, ignore_errors=True)

    async def reach(self) -> str:
        """Where it is; it is made with the first file."""
        return str(self.path)

    def _file(self, place: str) -> Path:
        return self.path / path_of(place)


async def _blocks(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while block := await asyncio.to_thread(file.read, BLOCK):
            yield block


async def fill(place: str, file: IO[bytes], stream: AsyncIterable[bytes], limit: int) -> Blob:
    """Write what comes into a file, and tell of it."""
    size, digest, head = 0, sha256(), b""
    async for block in stream:
        size += len(block)
        if size > limit:
            raise TooLarge("The file is larger than %(limit)s MB", limit=limit >> 20)
        head += block[: max(0, HEAD - len(head))]
        digest.update(block)
        await asyncio.to_thread(file.write, block)
    return Blob(place, size, digest.hexdigest(), head)


def _settle(file: IO[bytes], target: Path) -> None:
    """Written through to the disk before the database says that it is there."""
    file.flush()
    os.fsync(file.fileno())
    Path(file.name).replace(target)


def store_of(settings: Settings) -> Store:
    """Where the settings say that files are kept."""
    parts = urlsplit(settings.files)
    if parts.scheme == "s3":
        from core.buckets import Bucket  # its library takes a while to load, which a folder does without

        return Bucket(settings)
    return Folder(Path(unquote(parts.path)))

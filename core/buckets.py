"""Files in a bucket of S3-compatible storage."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterable, AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from core.blobs import BLOCK, Blob, Stored, fill, new_place, path_of
from core.errors import FilesUnavailable, NotFound
from core.settings import Settings

if TYPE_CHECKING:
    from obstore import GetResult
    from obstore.store import ClientConfig, RetryConfig, S3Config

CLIENT: ClientConfig = {"connect_timeout": "5s", "read_timeout": "30s", "timeout": "1h"}
"""How long to wait: a large file takes long, but something has to come all the time."""
RETRY: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}

log = logging.getLogger(__name__)


class Bucket:
    """A bucket, or what is below a prefix in it. What comes is received in a temporary file first.

    So an upload that breaks off leaves nothing in the bucket, and none of it is sent before it is known to be whole.
    """

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.files)
        told: S3Config = {"region": settings.files_region}
        if settings.files_endpoint:
            told["endpoint"] = settings.files_endpoint
        if settings.files_key:
            told["access_key_id"] = settings.files_key
            told["secret_access_key"] = settings.files_secret.get_secret_value()
        self._name = settings.files
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=told,
            client_options={**CLIENT, "allow_http": settings.files_endpoint.startswith("http://")},
            retry_config=RETRY,
        )

    async def write(self, stream: AsyncIterable[bytes], limit: int) -> Blob:
        """Store what comes; `TooLarge` when it is more than the limit, and then nothing stays."""
        with tempfile.NamedTemporaryFile(prefix="tradepost-") as file:
            blob = await fill(new_place(), file, stream, limit)
            await asyncio.to_thread(file.flush)
            await self.keep(blob.place, Path(file.name))
        return blob

    async def keep(self, place: str, file: Path) -> None:
        """Send a file to its place; of a large one some parts at the same time."""
        with self._faults():
            await obstore.put_async(self._store, path_of(place), file, max_concurrency=3)

    async def read(self, place: str) -> AsyncIterator[bytes]:
        """The contents, block by block; `NotFound` when they are lost."""
        with self._faults(NotFound()):
            found = await obstore.get_async(self._store, path_of(place))
        return self._blocks(found)

    async def _blocks(self, found: GetResult) -> AsyncIterator[bytes]:
        with self._faults():
            async for block in found.stream(BLOCK):
                yield bytes(block)

    async def remove(self, place: str) -> None:
        """Remove contents; it does no harm when they are gone."""
        with self._faults():
            await obstore.delete_async(self._store, path_of(place))

    async def stored(self) -> list[Stored]:
        """Everything that is there."""
        with self._faults():
            found = [one async for some in obstore.list(self._store) for one in some]
        return [Stored(one["path"].rpartition("/")[2], one["size"], one["last_modified"]) for one in found]

    async def clear(self) -> None:
        """Remove everything below the prefix."""
        places = [path_of(one.place) for one in await self.stored()]
        with self._faults():
            await obstore.delete_async(self._store, places)

    async def reach(self) -> str:
        """Where it is, once it has answered."""
        with self._faults():
            await anext(obstore.list(self._store, chunk_size=1), None)
        return self._name

    def _faults(self, lost: Exception | None = None) -> _Faults:
        return _Faults(self._name, lost)


class _Faults:
    """What the library raises, in the kernel's words; a class, since it may stand around what is yielded."""

    def __init__(self, name: str, lost: Exception | None) -> None:
        self._name = name
        self._lost = lost

    def __enter__(self) -> None:
        """Nothing is to be prepared."""

    def __exit__(self, _: object, fault: BaseException | None, __: object) -> None:
        """Raise the kernel's word for a fault."""
        if isinstance(fault, FileNotFoundError) and self._lost is not None:
            raise self._lost from fault
        if isinstance(fault, BaseError | FileNotFoundError):
            why = str(fault).partition("\n")[0]
            log.warning("The storage of files at %s: %s", self._name, why)
            raise FilesUnavailable(f"The storage of files at {self._name} does not answer: {why}") from fault

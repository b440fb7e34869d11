"""Where files are kept: a folder and a bucket do the same, and whatever fails leaves nothing behind."""

from __future__ import annotations

import hashlib
import logging
import os
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket

import pytest

from core.blobs import Folder, Store, path_of, store_of
from core.errors import FilesUnavailable, NotFound, SettingsError, TooLarge
from core.settings import Settings, load_settings
from tests.buckets import SECRET, BucketServer

MEGA = 1 << 20


@pytest.fixture(params=["folder", "bucket"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "folder":
        return load_settings(data=tmp_path / "data")
    server: BucketServer = request.getfixturevalue("bucket_server")
    return load_settings(data=tmp_path / "data", **server.make())


@pytest.fixture
def store(settings: Settings) -> Store:
    return store_of(settings)


@pytest.fixture
def bucket(bucket_server: BucketServer) -> Store:
    return store_of(load_settings(**bucket_server.make()))


async def blocks(*data: bytes) -> AsyncIterator[bytes]:
    for one in data:
        yield one


async def contents(store: Store, place: str) -> bytes:
    return b"".join([block async for block in await store.read(place)])


async def places(store: Store) -> list[str]:
    return sorted(one.place for one in await store.stored())


async def test_what_is_written_is_read_as_it_was(store):
    data = os.urandom(12 * MEGA + 7)  # more than the parts that a bucket takes a file in
    blob = await store.write(blocks(data[:5], data[5:MEGA], data[MEGA:]), 20 * MEGA)
    assert (blob.size, blob.digest, blob.head) == (len(data), hashlib.sha256(data).hexdigest(), data[:4096])
    assert await contents(store, blob.place) == data
    (there,) = await store.stored()
    assert (there.place, there.size) == (blob.place, blob.size)
    assert abs(there.written - datetime.now(UTC)) < timedelta(minutes=1)


async def test_an_empty_file_is_a_file(store):
    blob = await store.write(blocks(), 10)
    assert (blob.size, await contents(store, blob.place)) == (0, b"")


async def test_nothing_stays_of_what_is_too_large_or_breaks_off(store, settings, request):
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 6 * MEGA
        raise ConnectionResetError

    with pytest.raises(TooLarge, match="larger than 6 MB"):
        await store.write(blocks(b"x" * 6 * MEGA, b"x"), 6 * MEGA)
    with pytest.raises(ConnectionResetError):
        await store.write(broken(), 20 * MEGA)
    assert await places(store) == []
    if settings.files_endpoint:
        server = request.getfixturevalue("bucket_server")
        assert server.uploads({"files_url": settings.files_url}) == 0


async def test_what_is_removed_or_never_was_is_not_found(store):
    blob = await store.write(blocks(b"x"), 10)
    kept = await store.write(blocks(b"y"), 10)
    await store.remove(blob.place)
    await store.remove(blob.place)
    for place in (blob.place, "0" * 32):
        with pytest.raises(NotFound):
            await store.read(place)
    assert await contents(store, kept.place) == b"y"


async def test_a_file_is_brought_to_its_place(store, tmp_path):
    (tmp_path / "brought").write_bytes(b"from a backup")
    await store.keep("ab" * 16, tmp_path / "brought")
    assert await contents(store, "ab" * 16) == b"from a backup"
    await store.clear()
    assert await places(store) == []


async def test_many_files_are_all_listed(bucket):
    for _ in range(105):  # the server tells 100 at a time
        await bucket.write(blocks(b"x"), 10)
    assert len(set(await places(bucket))) == 105
    await bucket.clear()
    assert await places(bucket) == []


async def test_two_installations_share_a_bucket_by_prefixes(bucket_server):
    told = bucket_server.make()
    ours = store_of(load_settings(**told))
    theirs = store_of(load_settings(**told | {"files_url": told["files_url"].replace("/crm", "/crm2")}))
    blob = await ours.write(blocks(b"x"), 10)
    assert await places(theirs) == []
    await theirs.clear()
    assert await contents(ours, blob.place) == b"x"


async def test_a_large_file_is_never_in_memory_as_a_whole(store):
    async def large() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield bytes(1 << 18)

    tracemalloc.start()
    try:
        blob = await store.write(large(), 100 * MEGA)
        size = 0
        async for block in await store.read(blob.place):
            size += len(block)
        assert size == blob.size == 40 * MEGA
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGA
    finally:
        tracemalloc.stop()


async def test_a_storage_that_is_away_or_has_no_such_bucket_is_told_without_its_secret(bucket_server, caplog):
    with socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = bucket_server.named("files") | {"files_endpoint": f"http://127.0.0.1:{nobody.getsockname()[1]}"}
        with caplog.at_level(logging.DEBUG):
            for told in (away, bucket_server.named("no-such-bucket")):
                store = store_of(load_settings(**told))
                for attempt in (store.reach(), store.stored(), store.write(blocks(b"x"), 10)):
                    with pytest.raises(FilesUnavailable, match=f"files at {told['files_url']} does not") as fault:
                        await attempt
                    assert SECRET not in str(fault.value) + repr(fault.value.__cause__)
    assert "does not answer" not in caplog.text
    assert "The storage of files at s3://files/crm" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"files_url": "s3:///crm"}, "TRADEPOST_FILES_URL: must be like s3://bucket/prefix"),
        ({"files_url": "s3://key:secret@bucket"}, "TRADEPOST_FILES_URL: must be like s3://bucket/prefix"),
        ({"files_url": "gs://bucket"}, "TRADEPOST_FILES_URL: must begin with file:/// or s3://"),
        ({"files_key": "AKIA0"}, "TRADEPOST_FILES_SECRET: goes together with TRADEPOST_FILES_KEY"),
        ({"files_endpoint": "minio:9000"}, "TRADEPOST_FILES_ENDPOINT: must begin with https:// or http://"),
    ],
)
def test_what_the_settings_say_wrongly_is_explained(told, message):
    with pytest.raises(SettingsError, match=message):
        load_settings(**told)


def test_a_folder_is_where_the_address_says(tmp_path):
    store = store_of(load_settings(files_url=(tmp_path / "100% 数据").as_uri()))
    assert isinstance(store, Folder)
    assert store.path == tmp_path / "100% 数据"
    assert path_of("abcd") == "ab/abcd"

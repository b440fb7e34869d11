"""Attachments: rights of their record, exact contents, nothing left of what was refused."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import timedelta
from uuid import uuid4

import pytest

from core.blobs import Folder, safe_name, sniffed
from core.errors import Forbidden, NotFound, Refused, TooLarge
from core.files import Files

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


async def blocks(data, size=7):
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.fixture
def files(world, tmp_path):
    return Files(world.operations, Folder(tmp_path / "files"), limit=1_000)


@pytest.fixture
async def tea(world, models):
    return await world.operations.create(await world.caller("ann"), models.Company, {"name": "Tea"})


async def on_disk(files):
    return sorted(one.place for one in await files._store.stored())


async def contents(opened):
    return b"".join([block async for block in opened[1]])


async def test_a_file_is_attached_listed_opened_removed(world, models, files, tea):
    ann = await world.caller("ann")
    made = await files.attach(ann, models.Company, tea.id, "../plan\x00 of 茶.png", blocks(PNG))
    assert (made.name, made.media_type, made.size, made.inline) == ("plan of 茶.png", "image/png", 108, True)
    assert made.digest == hashlib.sha256(PNG).hexdigest()
    (place,) = await on_disk(files)
    assert place not in {made.name, made.digest, str(made.id)}
    other = await files.attach(ann, models.Company, tea.id, "page.html", blocks(b"<script>alert(1)</script>"))
    assert (other.media_type, other.inline) == ("application/octet-stream", False)
    bea = await world.caller("bea")
    assert [one.id for one in await files.of(bea, models.Company, tea.id)] == [other.id, made.id]
    opened = await files.open(bea, made.id)
    assert (opened[0], await contents(opened)) == (made, PNG)
    await files.remove(ann, other.id)
    assert [one.id for one in await files.of(bea, models.Company, tea.id)] == [made.id]
    assert await world.verbs() == ["create", "attach", "attach", "download", "detach"]
    with pytest.raises(NotFound):
        await files.open(ann, other.id)


async def test_rights_are_those_of_the_record(world, models, files, tea):
    ann, bea, bob = [await world.caller(login) for login in ("ann", "bea", "bob")]
    made = await files.attach(ann, models.Company, tea.id, "a.png", blocks(PNG))
    before, there = await world.counts(), await on_disk(files)
    for caller, expected in ((bob, NotFound), (bea, Forbidden)):
        with pytest.raises(expected):
            await files.attach(caller, models.Company, tea.id, "b.png", blocks(PNG))
        with pytest.raises(expected):
            await files.remove(caller, made.id)
    for attempt in (files.open(bob, made.id), files.open(bob, uuid4()), files.of(bob, models.Company, tea.id)):
        with pytest.raises(NotFound):
            await attempt
    assert (await world.counts(), await on_disk(files)) == (before, there)


async def test_nothing_stays_of_an_upload_that_failed(world, models, files, tea):
    ann, before = await world.caller("ann"), await world.counts()
    with pytest.raises(TooLarge):
        await files.attach(ann, models.Company, tea.id, "big.bin", blocks(b"x" * 1_001))
    with pytest.raises(Refused):
        await files.attach(ann, models.Company, tea.id, "..", blocks(PNG))

    async def broken():
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await files.attach(ann, models.Company, tea.id, "half.bin", broken())
    assert (await world.counts(), await on_disk(files)) == (before, [])


async def test_orphans_are_removed_a_day_later(world, models, files, tea):
    ann, folder = await world.caller("ann"), files._store
    kept = await files.attach(ann, models.Company, tea.id, "a.png", blocks(PNG))
    gone = await files.attach(ann, models.Company, tea.id, "b.png", blocks(PNG))
    await files.remove(ann, gone.id)
    assert await files.clean() == 0
    leaving = folder.path / "zz" / ".upload"
    leaving.parent.mkdir()
    leaving.write_bytes(b"half")
    yesterday = time.time() - 90_000
    for file in folder.path.glob("*/*"):
        os.utime(file, (yesterday, yesterday))
    leaving.rename(folder.path / "zz" / "zz-left")
    assert await files.clean() == 2
    assert await contents(await files.open(ann, kept.id)) == PNG


async def test_copies_share_their_contents(world, models, files, tea):
    ann = await world.caller("ann")
    await files.attach(ann, models.Company, tea.id, "a.png", blocks(PNG))
    other = await world.operations.create(ann, models.Company, {"name": "Other"})
    assert await world.operations.run(ann, lambda work: work.copy_files(tea, other)) == 1
    (original,), (copy,) = [await files.of(ann, models.Company, one.id) for one in (tea, other)]
    assert (copy.name, copy.digest) == (original.name, original.digest)
    assert copy.id != original.id
    await files.remove(ann, original.id)
    assert await contents(await files.open(ann, copy.id)) == PNG
    beas = await world.operations.create(await world.caller("bea"), models.Company, {"name": "Beas"})
    with pytest.raises(Forbidden):
        await world.operations.run(ann, lambda work: work.copy_files(other, beas))
    with pytest.raises(NotFound):
        await world.operations.run(await world.caller("bob"), lambda work: work.copy_files(other, other))


async def test_purging_a_record_leaves_no_file(world, models, files, tea):
    await files.attach(await world.caller("ann"), models.Company, tea.id, "a.png", blocks(PNG))
    boss = await world.caller("boss")
    await world.operations.archive(boss, models.Company, tea.id)
    await world.operations.purge(boss, models.Company, tea.id)
    assert await world.rows("SELECT id FROM core_file") == []


@pytest.mark.parametrize(
    ("head", "name", "media_type"),
    [
        (PNG, "a.exe", "image/png"),
        (b"\xff\xd8\xff\xe0", "a", "image/jpeg"),
        (b"RIFF1234WEBPVP8 ", "a", "image/webp"),
        (b"%PDF-1.7", "a.png", "application/pdf"),
        (b"PK\x03\x04", "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"PK\x03\x04", "a.jar", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "application/msword"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "a.svg", "application/octet-stream"),
        (b"<html>", "a.png", "application/octet-stream"),
        (b"", "a.pdf", "application/octet-stream"),
    ],
)
def test_contents_say_what_they_are(head, name, media_type):
    assert sniffed(head, name) == media_type


def test_names_are_made_safe():
    assert safe_name("C:\\Users\\li\\报价.pdf") == "报价.pdf"
    assert safe_name("/etc/passwd") == "passwd"
    assert len(safe_name("x" * 400 + ".pdf")) == 255
    assert safe_name("x" * 400 + ".pdf").endswith(".pdf")


async def test_cleaning_is_a_daily_job(world, models, files, tea):
    job = files.cleaning()
    assert job.every == timedelta(days=1)
    await files.attach(await world.caller("ann"), models.Company, tea.id, "a.png", blocks(PNG))
    await job.deliver([])
    assert len(await on_disk(files)) == 1


async def test_lost_contents_are_not_found_and_no_download_is_told(world, models, files, tea, caplog):
    ann = await world.caller("ann")
    made = await files.attach(ann, models.Company, tea.id, "a.png", blocks(PNG))
    (place,) = await on_disk(files)
    await files._store.remove(place)
    before = await world.verbs()
    with pytest.raises(NotFound):
        await files.open(ann, made.id)
    assert await world.verbs() == before
    assert f"The contents of file {made.id} are lost: nothing is at {place}" in caplog.text

"""The database of the matrix: filled once a run for each dialect, copied for every test, opened as the app opens it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import orjson

from core.access import system
from core.app import Kernel
from core.database import KEY, Database, Dialect, connect
from core.drafts import create_tables
from core.passwords import Passwords
from core.registry import ModelSpec
from core.rows import insert_many, update
from core.settings import Setting, Settings, load_settings
from tests.contract.company import ASSIGNMENT, ME, ROLE, SIBLING, Company, Row, number, plain, shares
from tests.contract.evaluator import Kind
from tradepost.app import indexing, open_kernel
from tradepost.cluster import Cluster, locked
from tradepost.discovery import BUILT_IN

PASSWORD = "a tall ship and a star"
FILE = b"what is written in the file"
LIMITS = {"alias_limit": 1_000, "cost_limit": 10_000_000, "token_limit": 50_000, "time_limit": 600}


@dataclass(frozen=True)
class Place:
    """Where a company's data is: the address of its database, and its folder."""

    url: str
    data: Path

    @property
    def settings(self) -> Settings:
        """The settings of an app that works with it; its limits are proven elsewhere."""
        return load_settings(data=self.data, database_url=self.url, _env_file=None, **LIMITS)


@dataclass(frozen=True)
class Templates:
    """Filled companies, to be copied."""

    folder: Path
    company: Company
    cluster: Callable[[], Cluster]

    @asynccontextmanager
    async def copy(self, dialect: Dialect, folder: Path) -> AsyncIterator[Place]:
        """A company of one's own."""
        name = f"matrix_{dialect.value}"
        made = self._place(dialect, name, self.folder / name)
        with locked(self.folder / name):
            if not (self.folder / f"{name}.done").exists():
                await self._fill(dialect, made)
                (self.folder / f"{name}.done").touch()
        copied = f"{name}_{uuid4().hex}"
        await asyncio.to_thread(shutil.copytree, made.data, folder / "data")
        if dialect is Dialect.POSTGRES:
            await asyncio.to_thread(self.cluster().create, copied, name)
        try:
            yield self._place(dialect, copied, folder / "data")
        finally:
            if dialect is Dialect.POSTGRES:
                await asyncio.to_thread(self.cluster().drop, copied)

    def _place(self, dialect: Dialect, name: str, data: Path) -> Place:
        if dialect is Dialect.POSTGRES:
            return Place(self.cluster().address(name), data)
        return Place(f"sqlite://{data / 'tradepost.sqlite3'}", data)

    async def _fill(self, dialect: Dialect, place: Place) -> None:
        place.data.mkdir()
        if dialect is Dialect.POSTGRES:
            self.cluster().create(f"matrix_{dialect.value}")
        database = await connect(place.url, self.company.registry)
        try:
            await create_tables(database, self.company.registry)
            await fill(database, self.company, list(shares(self.company)))
        finally:
            await database.close()
        async with open_kernel(place.settings, BUILT_IN) as kernel:
            await attach(kernel, self.company)
            await indexing(kernel).prepare()


async def fill(database: Database, company: Company, opened: Sequence[Row] = ()) -> None:
    """Write the company's rows, and what is opened to the user."""
    registry, passwords = company.registry, Passwords()
    (password,) = (await passwords.hash(PASSWORD),)
    passwords.close()
    rights = plain(registry.spec(Setting), number(7, 1)) | {"name": "rights", "content": 1}
    async with database.begin(KEY) as connection:
        await insert_many(connection, registry.spec(Setting), [rights])
        for spec in registry.surfaced():
            await insert_many(connection, spec, [one | _early(spec, one, password) for one in company.rows[spec.label]])
        for one in company.rows["core.department"]:  # departments and users link to each other
            await update(connection, registry.spec("core.department"), one["id"], {"owner": one["owner"]})
        await insert_many(connection, registry.spec("core.share"), opened)


def _early(spec: ModelSpec, row: Row, password: str) -> Row:
    """What a row is inserted with, other than it will be."""
    if spec.label == "core.department":
        return {"owner": None}
    return {"password": password} if row["id"] == ME else {}


async def attach(kernel: Kernel, company: Company) -> None:
    """A file on every record that stands in a slot, named after its canary: with it the record's history begins."""
    for record in company.records.values():
        if record.slot:
            model = kernel.registry.models[record.label].model
            await kernel.files.attach(system("the matrix"), model, record.id, f"{record.canary}.txt", _contents())


async def _contents() -> AsyncIterator[bytes]:
    yield FILE


async def grant(kernel: Kernel, kind: Kind) -> None:
    """Give the user the role with every permission at the scope that is tested, or take it away."""
    dialect = kernel.database.dialect
    chosen = orjson.dumps([str(SIBLING)]).decode() if kind.scope == "chosen" else "null"
    scope, role, assignment = kind.scope or "own", str(ROLE), str(ASSIGNMENT)
    async with kernel.database.begin(KEY) as connection:
        if dialect is Dialect.POSTGRES:
            sql = f"UPDATE core_grant SET scope = '{scope}', departments = '{chosen}'::jsonb WHERE role_id = '{role}'"
        else:
            sql = f"UPDATE core_grant SET scope = '{scope}', departments = '{chosen}' WHERE role_id = '{role}'"
        await connection.run(KEY, sql)
        if not kind.scope:
            await connection.run(KEY, f"DELETE FROM core_assignment WHERE id = '{assignment}'")
        await connection.run(KEY, f"UPDATE core_user SET rights_number = rights_number + 1 WHERE id = '{ME}'")

"""The test kit, a pytest plugin: databases that are migrated once a run and then copied, on SQLite and PostgreSQL.

Give your module or `conftest.py` a fixture `plugins` that returns your plugins, and ask for `database`. Set
`asyncio_mode = "auto"`. A test is skipped where no PostgreSQL is installed; with `CI=true` it fails.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from uuid import uuid4

import pytest

from core.access import By, Caller, system
from core.app import Kernel
from core.boot import boot
from core.database import Database, Dialect, connect
from core.drafts import create_tables
from core.first_steps import first_steps
from core.plugin import Plugin
from core.registry import Registry
from core.settings import load_settings
from core.users import User
from tradepost.cluster import Cluster, once, programs

FOLDER = "TRADEPOST_TEST_RUN"
OWNER = "TRADEPOST_TEST_OWNER"
OUTER = pytest.StashKey[dict[str, str]]()

_booted: dict[tuple[int, ...], Registry] = {}
_clean: dict[str, list[str]] = {}
"""By template: copies on PostgreSQL that a test of this worker gave back, without rows."""


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the run, which all workers of pytest-xdist find in their environment."""
    config.addinivalue_line("markers", "requirement(*ids): the rows of the requirements that the test proves")
    if not hasattr(config, "workerinput"):
        config.stash[OUTER] = {name: os.environ.get(name, "") for name in (FOLDER, OWNER)}
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="tradepost-")
        os.environ[OWNER] = str(os.getpid())


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the server and remove the folder; a run inside of another one leaves that one's alone."""
    if OUTER not in config.stash:
        return
    folder = Path(os.environ[FOLDER])
    outer: dict[str, str] = config.stash[OUTER]
    os.environ.update(outer)
    installed = programs()
    if installed:
        Cluster(folder, installed).stop()
    shutil.rmtree(folder)


def missing(what: str) -> None:
    """Skip the test, with the reason in view; under `CI=true` fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """The folder of this test run; removed at its end."""
    return Path(os.environ[FOLDER])


@pytest.fixture(scope="session")
def cluster(run_folder: Path) -> Cluster:
    """The PostgreSQL server of this test run."""
    installed = programs()
    if installed is None:
        missing("PostgreSQL is not installed; set TRADEPOST_TEST_POSTGRES to the folder of initdb")
        raise AssertionError
    made = Cluster(run_folder, installed)
    made.start(int(os.environ[OWNER]))
    return made


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    """The plugins of the app under test: none but the kernel. Override this."""
    return ()


@pytest.fixture
def registry(plugins: Sequence[Plugin]) -> Registry:
    """What the app under test knows; it never changes, so that tests share it."""
    key = tuple(id(one) for one in plugins)
    if key not in _booted:
        _booted[key] = boot(plugins)
    return _booted[key]


@pytest.fixture(params=list(Dialect), ids=lambda one: str(one.value))
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Each of the two databases, one after the other."""
    return Dialect(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, dialect: Dialect, registry: Registry, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with all tables, and no rows in them."""
    name = _signature(registry)
    if dialect is Dialect.SQLITE:
        folder: Path = request.getfixturevalue("run_folder")
        template = folder / f"{name}.sqlite"
        once(template, lambda: asyncio.run(_fill(f"sqlite://{template}", registry)))
        copy = shutil.copy(template, tmp_path / "tradepost.sqlite")
        yield f"sqlite://{copy}"
        return
    server: Cluster = request.getfixturevalue("cluster")

    def make() -> None:
        server.create(name)
        try:
            asyncio.run(_fill(server.address(name), registry))
            server.seal(name)
        except BaseException:
            server.drop(name)
            raise

    clean = _clean.setdefault(name, [])
    if clean:
        database = clean.pop()
    else:
        once(server.folder / name, make)
        database = f"test_{uuid4().hex}"
        server.create(database, name)
    yield server.address(database)
    if server.clean(database):
        clean.append(database)
    else:
        server.drop(database)


@pytest.fixture
async def database(database_url: str, registry: Registry) -> AsyncIterator[Database]:
    """A fresh database with all tables, on each of the two engines."""
    opened = await connect(database_url, registry)
    yield opened
    await opened.close()


@pytest.fixture
async def kernel(database: Database, database_url: str, registry: Registry, tmp_path: Path) -> AsyncIterator[Kernel]:
    """The app under test without its surfaces, as work begins: the administrator, the plugins' roles, nothing else."""
    # Imported here, since it brings all surfaces along, which most tests do without.
    from tradepost.app import wired

    settings = load_settings(
        data=tmp_path / "data", database_url=database_url, admin_password=token_urlsafe(), _env_file=None
    )
    settings.data.mkdir()
    await first_steps(database, registry, settings)
    opened = wired(settings, registry, database)
    yield opened
    await opened.sign_in.close()
    await opened.engine.close()


@pytest.fixture
async def administrator(kernel: Kernel) -> Caller:
    """The administrator of `kernel`, who may do everything."""
    (user,) = await kernel.reader.records(system("a test"), User, where=User.administrator.eq(True))
    return Caller(await kernel.policies.fresh(user.id), By.JOB)


@pytest.fixture
def statements(database: Database) -> list[str]:
    """The statements sent to the database from now on, without BEGIN and COMMIT; clear it where counting begins."""
    sent: list[str] = []
    database.listeners.append(sent.append)
    return sent


@lru_cache
def _signature(registry: Registry) -> str:
    """A name for the tables of a registry."""
    tables = [
        (spec.table, spec.meta, [(one.name, one.traits) for one in spec.fields.values()])
        for spec in registry.models.values()
    ]
    return f"template_{sha256(repr(tables).encode()).hexdigest()[:16]}"


async def _fill(url: str, registry: Registry) -> None:
    database = await connect(url, registry)
    try:
        await create_tables(database, registry)
    finally:
        await database.close()

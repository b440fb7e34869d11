"""A company with as many records of every model as a test asks for, and the app open on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.database import connect
from core.fields import Kind as Holds
from core.registry import ModelSpec, Registry
from core.settings import load_settings
from tests.contract.company import ME, TEAM, Company, Row, around, letters, number, plain, value
from tests.contract.evaluator import Kind
from tests.contract.opened import fill, grant
from tests.contract.visits import Visit, visit
from tradepost.app import indexing, open_kernel
from tradepost.discovery import BUILT_IN


@pytest.fixture(scope="session")
def plugins():
    return BUILT_IN


def crowd(registry: Registry, count: int) -> Company:
    """The people around, and some records of every model, each linked to those of its number."""
    made = Company(registry)
    around(made)
    for kind, spec in enumerate(registry.surfaced(), 16):
        for index in range(count):
            made.add(spec, _row(registry, spec, number(kind, index), index))
    return made


def _row(registry: Registry, spec: ModelSpec, record: Any, index: int) -> Row:
    placed = {} if spec.parent else {"owner": ME, "department": TEAM}
    row = plain(spec, record) | placed
    kinds = {one.label: kind for kind, one in enumerate(registry.surfaced(), 16)}
    for name, one in spec.own.items():
        if one.kind is Holds.LINK:
            row[name] = number(kinds[str(one.target)], index) if one.target != spec.label else None
        elif row[name] in (None, ()):
            row[name] = value(spec, name, letters(f"{spec.label} {index}", 12))
    return row


@pytest.fixture(params=[1, 20])
def count(request: pytest.FixtureRequest) -> int:
    """How many records each model has."""
    return int(request.param)


@pytest.fixture
async def visiting(database_url: str, registry: Registry, count: int, tmp_path: Path) -> AsyncIterator[Visit]:
    """A user who reaches his department and those below, and has been here before."""
    company = crowd(registry, count)
    database = await connect(database_url, registry)
    await fill(database, company)
    await database.close()
    settings = load_settings(data=tmp_path / "data", database_url=database_url, _env_file=None)
    async with open_kernel(settings, BUILT_IN) as kernel:
        await grant(kernel, Kind.TREE)
        await indexing(kernel).prepare()
        async with visit(kernel, company, Kind.TREE) as made:
            yield made

"""The company of the matrix on each of the two databases, and the app open on a copy of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

import core.live
import tradepost.app
from core.boot import boot
from core.database import Dialect
from core.registry import Registry
from tests.contract.company import Company, company
from tests.contract.evaluator import Kind
from tests.contract.opened import Templates, grant
from tests.contract.visits import Visit, visit
from tradepost.app import open_kernel
from tradepost.discovery import BUILT_IN

Enter = Callable[[Kind], AbstractAsyncContextManager[Visit]]


@pytest.fixture(scope="session")
def plugins():
    return BUILT_IN


@pytest.fixture(scope="session")
def booted() -> Registry:
    """What all apps of this process know."""
    return boot(BUILT_IN)


@pytest.fixture(scope="session")
def people(booted: Registry) -> Company:
    return company(booted)


@pytest.fixture
def quickly(booted: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry is a value: a process makes it once, not for every test."""
    monkeypatch.setattr(tradepost.app, "boot", lambda _: booted)
    monkeypatch.setattr(core.live, "GATHERING", 0)


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest, run_folder: Path, people: Company) -> Templates:
    return Templates(run_folder, people, lambda: request.getfixturevalue("cluster"))


@pytest.fixture
async def enter(
    templates: Templates, people: Company, dialect: Dialect, tmp_path: Path, quickly
) -> AsyncIterator[Enter]:
    """The app on a company of its own, as one kind of caller."""
    async with AsyncExitStack() as stack:

        @asynccontextmanager
        async def opened(kind: Kind) -> AsyncIterator[Visit]:
            place = await stack.enter_async_context(templates.copy(dialect, tmp_path))
            async with open_kernel(place.settings, BUILT_IN) as kernel:
                await grant(kernel, kind)
                async with visit(kernel, people, kind) as made:
                    yield made

        yield opened

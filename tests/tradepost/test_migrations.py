"""The migrations of the built-in plugins say what the declarations say, and stand on nothing of ours."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest

from core.boot import boot
from core.database import connect
from core.drafts import make
from core.kernel import plugin as kernel
from core.migrator import migrate, pending
from core.plugin import Plugin
from core.registry import Registry
from tradepost.discovery import BUILT_IN

ALL = (kernel, *BUILT_IN)


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    return BUILT_IN


@pytest.mark.parametrize("name", [one.name for one in ALL])
async def test_no_migration_is_missing(name: str, registry: Registry) -> None:
    assert await make(registry, name, check=True) == []


@pytest.mark.parametrize("plugin", ALL, ids=lambda one: one.name)
def test_migrations_import_only_tortoise_and_the_standard_library(plugin: Plugin) -> None:
    folder = Path(import_module(f"{plugin.package}.migrations").__path__[0])
    files = list(folder.glob("[0-9]*.py"))
    assert files
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                root = str(module).partition(".")[0]
                assert root == "tortoise" or root in sys.stdlib_module_names


async def test_an_app_without_the_plugins_is_migrated_on_its_own_and_gets_them_later(tmp_path: Path) -> None:
    database = await connect(f"sqlite://{tmp_path / 'later.sqlite'}", boot([]))
    try:
        first = await migrate(database, boot([]))
        later = await migrate(database, boot(BUILT_IN))
        assert {step.plugin for step in first} == {"core"}
        assert {step.plugin for step in later} == {one.name for one in BUILT_IN}
        assert await pending(database, boot(BUILT_IN)) == []
    finally:
        await database.close()

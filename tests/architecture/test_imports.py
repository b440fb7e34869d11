"""Who may import whom, beyond what the contracts in pyproject.toml say."""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from core.plugin import Plugin
from tests.architecture.sources import PACKAGES, ROOMS, ROOT, Source, sources
from tradepost.discovery import BUILT_IN

INTERNAL = (
    "tradepost.app",
    "tradepost.cli",
    "tradepost.discovery",
    "tradepost.guard",
    "tradepost.metrics",
    "tradepost.rolling",
    "tradepost.telemetry",
    "tradepost.testing",
    "tradepost.traces",
)
"""Modules of the facade that are no plugin's business."""


def test_the_contracts_hold():
    program = Path(sysconfig.get_path("scripts")) / "lint-imports"
    result = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_no_room_is_imported_as_a_whole():
    """`import core.users` would keep the generic name, which the wheel does not have; so does a string."""
    found = [
        f"{one.place}:{node.lineno}"
        for one in sources()
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Import) and any(name.name.partition(".")[0] in ROOMS for name in node.names)
    ]
    assert found == []


def test_no_string_names_a_module():
    names = {one.module for one in sources() if "." in one.module and one.module.partition(".")[0] in ROOMS}
    found = [
        f"{one.place}:{node.lineno} {node.value}"
        for one in sources()
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Constant) and node.value in names
    ]
    assert found == []


def test_only_the_face_of_a_plugin_imports_it():
    found = {
        one.place: module
        for one in sources("tradepost")
        for _, module in one.imports()
        if module.partition(".")[0] == "plugins" and one.place != f"tradepost/{module.split('.')[1]}.py"
    }
    assert found == {}


def _plugin_sources(plugin: Plugin) -> tuple[Source, ...]:
    return sources(plugin.package.replace(".", "/"))


LIBRARIES = {"service_desk": {"holidays"}, "visits": {"numpy", "pyvrp"}}
"""Libraries that a plugin of ours stands on, as any partner's may."""


@pytest.mark.parametrize("plugin", BUILT_IN, ids=lambda one: one.name)
def test_a_plugin_imports_the_public_face_and_what_it_needs(plugin: Plugin):
    faces = {f"tradepost.{one.name}" for one in BUILT_IN}
    needed = {f"tradepost.{need.partition('>=')[0]}" for need in plugin.needs}
    strange: list[str] = []
    used: set[str] = set()
    for one in _plugin_sources(plugin):
        for line, module in one.imports():
            root = module.partition(".")[0]
            if module in faces:
                used.add(module)
            own = module == plugin.package or module.startswith(plugin.package + ".")
            public = root == "tradepost" and not module.startswith(INTERNAL) and "._" not in module
            outside = root in sys.stdlib_module_names or root in LIBRARIES.get(plugin.name, ())
            if not (own or public or (one.is_migration and root == "tortoise") or outside):
                strange.append(f"{one.place}:{line} {module}")
    assert strange == []
    assert used == needed


def test_migrations_import_only_tortoise_and_the_standard_library():
    found = [
        f"{one.place}:{line} {module}"
        for one in sources()
        if one.is_migration and one.path.name != "__init__.py"
        for line, module in one.imports()
        if module.partition(".")[0] not in {"tortoise", *sys.stdlib_module_names}
    ]
    assert found == []


def test_every_package_says_that_it_is_typed():
    assert [one for one in PACKAGES if not (ROOT / one / "py.typed").is_file()] == []

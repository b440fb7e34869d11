"""The wheel: nothing generic in it, and it runs in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

from hatch_build import ROOMS, lay_out, moved
from tests.architecture.sources import ROOT

PROVE = """
import sys
from importlib.metadata import distribution, packages_distributions
from importlib.util import find_spec

import tradepost
from tradepost._core.boot import boot
from tradepost.discovery import BUILT_IN
from tradepost.sales import Customer

assert [room for room in {rooms!r} if find_spec(room)] == []
assert boot(BUILT_IN).spec(Customer).label == "sales.customer"
assert Customer.__module__ == "tradepost._plugins.sales.models"
assert tradepost.Model.__module__ == "tradepost._core.model"
assert packages_distributions()["tradepost"] == ["tradepost"]
groups = [one.group for one in distribution("tradepost").entry_points]
assert groups == ["console_scripts", "pytest11"]
"""


def test_no_generic_name_is_at_the_top(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert tops == {"tradepost", "tradepost-0.1.0.dist-info"}


def test_everything_that_is_no_code_is_in_it_too(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        there = set(archive.namelist())
    kinds = {".html", ".css", ".js", ".svg", ".po", ".typed", ".txt"}
    expected = {
        f"tradepost/_{path.relative_to(ROOT).as_posix()}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in kinds
    }
    assert expected - there == set()
    assert {Path(one).suffix for one in expected} >= {".html", ".css", ".js", ".po", ".typed"}


def test_a_fresh_environment_imports_and_boots_it(environment: Path, tmp_path: Path):
    program = PROVE.format(rooms=ROOMS)
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TRADEPOST"))}
    result = subprocess.run(
        [environment, "-c", program], cwd=tmp_path, env=plain, capture_output=True, text=True, check=False, timeout=300
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_its_command_line_works(environment: Path, tmp_path: Path):
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TRADEPOST"))}
    program = "from tradepost.cli import main; main()"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(environment), "-c", program, *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=plain, capture_output=True, text=True, check=False, timeout=600
        )

    migrated = run("migrate")
    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert "Applied core 0001_initial" in migrated.stdout
    assert "Applied sales 0001_initial" in migrated.stdout
    assert run("check").returncode == 0
    assert run("makemigrations", "--check").returncode == 0


def test_no_compiled_leftovers(tmp_path: Path):
    lay_out(ROOT, tmp_path)
    assert [one for one in tmp_path.rglob("*") if one.suffix in {".pyc", ".mo"} or one.name == "__pycache__"] == []


SOURCE = """
from core.users import User  # from core
from corex import a
if 1:
    from plugins import sales
from core.a import (
    b,
)
from . import core
from  ui.cells import é
text = "from core.users import no"
"""


def test_only_from_statements_of_ours_are_rewritten():
    assert moved(SOURCE) == (
        SOURCE.replace("from core.users import User", "from tradepost._core.users import User")
        .replace("from plugins", "from tradepost._plugins")
        .replace("from core.a", "from tradepost._core.a")
        .replace("from  ui", "from tradepost._ui")
    )

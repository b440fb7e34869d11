"""The partner's plugin, installed beside our wheel in an environment of its own, passes its own tests there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "acme_loyalty"


@pytest.fixture(scope="module")
def partner(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment in which the partner's wheel is installed, too."""
    folder = tmp_path_factory.mktemp("partner")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(EXAMPLE)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(next(environment.parents[1].glob("lib/python*/site-packages")))
    return environment


def test_its_own_tests_pass(partner: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    shutil.copy(EXAMPLE / "pyproject.toml", tmp_path)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "TRADEPOST"))}
    command = [str(partner), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]
    assert "8 passed" in done.stdout


def test_it_is_migrated_and_derived_like_every_plugin(partner: Path, tmp_path: Path) -> None:
    settings = {"TRADEPOST_DATA": str(tmp_path / "data"), "TRADEPOST_ADMIN_PASSWORD": "Tea-Harbour-2026"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "TRADEPOST"))}

    def run(*words: str) -> str:
        program = "from tradepost.cli import main; main()"
        command = [str(partner), "-c", program, *words]
        return subprocess.run(
            command, cwd=tmp_path, env=kept | settings, capture_output=True, text=True, check=True, timeout=600
        ).stdout

    assert "Applied loyalty 0001_initial" in run("migrate")
    assert "loyalty" in run("plugins")
    schema = run("schema")
    for name in ("type LoyaltyCard ", "loyaltyCardAward", "loyaltyCardsSummary", "isGold"):
        assert name in schema
    (tmp_path / "customers.csv").write_text("Name\nAcme\n")
    (tmp_path / "cards.csv").write_text("Number,Tier,Customer\nA-1,gold,Acme\n")
    assert "1 created" in run("import", "sales.customer", "customers.csv")
    assert "1 created" in run("import", "loyalty.card", "cards.csv")
    assert "A-1,gold" in run("export", "loyalty.card", "--column", "number", "--column", "tier")

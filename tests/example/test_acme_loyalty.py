"""The partner's plugin, installed beside our wheel in an environment of its own, passes its own tests there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "acme_loyalty"
GUIDE = ROOT / "docs" / "plugins.md"


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


def test_the_guide_works_as_it_is_written(environment: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"```(python|toml)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    models, plugin, resource, extension = (text for kind, text in blocks if kind == "python")
    (names,) = (text for kind, text in blocks if kind == "toml")
    source, installed = tmp_path / "acme-loyalty", tmp_path / "installed"
    package = source / "src" / "acme_loyalty"
    package.mkdir(parents=True)
    (source / "pyproject.toml").write_text(names, encoding="utf-8")
    (package / "models.py").write_text(models, encoding="utf-8")
    (package / "__init__.py").write_text(plugin, encoding="utf-8")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        archive.extractall(installed)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "TRADEPOST"))}
    kept |= {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1", "TRADEPOST_DATA": str(tmp_path / "data")}

    def run(*words: str) -> str:
        called = [str(environment), "-c", "from tradepost.cli import main; main()", *words]
        done = subprocess.run(called, cwd=tmp_path, env=kept, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "0001_initial.py" in run("makemigrations", "loyalty")
    assert "Applied loyalty 0001_initial" in run("migrate")
    assert "Loyalty: cards, points and tiers for customers." in run("plugins")
    assert "loyaltyCardCreate" in run("schema")
    (installed / "acme_loyalty" / "resources.py").write_text(resource + extension, encoding="utf-8")
    listed = plugin.replace(
        "import Plugin\n", "import Plugin\nfrom acme_loyalty.resources import Cards, CustomerLoyalty\n"
    )
    listed = listed.replace("models=[Card]", "models=[Card], resources=[Cards], extends=[CustomerLoyalty]")
    (installed / "acme_loyalty" / "__init__.py").write_text(listed, encoding="utf-8")
    schema = run("schema")
    assert [name in schema for name in ("loyaltyCardAward", "isGold")] == [True, True]
    assert run("makemigrations", "--check") == "The migrations say all that the declarations say\n"

"""Our wheel, and environments of their own that it is installed into."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tradepost.cluster import once

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def wheel(run_folder: Path) -> Path:
    """Our wheel, built from the checkout as it is, once a run."""
    folder = run_folder / "wheel"
    once(folder, lambda: build_wheel(ROOT, folder))
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment's Python with our wheel in it; the libraries are those that the tests run with."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=600)
    site = next(folder.glob("lib/python*/site-packages"))
    ours = shutil.ignore_patterns("tradepost*", "_tradepost*", "__pycache__", "*.pth", "__editable__*")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if path.name not in ours("", [path.name]):
            (site / path.name).symlink_to(path)
    python = folder / "bin" / "python"
    install(wheel, python)
    return python


def build_wheel(source: Path, folder: Path) -> Path:
    """The wheel of a source tree, in a folder."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return next(folder.glob("*.whl"))


def install(wheel: Path, python: Path) -> None:
    """Lay a wheel into an environment, as pip does with one that has no scripts."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(next(python.parent.parent.glob("lib/python*/site-packages")))

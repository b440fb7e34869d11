"""The command line in this process, on each of the two databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.settings import Settings, load_settings
from tradepost.cli import run
from tradepost.discovery import BUILT_IN


@dataclass(frozen=True)
class Ended:
    """How a command line ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.rstrip().rpartition("\n")[2]


Tradepost = Callable[..., Ended]


@pytest.fixture(scope="session")
def plugins():
    return BUILT_IN


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, named by the environment; nothing else is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRADEPOST_DATA", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def tradepost(folder: Path, capfd: pytest.CaptureFixture[str]) -> Tradepost:
    """Carry out a command line."""

    def carry_out(*arguments: object) -> Ended:
        capfd.readouterr()
        code = run([str(one) for one in arguments])
        told = capfd.readouterr()
        return Ended(code, told.out, told.err)

    return carry_out


@pytest.fixture
def company(tradepost: Tradepost, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Tradepost:
    """The command line of a company that was just set up: its tables, its administrator, its roles."""
    monkeypatch.setenv("TRADEPOST_DATABASE_URL", database_url)
    assert tradepost("migrate").code == 0
    return tradepost


@pytest.fixture
def settings(company: Tradepost) -> Settings:
    return load_settings()

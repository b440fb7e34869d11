"""The power fails: what was acknowledged is there afterwards, on a disk that keeps only what fsync asked it to."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tradepost.testing import missing

HERE = Path(__file__).parent
ACKNOWLEDGED = 40


@dataclass(frozen=True)
class Machine:
    """A mounted disk, the folder of what is durable on it, and the process that is its power."""

    mount: Path
    kept: Path
    power: subprocess.Popen[bytes]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    if not os.access("/dev/fuse", os.W_OK) or shutil.which("fusermount3") is None:
        missing("FUSE is not installed, or not permitted")
    mount, kept = tmp_path / "mount", tmp_path / "kept"
    mount.mkdir()
    kept.mkdir()
    power = subprocess.Popen([sys.executable, str(HERE / "power" / "disk.py"), str(mount), str(kept)])
    try:
        until = time.monotonic() + 10
        while not mount.is_mount():
            assert power.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield Machine(mount, kept, power)
    finally:
        power.kill()
        power.wait()
        subprocess.run(["fusermount3", "-u", "-z", mount], stderr=subprocess.DEVNULL, check=False)


def cut_power_after(machine: Machine, manner: str) -> list[int]:
    """The numbers whose commits were acknowledged before the power failed."""
    command = [sys.executable, str(HERE / "power" / "writer.py"), str(machine.mount / "data.sqlite"), manner]
    told = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=told) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(ACKNOWLEDGED)]
        machine.power.kill()
        machine.power.wait()
        said += [int(line) for line in writer.stdout.read().split()]
        writer.kill()
    return said


def survived(machine: Machine) -> list[int]:
    """The numbers that are there when the machine is switched on again."""
    connection = sqlite3.connect(machine.kept / "data.sqlite")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [number for (number,) in connection.execute("SELECT number FROM said ORDER BY number")]
    finally:
        connection.close()


def test_every_acknowledged_commit_survives_a_power_cut(machine: Machine) -> None:
    said = cut_power_after(machine, "ours")
    assert said == list(range(len(said)))
    assert survived(machine)[: len(said)] == said


def test_the_disk_would_have_lost_careless_commits(machine: Machine) -> None:
    said = cut_power_after(machine, "careless")
    assert len(said) >= ACKNOWLEDGED
    assert survived(machine) == []

"""Web servers of the benchmark, and what they cost: requests a second from `wrk`, processor time from the kernel."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 60


@dataclass(frozen=True)
class Measured:
    """Requests a second, milliseconds of processor time of the web process for each, and slow tails."""

    rate: float
    cpu: float
    p50: str
    p99: str


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(app: str, environment: Mapping[str, str], ready: str) -> Iterator[tuple[int, int]]:
    """A uvicorn process with an application; its port and process id. `ready` is a path that answers when it is up."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--log-level", "warning", "--no-access-log"]
    process = subprocess.Popen([*command, "--loop", "uvloop", "--http", "httptools"], env={**os.environ, **environment})
    try:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5):
                    break
            except URLError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def processor_time(process: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(script: Path, url: str, process: int, *, seconds: int, connections: int) -> Measured:
    """Load a URL with `wrk` and a script of it; `RuntimeError` when any answer was no success."""
    told = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s"]
    command = ["wrk", *told, "--latency", "-s", str(script), url]
    before = processor_time(process)
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = processor_time(process) - before
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(text)
    found = re.search(r"(\d+) requests in", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if found is None or rate is None or int(found[1]) == 0:
        raise RuntimeError(text)
    tails = dict(re.findall(r"\s+(50|99)%\s+(\S+)", text))
    return Measured(float(rate[1]), 1_000 * used / int(found[1]), tails["50"], tails["99"])

"""A server of S3's protocol on loopback, over real HTTP; each test has a bucket of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any
from uuid import uuid4

import httpx
import pytest

PATIENCE = 60
SECRET = "s3-canary-hunter2"


@dataclass(frozen=True, slots=True)
class BucketServer:
    """Where it is."""

    address: str

    def make(self) -> dict[str, Any]:
        """A new bucket; the settings that name it."""
        name = f"files-{uuid4().hex}"
        httpx.put(f"{self.address}/{name}").raise_for_status()
        return self.named(name)

    def named(self, name: str) -> dict[str, Any]:
        """The settings that name a bucket, whether it is there or not."""
        return {
            "files_url": f"s3://{name}/crm",
            "files_endpoint": self.address,
            "files_key": "AKIA0TRADEPOST",
            "files_secret": SECRET,
        }

    def uploads(self, told: dict[str, Any]) -> int:
        """How many uploads were begun in a bucket and neither finished nor given up."""
        name = told["files_url"].removeprefix("s3://").partition("/")[0]
        return httpx.get(f"{self.address}/{name}?uploads").raise_for_status().text.count("<Upload>")


@pytest.fixture(scope="session")
def bucket_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketServer]:
    """The server of this worker's tests; it ends with them, by its process id."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said: Path = tmp_path_factory.mktemp("s3") / "log"
    program = "from moto.server import main; main()"
    with said.open("w") as log:
        command = [sys.executable, "-W", "ignore", "-c", program, "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(
            # The shell ends the server when its input ends, and that ends with this process, however it dies.
            ["/bin/sh", "-c", '"$@" & read -r _; kill $!; wait', "sh", *command],
            env=os.environ | {"MOTO_S3_DEFAULT_MAX_KEYS": "100"},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
    made = BucketServer(f"http://127.0.0.1:{port}")
    try:
        _answering(made.address, server, said)
        yield made
    finally:
        assert server.stdin is not None
        server.stdin.close()
        server.wait(PATIENCE)


def _answering(address: str, server: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            httpx.get(address)
        except httpx.TransportError:
            assert server.poll() is None, said.read_text()
            assert time.monotonic() < until, said.read_text()
            time.sleep(0.05)
        else:
            return

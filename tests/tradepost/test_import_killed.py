"""An import whose process is killed in the middle: nothing was changed, and the same command goes on."""

from __future__ import annotations

import subprocess
import sys

from tests.tradepost.test_cli import rows

PROGRAM = """
import asyncio, sys
from pathlib import Path
from core.access import system
from core.exchange import Exchange, Import
from core.settings import load_settings
from tradepost.app import open_kernel

def told(done, total):
    print(done, flush=True)
    sys.stdin.read()  # until it is killed

async def main():
    async with open_kernel(load_settings()) as kernel:
        job = Import("sales.customer", Path(sys.argv[1]), progress=told)
        await Exchange(kernel.reader, kernel.operations).run(system("a test"), job)

asyncio.run(main())
"""


def test_a_killed_import_changed_nothing_and_is_given_again(company, folder):
    file = folder / "customers.csv"
    file.write_text("Name\n" + "".join(f"Customer {number}\n" for number in range(700)), encoding="utf-8")
    before = rows("SELECT max(number) FROM core_entry")
    arguments = (sys.executable, "-c", PROGRAM, str(file))
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "500\n"
        process.kill()
    assert rows("SELECT count(*) FROM sales_customer") == [(0,)]
    assert rows("SELECT count(*) FROM core_import_run") == [(0,)]
    assert rows("SELECT max(number) FROM core_entry") == before
    ended = company("import", "sales.customer", file)
    assert (ended.code, ended.out) == (0, "700 rows: 700 created, 0 updated, 0 unchanged, 0 refused\n")
    assert rows("SELECT count(*) FROM sales_customer") == [(700,)]

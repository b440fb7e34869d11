"""Measure an import: `python -m bench.imports sqlite:///… | postgresql://… [--rows 10000]`, on an empty database.

Imports a CSV file of new customers, then the same file again, when every row is there already and is found by its
natural key. Prints the rows a second by the clock and by the processor time of this process, and the most memory taken.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import resource
import tempfile
import time
from pathlib import Path

from bench.data import Sizes
from bench.run import prepare
from core.access import system
from core.exchange import Exchange, Import
from core.settings import Settings
from tradepost.app import open_kernel
from tradepost.sales import Industry, plugin

COLUMNS = ("name", "industry", "region", "employees", "annual_turnover", "website", "email", "phones")
FEW = Sizes(100, 100, 100, 100)


def write(path: Path, rows: int) -> None:
    """A table of customers that no import has seen before."""
    industries, run = [one.value for one in Industry], time.time_ns()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(rows):
            industry, region = industries[number % len(industries)], f"Region {number % 30}"
            reached = f"https://c{number}.example", f"office{number}@customer.example", f"+1 415 {number:07}"
            name = f"Imported {run} {number:07}"
            writer.writerow([name, industry, region, number % 5_000, f"{number * 7}.50 USD", *reached])


async def measure(settings: Settings, path: Path) -> None:
    """Import the table twice, and print how long it took."""
    await prepare(settings, FEW)
    async with open_kernel(settings, [plugin]) as kernel:
        for what in ("new", "unchanged"):
            wall, processor = time.perf_counter(), time.process_time()
            report = await Exchange(kernel.reader, kernel.operations).run(
                system("bench"), Import("sales.customer", path)
            )
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            if report.refused or report.rows != report.created + report.unchanged:
                raise RuntimeError(str(report.groups))
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            rates = f"{report.rows / wall:7.0f}/s {report.rows / processor:7.0f} per processor second"
            print(f"{what:10} {report.rows:8} rows {rates} {most:5} MB", flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", help="sqlite:///… or postgresql://…")
    parser.add_argument("--rows", type=int, default=10_000)
    told = parser.parse_args()
    data = Path(os.environ.get("TRADEPOST_DATA", tempfile.gettempdir())) / "tradepost-bench"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        write(path, told.rows)
        asyncio.run(measure(Settings(data=data, database_url=told.database), path))


if __name__ == "__main__":
    main()

"""Run the benchmark: `python -m bench.run sqlite:///… | postgresql://…`, on an empty database that it fills.

Prints for each workload the requests a second and the processor time of one, ours and raw, and their ratios. The raw
side sends the very statement that ours sends, through the driver alone, over the same web server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.data import CALLER, Generator, Sizes
from bench.raw import RECORDED
from bench.servers import Measured, measure, serving
from bench.workloads import WORKLOADS, Workload
from core.access import Origin, system
from core.app import Kernel
from core.boot import boot
from core.database import KEY, connect
from core.first_steps import first_steps
from core.migrator import migrate
from core.settings import Settings
from schema.execute import Request
from schema.routes import graphql
from tradepost.app import open_kernel
from tradepost.sales import plugin

POST = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer %s"
local body = %s
local count = 0
request = function()
  count = count + 1
  return wrk.format(nil, "/graphql", nil, (body:gsub("@number@", tostring(count))))
end
response = function(status, headers, answer)
  if answer:find('"errors":[{', 1, true) then print("Non-2xx: " .. answer) end
end
"""
GET = 'wrk.method = "GET"'


async def prepare(settings: Settings, sizes: Sizes) -> None:
    """Migrate and fill an empty database; one that is filled already is left alone."""
    registry = boot([plugin])
    settings.data.mkdir(parents=True, exist_ok=True)
    database = await connect(settings.database, registry)
    try:
        if await migrate(database, registry):
            await first_steps(database, registry, settings)
            await Generator(registry, sizes).fill(database)
            await database.read(KEY, "SELECT 1")
    finally:
        await database.close()


async def record(settings: Settings) -> tuple[str, UUID, Mapping[str, tuple[str, Sequence[object]]]]:
    """A token for the caller, the customer of W3, and the statement that each reading workload sends."""
    async with open_kernel(settings, [plugin]) as kernel:
        user = (await kernel.database.read(KEY, f"SELECT id FROM core_user WHERE login = '{CALLER}'"))[0][0]
        token = await kernel.sign_in.create_token(system("bench"), "bench", user_id=UUID(str(user)))
        caller = await kernel.sign_in.caller_of_token(token, Origin())
        assert caller is not None
        scope = caller.policy.departments[0]
        found = await kernel.database.read(
            KEY, f"SELECT id FROM sales_customer WHERE department_id = '{scope}' LIMIT 1"
        )
        customer = UUID(str(found[0][0]))
        statements = {one.name: await recorded(kernel, caller, one, customer) for one in WORKLOADS if not one.writes}
    return token, customer, statements


async def recorded(kernel: Kernel, caller: Any, workload: Workload, customer: UUID) -> tuple[str, Sequence[object]]:
    """The statement of a workload with its values."""
    sent: list[tuple[str, Sequence[object]]] = []
    read = kernel.database.read

    async def listening(key: Any, sql: str, values: Sequence[object] = ()) -> list[Any]:
        sent.append((sql, values))
        return await read(key, sql, values)

    kernel.database.read = listening  # type: ignore[method-assign]  # the benchmark looks over its shoulder
    try:
        answer = await graphql(kernel).answer(caller, Request(workload.document, variables(workload, customer)))
    finally:
        kernel.database.read = read  # type: ignore[method-assign]
    if b'"errors":[{' in answer.body or len(sent) != 1:
        raise RuntimeError(f"{workload.name} sent {len(sent)} statements: {answer.body[:500]!r}")
    return sent[0]


def variables(workload: Workload, customer: UUID) -> dict[str, object]:
    """The variables of a workload."""
    given = {"W3": {"id": str(customer)}, "W4": {"name": "Customer @number@"}}
    return dict(given.get(workload.name, {}))


def plain(value: object) -> object:
    """A parameter as JSON."""
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    return [str(one) for one in value] if isinstance(value, list) else str(value) if isinstance(value, UUID) else value


def scripts(folder: Path, token: str, customer: UUID) -> dict[str, Path]:
    """The scripts that `wrk` sends."""
    made = {"raw": folder / "raw.lua"}
    made["raw"].write_text(GET, encoding="utf-8")
    for one in WORKLOADS:
        body = json.dumps({"query": one.document, "variables": variables(one, customer)})
        made[one.name] = folder / f"{one.name}.lua"
        made[one.name].write_text(POST % (token, json.dumps(body)), encoding="utf-8")
    return made


def show(workload: Workload, ours: Measured, raw: Measured | None) -> None:
    """One line of the result."""
    line = (
        f"{workload.name} {workload.about:24} ours {ours.rate:8.0f}/s {ours.cpu:6.2f} ms p50 {ours.p50} p99 {ours.p99}"
    )
    if raw is not None:
        ratios = f"rate x{ours.rate / raw.rate:.2f} cpu x{ours.cpu / raw.cpu:.2f}"
        line += f" | raw {raw.rate:8.0f}/s {raw.cpu:6.2f} ms | {ratios}"
    print(line, flush=True)


def run(settings: Settings, seconds: int, connections: int) -> None:
    """Measure every workload on both sides."""
    token, customer, statements = asyncio.run(record(settings))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sent = {one: (sql, [plain(value) for value in values]) for one, (sql, values) in statements.items()}
        (folder / "recorded.json").write_text(
            json.dumps({"url": settings.database, "statements": sent}), encoding="utf-8"
        )
        made = scripts(folder, token, customer)
        ours = {"TRADEPOST_DATA": str(settings.data), "TRADEPOST_DATABASE_URL": settings.database}
        with (
            serving("bench.ours:app", ours, "/healthz") as (port, process),
            serving("bench.raw:app", {RECORDED: str(folder / "recorded.json")}, "/W1") as (raw_port, raw_process),
        ):
            for one in WORKLOADS:
                us = measure(
                    made[one.name],
                    f"http://127.0.0.1:{port}/graphql",
                    process,
                    seconds=seconds,
                    connections=connections,
                )
                raw = None
                if not one.writes:
                    url = f"http://127.0.0.1:{raw_port}/{one.name}"
                    raw = measure(made["raw"], url, raw_process, seconds=seconds, connections=connections)
                show(one, us, raw)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", help="sqlite:///… or postgresql://…")
    parser.add_argument("--scale", type=float, default=1.0, help="of 100,000 customers")
    parser.add_argument("--seconds", type=int, default=5, help="for each measurement")
    parser.add_argument("--connections", type=int, default=16)
    told = parser.parse_args()
    scaled = Sizes(*(int(size * told.scale) for size in (100_000, 250_000, 150_000, 300_000)))
    data = Path(os.environ.get("TRADEPOST_DATA", tempfile.gettempdir())) / "tradepost-bench"
    settings = Settings(data=data, database_url=told.database)
    asyncio.run(prepare(settings, scaled))
    run(settings, told.seconds, told.connections)


if __name__ == "__main__":
    main()

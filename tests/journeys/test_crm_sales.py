"""The example of a real pipeline: `import.sh` on a migrated database, the same figures by every way of asking."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette

from core.access import By, Caller, system
from core.app import Kernel
from core.exchange import Exchange
from core.exporting import Export
from core.settings import Settings, load_settings
from core.users import User
from schema.routes import routes as api
from tests.journeys.crm_figures import Figures, figures_of
from tradepost.app import open_kernel
from tradepost.cluster import once
from tradepost.testing import missing
from ui.routes import routes as pages

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "crm_sales"
PASSWORD = "Tea-Harbour-2026"
SYSTEM = system("a journey")
FILES = ("accounts.csv", "products.csv", "sales_pipeline.csv", "sales_teams.csv")
EXPECTED = Figures(
    stages={"Won": 4_238, "Lost": 2_473, "Engaging": 1_589, "Prospecting": 500},
    won={"": 10_005_534, "Central": 3_346_293, "East": 3_090_594, "West": 3_568_647},
    visible={"melvin.marxen": 1_929, "cara.losch": 964, "director.central": 3_512},
    unnamed=1_425,
    misspelt=1_480,
)
PEOPLE = ("admin", *EXPECTED.visible)

ACCOUNTS = """{
    all: salesCustomers { totalCount }
    unowned: salesCustomers(filter: {ownerIsEmpty: true}) { totalCount }
    subsidiaries: salesCustomers(filter: {parentIsEmpty: false}) { totalCount }
}"""

pytestmark = pytest.mark.requirement("CU-3", "OP-1", "OP-16", "PM-12", "PM-14", "PM-16")


@pytest.fixture(scope="module")
def files() -> Path:
    found = Path(os.environ.get("TRADEPOST_TEST_DATA") or ROOT.parent / "shared" / "data") / "crm_sales"
    if not found.is_dir():
        missing(f"the CRM sales data are not at {found}; set TRADEPOST_TEST_DATA")
    return found


@dataclass(frozen=True)
class Place:
    """A data folder, and the command line that works on it."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return load_settings(data=self.folder / "data", _env_file=None)

    def run(self, *words: str, code: int = 0) -> str:
        """A command, by a program of its own; what it said."""
        program = self.folder / "tradepost"
        if not program.exists():
            program.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'from tradepost.cli import main; main()' \"$@\"\n")
            program.chmod(0o755)
        settings = {
            "PYTHONPATH": str(ROOT),
            "TRADEPOST": str(program),
            "TRADEPOST_DATA": str(self.folder / "data"),
            "TRADEPOST_ADMIN_PASSWORD": PASSWORD,
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRADEPOST")}
        words = words if "/" in words[0] else (str(program), *words)
        done = subprocess.run(words, env=kept | settings, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


def filled(place: Place, example: Path, files: Path) -> Place:
    """A place with all that an example's script brings there."""
    place.folder.mkdir(exist_ok=True)
    place.run("migrate")
    place.run(str(example / "import.sh"), str(files))
    return place


@pytest.fixture(scope="module")
def imported(files: Path, run_folder: Path) -> Place:
    place = Place(run_folder / "crm")
    once(place.folder, lambda: filled(place, EXAMPLE, files))
    return place


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[tuple[Kernel, Mapping[str, httpx.AsyncClient]]]:
    """The kernel, and browsers in which people are signed in."""
    async with open_kernel(place.settings) as kernel:
        app = Starlette(routes=[*api(kernel), *pages(kernel)])
        clients = {}
        for login in PEOPLE:
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://crm.test")
            (user,) = await kernel.reader.records(SYSTEM, User, where=User.login.eq(login))
            await kernel.accounts.set_password(SYSTEM, user.id, PASSWORD)
            token = await kernel.sign_in.create_token(SYSTEM, "journey", user_id=user.id)
            signed = await client.post(
                "/sign-in", data={"login": login, "password": PASSWORD}, headers={"Origin": "http://crm.test"}
            )
            assert signed.status_code == 303, signed.text
            client.headers["Authorization"] = f"Bearer {token}"
            clients[login] = client
        try:
            yield kernel, clients
        finally:
            for client in clients.values():
                await client.aclose()


async def ask(client: httpx.AsyncClient, query: str) -> dict[str, Any]:
    answer = (await client.post("/graphql", json={"query": query})).json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def listed(client: httpx.AsyncClient, address: str) -> tuple[str, str]:
    """How many records a list tells, and its total."""
    page = (await client.get(address)).text
    foot = re.search(r"<tfoot>(.*?)</tfoot>", page, re.DOTALL)
    count = re.search(r"([\d,]+\+?) records?\b", page)
    total = re.search(r"\$([\d,]+)\.00", words(foot[1])) if foot else None
    return count[1] if count else "", total[1] if total else ""


async def stages_of(client: httpx.AsyncClient) -> dict[str, int]:
    query = "{ salesOpportunitiesSummary(groupBy: [{field: STAGE}]) { groups { label } measures { value } } }"
    rows = (await ask(client, query))["salesOpportunitiesSummary"]
    return {row["groups"][0]["label"]: row["measures"][0]["value"] for row in rows}


async def won_of(client: httpx.AsyncClient, region: str) -> str:
    where = f', department: {{name: {{eq: "{region}"}}}}' if region else ""
    query = f"""{{ salesOpportunitiesSummary(
        filter: {{stage: {{kind: {{eq: WON}}}}{where}}}, measures: [{{function: SUM, field: AMOUNT}}]
    ) {{ measures {{ amounts {{ amount currency }} }} }} }}"""
    (row,) = (await ask(client, query))["salesOpportunitiesSummary"]
    (amount,) = row["measures"][0]["amounts"]
    return f"{amount['amount']} {amount['currency']}"


async def count_of(client: httpx.AsyncClient) -> int:
    total = (await ask(client, "{ salesOpportunities { totalCount } }"))["salesOpportunities"]["totalCount"]
    return int(total)


async def test_figures_of_graphql(imported: Place) -> None:
    async with opened(imported) as (_, clients):
        assert await stages_of(clients["admin"]) == EXPECTED.stages
        for region, amount in EXPECTED.won.items():
            assert await won_of(clients["admin"], region) == f"{amount}.00 USD", region
        for login, count in EXPECTED.visible.items():
            assert await count_of(clients[login]) == count, login
        unnamed = "{ salesOpportunities(filter: {customerIsEmpty: true}) { totalCount } }"
        data = await ask(clients["admin"], unnamed)
        assert data["salesOpportunities"]["totalCount"] == EXPECTED.unnamed


async def test_figures_of_lists_boards_and_the_funnel(imported: Place) -> None:
    async with opened(imported) as (_, clients):
        admin = clients["admin"]
        assert await listed(admin, "/sales/opportunities?stage.kind=won") == ("4,238", "10,005,534")
        for login, count in EXPECTED.visible.items():
            assert (await listed(clients[login], "/sales/opportunities"))[0] == f"{count:,}", login
        board = words((await admin.get("/sales/opportunities/board")).text)
        for stage, count in EXPECTED.stages.items():
            assert f"{stage} {count:,}" in board
        assert "Won 4,238 · $10,005,534.00" in board
        home = words((await admin.get("/")).text)
        assert "Prospecting 500 Engaging 1,589" in home


async def test_figures_of_an_export(imported: Place) -> None:
    async with opened(imported) as (kernel, _):
        for login, count in EXPECTED.visible.items():
            (user,) = await kernel.reader.records(SYSTEM, User, where=User.login.eq(login))
            caller = Caller(await kernel.policies.fresh(user.id), By.JOB)
            export = Export("sales.opportunity", columns=("number", "stage.name", "amount", "department.name"))
            blocks = await Exchange(kernel.reader, kernel.operations).export(caller, export)
            rows = list(csv.reader(io.StringIO(b"".join([one async for one in blocks]).decode("utf-8-sig"))))[1:]
            assert len({row[0] for row in rows}) == len(rows) == count
            if login == "director.central":
                won = sum(float(row[2]) for row in rows if row[1] == "Won")
                assert (won, {row[4] for row in rows}) == (EXPECTED.won["Central"], {"Central"})


async def test_accounts_belong_to_nobody_and_are_seen_by_all(imported: Place) -> None:
    async with opened(imported) as (_, clients):
        for login in PEOPLE:
            data = await ask(clients[login], ACCOUNTS)
            assert data["all"]["totalCount"] == data["unowned"]["totalCount"] == 85
            assert data["subsidiaries"]["totalCount"] == 15


def test_a_second_import_changes_nothing_and_says_so(imported: Place, files: Path) -> None:
    told = imported.run(str(EXAMPLE / "import.sh"), str(files))
    assert told.count("Nothing was changed") == 14
    assert "8,800 rows: 0 created, 0 updated, 8,800 unchanged, 0 refused" in told


def test_the_first_dry_run_names_the_product_that_there_is_not(imported: Place, files: Path) -> None:
    mapping = orjson.loads((EXAMPLE / "opportunities.json").read_bytes())
    mapping["fields"]["lines.product.name"] = "product"
    path = imported.folder / "unmapped.json"
    path.write_bytes(orjson.dumps(mapping))
    pipeline = str(files / "sales_pipeline.csv")
    told = imported.run("import", "sales.opportunity", pipeline, "--map", str(path), "--dry-run", code=1)
    told = re.sub(r"\s+", " ", told)
    assert "(1,480 rows): column product 'GTXPro': There is no product GTXPro; perhaps 'GTX Pro' is meant" in told
    assert "8,800 rows: 0 created, 0 updated, 7,320 unchanged, 1,480 refused" in told


async def test_a_variant_of_the_files_agrees_with_a_recomputation(files: Path, tmp_path: Path) -> None:
    source = {name: list(csv.DictReader((files / name).read_text("utf-8").splitlines())) for name in FILES}
    chance = Random(7)
    deals = [row for row in source["sales_pipeline.csv"] if chance.random() < 0.1]
    for row in deals:
        if row["close_value"]:
            row["close_value"] = str(chance.randrange(100_000))
        row["sales_agent"] = chance.choice(source["sales_teams.csv"])["sales_agent"]
    chance.shuffle(deals)
    chance.shuffle(source["accounts.csv"])
    source["sales_pipeline.csv"] = deals
    for name, rows in source.items():
        with (tmp_path / name).open("w", newline="", encoding="utf-16") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
    place = filled(Place(tmp_path), EXAMPLE, tmp_path)
    expected = figures_of(source["sales_pipeline.csv"], source["sales_teams.csv"])
    async with opened(place) as (_, clients):
        assert await stages_of(clients["admin"]) == expected.stages
        for region, amount in expected.won.items():
            assert await won_of(clients["admin"], region) == f"{amount}.00 USD", region
        for login in EXPECTED.visible:
            assert await count_of(clients[login]) == expected.visible[login], login


def test_the_recomputation_agrees_with_the_known_figures(files: Path) -> None:
    deals = list(csv.DictReader((files / "sales_pipeline.csv").read_text("utf-8").splitlines()))
    teams = list(csv.DictReader((files / "sales_teams.csv").read_text("utf-8").splitlines()))
    found = figures_of(deals, teams)
    assert (found.stages, found.won, found.unnamed, found.misspelt) == (
        EXPECTED.stages,
        EXPECTED.won,
        EXPECTED.unnamed,
        EXPECTED.misspelt,
    )
    assert {login: found.visible[login] for login in EXPECTED.visible} == EXPECTED.visible

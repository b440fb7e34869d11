"""A visit: one kind of caller at the real app, in this process; every answer is searched for what he may not see."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import orjson
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from core.access import ANONYMOUS, Caller, Origin, system
from core.app import Kernel
from core.database import KEY, Dialect
from core.registry import ModelSpec
from schema.routes import routes as api
from tests.contract.company import CANARY, ME, Company, Record
from tests.contract.evaluator import Evaluator, Kind
from tests.contract.opened import PASSWORD
from ui.routes import routes as pages

HOST = "http://tradepost.test"
WHOLE = os.environ.get("TRADEPOST_TEST_MATRIX") == "whole"
SHARE = 1 if WHOLE else 3
"""What is asked record by record is asked of one record in so many: see `Visit.asked`."""
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}")
NEXT = re.compile(r'rel="next" href="([^"]+)"')


def routes(kernel: Kernel) -> list[BaseRoute]:
    """All that the app answers."""
    return [*api(kernel), *pages(kernel)]


def has_turn(place: int, kind: Kind, dialect: Dialect) -> bool:
    """Whether a model is asked by a kind of caller on this database: each kind asks each model on one of them."""
    return (place + [*Kind].index(kind) + [*Dialect].index(dialect)) % 2 == 0


@dataclass
class Visit:
    """What one kind of caller asks, and what of it leaked."""

    kernel: Kernel
    company: Company
    kind: Kind
    client: httpx.AsyncClient
    secret: str = ""
    files: Mapping[UUID, UUID] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rights = Evaluator(self.company, self.kind)
        hidden = [one for one in self.company.records.values() if not self.rights.sees(one) and one.id != ME]
        self.hidden = {str(one.id): one for one in hidden} | {one.canary: one for one in hidden if one.canary}

    @property
    def surfaced(self) -> tuple[ModelSpec, ...]:
        """The models of the matrix."""
        return self.kernel.registry.surfaced()

    @property
    def turns(self) -> list[ModelSpec]:
        """The models whose turn it is; with `TRADEPOST_TEST_MATRIX=whole` all of them."""
        dialect = self.kernel.database.dialect
        return [one for place, one in enumerate(self.surfaced) if WHOLE or has_turn(place, self.kind, dialect)]

    def asked(self, spec: ModelSpec) -> list[Record]:
        """The records of a model in slots that are asked for one by one: a third of them.

        It is another third for the next model, the next kind of caller, and the other database, so that every slot
        meets every kind, and every model meets every slot. `TRADEPOST_TEST_MATRIX=whole` asks for all of them.
        """
        turn = (
            [*self.surfaced].index(spec) + 2 * [*Kind].index(self.kind) + [*Dialect].index(self.kernel.database.dialect)
        )
        slots = self.company.slots(spec.label)
        return [one for one in slots if one.slot and (one.slot.value + turn) % SHARE == 0]

    def third(self, several: Sequence[str]) -> Sequence[str]:
        """What shows the same for whoever may see it: a third of it, another one for the next kind of caller."""
        return several[[*Kind].index(self.kind) % SHARE :: SHARE]

    async def caller(self) -> Caller:
        """Who the kernel takes him for."""
        known = self.kernel.sign_in
        if not self.secret:
            return ANONYMOUS
        asked = known.caller_of_token if self.kind is Kind.TOKEN else known.caller_of_session
        found = await asked(self.secret, Origin())
        assert found is not None
        return found

    async def get(self, address: str) -> httpx.Response:
        """A page."""
        return self.searched(address, "", await self.client.get(address))

    async def post(
        self, address: str, form: Mapping[str, Any], files: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """A form that was sent."""
        sent = await self.client.post(address, data=dict(form), files=files, headers={"Origin": HOST})
        return self.searched(address, str(form), sent)

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer of GraphQL."""
        bearer = self.kind is Kind.TOKEN
        headers = {"Authorization": f"Bearer {self.secret}"} if bearer else {"Origin": HOST}
        sent = await self.client.post("/graphql", json={"query": query, "variables": variables or {}}, headers=headers)
        asked = f"{query} {variables}" if variables else query
        answer: dict[str, Any] = orjson.loads(self.searched("/graphql", asked, sent).content)
        codes = {one["extensions"]["code"] for one in answer.get("errors", ())}
        assert "bad_query" not in codes, answer
        assert "graphql_validation" not in codes, answer
        return answer

    async def data(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The data of GraphQL's answer; nothing where the caller was refused, and for nothing else."""
        answer = await self.ask(query, variables)
        if answer.get("errors"):
            code = answer["errors"][0]["extensions"]["code"]
            wanted = {Kind.ANONYMOUS: "unauthenticated", Kind.NO_RIGHTS: "forbidden"}.get(self.kind)
            assert code == wanted, answer["errors"]
        return answer.get("data") or {}

    async def every_page(self, address: str) -> str:
        """A list with all the pages behind it."""
        text = ""
        while address:
            response = await self.get(address)
            text += response.text if response.status_code == 200 else ""
            following = NEXT.search(response.text)
            address = following[1].replace("&amp;", "&") if following else ""
        return text

    def searched(self, address: str, sent: str, response: httpx.Response) -> httpx.Response:
        """Note what is in an answer of records that the caller may not see, and did not name himself."""
        asked = address + sent
        text = response.text + str(response.headers)
        for found in {*UUIDS.findall(text), *CANARY.findall(text)}:
            if found in self.hidden and found not in asked:
                one = self.hidden[found]
                self.leaks.append(f"{address} {sent[:60]} tells {one.label} {one.slot}: {found}")
        return response


def rows_in(text: str, spec: ModelSpec) -> set[UUID]:
    """The records of a model that a list shows."""
    return {UUID(one) for one in re.findall(rf'data-row="{spec.path}/([0-9a-f-]{{36}})"', text)}


def links_in(text: str, spec: ModelSpec) -> set[UUID]:
    """The records of a model that a page leads to."""
    return {UUID(one) for one in re.findall(rf'href="{spec.path}/([0-9a-f-]{{36}})"', text)}


@asynccontextmanager
async def visit(kernel: Kernel, company: Company, kind: Kind) -> AsyncIterator[Visit]:
    """Sign in and look around."""
    transport = httpx.ASGITransport(app=Starlette(routes=routes(kernel)), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
        secret = ""
        if kind is Kind.TOKEN:
            secret = await kernel.sign_in.create_token(system("the matrix"), "matrix", user_id=ME, read_only=True)
        elif kind is not Kind.ANONYMOUS:
            login = next(row["login"] for row in company.rows["core.user"] if row["id"] == ME)
            secret, _ = await kernel.sign_in.sign_in(login, PASSWORD, Origin())
            client.cookies.set(kernel.settings.session_cookie("http"), secret)
        yield Visit(kernel, company, kind, client, secret, await _files(kernel))


async def _files(kernel: Kernel) -> dict[UUID, UUID]:
    """The file that is attached to each record."""
    rows = await kernel.database.read(KEY, "SELECT record, id FROM core_file")
    return {UUID(record): UUID(str(one)) for record, one in rows}


def stated(rows: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The nodes of a connection; none where there was no answer."""
    return list(rows["nodes"]) if rows else []

"""How many statements every page and every kind of question takes: exactly so many, for one record as for twenty.

`TRADEPOST_WRITE_BUDGETS=1` writes what is measured into `queries.json`, to be read in the difference of the commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from core.database import Dialect
from core.registry import ModelSpec, camel
from tests.contract.reading import plural, stem
from tests.contract.visits import Visit

BUDGETS = Path(__file__).with_name("queries.json")
WRITE = "TRADEPOST_WRITE_BUDGETS"


def questions(visit: Visit) -> dict[str, str]:
    """A question of each kind for every model, by what stands in the file."""
    found = {"me": "{ me { id login permissions { name } } }"}
    for spec in visit.surfaced:
        record, nested = visit.company.of(spec.label)[-1].id, _nested(visit, spec)
        found |= {
            f"one {stem(spec)}": f'{{ {stem(spec)}(id: "{record}") {{ id }} }}',
            f"list {plural(spec)}": f"{{ {plural(spec)}(first: 50) {{ nodes {{ id {nested} }} totalCount }} }}",
            f"summary {plural(spec)}": f"{{ {plural(spec)}Summary {{ measures {{ value }} }} }}",
            f"node {stem(spec)}": f'{{ node(id: "{record}") {{ id ... on {spec.type_name} {{ version }} }} }}',
        }
    return found


def _nested(visit: Visit, spec: ModelSpec) -> str:
    """Every link and every list of linked records, one level deep."""
    shown = {one.label for one in visit.surfaced}
    links = [f"{camel(name)} {{ id }}" for name, one in spec.links.items() if one.target in shown]
    backs = [
        f"{camel(name)}(first: 20) {{ nodes {{ id }} }}" for name, one in spec.backs.items() if one.source in shown
    ]
    return " ".join((*links, *backs))


def pages(visit: Visit) -> dict[str, str]:
    """The pages of every model, by what stands in the file."""
    found = {"/": "/", "/search": "/search?q=person", "/settings": "/settings", "/bin": "/bin"}
    for spec in visit.surfaced:
        record = visit.company.of(spec.label)[-1].id
        tails = ["", "/new", "/{id}", "/filters", "/columns", "/export", "/import"]
        tails += [] if spec.meta.append_only else ["/{id}/edit"]
        tails += ["/board"] if spec.resource.board else []
        found |= {f"{spec.path}{tail}": f"{spec.path}{tail}".replace("{id}", str(record)) for tail in tails}
    return found


async def counted(visit: Visit, ask: Callable[[], Awaitable[object]], known: int | None) -> int:
    """The statements once statements are compiled and credentials remembered.

    Now and then a request does more, once a minute it notes that the session is in use: more than is known is counted
    again.
    """
    await ask()
    count = await _once(visit, ask)
    return count if count == known else min(count, await _once(visit, ask))


async def _once(visit: Visit, ask: Callable[[], Awaitable[object]]) -> int:
    sent: list[str] = []
    visit.kernel.database.listeners.append(sent.append)
    await ask()
    visit.kernel.database.listeners.remove(sent.append)
    return len(sent)


async def measured(visit: Visit) -> dict[str, int]:
    """What everything takes."""
    found: dict[str, int] = {}
    known: dict[str, int] = json.loads(BUDGETS.read_text())
    for name, address in pages(visit).items():

        async def page(address: str = address) -> None:
            assert (await visit.get(address)).status_code == 200, address

        found[f"page {name}"] = await counted(visit, page, known.get(f"page {name}"))
    for name, question in questions(visit).items():

        async def answer(question: str = question) -> None:
            assert "errors" not in await visit.ask(question), question

        found[f"GraphQL {name}"] = await counted(visit, answer, known.get(f"GraphQL {name}"))
    return found


async def test_everything_takes_exactly_its_statements_for_one_record_as_for_twenty(
    visiting: Visit, dialect: Dialect, count: int
):
    found = await measured(visiting)
    if os.environ.get(WRITE) and dialect is Dialect.SQLITE and count == 1:
        BUDGETS.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    assert found == json.loads(BUDGETS.read_text())


def test_a_planned_read_takes_one_statement():
    budgets = json.loads(BUDGETS.read_text())
    planned = {name: one for name, one in budgets.items() if name.startswith("GraphQL ")}
    assert planned.pop("GraphQL me") <= 1
    assert {*planned.values()} == {1}

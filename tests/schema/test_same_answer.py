from __future__ import annotations

import asyncio
import re
from random import Random
from typing import Any

import orjson
import pytest
from graphql import (
    ArgumentNode,
    NameNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    value_from_ast_untyped,
    visit,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.access import Caller
from core.database import Database
from core.reading import Reader
from core.registry import Registry
from schema.assemble import Schema
from schema.context import Doors
from schema.documents import Limits
from schema.execute import GraphQL, Request
from tests.schema.plain import Plain
from tests.schema.questions import CURSOR, Questions
from tests.schema.world import World, callers, fill, world

TOO_DEEP = "This asks for more lists, conditions or values at once than the database takes; ask in steps"
LIMITS = Limits(depth=30, tokens=20_000, aliases=500, roots=20, cost=10_000_000)


@pytest.fixture(scope="module")
def rows() -> World:
    return world()


@pytest.fixture
async def graphql(database: Database, registry: Registry, schema: Schema, rows: World) -> GraphQL:
    await fill(database, registry, rows)
    reader = Reader(registry, database, None)  # type: ignore[arg-type]  # callers of the system need no fresh policy
    return GraphQL(schema, Doors(reader, None, None, None), LIMITS)  # type: ignore[arg-type]  # nothing is written here


def cursors_as_ids(value: Any) -> Any:
    """An answer with each cursor replaced by the id that it ends with."""
    if isinstance(value, dict):
        return {key: cursors_as_ids(one) for key, one in value.items()}
    if isinstance(value, list):
        return [cursors_as_ids(one) for one in value]
    if isinstance(value, str) and re.fullmatch(r"5b[0-9a-f]{40,}", value):
        return orjson.loads(bytes.fromhex(value))[-1]
    return value


async def ask(graphql: GraphQL, caller: Caller, text: str) -> dict[str, Any] | None:
    """The data of an answer; `None` where SQLite's parser refuses the nesting."""
    answer: dict[str, Any] = orjson.loads((await graphql.answer(caller, Request(text))).body)
    if [one["message"] for one in answer.get("errors", ())] == [TOO_DEEP]:
        return None
    assert "errors" not in answer, (text, answer["errors"])
    data: dict[str, Any] = answer["data"]
    return data


class Lifting(Visitor):
    """Turns every argument into a variable."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.values: dict[str, Any] = {}
        self.declared: list[str] = []

    def enter_argument(self, node: ArgumentNode, *_: object) -> ArgumentNode | None:
        if self.types.get_directive():
            return None
        name = f"v{len(self.values)}"
        self.values[name] = value_from_ast_untyped(node.value)
        self.declared.append(f"${name}: {self.types.get_input_type()}")
        return ArgumentNode(name=node.name, value=VariableNode(name=NameNode(value=name)))


def lifted(schema: Schema, text: str) -> Request:
    """The same question with all its arguments as variables."""
    types = TypeInfo(schema.core)
    lifting = Lifting(types)
    document = visit(parse(text, no_location=True), TypeInfoVisitor(types, lifting))
    head = f"query ({', '.join(lifting.declared)}) " if lifting.declared else ""
    return Request(head + print_ast(document), lifting.values)


async def cursor(graphql: GraphQL, caller: Caller, questions: Questions) -> str | None:
    """A cursor of the list that a document pages through; `None` when it is empty."""
    answer = await ask(graphql, caller, questions.paged)
    edges = next(iter(answer.values()))["edges"] if answer else []
    return str(questions.random.choice(edges)["cursor"]) if edges else None


async def test_random_documents_have_the_same_answer_on_both_paths(
    graphql: GraphQL, registry: Registry, schema: Schema, rows: World, statements: list[str]
) -> None:
    plain = Plain(registry, schema.sdl, rows)
    loop = asyncio.get_running_loop()
    counted = {"documents": 0, "planned": 0}

    async def compare(random: Random, name: str) -> None:
        questions = Questions(registry, schema.catalogue, rows, random)
        text, caller = questions.document(), callers()[name]
        if questions.paged:
            found = await cursor(graphql, caller, questions)
            text = text.replace(CURSOR, found) if found else re.sub(r' (after|before): "\$CURSOR\$"', "", text)
        statements.clear()
        counted["documents"] += 1
        answer = await ask(graphql, caller, text)
        if answer is None:
            return
        counted["planned"] += len(statements) == 1
        assert cursors_as_ids(answer) == plain.answer(caller, text), text
        assert orjson.loads((await graphql.answer(caller, lifted(schema, text))).body) == {"data": answer}, text

    @settings(max_examples=100, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False), st.sampled_from(sorted(callers())))
    def run(random: Random, name: str) -> None:
        asyncio.run_coroutine_threadsafe(compare(random, name), loop).result()

    await asyncio.to_thread(run)
    assert counted["planned"] >= counted["documents"] * 0.95

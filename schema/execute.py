"""Answering a request: the planned path for queries, graphql-core's for introspection and mutations."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import ExecutionResult, execute
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues

from core.access import By, Caller
from core.errors import BadQuery, TradepostError, Unauthenticated
from core.kept import Kept
from core.query import Read
from schema.assemble import Schema
from schema.context import Context, Doors
from schema.documents import Document, Invalid, Limits, document
from schema.envelope import TIMEOUT, fault, internal, shown
from schema.finishing import Setting
from schema.payloads import Asked, Finished
from schema.plan import Bounds, Plan, Planner

LONGEST_KEPT = 16_384
MOST_KEPT_VALUES = 500
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A response's body; `executed` tells an answer with data (perhaps null) from a request that was refused."""

    body: bytes
    executed: bool = True
    code: str = ""


class _Passing(Executor[None]):
    """graphql-core's executor, which sends finished values as they are."""

    def complete_value(self, return_type: Any, *rest: Any, **named: Any) -> Any:
        """The value in its final form."""
        result = named["result"] if "result" in named else rest[3]
        if isinstance(result, Finished):
            return result.value
        return super().complete_value(return_type, *rest, **named)


class GraphQL:
    """Answers GraphQL requests for one schema."""

    def __init__(self, schema: Schema, doors: Doors, limits: Limits) -> None:
        self.schema = schema
        self.doors = doors
        self.limits = limits
        self._documents: Kept[object, Document] = Kept(500)
        self._plans: Kept[object, Plan] = Kept(1_000)
        self._payloads: Kept[object, Asked] = Kept(500)
        self._introspections: Kept[object, Answer] = Kept(16)

    async def answer(self, caller: Caller, request: Request, *, changes: bool = True) -> Answer:
        """The response to a request; with `changes` false a mutation is refused."""
        request_id = caller.origin.request
        try:
            async with asyncio.timeout(self.limits.seconds):
                return await self._answer(caller, request, changes=changes)
        except (TradepostError, TimeoutError) as refusal:
            return refusal_of(refusal, request_id)
        except Exception:
            log.exception("The GraphQL request %s failed", request_id)
            return refused([fault(request_id)], "internal", executed=True)

    async def _answer(self, caller: Caller, request: Request, *, changes: bool) -> Answer:
        if caller.by is By.ANONYMOUS:
            raise Unauthenticated
        found = self.document(request)
        if found.changes and not changes:
            return refused(
                [{"message": "A GET request changes nothing; use POST", "extensions": {"code": "get_changes"}}],
                "get_changes",
            )
        if found.follows:
            raise BadQuery("A subscription is asked for by WebSocket, or with Accept: text/event-stream")
        variables = found.coerced(self.schema.core, request.variables)
        if found.changes:
            return await self._execute(caller, found, request, variables, None)
        if found.only_introspects and not variables.coerced:
            return await self._introspected(caller, found, request, variables)
        plan = self._plan(found, request, variables)
        values = plan.values({**variables.coerced, "#caller": caller.user_id}) if plan.recipes else []
        if plan.read.roots and not plan.finishes and not found.introspects:
            return Answer(b'{"data":' + await self.doors.reader.answer(caller, plan.read, values) + b"}")
        data, caller = await self.finished(caller, plan, values)
        if found.introspects:
            return await self._execute(caller, found, request, variables, data)
        return Answer(orjson.dumps({"data": data}))

    async def _introspected(
        self, caller: Caller, found: Document, request: Request, variables: VariableValues
    ) -> Answer:
        """The schema described, the same for everybody; made once, since a whole one takes a third of a second."""
        await self.doors.reader.answer_now(caller, Read(()))  # whether the session or token still holds
        key = (request.query, request.operation)
        kept = self._introspections.get(key)
        if kept is None:
            kept = self._introspections[key] = await self._execute(caller, found, request, variables, {})
        return kept

    def document(self, request: Request) -> Document:
        """The document of a request, from the cache where it was sent before."""
        key = (request.query, request.operation)
        kept = self._documents.get(key)
        if kept is None:
            kept = document(self.schema.core, request.query, request.operation, self.limits)
            if len(request.query) <= LONGEST_KEPT:
                self._documents[key] = kept
        return kept

    def _plan(self, found: Document, request: Request, variables: VariableValues) -> Plan:
        """The plan of a query, from the cache where its document met variables of this shape before."""
        key = (request.query, request.operation, found.shape(variables.coerced))
        kept = self._plans.get(key)
        if kept is None:
            kept = self.planner(found, variables).query(found.operation)
            if len(request.query) <= LONGEST_KEPT and len(kept.recipes) <= MOST_KEPT_VALUES:
                self._plans[key] = kept
        return kept

    def planner(self, found: Document, variables: VariableValues) -> Planner:
        """What plans an operation with variables of this shape."""
        bounds = Bounds(self.limits.page, self.limits.cost)
        return Planner(self.schema.catalogue, self.schema.core, found.fragments, found.marked(variables), bounds)

    async def finished(self, caller: Caller, plan: Plan, values: list[object]) -> tuple[dict[str, Any], Caller]:
        """The data of a plan that Python has a part in, and the caller with the rights that he turned out to have."""
        answered, caller = await self.doors.reader.answer_now(caller, plan.read, values)
        answer = orjson.loads(answered)
        doors = self.doors
        setting = Setting(doors.reader, doors.finder, caller, values, doors.explanations, doors.options)
        data: dict[str, Any] = {}
        for key in plan.keys:
            finish = plan.finishes.get(key)
            data[key] = await finish.value(setting, answer, key) if finish else answer[key]
        return data, caller

    async def _execute(
        self,
        caller: Caller,
        found: Document,
        request: Request,
        variables: VariableValues,
        data: Mapping[str, Any] | None,
    ) -> Answer:
        """Introspection and mutations; `data` holds what the plan has read for the other fields."""
        root = {key: Finished(value) for key, value in data.items()} if data is not None else None
        shape = found.shape(variables.coerced) if found.changes else ()

        def kept(field: str, make: Callable[[], Asked]) -> Asked:
            key = (request.query, request.operation, shape, field)
            asked = self._payloads.get(key)
            if asked is None:
                asked = make()
                if len(request.query) <= LONGEST_KEPT and len(asked.recipes) <= MOST_KEPT_VALUES:
                    self._payloads[key] = asked
            return asked

        context = Context(caller, self.doors, variables.coerced, lambda: self.planner(found, variables), kept)
        result = execute(
            self.schema.core,
            found.node,
            root_value=root,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation,
            executor_class=_Passing,
            hide_suggestions=True,
        )
        if inspect.isawaitable(result):
            result = await result
        return self._told(result, caller.origin.request)

    def _told(self, result: ExecutionResult, request_id: str) -> Answer:
        body: dict[str, Any] = {"data": result.data}
        errors = result.errors or []
        for error in errors:
            if error.path and internal(error.original_error):
                log.error("A field of the GraphQL request %s failed", request_id, exc_info=error.original_error)
        if errors:
            body["errors"] = [shown(error, request_id) for error in errors]
        return Answer(orjson.dumps(body, default=str))


def refusal_of(refusal: TradepostError | TimeoutError, request_id: str) -> Answer:
    """What is answered where something was refused, or took too long."""
    if isinstance(refusal, TimeoutError):
        return refused([TIMEOUT], "timeout", executed=True)
    if isinstance(refusal, Invalid):
        return refused([shown(one, request_id) for one in refusal.errors], refusal.code)
    if internal(refusal):
        log.error("The GraphQL request %s failed", request_id, exc_info=refusal)
        return refused([fault(request_id)], "internal", executed=True)
    executed = refusal.code not in ("bad_query", "unknown_field", "unauthenticated")
    return refused([shown(refusal, request_id)], refusal.code, executed=executed)


def refused(errors: list[dict[str, Any]], code: str, *, executed: bool = False) -> Answer:
    """A response without data; one that began to execute says that the data is null."""
    body: dict[str, Any] = {"errors": errors}
    if executed:
        body = {"data": None, **body}
    return Answer(orjson.dumps(body), executed, code)

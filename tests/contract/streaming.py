"""The surface that tells: what a subscription says of the records of a model, and what it ought to say."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any
from uuid import UUID

import httpx
import orjson

from core.registry import ModelSpec, camel
from schema.execute import Request
from schema.renewing import Renewed
from schema.routes import graphql
from schema.subscribing import Subscriptions
from tests.contract.visits import Visit


async def subscription(visit: Visit, spec: ModelSpec) -> set[Any]:
    """The records that are told when all of them have changed, until there is no more to tell."""
    query = f"subscription {{ all: {camel(f'{spec.plugin}_{spec.name}')}Changed {{ id }} }}"
    found: set[Any] = set()
    asked = Subscriptions(Renewed(visit.kernel, graphql)).stream(await visit.caller(), Request(query))
    async with aclosing(asked) as answers:
        first = await anext(answers)
        if first is not None:
            assert first.code in ("unauthenticated", "forbidden"), first
            return found
        visit.kernel.hub.publish({spec.label: [one.id for one in visit.company.slots(spec.label)]})
        while (answer := await anext(answers)) is not None:
            visit.searched("subscription", query, httpx.Response(200, content=answer.body))
            found |= {UUID(one["id"]) for one in (orjson.loads(answer.body)["data"] or {"all": []})["all"]}
    return found


def told(visit: Visit, spec: ModelSpec) -> set[Any]:
    """Those that he sees, archived or not."""
    return {one.id for one in visit.company.slots(spec.label) if visit.rights.sees(one)}

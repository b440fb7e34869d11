"""The mutation that changes many records at once, and shows first what it would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from core.editing import Edit, Edited
from core.errors import BadQuery
from core.registry import camel
from schema import words
from schema.asking import Asking, identity
from schema.catalogue import Surface
from schema.context import Context
from schema.declare import argument, field
from schema.inputs import raw
from schema.mutations import Mutation
from schema.payloads import Outcome
from schema.types import Types, writable
from schema.variables import Slots


def edits(types: Types) -> dict[str, Mutation]:
    """A mutation for each model that has something to write and may be changed."""
    surfaces = types.catalogue.surfaces.values()
    able = [one for one in surfaces if writable(one) and not one.spec.meta.append_only]
    return {f"{one.stem}UpdateMany": _edit(types, one) for one in able}


def _edit(types: Types, surface: Surface) -> Mutation:
    fields, humans = writable(surface), surface.spec.humans.lower()

    async def work(context: Context, given: Mapping[str, Any]) -> Outcome:
        ids, where = given.get("ids"), given.get("filter")
        if (ids is None) == (where is None):
            raise BadQuery("Give either ids or filter")
        job = Edit(
            surface.spec.model,
            raw(fields, given["input"]),
            [identity(one) for one in ids or ()],
            None if where is None else Asking(types.catalogue, Slots(), 0).condition(surface, where),
            leave=given["leave"],
            preview=given["preview"],
            seen=given["seen"],
        )
        return _told(context, await context.operations.update_many(context.caller, job))

    arguments = [
        argument("ids", list[strawberry.ID] | None, "Which records: those with these ids"),
        argument("filter", types.named[f"{surface.name}Filter"] | None, "or all that it finds in sight"),
        argument("input", types.named[f"{surface.name}UpdateInput"], "What all of them are to have"),
        argument("leave", bool, "Leave out what is refused; else one refusal stops all", default=False),
        argument("preview", bool, "Only tell what would happen", default=False),
        argument("seen", str, "The mark of a preview; what differs from it by now is refused", default=""),
    ]
    made = field(words.EditPayload | None, f"Change several {humans} at once, all or none", arguments)
    return Mutation(surface, "EditPayload", made, work)


def _told(context: Context, report: Edited) -> Outcome:
    figures = {name: getattr(report, name) for name in ("written", "changed", "same", "refused", "mark")}
    examples = [
        {
            "id": str(one.record),
            "title": one.title,
            "changes": {camel(name): [*both] for name, both in one.changes.items()},
        }
        for one in report.examples
    ]
    kept = [
        {"id": str(one.record), "title": one.title, "message": " ".join(map(context.message, one.problems))}
        for one in report.kept
    ]
    return Outcome(tuple(report.ids), facts={**figures, "examples": examples, "kept": kept})

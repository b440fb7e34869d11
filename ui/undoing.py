"""Taking back: what was done a moment ago, from the message that told of it; one change, from a record's history."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from core.changes import json_form
from core.errors import Conflict, NotFound, Refused
from core.registry import ModelSpec
from ui.cells import address
from ui.requests import page_of, problem
from ui.visitor import Visitor


async def undo(visitor: Visitor) -> Response:
    """Take back what one request of the visitor did."""
    form = await visitor.form()
    try:
        request = str(UUID(str(form.get("id", ""))))
    except ValueError:
        raise NotFound from None
    undone = await visitor.site.kernel.operations.undo(visitor.caller, request)
    count = visitor.ngettext("%(shown)s record is as it was", "%(shown)s records are as they were", len(undone.ids))
    return visitor.goto(page_of(visitor.request) or visitor.site.spec(undone.model).path, count)


async def revert(visitor: Visitor, spec: ModelSpec) -> Response:
    """Put back what one change of a record's history changed."""
    number = str((await visitor.form()).get("number", ""))
    if not (number.isascii() and number.isdigit()):
        raise NotFound
    record = visitor.id()
    try:
        await visitor.site.kernel.operations.revert(visitor.caller, spec.model, record, int(number))
    except Conflict as conflict:
        return problem(visitor, 409, _both(visitor, spec, conflict))
    except Refused as refusal:
        return problem(visitor, 422, visitor.explain(refusal, spec))
    back = address(spec, record) + visitor.led
    return visitor.done(back, visitor.gettext("This change was taken back"))


def _both(visitor: Visitor, spec: ModelSpec, conflict: Conflict) -> list[str]:
    """What the fields hold by now; nobody's change is taken back unseen."""
    hidden = visitor.caller.policy.hidden
    names = [name for name in conflict.theirs if f"{spec.label}.{name}" not in hidden]
    return [
        visitor.gettext(
            "%(field)s was changed again since, to %(value)s. Nothing was taken back.",
            field=visitor.label(spec, one),
            value=_now(visitor, spec, one, conflict),
        )
        for one in names
    ]


def _now(visitor: Visitor, spec: ModelSpec, name: str, conflict: Conflict) -> str:
    field, value = spec.fields[name], conflict.theirs[name]
    if value is None:
        return "–"
    return "…" if field.target else visitor.shower(spec).plain(field, json_form(value))

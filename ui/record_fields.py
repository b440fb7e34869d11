"""One field of a record at a time: changed where it stands, in a list or on the record's page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.responses import Response

from core.errors import NotFound
from core.registry import ModelSpec
from ui.cells import Cell, address
from ui.columns import changeable
from ui.forms import Control, asked_of, with_errors, written_value
from ui.record_forms import OVERTAKEN, SAVED, Draft, former, sent, with_candidates
from ui.records import read_record
from ui.visitor import Visitor


@dataclass(frozen=True)
class FieldForm:
    """A field that is being changed, what it `was`, and what somebody else made of it meanwhile: `theirs`."""

    control: Control
    version: int
    record: str
    title: str
    action: str
    was: tuple[str, str]
    others: tuple[str, ...] = ()
    theirs: Cell | None = None


async def show_field(visitor: Visitor, spec: ModelSpec) -> Response:
    """The form of one field."""
    name = _named(visitor, spec)
    row = await read_record(visitor, spec, related=False)
    written = {name: written_value(visitor, spec.fields[name], row.get(name))}
    return _draw(visitor, Draft(spec, written, row, row["version"]), name)


async def change_field(visitor: Visitor, spec: ModelSpec) -> Response:
    """Change one field; the answer to a part of a page is the value as it is now."""
    name = _named(visitor, spec)
    draft, status = await sent(visitor, spec, name)
    if status != SAVED:
        form = await visitor.form()
        return _draw(visitor, draft, name, status, None if status == OVERTAKEN else former(form))
    if not visitor.scripted:
        return visitor.done(address(spec, visitor.id()) + visitor.led, visitor.gettext("Saved"))
    row = await read_record(visitor, spec, related=False)
    return visitor.page("field.html", block="value", cell=visitor.shower(spec).at(spec, name, row))


def _named(visitor: Visitor, spec: ModelSpec) -> str:
    visitor.caller.require(visitor.site.registry.permission(spec, "update"))
    name: str = visitor.request.path_params["field"]
    if name not in changeable(spec, visitor.caller):
        raise NotFound
    return name


def _draw(visitor: Visitor, draft: Draft, name: str, status: int = 200, was: tuple[str, str] | None = None) -> Response:
    spec, row = draft.spec, draft.row or {}
    control = asked_of(visitor, spec, (name,)).control(name, draft.written.get(name, ("", "")))
    (control,) = with_errors((with_candidates(draft, control),), draft.errors)
    record = address(spec, visitor.id())
    form = FieldForm(
        control=replace(control, wide=False),
        version=draft.version,
        record=f"{record}{visitor.led}",
        title=visitor.shower(spec).title(spec, row),
        action=f"{record}/set/{name}{visitor.led}",
        was=was or written_value(visitor, spec.fields[name], row.get(name)),
        others=draft.others,
        theirs=visitor.shower(spec).at(spec, name, row) if status == OVERTAKEN else None,
    )
    return visitor.page("field.html", block="form", status=status, spec=spec, form=form, humans=visitor.humans(spec))

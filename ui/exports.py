"""Exporting a list: what is in it now, or the selected records, as CSV or a workbook."""

from __future__ import annotations

from urllib.parse import parse_qsl
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from core.conditions import bound
from core.errors import NotFound
from core.exporting import Export, Format
from core.registry import ModelSpec
from ui.filters import ListState, Narrowing, orders, read_state
from ui.forms import one_id
from ui.lists import chosen_columns
from ui.visitor import Visitor

MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def show_export(visitor: Visitor, spec: ModelSpec) -> Response:
    """What is to be exported, and how."""
    visitor.caller.require(visitor.site.registry.permission(spec, "export"))
    pairs = visitor.request.query_params.multi_items()
    state = read_state((name, value) for name, value in pairs if name != "id").paged()
    return visitor.page(
        "export.html",
        spec=spec,
        humans=visitor.humans(spec),
        ids=[value for name, value in pairs if name == "id"],
        query=state.query,
        filtered=bool(state.filters or state.text),
    )


async def export(visitor: Visitor, spec: ModelSpec) -> Response:
    """The file."""
    form = await visitor.form()
    state = read_state(parse_qsl(str(form.get("query", "")))).paged()
    ids = tuple(_id(str(one)) for one in form.getlist("id"))
    wanted = Format.XLSX if form.get("format") == "xlsx" else Format.CSV
    narrowing = Narrowing(visitor.site.registry, visitor.caller, visitor.company.currency)
    where = bound(narrowing.where(spec, state), narrowing.values)
    columns = await _columns(visitor, spec, state) if form.get("columns") == "shown" else ()
    asked = Export(
        spec.label,
        where,
        ids or None,
        columns,
        orders(visitor.site.registry, spec, state, visitor.caller) if state.sort else (),
    )
    blocks = await visitor.site.exchange.export(visitor.caller, asked, wanted)
    headers = {"Content-Disposition": f'attachment; filename="{spec.plural}.{wanted.value}"'}
    return StreamingResponse(blocks, media_type=MEDIA[wanted], headers=headers)


async def _columns(visitor: Visitor, spec: ModelSpec, state: ListState) -> tuple[str, ...]:
    views = await visitor.site.kernel.views.of(visitor.caller, spec)
    return chosen_columns(visitor, spec, state, views)


def _id(text: str) -> UUID:
    found = one_id(text)
    if found is None:
        raise NotFound
    return found

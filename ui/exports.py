"""Exporting a list: what it shows, or all fields; what is in it now, or the selected records; as CSV or a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.responses import FileResponse, Response, StreamingResponse

from core.conditions import bound
from core.errors import NotFound, TooLarge
from core.exporting import Export, Format
from core.registry import ModelSpec
from core.workbooks import LARGEST_SHEET
from ui.export_desk import ExportJob
from ui.filters import ListState, Narrowing, orders, read_state
from ui.forms import one_id
from ui.lists import chosen_columns
from ui.visitor import Visitor

MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ALL = "all"
LONG = 20_000
"""Records that are written while one waits; more take a page with their progress."""


@dataclass(frozen=True)
class Asked:
    """What is to be exported: the list as its address states it or some records of it, with which columns, as what."""

    spec: ModelSpec
    state: ListState
    ids: tuple[str, ...] = ()
    everything: bool = False
    form: Format = Format.CSV


async def show_export(visitor: Visitor, spec: ModelSpec) -> Response:
    """What is to be exported, and how."""
    visitor.caller.require(visitor.site.registry.permission(spec, "export"))
    pairs = visitor.request.query_params.multi_items()
    state = read_state((name, value) for name, value in pairs if name != "id").paged()
    return await _page(visitor, Asked(spec, state, tuple(value for name, value in pairs if name == "id")))


async def _page(visitor: Visitor, asked: Asked, problems: Sequence[str] = (), status: int = 200) -> Response:
    spec, state = asked.spec, asked.state
    wanted = _export(visitor, asked, shown := await _columns(visitor, spec, state))
    count = await visitor.site.exchange.count(visitor.caller, wanted)
    return visitor.page(
        "export.html",
        status=status,
        spec=spec,
        humans=visitor.humans(spec),
        asked=asked,
        query=state.query,
        filtered=bool(state.filters or state.text),
        shown=[visitor.label(spec, path) for path in shown],
        count=visitor.ngettext("%(shown)s record", "%(shown)s records", count),
        too_many=count > LARGEST_SHEET,
        most=visitor.formats.number(LARGEST_SHEET),
        problems=problems,
    )


async def export(visitor: Visitor, spec: ModelSpec) -> Response:
    """The file."""
    form = await visitor.form()
    state = read_state(parse_qsl(str(form.get("query", "")))).paged()
    ids = tuple(str(one) for one in form.getlist("id"))
    kind = Format.XLSX if form.get("format") == "xlsx" else Format.CSV
    asked = Asked(spec, state, ids, form.get("columns", ALL) == ALL, kind)
    wanted = _export(visitor, asked, await _columns(visitor, spec, state))
    file = f"{spec.plural}.{kind.value}"
    exchange, desk = visitor.site.exchange, visitor.site.exports
    count = await exchange.count(visitor.caller, wanted)
    try:
        if count > LONG:
            job = desk.new(visitor.caller, spec.label, file, state.query, count)
            told = replace(wanted, progress=partial(desk.tell, job))
            desk.begin(job, await exchange.export(visitor.caller, told, kind))
            return visitor.goto(f"{spec.path}/export/{job.id}")
        blocks = await exchange.export(visitor.caller, wanted, kind)
    except TooLarge as refusal:
        return await _page(visitor, asked, visitor.explain(refusal), 422)
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return StreamingResponse(blocks, media_type=MEDIA[kind], headers=headers)


async def show_running(visitor: Visitor, spec: ModelSpec) -> Response:
    """How far a long export is, and its file when it is written."""
    job = _job(visitor, spec)
    query = f"?{job.query}" if job.query else ""
    return visitor.page(
        "export_running.html",
        block="progress",
        spec=spec,
        humans=visitor.humans(spec),
        job=job,
        here=f"{spec.path}/export/{job.id}",
        again=f"{spec.path}/export{query}",
        back=f"{spec.path}{query}",
        done=visitor.formats.number(job.done),
        total=visitor.formats.number(job.total),
    )


async def download(visitor: Visitor, spec: ModelSpec) -> Response:
    """The file of a long export."""
    job = _job(visitor, spec)
    if not job.written:
        raise NotFound
    media = MEDIA[Format(job.file.rpartition(".")[2])]
    return FileResponse(visitor.site.exports.place(job), media_type=media, filename=job.file)


def _job(visitor: Visitor, spec: ModelSpec) -> ExportJob:
    visitor.caller.require(visitor.site.registry.permission(spec, "export"))
    return visitor.site.exports.get(visitor.caller, spec.label, visitor.id("job"))


def _export(visitor: Visitor, asked: Asked, shown: tuple[str, ...]) -> Export:
    """The records, the columns and the order of the list."""
    registry, spec = visitor.site.registry, asked.spec
    narrowing = Narrowing(registry, visitor.caller, visitor.company.currency)
    where = bound(narrowing.where(spec, asked.state), narrowing.values)
    order = orders(registry, spec, asked.state, visitor.caller)
    ids = tuple(_id(one) for one in asked.ids)
    return Export(spec.label, where, ids or None, () if asked.everything else shown, order)


async def _columns(visitor: Visitor, spec: ModelSpec, state: ListState) -> tuple[str, ...]:
    views = await visitor.site.kernel.views.of(visitor.caller, spec)
    return chosen_columns(visitor, spec, state, views)


def _id(text: str) -> UUID:
    found = one_id(text)
    if found is None:
        raise NotFound
    return found

"""The import wizard: a file, which column goes where, what would happen, and then it happens."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, Response

from core.errors import NotFound, Problem, Refused
from core.exporting import Format
from core.fields import Kind
from core.import_runs import remembered
from core.mapping import PARTS, ImportMap, Source, guessed
from core.registry import FieldSpec, ModelSpec
from core.tables import Row as SheetRow
from core.tables import Table, open_table
from ui.columns import editable
from ui.exports import MEDIA
from ui.import_desk import REFUSED, Draft, Phase
from ui.import_history import earlier_imports, examples, proceed_undoing, undo_page, undo_state
from ui.visitor import Visitor
from ui.words import N_

SAMPLES = 3
NOTHING = ""
DATES: Mapping[str, tuple[str, ...]] = {
    N_("2026-11-22"): (),
    N_("11/22/2026 (month first)"): ("%m/%d/%Y",),
    N_("22/11/2026 (day first)"): ("%d/%m/%Y",),
    N_("22.11.2026"): ("%d.%m.%Y",),
}


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column of the file: some of its cells, and the field that it goes into."""

    number: int
    name: str
    samples: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Equal problems of some rows, in the visitor's words."""

    number: int
    column: str
    field: str
    cell: str
    text: str
    count: int
    rows: tuple[int, ...]
    mappable: bool
    likely: str


async def show_upload(visitor: Visitor, spec: ModelSpec) -> Response:
    """Where a file is chosen."""
    _require(visitor, spec)
    return await _upload_page(visitor, spec)


def _require(visitor: Visitor, spec: ModelSpec) -> None:
    visitor.caller.require(visitor.site.registry.permission(spec, "import"))


async def _upload_page(visitor: Visitor, spec: ModelSpec, problems: Sequence[str] = (), status: int = 200) -> Response:
    limit = visitor.formats.number(visitor.site.kernel.settings.upload_limit >> 20)
    return visitor.page(
        "import_upload.html",
        status=status,
        spec=spec,
        humans=visitor.humans(spec),
        problems=problems,
        limit=limit,
        earlier=await earlier_imports(visitor, spec),
    )


async def upload(visitor: Visitor, spec: ModelSpec) -> Response:
    """Keep the file, and look into it: one that cannot be read is refused at once."""
    _require(visitor, spec)
    file = (await visitor.form()).get("file")
    desk = visitor.site.desk
    if not isinstance(file, UploadFile) or not file.filename:
        return await _upload_page(visitor, spec, [visitor.gettext("Choose a file")], 422)
    try:
        draft = await desk.receive(visitor.caller, spec, file)
        try:
            table = await _open(visitor, draft)
            await asyncio.to_thread(_samples, table)
        except Refused:
            desk.discard(draft)
            raise
    except Refused as refusal:
        return await _upload_page(visitor, spec, visitor.explain(refusal, spec), 422)
    mapping = await remembered(visitor.site.kernel.reader, visitor.caller, spec, table.columns)
    if mapping is None:
        found, _ = guessed(visitor.site.registry, spec, table.columns)
        desk.keep(replace(draft, mapping=found.model_copy(update={"currency": visitor.company.currency})))
    else:
        desk.keep(replace(draft, mapping=mapping, recalled=True))
    return visitor.goto(f"{spec.path}/import/{draft.id}")


async def _open(visitor: Visitor, draft: Draft) -> Table:
    return await asyncio.to_thread(open_table, visitor.site.desk.place(draft.id) / draft.file)


async def show_import(visitor: Visitor, spec: ModelSpec) -> Response:
    """How far an import is: mapping, progress, findings, or done."""
    _require(visitor, spec)
    draft = await visitor.site.desk.get(visitor.caller, spec, visitor.id("draft"))
    return await (undo_page if draft.undoes else _page)(visitor, spec, draft)


async def proceed(visitor: Visitor, spec: ModelSpec) -> Response:
    """Take the next step of an import: check it, import it, map again, give it up, or undo it."""
    _require(visitor, spec)
    form = await visitor.form()
    desk = visitor.site.desk
    draft = await desk.get(visitor.caller, spec, visitor.id("draft"))
    here = f"{spec.path}/import/{draft.id}"
    if draft.running:
        if form.get("step") == "halt":
            desk.halt(draft)
        return visitor.goto(here)
    if draft.undoes or draft.phase is Phase.DONE:
        return await proceed_undoing(visitor, spec, draft, form)
    match form.get("step"):
        case "map":
            desk.keep(replace(draft, phase=Phase.MAPPING))
        case "check":
            desk.begin(visitor.caller, replace(draft, mapping=await _mapped(visitor, draft, form)), Phase.CHECKING)
        case "fix":
            desk.begin(visitor.caller, replace(draft, mapping=_fixed(draft, form)), Phase.CHECKING)
        case "again" if draft.phase is Phase.FAILED and draft.stage is not None:
            desk.begin(visitor.caller, draft, draft.stage)
        case "import":
            chosen = replace(draft, good_rows=bool(form.get("good_rows")))
            desk.begin(visitor.caller, chosen, Phase.IMPORTING)
        case _:
            desk.discard(draft)
            return visitor.goto(f"{spec.path}/import", visitor.gettext("The import was given up; nothing was changed"))
    return visitor.goto(here)


async def _mapped(visitor: Visitor, draft: Draft, form: FormData) -> ImportMap:
    """The mapping as the form says; what was told about single cells stays."""
    table = await _open(visitor, draft)
    before = draft.mapping or ImportMap(fields={})
    fields: dict[str, Source] = {}
    for number, name in enumerate(table.columns):
        path = str(form.get(f"column.{number}", NOTHING))
        if path:
            known = before.fields.get(path)
            fields[path] = known if known and known.column == name else Source(column=name)
    formats = tuple(DATES.values())
    chosen = str(form.get("dates", "0"))
    return before.model_copy(
        update={
            "fields": fields,
            "existing": "skip" if form.get("existing") == "skip" else "update",
            "currency": str(form.get("currency", before.currency)),
            "formats": formats[int(chosen)] if chosen.isdigit() and int(chosen) < len(formats) else (),
        }
    )


def _fixed(draft: Draft, form: FormData) -> ImportMap:
    """The mapping with what cells are taken to mean, once for all rows."""
    mapping = draft.mapping or ImportMap(fields={})
    fields = dict(mapping.fields)
    for number, group in enumerate(draft.report.get("groups", ())):
        meant = str(form.get(f"meant.{number}", "")).strip()
        source = fields.get(group["path"])
        if meant and source is not None:
            fields[group["path"]] = source.model_copy(update={"values": source.values | {group["cell"]: meant}})
    return mapping.model_copy(update={"fields": fields})


async def _page(visitor: Visitor, spec: ModelSpec, draft: Draft) -> Response:
    report = draft.report
    choices: tuple[ColumnChoice, ...] = ()
    if draft.phase is Phase.MAPPING:
        choices = _choices(await _open(visitor, draft), draft)
    mapping = draft.mapping or ImportMap(fields={})
    return visitor.page(
        "import.html",
        block="progress",
        spec=spec,
        humans=visitor.humans(spec),
        draft=draft,
        phase=draft.phase.value,
        here=f"{spec.path}/import/{draft.id}",
        choices=choices,
        targets=_targets(visitor, spec) if choices else (),
        dates=[visitor.gettext(one) for one in DATES],
        date=list(DATES.values()).index(mapping.formats) if mapping.formats in DATES.values() else 0,
        mapping=mapping,
        figures=_figures(visitor, report),
        troubles=tuple(_troubles(visitor, spec, report)),
        notes=[visitor.word("core", one["message"], **one["values"]) for one in report.get("notes", ())],
        problems=[visitor.mended(one, spec) for one in draft.problems],
        left_out=visitor.ngettext(
            "Leave out the %(shown)s refused row", "Leave out the %(shown)s refused rows", report.get("refused", 0)
        ),
        good=any(report.get(name) for name in ("created", "updated", "unchanged")),
        done=visitor.formats.number(draft.done),
        undoing=await undo_state(visitor, draft) if draft.phase is Phase.DONE else None,
        recalled=draft.recalled,
        examples=await examples(visitor, spec, draft),
        refused_rows=(visitor.site.desk.place(draft.id) / REFUSED["csv"]).is_file(),
    )


def _samples(table: Table) -> list[SheetRow]:
    """The first rows; `Refused` where they cannot be read."""
    return list(islice(table.rows, SAMPLES))


def _choices(table: Table, draft: Draft) -> tuple[ColumnChoice, ...]:
    rows = _samples(table)
    paths = {source.column: path for path, source in (draft.mapping.fields if draft.mapping else {}).items()}
    return tuple(
        ColumnChoice(
            number,
            name,
            tuple(str(row.cells[number]) for row in rows if number < len(row.cells) and str(row.cells[number])),
            paths.get(name, NOTHING),
        )
        for number, name in enumerate(table.columns)
    )


def _targets(visitor: Visitor, spec: ModelSpec) -> list[tuple[str, str]]:
    """The fields that a column may go into: path and label, links by what recognises their records."""
    found: list[tuple[str, str]] = []
    for name, one in spec.fields.items():
        if name == spec.meta.part_of or editable(spec, name, visitor.caller) or name in ("owner", "department"):
            found += [(path, visitor.label(spec, name) + extra) for path, extra in _paths(visitor, one)]
    return found


def _paths(visitor: Visitor, field: FieldSpec) -> Iterator[tuple[str, str]]:
    if field.kind in (Kind.SECRET, Kind.DATA):
        return
    if field.target is None:
        yield field.name, ""
        for part in PARTS.get(field.kind, ())[1:]:  # the first is what the field itself holds
            yield f"{field.name}.{part}", f" · {visitor.gettext(part.capitalize())}"
        return
    target = visitor.site.spec(field.target)
    for path in dict.fromkeys((*target.meta.key, target.title)):
        yield f"{field.name}.{path}", f" · {visitor.label(target, path)}"


def _figures(visitor: Visitor, report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures of an outcome: what, and how many."""
    told = (
        (visitor.gettext("Rows"), "rows"),
        (visitor.gettext("New"), "created"),
        (visitor.gettext("Changed"), "updated"),
        (visitor.gettext("Unchanged"), "unchanged"),
        (visitor.gettext("Refused"), "refused"),
    )
    return [(label, visitor.formats.number(report[name])) for label, name in told if report]


def _troubles(visitor: Visitor, spec: ModelSpec, report: Mapping[str, Any]) -> Iterator[Trouble]:
    for number, one in enumerate(report.get("groups", ())):
        problem = Problem(one["message"], None, "invalid", tuple(one["values"].items()))
        yield Trouble(
            number,
            one["column"],
            _label(visitor, spec, one["path"]),
            one["cell"],
            visitor.mended(problem, spec),
            one["count"],
            tuple(one["rows"]),
            one["mappable"],
            one["likely"],
        )


def _label(visitor: Visitor, spec: ModelSpec, path: str) -> str:
    return visitor.label(spec, path) if visitor.site.registry.resolve(spec, path) else path


async def download_errors(visitor: Visitor, spec: ModelSpec) -> Response:
    """The rows that were refused, with their problems, as a file that can be mended and imported."""
    _require(visitor, spec)
    draft = await visitor.site.desk.get(visitor.caller, spec, visitor.id("draft"))
    form = Format.XLSX if visitor.request.query_params.get("format") == "xlsx" else Format.CSV
    path = visitor.site.desk.place(draft.id) / REFUSED[form.value]
    if not path.is_file():
        raise NotFound
    name = f"refused-{draft.name.rpartition('.')[0]}.{form.value}"
    return FileResponse(path, media_type=MEDIA[form], filename=name)


async def download_template(visitor: Visitor, spec: ModelSpec) -> Response:
    """An empty table whose columns are called as the fields are."""
    _require(visitor, spec)
    line = io.StringIO()
    csv.writer(line).writerow([name for name in spec.fields if editable(spec, name, visitor.caller)])
    headers = {"Content-Disposition": f'attachment; filename="{spec.plural}.csv"'}
    return Response("\ufeff" + line.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)

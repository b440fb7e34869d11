"""Editing many records at once: which fields, to what, what that would do, and then doing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from core.conditions import bound
from core.editing import Edit, Edited, Example
from core.errors import NotFound, Refused
from core.history import Event
from core.ids import now
from core.registry import ModelSpec
from ui.cells import address
from ui.choices import resolve_links
from ui.columns import form_sections
from ui.filters import ListState, Narrowing, read_state
from ui.forms import Asked, Control, asked_of, told, with_errors
from ui.history import Change, timeline
from ui.record_actions import chosen
from ui.visitor import Visitor

FIELDS = "_field"


@dataclass(frozen=True)
class Wanted:
    """Which records an address means, the selected ones or all that its filters find, and which of their fields."""

    spec: ModelSpec
    records: QueryParams
    state: ListState
    asked: Asked

    @property
    def query(self) -> str:
        """The records, as an address says it."""
        return urlencode(self.records.multi_items())

    @property
    def back(self) -> str:
        """The list that it began in."""
        return f"{self.spec.path}?{self.state.query}" if self.state.query else self.spec.path


@dataclass(frozen=True, slots=True)
class Shown:
    """A record of a preview: both values of what changes, or what stands in the way."""

    title: str
    href: str
    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What would become of the records."""

    report: Edited
    changed: str
    same: str
    refused: str
    examples: tuple[Shown, ...]
    kept: tuple[Shown, ...]


@dataclass
class Sheet:
    """The form: what is written, what is wrong with it, and what it would do."""

    written: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    others: Sequence[str] = ()
    candidates: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    preview: Preview | None = None


async def show_edit_many(visitor: Visitor, spec: ModelSpec) -> Response:
    """The fields to choose from, or the form of those that were chosen."""
    return _draw(visitor, _wanted(visitor, spec, visitor.request.query_params.multi_items()), Sheet())


async def edit_many(visitor: Visitor, spec: ModelSpec) -> Response:
    """Show what an edit would do, or do it as it was shown."""
    form = await visitor.form()
    fields = [(FIELDS, str(one)) for one in form.getlist(FIELDS)]
    wanted = _wanted(visitor, spec, parse_qsl(str(form.get("records", ""))) + fields)
    names = tuple(wanted.asked.traits)
    resolved = await resolve_links(visitor, wanted.asked.traits, wanted.asked.written(form))
    values, problems = wanted.asked.parsed(resolved.written)
    beside, others = told(visitor, spec.plugin, problems, names)
    sheet = Sheet(resolved.written, beside | resolved.errors, others, resolved.candidates)
    if sheet.errors or sheet.others:
        return _draw(visitor, wanted, sheet, 422)
    try:
        report = await visitor.site.kernel.operations.update_many(visitor.caller, _edit(visitor, wanted, form, values))
    except Refused as refusal:
        sheet.errors, sheet.others = told(visitor, spec.plugin, list(refusal.problems), names)
        return _draw(visitor, wanted, sheet, 422)
    if report.written:
        text = visitor.ngettext("%(shown)s record changed", "%(shown)s records changed", report.changed)
        return visitor.done(wanted.back, text)
    sheet.preview = await _preview(visitor, spec, report)
    return _draw(visitor, wanted, sheet, 422 if form.get("do") else 200)


def _wanted(visitor: Visitor, spec: ModelSpec, pairs: Iterable[tuple[str, str]]) -> Wanted:
    visitor.caller.require(visitor.site.registry.permission(spec, "update"))
    offered = {name for names in form_sections(spec, visitor.caller).values() for name in names}
    if spec.meta.append_only or not offered:
        raise NotFound
    pairs = list(pairs)
    names = tuple(dict.fromkeys(value for name, value in pairs if name == FIELDS))
    if not offered.issuperset(names):
        raise NotFound
    records = QueryParams([one for one in pairs if one[0] not in (FIELDS, "_after", "_before")])
    state = read_state(one for one in records.multi_items() if one[0] != "id")
    return Wanted(spec, records, state, asked_of(visitor, spec, names))


def _edit(visitor: Visitor, wanted: Wanted, form: FormData, values: Mapping[str, object]) -> Edit:
    """What was asked for: without the mark of a preview that is nothing but another preview."""
    ids = chosen(wanted.records)
    narrowing = Narrowing(visitor.site.registry, visitor.caller, visitor.company.currency)
    where = None if ids else bound(narrowing.where(wanted.spec, wanted.state), narrowing.values)
    doing = str(form.get("do", ""))
    seen = str(form.get("seen", "")) if doing else ""
    return Edit(wanted.spec.model, values, ids, where, leave=doing == "rest", preview=not seen, seen=seen)


async def _preview(visitor: Visitor, spec: ModelSpec, report: Edited) -> Preview:
    counted = visitor.formats.number
    return Preview(
        report,
        visitor.gettext("Will change: %(count)s", count=counted(report.changed)),
        visitor.gettext("Like that already: %(count)s", count=counted(report.same)),
        visitor.gettext("Refused: %(count)s", count=counted(report.refused)),
        await _examples(visitor, spec, report.examples),
        tuple(
            Shown(
                one.title,
                address(spec, one.record),
                problems=tuple(visitor.mended(each, spec) for each in one.problems),
            )
            for one in report.kept
        ),
    )


async def _examples(visitor: Visitor, spec: ModelSpec, examples: Sequence[Example]) -> tuple[Shown, ...]:
    """Examples as the history of their records would tell them."""
    at = now()
    events = [
        Event(0, at, "", "", "update", spec.label, str(one.record), one.title, "", "", "", one.changes)
        for one in examples
    ]
    lines = await timeline(visitor, events)
    return tuple(
        Shown(one.title, address(spec, one.record), line.changes) for one, line in zip(examples, lines, strict=True)
    )


def _controls(wanted: Wanted, sheet: Sheet) -> tuple[Control, ...]:
    controls = [wanted.asked.control(name, sheet.written.get(name, ("", ""))) for name in wanted.asked.traits]
    drawn = tuple(replace(one, options=sheet.candidates.get(one.name, one.options)) for one in controls)
    return with_errors(drawn, sheet.errors)


def _draw(visitor: Visitor, wanted: Wanted, sheet: Sheet, status: int = 200) -> Response:
    spec = wanted.spec
    count = len(chosen(wanted.records))
    offered = [name for names in form_sections(spec, visitor.caller).values() for name in names]
    about = visitor.ngettext("%(shown)s selected record", "%(shown)s selected records", count)
    return visitor.page(
        "edit_many.html",
        status=status,
        spec=spec,
        wanted=wanted,
        sheet=sheet,
        controls=_controls(wanted, sheet),
        offered=[(name, visitor.label(spec, name)) for name in offered],
        about=about if count else visitor.gettext("All records that fit the filters of the list"),
        humans=visitor.humans(spec),
    )

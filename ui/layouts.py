"""Layouts for administrators: the fields of an object in sections, for all records or for those of a business type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.responses import Response

from core.custom_fields import written_label
from core.errors import NotFound, Refused
from core.fields import Kind
from core.layouts import ALL, Layout, must_stand, placeable, written_sections
from core.registry import ModelSpec, choice_labels
from core.work import Work
from ui.columns import ADDED
from ui.custom_fields import ROOT, object_of
from ui.shell import may
from ui.visitor import Visitor
from ui.words import N_

OTHERS = N_("Other facts")
"""The section for what no form asks for."""
NEW_SECTIONS = 2
DIGITS = 4
Sections = Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the arrangement: the heading of a section, a field, or the one that what is left out stands below."""

    title: str = ""
    field: str = ""
    label: str = ""
    required: bool = False
    rest: bool = False


async def show_layout(visitor: Visitor) -> Response:
    """The fields of an object as they are arranged."""
    visitor = await visitor.proven()
    visitor.caller.require("core.layout.read")
    spec = object_of(visitor)
    return _draw(visitor, spec, _lines(visitor, spec, *_arranged(spec, _type(visitor, spec))))


async def keep_layout(visitor: Visitor) -> Response:
    """Arrange the fields of an object as they were sent, or as they come."""
    spec, form = object_of(visitor), await visitor.form()
    business_type = _type(visitor, spec)
    await visitor.knows(" ".join(str(one) for one in form.getlist("field")))
    sections, left_out = _sent(form)
    written = "" if form.get("reset") else written_sections(sections, left_out)
    try:
        await _keep(visitor, spec, business_type, sections=written)
    except Refused as refusal:
        return _draw(visitor, spec, _lines(visitor, spec, sections, left_out), refusal)
    text = visitor.gettext("Back to the default" if form.get("reset") else "Arranged: everybody sees it so now")
    return visitor.goto(_address(spec, business_type), text)


async def keep_types(visitor: Visitor) -> Response:
    """Say which choice of an object tells its business types apart."""
    spec, form = object_of(visitor), await visitor.form()
    await _keep(visitor, spec, ALL, type_field=str(form.get("type_field", "")) or None)
    return visitor.goto(_address(spec, ALL), visitor.gettext("Saved"))


async def _keep(visitor: Visitor, spec: ModelSpec, business_type: str, **values: str | None) -> None:
    async def body(work: Work) -> None:
        where = Layout.object.eq(spec.label) & Layout.business_type.eq(business_type)
        found = await work.find(Layout, where=where)
        if found:
            await work.change(found[0], **values)
        else:
            await work.create(Layout, object=spec.label, business_type=business_type, **values)

    await visitor.site.kernel.operations.run(visitor.caller, body)


def _address(spec: ModelSpec, business_type: str) -> str:
    here = f"{ROOT}/{spec.label}/layout"
    return here if business_type == ALL else f"{here}?{urlencode({'type': business_type})}"


def _type(visitor: Visitor, spec: ModelSpec) -> str:
    """The business type of the address, which there must be."""
    asked = visitor.request.query_params.get("type", ALL)
    if asked != ALL and asked not in _types(spec):
        raise NotFound
    return asked


def _types(spec: ModelSpec) -> Mapping[str, str]:
    choices = spec.own[spec.type_field].traits.choices if spec.type_field else None
    return choice_labels(choices) if choices else {}


def _arranged(spec: ModelSpec, business_type: str) -> tuple[Sections, Sequence[str]]:
    """The fields as they stand: as they were arranged, and what came since; else as they come."""
    layout = spec.arrangement(business_type)
    known = layout.names if layout else ()
    sections: dict[str, list[str]] = {}
    for title, names in layout.sections if layout else ():
        sections[title] = [name for name in names if name in spec.fields]
    for title, usual in _as_it_comes(spec):
        sections.setdefault(title, []).extend(name for name in usual if name not in known)
    left_out = [name for name in layout.left_out if name in spec.fields] if layout else []
    return [(title, names) for title, names in sections.items() if names], left_out


def _as_it_comes(spec: ModelSpec) -> Iterator[tuple[str, list[str]]]:
    known, form = placeable(spec), spec.resource.form
    asked = {name for names in form.values() for name in names}
    for title, names in form.items():
        yield title, [name for name in names if name in known]
    others = [name for name in known if name not in asked and name not in spec.inside]
    yield OTHERS if form else "", others
    for name, one in spec.inside.items():
        yield one.traits.section or ADDED, [name]


def _lines(visitor: Visitor, spec: ModelSpec, sections: Sections, left_out: Sequence[str]) -> list[Line]:
    def line(name: str) -> Line:
        return Line(field=name, label=visitor.label(spec, name), required=must_stand(spec.fields[name].traits))

    found: list[Line] = []
    for title, names in sections:
        found += [Line(title=written_label(title)), *(line(name) for name in names if name in spec.fields)]
    found += [Line()] * NEW_SECTIONS
    return [*found, Line(rest=True), *(line(name) for name in left_out if name in spec.fields)]


def _sent(form: FormData) -> tuple[Sections, Sequence[str]]:
    """The lines by their numbers; of two alike the one from further down is meant to go there."""
    lines: list[tuple[int, int, str, str]] = []
    number = 0
    for at, (key, value) in enumerate(form.multi_items()):
        text = str(value).strip()
        if key == "place":
            number = int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else 0
        elif key in ("title", "field", "rest"):
            lines.append((number, -at, key, text))
    sections: list[tuple[str, list[str]]] = [("", [])]
    left_out: list[str] | None = None
    for _, _, key, text in sorted(lines):
        if key == "rest":
            left_out = []
        elif key == "field":
            (sections[-1][1] if left_out is None else left_out).append(text)
        elif text and left_out is None:
            sections.append((text, []))
    return [one for one in sections if one[1]], left_out or []


def _draw(visitor: Visitor, spec: ModelSpec, lines: list[Line], refusal: Refused | None = None) -> Response:
    business_type = _type(visitor, spec)
    told_by = [one for one in spec.own.values() if one.kind is Kind.CHOICE]
    types = {one: visitor.word(spec.plugin, text) for one, text in _types(spec).items()}
    tabs = {ALL: visitor.gettext("All"), **types} if types else {}
    return visitor.page(
        "layout.html",
        status=422 if refusal else 200,
        problems=visitor.explain(refusal) if refusal else [],
        humans=visitor.humans(spec),
        here=f"{ROOT}/{spec.label}",
        action=_address(spec, business_type),
        business_type=business_type,
        tabs=[(text, _address(spec, one), one == business_type, one in spec.layouts) for one, text in tabs.items()],
        choices=[(one.name, visitor.label(spec, one.name), one.name == spec.type_field) for one in told_by],
        own=business_type in spec.layouts,
        lines=list(enumerate(lines, start=1)),
        can=may(visitor, visitor.site.spec("core.layout"), "update"),
    )

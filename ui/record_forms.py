"""Making and changing records: the form, what is wrong with it, what looks like it already, who was quicker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from core.duplicates import Lookalikes, lookalikes
from core.errors import Conflict, NotFound, Problem, Refused
from core.fields import Kind
from core.ids import made_of, new_id
from core.model import Model
from core.registry import ModelSpec
from ui.cells import address
from ui.choices import resolve_links, titles
from ui.columns import Sections, arranged_form, form_sections
from ui.forms import (
    Asked,
    Control,
    FormSection,
    asked_of,
    default_value,
    one_id,
    target_of,
    told,
    with_errors,
    written_value,
)
from ui.records import read_record
from ui.shell import may
from ui.visitor import Visitor
from ui.words import N_

Written = Mapping[str, tuple[str, str]]
SAVED, REFUSED, OVERTAKEN, DRAWN = 303, 422, 409, 200
REDRAW = "redraw"
"""What a form says that is not to be saved: another business type was chosen, which asks for other fields."""
MORE = N_("More")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed meanwhile: his value and the visitor's."""

    label: str
    theirs: str
    yours: str


@dataclass(frozen=True)
class Draft:
    """A form with what is written in it and what is to be said about it; without a record it makes a new one."""

    spec: ModelSpec
    written: Written
    row: Mapping[str, Any] | None = None
    version: int = 0
    once: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    candidates: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    lookalikes: Lookalikes = field(default_factory=Lookalikes)
    differences: tuple[Difference, ...] = ()


def asked_by(visitor: Visitor, spec: ModelSpec) -> Asked:
    """The fields of a model's form."""
    names = tuple(name for names in form_sections(spec, visitor.caller).values() for name in names)
    return asked_of(visitor, spec, names)


async def show_new(visitor: Visitor, spec: ModelSpec) -> Response:
    """The form of a new record; the address may fill fields: `?customer=…`."""
    visitor.caller.require(visitor.site.registry.permission(spec, "create"))
    asked = asked_by(visitor, spec)
    written = {name: default_value(spec.fields[name].traits) for name in asked.traits}
    given = {name: value for name, value in visitor.request.query_params.items() if name in asked.traits}
    links = {name: one for name, one in given.items() if asked.traits[name].kind is Kind.LINK}
    written |= {name: (value, "") for name, value in given.items() if name not in links}
    wanted = {name: (target_of(visitor, asked.traits[name]), value) for name, value in links.items()}
    written |= await titles(visitor, wanted)
    return draw(visitor, Draft(spec, written, once=str(new_id())))


async def create(visitor: Visitor, spec: ModelSpec) -> Response:
    """Make a record of a form, and of one that is sent again, since its answer was lost, no other."""
    form = await visitor.form()
    draft, values = await _entered(visitor, spec, form)
    if form.get(REDRAW):
        visitor = await visitor.proven()
        visitor.caller.require(visitor.site.registry.permission(spec, "create"))
        return draw(visitor, replace(draft, errors={}, others=()))
    if draft.errors:
        return draw(visitor, draft, REFUSED)
    sent, user = one_id(draft.once), visitor.caller.user_id
    record = made_of(sent, user) if sent and user else None
    if not form.get("anyway"):
        found = await lookalikes(visitor.site.kernel.reader, visitor.caller, spec.label, values)
        if found:
            again = await _sent_again(visitor, draft, values, record)
            return again or draw(visitor, replace(draft, lookalikes=found), REFUSED)
    try:
        made = await visitor.site.kernel.operations.create(visitor.caller, spec.model, values, record)
    except Refused as refusal:
        again = await _sent_again(visitor, draft, values, record)
        return again or draw(visitor, refused_draft(visitor, draft, refusal), REFUSED)
    return visitor.goto(
        _after(visitor, spec, form, made), visitor.gettext("%(model)s created", model=visitor.human(spec))
    )


async def _sent_again(
    visitor: Visitor, draft: Draft, values: Mapping[str, object], record: UUID | None
) -> Response | None:
    """The answer to a form whose record was made already: the record, with what was written since as a change of it."""
    spec = draft.spec
    try:
        row = await read_record(visitor, spec, related=False, record=record) if record else None
    except NotFound:
        return None
    if row is None:
        return None
    draft = replace(draft, row=row, version=row["version"])
    written = {name: value for name, value in values.items() if value not in (None, "", [], ())}
    try:
        if may(visitor, spec, "update"):
            await visitor.site.kernel.operations.update(visitor.caller, spec.model, UUID(row["id"]), written, 1)
    except Refused as refusal:
        return draw(visitor, refused_draft(visitor, draft, refusal), REFUSED)
    except Conflict as conflict:
        return draw(visitor, _conflicting(visitor, draft, conflict), OVERTAKEN)
    return visitor.goto(address(spec, row["id"]), visitor.gettext("It was saved already when you sent it first"))


def _after(visitor: Visitor, spec: ModelSpec, form: FormData, made: Model) -> str:
    """Where to go: to the new record, to the whole that it is a part of, or to another empty form."""
    part_of = spec.meta.part_of
    whole = made.value(part_of).value("id") if part_of else None
    if form.get("another"):
        return f"{spec.path}/new" + (f"?{part_of}={whole}" if part_of else "")
    if spec.parent is not None and part_of:
        return address(visitor.site.spec(spec.parent), whole)
    return address(spec, made.value("id"))


def _left_for(visitor: Visitor, draft: Draft) -> str:
    """Where giving up a new record leads: to the whole that it would be a part of, or to the list."""
    spec = draft.spec
    whole = one_id(draft.written.get(spec.meta.part_of or "", ("", ""))[0])
    return address(visitor.site.spec(spec.parent), whole) if spec.parent and whole else spec.path


async def show_edit(visitor: Visitor, spec: ModelSpec) -> Response:
    """The form of a record."""
    visitor.caller.require(visitor.site.registry.permission(spec, "update"))
    row = await read_record(visitor, spec, related=False)
    asked = asked_by(visitor, spec)
    written = {name: written_value(visitor, spec.fields[name], row.get(name)) for name in asked.traits}
    return draw(visitor, Draft(spec, written, row, row["version"]))


async def update(visitor: Visitor, spec: ModelSpec) -> Response:
    """Change a record as a form says."""
    draft, status = await sent(visitor, spec)
    if status != SAVED:
        return draw(visitor, draft, status)
    return visitor.done(address(spec, visitor.id()) + visitor.led, visitor.gettext("Saved"))


async def sent(visitor: Visitor, spec: ModelSpec, alone: str = "") -> tuple[Draft, int]:
    """Change the record of the address as a form says: the form with what is to be said about it, and how it went.

    A field that is `alone` in its form does not mind what became of the others meanwhile.
    """
    form = await visitor.form()
    row = await read_record(visitor, spec, related=False)
    draft, values = await _entered(visitor, spec, form, row)
    if form.get(REDRAW):
        visitor.caller.require(visitor.site.registry.permission(spec, "update"))
        return replace(draft, errors={}, others=()), DRAWN
    if draft.errors:
        return draft, REFUSED
    if alone and former(form) == written_value(visitor, spec.fields[alone], row.get(alone)):
        draft = replace(draft, version=row["version"])
    try:
        await visitor.site.kernel.operations.update(visitor.caller, spec.model, visitor.id(), values, draft.version)
    except Refused as refusal:
        return refused_draft(visitor, draft, refusal), REFUSED
    except Conflict as conflict:
        return _conflicting(visitor, draft, conflict), OVERTAKEN
    return draft, SAVED


def former(form: FormData) -> tuple[str, str] | None:
    """What the field of a form was when it was opened."""
    return (str(form["was"]).replace("\r\n", "\n"), str(form.get("was.second", ""))) if "was" in form else None


async def _entered(
    visitor: Visitor, spec: ModelSpec, form: FormData, row: Mapping[str, Any] | None = None
) -> tuple[Draft, dict[str, object]]:
    asked = asked_by(visitor, spec)
    written = asked.written(form)
    left = _left(visitor, spec, written, row)
    resolved = await resolve_links(
        visitor, asked.traits, {name: one for name, one in written.items() if name not in left}
    )
    values, problems = asked.parsed(resolved.written)
    beside, others = told(visitor, spec.plugin, problems, tuple(asked.traits))
    version = str(form.get("version", ""))
    draft = Draft(
        spec,
        {**left, **resolved.written},
        row,
        int(version) if version.isascii() and version.isdigit() else 0,
        str(form.get("once", "")),
        beside | resolved.errors,
        tuple(others),
        resolved.candidates,
    )
    return draft, values


def _left(visitor: Visitor, spec: ModelSpec, written: Written, row: Mapping[str, Any] | None) -> Written:
    """What came back as the form shows it, and stays as it is: an empty link may lead to what one does not see."""
    if row is None:
        return {}
    return {
        name: one for name, one in written.items() if one == written_value(visitor, spec.fields[name], row.get(name))
    }


def refused_draft(visitor: Visitor, draft: Draft, refusal: Refused) -> Draft:
    """The form with what an operation refuses."""
    names = tuple(draft.written)
    beside, others = told(visitor, draft.spec.plugin, _labelled(visitor, draft.spec, refusal, names), names)
    return replace(draft, errors=beside, others=tuple(others))


def _labelled(visitor: Visitor, spec: ModelSpec, refusal: Refused, known: tuple[str, ...]) -> list[Problem]:
    """Problems of fields that the form does not have, with their label in the message."""

    def labelled(one: Problem) -> Problem:
        field_name = one.field
        if field_name is None or field_name in known or field_name not in spec.fields:
            return one
        return replace(one, field=visitor.label(spec, field_name))

    return [labelled(one) for one in refusal.problems]


def _conflicting(visitor: Visitor, draft: Draft, conflict: Conflict) -> Draft:
    shower = visitor.shower(draft.spec)
    found = []
    for name, theirs in conflict.theirs.items():
        spec_field = draft.spec.fields.get(name)
        if spec_field is None or spec_field.kind is Kind.LINK:
            continue
        both = (shower.plain(spec_field, theirs), shower.plain(spec_field, conflict.yours.get(name)))
        found.append(Difference(visitor.label(draft.spec, name), *both))
    latest = draft.row["version"] if draft.row else draft.version
    return replace(draft, differences=tuple(found), version=latest)


def with_candidates(draft: Draft, control: Control) -> Control:
    """A field with the records that fit; a required link that looks empty has a record that one does not see."""
    options = draft.candidates.get(control.name, control.options)
    unseen = draft.row is not None and draft.row.get(control.name) is None
    linked = draft.spec.fields[control.name].kind is Kind.LINK
    return replace(control, options=options, required=control.required and not (unseen and linked))


def _sections(visitor: Visitor, draft: Draft, asked: Asked) -> Sections:
    """The fields as they are arranged; of those that are left out the ones with something to be seen."""
    spec = draft.spec

    def before(name: str) -> tuple[str, str]:
        return _before(visitor, draft, name)

    told_by = spec.type_field
    business_type = draft.written.get(told_by, before(told_by))[0] if told_by else ""
    sections = arranged_form(spec, visitor.caller, business_type)
    placed = {name for names in sections.values() for name in names}
    left = (name for name in asked.traits if name not in placed)
    more = [one for one in left if one in draft.errors or draft.written.get(one, before(one)) != before(one)]
    return {**sections, MORE: tuple(more)} if more else sections


def _before(visitor: Visitor, draft: Draft, name: str) -> tuple[str, str]:
    """What a form holds before anybody writes: the record's value, or that of a new one."""
    found = draft.spec.fields[name]
    return written_value(visitor, found, draft.row.get(name)) if draft.row else default_value(found.traits)


def draw(visitor: Visitor, draft: Draft, status: int = 200) -> Response:
    """The form as a page."""
    spec = draft.spec
    asked = asked_by(visitor, spec)
    record = address(spec, draft.row["id"]) if draft.row else ""
    action = f"{record}/edit{visitor.led}" if record else f"{spec.path}/new{visitor.led}"
    sections = []
    for title, names in _sections(visitor, draft, asked).items():
        controls = tuple(asked.control(name, draft.written.get(name, ("", ""))) for name in names)
        controls = with_errors(controls, draft.errors)
        drawn = [with_candidates(draft, one) for one in controls]
        if spec.layouts:
            drawn = [replace(one, redraws=action) if one.name == spec.type_field else one for one in drawn]
        sections.append(FormSection(visitor.word(spec.plugin, title), tuple(drawn)))
    return visitor.page(
        "form.html",
        block="content",
        status=status,
        spec=spec,
        draft=draft,
        advice=f"/{spec.plugin}/{spec.resource.advice}".replace("_", "-") if spec.resource.advice else "",
        sections=sections,
        human=visitor.human(spec),
        humans=visitor.humans(spec),
        record=f"{record}{visitor.led}" if record else "",
        back=f"{record}{visitor.led}" if record else _left_for(visitor, draft),
        title=visitor.shower(spec).title(spec, draft.row) if draft.row else "",
        action=action,
        redraws=any(one.redraws for section in sections for one in section.controls),
        seen=[(visitor.site.spec(one.model), one) for one in draft.lookalikes.seen],
    )

"""Custom fields for administrators: the objects, the fields that were added to each, and the form of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from core.custom_fields import CustomField, CustomKind, customisable
from core.errors import NotFound, Refused
from core.query import Archived
from core.registry import ModelSpec, choice_labels
from core.work import Work
from ui.forms import Asked, Control, asked_of, default_value, told, with_errors, written_plainly
from ui.shell import may
from ui.visitor import Visitor
from ui.words import N_

ROOT = "/admin/fields"
USUAL = ("label", "label_zh_hans", "label_ko", "help", "section", "required")
OF_KIND: Mapping[CustomKind, tuple[str, ...]] = {
    CustomKind.TEXT: ("length", "search"),
    CustomKind.LONG_TEXT: ("search",),
    CustomKind.DECIMAL_NUMBER: ("scale",),
    CustomKind.CHOICE: ("choices", "search"),
    CustomKind.MAIL_ADDRESS: ("search",),
    CustomKind.PHONE_NUMBERS: ("search",),
    CustomKind.WEB_ADDRESS: ("search",),
    CustomKind.TAGS: ("search",),
    CustomKind.LINK: ("target",),
}
"""What is asked of each kind beside the usual."""
ONCE = ("name", "scale", "target")
"""What is only asked of a new field."""
EXAMPLES: Mapping[CustomKind, str] = {
    CustomKind.TEXT: N_("One line: a reference, a nickname"),
    CustomKind.LONG_TEXT: N_("Several lines: a description"),
    CustomKind.WHOLE_NUMBER: N_("A count: employees, floors"),
    CustomKind.DECIMAL_NUMBER: N_("An exact number with digits behind the point: area, weight"),
    CustomKind.AMOUNT: N_("Money with its currency: a budget"),
    CustomKind.YES_OR_NO: N_("A box to tick"),
    CustomKind.DATE: N_("A day: an anniversary, the end of a contract"),
    CustomKind.DATE_AND_TIME: N_("A moment, shown in everybody's own time zone"),
    CustomKind.CHOICE: N_("One of a list that you write"),
    CustomKind.MAIL_ADDRESS: N_("One address, checked when it is entered"),
    CustomKind.PHONE_NUMBERS: N_("Any number of them, found by their digits"),
    CustomKind.WEB_ADDRESS: N_("A page on the web"),
    CustomKind.TAGS: N_("Any number of free words"),
    CustomKind.LINK: N_("Another record: a customer, a user"),
    CustomKind.POSITION: N_("A place on the map: latitude and longitude"),
}
Written = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """A custom field in the list of its object."""

    id: str
    label: str
    name: str
    kind: str
    required: bool
    search: bool
    gone: bool


def objects(visitor: Visitor) -> Iterator[ModelSpec]:
    """The objects that may have custom fields, those in the menu first as they stand there."""
    found = [spec for spec in visitor.site.registry.surfaced() if customisable(spec)]
    yield from sorted(found, key=lambda spec: (spec.parent is not None, spec.plugin == "core"))


async def show_objects(visitor: Visitor) -> Response:
    """The objects, each with how many fields were added to it."""
    visitor.caller.require("core.custom_field.read")
    found = await visitor.site.kernel.reader.records(visitor.caller, CustomField, fields=("object", "label"))
    added: dict[str, list[str]] = {}
    for one in found:
        added.setdefault(one.object, []).append(one.label)
    plugins: dict[str, list[tuple[str, str, list[str]]]] = {}
    for spec in objects(visitor):
        row = (visitor.humans(spec), f"{ROOT}/{spec.label}", added.get(spec.label, []))
        named = visitor.word(spec.plugin, spec.plugin.replace("_", " ").capitalize())
        plugins.setdefault(visitor.gettext("Administration") if spec.plugin == "core" else named, []).append(row)
    return visitor.page("custom_objects.html", plugins=plugins)


def object_of(visitor: Visitor) -> ModelSpec:
    """The object of the address."""
    spec = visitor.site.registry.models.get(str(visitor.request.path_params["label"]))
    if spec is None or not customisable(spec):
        raise NotFound
    return spec


async def show_object(visitor: Visitor) -> Response:
    """The fields that were added to an object, and the kinds of field that can be."""
    return await _object_page(visitor)


async def _object_page(visitor: Visitor, refusal: Refused | None = None) -> Response:
    visitor.caller.require("core.custom_field.read")
    spec = object_of(visitor)
    where = CustomField.object.eq(spec.label)
    found = await visitor.site.kernel.reader.records(
        visitor.caller, CustomField, where=where, order=("place", "id"), archived=Archived.WITH
    )
    lines = [_line(visitor, one) for one in found]
    return visitor.page(
        "custom_object.html",
        status=422 if refusal else 200,
        problems=visitor.explain(refusal) if refusal else [],
        humans=visitor.humans(spec),
        here=f"{ROOT}/{spec.label}",
        shown=spec.path,
        lines=[one for one in lines if not one.gone],
        gone=[one for one in lines if one.gone],
        kinds=[(one.value, _kind(visitor, one), visitor.gettext(text)) for one, text in EXAMPLES.items()],
        can={
            verb: may(visitor, visitor.site.spec("core.custom_field"), verb) for verb in ("create", "update", "archive")
        }
        | {"layout": may(visitor, visitor.site.spec("core.layout"), "read")},
    )


def _kind(visitor: Visitor, kind: CustomKind) -> str:
    return visitor.word("core", choice_labels(CustomKind)[kind.value])


def _line(visitor: Visitor, one: CustomField) -> Line:
    label = {"zh_Hans": one.label_zh_hans, "ko": one.label_ko}.get(visitor.caller.language) or one.label
    name, gone = str(one.name), one.archived_at is not None
    return Line(str(one.id), label, name, _kind(visitor, one.kind), one.required, one.search, gone)


async def show_new(visitor: Visitor) -> Response:
    """The form of a new field of a kind, of a text unless the address says another."""
    visitor = await visitor.proven()
    visitor.caller.require("core.custom_field.create")
    kind = _asked_kind(visitor.request.query_params.get("kind", CustomKind.TEXT.value))
    traits = _asked(visitor, kind, new=True).traits
    return _form(visitor, kind, {name: default_value(one) for name, one in traits.items()})


async def create(visitor: Visitor) -> Response:
    """Add a field to an object."""
    spec = object_of(visitor)
    form = await visitor.form()
    kind = _asked_kind(str(form.get("kind", "")))
    asked = _asked(visitor, kind, new=True)
    written = asked.written(form)
    try:
        given = {"object": spec.label, "kind": kind, **_values(asked, written)}
        made = await visitor.site.kernel.operations.create(visitor.caller, CustomField, given)
    except Refused as refusal:
        return _form(visitor, kind, written, refusal=refusal)
    told_of = visitor.gettext(
        "%(field)s added: it is in forms, lists, filters, exports and the API now", field=made.label
    )
    return visitor.goto(f"{ROOT}/{spec.label}", told_of)


async def show_field(visitor: Visitor) -> Response:
    """The form of a field that is there."""
    found = await _found(visitor)
    asked = _asked(visitor, found.kind, new=False)
    return _form(visitor, found.kind, {name: written_plainly(found.value(name)) for name in asked.traits}, found)


async def change(visitor: Visitor) -> Response:
    """Change the label, the help, the choices or the duties of a field."""
    found = await _found(visitor)
    asked = _asked(visitor, found.kind, new=False)
    written = asked.written(await visitor.form())
    try:
        values = _values(asked, written)
        await visitor.site.kernel.operations.update(visitor.caller, CustomField, found.id, values)
    except Refused as refusal:
        return _form(visitor, found.kind, written, found, refusal)
    return visitor.goto(f"{ROOT}/{found.object}", visitor.gettext("Saved"))


async def archive(visitor: Visitor) -> Response:
    """Take a field out of all surfaces; what records hold stays, and comes back with it."""
    found = await _found(visitor)
    await visitor.site.kernel.operations.archive(visitor.caller, CustomField, found.id)
    return visitor.goto(f"{ROOT}/{found.object}", visitor.gettext("%(field)s is archived", field=found.label))


async def restore(visitor: Visitor) -> Response:
    """Bring an archived field back, with all that records hold."""
    found = await _found(visitor)
    await visitor.site.kernel.operations.restore(visitor.caller, CustomField, found.id)
    return visitor.goto(f"{ROOT}/{found.object}", visitor.gettext("%(field)s is back", field=found.label))


async def move(visitor: Visitor) -> Response:
    """Put a field before or behind its neighbour."""
    found = await _found(visitor)
    step = -1 if (await visitor.form()).get("to") == "up" else 1

    async def body(work: Work) -> None:
        others = await work.find(CustomField, where=CustomField.object.eq(found.object), order=("place", "id"))
        at = others.index(found)
        to = min(max(at + step, 0), len(others) - 1)
        others.insert(to, others.pop(at))
        for number, one in enumerate(others, 1):
            if one.place != number * 10:
                await work.change(one, place=number * 10)

    await visitor.site.kernel.operations.run(visitor.caller, body)
    return visitor.goto(f"{ROOT}/{found.object}")


async def _found(visitor: Visitor) -> CustomField:
    """The field of the address, of the object of the address."""
    found = await visitor.site.kernel.reader.get(visitor.caller, CustomField, visitor.id())
    if found.object != object_of(visitor).label:
        raise NotFound
    return found


def _values(asked: Asked, written: Written) -> dict[str, object]:
    """The values of a form; `Refused` where they cannot be read."""
    values, problems = asked.parsed(written)
    if problems:
        raise Refused(problems=problems)
    return values


def _asked_kind(text: str) -> CustomKind:
    kind = next((one for one in CustomKind if one.value == text), None)
    if kind is None:
        raise NotFound
    return kind


def _asked(visitor: Visitor, kind: CustomKind, *, new: bool) -> Asked:
    """What the form asks for: the usual, what the kind needs, and of a new field what never changes."""
    usual = [one for one in USUAL if not (one == "required" and kind is CustomKind.YES_OR_NO)]
    names = [one for one in (*usual, *OF_KIND.get(kind, ())) if new or one not in ONCE]
    fields = visitor.site.spec("core.custom_field").fields
    traits = {name: fields[name].traits for name in (*names, *(("name",) if new else ()))}
    if "choices" in traits:
        traits["choices"] = replace(traits["choices"], required=True)
    return Asked(visitor, "core", traits)


def _form(
    visitor: Visitor,
    kind: CustomKind,
    written: Written,
    found: CustomField | None = None,
    refusal: Refused | None = None,
) -> Response:
    spec = object_of(visitor)
    asked = _asked(visitor, kind, new=found is None)
    names = tuple(asked.traits)
    beside, others = told(visitor, "core", list(refusal.problems), names) if refusal else ({}, [])
    controls = [_control(visitor, asked, name, written.get(name, ("", ""))) for name in names]
    here = f"{ROOT}/{spec.label}"
    return visitor.page(
        "custom_field.html",
        status=422 if refusal else 200,
        humans=visitor.humans(spec),
        here=here,
        action=f"{here}/{found.id}" if found else f"{here}/new",
        found=found,
        kind=kind.value,
        kind_label=_kind(visitor, kind),
        example=visitor.gettext(EXAMPLES[kind]),
        controls=with_errors(tuple(controls), beside),
        others=others,
        preview=_preview(visitor, spec, found),
        hint=_shown_by_kind(visitor, kind),
    )


def _control(visitor: Visitor, asked: Asked, name: str, value: tuple[str, str]) -> Control:
    control = asked.control(name, value)
    if name != "target":
        return control
    specs: Sequence[ModelSpec] = [spec for spec in visitor.site.registry.surfaced() if spec.parent is None]
    options = tuple((spec.label, visitor.humans(spec)) for spec in specs)
    return replace(control, control="select", options=options, required=True)


def _preview(visitor: Visitor, spec: ModelSpec, found: CustomField | None) -> Control | None:
    """The field as forms show it at this moment."""
    name = str(found.name) if found else ""
    return asked_of(visitor, spec, (name,)).control(name) if name in spec.fields else None


def _shown_by_kind(visitor: Visitor, kind: CustomKind) -> str:
    if kind is CustomKind.CHOICE:
        return visitor.gettext(
            "The code before the = sign is what records keep: change labels as you like, but leave the codes."
        )
    return ""

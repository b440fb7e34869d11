"""Layouts: how administrators arrange the fields of an object, for all its records or for those of a business type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from core.custom_fields import (
    KINDS,
    LONGEST,
    PREFIX,
    CustomField,
    count_definitions,
    customisable,
    read_label,
    written_label,
)
from core.database import KEY
from core.entering import PLACEMENT
from core.errors import Problem, Refused
from core.fields import Kind, Traits, note, text
from core.model import Meta, Model
from core.registry import Arrangement, ModelSpec
from core.resource import Resource
from core.work import Work

ALL = "all"
"""The business type of the layout that holds where there is no other."""
LEFT_OUT = "-"
UNPLACED = (Kind.DATA, Kind.SECRET, Kind.ID)


class Layout(Model):
    """How the form and the page of an object are arranged."""

    meta = Meta(
        title="business_type",
        order=("object", "business_type"),
        key=("object", "business_type"),
        together=(("object", "business_type"),),
    )

    object = text(120, required=True, help="The object that is arranged: sales.customer")
    business_type = text(32, required=True, help="A value of the choice that tells types apart; all: where none is")
    type_field = text(LONGEST, label="Types come from", help="A choice of the object; stands in the layout of all")
    sections = note(help="A section on each line: Company | ko: 회사 = name, phone. The line - = fax leaves fields out")


class Layouts(Resource[Layout]):
    """How forms and pages are arranged."""

    columns = ("object", "business_type", "type_field")
    form: ClassVar = {"": ("object", "business_type", "type_field", "sections")}
    icon = "layout-dashboard"
    menu = None

    async def check(self, work: Work, before: Layout | None, after: Layout) -> None:  # noqa: ARG002 - any
        """An arrangement of fields that there are, of which none that must be filled in is left out."""
        spec = work.unit(KEY).registry.models.get(after.object)
        if spec is None or not customisable(spec):
            message = "There is no such object, or it takes no custom fields"
            raise Refused(message, field="object", code="unknown_object")
        arranged = read_sections(after.sections or "")
        known = await _known(work, spec, (*arranged.names, after.type_field or ""))
        problems = [*_mistold(known, after), *_misplaced(known, arranged)]
        if problems:
            raise Refused(problems=problems)

    async def changed(self, work: Work, before: Layout | None, after: Layout) -> None:  # noqa: ARG002 - any
        """Every process arranges anew when it next looks."""
        await count_definitions(work)


def read_sections(written: str) -> Arrangement:
    """An arrangement from lines like `Company | ko: 회사 = name, phone`; `Refused` names what is wrong."""
    sections: list[tuple[str, tuple[str, ...]]] = []
    left_out: tuple[str, ...] = ()
    for line in (one.strip() for one in written.splitlines() if one.strip()):
        told, equals, named = line.rpartition("=") if "=" in line else (line, "", "")
        names = tuple(one.strip() for one in named.split(",") if one.strip())
        if equals and told.strip() == LEFT_OUT:
            left_out += names
        else:
            sections.append((read_label(told, line, "sections"), names))
    return Arrangement(tuple(sections), left_out)


def written_sections(sections: Sequence[tuple[str, Sequence[str]]], left_out: Sequence[str]) -> str:
    """An arrangement as it is written."""
    lines = [f"{written_label(title)} = {', '.join(names)}".strip() for title, names in sections]
    return "\n".join([*lines, *([f"{LEFT_OUT} = {', '.join(left_out)}"] if left_out else [])])


def placeable(spec: ModelSpec) -> tuple[str, ...]:
    """The fields that are arranged: those of the object, and owner and department where its form asks for them."""
    asked = {name for names in spec.resource.form.values() for name in names}
    own = (name for name, one in spec.own.items() if one.kind not in UNPLACED)
    return (*own, *(name for name in PLACEMENT if name in asked))


def must_stand(traits: Traits) -> bool:
    """Whether a form without the field could not be sent."""
    return traits.required and traits.default is None and not traits.readonly and traits.kind is not Kind.BOOLEAN


async def _known(work: Work, spec: ModelSpec, names: Iterable[str]) -> dict[str, Traits]:
    """The fields that may be named, those that were added just now as well."""
    found = {name: spec.fields[name].traits for name in placeable(spec)}
    if any(name.startswith(PREFIX) and name not in found for name in names):
        where = CustomField.object.eq(spec.label)
        added = await work.find(CustomField, where=where, fields=("name", "label", "kind", "required"))
        found |= {str(one.name): Traits(KINDS[one.kind], one.label, required=one.required) for one in added}
    return found


def _mistold(known: Mapping[str, Traits], after: Layout) -> Iterator[Problem]:
    if not after.type_field:
        return
    found = known.get(after.type_field)
    if after.business_type != ALL:
        yield Problem("Types are told apart by the layout of all", "type_field", "not_here")
    elif found is None or found.kind is not Kind.CHOICE:
        yield Problem("Types are told apart by a choice of the object", "type_field", "no_choice")


def _misplaced(known: Mapping[str, Traits], arranged: Arrangement) -> Iterator[Problem]:
    names = arranged.names
    for name in (one for one in names if one not in known):
        yield Problem("There is no field %(name)s", "sections", "unknown_field", (("name", name),))
    titles = (str(title) for title, _ in arranged.sections)
    for one, count in Counter((*names, *titles)).items():
        if count > 1:
            yield Problem("%(name)s stands there twice", "sections", "taken", (("name", one),))
    for name in arranged.left_out:
        if name in known and must_stand(known[name]):
            message = "%(name)s must be filled in and cannot be left out"
            yield Problem(message, "sections", "required", (("name", known[name].label),))

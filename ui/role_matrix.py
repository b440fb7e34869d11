"""What a role may do: a matrix of models and verbs, each with the scope of records that it reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from core.access import Scope
from core.conditions import Compare, Condition, Op
from core.departments import Department
from core.errors import Refused
from core.fields import Kind
from core.query import Archived
from core.registry import VERBS, ModelSpec
from core.roles import Grant
from core.work import Work
from ui.cells import address
from ui.forms import told
from ui.records import read_record
from ui.visitor import Visitor
from ui.words import N_

SCOPES: tuple[tuple[Scope, str], ...] = (
    (Scope.OWN, N_("Own")),
    (Scope.REPORTS, N_("Own and reports")),
    (Scope.DEPARTMENT, N_("Department")),
    (Scope.TREE, N_("Department and below")),
    (Scope.CHOSEN, N_("Chosen departments")),
    (Scope.ALL, N_("All")),
)


@dataclass(frozen=True, slots=True)
class Right:
    """A cell of the matrix: a permission, and the scope that the role has it with."""

    permission: str
    label: str
    scope: str


@dataclass(frozen=True, slots=True)
class Hideable:
    """A field that the role may be kept from reading."""

    name: str
    label: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class ModelRights:
    """A row of the matrix: a model, its verbs and actions, and the fields that may be hidden."""

    label: str
    title: str
    verbs: tuple[Right, ...]
    actions: tuple[Right, ...]
    fields: tuple[Hideable, ...]


async def show_matrix(visitor: Visitor, spec: ModelSpec) -> Response:
    """The permissions of a role."""
    return await _page(visitor, spec)


async def _page(visitor: Visitor, spec: ModelSpec, refusal: Refused | None = None) -> Response:
    row = await read_record(visitor, spec, related=False)
    reader, caller = visitor.site.kernel.reader, visitor.caller
    grants = await reader.records(
        caller, Grant, where=_of(visitor.id()), fields=("permission", "scope", "departments", "hidden")
    )
    departments = await reader.records(caller, Department, order=("name",), fields=("name",))
    chosen = {one for grant in grants for one in grant.value("departments") or ()}
    known = {grant.value("permission"): grant for grant in grants}
    return visitor.page(
        "matrix.html",
        status=422 if refusal else 200,
        spec=spec,
        name=visitor.shower(spec).title(spec, row),
        role=address(spec, row["id"]),
        humans=visitor.humans(spec),
        scopes=[(one.value, visitor.gettext(text)) for one, text in SCOPES],
        heads=[visitor.word("core", one.capitalize()) for one in VERBS],
        rights=list(_rights(visitor, known)),
        departments=[(str(one.value("id")), one.value("name"), str(one.value("id")) in chosen) for one in departments],
        problems=told(visitor, "core", list(refusal.problems), ())[1] if refusal else [],
    )


def _of(role: UUID) -> Condition:
    return Compare("role", Op.EQ, role)


def _rights(visitor: Visitor, known: Mapping[str, Any]) -> Iterator[ModelRights]:
    for spec in visitor.site.registry.surfaced():
        if spec.parent is None:
            reading = known.get(f"{spec.label}.read")
            hidden = (reading.value("hidden") if reading else None) or ()
            yield ModelRights(
                spec.label,
                visitor.humans(spec),
                tuple(_right(f"{spec.label}.{verb}", visitor.word("core", verb.capitalize()), known) for verb in VERBS),
                tuple(_actions(visitor, spec, known)),
                tuple(
                    Hideable(name, visitor.label(spec, name), name in hidden)
                    for name, one in spec.own.items()
                    if one.kind not in (Kind.SECRET, Kind.DATA) and name != spec.title
                ),
            )


def _actions(visitor: Visitor, spec: ModelSpec, known: Mapping[str, Any]) -> Iterator[Right]:
    """The permissions of actions, of the model and its parts; several actions may share one."""
    seen: dict[str, list[str]] = {}
    for one in visitor.site.registry.surfaced():
        if visitor.site.registry.root(one) is spec:
            for action in one.actions.values():
                seen.setdefault(action.permission, []).append(visitor.word(one.plugin, action.label))
    for name, labels in seen.items():
        if name not in VERBS:
            yield _right(f"{spec.label}.{name}", ", ".join(labels), known)


def _right(permission: str, label: str, known: Mapping[str, Any]) -> Right:
    grant = known.get(permission)
    return Right(permission, label, grant.value("scope").value if grant else "")


async def keep_matrix(visitor: Visitor, spec: ModelSpec) -> Response:
    """Set the permissions of a role, all at once."""
    visitor.caller.require(visitor.site.registry.permission(spec, "update"))
    form = await visitor.form()
    role = visitor.id()
    wanted = dict(_wanted(visitor, form))
    shown = {one.name for one in visitor.site.registry.permissions()}  # not those of a plugin that is switched off

    async def body(work: Work) -> None:
        known = {one.permission: one for one in await work.find(Grant, where=_of(role), archived=Archived.WITH)}
        for permission, values in wanted.items():
            await _grant(work, role, permission, values, known.get(permission))
        for permission, grant in known.items():
            if permission in shown - wanted.keys() and grant.archived_at is None:
                await work.archive(grant)

    try:
        await visitor.site.kernel.operations.run(visitor.caller, body)
    except Refused as refusal:
        return await _page(visitor, spec, refusal)
    return visitor.goto(address(spec, role), visitor.gettext("Permissions kept"))


async def _grant(work: Work, role: UUID, permission: str, values: Mapping[str, Any], grant: Grant | None) -> None:
    if grant is None:
        await work.create(Grant, role=role, permission=permission, **values)
        return
    if grant.archived_at is not None:
        grant = await work.restore(grant)
    if any(_plain(grant.value(name)) != _plain(value) for name, value in values.items()):
        await work.change(grant, **values)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value or []


def _wanted(visitor: Visitor, form: FormData) -> Iterator[tuple[str, dict[str, Any]]]:
    """The grants that the form asks for."""
    chosen: Sequence[str] = [str(one) for one in form.getlist("department")]
    for one in visitor.site.registry.permissions():
        text = str(form.get(f"scope.{one.name}", ""))
        scope = next((known for known in Scope if known.value == text), None)
        if scope is not None:
            hidden = [str(name) for name in form.getlist(f"hidden.{one.name}")]
            yield (
                one.name,
                {"scope": scope, "departments": list(chosen) if scope is Scope.CHOSEN else [], "hidden": hidden},
            )

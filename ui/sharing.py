"""Opening a record to somebody else, and closing it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from core.errors import Refused
from core.fields import Kind, Traits
from core.registry import ModelSpec
from core.shares import shares_of
from ui.cells import address
from ui.choices import Resolved, resolve_links
from ui.forms import Asked, told, with_errors
from ui.records import read_record
from ui.visitor import Visitor

NAMES = ("user", "to_department", "role", "writes", "reason", "expires_at")


def _asked(visitor: Visitor) -> Asked:
    """The fields of a share; whose records each link is chosen from."""
    spec = visitor.site.spec("core.share")
    traits: dict[str, Traits] = {name: replace(spec.fields[name].traits, required=False) for name in NAMES}
    traits |= {
        name: replace(one, target=spec.fields[name].target) for name, one in traits.items() if one.kind is Kind.LINK
    }
    return Asked(visitor, "core", traits)


async def show_share(visitor: Visitor, spec: ModelSpec) -> Response:
    """The form, and to whom the record is open already."""
    visitor.caller.require(visitor.site.registry.permission(spec, "share"))
    return await _page(visitor, spec)


async def _page(
    visitor: Visitor, spec: ModelSpec, resolved: Resolved | None = None, others: list[str] | None = None
) -> Response:
    kernel, asked = visitor.site.kernel, _asked(visitor)
    row = await read_record(visitor, spec, related=False)
    shares = await shares_of(kernel.database, kernel.reader, visitor.caller, spec, visitor.id())
    found = resolved or Resolved({}, {}, {})
    controls = []
    for name, one in asked.traits.items():
        drawn = asked.control(name, found.written.get(name, ("", "")))
        if one.kind is Kind.LINK:
            drawn = replace(drawn, options=found.candidates.get(name, ()))
        controls.append(drawn)
    return visitor.page(
        "share.html",
        block="form",
        status=422 if others or found.errors else 200,
        spec=spec,
        humans=visitor.humans(spec),
        name=visitor.shower(spec).title(spec, row),
        record=address(spec, row["id"]),
        controls=with_errors(tuple(controls), found.errors),
        others=others or [],
        shares=shares,
    )


async def share(visitor: Visitor, spec: ModelSpec) -> Response:
    """Open the record."""
    form = await visitor.form()
    asked = _asked(visitor)
    resolved = await resolve_links(visitor, asked.traits, asked.written(form))
    values, problems = asked.parsed(resolved.written)
    beside, others = told(visitor, "core", problems, NAMES)
    if resolved.errors or beside or others:
        return await _page(visitor, spec, replace(resolved, errors=resolved.errors | beside), others)
    try:
        await visitor.site.kernel.operations.share(visitor.caller, spec.model, visitor.id(), **_arguments(values))
    except Refused as refusal:
        beside, others = told(visitor, "core", list(refusal.problems), NAMES)
        return await _page(visitor, spec, replace(resolved, errors=beside), others)
    return visitor.goto(address(spec, visitor.id()), visitor.gettext("Shared"))


def _arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"department" if name == "to_department" else name: value for name, value in values.items()}


async def unshare(visitor: Visitor, spec: ModelSpec) -> Response:
    """Close the record again."""
    form = await visitor.form()
    shares = await shares_of(
        visitor.site.kernel.database, visitor.site.kernel.reader, visitor.caller, spec, visitor.id()
    )
    wanted = next((one for one in shares if str(one.id) == form.get("share")), None)
    if wanted is not None:
        await visitor.site.kernel.operations.unshare(visitor.caller, wanted.id)
    return visitor.goto(address(spec, visitor.id()), visitor.gettext("No longer shared"))

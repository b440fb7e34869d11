"""The registry with the custom fields and layouts of this moment, made beside the one in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.codec import stored
from core.custom_fields import COUNTED, KINDS, CustomField, customisable, read_choices
from core.database import KEY, Database
from core.fields import LISTS, Kind, Traits
from core.labels import Chosen, Label
from core.layouts import ALL, Layout, read_sections
from core.registry import FieldSpec, ModelSpec, Registry, field_spec, pascal

LENGTHS = {Kind.NOTE: 100_000, Kind.EMAIL: 254, Kind.URL: 2_000, Kind.PHONES: 32, Kind.TAGS: 64, Kind.CHOICE: 32}
USUAL_LENGTH = 255
USUAL_SCALE = 2


@dataclass(frozen=True, slots=True)
class Definitions:
    """The custom fields and layouts that are defined, and the number that counts their changes."""

    number: int = 0
    fields: tuple[Mapping[str, Any], ...] = ()
    layouts: tuple[Mapping[str, Any], ...] = ()


async def read_definitions(database: Database, registry: Registry) -> Definitions:
    """The definitions as they are now. What changes while they are read is counted on, and so read again."""
    rows = await database.read(KEY, f"SELECT CAST(content AS TEXT) FROM core_setting WHERE name = '{COUNTED}'")
    return Definitions(
        int(rows[0][0]) if rows else 0,
        await _rows(database, registry.spec(CustomField), "place, id"),
        await _rows(database, registry.spec(Layout), "id"),
    )


async def _rows(database: Database, spec: ModelSpec, order: str) -> tuple[Mapping[str, Any], ...]:
    names = [column for one in spec.fields.values() for column in one.columns]
    sql = f"SELECT {', '.join(names)} FROM {spec.table} WHERE archived_at IS NULL ORDER BY {order}"
    raws = [dict(zip(names, row, strict=True)) for row in await database.read(KEY, sql)]
    return tuple({name: stored(one, raw) for name, one in spec.fields.items()} for raw in raws)


def with_definitions(base: Registry, definitions: Definitions) -> Registry:
    """The registry of the plugins with both; what no longer fits (its plugin is off) is left out."""
    by_object: dict[str, list[FieldSpec]] = {}
    for one in definitions.fields:
        spec = base.models.get(one["object"])
        found = _field(base, spec, one) if spec is not None and customisable(spec) else None
        if found is not None:
            by_object.setdefault(one["object"], []).append(found)
    models = {label: _extended(spec, by_object.get(label, ())) for label, spec in base.models.items()}
    for one in definitions.layouts:
        if one["object"] in models:
            models[one["object"]] = _arranged(models[one["object"]], one)
    by_class = {spec.model: spec for spec in models.values()}
    return replace(base, models=models, by_class=by_class, definitions=definitions.number)


def _extended(spec: ModelSpec, fields: Sequence[FieldSpec]) -> ModelSpec:
    """A model with custom fields behind its own, before those that every model has."""
    if not fields:
        return spec
    system = {name: one for name, one in spec.fields.items() if one.system}
    added = {one.name: one for one in fields if one.name not in spec.fields}
    return replace(spec, fields={**spec.own, **added, **system})


def _arranged(spec: ModelSpec, one: Mapping[str, Any]) -> ModelSpec:
    """A model with one more layout."""
    layouts = {**spec.layouts}
    if one["sections"]:
        layouts[one["business_type"]] = read_sections(one["sections"])
    told_by = one["type_field"] if one["business_type"] == ALL and one["type_field"] in spec.own else spec.type_field
    return replace(spec, layouts=layouts, type_field=told_by)


def _field(base: Registry, spec: ModelSpec, one: Mapping[str, Any]) -> FieldSpec | None:
    kind = KINDS[one["kind"]]
    target = one["target"] if kind is Kind.LINK else None
    if target is not None and target not in base.models:
        return None
    translated = {"zh_Hans": one["label_zh_hans"] or "", "ko": one["label_ko"] or ""}
    traits = Traits(
        kind,
        Label(one["label"], translated),
        one["help"] or "",
        required=one["required"] or kind is Kind.BOOLEAN,
        search=one["search"],
        default=_default(kind, required=one["required"]),
        max_length=(one["length"] or USUAL_LENGTH) if kind is Kind.TEXT else LENGTHS.get(kind, 0),
        scale=(USUAL_SCALE if one["scale"] is None else one["scale"]) if kind is Kind.DECIMAL else 0,
        choices=_choices(spec, one) if kind is Kind.CHOICE else None,
        target=target,
        section=one["section"] or "",
    )
    return field_spec(one["name"], traits, target, inside=True)


def _default(kind: Kind, *, required: bool) -> object:
    if kind is Kind.BOOLEAN:
        return False
    return () if kind in LISTS and not required else None


def _choices(spec: ModelSpec, one: Mapping[str, Any]) -> type[Chosen]:
    members: Iterable[tuple[str, tuple[str, Label]]] = (
        (code.upper(), (code, label)) for code, label in read_choices(one["choices"] or "").items()
    )
    make: Any = Chosen  # the functional form of an enum is not known of one with a `__new__` of its own
    made: type[Chosen] = make(f"{spec.model.__name__}{pascal(one['name'])}Choice", list(members))
    made.__doc__ = str(one["label"])
    return made

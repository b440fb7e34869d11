"""The tables of a registry: Tortoise model classes of the app's own, derived from the declarations.

They exist to be migrated, never to be queried: they are bound to no connection. Tortoise's fields and nothing of ours
stand in them, so that generated migrations outlive any move of our code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import partial
from hashlib import sha256
from typing import Any

from tortoise import fields
from tortoise.fields import OnDelete
from tortoise.fields.base import Field as Column
from tortoise.indexes import Index
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.models import Model as Table

from core.fields import LISTS, TEXTUAL, Kind
from core.registry import FieldSpec, ModelSpec, Registry

CREATORS = ("created_by", "updated_by")
"""Links without an index: users are never removed, and no list is by creator alone."""

Make = Callable[..., Column[Any]]
LINK: Make = fields.ForeignKeyField
CODE: Make = partial(fields.CharField, max_length=3)
COLUMNS: dict[Kind, Make] = {
    Kind.NOTE: fields.TextField,
    Kind.CHOICE: partial(fields.CharField, max_length=32),
    Kind.ID: fields.UUIDField,
    Kind.INTEGER: fields.IntField,
    Kind.DECIMAL: fields.BigIntField,
    Kind.MONEY: fields.BigIntField,
    Kind.POSITION: fields.BigIntField,
    Kind.BOOLEAN: fields.BooleanField,
    Kind.DATE: fields.DateField,
    Kind.MOMENT: fields.DatetimeField,
    Kind.PHONES: fields.JSONField,
    Kind.EMAILS: fields.JSONField,
    Kind.TAGS: fields.JSONField,
    Kind.DATA: fields.JSONField,
}


def tables(registry: Registry) -> StateApps:
    """The model classes of all plugins, linked with each other."""
    apps = StateApps()
    for spec in registry.models.values():
        apps.register_model(spec.plugin, table(registry, spec))
    apps._init_relations()  # noqa: SLF001  # Tortoise has no public way without a connection
    return apps


def table(registry: Registry, spec: ModelSpec) -> type[Table]:
    """The model class of one model."""
    options = {
        "table": spec.table,
        "app": spec.plugin,
        "unique_together": tuple(dict.fromkeys(uniques(spec))),
        "indexes": [Index(fields=list(one), name=_index_name(spec, one)) for one in _needed(spec)],
    }
    attributes: dict[str, Any] = {"_no_comments": True}  # else Tortoise reads source files for what explains a field
    for one in spec.fields.values():
        attributes.update(_columns(registry, one))
    return type(spec.model.__name__, (Table,), attributes | {"Meta": type("Meta", (), options)})


def _columns(registry: Registry, one: FieldSpec) -> Iterator[tuple[str, Column[Any]]]:
    traits, empty = one.traits, _may_be_empty(one)
    if one.kind is Kind.ID:
        yield one.column, fields.UUIDField(primary_key=True, default=None)
    elif one.target is not None:
        target = registry.models[one.target]
        reference = f"{target.plugin}.{target.model.__name__}"
        yield one.name, LINK(reference, related_name=False, on_delete=OnDelete.RESTRICT, null=empty)
    else:
        make = COLUMNS.get(one.kind, COLUMNS[Kind.NOTE])
        # A comment on the column, without which a change of the scale would go unseen and move every point.
        scale = {"description": f"scale {traits.scale}"} if one.kind is Kind.DECIMAL else {}
        yield one.column, make(null=empty, **_default(one, traits.default), **scale)
    if one.second:
        second = CODE if one.kind is Kind.MONEY else COLUMNS[one.kind]
        yield one.second, second(null=empty)
    if one.folded:
        folded = "" if one.kind in LISTS else _folded(traits.default)
        yield one.folded, COLUMNS[Kind.NOTE](null=empty, **_default(one, folded))


def _may_be_empty(one: FieldSpec) -> bool:
    return not (one.traits.required or one.traits.default is not None or one.kind in LISTS)


def _folded(default: object) -> str | None:
    from core.codec import fold

    return fold(default) if isinstance(default, str) else None


def _default(one: FieldSpec, value: Any) -> dict[str, Any]:
    """A constant default, as the column holds it; so that a field with one can be added to a filled table."""
    if value is None:
        return {}
    if isinstance(value, Enum):
        value = value.value
    elif one.kind in LISTS and not isinstance(value, str):
        value = list(value)
    elif one.kind is Kind.DECIMAL:
        value = int(value.scaleb(one.traits.scale))
    return {"db_default": value}


# Indexes ------------------------------------------------------------------------------------------------------------


def uniques(spec: ModelSpec) -> Iterator[tuple[str, ...]]:
    """The sets of columns that are unique: of text the folded ones."""
    for one in spec.fields.values():
        if one.traits.unique:
            yield (one.folded or one.column,)
    for names in spec.meta.together:
        yield tuple(compared(spec, name) for name in names)


def indexes(spec: ModelSpec) -> Iterator[tuple[str, ...]]:
    """The columns of each index: what the plugin asks for, its links, and what its lists need."""
    yield from (tuple(compared(spec, name) for name in names) for names in spec.meta.indexes)
    order = () if spec.meta.internal else _order(spec)
    for name, link in spec.links.items():
        scope = name in {"owner", "department"} and (spec.meta.internal or spec.parent)
        if name not in CREATORS and not scope:
            yield (link.column, *order)
    if spec.meta.internal:
        return
    yield order
    if spec.title in spec.fields and spec.fields[spec.title].kind in TEXTUAL:
        yield (compared(spec, spec.title), "id")
    for name in (*spec.meta.key, *spec.resource.duplicates):
        if name in spec.fields and spec.fields[name].kind in TEXTUAL:
            yield (compared(spec, name),)


def _needed(spec: ModelSpec) -> list[tuple[str, ...]]:
    """The indexes that no longer index and no unique set begins with."""
    wanted = list(dict.fromkeys(indexes(spec)))
    others = [*wanted, *uniques(spec)]
    return [one for one in wanted if one and not any(one == other[: len(one)] and one is not other for other in others)]


def compared(spec: ModelSpec, name: str) -> str:
    """The column by which a field is found: the kernel asks its internal models by the exact text."""
    one = spec.fields[name]
    return one.folded if one.folded and one.kind in TEXTUAL and not spec.meta.internal else one.column


def _order(spec: ModelSpec) -> tuple[str, ...]:
    """The columns of the default order, as far as they are the model's own, and the id; see `sorting.sort_keys`."""
    keys: list[tuple[str, bool, bool]] = []
    for path in spec.meta.order:
        one = spec.fields.get(path.removeprefix("-"))
        if one is None or one.kind is Kind.LINK:
            break
        keys.append((compared(spec, one.name), path.startswith("-"), not one.traits.required))
    else:
        keys.append(("id", bool(keys) and keys[-1][1], False))
    if not any(empty for _, _, empty in keys) and len({down for _, down, _ in keys}) == 1:
        return tuple(column for column, _, _ in keys)
    return tuple(_directed(column, down=down, empty=empty) for column, down, empty in keys)


def _directed(column: str, *, down: bool, empty: bool) -> str:
    if not down:
        return column
    return f'"{column}" DESC{" NULLS LAST" if empty else ""}'


def _index_name(spec: ModelSpec, columns: Sequence[str]) -> str:
    digest = sha256(" ".join((spec.table, *columns)).encode()).hexdigest()[:8]
    return f"{spec.table[:40]}_{digest}"

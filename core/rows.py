"""Rows of the kernel's tables by id: the last step of a write. Nobody's rights are asked here; `operations` did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from core.codec import columns, from_columns, plain
from core.database import KEY, Connection, Dialect
from core.fields import LISTS, Kind
from core.inside import CUSTOM, unpacked
from core.registry import FieldSpec, ModelSpec


def _assigned(dialect: Dialect, spec: ModelSpec, values: Mapping[str, object]) -> dict[str, object]:
    assigned: dict[str, object] = {}
    for name, value in values.items():
        one = spec.fields[name]
        if one.inside:
            continue
        assigned.update(zip(one.columns, columns(dialect, one, value), strict=True))
    return assigned


def _values(dialect: Dialect, fields: Sequence[tuple[str, FieldSpec, int]], row: Mapping[str, object]) -> list[object]:
    """The values of all columns of a row; most fields of most rows are empty, which needs no asking."""
    values: list[object] = []
    for name, one, width in fields:
        value = row[name]
        values += (None,) * width if value is None else columns(dialect, one, value)
    return values


CASTS = {
    Kind.ID: "uuid",
    Kind.LINK: "uuid",
    Kind.INTEGER: "int",
    Kind.DECIMAL: "bigint",
    Kind.MONEY: "bigint",
    Kind.POSITION: "bigint",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.MOMENT: "timestamptz",
    Kind.DATA: "jsonb",
    **dict.fromkeys(LISTS, "jsonb"),
}


class Places:
    """Hands out the places of a PostgreSQL statement that has several parts, each with its type."""

    def __init__(self, taken: int = 0) -> None:
        self.count = taken

    def put(self, cast: str = "text") -> str:
        """The next place."""
        self.count += 1
        return f"${self.count}::{cast}"

    def row(self, spec: ModelSpec, names: Sequence[str]) -> str:
        """The places of all columns of some fields; `row_values` gives their values."""
        places: list[str] = []
        for one in _columned_fields(spec, names):
            places += [self.put(cast) for cast in _casts(one)]
        return ", ".join(places)


def _casts(one: FieldSpec) -> tuple[str, ...]:
    """The types of a field's columns."""
    rest = "bigint" if one.kind is Kind.POSITION else "text"
    return (CASTS.get(one.kind, "text"), *(rest for _ in one.columns[1:]))


def column_names(spec: ModelSpec, names: Sequence[str]) -> str:
    """The columns of some fields."""
    return ", ".join(column for one in _columned_fields(spec, names) for column in one.columns)


def row_values(spec: ModelSpec, row: Mapping[str, object]) -> list[object]:
    """The values of all columns of a row, for PostgreSQL."""
    return _values(Dialect.POSTGRES, _fields(spec, row), row)


def _fields(spec: ModelSpec, row: Mapping[str, object]) -> list[tuple[str, FieldSpec, int]]:
    return [(one.name, one, len(one.columns)) for one in _columned_fields(spec, row)]


def _columned_fields(spec: ModelSpec, names: Iterable[str]) -> list[FieldSpec]:
    """The fields that have columns of their own; custom ones are inside the column `custom`, which is written whole."""
    return [one for one in map(spec.fields.__getitem__, names) if not one.inside]


async def insert(connection: Connection, spec: ModelSpec, values: Mapping[str, object]) -> None:
    """Write one new row; fields left out take their column's default."""
    await insert_many(connection, spec, (values,))


async def insert_many(connection: Connection, spec: ModelSpec, rows: Sequence[Mapping[str, object]]) -> None:
    """Write new rows that all give the same fields."""
    if not rows:
        return
    dialect = connection.dialect
    fields = _fields(spec, rows[0])
    if len(rows) > 1 and dialect is Dialect.POSTGRES:
        await connection.run(KEY, *_all_at_once(spec, fields, rows))
        return
    names = [column for _, one, _ in fields for column in one.columns]
    places = ", ".join(dialect.place(number) for number in range(1, len(names) + 1))
    sql = f"INSERT INTO {spec.table} ({', '.join(names)}) VALUES ({places})"
    if len(rows) == 1:
        await connection.run(KEY, sql, _values(dialect, fields, rows[0]))
        return
    columned: list[Sequence[object]] = []
    for field in fields:
        same, lists = _columned(dialect, field, rows)
        columned += [(value,) * len(rows) for value in same] or lists
    await connection.run_many(KEY, sql, list(zip(*columned, strict=True)))


def _all_at_once(
    spec: ModelSpec, fields: Sequence[tuple[str, FieldSpec, int]], rows: Sequence[Mapping[str, object]]
) -> tuple[str, list[object]]:
    """One statement for all rows and its values: what is the same in all rows once, of the rest a list for a column."""
    places, parameters = Places(), list[object]()
    names: list[str] = []
    selected: list[str] = []
    listed: dict[str, str] = {}
    for field in fields:
        same, lists = _columned(Dialect.POSTGRES, field, rows)
        parameters += same or lists
        names += field[1].columns
        for column, cast in zip(field[1].columns, _casts(field[1]), strict=True):
            if same:
                selected.append(places.put(cast))
            else:
                selected.append(f"u.{column}")
                listed[column] = places.put(f"{cast}[]")
    source = f"unnest({', '.join(listed.values())}) u({', '.join(listed)})"
    if not listed:
        source = f"generate_series(1, {len(rows)})"
    return f"INSERT INTO {spec.table} ({', '.join(names)}) SELECT {', '.join(selected)} FROM {source}", parameters


def _columned(
    dialect: Dialect, field: tuple[str, FieldSpec, int], rows: Sequence[Mapping[str, object]]
) -> tuple[list[object], list[Sequence[object]]]:
    """The values of a field's columns if all rows have the same, else a list for each column."""
    name, one, width = field
    values = [row[name] for row in rows]
    if len(set(map(id, values))) == 1:
        return _values(dialect, (field,), rows[0]), []
    nothing = (None,) * width
    found = [nothing if value is None else columns(dialect, one, value) for value in values]
    return [], list(zip(*found, strict=True))


async def insert_missing(connection: Connection, spec: ModelSpec, values: Mapping[str, object]) -> bool:
    """Write a new row, unless one with its id or unique values is there already. False: there was."""
    assigned = _assigned(connection.dialect, spec, values)
    places = ", ".join(connection.dialect.place(number) for number in range(1, len(assigned) + 1))
    sql = f"INSERT INTO {spec.table} ({', '.join(assigned)}) VALUES ({places}) ON CONFLICT DO NOTHING"
    return await connection.run(KEY, sql, list(assigned.values())) == 1


async def update(
    connection: Connection, spec: ModelSpec, record: UUID, values: Mapping[str, object], version: int | None = None
) -> bool:
    """Write some fields of a row, and if a version is given only while it still has it. False: no such row."""
    dialect = connection.dialect
    assigned = _assigned(dialect, spec, values)
    sets = ", ".join(f"{name} = {dialect.place(number)}" for number, name in enumerate(assigned, 1))
    parameters = [*assigned.values(), plain(dialect, Kind.ID, 0, record)]
    where = f"id = {dialect.place(len(parameters))}"
    if version is not None:
        parameters.append(version)
        where += f" AND version = {dialect.place(len(parameters))}"
    return await connection.run(KEY, f"UPDATE {spec.table} SET {sets} WHERE {where}", parameters) == 1


async def update_many(
    connection: Connection, spec: ModelSpec, changes: Sequence[tuple[Mapping[str, Any], Mapping[str, object]]]
) -> bool:
    """Write some fields of several rows, each only while it still has its version. False: one of them has not."""
    alike: dict[tuple[str, ...], list[tuple[Mapping[str, Any], Mapping[str, object]]]] = defaultdict(list)
    for before, values in changes:
        alike[tuple(values)].append((before, values))
    for some in alike.values():
        if len(some) == 1:
            ((before, values),) = some
            if not await update(connection, spec, before["id"], values, before["version"]):
                return False
        elif await connection.run(KEY, *_updates(connection.dialect, spec, some)) != len(some):
            return False
    return True


def _updates(
    dialect: Dialect, spec: ModelSpec, changes: Sequence[tuple[Mapping[str, Any], Mapping[str, object]]]
) -> tuple[str, list[object]]:
    """One statement for rows of which the same fields change, and its values."""
    fields = _fields(spec, changes[0][1])
    names = [column for _, one, _ in fields for column in one.columns]
    lines = [
        (plain(dialect, Kind.ID, 0, before["id"]), before["version"], *_values(dialect, fields, values))
        for before, values in changes
    ]
    if dialect is Dialect.POSTGRES:
        casts = ("uuid", "int", *(cast for _, one, _ in fields for cast in _casts(one)))
        parameters: list[object] = [list(column) for column in zip(*lines, strict=True)]
        source = f"unnest({', '.join(f'${place}::{cast}[]' for place, cast in enumerate(casts, 1))})"
        source = f"(SELECT * FROM {source}) u({', '.join(f'column{place}' for place in range(1, len(casts) + 1))})"
    else:
        parameters = [value for line in lines for value in line]
        line = f"({', '.join('?' * len(lines[0]))})"
        source = f"(VALUES {', '.join([line] * len(lines))}) u"
    sets = ", ".join(f"{name} = u.column{place}" for place, name in enumerate(names, 3))
    where = f"{spec.table}.id = u.column1 AND {spec.table}.version = u.column2"
    return f"UPDATE {spec.table} SET {sets} FROM {source} WHERE {where}", parameters


async def delete(connection: Connection, spec: ModelSpec, record: UUID) -> bool:
    """Remove a row for good. False: no such row."""
    value = plain(connection.dialect, Kind.ID, 0, record)
    return await connection.run(KEY, f"DELETE FROM {spec.table} WHERE id = {connection.dialect.place(1)}", [value]) == 1


async def load(
    connection: Connection, spec: ModelSpec, ids: Sequence[UUID], *, lock: bool = True
) -> list[dict[str, Any]]:
    """Rows by id, in the order of their ids, as field values; locked until the transaction ends."""
    fields = _columned_fields(spec, spec.fields)
    names = [column for one in fields for column in one.columns]
    dialect = connection.dialect
    if dialect is Dialect.POSTGRES:
        where, parameters = f"id = ANY({dialect.place(1)}::uuid[])", [list(ids)]
    else:
        where = f"id IN ({', '.join('?' * len(ids))})"
        parameters = [str(one) for one in ids]  # type: ignore[misc]  # two databases, two forms of a list
    tail = " FOR UPDATE" if lock and dialect is Dialect.POSTGRES else ""
    sql = f"SELECT {', '.join(names)} FROM {spec.table} WHERE {where} ORDER BY id{tail}"
    places = {column: place for place, column in enumerate(names)}
    read = [
        (one, places[one.column], places[one.second or one.column], () if one.kind in LISTS else None) for one in fields
    ]
    found: list[dict[str, Any]] = [
        {
            one.name: nothing if row[at] is None else from_columns(one, row[at], row[second])
            for one, at, second, nothing in read
        }
        for row in await connection.rows(KEY, sql, parameters)
    ]
    return [row | unpacked(spec, row[CUSTOM]) for row in found] if spec.inside else found

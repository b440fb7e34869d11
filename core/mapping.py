"""Mapping files: which column of a table goes into which field, as JSON without code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.errors import Problem, Refused
from core.fields import Kind
from core.registry import ModelSpec, Registry, camel
from core.tables import Cell

GIVEN = ("id", "owner", "department")
"""System fields that a table may give: by which a record is found, and whose it is."""

STRICT = ConfigDict(frozen=True, extra="forbid")


class Source(BaseModel):
    """Where the value of a field comes from, and what is done to it before it is read.

    - `column`, or `columns` with `between` them, or a `constant`.
    - `make`: `login` makes a login of a name: `Mei-Mei Johns` becomes `mei-mei.johns`.
    - `values`: what a cell is taken to mean: `{"GTXPro": "GTX Pro"}`.
    - `times`: a factor for figures that a table gives in thousands or millions.
    - `currency`, `zone`, `formats`: of amounts without a currency, times without a zone, days not as 2026-11-22.
    """

    model_config = STRICT

    column: str = ""
    columns: tuple[str, ...] = ()
    between: str = " "
    constant: str | int | bool | None = None
    make: Literal["", "login"] = ""
    values: dict[str, str] = Field(default_factory=dict)
    times: Decimal | None = None
    currency: str = ""
    zone: str = ""
    formats: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that it needs."""
        return self.columns or ((self.column,) if self.column else ())

    def raw(self, cells: Sequence[Cell]) -> object:
        """The value that is to be parsed, from the cells of its columns."""
        found: object = self.constant
        if len(cells) == 1:
            found = self._meant(cells[0])
        elif cells:
            found = self.between.join(text for one in cells if (text := str(self._meant(one)).strip()))
        if self.make == "login" and isinstance(found, str):
            found = login_of(found)
        return self._scaled(found)

    def _meant(self, cell: Cell) -> Cell:
        return self.values.get(str(cell).strip(), cell) if self.values else cell

    def _scaled(self, found: object) -> object:
        if self.times is None or isinstance(found, bool) or found in ("", None):
            return found
        try:
            product = Decimal(str(found).strip()) * self.times
        except InvalidOperation:
            return found
        return product if product != product.to_integral_value() else int(product)


def _source(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class ImportMap(BaseModel):
    """A mapping file.

    - `fields`: path of a field (`name`, `customer.name`, `lines.product.code`) to a column or a `Source`.
    - `key`: the fields that recognise a record that is already there; by default the model's natural key.
    - `create_missing`: links whose record is made when there is none.
    - `existing`: what to do with records that are already there: `update` or `skip`.
    - `currency`, `zone`, `formats`: for all fields that do not say it themselves.
    - `encoding`, `delimiter`, `sheet`: of the file; what is not told is found out.
    """

    model_config = STRICT

    fields: dict[str, Annotated[Source, BeforeValidator(_source)]]
    key: tuple[str, ...] = ()
    create_missing: tuple[str, ...] = ()
    existing: Literal["update", "skip"] = "update"
    currency: str = ""
    zone: str = ""
    formats: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


def read_map(content: bytes) -> ImportMap:
    """A mapping file's content; `Refused` names each place that is wrong."""
    try:
        return ImportMap.model_validate(orjson.loads(content))
    except orjson.JSONDecodeError as fault:
        raise Refused("The mapping is no JSON: line %(line)s, %(fault)s", line=fault.lineno, fault=fault.msg) from None
    except ValidationError as fault:
        raise Refused(problems=list(_problems(fault))) from None


def _problems(fault: ValidationError) -> Iterator[Problem]:
    for one in fault.errors():
        place = ".".join(str(part) for part in one["loc"] if part != "Source")
        yield Problem("The mapping is wrong at %(place)s: %(fault)s", values=(("place", place), ("fault", one["msg"])))


def login_of(name: str) -> str:
    """A login made of a name: lower case, without accents, a point for each gap."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = re.findall(r"[\w-]+", "".join(one for one in plain if not unicodedata.combining(one)))
    return ".".join(words)


def guessed(registry: Registry, spec: ModelSpec, columns: Iterable[str]) -> tuple[ImportMap, tuple[str, ...]]:
    """The mapping of columns that are called as their fields are, and the columns that none was found for.

    Columns of fields that are only read, as an export has them, are left out.
    """
    known = {_plain(name): path for name, path in _names(registry, spec)}
    found = {column: known.get(_plain(column), "") for column in columns}
    fields: dict[str, Any] = {}
    for column, path in found.items():
        if path and path not in fields and given(spec, path):
            fields[path] = column
    unknown = tuple(column for column, path in found.items() if not path or fields.get(path, column) != column)
    return ImportMap(fields=fields), unknown


def given(spec: ModelSpec, path: str) -> bool:
    """Whether a table may give the field at a path's beginning: not what only the kernel or an action writes."""
    name = path.partition(".")[0]
    return name in GIVEN or not spec.fields[name].traits.readonly


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-.]+", "", unicodedata.normalize("NFKC", name)).casefold()


def _names(registry: Registry, spec: ModelSpec) -> Iterator[tuple[str, str]]:
    """What a column may be called, and the path that it then means; more telling names come last and win."""
    for name, field in spec.fields.items():
        if field.kind in (Kind.SECRET, Kind.DATA):
            continue
        if field.target is None:
            yield from _called(name, field.traits.label, name)
            for part in PARTS.get(field.kind, ()):
                yield from _called(f"{name}.{part}", f"{field.traits.label} {part}", f"{name}.{part}")
            continue
        target = registry.models[field.target]
        key = target.meta.key or (target.title,)
        if len(key) == 1:
            yield from _called(name, field.traits.label, f"{name}.{key[0]}")
        for path in dict.fromkeys((*key, target.title, "id")):
            yield from _called(f"{name}.{path}", f"{field.traits.label} {path}", f"{name}.{path}")


def _called(name: str, label: str, path: str) -> Iterator[tuple[str, str]]:
    yield label, path
    yield camel(name), path
    yield name, path


PARTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.MONEY: ("amount", "currency"),
    Kind.POSITION: ("latitude", "longitude"),
}

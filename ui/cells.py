"""Values of fields as the pages show them: one cell for a table, a board, a record or an audit entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from core.fields import Kind
from core.registry import FieldSpec, ModelSpec, Registry, choice_labels
from ui.formats import Formats, moment_of

Translate = Callable[[str], str]
TONES = 8


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a cell: a text, and where it leads."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, ready to be shown.

    - `form`: how: `text`, `number`, `link`, `who`, `choice`, `yes`, `items`, `tags`, `web`, `time`, `note`; empty.
    - `tone`: one of eight colours, of a choice.
    - `stamp`: a machine's form of a time.
    """

    form: str = ""
    text: str = ""
    href: str = ""
    stamp: str = ""
    tone: int = 0
    items: tuple[Item, ...] = ()


EMPTY = Cell()


@dataclass(frozen=True)
class Shower:
    """Turns values in their JSON form into cells, for one reader."""

    registry: Registry
    formats: Formats
    translate: Translate

    def at(self, spec: ModelSpec, path: str, row: Mapping[str, Any]) -> Cell:
        """The cell of a path (`customer.name`) in a row that was read with it."""
        head, _, rest = path.partition(".")
        value = row.get(head)
        found = spec.fields[head]
        if rest:
            target = self.registry.models[str(found.target)]
            return self.at(target, rest, value) if isinstance(value, Mapping) else EMPTY
        return self.cell(found, value)

    def column(self, spec: ModelSpec, path: str) -> Callable[[Mapping[str, Any]], Cell]:
        """What makes the cells of a column: the same as `at`, with the path looked up once for all rows."""
        head, _, rest = path.partition(".")
        found = spec.fields[head]
        if rest:
            inner = self.column(self.registry.models[str(found.target)], rest)
            return lambda row: inner(row[head]) if row[head] else EMPTY
        show = SHOWN[found.kind]

        def cell(row: Mapping[str, Any]) -> Cell:
            value = row[head]
            return EMPTY if value is None or value in ("", []) else show(self, found, value)

        return cell

    def cell(self, field: FieldSpec, value: Any) -> Cell:
        """The cell of a field's value."""
        if value is None or value in ("", []):
            return EMPTY
        return SHOWN[field.kind](self, field, value)

    def choice(self, choices: type[Enum], value: str) -> str:
        """The label of a choice."""
        return self.translate(choice_labels(choices).get(value.lower(), value))

    def title(self, spec: ModelSpec, row: Mapping[str, Any]) -> str:
        """The name of a record that was read with its title; of one without a name what it links to; never empty."""
        if spec.title != "id":
            return self.at(spec, spec.title, row).text or str(row.get("id", ""))[-8:]
        linked = [self.at(spec, name, row).text for name in spec.own if isinstance(row.get(name), Mapping)]
        return " · ".join(filter(None, linked)) or str(row.get("id", ""))[-8:]

    def plain(self, field: FieldSpec, value: Any) -> str:
        """The value in one line of text."""
        cell = self.cell(field, value)
        return ", ".join(one.text for one in cell.items) if cell.items else cell.text


def numeric(field: FieldSpec) -> bool:
    """Whether the values stand on the right, under each other."""
    return field.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY)


def address(spec: ModelSpec, record: object) -> str:
    """The page of a record; of a part its own, too."""
    return f"{spec.path}/{record}"


def _text(_: Shower, __: FieldSpec, value: Any) -> Cell:
    return Cell("text", str(value))


def _note(_: Shower, __: FieldSpec, value: Any) -> Cell:
    return Cell("note", str(value))


def _number(shower: Shower, _: FieldSpec, value: Any) -> Cell:
    return Cell("number", shower.formats.number(Decimal(str(value))))


def _integer(shower: Shower, _: FieldSpec, value: Any) -> Cell:
    return Cell("number", shower.formats.whole(int(value)))


def _money(shower: Shower, _: FieldSpec, value: Any) -> Cell:
    return Cell("number", shower.formats.money(value["amount"], value["currency"]))


def _boolean(shower: Shower, _: FieldSpec, value: Any) -> Cell:
    return Cell("yes" if value else "text", shower.translate("Yes") if value else shower.translate("No"))


def _date(shower: Shower, _: FieldSpec, value: Any) -> Cell:
    return Cell("time", shower.formats.day(date.fromisoformat(value)), stamp=value)


def _moment(shower: Shower, _: FieldSpec, value: Any) -> Cell:
    moment = moment_of(value)
    return Cell("time", shower.formats.moment(moment), stamp=value)


def _choice(shower: Shower, field: FieldSpec, value: Any) -> Cell:
    choices = field.traits.choices
    if choices is None:
        return Cell("text", str(value))
    values = [one.value for one in choices]
    tone = values.index(value) % TONES + 1 if value in values else TONES
    return Cell("choice", shower.choice(choices, str(value)), tone=tone)


def _position(_: Shower, __: FieldSpec, value: Any) -> Cell:
    return Cell("text", f"{value['latitude']}, {value['longitude']}")


def _list_of(prefix: str) -> Callable[[Shower, FieldSpec, Any], Cell]:
    def shown(_: Shower, __: FieldSpec, value: Sequence[str]) -> Cell:
        items = tuple(Item(one, f"{prefix}{one}" if prefix else "") for one in value)
        return Cell("items" if prefix else "tags", ", ".join(value), items=items)

    return shown


def _email(_: Shower, __: FieldSpec, value: Any) -> Cell:
    return Cell("items", str(value), items=(Item(str(value), f"mailto:{value}"),))


def _url(_: Shower, __: FieldSpec, value: Any) -> Cell:
    text = str(value)
    return Cell("web", text.partition("//")[2].rstrip("/") or text, text)


def _link(shower: Shower, field: FieldSpec, value: Any) -> Cell:
    target = shower.registry.models[str(field.target)]
    if not isinstance(value, Mapping):
        return Cell("text", str(value)[-8:])
    href = "" if target.meta.internal else address(target, value["id"])
    form = "who" if target.label == "core.user" else "link"
    return Cell(form, shower.title(target, value), href)


def _hidden(_: Shower, __: FieldSpec, ___: Any) -> Cell:
    return EMPTY


SHOWN: dict[Kind, Callable[[Shower, FieldSpec, Any], Cell]] = {
    Kind.TEXT: _text,
    Kind.NOTE: _note,
    Kind.EMAIL: _email,
    Kind.URL: _url,
    Kind.SECRET: _hidden,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _number,
    Kind.MONEY: _money,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.CHOICE: _choice,
    Kind.POSITION: _position,
    Kind.PHONES: _list_of("tel:"),
    Kind.EMAILS: _list_of("mailto:"),
    Kind.TAGS: _list_of(""),
    Kind.DATA: _hidden,
    Kind.ID: _text,
    Kind.LINK: _link,
}

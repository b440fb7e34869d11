"""Custom fields: fields that administrators add to objects while the app runs, and what may not be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import ClassVar

from core.database import KEY, Connection
from core.errors import Problem, Refused
from core.fields import LISTS, TEXTUAL, Kind, Traits, boolean, choice, integer, note, text
from core.ids import born
from core.inside import column
from core.labels import Label
from core.languages import LANGUAGES
from core.model import Meta, Model
from core.policies import bump_rights, count_on
from core.query import Archived
from core.registry import ModelSpec, Registry, field_spec
from core.resource import Resource
from core.rows import insert_missing
from core.settings import Setting
from core.work import Work

COUNTED = "fields"
"""The name under which changes of definitions are counted."""
PREFIX = "x_"
NAME = re.compile(r"x(_[a-z][a-z0-9]*)+\Z")
CODE = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
ENDINGS = ("_id", "_folded", "_currency", "_latitude", "_longitude")
LONGEST = 40
MOST = 100
DEEPEST_SCALE = 8
FIXED = ("object", "name", "kind", "scale", "target")
"""What never changes: the values in the records were written by it."""
OPEN = frozenset({"core.user", "core.department"})
"""The kernel's objects that may have custom fields."""


class CustomKind(Enum):
    """What a custom field holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    WHOLE_NUMBER = "whole_number"
    DECIMAL_NUMBER = "decimal_number"
    AMOUNT = "amount"
    YES_OR_NO = "yes_or_no"
    DATE = "date"
    DATE_AND_TIME = "date_and_time"
    CHOICE = "choice"
    MAIL_ADDRESS = "mail_address"
    PHONE_NUMBERS = "phone_numbers"
    WEB_ADDRESS = "web_address"
    TAGS = "tags"
    LINK = "link"
    POSITION = "position"


KINDS: Mapping[CustomKind, Kind] = {
    CustomKind.TEXT: Kind.TEXT,
    CustomKind.LONG_TEXT: Kind.NOTE,
    CustomKind.WHOLE_NUMBER: Kind.INTEGER,
    CustomKind.DECIMAL_NUMBER: Kind.DECIMAL,
    CustomKind.AMOUNT: Kind.MONEY,
    CustomKind.YES_OR_NO: Kind.BOOLEAN,
    CustomKind.DATE: Kind.DATE,
    CustomKind.DATE_AND_TIME: Kind.MOMENT,
    CustomKind.CHOICE: Kind.CHOICE,
    CustomKind.MAIL_ADDRESS: Kind.EMAIL,
    CustomKind.PHONE_NUMBERS: Kind.PHONES,
    CustomKind.WEB_ADDRESS: Kind.URL,
    CustomKind.TAGS: Kind.TAGS,
    CustomKind.LINK: Kind.LINK,
    CustomKind.POSITION: Kind.POSITION,
}
FOUND = TEXTUAL | LISTS | {Kind.CHOICE}
"""What search knows: texts by their words, choices as what narrows it."""


class CustomField(Model):
    """A field that an administrator added to an object."""

    meta = Meta(title="label", order=("object", "place"), key=("object", "name"), together=(("object", "name"),))

    object = text(120, required=True, help="The object that has it: sales.customer")
    label = text(80, required=True, help="What people read beside it")
    label_zh_hans = text(80, label="Label in Chinese")
    label_ko = text(80, label="Label in Korean")
    name = text(LONGEST, help="What programs call it, beginning with x_; made of the label if left empty")
    kind = choice(CustomKind, required=True, help="What it holds; this never changes")
    help = text(255, label="Help text", help="What people read below it")
    required = boolean(label="Must be filled in", help="In forms, imports and the API; records from before may lack it")
    search = boolean(label="In search", help="Its text finds the record; a choice narrows what was found")
    choices = note(help="One choice on each line: north = North region | zh_Hans: 华北 | ko: 북부")
    length = integer(label="Most characters", help="Of a text; 255 if left empty")
    scale = integer(label="Digits behind the point", help="Of a decimal number; 2 if left empty; this never changes")
    target = text(120, label="Links to", help="The object that a link leads to: sales.customer")
    section = text(60, help="The heading of the form under which it stands; Additional fields if left empty")
    place = integer(help="Fields stand in this order")


def customisable(spec: ModelSpec) -> bool:
    """Whether an object may have custom fields: people fill them in, and the kernel's own rights stay as they are."""
    if spec.meta.internal or spec.meta.append_only or (spec.plugin == "core" and spec.label not in OPEN):
        return False
    return any(not one.traits.readonly for one in spec.own.values() if not one.inside)


def read_choices(written: str) -> dict[str, Label]:
    """Choices by their codes, from lines like `north = North region | ko: 북부`; `Refused` names what is wrong."""
    found: dict[str, Label] = {}
    for line in (one.strip() for one in written.splitlines() if one.strip()):
        told = read_label(line, line, "choices")
        code, equals, label = (one.strip() for one in told.partition("="))
        label, code = (label, code) if equals else (code, _slug(code) or f"choice_{len(found) + 1}")
        if not CODE.match(code) or not label:
            raise Refused("Write a choice like north = North region, not %(line)s", field="choices", line=line)
        if code in found:
            raise Refused("The choice %(choice)s is there twice", field="choices", code="taken", choice=code)
        found[code] = told.of(label)
    return found


def read_label(written: str, line: str, field: str) -> Label:
    """A label with its translations: `North region | ko: 북부`; `Refused` tells the line of the field that is wrong."""
    text, *translations = (one.strip() for one in written.split("|"))
    return Label(text, dict(_translation(line, field, one) for one in translations))


def _translation(line: str, field: str, one: str) -> tuple[str, str]:
    language, colon, label = (part.strip() for part in one.partition(":"))
    if not colon or language not in LANGUAGES:
        raise Refused("Write a translation like zh_Hans: 华北, not %(line)s", field=field, line=line)
    return language, label


def written_label(label: str) -> str:
    """A label as it is written, with its translations."""
    told = label.told if isinstance(label, Label) else lambda _: None
    return " | ".join((label, *(f"{one}: {text}" for one in LANGUAGES if (text := told(one)))))


def _written(choices: Mapping[str, Label]) -> str:
    """Choices as they are written: each with its code, so that a label may change."""
    return "\n".join(f"{code} = {written_label(label)}" for code, label in choices.items())


def _slug(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return (
        re.sub(r"_+(?=\d)", "", re.sub(r"[^a-z0-9]+", "_", plain))
        .strip("_")
        .lstrip("_0123456789")[: LONGEST - len(PREFIX) - 3]
    )


class CustomFields(Resource[CustomField]):
    """Fields that administrators add to objects."""

    columns = ("object", "label", "name", "kind", "required", "search", "place")
    filters = ("kind", "required")
    form: ClassVar = {
        "Field": ("object", "label", "label_zh_hans", "label_ko", "name", "kind", "help"),
        "Of this kind": ("choices", "length", "scale", "target"),
        "Where": ("section", "required", "search", "place"),
    }
    icon = "sliders-horizontal"
    menu = None

    async def complete(self, work: Work, before: CustomField | None, after: CustomField) -> Mapping[str, object]:
        """A name made of the label, a place behind the others, choices with their codes."""
        found: dict[str, object] = {}
        if after.choices and after.kind is CustomKind.CHOICE:
            found["choices"] = _written(read_choices(after.choices))
        if before is None and not (after.name and after.place is not None):
            where = CustomField.object.eq(after.object)
            others = await work.find(CustomField, where=where, fields=("name", "place"), archived=Archived.WITH)
            found["name"] = after.name or _free(after.label, {str(one.name) for one in others})
            found["place"] = after.place if after.place is not None else _behind(others)
        return found

    async def check(self, work: Work, before: CustomField | None, after: CustomField) -> None:
        """A field of an object that there is, with a name of its own and all that its kind needs."""
        unit = work.unit(KEY)
        problems = [*_changed(before, after), *_named_wrongly(unit.registry, after), *_incomplete(unit.registry, after)]
        if problems:
            raise Refused(problems=problems)
        if before is None:
            where = CustomField.object.eq(after.object)
            others = await work.find(CustomField, where=where, fields=("name",), archived=Archived.WITH)
            if after.name in [one.name for one in others]:
                raise Refused("There is a field of this name, perhaps an archived one", field="name", code="taken")
            if len(others) >= MOST:
                raise Refused("An object has at most %(most)s custom fields, archived ones included", most=MOST)
            await _refuse_held(unit.connection, unit.registry.spec(after.object), str(after.name))
        elif after.kind is CustomKind.CHOICE and before.choices != after.choices:
            await _refuse_chosen(unit.connection, unit.registry.spec(after.object), before, after)

    async def changed(self, work: Work, before: CustomField | None, after: CustomField) -> None:  # noqa: ARG002 - any
        """Every process makes its registry anew when it next looks."""
        await count_definitions(work)


async def count_definitions(work: Work) -> None:
    """Say that definitions changed, once the work is done."""
    unit = work.unit(KEY)
    row = born(unit.now) | {"name": COUNTED, "content": 0}
    await insert_missing(unit.connection, unit.registry.spec(Setting), row)
    await count_on(unit.connection, COUNTED)
    await bump_rights(unit.connection)


def _free(label: str, taken: set[str]) -> str:
    """A name that no other field of the object has."""
    stem = f"{PREFIX}{_slug(label) or 'field'}"
    letters = (f"{stem}_{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(26 * 26))
    return next(one for one in (stem, *letters) if one not in taken)


def _behind(others: list[CustomField]) -> int:
    return max((one.place or 0 for one in others), default=0) + 10


def _changed(before: CustomField | None, after: CustomField) -> Iterator[Problem]:
    for name in FIXED if before is not None else ():
        if before is not None and before.value(name) != after.value(name):
            yield Problem("This never changes; archive the field and add another", name, "fixed")


def _named_wrongly(registry: Registry, after: CustomField) -> Iterator[Problem]:
    spec = registry.models.get(after.object)
    name = str(after.name)
    if spec is None or not customisable(spec):
        yield Problem("There is no such object, or it takes no custom fields", "object", "unknown_object")
    if not NAME.match(name) or name.endswith(ENDINGS) or len(name) > LONGEST:
        message = "Write a name like x_credit_rating: small letters and digits, each word beginning with a letter"
        yield Problem(message, "name", "bad_name")


def _incomplete(registry: Registry, after: CustomField) -> Iterator[Problem]:
    kind = KINDS[after.kind]
    if kind is Kind.CHOICE and not after.choices:
        yield Problem("Write at least one choice", "choices", "required")
    if kind is Kind.LINK and not _linkable(registry, after.target or ""):
        yield Problem("Write the object that it links to, like sales.customer", "target", "unknown_object")
    if after.search and kind not in FOUND:
        yield Problem("Search knows texts and choices only", "search", "no_text")
    for name, least, most in (("length", 1, 255), ("scale", 0, DEEPEST_SCALE)):
        value = after.value(name)
        if value is not None and not least <= value <= most:
            values = (("least", str(least)), ("most", str(most)))
            yield Problem("Write a number between %(least)s and %(most)s", name, "out_of_range", values)


def _linkable(registry: Registry, label: str) -> bool:
    spec = registry.models.get(label)
    return spec is not None and not spec.meta.internal and spec.parent is None


async def _refuse_held(connection: Connection, spec: ModelSpec, name: str) -> None:
    """A name whose values records still hold, of a field that was removed for good, is no other field's."""
    held = column(connection.dialect, spec.table, field_spec(name, Traits(Kind.TEXT), None, inside=True))
    if await connection.rows(KEY, f"SELECT 1 FROM {spec.table} WHERE {held} IS NOT NULL LIMIT 1"):
        message = "Records still hold values of a field that had this name; choose another"
        raise Refused(message, field="name", code="held")


async def _refuse_chosen(connection: Connection, spec: ModelSpec, before: CustomField, after: CustomField) -> None:
    """A choice that records hold stays; its label may change."""
    found = spec.fields.get(str(after.name))
    gone = read_choices(before.choices or "").keys() - read_choices(after.choices or "").keys()
    if found is None or not gone:
        return
    places = ", ".join(connection.dialect.place(number) for number in range(1, len(gone) + 1))
    held = column(connection.dialect, spec.table, found)
    rows = await connection.rows(KEY, f"SELECT {held} FROM {spec.table} WHERE {held} IN ({places}) LIMIT 1", [*gone])
    if rows:
        raise Refused(
            "Records hold the choice %(choice)s; leave it here", field="choices", code="held", choice=rows[0][0]
        )

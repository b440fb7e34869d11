"""Forms, derived from the fields: what is asked, what was written, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from starlette.datastructures import ImmutableMultiDict

from core.errors import Problem, Refused
from core.fields import LISTS, Kind, Traits
from core.parse import Assume, parse
from core.registry import FieldSpec, ModelSpec, choice_labels
from ui.formats import moment_of
from ui.visitor import Visitor

CONTROLS: dict[Kind, str] = {
    Kind.TEXT: "text",
    Kind.NOTE: "note",
    Kind.EMAIL: "email",
    Kind.URL: "url",
    Kind.INTEGER: "text",
    Kind.DECIMAL: "text",
    Kind.MONEY: "money",
    Kind.BOOLEAN: "checkbox",
    Kind.DATE: "date",
    Kind.MOMENT: "datetime-local",
    Kind.CHOICE: "select",
    Kind.POSITION: "position",
    Kind.PHONES: "lines",
    Kind.EMAILS: "lines",
    Kind.TAGS: "lines",
    Kind.LINK: "combo",
}
INPUT_MODES = {Kind.INTEGER: "numeric", Kind.DECIMAL: "decimal"}
CURRENCIES = ("USD", "EUR", "CNY", "KRW", "JPY", "GBP", "HKD", "TWD", "SGD", "VND", "INR", "AUD", "CAD", "CHF")
SECOND = {Kind.MONEY: "currency", Kind.POSITION: "longitude", Kind.LINK: "text"}


@dataclass(frozen=True, slots=True)
class Control:
    """A field of a form, ready to be drawn; `second` is the currency, the longitude, or a linked record's title."""

    name: str
    label: str
    control: str
    value: str = ""
    second: str = ""
    help: str = ""
    error: str = ""
    required: bool = False
    wide: bool = False
    most: int = 0
    inputmode: str = ""
    autocomplete: str = ""
    source: str = ""
    options: tuple[tuple[str, str], ...] = ()
    redraws: str = ""
    """Where the form is drawn anew when the value changes: it decides which fields there are."""

    @property
    def id(self) -> str:
        """Its id in the page."""
        return "f-" + self.name.replace(".", "-").replace("_", "-")


@dataclass(frozen=True, slots=True)
class FormSection:
    """Some fields under a heading."""

    title: str
    controls: tuple[Control, ...]


@dataclass(frozen=True)
class Asked:
    """The fields that a form asks for, whose words they are, and where the options of its links come from."""

    visitor: Visitor
    plugin: str
    traits: Mapping[str, Traits]
    source: str = ""

    def control(self, name: str, value: tuple[str, str] = ("", "")) -> Control:
        """A field with what is written in it."""
        traits = self.traits[name]
        return Control(
            name=name,
            label=self.visitor.word(self.plugin, traits.label or name.replace("_", " ").capitalize()),
            control=CONTROLS[traits.kind],
            value=value[0],
            second=value[1] or (self._currency if traits.kind is Kind.MONEY else ""),
            help=self._help(traits),
            required=traits.required and traits.kind is not Kind.BOOLEAN,
            wide=traits.kind is Kind.NOTE,
            most=traits.max_length if traits.kind in (Kind.TEXT, Kind.EMAIL, Kind.URL) else 0,
            inputmode=INPUT_MODES.get(traits.kind, ""),
            source=self._source(name, traits),
            options=self._options(traits, value[1]),
        )

    def _help(self, traits: Traits) -> str:
        """The help of a field; where several values go into one box, how they are kept apart."""
        help_text = self.visitor.word(self.plugin, traits.help)
        return help_text or (self.visitor.gettext("One in each line") if CONTROLS[traits.kind] == "lines" else "")

    def _source(self, name: str, traits: Traits) -> str:
        """Where the options of a link come from: its field, which may narrow them, or all records of the model."""
        if traits.kind is not Kind.LINK:
            return ""
        return f"{self.source}/{name}" if self.source else f"/choose/{target_of(self.visitor, traits).label}"

    @property
    def _currency(self) -> str:
        return self.visitor.company.currency

    def _options(self, traits: Traits, second: str) -> tuple[tuple[str, str], ...]:
        if traits.choices is not None:
            labels = choice_labels(traits.choices)
            return tuple((value, self.visitor.word(self.plugin, label)) for value, label in labels.items())
        if traits.kind is Kind.MONEY:
            known = dict.fromkeys((second or self._currency, self._currency, *CURRENCIES))
            return tuple((one, one) for one in known)
        return ()

    def written(self, form: ImmutableMultiDict[str, Any]) -> dict[str, tuple[str, str]]:
        """What was sent, as it was written."""
        found: dict[str, tuple[str, str]] = {}
        for name, traits in self.traits.items():
            if not _sent(form, name):
                continue
            second = str(form.get(f"{name}.{SECOND[traits.kind]}", "")) if traits.kind in SECOND else ""
            picked = str(form.get(f"{name}.pick", "")) if traits.kind is Kind.LINK else ""
            first, second = (picked, "") if picked else (str(form.get(name, "")), second)
            if traits.kind is Kind.BOOLEAN:
                first = "yes" if first == "yes" else "no"
            found[name] = (first, second)
        return found

    def parsed(self, written: Mapping[str, tuple[str, str]]) -> tuple[dict[str, object], list[Problem]]:
        """The values of what was written, and what is wrong with it."""
        values: dict[str, object] = {}
        problems: list[Problem] = []
        assume = Assume(self._currency, self.visitor.caller.zone)
        for name, (first, second) in written.items():
            try:
                values[name] = parse(name, self.traits[name], _raw(self.traits[name], first, second), assume)
            except Refused as refusal:
                problems.extend(refusal.problems)
        return values, problems


def _sent(form: ImmutableMultiDict[str, Any], name: str) -> bool:
    return any(one in form for one in (name, f"_{name}", f"{name}.text", f"{name}.pick"))


def _raw(traits: Traits, first: str, second: str) -> object:
    if traits.kind is Kind.MONEY and first.strip():
        return {"amount": first, "currency": second}
    if traits.kind is Kind.POSITION and (first.strip() or second.strip()):
        return {"latitude": first, "longitude": second}
    if traits.kind is Kind.LINK and not second.strip() and not first:
        return None
    return first


def target_of(visitor: Visitor, traits: Traits) -> ModelSpec:
    """The model that a link's traits point at."""
    target = traits.target
    if isinstance(target, str):
        return visitor.site.spec(target)
    if target is None:
        raise TypeError("a link without a target")
    return visitor.site.registry.spec(target)


def asked_of(visitor: Visitor, spec: ModelSpec, names: tuple[str, ...]) -> Asked:
    """The fields of a model's form."""
    fields = {name: spec.fields[name] for name in names}
    traits = {name: replace(one.traits, target=one.target) for name, one in fields.items()}  # no more "self"
    return Asked(visitor, spec.plugin, traits, f"{spec.path}/choose")


def written_value(visitor: Visitor, field: FieldSpec, value: Any) -> tuple[str, str]:
    """The value of a record as a form writes it, and the second part of it."""
    if value is None:
        return "", ""
    kind = field.kind
    if kind is Kind.MONEY:
        return value["amount"], value["currency"]
    if kind is Kind.POSITION:
        return str(value["latitude"]), str(value["longitude"])
    if kind is Kind.LINK:
        target = visitor.site.spec(str(field.target))
        return str(value["id"]), visitor.shower(target).title(target, value)
    if kind in LISTS:
        return "\n".join(value), ""
    if kind is Kind.BOOLEAN:
        return "yes" if value else "no", ""
    if kind is Kind.MOMENT:
        return visitor.formats.local(moment_of(value)).strftime("%Y-%m-%dT%H:%M"), ""
    return str(value), ""


def written_plainly(value: Any) -> tuple[str, str]:
    """The value of a setting as a form writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no", ""
    if isinstance(value, tuple):
        return "\n".join(value), ""
    return "" if value is None else str(getattr(value, "value", value)), ""


def default_value(traits: Traits) -> tuple[str, str]:
    """What a new form holds before anybody writes."""
    return ("yes" if traits.default else "no", "") if traits.kind is Kind.BOOLEAN else written_plainly(traits.default)


def with_errors(controls: tuple[Control, ...], errors: Mapping[str, str]) -> tuple[Control, ...]:
    """The fields with what is wrong beside them."""
    return tuple(replace(one, error=errors.get(one.name, "")) for one in controls)


def told(
    visitor: Visitor, plugin: str, problems: list[Problem], names: tuple[str, ...]
) -> tuple[dict[str, str], list[str]]:
    """Problems as messages beside their fields, and those that belong to none of the form's fields."""
    beside: dict[str, str] = {}
    others: list[str] = []
    for one in problems:
        text = visitor.word(plugin, one.message, **dict(one.values))
        if one.field in names:
            beside.setdefault(str(one.field), text)
        else:
            others.append(f"{one.field}: {text}" if one.field else text)
    return beside, others


def one_id(text: str) -> UUID | None:
    """An id, or nothing for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None

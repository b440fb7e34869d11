"""Conditions and scopes as SQL: what a `where` compiles to, and the reach that every model on the way adds to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from core.access import Caller, Policy, Scope
from core.codec import fold, fold_item, plain
from core.conditions import And, Compare, Condition, Not, Op, Or, Slot, Some, Through
from core.database import Dialect
from core.errors import BadQuery, UnknownField
from core.fields import LISTS, ORDERED, TEXTUAL, Kind
from core.inside import CUSTOM, column
from core.model import Model
from core.money import Money
from core.registry import FieldSpec, ModelSpec, Registry

Parameter: TypeAlias = Callable[[Caller, Sequence[object]], object]
DEEPEST = 6
COMPARED = {Op.LT: "<", Op.LTE: "<=", Op.GT: ">", Op.GTE: ">="}


def escaped(text: str) -> str:
    """Text inside a LIKE pattern, with its wildcards made plain."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


class Predicates:
    """The conditions of one statement: collects its parameters and hands out its aliases."""

    def __init__(self, registry: Registry, dialect: Dialect, policy: Policy) -> None:
        self.registry = registry
        self.dialect = dialect
        self.policy = policy
        self.parameters: list[Parameter] = []
        self.shared: dict[object, str] = {}
        self.aliases = 0

    def alias(self) -> str:
        """A table alias that the statement does not use yet."""
        self.aliases += 1
        return f"t{self.aliases}"

    def place(self, parameter: Parameter, key: object = None) -> str:
        """The place of a parameter; parameters of equal keys share one."""
        if key is not None and key in self.shared:
            return self.shared[key]
        self.parameters.append(parameter)
        place = self.dialect.place(len(self.parameters))
        if key is not None:
            self.shared[key] = place
        return place

    def bound(self, value: object, convert: Callable[[Any], object]) -> str:
        """The place of a constant or a slot, converted for the database when it is bound."""
        if isinstance(value, Slot):
            index = value.index
            return self.place(lambda _, values: convert(values[index]))
        converted = convert(value)
        return self.place(lambda _, __: converted)

    def field(self, spec: ModelSpec, name: str) -> FieldSpec:
        """A field that the caller may read; `UnknownField` for any other."""
        found = spec.fields.get(name)
        if found is None or found.kind is Kind.SECRET or f"{spec.label}.{name}" in self.policy.hidden:
            raise UnknownField(spec.label, name)
        if name == CUSTOM and spec.inside:  # in it stand fields that may be hidden one by one
            raise UnknownField(spec.label, name)
        return found

    def link(self, spec: ModelSpec, name: str) -> tuple[FieldSpec, ModelSpec]:
        """A link that the caller may follow, and the model at its end."""
        found = self.field(spec, name)
        if found.target is None:
            raise UnknownField(spec.label, name)
        return found, self.registry.models[found.target]

    def back(self, spec: ModelSpec, name: str) -> tuple[FieldSpec, ModelSpec]:
        """The link behind a back link, and the model that has it."""
        found = spec.backs.get(name)
        if found is None:
            raise UnknownField(spec.label, name)
        source = self.registry.models[found.source]
        return self.field(source, found.link), source

    # Scope

    def scope(self, spec: ModelSpec, alias: str, permission: str | None = None) -> str:
        """Whether a row is within the caller's reach for a permission (by default: reading)."""
        root = self.registry.root(spec)
        if root is not spec and spec.parent:
            parent, inner = self.registry.models[spec.parent], self.alias()
            link = spec.fields[str(spec.meta.part_of)].column
            condition = self.scope(parent, inner, permission)
            if condition == "TRUE":
                return "TRUE"
            return f"{alias}.{link} IN (SELECT {inner}.id FROM {parent.table} {inner} WHERE {condition})"
        permission = permission or f"{spec.label}.read"
        reach = self.policy.reach(permission)
        if Scope.ALL in reach.scopes:
            return "TRUE"
        if not reach.scopes:
            return "FALSE"
        parts = [self._reached(scope, alias, permission) for scope in sorted(reach.scopes, key=lambda one: one.value)]
        parts.append(self._shared(spec, alias, writes=not permission.endswith((".read", ".export"))))
        return f"({' OR '.join(parts)})"

    def _reached(self, scope: Scope, alias: str, permission: str) -> str:
        match scope:
            case Scope.OWN:
                return f"{alias}.owner_id = {self._id(lambda policy: policy.user_id, 'user')}"
            case Scope.REPORTS:
                return f"{alias}.owner_id {self.ids(lambda policy: policy.reports, 'reports')}"
            case Scope.DEPARTMENT:
                return f"{alias}.department_id = {self._id(lambda policy: policy.department, 'department')}"
            case Scope.TREE:
                return f"{alias}.department_id {self.ids(lambda policy: policy.departments, 'departments')}"
            case Scope.CHOSEN:
                chosen = self.ids(lambda policy: policy.reach(permission).chosen, ("chosen", permission))
                return f"{alias}.department_id {chosen}"
            case Scope.ALL:
                return "TRUE"

    def _id(self, pick: Callable[[Policy], UUID | None], key: object) -> str:
        place = self.place(lambda caller, _: plain(self.dialect, Kind.ID, 0, pick(caller.policy)), key)
        return f"{place}::uuid" if self.dialect is Dialect.POSTGRES else place

    def ids(self, pick: Callable[[Policy], Sequence[UUID]], key: object) -> str:
        """The comparison of a column with ids that the caller's policy gives."""
        if self.dialect is Dialect.POSTGRES:
            return f"= ANY({self.place(lambda caller, _: list(pick(caller.policy)), key)}::uuid[])"
        place = self.place(lambda caller, _: plain(self.dialect, Kind.DATA, 0, pick(caller.policy)), key)
        return f"IN (SELECT value FROM json_each({place}))"

    def _shared(self, spec: ModelSpec, alias: str, *, writes: bool) -> str:
        share = self.alias()
        to = " OR ".join(
            (
                f"{share}.user_id = {self._id(lambda policy: policy.user_id, 'user')}",
                f"{share}.to_department_id = {self._id(lambda policy: policy.department, 'department')}",
                f"{share}.role_id {self.ids(lambda policy: policy.roles, 'roles')}",
            )
        )
        also = f" AND {share}.writes" if writes else ""
        shared = (
            f" FROM core_share {share} WHERE {share}.model = '{spec.label}'{also}"
            f" AND ({to}) AND ({share}.expires_at IS NULL OR {share}.expires_at > {self.dialect.now})"
        )
        if self.dialect is Dialect.POSTGRES:  # as an array the ids are looked up in the index, beside the other reaches
            return f"{alias}.id = ANY(ARRAY(SELECT {share}.record::uuid{shared}))"
        return f"{alias}.id IN (SELECT {share}.record{shared})"

    # Conditions

    def where(self, spec: ModelSpec, alias: str, condition: Condition, depth: int = 0) -> str:
        """A condition on a row, as SQL that the caller's scope is part of on every link it follows."""
        if depth > DEEPEST:
            raise BadQuery(f"Conditions may follow at most {DEEPEST} links")
        match condition:
            case And(parts):
                return self._joined([self.where(spec, alias, part, depth) for part in parts], " AND ", "TRUE")
            case Or(parts):
                return self._joined([self.where(spec, alias, part, depth) for part in parts], " OR ", "FALSE")
            case Not(part):
                return f"NOT coalesce({self.where(spec, alias, part, depth)}, FALSE)"
            case Through(name, inner):
                link, target = self.link(spec, name)
                return f"{column(self.dialect, alias, link)} IN ({self._ids_of(target, 'id', inner, depth)})"
            case Some(name, inner):
                link, source = self.back(spec, name)
                return f"{alias}.id IN ({self._ids_of(source, link.column, inner, depth)})"
            case Compare():
                return self._test(self.field(spec, condition.field), alias, condition)

    @staticmethod
    def _joined(compiled: Sequence[str], word: str, empty: str) -> str:
        if not compiled:
            return empty
        return compiled[0] if len(compiled) == 1 else f"({word.join(compiled)})"

    def _ids_of(self, spec: ModelSpec, column: str, condition: Condition, depth: int) -> str:
        alias = self.alias()
        parts = [self.scope(spec, alias), self.where(spec, alias, condition, depth + 1)]
        if column != "id":
            parts += [f"{alias}.archived_at IS NULL", f"{alias}.{column} IS NOT NULL"]
        return f"SELECT {alias}.{column} FROM {spec.table} {alias} WHERE {conjunction(parts)}"

    def _test(self, spec: FieldSpec, alias: str, test: Compare) -> str:
        if test.op is Op.EMPTY:
            return self._empty(spec, alias, test)
        if spec.kind in (Kind.DATA, Kind.POSITION, Kind.SECRET):
            raise BadQuery(f"{spec.name} can only be asked whether it is empty")
        if spec.kind in LISTS:
            return self._has(spec, alias, test)
        if spec.kind is Kind.MONEY:
            return self._money(spec, alias, test)
        if test.op in (Op.CONTAINS, Op.STARTS):
            return self._like(spec, alias, test)
        if test.op in COMPARED and spec.kind not in ORDERED and spec.kind not in TEXTUAL and spec.kind is not Kind.ID:
            raise BadQuery(f"{spec.name} has no order")
        compared = self._folded(spec, alias) if spec.kind in TEXTUAL else column(self.dialect, alias, spec)
        if test.op is Op.IN:
            return self._in(spec, compared, test)
        if test.op not in COMPARED and test.op is not Op.EQ:
            raise BadQuery(f"{spec.name} cannot be compared with {test.op.value}")
        place = self.bound(test.value, lambda value: self._value(spec, value))
        return f"{compared} {COMPARED.get(test.op, '=')} {place}{self._cast(spec)}"

    def _empty(self, spec: FieldSpec, alias: str, test: Compare) -> str:
        empty = f"{column(self.dialect, alias, spec)} IS NULL"
        if spec.kind in LISTS:
            empty = f"coalesce({self._folded(spec, alias)}, '') = ''"
        if isinstance(test.value, Slot):
            place = self.bound(
                test.value, lambda value: bool(value) if self.dialect is Dialect.POSTGRES else int(bool(value))
            )
            return f"(({empty}) = {place})"
        return empty if test.value else f"NOT ({empty})"

    def _like(self, spec: FieldSpec, alias: str, test: Compare) -> str:
        if spec.kind not in TEXTUAL:
            raise BadQuery(f"{spec.name} is no text")
        lead = "%" if test.op is Op.CONTAINS else ""
        place = self.bound(test.value, lambda value: f"{lead}{escaped(fold(_words(spec, value)))}%")
        return f"{self._folded(spec, alias)} LIKE {place} ESCAPE '\\'"

    def _has(self, spec: FieldSpec, alias: str, test: Compare) -> str:
        if test.op is not Op.HAS:
            raise BadQuery(f"{spec.name} is a list; ask what it has")
        place = self.bound(test.value, lambda value: f"%|{escaped(fold_item(spec.kind, _words(spec, value)))}|%")
        return f"{self._folded(spec, alias)} LIKE {place} ESCAPE '\\'"

    def _money(self, spec: FieldSpec, alias: str, test: Compare) -> str:
        if test.op is not Op.EQ and test.op not in COMPARED:
            raise BadQuery(f"{spec.name} cannot be compared with {test.op.value}")
        minor = self.bound(test.value, lambda value: _money(value).minor)
        currency = self.bound(test.value, lambda value: _money(value).currency)
        value, held = column(self.dialect, alias, spec), column(self.dialect, alias, spec, str(spec.second))
        return f"({held} = {currency} AND {value} {COMPARED.get(test.op, '=')} {minor})"

    def _folded(self, spec: FieldSpec, alias: str) -> str:
        return column(self.dialect, alias, spec, str(spec.folded))

    def _in(self, spec: FieldSpec, compared: str, test: Compare) -> str:
        if isinstance(test.value, Slot):
            raise BadQuery("The length of a list is part of the question; give the values one by one")
        values = tuple(test.value) if isinstance(test.value, Sequence) else ()
        if not values:
            return "FALSE"
        places = ", ".join(self.bound(one, lambda value: self._value(spec, value)) + self._cast(spec) for one in values)
        return f"{compared} IN ({places})"

    def _cast(self, spec: FieldSpec) -> str:
        return "::uuid" if self.dialect is Dialect.POSTGRES and spec.kind in (Kind.ID, Kind.LINK) else ""

    def _value(self, spec: FieldSpec, value: object) -> object:
        if value is None:
            return None
        if spec.kind in TEXTUAL:
            return fold(_words(spec, value))
        if spec.kind in (Kind.ID, Kind.LINK):
            return _uuid(self.dialect, value)
        if spec.kind is Kind.CHOICE:
            return value.value if isinstance(value, Enum) else str(value).lower()
        if isinstance(value, str) and spec.kind in (Kind.DATE, Kind.MOMENT):
            value = _time(spec.kind, value)
        return plain(self.dialect, spec.kind, spec.traits.scale, value)


def _words(spec: FieldSpec, value: object) -> str:
    text = str(value)
    if "\0" in text:  # PostgreSQL has no such text
        raise BadQuery(f"{spec.name}: a text holds no character U+0000")
    return text


def _uuid(dialect: Dialect, value: object) -> object:
    raw = value.id if isinstance(value, Model) else value
    try:
        found = raw if isinstance(raw, UUID) else UUID(str(raw))
    except ValueError:
        raise BadQuery(f"{raw} is no id") from None
    return found if dialect is Dialect.POSTGRES else str(found)


def _time(kind: Kind, value: str) -> date | datetime:
    try:
        return date.fromisoformat(value) if kind is Kind.DATE else datetime.fromisoformat(value)
    except ValueError:
        raise BadQuery(f"{value} is no {kind.value}") from None


def _money(value: object) -> Money:
    if not isinstance(value, Money):
        raise BadQuery("An amount is compared with an amount and its currency")
    return value


def conjunction(parts: Sequence[str]) -> str:
    """All parts hold; needless ones are left out."""
    needed = [part for part in parts if part != "TRUE"]
    return " AND ".join(needed) if needed else "TRUE"

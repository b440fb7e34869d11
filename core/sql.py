"""The compiler: a query tree and a policy in, one SQL statement out that answers in JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.codec import plain
from core.cursors import cursor_signature
from core.database import Dialect
from core.errors import BadQuery, UnknownField
from core.expressions import build_object, collected, constant, row_array, row_object, unless_empty, value
from core.fields import Kind
from core.inside import column
from core.predicates import Parameter, Predicates, conjunction
from core.query import (
    COUNT_CAP,
    MAX_ROWS,
    Archived,
    Compound,
    Computed,
    Constant,
    Edges,
    Info,
    Leaf,
    Listing,
    Many,
    Nodes,
    One,
    PageInfo,
    Part,
    Read,
    Root,
    Select,
    Selection,
    Single,
    Summary,
    Total,
)
from core.registry import FieldSpec, ModelSpec
from core.sorting import SortKey, check_order, cursor, default_order, ordered, past, sort_keys
from core.summaries import summary


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled read: its text, and for each place a function of the caller and the slots' values."""

    sql: str
    parameters: tuple[Parameter, ...]
    keys: tuple[str, ...]
    stamped: bool


def compile_read(predicates: Predicates, read: Read, *, stamped: bool) -> Statement:
    """One statement with a column of JSON for each root, and with `stamped` the stamp of the policy behind them."""
    compiler = Compiler(predicates)
    columns = [compiler.root(root) for _, root in read.roots]
    if predicates.dialect is Dialect.POSTGRES:
        columns = [f"({column})::text" for column in columns]
    if stamped:
        columns += stamp(predicates)
    return Statement(
        f"SELECT {', '.join(columns) or '1'}",
        tuple(predicates.parameters),
        tuple(key for key, _ in read.roots),
        stamped,
    )


def stamp(predicates: Predicates) -> list[str]:
    """The rights number, the user's number, and whether the session or token is valid, as columns."""
    dialect = predicates.dialect
    user = predicates.place(lambda caller, _: plain(dialect, Kind.ID, 0, caller.user_id), "user")
    credential = predicates.place(lambda caller, _: plain(dialect, Kind.ID, 0, caller.credential), "credential")
    cast = "::uuid" if dialect is Dialect.POSTGRES else ""
    valid = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} c WHERE c.id = {credential}{cast} AND c.user_id = {user}{cast}"
        f" AND c.ended_at IS NULL AND c.expires_at > {dialect.now})"
        for table in ("core_session", "core_token")
    )
    return [
        "(SELECT CAST(s.content AS TEXT) FROM core_setting s WHERE s.name = 'rights')",
        f"(SELECT u.rights_number FROM core_user u WHERE u.id = {user}{cast} AND u.enabled)",
        f"({valid})",
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """A listing on its way: its model, and for a back link the link behind it and the row that it hangs on."""

    spec: ModelSpec
    listing: Listing
    link: FieldSpec | None = None
    outer: str = ""

    @property
    def backward(self) -> bool:
        """Whether the page is counted from the end."""
        return self.listing.page.last is not None

    @property
    def edge(self) -> tuple[object, ...] | None:
        """The neighbour that the page begins behind."""
        return self.listing.page.before if self.backward else self.listing.page.after

    @property
    def size(self) -> int:
        """How many records the page has at most."""
        return checked(self.listing.page.last if self.backward else self.listing.page.first)


class Compiler:
    """Compiles the parts of one statement; `predicates` holds its parameters and checks fields against the policy."""

    def __init__(self, predicates: Predicates) -> None:
        self.predicates = predicates
        self.registry = predicates.registry
        self.dialect = predicates.dialect

    def root(self, root: Root) -> str:
        """A root of the tree as a JSON expression."""
        spec = self.registry.spec(root.model)
        permission = f"{self.registry.root(spec).label}.read"
        if isinstance(root, Single) and root.lenient and not self.predicates.policy.allows(permission):
            return constant(self.dialect, None)
        self.predicates.policy.require(permission)
        match root:
            case Single():
                return self.single(spec, root)
            case Listing():
                return self.listing(Asked(spec, root))
            case Summary():
                return summary(self.predicates, spec, root, self.rows_of(spec, root))

    def single(self, spec: ModelSpec, single: Single) -> str:
        """One record by id, or null."""
        alias = self.predicates.alias()
        by_id = self.predicates.bound(single.id, lambda one: plain(self.dialect, Kind.ID, 0, one))
        cast = "::uuid" if self.dialect is Dialect.POSTGRES else ""
        where = [
            f"{alias}.id = {by_id}{cast}",
            self.predicates.scope(spec, alias),
            self.predicates.where(spec, alias, single.where),
        ]
        tail = f"FROM {spec.table} {alias} WHERE {conjunction(where)}"
        return row_object(self.dialect, self.pairs(spec, alias, single.select), tail)

    def pairs(self, spec: ModelSpec, alias: str, selection: Selection) -> list[tuple[str, str]]:
        """Keys and JSON expressions of a selection on the row of an alias."""
        return [(one.key, self.selected(spec, alias, one)) for one in selection]

    def selected(self, spec: ModelSpec, alias: str, one: Select) -> str:
        """One selected thing as a JSON expression."""
        match one:
            case Leaf(_, name, part):
                return value(self.dialect, alias, self.predicates.field(spec, name), part)
            case Constant(_, text):
                return constant(self.dialect, text)
            case Compound():
                return self.compound(spec, alias, one)
            case One(_, name, select):
                return self.linked(spec, alias, name, select)
            case Many(_, name, listing):
                return self.many(spec, alias, name, listing)
            case Computed():
                if one.name not in spec.computed:
                    raise UnknownField(spec.label, one.name)
                return build_object(self.dialect, self.pairs(spec, alias, one.select))

    def compound(self, spec: ModelSpec, alias: str, one: Compound) -> str:
        """An amount or a position as an object of the asked parts."""
        found = self.predicates.field(spec, one.field)
        pairs = [
            (
                part.key,
                constant(self.dialect, part.text)
                if isinstance(part, Constant)
                else value(self.dialect, alias, found, part.part),
            )
            for part in one.parts
        ]
        return unless_empty(self.dialect, column(self.dialect, alias, found), pairs)

    def linked(self, spec: ModelSpec, alias: str, name: str, select: Selection) -> str:
        """The record at the other end of a link, as far as the caller sees it."""
        link, target = self.predicates.link(spec, name)
        inner = self.predicates.alias()
        where = conjunction([f"{inner}.id = {column(self.dialect, alias, link)}", self.predicates.scope(target, inner)])
        return row_object(self.dialect, self.pairs(target, inner, select), f"FROM {target.table} {inner} WHERE {where}")

    def many(self, spec: ModelSpec, alias: str, name: str, listing: Listing) -> str:
        """The list of a back link."""
        link, source = self.predicates.back(spec, name)
        return self.listing(Asked(source, listing, link, f"{alias}.id"))

    # Lists

    def rows_of(self, spec: ModelSpec, asked: Listing | Summary, *, scoped: bool = True) -> tuple[str, list[str]]:
        """A fresh alias of a table, and the conditions of scope and recycle bin on it."""
        alias = self.predicates.alias()
        where = [self.predicates.scope(spec, alias)] if scoped else []
        if asked.permission:
            where.append(self.predicates.scope(spec, alias, asked.permission))
        if asked.archived is not Archived.WITH:
            where.append(f"{alias}.archived_at IS {'NOT ' if asked.archived is Archived.ONLY else ''}NULL")
        return alias, where

    def listing(self, asked: Asked) -> str:
        """A page of records as an array, or as an object of its parts."""
        parts = asked.listing.parts
        if not parts:
            return self.array(asked, asked.listing.select)
        if any(isinstance(part, Edges | PageInfo) for part in parts):
            return self.connection(asked)
        if not any(isinstance(part, Nodes) for part in parts):
            check_order(self.predicates, asked.spec, asked.listing.order)
        return build_object(self.dialect, [(part.key, self.part(asked, part)) for part in parts])

    def part(self, asked: Asked, part: Part) -> str:
        """A part that needs nothing of the others."""
        match part:
            case Nodes(_, select):
                return self.array(asked, select)
            case Total():
                return self.total(asked)
            case Constant(_, text):
                return constant(self.dialect, text)
            case _:
                raise BadQuery("Edges and page info come with their page")

    def conditions(self, asked: Asked) -> tuple[str, list[str]]:
        """A fresh alias and all conditions on its rows, apart from the page."""
        spec, link = asked.spec, asked.link
        whole = link is not None and spec.meta.part_of == link.name  # its rights are theirs, and were asked already
        alias, where = self.rows_of(spec, asked.listing, scoped=not whole)
        if link is not None:
            where.append(f"{alias}.{link.column} = {asked.outer}")
        where.append(self.predicates.where(spec, alias, asked.listing.where))
        return alias, where

    def total(self, asked: Asked) -> str:
        """How many there are, counted up to the cap and one more."""
        alias, where = self.conditions(asked)
        counted = f"SELECT 1 FROM {asked.spec.table} {alias} WHERE {conjunction(where)} LIMIT {COUNT_CAP + 1}"
        return f"(SELECT count(*) FROM ({counted}) c)"

    def page_sql(self, asked: Asked, extra: int) -> tuple[str, list[SortKey], str]:
        """The rows of a page: alias, sort keys, and all from FROM to LIMIT. Backward pages come in reverse."""
        alias, where = self.conditions(asked)
        keys = sort_keys(self.predicates, asked.spec, alias, asked.listing.order)
        if asked.edge is not None:
            where.append(past(self.predicates, asked.spec, keys, asked.edge, backward=asked.backward))
        tail = f"FROM {asked.spec.table} {alias} WHERE {conjunction(where)}"
        return alias, keys, f"{tail} ORDER BY {ordered(keys, backward=asked.backward)} LIMIT {asked.size + extra}"

    def array(self, asked: Asked, select: Selection) -> str:
        """The rows of a page as an array."""
        if asked.backward:
            return self.connection(
                replace(asked, listing=replace(asked.listing, parts=(Nodes("n", select),))), bare=True
            )
        alias, _, tail = self.page_sql(asked, 0)
        return row_array(self.dialect, self.pairs(asked.spec, alias, select), tail)

    def connection(self, asked: Asked, *, bare: bool = False) -> str:
        """A page with edges or page info: one row more than asked tells whether there is more."""
        alias, keys, tail = self.page_sql(asked, 1)
        signature = cursor_signature(asked.spec.label, asked.listing.order or default_order(asked.spec))
        columns = [f"{cursor(self.dialect, signature, keys)} AS c"]
        pairs = [(part.key, self.aggregate(asked, part, alias, columns)) for part in asked.listing.parts]
        word = "DESC" if asked.backward else "ASC"
        # One after the other, not one in the other: nested lists would exceed SQLite's parser stack of 100.
        steps = (
            f"i AS (SELECT {', '.join(columns)} {tail})",
            "q AS (SELECT i.*, row_number() OVER () AS n FROM i)",
            f"p AS (SELECT * FROM q ORDER BY n {word} LIMIT {asked.size + 1})",
        )
        body = pairs[0][1] if bare else build_object(self.dialect, pairs)
        return f"(WITH {', '.join(steps)} SELECT {body} FROM p)"

    def aggregate(self, asked: Asked, part: Part, alias: str, columns: list[str]) -> str:
        """A part of a page as an aggregate over its rows; adds the columns it needs."""
        spec = asked.spec
        match part:
            case Nodes(_, select):
                return collected(self.dialect, self.column(spec, alias, select, columns), f"p.n <= {asked.size}")
            case Edges():
                pairs = [(key, constant(self.dialect, f"{spec.type_name}Edge")) for key in part.typenames]
                pairs += [(key, self.json_text("p.c")) for key in part.cursors]
                pairs += [(key, self.column(spec, alias, select, columns)) for key, select in part.nodes]
                return collected(self.dialect, build_object(self.dialect, pairs), f"p.n <= {asked.size}")
            case PageInfo():
                return self.page_info(asked, part)
            case _:
                return self.part(asked, part)

    def column(self, spec: ModelSpec, alias: str, select: Selection, columns: list[str]) -> str:
        """A node as a column of the page's rows."""
        name = f"j{len(columns)}"
        columns.append(f"{row_object(self.dialect, self.pairs(spec, alias, select), '')} AS {name}")
        return f"p.{name}"

    def json_text(self, expression: str) -> str:
        """A text as JSON."""
        return f"json_quote({expression})" if self.dialect is Dialect.SQLITE else expression

    def page_info(self, asked: Asked, part: PageInfo) -> str:
        """Whether there is more, and the cursors of both ends."""
        more, edge = f"count(*) > {asked.size}", "TRUE" if asked.edge is not None else "FALSE"
        backward = asked.backward
        ends = {
            Info.HAS_NEXT: self.truth(edge if backward else more),
            Info.HAS_PREVIOUS: self.truth(more if backward else edge),
            Info.START: self.json_text(self.end(asked.size, furthest=backward)),
            Info.END: self.json_text(self.end(asked.size, furthest=not backward)),
        }
        pairs = [(key, constant(self.dialect, "PageInfo")) for key in part.typenames]
        pairs += [(key, ends[info]) for key, info in part.parts]
        return build_object(self.dialect, pairs)

    def end(self, size: int, *, furthest: bool) -> str:
        """The cursor of the nearest or the furthest row of the page."""
        if not furthest:
            return f"max(CASE WHEN p.n = {min(size, 1)} THEN p.c END)"
        if self.dialect is Dialect.POSTGRES:
            return f"(array_agg(p.c ORDER BY p.n DESC) FILTER (WHERE p.n <= {size}))[1]"
        return f"substr(max(CASE WHEN p.n <= {size} THEN printf('%06d', p.n) || p.c END), 7)"

    def truth(self, expression: str) -> str:
        """A condition as JSON."""
        if self.dialect is Dialect.SQLITE:
            return f"CASE WHEN {expression} THEN 'true' ELSE 'false' END"
        return f"({expression})"


def checked(limit: int | None) -> int:
    """A page size as a literal; `BadQuery` when it is negative or out of range."""
    if limit is None or limit < 0 or limit > MAX_ROWS:
        raise BadQuery(f"A page has between 0 and {MAX_ROWS} records")
    return limit

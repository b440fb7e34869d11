"""The schema of one registry: types, root fields and mutations put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from core.registry import Registry
from schema import words
from schema.account import account_changes
from schema.catalogue import Catalogue, Surface, catalogue
from schema.declare import argument, field, output_type, several
from schema.editing import edits
from schema.mutations import Mutation, mutations
from schema.questions import QuestionTypes
from schema.searching import search_fields
from schema.types import Types, build_types


@dataclass(frozen=True)
class Schema:
    """A booted schema: its names, its forms in Strawberry and in graphql-core, and what each mutation does."""

    catalogue: Catalogue
    made: strawberry.Schema
    core: GraphQLSchema
    mutations: Mapping[str, Mutation]

    @cached_property
    def sdl(self) -> str:
        """The schema as text."""
        return self.made.as_str() + "\n"


@lru_cache(maxsize=4)  # the schema of many objects takes seconds to make
def assemble(registry: Registry) -> Schema:
    """The schema of a registry, which is kept; `BootError` when names collide."""
    names = catalogue(registry)
    types = build_types(names)
    changes = mutations(types) | edits(types) | account_changes(types)
    asking = QuestionTypes(types)
    made = strawberry.Schema(
        query=output_type("Query", _query(types, asking), "All that can be read"),
        mutation=output_type("Mutation", {name: one.field for name, one in changes.items()}, "All that can be changed"),
        subscription=output_type("Subscription", _subscription(types, asking), "What is told as it happens"),
        types=[types.named[one.name] for one in names.surfaces.values()],
        config=StrawberryConfig(auto_camel_case=False, disable_field_suggestions=True),
    )
    core = made._schema  # noqa: SLF001 - Strawberry's own name for its graphql-core form; it has no public one
    _resolve(core, changes)
    return Schema(names, made, core, changes)


def _resolve(core: GraphQLSchema, changes: Mapping[str, Mutation]) -> None:
    """Give the root fields their resolvers: queries take what the plan has read, mutations do their work."""
    query, mutation = core.query_type, core.mutation_type
    if not isinstance(query, GraphQLObjectType) or not isinstance(mutation, GraphQLObjectType):
        raise TypeError("a schema has a query and a mutation type")
    for one in query.fields.values():
        one.resolve = _planned
    for name, change in changes.items():
        mutation.fields[name].resolve = change.resolve


def _planned(root: Mapping[str, Any], info: Any, **_: Any) -> Any:
    """The value that the plan has read for this response key."""
    return root[info.path.key]


def _query(types: Types, asking: QuestionTypes) -> dict[str, StrawberryField]:
    fields = _kernel_fields(types)
    for surface in types.catalogue.surfaces.values():
        fields |= _model_fields(types, surface)
    for name, root in types.catalogue.roots.items():
        if root.question is not None:
            fields[name] = asking.field(root.label, root.question)
    return fields


def _subscription(types: Types, asking: QuestionTypes) -> dict[str, StrawberryField]:
    fields = {}
    for name, root in types.catalogue.topics.items():
        if root.question is not None:
            fields[name] = asking.field(root.label, root.question)
            continue
        surface = types.catalogue.surfaces[root.label]
        arguments = [
            argument("id", strawberry.ID | None, "Only this one"),
            argument("filter", types.named[f"{surface.name}Filter"] | None, "Only those that now fulfil it"),
        ]
        told = f"{surface.spec.humans} that were made or changed, archived ones too, those of a moment together"
        fields[name] = field(several(types.named[surface.name]), told, arguments)
    return fields


def _model_fields(types: Types, surface: Surface) -> dict[str, StrawberryField]:
    name, named, spec = surface.name, types.named, surface.spec
    summary = [
        argument("filter", named[f"{name}Filter"] | None, "Which records"),
        argument("groupBy", several(named[f"{name}GroupBy"]) | None, "What rows have in common; of nothing: one row"),
        argument(
            "measures",
            several(named[f"{name}Measure"]),
            "The figures of each row",
            [{"function": words.FunctionEnum.COUNT}],
        ),
        argument("archived", words.ArchivedEnum, "Whether the recycle bin is meant", words.ArchivedEnum.WITHOUT),
    ]
    by_id = [argument("id", strawberry.ID, "Its id")]
    return {
        surface.stem: field(
            named[name] | None, f"One by its id, archived or not; null out of sight. {spec.help}", by_id
        ),
        surface.plural: field(named[f"{name}Connection"], spec.help, types.list_arguments(surface)),
        f"{surface.plural}Summary": field(
            several(words.SummaryRow), f"Figures of {spec.humans.lower()} by groups", summary
        ),
    } | _likeness(types, surface)


def _likeness(types: Types, surface: Surface) -> dict[str, StrawberryField]:
    if not surface.spec.resource.duplicates:
        return {}
    told = f"Records that look like a new {surface.spec.human.lower()}: the same name, phone number or mail address"
    new = argument("input", types.named[f"{surface.name}LookalikesInput"], "What is known of it")
    return {f"{surface.stem}Lookalikes": field(words.Lookalikes, told, [new])}


def _kernel_fields(types: Types) -> dict[str, StrawberryField]:
    return {
        "node": field(words.Node | None, "A record of any kind by its id", [argument("id", strawberry.ID, "Its id")]),
        "me": field(_me(types) | None, "Who is asking; null for nobody"),
        **search_fields(),
        "explain": _explain(),
    }


def _explain() -> StrawberryField:
    arguments = [
        argument("id", strawberry.ID, "Its id"),
        argument("user", strawberry.ID | None, "Who is meant, for administrators; by default the caller himself"),
    ]
    told = "Why a user sees a record: every ground, of none he does not; null out of the caller's own sight"
    return field(several(words.Ground) | None, told, arguments)


def _me(types: Types) -> Any:
    permission = output_type(
        "Permission",
        {
            "name": field(str, "sales.customer.read"),
            "scopes": field(several(words.ReachScope), "What it reaches; any of them"),
        },
        "A permission that the caller has",
    )
    user = types.named[types.catalogue.surfaces["core.user"].name]
    fields = {
        "id": field(strawberry.ID),
        "login": field(str, "What he signs in with"),
        "language": field(str),
        "zone": field(str, "His time zone"),
        "readOnly": field(bool, "Whether he came with a token that may only read"),
        "administrator": field(bool, "Whether he holds every permission"),
        "permissions": field(several(permission)),
        "user": field(user | None, "His record, where he may see it"),
    }
    return output_type("Me", fields, "The caller")

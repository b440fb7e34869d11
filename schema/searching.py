"""Search over GraphQL: the hits, the kinds of records among them, and by what those of one kind differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from core.errors import UnknownField
from core.finder import Counted, Found, Narrowed
from core.query import Selection
from core.registry import ModelSpec, camel
from schema import words
from schema.declare import argument, field, given, input_type, output_type, several
from schema.finishing import Setting, records_of, stripped

EACH = 50
"""So many records of each kind are counted; it may have more."""

Hit = output_type(
    "SearchHit",
    {
        "id": field(strawberry.ID, "The id of the record"),
        "title": field(str),
        "snippet": field(str, "The text that the words were found in"),
        "field": field(str, "The field of that text"),
        "record": field(words.Node | None),
    },
    "A record that was found",
)
Kind = output_type(
    "SearchKind",
    {
        "model": field(str, "sales.lead, as the argument takes it"),
        "type": field(str, "The type of its records: SalesLead"),
        "count": field(int, f"How many were found that the caller sees, up to {EACH}"),
        "more": field(bool, "Whether there may be more"),
    },
    "A kind of record among what was found",
)
FacetValue = output_type(
    "SearchFacetValue",
    {
        "value": field(str, "The member of a choice, or the id of the record at the end of a link"),
        "label": field(str, "What it is called"),
        "count": field(int),
    },
    "A value that found records have",
)
Facet = output_type(
    "SearchFacet",
    {"field": field(str), "values": field(several(FacetValue), "The commonest first")},
    "A choice or a link by which found records differ, as far as the caller sees it",
)
Result = output_type(
    "SearchResult",
    {
        "hits": field(several(Hit), "The best first"),
        "kinds": field(several(Kind), "Of all that fits the words, those with the most first"),
        "facets": field(several(Facet), "Of the records of one model; of none where none was named"),
        "more": field(bool, "Whether there may be more records of the model than the facets count"),
    },
    "What was found",
)
Where = input_type(
    "SearchWhere",
    {
        "field": given(str, "A choice or a link of the model"),
        "value": given(str, "The member of the choice, or the id of the record at the end of the link"),
    },
    "What found records have in common",
)


def search_fields() -> dict[str, StrawberryField]:
    """The fields of `Query` that search."""
    text, first = argument("text", str, "Words; all must match"), argument("first", int, "How many", 20)
    model = argument("model", str | None, "Only records of this model: sales.lead")
    where = argument("where", several(Where) | None, "Only those that have all of these values; of a model")
    told = "Records that fit some words, counted by kinds and, of one model, by choices and links"
    return {
        "search": field(several(Hit), "Records that fit some words, the best first", [text, first]),
        "searchResult": field(Result, told, [text, first, model, where]),
    }


@dataclass(frozen=True)
class HitShape:
    """What is asked of a hit: its fields by response key, and what is selected of its record by its model."""

    parts: Mapping[str, str]
    records: Mapping[str, Mapping[str, Selection]]

    async def rows(self, setting: Setting, found: Sequence[Found]) -> list[dict[str, Any]]:
        """The hits; each record is read again through the door."""
        shown = [one for one in found if one.label in self.records]
        rows = await records_of(setting, self.records, [(one.label, one.id) for one in shown])
        return [
            {key: self._part(key, name, one, rows[number]) for key, name in self.parts.items()}
            for number, one in enumerate(shown)
        ]

    def _part(self, key: str, name: str, one: Found, rows: Mapping[str, Any]) -> Any:
        if name == "record":
            return stripped(rows[key])
        facts = {
            "id": one.id,
            "title": one.title,
            "snippet": one.snippet,
            "field": camel(one.field),
            "__typename": "SearchHit",
        }
        return facts[name]


@dataclass(frozen=True)
class SearchFinish:
    """The hits of a search."""

    slot: int
    first: int
    shape: HitShape

    async def value(self, setting: Setting, _: Mapping[str, Any], __: str) -> Any:
        """The hits, the best first."""
        if setting.finder is None:
            return []
        found = await setting.finder.find(setting.caller, str(setting.values[self.slot]), None, self.first)
        return await self.shape.rows(setting, found)


@dataclass(frozen=True)
class ResultFinish:
    """The result of a search; only what is asked of it is counted.

    `text`, `model` and `where` are slots; `hits`, `kinds` and `facets` by response key, and `values` of those.
    """

    text: int
    model: int
    where: int
    first: int
    shape: Mapping[str, str]
    hits: Mapping[str, HitShape]
    parts: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Mapping[str, Mapping[str, str]]]

    async def value(self, setting: Setting, _: Mapping[str, Any], __: str) -> Any:
        """Hits, kinds and facets."""
        if setting.finder is None:
            return {key: False if name == "more" else [] for key, name in self.shape.items()}
        finder, caller, text = setting.finder, setting.caller, str(setting.values[self.text])
        model: Any = setting.values[self.model]
        every = Counted()
        if "kinds" in self.shape.values():
            every = await finder.find_each(caller, text, EACH)
        narrowed = Narrowed()
        if model is not None:
            spec = self._spec(setting, model)
            narrowed = await finder.narrow(caller, text, model, self._asked(setting, spec), self.first)
        elif "hits" in self.shape.values():
            found_ones = every.found if self.first <= EACH else ()
            narrowed = Narrowed(tuple(found_ones or await finder.find(caller, text, None, self.first)))
        found: dict[str, Any] = {}
        for key, name in self.shape.items():
            match name:
                case "hits":
                    found[key] = await self.hits[key].rows(setting, narrowed.found[: self.first])
                case "kinds":
                    found[key] = self._kinds(setting, key, every)
                case "facets":
                    found[key] = self._facets(setting, key, model, narrowed)
                case "more":
                    found[key] = narrowed.more
                case _:
                    found[key] = "SearchResult"
        return found

    def _spec(self, setting: Setting, model: str) -> ModelSpec:
        found = setting.reader.registry.models.get(model)
        if found is None or found.meta.internal:
            raise UnknownField("search.where", model)
        return found

    def _asked(self, setting: Setting, spec: ModelSpec) -> dict[str, str]:
        """What narrows it, by the fields' own names; a member of a choice as the value that is stored."""
        asked: Any = setting.values[self.where]
        fields = {camel(name): one for name, one in spec.fields.items()}
        found = {}
        for one in asked or ():
            if one["field"] not in fields:
                raise UnknownField(spec.label, one["field"])
            known = fields[one["field"]]
            members = {each.name.upper(): str(each.value) for each in known.traits.choices or ()}
            found[known.name] = members.get(one["value"], one["value"])
        return found

    def _kinds(self, setting: Setting, key: str, every: Counted) -> list[dict[str, Any]]:
        rows = []
        for label, count in every.counts.items():
            type_name = setting.reader.registry.models[label].type_name
            facts = {"model": label, "type": type_name, "count": count, "more": count >= EACH}
            rows.append(_parts(self.parts[key], facts, "SearchKind"))
        return rows

    def _facets(self, setting: Setting, key: str, model: str | None, narrowed: Narrowed) -> list[dict[str, Any]]:
        rows = []
        for facet in narrowed.facets if model else ():
            choices = setting.reader.registry.models[str(model)].fields[facet.field].traits.choices
            members = {str(one.value): one.name.upper() for one in choices or ()}
            facts: dict[str, Any] = {"field": camel(facet.field)}
            row = _parts(self.parts[key], facts | {"values": None}, "SearchFacet")
            for part, shape in self.values[key].items():
                row[part] = [
                    _parts(
                        shape,
                        {"value": members.get(one.value, one.value), "label": one.label, "count": one.count},
                        "SearchFacetValue",
                    )
                    for one in facet.values
                ]
            rows.append(row)
        return rows


def _parts(shape: Mapping[str, str], facts: Mapping[str, Any], type_name: str) -> dict[str, Any]:
    return {key: facts.get(name, type_name) for key, name in shape.items()}

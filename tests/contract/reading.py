"""The surfaces that read: what each of them shows of a model, and what it ought to show."""

from __future__ import annotations

import csv
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from core.errors import Forbidden, NotFound, Unauthenticated
from core.fields import Kind as Holds
from core.registry import ModelSpec, camel
from tests.contract.company import ME, Slot, word
from tests.contract.declared import opened_to, plugin_pages, questions
from tests.contract.evaluator import Kind
from tests.contract.opened import FILE
from tests.contract.streaming import subscription, told
from tests.contract.visits import Visit, links_in, rows_in, stated

NAMES = (Holds.TEXT, Holds.EMAIL)
MOST_ROOTS = 10
MOST_GROUPS = 8
MOST_COUNTED = 50
PANELS_OF = {"core.role": ("permissions",), "core.user": ("password",)}
Ids = set[Any]
Ask = Callable[[Visit, ModelSpec], Awaitable[Ids]]


@dataclass(frozen=True)
class Surface:
    """One way to look at records of a model."""

    name: str
    shown: Ask
    wanted: Callable[[Visit, ModelSpec], Ids]
    applies: Callable[[ModelSpec], bool] = lambda _: True


def stem(spec: ModelSpec) -> str:
    """The name of one record in GraphQL."""
    return camel(f"{spec.plugin}_{spec.name}")


def plural(spec: ModelSpec) -> str:
    """The name of the list in GraphQL."""
    return camel(f"{spec.plugin}_{spec.plural}")


# What ought to be seen


def in_use(visit: Visit, spec: ModelSpec) -> Ids:
    return visit.rights.seen(spec.label)


def in_use_by_pages(visit: Visit, spec: ModelSpec) -> Ids:
    return in_use(visit, spec) if visit.kind.pages else set()


def one_by_one(visit: Visit, spec: ModelSpec) -> Ids:
    """Of the records that are asked for one by one those that may be read, archived or not."""
    return {one.id for one in visit.asked(spec) if visit.rights.sees(one)}


def one_by_one_by_pages(visit: Visit, spec: ModelSpec) -> Ids:
    return one_by_one(visit, spec) if visit.kind.pages else set()


# Pages


async def list_page(visit: Visit, spec: ModelSpec) -> Ids:
    return rows_in(await visit.every_page(spec.path), spec)


async def _pages(visit: Visit, spec: ModelSpec, tail: str) -> Ids:
    """The records whose page opens; the others' are the same bytes as of an id that nobody has."""
    found = set()
    nobody = uuid4()
    unknown = await visit.get(f"{spec.path}/{nobody}{tail}")
    for one in visit.asked(spec):
        response = await visit.get(f"{spec.path}/{one.id}{tail}")
        if response.status_code == 200:
            found.add(one.id)
            continue
        assert response.status_code == unknown.status_code, (spec.label, one.slot, response.status_code)
        assert response.text.replace(str(one.id), "") == unknown.text.replace(str(nobody), ""), one
    return found


async def record_page(visit: Visit, spec: ModelSpec) -> Ids:
    return await _pages(visit, spec, "")


async def form_page(visit: Visit, spec: ModelSpec) -> Ids:
    return await _pages(visit, spec, "/edit")


async def board_page(visit: Visit, spec: ModelSpec) -> Ids:
    """The cards of all boards: one for each pipeline."""
    response = await visit.get(f"{spec.path}/board")
    target = visit.kernel.registry.models.get(str(spec.fields[spec.resource.board].target))
    above = next((name for name, one in spec.links.items() if target and one.target == target.parent), None)
    found = links_in(response.text, spec)
    if above:
        for one in visit.company.of(str(spec.fields[above].target)):
            found |= links_in((await visit.get(f"{spec.path}/board?{above}={one.id}")).text, spec)
    return found


def on_boards(visit: Visit, spec: ModelSpec) -> Ids:
    """A card hangs in a lane: of a record whose lane may not be seen, none is shown; nor in one that is archived."""
    if not visit.kind.pages:
        return set()
    lanes = spec.fields[spec.resource.board].target
    if not lanes:
        return in_use(visit, spec)
    seen, records = visit.rights.seen(lanes), visit.company.records
    return {one for one in in_use(visit, spec) if records[one].links[spec.resource.board] in seen}


async def bin_page(visit: Visit, spec: ModelSpec) -> Ids:
    return rows_in(await visit.every_page(f"/bin?model={spec.label}"), spec)


def in_bin(visit: Visit, spec: ModelSpec) -> Ids:
    return visit.rights.seen(spec.label, archived=True) if visit.kind.pages else set()


async def choices(visit: Visit, spec: ModelSpec) -> Ids:
    """The options of a type-ahead, found by the word in the titles: at most a dozen are shown at once."""
    text = word(spec.label) if spec.fields[spec.title].kind in NAMES else ""
    response = await visit.get(f"/choose/{spec.label}?x.text={text}")
    return {UUID(one) for one in re.findall(r'data-value="([0-9a-f-]{36})"', response.text)}


def in_use_by_word(visit: Visit, spec: ModelSpec) -> Ids:
    """The records in use whose title has the word, or that have no title."""
    records = (visit.company.records[one] for one in in_use(visit, spec))
    return {one.id for one in records if one.slot and (word(spec.label) in one.title or not one.title)}


def chosen_by_pages(visit: Visit, spec: ModelSpec) -> Ids:
    return in_use_by_word(visit, spec) if visit.kind.pages else set()


def can_be_chosen(spec: ModelSpec) -> bool:
    """A part without a title is chosen from more than a dozen."""
    return spec.parent is None or spec.fields[spec.title].kind is Holds.TEXT


async def export_file(visit: Visit, spec: ModelSpec) -> Ids:
    response = await visit.post(f"{spec.path}/export", {"format": "csv"})
    if response.status_code != 200 or not response.headers["content-type"].startswith("text/csv"):
        return set()
    return {UUID(row["Id"]) for row in csv.DictReader(response.content.decode("utf-8-sig").splitlines())}


async def attachments(visit: Visit, spec: ModelSpec) -> Ids:
    """The records whose file can be saved, by its address."""
    found = set()
    for one in visit.asked(spec):
        response = await visit.get(f"/files/{visit.files[one.id]}")
        found |= {one.id} if response.status_code == 200 and response.content == FILE else set()
    return found


# The kernel's own answers, which pages show


async def _answered(visit: Visit, spec: ModelSpec, ask: Callable[..., Awaitable[Any]]) -> Ids:
    found = set()
    caller = await visit.caller()
    for one in visit.asked(spec):
        try:
            rows = await ask(caller, one)
        except (NotFound, Forbidden, Unauthenticated):
            continue
        found |= {one.id} if any(one.canary in str(row) for row in rows) else set()
    return found


async def history(visit: Visit, spec: ModelSpec) -> Ids:
    """The records whose history tells of the file that was attached."""
    return await _answered(visit, spec, lambda caller, one: visit.kernel.history.of(caller, spec, one.id))


async def files(visit: Visit, spec: ModelSpec) -> Ids:
    return await _answered(visit, spec, lambda caller, one: visit.kernel.files.of(caller, spec.model, one.id))


# GraphQL


async def graphql_list(visit: Visit, spec: ModelSpec) -> Ids:
    found: Ids = set()
    after = ""
    while True:
        shown = "nodes { id } totalCount pageInfo { endCursor hasNextPage }"
        answer = await visit.data(f"{{ all: {plural(spec)}(first: 200{after}) {{ {shown} }} }}")
        found |= {UUID(one["id"]) for one in stated(answer.get("all"))}
        if not answer or not answer["all"]["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{answer["all"]["pageInfo"]["endCursor"]}"'
    assert not answer or answer["all"]["totalCount"] == len(found), answer
    return found


async def graphql_one(visit: Visit, spec: ModelSpec) -> Ids:
    found = await _by_id(visit, spec, f"{stem(spec)}(id: %s) {{ id }}", at_once=MOST_ROOTS)
    return {UUID(one["id"]) for one in found.values()}


async def node(visit: Visit, spec: ModelSpec) -> Ids:
    found = await _by_id(visit, spec, "node(id: %s) { id __typename }")
    assert {one["__typename"] for one in found.values()} <= {spec.type_name}
    return {UUID(one["id"]) for one in found.values()}


async def lookalikes(visit: Visit, spec: ModelSpec) -> Ids:
    """What looks like a new record with the title of each: its id, or one more that is hidden."""
    field, records = camel(spec.title), visit.company.slots(spec.label)
    told = "{ hidden nodes { record { id } } }"
    asked = [
        f'r{number}: {stem(spec)}Lookalikes(input: {{ {field}: "{one.title}" }}) {told}'
        for number, one in enumerate(records)
    ]
    found: Ids = set()
    for start in range(0, len(asked), MOST_ROOTS):
        answer = await visit.ask(f"{{ {' '.join(asked[start : start + MOST_ROOTS])} }}")
        if answer.get("errors"):
            assert answer["errors"][0]["extensions"]["code"] in ("forbidden", "unauthenticated"), answer
        for name, one in (answer.get("data") or {}).items():
            found |= {UUID(node["record"]["id"]) for node in one["nodes"]}
            found |= {(records[int(name[1:])].id, "hidden")} if one["hidden"] else set()
    return found


def alike(visit: Visit, spec: ModelSpec) -> Ids:
    """The records in use, as he sees them; nothing for who may make none."""
    if not visit.rights.kind.scope or visit.kind is Kind.TOKEN:
        return set()
    records = [one for one in visit.company.slots(spec.label) if not one.archived]
    return {one.id if visit.rights.sees(one) else (one.id, "hidden") for one in records}


def has_lookalikes(spec: ModelSpec) -> bool:
    return bool(spec.resource.duplicates)


async def explained(visit: Visit, spec: ModelSpec) -> Ids:
    """The records of which is told why they are seen; a share is a ground of those alone that are shared."""
    found: Ids = set()
    for one, grounds in (await _by_id(visit, spec, "explain(id: %s) { share }")).items():
        found.add(one)
        opened = visit.rights.root(visit.company.records[one]).slot in (Slot.SHARED, Slot.LENT)
        assert any(ground["share"] for ground in grounds) is opened, (one, grounds)
    return found


async def _by_id(visit: Visit, spec: ModelSpec, field: str, at_once: int = 1) -> dict[UUID, Any]:
    """What a field that takes an id answers for each record, by documents that are planned once."""
    records = visit.asked(spec)
    found: dict[UUID, Any] = {}
    for start in range(0, len(records), at_once):
        asked = {f"r{number}": str(one.id) for number, one in enumerate(records[start : start + at_once])}
        declared = ", ".join(f"${name}: ID!" for name in asked)
        fields = " ".join(f"{name}: {field % f'${name}'}" for name in asked)
        answer = await visit.data(f"query({declared}) {{ {fields} }}", asked)
        found |= {UUID(asked[name]): one for name, one in answer.items() if one}
    return found


async def summary(visit: Visit, spec: ModelSpec) -> Ids:
    """The number of records and, where the title is a text, all titles, by grouping."""
    grouped = spec.fields[spec.title].kind in NAMES
    by = f"(groupBy: [{{ field: {spec.title.upper()} }}])" if grouped else ""
    question = f"{{ all: {plural(spec)}Summary{by} {{ groups {{ value }} measures {{ value }} }} }}"
    answer = await visit.data(question)
    rows = answer.get("all") or ()
    links = [name.upper() for name, one in spec.links.items() if one.target in {each.label for each in visit.surfaced}]
    linked_by = ", ".join(f"{{ field: {name} }}" for name in links[:MOST_GROUPS])
    if links:  # an id of a record out of sight would be noted
        await visit.data(f"{{ all: {plural(spec)}Summary(groupBy: [{linked_by}]) {{ groups {{ value label }} }} }}")
    values = {group["value"] for row in rows for group in row["groups"]}
    return {sum(row["measures"][0]["value"] for row in rows), *values}


def summed(visit: Visit, spec: ModelSpec) -> Ids:
    seen = in_use(visit, spec)
    titles = {visit.company.records[one].title for one in seen} if spec.title != "id" else set()
    return {len(seen), *titles}


ENDS = ("first", "last")


async def nested(visit: Visit, spec: ModelSpec) -> Ids:
    """Every link of every record, both ways: (record, name, record). Long lists are asked for from both ends."""
    surfaced = {one.label for one in visit.surfaced}
    links = [name for name, one in spec.links.items() if one.target in surfaced]
    backs = [name for name, one in spec.backs.items() if one.source in surfaced]
    parts = [f"{camel(name)} {{ id }}" for name in links]
    found: Ids = set()
    for end, inner in ((end, inner) for end in ENDS for inner in ENDS):
        lists = [f"{camel(name)}({inner}: 200) {{ nodes {{ id }} }}" for name in backs]
        shown = f"nodes {{ id {' '.join((*parts, *lists))} }}"
        answer = await visit.data(f"{{ all: {plural(spec)}({end}: 200, archived: WITH) {{ {shown} }} }}")
        for row in stated(answer.get("all")):
            found |= {(row["id"], name, row[camel(name)]["id"]) for name in links if row[camel(name)]}
            found |= {(row["id"], name, one["id"]) for name in backs for one in row[camel(name)]["nodes"]}
    return found


def linked(visit: Visit, spec: ModelSpec) -> Ids:
    records, rights = visit.company.records, visit.rights
    seen = rights.seen(spec.label, archived=None)
    found: Ids = set()
    for one in (records[key] for key in seen):
        found |= {(str(one.id), name, str(to)) for name, to in one.links.items() if rights.sees(records[to])}
    for back in spec.backs.values():
        for source in (records[key] for key in rights.seen(back.source)):
            if source.links.get(back.link) in seen:
                found.add((str(source.links[back.link]), back.name, str(source.id)))
    return found


async def search(visit: Visit, spec: ModelSpec) -> Ids:
    """What is found by the word that stands in the titles of the model; the page shows the first of the same hits."""
    text = word(spec.label)
    answer = await visit.data(f'{{ search(text: "{text}", first: 100) {{ id record {{ __typename }} }} }}')
    hits = answer.get("search") or []
    await _counted(visit, spec, text, [one for one in hits if one["record"]["__typename"] == spec.type_name])
    page = (await visit.get(f"/search?q={text}")).text
    paths = {one.type_name: one.path for one in visit.surfaced}
    if hits and visit.kind.pages:
        shown = [f'href="{paths[one["record"]["__typename"]]}/{one["id"]}"' in page for one in hits]
        assert shown[0], hits[0]
        assert shown == sorted(shown, reverse=True), "the page shows the first ones"
    return {UUID(one["id"]) for one in hits if one["record"]["__typename"] == spec.type_name}


async def _counted(visit: Visit, spec: ModelSpec, text: str, hits: list[dict[str, Any]]) -> None:
    """What is counted is what was found; a link to a record out of sight would be noted, as any id of it is."""
    shown = "hits { id } kinds { model count } facets { field values { value count } } more"
    query = f'{{ found: searchResult(text: "{text}", first: 100, model: "{spec.label}") {{ {shown} }} }}'
    found = (await visit.data(query)).get("found")
    if found and len(hits) < MOST_COUNTED:
        ids = {one["id"] for one in hits}
        assert {one["id"] for one in found["hits"]} >= ids, spec.label
        assert sum(one["count"] for one in found["kinds"] if one["model"] == spec.label) == len(found["hits"])
        assert all(sum(one["count"] for one in facet["values"]) <= len(found["hits"]) for facet in found["facets"])


async def me(visit: Visit, spec: ModelSpec) -> Ids:
    """The caller's own record, where he may see it."""
    answer = (await visit.data("{ me { user { id } } }")).get("me") or {}
    return {UUID(answer["user"]["id"])} if answer.get("user") else set()


async def panels(visit: Visit, spec: ModelSpec) -> Ids:
    """Forms, filters, dialogs and what else a model has: they show nothing of what may not be seen."""
    links = [name for name, one in spec.links.items() if one.target in visit.kernel.registry.models]
    of_one = [*[f"do/{name}" for name in spec.actions], *PANELS_OF.get(spec.label, ())]
    of_one += [] if spec.parent else ["share", "do/transfer"]
    of_one += ["move"] if spec.resource.board else []
    of_one += [f"set/{name}" for name in [*spec.own][:2]]
    tails = ["/filters", "/columns", "/new", "/export", "/import", "/import/template"]
    tails += [f"/{panel}/{name}" for name in links for panel in ("filter", "choose")]
    tails += ["/totals?" + "&".join(f"id={one.id}" for one in visit.asked(spec)[:9])]
    for one in visit.asked(spec)[:2]:
        tails += [f"/{one.id}/{tail}" for tail in of_one]
    for tail in visit.third(tails):
        response = await visit.get(f"{spec.path}{tail}")
        assert response.status_code in (200, 303, 400, 403, 404), (spec.label, tail, response.status_code)
    return set()


async def own_pages(visit: Visit, spec: ModelSpec) -> Ids:
    """The first page and the visitor's settings tell nothing; what is for administrators does not open."""
    for address in ("/", "/settings"):
        assert (await visit.get(address)).status_code == (200 if visit.kind.pages else 303)
    closed = ("/admin/company", "/admin/audit")
    return {address for address in closed if (await visit.get(address)).status_code == 200}


def none(visit: Visit, spec: ModelSpec) -> Ids:
    return set()


def himself(visit: Visit, spec: ModelSpec) -> Ids:
    return {ME} & visit.rights.seen(spec.label)


def is_user(spec: ModelSpec) -> bool:
    return spec.label == "core.user"


def is_searched(spec: ModelSpec) -> bool:
    return spec.parent is None and spec.fields[spec.title].traits.search


def can_be_archived(spec: ModelSpec) -> bool:
    return not spec.meta.append_only


SURFACES = (
    Surface("list page", list_page, in_use_by_pages),
    Surface("record page", record_page, one_by_one_by_pages),
    Surface("form", form_page, one_by_one_by_pages),
    Surface("board", board_page, on_boards, lambda spec: bool(spec.resource.board)),
    Surface("bin", bin_page, in_bin, can_be_archived),
    Surface("choices", choices, chosen_by_pages, can_be_chosen),
    Surface("export", export_file, in_use_by_pages),
    Surface("attachment", attachments, one_by_one_by_pages),
    Surface("files", files, one_by_one),
    Surface("history", history, one_by_one),
    Surface("GraphQL list", graphql_list, in_use),
    Surface("subscription", subscription, told),
    Surface("GraphQL one", graphql_one, one_by_one),
    Surface("node", node, one_by_one),
    Surface("lookalikes", lookalikes, alike, has_lookalikes),
    Surface("explain", explained, one_by_one),
    Surface("summary", summary, summed),
    Surface("nested link", nested, linked),
    Surface("search", search, in_use_by_word, is_searched),
    Surface("me", me, himself, is_user),
    Surface("panels", panels, none),
    Surface("own pages", own_pages, none, is_user),
    Surface("plugin pages", plugin_pages, opened_to, is_user),
    Surface("questions", questions, none, is_user),
)

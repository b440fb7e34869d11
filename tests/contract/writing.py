"""The surfaces that write: who may, and exactly what becomes other than it was."""

from __future__ import annotations

import csv
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.actions import Action
from core.errors import Forbidden, Unauthenticated
from core.exchange import Exchange, Import
from core.fields import TEXTUAL, Traits
from core.fields import Kind as Holds
from core.mapping import ImportMap
from core.registry import ModelSpec, camel, pascal
from tests.contract.changes import GONE, NEW, Change
from tests.contract.company import FIXED, ME, NOW, TEAM, Record
from tests.contract.forms import Filled
from tests.contract.reading import MOST_ROOTS, stem
from tests.contract.visits import Visit

Records = Sequence[Record]
WRITTEN = frozenset({"version"})
PLAIN = {Holds.DATE: NOW.date().isoformat(), Holds.EMAIL: "somebody@example.com"}
"""What an action is told where it asks for more than text."""
FOLLOWING: dict[str, dict[str, frozenset[str]]] = {
    "sales.collection": {"sales.order": frozenset({"collected"})},
    "sales.order_line": {"sales.order": frozenset({"total"})},
    "sales.order": {
        "distribution.fulfilment": frozenset({"owner", "department"}),
        "distribution.document": frozenset({"owner", "department"}),
    },
    "distribution.document": {"distribution.document": frozenset({"order", "customer", "supplier", "to_warehouse"})},
}
"""What plugins change along with a record: the fields of which models. Of a document what its kind has no use for."""
REFUSALS = {"forbidden", "not_found", "unauthenticated"}


@dataclass(frozen=True)
class Surface:
    """One way to change records: which of them a caller may, and what that changes."""

    name: str
    do: Callable[[Visit, ModelSpec, Records], Awaitable[list[bool]]]
    may: Callable[[Visit, Record], bool]
    effect: Callable[[Visit, Record], set[Change]]
    applies: Callable[[ModelSpec], bool] = lambda _: True
    about: Callable[[Visit, Record], bool] = lambda *_: True


# What is written


def edited(spec: ModelSpec) -> str:
    """The field that is changed: the first text that may be anything, else a choice, else a link."""
    own = {
        name: one
        for name, one in spec.own.items()
        if not (one.traits.readonly or one.traits.unique or (spec.label, name) in FIXED)
    }
    for kinds in ({*TEXTUAL} - {Holds.EMAIL, Holds.URL}, {Holds.CHOICE}, {Holds.LINK}):
        for name, one in own.items():
            if one.kind in kinds and name != spec.meta.part_of:
                return name
    return ""


def other_value(visit: Visit, record: Record, by: str) -> Any:
    """Something else for that field."""
    spec = visit.kernel.registry.models[record.label]
    name = edited(spec)
    one = spec.fields[name]
    place = ("GraphQL", "form", "import", "many", "page").index(by)
    if one.kind is Holds.LINK:
        return another_user(visit, record, place)
    if one.traits.choices:
        return [*one.traits.choices][1 + place % 2].value
    return f"{record.title or record.canary} {by}"


def another_user(visit: Visit, record: Record, place: int = 0) -> str:
    """A user whom the caller sees, and who has not this role yet."""
    taken = {one.links["user"] for one in visit.company.of("core.assignment") if one.whole == record.whole}
    seen = sorted(visit.rights.seen("core.user") - taken - {ME})
    return str(seen[place % len(seen)] if seen else taken.pop())


def literal(traits: Traits, value: Any) -> str:
    """A value in a GraphQL document."""
    return str(value).upper() if traits.choices else json.dumps(value)


def settled(label: str, made: set[Change]) -> set[Change]:
    """Changes without what follows from them."""
    following = FOLLOWING.get(label, {})
    found: set[Change] = set()
    for one, record, fields in made:
        own = fields - following.get(one, frozenset())
        if one == label or own != WRITTEN:
            found.add((one, record, own if one == label else fields))
    return found


# Doing it


async def mutated(visit: Visit, fields: Sequence[str]) -> list[bool]:
    """Whether each of some mutations was done; what was not was refused, and by nothing else."""
    done: list[bool] = []
    for start in range(0, len(fields), MOST_ROOTS):
        several = fields[start : start + MOST_ROOTS]
        named = " ".join(f"r{number}: {one}" for number, one in enumerate(several))
        answer = await visit.ask(f"mutation {{ {named} }}")
        codes = {one["extensions"]["code"] for one in answer.get("errors", ())}
        assert codes <= REFUSALS, answer
        data = answer.get("data") or {}
        rows: list[Any] = [data.get(f"r{number}") for number in range(len(several))]
        done += [bool(row) and not row["errors"] for row in rows]
    return done


def mutation(verb: str, arguments: Callable[[Visit, Record], str] = lambda *_: "") -> Any:
    """A mutation on each record."""

    async def do(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
        called = f"{stem(spec)}{verb}"
        return await mutated(
            visit, [f'{called}(id: "{one.id}"{arguments(visit, one)}) {{ errors {{ code }} }}' for one in records]
        )

    return do


def changed_input(visit: Visit, record: Record) -> str:
    spec = visit.kernel.registry.models[record.label]
    name = edited(spec)
    value = literal(spec.fields[name].traits, other_value(visit, record, "GraphQL"))
    return f", input: {{ {camel(name)}: {value} }}"


async def transferred(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    called = f"{stem(spec)}Transfer"
    return await mutated(
        visit, [f'{called}(ids: ["{one.id}"], owner: "{ME}") {{ errors {{ code }} }}' for one in records]
    )


def done_by_page(response: Any) -> bool:
    """Whether a page did what was asked: it leads on, and not to the sign-in."""
    assert response.status_code in (303, 403, 404, 409, 422), response.text
    return response.status_code == 303 and not response.headers["location"].startswith("/sign-in")


async def form_sent(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    """The form as it was read, with another value in one field."""
    done = []
    for one in records:
        address = f"{spec.path}/{one.id}/edit"
        values = Filled((await visit.get(address)).text, address).values
        name = edited(spec) or "version"
        wanted = {name: other_value(visit, one, "form")} if edited(spec) else {}
        if wanted and spec.fields[name].kind is Holds.LINK:
            wanted[f"{name}.text"] = ""
        done.append(done_by_page(await visit.post(address, values | wanted)))
    return done


async def edited_together(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    """Each as the only one of several that are changed at once."""
    called, name = f"{stem(spec)}UpdateMany", edited(spec)
    asked = []
    for one in records:
        value = literal(spec.fields[name].traits, other_value(visit, one, "many"))
        asked.append(
            f'{called}(ids: ["{one.id}"], input: {{ {camel(name)}: {value} }}) {{ errors {{ code }} written }}'
        )
    done: list[bool] = []
    for start in range(0, len(asked), MOST_ROOTS):
        several = asked[start : start + MOST_ROOTS]
        answer = await visit.ask("mutation { " + " ".join(f"r{n}: {one}" for n, one in enumerate(several)) + " }")
        assert {one["extensions"]["code"] for one in answer.get("errors", ())} <= REFUSALS, answer
        rows: list[Any] = [(answer.get("data") or {}).get(f"r{n}") for n in range(len(several))]
        done += [bool(row) and row["written"] for row in rows]
    return done


async def edited_by_page(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    """The same by the pages: seen first, then done."""
    done, name = [], edited(spec)
    for one in records:
        values = {"records": f"id={one.id}", "_field": name, name: other_value(visit, one, "page")}
        if spec.fields[name].kind is Holds.LINK:
            values[f"{name}.text"] = ""
        text = (await visit.post(f"{spec.path}/change", values)).text
        seen = Filled(text, f"{spec.path}/change").values.get("seen", "")
        answer = await visit.post(f"{spec.path}/change", values | {"seen": seen, "do": "all"}) if seen else None
        done.append(answer is not None and done_by_page(answer))
    return done


async def attached(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    sent = {"file": ("note.txt", b"more")}
    return [done_by_page(await visit.post(f"{spec.path}/{one.id}/files", {}, sent)) for one in records]


async def bulk(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    """Records archived together, if all may be; each of the others along with one of them, so that neither is."""
    return await _together(visit, spec, records, "bulk", archivable)


async def restored_together(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    """The same records out of the bin; what undoes a bulk."""
    return await _together(visit, spec, records, "restore", changes_it)


async def _together(
    visit: Visit, spec: ModelSpec, records: Records, address: str, may: Callable[[Visit, Record], bool]
) -> list[bool]:
    well = [one for one in visit.asked(spec) if may(visit, one)]

    async def sent(*several: Record) -> bool:
        form = {"verb": "archive", "id": [str(one.id) for one in several]}
        return done_by_page(await visit.post(f"{spec.path}/{address}", form))

    if [*records] == well:
        return [await sent(*well)] * len(well) if well else []
    return [await sent(*well[:1], one) for one in records]


async def imported(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    """A file that names the records by their ids and gives each another value."""
    if not records:
        return []
    name = edited(spec)
    mapping = ImportMap.model_validate({"fields": {"id": "id", name: "value"}, "key": ["id"]})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "changes.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(
                [("id", "value"), *((one.id, other_value(visit, one, "import")) for one in records)]
            )
        exchange = Exchange(visit.kernel.reader, visit.kernel.operations)
        try:
            report = await exchange.run(await visit.caller(), Import(spec.label, path, mapping=mapping))
        except (Forbidden, Unauthenticated):
            return [False] * len(records)
    return [report.written and not report.refused] * len(records)


async def acted(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    """Every action on each record, with what it asks for."""
    fields = [
        f'{stem(spec)}{pascal(name)}(id: "{one.id}"{action_inputs(visit, one, action)}) {{ errors {{ code }} }}'
        for one in records
        for name, action in spec.actions.items()
    ]
    done = await mutated(visit, fields)
    several = len(spec.actions)
    return [any(done[place * several : (place + 1) * several]) for place in range(len(records))]


def action_inputs(visit: Visit, record: Record, action: Action) -> str:
    """What an action must be told, taken from the slot of its record."""
    slot = record.slot
    assert slot
    found = ""
    for name, one in action.inputs.items():
        if one.required and one.target:
            target = visit.kernel.registry.spec(one.target)
            found += f', {camel(name)}: "{visit.company.at(target.label, slot).id}"'
        elif one.required and one.kind is Holds.DECIMAL:
            found += f', {camel(name)}: "7"'
        elif one.required:
            plain = PLAIN.get(one.kind, record.canary)
            found += f", {camel(name)}: {literal(one, next(iter(one.choices)).value if one.choices else plain)}"
    return found


async def shared_by_page(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    seen = sorted(visit.rights.seen("core.user") - {ME})
    form = {"user": str(seen[0] if seen else ME)}
    return [done_by_page(await visit.post(f"{spec.path}/{one.id}/share", form)) for one in records]


async def file_removed(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    return [done_by_page(await visit.post(f"/files/{visit.files[one.id]}/remove", {})) for one in records]


async def matrix_sent(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    """A role's permissions, all taken away; of a role that is not there, none are, and nobody is told which it was."""
    for one in records:
        done_by_page(await visit.post(f"{spec.path}/{one.id}/permissions", {}))
    return [False] * len(records)


async def password_sent(visit: Visit, spec: ModelSpec, records: Records) -> list[bool]:
    form = {"password": "a road that goes ever on"}
    return [done_by_page(await visit.post(f"{spec.path}/{one.id}/password", form)) for one in records]


# Who may


def writes(visit: Visit, record: Record) -> bool:
    return visit.rights.writes(record)


def changes_it(visit: Visit, record: Record) -> bool:
    meta = visit.kernel.registry.models[record.label].meta
    return writes(visit, record) and not record.archived and not meta.append_only


def changes_by_form(visit: Visit, record: Record) -> bool:
    return visit.kind.pages and changes_it(visit, record)


def archivable(visit: Visit, record: Record) -> bool:
    """Users are kept, and departments with others below them."""
    below = any(one.links.get("parent") == record.id for one in visit.company.of("core.department"))
    kept = record.label == "core.user" or (record.label == "core.department" and below)
    return changes_it(visit, record) and not kept


def archives_by_page(visit: Visit, record: Record) -> bool:
    return visit.kind.pages and archivable(visit, record)


def attaches(visit: Visit, record: Record) -> bool:
    return visit.kind.pages and writes(visit, record)


def beyond(visit: Visit, record: Record) -> bool:
    """What actions do to records of one's own, the plugins' tests tell."""
    return not writes(visit, record)


def resting(visit: Visit, record: Record) -> bool:
    """What is in the bin already stays there, or leaves it by a test of its own."""
    return not record.archived


def never(visit: Visit, record: Record) -> bool:
    return False


# What changes


def one_field(visit: Visit, record: Record) -> set[Change]:
    spec = visit.kernel.registry.models[record.label]
    return {(record.label, str(record.id), WRITTEN | {edited(spec)})}


def into_the_bin(visit: Visit, record: Record) -> set[Change]:
    """The record, and its parts with it: they are not told one by one."""
    parts = [one for one in visit.company.records.values() if one.whole == record.id and not one.archived]
    changed = WRITTEN | {"archived_at"}
    return {
        (record.label, str(record.id), changed),
        *((one.label, str(one.id), frozenset({"archived_at", "version"})) for one in parts),
    }


def out_of_the_bin(visit: Visit, record: Record) -> set[Change]:
    """What went there before; of what is kept, nothing."""
    return into_the_bin(visit, record) if archivable(visit, record) else set()


def new_owner(visit: Visit, record: Record) -> set[Change]:
    moved = {"owner"} if record.owner != ME else set()
    moved |= {"department"} if record.department != TEAM else set()
    return {(record.label, str(record.id), WRITTEN | moved)}


def beside(label: str, fate: frozenset[str] = NEW) -> Callable[[Visit, Record], set[Change]]:
    return lambda _, record: {(label, str(record.id), fate)}


def nothing(visit: Visit, record: Record) -> set[Change]:
    return set()


# Which models


def changeable(spec: ModelSpec) -> bool:
    return not spec.meta.append_only


def is_whole(spec: ModelSpec) -> bool:
    return spec.parent is None


def moves_by_itself(spec: ModelSpec) -> bool:
    """A part is its whole's, and what distribution does for an order went with it when that was transferred."""
    return is_whole(spec) and spec.label != "distribution.fulfilment"


def editable(spec: ModelSpec) -> bool:
    return changeable(spec) and bool(edited(spec))


def importable(spec: ModelSpec) -> bool:
    return editable(spec) and spec.fields[edited(spec)].kind is not Holds.LINK


SURFACES = (
    Surface("update", mutation("Update", changed_input), changes_it, one_field, editable),
    Surface("form", form_sent, changes_by_form, one_field, lambda spec: spec.meta.append_only or editable(spec)),
    Surface("import", imported, changes_it, one_field, importable),
    Surface("update many", edited_together, changes_it, one_field, editable),
    Surface("bulk edit", edited_by_page, changes_by_form, one_field, editable),
    Surface("attachment", attached, attaches, beside("core.file")),
    Surface("share", mutation("Share", lambda *_: f', user: "{ME}"'), writes, beside("core.share"), is_whole),
    Surface("share by page", shared_by_page, attaches, beside("core.share"), is_whole),
    Surface("file removed", file_removed, attaches, beside("core.file", GONE)),
    Surface("action", acted, never, nothing, lambda spec: bool(spec.actions), beyond),
    Surface("permissions of a role", matrix_sent, never, nothing, lambda spec: spec.label == "core.role", beyond),
    Surface("password", password_sent, never, nothing, lambda spec: spec.label == "core.user"),
    Surface("purge", mutation("Purge"), never, nothing, changeable, resting),
    Surface("archive", mutation("Archive"), archivable, into_the_bin, changeable, resting),
    Surface("restore", mutation("Restore"), changes_it, out_of_the_bin, changeable, resting),
    Surface("bulk", bulk, archives_by_page, into_the_bin, changeable, resting),
    Surface("bulk undone", restored_together, changes_by_form, out_of_the_bin, changeable, resting),
)
LAST = (
    Surface("transfer", transferred, lambda v, one: writes(v, one) and not one.archived, new_owner, moves_by_itself),
)
"""What moves records about comes when all else is proven."""

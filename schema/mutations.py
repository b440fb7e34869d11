"""Mutations: each translates its input, calls one operation, and reads back what was selected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from core.actions import Action
from core.errors import BadQuery, Conflict, Problem, Refused
from core.fields import Traits
from core.registry import ModelSpec, camel, pascal
from schema import words
from schema.asking import identity
from schema.catalogue import Surface
from schema.context import Context
from schema.declare import argument, field
from schema.inputs import raw, raw_inputs
from schema.payloads import Outcome, prepare
from schema.types import Types, writable

Work: TypeAlias = Callable[[Context, Mapping[str, Any]], Awaitable[Outcome]]
MOST_RECORDS = 200


@dataclass(frozen=True)
class Mutation:
    """A field of `Mutation` and what it does."""

    surface: Surface
    payload: str
    field: StrawberryField
    work: Work

    async def resolve(self, _: object, info: Any, **arguments: Any) -> object:
        """Do the work and answer with the payload; what the user can mend stands in its errors."""
        context: Context = info.context
        payload = prepare(context, self.surface, self.payload, info)
        try:
            outcome = await self.work(context, arguments)
        except Refused as refusal:
            outcome = Outcome((), refusal.problems)
        except Conflict as conflict:
            outcome = Outcome((), _conflicts(conflict))
        return await payload.finished(outcome)


def _conflicts(conflict: Conflict) -> tuple[Problem, ...]:
    message = "Someone else changed this to %(theirs)s in the meantime"
    return tuple(
        Problem(message, name, "conflict", (("theirs", str(value)),)) for name, value in conflict.theirs.items()
    ) or (Problem(str(conflict), None, "conflict"),)


def mutations(types: Types) -> dict[str, Mutation]:
    """The mutations of every model: the verbs, then its actions."""
    found: dict[str, Mutation] = {
        "coreUnshare": _unshare(types),
        "coreReadNotifications": _read(types),
        "coreUndo": _undo(types),
        "coreViewSave": _save_view(types),
        "coreViewRemove": _remove_view(types),
    }
    for surface in types.catalogue.surfaces.values():
        made = _Mutations(types, surface)
        found |= made.changes()
        if not surface.spec.meta.append_only:
            found |= made.lifecycle()
            if not surface.spec.parent:
                found |= made.rights()
        for name, action in surface.spec.actions.items():
            found[f"{surface.stem}{pascal(name)}"] = made.action(name, action)
    return found


def _unshare(types: Types) -> Mutation:
    async def unshare(context: Context, given: Mapping[str, Any]) -> Outcome:
        one = identity(given["id"])
        await context.operations.unshare(context.caller, one)
        return Outcome((one,))

    by_id = argument("id", strawberry.ID, "The id of the share")
    ended = field(words.PurgePayload | None, "Close a record again to whom it was opened", [by_id])
    return Mutation(types.catalogue.surfaces["core.user"], "PurgePayload", ended, unshare)


def _read(types: Types) -> Mutation:
    async def read(context: Context, given: Mapping[str, Any]) -> Outcome:
        ids = named(given["ids"])
        await context.notifications.read(context.caller, ids)
        return Outcome(ids)

    noted = field(words.NotifiedPayload | None, "Note that the caller has read some of his notifications", [IDS])
    return Mutation(types.catalogue.surfaces["core.user"], "NotifiedPayload", noted, read)


def _undo(types: Types) -> Mutation:
    async def undo(context: Context, given: Mapping[str, Any]) -> Outcome:
        undone = await context.operations.undo(context.caller, str(identity(given["request"])))
        return Outcome(undone.ids)

    request = argument("request", strawberry.ID, "The X-Request-Id of the answer to what is taken back")
    told = "Take back all that the caller did a while ago in one request: changes, transfers, new and archived records"
    return Mutation(
        types.catalogue.surfaces["core.user"], "UndoPayload", field(words.UndoPayload | None, told, [request]), undo
    )


def _save_view(types: Types) -> Mutation:
    async def save(context: Context, given: Mapping[str, Any]) -> Outcome:
        columns, listed = tuple(given["columns"]), _listed(types, given["model"])
        saved = await context.views.save(
            context.caller, listed, given["name"], given["query"], columns, shared=given.get("shared")
        )
        return Outcome((saved.id,))

    arguments = [
        LIST,
        argument("name", str, "Under which one finds it; one's view of the same name is replaced"),
        argument("query", str, "Filters and order as the address of the list has them: `stage=won&_sort=-amount`", ""),
        argument("columns", list[str], "Its columns; of none, those of the list", []),
        argument("shared", bool | None, "Whether everybody who may see the list finds it; null: as it was"),
    ]
    told = field(words.ViewPayload | None, "Keep a view of a list for the caller, or change one of his", arguments)
    return Mutation(types.catalogue.surfaces["core.user"], "ViewPayload", told, save)


def _remove_view(types: Types) -> Mutation:
    async def remove(context: Context, given: Mapping[str, Any]) -> Outcome:
        one = identity(given["id"])
        await context.views.remove(context.caller, _listed(types, given["model"]), one)
        return Outcome((one,))

    told = field(words.ViewPayload | None, "Forget a view of a list", [LIST, ID])
    return Mutation(types.catalogue.surfaces["core.user"], "ViewPayload", told, remove)


def _listed(types: Types, label: str) -> ModelSpec:
    surface = types.catalogue.surfaces.get(label)
    if surface is None:
        raise BadQuery(f"There is no list of {label}")
    return surface.spec


ID = argument("id", strawberry.ID, "Its id")
LIST = argument("model", str, "What is listed: `sales.lead`")
IDS = argument("ids", list[strawberry.ID], f"Their ids, at most {MOST_RECORDS}")


class _Mutations:
    """Makes the mutations of one model."""

    def __init__(self, types: Types, surface: Surface) -> None:
        self.types = types
        self.surface = surface
        self.model = surface.spec.model
        self.human = surface.spec.human.lower()

    def make(self, arguments: Sequence[StrawberryArgument], work: Work, description: str) -> Mutation:
        """A mutation that answers with the model's payload; null when it was refused altogether."""
        name = f"{self.surface.name}Payload"
        return Mutation(self.surface, name, field(self.types.named[name] | None, description, arguments), work)

    def changes(self) -> dict[str, Mutation]:
        """Create and update, where there is something to write."""
        fields, name, model = writable(self.surface), self.surface.name, self.model
        if not fields:
            return {}

        async def create(context: Context, given: Mapping[str, Any]) -> Outcome:
            record = await context.operations.create(context.caller, model, raw(fields, given["input"]))
            return Outcome((record.id,))

        async def update(context: Context, given: Mapping[str, Any]) -> Outcome:
            values, one = raw(fields, given["input"]), identity(given["id"])
            record = await context.operations.update(context.caller, model, one, values, given.get("version"))
            return Outcome((record.id,))

        new = argument("input", self.types.named[f"{name}CreateInput"])
        found = {f"{self.surface.stem}Create": self.make([new], create, f"Create a {self.human}")}
        if not self.surface.spec.meta.append_only:
            changes = argument("input", self.types.named[f"{name}UpdateInput"])
            version = argument("version", int | None, "The version that was read; an older one is a conflict")
            found[f"{self.surface.stem}Update"] = self.make([ID, changes, version], update, f"Change a {self.human}")
            found[f"{self.surface.stem}Revert"] = self.revert()
        return found

    def revert(self) -> Mutation:
        """Put back what was changed."""

        async def revert(context: Context, given: Mapping[str, Any]) -> Outcome:
            one = identity(given["id"])
            await context.operations.revert(context.caller, self.model, one, given["entry"])
            return Outcome((one,))

        entry = argument("entry", int, "The number of the entry in its history")
        return self.make([ID, entry], revert, f"Put back what an entry of the history of a {self.human} changed")

    def lifecycle(self) -> dict[str, Mutation]:
        """Archive, restore, purge."""
        model, stem = self.model, self.surface.stem

        async def archive(context: Context, given: Mapping[str, Any]) -> Outcome:
            one = identity(given["id"])
            await context.operations.archive(context.caller, model, one)
            return Outcome((one,))

        async def restore(context: Context, given: Mapping[str, Any]) -> Outcome:
            one = identity(given["id"])
            await context.operations.restore(context.caller, model, one)
            return Outcome((one,))

        async def purge(context: Context, given: Mapping[str, Any]) -> Outcome:
            one = identity(given["id"])
            await context.operations.purge(context.caller, model, one)
            return Outcome((one,))

        gone = field(words.PurgePayload | None, f"Delete an archived {self.human} for good", [ID])
        return {
            f"{stem}Archive": self.make([ID], archive, f"Put a {self.human} into the recycle bin"),
            f"{stem}Restore": self.make([ID], restore, f"Take a {self.human} out of the recycle bin"),
            f"{stem}Purge": Mutation(self.surface, "PurgePayload", gone, purge),
        }

    def rights(self) -> dict[str, Mutation]:
        """Transfer and share."""
        told = f"Give {self.surface.spec.humans.lower()} to another owner"
        owner = argument("owner", strawberry.ID, "The user who is responsible from now on")

        async def transfer(context: Context, given: Mapping[str, Any]) -> Outcome:
            ids = named(given["ids"])
            await context.operations.transfer(context.caller, self.model, ids, identity(given["owner"]))
            return Outcome(ids)

        return {
            f"{self.surface.stem}Transfer": self.make([IDS, owner], transfer, told),
            f"{self.surface.stem}Share": self.share(),
        }

    def share(self) -> Mutation:
        """Open a record to others."""
        arguments = [
            ID,
            argument("user", strawberry.ID | None, "To whom: a user"),
            argument("department", strawberry.ID | None, "or a department"),
            argument("role", strawberry.ID | None, "or a role"),
            argument("writes", bool, "Whether it may be changed, too", default=False),
            argument("reason", str, "Why; it stands in the audit", ""),
            argument("expiresAt", datetime | None, "Until when"),
        ]

        async def share(context: Context, given: Mapping[str, Any]) -> Outcome:
            given_to = [name for name in ("user", "department", "role") if given.get(name) is not None]
            terms: dict[str, Any] = {name: identity(given[name]) for name in given_to}
            terms |= {"writes": given["writes"], "reason": given["reason"], "expires_at": given.get("expiresAt")}
            made = await context.operations.share(context.caller, self.model, identity(given["id"]), **terms)
            return Outcome((made,))

        told = f"Open a {self.human} to a user, a department or a role"
        return Mutation(self.surface, "SharePayload", field(words.SharePayload | None, told, arguments), share)

    def action(self, name: str, action: Action) -> Mutation:
        """An action, on one record or several as one unit of work."""
        model, inputs = self.model, {camel(one): (one, traits) for one, traits in action.inputs.items()}

        async def act(context: Context, given: Mapping[str, Any]) -> Outcome:
            chosen = [given[key] for key in ("id", "ids") if given.get(key) is not None]
            if len(chosen) != 1:
                raise BadQuery("Give either id or ids")
            ids = named(chosen[0] if isinstance(chosen[0], list) else chosen)
            await context.operations.act(context.caller, model, ids, name, raw_inputs(inputs, given))
            return Outcome(ids)

        arguments = [argument("id", strawberry.ID | None, "Of one record")] if action.bulk else [ID]
        if action.bulk:
            arguments.append(argument("ids", list[strawberry.ID] | None, f"Of several, at most {MOST_RECORDS}"))
        arguments += [self._input(key, traits) for key, (_, traits) in inputs.items()]
        return self.make(arguments, act, action.help or action.label)

    def _input(self, key: str, traits: Traits) -> StrawberryArgument:
        wanted = self.types.input_of(traits)
        return argument(key, wanted if traits.required else wanted | None, traits.help or traits.label)


def named(ids: Sequence[str]) -> tuple[UUID, ...]:
    """Some ids, without repetition; `BadQuery` when there are none or too many."""
    found = tuple(dict.fromkeys(identity(one) for one in ids))
    if not 1 <= len(found) <= MOST_RECORDS:
        raise BadQuery(f"Name between 1 and {MOST_RECORDS} records")
    return found

"""What happened, in the words of people: entries of the audit as lines of a timeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.conditions import Compare, Op
from core.fields import Kind
from core.history import Event
from core.query import MAX_PAGE, Archived, Listing, Page, Read, Root
from core.records import selection_of
from core.registry import FieldSpec, ModelSpec
from core.undoing import revertible
from ui.cells import address
from ui.programs import program_name
from ui.shell import may
from ui.visitor import Visitor
from ui.words import N_

VERBS: dict[str, str] = {
    "create": N_("created it"),
    "update": N_("changed it"),
    "archive": N_("moved it to the recycle bin"),
    "restore": N_("took it out of the recycle bin"),
    "purge": N_("removed it for good"),
    "transfer": N_("handed it over"),
    "set_password": N_("set the password"),
    "share": N_("shared it"),
    "unshare": N_("no longer shared it"),
    "attach": N_("attached a file"),
    "detach": N_("removed a file"),
    "export": N_("exported it"),
    "import": N_("imported it"),
    "undo_import": N_("took an import back"),
    "ask_reset": N_("asked for a new password by mail"),
    "send_invitation": N_("was sent an invitation"),
    "reset_password": N_("set the password by a link that was mailed"),
    "first_step": N_("gave the right password, and was asked for a second factor"),
    "second_factor_refused": N_("gave a wrong second factor"),
    "add_factor": N_("set up a second factor"),
    "remove_factor": N_("removed a second factor"),
    "renew_codes": N_("made new recovery codes"),
    "connect": N_("connected an account elsewhere"),
    "disconnect": N_("disconnected an account elsewhere"),
    "sign_in": N_("signed in"),
    "sign_out": N_("signed out"),
    "sign_in_refused": N_("refused a sign-in"),
    "set_preferences": N_("changed the personal settings"),
    "create_token": N_("made an API token"),
    "end_token": N_("ended an API token"),
    "end_session": N_("ended a session"),
    "end_other_sessions": N_("ended all other sessions"),
    "download": N_("downloaded a file of it"),
}
REFUSED = "refused "
FILES = "files"


@dataclass(frozen=True, slots=True)
class Change:
    """Both values of a changed field."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the timeline."""

    number: int
    who: str
    what: str
    ago: str
    at: str
    stamp: str
    reason: str
    changes: tuple[Change, ...]
    about: str = ""
    href: str = ""
    where: str = ""
    program: str = ""
    revertible: bool = False


async def timeline(visitor: Visitor, events: Sequence[Event]) -> tuple[Happened, ...]:
    """Entries of the audit in words, with the names of linked records as far as the visitor sees them."""
    names = await _names(visitor, events)
    return tuple(_happened(visitor, one, names) for one in events)


async def _names(visitor: Visitor, events: Sequence[Event]) -> dict[str, str]:
    """The titles of all records that changed links point at, by id, asked for at once."""
    wanted: dict[str, set[str]] = {}
    for event in events:
        spec = visitor.site.registry.models.get(event.model)
        for name, both in event.changes.items() if spec else ():
            field = spec.fields.get(name) if spec else None
            if field is not None and field.target is not None:
                wanted.setdefault(field.target, set()).update(str(one) for one in both if one)
    roots = [(label, _titles(visitor, label, ids)) for label, ids in sorted(wanted.items()) if ids]
    roots = [one for one in roots if may(visitor, visitor.site.spec(one[0]), "read")]
    answer = await visitor.ask(Read(tuple(roots))) if roots else {}
    found: dict[str, str] = {}
    for label, rows in answer.items():
        spec = visitor.site.spec(label)
        found |= {row["id"]: visitor.shower(spec).title(spec, row) for row in rows}
    return found


def _titles(visitor: Visitor, label: str, ids: set[str]) -> Root:
    spec = visitor.site.spec(label)
    select = selection_of(visitor.site.registry, spec, (spec.title,), visitor.caller.policy)
    where = Compare("id", Op.IN, tuple(UUID(one) for one in sorted(ids)))
    return Listing(label, select, where, page=Page(MAX_PAGE), archived=Archived.WITH)


def _happened(visitor: Visitor, event: Event, names: Mapping[str, str]) -> Happened:
    spec = visitor.site.registry.models.get(event.model)
    return Happened(
        number=event.number,
        who=event.user or visitor.gettext("Tradepost"),
        what=_verb(visitor, spec, event.verb),
        ago=visitor.formats.ago(event.at),
        at=visitor.formats.moment(event.at),
        stamp=event.at.isoformat(),
        reason=event.reason,
        changes=tuple(_changes(visitor, spec, event.changes, names)) if spec else (),
        about=_about(visitor, spec, event),
        href=address(spec, event.record) if spec and event.record and not spec.meta.internal else "",
        where=", ".join(one for one in (event.address, program_name(event.program)) if one),
        program=event.program,
        revertible=spec is not None and revertible(spec, event.verb, event.changes),
    )


def _verb(visitor: Visitor, spec: ModelSpec | None, verb: str) -> str:
    if verb in VERBS:
        return visitor.gettext(VERBS[verb])
    if verb.startswith(REFUSED):
        wanted = visitor.word("core", verb.removeprefix(REFUSED).replace("_", " ").capitalize())
        return visitor.gettext("tried without the right: %(action)s", action=wanted)
    action = spec.actions.get(verb) if spec else None
    named = action.label if action else verb.replace("_", " ").capitalize()
    label = visitor.word(spec.plugin, named) if spec else named
    return visitor.gettext("did: %(action)s", action=label)


def _about(visitor: Visitor, spec: ModelSpec | None, event: Event) -> str:
    name = visitor.human(spec) if spec else event.model
    title = "" if event.title == str(event.record) else event.title
    return " · ".join(one for one in (name, title) if one)


def _changes(
    visitor: Visitor, spec: ModelSpec, changes: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[Change]:
    for name, both in changes.items():
        field = spec.fields.get(name)
        if field is None and name == FILES:
            yield Change(visitor.gettext("Files"), *(str(one or "") for one in both))
        if field is None or field.kind in (Kind.SECRET, Kind.DATA, Kind.ID) or name == "version":
            continue
        before, after = (_value(visitor, spec, field, one, names) for one in both)
        yield Change(visitor.label(spec, name), before, after)


def _value(visitor: Visitor, spec: ModelSpec, field: FieldSpec, value: Any, names: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if field.kind is Kind.LINK:
        return names.get(str(value), visitor.gettext("a record that you do not see"))
    return visitor.shower(spec).plain(field, value)

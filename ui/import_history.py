"""Imports under way or written, and the undoing of one: what it would do, what it would leave, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from core.errors import NotFound, Problem
from core.history import Event
from core.ids import now
from core.import_runs import ImportRun, find_run, latest_runs
from core.registry import ModelSpec
from ui.cells import address
from ui.history import Change, timeline
from ui.import_desk import Draft, Phase
from ui.visitor import Visitor
from ui.words import N_

STATES = {
    Phase.MAPPING: N_("Not checked yet"),
    Phase.CHECKING: N_("Being checked"),
    Phase.CHECKED: N_("Not imported yet"),
    Phase.IMPORTING: N_("Being imported"),
    Phase.FAILED: N_("Stopped; nothing was changed"),
    Phase.LOOKING_BACK: N_("Being undone"),
    Phase.LOOKED_BACK: N_("Not undone yet"),
    Phase.UNDOING: N_("Being undone"),
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """A line of the list of imports."""

    href: str
    name: str
    who: str
    at: str
    new: str
    changed: str
    state: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An example of what a file does: the row, the record, what becomes of it, and both values of what changes."""

    row: int
    title: str
    text: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Stays:
    """A record that an undoing leaves as it is."""

    title: str
    href: str
    text: str


async def earlier_imports(visitor: Visitor, spec: ModelSpec) -> list[Earlier]:
    """The visitor's imports of a model: first those that wait for him, then those that were written."""
    caller = visitor.caller
    waiting = [_waiting(visitor, spec, one) for one in visitor.site.desk.waiting(caller, spec)]
    runs = await latest_runs(visitor.site.kernel.reader, caller, spec)
    return [*waiting, *(_written(visitor, spec, one) for one in runs)]


def _waiting(visitor: Visitor, spec: ModelSpec, draft: Draft) -> Earlier:
    state = visitor.gettext(STATES[draft.phase])
    return Earlier(f"{spec.path}/import/{draft.id}", draft.name, "", "", "", "", state)


def _written(visitor: Visitor, spec: ModelSpec, run: ImportRun) -> Earlier:
    number = visitor.formats.number
    return Earlier(
        href=f"{spec.path}/import/{run.value('id')}",
        name=run.file,
        who=run.created_by.name if run.created_by else visitor.gettext("Tradepost"),
        at=visitor.formats.moment(run.created_at),
        new=number(run.created),
        changed=number(run.updated),
        state=visitor.gettext("Undone") if run.undone_at else "",
    )


async def examples(visitor: Visitor, spec: ModelSpec, draft: Draft) -> list[Shown]:
    """Examples of rows that make a record, change one, or say what is known."""
    words = {
        "create": visitor.gettext("New"),
        "update": visitor.gettext("Changed"),
        "unchanged": visitor.gettext("Unchanged"),
    }
    found = sorted(draft.report.get("examples", ()), key=lambda one: (list(words).index(one["verb"]), one["row"]))
    lines = await timeline(visitor, [_event(spec, one) for one in found])
    return [
        Shown(one["row"], one["title"], words[one["verb"]], line.changes)
        for one, line in zip(found, lines, strict=True)
    ]


def _event(spec: ModelSpec, one: Mapping[str, Any]) -> Event:
    """What a row would change, as the audit would tell it."""
    return Event(one["row"], now(), "", "", one["verb"], spec.label, "", one["title"], "", "", "", one["changes"])


async def undo_state(visitor: Visitor, draft: Draft) -> dict[str, Any]:
    """Whether a written import can be undone, or when that was done."""
    try:
        run = await find_run(visitor.site.kernel.reader, visitor.caller, draft.id)
    except NotFound:  # it wrote nothing
        return {"possible": False, "at": ""}
    undone: datetime | None = run.undone_at
    return {"possible": undone is None, "at": visitor.formats.moment(undone) if undone else ""}


async def proceed_undoing(visitor: Visitor, spec: ModelSpec, draft: Draft, form: FormData) -> Response:
    """Take the next step of an undoing: see what it would do, do it, or give it up."""
    desk = visitor.site.desk
    step = form.get("step")
    if not draft.undoes:
        if step == "look_back":
            run = await find_run(visitor.site.kernel.reader, visitor.caller, draft.id)
            draft = desk.look_back(visitor.caller, run)
        return visitor.goto(f"{spec.path}/import/{draft.id}")
    here = f"{spec.path}/import/{draft.id}"
    if draft.phase is Phase.UNDONE:
        return visitor.goto(here)
    if step == "look_back":
        desk.begin(visitor.caller, draft, Phase.LOOKING_BACK)
        return visitor.goto(here)
    if step == "undo":
        desk.begin(visitor.caller, replace(draft, good_rows=bool(form.get("leave"))), Phase.UNDOING)
        return visitor.goto(here)
    desk.discard(draft)
    return visitor.goto(f"{spec.path}/import/{draft.undoes}", visitor.gettext("Nothing was changed"))


async def undo_page(visitor: Visitor, spec: ModelSpec, draft: Draft) -> Response:
    """How far an undoing is: what it would do, its progress, or done."""
    report = draft.report
    number = visitor.formats.number
    told = (
        (visitor.gettext("To the recycle bin"), "archived"),
        (visitor.gettext("Put back"), "restored"),
        (visitor.gettext("Left"), "kept"),
    )
    return visitor.page(
        "import_undo.html",
        block="progress",
        spec=spec,
        humans=visitor.humans(spec),
        draft=draft,
        phase=draft.phase.value,
        here=f"{spec.path}/import/{draft.id}",
        figures=[(label, number(report[name])) for label, name in told if report],
        stays=tuple(_stays(visitor, draft)),
        more=report.get("kept", 0) - len(report.get("left", ())),
        leave=visitor.ngettext(
            "Leave the %(shown)s record that was touched since",
            "Leave the %(shown)s records that were touched since",
            report.get("kept", 0),
        ),
        possible=any(report.get(name) for name in ("archived", "restored")),
        problems=[visitor.mended(one, spec) for one in draft.problems],
        done=number(draft.done),
    )


def _stays(visitor: Visitor, draft: Draft) -> Iterator[Stays]:
    for one in draft.report.get("left", ()):
        spec = visitor.site.registry.models[one["model"]]
        problem = Problem(one["message"], one["field"], "left", tuple(one["values"].items()))
        yield Stays(one["title"] or one["record"], address(spec, one["record"]), visitor.mended(problem, spec))

"""Data in and out: import, export, the search index."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from core.access import By, Caller, system
from core.app import Kernel
from core.conditions import EVERYTHING, Condition
from core.errors import Refused
from core.exchange import Exchange, Import
from core.exporting import Export, Format
from core.findings import Group, Report
from core.mapping import read_map
from core.registry import ModelSpec, camel
from core.settings import load_settings
from core.users import User
from tradepost.cli.console import Exit, err, out, progress_bar, wait

app = typer.Typer()
REASON = "the command line"
SHOWN_GROUPS = 20
SHOWN_TEXT = 200

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="A model by its label, like sales.customer.")]
AsUser = Annotated[
    str, typer.Option("--as", metavar="USER", help="The login of the user whose rights hold; by default the system's.")
]


@app.command("import")
def import_file(
    model: ModelName,
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file.", exists=True, dir_okay=False)],
    *,
    map_file: Annotated[
        Path | None,
        typer.Option(
            "--map",
            exists=True,
            dir_okay=False,
            help="Which column goes where, as JSON; else columns are called as fields.",
        ),
    ] = None,
    as_user: AsUser = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")] = False,
    good_rows: Annotated[
        bool, typer.Option("--good-rows", help="Import what can be; else it is all or nothing.")
    ] = False,
    errors: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="A .csv or .xlsx file for the refused rows, with reasons."),
    ] = None,
) -> None:
    """Import a file, wholly or not at all; exits with 1 when a row was refused."""
    mapping = read_map(map_file.read_bytes()) if map_file else None
    job = Import(model, file, mapping=mapping, dry_run=dry_run, good_rows=good_rows, errors=[errors] if errors else ())
    report = wait(_import(job, as_user))
    _tell(report, job, errors)
    raise typer.Exit(Exit.DONE if report.sound else Exit.REFUSED)


async def _import(job: Import, login: str) -> Report:
    from tradepost.app import open_kernel

    async with open_kernel(load_settings()) as kernel:
        surfaced(kernel, job.model)
        caller = await caller_of(kernel, login)
        with progress_bar() as bar:
            task = bar.add_task(f"Importing {job.path.name}", total=None)

            def told(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            return await Exchange(kernel.reader, kernel.operations).run(caller, replace(job, progress=told))


def _tell(report: Report, job: Import, errors: Path | None) -> None:
    for note in report.notes:
        err.print(str(note))
    often = sorted(report.groups, key=lambda one: -one.count)
    for group in often[:SHOWN_GROUPS]:
        err.print(_line(group))
    if len(often) > SHOWN_GROUPS:
        where = f"{errors} has" if errors else "--errors FILE hands back"
        err.print(f"… and other problems, each of fewer rows; {where} every refused row with its reasons")
    figures = ("created", "updated", "unchanged", "refused")
    told = ", ".join(f"{getattr(report, one):,} {one}" for one in figures)
    out.print(f"{report.rows:,} rows: {told}")
    if report.refused and errors:
        out.print(f"The refused rows are in {errors}")
    if report.written:
        err.print(f"`tradepost undo {job.run}` takes it back")
    else:
        out.print("Nothing was changed" if not job.dry_run else "This was a dry run: nothing was changed")


def _line(group: Group) -> str:
    """One problem with the rows that have it; a long cell is cut, for a file may hold anything."""
    rows = ", ".join(f"{one:,}" for one in group.rows) + (" …" if group.count > len(group.rows) else "")
    count = f" ({group.count:,} rows)" if group.count > 1 else ""
    cell = f" {_cut(group.cell)!r}" if group.cell else ""
    column = f"column {group.column}{cell}: " if group.column else ""
    likely = f"; perhaps {group.likely!r} is meant" if group.likely else ""
    return f"Row {rows}{count}: {column}{_cut(str(group.problem))}{likely}"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]}…"


@app.command()
def export(
    model: ModelName,
    *,
    filter_json: Annotated[
        str | None, typer.Option("--filter", metavar="JSON", help='As in GraphQL: {"name": {"contains": "tea"}}')
    ] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="A .csv or .xlsx file; by default CSV is printed.")
    ] = None,
    column: Annotated[list[str] | None, typer.Option(help="A field or path; may be given several times.")] = None,
    as_user: AsUser = "",
) -> None:
    """Write records to a file that `import` reads again."""
    wait(_export(model, filter_json, out_file, tuple(column or ()), as_user))


async def _export(model: str, filter_json: str | None, path: Path | None, columns: tuple[str, ...], login: str) -> None:
    from tradepost.app import open_kernel

    async with open_kernel(load_settings()) as kernel:
        spec = surfaced(kernel, model)
        where = EVERYTHING if filter_json is None else _condition(kernel, spec, filter_json)
        asked = Export(spec.label, where=where, columns=columns)
        form = Format.XLSX if path and path.suffix.lower() == ".xlsx" else Format.CSV
        blocks = await Exchange(kernel.reader, kernel.operations).export(await caller_of(kernel, login), asked, form)
        if path is None:
            async for block in blocks:
                typer.echo(block, nl=False)
        else:
            await _write(path, blocks)
            out.print(f"Wrote {path}")


async def _write(path: Path, blocks: AsyncIterator[bytes]) -> None:
    """The whole file, or none: what is refused half way leaves nothing behind."""
    partial = path.with_name(f".{path.name}.part")
    try:
        with (
            partial.open("wb") as file,
            Progress(SpinnerColumn(), TextColumn("{task.description}"), console=err) as bar,
        ):
            task = bar.add_task("Exporting", total=None)
            async for block in blocks:
                file.write(block)
                bar.update(task, description=f"Exporting, {file.tell() >> 10:,} kB")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _condition(kernel: Kernel, spec: ModelSpec, text: str) -> Condition:
    from schema.assemble import assemble
    from schema.filtering import filter_condition

    given = _json(text)
    if given is None:  # a variable of a script that was forgotten must not mean everything
        raise Refused("The filter is null; leave it out to export all records")
    return filter_condition(assemble(kernel.registry), spec.label, given)


def _json(text: str, option: str = "filter") -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise Refused("The %(option)s is no JSON: %(fault)s", option=option, fault=fault) from None


@app.command()
def act(
    model: ModelName,
    action: Annotated[str, typer.Argument(metavar="ACTION", help="One of its actions, like reopen.")],
    *,
    filter_json: Annotated[
        str, typer.Option("--filter", metavar="JSON", help='Which records, as in GraphQL: {"state": {"eq": "DRAFT"}}')
    ],
    input_json: Annotated[
        str, typer.Option("--input", metavar="JSON", help="What the action asks for, as in GraphQL.")
    ] = "{}",
    order: Annotated[list[str] | None, typer.Option(help="A field to go by; may be given several times.")] = None,
    as_user: AsUser = "",
) -> None:
    """Do an action of all records that a filter finds, or of none."""
    done = wait(_act(model, action, filter_json, input_json, order=tuple(order or ()), login=as_user))
    out.print(f"Done: {action} of {done:,} records")


async def _act(
    model: str, action: str, filter_json: str, input_json: str, *, order: tuple[str, ...], login: str
) -> int:
    from tradepost.app import open_kernel

    async with open_kernel(load_settings()) as kernel:
        spec = surfaced(kernel, model)
        if action not in spec.actions:
            known = ", ".join(spec.actions) or "none"
            raise Refused("%(label)s has no action %(name)s; it has %(known)s", label=model, name=action, known=known)
        where = _condition(kernel, spec, filter_json)
        caller = await caller_of(kernel, login)
        found = await kernel.reader.records(caller, spec.model, where=where, order=order, fields=("id",))
        given = _json(input_json, "input")
        if not isinstance(given, dict):
            raise Refused("The input is no JSON object")
        names = {camel(one): one for one in spec.actions[action].inputs}
        inputs = {names.get(str(one), str(one)): value for one, value in given.items()}
        if found:
            await kernel.operations.act(caller, spec.model, [one.id for one in found], action, inputs)
        return len(found)


@app.command()
def reindex(
    models: Annotated[list[str] | None, typer.Argument(metavar="[MODEL]...", help="Which; by default all.")] = None,
) -> None:
    """Build search indexes anew beside those in use, then swap them in."""
    wait(_reindex(models or []))


async def _reindex(models: list[str]) -> None:
    from tradepost.app import indexing, open_kernel

    async with open_kernel(load_settings()) as kernel:
        labels = [surfaced(kernel, one).label for one in models] or None
        with progress_bar() as bar:
            tasks = {}

            def tell(label: str, done: int, total: int) -> None:
                if label not in tasks:
                    tasks[label] = bar.add_task(label)
                bar.update(tasks[label], completed=done, total=total)

            await indexing(kernel).reindex(tell, labels)
    out.print("The search indexes are up to date")


def surfaced(kernel: Kernel, label: str) -> ModelSpec:
    """A model that people see, by its label; `Refused` lists those that there are."""
    labels = [one.label for one in kernel.registry.surfaced()]
    if label not in labels:
        raise Refused("There is no model %(label)s; there are %(labels)s", label=label, labels=", ".join(labels))
    return kernel.registry.spec(label)


async def caller_of(kernel: Kernel, login: str) -> Caller:
    """Who it is done as: a user, within his rights, or the system."""
    if not login:
        return system(REASON)
    found = await kernel.reader.records(
        system(REASON), User, where=User.login.eq(login), fields=("id", "language", "zone")
    )
    policy = await kernel.policies.fresh(found[0].id) if found else None
    if policy is None or policy.user_id is None:
        raise Refused("There is no user %(login)s, or he may not sign in", login=login)
    return Caller(policy, By.JOB, language=found[0].language, zone=found[0].zone, reason=REASON)

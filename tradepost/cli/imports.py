"""Imports that were written, and their undoing."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

import typer

from core.errors import Refused
from core.exchange import Exchange
from core.import_runs import ImportRun, find_run, latest_runs
from core.import_undo import Undo, UndoReport
from core.settings import load_settings
from tradepost.cli.console import Exit, err, out, progress_bar, wait
from tradepost.cli.data import AsUser, caller_of, surfaced

app = typer.Typer()
SHOWN = 20


@app.command()
def imports(
    model: Annotated[str, typer.Argument(metavar="[MODEL]", help="Imports of one model; by default of all.")] = "",
    *,
    as_user: AsUser = "",
) -> None:
    """List the imports that were written, the newest first, each with the id by which `undo` takes it back."""
    for one in wait(_imports(model, as_user)):
        out.print(_line(one))


def _line(one: ImportRun) -> str:
    at = one.created_at.isoformat(" ", "seconds")
    who = one.created_by.name if one.created_by else "Tradepost"
    figures = f"{one.created:,} created, {one.updated:,} updated"
    return f"{one.value('id')}  {at}  {one.model}  {one.file}: {figures}, by {who}{', undone' if one.undone_at else ''}"


async def _imports(model: str, login: str) -> list[ImportRun]:
    from tradepost.app import open_kernel

    async with open_kernel(load_settings()) as kernel:
        spec = surfaced(kernel, model) if model else None
        return await latest_runs(kernel.reader, await caller_of(kernel, login), spec)


@app.command()
def undo(
    run: Annotated[str, typer.Argument(metavar="IMPORT", help="The id of an import, as `imports` tells it.")],
    *,
    leave: Annotated[
        bool, typer.Option("--leave", help="Leave what was touched since; else it is all or nothing.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")] = False,
    as_user: AsUser = "",
) -> None:
    """Undo an import, wholly or not at all; exits with 1 when a record was left."""
    try:
        wanted = UUID(run)
    except ValueError:
        raise Refused("%(run)s is no id of an import; `tradepost imports` lists them", run=run) from None
    report = wait(_undo(Undo(wanted, leave=leave, dry_run=dry_run), as_user))
    _tell(report, dry_run=dry_run)
    raise typer.Exit(Exit.REFUSED if report.kept else Exit.DONE)


async def _undo(job: Undo, login: str) -> UndoReport:
    from tradepost.app import open_kernel

    async with open_kernel(load_settings()) as kernel:
        caller = await caller_of(kernel, login)
        run = await find_run(kernel.reader, caller, job.run)
        with progress_bar() as bar:
            task = bar.add_task(f"Undoing the import of {run.file}", total=None)

            def told(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            return await Exchange(kernel.reader, kernel.operations).undo(caller, replace(job, progress=told))


def _tell(report: UndoReport, *, dry_run: bool) -> None:
    for one in report.left[:SHOWN]:
        err.print(f"{one.model} {one.record} {one.title}: {one.problem}")
    if report.kept > SHOWN:
        err.print(f"… and {report.kept - SHOWN:,} more")
    out.print(f"{report.archived:,} archived, {report.restored:,} put back, {report.kept:,} left")
    if not report.written:
        out.print("This was a dry run: nothing was changed" if dry_run else "Nothing was changed")

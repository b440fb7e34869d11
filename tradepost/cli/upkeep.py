"""Migrations, checks, the audit, backups."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from core.audit import Head, verify
from core.backups import back_up, bring_back
from core.blobs import store_of
from core.boot import boot
from core.database import Database, connect
from core.drafts import make
from core.errors import Refused, TradepostError
from core.first_steps import first_steps
from core.migrator import migrate as run_migrations
from core.migrator import pending
from core.registry import Registry
from core.settings import Settings, load_settings
from tradepost.cli.console import Exit, err, exit_code, out, wait
from tradepost.discovery import load_plugins

app = typer.Typer()
audit = typer.Typer(help="Look after the chain of all that was changed.", no_args_is_help=True)
app.add_typer(audit, name="audit")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Database, Registry]]:
    """The database and what the plugins declare, whether it is migrated or not."""
    registry = boot(load_plugins(settings))
    settings.data.mkdir(parents=True, exist_ok=True)
    database = await connect(settings.database, registry)
    try:
        yield database, registry
    finally:
        await database.close()


@app.command()
def migrate() -> None:
    """Bring the database up to date; an empty one gets an administrator, whose password is printed once."""
    wait(bring_up_to_date(load_settings()))


async def bring_up_to_date(settings: Settings, *, quiet: bool = False) -> None:
    """Run the migrations that are pending, make what an empty database lacks, and tell."""
    async with opened(settings) as (database, registry):
        steps = await run_migrations(database, registry)
        first = await first_steps(database, registry, settings)
    if quiet:
        return
    for step in steps:
        out.print(f"Applied {step}")
    if not steps:
        out.print("The database is up to date")
    for role in first.roles:
        out.print(f"Created the role {role}")
    if first.password:
        out.print("The administrator signs in as admin with this password, which is not shown again:")
        out.print(first.password)


@app.command()
def makemigrations(
    plugins: Annotated[list[str] | None, typer.Argument(help="Whose migrations; by default every plugin's.")] = None,
    *,
    name: Annotated[str, typer.Option(help="What the change is, as words_like_this.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 when one is missing.")] = False,
) -> None:
    """Write the migrations that the declarations ask for."""
    registry = boot(load_plugins(load_settings()))
    known = [one.name for one in registry.plugins]
    strange = [one for one in plugins or () if one not in known]
    if strange:
        raise Refused(f"There is no plugin {', '.join(strange)}; there are {', '.join(known)}")
    paths = wait(_drafts(registry, plugins or known, name, check=check))
    for path in paths:
        out.print(f"{'Missing' if check else 'Wrote'} {path}")
    if not paths:
        out.print("The migrations say all that the declarations say")
    raise typer.Exit(Exit.REFUSED if check and paths else Exit.DONE)


async def _drafts(registry: Registry, plugins: list[str], name: str, *, check: bool) -> list[Path]:
    return [path for one in plugins for path in await make(registry, one, name=name, check=check)]


@app.command()
def schema() -> None:
    """Print the GraphQL schema of the installed plugins."""
    typer.echo(_sdl(boot(load_plugins(load_settings()))), nl=False)


def _sdl(registry: Registry) -> str:
    from schema.assemble import assemble  # Strawberry takes half a second to import

    return assemble(registry).sdl


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what a start would say to it."""

    what: str
    state: str
    exit: Exit = Exit.DONE


@app.command()
def check() -> None:
    """Say whether Tradepost could start: settings, plugins, schema, files, database, migrations."""
    raise typer.Exit(wait(_check()))


async def _check() -> Exit:
    worst = Exit.DONE
    async for finding in _findings():
        (err if finding.exit else out).print(f"{finding.what}: {finding.state}")
        worst = max(worst, finding.exit)
    return worst


async def _findings() -> AsyncIterator[Finding]:
    what = "Settings"
    try:
        settings = load_settings()
        yield Finding(what, f"data in {settings.data}")
        what = "Plugins"
        registry = boot(load_plugins(settings))
        yield Finding(what, ", ".join(one.name for one in registry.plugins))
        what = "GraphQL"
        yield Finding(what, f"{_sdl(registry).count(chr(10))} lines of schema")
        what = "Files"
        yield Finding(what, await store_of(settings).reach())
        what = "Database"
        if settings.sqlite and not settings.sqlite.exists():
            yield Finding(what, f"there is none at {settings.sqlite}; run `tradepost migrate`", Exit.DATABASE)
            return
        async with opened(settings) as (database, _):
            waiting = await pending(database, registry)
            yield Finding(what, database.dialect.value)
        what = "Migrations"
        if waiting:
            yield Finding(what, f"{len(waiting)} pending; run `tradepost migrate`", Exit.DATABASE)
        else:
            yield Finding(what, "all applied")
    except TradepostError as fault:
        yield Finding(what, str(fault), exit_code(fault))


@audit.command("verify")
def verify_audit(
    checkpoint: Annotated[
        str, typer.Option(help="NUMBER:DIGEST of an earlier run, kept elsewhere; shows whether the end was cut off.")
    ] = "",
) -> None:
    """Follow the chain of the audit and name every entry that was altered, removed or added."""
    raise typer.Exit(wait(_verify(checkpoint)))


async def _verify(checkpoint: str) -> Exit:
    number, _, digest = checkpoint.partition(":")
    if checkpoint and not (number.isdigit() and digest):
        raise Refused("A checkpoint is NUMBER:DIGEST, as an earlier run printed it")
    mark = Head(int(number), digest) if checkpoint else None
    async with opened(load_settings()) as (database, registry):
        verdict = await verify(database, registry, mark)
    for fault in verdict.faults:
        err.print(fault)
    if verdict.sound:
        out.print(f"{verdict.entries} entries, all as they were written. Checkpoint:")
        out.print(f"{verdict.head.number}:{verdict.head.digest}")
    return Exit.DONE if verdict.sound else Exit.REFUSED


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; a folder gets a file named by the time.")],
) -> None:
    """Write database and attachments into one file, while Tradepost runs."""
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("Backing up", total=None)
        work = back_up(load_settings(), file, lambda done, total: bar.update(task, completed=done, total=total))
        written = wait(work)
    out.print(str(written))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `tradepost backup` wrote.", exists=True, dir_okay=False)],
) -> None:
    """Bring a backup into an empty place: checks every byte, then signs everybody out and ends all tokens."""
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("Restoring", total=None)
        work = bring_back(load_settings(), file, lambda done, total: bar.update(task, completed=done, total=total))
        found = wait(work)
    out.print(f"Restored the backup of {found.made_at} with {found.files} attachments. Everybody has to sign in again.")
    out.print("Run `tradepost reindex` to fill the search index.")

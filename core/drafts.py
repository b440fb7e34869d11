"""Drafts of migrations: how the declarations differ from the migrations so far, as files to be read and kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import copy
from importlib import import_module
from pathlib import Path
from typing import Any

from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    CreateModel,
    DeleteModel,
    RemoveConstraint,
    RemoveField,
    RemoveIndex,
    RenameField,
    TortoiseOperation,
)
from tortoise.migrations.schema_generator.operation_generator import OperationGenerator
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.migrations.writer import ImportManager, MigrationWriter, format_migration_name

from core.database import KEY, Database
from core.migrator import MigrationError, advance, editor, on_disk, plan, record, recorded
from core.plugin import Plugin
from core.registry import Registry
from core.storage import tables

ModelKey = tuple[str, str]


async def make(registry: Registry, plugin: str, *, name: str = "", check: bool = False) -> list[Path]:
    """Write what changed in a plugin's models since its last migration; with `check` only say what would be written."""
    found = next(one for one in registry.plugins if one.name == plugin)
    old = State(models={}, apps=StateApps())
    for step, migration in await plan(registry):
        await advance(migration.operations, step.plugin, old, None)
    operations = differences(old, declared(registry), plugin)
    if not operations:
        return []
    steps = [step.name for step in on_disk(registry) if step.plugin == plugin]
    number = max((int(one[:4]) for one in steps if one[:4].isdigit()), default=0) + 1
    writer = Writer(
        format_migration_name(number, name or ("changes" if steps else "initial")),
        plugin,
        operations,
        dependencies=await _dependencies(registry, found),
        initial=None if steps else True,
    )
    path = _folder(found, make=not check) / f"{writer.name}.py"
    if not check:
        path.write_text(writer.as_string(), encoding="utf-8")
    return [path]


async def create_tables(database: Database, registry: Registry) -> None:
    """Make the tables at once as they are declared, as if all migrations had been run: for tests and prototypes."""
    state, target = State(models={}, apps=StateApps()), declared(registry)
    async with database.begin(KEY, alter=True) as connection:
        for plugin in registry.plugins:
            operations = differences(State(models={}, apps=StateApps()), target, plugin.name)
            await advance(operations, plugin.name, state, editor(connection))
        await recorded(connection)
        for step in on_disk(registry):
            await record(connection, step)


def declared(registry: Registry) -> State:
    """The state that the declarations describe."""
    apps = tables(registry)
    state = State(models={}, apps=apps)
    for label, models in apps.items():
        for model in models.values():
            made = state.models[label, model.__name__] = ModelState.make_from_model(label, model)
            for field in made.fields.values():
                if isinstance(field, ForeignKeyFieldInstance):
                    # What linking the classes filled in, and what a state that was read from files lacks.
                    vars(field).update(source_field=None, to_field=None, model=None)
    return state


def differences(old: State, new: State, plugin: str) -> list[TortoiseOperation]:
    """The operations that lead one plugin from a state to another."""
    for key, model in new.models.items():
        before = old.models.get(key)
        if before is not None:
            _keep_loose(before, model)
    _refuse_changes_of_kind(old, new, plugin)
    operations = Generator(old, new).generate([plugin])
    return list(_untangled(_removed(_unguessed(operations, new, plugin), old, plugin), plugin))


def _refuse_changes_of_kind(old: State, new: State, plugin: str) -> None:
    for key in old.models.keys() & new.models.keys():
        before, after = old.models[key].fields, new.models[key].fields
        for name in before.keys() & after.keys():
            if key[0] == plugin and _nature(before[name]) != _nature(after[name]):
                raise MigrationError(
                    f"{plugin}: {key[1]}.{name} changes its kind, scale or target, and nobody knows what that makes of"
                    " its values; declare a new field, fill it in a migration, then remove the old one"
                )


def _nature(field: Any) -> tuple[object, ...]:
    """What a field cannot change and keep its values: its Python type, a link's target, a decimal's scale."""
    if isinstance(field, ForeignKeyFieldInstance):
        return (ForeignKeyFieldInstance, str(field.model_name))
    return (field.field_type, field.description)


def _unguessed(operations: Iterable[TortoiseOperation], new: State, plugin: str) -> Iterator[TortoiseOperation]:
    """What Tortoise takes for a rename, as a removal and an addition."""
    for one in operations:
        if isinstance(one, RenameField):
            yield RemoveField(one.model_name, one.old_name)
            yield AddField(one.model_name, one.new_name, new.models[plugin, one.model_name].fields[one.new_name])
        else:
            yield one


def _removed(operations: Iterable[TortoiseOperation], old: State, plugin: str) -> Iterator[TortoiseOperation]:
    """Tables that go together, after the links between them, which Tortoise would stumble over."""
    operations = list(operations)
    gone = {(plugin, one.name) for one in operations if isinstance(one, DeleteModel)}
    for key in sorted(gone):
        model = old.models[key]
        links = [name for name, one in model.fields.items() if _links_to(one, gone)]
        columns = {f"{name}_id" for name in links}
        for index in model.options.get("indexes", ()):
            if not columns.isdisjoint(index.fields):
                yield RemoveIndex(model.name, name=index.name)
        for fields in model.options.get("unique_together", ()):
            if not columns.isdisjoint(fields):
                yield RemoveConstraint(model.name, fields=list(fields))
        yield from (RemoveField(model.name, name) for name in links)
    yield from operations


def _links_to(field: object, models: Collection[ModelKey]) -> bool:
    return isinstance(field, ForeignKeyFieldInstance) and _target(field) in models


def _keep_loose(old: ModelState, new: ModelState) -> None:
    """Old rows may lack what is required of new ones: a column is never tightened without being told."""
    for name, field in new.fields.items():
        before = old.fields.get(name)
        if not field.null and not field.has_db_default() and not field.pk and (before is None or before.null):
            new.fields[name] = copy(field)
            new.fields[name].null = True


class Generator(OperationGenerator):
    """Tortoise's comparison, without its guesses, and with links in circles put in order."""

    def _match_renamed_models(self, *_: object) -> dict[ModelKey, ModelKey]:
        return {}

    @staticmethod
    def _sort_by_dependencies(keys: list[ModelKey], state: State) -> list[ModelKey]:
        done: dict[ModelKey, None] = {}
        path: set[ModelKey] = set()

        def visit(key: ModelKey) -> None:
            if key in done or key in path or key not in keys:
                return
            path.add(key)
            for field in state.models[key].fields.values():
                if isinstance(field, ForeignKeyFieldInstance):
                    visit(_target(field))
            done[key] = None

        for key in keys:
            visit(key)
        return list(done)


def _target(field: ForeignKeyFieldInstance[Any]) -> ModelKey:
    plugin, _, name = str(field.model_name).partition(".")
    return plugin, name


def _untangled(operations: Iterable[TortoiseOperation], plugin: str) -> Iterator[TortoiseOperation]:
    """Links to tables that come later, added when these are there."""
    operations = list(operations)
    missing = {(plugin, one.name) for one in operations if isinstance(one, CreateModel)}
    later: list[TortoiseOperation] = []
    for one in operations:
        if isinstance(one, CreateModel):
            missing.discard((plugin, one.name))
            postponed = [(name, field) for name, field in one.fields if _links_to(field, missing)]
            yield _without(one, [name for name, _ in postponed], later)
            later[:0] = [AddField(one.name, name, field) for name, field in postponed]
        else:
            yield one
    yield from later


def _without(created: CreateModel, names: Sequence[str], later: list[TortoiseOperation]) -> CreateModel:
    """A table without some links, and the indexes and uniques over these among what comes later."""
    if not names:
        return created
    columns, options = {f"{name}_id" for name in names}, dict(created.options or {})
    for key in ("indexes", "unique_together"):
        kept = []
        for one in options.get(key, ()):
            fields = one if isinstance(one, tuple) else one.fields
            if columns.isdisjoint(fields):
                kept.append(one)
            elif isinstance(one, tuple):
                later.append(AddConstraint(created.name, UniqueConstraint(fields=one)))
            else:
                later.append(AddIndex(created.name, one))
        options[key] = tuple(kept)
    return CreateModel(created.name, [pair for pair in created.fields if pair[0] not in names], options, created.bases)


async def _dependencies(registry: Registry, plugin: Plugin) -> list[tuple[str, str]]:
    """The latest migration of the plugin itself, and of each plugin that it links to."""
    latest = {step.plugin: step.name for step, _ in await plan(registry)}
    specs = [one for one in registry.models.values() if one.plugin == plugin.name]
    linked = {registry.models[str(link.target)].plugin for spec in specs for link in spec.links.values()}
    for other in sorted(linked - {plugin.name} - latest.keys()):
        raise MigrationError(f"{plugin.name} links to {other}, which has no migrations; make these first")
    return [(name, latest[name]) for name in sorted({*linked, plugin.name}) if name in latest]


def _folder(plugin: Plugin, *, make: bool) -> Path:
    """Where the migrations of a plugin stand: beside its declarations."""
    module = import_module(plugin.package)
    if not hasattr(module, "__path__"):
        raise MigrationError(f"{plugin.name} is a single module; only a package has room for migrations")
    folder = Path(module.__path__[0]) / "migrations"
    if make and not (folder / "__init__.py").exists():
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text(f'"""The steps by which the tables of {plugin.name} came to be."""\n')
    return folder


class Writer(MigrationWriter):
    """Tortoise's writer, without the arguments that are what they are anyway, or that name internals of Tortoise."""

    def _render_field(self, field: Any, imports: ImportManager) -> str:
        return super()._render_field(Plain(field), imports)


class Plain:
    """A field as its shortest declaration."""

    INTERNAL = ("encoder", "decoder", "field_type", "db_constraint")

    def __init__(self, field: Any) -> None:
        self._field = field

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """The class and the arguments."""
        path, args, named = self._field.deconstruct()
        if self._field.pk:
            named = {"primary_key": True}
        said = {
            key: value
            for key, value in named.items()
            if key not in self.INTERNAL and (value is not False or key in {"db_default", "related_name"})
        }
        return path, args, said

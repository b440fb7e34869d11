"""How Tortoise's migrations become SQL on each database, where Tortoise's own editors fall short."""

# ruff: noqa: SLF001 - the editors are made to be subclassed, with names that begin with an underscore

from __future__ import annotations

import sqlite3
from typing import Any

from tortoise.fields.base import Field as Column
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor, SqliteSchemaEditor
from tortoise.models import Model as Table

TEXTS = ("TEXT", "VARCHAR", "CHAR(")
SQLITE_TYPES = {"JSON": "TEXT", "TIMESTAMP": "TEXT", "DATE": "TEXT"}
"""Other names make SQLite turn text that looks like a number into a number."""


class PostgresEditor(AsyncpgSchemaEditor):
    """Text is compared by its bytes, as on SQLite and in Python: collation "C"."""

    def _get_field_sql(self, db_field: str, field_type: str, *rest: Any, **named: Any) -> str:
        return super()._get_field_sql(db_field, _collated(field_type), *rest, **named)

    async def _alter_field(self, model: type[Table], old_field: Column[Any], new_field: Column[Any]) -> None:
        template = AsyncpgSchemaEditor.ALTER_FIELD_TYPE_TEMPLATE
        textual = _collated(new_field.get_for_dialect(self.DIALECT, "SQL_TYPE")).endswith('"C"')
        self.ALTER_FIELD_TYPE_TEMPLATE = template + ' COLLATE "C"' if textual else template
        await super()._alter_field(model, old_field, new_field)


def _collated(field_type: str) -> str:
    return f'{field_type} COLLATE "C"' if field_type.startswith(TEXTS) else field_type


class SqliteEditor(SqliteSchemaEditor):
    """Tables keep their indexes and uniques when a column is changed, and a link's column goes when the link goes."""

    async def _run_sql(self, sql: str) -> None:
        statement = ""
        for piece in sql.split(";"):
            statement += f"{piece};"
            if sqlite3.complete_statement(statement):
                await self.client.execute_query(statement) if statement.strip("; \n") else None
                statement = ""

    def _get_field_sql(self, db_field: str, field_type: str, *rest: Any, **named: Any) -> str:
        return super()._get_field_sql(db_field, SQLITE_TYPES.get(field_type, field_type), *rest, **named)

    def _format_index_fields(self, field_names: list[str]) -> str:
        # SQLite's indexes know no NULLS LAST; its sorter handles the empty ones.
        return super()._format_index_fields(field_names).replace(" NULLS LAST", "")

    async def create_model(self, model: type[Table]) -> None:
        """Make a table; its uniques are indexes of their own, since a constraint could never be dropped again."""
        together = model._meta.unique_together
        model._meta.unique_together = ()
        try:
            await super().create_model(model)
        finally:
            model._meta.unique_together = together
        await self._add_uniques(model)

    async def _add_uniques(self, model: type[Table]) -> None:
        for fields in model._meta.unique_together:
            await self.add_constraint(model, UniqueConstraint(fields=tuple(fields)))

    async def remove_field(self, model: type[Table], field: Any) -> None:
        """Drop a column; the indexes that name it went in operations before this one."""
        column = field.source_field or field.model_field_name
        if isinstance(field, ForeignKeyFieldInstance):
            key = model._meta.fields_map[column]
            column = key.source_field or column
        await self._run_sql(f'ALTER TABLE "{model._meta.db_table}" DROP COLUMN "{column}"')

    async def _alter_field(self, model: type[Table], old_field: Column[Any], new_field: Column[Any]) -> None:
        """Make the table anew as the model says, and move its rows: SQLite cannot alter a column."""
        table, aside = model._meta.db_table, f"new__{model._meta.db_table}"
        old, new = (one.source_field or one.model_field_name for one in (old_field, new_field))
        columns = {name: f'"{old if name == new else name}"' for name in model._meta.fields_db_projection.values()}
        if old_field.null and not new_field.null and new_field.has_db_default():
            columns[new] = f"coalesce({columns[new]}, {self._default_sql(model, new_field)})"
        create = self._bare_table_sql(model).replace(f'CREATE TABLE "{table}"', f'CREATE TABLE "{aside}"', 1)
        await self._run_sql(create)
        names = ", ".join(f'"{name}"' for name in columns)
        await self._run_sql(f'INSERT INTO "{aside}" ({names}) SELECT {", ".join(columns.values())} FROM "{table}"')
        await self._run_sql(f'DROP TABLE "{table}"')
        await self._run_sql(f'ALTER TABLE "{aside}" RENAME TO "{table}"')
        await self._add_uniques(model)
        for index in model._meta.indexes:
            await self.add_index(model, index if isinstance(index, Index) else Index(fields=index))

    def _default_sql(self, model: type[Table], field: Column[Any]) -> str:
        return self._escape_default_value(field.to_db_value(field.db_default, model))

    def _bare_table_sql(self, model: type[Table]) -> str:
        meta = model._meta
        together, indexes = meta.unique_together, meta.indexes
        meta.unique_together, meta.indexes = (), ()
        try:
            return self._get_model_sql_data(model).table_sql
        finally:
            meta.unique_together, meta.indexes = together, indexes

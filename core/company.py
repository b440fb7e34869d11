"""The company: its name, currency and language, as an administrator set them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson
from babel.numbers import is_currency

from core.access import Caller
from core.audit import Note, record
from core.database import KEY, Connection, Database
from core.errors import Forbidden, Refused
from core.ids import born, now
from core.languages import LANGUAGES
from core.policies import present
from core.registry import Registry
from core.rows import insert, update
from core.settings import Setting

NAME = "company"
PERMISSION = "core.setting.update"


@dataclass(frozen=True, slots=True)
class Company:
    """What holds for the whole company: its name, the currency of amounts without one, the language of new users."""

    name: str = ""
    currency: str = "USD"
    language: str = "en"


class Companies:
    """Where the company's settings are kept."""

    def __init__(self, registry: Registry, database: Database, language: str = "en") -> None:
        self._registry = registry
        self._database = database
        self._first = Company(language=language)

    async def get(self) -> Company:
        """The settings as they are now."""
        rows = await self._database.read(KEY, self._sql(), [NAME])
        return self._company(rows[0][1]) if rows else self._first

    async def change(self, caller: Caller, changed: Company) -> None:
        """Set them; only a super administrator may."""
        spec = self._registry.spec(Setting)
        async with self._database.begin(KEY) as connection:
            caller = await present(connection, caller)
            if not caller.policy.everything or caller.read_only:
                raise Forbidden(PERMISSION)
            _check(changed)
            rows = await connection.rows(KEY, self._sql(), [NAME])
            before = self._company(rows[0][1]) if rows else self._first
            content = {"content": asdict(changed)}
            if rows:
                await update(connection, spec, UUID(str(rows[0][0])), content | {"updated_at": now()})
            else:
                await insert(connection, spec, born(now(), caller.user_id) | {"name": NAME} | content)
            await self._remember(connection, caller, before, changed)

    async def _remember(self, connection: Connection, caller: Caller, before: Company, after: Company) -> None:
        old, new = asdict(before), asdict(after)
        changes = {name: (old[name], new[name]) for name in new if old[name] != new[name]}
        if changes:
            note = Note("update", self._registry.spec(Setting).label, title=NAME, changes=changes)
            await record(connection, self._registry, caller, now(), [note])

    def _sql(self) -> str:
        table = self._registry.spec(Setting).table
        return f"SELECT id, content FROM {table} WHERE name = {self._database.dialect.place(1)}"

    def _company(self, content: Any) -> Company:
        values = orjson.loads(content) if isinstance(content, str | bytes) else content
        return Company(**{**asdict(self._first), **values})


def _check(company: Company) -> None:
    if not company.name.strip() or len(company.name) > 120:
        raise Refused("Write a name of at most 120 characters", field="name")
    if not is_currency(company.currency):
        message = "%(currency)s is not a currency; write three letters, like USD"
        raise Refused(message, field="currency", currency=company.currency)
    if company.language not in LANGUAGES:
        raise Refused("Choose one of: %(choices)s", field="language", choices=", ".join(LANGUAGES))

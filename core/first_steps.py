"""What a database holds before anybody works with it: the top department, the administrator, the plugins' roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.access import Scope
from core.codec import fold
from core.database import KEY, Connection, Database, Dialect
from core.departments import Department
from core.errors import Refused, SettingsError
from core.hooks import RoleDefault
from core.ids import born, now
from core.passwords import Passwords, made_up, require_strength
from core.registry import Registry
from core.roles import Grant, Role
from core.rows import insert, insert_many
from core.settings import PREFIX, Setting, Settings
from core.users import User

ADMINISTRATOR = "admin"
OFFICE: Mapping[str, tuple[str, str]] = {
    "en": ("Office", "Administrator"),
    "zh_Hans": ("办公室", "管理员"),
    "ko": ("사무실", "관리자"),
}
"""The names of the first department and the first user; both can be changed."""


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What was made: the roles by name, and a password that was made up, to be shown this once."""

    roles: tuple[str, ...]
    password: str = ""


async def first_steps(database: Database, registry: Registry, settings: Settings) -> FirstSteps:
    """Fill an empty database with what work begins with; of another, add the roles of plugins that are new."""
    given = settings.admin_password.get_secret_value()
    password = ""
    async with database.begin(KEY) as connection:
        if connection.dialect is Dialect.POSTGRES:  # two processes may start at once
            await connection.run(KEY, "LOCK TABLE core_setting IN SHARE ROW EXCLUSIVE MODE")
        if not await connection.rows(KEY, "SELECT 1 FROM core_user LIMIT 1"):
            password = given or made_up()
            await _begin(connection, registry, settings, await _hashed(password))
        roles = await create_roles(connection, registry)
    return FirstSteps(roles, "" if given else password)


async def _hashed(password: str) -> str:
    try:
        require_strength(password, [ADMINISTRATOR])
    except Refused as refusal:
        raise SettingsError(f"{PREFIX}ADMIN_PASSWORD: {refusal}; choose another") from refusal
    passwords = Passwords()
    try:
        return await passwords.hash(password)
    finally:
        passwords.close()


async def _begin(connection: Connection, registry: Registry, settings: Settings, stored: str) -> None:
    at = now()
    office, name = OFFICE[settings.language]
    rights, department, user = born(at), born(at), born(at)
    await insert(connection, registry.spec(Setting), rights | {"name": "rights", "content": 1})
    await insert(connection, registry.spec(Department), department | {"name": office})
    values = {
        "login": ADMINISTRATOR,
        "name": name,
        "department": department["id"],
        "administrator": True,
        "enabled": True,
        "language": settings.language,
        "password": stored,
    }
    await insert(connection, registry.spec(User), user | values)


async def create_roles(connection: Connection, registry: Registry) -> tuple[str, ...]:
    """Make the default roles of the plugins whose names no role has, archived or not; the names of those made."""
    specs = registry.spec(Role), registry.spec(Grant)
    rows = await connection.rows(KEY, f"SELECT name_folded FROM {specs[0].table}")
    taken = {row[0] for row in rows}
    missing = [one for one in united(registry) if fold(one.name) not in taken]
    at = now()
    for role in missing:
        row = born(at)
        await insert(connection, specs[0], row | {"name": role.name, "description": role.help})
        await insert_many(connection, specs[1], [_grant(row["id"], *one) for one in role.grants])
    return tuple(one.name for one in missing)


def _grant(role: object, permission: str, scope: Scope) -> dict[str, object]:
    return born(now()) | {"role": role, "permission": permission, "scope": scope}


def united(registry: Registry) -> list[RoleDefault]:
    """The default roles of all plugins; those of one name become one role, the first grant of a permission kept."""
    helps: dict[str, str] = {}
    grants: dict[str, dict[str, Scope]] = {}
    for _, role in registry.declared("tradepost_roles"):
        helps.setdefault(role.name, role.help)
        for permission, scope in role.grants:
            grants.setdefault(role.name, {}).setdefault(permission, scope)
    return [RoleDefault(name, helps[name], tuple(grants.get(name, {}).items())) for name in helps]

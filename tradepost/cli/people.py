"""Users and API tokens, from outside: for the first of them, and for whoever is locked out."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

import typer

from core.access import system
from core.app import Kernel
from core.conditions import Condition
from core.departments import Department
from core.errors import Refused
from core.model import Model
from core.passwords import made_up, require_strength
from core.roles import Assignment, Role
from core.settings import load_settings
from core.users import User
from tradepost.cli.console import out, wait

app = typer.Typer()
user = typer.Typer(help="Create users and set their passwords.", no_args_is_help=True)
token = typer.Typer(help="Create tokens for programs.", no_args_is_help=True)
app.add_typer(user, name="user")
app.add_typer(token, name="token")

M = TypeVar("M", bound=Model)
CALLER = system("the command line")
DAYS = 365
Ask = Annotated[
    bool, typer.Option("--ask", help="Ask for the password, or read it from a pipe; else one is made up and printed.")
]


@user.command("create")
def create_user(
    login: Annotated[str, typer.Argument(help="The name that he signs in with.")],
    *,
    name: Annotated[str, typer.Option(help="His name as others see it; by default the login.")] = "",
    department: Annotated[str, typer.Option(help="The name of his department; by default the top one.")] = "",
    superior: Annotated[str, typer.Option(help="The login of his superior.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="The name of a role; may be given several times.")] = None,
    administrator: Annotated[bool, typer.Option("--administrator", help="Give him every permission.")] = False,
    ask: Ask = False,
) -> None:
    """Create a user who can sign in; a password that was made up is printed once, last line."""
    password = _password([login, name], ask=ask)
    values = {"login": login, "name": name or login, "administrator": administrator}
    wait(_create(values, department, superior, role or [], password))
    if not ask:
        out.print(password)


async def _create(values: dict[str, Any], department: str, superior: str, roles: list[str], password: str) -> None:
    from tradepost.app import open_kernel

    async with open_kernel(load_settings()) as kernel:
        where = Department.name.eq(department) if department else Department.parent.empty()
        values["department"] = (await _one(kernel, Department, where, f"department {department}")).id
        if superior:
            values["superior"] = (await _one(kernel, User, User.login.eq(superior), f"user {superior}")).id
        granted = [await _one(kernel, Role, Role.name.eq(one), f"role {one}") for one in roles]

        async def body(work: Any) -> User:
            made: User = await work.create(User, **values)
            for one in granted:
                await work.create(Assignment, role=one.id, user=made.id)
            return made

        made = await kernel.operations.run(CALLER, body)
        await kernel.accounts.set_password(CALLER, made.id, password)


@user.command("password")
def set_password(
    login: Annotated[str, typer.Argument(help="The name that he signs in with.")],
    *,
    ask: Ask = False,
) -> None:
    """Set a user's password and end his sessions; one that was made up is printed once, last line."""
    password = _password([login], ask=ask)
    wait(_set(login, password))
    if not ask:
        out.print(password)


async def _set(login: str, password: str) -> None:
    from tradepost.app import open_kernel

    async with open_kernel(load_settings()) as kernel:
        found = await _one(kernel, User, User.login.eq(login), f"user {login}")
        await kernel.accounts.set_password(CALLER, found.id, password)


@token.command("create")
def create_token(
    *,
    user: Annotated[str, typer.Option(help="The login of the user whose rights it has.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    read_only: Annotated[bool, typer.Option("--read-only", help="It may read and export, never change.")] = False,
    scope: Annotated[
        list[str] | None, typer.Option(help="A permission that it is for; may be given several times. Default: all.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="After how many days it ends.")] = DAYS,
) -> None:
    """Create an API token; it is printed once, last line."""
    end = datetime.now(UTC) + timedelta(days=days)
    out.print(wait(_token(user, name, end, read_only=read_only, scopes=scope or None)))


async def _token(login: str, name: str, expires_at: datetime, *, read_only: bool, scopes: list[str] | None) -> str:
    from tradepost.app import open_kernel

    async with open_kernel(load_settings()) as kernel:
        found = await _one(kernel, User, User.login.eq(login), f"user {login}")
        return await kernel.sign_in.create_token(
            CALLER, name, user_id=found.id, read_only=read_only, expires_at=expires_at, scopes=scopes
        )


async def _one(kernel: Kernel, model: type[M], where: Condition, what: str) -> M:
    records = await kernel.reader.records(CALLER, model, where=where, limit=1)
    if not records:
        raise Refused("There is no %(what)s", what=what)
    return records[0]


def _password(personal: list[str], *, ask: bool) -> str:
    if not ask:
        return made_up()
    if sys.stdin.isatty():
        chosen = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        chosen = sys.stdin.readline().rstrip("\n")
    require_strength(chosen, personal)
    return chosen

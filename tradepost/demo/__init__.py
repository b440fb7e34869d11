"""The demo: a sample company in a database of its own, made by the same operations as everybody's data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

from core.access import system
from core.app import Kernel
from core.conditions import EVERYTHING
from core.errors import Refused
from core.events import Outbox
from core.operations import Operations
from core.settings import Settings
from core.sqlite import unused
from core.users import User
from tradepost.app import indexing, open_kernel
from tradepost.demo.company import ACCOUNTS, PASSWORD, Account, found
from tradepost.demo.goods import store
from tradepost.demo.marketing import promote
from tradepost.demo.records import fill
from tradepost.demo.service import serve
from tradepost.demo.visits import travel

Tell = Callable[[str, int, int], None]
CALLER = system("the demo")
SEED = 2_026
BEGUN, DONE = "begun", "done"


def marker(settings: Settings) -> Path:
    """The file that says that a data folder is the demo's, and whether it is filled."""
    return settings.data / "demo.txt"


def make_room(settings: Settings, *, reset: bool) -> bool:
    """Whether the demo has to be filled; `Refused` where there are data that are not the demo's."""
    state = marker(settings).read_text(encoding="utf-8").strip() if marker(settings).is_file() else ""
    database = settings.sqlite
    if state == DONE and not reset:
        return False
    if database is None:
        if state:
            raise Refused(
                "Empty the PostgreSQL database of the demo yourself, and remove %(path)s", path=marker(settings)
            )
    elif database.exists():
        if not state:
            raise Refused("%(path)s is not the demo's; set TRADEPOST_DATA to another folder", path=database)
        if not unused(database):
            raise Refused("%(path)s is in use; stop the demo that runs", path=database)
        _remove(settings, database)
    settings.data.mkdir(parents=True, exist_ok=True)
    marker(settings).write_text(BEGUN, encoding="utf-8")
    return True


def _remove(settings: Settings, database: Path) -> None:
    for path in (*database.parent.glob(f"{database.name}*"), *settings.data.glob("search.sqlite3*")):
        path.unlink()
    shutil.rmtree(settings.data / "files", ignore_errors=True)


async def prepare(settings: Settings, tell: Tell) -> None:
    """Fill a migrated, empty database with the sample company; `tell` hears what, how many are done and of how many."""
    async with open_kernel(settings) as opened:
        if await opened.reader.count(CALLER, User, EVERYTHING) != 1:
            raise Refused("This database holds other data; the demo wants one of its own")
        kernel = _unheard(opened)
        chance = Random(SEED)
        teams = await found(kernel, CALLER, chance)
        await _open_accounts(kernel)
        await fill(kernel, CALLER, teams, chance, lambda done, total: tell("Sample data", done, total))
        await serve(kernel, CALLER, "agent", chance)
        await store(kernel, CALLER, chance)
        await promote(kernel, CALLER, "marketer", chance)
        await travel(kernel, CALLER, ("visitor", "sales"), chance)
        await indexing(kernel).reindex(lambda _, done, total: tell("Search index", done, total))
    marker(settings).write_text(DONE, encoding="utf-8")


def _unheard(kernel: Kernel) -> Kernel:
    """The kernel with an outbox that nobody listens to: the index is built whole afterwards, which is much quicker.

    What is to be done later is kept.
    """
    deaf = {name: replace(one, patterns=()) for name, one in kernel.outbox.handlers.items()}
    parts = kernel.registry, kernel.database, kernel.reader, kernel.policies
    return replace(kernel, operations=Operations(*parts, Outbox(kernel.registry, deaf)))


async def _open_accounts(kernel: Kernel) -> None:
    for account in ACCOUNTS:
        (user,) = await kernel.reader.records(CALLER, User, where=User.login.eq(account.login), fields=("id",))
        await kernel.accounts.set_password(CALLER, user.id, account.password)


__all__ = ["ACCOUNTS", "PASSWORD", "Account", "make_room", "prepare"]

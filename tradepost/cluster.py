"""A PostgreSQL server for one test run: made from nothing, shared by all workers, ended by its process id."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/pgsql/bin")
"""Where distributions put the server's programs when they are not in PATH."""

OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "jit": "off",
}
"""Quick, and safe to lose; reached through a socket in its folder only."""


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, if it is installed: that of TRADEPOST_TEST_POSTGRES, else the newest."""
    told = os.environ.get("TRADEPOST_TEST_POSTGRES")
    if told:
        return Path(told)
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = [one for place in PLACES for one in Path("/").glob(f"{place[1:]}/initdb")]
    return max(folders, key=lambda one: one.stat().st_mtime).parent if folders else None


WATCH = """
(while kill -0 "$1"; do sleep 1; done; test -e "$2" && kill -QUIT "$(head -n 1 "$2")" && sleep 1; rm -rf "$3") \
    </dev/null >/dev/null 2>&1 &
"""
"""Ends the server of a run that was killed itself: owner, file with the server's process id, folder."""

SHAPE = """(SELECT md5(string_agg(concat_ws(',', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull), ';'
    ORDER BY c.relname, a.attnum)) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace)"""
"""A digest of all tables, columns and indexes of a database."""

SEAL = f"""DO $$ BEGIN EXECUTE format('COMMENT ON SCHEMA public IS %L', {SHAPE}); END $$"""

CLEAN = f"""DO $$ DECLARE one record; BEGIN
    PERFORM set_config('lock_timeout', '2s', true), set_config('session_replication_role', 'replica', true);
    IF obj_description('public'::regnamespace) IS DISTINCT FROM {SHAPE} THEN RAISE 'a test changed the tables'; END IF;
    FOR one IN SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        IF pg_relation_size(one.oid) > 1000000 THEN RAISE 'a test filled %', one.relname; END IF;
        IF one.relname <> 'tradepost_migration' THEN EXECUTE format('DELETE FROM %I', one.relname); END IF;
    END LOOP; END $$"""
"""All rows go, links or not; refused where that would not make the database as good as new."""


class Cluster:
    """A server whose files are in a folder; any process of the run that knows the folder can use it."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.programs = programs
        self.data = folder / "data"

    def address(self, database: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://tradepost@/{database}?host={self.folder}"

    def start(self, owner: int) -> None:
        """Make the cluster and start its server, which ends with its owner; the second time nothing happens."""
        with locked(self.folder / "cluster"):
            if (self.data / "postmaster.pid").exists():
                return
            if os.getuid() == 0:
                shutil.chown(self.folder, user="postgres")
            self._call(
                "initdb", "-D", str(self.data), "-U", "tradepost", "-A", "trust", "-E", "UTF8", "-N", *self._order()
            )
            settings = [f"{name} = '{value}'" for name, value in OPTIONS.items()]
            settings.append(f"unix_socket_directories = '{self.folder}'")
            with (self.data / "postgresql.conf").open("a") as file:
                file.write("\n".join(settings) + "\n")
            self._call("pg_ctl", "start", "-w", "-s", "-D", str(self.data), "-l", str(self.folder / "log"))
            told = [str(owner), str(self.data / "postmaster.pid"), str(self.folder)]
            subprocess.run(["sh", "-c", WATCH, "watch", *told], check=True)  # noqa: S603, S607 - a POSIX shell

    def stop(self) -> None:
        """End the server, if it runs, by the process id that it wrote down."""
        if (self.data / "postmaster.pid").exists():
            self._call("pg_ctl", "stop", "-m", "immediate", "-s", "-w", "-D", str(self.data))

    def create(self, database: str, template: str = "template0") -> None:
        """Make a database, as a copy of another."""
        self._call("createdb", "-h", str(self.folder), "-U", "tradepost", "-T", template, database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected."""
        self._call("dropdb", "-h", str(self.folder), "-U", "tradepost", "--force", database)

    def seal(self, database: str) -> None:
        """Write down which tables there are, so that a copy can be cleaned."""
        self._sql(database, SEAL)

    def clean(self, database: str) -> bool:
        """Remove all rows: far quicker than another copy. False: it cannot be made as good as new."""
        try:
            self._sql(database, CLEAN)
        except RuntimeError:
            return False
        return True

    def _sql(self, database: str, statement: str) -> None:
        told = ("-h", str(self.folder), "-U", "tradepost", "-qX", "-v", "ON_ERROR_STOP=1", "-c", statement, database)
        self._call("psql", *told)

    def _order(self) -> Sequence[str]:
        """An order of text unlike ours, so that a forgotten collation shows."""
        if "--icu-locale" in self._call("initdb", "--help"):
            return ("--locale-provider=icu", "--icu-locale=und", "--locale=C.UTF-8")
        return ()

    def _call(self, program: str, *arguments: str) -> str:
        """Run a program as somebody who may: PostgreSQL refuses root. A file takes what it says, which it may keep."""
        user: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        with TemporaryFile("w+") as said:
            command = [str(self.programs / program), *arguments]
            done = subprocess.run(command, cwd="/", stdout=said, stderr=said, check=False, **user)  # noqa: S603 - PostgreSQL's own
            said.seek(0)
            text = said.read()
        if done.returncode:
            raise RuntimeError(f"{program}: {text.strip()}")
        return text


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the only process of the run that does this."""
    with path.with_name(f"{path.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def once(path: Path, make: Callable[[], object]) -> None:
    """Make something of the run that others of its processes find made."""
    done = path.with_name(f"{path.name}.done")
    with locked(path):
        if not done.exists():
            make()
            done.touch()

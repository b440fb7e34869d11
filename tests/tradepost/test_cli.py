"""Every command, as an administrator types it."""

from __future__ import annotations

import asyncio
import json

import pytest
from typer.main import get_command

from core.access import Origin
from core.boot import boot
from core.database import KEY, connect
from core.settings import load_settings
from tradepost.app import open_kernel
from tradepost.cli import app
from tradepost.discovery import BUILT_IN


def _commands(group, path=()):
    for name, command in sorted(group.commands.items()):
        yield (*path, name)
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))


COMMANDS = list(_commands(get_command(app)))


def test_all_commands_are_there():
    assert {" ".join(one) for one in COMMANDS} >= {
        *("serve", "worker", "migrate", "makemigrations", "demo", "user create", "user password", "token create"),
        *(
            "batch",
            "import",
            "imports",
            "undo",
            "export",
            "act",
            "reindex",
            "plugins",
            "schema",
            "check",
            "audit verify",
            "backup",
            "restore",
        ),
    }


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(tradepost, path):
    ended = tradepost(*path, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: tradepost {' '.join(path)}")
    assert len(ended.out.splitlines()[2].strip()) > 10


def test_commands_of_a_file_are_carried_out_until_one_fails(company, folder):
    (folder / "tea.csv").write_text("Name\nTea & Co\n")
    (folder / "all.txt").write_text(
        "# the customers\nimport sales.customer tea.csv\n\n"
        'export sales.customer --filter \'{"name": {"contains": "tea"}}\' --column name --out \'what is there.csv\'\n'
        "import sales.customer nowhere.csv\nexport sales.customer --out never.csv\n"
    )
    ended = company("batch", folder / "all.txt")
    assert ended.code == 2
    assert "1 created" in ended.out
    assert (folder / "what is there.csv").read_text("utf-8-sig").split() == ["Name", "Tea", "&", "Co"]
    assert ended.err.rstrip().endswith("all.txt, line 5: this failed; no line after it was carried out")
    assert not (folder / "never.csv").exists()


def test_a_file_with_a_line_that_nobody_can_read_is_refused_wholly(company, folder):
    (folder / "tea.csv").write_text("Name\nTea & Co\n")
    (folder / "all.txt").write_text("import sales.customer tea.csv\nexport 'sales.customer\n")
    ended = company("batch", folder / "all.txt")
    assert ended.code == 2
    assert "line 2: No closing quotation" in ended.err
    assert ended.out == ""


def test_what_nobody_understands_is_wrong_usage(tradepost):
    assert tradepost("fly").code == 2
    assert tradepost("serve", "--port", "many").code == 2


def rows(sql: str, *values: object) -> list:
    async def read():
        database = await connect(load_settings().database, boot(BUILT_IN))
        try:
            return await database.read(KEY, sql, values)
        finally:
            await database.close()

    return asyncio.run(read())


@pytest.mark.requirement("AX-7")
def test_migrate_makes_a_company_with_an_administrator_whose_password_is_printed_once(tradepost, folder):
    first = tradepost("migrate")
    assert first.code == 0
    assert first.out.splitlines()[:2] == ["Applied core 0001_initial", "Applied core 0002_notifications"]
    assert "The administrator signs in as admin" in first.out
    again = tradepost("migrate")
    assert (again.code, again.out) == (0, "The database is up to date\n")

    async def sign_in():
        async with open_kernel(load_settings()) as kernel:
            return await kernel.sign_in.sign_in("admin", first.last, Origin())

    assert asyncio.run(sign_in())[1].policy.everything


def test_the_first_password_may_come_from_the_environment_and_is_then_not_printed(tradepost, folder, monkeypatch):
    monkeypatch.setenv("TRADEPOST_ADMIN_PASSWORD", "harvest-moon-over-8-hills")
    assert "harvest" not in tradepost("migrate").out


def test_check_says_whether_it_could_start(company):
    ended = company("check")
    assert (ended.code, ended.err) == (0, "")
    assert [line.partition(":")[0] for line in ended.out.splitlines()] == [
        *("Settings", "Plugins", "GraphQL", "Files", "Database", "Migrations"),
    ]


def test_check_says_which_bucket_answers_and_which_does_not(tradepost, monkeypatch, bucket_server):
    told = bucket_server.make()
    for name, value in told.items():
        monkeypatch.setenv(f"TRADEPOST_{name.upper()}", value)
    assert f"Files: {told['files_url']}\n" in tradepost("check").out
    monkeypatch.setenv("TRADEPOST_FILES_URL", "s3://no-such-bucket")
    ended = tradepost("check")
    assert ended.code == 1
    assert "Files: The storage of files at s3://no-such-bucket does not answer" in ended.err
    assert told["files_secret"] not in ended.err + ended.out


def test_check_finds_a_missing_database_and_a_wrong_setting(tradepost, monkeypatch):
    ended = tradepost("check")
    assert ended.code == 4
    assert "run `tradepost migrate`" in ended.err
    monkeypatch.setenv("TRADEPOST_PORT", "many")
    ended = tradepost("check")
    assert ended.code == 3
    assert "TRADEPOST_PORT" in ended.err


def test_a_database_that_is_not_migrated_is_not_served(tradepost):
    ended = tradepost("serve", "--port", 0)
    assert ended.code == 4
    assert ended.err.endswith("migrations are pending; run `tradepost migrate`\n")


def test_the_migrations_say_what_the_declarations_say(tradepost):
    ended = tradepost("makemigrations", "--check")
    assert (ended.code, ended.out) == (0, "The migrations say all that the declarations say\n")
    assert tradepost("makemigrations", "nonsense", "--check").code == 1


@pytest.mark.requirement("PM-20")
def test_a_user_is_created_with_roles_and_signs_in(company):
    ended = company("user", "create", "mei", "--name", "Mei Lin", "--role", "Salesperson", "--superior", "admin")
    assert (ended.code, ended.err) == (0, "")

    async def sign_in():
        async with open_kernel(load_settings()) as kernel:
            return await kernel.sign_in.sign_in("mei", ended.last, Origin())

    policy = asyncio.run(sign_in())[1].policy
    assert policy.allows("sales.lead.create")
    assert not policy.everything


def test_a_user_with_an_unknown_role_is_not_created(company):
    ended = company("user", "create", "mei", "--role", "Poet")
    assert (ended.code, ended.err) == (1, "There is no role Poet\n")
    assert rows("SELECT login FROM core_user") == [("admin",)]


def test_a_password_is_set_anew_and_the_old_one_ends(company):
    old = company("user", "create", "mei").last
    new = company("user", "password", "mei").last
    assert old != new

    async def sign_in(password):
        async with open_kernel(load_settings()) as kernel:
            await kernel.sign_in.sign_in("mei", password, Origin())

    asyncio.run(sign_in(new))
    with pytest.raises(Exception, match="wrong"):
        asyncio.run(sign_in(old))


def test_a_token_is_printed_last_and_works(company):
    company("user", "create", "mei", "--role", "Auditor")
    ended = company("token", "create", "--user", "mei", "--name", "reports", "--read-only")

    async def caller():
        async with open_kernel(load_settings()) as kernel:
            return await kernel.sign_in.caller_of_token(ended.last, Origin())

    found = asyncio.run(caller())
    assert found is not None
    assert (found.policy.login, found.read_only) == ("mei", True)
    assert company("token", "create", "--user", "nobody", "--name", "x").err == "There is no user nobody\n"


CUSTOMERS = 'Name,Region\nAcme,East\n"Müller & Söhne",West\n北京茶业,Asia\n'


@pytest.mark.requirement("CU-3", "CU-17")
def test_a_file_goes_in_and_comes_out(company, folder):
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    ended = company("import", "sales.customer", folder / "customers.csv")
    assert ended.code == 0
    assert ended.out == "3 rows: 3 created, 0 updated, 0 unchanged, 0 refused\n"
    again = company("import", "sales.customer", folder / "customers.csv")
    assert again.out == "3 rows: 0 created, 0 updated, 3 unchanged, 0 refused\nNothing was changed\n"
    out = company("export", "sales.customer", "--column", "name", "--column", "region")
    assert out.code == 0
    assert sorted(out.out.lstrip("\ufeff").splitlines()) == sorted(CUSTOMERS.replace('"', "").splitlines())


def test_an_export_is_filtered_as_in_graphql_and_written_whole(company, folder):
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    company("import", "sales.customer", folder / "customers.csv")
    wanted = json.dumps({"name": {"contains": "söhne"}})
    ended = company("export", "sales.customer", "--filter", wanted, "--out", folder / "out.csv", "--column", "name")
    assert ended.code == 0
    assert (folder / "out.csv").read_text(encoding="utf-8-sig") == "Name\nMüller & Söhne\n"
    wrong = company("export", "sales.customer", "--filter", '{"nme": {}}', "--out", folder / "wrong.csv")
    assert wrong.code == 1
    assert "nme" in wrong.err
    assert not (folder / "wrong.csv").exists()


def test_a_file_with_a_bad_row_is_refused_whole_unless_its_good_rows_are_wanted(company, folder):
    file = folder / "customers.csv"
    file.write_text("Name,Employees\nAcme,12\nBolt,many\n", encoding="utf-8")
    ended = company("import", "sales.customer", file, "--errors", folder / "errors.csv")
    assert ended.code == 1
    assert "Row 3: column Employees 'many'" in ended.err
    assert ended.out.splitlines()[0] == "2 rows: 1 created, 0 updated, 0 unchanged, 1 refused"
    assert ended.out.splitlines()[-1] == "Nothing was changed"
    assert rows("SELECT count(*) FROM sales_customer") == [(0,)]
    assert (folder / "errors.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith("Bolt,many,")
    assert company("import", "sales.customer", file, "--good-rows").code == 1
    assert rows("SELECT name FROM sales_customer") == [("Acme",)]


def test_a_dry_run_changes_nothing(company, folder):
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    ended = company("import", "sales.customer", folder / "customers.csv", "--dry-run")
    assert ended.code == 0
    assert ended.out.splitlines()[-1] == "This was a dry run: nothing was changed"
    assert rows("SELECT count(*) FROM sales_customer") == [(0,)]


def test_an_import_as_a_user_has_his_rights(company, folder):
    company("user", "create", "aud", "--role", "Auditor")
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    ended = company("import", "sales.customer", folder / "customers.csv", "--as", "aud")
    assert (ended.code, "sales.customer.import" in ended.err) == (1, True)
    assert rows("SELECT count(*) FROM sales_customer") == [(0,)]


def test_an_action_is_done_of_all_records_that_a_filter_finds_or_of_none(company, folder):
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    company("import", "sales.customer", folder / "customers.csv")
    wanted = json.dumps({"region": {"in": ["East", "West"]}})
    ended = company("act", "sales.customer", "grade", "--filter", wanted, "--input", '{"level": "KEY"}')
    assert (ended.code, ended.out) == (0, "Done: grade of 2 records\n")
    levels = "SELECT level FROM sales_customer ORDER BY region"
    assert rows(levels) == [(None,), ("key",), ("key",)]
    company("user", "create", "aud", "--role", "Auditor")
    for words, told in (
        (("grade", "--filter", "{}", "--input", '{"level": "HUGE"}'), "level"),
        (("grade", "--filter", "null", "--input", '{"level": "MINOR"}'), "null"),
        (("grade", "--filter", "{}", "--input", "[]"), "no JSON object"),
        (("fly", "--filter", "{}"), "has no action fly; it has grade"),
        (("grade", "--filter", "{}", "--input", '{"level": "MINOR"}', "--as", "aud"), "sales.customer.grade"),
    ):
        ended = company("act", "sales.customer", *words)
        assert (ended.code, told in ended.err) == (1, True), ended.err
    assert rows(levels) == [(None,), ("key",), ("key",)]


def test_a_model_that_does_not_exist_is_named_with_those_that_do(company, folder):
    ended = company("export", "sales.custommer")
    assert ended.code == 1
    assert "There is no model sales.custommer; there are " in ended.err


@pytest.mark.requirement("SE-1")
def test_the_audit_is_verified_and_tampering_is_found(company, folder):
    company("user", "create", "mei")
    sound = company("audit", "verify")
    assert sound.code == 0
    number, _, digest = sound.last.partition(":")
    assert int(number) > 0
    assert len(digest) == 64

    async def tamper():
        database = await connect(load_settings().database, boot(BUILT_IN))
        async with database.begin(KEY) as connection:
            await connection.run(KEY, "UPDATE core_entry SET title = 'nobody' WHERE number = 1")
        await database.close()

    asyncio.run(tamper())
    found = company("audit", "verify")
    assert (found.code, found.err) == (1, "Entry 1 was altered\n")


def test_reindex_builds_every_index(company, folder):
    (folder / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    company("import", "sales.customer", folder / "customers.csv")
    ended = company("reindex")
    assert (ended.code, ended.last) == (0, "The search indexes are up to date")
    assert company("reindex", "sales.nothing").code == 1


def test_plugins_are_shown_and_switched(tradepost):
    assert [line.split()[0] for line in tradepost("plugins").out.splitlines()] == [one.name for one in BUILT_IN]
    assert tradepost("plugins", "disable", "sales").code == 3  # the service desk needs it
    assert " off " not in tradepost("plugins", "list").out
    assert tradepost("plugins", "disable", "service_desk").code == 0
    assert " off " in tradepost("plugins", "list").out
    assert tradepost("plugins", "enable", "service_desk").code == 0
    assert tradepost("plugins", "disable", "nonsense").code == 1


def test_a_backup_comes_back_elsewhere(tradepost, folder, monkeypatch):
    tradepost("migrate")
    written = tradepost("backup", folder / "backup.tar")
    assert (written.code, written.last) == (0, str(folder / "backup.tar"))
    assert tradepost("restore", folder / "backup.tar").code == 1
    monkeypatch.setenv("TRADEPOST_DATA", str(folder / "elsewhere"))
    assert tradepost("restore", folder / "backup.tar").code == 0
    assert tradepost("check").code == 0

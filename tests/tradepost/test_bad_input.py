"""Bad input on the command line: a message that names the place, an exit code that says so, and a table as it was."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.access import system
from core.roles import Grant, Role
from core.settings import load_settings
from tradepost.app import open_kernel

GOOD = b"Name,Employees\nAcme,12\n"
FILES = {
    "empty": (b"", "The file is empty"),
    "encoding": (GOOD + b"\xff\xfe\xff,1\n", "Line 3 cannot be read as UTF-8; save the file as UTF-8"),
    "no text": (bytes(range(256)), "This is no text file; save it as CSV or XLSX"),
    "no workbook": (b"PK\x03\x04 but no archive", "This workbook cannot be read; save it again as XLSX"),
    "open quotes": (GOOD + b'"Bolt,1\n', "Line 3 opens a quotation mark that is never closed"),
    "quotes inside": (GOOD + b'"Bo"lt,1\n', "Line 3: double the quotation mark inside a quoted cell"),
    "too few cells": (GOOD + b"Bolt\n", "Row 3: The row has 1 cells, but there are 2 columns"),
    "too many cells": (GOOD + b"Bolt,1,2\n", "Row 3: The row has 3 cells, but there are 2 columns"),
    "two of a name": (b"Name,Name\na,b\n", "Two columns are called Name; rename one"),
    "no name": (b"Name,,Region\na,b,c\n", "Column 2 has no name in the first row"),
    "unknown column": (b"Name,Shoe size\nAcme,44\n", "No field is called Shoe size"),
    "out of range": (
        GOOD + b"Bolt,99999999999\n",
        "Row 3: column Employees '99999999999': employees: Write a number between",
    ),
    "no number": (GOOD + b"Bolt,many\n", "Row 3: column Employees 'many': employees: Write a number like 1234"),
    "no value": (GOOD + b",1\n", "Row 3: column Name: name: Fill this in"),
    "zero character": (GOOD + b"Bo\0lt,1\n", ""),
    "a day beyond": (b"Name,Next contact\nAcme,9999-12-31 23:59\n", "next_contact: This time is out of range"),
    "no such choice": (b"Name,Industry\nAcme,magic\n", "Row 2: column Industry 'magic': industry: Choose one of:"),
    "no such record": (b"Name,Parent company\nAcme,Nobody\n", "There is no customer Nobody"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
def test_a_malformed_file_is_refused_whole_by_its_place(company, folder: Path, content: bytes, message: str):
    (folder / "first.csv").write_bytes(b"Name,Employees\nFirst,1\n")
    assert company("import", "sales.customer", folder / "first.csv").code == 0
    file = folder / "bad.csv"
    file.write_bytes(content)
    ended = company("import", "sales.customer", file)
    assert (ended.code, message in ended.err.replace("\n", " ")) == (1, True), ended.err
    assert "Traceback" not in ended.err
    assert exported(company) == ["First"]


def exported(company) -> list[str]:
    """The names of all customers."""
    ended = company("export", "sales.customer", "--column", "name")
    assert ended.code == 0
    names: list[str] = ended.out.lstrip("\ufeff").splitlines()[1:]
    return names


def test_marks_of_byte_order_and_other_encodings_are_no_fault(company, folder: Path):
    for number, encoding in enumerate(("utf-8-sig", "utf-16", "gb18030")):
        (folder / "a.csv").write_bytes(f"Name,Employees\n北京茶业 {number},12\n".encode(encoding))
        assert company("import", "sales.customer", folder / "a.csv").code == 0
    assert sorted(exported(company)) == [f"北京茶业 {number}" for number in range(3)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{", "The filter is no JSON"),
        ("[]", "The filter is wrong at its top"),
        ('{"nope": {"eq": 1}}', "sales.customer has no field nope"),
        ('{"parent": {"nope": {"eq": 1}}}', "sales.customer has no field nope"),
        ('{"name": {"near": "x"}}', "The filter is wrong at name"),
        ('{"employees": {"gt": 99999999999}}', "The filter is wrong at employees.gt"),
        ('{"name": {"eq": "a\\u0000b"}}', "name: a text holds no character U+0000"),
        ('{"createdAt": {"lt": "0001-01-01T00:00:00+14:00"}}', "createdAt: this time is out of range"),
        ('{"name": null}', "The filter name is null"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_by_name_and_writes_no_file(
    company, folder: Path, given: str, message: str
):
    ended = company("export", "sales.customer", "--filter", given, "--out", folder / "out.csv")
    assert (ended.code, message in ended.err) == (1, True), ended.err
    assert not (folder / "out.csv").exists()


async def hide(role: str, permission: str, field: str) -> None:
    """Take a field out of a grant."""
    who = system("a test")
    async with open_kernel(load_settings()) as kernel:
        where = Grant.role.where(Role.name.eq(role)) & Grant.permission.eq(permission)
        (grant,) = await kernel.reader.records(who, Grant, where=where, fields=("id",))
        await kernel.operations.update(who, Grant, grant.value("id"), {"hidden": [field]})


def test_a_filter_on_a_field_that_may_not_be_read_is_refused_as_one_that_does_not_exist(company, folder: Path):
    assert company("user", "create", "ann", "--role", "Sales director").code == 0
    asyncio.run(hide("Sales director", "sales.customer.read", "region"))
    for name in ("region", "nowhere"):
        asked = json.dumps({name: {"isEmpty": True}})
        ended = company("export", "sales.customer", "--filter", asked, "--as", "ann", "--column", "name")
        assert (ended.code, ended.err.strip()) == (1, f"sales.customer has no field {name}")
        ended = company("export", "sales.customer", "--column", name, "--as", "ann")
        assert (ended.code, ended.err.strip()) == (1, f"sales.customer has no field {name}")


def test_a_file_that_cannot_be_written_is_named_and_nothing_is_changed(company, folder: Path):
    (folder / "bad.csv").write_bytes(GOOD + b"Bolt,many\n")
    nowhere = folder / "nowhere" / "file.csv"
    ended = company("import", "sales.customer", folder / "bad.csv", "--good-rows", "--errors", nowhere)
    assert (ended.code, ended.err.splitlines()[-1]) == (1, f"{nowhere}: No such file or directory")
    assert exported(company) == []
    ended = company("export", "sales.customer", "--out", nowhere)
    assert (ended.code, "No such file or directory" in ended.err, "Traceback" in ended.err) == (1, True, False)
    assert company("export", "sales.customer", "--out", folder).code == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [("null", "The filter is null; leave it out to export all records"), ("", "The filter is no JSON:")],
)
def test_a_filter_that_a_script_forgot_to_fill_is_not_everything(company, given: str, message: str):
    ended = company("export", "sales.customer", "--filter", given)
    assert (ended.code, ended.out, ended.err.startswith(message)) == (1, "", True)


def test_many_different_problems_are_told_in_short(company, folder: Path):
    file = folder / "bad.csv"
    many = b"".join(b"Acme %d,many %d\n" % (one, one) for one in range(30))
    file.write_bytes(b"Name,Employees\nA,none\nB,none\n" + b"x" * 5_000 + b",1\n" + many)
    lines = company("import", "sales.customer", file).err.splitlines()
    told = [one for one in lines if one.startswith("Row ")]
    assert len(told) == 20
    assert told[0] == "Row 2, 3 (2 rows): column Employees 'none': employees: Write a number like 1234"
    assert told[1] == f"Row 4: column Name '{'x' * 200}…': name: Shorten this to 200 characters"
    assert lines[-1] == (
        "… and other problems, each of fewer rows; --errors FILE hands back every refused row with its reasons"
    )


LARGE = """
import resource, sys
from pathlib import Path
from core.errors import Refused
from core.tables import open_table
resource.setrlimit(resource.RLIMIT_DATA, (96 << 20, 96 << 20))
try:
    print(sum(1 for _ in open_table(Path(sys.argv[1])).rows))
except Refused as refusal:
    print(refusal)
"""


def test_a_line_of_200_mb_is_refused_in_bounded_memory(tmp_path: Path):
    file = tmp_path / "large.csv"
    with file.open("wb") as out:
        out.write(GOOD)
        for _ in range(200):
            out.write(b"x" * 1_000_000)
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(file)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == "Line 3 is longer than 4,194,304 characters; this is no table", done.stderr

"""The import wizard over HTTP: nothing changes before it was shown, every problem has its place, drafts are private."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import orjson
import pytest

from core.exchange import Exchange
from tests.ui.conftest import SYSTEM, Firm, Pages
from tradepost.sales import Product

GOOD = "code,name,price,on_shelf\nT1,Tea,12.50,yes\nT2,茶,8,no\n"
PATHS = ("code", "name", "price", "on_shelf")
BAD = "code,name,price,on_shelf\nT1,Tea,12.50,yes\nT2,Coffee,much,yes\nT3,Cocoa,much,yes\n"


async def uploaded(pages: Pages, text: str, name: str = "goods.csv") -> Any:
    """The answer to an upload."""
    return await pages.post("/sales/products/import", files={"file": (name, text.encode(), "text/csv")})


async def rested(pages: Pages, address: str) -> str:
    """The page of an import when nobody works on it any more."""
    while True:
        page = (await pages.get(address)).text
        if "every 1s" not in page:
            return page
        await asyncio.sleep(0.05)


async def mapped(pages: Pages, address: str, **more: str) -> str:
    """The page after the columns were mapped by their names and checked."""
    columns = {f"column.{place}": path for place, path in enumerate(PATHS)}
    await pages.post(address, columns | {"step": "check", "dates": "0", "currency": "USD"} | more)
    return await rested(pages, address)


@pytest.mark.requirement("CU-3")
async def test_a_file_is_mapped_checked_and_only_then_imported(firm: Firm, admin: Pages) -> None:
    address = (await uploaded(admin, GOOD)).headers["location"]
    page = (await admin.get(address)).text
    assert '<option value="code" selected>' in page
    assert "Tea, 茶" in page
    page = await mapped(admin, address)
    assert "Every row can be imported" in page
    assert await firm.all(Product) == []
    await admin.post(address, {"step": "import"})
    assert "The import is done." in await rested(admin, address)
    found = await firm.all(Product, order=("code",))
    assert [(one.code, one.name, str(one.price), one.on_shelf) for one in found] == [
        ("T1", "Tea", "12.50 USD", True),
        ("T2", "茶", "8.00 USD", False),
    ]


async def test_an_import_that_breaks_off_says_so_and_is_in_the_log(
    firm: Firm, admin: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the disk is full")

    address = (await uploaded(admin, GOOD)).headers["location"]
    monkeypatch.setattr(Exchange, "run", broken)
    assert "The import was interrupted; nothing was changed" in await mapped(admin, address)
    assert [str(one.exc_info[1]) for one in caplog.records if one.exc_info] == ["the disk is full"]
    assert await firm.all(Product) == []


async def test_equal_problems_stand_together_and_are_mended_once(firm: Firm, admin: Pages) -> None:
    address = (await uploaded(admin, BAD)).headers["location"]
    page = await mapped(admin, address)
    assert "Some rows cannot be imported" in page
    assert page.count('name="meant.') == 1
    assert "Leave out the 2 refused rows" in page
    errors = (await admin.get(f"{address}/errors")).text
    assert [line.split(",")[0] for line in errors.splitlines()[1:]] == ["T2", "T3"]
    book = (await admin.get(f"{address}/errors?format=xlsx")).content
    assert book.startswith(b"PK")
    await admin.post(address, {"step": "fix", "meant.0": "9.90"})
    assert "Every row can be imported" in await rested(admin, address)
    assert await firm.all(Product) == []


async def test_good_rows_are_imported_only_when_chosen(firm: Firm, admin: Pages) -> None:
    address = (await uploaded(admin, BAD)).headers["location"]
    await mapped(admin, address)
    await admin.post(address, {"step": "import"})
    assert "Some rows cannot be imported" in await rested(admin, address)
    assert await firm.all(Product) == []
    await admin.post(address, {"step": "import", "good_rows": "yes"})
    assert "The import is done." in await rested(admin, address)
    assert [one.code for one in await firm.all(Product)] == ["T1"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("goods.pdf", "%PDF", "Choose a CSV or XLSX file"),
        ("goods.csv", 'code,name\n"T1,Tea\n', "Line 2 opens a quotation mark that is never closed"),
        ("goods.csv", "", "The file is empty"),
    ],
    ids=["kind", "quoting", "empty"],
)
async def test_a_file_that_cannot_be_read_is_refused_at_once(
    firm: Firm, admin: Pages, name: str, text: str, said: str
) -> None:
    answer = await uploaded(admin, text, name)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert 'type="file"' in answer.text
    assert await firm.all(Product) == []


@pytest.mark.requirement("SE-3")
async def test_a_draft_is_its_uploaders_alone(firm: Firm, admin: Pages) -> None:
    address = (await uploaded(admin, GOOD)).headers["location"]
    await firm.user("dora", "Sales director")
    dora = await firm.signed_in("dora")
    for answer in (
        await dora.get(address),
        await dora.post(address, {"step": "stop"}),
        await dora.get(f"{address}/errors"),
    ):
        assert answer.status_code == 404
    assert (await admin.get(address)).status_code == 200


async def test_whoever_may_not_import_sees_no_wizard(firm: Firm) -> None:
    await firm.user("ann", "Salesperson")
    ann = await firm.signed_in("ann")
    assert (await ann.get("/sales/products/import")).status_code == 403
    assert (await uploaded(ann, GOOD)).status_code == 403
    assert await firm.all(Product) == []


async def test_what_asks_for_the_progress_gets_the_part_that_it_stands_in(admin: Pages) -> None:
    address = (await uploaded(admin, BAD)).headers["location"]
    await mapped(admin, address)
    await rested(admin, address)
    part = (await admin.part(address)).text
    assert part.lstrip().startswith('<div id="import"')
    assert ("Some rows cannot be imported" in part, "<main" in part) == (True, False)


async def done(pages: Pages, text: str) -> str:
    """The address of an import that was written."""
    address: str = (await uploaded(pages, text)).headers["location"]
    await mapped(pages, address)
    await pages.post(address, {"step": "import"})
    assert "The import is done." in await rested(pages, address)
    return address


@pytest.mark.requirement("CU-3")
async def test_an_import_is_undone_after_it_was_shown_what_that_does(firm: Firm, admin: Pages) -> None:
    address = await done(admin, GOOD)
    assert address in (await admin.get("/sales/products/import")).text
    undoing = (await admin.post(address, {"step": "look_back"})).headers["location"]
    page = await rested(admin, undoing)
    assert "Nobody has touched these records since" in page
    assert len(await firm.all(Product)) == 2
    await admin.post(undoing, {"step": "undo"})
    assert "The import is undone." in await rested(admin, undoing)
    assert await firm.all(Product) == []
    assert "The import was undone:" in (await admin.get(address)).text


async def test_an_undoing_names_what_was_touched_since_and_leaves_it_when_told_to(firm: Firm, admin: Pages) -> None:
    address = await done(admin, GOOD)
    (tea,) = await firm.all(Product, where=Product.code.eq("T1"))
    await firm.kernel.operations.update(SYSTEM, Product, tea.id, {"name": "Green tea"})
    undoing = (await admin.post(address, {"step": "look_back"})).headers["location"]
    page = await rested(admin, undoing)
    assert ("It was changed since" in page, "Leave the 1 record that was touched since" in page) == (True, True)
    await admin.post(undoing, {"step": "undo"})
    assert "Some records were touched since" in await rested(admin, undoing)
    assert len(await firm.all(Product)) == 2
    await admin.post(undoing, {"step": "undo", "leave": "yes"})
    assert "The import is undone." in await rested(admin, undoing)
    assert [one.name for one in await firm.all(Product)] == ["Green tea"]


async def test_an_import_of_somebody_else_is_neither_seen_nor_undone(firm: Firm, admin: Pages) -> None:
    address = await done(admin, GOOD)
    await firm.user("dora", "Sales director")
    dora = await firm.signed_in("dora")
    assert address not in (await dora.get("/sales/products/import")).text
    assert (await dora.post(address, {"step": "look_back"})).status_code == 404
    assert len(await firm.all(Product)) == 2


def stopped(firm: Firm, address: str, phase: str) -> None:
    """Leave an import as a process leaves it that ended while it worked on it."""
    path = firm.kernel.settings.data / "imports" / address.rpartition("/")[2] / "draft.json"
    told = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps(told | {"phase": phase, "stage": phase, "beat": 0}))


async def test_an_import_whose_process_ended_says_so_and_goes_on(firm: Firm, admin: Pages) -> None:
    address = (await uploaded(admin, GOOD)).headers["location"]
    await mapped(admin, address)
    stopped(firm, address, "importing")
    assert address in (await admin.get("/sales/products/import")).text
    assert "The import was interrupted; nothing was changed" in (await admin.get(address)).text
    assert await firm.all(Product) == []
    await admin.post(address, {"step": "again"})
    assert "The import is done." in await rested(admin, address)
    assert len(await firm.all(Product)) == 2


async def test_an_import_that_was_written_before_its_process_could_say_so_is_not_done_twice(
    firm: Firm, admin: Pages
) -> None:
    address = await done(admin, GOOD)
    stopped(firm, address, "importing")
    await admin.post(address, {"step": "again"})
    page = (await admin.get(address)).text
    assert ("The import is done." in page, "Try again" in page) == (True, False)
    assert [one.version for one in await firm.all(Product)] == [1, 1]


async def test_an_undoing_whose_process_ended_tells_which_of_the_two_it_was(firm: Firm, admin: Pages) -> None:
    address = await done(admin, GOOD)
    undoing = (await admin.post(address, {"step": "look_back"})).headers["location"]
    await rested(admin, undoing)
    stopped(firm, undoing, "undoing")
    assert "The import was interrupted; nothing was changed" in (await admin.get(undoing)).text
    await admin.post(undoing, {"step": "undo"})
    assert "The import is undone." in await rested(admin, undoing)
    stopped(firm, undoing, "undoing")
    assert "The import is undone." in (await admin.get(undoing)).text
    assert await firm.all(Product) == []


async def test_refused_rows_are_mended_in_their_file_and_the_importer_s_language(firm: Firm, admin: Pages) -> None:
    await admin.post("/settings", {"language": "ko", "zone": "UTC", "theme": "auto"})
    address = (await uploaded(admin, BAD.replace("code", "sku"))).headers["location"]
    await mapped(admin, address)
    await admin.post(address, {"step": "import", "good_rows": "yes"})
    await rested(admin, address)
    answer = await admin.get(f"{address}/errors")
    assert answer.headers["content-disposition"] == 'attachment; filename="refused-goods.csv"'
    head, *lines = answer.content.decode("utf-8-sig").splitlines()
    assert head == "sku,name,price,on_shelf,! 행,! 필드,! 문제"
    assert [line.split(",")[:6] for line in lines] == [
        ["T2", "Coffee", "much", "yes", "3", "price"],
        ["T3", "Cocoa", "much", "yes", "4", "price"],
    ]
    again = (await uploaded(admin, "\n".join([head, *lines]).replace("much", "9"), "mended.csv")).headers["location"]
    page = (await admin.get(again)).text
    assert ("! 행" in page, page.count('<option value="code" selected>')) == (False, 1)  # the columns are known
    await admin.post(again, {f"column.{place}": path for place, path in enumerate(PATHS)} | {"step": "check"})
    await rested(admin, again)
    await admin.post(again, {"step": "import"})
    await rested(admin, again)
    assert [one.code for one in await firm.all(Product, order=("code",))] == ["T1", "T2", "T3"]


async def test_an_import_is_stopped_while_it_runs(firm: Firm, admin: Pages) -> None:
    lines = "".join(f"C{number},Tea {number},1,yes\n" for number in range(6_000))
    address = (await uploaded(admin, f"code,name,price,on_shelf\n{lines}")).headers["location"]
    columns = {f"column.{place}": path for place, path in enumerate(PATHS)}
    await admin.post(address, columns | {"step": "check", "dates": "0", "currency": "USD"})
    assert 'value="halt"' in (await admin.get(address)).text
    await admin.post(address, {"step": "halt"})
    assert "It was stopped; nothing was changed" in await rested(admin, address)
    assert await firm.all(Product) == []
    await admin.post(address, {"step": "map"})
    assert 'name="column.0"' in (await admin.get(address)).text


ODD = "sku,what,costs,there\nT1,Tea,12.50,yes\n"


@pytest.mark.requirement("CU-3")
async def test_the_mapping_of_a_file_is_remembered_by_its_headings_for_its_user_alone(firm: Firm, admin: Pages) -> None:
    recalled = "The columns go where they went"
    address = (await uploaded(admin, ODD)).headers["location"]
    assert recalled not in (await admin.get(address)).text
    await mapped(admin, address, existing="skip")
    again = (await uploaded(admin, ODD)).headers["location"]
    assert recalled not in (await admin.get(again)).text  # nothing was imported yet
    await admin.post(address, {"step": "import"})
    await rested(admin, address)
    turned = (await uploaded(admin, "costs,sku,there,what\n9,T2,no,Coffee\n")).headers["location"]
    page = (await admin.get(turned)).text
    assert recalled in page
    assert [page.count(f'<option value="{one}" selected>') for one in ("code", "name", "price", "on_shelf")] == [1] * 4
    assert '<option value="skip" selected>' in page
    other = (await uploaded(admin, ODD.replace("there", "shelf"))).headers["location"]
    assert recalled not in (await admin.get(other)).text
    await firm.user("dora", "Sales director")
    dora = await firm.signed_in("dora")
    hers = (await uploaded(dora, ODD)).headers["location"]
    assert recalled not in (await dora.get(hers)).text
    assert [one.code for one in await firm.all(Product)] == ["T1"]


async def test_a_check_shows_examples_of_what_is_new_changes_and_is_known(firm: Firm, admin: Pages) -> None:
    await firm.make(Product, code="T1", name="Tea", price={"amount": "11", "currency": "USD"})
    await firm.make(Product, code="T2", name="茶", price={"amount": "8", "currency": "USD"}, on_shelf=False)
    address = (await uploaded(admin, f"{GOOD}T3,Cocoa,5,yes\n")).headers["location"]
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", await mapped(admin, address)))
    shown = page.partition("Changes ")[2]
    assert shown.startswith("Cocoa New 4 Tea Changed 2 List price: $11.00 → $12.50 茶 Unchanged 3 ")
    assert [one.version for one in await firm.all(Product)] == [1, 1]

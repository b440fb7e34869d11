"""All that a list can do, where no script runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Desk

LEADS = "Company,Email,Level\nQuiet One,one@example.com,Key\nQuiet Two,nonsense,Minor\nQuiet Three,,Key\n"


@pytest.fixture
def quiet(desk) -> Desk:
    admin: Desk = desk(script=False)
    admin.sign_in("admin")
    return admin


def bring_in(desk: Desk, folder: Path) -> None:
    """Three leads by the import wizard, of which one waits for its mail address."""
    file = folder / "leads.csv"
    file.write_text(LEADS)
    page = desk.page
    desk.go("/sales/leads/import")
    page.set_input_files("#file", file)
    page.click("main button.primary")
    assert page.locator("select[name='column.0']").input_value() == "company"
    page.click("main button:has-text('Check')")
    expect(page.locator(".notice.warn")).to_have_text("Some rows cannot be imported. Nothing has been changed yet.")
    page.fill("input[name='meant.0']", "two@example.com")
    page.click("main button:has-text('Use these values and check again')")
    expect(page.locator(".notice.good")).to_have_text("Every row can be imported. Nothing has been changed yet.")
    page.click("main button.primary")
    expect(page.locator(".notice.good")).to_have_text("The import is done.")


def rows(page: Page) -> list[str]:
    return page.locator("tbody td.first").all_inner_texts()


@pytest.mark.requirement("L-14", "OB-16")
def test_import_filters_columns_bulk_and_board_need_no_script(quiet: Desk, tmp_path: Path):
    page = quiet.page
    bring_in(quiet, tmp_path)

    quiet.go("/sales/leads?_q=quiet&_sort=company")
    page.click("#chip-level summary")
    page.click("#chip-level .pop a")
    page.check("input[name=level][value=key]")
    page.click("main button.primary")
    assert rows(page) == ["Quiet One", "Quiet Three"]

    page.click("tbody td.first a >> nth=0")
    page.click("a[rel=next]")
    assert quiet.heading() == "Quiet Three"
    page.click(".crumbs a")
    assert rows(page) == ["Quiet One", "Quiet Three"]

    page.check("tbody input[name=id] >> nth=0")
    page.check("tbody input[name=id] >> nth=1")
    page.click(".bulk button:has-text('Transfer')")
    page.fill("#f-owner", "Ann")
    page.click("main button.primary")
    assert quiet.toast() == "Done: Transfer"
    assert rows(page) == ["Quiet One", "Quiet Three"]

    quiet.go("/sales/leads/board?_q=quiet")
    page.click(".ticket:has-text('Quiet Two') .move")
    page.select_option("select[name=to]", "contacted")
    page.click("main button.primary")
    assert quiet.toast() == "Moved"
    quiet.go("/sales/leads?_q=quiet&status=contacted")
    assert rows(page) == ["Quiet Two"]

    quiet.go("/sales/leads/columns")
    page.uncheck("input[value=person]")
    page.fill("input[name='place.level']", "1")
    page.click("main button.primary")
    assert page.locator("thead th").all_inner_texts()[1:3] == ["Level", "Company"]

"""Imports and their undoing on the command line."""

from __future__ import annotations

import pytest

from tests.tradepost.test_cli import rows


@pytest.mark.requirement("CU-3")
def test_an_import_is_listed_and_undone(company, folder):
    file = folder / "customers.csv"
    file.write_text("Name,Employees\nAcme,1\nBolt,2\n", encoding="utf-8")
    ended = company("import", "sales.customer", file)
    run = ended.err.split("tradepost undo ")[1].split("`")[0]
    listed = company("imports", "sales.customer")
    assert (listed.code, listed.out.count("\n")) == (0, 1)
    assert listed.out.startswith(run)
    assert listed.out.endswith("sales.customer  customers.csv: 2 created, 0 updated, by Tradepost\n")
    tried = company("undo", run, "--dry-run")
    assert (tried.code, tried.out) == (
        0,
        "2 archived, 0 put back, 0 left\nThis was a dry run: nothing was changed\n",
    )
    assert rows("SELECT count(*) FROM sales_customer WHERE archived_at IS NULL") == [(2,)]
    done = company("undo", run)
    assert (done.code, done.out) == (0, "2 archived, 0 put back, 0 left\n")
    assert rows("SELECT count(*) FROM sales_customer WHERE archived_at IS NULL") == [(0,)]
    assert company("imports").out.endswith(", undone\n")
    assert (company("undo", run).code, company("undo", "nonsense").code) == (1, 1)


def test_what_was_touched_since_is_named_and_left_only_when_told_to(company, folder):
    (folder / "a.csv").write_text("Name,Employees\nAcme,1\nBolt,2\n", encoding="utf-8")
    (folder / "b.csv").write_text("Name,Employees\nBolt,3\n", encoding="utf-8")
    run = company("import", "sales.customer", folder / "a.csv").err.split("tradepost undo ")[1].split("`")[0]
    company("import", "sales.customer", folder / "b.csv")
    refused = company("undo", run)
    assert (refused.code, refused.out) == (1, "1 archived, 0 put back, 1 left\nNothing was changed\n")
    assert "Bolt: It was changed since" in refused.err
    assert rows("SELECT count(*) FROM sales_customer WHERE archived_at IS NULL") == [(2,)]
    assert company("undo", run, "--leave").code == 1
    assert rows("SELECT name, employees FROM sales_customer WHERE archived_at IS NULL") == [("Bolt", 3)]


def test_another_users_import_is_not_to_be_undone(company, folder):
    company("user", "create", "dora", "--role", "Sales director")
    (folder / "a.csv").write_text("Name\nAcme\n", encoding="utf-8")
    run = company("import", "sales.customer", folder / "a.csv").err.split("tradepost undo ")[1].split("`")[0]
    ended = company("undo", run, "--as", "dora")
    assert (ended.code, ended.err) == (1, "Not found\n")
    assert company("imports", "--as", "dora").out == ""
    assert rows("SELECT count(*) FROM sales_customer WHERE archived_at IS NULL") == [(1,)]

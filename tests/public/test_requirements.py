"""The page that says which requirements are proven."""

from __future__ import annotations

import pytest

from tests.proofs import DOCS, Proofs, rows

SOURCE = """# Title

## L: Leads

| Id | Requirement |
|---|---|
| L-1 | Capture leads. |
| L-2 | Create a lead. |
| L-3 | List leads. |
"""


def test_the_list_has_every_requirement_once():
    source = (DOCS / "requirements.list.md").read_text(encoding="utf-8")
    assert (
        len(rows(source)) == sum(line.startswith("| ") for line in source.splitlines()) - source.count("| Id |") == 423
    )


def test_a_row_passes_when_all_its_tests_passed():
    proofs = Proofs(rows(SOURCE))
    proofs.note("L-1", "tests/a.py::test_b", "passed")
    proofs.note("L-1", "tests/a.py::test_a", "passed")
    proofs.note("L-2", "tests/a.py::test_a", "failed")
    proofs.note("L-2", "tests/a.py::test_a", "passed")
    assert list(proofs.page(SOURCE))[4:] == [
        "Passing: 1 of 3.",
        "",
        "## L: Leads",
        "",
        "| Id | Requirement | State | Tests |",
        "|---|---|---|---|",
        "| L-1 | Capture leads. | passing | `tests/a.py::test_a`<br>`tests/a.py::test_b` |",
        "| L-2 | Create a lead. | failed | `tests/a.py::test_a` |",
        "| L-3 | List leads. | missing |  |",
    ]


def test_a_test_cannot_name_a_requirement_that_does_not_exist(pytester: pytest.Pytester):
    pytester.makeini(
        """
        [pytest]
        asyncio_default_fixture_loop_scope = function
        markers = requirement(*ids)
        """
    )
    pytester.makepyfile("import pytest\n@pytest.mark.requirement('L-99')\ndef test_it(): pass\n")
    result = pytester.inline_run("-p", "tests.proofs", "-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.USAGE_ERROR

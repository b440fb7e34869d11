"""`@pytest.mark.requirement("L-2")` ties a test to a requirement; a full run writes docs/requirements.md."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
ROW = re.compile(r"\| (?P<id>[A-Z]{1,3}-\d+) \| (?P<text>.*) \|$")
PROPERTY = "requirement"
HEAD = (
    "What the product must do, and the tests that prove it. Written by a full test run from `requirements.list.md`;"
    " a row is passing when it has tests and all of them passed."
)


@dataclass
class Proofs:
    """The tests of each row, and how they ended."""

    rows: Mapping[str, str]
    outcomes: dict[str, dict[str, str]] = field(default_factory=dict)

    def note(self, row: str, test: str, outcome: str) -> None:
        """Remember an outcome; one that is not `passed` stays."""
        known = self.outcomes.setdefault(row, {})
        if known.get(test, "passed") == "passed":
            known[test] = outcome

    def state(self, row: str) -> str:
        """Passing, missing, or the worst that happened to one of its tests."""
        outcomes = set(self.outcomes.get(row, {}).values())
        for worst in ("failed", "skipped"):
            if worst in outcomes:
                return worst
        return "passing" if outcomes else "missing"

    def page(self, source: str) -> Iterator[str]:
        """The lines of the page: those of the source, each row with its state and tests."""
        passing = sum(self.state(row) == "passing" for row in self.rows)
        listed = source[source.index("\n## ") :].strip("\n").splitlines()
        yield from ("# What the product must do", "", HEAD, "", f"Passing: {passing} of {len(self.rows)}.", "")
        for line in listed:
            found = ROW.match(line)
            if found:
                tests = "<br>".join(f"`{test}`" for test in sorted(self.outcomes.get(found["id"], {})))
                yield f"| {found['id']} | {found['text']} | {self.state(found['id'])} | {tests} |"
            else:
                yield {
                    "| Id | Requirement |": "| Id | Requirement | State | Tests |",
                    "|---|---|": "|---|---|---|---|",
                }.get(line, line)


def rows(source: str) -> dict[str, str]:
    """The rows of the list by id."""
    return {found["id"]: found["text"] for line in source.splitlines() if (found := ROW.match(line))}


def is_full_run(config: pytest.Config) -> bool:
    """Whether everything was asked for: no path, no selection."""
    option = config.option
    chosen = option.keyword or option.markexpr or option.deselect or getattr(option, "lf", False) or option.maxfail
    return config.args == config.getini("testpaths") and not chosen


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read the list."""
    config.stash[PROOFS] = Proofs(rows((DOCS / "requirements.list.md").read_text(encoding="utf-8")))


def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Refuse a row that does not exist; let each report say which rows it is about."""
    known = config.stash[PROOFS].rows
    for item in items:
        for mark in item.iter_markers(PROPERTY):
            strange = [one for one in mark.args if one not in known]
            if strange or not mark.args:
                raise pytest.UsageError(f"{item.nodeid}: no such requirement: {', '.join(strange) or 'none is named'}")
            item.user_properties.extend((PROPERTY, one) for one in mark.args)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a skipped test is a failed one: nothing may be missing there."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true does not allow: {report.longrepr}"
    return report


class Collector:
    """Gathers what the reports of all workers say, and writes the page at the end of a full run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.proofs = config.stash[PROOFS]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a call, and a set-up or tear-down that did not pass."""
        if report.when == "call" or not report.passed:
            for name, value in report.user_properties:
                if name == PROPERTY:
                    self.proofs.note(str(value), report.nodeid.partition("[")[0], report.outcome)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the page."""
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and is_full_run(self.config):
            source = (DOCS / "requirements.list.md").read_text(encoding="utf-8")
            (DOCS / "requirements.md").write_text("\n".join(self.proofs.page(source)) + "\n", encoding="utf-8")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Gather in the process that hears of all tests; a worker of xdist hears of its own only."""
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(Collector(session.config), "tradepost-proofs")


PROOFS = pytest.StashKey[Proofs]()

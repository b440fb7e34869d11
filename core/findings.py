"""What an import found and did: figures, problems by row, and equal problems together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.changes import Changes
from core.errors import Problem
from core.import_rows import Finding

SHOWN_ROWS = 10
SHOWN_EXAMPLES = 5
MOST_FINDINGS = 1_000
MOST_GROUPS = 500


@dataclass
class Group:
    """Equal problems of many rows: the same cell of the same column. `mappable`: another value can be given for it.

    `likely` is a value that was perhaps meant.
    """

    column: str
    path: str
    cell: str
    problem: Problem
    count: int = 0
    rows: list[int] = field(default_factory=list)
    likely: str = ""

    @property
    def mappable(self) -> bool:
        """Whether giving another value for the cell would mend all its rows."""
        return bool(self.path and self.cell)


@dataclass(frozen=True, slots=True)
class Example:
    """A row that makes a record, changes one, or says what is known: its line, the record's title, what changes."""

    verb: str
    row: int
    title: str
    changes: Changes


@dataclass
class Report:
    """The outcome of an import or a dry run, with examples. Unless `written`, nothing was changed."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    written: bool = False
    notes: tuple[Problem, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    _by_key: dict[tuple[str, str, str, Problem], Group] = field(default_factory=dict, repr=False)

    @property
    def sound(self) -> bool:
        """Whether every row can be imported."""
        return self.refused == 0

    def shows(self, verb: str) -> bool:
        """Whether there is room for an example of a kind."""
        return sum(one.verb == verb for one in self.examples) < SHOWN_EXAMPLES

    def show(self, verb: str, row: int, title: str, changes: Changes) -> None:
        """Keep an example."""
        self.examples.append(Example(verb, row, title, changes))

    def refuse(self, findings: Iterable[Finding], likely: Callable[[Finding], str]) -> None:
        """A row cannot be imported for some reasons; `likely` tells what was perhaps meant."""
        self.refused += 1
        for one in findings:
            if len(self.findings) < MOST_FINDINGS:
                self.findings.append(one)
            self._group(one, likely)

    def _group(self, one: Finding, likely: Callable[[Finding], str]) -> None:
        key = (one.column, one.path, one.cell, one.problem)
        group = self._by_key.get(key)
        if group is None:
            if len(self._by_key) >= MOST_GROUPS:
                return
            group = self._by_key[key] = Group(one.column, one.path, one.cell, one.problem, likely=likely(one))
            self.groups.append(group)
        group.count += 1
        if len(group.rows) < SHOWN_ROWS:
            group.rows.append(one.row)

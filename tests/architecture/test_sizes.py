"""Small files, small functions, plain names."""

from __future__ import annotations

import ast

from tests.architecture.sources import sources

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 50
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc", "tools"}


def test_no_file_is_longer_than_400_lines():
    lengths = {one.place: one.text.count("\n") for one in sources() if not one.is_migration}
    assert {place: lines for place, lines in lengths.items() if lines > LINES_OF_A_FILE} == {}


def test_no_function_is_longer_than_50_lines():
    found = {
        f"{one.place}:{node.lineno} {node.name}": lines
        for one in sources()
        if not one.is_migration
        for node in ast.walk(one.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LINES_OF_A_FUNCTION
    }
    assert found == {}


def test_no_module_has_a_name_that_says_nothing():
    assert [one.place for one in sources() if one.path.stem in VAGUE or one.path.parent.name in VAGUE] == []

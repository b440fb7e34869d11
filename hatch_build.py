"""The wheel's layout: our generic top-level names move below `tradepost`, where they can collide with nobody's.

`core/users.py` becomes `tradepost/_core/users.py`, and `from core.users import User` becomes
`from tradepost._core.users import User`. Only from-statements are rewritten, each found by the syntax tree: a
test in tests/architecture sees to it that no room is imported in another way.
"""

from __future__ import annotations

import ast
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("core", "plugins", "schema", "search", "ui")
FACADE = "tradepost"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.mo", "*.pot", ".DS_Store")


class Layout(BuildHookInterface[Any]):
    """Hands the moved tree to the wheel; an editable install keeps the rooms where they are."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Move and rewrite, before hatchling collects."""
        if version == "editable" or self.target_name != "wheel":
            return
        self._tree = Path(tempfile.mkdtemp(prefix="tradepost-wheel-"))
        lay_out(Path(self.root), self._tree)
        build_data["force_include"][str(self._tree / FACADE)] = FACADE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        tree: Path | None = getattr(self, "_tree", None)
        if tree is not None:
            shutil.rmtree(tree)


def lay_out(root: Path, target: Path) -> None:
    """Copy the facade and the rooms as a wheel holds them."""
    shutil.copytree(root / FACADE, target / FACADE, ignore=LEFT_OUT)
    for room in ROOMS:
        shutil.copytree(root / room, target / FACADE / f"_{room}", ignore=LEFT_OUT)
    for path in target.rglob("*.py"):
        path.write_text(moved(path.read_text(encoding="utf-8")), encoding="utf-8")


def moved(source: str) -> str:
    """The source with each `from core…` made `from tradepost._core…`."""
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or node.level or (node.module or "").partition(".")[0] not in ROOMS:
            continue
        line = lines[node.lineno - 1].encode()
        head, rest = line[: node.col_offset], line[node.col_offset :]
        keyword, space, module = rest.decode().partition(" ")
        lines[node.lineno - 1] = f"{head.decode()}{keyword}{space}{FACADE}._{module.lstrip()}"
    return "".join(lines)

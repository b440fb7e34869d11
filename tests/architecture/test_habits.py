"""Habits that a reviewer would otherwise have to keep repeating."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator

from tests.architecture.sources import ROOT, sources

ELEVATED = {
    ("plugins/distribution/documents.py", "who owns an order sees what is shipped of it"),
    ("plugins/distribution/fulfilments.py", "of an order that does not bind, no goods are kept"),
    ("plugins/distribution/fulfilments.py", "shipments hinder changing an order, whoever sees them"),
    ("plugins/distribution/fulfilments.py", "who dispatches allocates every order that he sees"),
    ("plugins/distribution/fulfilments.py", "who owns an order sees what is shipped of it"),
    ("plugins/distribution/ledger.py", "stock follows from the ledger"),
    ("plugins/distribution/ledger.py", "the places outside are everybody's"),
    ("plugins/distribution/resources.py", "a circle of bodies may lie outside of one's reach"),
    ("plugins/distribution/resources.py", "stock hinders archiving whoever sees it"),
    ("plugins/distribution/resources.py", "stock is called after its product and its warehouse"),
    ("plugins/distribution/shipping.py", "an order is shipped by whoever ships it"),
    ("plugins/distribution/stocktakes.py", "a count is taken over as a whole"),
    ("plugins/distribution/stocktakes.py", "who counts a warehouse counts all that is in it"),
    ("plugins/sales/resources.py", "a circle of parents may lie outside of one's reach"),
    ("plugins/sales/resources.py", "whoever follows up says when the next contact is due"),
    ("plugins/service_desk/clocks.py", "terms go by the service levels, whoever may read these"),
    ("plugins/service_desk/resources.py", "whether something belongs to a customer is no secret to who names both"),
    ("plugins/service_desk/resources.py", "whoever picks a ticket up has the skill that it needs"),
    ("plugins/visits/resources.py", "an answer fits its question, whoever may read the form"),
    ("plugins/visits/resources.py", "an answer says what was asked"),
    ("plugins/visits/answers.py", "what must be entered is asked of everybody"),
    ("plugins/visits/resources.py", "a plan knows its sites and who visits them, whoever may read each"),
    ("plugins/visits/resources.py", "a site is due by its class, whoever may read that"),
    ("plugins/visits/visiting.py", "a visit is of the customer and the plan of its site"),
    ("plugins/visits/visiting.py", "where a site is is no secret to who visits it"),
    ("core/acting.py", "the state of a record is its own"),
    ("core/administration.py", "The account of {user.name} is handed over"),
    ("core/granting.py", "A role is given"),
    ("core/granting.py", "The departments of a grant are looked up"),
    ("core/granting.py", "What the role may do is compared with what its giver may do"),
}
"""Each place where business code reaches past its caller's rights, with the reason that stands in the audit."""

INSIDE = {
    ("core/work.py", "reason"),
    ("core/writing.py", ""),
}
"""Where the kernel makes `Work.elevated`, and where it asks whether a link's record is there for code that was granted
the field."""

AS_TRADEPOST = {
    ("core/noticing.py", "notifications"),
    ("core/duplicates.py", "duplicate check"),
    ("core/import_runs.py", "imports"),
    ("core/import_undo.py", "undo"),
    ("core/undoing.py", "undo"),
    ("core/office.py", "reason"),
    ("core/operations.py", "event {one.name}"),
    ("search/documents.py", "search index"),
    ("tradepost/cli/data.py", "REASON"),
    ("tradepost/cli/people.py", "the command line"),
    ("tradepost/demo/__init__.py", "the demo"),
    ("tradepost/testing.py", "a test"),
    ("ui/plugin_pages.py", "reason"),
}
"""Each place that acts as Tradepost itself, for nobody."""

SUPPRESSION = re.compile(r"#\s*(noqa|type: ignore|pyright: ignore|pragma)(?P<rest>.*)")


def test_every_reach_past_the_callers_rights_is_listed():
    assert set(_reasons("elevated")) == ELEVATED | INSIDE


def test_every_place_that_acts_as_tradepost_itself_is_listed():
    assert set(_reasons("system")) == AS_TRADEPOST


def _reasons(function: str) -> Iterator[tuple[str, str]]:
    """The first argument of each call of a function or method, as it is written."""
    for one in sources():
        for node in ast.walk(one.tree):
            if isinstance(node, ast.Call) and _name(node.func) == function:
                yield one.place, ast.unparse(node.args[0]).lstrip("f").strip("'\"")


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_every_suppression_gives_its_reason():
    """`# noqa: S310 - the address was checked above`."""
    found = [
        f"{one.place}:{number} {line.strip()}"
        for one in sources()
        for number, line in enumerate(one.text.splitlines(), 1)
        if (match := SUPPRESSION.search(line)) and not re.search(r"\S\s+-\s+\w|#\s*\w", match["rest"])
    ]
    assert found == []


def test_the_tools_are_strict():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert config["ruff"]["lint"]["select"] == ["ALL"]
    assert config["ruff"]["line-length"] == 120
    assert config["mypy"]["strict"] is True
    assert config["pytest"]["ini_options"]["filterwarnings"][0] == "error"
    assert config["pytest"]["ini_options"]["xfail_strict"] is True


def test_every_rule_that_is_switched_off_gives_its_reason():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = text[text.index("\nignore = [") : text.index("[tool.ruff.lint.flake8")]
    rules = [line for line in ignored.splitlines() if re.match(r'\s+"[A-Z]+\d*",', line)]
    assert [line for line in rules if "#" not in line] == []
    assert len(rules) > 20


def test_nothing_names_the_machine_that_it_was_written_on():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    places = re.compile("|".join(re.escape(f"/{one}/") for one in ("work", "root", "home")))
    found = [
        place
        for place in listed.split("\0")
        if place.endswith((".py", ".md", ".toml", ".html", ".css", ".js", ".sh", ".json", ".graphql"))
        and (ROOT / place).is_file()
        and "vendor" not in place
        and places.search((ROOT / place).read_text(encoding="utf-8"))
    ]
    assert found == []


def test_templates_obey_the_content_security_policy():
    """No inline style, script or handler, and nothing that is marked safe."""
    forbidden = re.compile(
        r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|hx-on|javascript:|<script(?![^>]*\ssrc=)|\|\s*safe\b"""
    )
    templates = sorted(path for room in ("ui", "plugins") for path in (ROOT / room).rglob("*.html"))
    found = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in templates
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert found == []

"""Every hook is documented, used by a plugin of ours, and tested."""

from __future__ import annotations

import inspect

import pytest

from core.boot import boot
from core.hooks import Hooks
from tests.architecture.sources import ROOT
from tradepost.discovery import BUILT_IN

NAMES = [name for name in vars(Hooks) if not name.startswith("_")]
FORESEEN = {
    "tradepost_notices",
    *("tradepost_graphql", "tradepost_pages", "tradepost_indexes", "tradepost_panels", "tradepost_menu"),
    *("tradepost_scope", "tradepost_events", "tradepost_jobs", "tradepost_settings", "tradepost_fields"),
    *("tradepost_commands", "tradepost_dashboard", "tradepost_roles", "tradepost_login", "tradepost_startup"),
}


def test_there_are_no_hooks_but_those_foreseen():
    assert set(NAMES) - FORESEEN == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_hook_says_how_results_combine_and_is_in_the_guide(name):
    told = inspect.getdoc(getattr(Hooks, name)) or ""
    assert len(told) > 40
    assert f"### `{name}`\n\n{told}" in (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_hook_arrives_with_a_plugin_of_ours_that_uses_it(name):
    manager = boot(BUILT_IN).manager
    assert [one.plugin_name for one in getattr(manager.hook, name).get_hookimpls()] != []


@pytest.mark.parametrize("name", NAMES)
def test_a_hook_is_implemented_by_a_plugin_in_a_test(name):
    """As in `SimpleNamespace(tradepost_roles=hookimpl(…))`."""
    others = (path for path in (ROOT / "tests").rglob("*.py") if path.name != "test_hooks.py")
    assert any(f"{name}=hookimpl(" in path.read_text(encoding="utf-8") for path in others)

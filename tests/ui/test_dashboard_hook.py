"""`tradepost_dashboard`: what several plugins put on the home page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from core.dashboard import Panel
from core.hooks import hookimpl
from core.plugin import Plugin
from tradepost import sales
from tradepost.sales import Customer, Lead


def _offering(name: str, *panels: Panel) -> Plugin:
    hooks = SimpleNamespace(tradepost_dashboard=hookimpl(lambda: panels), __name__=name)
    return Plugin(name, hooks=[hooks], needs=["sales"])


@pytest.fixture(scope="session")
def plugins() -> Sequence[Plugin]:
    late = _offering("late", Panel("Zeta customers", Customer, place=902), Panel("Alpha leads", Lead, place=900))
    early = _offering("early", Panel("Middle customers", Customer, place=901))
    return (sales.plugin, late, early)


TITLES = re.compile("Zeta customers|Alpha leads|Middle customers")


async def test_hook_tradepost_dashboard_unites_panels_in_the_order_of_their_places(admin):
    page = await admin.get("/")
    assert page.status_code == 200
    assert list(dict.fromkeys(TITLES.findall(page.text))) == ["Alpha leads", "Middle customers", "Zeta customers"]


async def test_a_panel_is_shown_to_those_who_may_read_its_model(firm):
    await firm.user("nobody")
    pages = await firm.signed_in("nobody")
    page = await pages.get("/")
    assert page.status_code == 200
    assert TITLES.findall(page.text) == []

"""Views of lists that people share: who finds them, who may end that, and that nobody sees more by them."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from core.roles import Grant, Role
from schema.execute import Request
from schema.routes import graphql
from tests.ui.conftest import SYSTEM, Firm, Pages, caller_of
from tradepost.sales import Lead

LEADS = "/sales/leads"


@pytest.fixture
async def ann(firm: Firm, admin: Pages) -> Pages:
    owner = await firm.user("ann", "Salesperson")
    await firm.make(Lead, company="Acme", level="key", owner=owner)
    await firm.make(Lead, company="Other", level="normal", owner=owner)
    return await firm.signed_in("ann")


async def kept(pages: Pages, name: str, query: str, **more: str) -> str:
    answer = await pages.post(f"{LEADS}/views", {"name": name, "query": query, **more})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def forms(text: str, verb: str) -> list[str]:
    return re.findall(rf'action="({LEADS}/views/[^"]+/{verb})"', text)


def tabs(text: str) -> list[str]:
    nav = text[text.index('<nav class="tabs"') :]
    return re.findall(r"<(?:a|span)[^>]*>([^<]+)<", nav[: nav.index("</nav>")])


@pytest.mark.requirement("CU-21")
async def test_a_shared_view_is_found_by_all_who_see_the_list_and_copied(firm: Firm, admin: Pages, ann: Pages):
    address = await kept(admin, "Key ones", "level=key")
    assert "Key ones" not in tabs((await ann.get(LEADS)).text)
    (share,) = forms((await admin.get(address)).text, "share")
    assert (await ann.post(share, {"shared": "yes"})).status_code == 404
    assert "Key ones" not in tabs((await ann.get(LEADS)).text)

    assert (await admin.post(share, {"shared": "yes"})).headers["location"] == address
    assert tabs((await ann.get(LEADS)).text) == ["All", "Mine", "Shared views", "Key ones"]
    text = (await ann.get(address)).text
    assert "Shared by Administrator" in text
    assert (forms(text, "share"), forms(text, "remove")) == ([], [])
    (copy,) = forms(text, "copy")
    for name in ("Key ones", "Key ones 2"):
        mine = (await ann.post(copy)).headers["location"]
        assert name in tabs((await ann.get(mine)).text)[2:4]
    remove = share.replace("/share", "/remove")
    assert (await ann.post(remove)).status_code == 404

    await admin.post(share)
    assert tabs((await ann.get(LEADS)).text) == ["All", "Mine", "Key ones", "Key ones 2"]
    assert (await ann.post(copy)).status_code == 404


async def test_who_may_do_everything_ends_what_others_share(firm: Firm, admin: Pages, ann: Pages):
    address = await kept(ann, "Loud", "level=key", shared="yes")
    (remove,) = forms((await admin.get(address)).text, "remove")
    private = await kept(ann, "Quiet", "level=normal")
    (hers,) = forms((await ann.get(private)).text, "remove")
    assert (await admin.post(hers)).status_code == 404
    assert (await admin.post(remove)).status_code == 303
    assert tabs((await ann.get(LEADS)).text) == ["All", "Mine", "Quiet"]


async def test_a_shared_view_shows_nobody_what_is_hidden_from_him(firm: Firm, admin: Pages, ann: Pages):
    address = await kept(admin, "Secret", "level=key&_sort=company", shared="yes")
    (role,) = await firm.all(Role, where=Role.name.eq("Salesperson"))
    (grant,) = [one for one in await firm.all(Grant) if one.role.id == role.id and one.permission == "sales.lead.read"]
    await firm.kernel.operations.update(SYSTEM, Grant, grant.id, {"hidden": ["level"]})
    assert "level=key" not in (await ann.get(LEADS)).text
    text = (await ann.get(LEADS)).text
    assert ("Secret" in tabs(text), "level=key" in text) == (True, False)
    link = re.search(rf'href="({LEADS}\?_view=[^"]+)"', text)
    assert link
    shown = await ann.get(link[1])
    assert shown.status_code == 200
    assert "It asks for Level" in shown.text
    assert ('data-row="' in shown.text, forms(shown.text, "copy")) == (False, [])
    copy = f"{LEADS}/views/{link[1].rpartition('=')[2]}/copy"
    assert (await ann.post(copy)).status_code == 404
    assert 'data-row="' in (await ann.get(LEADS)).text
    assert 'data-row="' in (await admin.get(address)).text


async def test_columns_chosen_in_the_view_of_another_go_into_a_copy(firm: Firm, admin: Pages, ann: Pages):
    address = await kept(admin, "Key ones", "level=key", shared="yes")
    back = address.partition("?")[2]
    chosen = await ann.post(f"{LEADS}/columns", {"back": back, "column": ["company", "level"]})
    assert 'data-label="Status"' not in (await ann.get(chosen.headers["location"])).text
    assert 'data-label="Status"' in (await ann.get(address)).text
    assert tabs((await ann.get(LEADS)).text) == ["All", "Mine", "Key ones", "Shared views", "Key ones"]


async def test_views_over_graphql(firm: Firm, admin: Pages, ann: Pages):
    async def ask(login: str, text: str) -> Any:
        caller = await caller_of(firm, login)
        return orjson.loads((await graphql(firm.kernel).answer(caller, Request(text))).body)

    save = (
        'mutation { coreViewSave(model: "sales.lead", name: "Key ones", query: "level=key", shared: true)'
        " { id errors { message } } }"
    )
    saved = (await ask("admin", save))["data"]["coreViewSave"]
    assert saved["errors"] == []
    listed = '{ coreViews(model: "sales.lead") { id name query columns shared by lost } }'
    (seen,) = (await ask("ann", listed))["data"]["coreViews"]
    assert seen == {
        "id": saved["id"], "name": "Key ones", "query": "level=key", "columns": [], "shared": True,
        "by": "Administrator", "lost": [],
    }  # fmt: skip
    remove = f'mutation {{ coreViewRemove(model: "sales.lead", id: "{saved["id"]}") {{ id errors {{ code }} }} }}'
    assert (await ask("ann", remove))["errors"][0]["extensions"]["code"] == "not_found"
    assert (await ask("admin", remove))["data"]["coreViewRemove"]["errors"] == []
    assert (await ask("ann", listed))["data"]["coreViews"] == []
    assert (await ask("ann", '{ coreViews(model: "core.grant") { id } }'))["errors"]

"""What a browser is given to install the app, asked by somebody who is not signed in."""

from __future__ import annotations

import re

import pytest

from tests.ui.conftest import Firm, Pages
from ui.installing import GROUND
from ui.requests import POLICY
from ui.words import FOLDER


@pytest.fixture
def stranger(firm: Firm) -> Pages:
    return firm.pages()


async def test_the_manifest_speaks_the_language_of_the_browser_and_names_files_that_are_there(stranger: Pages):
    answer = await stranger.get("/manifest.webmanifest", accept_language="ko")
    assert answer.headers["content-type"] == "application/manifest+json"
    told = answer.json()
    assert (told["name"], told["lang"], told["shortcuts"][1]["name"]) == ("Tradepost", "ko", "검색")
    for one in told["icons"]:
        icon = await stranger.get(one["src"])
        assert (icon.status_code, icon.headers["content-type"].partition(";")[0]) == (200, one["type"])
    style = (FOLDER / "static" / "app.css").read_text(encoding="utf-8")
    assert re.findall(r"--canvas: (#\w+);", style)[0] == GROUND
    grounds = set(re.findall(r"--canvas: (#\w+);", style))
    assert grounds == set(re.findall(r'"theme-color" content="(#\w+)"', (await stranger.get("/sign-in")).text))


async def test_the_worker_is_of_this_release_and_may_do_nothing_but_ask_us(stranger: Pages, firm: Firm):
    answer = await stranger.get("/worker.js")
    (release,) = re.findall(r'^const RELEASE = "(\w+)";', answer.text)
    assert f"/s/{release}/app.css" in (await stranger.get("/offline")).text
    assert answer.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    assert answer.headers["cache-control"] == "no-cache"
    assert "unsafe" not in POLICY
    assert "*" not in POLICY


async def test_the_page_for_no_connection_is_the_same_for_everybody(stranger: Pages, admin: Pages):
    mine = (await admin.get("/offline")).text
    assert mine == (await stranger.get("/offline")).text
    assert "There is no connection to the server" in mine

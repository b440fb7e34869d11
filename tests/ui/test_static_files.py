"""Static files are served alike on every machine."""

from __future__ import annotations

import mimetypes

import pytest

from ui.static_files import StaticTree
from ui.words import FOLDER


@pytest.mark.parametrize("said", ["application/javascript", "text/plain", "application/x-javascript"])
def test_a_machine_that_knows_other_types_changes_nothing(said: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: (said, None))
    files = StaticTree.read(FOLDER / "static").files
    assert files["app.js"].media_type == "text/javascript"
    assert files["app.css"].media_type == "text/css"
    assert files["icons.svg"].media_type == "image/svg+xml"
    assert all(one.br for name, one in files.items() if name.endswith((".js", ".css")))


def test_every_kind_of_file_has_its_type():
    found = {one.media_type for name, one in StaticTree.read(FOLDER / "static").files.items() if "LICENSE" not in name}
    assert found == {"text/css", "text/javascript", "image/svg+xml", "image/png"}


def test_files_of_a_plugin_stand_below_its_name_and_change_the_address(tmp_path):
    (tmp_path / "map.js").write_text("'use strict';\n", encoding="utf-8")
    ours = StaticTree.read(FOLDER / "static")
    both = StaticTree.read(FOLDER / "static", {"visits": tmp_path})
    assert both.address("visits/map.js") == f"/s/{both.hash}/visits/map.js"
    assert both.files["visits/map.js"].media_type == "text/javascript"
    assert (both.files.keys() - ours.files.keys(), both.hash != ours.hash) == ({"visits/map.js"}, True)
    with pytest.raises(KeyError):
        both.address("map.js")

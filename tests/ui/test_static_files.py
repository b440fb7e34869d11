"""Static files are served alike on every machine."""

from __future__ import annotations

import mimetypes

import pytest

from ui.rendering import FOLDER
from ui.static_files import StaticTree


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
    assert found == {"text/css", "text/javascript", "image/svg+xml"}

"""The committed schema is what the built-in plugins amount to."""

from __future__ import annotations

from core.boot import boot
from schema.assemble import assemble
from tests.architecture.sources import ROOT
from tradepost.discovery import BUILT_IN


def test_the_committed_schema_is_the_printed_one():
    """After a change that is meant: `tradepost schema > schema.graphql`."""
    assert assemble(boot(BUILT_IN)).sdl == (ROOT / "schema.graphql").read_text(encoding="utf-8")

"""Matching in plain Python agrees with the engines; a snippet shows the words that were found."""

from __future__ import annotations

import pytest

from search.analyzer import terms
from search.snippets import LONGEST, fits, snippet

from .test_conformance import CORPUS, MATCHES


@pytest.mark.parametrize(("text", "expected"), list(MATCHES.items()))
def test_fits_what_the_engines_find(text: str, expected: set[str]) -> None:
    words = terms(text)
    found = {one.id for one in CORPUS if fits(words, [text for texts in one.texts.values() for text in texts])}
    assert found == expected


def test_a_short_text_is_shown_whole_on_one_line() -> None:
    assert snippet(terms("tea"), "Green\n  tea\tand cups") == "Green tea and cups"


def test_a_text_without_the_words_is_not_shown() -> None:
    assert snippet(terms("coffee"), "Green tea") == ""
    assert snippet((), "Green tea") == ""


def test_a_long_text_is_cut_around_the_first_word_found() -> None:
    text = "word " * 60 + "needle " + "word " * 60
    piece = snippet(terms("needle"), text)
    assert piece.startswith("…word word")
    assert "needle" in piece
    assert piece.endswith("…")
    assert len(piece) <= LONGEST + 2
    assert snippet(terms("王小明"), "前" * 200 + "王小明").endswith("王小明")

"""Matching in plain Python agrees with the engines; a snippet shows the words that were found."""

from __future__ import annotations

import pytest

from search.analyzer import terms
from search.snippets import LONGEST, fits, marks, snippet

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


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        ("tea trad", "Tea & Trading <b>", "[Tea] & [Trad]ing <b>"),
        ("trad tea", "Tea Trading", "[Tea] Trading"),
        ("tradign", "Tea Trading", "Tea [Trading]"),
        ("CAFE", "Le Café", "Le [Café]"),
        ("小明", "王小明 王小明", "王[小明] 王[小明]"),
        ("bjyt", "北京云图", "[北京云图]"),
        ("yunt", "北京云图", "北京[云图]"),
        ("beijing", "在北京云图", "在[北京]云图"),
        ("yt", "北京云图", "北京[云图]"),
        ("zxm", "曾小明", "[曾小明]"),
        ("ㅎㅂ", "한빛은행", "[한빛]은행"),
        ("0132", "+1 415 555 0132", "+1 415 555 [0132]"),
        ("coffee", "Tea", "Tea"),
        ("", "Tea", "Tea"),
    ],
)
def test_marks_are_where_the_words_are(words: str, text: str, expected: str) -> None:
    shown = text
    for start, end in reversed(marks(terms(words), text)):
        shown = f"{shown[:start]}[{shown[start:end]}]{shown[end:]}"
    assert shown == expected

"""Matching in plain Python: whether texts really fit a query, and the piece of text to show for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from core.finder import Marks
from search.analyzer import Term, fold, runs, tokens
from search.readings import readings, sounded
from search.spelling import meant

LONGEST = 120
LEAD = 30


def fits(terms: Sequence[Term], texts: Iterable[str]) -> bool:
    """Whether every word of a query is in some texts, by the rules of the engines."""
    held = list(texts)
    words = {token for text in held for token in tokens(text)}
    if not terms:
        return False
    last = terms[-1]
    missing = [term for term in terms if not _holds(words, term, prefix=term is last)]
    if not missing:
        return True
    sounds = {one for text in held for one in readings(text)}
    missing = [term for term in missing if not _sounds_like(sounds, term, prefix=term is last)]
    return not missing or _joined(words | sounds, terms, missing)


def snippet(terms: Sequence[Term], text: str) -> str:
    """The part of a text that holds a word of the query, cut to one line; empty when it holds none."""
    line = " ".join(text.split())
    last = terms[-1] if terms else None
    words, sounds = set(tokens(line)), set(readings(line))
    found = [
        term
        for term in terms
        if _holds(words, term, prefix=term is last) or _sounds_like(sounds, term, prefix=term is last)
    ]
    if not found or len(line) <= LONGEST:
        return line if found else ""
    at = max(fold(line).find(found[0].text), 0)
    start = max(at - LEAD, 0)
    piece = line[start : start + LONGEST].strip()
    return f"{'…' if start else ''}{piece}{'…' if start + LONGEST < len(line) else ''}"


def marks(terms: Sequence[Term], text: str) -> Marks:
    """The parts of a text that the words of a query found, as start and end, in order and apart from each other."""
    pieces = [fold(letter) for letter in text]
    places = [at for at, piece in enumerate(pieces) for _ in piece]
    folded = "".join(pieces)
    found: list[tuple[int, int]] = []
    for start, end in sorted({span for term in terms for span in _spans(folded, term, prefix=term is terms[-1])}):
        begin, finish = places[start], places[end - 1] + 1
        if found and begin <= found[-1][1]:
            begin, finish = found[-1][0], max(finish, found.pop()[1])
        found.append((begin, finish))
    return tuple(found)


def _spans(folded: str, term: Term, *, prefix: bool) -> Iterator[tuple[int, int]]:
    for at, run in runs(folded):
        if not term.word:
            yield from ((at + one.start(), at + one.end()) for one in re.finditer(re.escape(term.text), run))
        elif run.startswith(term.text) if prefix else run == term.text:
            yield at, at + len(term.text)
        elif meant(term.text, run, prefix=prefix):
            yield at, at + len(run)
    if term.word:
        yield from sounded(folded, term.text)


def _holds(words: set[str], term: Term, *, prefix: bool) -> bool:
    if words.issuperset(term.exact) or words.issuperset(term.parts):
        return True
    if not term.word:
        return False
    if any(meant(term.text, word, prefix=prefix) for word in words):
        return True
    return any({term.text[:at], term.text[at:]} <= words for at in range(1, len(term.text)))


def _sounds_like(sounds: set[str], term: Term, *, prefix: bool) -> bool:
    if not term.word:
        return False
    return any(one.startswith(term.text) if prefix else one == term.text for one in sounds)


def _joined(words: set[str], terms: Sequence[Term], missing: Sequence[Term]) -> bool:
    """Whether the document writes neighbouring words of the query as one, and so holds those that seem missing."""
    together = {one: first.text + second.text for first, second in pairwise(terms) for one in (first, second)}
    return all(any(word.startswith(together.get(term, "\0")) for word in words) for term in missing)

"""Matching in plain Python: whether texts really fit a query, and the piece of text to show for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from search.analyzer import Term, fold, tokens
from search.readings import readings
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

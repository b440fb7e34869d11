"""Typing mistakes: which words of an index a mistyped word may mean, and how many mistakes a word may hold."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import process
from rapidfuzz.distance import OSA

ONE_FROM = 5
TWO_FROM = 9
SHORTEST = ONE_FROM - 1
MOST_GUESSES = 20


def allowance(word: str) -> int:
    """How many mistakes are forgiven: none in short words, numbers and initials, 1 from 5 letters, 2 from 9."""
    if not word.isalpha() or word[0] >= "\u1100":
        return 0
    return (len(word) >= ONE_FROM) + (len(word) >= TWO_FROM)


def mistakes(word: str, other: str, limit: int) -> int:
    """How far apart two words are: swapped neighbours count 1, another first letter 1 more; at most `limit` + 1."""
    distance = int(OSA.distance(word, other, score_cutoff=limit))
    return min(distance + (word[:1] != other[:1]), limit + 1)


def meant(word: str, other: str, *, prefix: bool) -> bool:
    """Whether a typed word may mean another, or with `prefix` the beginning of it."""
    limit = allowance(word)
    if other.startswith(word) if prefix else other == word:
        return True
    if not limit or not other.isalpha():
        return False
    if mistakes(word, other, limit) <= limit:
        return True
    return prefix and any(mistakes(word, other[:length], limit) <= limit for length in _lengths(word, limit))


def remembered(words: Iterable[str]) -> set[str]:
    """The words that a mistyped one may mean: those long enough to be mistaken for."""
    return {word for word in words if len(word) >= SHORTEST and word.isalpha() and word[0] < "\u1100"}


def _lengths(word: str, limit: int) -> range:
    return range(max(len(word) - limit, SHORTEST), len(word) + limit + 1)


@dataclass
class Heads:
    """The beginnings of one length of the words with one first letter, as far as they were gathered."""

    texts: dict[str, None] = field(default_factory=dict)
    seen: int = 0


class Vocabulary:
    """The words of one index, kept in memory and extended by what was added since; safe to share between threads.

    `load` gives the words numbered above a number, with the highest number among them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._known: set[str] = set()
        self._by_letter: dict[str, list[str]] = {}
        self._by_length: dict[tuple[str, int], list[str]] = {}
        self._heads: dict[tuple[str, int], Heads] = {}

    def refresh(self, load: Callable[[int], Sequence[tuple[int, str]]]) -> None:
        """Take in the words that were added since the last time."""
        with self._lock:
            for number, word in load(self._last):
                self._last = max(self._last, number)
                self._known.add(word)
                self._by_letter.setdefault(word[0], []).append(word)
                self._by_length.setdefault((word[0], len(word)), []).append(word)

    def near(self, word: str) -> list[str]:
        """Words that a mistyped word may mean, the nearest first."""
        limit = allowance(word)
        if not limit:
            return []
        lengths = range(len(word) - limit, len(word) + limit + 1)
        alike = [one for length in lengths for one in self._by_length.get((word[0], length), ())]
        found = _nearest(word, alike, limit)
        return found + self._begun_otherwise(word) if limit > 1 else found

    def _begun_otherwise(self, word: str) -> list[str]:
        """Words that are one mistake away in their first letter: few enough to be tried one by one."""
        tried = {word[1:], word[1] + word[0] + word[2:]}
        for letter in list(self._by_letter):
            tried |= {letter + word, letter + word[1:]}
        return sorted(one for one in tried & self._known if one[0] != word[0])

    def near_prefixes(self, word: str) -> list[str]:
        """Beginnings of words that a mistyped beginning may mean, each as short as it can be."""
        limit = allowance(word)
        if not limit:
            return []
        with self._lock:
            heads = [head for length in _lengths(word, limit) for head in self._heads_of(word[0], length)]
        return _shortest(_nearest(word, heads, limit))

    def _heads_of(self, letter: str, length: int) -> Iterable[str]:
        heads = self._heads.setdefault((letter, length), Heads())
        words = self._by_letter.get(letter, [])
        heads.texts.update(dict.fromkeys(word[:length] for word in words[heads.seen :] if len(word) >= length))
        heads.seen = len(words)
        return heads.texts

    def halves(self, word: str) -> list[tuple[str, str]]:
        """The ways in which a word is two known words written together."""
        cuts = ((word[:at], word[at:]) for at in range(SHORTEST, len(word) - SHORTEST + 1)) if word.isalpha() else ()
        return [(first, second) for first, second in cuts if first in self._known and second in self._known]


def _nearest(word: str, others: Sequence[str], limit: int) -> list[str]:
    found = process.extract(word, others, scorer=OSA.distance, score_cutoff=limit, limit=MOST_GUESSES)
    return [other for other, _, _ in found]


def _shortest(prefixes: Collection[str]) -> list[str]:
    """Prefixes without those that begin with another of them."""
    kept: list[str] = []
    for prefix in sorted(prefixes, key=len):
        if not any(prefix.startswith(one) for one in kept):
            kept.append(prefix)
    return kept

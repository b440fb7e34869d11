"""Readings: how a name is typed by its sounds. Pinyin of Chinese, whole or initials; initial consonants of Korean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path

from search.analyzer import HAN, HANGUL_SYLLABLES, MAX_WORD, fold

# Names are looked for by their sounds, not notes: there the readings would be ten times the text, and find anything.
LONGEST = 60
LONGEST_NAME = 4

_TABLE = Path(__file__).parent / "vendor" / "pypinyin-0.55.0" / "readings.txt"
_RUN = re.compile(rf"(?P<han>[{HAN}]+)|[{HANGUL_SYLLABLES}]{{2,}}")
_FIRST_INITIAL = 0x1100
_FIRST_SYLLABLE = 0xAC00
_SYLLABLES_EACH = 588

# Family names that are read otherwise than the same characters elsewhere.
_FAMILY_NAMES = {
    "万俟": ("mo", "qi"),
    "尉迟": ("yu", "chi"),
    "乐": ("yue",),
    "仇": ("qiu",),
    "冼": ("xian",),
    "区": ("ou",),
    "单": ("shan",),
    "曾": ("zeng",),
    "朴": ("piao",),
    "查": ("zha",),
    "盖": ("ge",),
    "繁": ("po",),
    "缪": ("miao",),
    "翟": ("zhai",),
    "秘": ("bi",),
    "覃": ("qin",),
    "解": ("xie",),
    "長孫": ("zhang", "sun"),
    "长孙": ("zhang", "sun"),
    "單": ("shan",),
    "區": ("ou",),
    "樂": ("yue",),
}


def readings(text: str) -> tuple[str, ...]:
    """What a short text is found by besides its own words: its sounds from each character on.

    `王小明` gives `wangxiaoming`, `wangxiao`, `xiaoming`, `ming`, `wxm`, `xm`; `한빛` gives `ㅎㅂ`.
    A text of more than 60 characters gives none.
    """
    if len(text) > LONGEST:
        return ()
    return tuple(dict.fromkeys(one for match in _RUN.finditer(fold(text)) for one in _of(match)))


def sounded(text: str, typed: str) -> Iterator[tuple[int, int]]:
    """The parts of a folded text, as start and end, that sound as what was typed, or begin so."""
    for match in _RUN.finditer(text):
        ways = [list(one) for one in (_pinyin(match[0]) if match["han"] else [_initials(match[0])])]
        for start, sounds in ((start, way[start:]) for way in ways for start in range(len(way))):
            if "".join(sounds).startswith(typed):
                ends = accumulate(map(len, sounds))
                yield match.start() + start, match.start() + start + 1 + sum(end < len(typed) for end in ends)
            elif "".join(sound[0] for sound in sounds).startswith(typed):
                yield match.start() + start, match.start() + start + len(typed)


def _initials(run: str) -> str:
    return "".join(chr(_FIRST_INITIAL + (ord(one) - _FIRST_SYLLABLE) // _SYLLABLES_EACH) for one in run)


def _of(match: re.Match[str]) -> Iterator[str]:
    run = match[0]
    if not match["han"]:
        initials = _initials(run)
        yield from (initials[start:] for start in range(len(run) - 1))
        return
    for sounds in _pinyin(run):
        for start in range(len(sounds)):
            yield "".join(sounds[start:])[:MAX_WORD]
            yield "".join(sounds[start : start + 2])  # a Chinese word, mostly, so that another may follow in a query
        for start in range(len(sounds) - 1):
            yield "".join(sound[0] for sound in sounds[start:])


def _pinyin(run: str) -> Iterator[list[str]]:
    """The sounds of Chinese characters; twice where they may begin with a family name of another sound."""
    sounds = list(_sounds(run))
    yield sounds
    if len(run) <= LONGEST_NAME:
        family = _FAMILY_NAMES.get(run[:2]) or _FAMILY_NAMES.get(run[:1], ())
        if family:
            yield [*family, *sounds[len(family) :]]


def _sounds(run: str) -> Iterator[str]:
    single, words = _table()
    at = 0
    while at < len(run):
        length = 1
        for word, sounds in words.get(run[at], ()):
            if run.startswith(word, at):
                length = len(word)
                yield from sounds
                break
        else:
            yield from single.get(run[at], ())
        at += length


@cache
def _table() -> tuple[dict[str, tuple[str]], dict[str, list[tuple[str, list[str]]]]]:
    """Characters with their sounds, and by their first character the words that are read otherwise, the longest first.

    A line is a sound and all characters that have it, or a word and its sounds. The first to need them reads the file.
    """
    single: dict[str, tuple[str]] = {}
    words: dict[str, list[tuple[str, list[str]]]] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        first, *rest = line.split()
        if first.isascii():
            single |= dict.fromkeys(rest[0], (first,))
        else:
            words.setdefault(first[0], []).append((first, rest))
    for found in words.values():
        found.sort(key=lambda one: -len(one[0]))
    return single, words

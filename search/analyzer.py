"""Words out of text, the same for documents and for queries, whatever the script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from phonenumbers import NumberParseException
from phonenumbers import parse as parse_phone

# Raise it when the same text gives other tokens: indexes built with another number are built anew.
ANALYZER_VERSION = 2

MAX_WORD = 64
MAX_TERMS = 12
SHORTEST_TAIL = 4

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u3096\u30a1-\u30ff"
HANGUL_SYLLABLES = "\uac00-\ud7a3"
_HANGUL = f"\u1100-\u11ff\u3131-\u318e{HANGUL_SYLLABLES}"
_RUN = re.compile(rf"(?P<han>[{HAN}{_KANA}]+)|(?P<hangul>[{_HANGUL}]+)|(?P<word>[^\W_{HAN}{_KANA}{_HANGUL}]+)")
_PHONE = re.compile(r"(?<![0-9a-z.@])(?:\+|\()?\d(?:[\s().\-/]{0,2}\d){6,14}(?![0-9a-z])")
_INITIALS = re.compile("[\u1100-\u1112]+\\Z")
# Typing ㄱㅅ gives ㄳ on many keyboards: two initials that folding makes the end of a syllable or an old letter.
_CLUSTERS = str.maketrans(
    {
        "\u11aa": "\u1100\u1109",
        "\u11ac": "\u1102\u110c",
        "\u11ad": "\u1102\u1112",
        "\u11b0": "\u1105\u1100",
        "\u11b1": "\u1105\u1106",
        "\u11b2": "\u1105\u1107",
        "\u11b3": "\u1105\u1109",
        "\u11b4": "\u1105\u1110",
        "\u11b5": "\u1105\u1111",
        "\u111a": "\u1105\u1112",
        "\u1121": "\u1107\u1109",
    }
)
_MARKS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a query. All of `exact`, or less well all of `parts`, must be in the document.

    `word` says that it may be a prefix or hold typos; Chinese, Japanese and Korean do not. Initial consonants of Korean
    are a word, which may be a prefix.
    """

    text: str
    exact: tuple[str, ...]
    parts: tuple[str, ...]
    word: bool


def fold(text: str) -> str:
    """Text without regard to case, width and Latin accents."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", plain)))


def runs(text: str) -> Iterator[tuple[int, str]]:
    """The words of a folded text, or pieces of one script, each with its place."""
    return ((match.start(), match[0]) for match in _RUN.finditer(text))


def tokens(text: str) -> Iterator[str]:
    """The tokens that a document is found by.

    Chinese and Japanese give characters and pairs of neighbours, Korean the word as well; a phone number gives its
    digits and every tail of them, so that a number is found without its country code or by its end.
    """
    folded = fold(text)
    for match in _RUN.finditer(folded):
        run = match[0]
        if match.lastgroup == "word":
            yield run[:MAX_WORD]
            continue
        if match.lastgroup == "hangul" and len(run) > 2:
            yield run[:MAX_WORD]
        yield from run
        yield from _pairs(run)
    for match in _PHONE.finditer(folded):
        digits = _digits(match[0])
        yield from (digits[start:] for start in range(len(digits) - SHORTEST_TAIL + 1))


def terms(text: str) -> tuple[Term, ...]:
    """The words of a query in their order, each once; at most `MAX_TERMS`."""
    folded = fold(text)
    found: dict[str, Term] = {}
    for part, phone in _phones_apart(folded):
        if phone:
            number = _national(part)
            found[number] = Term(number, (number,), (number,), word=True)
            continue
        for match in _RUN.finditer(part):
            term = _term(match[0], str(match.lastgroup))
            found.setdefault(term.text, term)
    return tuple(found.values())[:MAX_TERMS]


def _term(run: str, script: str) -> Term:
    word = (run if script == "word" else run.translate(_CLUSTERS))[:MAX_WORD]
    if script == "word" or _INITIALS.match(word):
        return Term(word, (word,), (word,), word=True)
    parts = tuple(_pairs(run)) or (run,)
    whole = (run[:MAX_WORD],) if script == "hangul" else parts
    return Term(run, whole, parts, word=False)


def _pairs(run: str) -> Iterator[str]:
    return (run[at : at + 2] for at in range(len(run) - 1))


def _phones_apart(text: str) -> Iterator[tuple[str, bool]]:
    end = 0
    for match in _PHONE.finditer(text):
        yield text[end : match.start()], False
        yield match[0], True
        end = match.end()
    yield text[end:], False


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _national(phone: str) -> str:
    """The digits that two ways of writing a number share: without country code and leading zeros."""
    if phone.startswith("+"):
        try:
            return str(parse_phone(phone).national_number)
        except NumberParseException:
            return _digits(phone)
    return _digits(phone).lstrip("0") or _digits(phone)

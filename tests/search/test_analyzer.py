"""Words out of text, and how far apart two of them are."""

from __future__ import annotations

import pytest

from search.analyzer import MAX_TERMS, MAX_WORD, Term, fold, terms, tokens
from search.readings import readings
from search.spelling import Vocabulary, allowance, meant, mistakes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Café ZÜRICH", "cafe zurich"),
        ("ＡＢＣ １２３", "abc 123"),
        ("Straße", "strasse"),
        ("ﾃﾞｰﾀ", "データ"),
        ("삼성", "삼성"),
        ("Ёлка", "елка"),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Global Trade", ["global", "trade"]),
        ("王小明", ["王", "小", "明", "王小", "小明"]),
        ("王", ["王"]),
        ("삼성전자", ["삼성전자", "삼", "성", "전", "자", "삼성", "성전", "전자"]),
        ("서울", ["서", "울", "서울"]),
        ("LG전자", ["lg", "전", "자", "전자"]),
        ("a_b-c", ["a", "b", "c"]),
        ("021-55501", ["021", "55501", "02155501", "2155501", "155501", "55501", "5501"]),
        ("v1.2", ["v1", "2"]),
        ("", []),
        ("x" * 100, ["x" * MAX_WORD]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert list(tokens(text)) == expected


def test_terms() -> None:
    word = Term("global", ("global",), ("global",), word=True)
    chinese = Term("王小明", ("王小", "小明"), ("王小", "小明"), word=False)
    korean = Term("삼성전자", ("삼성전자",), ("삼성", "성전", "전자"), word=False)
    phone = Term("4155550132", ("4155550132",), ("4155550132",), word=True)
    assert terms("Global 王小明, 삼성전자 global") == (word, chinese, korean)
    assert terms("+1 (415) 555-0132") == (phone,)
    assert terms("call 415-555-0132!") == (Term("call", ("call",), ("call",), word=True), phone)
    assert len(terms(" ".join(f"w{number}" for number in range(50)))) == MAX_TERMS


@pytest.mark.parametrize(
    ("word", "expected"), [("trad", 0), ("trade", 1), ("pharmacy", 1), ("pharmacie", 2), ("12345678", 0), ("r2d2c3", 0)]
)
def test_allowance(word: str, expected: int) -> None:
    assert allowance(word) == expected


def test_mistakes() -> None:
    assert mistakes("trade", "tarde", 2) == 1
    assert mistakes("global", "hlobal", 2) == 2
    assert mistakes("global", "globule", 2) == 2
    assert mistakes("global", "entirely", 2) == 3


def test_meant() -> None:
    assert meant("glo", "global", prefix=True)
    assert not meant("glo", "global", prefix=False)
    assert meant("glboa", "global", prefix=True)
    assert not meant("glboa", "global", prefix=False)
    assert meant("parmaceutical", "pharmaceutical", prefix=False)
    assert not meant("farmaceutical", "pharmaceutical", prefix=True)
    assert not meant("12345", "12346", prefix=True)


def test_a_vocabulary_takes_in_only_what_is_new() -> None:
    words = [(1, "northwind"), (2, "star")]
    asked: list[int] = []

    def load(last: int) -> list[tuple[int, str]]:
        asked.append(last)
        return [(number, word) for number, word in words if number > last]

    vocabulary = Vocabulary()
    vocabulary.refresh(load)
    words.append((3, "north"))
    vocabulary.refresh(load)
    assert asked == [0, 2]
    assert vocabulary.near("nortwind") == ["northwind"]
    assert vocabulary.near("star") == []
    assert vocabulary.near_prefixes("norhtw") == ["northw"]
    assert vocabulary.halves("northstar") == [("north", "star")]
    assert vocabulary.halves("starwind") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("北京云图", ["beijingyuntu", "beijing", "jingyuntu", "jingyun", "yuntu", "tu", "bjyt", "jyt", "yt"]),
        ("重庆", ["chongqing", "qing", "cq"]),
        ("重慶", ["zhongqing", "qing", "zq"]),
        ("单田芳", ["dantianfang", "dantian", "tianfang", "fang", "dtf", "tf", "shantianfang", "shantian", "stf"]),
        ("尉迟恭", ["yuchigong", "yuchi", "chigong", "gong", "ycg", "cg"]),
        ("王", ["wang"]),
        ("ABC 绿地1号", ["lvdi", "di", "ld", "hao"]),
        ("한빛은행", ["ㅎㅂㅇㅎ", "ㅂㅇㅎ", "ㅇㅎ"]),
        ("㐂", []),
        ("Tea", []),
        ("明" * 61, []),
    ],
)
def test_readings(text: str, expected: list[str]) -> None:
    assert list(readings(text)) == [fold(one) for one in expected]


@pytest.mark.parametrize(("typed", "meant"), [("ㄳ", "ㄱㅅ"), ("ㄼㅎ", "ㄹㅂㅎ"), ("ㅀ", "ㄹㅎ"), ("ㅄ", "ㅂㅅ")])
def test_initial_consonants_that_became_one_letter_are_two(typed: str, meant: str) -> None:
    assert terms(typed) == terms(meant) == (Term(fold(meant), (fold(meant),), (fold(meant),), word=True),)

"""Articles that may answer what is being typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from plugins.service_desk.models import Article
from tradepost import NOTHING, Desk, Question, hookimpl

WORDS = re.compile(r"[^\W\d_]+|\d+")
WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SHORTEST, MOST_WORDS, LOOKED_AT, SHOWN = 3, 12, 50, 5


@dataclass(frozen=True)
class Suggestion:
    """An article that may answer a question."""

    id: UUID
    question: str
    answer: str


def words_of(text: str) -> list[str]:
    """The words to look for: of three letters and more, of Chinese, Japanese and Korean each two characters."""
    return list(dict.fromkeys(_words(text)))[:MOST_WORDS]


def _words(text: str) -> Iterator[str]:
    for word in WORDS.findall(text.casefold()):
        if WIDE.search(word):
            yield from (word[at : at + 2] for at in range(max(1, len(word) - 1)))
        elif len(word) >= SHORTEST:
            yield word


async def suggestions(desk: Desk, text: str) -> list[Suggestion]:
    """Articles that share words with a text, those that share most first."""
    words = words_of(text)
    where = NOTHING
    for one in words:
        where = where | Article.question.contains(one) | Article.answer.contains(one)
    found = await desk.find(Article, where=where, limit=LOOKED_AT, fields=("question", "answer"))
    ranked = sorted(found, key=lambda one: (-_shared(words, one.question, one.answer or ""), one.question))
    return [Suggestion(one.id, one.question, one.answer or "") for one in ranked[:SHOWN]]


def _shared(words: Sequence[str], question: str, answer: str) -> int:
    title, body = question.casefold(), answer.casefold()
    return sum(3 * (one in title) + (one in body) for one in words)


@hookimpl
def tradepost_graphql() -> Sequence[Question]:
    """Suggestions for a text."""
    return (Question("suggestions", suggestions, "service_desk.article.read"),)

"""How a query becomes FTS5's language: words, tiers, filters and rights as one MATCH expression."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import pairwise

from core.conditions import And, Compare, Condition, Not, Op, Or
from core.finder import IndexSpec, InvalidFilter
from search.analyzer import Term
from search.spelling import Vocabulary

ACL = "acl"
KEYS = "keys"
EVERY = "every"
NEVER = "never"


class Tier(Enum):
    """How well a document fits; the score of its worst hit, so that tiers of several indexes mix."""

    EXACT_TITLE = 1.0
    EXACT = 0.8
    PREFIX_TITLE = 0.6
    PREFIX = 0.4
    TYPO = 0.2


def quoted(token: str) -> str:
    """A token as FTS5 takes it, whatever is in it."""
    return '"' + token.replace('"', '""') + '"'


def any_of(expressions: Iterable[str]) -> str:
    """One of several expressions; of none: nothing."""
    found = list(dict.fromkeys(expressions))
    return f"({' OR '.join(found)})" if found else within((KEYS,), quoted(NEVER))


def all_of(expressions: Iterable[str]) -> str:
    """All of several expressions, of which there is at least one."""
    return f"({' AND '.join(expressions)})"


def within(columns: Sequence[str], expression: str) -> str:
    """An expression that holds inside some columns only."""
    return f"{{{' '.join(columns)}}} : ({expression})"


def words(terms: Sequence[Term], columns: Sequence[str], tier: Tier, vocabulary: Vocabulary) -> str:
    """That all words of a query are in some columns, as well as a tier asks for."""
    if tier in (Tier.EXACT_TITLE, Tier.EXACT):
        return within(columns, all_of(quoted(token) for term in terms for token in term.exact))
    *others, last = terms
    if tier in (Tier.PREFIX_TITLE, Tier.PREFIX):
        parts = [*(quoted(token) for term in others for token in term.parts), _prefix(last)]
        return within(columns, all_of(parts))
    guessed = [_guess(term, vocabulary, prefix=False) for term in others]
    separate = all_of([*guessed, _guess(last, vocabulary, prefix=True)])
    return within(columns, any_of([separate, *_joined(terms)]))


def _prefix(term: Term) -> str:
    return f"{quoted(term.text)} *" if term.word else all_of(quoted(token) for token in term.parts)


def _guess(term: Term, vocabulary: Vocabulary, *, prefix: bool) -> str:
    if not term.word:
        return all_of(quoted(token) for token in term.parts)
    found = [_prefix(term) if prefix else quoted(term.text)]
    found += [quoted(word) for word in vocabulary.near(term.text)]
    if prefix:
        found += [f"{quoted(head)} *" for head in vocabulary.near_prefixes(term.text)]
    found += [all_of((quoted(first), quoted(second))) for first, second in vocabulary.halves(term.text)]
    return any_of(found)


def _joined(terms: Sequence[Term]) -> list[str]:
    """Two neighbouring words that the document may write as one."""
    found = []
    for at, (first, second) in enumerate(pairwise(terms)):
        if first.word and second.word:
            rest = [quoted(token) for term in (*terms[:at], *terms[at + 2 :]) for token in term.parts]
            found.append(all_of([f"{quoted(first.text + second.text)} *", *rest]))
    return found


def key(attribute: str, value: str) -> str:
    """The token of a value to filter by; of an empty text: that the attribute has no value."""
    content = f"{attribute}={value.casefold()}".encode()
    return "k" + hashlib.blake2b(content, digest_size=10).hexdigest()


def condition(spec: IndexSpec, where: Condition) -> str:
    """A filter as an expression on the key column; `InvalidFilter` for what search does not know."""
    if isinstance(where, And):
        return all_of([within((KEYS,), quoted(EVERY)), *(condition(spec, part) for part in where.parts)])
    if isinstance(where, Or):
        return any_of(condition(spec, part) for part in where.parts)
    if isinstance(where, Not):
        return f"({within((KEYS,), quoted(EVERY))} NOT {condition(spec, where.part)})"
    if isinstance(where, Compare):
        return _test(spec, where)
    raise InvalidFilter("A search cannot filter through links")


def _test(spec: IndexSpec, test: Compare) -> str:
    if test.field not in spec.filterable:
        raise InvalidFilter(f"{spec.uid} is not filtered by {test.field}")
    if test.op is Op.EQ:
        return within((KEYS,), quoted(key(test.field, keyword(test.value))))
    if test.op is Op.IN and isinstance(test.value, tuple):
        return any_of(within((KEYS,), quoted(key(test.field, keyword(one)))) for one in test.value)
    if test.op is Op.EMPTY:
        empty = within((KEYS,), quoted(key(test.field, "")))
        return empty if test.value else condition(spec, Not(Compare(test.field, Op.EMPTY, value=True)))
    raise InvalidFilter(f"A search cannot compare {test.field} by {test.op.value}")


def keyword(value: object) -> str:
    """A filter value as the index holds it."""
    return str(value.value if isinstance(value, Enum) else value)

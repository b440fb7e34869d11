"""What Meilisearch is told: our tokens in words that its own tokenizer leaves alone, filters in its language."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.conditions import EVERYTHING, And, Compare, Condition, Not, Op, Or
from core.finder import Document, Hit, IndexSpec, InvalidFilter, SearchQuery
from search.analyzer import ANALYZER_VERSION, terms, tokens
from search.matching import keyword
from search.readings import readings

LAYOUT = 1
ACL = "acl"
NOTHING = f"{ACL} IN []"


def fingerprint(spec: IndexSpec) -> str:
    """What an index depends on: another one means that it must be built anew."""
    content = json.dumps([LAYOUT, ANALYZER_VERSION, spec.searchable, spec.filterable])
    return "f" + hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def words_of(attribute: str) -> str:
    """The server's attribute for the words of one of ours, which may hold typos."""
    return f"t_{attribute.replace('.', '__')}"


def signs_of(attribute: str) -> str:
    """The server's attribute for the Chinese, Japanese and Korean of one of ours and its readings, which may not."""
    return f"c_{attribute.replace('.', '__')}"


def keys_of(attribute: str) -> str:
    """The server's attribute for the values that one of ours is filtered by."""
    return f"k_{attribute}"


def searched(spec: IndexSpec) -> list[str]:
    """The attributes that the server searches, the most important first."""
    return [name for attribute in spec.searchable for name in (words_of(attribute), signs_of(attribute))]


def encoded(token: str) -> str:
    """A token of Chinese, Japanese or Korean as one word: the server would cut it up by a dictionary.

    It ends in a letter that no digit of it has, so that none is the beginning of another. Initials may be one.
    """
    end = "" if all("\u1100" <= letter <= "\u1112" for letter in token) else "z"
    return "x" + "".join(f"{ord(letter):05x}" for letter in token) + end


def _is_word(token: str) -> bool:
    return token[0] < "\u1100"


def document(one: Document, filterable: Iterable[str]) -> dict[str, Any]:
    """A document as the server stores it; `filterable` are the server's attributes, each of which gets a value."""
    found: dict[str, Any] = {"id": one.id, ACL: sorted(one.acl)} | {name: [] for name in filterable}
    for attribute, texts in one.texts.items():
        cut = [token for text in texts for token in tokens(text)]
        found[words_of(attribute)] = " ".join(token for token in cut if _is_word(token))
        signs = [encoded(token) for token in cut if not _is_word(token)]
        sounds = (one for text in texts for one in readings(text))
        found[signs_of(attribute)] = " ".join([*signs, *(one if _is_word(one) else encoded(one) for one in sounds)])
    for attribute, values in one.keys.items():
        found[keys_of(attribute)] = [value.casefold() for value in values]
    return found


def query_text(text: str) -> str:
    """A query as the server gets it: tokens only, so that no sign of its query language is among them."""
    found = (part for term in terms(text) for part in (term.parts if not term.word else (term.text,)))
    return " ".join(part if _is_word(part) else encoded(part) for part in found)


def filters(query: SearchQuery) -> list[str]:
    """The filter of a query and, apart from it, that of its scope; both must hold."""
    found = [] if query.where == EVERYTHING else [_condition(query.where)]
    if not query.scope.reason:
        found.append(_in(ACL, sorted(query.scope.tokens)))
    return found


def _condition(where: Condition) -> str:
    match where:
        case And(parts):
            return f"({' AND '.join(map(_condition, parts))})" if parts else f"NOT {NOTHING}"
        case Or(parts):
            return f"({' OR '.join(map(_condition, parts))})" if parts else NOTHING
        case Not(part):
            return f"NOT ({_condition(part)})"
        case Compare():
            return _test(where)
        case _:
            raise InvalidFilter("A search cannot filter through links")


def _test(test: Compare) -> str:
    name = keys_of(test.field)
    if test.op is Op.EQ:
        return _in(name, [keyword(test.value)])
    if test.op is Op.IN and isinstance(test.value, tuple):
        return _in(name, [keyword(one) for one in test.value])
    if test.op is Op.EMPTY:
        return f"{name} IS EMPTY" if test.value else f"{name} IS NOT EMPTY"
    raise InvalidFilter(f"A search cannot compare {test.field} by {test.op.value}")


def _in(name: str, values: list[str]) -> str:
    return f"{name} IN [{', '.join(map(_quoted, values))}]"


def _quoted(value: str) -> str:
    escaped = value.casefold().replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def hits_of(index: str, rows: Sequence[Mapping[str, Any]]) -> list[Hit]:
    """The hits among the rows of an answer."""
    return [Hit(index, str(row["id"]), float(row["_rankingScore"])) for row in rows]

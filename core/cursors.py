"""Cursors: the opaque texts by which lists are paged, each good only for the list and order that it came from."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2s
from typing import TYPE_CHECKING

import orjson

from core.errors import BadQuery

if TYPE_CHECKING:
    from core.query import Order

LONGEST = 8_192


def cursor_signature(model: str, order: Sequence[Order]) -> str:
    """What a cursor carries so that one of another list is recognised: eight hexadecimal digits of model and order."""
    text = "|".join((model, *(f"{'-' if one.descending else ''}{one.path}" for one in order)))
    return blake2s(text.encode(), digest_size=4).hexdigest()


def decode_cursor(text: str, model: str, order: Sequence[Order]) -> tuple[object, ...]:
    """The values of the order keys and the id that a cursor holds; `BadQuery` for a cursor from elsewhere."""
    try:
        found = orjson.loads(bytes.fromhex(text)) if len(text) <= LONGEST else None
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) != len(order) + 2 or found[0] != cursor_signature(model, order):
        raise BadQuery("The cursor does not belong to this list")
    if not isinstance(found[-1], str) or any(isinstance(one, list | dict) for one in found):
        raise BadQuery("The cursor does not belong to this list")
    return tuple(found[1:])

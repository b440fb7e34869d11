"""Cells as HTML. In Python, not in a template: a page of a list has five hundred of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from ui.cells import Cell


def initials(name: str) -> str:
    """Two letters for an avatar: of a Chinese or Korean name the last two, else the first of the first two words."""
    words = name.split()
    if not words:
        return "?"
    if re.match(r"[぀-鿿가-힣]", name):
        return "".join(words)[-2:]
    return "".join(word[0] for word in words[:2]).upper()


@lru_cache(maxsize=1024)  # some eighty stand on every page
def icon(sprite: str, name: str, label: str = "") -> Markup:
    """An icon of the sprite; with a label where it stands for a word."""
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Markup(f'<svg class="icon" {said}><use href="{escape(sprite)}#{escape(name)}"/></svg>')  # noqa: S704 - escaped


def _text(cell: Cell, _: bool) -> str:
    return escape(cell.text)


def _choice(cell: Cell, _: bool) -> str:
    return f'<span class="dot c{cell.tone}">{escape(cell.text)}</span>'


def _link(cell: Cell, plain: bool) -> str:
    return escape(cell.text) if plain or not cell.href else f'<a href="{escape(cell.href)}">{escape(cell.text)}</a>'


def _who(cell: Cell, _: bool) -> str:
    letters, name = escape(initials(cell.text)), escape(cell.text)
    avatar = f'<span class="avatar" aria-hidden="true">{letters}</span>'
    return f'<span class="who">{avatar}<span class="truncate">{name}</span></span>'


def _items(cell: Cell, plain: bool) -> str:
    if plain:
        return escape(cell.text)
    return ", ".join(f'<a href="{escape(one.href)}">{escape(one.text)}</a>' for one in cell.items)


def _tags(cell: Cell, _: bool) -> str:
    return " ".join(f'<span class="badge">{escape(one.text)}</span>' for one in cell.items)


def _web(cell: Cell, plain: bool) -> str:
    if plain:
        return escape(cell.text)
    return f'<a href="{escape(cell.href)}" rel="noopener noreferrer" target="_blank">{escape(cell.text)}</a>'


def _time(cell: Cell, _: bool) -> str:
    return f'<time datetime="{escape(cell.stamp)}">{escape(cell.text)}</time>'


def _note(cell: Cell, _: bool) -> str:
    return f'<span class="pre">{escape(cell.text)}</span>'


FORMS: dict[str, Callable[[Cell, bool], str]] = {
    "": lambda _, __: "",
    "text": _text,
    "number": _text,
    "yes": _text,
    "choice": _choice,
    "link": _link,
    "who": _who,
    "items": _items,
    "tags": _tags,
    "web": _web,
    "time": _time,
    "note": _note,
}


def drawn(cell: Cell, *, plain: bool = False) -> Markup:
    """A cell as HTML; `plain` without links, for where a link stands around it already."""
    return Markup(FORMS[cell.form](cell, plain))  # noqa: S704 - every part is escaped


def drawn_cells(heads: Sequence[tuple[str, str]], title: str, href: str, cells: Sequence[Cell]) -> Markup:
    """The cells of a row of a table, the first as the link to its record; `heads` are classes and labels."""
    parts = []
    for index, ((css, label), cell) in enumerate(zip(heads, cells, strict=True)):
        blank = "" if cell.form else " blank"
        if index == 0:
            body = escape(cell.text or title)
            inner = f'<a href="{escape(href)}">{body}</a>' if href else body
        else:
            inner = FORMS[cell.form](cell, False)
        parts.append(f'<td class="{css}{blank}" data-label="{escape(label)}">{inner}</td>')
    return Markup("".join(parts))  # noqa: S704 - every part is escaped

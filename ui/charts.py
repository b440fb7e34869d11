"""Charts as SVG, drawn on the server: no script, each mark a link to its records, the same data as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 420
LINE = 46
TOP = 22
BAR = 14
TONES = 8
HEIGHT = 64
LABEL_LENGTH = 26


@dataclass(frozen=True, slots=True)
class Mark:
    """A value of a chart: its label, its size, the text that says it, and where it leads."""

    label: str
    value: float
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as SVG, and the rows of its table."""

    svg: Markup
    rows: tuple[Mark, ...]


def bars(label: str, marks: Sequence[Mark]) -> Drawn:
    """Lying bars, one below the other."""
    return _lines(label, marks, centred=False)


def funnel(label: str, marks: Sequence[Mark]) -> Drawn:
    """Steps of a process, centred, the first on top: how much there is at each."""
    return _lines(label, marks, centred=True)


def _lines(label: str, marks: Sequence[Mark], *, centred: bool) -> Drawn:
    most = max((one.value for one in marks), default=0) or 1
    parts = []
    for index, one in enumerate(marks):
        width = max(4.0, WIDTH * max(one.value, 0) / most)
        left = (WIDTH - width) / 2 if centred else 0
        rect = Markup('<rect class="m{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="4"/>').format(
            index % TONES + 1, left, index * LINE + TOP, width, BAR
        )
        parts.append(_line(one, rect, index))
    return _drawn(label, marks, parts, len(marks) * LINE)


def sparkline(label: str, marks: Sequence[Mark]) -> Drawn:
    """A line through the values, for a trend at a glance."""
    most = max((one.value for one in marks), default=0) or 1
    step = WIDTH / max(len(marks) - 1, 1)
    points = " ".join(
        f"{index * step:.1f},{HEIGHT - 4 - (HEIGHT - 8) * one.value / most:.1f}" for index, one in enumerate(marks)
    )
    return _drawn(label, marks, [Markup('<polyline class="line" points="{}"/>').format(points)], HEIGHT)


def _line(one: Mark, rect: Markup, index: int) -> Markup:
    base = index * LINE + TOP - 7
    texts = Markup('<text x="0" y="{}">{}</text><text class="value" x="{}" y="{}" text-anchor="end">{}</text>').format(
        base, _short(one.label), WIDTH, base, one.text
    )
    body = Markup("<title>{}: {}</title>{}{}").format(one.label, one.text, rect, texts)
    return Markup('<a href="{}">{}</a>').format(one.href, body) if one.href else Markup("<g>{}</g>").format(body)


def _short(text: str) -> str:
    return text if len(text) <= LABEL_LENGTH else f"{text[: LABEL_LENGTH - 1]}…"


def _drawn(label: str, marks: Sequence[Mark], parts: Sequence[Markup], height: int) -> Drawn:
    svg = Markup('<svg viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        WIDTH, max(height, 1), escape(label), Markup("").join(parts)
    )
    return Drawn(svg, tuple(marks))

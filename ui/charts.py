"""Charts as SVG, drawn on the server: no script, each mark a link to its records, the same data as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, sin, tau

from markupsafe import Markup, escape

WIDTH = 420
LINE = 46
TOP = 22
BAR = 14
TONES = 8
TALL = 140
DOT = 4
RADIUS = 80
LEGEND = 26
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


def columns(label: str, marks: Sequence[Mark]) -> Drawn:
    """Standing bars, one beside the other: a histogram, when the marks are the classes of one size."""
    most = max((one.value for one in marks), default=0) or 1
    wide = WIDTH / max(len(marks), 1)
    parts = []
    for index, one in enumerate(marks):
        high = max(2.0, TALL * max(one.value, 0) / most)
        rect = Markup('<rect class="m1" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="3"/>').format(
            index * wide + wide * 0.1, TOP + TALL - high, wide * 0.8, high
        )
        middle = index * wide + wide / 2
        texts = _text(middle, TOP + TALL - high - 6, one.text, "value") + _text(middle, TOP + TALL + 20, one.label)
        parts.append(_linked(one, rect + texts))
    return _drawn(label, marks, parts, TOP + TALL + 28)


def curve(label: str, marks: Sequence[Mark]) -> Drawn:
    """A line through the values in their order, with a point for each: a development in time."""
    most = max((one.value for one in marks), default=0) or 1
    step = (WIDTH - 2 * DOT) / max(len(marks) - 1, 1)
    places = [(DOT + index * step, TOP + TALL - TALL * one.value / most) for index, one in enumerate(marks)]
    line = Markup('<polyline class="line" points="{}"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y in places))
    parts = [line]
    for one, (x, y) in zip(marks, places, strict=True):
        parts.append(_linked(one, Markup('<circle class="m1" cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(x, y, DOT)))
    for index, anchor in {0: "start", len(marks) - 1: "end"}.items() if marks else ():
        parts.append(_text(places[index][0], TOP + TALL + 22, marks[index].label, anchor=anchor))
    if marks:
        parts.append(_text(0, TOP - 8, max(marks, key=lambda one: one.value).text, "value", anchor="start"))
    return _drawn(label, marks, parts, TOP + TALL + 28)


def pie(label: str, marks: Sequence[Mark]) -> Drawn:
    """Parts of a whole, clockwise from the top, each named beside with its value."""
    whole = sum(max(one.value, 0) for one in marks) or 1
    parts, turned = [], 0.0
    for index, one in enumerate(marks):
        share = max(one.value, 0) / whole
        tone = index % TONES + 1
        slice_ = Markup('<path class="m{}" d="{}"/>').format(tone, _slice(turned, share)) if share else Markup()
        legend = Markup('<rect class="m{}" x="{}" y="{}" width="{}" height="{}" rx="4"/>').format(
            tone, 2 * RADIUS + 24, index * LEGEND + 4, BAR, BAR
        )
        texts = _text(2 * RADIUS + 48, index * LEGEND + 16, _short(one.label), anchor="start")
        texts += _text(WIDTH, index * LEGEND + 16, one.text, "value", anchor="end")
        parts.append(_linked(one, slice_ + legend + texts))
        turned += share
    return _drawn(label, marks, parts, max(2 * RADIUS, len(marks) * LEGEND))


def _slice(turned: float, share: float) -> str:
    """The path of a slice that begins after some of the circle; of all of it two halves, since an arc has two ends."""
    if share >= 1:
        return f"M{RADIUS},0 A{RADIUS},{RADIUS} 0 1 1 {RADIUS},{2 * RADIUS} A{RADIUS},{RADIUS} 0 1 1 {RADIUS},0 Z"
    ends = [
        f"{RADIUS + RADIUS * sin(tau * at):.2f},{RADIUS - RADIUS * cos(tau * at):.2f}"
        for at in (turned, turned + share)
    ]
    return f"M{RADIUS},{RADIUS} L{ends[0]} A{RADIUS},{RADIUS} 0 {int(share > 0.5)} 1 {ends[1]} Z"


def _text(x: float, y: float, text: str, css: str = "", *, anchor: str = "middle") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(css, x, y, anchor, text)


def _line(one: Mark, rect: Markup, index: int) -> Markup:
    base = index * LINE + TOP - 7
    texts = Markup('<text x="0" y="{}">{}</text><text class="value" x="{}" y="{}" text-anchor="end">{}</text>').format(
        base, _short(one.label), WIDTH, base, one.text
    )
    return _linked(one, rect + texts)


def _linked(one: Mark, drawn: Markup) -> Markup:
    body = Markup("<title>{}: {}</title>{}").format(one.label, one.text, drawn)
    return Markup('<a href="{}">{}</a>').format(one.href, body) if one.href else Markup("<g>{}</g>").format(body)


def _short(text: str) -> str:
    return text if len(text) <= LABEL_LENGTH else f"{text[: LABEL_LENGTH - 1]}…"


def _drawn(label: str, marks: Sequence[Mark], parts: Sequence[Markup], height: int) -> Drawn:
    svg = Markup('<svg viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        WIDTH, max(height, 1), escape(label), Markup("").join(parts)
    )
    return Drawn(svg, tuple(marks))

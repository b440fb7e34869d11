"""Charts as SVG, drawn on the server: no script, each mark a link to its records, the same data as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, cos, sin, tau
from unicodedata import east_asian_width

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
PIE_LENGTH = 14
LETTER = 8
NAMES = 96
NAMES_LENGTH = 11
CELL = 34
HEATS = 5
SPARK_WIDTH, SPARK_TALL, SPARK_EDGE = 120, 28, 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A value of a chart: its label, its size, the text that says it, and where it leads."""

    label: str
    value: float
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A row of values, whose marks have the same labels in every row: its own label, and the text that sums it up."""

    label: str
    marks: tuple[Mark, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as SVG, and the rows of its table; `series` where that has columns, too."""

    label: str
    svg: Markup
    rows: tuple[Mark, ...]
    series: tuple[Series, ...] = ()

    @property
    def heads(self) -> tuple[str, ...]:
        """The columns of the table: what the marks of all series are called, each once."""
        return tuple(dict.fromkeys(one.label for row in self.series for one in row.marks))

    def at(self, row: Series, head: str) -> Mark | None:
        """The value of a row in a column, if it has one."""
        return next((one for one in row.marks if one.label == head), None)


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
    labelled, told = _every([one.label for one in marks], wide), _every([one.text for one in marks], wide)
    parts = []
    for index, one in enumerate(marks):
        high = max(2.0, TALL * max(one.value, 0) / most)
        rect = Markup('<rect class="m1" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="3"/>').format(
            index * wide + wide * 0.1, TOP + TALL - high, wide * 0.8, high
        )
        middle = index * wide + wide / 2
        texts = Markup() if index % told else _text(middle, TOP + TALL - high - 6, one.text, "value")
        texts += Markup() if index % labelled else _text(middle, TOP + TALL + 20, one.label)
        parts.append(_linked(one, rect + texts))
    return _drawn(label, marks, parts, TOP + TALL + 28)


def _every(texts: Sequence[str], wide: float) -> int:
    """Each how manieth of some texts has room, where one place is so wide."""
    return max(1, ceil(max((_room(one) for one in texts), default=0) * LETTER / wide))


def curve(label: str, marks: Sequence[Mark]) -> Drawn:
    """A line through the values in their order, with a point for each: a development in time."""
    return _curve(label, marks, filled=False)


def area(label: str, marks: Sequence[Mark]) -> Drawn:
    """A line through the values with what lies below it filled: how an amount grows and shrinks."""
    return _curve(label, marks, filled=True)


def _curve(label: str, marks: Sequence[Mark], *, filled: bool) -> Drawn:
    places = _places(marks, WIDTH, TALL, DOT, TOP)
    line = Markup('<polyline class="line" points="{}"/>').format(_joined(places))
    parts = [line]
    if filled and places:
        feet = ((places[-1][0], TOP + TALL), (places[0][0], TOP + TALL))
        parts.insert(0, Markup('<polygon class="area" points="{}"/>').format(_joined((*places, *feet))))
    for one, (x, y) in zip(marks, places, strict=True):
        parts.append(_linked(one, Markup('<circle class="m1" cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(x, y, DOT)))
    for index, anchor in {0: "start", len(marks) - 1: "end"}.items() if marks else ():
        parts.append(_text(places[index][0], TOP + TALL + 22, marks[index].label, anchor=anchor))
    if marks:
        parts.append(_text(0, TOP - 8, max(marks, key=lambda one: one.value).text, "value", anchor="start"))
    return _drawn(label, marks, parts, TOP + TALL + 28)


def _places(marks: Sequence[Mark], wide: float, tall: float, edge: float, top: float) -> list[tuple[float, float]]:
    """Where the points of a line are."""
    most = max((one.value for one in marks), default=0) or 1
    step = (wide - 2 * edge) / max(len(marks) - 1, 1)
    return [(edge + index * step, top + tall - tall * one.value / most) for index, one in enumerate(marks)]


def _joined(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def sparkline(label: str, marks: Sequence[Mark]) -> Drawn:
    """A line as high as a word, for a cell or a tile: the way of a value up to the last. Its links are in its table."""
    places = _places(marks, SPARK_WIDTH, SPARK_TALL - 2 * SPARK_EDGE, SPARK_EDGE, SPARK_EDGE)
    said = f"{label}: {marks[0].text} – {marks[-1].text}" if marks else label
    line = Markup('<polyline class="line" points="{}"/>').format(_joined(places))
    for x, y in places[-1:]:
        line += Markup('<circle class="m1" cx="{:.1f}" cy="{:.1f}" r="{}"/>').format(x, y, SPARK_EDGE)
    svg = Markup('<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        SPARK_WIDTH, SPARK_TALL, said, line
    )
    return Drawn(label, svg, tuple(marks))


def stacked(label: str, series: Sequence[Series]) -> Drawn:
    """Lying bars of several parts, one below the other; a part has the same tone in each, and is named once, on top."""
    drawn = _table(label, series)
    parts, top = _legend(drawn.heads)
    most = max((sum(max(one.value, 0) for one in row.marks) for row in series), default=0) or 1
    for index, row in enumerate(series):
        base, left = top + index * LINE + TOP, 0.0
        parts.append(_text(0, base - 7, _short(row.label), anchor="start"))
        parts.append(_text(WIDTH, base - 7, row.text, "value", anchor="end"))
        for one in row.marks:
            width = WIDTH * max(one.value, 0) / most
            rect = Markup('<rect class="m{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>').format(
                drawn.heads.index(one.label) % TONES + 1, left, base, width, BAR
            )
            parts.append(_linked(_of(row, one), rect) if width else Markup())
            left += width
    return replace(drawn, svg=_svg(label, parts, top + len(series) * LINE))


def _legend(names: Sequence[str]) -> tuple[list[Markup], int]:
    """The tones with their names, in lines, and how high that is."""
    parts, left, top = [], 0, 0
    for index, name in enumerate(names):
        wide = BAR + 6 + _room(_short(name)) * LETTER + 14
        if left and left + wide > WIDTH:
            left, top = 0, top + LEGEND
        rect = Markup('<rect class="m{}" x="{}" y="{}" width="{}" height="{}" rx="4"/>').format(
            index % TONES + 1, left, top + 4, BAR, BAR
        )
        parts.append(rect + _text(left + BAR + 6, top + 16, _short(name), anchor="start"))
        left += wide
    return parts, top + LEGEND if names else 0


def heat(label: str, series: Sequence[Series]) -> Drawn:
    """A grid of values, the stronger the more: the series are its lines, the labels of their marks its columns."""
    drawn = _table(label, series)
    most = max((one.value for one in drawn.rows), default=0) or 1
    wide = (WIDTH - NAMES) / max(len(drawn.heads), 1)
    labelled, told = _every(drawn.heads, wide), _every([one.text for one in drawn.rows], wide)
    parts = [
        _text(NAMES + index * wide + wide / 2, TOP - 8, name)
        for index, name in enumerate(drawn.heads)
        if index % labelled == 0
    ]
    for index, row in enumerate(series):
        parts.append(_text(0, TOP + index * CELL + CELL * 0.62, _short(row.label, NAMES_LENGTH), anchor="start"))
        for one in row.marks:
            left, top = NAMES + drawn.heads.index(one.label) * wide, TOP + index * CELL
            step = ceil(HEATS * max(one.value, 0) / most)
            cell = Markup('<rect class="m1 h{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="3"/>').format(
                step, left + 1, top + 1, wide - 2, CELL - 2
            )
            value = _text(left + wide / 2, top + CELL * 0.62, one.text, "value") if told == 1 else Markup()
            parts.append(_linked(_of(row, one), cell + value))
    return replace(drawn, svg=_svg(label, parts, TOP + len(series) * CELL))


def _table(label: str, series: Sequence[Series]) -> Drawn:
    return Drawn(label, Markup(), tuple(one for row in series for one in row.marks), tuple(series))


def _of(row: Series, one: Mark) -> Mark:
    """A mark that says of which row it is."""
    return replace(one, label=f"{row.label}, {one.label}")


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
        texts = _text(2 * RADIUS + 48, index * LEGEND + 16, _short(one.label, PIE_LENGTH), anchor="start")
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


def _room(text: str) -> int:
    """How wide a text is, in Latin letters: those of Chinese and Korean are twice as wide."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _short(text: str, room: int = LABEL_LENGTH) -> str:
    if _room(text) <= room:
        return text
    while _room(text) >= room:
        text = text[:-1]
    return f"{text}…"


def _drawn(label: str, marks: Sequence[Mark], parts: Sequence[Markup], height: int) -> Drawn:
    return Drawn(label, _svg(label, parts, height), tuple(marks))


def _svg(label: str, parts: Sequence[Markup], height: int) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>').format(
        WIDTH, max(height, 1), escape(label), Markup("").join(parts)
    )

"""The style guide: every component and token as it is, for whoever makes pages. It is drawn from what the pages use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from starlette.responses import Response

from ui.cells import Cell, Item
from ui.charts import Drawn, Mark, Series, area, bars, columns, curve, funnel, heat, pie, sparkline, stacked
from ui.forms import Control
from ui.lists import Column, Row
from ui.visitor import Visitor
from ui.words import FOLDER, N_

HERE = "/_ui"
STYLE = (FOLDER / "static" / "app.css").read_text(encoding="utf-8")
COLOURS = tuple(re.findall(r"--([\w-]+): #", STYLE[: STYLE.index("--shadow")]))
ICONS = tuple(re.findall(r'<symbol id="([\w-]+)"', (FOLDER / "static" / "icons.svg").read_text(encoding="utf-8")))
STATES = (N_("New"), N_("Under way"), N_("Done"), N_("Late"))
TEAMS = (N_("North"), N_("East"), N_("South"))
VALUES = (34, 21, 13, 5)
WEEKS = (8, 12, 9, 15, 19, 16, 24)
SINGLE: tuple[tuple[str, Callable[[str, Sequence[Mark]], Drawn]], ...] = (
    ("bars", bars),
    ("funnel", funnel),
    ("columns", columns),
    ("pie", pie),
)
IN_TIME = (("curve", curve), ("area", area), ("sparkline", sparkline))
DOUBLE = (("stacked", stacked), ("heat", heat))


async def show_guide(visitor: Visitor) -> Response:
    """The style guide."""
    visitor = await visitor.proven()
    return visitor.page(
        "style_guide.html",
        colours=COLOURS,
        icons=ICONS,
        controls=list(_controls(visitor)),
        columns=_columns(visitor),
        rows=list(_rows(visitor)),
        charts=list(_charts(visitor)),
        tabs=[Item(visitor.gettext(one), f"{HERE}#tabs") for one in STATES],
        states=[Cell("choice", visitor.gettext(one), tone=tone) for tone, one in enumerate(STATES, 1)],
    )


def _controls(visitor: Visitor) -> Iterator[Control]:
    """A field of each kind, some with help, one that is wrong."""
    currencies = (("EUR", "EUR"), ("CNY", "CNY"), ("KRW", "KRW"))
    yield Control("name", visitor.gettext("Name"), "text", required=True)
    yield Control(
        "mail",
        visitor.gettext("Email"),
        "text",
        "ann@",
        required=True,
        error=visitor.gettext("This is no e-mail address"),
    )
    yield Control(
        "state", visitor.gettext("State"), "select", help=visitor.gettext("Where it stands"), options=_offered(visitor)
    )
    yield Control(
        "amount", visitor.gettext("Amount"), "money", "1234.50", "EUR", options=currencies, inputmode="decimal"
    )
    yield Control("day", visitor.gettext("Day"), "date", visitor.formats.today().isoformat())
    yield Control("agreed", visitor.gettext("Agreed"), "checkbox", "yes")
    yield Control("note", visitor.gettext("Note"), "note", wide=True)


def _offered(visitor: Visitor) -> tuple[tuple[str, str], ...]:
    return tuple((one, visitor.gettext(one)) for one in STATES)


def _columns(visitor: Visitor) -> list[Column]:
    heads = ((N_("Name"), False), (N_("State"), False), (N_("Owner"), False), (N_("Amount"), True), (N_("Day"), False))
    return [Column(text, visitor.gettext(text), number) for text, number in heads]


def _rows(visitor: Visitor) -> Iterator[Row]:
    """Rows with a cell of each form; the second holds nothing but its name."""
    for index, team in enumerate(TEAMS):
        name, day = visitor.gettext(team), visitor.formats.today() - timedelta(days=index)
        cells = (
            Cell("text", name),
            Cell("choice", visitor.gettext(STATES[index]), tone=index + 1),
            Cell("who", "Ann Lee"),
            Cell("number", visitor.formats.money(str(VALUES[index] * 1000), "EUR")),
            Cell("time", visitor.formats.day(day), stamp=day.isoformat()),
        )
        yield Row(str(index), f"{HERE}#tables", name, cells[:1] + (Cell(),) * 4 if index == 1 else cells)


def _charts(visitor: Visitor) -> Iterator[tuple[str, Drawn]]:
    """Every chart, by the name that a plugin imports it under."""
    title, weekly = visitor.gettext("By state"), visitor.gettext("By week")
    marks = _marks(visitor, VALUES)
    first = visitor.formats.today() - timedelta(weeks=len(WEEKS))
    weeks = [
        Mark(
            visitor.formats.day(first + timedelta(weeks=index)), value, visitor.formats.number(value), f"{HERE}#charts"
        )
        for index, value in enumerate(WEEKS)
    ]
    series = [
        Series(visitor.gettext(team), _marks(visitor, VALUES[index:]), visitor.formats.number(sum(VALUES[index:])))
        for index, team in enumerate(TEAMS)
    ]
    yield from ((name, draw(f"{title} ({name})", marks)) for name, draw in SINGLE)
    yield from ((name, draw(f"{weekly} ({name})", weeks)) for name, draw in IN_TIME)
    yield from ((name, draw(f"{title} ({name})", series)) for name, draw in DOUBLE)


def _marks(visitor: Visitor, values: Sequence[int]) -> tuple[Mark, ...]:
    return tuple(
        Mark(visitor.gettext(state), value, visitor.formats.number(value), f"{HERE}#charts")
        for state, value in zip(STATES, values, strict=False)
    )

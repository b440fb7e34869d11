"""Charts: marks in proportion, links to the records behind, nothing unescaped."""

from __future__ import annotations

import re

from ui.charts import WIDTH, Mark, bars, funnel, sparkline

MARKS = (Mark("New", 40, "40", "/x?a=1&b=2"), Mark("<b>Won</b>", 10, "10"))


def widths(svg: str) -> list[float]:
    return [float(one) for one in re.findall(r'<rect [^>]*width="([\d.]+)"', svg)]


def test_bars_are_in_proportion():
    assert widths(bars("By stage", MARKS).svg) == [WIDTH, WIDTH / 4]


def test_a_funnel_is_centred():
    svg = funnel("By stage", MARKS).svg
    assert re.findall(r' x="([\d.]+)" y="[\d.]+" width', svg) == ["0.0", "157.5"]


def test_labels_and_addresses_are_escaped():
    svg = bars("A & B", MARKS).svg
    assert 'aria-label="A &amp; B"' in svg
    assert '<a href="/x?a=1&amp;b=2">' in svg
    assert "<b>" not in svg
    assert "&lt;b&gt;Won&lt;/b&gt;" in svg


def test_a_table_says_the_same():
    assert bars("By stage", MARKS).rows == MARKS


def test_no_marks_and_only_zeros_are_drawn_too():
    assert widths(bars("Nothing", ()).svg) == []
    assert widths(bars("Zeros", (Mark("a", 0, "0"),)).svg) == [4]
    assert "polyline" in sparkline("Trend", (Mark("a", 0, "0"),)).svg

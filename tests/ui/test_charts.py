"""Charts: marks in proportion, links to the records behind, nothing unescaped."""

from __future__ import annotations

import re

from ui.charts import RADIUS, TALL, WIDTH, Mark, bars, columns, curve, funnel, pie

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
    for draw in (columns, curve, pie):
        assert draw("Nothing", ()).rows == ()
        assert "NaN" not in draw("Zeros", (Mark("a", 0, "0"),)).svg


def test_columns_stand_in_proportion():
    heights = [float(one) for one in re.findall(r'<rect [^>]*height="([\d.]+)"', columns("Hours", MARKS).svg)]
    assert heights == [TALL, TALL / 4]


def test_a_curve_goes_through_its_points_which_lead_to_their_records():
    svg = curve("By week", MARKS).svg
    points = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', svg)
    assert " ".join(",".join(one) for one in points) == re.findall(r'points="([^"]+)"', svg)[0]
    assert float(points[1][1]) - float(points[0][1]) == TALL * 3 / 4
    assert '<a href="/x?a=1&amp;b=2"><title>New: 40</title><circle' in svg


def test_slices_of_a_pie_fill_it_in_proportion():
    svg = pie("By kind", MARKS).svg
    ends = re.findall(r'd="M80,80 L([\d.]+,[\d.]+) A80,80 0 (\d) 1 ([\d.]+,[\d.]+) Z"', svg)
    (first, large, second), (again, small, last) = ends
    assert (first, second) == (last, again), "one ends where the other begins, all round"
    assert (large, small) == ("1", "0")
    x, y = (float(one) for one in second.split(","))
    assert (round(x), round(y)) == (RADIUS - 76, RADIUS - 25), "after four fifths of the circle"


def test_a_pie_of_one_slice_is_a_circle_and_of_none_has_no_slice():
    assert pie("All", (Mark("a", 3, "3"), Mark("b", 0, "0"))).svg.count("<path") == 1

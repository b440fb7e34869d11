"""Charts: marks in proportion, links to the records behind, nothing unescaped."""

from __future__ import annotations

import re

import pytest

from ui.charts import (
    RADIUS,
    TALL,
    WIDTH,
    Mark,
    Series,
    area,
    bars,
    columns,
    curve,
    funnel,
    heat,
    pie,
    sparkline,
    stacked,
)

MARKS = (Mark("New", 40, "40", "/x?a=1&b=2"), Mark("<b>Won</b>", 10, "10"))
SERIES = (
    Series("Berlin", (Mark("Won", 30, "30", "/x?a=1&b=2"), Mark("Lost", 10, "10")), "40"),
    Series("<i>Oslo</i>", (Mark("Lost", 20, "20", "/y"),), "20"),
)


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
    for draw in (columns, curve, area, sparkline, pie):
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


def test_what_lies_below_a_curve_is_filled_down_to_its_foot():
    svg = area("By week", MARKS).svg
    line, filled = (re.findall(rf'<{one} class="\w+" points="([^"]+)"', svg)[0] for one in ("polyline", "polygon"))
    assert filled.startswith(line)
    assert {one.split(",")[1] for one in filled[len(line) :].split()} == {f"{TALL + 22:.1f}"}
    assert "<polygon" not in curve("By week", MARKS).svg


def test_a_sparkline_says_from_where_to_where_it_goes_and_leads_on_in_its_table():
    drawn = sparkline("Orders", MARKS)
    assert 'role="img" aria-label="Orders: 40 – 10"' in drawn.svg
    assert "<a " not in drawn.svg
    assert drawn.rows[0].href == "/x?a=1&b=2"


def test_parts_of_a_bar_add_up_and_have_the_tone_of_their_name():
    svg = stacked("By office", SERIES).svg
    parts = re.findall(r'<rect class="(m\d)" x="([\d.]+)" y="\d+" width="([\d.]+)" height="14"/>', svg)
    assert parts == [("m1", "0.0", "315.0"), ("m2", "315.0", "105.0"), ("m2", "0.0", "210.0")]
    assert '<a href="/x?a=1&amp;b=2"><title>Berlin, Won: 30</title>' in svg


def test_the_strongest_cell_of_a_grid_is_the_largest_value_and_nought_is_pale():
    empty = Series("Rome", (Mark("Won", 0, "0"),))
    svg = heat("By office", (*SERIES, empty)).svg
    assert re.findall(r'class="m1 (h\d)"', svg) == ["h5", "h2", "h4", "h0"]
    assert '<a href="/y"><title>&lt;i&gt;Oslo&lt;/i&gt;, Lost: 20</title>' in svg


@pytest.mark.parametrize("draw", [stacked, heat])
def test_a_table_of_series_has_a_column_for_each_name_and_gaps_where_nothing_is(draw):
    drawn = draw("By office", SERIES)
    assert drawn.heads == ("Won", "Lost")
    cells = [[drawn.at(row, head) for head in drawn.heads] for row in SERIES]
    assert [[one and one.text for one in line] for line in cells] == [["30", "10"], [None, "20"]]
    assert "<i>" not in drawn.svg
    assert draw("Nothing", ()).heads == ()
    assert "NaN" not in draw("Zeros", (Series("a", (Mark("b", 0, "0"),)),)).svg


def test_labels_without_room_are_cut_or_left_out_and_chinese_letters_count_twice():
    long = bars("x", (Mark("渠" * 20, 1, "1"),)).svg
    assert f">{'渠' * 12}…<" in long
    months = tuple(Mark(f"2026-{one:02}", one, str(one)) for one in range(1, 25))
    shown = re.findall(r">(2026-\d\d)<", columns("By month", months).svg)
    assert shown == ["2026-01", "2026-05", "2026-09", "2026-13", "2026-17", "2026-21"]

"""The supervisor's view of plan against fact, and the statistics of visits and of what was found on site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from plugins.visits.choices import AnswerKind, Excuse, VisitState
from plugins.visits.fulfilment import Fulfilment, fulfilled, total
from plugins.visits.lines import READ, names, word
from plugins.visits.models import Answer, FormQuestion, SiteClass, Visit
from tradepost import hookimpl
from tradepost.figures import Bucket, Function, Group, Measure
from tradepost.pages import Mark, Page, Reply, bars
from tradepost.pages import Visit as Visitor

PERIODS = (7, 30, 90, 365)
COUNT = Measure("count", Function.COUNT)
MOST_QUESTIONS = 50


@dataclass(frozen=True, slots=True)
class Period:
    """Some days until today."""

    days: int
    since: date
    today: date

    @property
    def query(self) -> str:
        """The same as a filter of the list of visits."""
        return f"day-gte={self.since}&day-lte={self.today}"


def _period(visitor: Visitor) -> Period:
    asked = visitor.query("days")
    days = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in PERIODS else PERIODS[1]
    today = visitor.local(visitor.now()).date()
    return Period(days, today - timedelta(days=days), today)


def _tabs(visitor: Visitor, period: Period) -> Mapping[str, Any]:
    return {
        "days": period.days,
        "periods": [(one, visitor.gettext("%(count)s days", count=one)) for one in PERIODS],
    }


async def supervision(visitor: Visitor) -> Reply:
    """Plan against fact, by person; each number leads to its visits."""
    period = _period(visitor)
    within = Visit.day.at_least(period.since) & Visit.day.at_most(period.today)
    found = await fulfilled(visitor.desk, within, period.today)
    known = await names(visitor, (one.person for one in found if one.person))
    rows = [_cells(visitor, one, period, known.get(one.person, "–") if one.person else "–") for one in found]
    return visitor.show(
        "supervision.html",
        rows=sorted(rows, key=lambda row: row["name"]),
        total=_cells(visitor, total(found), period, visitor.gettext("All")),
        excuses=await _excuses(visitor, period),
        **_tabs(visitor, period),
    )


def _cells(visitor: Visitor, one: Fulfilment, period: Period, name: str) -> Mapping[str, Any]:
    """The numbers of a person, with where they lead."""
    who = f"owner={one.person}&" if one.person else ""
    past = f"day-gte={period.since}&day-lt={period.today}"

    def cell(number: int, query: str) -> tuple[str, str]:
        return visitor.number(number), visitor.address(Visit, query=f"{who}{query}") if number else ""

    return {
        "name": name,
        "day": f"/visits/week?user={one.person}" if one.person else "",
        "cells": (
            cell(one.planned, f"{period.query}&planned_at-empty=no"),
            cell(one.done, f"state=done&{period.query}"),
            cell(one.called_off, f"state=called_off&planned_at-empty=no&{period.query}"),
            cell(one.missed, f"state=planned&{past}"),
            cell(one.unplanned, f"state=done&planned_at-empty=yes&{period.query}"),
            cell(one.doubtful, f"doubtful=yes&{period.query}"),
        ),
        "percent": "–" if one.percent is None else f"{visitor.number(one.percent)} %",
        "minutes": "–" if one.minutes is None else visitor.number(one.minutes),
        "late": "–" if one.late is None else visitor.number(one.late),
        "way": visitor.number(round(one.metres / 1_000)),
    }


async def _excuses(visitor: Visitor, period: Period) -> Any:
    within = Visit.day.at_least(period.since) & Visit.day.at_most(period.today)
    where = within & Visit.state.eq(VisitState.CALLED_OFF)
    rows = {
        row["excuse"]: row["count"] for row in await visitor.desk.figures(Visit, COUNT, by=("excuse",), where=where)
    }
    marks = [
        Mark(
            word(visitor, one),
            rows[one.name],
            visitor.number(rows[one.name]),
            visitor.address(Visit, query=f"state=called_off&planned_at-empty=no&{period.query}"),
        )
        for one in Excuse
        if rows.get(one.name)
    ]
    return bars(visitor.gettext("Called off because"), marks) if marks else None


async def statistics(visitor: Visitor) -> Reply:
    """How many visits were done, where, how long, and what was found."""
    period = _period(visitor)
    done = Visit.state.eq(VisitState.DONE) & Visit.day.at_least(period.since) & Visit.day.at_most(period.today)
    figures = visitor.desk.figures
    (whole,) = await figures(
        Visit,
        COUNT,
        Measure("minutes", Function.MEDIAN, "minutes"),
        Measure("late", Function.MEDIAN, "late_minutes"),
        Measure("way", Function.SUM, "way"),
        where=done,
    )
    weeks = await figures(Visit, COUNT, by=(Group("week", "day", Bucket.WEEK),), where=done)
    return visitor.show(
        "statistics.html",
        tiles=_tiles(visitor, whole, period),
        weeks=_weeks(visitor, weeks),
        classes=await _classes(visitor, done),
        questions=await _questions(visitor, period),
        **_tabs(visitor, period),
    )


def _tiles(visitor: Visitor, whole: Mapping[str, Any], period: Period) -> list[tuple[str, str, str]]:
    href = visitor.address(Visit, query=f"state=done&{period.query}")
    shown = {name: "–" if whole[name] is None else visitor.number(whole[name]) for name in ("minutes", "late")}
    return [
        (visitor.gettext("Visits done"), visitor.number(whole["count"]), href),
        (visitor.gettext("Minutes on site, median"), shown["minutes"], ""),
        (visitor.gettext("Minutes late, median"), shown["late"], ""),
        (visitor.gettext("Kilometres of the routes"), visitor.number(round(int(whole["way"] or 0) / 1_000)), ""),
    ]


def _weeks(visitor: Visitor, rows: Sequence[Mapping[str, Any]]) -> Any:
    marks = []
    for row in rows:
        begins = date.fromisoformat(str(row["week"])[:10])
        query = f"state=done&day-gte={begins}&day-lte={begins + timedelta(days=6)}"
        marks.append(
            Mark(visitor.day(begins), row["count"], visitor.number(row["count"]), visitor.address(Visit, query=query))
        )
    return bars(visitor.gettext("Visits done, by week"), marks) if marks else None


async def _classes(visitor: Visitor, done: Any) -> Any:
    """Visits by the class of their sites."""
    if not (visitor.caller.allows("visits.site.read") and visitor.caller.allows("visits.site_class.read")):
        return None
    rows = await visitor.desk.figures(Visit, COUNT, by=("site.site_class",), where=done)
    known = {str(one.id): one.name for one in await visitor.desk.find(SiteClass, order=("name",))}
    found = {known.get(row["site.site_class"], "–"): row["count"] for row in rows}
    marks = [Mark(name, found[name], visitor.number(found[name])) for name in sorted(found)]
    return bars(visitor.gettext("Visits done, by class"), marks) if marks else None


async def _questions(visitor: Visitor, period: Period) -> list[Mapping[str, Any]]:
    """What was answered to each question: sums of numbers, counts of choices, how many notes and photos."""
    if not visitor.caller.allows("visits.visit_form.read"):
        return []
    within = Answer.visit.where(Visit.day.at_least(period.since) & Visit.day.at_most(period.today))
    measures = (
        COUNT,
        Measure("sum", Function.SUM, "number"),
        Measure("average", Function.AVERAGE, "number"),
        Measure("least", Function.MINIMUM, "number"),
        Measure("most", Function.MAXIMUM, "number"),
    )
    rows = await visitor.desk.figures(Answer, *measures, by=("field",), where=within)
    chosen = await visitor.desk.figures(Answer, COUNT, by=("field", "chosen"), where=within & ~Answer.chosen.empty())
    asked = await visitor.desk.find(
        FormQuestion, order=("form.name", "place"), limit=MOST_QUESTIONS, fields=("*", "form.name")
    )
    by_field = {row["field"]: row for row in rows}
    return [
        {
            "question": f"{one.question} ({one.unit})" if one.unit else one.question,
            "form": one.form.name,
            "count": visitor.number(by_field[str(one.id)]["count"]),
            "numbers": _numbers(visitor, by_field[str(one.id)]) if one.kind is AnswerKind.NUMBER else None,
            "chart": _chosen(visitor, one, [row for row in chosen if row["field"] == str(one.id)]),
            "href": visitor.address(Answer, query=f"field={one.id}"),
        }
        for one in asked
        if str(one.id) in by_field
    ]


def _numbers(visitor: Visitor, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    labels = {
        "sum": visitor.gettext("Sum"),
        "average": visitor.gettext("Average"),
        "least": visitor.gettext("Least"),
        "most": visitor.gettext("Most"),
    }
    return [
        (label, visitor.number(Decimal(str(row[name])).quantize(Decimal("0.01")).normalize()))
        for name, label in labels.items()
        if row[name] is not None
    ]


def _chosen(visitor: Visitor, question: FormQuestion, rows: Sequence[Mapping[str, Any]]) -> Any:
    if question.kind is not AnswerKind.CHOICE:
        return None
    marks = [Mark(row["chosen"], row["count"], visitor.number(row["count"])) for row in rows]
    return bars(question.question, marks) if marks else None


@hookimpl
def tradepost_pages() -> Sequence[Page]:
    """Plan against fact, and statistics."""
    return (
        Page("supervision", supervision, permission=READ, menu="Plan and fact", icon="target", place=40),
        Page("statistics", statistics, permission=READ, menu="Statistics", icon="chart-column", place=45),
    )

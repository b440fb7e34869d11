"""The figures of the CRM sales files, computed from the files alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.mapping import login_of

Row = Mapping[str, str]


@dataclass(frozen=True)
class Figures:
    """What the files amount to: opportunities by stage, won value by region, records that people see."""

    stages: Mapping[str, int]
    won: Mapping[str, int]
    visible: Mapping[str, int]
    unnamed: int
    misspelt: int


def figures_of(deals: Sequence[Row], teams: Sequence[Row]) -> Figures:
    """The figures of a pipeline and its teams."""
    manager = {row["sales_agent"]: login_of(row["manager"]) for row in teams}
    region = {row["sales_agent"]: row["regional_office"] for row in teams}
    won: Counter[str] = Counter()
    visible: Counter[str] = Counter()
    for row in deals:
        agent = row["sales_agent"]
        visible[manager[agent]] += 1
        visible[f"director.{region[agent].lower()}"] += 1
        if row["deal_stage"] == "Won":
            won[""] += int(row["close_value"])
            won[region[agent]] += int(row["close_value"])
    return Figures(
        stages=dict(Counter(row["deal_stage"] for row in deals)),
        won=dict(won),
        visible=dict(visible),
        unnamed=sum(not row["account"] for row in deals),
        misspelt=sum(row["product"] == "GTXPro" for row in deals),
    )

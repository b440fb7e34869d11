"""Pages of a plugin that cannot be derived, and what is drawn on them.

A template of the plugin's `templates` folder extends `base.html` and gets `visit`, `ui` (the components) and what
`visit.show` was given; `{{ ui.chart(drawn) }}` draws a chart, `{{ ui.field(one) }}` a field of `visit.controls`.
"""

from __future__ import annotations

from core.pages import Entered, Inset, Page, Reply, Visit
from ui.charts import Drawn, Mark, Series, area, bars, columns, curve, funnel, heat, pie, sparkline, stacked

__all__ = [
    "Drawn",
    "Entered",
    "Inset",
    "Mark",
    "Page",
    "Reply",
    "Series",
    "Visit",
    "area",
    "bars",
    "columns",
    "curve",
    "funnel",
    "heat",
    "pie",
    "sparkline",
    "stacked",
]

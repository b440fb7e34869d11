"""Pages of a plugin that cannot be derived, and what is drawn on them.

A template of the plugin's `templates` folder extends `base.html` and gets `visit`, `ui` (the components) and what
`visit.show` was given; `{{ ui.chart(drawn) }}` draws a chart, `{{ ui.field(one) }}` a field of `visit.controls`.
"""

from __future__ import annotations

from core.pages import Entered, Inset, Page, Reply, Visit
from ui.charts import Drawn, Mark, bars, columns, curve, funnel, pie

__all__ = ["Drawn", "Entered", "Inset", "Mark", "Page", "Reply", "Visit", "bars", "columns", "curve", "funnel", "pie"]

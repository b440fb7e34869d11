"""Tradepost as the benchmark serves it: without a worker, which would build the search index beside."""

from __future__ import annotations

from tradepost.app import create_app
from tradepost.sales import plugin

app = create_app(plugins=[plugin], worker=False)

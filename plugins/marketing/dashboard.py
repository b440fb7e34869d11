"""What marketing puts on the home page."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.marketing.models import Campaign
from tradepost import Panel, hookimpl


@hookimpl
def tradepost_dashboard() -> Sequence[Panel]:
    """The campaigns that run."""
    return (Panel("Running campaigns", Campaign, "stage=running", columns=("kind", "ends_on", "budget"), place=30),)

"""Conditions kept as data: what `desk.criteria` and `work.criteria` are."""

from __future__ import annotations

from core.criteria import Criteria, Criterion

__all__ = ["Criteria", "Criterion"]

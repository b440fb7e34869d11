"""Figures of records by groups: what `desk.figures` is asked with."""

from __future__ import annotations

from core.query import Bucket, Function, Group, Measure

__all__ = ["Bucket", "Function", "Group", "Measure"]

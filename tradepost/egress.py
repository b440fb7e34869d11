"""Requests to other hosts: what a job asks by `office.egress`, and what comes back of it."""

from __future__ import annotations

from core.egress import Answered, Egress, EgressFault

__all__ = ["Answered", "Egress", "EgressFault"]

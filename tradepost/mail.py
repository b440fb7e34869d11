"""Sending mail: what a job's `office.mailer` is, and what becomes of a message."""

from __future__ import annotations

from core.mail import Fate, Mailer, Post, Posted

__all__ = ["Fate", "Mailer", "Post", "Posted"]

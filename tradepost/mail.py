"""Mail: what a job hands to `office.mailer`, and what becomes of it."""

from __future__ import annotations

from core.mail import Delivery, Fate, Mail, Mailer, MailFault, MailFile, MailLine

__all__ = ["Delivery", "Fate", "Mail", "MailFault", "MailFile", "MailLine", "Mailer"]

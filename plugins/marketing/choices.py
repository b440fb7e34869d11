"""The closed lists of words that marketing chooses from."""

from __future__ import annotations

from enum import Enum


class Measure(Enum):
    """What kind of campaign it is."""

    EMAIL = "email"
    EVENT = "event"
    WEBSITE = "website"
    DIRECT_MAIL = "direct_mail"
    ADVERTISING = "advertising"
    OTHER = "other"


class CampaignStage(Enum):
    """How far a campaign has come."""

    IDEA = "idea"
    PLANNED = "planned"
    RUNNING = "running"
    EVALUATION = "evaluation"
    CLOSED = "closed"


class Answer(Enum):
    """What a member of a campaign made of it."""

    CHOSEN = "chosen"
    INVITED = "invited"
    INTERESTED = "interested"
    TOOK_PART = "took_part"
    BOUGHT = "bought"
    DECLINED = "declined"


class Audience(Enum):
    """Whose addresses a mailing goes to."""

    CUSTOMERS = "customers"
    CONTACTS = "contacts"
    BOTH = "both"


class MailingState(Enum):
    """How far a mailing has come."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"


class RecipientState(Enum):
    """What became of the mail to a person."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    SKIPPED = "skipped"


class SuppressionReason(Enum):
    """Why somebody gets no mail."""

    UNSUBSCRIBED = "unsubscribed"
    ASKED = "asked"
    BOUNCED = "bounced"
    OTHER = "other"

"""What other plugins may build upon: the objects of marketing and the words that they choose from."""

from __future__ import annotations

from plugins.marketing import plugin
from plugins.marketing.choices import (
    Answer,
    Audience,
    CampaignStage,
    MailingState,
    Measure,
    RecipientState,
    SuppressionReason,
)
from plugins.marketing.models import (
    Campaign,
    Enquiry,
    Form,
    FormQuestion,
    Mailing,
    Member,
    Recipient,
    Segment,
    Suppression,
)

__all__ = [
    "Answer",
    "Audience",
    "Campaign",
    "CampaignStage",
    "Enquiry",
    "Form",
    "FormQuestion",
    "Mailing",
    "MailingState",
    "Measure",
    "Member",
    "Recipient",
    "RecipientState",
    "Segment",
    "Suppression",
    "SuppressionReason",
    "plugin",
]

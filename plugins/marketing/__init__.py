"""Marketing: segments, campaigns, mailings to each person once, and forms that bring leads."""

from __future__ import annotations

from plugins.marketing import dashboard, jobs, mailings, models, pages, resources, roles
from tradepost import Plugin

plugin = Plugin(
    "marketing",
    models=[
        models.Segment,
        models.Campaign,
        models.Member,
        models.Mailing,
        models.Recipient,
        models.Suppression,
        models.Form,
        models.FormQuestion,
        models.Enquiry,
    ],
    resources=[
        resources.Segments,
        resources.Campaigns,
        resources.Members,
        mailings.Mailings,
        resources.Recipients,
        resources.Suppressions,
        resources.Forms,
        resources.FormQuestions,
        resources.Enquiries,
    ],
    hooks=[roles, jobs, pages, dashboard],
    needs=["sales"],
)

"""The roles of marketing, and what sales and auditors see of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tradepost import RoleDefault, Scope, hookimpl

CHANGES = ("create", "update", "archive")
WHOLE = ("read", *CHANGES, "export", "import", "transfer", "share")
MODELS = ("segment", "campaign", "mailing", "suppression", "form", "enquiry")
CAMPAIGN_ACTIONS = ("advance", "go_back", "enlist")
MAILING_ACTIONS = ("test", "start", "pause", "resume")


def _grants(model: str, verbs: Iterable[str], scope: Scope = Scope.ALL) -> list[tuple[str, Scope]]:
    return [(f"marketing.{model}.{verb}", scope) for verb in verbs]


@hookimpl
def tradepost_roles() -> Sequence[RoleDefault]:
    """Marketer, for the whole team alike; salespeople see campaigns and enquiries."""
    seen = ("customer", "contact", "lead", "opportunity", "follow_up", "product", "pipeline")
    reading = [(f"sales.{one}.read", Scope.ALL) for one in seen]
    reading += [("core.user.read", Scope.ALL), ("core.department.read", Scope.ALL), ("sales.lead.create", Scope.ALL)]
    marketer = [grant for one in MODELS for grant in _grants(one, WHOLE)]
    marketer += _grants("campaign", CAMPAIGN_ACTIONS) + _grants("mailing", MAILING_ACTIONS)
    sales = _grants("campaign", ("read",)) + _grants("segment", ("read",)) + _grants("enquiry", ("read",))
    auditor = [grant for one in MODELS for grant in _grants(one, ("read", "export"))]
    return (
        RoleDefault(
            "Marketer", "Works with the whole team on segments, campaigns, mailings and forms.", (*reading, *marketer)
        ),
        *(RoleDefault(name, "", tuple(sales)) for name in ("Salesperson", "Team lead", "Sales director")),
        RoleDefault("Auditor", "", tuple(auditor)),
    )

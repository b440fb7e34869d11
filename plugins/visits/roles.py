"""The roles of visits, and what sales and auditors see of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tradepost import RoleDefault, Scope, hookimpl

CHANGES = ("create", "update", "archive")
ON_THE_WAY = ("check_in", "check_out", "answer", "call_off", "promise", "release")
LISTS = ("site_class", "visit_form")


def _grants(model: str, verbs: Iterable[str], scope: Scope = Scope.ALL) -> list[tuple[str, Scope]]:
    return [(f"visits.{model}.{verb}", scope) for verb in verbs]


@hookimpl
def tradepost_roles() -> Sequence[RoleDefault]:
    """Field representative and visit supervisor; salespeople see the visits of their departments."""
    people = [("core.user.read", Scope.ALL), ("core.department.read", Scope.ALL)]
    customers = [(f"sales.{one}.read", Scope.TREE) for one in ("customer", "contact")]
    lists = [grant for one in (*LISTS, "visit_plan") for grant in _grants(one, ("read",))]
    travelling = [
        *_grants("visit", ("read", *CHANGES, *ON_THE_WAY, "export"), Scope.OWN),
        *_grants("site", ("read",)),
        *_grants("site", ("create", "update"), Scope.TREE),
    ]
    leading = [grant for one in LISTS for grant in _grants(one, ("read", *CHANGES, "import"))]
    leading += _grants("visit", ("read", *CHANGES, *ON_THE_WAY, "export", "import", "transfer", "share"), Scope.REPORTS)
    leading += _grants("site", ("read",)) + _grants("site", (*CHANGES, "export", "import", "transfer"), Scope.TREE)
    leading += _grants("visit_plan", ("read", *CHANGES, "generate", "route", "transfer", "share"), Scope.TREE)
    sales = [grant for one in ("visit", "site") for grant in _grants(one, ("read",), Scope.TREE)] + lists
    auditor = [grant for one in ("visit", "site", "visit_plan", *LISTS) for grant in _grants(one, ("read", "export"))]
    return (
        RoleDefault(
            "Field representative",
            "Visits customers: own visits, from the plan to what was entered on site.",
            (*people, *customers, *lists, *travelling),
        ),
        RoleDefault(
            "Visit supervisor",
            "Plans the visits of all who report to him, and compares them with what was done.",
            (*people, *customers, *leading),
        ),
        *(RoleDefault(name, "", tuple(sales)) for name in ("Salesperson", "Team lead", "Sales director")),
        RoleDefault("Auditor", "", tuple(auditor)),
    )

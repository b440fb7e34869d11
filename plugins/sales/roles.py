"""The roles that a sales department begins with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tradepost import RoleDefault, Scope, hookimpl

CHANGES = ("create", "update", "archive")
LEAD_ACTIONS = ("convert",)
OPPORTUNITY_ACTIONS = ("advance", "win", "lose", "reopen")
ORDER_ACTIONS = ("confirm", "reopen", "void")
OWN_WORK = ("lead", "opportunity", "follow_up", "order")
CUSTOMERS = ("customer", "contact")
LISTS = ("product", "pipeline")


def _grants(model: str, verbs: Iterable[str], scope: Scope) -> list[tuple[str, Scope]]:
    return [(f"sales.{model}.{verb}", scope) for verb in verbs]


def _reading(lists: Scope) -> list[tuple[str, Scope]]:
    """What everybody may look up: the products, the stages, and who works here."""
    found = [grant for model in LISTS for grant in _grants(model, ("read",), lists)]
    return [*found, ("core.user.read", Scope.ALL), ("core.department.read", Scope.ALL)]


def _work(work: Scope, customers: Scope, verbs: Sequence[str]) -> tuple[tuple[str, Scope], ...]:
    """Leads, opportunities and follow-ups within one scope, customers and contacts within another."""
    found = _reading(Scope.ALL)
    for model in OWN_WORK:
        found += _grants(model, ("read", *CHANGES, *verbs), work)
    found += _grants("lead", LEAD_ACTIONS, work) + _grants("opportunity", OPPORTUNITY_ACTIONS, work)
    found += _grants("order", ORDER_ACTIONS, work)
    for model in CUSTOMERS:
        found += _grants(model, ("read", *CHANGES, *verbs), customers)
    return (*found, *_grants("customer", ("grade",), customers))


@hookimpl
def tradepost_roles() -> Sequence[RoleDefault]:
    """Salesperson, team lead, director and auditor."""
    every = ("export", "import", "transfer", "share")
    reading = [f"sales.{model}" for model in (*OWN_WORK, *CUSTOMERS, *LISTS)]
    auditor = [(f"{label}.{verb}", Scope.ALL) for label in reading for verb in ("read", "export")]
    kernel = [(f"core.{model}.read", Scope.ALL) for model in ("user", "department", "role")]
    shelves = _grants("product", (*CHANGES, "export", "import", "shelve"), Scope.ALL)
    return (
        RoleDefault(
            "Salesperson",
            "Works on own leads, opportunities and orders, with the customers of the department and those below.",
            _work(Scope.OWN, Scope.TREE, ("export", "transfer")),
        ),
        RoleDefault(
            "Team lead",
            "Works on the leads, opportunities and orders of all who report to him, too.",
            _work(Scope.REPORTS, Scope.TREE, every),
        ),
        RoleDefault(
            "Sales director",
            "Works on all that belongs to the department and those below, and keeps the products.",
            (*_work(Scope.TREE, Scope.TREE, every), *shelves),
        ),
        RoleDefault("Auditor", "Reads everything and changes nothing.", (*auditor, *kernel)),
    )

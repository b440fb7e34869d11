"""The roles of a service desk, and what sales and auditors see of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tradepost import RoleDefault, Scope, hookimpl

ACTIONS = ("pick", "reply", "remark", "wait", "resume", "solve", "close", "reopen", "promote", "assign")
CHANGES = ("create", "update", "archive")
MODELS = ("ticket", "article", "agreement", "skill", "service_level")


def _grants(model: str, verbs: Iterable[str], scope: Scope = Scope.ALL) -> list[tuple[str, Scope]]:
    return [(f"service_desk.{model}.{verb}", scope) for verb in verbs]


@hookimpl
def tradepost_roles() -> Sequence[RoleDefault]:
    """Service agent and service manager; salespeople see the tickets of their departments."""
    people = [("core.user.read", Scope.ALL), ("core.department.read", Scope.ALL), ("sales.product.read", Scope.ALL)]
    customers = [(f"sales.{one}.{verb}", Scope.ALL) for one in ("customer", "contact") for verb in ("read", "update")]
    looking = _grants("skill", ("read",)) + _grants("service_level", ("read",))
    agent = _grants("ticket", ("read", *CHANGES, *ACTIONS, "export")) + _grants("article", ("read", *CHANGES))
    agent += _grants("agreement", ("read",))
    manager = [grant for one in MODELS for grant in _grants(one, ("read", *CHANGES, "export", "import"))]
    manager += _grants("ticket", (*ACTIONS, "transfer", "share"))
    sales = (
        _grants("ticket", ("read", "create"), Scope.TREE)
        + _grants("agreement", ("read", *CHANGES), Scope.TREE)
        + _grants("article", ("read",))
        + _grants("skill", ("read",))
    )
    auditor = [grant for one in MODELS for grant in _grants(one, ("read", "export"))]
    return (
        RoleDefault(
            "Service agent", "Answers tickets and keeps the question bank.", (*people, *customers, *looking, *agent)
        ),
        RoleDefault(
            "Service manager",
            "Leads the service desk: skills, service levels, every ticket.",
            (*people, *customers, *manager),
        ),
        *(RoleDefault(name, "", tuple(sales)) for name in ("Salesperson", "Team lead", "Sales director")),
        RoleDefault("Auditor", "", tuple(auditor)),
    )

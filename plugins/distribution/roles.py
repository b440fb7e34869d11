"""The roles of distribution, and what sales and auditors see of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tradepost import RoleDefault, Scope, hookimpl

CHANGES = ("create", "update", "archive")
DOCUMENTS = ("reserve", "release", "confirm", "void")
MODELS = ("body", "supplier", "place", "stocktake", "document", "stock", "fulfilment")


def _grants(model: str, verbs: Iterable[str], scope: Scope = Scope.ALL) -> list[tuple[str, Scope]]:
    return [(f"distribution.{model}.{verb}", scope) for verb in verbs]


@hookimpl
def tradepost_roles() -> Sequence[RoleDefault]:
    """Warehouse keeper, dispatcher and distribution manager; salespeople see stock, and how far their orders are."""
    people = [("core.user.read", Scope.ALL), ("core.department.read", Scope.ALL)]
    looking = [(f"sales.{one}.read", Scope.ALL) for one in ("product", "customer", "order")]
    reading = [grant for one in MODELS for grant in _grants(one, ("read",))]
    keeper = _grants("document", (*CHANGES, *DOCUMENTS, "export"))
    keeper += _grants("stocktake", (*CHANGES, "prepare", "confirm", "void", "export")) + _grants("stock", ("export",))
    dispatcher = _grants("fulfilment", ("assign", "allocate", "export"))
    dispatcher += _grants("document", ("create", "update", "reserve", "release", "void", "export"))
    manager = [grant for one in ("body", "supplier", "place") for grant in _grants(one, (*CHANGES, "export", "import"))]
    manager += _grants("place", ("set_safety_stock",)) + _grants("stock", ("set_safety_stock",))
    manager += _grants("document", ("import", "transfer")) + _grants("stocktake", ("transfer",))
    shared = _grants("stock", ("read",)) + _grants("place", ("read",)) + _grants("body", ("read",))
    sellers = {"Salesperson": Scope.OWN, "Team lead": Scope.REPORTS, "Sales director": Scope.TREE}
    auditor = [grant for one in MODELS for grant in _grants(one, ("read", "export"))]
    return (
        RoleDefault(
            "Warehouse keeper",
            "Receives, ships, transfers and counts goods.",
            (*people, *looking, *reading, *keeper),
        ),
        RoleDefault(
            "Dispatcher",
            "Allocates orders to warehouses and asks for shipments.",
            (*people, *looking, *reading, *dispatcher),
        ),
        RoleDefault(
            "Distribution manager",
            "Keeps bodies, warehouses, suppliers and safety stock, and does what keepers and dispatchers do.",
            tuple(dict.fromkeys((*people, *looking, *reading, *keeper, *dispatcher, *manager))),
        ),
        *(
            RoleDefault(
                name,
                "",
                (*shared, *_grants("fulfilment", ("read",), scope), *_grants("document", ("read",), scope)),
            )
            for name, scope in sellers.items()
        ),
        RoleDefault("Auditor", "", tuple(auditor)),
    )

"""The sales plugin boots, and its public face names all of it."""

from __future__ import annotations

import tradepost
import tradepost.fields
from core.boot import boot
from core.fields import Kind
from tradepost import sales
from tradepost.sales import Product, plugin


def test_every_model_of_sales_is_public() -> None:
    assert [model.__name__ for model in plugin.models if model.__name__ not in sales.__all__] == []


def test_models_boot_with_their_links() -> None:
    registry = boot([plugin])
    assert list(registry.spec("sales.customer").backs) == [
        "subsidiaries",
        "contacts",
        "opportunities",
        "leads",
        "follow_ups",
        "orders",
    ]
    line = registry.spec("sales.opportunity_line")
    assert line.parent == "sales.opportunity"
    assert line.fields["product"].traits.where == Product.on_shelf.eq(True)


def test_every_searchable_field_is_text_or_a_list() -> None:
    registry = boot([plugin])
    odd = {
        f"{spec.label}.{name}"
        for spec in registry.surfaced()
        for name, one in spec.own.items()
        if one.traits.search and one.kind not in {Kind.TEXT, Kind.NOTE, Kind.EMAIL, Kind.PHONES, Kind.EMAILS, Kind.TAGS}
    }
    assert odd == set()


def test_the_facade_is_small_and_sorted() -> None:
    assert len(tradepost.__all__) <= 60
    assert list(tradepost.__all__) == sorted(tradepost.__all__, key=str.lower)
    assert sorted(tradepost.fields.__all__) == list(tradepost.fields.__all__)
    assert [name for name in tradepost.__all__ if not hasattr(tradepost, name)] == []

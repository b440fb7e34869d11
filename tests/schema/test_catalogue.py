from __future__ import annotations

from enum import Enum

import pytest

from core.boot import boot
from core.errors import BootError
from core.fields import choice, data, secret, text
from core.links import link
from core.model import Meta, Model
from core.plugin import Plugin
from core.query import Order
from core.registry import Registry
from schema.assemble import Schema, assemble
from schema.catalogue import RootField, Verb, catalogue
from tradepost.discovery import BUILT_IN


class Box(Model):
    """Something to put things in."""

    name = text(20)
    lock = secret()
    facts = data()


def faults(*models: type[Model]) -> tuple[str, ...]:
    with pytest.raises(BootError) as refusal:
        catalogue(boot([Plugin("depot", models=models)]))
    return refusal.value.faults


def test_names_follow_from_the_plugin_and_the_model() -> None:
    names = catalogue(boot([Plugin("depot", models=[Box])]))
    surface = names.surfaces["depot.box"]
    assert (surface.name, surface.stem, surface.plural) == ("DepotBox", "depotBox", "depotBoxes")
    assert names.roots["depotBox"] == RootField(Verb.ONE, "depot.box")
    assert names.roots["depotBoxes"] == RootField(Verb.LIST, "depot.box")
    assert names.roots["depotBoxesSummary"] == RootField(Verb.SUMMARY, "depot.box")


def test_secrets_and_custom_values_have_no_name() -> None:
    shown = catalogue(boot([Plugin("depot", models=[Box])])).surfaces["depot.box"].fields
    assert list(shown) == [
        "id", "name", "facts", "owner", "department", "createdAt", "createdBy", "updatedAt", "updatedBy", "version",
        "archivedAt",
    ]  # fmt: skip


def test_two_models_with_one_name_are_refused() -> None:
    class BoxesSummary(Model):
        """Collides with the summary of boxes."""

        name = text(20)

    assert faults(Box, BoxesSummary) == (
        "depot: depot.boxes_summary and depot.box are both depotBoxesSummary in GraphQL; rename one",
    )


def test_a_type_with_the_name_of_a_derived_one_is_refused() -> None:
    class BoxFilter(Model):
        """Collides with the filter of boxes."""

        name = text(20)

    (first, *_) = faults(Box, BoxFilter)
    assert first == "depot: depot.box_filter and depot.box are both DepotBoxFilter in GraphQL; rename one"


def test_different_choices_of_one_name_are_refused() -> None:
    def model(name: str) -> type[Model]:
        choices = Enum("Size", {"BIG": "big", name.upper(): name})  # type: ignore[misc]  # made in a loop
        return type(name.capitalize(), (Model,), {"__module__": __name__, "size": choice(choices)})

    (first, *_) = faults(model("crate"), model("chest"))
    assert first == "depot: depot.chest and depot.crate have different choices named Size; rename one"


def test_orders_and_groups_go_through_links_to_titles_and_choices() -> None:
    class Thing(Model):
        """Something in a box."""

        meta = Meta(title="label")
        label = text(20)
        box = link(Box)
        box_name = text(20, help="Its own field, which is meant by BOX_NAME")

    surface = catalogue(boot([Plugin("depot", models=[Box, Thing])])).surfaces["depot.thing"]
    assert surface.orders["LABEL"] == "label"
    assert surface.orders["BOX_NAME"] == "box_name"
    assert surface.orders["OWNER_NAME"] == "owner.name"
    assert surface.orders["OWNER_SEX"] == "owner.sex"
    assert surface.groups["BOX"] == "box"
    assert Order(surface.orders["OWNER_NAME"]) == Order("owner.name")


def test_descriptions_come_from_docstrings_and_help(schema: Schema) -> None:
    customer = schema.core.type_map["ShopCustomer"]
    assert customer.description == "A company that buys."
    fields = customer.fields  # type: ignore[attr-defined]
    assert fields["name"].description == "Name: As it stands on the sign"
    assert fields["isGold"].description == "Whether any of the customer's cards is gold."
    assert schema.core.type_map["ShopIndustry"].description == "What a customer does."
    assert schema.core.mutation_type is not None
    assert schema.core.mutation_type.fields["shopCardAward"].description == "Add points to the card."


def test_what_is_append_only_or_a_part_has_fewer_mutations(schema: Schema) -> None:
    names = set(schema.mutations)
    assert {one for one in names if one.startswith("shopMove")} == {"shopMoveCreate"}
    of_a_part = {"Create", "Update", "UpdateMany", "Revert", "Archive", "Restore", "Purge"}
    assert {one for one in names if one.startswith("shopContact")} == {
        f"shopContact{verb}" for verb in of_a_part | {"Transfer", "Share"}
    }
    assert {one for one in names if one.startswith("coreGrant")} == {f"coreGrant{verb}" for verb in of_a_part}


def test_internal_models_have_no_surface(schema: Schema, registry: Registry) -> None:
    internal = [spec.type_name for spec in registry.models.values() if spec.meta.internal]
    assert "CoreSession" in internal
    assert [name for name in internal if name in schema.core.type_map] == []


@pytest.mark.requirement("AX-1")
def test_the_built_in_plugins_offer_more_than_150_operations_each_explained() -> None:
    core = assemble(boot(BUILT_IN)).core
    assert core.query_type is not None
    assert core.mutation_type is not None
    offered = {**core.query_type.fields, **core.mutation_type.fields}
    assert len(offered) > 150
    assert [name for name, one in offered.items() if not one.description] == []

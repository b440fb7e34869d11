from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from core.conditions import And, Compare, Not, Op, Or, Slot, Some, Through
from core.cursors import cursor_signature, decode_cursor
from core.errors import BadQuery
from core.money import money
from core.query import (
    Archived,
    Bucket,
    Compound,
    Constant,
    Edges,
    Function,
    Group,
    Info,
    Leaf,
    Listing,
    Many,
    Measure,
    Nodes,
    One,
    Order,
    Page,
    PageInfo,
    Read,
    Single,
    Summary,
    Total,
)
from schema.assemble import Schema
from schema.documents import Invalid, Limits, document
from schema.plan import Bounds, Plan, Planner

LIMITS = Limits()
ID = "0192f1d2-3b4c-7d5e-8f60-718293a4b5c6"
BY_NAME = (Order("name"),)


def planned(schema: Schema, text: str, limits: Limits = LIMITS, **variables: object) -> tuple[Plan, list[object]]:
    found = document(schema.core, text, None, limits)
    coerced = found.coerced(schema.core, variables)
    planner = Planner(
        schema.catalogue, schema.core, found.fragments, found.marked(coerced), Bounds(limits.page, limits.cost)
    )
    plan = planner.query(found.operation)
    return plan, plan.values(coerced.coerced)


def customers(*parts: object, **given: object) -> Read:
    listing = Listing("shop.customer", order=BY_NAME, parts=parts, **given)  # type: ignore[arg-type]
    return Read((("shopCustomers", listing),))


def test_a_list_with_fields_of_every_form(schema: Schema) -> None:
    plan, values = planned(
        schema,
        """{ shopCustomers { nodes { __typename id n: name industry turnover { amount c: currency } phones
             place { latitude __typename } createdAt } totalCount } }""",
    )
    assert plan.read == customers(
        Nodes(
            "nodes",
            (
                Constant("__typename", "ShopCustomer"),
                Leaf("id", "id"),
                Leaf("n", "name"),
                Leaf("industry", "industry", "name"),
                Compound(
                    "turnover", "turnover", (Leaf("amount", "turnover", "amount"), Leaf("c", "turnover", "currency"))
                ),
                Leaf("phones", "phones"),
                Compound("place", "place", (Leaf("latitude", "place", "latitude"), Constant("__typename", "Position"))),
                Leaf("createdAt", "created_at"),
            ),
        ),
        Total("totalCount"),
    )
    assert values == []


def test_filters_become_conditions_and_variables_slots(schema: Schema) -> None:
    plan, values = planned(
        schema,
        """query ($q: String!, $ids: [ID!]!, $least: MoneyInput!) {
             shopCustomers(filter: {
               name: {contains: $q}, id: {in: $ids}, turnover: {gte: $least}, score: {lt: "1.5"}
               industry: {in: [RETAIL, FOOD_SERVICE]}, active: {eq: true}
               parent: {name: {startsWith: "A"}}, parentIsEmpty: false
               contacts: {some: {rank: {gt: 3}}, none: {name: {isEmpty: true}}}
               or: [{tags: {has: "vip"}}, {not: {mail: {eq: "a@b.cn"}}}]
             }) { totalCount } }""",
        q="tea",
        ids=[ID, "nonsense"],
        least={"amount": "10.50", "currency": "USD"},
    )
    where = And(
        (
            Compare("id", Op.IN, (Slot(0), Slot(1))),
            Compare("name", Op.CONTAINS, Slot(2)),
            Compare("industry", Op.IN, ("retail", "food_service")),
            Compare("turnover", Op.GTE, Slot(3)),
            Compare("score", Op.LT, Decimal("1.500")),
            Compare("active", Op.EQ, value=True),
            Through("parent", Compare("name", Op.STARTS, "A")),
            Compare("parent", Op.EMPTY, value=False),
            And(
                (
                    Some("contacts", Compare("rank", Op.GT, 3)),
                    Not(Some("contacts", Compare("name", Op.EMPTY, value=True))),
                )
            ),
            Or((Compare("tags", Op.HAS, "vip"), Not(Compare("mail", Op.EQ, "a@b.cn")))),
        )
    )
    assert plan.read == customers(Total("totalCount"), where=where)
    assert values == [UUID(ID), UUID(int=0), "tea", money("10.50", "USD")]


def test_links_nest_both_ways_with_their_own_arguments(schema: Schema) -> None:
    plan, _ = planned(
        schema,
        """{ shopCustomer(id: "%s") { parent { name } owner { login }
             cards(filter: {tier: {eq: GOLD}}, order: [{field: POINTS, direction: DESC}, {field: CUSTOMER_NAME}],
                   first: 3, archived: WITH) { nodes { customer { id } } } } }""".replace("%s", ID),
    )
    cards = Listing(
        "shop.card",
        where=Compare("tier", Op.EQ, "gold"),
        order=(Order("points", descending=True), Order("customer.name")),
        page=Page(3),
        parts=(Nodes("nodes", (One("customer", "customer", (Leaf("id", "id"),)),)),),
        archived=Archived.WITH,
    )
    select = (
        One("parent", "parent", (Leaf("name", "name"),)),
        One("owner", "owner", (Leaf("login", "login"),)),
        Many("cards", "cards", cards),
    )
    assert plan.read == Read((("shopCustomer", Single("shop.customer", UUID(ID), select)),))


def test_fragments_conditions_and_directives(schema: Schema) -> None:
    plan, _ = planned(
        schema,
        """query ($yes: Boolean!, $no: Boolean!) {
             shopCustomers { nodes { ...Names ... on Node { id } ... @include(if: $no) { remark }
               website @skip(if: $yes) parent { id } ... on ShopCustomer { parent { name } } } } }
           fragment Names on ShopCustomer { name mail @include(if: $yes) }""",
        yes=True,
        no=False,
    )
    parent = One("parent", "parent", (Leaf("id", "id"), Leaf("name", "name")))
    assert plan.read == customers(
        Nodes("nodes", (Leaf("name", "name"), Leaf("mail", "mail"), Leaf("id", "id"), parent))
    )


def test_connections_with_edges_and_page_info(schema: Schema) -> None:
    plan, _ = planned(
        schema,
        """{ shopCustomers(last: 5) { __typename edges { __typename at: cursor node { id } }
             pageInfo { more: hasNextPage hasPreviousPage startCursor endCursor __typename } } }""",
    )
    assert plan.read == customers(
        Constant("__typename", "ShopCustomerConnection"),
        Edges("edges", ("at",), (("node", (Leaf("id", "id"),)),), ("__typename",)),
        PageInfo(
            "pageInfo",
            (
                ("more", Info.HAS_NEXT),
                ("hasPreviousPage", Info.HAS_PREVIOUS),
                ("startCursor", Info.START),
                ("endCursor", Info.END),
            ),
            ("__typename",),
        ),
        page=Page(None, None, 5, None),
    )


def hexed(text: str) -> str:
    return text.encode().hex()


def test_a_cursor_is_read_as_the_values_of_the_order(schema: Schema) -> None:
    signature = cursor_signature("shop.customer", (Order("seen", descending=True), Order("name")))
    cursor = hexed(f'["{signature}", null, "tea house", "{ID}"]')
    text = """query ($after: String) { shopCustomers(first: 2, after: $after,
                order: [{field: SEEN, direction: DESC}, {field: NAME}]) { nodes { id } } }"""
    plan, values = planned(schema, text, after=cursor)
    listing = plan.read.roots[0][1]
    assert isinstance(listing, Listing)
    assert listing.page == Page(2, (None, Slot(0), Slot(1)))
    assert values == ["tea house", ID]
    assert planned(schema, text, after=None)[0].read.roots[0][1] == Listing(
        "shop.customer",
        order=(Order("seen", descending=True), Order("name")),
        page=Page(2),
        parts=(Nodes("nodes", (Leaf("id", "id"),)),),
    )


@pytest.mark.parametrize(
    "cursor",
    [
        "no hex",
        hexed("no json"),
        hexed("[]"),
        hexed(f'["00000000", "a", "{ID}"]'),
        hexed(f'["{cursor_signature("shop.card", BY_NAME)}", "a", "{ID}"]'),
        hexed(f'["{cursor_signature("shop.customer", (Order("name", descending=True),))}", "a", "{ID}"]'),
        hexed(f'["{cursor_signature("shop.customer", BY_NAME)}", ["a"], "{ID}"]'),
        hexed(f'["{cursor_signature("shop.customer", BY_NAME)}", "a", 1]'),
        hexed(f'["{cursor_signature("shop.customer", BY_NAME)}", "{ID}"]'),
        "00" * 9_000,
    ],
)
def test_a_cursor_from_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(BadQuery, match="The cursor does not belong to this list"):
        decode_cursor(cursor, "shop.customer", BY_NAME)


def test_summaries(schema: Schema) -> None:
    plan, _ = planned(
        schema,
        """{ shopCustomersSummary(groupBy: [{field: PARENT}, {field: PARENT_INDUSTRY}, {field: SINCE, bucket: MONTH}],
             measures: [{function: COUNT}, {function: SUM, field: TURNOVER}], filter: {active: {eq: true}})
             { groups { value label } measures { amounts { amount } value } } }""",
    )
    assert plan.read == Read(
        (
            (
                "shopCustomersSummary",
                Summary(
                    "shop.customer",
                    (
                        Group("l0", "parent.name"),
                        Group("g0", "parent"),
                        Group("g1", "parent.industry"),
                        Group("g2", "since", Bucket.MONTH),
                    ),
                    (Measure("m0", Function.COUNT), Measure("m1", Function.SUM, "turnover")),
                    Compare("active", Op.EQ, value=True),
                ),
            ),
        )
    )


def test_a_node_is_looked_for_in_every_model(schema: Schema) -> None:
    plan, values = planned(schema, "query ($id: ID!) { node(id: $id) { id ... on ShopCard { number } } }", id=ID)
    roots = dict(plan.read.roots)
    assert set(roots) == {f"node#{label}" for label in schema.catalogue.surfaces}
    card, contact = roots["node#shop.card"], roots["node#shop.contact"]
    select = (Constant("#", "ShopCard"), Leaf("id", "id"), Leaf("number", "number"))
    assert card == Single("shop.card", Slot(0), select, lenient=True)
    assert contact == Single("shop.contact", Slot(0), (Constant("#", "ShopContact"), Leaf("id", "id")), lenient=True)
    assert values == [UUID(ID)]


def test_equal_shapes_share_a_plan_and_others_do_not(schema: Schema) -> None:
    text = """query ($f: ShopCustomerFilter, $n: Int, $b: Boolean = true) {
                shopCustomers(filter: $f, first: $n) { totalCount nodes { id name @include(if: $b) } } }"""
    found = document(schema.core, text, None, Limits())

    def shape(**variables: object) -> object:
        return found.shape(found.coerced(schema.core, variables).coerced)

    tea, coffee = {"name": {"contains": "tea"}}, {"name": {"contains": "coffee"}}
    assert shape(f=tea) == shape(f=coffee)
    assert shape(f=tea) != shape(f={"name": {"eq": "tea"}})
    assert shape(f=tea) != shape()
    assert shape(n=1) != shape(n=2)
    assert shape(b=True) != shape(b=False)
    assert shape(f={"id": {"in": [ID]}}) != shape(f={"id": {"in": [ID, ID]}})
    assert shape(f={"industry": {"eq": "RETAIL"}}) != shape(f={"industry": {"eq": "TRANSPORT"}})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ shopCustomers(first: 201) { totalCount } }", "first is between 0 and 200"),
        ("{ shopCustomers(first: -1) { totalCount } }", "first is between 0 and 200"),
        (
            "{ shopCustomers(first: 1, last: 1) { totalCount } }",
            "A page is either first with after, or last with before",
        ),
        (
            '{ shopCustomers(last: 1, after: "00") { totalCount } }',
            "A page is either first with after, or last with before",
        ),
        (
            "{ shopCustomers(filter: {name: {eq: null}}) { totalCount } }",
            "The filter name.eq is null; leave it out, or ask isEmpty",
        ),
        (
            "{ shopCustomers(filter: {parent: null}) { totalCount } }",
            "The filter parent is null; leave it out, or ask isEmpty",
        ),
        (
            '{ shopCustomers(filter: {score: {eq: "1.2345"}}) { totalCount } }',
            "score: .*at most 3 digits behind the point",
        ),
        (
            '{ shopCustomers(filter: {turnover: {eq: {amount: "1", currency: "XXQ"}}}) { totalCount } }',
            "turnover: XXQ is not a currency.*",
        ),
        ('{ shopCustomers(filter: {seen: {gt: "2026-11-22T14:30:00"}}) { totalCount } }', "seen: add the time zone.*"),
        (
            "{ shopCustomers(first: 200) { nodes { cards(first: 200) { nodes { id } } } } }",
            "This asks for up to 40200 records.*",
        ),
        ("{ shopCustomersSummary(measures: [{function: SUM}]) { measures { value } } }", "SUM needs a field"),
        (
            "{ shopCustomersSummary(groupBy: [{field: SEEN}]) { measures { value } } }",
            "seen is a point in time; choose a bucket",
        ),
        (
            "{ shopCustomersSummary(groupBy: [{field: NAME, bucket: DAY}]) { measures { value } } }",
            "name is no date and has no bucket",
        ),
        ('{ search(text: "a", first: 101) { id } }', "first is between 1 and 100"),
    ],
)  # fmt: skip
def test_questions_that_make_no_sense_are_refused(schema: Schema, text: str, message: str) -> None:
    with pytest.raises(BadQuery, match=f"^{message}$"):
        planned(schema, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ shopCustomers { nodes { secret } } }", "Cannot query field 'secret' on type 'ShopCustomer'."),
        (
            "{ shopCustomers(filter: {no: {eq: 1}}) { totalCount } }",
            "Cannot query field 'no' on type 'ShopCustomer'.",
        ),
        ("{ coreUsers { nodes { password } } }", "Cannot query field 'password' on type 'CoreUser'."),
        ("{ shopCustomers { nodes { name", "Syntax Error: Expected Name, found <EOF>."),
        ("{ nope }", "Cannot query field 'nope' on type 'Query'."),
    ],
)  # fmt: skip
def test_invalid_documents_are_refused_without_suggestions(schema: Schema, text: str, message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        planned(schema, text)
    assert [one.message for one in refusal.value.errors] == [message]


@pytest.mark.parametrize(
    ("text", "limits", "message"),
    [
        ("{ shopCustomers { nodes { parent { parent { id } } } } }", Limits(depth=4), "nested deeper than 4 levels"),
        ("{ a: shopCustomers { b: nodes { c: id } } }", Limits(aliases=2), "more than 2 aliases"),
        (
            "{ shopCustomers { totalCount } shopCards { totalCount } }",
            Limits(roots=1),
            "more than 1 fields at its root",
        ),
        ("{ shopCustomers { nodes { id name remark } } }", Limits(tokens=8), "more than 8 tokens"),
        (
            "{ shopCustomers { nodes { ...F0 } } }"
            + "".join(f"fragment F{n} on ShopCustomer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(20))
            + "fragment F20 on ShopCustomer { id }",
            Limits(),
            "more than 10000 fields when its fragments are spread out",
        ),
    ],
)
def test_documents_are_held_to_their_limits(schema: Schema, text: str, limits: Limits, message: str) -> None:
    with pytest.raises(BadQuery, match=message):
        planned(schema, text, limits)

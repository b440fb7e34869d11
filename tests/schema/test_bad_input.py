"""Bad input over GraphQL: every fault has a message that names its place, none is ours, nothing is changed."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from core.access import system
from core.cursors import cursor_signature
from core.database import KEY
from core.query import Order
from core.roles import Assignment, Grant, Role
from core.users import User
from tests.schema.conftest import Ask, Shop

RECORD = "0192f1d2-3b4c-7d5e-8f60-718293a4b5c6"
SYSTEM = system("a test")
CREATE = "mutation ($i: ShopCustomerCreateInput!) { shopCustomerCreate(input: $i) { errors { field code message } } }"


async def customers(shop: Shop) -> int:
    return int((await shop.database.read(KEY, "SELECT count(*) FROM shop_customer"))[0][0])


def told(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """The codes and messages of an answer that has no data."""
    assert answer.get("data") is None
    return [(one["extensions"]["code"], one["message"]) for one in answer["errors"]]


async def clerk(shop: Shop, *hidden: str) -> str:
    """A token of somebody who reads all customers, but not these fields."""
    role = await shop.operations.create(SYSTEM, Role, {"name": "Clerk"})
    user = await shop.operations.create(SYSTEM, User, {"login": "clerk", "name": "Clerk"})
    granted = {"role": role.id, "permission": "shop.customer.read", "scope": "all", "hidden": [*hidden]}
    await shop.operations.create(SYSTEM, Grant, granted)
    await shop.operations.create(SYSTEM, Assignment, {"role": role.id, "user": user.id})
    return await shop.sign_in.create_token(SYSTEM, "clerk", user_id=user.id)


QUESTIONS = {
    "selection": "{{ shopCustomers {{ nodes {{ {0} {{ amount }} }} }} }}",
    "filter": "{{ shopCustomers(filter: {{ {0}: {{ isEmpty: true }} }}) {{ nodes {{ id }} }} }}",
    "nested filter": "{{ shopCustomers(filter: {{ parent: {{ {0}: {{ isEmpty: true }} }} }}) {{ totalCount }} }}",
    "order": "{{ shopCustomers(order: [{{ field: {1} }}]) {{ nodes {{ id }} }} }}",
    "order of a number": "{{ shopCustomers(order: [{{ field: {1} }}]) {{ totalCount }} }}",
    "measure": "{{ shopCustomersSummary(measures: [{{ function: SUM, field: {1} }}]) {{ measures {{ value }} }} }}",
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
async def test_a_field_that_may_not_be_read_is_told_as_one_that_does_not_exist(
    ask: Ask, shop: Shop, question: str
) -> None:
    secret = await clerk(shop, "turnover")
    for name in ("turnover", "nonsense"):
        answer = await ask(question.format(name, name.upper()), secret)
        assert told(answer) == [("unknown_field", f"Cannot query field '{name}' on type 'ShopCustomer'.")]


async def test_in_variables_too(ask: Ask, shop: Shop) -> None:
    secret = await clerk(shop, "turnover")
    question = (
        "query ($f: ShopCustomerFilter, $o: [ShopCustomerOrder!]) { shopCustomers(filter: $f, order: $o) { %s } }"
    )
    for name in ("turnover", "nonsense"):
        error = [("unknown_field", f"Cannot query field '{name}' on type 'ShopCustomer'.")]
        assert told(await ask(question % "totalCount", secret, f={name: {"isEmpty": True}})) == error
        assert told(await ask(question % "totalCount", secret, o=[{"field": name.upper()}])) == error


def cursor(model: str, path: str, value: object) -> str:
    return json.dumps([cursor_signature(model, [Order(path)]), value, RECORD]).encode().hex()


@pytest.mark.parametrize("name", ["after", "before"])
@pytest.mark.parametrize(
    "made_up",
    [
        "",
        "x",
        "zz",
        "00ff",
        "5b5d",
        "ff" * 10_000,
        cursor("shop.card", "name", "A"),
        cursor("shop.customer", "id", "A"),
    ],
    ids=["empty", "a letter", "no hexadecimal", "no JSON", "an empty list", "very long", "of another model", "order"],
)
async def test_a_cursor_from_elsewhere_names_its_argument(ask: Ask, name: str, made_up: str) -> None:
    error = [("bad_query", f"shopCustomers.{name}: The cursor does not belong to this list")]
    assert (
        told(await ask(f"query ($c: String) {{ shopCustomers({name}: $c) {{ nodes {{ id }} }} }}", c=made_up)) == error
    )
    assert told(await ask(f'{{ shopCustomers({name}: "{made_up}") {{ totalCount }} }}')) == error


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-22", "x"])
async def test_a_made_up_moment_in_a_cursor_does_no_harm(ask: Ask, value: str) -> None:
    question = "query ($c: String) { shopCustomers(after: $c, order: [{ field: SEEN }]) { nodes { id } } }"
    answer = await ask(question, c=cursor("shop.customer", "seen", value))
    assert answer == {"data": {"shopCustomers": {"nodes": []}}} or told(answer) == [
        ("bad_query", "The cursor does not belong to this list")
    ]


BOUNDS = "between 0 and 200"
NO_DAY = "day is out of range for month"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("first: -1", f"first is {BOUNDS}"),
        ("last: 201", f"last is {BOUNDS}"),
        ("first: 2147483648", "Int cannot represent non 32-bit signed integer value: 2147483648"),
        ("first: 1, last: 1", "A page is either first with after, or last with before"),
        ("filter: { name: { eq: null } }", "The filter name.eq is null; leave it out, or ask isEmpty"),
        ('filter: { name: { eq: "a\\u0000b" } }', "name: a text holds no character U+0000"),
        ('filter: { since: { gt: "2026-02-30" } }', 'Value cannot represent a Date: "2026-02-30". ' + NO_DAY),
        ('filter: { seen: { lt: "0001-01-01T00:00:00+14:00" } }', "seen: this time is out of range"),
        ('filter: { seen: { in: ["9999-12-31T23:59:59-14:00"] } }', "seen: this time is out of range"),
        ('filter: { createdAt: { eq: "2026-11-22" } }', "createdAt: add the time zone, like 2026-11-22T14:30:00Z"),
        ('filter: { seen: { eq: "2026-11-22T14:30:00" } }', "seen: add the time zone, like 2026-11-22T14:30:00Z"),
        ('filter: { turnover: { eq: { amount: "1", currency: "ZZZ" } } }',
         "turnover: ZZZ is not a currency; write three letters, like USD"),
        ('filter: { turnover: { eq: { amount: "1e40", currency: "USD" } } }', "turnover: 1E+40 is out of range"),
        ('filter: { turnover: { lt: { amount: "1e999999999", currency: "USD" } } }',
         "turnover: This number is out of range"),
    ],
)  # fmt: skip
async def test_what_a_list_cannot_be_asked_is_refused_by_name(ask: Ask, arguments: str, message: str) -> None:
    ((code, said),) = told(await ask(f"{{ shopCustomers({arguments}) {{ totalCount }} }}"))
    assert (code, said) == ("bad_query", message)


TOO_MANY = "The filters of a query have at most 5000 conditions and values; ask in steps"
TOO_MUCH = "This asks for more lists, conditions or values at once than the database takes; ask in steps"


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ({"or": [{"name": {"eq": str(number)}} for number in range(4_999)]}, {TOO_MUCH, ""}),
        ({"or": [{"name": {"eq": str(number)}} for number in range(5_000)]}, {TOO_MANY}),
        ({"or": [{}] * 300_000}, {TOO_MANY}),
        ({"or": [{"name": {"in": [str(number) for number in range(1_000)]}}] * 4}, {""}),
        ({"or": [{"name": {"in": [str(number) for number in range(1_000)]}}] * 5}, {TOO_MANY}),
        ({"name": {"in": ["x"] * 1_001}}, {"name: a list holds at most 1000 values"}),
        ({"name": {"contains": "x" * 1_001}}, {"name: a text to look for has at most 1000 characters"}),
        ({"name": {"startsWith": "\ufdfa" * 1_000}}, {TOO_MUCH, ""}),
    ],
    ids=[
        "many conditions",
        "more",
        "of nothing",
        "many values",
        "more values",
        "a long list",
        "a long text",
        "a text that grows",
    ],
)
async def test_a_question_too_large_is_answered_or_refused_and_no_fault(
    ask: Ask, given: dict[str, Any], messages: set[str]
) -> None:
    answer = await ask("query ($f: ShopCustomerFilter) { shopCustomers(filter: $f) { totalCount } }", f=given)
    if answer.get("data"):
        assert (answer["data"], "" in messages) == ({"shopCustomers": {"totalCount": 0}}, True)
    else:
        ((code, said),) = told(answer)
        assert (code, said in messages) == ("bad_query", True), said


async def test_what_a_large_question_was_compiled_to_is_not_kept(ask: Ask, shop: Shop) -> None:
    """Else a thousand of them, each of another length, would fill the memory."""
    question = "query ($f: ShopCustomerFilter) { shopCustomers(filter: $f) { totalCount } }"
    kept = []
    for values in (1, 1_000):
        before = len(shop.reader._plans)
        await ask(question, f={"name": {"in": ["x"] * values}})
        kept.append(len(shop.reader._plans) - before)
    assert kept == [1, 0]


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"name": "  "}, "name", "Fill this in"),
        ({"name": "a\0b"}, "name", "Remove the control character U+0000"),
        ({"name": "x" * 900_000}, "name", "Shorten this to 200 characters"),
        (
            {"turnover": {"amount": "10000000000000.01", "currency": "USD"}},
            "turnover",
            "10000000000000.01 is out of range",
        ),
        ({"turnover": {"amount": "0.001", "currency": "USD"}}, "turnover", None),
        ({"seen": "0001-01-01T00:00:00Z"}, "seen", "This time is out of range"),
        ({"seen": "9999-12-31T23:59:59Z"}, "seen", "This time is out of range"),
        ({"since": "0001-01-01"}, "since", "This day is out of range"),
        ({"since": "9999-12-31"}, "since", "This day is out of range"),
        ({"place": {"latitude": 91, "longitude": 0}}, "place", None),
        ({"phones": ["no phone"]}, "phones", None),
        ({"parent": "no id"}, "parent", "Choose a record"),
        ({"parent": RECORD}, "parent", "Choose a record"),
    ],
)
async def test_a_value_out_of_range_is_refused_by_its_field_and_nothing_is_made(
    ask: Ask, shop: Shop, given: dict[str, Any], field: str, message: str | None
) -> None:
    answer = await ask(CREATE, i={"name": "Tea House"} | given)
    (problem,) = answer["data"]["shopCustomerCreate"]["errors"]
    assert problem["field"] == field
    assert message in (problem["message"], None), problem["message"]
    assert await customers(shop) == 0


async def test_the_earliest_and_the_latest_time_come_back_as_they_went_in(ask: Ask) -> None:
    question = CREATE.replace("errors {", "record { seen since } errors {")
    for seen, since in (("0001-01-02T00:00:00.000000Z", "0001-01-02"), ("9999-12-30T00:00:00.000000Z", "9999-12-30")):
        answer = await ask(question, i={"name": "Tea", "seen": seen, "since": since})
        record = answer["data"]["shopCustomerCreate"]["record"]
        assert (record["seen"].replace("+00:00", "Z"), record["since"]) == (seen, since)


async def test_a_stale_version_is_a_conflict_that_shows_the_other_value_and_changes_nothing(
    ask: Ask, shop: Shop
) -> None:
    made = (await ask(CREATE.replace("errors {", "record { id } errors {"), i={"name": "Tea"}))["data"]
    record = made["shopCustomerCreate"]["record"]["id"]
    change = """mutation ($id: ID!, $n: String, $v: Int) { shopCustomerUpdate(id: $id, input: {name: $n}, version: $v) {
                record { version } errors { field code message } } }"""
    assert (await ask(change, id=record, n="Tee", v=1))["data"]["shopCustomerUpdate"]["record"] == {"version": 2}
    for version in (1, 0, -1, 2_147_483_647):
        refused = (await ask(change, id=record, n="Thé", v=version))["data"]["shopCustomerUpdate"]
        message = "Someone else changed this to Tee in the meantime"
        assert refused == {"record": None, "errors": [{"field": "name", "code": "conflict", "message": message}]}
    assert await shop.database.read(KEY, "SELECT name, version FROM shop_customer") == [("Tee", 2)]


async def test_one_bad_mutation_of_several_names_itself_and_changes_nothing_of_its_own(ask: Ask, shop: Shop) -> None:
    answer = await ask(
        """mutation { a: shopCustomerCreate(input: {name: "A"}) { errors { code } }
                      b: shopCustomerCreate(input: {name: ""}) { errors { field code } }
                      c: shopCustomerArchive(id: "nonsense") { errors { code } } }"""
    )
    assert answer["data"] == {"a": {"errors": []}, "b": {"errors": [{"field": "name", "code": "required"}]}, "c": None}
    assert [(one["path"], one["extensions"]["code"]) for one in answer["errors"]] == [(["c"], "not_found")]
    assert await customers(shop) == 1


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"\xff{}", 400, "The body is no JSON"),
        (b'{"query": "{ me { login } }\xff"}', 400, "The body is no JSON"),
        (b'{"query": "{ search(text: \\"\\ud800\\") { id } }"}', 400, "The body is no JSON"),
        (b'{"query": "query ($t: String!) { search(text: $t) { id } }", "variables": {"t": "\\ud800"}}', 400,
         "The body is no JSON"),
        (b"[" * 100_000, 400, "The body is no JSON: depth limit exceeded"),
        (b'{"query": "{ me { ...A } } fragment A on Me { ...B } fragment B on Me { ...A }"}', 200, "Cannot spread"),
        (b'{"query": "{ me { a: login ' + b" ".join(b"a%d: login" % n for n in range(1_000)) + b' } }"}', 200,
         "Syntax Error: Document contains more than 2000 tokens"),
        (b'{"query": "' + b"{ a " * 1_000 + b'"}', 200, "Syntax Error: Document is nested too deeply"),
        (b'{"query": "query ($f: ShopCustomerFilter) { shopCustomers(filter: $f) { totalCount } }", "variables": {"f": '
         + b'{"not": ' * 300 + b"{}" + b"}" * 301 + b"}", 200, "Variable values are nested too deeply."),
        (b'{"query": "' + b"x" * 10_000_000 + b'"}', 413, "A request has at most 1048576 bytes"),
    ],
    ids=["bytes", "bytes in a text", "half a character", "in a variable", "deep JSON", "a circle of fragments",
         "aliases", "deep document", "deep variable", "ten megabytes"],
)  # fmt: skip
async def test_hostile_requests_are_refused_and_no_fault_of_ours(
    client: httpx.AsyncClient, token: str, body: bytes, status: int, message: str
) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    response = await client.post("/graphql", content=body, headers=headers)
    assert response.status_code == status
    (error, *_) = response.json()["errors"]
    assert error["message"].startswith(message)
    assert error["extensions"]["code"] in ("bad_request", "bad_query")


async def test_a_group_of_a_record_out_of_sight_is_as_one_of_none(ask: Ask, shop: Shop) -> None:
    """Its id does not leak through a summary, and nobody can tell it from an empty link."""
    hidden, seen = [(await shop.operations.create(SYSTEM, User, {"login": one, "name": one})).id for one in ("a", "b")]
    for name, owner in (("A", hidden), ("B", hidden), ("C", None), ("D", seen)):
        values = {"name": name} | ({"owner": owner} if owner else {})
        await shop.operations.create(SYSTEM, type_of(shop), values)
    secret = await clerk(shop)
    question = "{ shopCustomersSummary(groupBy: [{ field: OWNER }]) { groups { value label } measures { value } } }"
    rows = (await ask(question, secret))["data"]["shopCustomersSummary"]
    assert rows == [{"groups": [{"value": None, "label": None}], "measures": [{"value": 4}]}]
    (role,) = await shop.reader.records(SYSTEM, Role, where=Role.name.eq("Clerk"))
    granted = {"role": role.id, "permission": "core.user.read", "scope": "own"}
    await shop.operations.create(SYSTEM, Grant, granted)
    (user,) = await shop.reader.records(SYSTEM, User, where=User.login.eq("clerk"))
    await shop.operations.transfer(SYSTEM, User, [seen], user.id)
    rows = (await ask(question, secret))["data"]["shopCustomersSummary"]
    assert [(row["groups"][0]["value"], row["measures"][0]["value"]) for row in rows] == [(str(seen), 1), (None, 3)]


def type_of(shop: Shop) -> Any:
    return shop.registry.models["shop.customer"].model


async def test_the_largest_amounts_are_added_up_exactly(ask: Ask) -> None:
    for name in ("A", "B"):
        turnover = {"amount": "10000000000000.00", "currency": "USD"}
        assert (await ask(CREATE, i={"name": name, "turnover": turnover}))["data"]["shopCustomerCreate"] == {
            "errors": []
        }
    measured = "measures: [{ function: SUM, field: TURNOVER }]"
    answer = await ask(f"{{ shopCustomersSummary({measured}) {{ measures {{ amounts {{ amount }} }} }} }}")
    assert answer["data"] == {"shopCustomersSummary": [{"measures": [{"amounts": [{"amount": "20000000000000.00"}]}]}]}

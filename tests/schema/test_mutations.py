from __future__ import annotations

from typing import Any
from uuid import UUID

from core.access import Caller, Scope, system
from core.database import KEY
from core.ids import born, now
from core.roles import Assignment, Grant, Role
from core.rows import insert
from core.users import User
from tests.schema.conftest import Ask, Shop

CREATE = """mutation ($input: ShopCustomerCreateInput!) { shopCustomerCreate(input: $input) {
  record { id name industry turnover { amount currency } score active since seen place { latitude longitude }
           phones tags owner { login } version } errors { field code message } } }"""
FULL = {
    "name": "Tea House",
    "industry": "FOOD_SERVICE",
    "turnover": {"amount": "1250.50", "currency": "USD"},
    "score": "1.25",
    "since": "2024-02-29",
    "seen": "2026-11-22T14:30:00+08:00",
    "place": {"latitude": 31.2304, "longitude": 121.4737},
    "phones": ["+86 138 0013 8000"],
    "tags": ["vip"],
}


async def created(ask: Ask, **values: object) -> str:
    answer = await ask(CREATE, input={"name": "Tea House", **values})
    assert "errors" not in answer
    record: str = answer["data"]["shopCustomerCreate"]["record"]["id"]
    return record


async def rows(shop: Shop, table: str) -> int:
    return int((await shop.database.read(KEY, f"SELECT count(*) FROM {table}"))[0][0])


async def test_a_record_is_created_and_read_back(ask: Ask) -> None:
    payload = (await ask(CREATE, input=FULL))["data"]["shopCustomerCreate"]
    assert payload["errors"] == []
    UUID(payload["record"].pop("id"))
    assert payload["record"] == {
        "name": "Tea House",
        "industry": "FOOD_SERVICE",
        "turnover": {"amount": "1250.50", "currency": "USD"},
        "score": "1.250",
        "active": True,
        "since": "2024-02-29",
        "seen": "2026-11-22T06:30:00.000000Z",
        "place": {"latitude": 31.2304, "longitude": 121.4737},
        "phones": ["+86 138 0013 8000"],
        "tags": ["vip"],
        "owner": {"login": "admin"},
        "version": 1,
    }


async def test_what_the_user_can_mend_stands_in_the_payload(ask: Ask, shop: Shop) -> None:
    answer = await ask(CREATE, input={"name": " ", "mail": "no mail", "score": "1.23456"})
    assert answer == {
        "data": {
            "shopCustomerCreate": {
                "record": None,
                "errors": [
                    {"field": "name", "code": "required", "message": "Fill this in"},
                    {"field": "score", "code": "too_precise", "message": "Write at most 3 digits behind the point"},
                    {"field": "mail", "code": "no_email", "message": "Write a mail address like name@example.com"},
                ],
            }
        }
    }
    assert await rows(shop, "shop_customer") == 0


async def test_an_update_writes_what_is_given_and_a_stale_version_is_a_conflict(ask: Ask) -> None:
    record = await created(ask, remark="old")
    update = """mutation ($id: ID!, $input: ShopCustomerUpdateInput!, $version: Int) {
      shopCustomerUpdate(id: $id, input: $input, version: $version) {
        record { name remark website version } errors { field code } } }"""
    first = await ask(update, id=record, input={"website": "https://tea.example", "remark": None}, version=1)
    assert first["data"]["shopCustomerUpdate"] == {
        "record": {"name": "Tea House", "remark": None, "website": "https://tea.example", "version": 2},
        "errors": [],
    }
    second = await ask(update, id=record, input={"website": "https://other.example"}, version=1)
    assert second["data"]["shopCustomerUpdate"]["errors"] == [{"field": "website", "code": "conflict"}]
    assert second["data"]["shopCustomerUpdate"]["record"] is None
    after = await ask("query ($id: ID!) { shopCustomer(id: $id) { website version } }", id=record)
    assert after["data"]["shopCustomer"] == {"website": "https://tea.example", "version": 2}


async def test_the_recycle_bin(ask: Ask, shop: Shop) -> None:
    record = await created(ask)
    change = "mutation ($id: ID!) { shopCustomer%s(id: $id) { record { archivedAt } errors { code } } }"
    listed = "{ shopCustomers(archived: %s) { nodes { id } } }"
    assert (await ask(change % "Archive", id=record))["data"]["shopCustomerArchive"]["record"]["archivedAt"] is not None
    assert (await ask(listed % "WITHOUT"))["data"]["shopCustomers"]["nodes"] == []
    assert (await ask(listed % "ONLY"))["data"]["shopCustomers"]["nodes"] == [{"id": record}]
    assert (await ask(change % "Restore", id=record))["data"]["shopCustomerRestore"]["record"] == {"archivedAt": None}
    purge = "mutation ($id: ID!) { shopCustomerPurge(id: $id) { __typename ids errors { code } } }"
    assert (await ask(purge, id=record))["data"]["shopCustomerPurge"]["ids"] == []
    assert await rows(shop, "shop_customer") == 1
    await ask(change % "Archive", id=record)
    assert (await ask(purge, id=record))["data"]["shopCustomerPurge"] == {
        "__typename": "PurgePayload",
        "ids": [record],
        "errors": [],
    }
    assert await rows(shop, "shop_customer") == 0


async def card(ask: Ask, number: str) -> str:
    answer = await ask(
        "mutation ($n: String!) { shopCardCreate(input: {number: $n, tier: GOLD}) { record { id } } }",
        n=number,
    )
    record: str = answer["data"]["shopCardCreate"]["record"]["id"]
    return record


async def test_an_action_on_one_and_on_several(ask: Ask) -> None:
    one, two = await card(ask, "C-1"), await card(ask, "C-2")
    single = await ask(
        "mutation ($id: ID!) { shopCardAward(id: $id, points: 5, tier: BASIC) { record { points tier } } }", id=one
    )
    assert single["data"]["shopCardAward"]["record"] == {"points": 5, "tier": "BASIC"}
    several = """mutation ($ids: [ID!], $p: Int!) {
      shopCardAward(ids: $ids, points: $p) { records { points } errors { field code message } } }"""
    both = await ask(several, ids=[one, two], p=10)
    assert both["data"]["shopCardAward"] == {"records": [{"points": 15}, {"points": 10}], "errors": []}
    refused = await ask(several, ids=[one, two], p=0)
    assert refused["data"]["shopCardAward"] == {
        "records": [],
        "errors": [{"field": "points", "code": "too_small", "message": "Points must be positive"}],
    }
    neither = await ask("mutation { shopCardAward(points: 1) { errors { code } } }")
    assert neither["data"] == {"shopCardAward": None}
    assert [one["extensions"] for one in neither["errors"]] == [{"code": "bad_query"}]
    assert neither["errors"][0]["path"] == ["shopCardAward"]


async def test_transfer_share_and_unshare(ask: Ask, shop: Shop) -> None:
    record = await created(ask)
    at = now()
    other = born(at)
    async with shop.database.begin(KEY) as connection:
        values = {"login": "mei", "name": "Mei", "enabled": True, "language": "en", "zone": "UTC"}
        await insert(connection, shop.registry.spec(User), other | values)
    moved = await ask(
        """mutation ($ids: [ID!]!, $to: ID!) {
             shopCustomerTransfer(ids: $ids, owner: $to) { records { owner { login } } } }""",
        ids=[record],
        to=str(other["id"]),
    )
    assert moved["data"]["shopCustomerTransfer"]["records"] == [{"owner": {"login": "mei"}}]
    shared = await ask(
        """mutation ($id: ID!, $to: ID!) {
             shopCustomerShare(id: $id, user: $to, reason: "holiday") { id errors { message } } }""",
        id=record,
        to=str(other["id"]),
    )
    share = shared["data"]["shopCustomerShare"]["id"]
    assert await rows(shop, "core_share") == 1
    ended = await ask("mutation ($id: ID!) { coreUnshare(id: $id) { ids } }", id=share)
    assert ended["data"]["coreUnshare"]["ids"] == [share]
    assert await rows(shop, "core_share") == 0


async def clerk(shop: Shop, hidden: list[str] | None = None) -> str:
    """The token of a user who may read and create his own customers, and nothing else."""
    at = now()
    user, role = born(at), born(at)
    async with shop.database.begin(KEY) as connection:
        spec = shop.registry.spec
        values = {"login": "clerk", "name": "Clerk", "enabled": True, "language": "zh_Hans", "zone": "UTC"}
        await insert(connection, spec(User), user | values)
        await insert(connection, spec(Role), role | {"name": "Clerk"})
        for verb in ("read", "create"):
            grant = {
                "role": role["id"],
                "permission": f"shop.customer.{verb}",
                "scope": Scope.OWN,
                "hidden": hidden or [],
            }
            await insert(connection, spec(Grant), born(at) | grant)
        await insert(connection, spec(Assignment), born(at) | {"role": role["id"], "user": user["id"]})
    return await shop.sign_in.create_token(system("a test"), "clerk", user_id=user["id"])  # type: ignore[arg-type]


async def test_refused_rights_are_errors_at_the_top_and_change_nothing(ask: Ask, shop: Shop) -> None:
    secret = await clerk(shop)
    foreign = await created(ask)
    before = await rows(shop, "shop_customer")
    answers: dict[str, Any] = {
        "archive": await ask(
            "mutation ($id: ID!) { shopCustomerArchive(id: $id) { errors { code } } }", secret, id=foreign
        ),
        "create": await ask('mutation { shopCardCreate(input: {number: "C"}) { errors { code } } }', secret),
    }
    assert {
        name: (one["data"], [each["extensions"]["code"] for each in one["errors"]]) for name, one in answers.items()
    } == {
        "archive": ({"shopCustomerArchive": None}, ["forbidden"]),
        "create": ({"shopCardCreate": None}, ["forbidden"]),
    }
    assert await rows(shop, "shop_customer") == before
    assert await rows(shop, "shop_card") == 0
    hidden = await ask("query ($id: ID!) { shopCustomer(id: $id) { id } node(id: $id) { id } }", secret, id=foreign)
    assert hidden["data"] == {"shopCustomer": None, "node": None}


async def test_a_hidden_field_is_refused_before_anything_is_written(ask: Ask, shop: Shop) -> None:
    secret = await clerk(shop, hidden=["turnover"])
    answer = await ask('mutation { shopCustomerCreate(input: {name: "X"}) { record { turnover { amount } } } }', secret)
    assert answer["data"] == {"shopCustomerCreate": None}
    message = "Cannot query field 'turnover' on type 'ShopCustomer'."
    assert [(one["message"], one["extensions"]["code"]) for one in answer["errors"]] == [(message, "unknown_field")]
    assert await rows(shop, "shop_customer") == 0
    for query in (
        "{ shopCustomers { nodes { turnover { amount } } } }",
        "{ shopCustomers(filter: {turnover: {isEmpty: true}}) { totalCount } }",
        "{ shopCustomers(order: [{field: TURNOVER}]) { nodes { id } } }",
        "{ shopCustomersSummary(measures: [{function: SUM, field: TURNOVER}]) { measures { value } } }",
    ):
        refused = await ask(query, secret)
        assert "errors" in refused, (query, refused)
        assert [(one["message"], one["extensions"]["code"]) for one in refused["errors"]] == [
            (message, "unknown_field")
        ]
        assert refused.get("data") is None


async def test_a_read_only_token_changes_nothing(ask: Ask, shop: Shop, admin: Caller) -> None:
    secret = await shop.sign_in.create_token(system("a test"), "ro", user_id=admin.user_id, read_only=True)
    answer = await ask(CREATE, secret, input=FULL)
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["forbidden"]
    assert await rows(shop, "shop_customer") == 0
    assert (await ask("{ me { login readOnly } }", secret))["data"] == {"me": {"login": "admin", "readOnly": True}}


async def test_me_lists_permissions_with_their_scopes(ask: Ask, shop: Shop) -> None:
    secret = await clerk(shop)
    answer = await ask("{ me { login language administrator permissions { name scopes } user { name } } }", secret)
    assert answer["data"]["me"] == {
        "login": "clerk",
        "language": "zh_Hans",
        "administrator": False,
        "permissions": [
            {"name": "shop.customer.read", "scopes": ["OWN"]},
            {"name": "shop.customer.create", "scopes": ["OWN"]},
        ],
        "user": None,
    }


async def test_messages_come_in_the_language_of_the_caller(ask: Ask, shop: Shop) -> None:
    secret = await clerk(shop)
    answer = await ask(CREATE, secret, input={"name": ""})
    (problem,) = answer["data"]["shopCustomerCreate"]["errors"]
    assert problem["code"] == "required"
    assert problem["message"] == shop.languages.translate("zh_Hans", "Fill this in")


async def test_one_statement_for_any_planned_read_whatever_the_number_of_records(
    ask: Ask, shop: Shop, statements: list[str]
) -> None:
    query = """{ shopCustomers { totalCount nodes { name owner { name } cards { nodes { number } } isGold } }
                 me { login } shopCustomersSummary { measures { value } } }"""
    await created(ask)
    await ask(query)
    await shop.sign_in.settle()
    counts = []
    for _ in range(2):
        statements.clear()
        answer = await ask(query)
        assert "errors" not in answer
        counts.append(len(statements))
        for _ in range(19):
            await created(ask)
    assert counts == [1, 1]

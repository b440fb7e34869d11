"""A right that one process takes away is gone at the next request of another, whatever that one remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from core.access import system
from core.app import Kernel
from core.database import Dialect
from core.roles import Assignment, Grant, Role
from core.users import User
from tests.contract.company import ASSIGNMENT, ME, ROLE, Company, Slot
from tests.contract.evaluator import Kind
from tests.contract.opened import Templates, grant
from tests.contract.visits import Visit, rows_in, visit
from tradepost.app import open_kernel
from tradepost.discovery import BUILT_IN
from tradepost.sales import Customer

Revoke = Callable[[Kernel], Awaitable[object]]


@pytest.fixture
async def two(
    templates: Templates, people: Company, dialect: Dialect, tmp_path: Path, quickly: None
) -> AsyncIterator[tuple[Kernel, Visit]]:
    """Two processes' kernels on one database: an administrator's, and that of a visit which has read already."""
    async with (
        templates.copy(dialect, tmp_path) as place,
        open_kernel(place.settings, BUILT_IN) as other,
        open_kernel(place.settings, BUILT_IN) as kernel,
    ):
        await grant(kernel, Kind.DEPARTMENT)
        async with visit(kernel, people, Kind.DEPARTMENT) as made:
            yield other, made


async def seen(visit: Visit) -> bool:
    """Whether the colleague's customer is in the list, by page and GraphQL alike."""
    spec = visit.kernel.registry.models["sales.customer"]
    wanted = visit.company.at(spec.label, Slot.COLLEAGUE).id
    by_page = wanted in rows_in((await visit.get(spec.path)).text, spec)
    answer = await visit.ask(f'{{ one: salesCustomer(id: "{wanted}") {{ id }} }}')
    by_graphql = bool((answer.get("data") or {}).get("one"))
    assert by_page is by_graphql
    return by_page


async def without_the_role(kernel: Kernel) -> object:
    return await kernel.operations.archive(system("a test"), Assignment, ASSIGNMENT)


async def without_the_permission(kernel: Kernel) -> object:
    where = Grant.role.where(Role.id.eq(ROLE)) & Grant.permission.eq("sales.customer.read")
    (found,) = await kernel.reader.records(system("a test"), Grant, where=where)
    return await kernel.operations.archive(system("a test"), Grant, found.id)


async def in_a_narrower_scope(kernel: Kernel) -> object:
    where = Grant.role.where(Role.id.eq(ROLE)) & Grant.permission.eq("sales.customer.read")
    (found,) = await kernel.reader.records(system("a test"), Grant, where=where)
    return await kernel.operations.update(system("a test"), Grant, found.id, {"scope": "own"})


async def in_another_department(kernel: Kernel) -> object:
    far = next(iter(await kernel.reader.records(system("a test"), User, where=User.login.eq("person7")))).department
    return await kernel.operations.update(system("a test"), User, ME, {"department": far.id})


async def with_the_role_in_the_bin(kernel: Kernel) -> object:
    return await kernel.operations.archive(system("a test"), Role, ROLE)


async def disabled(kernel: Kernel) -> object:
    return await kernel.operations.act(system("a test"), User, [ME], "disable", {})


@pytest.mark.requirement("PM-9", "PM-13", "PM-21")
@pytest.mark.parametrize(
    "revoke",
    [
        without_the_role,
        without_the_permission,
        in_a_narrower_scope,
        in_another_department,
        with_the_role_in_the_bin,
        disabled,
    ],
)
async def test_the_next_request_of_another_process_is_bound(two: tuple[Kernel, Visit], revoke: Revoke):
    other, visit = two
    assert await seen(visit)
    await revoke(other)
    assert not await seen(visit)


@pytest.mark.requirement("PM-13")
async def test_a_write_of_another_process_is_bound_too(two: tuple[Kernel, Visit]):
    other, visit = two
    record = visit.company.at("sales.customer", Slot.COLLEAGUE)
    change = (
        f'mutation {{ salesCustomerUpdate(id: "{record.id}", input: {{ region: "here" }}) {{ errors {{ code }} }} }}'
    )
    assert (await visit.ask(change))["data"]["salesCustomerUpdate"] == {"errors": []}
    await without_the_role(other)
    answer = await visit.ask(change.replace("here", "there"))
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["forbidden"]
    assert (await other.reader.get(system("a test"), Customer, record.id)).region == "here"


@pytest.mark.requirement("PM-13")
async def test_a_right_that_is_given_holds_at_once_too(two: tuple[Kernel, Visit]):
    other, visit = two
    await without_the_role(other)
    assert not await seen(visit)
    await other.operations.restore(system("a test"), Assignment, ASSIGNMENT)
    assert await seen(visit)

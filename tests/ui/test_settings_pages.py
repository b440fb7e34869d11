"""What people set for themselves, and administrators for all."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from core.access import Origin, Scope
from core.app import Kernel
from core.database import KEY, Database
from core.ids import born, now
from core.registry import Registry
from core.roles import Assignment, Grant, Role
from core.rows import insert
from core.settings import Settings
from core.users import User
from tests.ui.conftest import PASSWORD, SYSTEM, Firm, Pages
from tradepost.app import wired
from tradepost.sales import Lead, Opportunity, Pipeline, Stage


async def test_language_zone_and_look_are_mine(admin: Pages):
    look = {"theme": "dark", "density": "dense", "contrast": "high"}
    answer = await admin.post("/settings", {"language": "zh_Hans", "zone": "Asia/Shanghai", **look})
    assert answer.headers["location"] == "/settings"
    text = (await admin.get("/settings")).text
    assert '<html lang="zh-Hans" data-theme="dark" data-density="dense" data-contrast="high">' in text
    assert [f'<option value="{one}" selected>' in text for one in look.values()] == [True] * 3
    assert "Factory" not in text
    refused = await admin.post("/settings", {"language": "en", "zone": "Mars/Base", "theme": "auto"})
    assert (refused.status_code, 'id="f-zone-error"' in refused.text) == (422, True)
    assert 'data-theme="dark" data-density="dense" data-contrast="high"' in (await admin.get("/")).text


async def test_a_look_is_on_every_device_at_once_and_on_the_door_of_its_own(firm: Firm, admin: Pages):
    other = await firm.signed_in()
    await admin.post("/settings", {"language": "en", "zone": "UTC", "theme": "dark", "density": "dense"})
    set_here = 'data-theme="dark" data-density="dense" data-contrast="auto"'
    assert set_here in (await other.get("/sales/leads")).text
    await admin.post("/sign-out")
    assert set_here in (await admin.get("/sign-in")).text
    assert (
        'data-theme="auto" data-density="comfortable" data-contrast="auto"' in (await firm.pages().get("/sign-in")).text
    )


@pytest.mark.parametrize("cookie", ["", "dark", '"><script>', "dense-dark-high", "a-b-c-d"])
async def test_a_cookie_that_is_none_of_ours_changes_no_look(firm: Firm, cookie: str):
    text = (await firm.pages().get("/sign-in", cookie=f"look={cookie}")).text
    theme = "dark" if cookie == "dark" else "auto"
    contrast = "high" if cookie == "dense-dark-high" else "auto"
    assert f'data-theme="{theme}" data-density="comfortable" data-contrast="{contrast}">' in text


async def test_the_password_is_changed_with_the_present_one(firm: Firm, admin: Pages):
    new = "an entirely different phrase"
    wrong = await admin.post("/settings/password", {"current": "x", "password": new, "repeated": new})
    assert (wrong.status_code, 'id="f-current-error"' in wrong.text) == (422, True)
    unlike = await admin.post("/settings/password", {"current": PASSWORD, "password": new, "repeated": "other"})
    assert (unlike.status_code, "This is not the same password" in unlike.text) == (422, True)
    other = await firm.signed_in()
    done = await admin.post("/settings/password", {"current": PASSWORD, "password": new, "repeated": new})
    assert done.status_code == 303
    assert (await other.get("/settings")).status_code == 303
    assert (await admin.get("/settings")).status_code == 200


async def test_a_token_is_shown_once_and_can_be_ended(admin: Pages):
    shown = await admin.post("/settings/tokens", {"name": "Backup", "days": "30", "read_only": "yes"})
    secret = re.search(r"<code>([^<]+)</code>", shown.text)
    assert secret
    again = (await admin.get("/settings")).text
    assert secret[1] not in again
    assert "reads only" in again
    end = re.search(r'action="(/settings/tokens/[^"]+/end)"', again)
    assert end
    assert (await admin.post(end[1])).status_code == 303
    assert "Backup" not in (await admin.get("/settings")).text.partition('id="toasts"')[0]


async def test_a_token_can_be_for_some_kinds_of_record(firm: Firm, admin: Pages):
    form = {"name": "Sheet", "days": "30", "reads": ["sales.lead", "sales.contact"], "writes": ["sales.lead"]}
    shown = await admin.post("/settings/tokens", form)
    secret = re.search(r"<code>([^<]+)</code>", shown.text)
    assert secret
    program = await firm.kernel.sign_in.caller_of_token(secret[1], Origin())
    assert program
    assert not program.policy.everything
    assert {one for one in program.policy.reaches if one.endswith((".create", ".read"))} == {
        "sales.lead.create",
        "sales.lead.read",
        "sales.contact.read",
    }
    again = (await admin.get("/settings")).text
    assert f'<code class="muted">{secret[1][:11]}…</code>' in again
    assert f"for chosen permissions: {len(program.policy.reaches)}" in again


async def test_company_settings_are_for_administrators(firm: Firm, admin: Pages):
    form = {"name": "Harbour & Co", "currency": "CNY", "language": "zh_Hans"}
    assert (await admin.post("/admin/company", form)).status_code == 303
    assert "<title>Company · Harbour &amp; Co</title>" in (await admin.get("/admin/company")).text
    await firm.user("ann", "Salesperson")
    ann = await firm.signed_in("ann")
    assert [(await ann.get(one)).status_code for one in ("/admin/company", "/admin/audit")] == [403, 403]
    assert (await ann.post("/admin/company", form | {"name": "Mine"})).status_code == 403
    assert (await firm.kernel.companies.get()).name == "Harbour & Co"


@pytest.mark.requirement("PM-6", "PM-9", "PM-18")
async def test_a_role_is_a_matrix_of_permissions_and_scopes(firm: Firm, admin: Pages):
    made = await admin.post("/core/roles/new", {"name": "Trainee"})
    role = made.headers["location"]
    form = {
        "scope.sales.lead.read": "tree",
        "scope.sales.lead.create": "own",
        "hidden.sales.lead.read": ["phones", "email"],
    }
    assert (await admin.post(f"{role}/permissions", form)).headers["location"] == role
    (trainee,) = await firm.all(Role, where=Role.name.eq("Trainee"))
    grants = {one.permission: (one.scope, one.hidden) for one in await firm.all(Grant, where=Grant.role.eq(trainee))}
    assert grants == {"sales.lead.read": (Scope.TREE, ["phones", "email"]), "sales.lead.create": (Scope.OWN, [])}
    text = (await admin.get(f"{role}/permissions")).text
    cell = re.search(r'name="scope\.sales\.lead\.read".*?</select>', text, re.DOTALL)
    assert cell
    assert '<option value="tree" selected>' in cell[0]
    await admin.post(f"{role}/permissions", {"scope.sales.lead.create": "all"})
    left = {one.permission: one.scope for one in await firm.all(Grant, where=Grant.role.eq(trainee))}
    assert left == {"sales.lead.create": Scope.ALL}
    await admin.post(f"{role}/permissions", form)
    assert len(await firm.all(Grant, where=Grant.role.eq(trainee))) == 2


async def test_what_a_role_may_do_in_a_plugin_that_is_switched_off_is_kept(firm: Firm, admin: Pages):
    (role,) = await firm.all(Role, where=Role.name.eq("Auditor"))
    row = born(now()) | {"role": role.value("id"), "permission": "gone.card.read", "scope": Scope.ALL}
    async with firm.kernel.database.begin(KEY) as connection:
        await insert(connection, firm.kernel.registry.spec(Grant), row)
    await admin.post(f"/core/roles/{role.value('id')}/permissions", {"scope.sales.lead.read": "own"})
    left = {one.permission: one.scope for one in await firm.all(Grant, where=Grant.role.eq(role))}
    assert left == {"gone.card.read": Scope.ALL, "sales.lead.read": Scope.OWN}


@pytest.fixture
async def elsewhere(settings: Settings, registry: Registry, database: Database) -> AsyncIterator[Kernel]:
    """Another process on the same database."""
    made = wired(settings, registry, database)
    yield made
    await made.sign_in.close()
    await made.engine.close()


@pytest.mark.requirement("PM-13")
async def test_an_administrator_dismissed_elsewhere_administers_no_more(firm: Firm, admin: Pages, elsewhere: Kernel):
    form = {"name": "Harbour & Co", "currency": "CNY", "language": "en"}
    assert (await admin.post("/admin/company", form)).status_code == 303
    boss = await firm.user("boss")
    await elsewhere.operations.act(SYSTEM, User, [boss], "appoint", {})
    (me,) = await firm.all(User, where=User.login.eq("admin"))
    await elsewhere.operations.act(SYSTEM, User, [me.value("id")], "dismiss", {})
    assert (await admin.post("/admin/company", form | {"name": "Mine"})).status_code == 403
    assert (await firm.kernel.companies.get()).name == "Harbour & Co"


async def test_the_audit_is_closed_to_an_administrator_dismissed_elsewhere(firm: Firm, admin: Pages, elsewhere: Kernel):
    boss, role = await firm.user("boss"), await firm.make(Role, name="Colleague")
    await elsewhere.operations.act(SYSTEM, User, [boss], "appoint", {})
    (me,) = await firm.all(User, where=User.login.eq("admin"))
    await firm.make(Grant, role=role, permission="core.user.read", scope=Scope.ALL)
    await firm.make(Assignment, role=role, user=me)
    assert (await admin.get("/admin/audit")).status_code == 200
    await elsewhere.operations.act(SYSTEM, User, [me.value("id")], "dismiss", {})
    assert (await admin.get("/admin/audit")).status_code == 403


@pytest.mark.parametrize("address", ["/admin/company", "/sales/leads/views", "/sales/leads/columns"])
async def test_a_session_that_was_ended_elsewhere_keeps_nothing(
    firm: Firm, admin: Pages, elsewhere: Kernel, address: str
):
    assert (await admin.get("/")).status_code == 200
    (me,) = await firm.all(User, where=User.login.eq("admin"))
    await elsewhere.accounts.set_password(SYSTEM, me.value("id"), "an entirely different phrase")
    before = await firm.kernel.companies.get()
    form = {"name": "Mine", "currency": "CNY", "language": "en", "query": "", "column": "company"}
    answer = await admin.post(address, form)
    assert answer.headers["location"] == "/sign-in"
    assert await firm.kernel.companies.get() == before
    async with firm.kernel.database.begin(KEY) as connection:
        assert await connection.rows(KEY, "SELECT 1 FROM core_view") == []


async def test_the_home_page_of_somebody_without_rights_is_shut_with_his_session(firm: Firm, elsewhere: Kernel):
    nobody = await firm.user("nobody")
    pages = await firm.signed_in("nobody")
    assert (await pages.get("/")).status_code == 200
    await elsewhere.accounts.set_password(SYSTEM, nobody, "an entirely different phrase")
    assert (await pages.get("/")).headers["location"] == "/sign-in"


async def test_chosen_departments_must_be_chosen_or_nothing_is_kept(firm: Firm, admin: Pages):
    (role,) = await firm.all(Role, where=Role.name.eq("Auditor"))
    before = {one.permission: one.scope for one in await firm.all(Grant, where=Grant.role.eq(role))}
    answer = await admin.post(f"/core/roles/{role.value('id')}/permissions", {"scope.sales.lead.read": "chosen"})
    assert (answer.status_code, "Choose at least one department" in answer.text) == (422, True)
    assert {one.permission: one.scope for one in await firm.all(Grant, where=Grant.role.eq(role))} == before


@pytest.mark.requirement("PM-4", "PM-20")
async def test_an_administrator_makes_a_user_with_a_password_and_a_role(firm: Firm, admin: Pages):
    made = await admin.post("/core/users/new", {"login": "kim", "name": "김민수", "job_title": "Sales"})
    user = made.headers["location"]
    weak = await admin.post(f"{user}/password", {"password": "kim"})
    assert (weak.status_code, 'id="f-password-error"' in weak.text) == (422, True)
    assert (await admin.post(f"{user}/password", {"password": PASSWORD})).headers["location"] == user
    (role,) = await firm.all(Role, where=Role.name.eq("Salesperson"))
    form = {"ready": "yes", "user.text": "김민수"}
    assert (await admin.post(f"/core/roles/{role.value('id')}/do/assign", form)).status_code == 303
    kim = await firm.signed_in("kim")
    assert (await kim.get("/sales/leads/new")).status_code == 200


@pytest.mark.requirement("SE-1")
async def test_the_audit_log_tells_who_did_what_from_where(firm: Firm, admin: Pages):
    await admin.post("/sales/leads/new", {"company": "Acme"}, headers={"User-Agent": "Testbrowser"})
    text = (await admin.get("/admin/audit?model=sales.lead")).text
    assert "created it" in text
    assert "Lead · Acme" in text
    assert "Testbrowser" in text
    assert "Nothing fits these filters" in (await admin.get("/admin/audit?model=sales.lead&verb=purge")).text


async def test_the_audit_log_says_in_words_what_was_no_change_of_a_record(firm: Firm, admin: Pages):
    await admin.post("/settings", {"language": "en", "zone": "UTC", "theme": "dark"})
    await admin.post("/sign-in", {"login": "admin", "password": "wrong"})
    await firm.user("ann", "Salesperson")
    ann = await firm.signed_in("ann")
    assert (await ann.post("/core/roles/new", {"name": "Boss"})).status_code == 403
    text = (await admin.get("/admin/audit")).text
    for said in ("changed the personal settings", "refused a sign-in", "tried without the right: Create"):
        assert said in text
    assert "did: " not in text


@pytest.mark.requirement("CU-10")
async def test_a_record_is_shared_and_no_longer_shared(firm: Firm, admin: Pages):
    lead = await firm.make(Lead, company="Acme")
    await firm.user("ann", "Salesperson")
    ann, address = await firm.signed_in("ann"), f"/sales/leads/{lead.value('id')}"
    assert (await ann.get(address)).status_code == 404
    nobody = await admin.post(f"{address}/share", {"reason": "?"})
    assert (nobody.status_code, "Choose a user, a department or a role" in nobody.text) == (422, True)
    assert (await admin.post(f"{address}/share", {"user.text": "ann", "reason": "Holiday"})).status_code == 303
    assert (await ann.get(address)).status_code == 200
    share = re.search(r'name="share" value="([^"]+)"', (await admin.get(f"{address}/share")).text)
    assert share
    await admin.post(f"{address}/unshare", {"share": share[1]})
    assert (await ann.get(address)).status_code == 404


async def test_the_form_of_a_share_speaks_the_readers_language(firm: Firm, admin: Pages):
    lead = await firm.make(Lead, company="Acme")
    await admin.post("/settings", {"language": "zh_Hans", "zone": "UTC", "theme": "auto"})
    text = (await admin.get(f"/sales/leads/{lead.value('id')}/share")).text
    labels = re.findall(r'<label[^>]*for="f-[^"]+">([^<]+)</label>|value="yes"[^>]*> ([^<]+)</label>', text)
    assert [one or other for one, other in labels] == ["用户", "部门", "角色", "可以修改", "原因", "开放至"]


@pytest.mark.requirement("OP-16")
async def test_hook_tradepost_dashboard_describes_the_day(firm: Firm, admin: Pages):
    pipeline = await firm.make(Pipeline, name="Direct")
    stages = [
        await firm.make(Stage, pipeline=pipeline, name=name, place=place)
        for place, name in enumerate(("First", "Second"))
    ]
    (me,) = await firm.all(User, where=User.login.eq("admin"))
    due = datetime.now(UTC) - timedelta(days=1)
    for number, stage in enumerate((stages[0], stages[0], stages[1])):
        made = await firm.make(
            Opportunity, name=f"Chance {number}", pipeline=pipeline, stage=stage, next_contact=due if number else None
        )
        await firm.kernel.operations.transfer(SYSTEM, Opportunity, [made.value("id")], me.value("id"))
    text = (await admin.get("/")).text
    touch = text.partition("Opportunities to get in touch about")[2].partition("</section>")[0]
    assert re.findall(r">(Chance \d)</a>", touch) == ["Chance 1", "Chance 2"]
    assert '<text class="value"' in text
    assert re.findall(r"<title>((?:First|Second): \d)</title>", text) == ["First: 2", "Second: 1"]
    step = re.search(r'<a href="(/sales/opportunities\?[^"]*stage=[^"]*)"><title>First', text)
    assert step
    assert (await admin.get(step[1].replace("&amp;", "&"))).text.count("<tr data-row=") == 2
    await firm.user("bob")
    assert "Opportunities to get in touch about" not in (await (await firm.signed_in("bob")).get("/")).text

"""Nothing answers that the matrix does not know: every route and every resolver has its surface, or a reason."""

from __future__ import annotations

from itertools import chain

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type
from starlette.routing import Mount, Route

from core.database import Dialect
from core.registry import ModelSpec, Registry, camel, pascal
from schema.assemble import assemble
from schema.catalogue import Verb, catalogue
from tests.contract import creating, reading, writing
from tests.contract.conftest import Enter
from tests.contract.evaluator import Kind
from tests.contract.reading import plural, stem
from tests.contract.visits import has_turn, routes
from ui.plugin_pages import placed
from ui.routes import Branch

PARTS = {"Position", "PageInfo", "Permission", "Problem", "SummaryGroup", "SummaryMeasure", "SummaryRow", "Money"}
"""Types that hold values of a record, not records."""

SURFACES = {one.name for one in (*reading.SURFACES, *writing.SURFACES, *writing.LAST)} | {
    f"create by {one.name}" for one in creating.MAKERS
}

MODEL_ROUTES = {
    "GET ": "list page",
    "GET /{id}": "record page",
    "GET /{id}/edit": "form",
    "POST /{id}/edit": "form",
    "GET /board": "board",
    "POST /export": "export",
    "POST /new": "create by form",
    "POST /bulk": "bulk",
    "POST /change": "bulk edit",
    "POST /restore": "bulk undone",
    "POST /{id}/files": "attachment",
    "POST /{id}/share": "share by page",
    "POST /{id}/permissions": "permissions of a role",
    "POST /{id}/password": "password",
    **dict.fromkeys(
        (
            "GET /filters", "GET /filter/{field}", "GET /columns", "GET /choose/{field}", "GET /new", "GET /export",
            "GET /import", "GET /import/template", "GET /{id}/share", "GET /{id}/move", "GET /{id}/do/{verb}",
            "GET /{id}/set/{field}", "GET /totals", "GET /change", "GET /{id}/permissions", "GET /{id}/password",
        ),
        "panels",
    ),
}  # fmt: skip
ROUTES = {
    "GET /": "own pages",
    "GET /settings": "own pages",
    "GET /admin/company": "own pages",
    "GET /admin/audit": "own pages",
    "GET /choose/{label}": "choices",
    "GET /files/{id}": "attachment",
    "POST /files/{id}/remove": "file removed",
    "GET /search": "search",
    "GET /bin": "bin",
    "ANY /graphql": "GraphQL list",
}
EXEMPT = {
    # Views of a list hold addresses and no records; tests/ui/test_shared_views.py proves whose they are.
    "POST /columns", "POST /views", "POST /views/{view}/remove", "POST /views/{view}/share", "POST /views/{view}/copy",
    # The wizard over `Exchange`, which the surface "import" asks; a draft is its uploader's, which tests/ui prove.
    "POST /import", "GET /import/{draft}", "POST /import/{draft}", "GET /import/{draft}/errors",
    # The file of the surface "export", fetched later by who asked for it; tests/ui/test_exports.py proves whose it is.
    "GET /export/{job}", "GET /export/{job}/file",
    # The function that "bulk" calls, with one id; and the operation of the surface "purge".
    "POST /{id}/archive", "POST /{id}/purge",
    # The form of the surface "form" with one of its fields: the same function reads it and sends it on.
    "POST /{id}/set/{field}",
    # What one did oneself, and what the history of a record shows, through the operations of the surfaces "update",
    # "transfer", "archive" and "restore"; tests/core/operations/test_undoing.py proves whose it is.
    "POST /undo", "POST /{id}/revert",
    # The operations of the surfaces "update", "action", "transfer" and "share", with the form's values.
    "POST /{id}/move", "POST /{id}/do/{verb}", "POST /{id}/unshare",
    # One's own account and credentials; tests/core/test_accounts.py and test_sign_in.py prove whose they are.
    "POST /settings", "POST /settings/password", "POST /settings/sessions/end", "POST /settings/sessions/{id}/end",
    "POST /settings/tokens", "POST /settings/tokens/{id}/end", "GET /sign-in", "POST /sign-in", "POST /sign-out",
    # A password by mail, before anybody is signed in; tests/core/test_resets.py proves whose it is.
    "GET /sign-in/forgotten", "POST /sign-in/forgotten",
    "GET /sign-in/new-password/{secret}", "POST /sign-in/new-password/{secret}",
    # One's own second factor; tests/core/test_second_step.py proves whose it is.
    "GET /sign-in/second", "POST /sign-in/second", "POST /sign-in/second/set-up", "GET /settings/factors",
    "POST /settings/factors/app", "POST /settings/factors/app/confirm", "POST /settings/factors/app/remove",
    "POST /settings/factors/codes", "POST /settings/factors/passkeys", "POST /settings/factors/passkeys/{id}/remove",
    "POST /sign-in/second/passkey", "POST /sign-in/passkey",
    # Signing in elsewhere; tests/core/test_oidc.py proves who is believed, and whose the connections are.
    "GET /sign-in/elsewhere", "GET /sign-in/elsewhere/back", "GET /settings/factors/elsewhere",
    "POST /settings/factors/elsewhere/{id}/remove",
    # One's own notifications, and the stream of a tab; tests/ui/test_notifications.py and test_live.py prove whose they
    # are, and that nothing out of sight is told.
    "GET /notifications", "POST /notifications/read", "POST /notifications/{id}", "POST /settings/notifications",
    "GET /live",
    # What a device is told to install the app; no records.
    "GET /manifest.webmanifest", "GET /worker.js", "GET /offline",
    # Components with made-up values: no records.
    "GET /_ui",
    # For administrators alone, like the page that sends it.
    "POST /admin/company",
    # Definitions of fields, which are records of `core.custom_field`: the same questions and operations as those of its
    # own pages, which the matrix asks; tests/ui/test_custom_fields.py proves who may.
    "GET /admin/fields", "GET /admin/fields/{label}", "GET /admin/fields/{label}/new", "POST /admin/fields/{label}/new",
    "GET /admin/fields/{label}/{id}", "POST /admin/fields/{label}/{id}", "POST /admin/fields/{label}/{id}/archive",
    "POST /admin/fields/{label}/{id}/restore", "POST /admin/fields/{label}/{id}/move",
    # Layouts likewise, records of `core.layout`; tests/ui/test_layouts.py.
    "GET /admin/fields/{label}/layout", "POST /admin/fields/{label}/layout", "POST /admin/fields/{label}/types",
    # No records: files of ours, the explorer's page, and the page for what there is not.
    "GET /s/{hash}/{name:path}", "GET /graphiql", "ANY /graphiql", "GET /{path:path}", "POST /{path:path}",
}  # fmt: skip

VERBS = {
    "Create": "create by GraphQL",
    "Update": "update",
    "UpdateMany": "update many",
    "Archive": "archive",
    "Restore": "restore",
    "Purge": "purge",
    "Transfer": "transfer",
    "Share": "share",
}
EXEMPT_TOPICS = {
    # One's own, too; tests/schema/test_subscriptions.py proves it.
    "coreNotificationsChanged",
}
EXEMPT_MUTATIONS = {
    # It asks the right to share the record that the share is of; tests/core/operations prove it.
    "coreUnshare",
    # Views of a list hold addresses and no records; tests/ui/test_shared_views.py proves whose they are.
    "coreViewSave",
    "coreViewRemove",
    # One's own doings; tests/core/operations/test_undoing.py proves it.
    "coreUndo",
    # One's own, too; tests/ui/test_notifications.py proves it.
    "coreReadNotifications",
    # One's own account, in a session of one's own; tests/schema/test_account.py proves it.
    "corePasswordChange", "coreSessionEnd", "coreOtherSessionsEnd", "coreTokenCreate", "coreTokenEnd",
}  # fmt: skip


def known_routes(registry: Registry) -> dict[str, str]:
    """Every route that is covered or exempt, with its surface or nothing."""
    known = {**ROUTES, **dict.fromkeys(EXEMPT, "")}
    for spec in registry.surfaced():
        for route, surface in {**MODEL_ROUTES, **dict.fromkeys(EXEMPT, "")}.items():
            method, _, tail = route.partition(" ")
            known[f"{method} {spec.path}{tail}"] = surface
    for one in placed(registry):
        known[f"{one.method} {one.path}"] = "" if one.public or one.method == "POST" else "plugin pages"
    return known


async def test_every_route_has_a_surface_or_a_reason(enter: Enter):
    async with enter(Kind.ANONYMOUS) as visit:
        known = known_routes(visit.kernel.registry)
        unknown = []
        branches = [branch.pages if isinstance(branch, Branch) else (branch,) for branch in routes(visit.kernel)]
        for one in chain.from_iterable(branches):
            assert isinstance(one, Route | Mount)
            methods = (getattr(one, "methods", None) or {"ANY"}) - {"HEAD"}
            unknown += [found for method in methods if (found := f"{method} {one.path}") not in known]
    assert unknown == []
    assert {*known.values()} - {""} <= SURFACES


def queries_of(spec: ModelSpec) -> dict[str, str]:
    """The fields of `Query` that a model gives rise to."""
    found = {stem(spec): "GraphQL one", plural(spec): "GraphQL list", f"{plural(spec)}Summary": "summary"}
    return found | ({f"{stem(spec)}Lookalikes": "lookalikes"} if spec.resource.duplicates else {})


def mutations_of(spec: ModelSpec) -> dict[str, str]:
    """The fields of `Mutation` that a model may give rise to."""
    named = {f"{stem(spec)}{verb}": surface for verb, surface in VERBS.items()}
    return named | {f"{stem(spec)}{pascal(name)}": "action" for name in spec.actions}


def test_every_resolver_has_a_surface_or_a_reason(booted: Registry):
    core = assemble(booted).core
    assert core.query_type
    assert core.mutation_type
    assert core.subscription_type
    queries = {"node": "node", "me": "me", "search": "search", "searchResult": "search", "explain": "explain"}
    topics = {f"{stem(spec)}Changed": "subscription" for spec in booted.surfaced()} | dict.fromkeys(EXEMPT_TOPICS, "")
    changes = dict.fromkeys(EXEMPT_MUTATIONS, "")
    # The operation of "update", with values of the record's own history, which tests/core/operations prove.
    changes |= {f"{stem(spec)}Revert": "" for spec in booted.surfaced()}
    for spec in booted.surfaced():
        queries |= queries_of(spec)
        changes |= mutations_of(spec)
    queries |= dict.fromkeys(
        (name for name, root in catalogue(booted).roots.items() if root.verb is Verb.QUESTION), "questions"
    )
    assert {*core.query_type.fields} - {*queries} == set()
    assert {*core.mutation_type.fields} - {*changes} == set()
    assert {*core.subscription_type.fields} - {*topics} == set()
    assert ({*queries.values()} | {*changes.values()} | {*topics.values()}) - {""} <= SURFACES


@pytest.mark.requirement("PM-21")
def test_every_way_from_record_to_record_is_a_link_that_the_matrix_follows(booted: Registry):
    core = assemble(booted).core
    records = {one.type_name: one for one in booted.surfaced()}
    lists = {f"{name}Connection" for name in records}
    for name, spec in records.items():
        found = core.type_map[name]
        assert isinstance(found, GraphQLObjectType | GraphQLInterfaceType)
        ways = {
            field
            for field, one in found.fields.items()
            if isinstance(get_named_type(one.type), GraphQLObjectType) and get_named_type(one.type).name not in PARTS
        }
        assert {get_named_type(found.fields[way].type).name for way in ways} <= {*records, *lists}, name
        assert ways == {camel(one) for one in (*_surfaced_links(booted, spec), *_surfaced_backs(booted, spec))}, name
        assert not spec.computed, f"{name}: a field of an extension needs a surface of its own"


def _surfaced_links(registry: Registry, spec: ModelSpec) -> list[str]:
    return [name for name, one in spec.links.items() if not registry.models[str(one.target)].meta.internal]


def _surfaced_backs(registry: Registry, spec: ModelSpec) -> list[str]:
    return [name for name, one in spec.backs.items() if not registry.models[one.source].meta.internal]


def test_each_model_meets_each_kind_of_caller_and_both_databases(booted: Registry):
    places = range(len(booted.surfaced()))
    met = {(place, kind, one) for place in places for kind in Kind for one in Dialect if has_turn(place, kind, one)}
    assert len(met) == len({(place, kind) for place, kind, _ in met}) == len(places) * len(Kind)
    assert {(place, one) for place, _, one in met} == {(place, one) for place in places for one in Dialect}

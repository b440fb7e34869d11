"""All pages as routes, derived from the registry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import cached_property, partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from core.app import Kernel
from core.errors import NotFound
from core.registry import ModelSpec
from ui import (
    account,
    admin,
    attachments,
    boards,
    choices,
    custom_fields,
    editing,
    elsewhere,
    exports,
    factors,
    home,
    imports,
    installing,
    layouts,
    list_filters,
    list_views,
    lists,
    live,
    notifications,
    record_actions,
    record_fields,
    record_forms,
    records,
    recycling,
    resets,
    role_matrix,
    search_pages,
    second_step,
    sharing,
    sign_in,
    style_guide,
    undoing,
)
from ui.plugin_pages import Placed, placed
from ui.requests import HEADERS, Handler, endpoint
from ui.site import Site, Sites
from ui.visitor import Visitor

ModelHandler = Callable[[Visitor, ModelSpec], Awaitable[Response]]


def proven(handler: ModelHandler) -> ModelHandler:
    """A page that asks the database nothing by itself: who was signed out or lost a right elsewhere is asked for."""

    async def shown(visitor: Visitor, spec: ModelSpec) -> Response:
        return await handler(await visitor.proven(), spec)

    return shown


MODEL_PAGES: tuple[tuple[str, str, ModelHandler], ...] = (
    ("GET", "", lists.show_list),
    ("GET", "/filters", proven(list_filters.show_filters)),
    ("GET", "/filter/{field}", proven(list_filters.show_filter)),
    ("GET", "/columns", proven(list_views.show_columns)),
    ("POST", "/columns", list_views.keep_columns),
    ("POST", "/views", list_views.keep_view),
    ("POST", "/views/{view}/share", list_views.share_view),
    ("POST", "/views/{view}/copy", list_views.copy_view),
    ("POST", "/views/{view}/remove", list_views.remove_view),
    ("GET", "/totals", proven(record_actions.show_totals)),
    ("POST", "/bulk", record_actions.bulk),
    ("POST", "/restore", record_actions.restore),
    ("GET", "/choose/{field}", choices.show_choices),
    ("GET", "/change", proven(editing.show_edit_many)),
    ("POST", "/change", editing.edit_many),
    ("GET", "/new", proven(record_forms.show_new)),
    ("POST", "/new", record_forms.create),
    ("GET", "/board", boards.show_board),
    ("GET", "/export", proven(exports.show_export)),
    ("POST", "/export", exports.export),
    ("GET", "/export/{job}", proven(exports.show_running)),
    ("GET", "/export/{job}/file", proven(exports.download)),
    ("GET", "/import", proven(imports.show_upload)),
    ("POST", "/import", proven(imports.upload)),
    ("GET", "/import/template", proven(imports.download_template)),
    ("GET", "/import/{draft}", proven(imports.show_import)),
    ("POST", "/import/{draft}", proven(imports.proceed)),
    ("GET", "/import/{draft}/errors", proven(imports.download_errors)),
    ("GET", "/{id}", records.show_record),
    ("POST", "/{id}/files", attachments.attach),
    ("GET", "/{id}/share", sharing.show_share),
    ("POST", "/{id}/share", sharing.share),
    ("POST", "/{id}/unshare", sharing.unshare),
    ("GET", "/{id}/move", proven(boards.show_move)),
    ("POST", "/{id}/move", boards.move),
    ("GET", "/{id}/edit", record_forms.show_edit),
    ("POST", "/{id}/edit", record_forms.update),
    ("GET", "/{id}/set/{field}", record_fields.show_field),
    ("POST", "/{id}/set/{field}", record_fields.change_field),
    ("POST", "/{id}/revert", undoing.revert),
    ("POST", "/{id}/archive", record_actions.archive),
    ("POST", "/{id}/purge", record_actions.purge),
    ("GET", "/{id}/do/{verb}", record_actions.show_action),
    ("POST", "/{id}/do/{verb}", record_actions.act),
)
PAGES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/", home.show_home),
    ("GET", "/choose/{label}", choices.show_records),
    ("GET", "/files/{id}", attachments.download),
    ("POST", "/files/{id}/remove", attachments.remove),
    ("GET", "/live", live.show_live),
    ("GET", "/notifications", notifications.show_notifications),
    ("POST", "/notifications/read", notifications.read_all),
    ("POST", "/notifications/{id}", notifications.open_notification),
    ("GET", "/search", search_pages.show_search),
    ("POST", "/undo", undoing.undo),
    ("GET", "/bin", recycling.show_bin),
    ("GET", "/settings", account.show_settings),
    ("POST", "/settings", account.keep_preferences),
    ("POST", "/settings/notifications", notifications.keep_kinds),
    ("POST", "/settings/password", account.change_password),
    ("GET", "/settings/factors", factors.show_factors),
    ("POST", "/settings/factors/app", factors.propose_app),
    ("POST", "/settings/factors/app/confirm", factors.confirm_app),
    ("POST", "/settings/factors/app/remove", factors.remove_app),
    ("POST", "/settings/factors/codes", factors.renew_codes),
    ("POST", "/settings/factors/passkeys", factors.add_passkey),
    ("GET", "/settings/factors/elsewhere", elsewhere.connect),
    ("POST", "/settings/factors/elsewhere/{id}/remove", elsewhere.disconnect),
    ("POST", "/settings/factors/passkeys/{id}/remove", factors.remove_passkey),
    ("POST", "/settings/sessions/end", account.end_others),
    ("POST", "/settings/sessions/{id}/end", account.end_session),
    ("POST", "/settings/tokens", account.create_token),
    ("POST", "/settings/tokens/{id}/end", account.end_token),
    ("GET", "/_ui", style_guide.show_guide),
    ("GET", "/admin/company", admin.show_company),
    ("POST", "/admin/company", admin.keep_company),
    ("GET", "/admin/audit", admin.show_audit),
    ("GET", "/admin/fields", custom_fields.show_objects),
    ("GET", "/admin/fields/{label}", custom_fields.show_object),
    ("GET", "/admin/fields/{label}/layout", layouts.show_layout),
    ("POST", "/admin/fields/{label}/layout", layouts.keep_layout),
    ("POST", "/admin/fields/{label}/types", layouts.keep_types),
    ("GET", "/admin/fields/{label}/new", custom_fields.show_new),
    ("POST", "/admin/fields/{label}/new", custom_fields.create),
    ("GET", "/admin/fields/{label}/{id}", custom_fields.show_field),
    ("POST", "/admin/fields/{label}/{id}", custom_fields.change),
    ("POST", "/admin/fields/{label}/{id}/archive", custom_fields.archive),
    ("POST", "/admin/fields/{label}/{id}/restore", custom_fields.restore),
    ("POST", "/admin/fields/{label}/{id}/move", custom_fields.move),
)
OWN_PAGES: dict[str, tuple[tuple[str, str, ModelHandler], ...]] = {
    "core.role": (
        ("GET", "/{id}/permissions", role_matrix.show_matrix),
        ("POST", "/{id}/permissions", role_matrix.keep_matrix),
    ),
    "core.user": (
        ("GET", "/{id}/password", admin.show_password),
        ("POST", "/{id}/password", admin.keep_password),
    ),
}
PUBLIC: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/sign-in", sign_in.show_sign_in),
    ("POST", "/sign-in", sign_in.sign_in),
    ("GET", "/sign-in/forgotten", resets.show_forgotten),
    ("POST", "/sign-in/forgotten", resets.ask),
    ("GET", "/sign-in/new-password/{secret}", resets.show_new_password),
    ("POST", "/sign-in/new-password/{secret}", resets.keep_new_password),
    ("GET", "/sign-in/second", second_step.show_second),
    ("POST", "/sign-in/second", second_step.enter_code),
    ("POST", "/sign-in/second/set-up", second_step.set_up),
    ("POST", "/sign-in/second/passkey", second_step.enter_with_passkey),
    ("POST", "/sign-in/passkey", sign_in.sign_in_with_passkey),
    ("GET", "/sign-in/elsewhere", elsewhere.go),
    ("GET", "/sign-in/elsewhere/back", elsewhere.come_back),
    ("POST", "/sign-out", sign_in.sign_out),
    ("GET", "/manifest.webmanifest", installing.show_manifest),
    ("GET", "/worker.js", installing.show_worker),
    ("GET", "/offline", installing.show_offline),
)


def routes(kernel: Kernel) -> list[BaseRoute]:
    """Every page of a booted app; the last route answers any other address with a page that says so."""
    sites = Sites(kernel)
    return [
        Route("/s/{hash}/{name:path}", _static(sites.site), methods=["GET"]),
        *(_route(sites, method, path, handler, public=True) for method, path, handler in PUBLIC),
        *(_route(sites, method, path, handler) for method, path, handler in PAGES),
        *(_of_plugin(sites, one) for one in placed(kernel.registry)),
        *(Branch(spec.path, partial(model_routes, sites, spec)) for spec in kernel.registry.surfaced()),
        Route("/{path:path}", endpoint(sites, _nowhere), methods=["GET", "POST"]),
    ]


class Branch(BaseRoute):
    """The pages at and below one path, made when first asked for; what lies elsewhere passes them in one step."""

    def __init__(self, path: str, make: Callable[[], Iterator[Route]]) -> None:
        self.path, self.below, self._make = path, f"{path}/", make

    @cached_property
    def pages(self) -> tuple[Route, ...]:
        """All of them."""
        return tuple(self._make())

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """What the best of the pages says of a request."""
        path = scope["path"]
        best: tuple[Match, Scope] = Match.NONE, {}
        if path != self.path and not path.startswith(self.below):
            return best
        for page in self.pages:
            match, found = page.matches(scope)
            if match is Match.FULL:
                return match, {**found, "page": page}
            if match is Match.PARTIAL and best[0] is Match.NONE:
                best = match, {**found, "page": page}
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the page answer that matched."""
        await scope["page"].handle(scope, receive, send)


def model_routes(sites: Sites, spec: ModelSpec) -> Iterator[Route]:
    """The pages of a model."""
    for method, path, handler in (*MODEL_PAGES, *OWN_PAGES.get(spec.label, ())):
        yield _route(sites, method, f"{spec.path}{path}", partial(_of_model, handler, spec.label))


async def _of_model(handler: ModelHandler, label: str, visitor: Visitor) -> Response:
    return await handler(visitor, visitor.site.spec(label))


def _of_plugin(sites: Sites, one: Placed) -> Route:
    return Route(one.path, endpoint(sites, one.answer, public=one.public, foreign=one.public), methods=[one.method])


def _route(sites: Sites, method: str, path: str, handler: Handler, *, public: bool = False) -> Route:
    return Route(path, endpoint(sites, handler, public=public), methods=[method])


def _static(site: Site) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return site.renderer.static.answer(request)
        except NotFound:
            return PlainTextResponse("Not found", 404, HEADERS)

    return answer


async def _nowhere(visitor: Visitor) -> Response:
    await visitor.proven()
    raise NotFound

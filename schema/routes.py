"""The routes of this room: `/graphql`, and `/graphiql` with its files."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from core.access import Origin
from core.app import Kernel
from schema.assemble import assemble
from schema.context import Doors
from schema.documents import Limits
from schema.execute import GraphQL
from schema.http import Endpoint

STATIC = Path(__file__).parent / "static"
API = "/graphql"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def graphql(kernel: Kernel) -> GraphQL:
    """GraphQL over a kernel."""
    settings = kernel.settings
    limits = Limits(
        depth=settings.depth_limit,
        tokens=settings.token_limit,
        aliases=settings.alias_limit,
        page=settings.page_limit,
        cost=settings.cost_limit,
        seconds=settings.time_limit,
    )
    doors = Doors(
        kernel.reader,
        kernel.operations,
        kernel.finder,
        kernel.languages,
        kernel.explanations,
        kernel.options,
        kernel.notifications,
        kernel.views,
        kernel.hub,
        kernel.sign_in,
        kernel.accounts,
    )
    return GraphQL(assemble(kernel.registry), doors, limits)


def endpoint(kernel: Kernel) -> Endpoint:
    """The API as an ASGI application."""
    return Endpoint(kernel, graphql)


def routes(kernel: Kernel, answering: Endpoint | None = None) -> list[BaseRoute]:
    """The routes that an app mounts at its root; `answering` is the API where it is made already."""

    async def graphiql(request: Request) -> Response:
        secret = request.cookies.get(kernel.settings.session_cookie(request.scope["scheme"]), "")
        if not secret or await kernel.sign_in.caller_of_session(secret, Origin()) is None:
            return RedirectResponse("/sign-in?next=/graphiql", 303)
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return FileResponse(STATIC / "graphiql.html", headers=headers)

    return [
        Route(API, answering or endpoint(kernel)),
        Route("/graphiql", graphiql),
        Mount("/graphiql", StaticFiles(directory=STATIC)),
    ]

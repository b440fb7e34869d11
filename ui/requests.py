"""From a request to a visitor, and from what a page raises to an answer: signing in, origin, errors, headers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.access import ANONYMOUS, Caller, Origin
from core.errors import (
    BadQuery,
    Conflict,
    FilesUnavailable,
    Forbidden,
    NotFound,
    Refused,
    SearchUnavailable,
    TooLarge,
    TradepostError,
    Unauthenticated,
    UnknownField,
)
from core.ids import request_id
from core.languages import negotiate
from core.renewal import Outdated
from ui.formats import Formats
from ui.origin import same_origin
from ui.site import Site, Sites
from ui.visitor import Visitor
from ui.words import N_

Handler = Callable[[Visitor], Awaitable[Response]]

log = logging.getLogger(__name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "manifest-src 'self'; worker-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cache-Control": "no-store",
    "Vary": "HX-Request-Type, Cookie, Accept-Language",
}

TITLES: dict[int, tuple[str, str]] = {
    400: (N_("This address asks for something that is not there"), N_("Go back, or begin from the list.")),
    403: (N_("You may not do this"), N_("Ask an administrator if you need it for your work.")),
    404: (N_("There is nothing here"), N_("It may have been removed, or you may not see it.")),
    409: (N_("Someone else was quicker"), N_("Open the page again to see what changed, then repeat your change.")),
    413: (N_("This is too large"), N_("Choose a smaller file, or split it.")),
    422: (N_("This cannot be done as it stands"), N_("Mend what is named here and try again.")),
    500: (
        N_("Something went wrong on our side"),
        N_("Nothing was changed. If it happens again, tell an administrator the number below."),
    ),
    502: (N_("The storage of files does not answer"), N_("Everything else works; try again in a while.")),
    503: (N_("The search does not answer"), N_("Everything else works; try again in a while.")),
}
STATUS: tuple[tuple[type[TradepostError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (TooLarge, 413),
    (Refused, 422),
    (UnknownField, 400),
    (BadQuery, 400),
    (SearchUnavailable, 503),
    (FilesUnavailable, 502),
)


def endpoint(
    sites: Sites, handler: Handler, *, public: bool = False, foreign: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """A Starlette endpoint of a page; only a `public` one answers somebody who is not signed in.

    A `foreign` one takes what other sites send: it acts for nobody's session.
    """

    async def once(request: Request) -> Response:
        visitor = await visitor_of(await sites.now(), request)
        await visitor.knows(f"{visitor.path} {request.url.query}")
        return await _guarded(visitor, handler, public=public, foreign=foreign)

    async def answer(request: Request) -> Response:
        try:
            response = await once(request)
        except Outdated:  # nothing was done yet: it begins again, with the fields that it names
            response = await once(request)
        finally:
            await request.close()  # the files of a form
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return answer


async def _guarded(visitor: Visitor, handler: Handler, *, public: bool, foreign: bool) -> Response:
    try:
        if not foreign and not same_origin(visitor.request.method, visitor.request.headers):
            return problem(visitor, 403, [visitor.gettext("The request came from another site.")])
        if not public and visitor.caller.user_id is None:
            return _to_sign_in(visitor)
        return await handler(visitor)
    except Unauthenticated:
        return _to_sign_in(visitor)
    except Outdated:
        raise
    except TradepostError as refusal:
        return refused(visitor, refusal)
    except Exception:
        log.exception("The request %s failed", visitor.caller.origin.request)
        return problem(visitor, 500, [visitor.caller.origin.request])


async def visitor_of(site: Site, request: Request) -> Visitor:
    """Who asks: the user of the session, or nobody."""
    origin = Origin(
        address=request.client.host if request.client else "",
        program=request.headers.get("user-agent", "")[:255],
        request=request_id(),
    )
    secret = request.cookies.get(site.kernel.settings.session_cookie(request.scope["scheme"]), "")
    caller = await site.kernel.sign_in.caller_of_session(secret, origin) if secret else None
    if caller is None:
        caller = Caller(
            ANONYMOUS.policy, ANONYMOUS.by, language=negotiate(request.headers.get("accept-language")), origin=origin
        )
    return Visitor(request, site, caller, Formats(caller.language, caller.zone), await site.company.get())


def _to_sign_in(visitor: Visitor) -> Response:
    """The page to sign in on, which leads back: to the page that asked, or on which a form was sent."""
    request = visitor.request
    here = request.scope["path"] + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET" or visitor.scripted:
        here = page_of(request)
    address = "/sign-in" + (f"?next={quote(here)}" if here not in ("/", "") else "")
    if visitor.scripted:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def page_of(request: Request) -> str:
    """The page of ours from which a request was sent."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc.lower() != request.headers.get("host", "").lower():
        return ""
    return came.path + (f"?{came.query}" if came.query else "")


def refused(visitor: Visitor, refusal: TradepostError) -> Response:
    """The page for something that Tradepost refuses."""
    status = next((code for kind, code in STATUS if isinstance(refusal, kind)), 500)
    if status == 500:
        log.error("The request %s failed: %s", visitor.caller.origin.request, refusal, exc_info=refusal)
        return problem(visitor, 500, [visitor.caller.origin.request])
    return problem(visitor, status, visitor.explain(refusal))


def problem(visitor: Visitor, status: int, details: list[str]) -> Response:
    """An error page: what happened, what to do, and the particulars."""
    title, remedy = TITLES[status]
    known = visitor.caller.user_id is not None
    return visitor.page(
        "error.html" if known else "error_alone.html",
        block="content",
        status=status,
        heading=visitor.gettext(title),
        remedy=visitor.gettext(remedy),
        details=details,
        code=status,
    )

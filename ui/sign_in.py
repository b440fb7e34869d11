"""Signing in and out in the browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import time
from typing import Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from core.access import Caller
from core.errors import Refused, SecondFactorNeeded, Unauthenticated
from core.looks import Look
from core.passkeys import fresh_nonce
from ui.shell import LOOK
from ui.visitor import Visitor

YEAR = 365 * 24 * 3600
HALFWAY_SECONDS = 600
YOUNG_SECONDS = 300


def nonce_of(visitor: Visitor) -> str:
    """What this browser's challenges are made of: what it has, while that is young, so that several tabs work."""
    name = visitor.site.kernel.settings.ceremony_cookie(visitor.request.scope["scheme"])
    return visitor.request.cookies.get(name, "")


async def asking_passkey(visitor: Visitor, make: Callable[[str], Awaitable[str]]) -> tuple[str, str]:
    """What a browser is asked for a passkey, and the nonce behind it; nothing where there can be none."""
    if visitor.site.kernel.passkeys.place is None:
        return "", ""
    nonce = nonce_of(visitor)
    made, _, rest = nonce.partition(".")
    if not (rest and made.isascii() and made.isdigit() and 0 <= time() - int(made[:12]) < YOUNG_SECONDS):
        nonce = fresh_nonce()
    return await make(nonce), nonce


def binding(visitor: Visitor, response: Response, nonce: str) -> Response:
    """The answer, with the nonce of its challenges for this browser alone."""
    if nonce and nonce != nonce_of(visitor):
        settings, scheme = visitor.site.kernel.settings, visitor.request.scope["scheme"]
        told: dict[str, Any] = {"path": "/", "secure": settings.secure(scheme), "httponly": True, "samesite": "strict"}
        response.set_cookie(settings.ceremony_cookie(scheme), nonce, max_age=HALFWAY_SECONDS, **told)
    return response


async def show_sign_in(visitor: Visitor) -> Response:
    """The page to sign in on; somebody who is signed in goes home."""
    if await _is_in(visitor):
        return RedirectResponse(inside(visitor.request.query_params.get("next", "")), 303)
    query = visitor.request.query_params
    late = (
        visitor.gettext("That took too long, or there were too many wrong codes; begin again")
        if "late" in query
        else ""
    )
    return await sign_in_page(visitor, query.get("next", ""), problems=[late] if "late" in query else None)


async def _is_in(visitor: Visitor) -> bool:
    """Whether the visitor is signed in at this moment: that a session ended elsewhere is not remembered yet."""
    try:
        return visitor.caller.user_id is not None and bool(await visitor.proven())
    except Unauthenticated:
        return False


async def sign_in(visitor: Visitor) -> Response:
    """Sign in with a login and a password."""
    form = await visitor.form()
    login, target = str(form.get("login", "")).strip(), str(form.get("next", ""))
    settings, scheme = visitor.site.kernel.settings, visitor.request.scope["scheme"]
    name = settings.session_cookie(scheme)
    try:
        secret, caller = await visitor.site.kernel.sign_in.sign_in(
            login, str(form.get("password", "")), visitor.caller.origin, visitor.request.cookies.get(name, "")
        )
    except Refused as refusal:
        return await sign_in_page(visitor, target, login, visitor.explain(refusal))
    except SecondFactorNeeded as needed:
        return half_way(visitor, needed.secret, target)
    return await begin_session(visitor, RedirectResponse(inside(target), 303), secret, caller)


async def sign_in_with_passkey(visitor: Visitor) -> Response:
    """Sign in with a passkey alone."""
    form = await visitor.form()
    kernel, target = visitor.site.kernel, str(form.get("next", ""))
    previous = visitor.request.cookies.get(kernel.settings.session_cookie(visitor.request.scope["scheme"]), "")
    try:
        secret, caller = await kernel.passkeys.enter(
            str(form.get("answer", "")), nonce_of(visitor), visitor.caller.origin, previous
        )
    except Refused as refusal:
        return await sign_in_page(visitor, target, problems=visitor.explain(refusal))
    return await begin_session(visitor, RedirectResponse(inside(target), 303), secret, caller)


def half_way(visitor: Visitor, secret: str, target: str) -> Response:
    """On to the second factor, with a cookie that nothing else takes."""
    settings, scheme = visitor.site.kernel.settings, visitor.request.scope["scheme"]
    response = RedirectResponse("/sign-in/second" + (f"?next={quote(target)}" if target else ""), 303)
    name = settings.halfway_cookie(scheme)
    response.set_cookie(
        name, secret, path="/", secure=settings.secure(scheme), httponly=True, samesite="lax", max_age=HALFWAY_SECONDS
    )
    return response


async def begin_session(visitor: Visitor, response: Response, secret: str, caller: Caller) -> Response:
    """An answer to whoever is signed in from now on: his session, and how his pages look."""
    settings, scheme = visitor.site.kernel.settings, visitor.request.scope["scheme"]
    told: dict[str, Any] = {"path": "/", "secure": settings.secure(scheme), "httponly": True, "samesite": "lax"}
    response.set_cookie(settings.session_cookie(scheme), secret, **told)
    if settings.halfway_cookie(scheme) in visitor.request.cookies:
        response.delete_cookie(settings.halfway_cookie(scheme), **told)
    preferences = await visitor.site.kernel.accounts.preferences(caller)
    set_look(response, preferences.look)
    return response


def set_look(response: Response, look: Look) -> None:
    """Tell the browser how the pages look that it shows while nobody is signed in."""
    response.set_cookie(LOOK, "-".join(look.words), max_age=YEAR, httponly=True, samesite="lax")


async def sign_out(visitor: Visitor) -> Response:
    """End this session."""
    settings, scheme = visitor.site.kernel.settings, visitor.request.scope["scheme"]
    name = settings.session_cookie(scheme)
    await visitor.site.kernel.sign_in.end(visitor.request.cookies.get(name, ""), visitor.caller.origin)
    response = RedirectResponse("/sign-in", 303, {"Clear-Site-Data": '"cache"'})
    response.delete_cookie(name, path="/", secure=settings.secure(scheme), httponly=True, samesite="lax")
    return response


def inside(target: str) -> str:
    """A place of ours, whatever the address asks for."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


async def sign_in_page(
    visitor: Visitor, target: str, login: str = "", problems: list[str] | None = None, said: str = ""
) -> Response:
    """The page to sign in on, perhaps with what was wrong or what was done before."""
    asked, nonce = await asking_passkey(visitor, visitor.site.kernel.passkeys.question)
    shown = visitor.page(
        "sign_in.html",
        status=422 if problems else 200,
        target=target,
        login=login,
        problems=problems or [],
        said=said,
        by_mail=not visitor.site.kernel.mailer.missing,
        asked=asked,
        elsewhere="" if visitor.site.kernel.elsewhere.client.missing else visitor.site.kernel.elsewhere.client.name,
    )
    return binding(visitor, shown, nonce)

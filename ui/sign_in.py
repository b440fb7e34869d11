"""Signing in and out in the browser."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from core.errors import Refused
from core.languages import LANGUAGES
from core.looks import Look
from ui.shell import LOOK
from ui.visitor import Visitor

YEAR = 365 * 24 * 3600


async def show_sign_in(visitor: Visitor) -> Response:
    """The page to sign in on; somebody who is signed in goes home."""
    if visitor.caller.user_id is not None:
        return RedirectResponse(_inside(visitor.request.query_params.get("next", "")), 303)
    return _page(visitor, visitor.request.query_params.get("next", ""))


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
        return _page(visitor, target, login, visitor.explain(refusal))
    response = RedirectResponse(_inside(target), 303)
    response.set_cookie(name, secret, path="/", secure=settings.secure(scheme), httponly=True, samesite="lax")
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


def _inside(target: str) -> str:
    """A place of ours, whatever the address asks for."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


def _page(visitor: Visitor, target: str, login: str = "", problems: list[str] | None = None) -> Response:
    return visitor.page(
        "sign_in.html",
        status=422 if problems else 200,
        target=target,
        login=login,
        problems=problems or [],
        languages=LANGUAGES,
    )

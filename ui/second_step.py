"""The second step of signing in, in the browser: a code, or setting up what is required."""

from __future__ import annotations

from urllib.parse import quote

import pyotp
import segno
from starlette.responses import RedirectResponse, Response

from core.errors import Refused, Unauthenticated
from core.second_step import Comer
from ui.sign_in import asking_passkey, begin_session, binding, inside, nonce_of
from ui.visitor import Visitor

PAGE = "/sign-in/second"


def app_values(visitor: Visitor, login: str, key: str) -> dict[str, str]:
    """What an authenticator app takes in: an address, as a picture of its own, and as a key to be typed."""
    issuer = visitor.company.name or "Tradepost"
    address = pyotp.TOTP(key, name=login, issuer=issuer).provisioning_uri()
    picture = segno.make(address, micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
    return {"address": address, "picture": picture, "key": in_groups(key)}


def in_groups(key: str) -> str:
    """A key as it is typed where no camera is."""
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


def halfway_secret(visitor: Visitor) -> str:
    """What the browser of somebody who is half signed in came with."""
    name = visitor.site.kernel.settings.halfway_cookie(visitor.request.scope["scheme"])
    return visitor.request.cookies.get(name, "")


async def show_second(visitor: Visitor) -> Response:
    """The page that asks for the second factor, or sets one up where there must be one."""
    return await _page(visitor, visitor.request.query_params.get("next", ""))


async def _page(visitor: Visitor, target: str, problems: list[str] | None = None) -> Response:
    steps = visitor.site.kernel.second_step
    try:
        comer = await steps.comer(halfway_secret(visitor))
        if not comer.standing.has:
            return await _set_up_page(visitor, comer, target, problems)
    except Unauthenticated:
        return _back(target)
    asked, nonce = "", ""
    if comer.standing.passkeys:
        asked, nonce = await asking_passkey(visitor, lambda made: visitor.site.kernel.passkeys.question(made, comer.id))
    status = 422 if problems else 200
    shown = visitor.page(
        "second_step.html", status=status, comer=comer, target=target, problems=problems or [], asked=asked
    )
    return binding(visitor, shown, nonce)


async def _set_up_page(visitor: Visitor, comer: Comer, target: str, problems: list[str] | None) -> Response:
    _, key = await visitor.site.kernel.second_step.propose_to(halfway_secret(visitor))
    return visitor.page(
        "set_up_factor.html",
        status=422 if problems else 200,
        target=target,
        problems=problems or [],
        **app_values(visitor, comer.login, key),
    )


def _back(target: str) -> Response:
    """To the beginning: ten minutes are over, or there were too many wrong codes."""
    return RedirectResponse("/sign-in?late=1" + (f"&next={quote(target)}" if target else ""), 303)


def _words(visitor: Visitor, refusal: Refused) -> list[str]:
    return [visitor.word("core", one.message, **dict(one.values)) for one in refusal.problems]


async def enter_code(visitor: Visitor) -> Response:
    """Sign in with a code of the app, or a recovery code."""
    form = await visitor.form()
    target = str(form.get("next", ""))
    kernel, name = visitor.site.kernel, visitor.site.kernel.settings.session_cookie(visitor.request.scope["scheme"])
    try:
        secret, caller = await kernel.second_step.by_code(
            halfway_secret(visitor),
            str(form.get("code", "")),
            visitor.caller.origin,
            visitor.request.cookies.get(name, ""),
        )
    except Refused as refusal:
        return await _page(visitor, target, _words(visitor, refusal))
    except Unauthenticated:
        return _back(target)
    return await begin_session(visitor, RedirectResponse(inside(target), 303), secret, caller)


async def enter_with_passkey(visitor: Visitor) -> Response:
    """Sign in with a passkey beside the password."""
    form = await visitor.form()
    target, kernel = str(form.get("next", "")), visitor.site.kernel
    previous = visitor.request.cookies.get(kernel.settings.session_cookie(visitor.request.scope["scheme"]), "")
    answer, origin = str(form.get("answer", "")), visitor.caller.origin
    try:
        secret, caller = await kernel.passkeys.second(
            halfway_secret(visitor), answer, nonce_of(visitor), origin, previous
        )
    except Refused as refusal:
        return await _page(visitor, target, _words(visitor, refusal))
    except Unauthenticated:
        return _back(target)
    return await begin_session(visitor, RedirectResponse(inside(target), 303), secret, caller)


async def set_up(visitor: Visitor) -> Response:
    """Take over the app that was set up, and sign in; the recovery codes are shown this once."""
    form = await visitor.form()
    target, kernel = str(form.get("next", "")), visitor.site.kernel
    name = kernel.settings.session_cookie(visitor.request.scope["scheme"])
    previous = visitor.request.cookies.get(name, "")
    try:
        secret, codes = await kernel.second_step.set_up(
            halfway_secret(visitor), str(form.get("code", "")), visitor.caller.origin, previous
        )
    except Refused as refusal:
        return await _page(visitor, target, _words(visitor, refusal))
    except Unauthenticated:
        return _back(target)
    caller = await kernel.sign_in.caller_of_session(secret, visitor.caller.origin)
    if caller is None:
        raise Unauthenticated
    shown = visitor.page("recovery_codes.html", codes=codes, onward=inside(target))
    return await begin_session(visitor, shown, secret, caller)

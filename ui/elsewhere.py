"""Signing in by another service, and connecting one's account there, in the browser."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from starlette.responses import RedirectResponse, Response

from core.errors import Refused, SecondFactorNeeded, Unauthenticated
from core.ids import now
from core.oidc import Trip
from ui.factors import FACTORS, factors_page, words
from ui.sign_in import HALFWAY_SECONDS, begin_session, half_way, inside, sign_in_page
from ui.visitor import Visitor


def _cookie(visitor: Visitor) -> tuple[str, dict[str, Any]]:
    settings, scheme = visitor.site.kernel.settings, visitor.request.scope["scheme"]
    told = {"path": "/", "secure": settings.secure(scheme), "httponly": True, "samesite": "lax"}
    return settings.trip_cookie(scheme), told


def _on_the_way(visitor: Visitor, address: str, trip: Trip) -> Response:
    name, told = _cookie(visitor)
    response = RedirectResponse(address, 303)
    response.set_cookie(name, quote(trip.cookie, safe=""), max_age=HALFWAY_SECONDS, **told)
    return response


async def go(visitor: Visitor) -> Response:
    """To the other service, to sign in by it."""
    target = visitor.request.query_params.get("next", "")
    try:
        address, trip = await visitor.site.kernel.elsewhere.begin(inside(target))
    except Refused as refusal:
        return await sign_in_page(visitor, target, problems=words(visitor, refusal))
    return _on_the_way(visitor, address, trip)


async def connect(visitor: Visitor) -> Response:
    """To the other service, to connect my account there."""
    visitor = await visitor.proven()
    try:
        address, trip = await visitor.site.kernel.elsewhere.begin(FACTORS, visitor.caller)
    except Refused as refusal:
        return await factors_page(visitor, words(visitor, refusal))
    return _on_the_way(visitor, address, trip)


async def come_back(visitor: Visitor) -> Response:
    """Back from the other service: signed in, or connected, or told why not."""
    name, told = _cookie(visitor)
    trip = Trip.of(unquote(visitor.request.cookies.get(name, "")), now())
    if trip is None:
        late = visitor.gettext("That took too long, or began in another browser; begin again")
        return await sign_in_page(visitor, "", problems=[late])
    try:
        response = await (_entered(visitor, trip) if trip.purpose == "in" else _connected(visitor, trip))
    except Refused as refusal:
        response = await _told(visitor, trip, words(visitor, refusal))
    response.delete_cookie(name, **told)
    return response


async def _told(visitor: Visitor, trip: Trip, problems: list[str]) -> Response:
    if trip.purpose != "in" and visitor.caller.user_id is not None:
        return await factors_page(visitor, problems)
    return await sign_in_page(visitor, "", problems=problems)


async def _connected(visitor: Visitor, trip: Trip) -> Response:
    if visitor.caller.user_id is None:
        raise Unauthenticated
    await visitor.site.kernel.elsewhere.connect(visitor.caller, trip, visitor.request.query_params)
    return visitor.goto(FACTORS, visitor.gettext("Your account is connected"))


async def _entered(visitor: Visitor, trip: Trip) -> Response:
    kernel, origin = visitor.site.kernel, visitor.caller.origin
    previous = visitor.request.cookies.get(kernel.settings.session_cookie(visitor.request.scope["scheme"]), "")
    try:
        secret, caller = await kernel.elsewhere.enter(trip, visitor.request.query_params, origin, previous)
    except SecondFactorNeeded as needed:
        return half_way(visitor, needed.secret, trip.target)
    return await begin_session(visitor, RedirectResponse(inside(trip.target), 303), secret, caller)


async def disconnect(visitor: Visitor) -> Response:
    """Sign in by the other service no more."""
    current = str((await visitor.form()).get("current", ""))
    try:
        await visitor.site.kernel.elsewhere.disconnect(visitor.caller, visitor.id(), current)
    except Refused as refusal:
        return await factors_page(visitor, words(visitor, refusal))
    return visitor.goto(FACTORS, visitor.gettext("Your account is not connected any more"))

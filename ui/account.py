"""My settings: language, look, time zone, password, sessions, tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from enum import Enum
from uuid import UUID
from zoneinfo import available_timezones

from starlette.responses import Response

from core.errors import Refused, Unauthenticated
from core.ids import now
from core.languages import LANGUAGES
from core.looks import Contrast, Density, Look, Theme
from core.notices import kinds
from ui.forms import told
from ui.sign_in import set_look
from ui.visitor import Visitor
from ui.words import N_

THEMES = ((Theme.AUTO, N_("As the device")), (Theme.LIGHT, N_("Light")), (Theme.DARK, N_("Dark")))
DENSITIES = ((Density.COMFORTABLE, N_("Comfortable")), (Density.DENSE, N_("Dense")))
CONTRASTS = ((Contrast.AUTO, N_("As the device")), (Contrast.HIGH, N_("High")))
LIFETIMES = (30, 90, 365)
AREAS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


async def show_settings(visitor: Visitor) -> Response:
    """My settings."""
    return await _page(visitor)


async def _page(
    visitor: Visitor, errors: Mapping[str, str] | None = None, others: list[str] | None = None, secret: str = ""
) -> Response:
    kernel = visitor.site.kernel
    me = await kernel.accounts.preferences(visitor.caller)
    return visitor.page(
        "settings.html",
        status=422 if errors or others else 200,
        me=me,
        languages=LANGUAGES,
        themes=_offered(visitor, THEMES),
        densities=_offered(visitor, DENSITIES),
        contrasts=_offered(visitor, CONTRASTS),
        zones=_zones(me.zone),
        sessions=await kernel.sign_in.sessions_of(visitor.caller),
        tokens=await kernel.sign_in.tokens_of(visitor.caller),
        lifetimes=LIFETIMES,
        scopes=list(_scopes(visitor)),
        told=await _told(visitor),
        errors=errors or {},
        others=others or [],
        secret=secret,
    )


async def _told(visitor: Visitor) -> list[tuple[str, str, bool]]:
    """The kinds of notification, and whether the visitor is told of them."""
    muted = await visitor.site.kernel.notifications.muted(visitor.caller)
    return [(name, visitor.word(*label), name not in muted) for name, label in kinds(visitor.site.registry).items()]


def _offered(visitor: Visitor, choices: Sequence[tuple[Enum, str]]) -> list[tuple[str, str]]:
    return [(one.value, visitor.gettext(text)) for one, text in choices]


def _zones(present: str) -> list[str]:
    """The time zones to choose from: places of the world and UTC; old aliases only for whom one is set already."""
    return sorted({"UTC", present, *(one for one in available_timezones() if one.startswith(AREAS))})


async def _refused(visitor: Visitor, refusal: Refused, names: tuple[str, ...]) -> Response:
    beside, others = told(visitor, "core", list(refusal.problems), names)
    return await _page(visitor, beside, others)


async def keep_preferences(visitor: Visitor) -> Response:
    """Set language, time zone and look."""
    form = await visitor.form()
    language, zone = str(form.get("language", "")), str(form.get("zone", ""))
    look = Look.of([str(form.get(name, "")) for name in ("theme", "density", "contrast")])
    try:
        await visitor.site.kernel.accounts.set_preferences(visitor.caller, language=language, zone=zone, look=look)
    except Refused as refusal:
        return await _refused(visitor, refusal, ("language", "zone"))
    await visitor.site.kernel.policies.fresh(_me(visitor))  # language and look are kept with the rights
    response = visitor.goto("/settings", visitor.site.languages.translate(language, "Saved", domain="ui"))
    set_look(response, look)
    return response


def _me(visitor: Visitor) -> UUID:
    if visitor.caller.user_id is None:
        raise Unauthenticated
    return visitor.caller.user_id


async def change_password(visitor: Visitor) -> Response:
    """Change my password."""
    form = await visitor.form()
    new = str(form.get("password", ""))
    if new != str(form.get("repeated", "")):
        return await _page(visitor, {"repeated": visitor.gettext("This is not the same password")})
    try:
        await visitor.site.kernel.accounts.change_password(visitor.caller, str(form.get("current", "")), new)
    except Refused as refusal:
        return await _refused(visitor, refusal, ("current", "password", "repeated"))
    return visitor.goto("/settings", visitor.gettext("Password changed; your other sessions have ended"))


async def end_session(visitor: Visitor) -> Response:
    """End one of my sessions."""
    await visitor.site.kernel.sign_in.end_session(visitor.caller, visitor.id())
    return visitor.goto("/settings", visitor.gettext("Session ended"))


async def end_others(visitor: Visitor) -> Response:
    """End all my sessions but this one."""
    await visitor.site.kernel.sign_in.end_others(visitor.caller)
    return visitor.goto("/settings", visitor.gettext("Your other sessions have ended"))


READING = frozenset({"read", "export", "print"})


def _scopes(visitor: Visitor) -> Iterator[tuple[str, str]]:
    """The kinds of record that a token of the visitor's can be for."""
    for spec in visitor.site.registry.surfaced():
        if spec.parent is None and visitor.caller.allows(f"{spec.label}.read"):
            yield spec.label, visitor.humans(spec)


def _chosen(visitor: Visitor, reading: Sequence[object], writing: Sequence[object]) -> list[str] | None:
    """The permissions that a token is for, of those that the visitor has; `None`: none was chosen, so all."""
    if not reading and not writing:
        return None
    found = []
    for one in visitor.site.registry.permissions():
        label, _, verb = one.name.rpartition(".")
        if label in (reading if verb in READING else writing) and visitor.caller.allows(one.name):
            found.append(one.name)
    return found


async def create_token(visitor: Visitor) -> Response:
    """Make a token; its text is shown this once."""
    form = await visitor.form()
    days = next((one for one in LIFETIMES if str(one) == form.get("days")), LIFETIMES[0])
    try:
        secret = await visitor.site.kernel.sign_in.create_token(
            visitor.caller,
            str(form.get("name", "")),
            read_only=form.get("read_only") == "yes",
            expires_at=now() + timedelta(days=days),
            scopes=_chosen(visitor, form.getlist("reads"), form.getlist("writes")),
        )
    except Refused as refusal:
        return await _refused(visitor, refusal, ("name", "scopes"))
    return await _page(visitor, secret=secret)


async def end_token(visitor: Visitor) -> Response:
    """End one of my tokens."""
    await visitor.site.kernel.sign_in.end_token(visitor.caller, visitor.id())
    return visitor.goto("/settings", visitor.gettext("Token ended"))

"""My second factors: the app, and the recovery codes."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from core.errors import Refused
from ui.second_step import app_values
from ui.sign_in import asking_passkey, binding, nonce_of
from ui.visitor import Visitor

FACTORS = "/settings/factors"


async def show_factors(visitor: Visitor) -> Response:
    """What I have beside my password."""
    return await factors_page(visitor)


async def factors_page(visitor: Visitor, problems: list[str] | None = None, **shown: Any) -> Response:
    """The page of all that I sign in with, perhaps with what was wrong, or what is shown this once."""
    steps = visitor.site.kernel.second_step
    values: dict[str, Any] = {"picture": "", "key": "", "codes": [], **shown}
    company, passkeys = visitor.company.name or "Tradepost", visitor.site.kernel.passkeys
    elsewhere = visitor.site.kernel.elsewhere
    asked, nonce = await asking_passkey(visitor, lambda made: passkeys.offer(visitor.caller, company, made))
    page = visitor.page(
        "factors.html",
        status=422 if problems else 200,
        standing=await steps.standing(visitor.caller),
        recent=await steps.is_recent(visitor.caller),
        passkeys=await passkeys.of(visitor.caller),
        elsewhere="" if elsewhere.client.missing else elsewhere.client.name,
        connected=[] if elsewhere.client.missing else await elsewhere.connected(visitor.caller),
        asked=asked,
        problems=problems or [],
        **values,
    )
    return binding(visitor, page, nonce)


def words(visitor: Visitor, refusal: Refused) -> list[str]:
    """What a refusal says, without the names of fields."""
    return [visitor.word("core", one.message, **dict(one.values)) for one in refusal.problems]


async def _password(visitor: Visitor) -> str:
    return str((await visitor.form()).get("current", ""))


def _setting_up(visitor: Visitor, key: str) -> dict[str, Any]:
    return app_values(visitor, visitor.caller.policy.login, key)


async def propose_app(visitor: Visitor) -> Response:
    """Show what an app is to photograph."""
    try:
        key = await visitor.site.kernel.second_step.propose(visitor.caller, await _password(visitor))
    except Refused as refusal:
        return await factors_page(visitor, words(visitor, refusal))
    return await factors_page(visitor, **_setting_up(visitor, key))


async def confirm_app(visitor: Visitor) -> Response:
    """Take the app over with its first code; recovery codes are shown this once."""
    code, steps = str((await visitor.form()).get("code", "")), visitor.site.kernel.second_step
    try:
        codes = await steps.confirm(visitor.caller, code)
    except Refused as refusal:
        key = await steps.proposed(visitor.caller)
        return await factors_page(visitor, words(visitor, refusal), **(_setting_up(visitor, key) if key else {}))
    if not codes:
        return visitor.goto(FACTORS, visitor.gettext("The app is set up"))
    return await factors_page(visitor, codes=codes)


async def remove_app(visitor: Visitor) -> Response:
    """Do without the app."""
    try:
        await visitor.site.kernel.second_step.remove_app(visitor.caller, await _password(visitor))
    except Refused as refusal:
        return await factors_page(visitor, words(visitor, refusal))
    return visitor.goto(FACTORS, visitor.gettext("The app is not asked any more"))


async def renew_codes(visitor: Visitor) -> Response:
    """New recovery codes, shown this once."""
    try:
        codes = await visitor.site.kernel.second_step.renew_codes(visitor.caller, await _password(visitor))
    except Refused as refusal:
        return await factors_page(visitor, words(visitor, refusal))
    return await factors_page(visitor, codes=codes)


async def add_passkey(visitor: Visitor) -> Response:
    """Keep a passkey that the browser has made; recovery codes are shown this once."""
    form = await visitor.form()
    name, answer, current = (str(form.get(one, "")) for one in ("name", "answer", "current"))
    try:
        codes = await visitor.site.kernel.passkeys.add(visitor.caller, name, answer, nonce_of(visitor), current)
    except Refused as refusal:
        return await factors_page(visitor, words(visitor, refusal))
    if not codes:
        return visitor.goto(FACTORS, visitor.gettext("The passkey is set up"))
    return await factors_page(visitor, codes=codes)


async def remove_passkey(visitor: Visitor) -> Response:
    """Do without one of my passkeys."""
    try:
        await visitor.site.kernel.passkeys.remove(visitor.caller, visitor.id(), await _password(visitor))
    except Refused as refusal:
        return await factors_page(visitor, words(visitor, refusal))
    return visitor.goto(FACTORS, visitor.gettext("The passkey is not accepted any more"))

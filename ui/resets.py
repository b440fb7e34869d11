"""A new password by mail, and the first one of somebody who was invited."""

from __future__ import annotations

from starlette.responses import Response

from core.errors import Refused
from ui.forms import told
from ui.sign_in import sign_in_page
from ui.visitor import Visitor


async def show_forgotten(visitor: Visitor) -> Response:
    """The page that asks whose password was forgotten."""
    return visitor.page("forgotten.html", problems=[], sent=False, login="")


async def ask(visitor: Visitor) -> Response:
    """Have a link sent; the answer is the same whether there is such an account or not."""
    form = await visitor.form()
    login = str(form.get("login", "")).strip()
    try:
        await visitor.site.kernel.resets.ask(login, visitor.caller.origin)
    except Refused as refusal:
        return visitor.page("forgotten.html", status=422, problems=visitor.explain(refusal), sent=False, login=login)
    return visitor.page("forgotten.html", problems=[], sent=True, login="")


async def show_new_password(visitor: Visitor) -> Response:
    """The page on which whoever has the link chooses a password."""
    return await _page(visitor)


async def keep_new_password(visitor: Visitor) -> Response:
    """Set the password; then he signs in with it, and with his second factor where he has one."""
    form = await visitor.form()
    password = str(form.get("password", ""))
    if password != str(form.get("repeated", "")):
        return await _page(visitor, {"repeated": visitor.gettext("This is not the same password")})
    kernel, secret = visitor.site.kernel, visitor.request.path_params["secret"]
    try:
        holder = await kernel.resets.holder(secret)
        await kernel.resets.redeem(secret, password, visitor.caller.origin)
    except Refused as refusal:
        beside, others = told(visitor, "core", list(refusal.problems), ("password",))
        return await _page(visitor, beside, others)
    return await sign_in_page(visitor, "", holder.login, said=visitor.gettext("Your password is set. Sign in with it."))


async def _page(visitor: Visitor, errors: dict[str, str] | None = None, others: list[str] | None = None) -> Response:
    try:
        holder = await visitor.site.kernel.resets.holder(visitor.request.path_params["secret"])
    except Refused as refusal:
        return visitor.page("forgotten.html", status=410, problems=visitor.explain(refusal), sent=False, login="")
    return visitor.page(
        "new_password.html",
        status=422 if errors or others else 200,
        holder=holder,
        secret=visitor.request.path_params["secret"],
        errors=errors or {},
        others=others or [],
    )

"""Administration: the company's settings, passwords of users, the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from starlette.responses import Response

from core.company import Company
from core.errors import Forbidden, Refused
from core.history import Sought
from core.languages import LANGUAGES
from core.registry import ModelSpec
from core.users import User
from ui.cells import address
from ui.forms import CURRENCIES, Asked, FormSection, one_id, told, with_errors, written_plainly
from ui.history import VERBS, Happened, timeline
from ui.records import read_record
from ui.visitor import Visitor

ENTRIES = 50
LONGEST_NUMBER = 19


def _require_administrator(visitor: Visitor, permission: str) -> None:
    if not visitor.caller.policy.everything:
        raise Forbidden(permission)


async def show_company(visitor: Visitor) -> Response:
    """The company's settings."""
    visitor = await visitor.proven()
    _require_administrator(visitor, "core.setting.update")
    written = {name: written_plainly(value) for name, value in (await visitor.site.kernel.options.all()).items()}
    return _company(visitor, await visitor.site.kernel.companies.get(), written)


def _company(
    visitor: Visitor, company: Company, written: Mapping[str, tuple[str, str]], refusal: Refused | None = None
) -> Response:
    names = ("name", "currency", "language", *visitor.site.kernel.options.declared)
    beside, others = told(visitor, "core", list(refusal.problems), names) if refusal else ({}, [])
    return visitor.page(
        "company.html",
        status=422 if refusal else 200,
        sections=list(_options(visitor, written, beside)),
        company=company,
        errors=beside,
        others=others,
        languages=LANGUAGES,
        currencies=tuple(dict.fromkeys((company.currency, *CURRENCIES))),
    )


def _options(
    visitor: Visitor, written: Mapping[str, tuple[str, str]], errors: Mapping[str, str]
) -> Iterator[FormSection]:
    """The settings of each plugin."""
    declared = visitor.site.kernel.options.declared
    for plugin in dict.fromkeys(name.partition(".")[0] for name in declared):
        traits = {name: one for name, one in declared.items() if name.partition(".")[0] == plugin}
        asked = Asked(visitor, plugin, traits)
        controls = tuple(asked.control(name, written.get(name, ("", ""))) for name in traits)
        title = visitor.word(plugin, plugin.replace("_", " ").capitalize())
        own = visitor.gettext("Signing in") if plugin == "core" else title
        yield FormSection(own, with_errors(controls, errors))


async def keep_company(visitor: Visitor) -> Response:
    """Set the company's settings."""
    form = await visitor.form()
    changed = Company(
        str(form.get("name", "")).strip(), str(form.get("currency", "")).upper(), str(form.get("language", ""))
    )
    options = visitor.site.kernel.options
    written = Asked(visitor, "core", options.declared).written(form)
    try:
        options.check({name: one for name, (one, _) in written.items()})
        await visitor.site.kernel.companies.change(visitor.caller, changed)
        await options.change(visitor.caller, {name: one for name, (one, _) in written.items()})
    except Refused as refusal:
        return _company(visitor, changed, written, refusal)
    visitor.site.company.forget()
    return visitor.goto("/admin/company", visitor.gettext("Saved"))


async def show_password(visitor: Visitor, spec: ModelSpec) -> Response:
    """The form that sets a user's password."""
    _require_administrator(visitor, "core.user.set_password")
    return await _password(visitor, spec)


async def _password(visitor: Visitor, spec: ModelSpec, refusal: Refused | None = None) -> Response:
    row = await read_record(visitor, spec, related=False)
    beside, others = told(visitor, "core", list(refusal.problems), ("password",)) if refusal else ({}, [])
    return visitor.page(
        "password.html",
        block="form",
        status=422 if refusal else 200,
        name=visitor.shower(spec).title(spec, row),
        login=row["login"],
        user=address(spec, row["id"]),
        spec=spec,
        humans=visitor.humans(spec),
        errors=beside,
        others=others,
    )


async def keep_password(visitor: Visitor, spec: ModelSpec) -> Response:
    """Set a user's password."""
    form = await visitor.form()
    try:
        await visitor.site.kernel.accounts.set_password(visitor.caller, visitor.id(), str(form.get("password", "")))
    except Refused as refusal:
        return await _password(visitor, spec, refusal)
    return visitor.goto(address(spec, visitor.id()), visitor.gettext("Password set; the user's sessions have ended"))


async def show_audit(visitor: Visitor) -> Response:
    """The audit log, the newest entries first."""
    query = visitor.request.query_params
    before = query.get("before", "")
    sought = Sought(
        model=query.get("model", ""),
        verb=query.get("verb", ""),
        user=one_id(query.get("user", "")),
        before=int(before) if before.isascii() and before.isdigit() and len(before) < LONGEST_NUMBER else 0,
    )
    found = await visitor.site.kernel.history.everything(visitor.caller, sought, ENTRIES + 1)
    entries: tuple[Happened, ...] = await timeline(visitor, found[:ENTRIES])
    users = await visitor.site.kernel.reader.records(visitor.caller, User, order=("name",), limit=200, fields=("name",))
    kept = "".join(f"&{name}={query[name]}" for name in ("model", "verb", "user") if query.get(name))
    return visitor.page(
        "audit.html",
        entries=entries,
        sought=sought,
        models=[(one.label, visitor.human(one)) for one in visitor.site.registry.surfaced()],
        verbs=[(name, visitor.gettext(text)) for name, text in VERBS.items()],
        users=[(str(one.value("id")), one.value("name")) for one in users],
        older=f"/admin/audit?before={entries[-1].number}{kept}" if len(found) > ENTRIES else "",
    )

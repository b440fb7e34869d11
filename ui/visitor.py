"""A visitor: one request with who makes it, and the words and ways to answer it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from core.access import Caller
from core.company import Company
from core.errors import (
    Conflict,
    FilesUnavailable,
    Forbidden,
    NotFound,
    Problem,
    Refused,
    TooLarge,
    TradepostError,
    UnknownField,
)
from core.policies import present
from core.query import Read
from core.registry import ModelSpec
from core.renewal import Outdated
from ui.cells import Shower
from ui.columns import label_parts
from ui.formats import Formats
from ui.shell import Shell, Toast, shell
from ui.site import Site
from ui.words import N_

TOAST = "toast"
UNDO = "/undo"
WAYS_BACK = re.compile(UNDO + r"|/[a-z0-9-]+/[a-z0-9-]+/restore")
CUSTOM = re.compile(r"(?<![a-z0-9])_?(x_[a-z0-9_]+)")
MOST_UNDONE = 50
MOST_FIELDS = 2_000
TOAST_SECONDS = 30


@dataclass(frozen=True)
class Visitor:
    """One request, who makes it, and how he reads."""

    request: Request
    site: Site
    caller: Caller
    formats: Formats
    company: Company

    # Words

    def gettext(self, message: str, /, **values: object) -> str:
        """A message of the pages in the visitor's language."""
        return self.site.languages.translate(self.caller.language, message, domain="ui", **values)

    def word(self, plugin: str, message: str, /, **values: object) -> str:
        """A message of a plugin, like the label of a field."""
        return self.site.languages.translate(self.caller.language, message, domain=plugin, **values) if message else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        """A message for a count, which fills `%(shown)s` as the reader writes numbers."""
        shown = self.formats.number(count)
        return self.site.languages.ngettext(self.caller.language, one, many, count, domain="ui", shown=shown)

    def human(self, spec: ModelSpec) -> str:
        """The name of a model."""
        return self.word(spec.plugin, spec.human)

    def humans(self, spec: ModelSpec) -> str:
        """The plural of a model's name."""
        return self.word(spec.plugin, spec.humans)

    def label(self, spec: ModelSpec, path: str) -> str:
        """The label of a path: the last field's, with the link before it where there is one."""
        parts = [self.word(spec.plugin, one) for one in label_parts(self.site.registry, spec, path)]
        return " · ".join(parts)

    def shower(self, spec: ModelSpec) -> Shower:
        """Values of a model as cells."""
        return Shower(self.site.registry, self.formats, lambda message: self.word(spec.plugin, message))

    def explain(self, refusal: TradepostError, spec: ModelSpec | None = None) -> list[str]:
        """What a refusal says, in the visitor's language."""
        if isinstance(refusal, Refused):
            return [self.mended(one, spec) for one in refusal.problems]
        if isinstance(refusal, TooLarge):
            return [self.mended(refusal.problem)]
        if isinstance(refusal, Forbidden):
            return [self.gettext("It needs the permission %(permission)s.", permission=refusal.permission)]
        if isinstance(refusal, UnknownField):
            return [self.gettext("There is no field %(field)s.", field=refusal.field)]
        return [] if isinstance(refusal, NotFound | Conflict | FilesUnavailable) else [self.gettext(str(refusal))]

    def mended(self, problem: Problem, spec: ModelSpec | None = None) -> str:
        """One problem, with its field's label where it names one."""
        text = self.word(spec.plugin if spec else "core", problem.message, **dict(problem.values))
        if problem.field is None:
            return text
        known = spec is not None and problem.field in spec.fields
        return f"{self.label(spec, problem.field) if spec and known else self.word('core', problem.field)}: {text}"

    # What was asked

    @property
    def scripted(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request-type") == "partial"

    @property
    def path(self) -> str:
        """The path of the address."""
        return str(self.request.scope["path"])

    @property
    def request_id(self) -> str:
        """The id of the request, by which what it does is taken back."""
        return self.caller.origin.request

    @property
    def led(self) -> str:
        """What leads on from a record in its list: the address after the path, question mark included."""
        query = self.request.url.query
        return f"?{query}" if query else ""

    def id(self, name: str = "id") -> UUID:
        """The id in the address."""
        try:
            return UUID(self.request.path_params[name])
        except ValueError:
            raise NotFound from None

    async def form(self) -> FormData:
        """The fields that were sent."""
        try:
            form = await self.request.form(max_files=20, max_fields=MOST_FIELDS)
        except HTTPException:
            raise Refused(N_("The form is malformed or too large; open it again and send it once more")) from None
        await self.knows(" ".join(form))
        return form

    async def knows(self, names: str) -> None:
        """Look whether there are new custom fields where some are named that are not known here; `Outdated` if so."""
        known = self.site.registry.custom_names
        strange = "x_" in names and not known.issuperset(CUSTOM.findall(names))
        if strange and await self.site.kernel.renewal.look() is not self.site.kernel:
            raise Outdated

    async def proven(self) -> Visitor:
        """The visitor as his rights are at this moment, for a page that asks nothing which would tell."""
        return replace(self, caller=await present(self.site.kernel.database, self.caller))

    async def ask(self, read: Read, values: Sequence[object] = ()) -> Any:
        """The answer to a question, as the visitor may see it."""
        return orjson.loads(await self.site.kernel.reader.answer(self.caller, read, values))

    # Answers

    @cached_property
    def shell(self) -> Shell:
        """What stands around every page."""
        return shell(self)

    def page(self, template: str, *, block: str = "", status: int = 200, **values: Any) -> Response:
        """A page, or one block of it when htmx asks for a part."""
        renderer = self.site.renderer
        everything: Mapping[str, Any] = {"page": self.shell, "visitor": self, **values}
        if block and self.scripted:
            return HTMLResponse(renderer.block(self.caller.language, template, block, everything), status)
        response = HTMLResponse(renderer.page(self.caller.language, template, everything), status)
        if TOAST in self.request.cookies:
            response.delete_cookie(TOAST)
        return response

    def goto(self, address: str, toast: str = "", undo: str = "", ids: Sequence[object] = ()) -> Response:
        """Another page, with a message to show there and a way back."""
        if self.scripted:
            response = Response(status_code=204, headers={"HX-Redirect": address})
        else:
            response = RedirectResponse(address, 303)
        if toast:
            possible = undo and len(ids) <= MOST_UNDONE
            kept = orjson.dumps([toast, undo if possible else "", [str(one) for one in ids] if possible else []])
            value = base64.urlsafe_b64encode(kept).decode()
            response.set_cookie(TOAST, value, max_age=TOAST_SECONDS, httponly=True, samesite="lax")
        return response

    def done(self, address: str, toast: str) -> Response:
        """Another page, with a message to show there, and a way to take back what this request did."""
        return self.goto(address, toast, UNDO, (self.request_id,))

    @property
    def toast(self) -> Toast | None:
        """The message that the last page left, if it is one of ours."""
        try:
            text, undo, ids = orjson.loads(base64.urlsafe_b64decode(self.request.cookies.get(TOAST, "")))
            return Toast(str(text), undo if WAYS_BACK.fullmatch(undo) else "", tuple(str(UUID(one)) for one in ids))
        except (ValueError, TypeError):
            return None

"""Pages of plugins, and their parts of record pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import orjson
from starlette.responses import Response

from core.access import ANONYMOUS, Caller, system
from core.desk import Desk
from core.errors import Problem
from core.files import Attachment
from core.ids import now
from core.model import Model
from core.money import Money
from core.pages import Entered, Inputs, Inset, Page, path_of
from core.query import Read, Single
from core.records import selection_of
from core.registry import ModelSpec, Registry
from core.work import Work
from ui.attachments import attach_sent
from ui.choices import names_of, resolve_links, told_apart
from ui.forms import Asked, Control, default_value, told, with_errors
from ui.requests import POLICY
from ui.visitor import Visitor

T = TypeVar("T")
FRAMED = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")


@dataclass(frozen=True)
class PluginVisit:
    """A visitor as a plugin's page meets him; `core.pages.Visit` says what each method does."""

    visitor: Visitor
    plugin: str

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self.visitor.caller

    @property
    def desk(self) -> Desk:
        """What he may see."""
        kernel = self.visitor.site.kernel
        return Desk(self.caller, kernel.reader, kernel.options)

    def param(self, name: str) -> str:
        """A part of the page's path."""
        return str(self.visitor.request.path_params[name])

    def id(self, name: str = "id") -> UUID:
        """An id in the page's path."""
        return self.visitor.id(name)

    def query(self, name: str, default: str = "") -> str:
        """A value of the address after its question mark."""
        return str(self.visitor.request.query_params.get(name, default))

    async def sent(self, name: str) -> list[str]:
        """The values of a field of the form that was sent."""
        return [one for one in (await self.visitor.form()).getlist(name) if isinstance(one, str)]

    async def entered(self, inputs: Inputs) -> Entered:
        """Fields of the form that was sent, or of the address."""
        asked, request = self._asked(inputs), self.visitor.request
        form = await self.visitor.form() if request.method == "POST" else request.query_params
        resolved = await resolve_links(self.visitor, asked.traits, asked.written(form))
        values, problems = asked.parsed(resolved.written)
        missing = [name for name, one in asked.traits.items() if one.required and name not in values]
        problems += [Problem("Fill this in", name, "required") for name in missing]
        problems += [Problem(message, name) for name, message in resolved.errors.items()]
        return Entered(values, problems, resolved.written)

    def _asked(self, inputs: Inputs) -> Asked:
        return Asked(self.visitor, self.plugin, {name: one.traits for name, one in inputs.items()})

    async def run(self, body: Callable[[Work], Awaitable[T]]) -> T:
        """Code as one unit of work of the visitor."""
        return await self.visitor.site.kernel.operations.run(self.caller, body)

    async def attach(self, name: str, model: type[Model], record: UUID) -> list[Attachment]:
        """Attach files that were sent."""
        return await attach_sent(self.visitor, name, model, record)

    async def receive(self, reason: str, body: Callable[[Work], Awaitable[T]]) -> T:
        """Code as one unit of work of Tradepost itself."""
        caller = replace(system(reason), origin=self.caller.origin, language=self.caller.language)
        return await self.visitor.site.kernel.operations.run(caller, body)

    async def limit(self, name: str, most: int, minutes: int) -> None:
        """Count this request."""
        attempts = self.visitor.site.kernel.sign_in.attempts
        await attempts.count(f"{self.plugin}.{name}", self.caller.origin.address, most, minutes)

    def now(self) -> datetime:
        """The moment."""
        return now()

    def gettext(self, message: str, /, **values: object) -> str:
        """A message of the plugin."""
        return self.visitor.word(self.plugin, message, **values)

    def number(self, value: Decimal | int) -> str:
        """A number."""
        return self.visitor.formats.number(value)

    def money(self, value: Money) -> str:
        """An amount."""
        return self.visitor.formats.money(str(value.amount), value.currency)

    def day(self, value: date) -> str:
        """A day."""
        return self.visitor.formats.day(value)

    def moment(self, value: datetime) -> str:
        """A time."""
        return self.visitor.formats.moment(value)

    def local(self, value: datetime) -> datetime:
        """A time in the visitor's zone."""
        return self.visitor.formats.local(value)

    def address(self, model: type[Model], record: UUID | None = None, query: str = "") -> str:
        """The address of a record or a list."""
        path = self.visitor.site.registry.spec(model).path
        return f"{path}{f'/{record}' if record else ''}{f'?{query}' if query else ''}"

    def label(self, model: type[Model], path: str) -> str:
        """The label of a path or list."""
        spec = self.visitor.site.registry.spec(model)
        back = spec.backs.get(path)
        return self.visitor.humans(self.visitor.site.spec(back.source)) if back else self.visitor.label(spec, path)

    def word(self, model: type[Model], message: str) -> str:
        """A message of another plugin."""
        return self.visitor.word(self.visitor.site.registry.spec(model).plugin, message)

    def outside(self, path: str) -> str:
        """The full address of a page."""
        mailer = self.visitor.site.kernel.mailer
        base = str(self.visitor.request.base_url).rstrip("/")
        return mailer.address(path) if mailer.public_url else f"{base}{path}"

    async def title(self, model: type[Model], record: UUID) -> str:
        """What a record is called."""
        spec = self.visitor.site.registry.spec(model)
        select = selection_of(self.visitor.site.registry, spec, names_of(self.visitor, spec), self.caller.policy)
        row = (await self.visitor.ask(Read((("row", Single(spec.label, record, select)),))))["row"]
        return told_apart(self.visitor, spec, [row])[row["id"]] if row else ""

    def controls(
        self, inputs: Inputs, entered: Entered | None = None, *, of: type[Model] | None = None
    ) -> Sequence[Control]:
        """Fields to be drawn."""
        asked = self._asked(inputs)
        if of is not None:
            asked = replace(asked, plugin=self.visitor.site.registry.spec(of).plugin)
        written = entered.written if entered else {name: default_value(one) for name, one in asked.traits.items()}
        drawn = tuple(asked.control(name, written.get(name, ("", ""))) for name in asked.traits)
        beside, _ = told(self.visitor, self.plugin, list(entered.problems if entered else ()), tuple(asked.traits))
        return with_errors(drawn, beside)

    def show(self, template: str, *, status: int = 200, part: str = "", **values: Any) -> Response:
        """A page of the plugin."""
        return self.visitor.page(f"{self.plugin}/{template}", block=part, status=status, visit=self, **values)

    def data(self, value: Any, status: int = 200) -> Response:
        """A value as JSON."""
        return Response(orjson.dumps(value), status, media_type="application/json")

    def goto(self, address: str, toast: str = "") -> Response:
        """Another page."""
        return self.visitor.goto(address, toast)


@dataclass(frozen=True, slots=True)
class Placed:
    """A handler of a plugin's page, with its method and path."""

    method: str
    path: str
    answer: Callable[[Visitor], Awaitable[Response]]
    public: bool


def placed(registry: Registry) -> Iterator[Placed]:
    """Every page of every plugin."""
    for plugin, page in registry.declared("tradepost_pages"):
        for method, handler in (("GET", page.show), ("POST", page.take)):
            if handler is not None:
                yield Placed(method, path_of(plugin, page), partial(_answer, plugin, page, handler), page.public)


async def _answer(plugin: str, page: Page, handler: Callable[..., Awaitable[Any]], visitor: Visitor) -> Response:
    if page.public:
        nobody = replace(ANONYMOUS, language=visitor.caller.language, origin=visitor.caller.origin)
        visitor = replace(visitor, caller=nobody)
    else:
        visitor = await visitor.proven()
    if page.permission:
        visitor.caller.require(page.permission)
    response: Response = await handler(PluginVisit(visitor, plugin))
    if page.embedded:
        response.headers["Content-Security-Policy"] = FRAMED
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plugin's part of a record's page."""

    title: str
    template: str
    values: Mapping[str, Any]


async def insets(visitor: Visitor, spec: ModelSpec, record: UUID) -> list[Drawn]:
    """What plugins add to the page of a record, in the order of their places."""
    found: list[tuple[str, Inset]] = [
        (plugin, one)
        for plugin, one in visitor.site.registry.declared("tradepost_panels")
        if one.model is spec.model and (not one.permission or visitor.caller.allows(one.permission))
    ]
    drawn = []
    for plugin, one in sorted(found, key=lambda pair: pair[1].place):
        visit = PluginVisit(visitor, plugin)
        values = await one.load(visit, record)
        if values is not None:
            template = f"{plugin}/{one.template}"
            drawn.append(Drawn(visitor.word(plugin, one.title), template, {"visit": visit, **values}))
    return drawn

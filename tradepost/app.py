"""The composition root: settings and plugins in, a kernel or a web application out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette_compress import CompressMiddleware

from core.accounts import Accounts
from core.app import Kernel
from core.blobs import store_of
from core.boot import boot
from core.company import Companies
from core.database import KEY, Database, DatabaseFault, connect
from core.egress import Egress
from core.events import Outbox
from core.explanations import Explanations
from core.files import CLEANING, Files
from core.finder import Engine
from core.history import History
from core.jobs import Worker
from core.languages import Languages, load_languages
from core.live import Hub
from core.mail import Mailer
from core.migrator import MigrationError, pending
from core.noticing import Noticing
from core.notifications import Notifications
from core.office import Offices, handlers_of
from core.oidc import BACK, Client, Elsewhere
from core.operations import Operations
from core.options import Options
from core.passkeys import Passkeys, Place
from core.plugin import Plugin
from core.policies import Policies
from core.reading import Reader
from core.registry import Registry
from core.renewal import Renewal
from core.resets import Resets
from core.second_step import SecondStep
from core.settings import Settings, load_settings
from core.sign_in import SignIn
from core.views import Views
from search.embedded import EmbeddedEngine
from search.finding import RecordFinder
from search.indexing import Indexing
from search.specs import index_plans
from tradepost.discovery import load_plugins
from tradepost.guard import Guard
from tradepost.observing import Observed
from tradepost.telemetry import Telemetry
from ui.words import FOLDER


@lru_cache(maxsize=4)
def _booted(plugins: tuple[Plugin, ...]) -> Registry:
    """What an app of some plugins knows: it never changes, so that the apps of a process share it."""
    return boot(plugins)


@asynccontextmanager
async def open_kernel(settings: Settings, plugins: Sequence[Plugin] | None = None) -> AsyncIterator[Kernel]:
    """A kernel on a migrated database, closed at the end; by default with the plugins that are installed."""
    registry = _booted(tuple(load_plugins(settings) if plugins is None else plugins))
    settings.data.mkdir(parents=True, exist_ok=True)
    database = await connect(settings.database, registry)
    try:
        await _require_migrated(database, registry)
        kernel = await wired(settings, registry, database).renewal.look()
        kernel.hub.open()
    except BaseException:
        await database.close()
        raise
    try:
        yield kernel
    finally:
        await kernel.close()


async def _require_migrated(database: Database, registry: Registry) -> None:
    waiting = await pending(database, registry)
    if waiting:
        raise MigrationError(f"{len(waiting)} migrations are pending; run `tradepost migrate`")


def wired(settings: Settings, registry: Registry, database: Database) -> Kernel:
    """The parts of a kernel on an open database; whoever opened that closes the kernel."""
    policies = Policies(database)
    hub = Hub(settings.redis_url)
    lasting = Lasting(
        settings=settings,
        database=database,
        policies=policies,
        outbox=Outbox(registry, {}, hub),
        sign_in=SignIn(registry, database, policies, settings, hub=hub),
        engine=_engine(settings),
        languages=load_languages(registry.plugins, {"ui": FOLDER}),
        companies=Companies(registry, database, settings.language),
        options=Options(registry, database),
        mailer=Mailer(settings.mail_url.get_secret_value(), settings.mail_from, settings.public_url),
        egress=Egress(settings.egress_allow),
        hub=hub,
        renewal=Renewal(registry, database, policies, hub),
    )
    return lasting.renewal.begin(partial(made, lasting))


@dataclass(frozen=True)
class Lasting:
    """The parts of a kernel that outlast a change of the registry: what is open, kept or going on."""

    settings: Settings
    database: Database
    policies: Policies
    outbox: Outbox
    sign_in: SignIn
    engine: Engine
    languages: Languages
    companies: Companies
    options: Options
    mailer: Mailer
    egress: Egress
    hub: Hub
    renewal: Renewal


def made(lasting: Lasting, registry: Registry) -> Kernel:
    """A kernel of a registry; from now on events go to its handlers."""
    database, policies, outbox, sign_in = lasting.database, lasting.policies, lasting.outbox, lasting.sign_in
    reader = Reader(registry, database, policies)
    operations = Operations(registry, database, reader, policies, outbox)
    files = Files(operations, store_of(lasting.settings), lasting.settings.upload_limit)
    plans = index_plans(registry)
    handlers = dict(Indexing(lasting.engine, reader, plans).handlers())
    handlers[CLEANING] = files.cleaning()
    resets, second_step = Resets(registry, database, sign_in, outbox), SecondStep(registry, database, sign_in)
    handlers |= resets.handlers(lasting.mailer, lasting.languages)
    handlers |= Noticing(registry, database, reader, policies, lasting.hub).handlers()
    offices = Offices(operations, files, lasting.options, policies, lasting.mailer, lasting.egress)
    handlers |= handlers_of(registry, offices)
    outbox.handlers = handlers
    return Kernel(
        **{one.name: getattr(lasting, one.name) for one in fields(lasting)},
        registry=registry,
        reader=reader,
        operations=operations,
        files=files,
        accounts=Accounts(registry, database, sign_in),
        resets=resets,
        second_step=second_step,
        elsewhere=Elsewhere(
            registry, database, sign_in, second_step, client=client_of(lasting.settings), egress=lasting.egress
        ),
        passkeys=Passkeys(registry, database, sign_in, second_step, place=Place.of(lasting.settings.public_url)),
        finder=RecordFinder(lasting.engine, reader, plans),
        views=Views(registry, database),
        history=History(registry, database, reader),
        explanations=Explanations(registry, database, policies),
        notifications=Notifications(registry, database, reader, lasting.hub),
    )


def client_of(settings: Settings) -> Client:
    """How we are known where people sign in elsewhere."""
    name = settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or ""
    back = settings.public_url.rstrip("/") + BACK if settings.public_url else ""
    return Client(settings.oidc_issuer, settings.oidc_client, settings.oidc_secret.get_secret_value(), name, back)


def _engine(settings: Settings) -> Engine:
    if settings.search_url:
        from search.meilisearch import MeilisearchEngine  # slow to load, which the embedded engine does without

        return MeilisearchEngine(settings.search_url, settings.search_key.get_secret_value())
    return EmbeddedEngine(settings.data / "search.sqlite3")


def indexing(kernel: Kernel) -> Indexing:
    """What builds and keeps the search indexes of a kernel."""
    return Indexing(kernel.engine, kernel.reader, index_plans(kernel.registry))


@asynccontextmanager
async def working(kernel: Kernel, telemetry: Telemetry | None = None) -> AsyncIterator[None]:
    """A worker in this process, for as long as the block lasts; what it has in hand at the end is finished."""
    stop = asyncio.Event()
    worker = asyncio.create_task(work(kernel, stop, telemetry))
    try:
        yield
    finally:
        stop.set()
        kernel.outbox.wake()
        await worker


async def work(kernel: Kernel, stop: asyncio.Event, telemetry: Telemetry | None = None) -> None:
    """Hand out events until told to stop; indexes that are missing or outdated are built meanwhile."""

    async def renewed(definitions: int) -> None:
        kernel.renewal.told(definitions)
        await kernel.renewal.current()

    preparing = asyncio.create_task(_prepare(kernel))
    try:
        told = telemetry.jobs if telemetry else None
        await Worker(kernel.database, kernel.outbox, told=told, renewed=renewed).run(stop)
    finally:
        preparing.cancel()
        with suppress(asyncio.CancelledError):
            await preparing


async def _prepare(kernel: Kernel) -> None:
    """Build the indexes, and again those that another registry wants otherwise."""
    newest = kernel.renewal.kernel
    while True:
        await indexing(newest).prepare_patiently()
        newest = await kernel.renewal.after(newest)


class Front:
    """Hands what is asked of the API straight to it, past the router of the pages; to compression where it is taken."""

    def __init__(self, pages: ASGIApp) -> None:
        self.pages: ASGIApp = CompressMiddleware(pages)
        self.api: ASGIApp = self.pages
        self.compressed_api: ASGIApp = self.pages
        self.path = ""
        self.hub: Hub | None = None

    def end(self) -> None:
        """The server is about to end: the streams of open pages end first, which would hold it up."""
        if self.hub is not None:
            self.hub.end()

    def open(self, path: str, answering: ASGIApp) -> None:
        """From now on the API is there."""
        self.path, self.api, self.compressed_api = path, answering, CompressMiddleware(answering)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan" or scope["path"] != self.path:
            await self.pages(scope, receive, send)
            return
        scope["known_route"] = self.path
        if scope["type"] == "http" and any(name == b"accept-encoding" for name, _ in scope["headers"]):
            await self.compressed_api(scope, receive, send)
        else:
            await self.api(scope, receive, send)


def create_app(
    settings: Settings | None = None,
    plugins: Sequence[Plugin] | None = None,
    *,
    worker: bool = True,
    telemetry: Telemetry | None = None,
) -> Observed:
    """Tradepost as an ASGI application; its kernel opens when the server starts it. `worker`: with one inside."""
    # Imported here: the surfaces bring libraries along that take longer to load than most commands run.
    from schema.routes import API, endpoint
    from schema.routes import routes as api
    from ui.routes import routes as pages

    told = settings or load_settings()
    watching = telemetry or Telemetry()

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with open_kernel(told, plugins) as kernel, watching.over(kernel, queue=worker):
            answering = endpoint(kernel)
            answering.graphql = watching.graphql(answering.graphql)
            front.open(API, answering)
            front.hub = kernel.hub
            app.router.routes[:] = [Route("/healthz", _health(kernel)), *api(kernel, answering), *pages(kernel)]
            if not worker:
                yield
                return
            async with working(kernel, watching):
                yield

    front = Front(Starlette(lifespan=life))
    return Observed(watching.app(Guard(front, told)), watching.requests, front.end)


def _health(kernel: Kernel) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        try:
            await kernel.database.read(KEY, "SELECT 1")
        except DatabaseFault:
            return PlainTextResponse("the database does not answer\n", 503, {"Cache-Control": "no-store"})
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

    return answer

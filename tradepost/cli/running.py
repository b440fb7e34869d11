"""Running Tradepost: the web server, a worker of its own, the demo."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from socket import socket
from typing import Annotated, Any

import typer
import uvicorn
from rich.progress import TaskID

from core.logs import set_up
from core.settings import Settings, load_settings
from tradepost.cli.console import Exit, err, out, progress_bar, wait
from tradepost.cli.upkeep import bring_up_to_date
from tradepost.rolling import HandOver, Herd, bound
from tradepost.telemetry import Telemetry, meeting, telemetry

app = typer.Typer()

Host = Annotated[str | None, typer.Option(help="The address to listen on; by default TRADEPOST_HOST.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="The port; by default TRADEPOST_PORT.")]


log = logging.getLogger("tradepost.server")


Metrics = Annotated[
    str | None, typer.Option(help="Where to answer Prometheus, HOST:PORT; by default TRADEPOST_METRICS.")
]


def told(**given: Any) -> Settings:
    """The settings, with what the command line says instead."""
    return load_settings(**{name: value for name, value in given.items() if value is not None})


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    *,
    worker: Annotated[
        bool, typer.Option(help="Run the worker inside; without it run `tradepost worker` beside.")
    ] = True,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="How many web processes; by default TRADEPOST_PROCESSES.")
    ] = None,
    metrics: Metrics = None,
    hand_over: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Serve pages and GraphQL. With several processes a hangup (SIGHUP) renews them, and no request fails."""
    settings = told(host=host, port=port, processes=processes, metrics=metrics)
    if hand_over:
        run_one_of_several(settings, HandOver.read(hand_over), worker=worker)
    elif settings.processes > 1:
        run_several(settings)
    else:
        run_server(settings, worker=worker)


def run_several(settings: Settings) -> None:
    """Serve with several processes until a signal says stop."""
    set_up(settings)
    if not settings.redis_url:
        log.warning("Without TRADEPOST_REDIS_URL each process counts sign-ins and tells live changes by itself")
    wait(_ready(settings))
    with bound(settings.host, settings.port) as listening, meeting(settings) as (environment, ended):
        here = address(settings.host, listening.getsockname()[1])
        herd = Herd(listening, settings.processes, environment=environment, ended=ended)
        begun = wait(herd.run(lambda: out.print(f"Tradepost is at {here}")))
    raise typer.Exit(Exit.DONE if begun else Exit.REFUSED)


def run_one_of_several(settings: Settings, handed: HandOver, *, worker: bool) -> None:
    """Serve a socket that others serve, too; the process that started this one tells it when to stop."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    set_up(settings)
    with telemetry(settings, told=False) as watching:
        Server(settings, watching, worker=worker, handed=handed).run([socket(fileno=handed.listening)])


def run_server(settings: Settings, *, worker: bool = True) -> None:
    """Serve until a signal says stop; the database is looked at first, so that a fault is a sentence."""
    set_up(settings)
    wait(_ready(settings))
    with telemetry(settings) as watching:
        Server(settings, watching, worker=worker).run()


class Server(uvicorn.Server):
    """The web server; it tells its address once it listens there, not when the port turns out to be taken.

    One of several tells the process that started it instead, and ends when that is gone.
    """

    def __init__(
        self, settings: Settings, watching: Telemetry, *, worker: bool, handed: HandOver | None = None
    ) -> None:
        from tradepost.app import create_app

        app = create_app(settings, worker=worker, telemetry=watching)
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=settings.body_limit,
                ws_per_message_deflate=False,  # a window for each of many streams is memory; each message is small
                proxy_headers=False,
                server_header=False,
                access_log=False,
                log_config=None,
                timeout_graceful_shutdown=10,
            )
        )
        self._end = app.end
        self._handed = handed

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, then tell where."""
        await super().startup(sockets)
        if not self.started:
            return
        if self._handed:
            asyncio.get_running_loop().add_reader(self._handed.parent, self._orphaned)
            os.write(self._handed.say, b"1")
            os.close(self._handed.say)
            return
        (port, *_) = (one.getsockname()[1] for server in self.servers for one in server.sockets)
        out.print(f"Tradepost is at {address(self.config.host, port)}")

    def _orphaned(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End what lasts (the streams of open pages would hold it up), let the other requests finish, then stop."""
        self._end()
        if self._handed:
            asyncio.get_running_loop().remove_reader(self._handed.parent)
            await self._drain(sockets or [])
        await super().shutdown(sockets)

    async def _drain(self, sockets: list[socket]) -> None:
        """Take nothing new, but answer who is connected: a connection ends with its next answer, or when it was idle.

        One that was closed under a client which was about to send would be a failed request.
        """
        state = self.server_state
        for server in self.servers:
            server.close()
        for one in sockets:
            one.close()
        state.default_headers = [*state.default_headers, (b"connection", b"close")]
        until = time.monotonic() + self.config.timeout_keep_alive + 1
        while state.connections and time.monotonic() < until and not self.force_exit:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.05)


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds it."""
    near = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"http://{f'[{near}]' if ':' in near else near}:{port}"


async def _ready(settings: Settings) -> None:
    from tradepost.app import open_kernel

    async with open_kernel(settings):
        pass


@app.command()
def worker(*, metrics: Metrics = None) -> None:
    """Hand out events and keep the search indexes, apart from the web server; any number may run."""
    settings = told(metrics=metrics)
    set_up(settings)
    with telemetry(settings) as watching:
        wait(_work(settings, watching))


async def _work(settings: Settings, watching: Telemetry) -> None:
    from tradepost.app import open_kernel, work

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    async with open_kernel(settings) as kernel, watching.over(kernel, queue=True):
        err.print("The worker runs; Ctrl-C ends it")
        await work(kernel, stop, watching)


@app.command()
def demo(
    host: Host = None,
    port: Port = None,
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Remove the demo's data first.")] = False,
) -> None:
    """Serve with sample data: some 2,000 customers, a department tree, a pipeline, users to sign in as."""
    from tradepost.demo import ACCOUNTS, PASSWORD, make_room, prepare

    settings = told(host=host, port=port)
    if make_room(settings, reset=reset):
        wait(bring_up_to_date(settings, quiet=True))
        with progress_bar() as bar:
            tasks: dict[str, TaskID] = {}

            def tell(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bar.add_task(what)
                bar.update(tasks[what], completed=done, total=total)

            wait(prepare(settings, tell))
    out.print("Sign in with the password " + PASSWORD + " as")
    for account in ACCOUNTS:
        out.print(f"  {account.login:<10} {account.what}")
    run_server(settings)

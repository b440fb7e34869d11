"""Running Tradepost: the web server, a worker of its own, the demo."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from socket import socket
from typing import Annotated, Any

import typer
import uvicorn
from rich.progress import TaskID

from core.logs import set_up
from core.settings import Settings, load_settings
from tradepost.cli.console import err, out, progress_bar, wait
from tradepost.cli.upkeep import bring_up_to_date

app = typer.Typer()

Host = Annotated[str | None, typer.Option(help="The address to listen on; by default TRADEPOST_HOST.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="The port; by default TRADEPOST_PORT.")]


def told(host: str | None, port: int | None) -> Settings:
    """The settings, with what the command line says instead."""
    given: dict[str, Any] = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return load_settings(**given)


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    *,
    worker: Annotated[
        bool, typer.Option(help="Run the worker inside; without it run `tradepost worker` beside.")
    ] = True,
) -> None:
    """Serve pages and GraphQL."""
    run_server(told(host, port), worker=worker)


def run_server(settings: Settings, *, worker: bool = True) -> None:
    """Serve until a signal says stop; the database is looked at first, so that a fault is a sentence."""
    from tradepost.app import create_app

    set_up(settings)
    wait(_ready(settings))
    served = create_app(settings, worker=worker)
    config = uvicorn.Config(
        served,
        host=settings.host,
        port=settings.port,
        http="httptools",
        ws="none",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=10,
    )
    Server(config, served.end).run()


class Server(uvicorn.Server):
    """The web server; it tells its address once it listens there, not when the port turns out to be taken.

    `end` is called when it is told to stop: the streams of open pages would hold it up.
    """

    def __init__(self, config: uvicorn.Config, end: Callable[[], None]) -> None:
        super().__init__(config)
        self._end = end

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End what lasts, let the other requests finish, then stop."""
        self._end()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, then tell where."""
        await super().startup(sockets)
        if self.started:
            (port, *_) = (one.getsockname()[1] for server in self.servers for one in server.sockets)
            out.print(f"Tradepost is at {address(self.config.host, port)}")


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds it."""
    near = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"http://{f'[{near}]' if ':' in near else near}:{port}"


async def _ready(settings: Settings) -> None:
    from tradepost.app import open_kernel

    async with open_kernel(settings):
        pass


@app.command()
def worker() -> None:
    """Hand out events and keep the search indexes, apart from the web server; any number may run."""
    settings = load_settings()
    set_up(settings)
    wait(_work(settings))


async def _work(settings: Settings) -> None:
    from tradepost.app import open_kernel, work

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    async with open_kernel(settings) as kernel:
        err.print("The worker runs; Ctrl-C ends it")
        await work(kernel, stop)


@app.command()
def demo(
    host: Host = None,
    port: Port = None,
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Remove the demo's data first.")] = False,
) -> None:
    """Serve with sample data: some 2,000 customers, a department tree, a pipeline, users to sign in as."""
    from tradepost.demo import ACCOUNTS, PASSWORD, make_room, prepare

    settings = told(host, port)
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

"""Several web processes behind one socket, renewed one by one: each new one answers before an old one ends."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from socket import SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, getaddrinfo, socket

PAUSE = 1.0
"""Seconds before a process that ended by itself is started again."""

BACKLOG = 2_048

log = logging.getLogger("tradepost.server")


@dataclass(frozen=True, slots=True)
class HandOver:
    """What makes a process one of several: its socket, a pipe to say that it listens, one that ends with us."""

    listening: int
    say: int
    parent: int

    def __str__(self) -> str:
        return f"{self.listening},{self.say},{self.parent}"

    @classmethod
    def read(cls, told: str) -> HandOver:
        """What was written on the command line."""
        return cls(*map(int, told.split(",")))


class Herd:
    """Keeps a number of processes that serve one socket.

    A hangup (`SIGHUP`) renews all of them from what is installed and set then. The socket is not closed meanwhile, so a
    connection waits for a process and is not refused. Each is started by `command`, with what is handed over behind,
    and finds `environment` in its own; `ended` hears of each that has ended.
    """

    def __init__(
        self,
        listening: socket,
        number: int,
        command: Sequence[str] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        ended: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._environment = {**os.environ, **(environment or {})}
        self._ended = ended
        self._command = command or (sys.executable, *sys.orig_argv[1:])
        self._listening = listening
        self._number = number
        self._ready: set[Process] = set()
        self._all: set[Process] = set()  # those that finish what they have in hand, too
        self._stop = asyncio.Event()
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._alive, self._life = os.pipe()  # its writing end is ours alone: whoever reads hears when we are gone

    async def run(self, told: Callable[[], None]) -> bool:
        """Serve until told to stop, and say when all of them do. False: one of them did not start."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._later(self._renew()))
        begun = await asyncio.gather(*(self._begin() for _ in range(self._number)))
        if all(begun):
            told()
            await self._stop.wait()
        self._stop.set()
        async with self._turn:
            self._listening.close()
            for one in self._ready:
                _end(one)
            await asyncio.gather(*(one.wait() for one in self._all))
        return all(begun)

    async def _renew(self) -> None:
        """Start one, let an old one end, and so on; where a new one does not start, the old ones stay."""
        async with self._turn:
            for old in list(self._ready):
                if self._stop.is_set():
                    return
                if not await self._begin():
                    log.error("A new process did not start; the old ones go on")
                    return
                self._ready.discard(old)
                _end(old)
            log.info("All processes are new")

    async def _begin(self) -> bool:
        """Start a process and wait until it answers. False: it ended instead."""
        hear, say = os.pipe()
        told = HandOver(self._listening.fileno(), say, self._alive)
        passed = (told.listening, told.say, told.parent)
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, "--hand-over", str(told), pass_fds=passed, env=self._environment
            )
        finally:
            os.close(say)
        self._all.add(process)
        try:
            answers = await asyncio.to_thread(os.read, hear, 1)
        finally:
            os.close(hear)
        if not answers:
            await process.wait()
            self._all.discard(process)
            return False
        self._ready.add(process)
        self._later(self._watch(process))
        return True

    async def _watch(self, process: Process) -> None:
        """One that ends though nobody told it to is replaced."""
        code = await process.wait()
        self._all.discard(process)
        self._ended(process.pid)
        while process in self._ready and not self._stop.is_set():
            log.error("A web process ended by itself with %s; another one starts", code)
            async with self._turn:
                if self._stop.is_set() or await self._begin():
                    self._ready.discard(process)
                    return
            await asyncio.sleep(PAUSE)

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()


def bound(host: str, port: int) -> socket:
    """A socket that listens; what connects waits until a process takes it."""
    (family, kind, protocol, _, address), *_ = getaddrinfo(host, port, type=SOCK_STREAM)
    made = socket(family, kind, protocol)
    made.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    made.bind(address)
    made.listen(BACKLOG)
    return made

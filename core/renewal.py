"""Renewal: when the definitions of fields change, a process makes a new kernel beside the old one and swaps it whole.

A request ends on the kernel that it began with. Nothing is asked for it: the number of the definitions comes with what
is asked anyway, a policy or the events that a worker takes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from core.app import Kernel
from core.custom_fields import CustomField
from core.database import Database, DatabaseFault
from core.definitions import read_definitions, with_definitions
from core.errors import TradepostError
from core.layouts import Layout
from core.live import Hub
from core.policies import Policies
from core.registry import Registry

log = logging.getLogger(__name__)


class Outdated(TradepostError):
    """Internal: a request names a custom field that was defined after it began; it begins again."""

    code = "outdated"


class Renewal:
    """Keeps the kernel of the moment. `make` makes a kernel of a registry, with all that outlasts the change."""

    def __init__(self, base: Registry, database: Database, policies: Policies, hub: Hub) -> None:
        self._base = base
        self._database = database
        self._policies = policies
        self._heard = False
        self._lock = asyncio.Lock()
        self._changed = asyncio.Event()
        for model in (CustomField, Layout):
            hub.watch(base.spec(model).label, self._hear)

    def begin(self, make: Callable[[Registry], Kernel]) -> Kernel:
        """The first kernel: of the plugins alone, until somebody looks what was added to them."""
        self._make = make
        self.kernel = make(self._base)
        return self.kernel

    def _hear(self) -> None:
        self._heard = True

    def told(self, number: int) -> None:
        """The definitions have this number, as somebody read who asked for something else."""
        self._policies.definitions = max(self._policies.definitions, number)

    async def current(self) -> Kernel:
        """The kernel of the moment: the one there is, unless it is known to be out of date."""
        if self._heard or self._policies.definitions > self.kernel.registry.definitions:
            await self._renew()
        return self.kernel

    async def look(self) -> Kernel:
        """The kernel of the moment, whoever has told of changes or not: for a name that is not known here."""
        self._heard = True
        return await self.current()

    async def after(self, kernel: Kernel) -> Kernel:
        """Wait for another kernel than this one."""
        while self.kernel is kernel:
            await self._changed.wait()
        return self.kernel

    async def _renew(self) -> None:
        async with self._lock:
            if not self._heard and self._policies.definitions <= self.kernel.registry.definitions:
                return
            self._heard = False
            try:
                definitions = await read_definitions(self._database, self._base)
            except DatabaseFault as fault:  # the request will meet it itself; the next one looks again
                self._heard = True
                log.warning("The definitions of custom fields cannot be read: %s", fault)
                return
            if definitions.number != self.kernel.registry.definitions:
                self.kernel = self._make(with_definitions(self._base, definitions))
                self._changed.set()
                self._changed = asyncio.Event()

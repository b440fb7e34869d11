"""GraphQL over a kernel that is renewed when fields are added."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from core.access import Caller
from core.app import Kernel
from schema.execute import Answer, GraphQL, Request

CUSTOM = re.compile(r"\bx[A-Z]|\bX_[A-Z]")
log = logging.getLogger(__name__)


class Renewed:
    """GraphQL over the kernel of now.

    When fields were added, the schema is made anew beside the one in use, in a thread; only a request that asks for
    what the old one does not know waits for it.
    """

    def __init__(self, kernel: Kernel, make: Callable[[Kernel], GraphQL]) -> None:
        self.graphql = make(kernel)
        self._kernel = kernel
        self._make = make
        self._making: asyncio.Task[None] | None = None

    async def answer(self, caller: Caller, request: Request, *, changes: bool = True) -> Answer:
        """The response to a request; with `changes` false a mutation is refused."""
        graphql = await self.current()
        answer = await graphql.answer(caller, request, changes=changes)
        if answer.executed or not names_custom(request):
            return answer
        newer = await self.newer()
        return answer if newer is graphql else await newer.answer(caller, request, changes=changes)

    async def current(self) -> GraphQL:
        """The one in use; a newer one begins to be made, if there is need."""
        self._follow(await self._kernel.renewal.current())
        return self.graphql

    async def newer(self) -> GraphQL:
        """The one that knows all fields that there are at this moment."""
        self._follow(await self._kernel.renewal.look())
        if self._making is not None:
            await asyncio.shield(self._making)
        return self.graphql

    def _follow(self, kernel: Kernel) -> None:
        """Begin to make the schema of a newer kernel, if there is one."""
        if kernel is not self._kernel and self._making is None:
            self._making = asyncio.create_task(self._renew(kernel))

    async def _renew(self, kernel: Kernel) -> None:
        try:
            while kernel is not self._kernel:
                self.graphql, self._kernel = await asyncio.to_thread(self._make, kernel), kernel
                kernel = kernel.renewal.kernel
        except Exception:  # what was there before goes on, and is not tried again and again
            log.exception("The schema cannot be made with the custom fields of now")
            self._kernel = kernel
        finally:
            self._making = None


def names_custom(request: Request) -> bool:
    """Whether a request names anything that may be a custom field: `xRating`, `X_RATING`."""
    return any(CUSTOM.search(text) for text in (request.query, *_texts(request.variables)))


def _texts(variables: object) -> Iterator[str]:
    """All names and texts in variables, however deep they are."""
    waiting = [variables]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += [*one, *one.values()]
        elif isinstance(one, Sequence):
            waiting += one

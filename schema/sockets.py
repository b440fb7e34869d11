"""GraphQL over WebSocket: the protocol `graphql-transport-ws`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.access import Caller, Origin
from core.ids import request_id
from core.settings import Settings
from core.sign_in import SignIn
from schema.execute import Answer
from schema.requests import BadRequest, own_page, read_parameters
from schema.subscribing import Ending, Subscriptions

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0
IDLE_SECONDS = 60.0
LONGEST_ID = 100
LONGEST_REASON = 120
BEARER = "bearer "
SIGNED_OUT = (4401, "The session or token has ended")
SCHEMES = {"ws": "http", "wss": "https"}

log = logging.getLogger(__name__)


class Closing(Exception):
    """The connection is to be closed; the protocol says with which code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Sockets:
    """Takes WebSockets of our own pages, and of programs, which name no origin."""

    def __init__(self, subscriptions: Subscriptions, sign_in: SignIn, settings: Settings) -> None:
        self.subscriptions = subscriptions
        self.sign_in = sign_in
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold one conversation; one from another site, or in another protocol, is refused before it begins."""
        socket = WebSocket(scope, receive, send)
        strange = "origin" in socket.headers and not own_page(socket)
        if strange or PROTOCOL not in scope["subprotocols"]:
            await socket.close(1008)
            return
        await socket.accept(PROTOCOL)
        await Conversation(self, socket).held()

    async def caller(self, socket: WebSocket, payload: Mapping[str, Any]) -> Caller | None:
        """Who it is: by the token in the payload of `connection_init`, or by the session of the page that opened it."""
        client, program = socket.client, socket.headers.get("user-agent", "")[:255]
        origin = Origin(client.host if client else "", program, request_id())
        authorization = payload.get("authorization", payload.get("Authorization"))
        if isinstance(authorization, str):
            bears = authorization[: len(BEARER)].lower() == BEARER
            return await self.sign_in.caller_of_token(authorization[len(BEARER) :].strip() if bears else "", origin)
        secret = socket.cookies.get(self.settings.session_cookie(SCHEMES[socket.scope["scheme"]]), "")
        if not secret or not own_page(socket):
            return None
        return await self.sign_in.caller_of_session(secret, origin)


class Conversation:
    """One connection: its caller, and what it is subscribed to, by the ids that the client gave."""

    def __init__(self, all: Sockets, socket: WebSocket) -> None:
        self.all = all
        self.socket = socket
        self.running: dict[str, asyncio.Task[None]] = {}
        self.ending: asyncio.Future[Closing | None] = asyncio.get_running_loop().create_future()

    async def held(self) -> None:
        """Until the client goes, or there is a reason to close; then all its subscriptions end."""
        reading = asyncio.create_task(self._heard())
        try:
            reason = await self.ending
        finally:
            tasks = [reading, *self.running.values()]
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if reason is not None:
            with suppress(WebSocketDisconnect):  # he is gone already
                await self.socket.close(reason.code, str(reason)[:LONGEST_REASON])

    def _end(self, reason: Closing | None) -> None:
        if not self.ending.done():
            self.ending.set_result(reason)

    # What the client says

    async def _heard(self) -> None:
        try:
            caller = await self._introduced()
            while True:
                await self._take(caller, await self._message())
        except Closing as reason:
            self._end(reason)
        except WebSocketDisconnect:
            self._end(None)
        except Exception:
            log.exception("A WebSocket failed")
            self._end(Closing(1011, "Something went wrong; it has been noted"))

    async def _introduced(self) -> Caller:
        """The first message says who it is."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                while (message := await self._received())["type"] in ("ping", "pong"):
                    await self._pong(message)
        except TimeoutError:
            raise Closing(4408, "Connection initialisation timeout") from None
        if message["type"] != "connection_init":
            raise Closing(4401, "Unauthorized")
        payload = message.get("payload") or {}
        if not isinstance(payload, dict):
            raise Closing(4400, "payload is an object")
        caller = await self.all.caller(self.socket, payload)
        if caller is None:
            raise Closing(4403, "Forbidden")
        await self._send({"type": "connection_ack"})
        return caller

    async def _message(self) -> dict[str, Any]:
        """The next message; who subscribes to nothing for a minute is sent away."""
        while True:
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    return await self._received()
            except TimeoutError:
                if not self.running:
                    raise Closing(1000, "Nothing is subscribed") from None

    async def _received(self) -> dict[str, Any]:
        message = await self.socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        text = message.get("text")
        if text is None:
            raise Closing(4400, "A message is text")
        if len(text) > self.all.settings.body_limit:
            raise Closing(1009, f"A message has at most {self.all.settings.body_limit} bytes")
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Closing(4400, "A message is JSON") from None
        if not isinstance(found, dict) or not isinstance(found.get("type"), str):
            raise Closing(4400, "A message is an object with a type")
        return found

    async def _take(self, caller: Caller, message: dict[str, Any]) -> None:
        match message["type"]:
            case "ping" | "pong":
                await self._pong(message)
            case "connection_init":
                raise Closing(4429, "Too many initialisation requests")
            case "subscribe":
                await self._subscribe(caller, _id(message), message.get("payload"))
            case "complete":
                task = self.running.pop(_id(message), None)
                if task is not None:
                    task.cancel()
            case _:
                raise Closing(4400, "There is no message of this type")

    async def _pong(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "ping":
            await self._send({"type": "pong"})

    async def _subscribe(self, caller: Caller, id: str, payload: object) -> None:
        if id in self.running:
            raise Closing(4409, f"Subscriber for {id} already exists")
        if not isinstance(payload, dict):
            raise Closing(4400, "payload is an object")
        try:
            request = read_parameters(payload)
        except BadRequest as fault:
            raise Closing(4400, str(fault)) from None
        most = self.all.settings.subscription_limit
        if len(self.running) >= most:
            error = {"message": f"A connection has at most {most} subscriptions", "extensions": {"code": "too_many"}}
            await self._send({"type": "error", "id": id, "payload": [error]})
            return
        answers = self.all.subscriptions.stream(caller, request)
        self.running[id] = asyncio.create_task(self._answered(id, answers))

    # What it is told

    async def _answered(self, id: str, answers: Any) -> None:
        try:
            async with aclosing(answers):
                async for one in answers:
                    if one is not None and not await self._told(id, one):
                        return
            await self._send({"type": "complete", "id": id})
        except Ending:
            self._end(Closing(1001, "The server ends"))
        except WebSocketDisconnect:
            self._end(None)
        finally:
            if self.running.get(id) is asyncio.current_task():
                del self.running[id]

    async def _told(self, id: str, one: Answer) -> bool:
        """Send an answer. False: it was refused, and there will be no other."""
        if one.code == "unauthenticated":
            self._end(Closing(*SIGNED_OUT))
            return False
        if one.executed:
            await self._send({"type": "next", "id": id, "payload": orjson.Fragment(one.body)})
        else:
            await self._send({"type": "error", "id": id, "payload": orjson.loads(one.body)["errors"]})
        return one.executed

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self.socket.send_text(orjson.dumps(message).decode())


def _id(message: Mapping[str, Any]) -> str:
    found = message.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_ID:
        raise Closing(4400, f"id is a text of at most {LONGEST_ID} characters")
    return found

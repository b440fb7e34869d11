"""A real SMTP server on loopback, which refuses, delays and drops what it is told to."""

from __future__ import annotations

import asyncio
import base64
import email
from collections.abc import Callable
from dataclasses import dataclass, field
from email import policy
from typing import Self

Decide = Callable[[str, str], str]
"""What to answer to a command (`MAIL`, `RCPT`, `DATA`, `AUTH`) about an address: a reply, `drop`, `drop after taking`,
`wait 0.2`, or nothing."""

FINE = {"MAIL": "250 fine", "RCPT": "250 fine", "DATA": "250 taken", "AUTH": "235 come in"}


def nothing_special(_command: str, _address: str) -> str:
    """Take everything."""
    return ""


@dataclass
class MailServer:
    """Keeps what it took, by recipient."""

    decide: Decide = nothing_special
    features: tuple[str, ...] = ("8BITMIME", "SMTPUTF8", "AUTH PLAIN")
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    lines: int = 0
    spoken: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        """Where it is."""
        assert self._server is not None
        return f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def recipients(self) -> list[str]:
        """To whom something was taken, in order."""
        return [to for to, _ in self.taken]

    @property
    def letters(self) -> list[tuple[str, str, str]]:
        """To whom, the subject, and the text of each message that has nothing else in it."""
        found = [(to, email.message_from_bytes(content, policy=policy.default)) for to, content in self.taken]
        return [(to, str(one["Subject"]), str(one.get_content())) for to, one in found]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        try:
            await Conversation(self, reader, writer).hold()
        except ConnectionError:
            pass
        finally:
            writer.close()


@dataclass
class Conversation:
    """One line to the server."""

    server: MailServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    to: str = ""

    async def hold(self) -> None:
        """Answer until somebody has had enough."""
        await self._say("220 loopback")
        while line := (await self.reader.readline()).decode("utf-8", "replace").strip():
            self.server.spoken.append(line)
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO":
                    await self._say("250-loopback", *(f"250-{one}" for one in self.server.features), "250 PIPELINING")
                case "AUTH":
                    told = base64.b64decode(rest.split()[-1]).decode()
                    await self._answer("AUTH", told)
                case "MAIL":
                    await self._answer("MAIL", rest[rest.index("<") + 1 : rest.index(">")])
                case "RCPT":
                    self.to = rest[rest.index("<") + 1 : rest.index(">")]
                    await self._answer("RCPT", self.to)
                case "DATA":
                    await self._take()
                case "QUIT":
                    await self._say("221 bye")
                    return
                case _:
                    await self._say("250 fine")

    async def _take(self) -> None:
        await self._say("354 go on")
        await self._answer("DATA", self.to, await self.reader.readuntil(b"\r\n.\r\n"))

    async def _answer(self, command: str, about: str, content: bytes = b"") -> None:
        reply = self.server.decide(command, about)
        if reply == "drop after taking":
            self.server.taken.append((about, content))
        if reply.startswith("drop"):
            self.writer.close()
            raise ConnectionError
        if reply.startswith("wait "):
            await asyncio.sleep(float(reply.removeprefix("wait ")))
            reply = ""
        said = reply or FINE[command]
        if command == "DATA" and said.startswith("2"):
            self.server.taken.append((about, content))
        await self._say(said)

    async def _say(self, *lines: str) -> None:
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self.writer.drain()

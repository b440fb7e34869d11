"""A small OpenID provider over loopback HTTP: it checks what it is sent, and lies when it is told to."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass
class Provider:
    """Says who `subject` is to whoever comes; `lies` replace claims, the header or the key of what it signs."""

    client: str = "tradepost"
    secret: str = "a shared secret: 50%"
    back: str = "https://crm.example/sign-in/elsewhere/back"
    subject: str = "subject-7"
    lies: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    clock: Any = time.time
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def issuer(self) -> str:
        assert self._server is not None
        return f"http://localhost:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
        body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
        method, target, _ = line.split()
        self.asked.append(f"{method} {target.partition('?')[0]}")
        status, told, more = self._answer(target, headers, body)
        content = told if isinstance(told, bytes) else json.dumps(told).encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}Content-Length: {len(content)}\r\n"
            "Connection: close\r\n\r\n".encode()
            + content
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def _answer(self, target: str, headers: Mapping[str, str], body: str) -> tuple[int, Any, str]:
        parts = urlsplit(target)
        match parts.path:
            case "/.well-known/openid-configuration":
                return 200, self.described, ""
            case "/keys":
                return 200, {"keys": [self.key.as_dict(private=False)]}, ""
            case "/authorize":
                return 302, b"", f"Location: {self.authorize(_single(parts.query))}\r\n"
            case "/token":
                return self._token(headers, _single(body))
        return 404, {}, ""

    @property
    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.lies.get("issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def authorize(self, asked: Mapping[str, str]) -> str:
        """Where the browser is sent back to, as if its user had signed in and agreed."""
        assert (asked["client_id"], asked["redirect_uri"]) == (self.client, self.back)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self.codes[code] = dict(asked)
        return f"{self.back}?{urlencode({'code': code, 'state': asked['state']})}"

    def _token(self, headers: Mapping[str, str], sent: Mapping[str, str]) -> tuple[int, Any, str]:
        asked = self.codes.pop(sent.get("code", ""), None)
        known = base64.b64encode(f"{self.client}:{'a%20shared%20secret%3A%2050%25'}".encode()).decode()
        proof = base64.urlsafe_b64encode(sha256(sent.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if asked is None or headers.get("authorization") != f"Basic {known}" or proof != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}, ""
        at = int(self.clock())
        claims = {"iss": self.issuer, "sub": self.subject, "aud": self.client, "iat": at, "exp": at + 300}
        claims |= {"nonce": asked["nonce"], "email": "a@crm.example", "email_verified": True}
        claims |= self.lies.get("claims", {})
        header = {"alg": "RS256", "kid": self.key.kid} | self.lies.get("header", {})
        token = jwt.encode(header, claims, self.lies.get("key", self.key), algorithms=["RS256"])
        if self.lies.get("public"):
            token = self._signed_by_public_key(claims)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.lies.get("token", token)}, ""

    def _signed_by_public_key(self, claims: Mapping[str, Any]) -> str:
        """As if what everybody knows were a shared secret."""
        parts = [json.dumps(one).encode() for one in ({"alg": "HS256", "kid": self.key.kid}, claims)]
        signed = b".".join(base64.urlsafe_b64encode(one).rstrip(b"=") for one in parts)
        signature = hmac.digest(self.key.as_pem(private=False), signed, "sha256")
        return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}

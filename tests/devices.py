"""A device with passkeys, in software: it does what a browser and its authenticator do, and what a forger would."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, WITH_KEY = 1, 4, 64


def text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Device:
    """One passkey; `origin` is where the browser says that it is."""

    origin: str = "https://crm.example"
    verifies: bool = True
    count: int = 0
    name: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def made(self, offer: str) -> str:
        """The answer to an offer to make a passkey."""
        asked = json.loads(offer)
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        known = bytes(16) + len(self.name).to_bytes(2, "big") + self.name + cbor2.dumps(public)
        data = self._data(asked["rp"]["id"], WITH_KEY) + known
        told = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(told)})

    def signed(self, question: str, challenge: str = "") -> str:
        """The answer to a question for a passkey."""
        asked = json.loads(question)
        data, client = self._data(asked["rpId"]), self._client("webauthn.get", challenge or asked["challenge"])
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        told = {"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature)}
        return self._answer(told)

    def _data(self, place: str, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return sha256(place.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, told: dict[str, str]) -> str:
        one: dict[str, Any] = {"id": text(self.name), "rawId": text(self.name), "type": "public-key", "response": told}
        return json.dumps(one | {"clientExtensionResults": {}})

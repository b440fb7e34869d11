"""Where people sign in elsewhere, and what its signed statements say, by the libraries that know OAuth 2 and JOSE.

They take a while to load: core.oidc imports this where somebody signs in elsewhere, not where the program starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
LEEWAY = 60


class BadSignature(ValueError):
    """A statement that none of some keys signed, or that is none."""


def address(endpoint: str, client: str, back: str, *, state: str, nonce: str, verifier: str) -> str:
    """Where a browser goes to sign in."""
    return str(
        prepare_grant_uri(
            endpoint,
            client,
            "code",
            redirect_uri=back,
            scope="openid profile",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
    )


def request(code: str, back: str) -> str:
    """The body that asks for the statement which a code stands for."""
    return str(prepare_token_request("authorization_code", redirect_uri=back, code=code))


def subject(token: str, keys: Mapping[str, Any], *, issuer: str, client: str, nonce: str, at: int) -> str:
    """What an issuer calls whom a statement is about; `BadSignature`, or `ValueError` where it says something else."""
    try:
        key_set = KeySet.import_key_set(dict(keys))  # type: ignore[arg-type]  # it checks
        signed = jwt.decode(token, key_set, algorithms=ALGORITHMS)
    except (JoseError, ValueError) as fault:
        raise BadSignature(str(fault)) from fault
    wanted = {"iss": {"essential": True, "value": issuer}, "sub": {"essential": True}, "aud": {"value": client}}
    try:
        claims = CodeIDToken(signed.claims, signed.header, wanted, {"client_id": client, "nonce": nonce})
        claims.validate(now=at, leeway=LEEWAY)
    except (JoseError, AuthlibBaseError, TypeError) as fault:
        raise ValueError(str(fault)) from fault
    found = signed.claims["sub"]
    if not isinstance(found, str) or not 0 < len(found) <= 255:
        raise ValueError("the subject is no text of 1 to 255 characters")
    return found

"""What browsers are told of passkeys and what their answers prove, by the library that knows the standard (WebAuthn).

It takes a while to load: core.passkeys imports this where somebody uses a passkey, not where the program starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer is to be about: the challenge, the name that the passkey is good for, the address it came from."""

    challenge: bytes
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was made: its id and public key as text, and how often it was used by its own count."""

    credential: str
    public_key: str
    sign_count: int


def making(expected: Expected, company: str, handle: bytes, login: str, known: Sequence[str]) -> str:
    """What a browser needs to make a passkey, as JSON; not another one on a device that has one of those `known`."""
    return options_to_json(
        generate_registration_options(
            rp_id=expected.name,
            rp_name=company,
            user_id=handle,
            user_name=login,
            challenge=expected.challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=_described(known),
        )
    )


def asking(expected: Expected, known: Sequence[str]) -> str:
    """What a browser needs to answer with a passkey, as JSON; with one of those `known`, if there are any."""
    return options_to_json(
        generate_authentication_options(
            rp_id=expected.name,
            challenge=expected.challenge,
            allow_credentials=_described(known),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def made(answer: str, expected: Expected) -> Made | None:
    """The passkey that a browser made, as it was asked to; `None` for an answer that does not prove that."""
    try:
        found = verify_registration_response(
            credential=answer,
            require_user_verification=True,
            expected_challenge=expected.challenge,
            expected_rp_id=expected.name,
            expected_origin=expected.origin,
        )
    except (WebAuthnException, ValueError, KeyError):
        return None
    key = bytes_to_base64url(found.credential_public_key)
    return Made(bytes_to_base64url(found.credential_id), key, found.sign_count)


def used(answer: str, expected: Expected, public_key: str, sign_count: int) -> int | None:
    """The new count of a passkey that answered; `None` for an answer that does not prove its use."""
    try:
        found = verify_authentication_response(
            credential=answer,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
            expected_challenge=expected.challenge,
            expected_rp_id=expected.name,
            expected_origin=expected.origin,
        )
    except (WebAuthnException, ValueError, KeyError):
        return None
    return found.new_sign_count


def _described(known: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known]

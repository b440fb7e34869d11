"""Amounts: whole minor units with a currency, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from core.errors import Refused

# ISO 4217 (2024): the currencies whose number of minor-unit digits is not two.
EXPONENTS: dict[str, int] = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
LARGEST = 10**15
"""Minor units: nine thousand such amounts still add up in 64 bits, so that nobody spoils a total with one record."""


def exponent(currency: str) -> int:
    """Digits behind the point of a currency (ISO 4217): JPY 0, USD 2, KWD 3."""
    return EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with the currency's digits."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def money(amount: Decimal | int | str, currency: str) -> Money:
    """An amount in major units as `Money`.

    Refused when the currency is no three-letter code, the amount has more digits than the currency, or is out of range.
    """
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha() or not currency.isupper():
        raise Refused("%(currency)s is not a currency; write three letters, like USD", currency=currency)
    try:
        minor = Decimal(amount).scaleb(exponent(currency))
    except (InvalidOperation, ValueError) as fault:
        raise Refused("%(amount)s is not an amount", amount=amount) from fault
    if not minor.is_finite() or abs(minor) > LARGEST:
        raise Refused("%(amount)s is out of range", amount=amount)
    if minor != minor.to_integral_value():
        raise Refused(
            "%(currency)s has %(digits)s digits behind the point", currency=currency, digits=exponent(currency)
        )
    return Money(int(minor), currency)


def rounded(value: Decimal, currency: str) -> Money:
    """A computed value as `Money`, rounded half up to the currency's smallest unit."""
    return Money(int(value.scaleb(exponent(currency)).to_integral_value(ROUND_HALF_UP)), currency)

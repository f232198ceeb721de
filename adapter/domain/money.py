"""Money is a decimal amount and a currency; it is never a float and never rounded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

KOPECK = Decimal("0.01")
MAX_KOPECKS = 10**18 - 1  # 18 digits: the width of the amount in the Bank of Russia's ED101


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with at most two decimal places; `direction` carries signs elsewhere, balances may be negative."""

    amount: Decimal
    currency: str = "RUB"

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise ValueError("money takes a finite Decimal")
        if self.amount != self.amount.quantize(KOPECK):
            raise ValueError("money has at most two decimal places")

    @classmethod
    def of(cls, text: str, currency: str = "RUB") -> Money:
        """Read `1500`, `1500.5` or `1500.00`; raises ValueError for anything else."""
        try:
            return cls(Decimal(text), currency)
        except InvalidOperation as error:
            raise ValueError(f"not an amount: {text!r}") from error

    @classmethod
    def from_kopecks(cls, kopecks: int, currency: str = "RUB") -> Money:
        """The amount of a whole number of hundredths."""
        return cls(Decimal(kopecks).scaleb(-2), currency)

    @property
    def kopecks(self) -> int:
        """The amount in whole hundredths."""
        return int(self.amount.scaleb(2))

    def __str__(self) -> str:
        return f"{self.amount:.2f}"

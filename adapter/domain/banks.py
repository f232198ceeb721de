"""Banks of Russia by their bic, as the Bank of Russia's directory tells them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """A participant of the Bank of Russia's payment system.

    `is_central_bank_office` marks offices of the Bank of Russia (РКЦ, ГРКЦ, treasury offices): accounts there are named
    without a correspondent account, or with the treasury's unified one.
    """

    bic: str
    name: str
    place: str | None = None  # «г. Москва»
    correspondent_account: str | None = None
    unified_treasury_account: str | None = None  # ЕКС, 40102…
    is_central_bank_office: bool = False
    is_closing: bool = False  # takes no payments any more

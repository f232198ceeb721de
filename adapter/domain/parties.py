"""Who pays and who is paid, and at which bank."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A company, an entrepreneur or a person as payment documents name them; `inn` and `kpp` are None where absent."""

    name: str
    inn: str | None = None
    kpp: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterparty:
    """The other side of an entry or the payee of an order: the party, its account and its bank."""

    name: str
    inn: str | None = None
    kpp: str | None = None
    account: str | None = None  # 20 characters
    bic: str | None = None  # 9 digits, the Bank of Russia's code; never ISO 9362
    bank_name: str | None = None
    correspondent_account: str | None = None  # None where the account is held at the Bank of Russia itself

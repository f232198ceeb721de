"""A bank with the authorization server on an empty database; `usage_flush_s=0` writes each use at once."""

from __future__ import annotations

import pytest

from adapter.store.database import Database
from oauth import OAuthSettings
from tests.fakes import FakeClock
from tests.oauth.actors import ISSUER, Bank, Partner

SETTINGS = OAuthSettings(issuer=ISSUER, secret_key="k" * 32, bank_name="Банк «Заря»", usage_flush_s=0)


@pytest.fixture
def bank(database: Database, clock: FakeClock) -> Bank:
    return Bank(database, clock, SETTINGS)


@pytest.fixture
def quick_bank(sqlite: Database, clock: FakeClock) -> Bank:
    """On SQLite only: for rules that no database decides."""
    return Bank(sqlite, clock, SETTINGS)


@pytest.fixture
def partner(bank: Bank) -> Partner:
    return bank.partner()


@pytest.fixture
def secret_partner(bank: Bank) -> Partner:
    return bank.secret_partner()

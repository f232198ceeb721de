"""What a living consent allows drafts, asked by id."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from adapter.store.database import Database
from oauth.models import consents, partners
from oauth.permits import list_payment_permits, list_statement_accounts
from oauth.scopes import Scope
from tests.fakes import NOON

PARTNER = {
    "id": "pa_1",
    "client_id": "pc_1",
    **dict.fromkeys(("name", "legal_name", "website", "purpose", "expected_volume", "contact_name"), "x"),
    "inn": "7707083893",
    "contact_email": "a@example.org",
    "state": "approved",
    "auth_method": "private_key_jwt",
    "redirect_uris": [],
    "scopes": [],
    "jwks": {"keys": []},
    "ip_ranges": [],
    "require_par": False,
    "receipt_hash": b"1" * 32,
    "created_at": NOON,
    "updated_at": NOON,
}
CONSENT = {
    "id": "cn_1",
    "partner_id": "pa_1",
    "user_id": "user-1",
    "customer_id": "cus-1",
    "scopes": [Scope.PAYMENTS, Scope.STATEMENTS],
    "accounts": [],
    "account_ids": ["acc_1", "acc_2"],
    "history_from": NOON.date(),
    "created_at": NOON,
    "given_at": NOON,
    "expires_at": NOON + dt.timedelta(days=1),
    "state": "active",
}


@pytest.fixture
def connected(database: Database) -> Database:
    with database.transaction() as tx:
        tx.execute(partners.insert(), PARTNER)
        tx.execute(consents.insert(), CONSENT)
    return database


def change(database: Database, table: sa.Table, **values: object) -> None:
    with database.transaction() as tx:
        tx.execute(table.update().values(values))


def is_held(database: Database) -> bool | None:
    """None where nothing is allowed."""
    with database.reading() as connection:
        permit = list_payment_permits(connection, {"cn_1", "cn_unknown"}, NOON).get("cn_1")
    return permit.is_held if permit else None


def test_a_living_consent_allows_its_accounts(connected: Database) -> None:
    with connected.reading() as connection:
        permits = list_payment_permits(connection, {"cn_1", "cn_unknown"}, NOON)
    assert {name: permit.account_ids for name, permit in permits.items()} == {"cn_1": {"acc_1", "acc_2"}}
    assert is_held(connected) is False


@pytest.mark.parametrize("table", [consents, partners], ids=["consent", "partner"])
def test_what_the_bank_suspended_is_held_and_goes_on_afterwards(connected: Database, table: sa.Table) -> None:
    usual = {"consents": "active", "partners": "approved"}[table.name]
    change(connected, table, state="suspended")
    assert is_held(connected) is True
    change(connected, table, state=usual)
    assert is_held(connected) is False


@pytest.mark.parametrize(
    ("table", "ended"),
    [
        (consents, {"state": "revoked"}),
        (consents, {"expires_at": NOON}),
        (consents, {"scopes": [Scope.STATEMENTS]}),
        (partners, {"state": "closed"}),
    ],
    ids=["revoked", "expired", "without payments", "partner closed"],
)
def test_what_ended_allows_nothing(connected: Database, table: sa.Table, ended: dict[str, object]) -> None:
    assert is_held(connected) is False
    change(connected, table, **ended)
    assert is_held(connected) is None


def statement_accounts(database: Database) -> frozenset[str] | None:
    with database.reading() as connection:
        return list_statement_accounts(connection, {"cn_1", "cn_unknown"}, NOON).get("cn_1")


@pytest.mark.parametrize("table", [consents, partners], ids=["consent", "partner"])
def test_files_of_statements_outlive_a_suspension(connected: Database, table: sa.Table) -> None:
    assert statement_accounts(connected) == {"acc_1", "acc_2"}
    change(connected, table, state="suspended")
    assert statement_accounts(connected) == {"acc_1", "acc_2"}


@pytest.mark.parametrize(
    ("table", "ended"),
    [
        (consents, {"state": "revoked"}),
        (consents, {"expires_at": NOON}),
        (consents, {"scopes": [Scope.PAYMENTS]}),
        (partners, {"state": "closed"}),
    ],
    ids=["revoked", "expired", "without statements", "partner closed"],
)
def test_files_of_statements_end_with_what_ended(
    connected: Database, table: sa.Table, ended: dict[str, object]
) -> None:
    assert statement_accounts(connected)
    change(connected, table, **ended)
    assert statement_accounts(connected) is None

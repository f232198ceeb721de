"""What the measured server finds in its database: two partners, a consent with tokens, accounts with many entries.

Entries are written by one INSERT … SELECT for each day, so that a million of them takes seconds, not an hour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec

from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.core import CoreAccount
from adapter.domain.cursors import dump_cursor
from adapter.domain.feeds import Span
from adapter.domain.identifiers import account_key
from adapter.domain.money import Money
from adapter.domain.moscow import MOSCOW
from adapter.domain.parties import Counterparty, Party
from adapter.domain.statements import Direction, DocumentType, EntryDetails
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from adapter.store.entry_json import dump_details
from adapter.store.tables import feeds
from oauth import OAuthSettings, Scope, consents, partners
from oauth.credentials import digest, make_token
from oauth.models import access_tokens, refresh_tokens
from oauth.models import staff as staff_table
from tests.fakes import BIC
from tests.oauth.actors import account as consent_account
from tests.oauth.actors import agreement, application, public_jwk

DAYS = 360
ISSUER = "http://127.0.0.1:8000"
SCOPE = "payments statements"

_ADD_DAY = sa.text(
    """
    INSERT INTO entries (account_id, number, entry_id, version, added_number, removed,
                         booking_date, first_booking_date, direction, kopecks, details)
    WITH RECURSIVE place (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM place WHERE i < :count)
    SELECT :account_id, :before + i, :prefix || (:before + i), 1, :before + i, false,
           :day, :day, 'credit', 150000, :details
    FROM place
    """
).bindparams(sa.bindparam("day", type_=sa.Date), sa.bindparam("count", type_=sa.Integer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A partner's program with its credentials."""

    client_id: str
    partner_id: str
    consent_id: str
    key: ec.EllipticCurvePrivateKey | None
    secret: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Accounts by the number of their entries, and who may read them."""

    accounts: Mapping[int, Account]
    feed_keys: Mapping[int, int]
    with_key: Program
    with_secret: Program
    access_token: str

    def cursor(self, entries: int, position: int) -> str:
        """The cursor of a reader who has seen so many entries of the account that has `entries`."""
        span = Span(key=self.feed_keys[entries], generation=1, base=position, position=position, until=position)
        return dump_cursor([span])


def make_world(database: Database, settings: OAuthSettings, sizes: Sequence[int]) -> World:
    """Fill an empty, migrated database."""
    now = dt.datetime.now(dt.UTC)
    accounts = {size: _open_account(database, place, size, now) for place, size in enumerate(sizes)}
    with database.transaction() as tx:
        approvers = [_hire(tx, name, now) for name in ("first", "second")]
        key = ec.generate_private_key(ec.SECP256R1())
        account_ids = [account.id for account in accounts.values()]
        with_key = take_on(tx, settings, approvers, account_ids, now, key=key)
        with_secret = take_on(tx, settings, approvers, account_ids, now, key=None)
        access_token = add_access_token(tx, with_key, now)
    with database.reading() as connection:
        keys = {row.account_id: row.key for row in connection.execute(sa.select(feeds.c.account_id, feeds.c.key))}
    return World(
        accounts=accounts,
        feed_keys={size: keys[account.id] for size, account in accounts.items()},
        with_key=with_key,
        with_secret=with_secret,
        access_token=access_token,
    )


def add_refresh_tokens(database: Database, program: Program, count: int) -> list[str]:
    """Living refresh tokens of the program's consent, for as many refreshes."""
    now = dt.datetime.now(dt.UTC)
    tokens = [make_token("rt") for _ in range(count)]
    same = {"consent_id": program.consent_id, "partner_id": program.partner_id, "scope": SCOPE, "created_at": now}
    rows = [same | {"hash": digest(token), "idle_until": now + dt.timedelta(days=1)} for token in tokens]
    with database.transaction() as tx:
        tx.execute(refresh_tokens.insert(), rows)
    return tokens


def refresh_statistics(database: Database) -> None:
    """As autovacuum does within a minute of a table's growth: plans fit the rows that are there."""
    if database.is_postgresql:
        with database.reading() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def first_day() -> dt.date:
    return today() - dt.timedelta(days=DAYS - 1)


def today() -> dt.date:
    return dt.datetime.now(MOSCOW).date()


def _open_account(database: Database, place: int, size: int, now: dt.datetime) -> Account:
    told = CoreAccount(
        core_id=f"bench-{place}",
        customer_id=f"customer-{place}",
        number=_keyed(f"4070281000000000{1000 + place}"),
        bic=BIC,
        currency="RUB",
        name="Расчётный счёт",
        owner=Party(name='ООО "Ромашка"', inn="7707083893", kpp="770701001"),
        status=AccountStatus.OPEN,
    )
    account = StoredAccounts(database).register(told.customer_id, [told], now)[told.core_id]
    with database.transaction() as tx:
        _add_entries(tx, account.id, place, size)
        known = {"number": size, "as_of": now, "read_at": now, "complete_through": today(), "booked_kopecks": 10**12}
        tx.execute(feeds.update().where(feeds.c.account_id == account.id).values(known))
    return account


def _keyed(account: str) -> str:
    return account[:8] + account_key(account, BIC) + account[9:]


def _add_entries(tx: sa.Connection, account_id: str, place: int, size: int) -> None:
    for number in range(DAYS):
        before, end = size * number // DAYS, size * (number + 1) // DAYS
        if before == end:
            continue
        day = first_day() + dt.timedelta(days=number)
        row = {"account_id": account_id, "before": before, "count": end - before, "prefix": f"en_{place}_", "day": day}
        tx.execute(_ADD_DAY, row | {"details": dump_details(_details(day))})


def _details(day: dt.date) -> EntryDetails:
    return EntryDetails(
        direction=Direction.CREDIT,
        amount=Money.of("1500.00"),
        document_type=DocumentType.PAYMENT_ORDER,
        number="117",
        date=day,
        booking_date=day,
        value_date=day,
        counterparty=Counterparty(
            name='ООО "Северный ветер"',
            inn="7753600602",
            kpp="770701001",
            account="40702810500650067085",
            bic="044525983",
            bank_name='АО КБ "МЕРИДИАН", г. Москва',
            correspondent_account="30101810945250000983",
        ),
        purpose="Оплата по счёту 117 от 12.10.2026 за канцелярские товары, в том числе НДС 20 % 250-00 рублей",
        priority=5,
    )


def _hire(tx: sa.Connection, name: str, now: dt.datetime) -> str:
    row = {"id": f"st_{name}", "login": name, "name": name, "role": "approver", "state": "active"}
    tx.execute(staff_table.insert(), row | {"password_hash": "-", "totp_secret": "-", "created_at": now})
    return row["id"]


def take_on(
    tx: sa.Connection,
    settings: OAuthSettings,
    approvers: Sequence[str],
    account_ids: Sequence[str],
    now: dt.datetime,
    key: ec.EllipticCurvePrivateKey | None,
) -> Program:
    """A partner with a key, or with a secret, approved by two people, and a customer's consent for it."""
    asked = {"auth_method": "client_secret_basic", "jwks": None, "ip_ranges": ["127.0.0.1/32"]}
    if key is not None:
        asked = {"jwks": {"keys": [public_jwk(key, kid="key-1")]}}
    partner_id, receipt = partners.apply(tx, application(**asked), settings=settings, now=now)
    (change,) = partners.list_changes(tx, partner_id=partner_id)
    for staff_id in approvers:
        partners.approve(tx, change.id, staff_id=staff_id, role="approver", seen_digest=change.digest, now=now)
    credentials = partners.claim_credentials(tx, receipt, settings=settings, now=now)
    consent_id = consents.begin(tx, partner_id=partner_id, scopes=list(Scope), now=now)
    agreed = {"accounts": [consent_account(account_id) for account_id in account_ids], "history_from": first_day()}
    consents.give(tx, consent_id, agreement(_Now(now), **agreed), now=now)
    return Program(
        client_id=credentials.client_id,
        partner_id=partner_id,
        consent_id=consent_id,
        key=key,
        secret=credentials.client_secret,
    )


def add_access_token(tx: sa.Connection, program: Program, now: dt.datetime) -> str:
    token = make_token("at")
    row = {"hash": digest(token), "consent_id": program.consent_id, "scope": SCOPE, "created_at": now}
    tx.execute(access_tokens.insert(), row | {"expires_at": now + dt.timedelta(days=1)})
    return token


@dataclass(frozen=True, slots=True)
class _Now:
    moment: dt.datetime

    def now(self) -> dt.datetime:
        return self.moment

"""Idempotency keys: which request a key was first used for, and what it made.

A key belongs to one partner and customer.  The row is written in the transaction that makes the resource; a twin that
comes at the same time waits on the unique row and then finds it, so of any number of equal requests one does the work.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from adapter.domain.errors import IdempotencyKeyReused, RequestInProgress
from adapter.domain.imports import KeyClaim
from adapter.ports import PaymentCaller
from adapter.store.tables import idempotency_keys as keys

FIND = sa.select(keys.c.operation, keys.c.body_sha256, keys.c.resource_id).where(
    keys.c.partner_id == sa.bindparam("partner_id"),
    keys.c.customer_id == sa.bindparam("customer_id"),
    keys.c.key == sa.bindparam("key"),
)
CLAIM = {
    "postgresql": postgresql.insert(keys).on_conflict_do_nothing().returning(keys.c.key),
    "sqlite": sqlite.insert(keys).on_conflict_do_nothing().returning(keys.c.key),
}
POINT_AT = (
    keys.update()
    .where(
        keys.c.partner_id == sa.bindparam("of_partner"),
        keys.c.customer_id == sa.bindparam("of_customer"),
        keys.c.key == sa.bindparam("of_key"),
    )
    .values(resource_id=sa.bindparam("resource_id"))
)
LOCK_NOT_GIVEN = ("55P03", "40P01")  # lock_not_available, deadlock_detected
FORGET = keys.delete().where(keys.c.created_at < sa.bindparam("before"))


def find_key(connection: Connection, caller: PaymentCaller, claim: KeyClaim) -> str | None:
    """The resource that this key made, None for a new key; raises IdempotencyKeyReused for another request."""
    found = connection.execute(
        FIND, {"partner_id": caller.partner_id, "customer_id": caller.customer_id, "key": claim.key}
    ).one_or_none()
    if found is None:
        return None
    if (found.operation, bytes(found.body_sha256)) != (claim.operation, claim.body_sha256):
        raise IdempotencyKeyReused
    resource_id: str = found.resource_id
    return resource_id


def claim_key(tx: Connection, caller: PaymentCaller, claim: KeyClaim, resource_id: str, now: dt.datetime) -> str | None:
    """Take the key for a resource; answers None, or what the key made before.

    Raises IdempotencyKeyReused, and RequestInProgress where another transaction holds the key for too long.
    """
    row = {
        "partner_id": caller.partner_id,
        "customer_id": caller.customer_id,
        "key": claim.key,
        "operation": claim.operation,
        "body_sha256": claim.body_sha256,
        "resource_id": resource_id,
        "created_at": now,
    }
    with _waiting_is_in_progress():
        is_ours = tx.execute(CLAIM[tx.dialect.name], row).one_or_none()
    return None if is_ours else find_key(tx, caller, claim)


def point_key(tx: Connection, caller: PaymentCaller, claim: KeyClaim, resource_id: str) -> None:
    """Let a key that was just taken name a resource that was there before."""
    tx.execute(
        POINT_AT,
        {
            "of_partner": caller.partner_id,
            "of_customer": caller.customer_id,
            "of_key": claim.key,
            "resource_id": resource_id,
        },
    )


def forget_keys(tx: Connection, before: dt.datetime) -> int:
    """Drop keys older than a moment; answers how many.  External ids still keep payments from being made twice."""
    return tx.execute(FORGET, {"before": before}).rowcount


@contextmanager
def _waiting_is_in_progress() -> Iterator[None]:
    """A key that was not given in time is held by the first request with it.

    Not so on SQLite: there a request waits for whoever writes, before it comes to its key.
    """
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) in LOCK_NOT_GIVEN:
            raise RequestInProgress from error
        raise

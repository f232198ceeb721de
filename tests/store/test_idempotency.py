"""Keys: whose they are, what they were used for, when they are forgotten."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from adapter.domain.errors import IdempotencyKeyReused
from adapter.domain.imports import KeyClaim
from adapter.store.database import Database
from adapter.store.idempotency import claim_key, find_key, forget_keys, point_key
from tests.fakes import NOON
from tests.payment_desk import Caller

CALLER = Caller(account_ids=())
CLAIM = KeyClaim(key="k", operation="payment", body_sha256=b"1" * 32)


def test_a_key_is_taken_once_and_then_names_its_resource(database: Database) -> None:
    with database.transaction() as tx:
        assert find_key(tx, CALLER, CLAIM) is None
        assert claim_key(tx, CALLER, CLAIM, "pay_1", NOON) is None
        assert claim_key(tx, CALLER, CLAIM, "pay_2", NOON) == "pay_1"
        assert find_key(tx, CALLER, CLAIM) == "pay_1"


@pytest.mark.parametrize("other", [{"body_sha256": b"2" * 32}, {"operation": "import"}])
def test_a_key_is_for_one_operation_and_body(database: Database, other: dict[str, object]) -> None:
    with database.transaction() as tx:
        claim_key(tx, CALLER, CLAIM, "pay_1", NOON)
        with pytest.raises(IdempotencyKeyReused):
            claim_key(tx, CALLER, replace(CLAIM, **other), "pay_2", NOON)  # type: ignore[arg-type]
        assert claim_key(tx, CALLER, CLAIM, "pay_2", NOON) == "pay_1"


@pytest.mark.parametrize("other", [{"partner_id": "pa_2"}, {"customer_id": "cus-2"}])
def test_a_key_belongs_to_one_partner_and_customer(database: Database, other: dict[str, str]) -> None:
    with database.transaction() as tx:
        claim_key(tx, CALLER, CLAIM, "pay_1", NOON)
        assert claim_key(tx, replace(CALLER, **other), CLAIM, "pay_2", NOON) is None  # type: ignore[arg-type]


def test_a_key_may_come_to_name_what_was_there_before(database: Database) -> None:
    with database.transaction() as tx:
        claim_key(tx, CALLER, CLAIM, "pay_2", NOON)
        point_key(tx, CALLER, CLAIM, "pay_1")
        assert find_key(tx, CALLER, CLAIM) == "pay_1"


def test_old_keys_are_forgotten(database: Database) -> None:
    with database.transaction() as tx:
        claim_key(tx, CALLER, CLAIM, "pay_1", NOON)
        assert forget_keys(tx, NOON) == 0
        assert forget_keys(tx, NOON + dt.timedelta(seconds=1)) == 1
        assert find_key(tx, CALLER, CLAIM) is None

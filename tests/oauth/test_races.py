"""Many threads with one credential on PostgreSQL: exactly one grant each (SQLite hides these races)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec

from adapter.store.database import Database
from oauth import partners, tokens
from oauth.audit import find_break
from oauth.errors import OAuthError
from oauth.models import access_tokens, consents, refresh_tokens
from oauth.token_records import read_refresh_token
from tests.fakes import FakeClock
from tests.oauth.actors import ASSERTION_TYPE, Bank, agreement, application, public_jwk
from tests.oauth.conftest import SETTINGS
from tests.scale import scale

THREADS = 16
ROUNDS = scale(20, 200)

pytestmark = pytest.mark.race


def at_once(call: Callable[[], Any]) -> list[Any]:
    """What THREADS calls that start together give."""
    barrier = threading.Barrier(THREADS)

    def run(_number: int) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def count(database: Database, table: sa.Table, *conditions: Any) -> int:
    with database.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(*conditions)).scalar_one())


def test_one_code_gives_one_grant(postgres: Database, clock: FakeClock) -> None:
    """T07, R7"""
    partner = Bank(postgres, clock, SETTINGS).partner()
    for round_number in range(1, ROUNDS + 1):
        code = partner.code()
        answers = at_once(lambda code=code: partner.redeem(code))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] + [400] * (THREADS - 1)
        assert count(postgres, access_tokens) == count(postgres, refresh_tokens) == round_number
    # Fifteen replays each: the family of every code is ended, as for any code that comes twice.
    assert count(postgres, access_tokens, access_tokens.c.revoked_at.is_(None)) == 0


def test_one_rotating_refresh_token_gives_one_new_pair(postgres: Database, clock: FakeClock) -> None:
    """R06, R7, R8"""
    partner = Bank(postgres, clock, SETTINGS).secret_partner()
    token = partner.tokens()["refresh_token"]
    for round_number in range(1, ROUNDS + 1):
        answers = at_once(lambda token=token: partner.refresh(token))
        assert {answer.status_code for answer in answers} == {200}
        pairs = {(answer.json["access_token"], answer.json["refresh_token"]) for answer in answers}
        assert len(pairs) == 1
        assert count(postgres, refresh_tokens) == count(postgres, access_tokens) == round_number + 1
        ((access, token),) = pairs
        assert partner.call(access).status_code == 200


def test_a_token_that_is_refreshed_while_its_family_ends_ends_with_it(postgres: Database, clock: FakeClock) -> None:
    """A refresh has issued its tokens and not committed when a replay ends the family: the replay must wait for it."""
    partner = Bank(postgres, clock, SETTINGS).secret_partner()
    first = partner.tokens()["refresh_token"]
    second = partner.refresh(first).json["refresh_token"]
    third = partner.refresh(second).json["refresh_token"]
    with ThreadPoolExecutor(1) as pool:
        with postgres.transaction() as tx:
            token = read_refresh_token(tx, third)
            assert token is not None
            options = {"scope": token.scope, "rotate": True, "settings": SETTINGS, "now": clock.now()}
            assert tokens.refresh(tx, third, token, **options) is not None
            replay = pool.submit(partner.refresh, first)
            wait_for_a_lock(postgres)
        assert replay.result().status_code == 400
    for table in (refresh_tokens, access_tokens):
        assert count(postgres, table, table.c.revoked_at.is_(None)) == 0


def wait_for_a_lock(database: Database) -> None:
    waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with database.reading() as connection:
            if connection.execute(waiting).scalar_one():
                return
    raise AssertionError("nobody waited for a lock")


def test_one_person_that_agrees_many_times_at_once_gives_one_consent(postgres: Database, clock: FakeClock) -> None:
    partner = Bank(postgres, clock, SETTINGS).partner()
    for round_number in range(1, 4):
        agreed = agreement(clock, user_id=f"user-{round_number}")
        waiting = iter([partner.pushed() for _ in range(THREADS)])
        answers = at_once(lambda agreed=agreed, waiting=waiting: partner.decide(next(waiting), agreed))
        assert all("code" in answer for answer in answers)
        assert count(postgres, consents) == round_number


def test_one_assertion_authenticates_once(postgres: Database, clock: FakeClock) -> None:
    """A17"""
    bank = Bank(postgres, clock, SETTINGS)
    partner = bank.partner()
    form = partner.par_form() | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": partner.assertion()}
    answers = at_once(lambda: bank.post("/oauth/par", form))
    assert sorted(answer.status_code for answer in answers).count(201) == 1


def test_credentials_are_claimed_once_and_approved_twice(postgres: Database, clock: FakeClock) -> None:
    bank = Bank(postgres, clock, SETTINGS)
    staff = [bank.hire(f"approver-{number}") for number in range(THREADS)]
    now, waiting = clock.now(), iter(staff)
    jwks = {"keys": [public_jwk(ec.generate_private_key(ec.SECP256R1()))]}
    with postgres.transaction() as tx:
        partner_id, receipt = partners.apply(tx, application(jwks=jwks), settings=SETTINGS, now=now)
        (change,) = partners.list_changes(tx)

    def approve() -> bool:
        staff_id = next(waiting)
        return done(
            lambda tx: partners.approve(
                tx, change.id, staff_id=staff_id, role="approver", seen_digest=change.digest, now=now
            )
        )

    def done(step: Callable[[Any], object]) -> bool:
        try:
            with postgres.transaction() as tx:
                step(tx)
        except OAuthError:
            return False
        return True

    assert at_once(approve).count(True) in (1, 2)
    with postgres.reading() as connection:
        approved = partners.read_change(connection, change.id)
    if approved.outcome is None:
        assert done(
            lambda tx: partners.approve(
                tx,
                change.id,
                staff_id=next(s for s in staff if s != approved.first_by),
                role="approver",
                seen_digest=change.digest,
                now=now,
            )
        )
    claims = at_once(lambda: done(lambda tx: partners.claim_credentials(tx, receipt, settings=SETTINGS, now=now)))
    assert claims.count(True) == 1
    with postgres.reading() as connection:
        assert partners.read_partner(connection, partner_id).state == "approved"
        assert find_break(connection) is None

"""A stop works on the very next call, whichever process made it and whichever process answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import httpx2
import pytest
import sqlalchemy as sa

from adapter.demo.world import World
from adapter.store.database import Database, open_database
from oauth import partners
from oauth.audit import Actor
from oauth.consents import revoke
from oauth.models import consents
from tests.e2e.connected import connected_partner

CALLS = 24  # over connections of their own, so that each of the web processes answers some


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with connected_partner(tmp_path_factory.mktemp("bank"), BANK_ADAPTER_WEB_WORKERS="2") as world:
        yield world


@pytest.fixture
def database(world: World) -> Iterator[Database]:
    """The bank's database, opened by this process beside the web processes and the worker."""
    found = open_database(f"sqlite:///{world.bank.folder}/var/bank-adapter.db")
    yield found
    found.close()


def answers(world: World) -> set[int]:
    address, token = f"{world.bank.url}/v1/accounts", world.partner.access_token
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    return {httpx2.get(address, headers=headers, timeout=30).status_code for _ in range(CALLS)}


def test_a_revoked_consent_stops_every_process_at_once(world: World, database: Database) -> None:
    assert answers(world) == {200}
    now = dt.datetime.now(dt.UTC)
    with database.transaction() as tx:
        consent_id = tx.execute(sa.select(consents.c.id).where(consents.c.state == "active")).scalar_one()
        revoke(tx, consent_id, by="customer", actor=Actor(kind="customer", id="u-ivanova"), now=now)
    assert answers(world) == {401}


def test_a_suspended_partner_is_stopped_in_every_process_at_once(world: World, database: Database) -> None:
    assert answers(world) == {200}
    staff_id = next(one["id"] for one in world.bank.logins["staff"] if one["role"] == "operator")
    now = dt.datetime.now(dt.UTC)
    with database.transaction() as tx:
        partners.suspend(tx, world.partner_id, staff_id=staff_id, role="operator", reason="проверка", now=now)
    assert answers(world) == {401}

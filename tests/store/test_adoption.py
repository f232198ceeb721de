"""Two processes that recreate one lost payment: a worker that meets it, beside a recovery."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from adapter.domain.core import Deadline, DocumentState
from adapter.domain.origins import OriginSeal
from adapter.domain.payments import PaymentStatus
from adapter.store.database import Database
from adapter.store.outbox import Outbox
from tests.payment_desk import SECRET, Desk
from tests.services.test_following import Backup

pytestmark = pytest.mark.race


def test_who_comes_second_gives_no_second_errand(postgres: Database) -> None:
    desk = Desk(postgres)
    backup = Backup(postgres)
    lost, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    backup.restore()
    with ThreadPoolExecutor(1) as pool:
        second: list[Future[str | None]] = []

        def begin_second(*_asked: object) -> None:
            """The first holds the lock by now, and has written nothing."""
            second.append(pool.submit(adopt_silent, desk, desk.outbox, lost.id))
            wait_for_lock(postgres)

        first = Outbox(postgres, desk.clock, desk.permits, OriginSeal(SECRET), begin_second)
        assert adopt_silent(desk, first, lost.id) is None
        assert second[0].result(timeout=30) is None
    assert desk.count("outbox") == 1
    assert desk.read(lost.id).status is PaymentStatus.UNKNOWN
    desk.drained()
    assert desk.core.bank.made == {lost.id: 1}
    assert desk.read(lost.id).status is PaymentStatus.AWAITING_SIGNATURE


def adopt_silent(desk: Desk, outbox: Outbox, payment_id: str) -> str | None:
    (state,) = desk.core.find_documents([payment_id], Deadline.after(10))
    assert isinstance(state, DocumentState)
    assert state.document is not None
    document = state.document
    accounts = {one.core_id: one for one in desk.core.list_accounts(document.customer_id, Deadline.after(10))}
    origin = outbox.read_origin(document)
    assert origin is not None
    return outbox.adopt(document, origin, accounts[document.core_account_id], is_silent=True)


def wait_for_lock(database: Database) -> None:
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with database.reading() as connection:
            if connection.scalar(waiting):
                return
    raise AssertionError("nobody waits")

"""What the core has and we lost, and a core that was restored itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapter.domain.core import Deadline
from adapter.domain.errors import ExternalIdTaken, NotFound
from adapter.domain.imports import ImportMode
from adapter.domain.payments import PaymentStatus
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from tests.fakes import Fault
from tests.payment_desk import Desk, statuses

TABLES = (
    "accounts",
    "feeds",
    "payments",
    "payment_steps",
    "imports",
    "payment_feeds",
    "outbox",
    "idempotency_keys",
    "core_marks",
)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


class Backup:
    """Everything about payments as it is now, to go back to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        metadata = sa.MetaData()
        metadata.reflect(database.writer)
        self.tables = [table for table in metadata.sorted_tables if table.name in TABLES]
        with database.reading() as connection:
            self.rows = {
                table.name: [dict(row._mapping) for row in connection.execute(sa.select(table))]
                for table in self.tables
            }

    def restore(self) -> None:
        with self.database.transaction() as tx:
            for table in reversed(self.tables):
                tx.execute(sa.delete(table))
            for table in self.tables:
                if rows := self.rows[table.name]:
                    tx.execute(sa.insert(table), rows)


def test_a_payment_that_the_core_has_and_we_lost_comes_back_as_it_was(desk: Desk) -> None:
    desk.submit(desk.order("inv-0", number="100"))
    desk.work()
    backup = Backup(desk.database)
    lost, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.bank.sign(lost.id)
    before = desk.read(lost.id)
    backup.restore()

    desk.work()
    found = desk.read(lost.id)
    assert found.order == before.order
    assert (found.consent_id, found.account_id, found.created_at) == (
        before.consent_id,
        before.account_id,
        before.created_at,
    )
    assert found.status is PaymentStatus.SIGNED
    assert statuses(found) == ["received", "queued", "unknown", "awaiting_signature", "signed"]
    assert found.status_history[2].reason == "запись восстановлена по данным банка"
    assert desk.alarms() == [("adopted", lost.id)]
    desk.core.bank.execute(lost.id)
    desk.work()
    assert desk.read(lost.id).status is PaymentStatus.EXECUTED


def test_a_partner_that_sends_a_recovered_payment_again_gets_that_one(desk: Desk) -> None:
    backup = Backup(desk.database)
    order = desk.order("inv-1")
    lost, _ = desk.submit(order, key="k-1")
    desk.work()
    backup.restore()
    desk.work()
    again, is_new = desk.submit(order, key="k-1")
    assert (again.id, is_new) == (lost.id, False)
    with pytest.raises(ExternalIdTaken):
        desk.submit(replace(order, purpose="Оплата по договору 8 от 01.11.2026, НДС не облагается"))
    desk.drained()
    assert desk.core.bank.made == {lost.id: 1}


def test_an_account_that_was_lost_too_comes_back_under_its_id(desk: Desk) -> None:
    lost, _ = desk.submit(desk.order("inv-1"))
    backup = Backup(desk.database)
    backup.rows = {name: [] for name in backup.rows}
    desk.work()
    backup.restore()
    desk.work()
    assert desk.read(lost.id).account_id == lost.account_id
    assert desk.count("feeds") == 1


def test_a_document_of_one_customer_over_anothers_account_is_not_adopted(desk: Desk) -> None:
    backup = Backup(desk.database)
    lost, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    backup.restore()
    find = desk.core.bank.find_documents

    def find_of_another(ids: Sequence[str], deadline: Deadline) -> list[object]:
        return [replace(one, document=replace(one.document, customer_id="cus-2")) for one in find(ids, deadline)]

    desk.core.bank.find_documents = find_of_another
    desk.work()
    assert desk.count("payments") == 0
    assert desk.alarms() == [("unknown_document", lost.id)]
    backup.restore()
    desk.core.bank.find_documents = find
    desk.work()
    assert desk.read(lost.id).status is PaymentStatus.AWAITING_SIGNATURE


def test_a_document_told_in_place_of_another_is_not_adopted(desk: Desk) -> None:
    backup = Backup(desk.database)
    lost, twin = (desk.submit(desk.order(f"inv-{n}", number=str(n)))[0] for n in (1, 2))
    desk.work()
    backup.restore()
    find = desk.core.bank.find_documents

    def find_the_other(ids: Sequence[str], deadline: Deadline) -> list[object]:
        (of_twin,) = find([twin.id], deadline)
        return [replace(one, document=of_twin.document) for one in find(ids, deadline)]

    desk.core.bank.find_documents = find_the_other
    desk.work()
    assert desk.alarms() == [("unknown_document", lost.id), ("adopted", twin.id)] or desk.alarms() == [
        ("adopted", twin.id),
        ("unknown_document", lost.id),
    ]
    assert desk.count("payments") == 1
    backup.restore()
    desk.core.bank.find_documents = find
    desk.work()
    assert desk.read(lost.id).status is PaymentStatus.AWAITING_SIGNATURE


def test_a_document_that_another_wrote_into_the_core_is_told_and_never_adopted(desk: Desk) -> None:
    backup = Backup(desk.database)
    forged, _ = desk.submit(desk.order("inv-1"))
    desk.outbox = desk.open_outbox(secret="t" * 32)  # as another product beside the same core
    desk.open_delivery().send_due()
    backup.restore()
    desk.outbox = desk.open_outbox()
    desk.delivery = desk.open_delivery()
    desk.work()
    assert desk.count("payments") == 0
    assert desk.alarms() == [("unknown_document", forged.id)]


@pytest.mark.parametrize("owner", [("pa_2", "cus-1"), ("pa_1", "cus-2")])
def test_a_document_under_a_consent_of_others_is_not_adopted(desk: Desk, owner: tuple[str, str]) -> None:
    backup = Backup(desk.database)
    lost, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    backup.restore()
    desk.consent_owners["cn_1"] = owner
    desk.work()
    assert desk.alarms() == [("unknown_document", lost.id)]
    assert desk.count("payments") == 0
    backup.restore()
    desk.consent_owners["cn_1"] = ("pa_1", "cus-1")
    desk.work()
    assert desk.read(lost.id).status is PaymentStatus.AWAITING_SIGNATURE


def test_a_lost_payment_of_an_account_that_moved_since_comes_back_on_its_old_account(desk: Desk) -> None:
    lost, _ = desk.submit(desk.order("inv-1"))
    book, told = StoredAccounts(desk.database), desk.core.bank.list_accounts("cus-1", None)
    backup = Backup(desk.database)
    desk.work()
    backup.rows |= {name: [] for name in backup.rows if name not in ("accounts", "feeds")}
    backup.restore()
    book.register("cus-2", [replace(one, customer_id="cus-2") for one in told], desk.clock.now())
    desk.work()
    assert desk.read(lost.id).account_id == lost.account_id


def test_a_lost_batch_comes_back_with_its_payments_at_their_places(desk: Desk) -> None:
    backup = Backup(desk.database)
    orders = [desk.order(f"inv-{n}", number=str(n)) for n in range(1, 5)]
    orders[1] = replace(orders[1], purpose="")  # refused, the others go
    batch, _ = desk.import_batch(orders, key="k-1", mode=ImportMode.VALID_ONLY)
    desk.work()
    before = desk.payments.read_import(desk.caller, batch.id)
    backup.restore()
    with pytest.raises(NotFound):
        desk.payments.read_import(desk.caller, batch.id)
    desk.work()
    after = desk.payments.read_import(desk.caller, batch.id)
    assert (after.shape, after.mode, after.consent_id) == (before.shape, before.mode, before.consent_id)
    told = [(line.index, line.external_id, line.payment_id, line.status) for line in after.lines]
    assert told == [
        (line.index, line.external_id, line.payment_id, line.status) for line in before.lines if line.payment_id
    ]
    assert [line.index for line in after.lines] == [0, 2, 3]
    again, is_new = desk.import_batch(orders, key="k-1", mode=ImportMode.VALID_ONLY)
    assert (again.id, is_new) == (batch.id, False)
    desk.drained()
    assert set(desk.core.bank.made.values()) == {1}


def test_an_external_id_that_names_another_payment_by_now_is_not_merged(desk: Desk) -> None:
    backup = Backup(desk.database)
    lost, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    backup.restore()
    taken, is_new = desk.submit(desk.order("inv-1"))
    assert is_new
    desk.delivery.follow_fates()
    desk.delivery.follow_fates()
    assert desk.count("payments") == 1
    assert sorted(desk.alarms()) == sorted([("needs_person", taken.id), ("unknown_document", lost.id)])


def test_a_core_that_cannot_tell_documents_raises_one_alarm_for_each(desk: Desk) -> None:
    backup = Backup(desk.database)
    lost, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    backup.restore()
    desk.core.bank.can_tell_documents = False
    desk.delivery.follow_fates()
    desk.core.bank.sign(lost.id)
    desk.delivery.follow_fates()
    assert desk.alarms() == [("unknown_document", lost.id)]
    assert desk.count("payments") == 0


def test_a_core_that_fails_in_the_middle_is_asked_again(desk: Desk) -> None:
    backup = Backup(desk.database)
    lost, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    backup.restore()
    desk.core.faults.on("find_documents", Fault.LOST_AFTER)
    assert not desk.delivery.follow_fates()
    assert desk.count("payments") == 0
    assert desk.delivery.follow_fates()
    assert desk.read(lost.id).status is PaymentStatus.AWAITING_SIGNATURE


def test_a_core_that_was_restored_tells_its_events_again_and_nothing_changes(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.bank.sign(payment.id)
    desk.work()
    before = statuses(desk.read(payment.id))
    desk.core.bank.lose_memory()
    desk.work()
    assert [step for step in statuses(desk.read(payment.id)) if not step.startswith("(")] == before
    assert desk.alarms() == [("core_restored", "document_events")]
    desk.core.bank.execute(payment.id)
    desk.work()
    assert desk.read(payment.id).status is PaymentStatus.EXECUTED
    assert len(desk.alarms()) == 1

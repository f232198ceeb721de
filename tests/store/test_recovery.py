"""Our restored database: nothing is accepted or sent until what the core has and we lost is adopted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapter.domain.core import Capabilities, Deadline, DocumentState, NotFound
from adapter.domain.cursors import dump_cursor, parse_cursor
from adapter.domain.errors import CoreUnavailable, CursorExpired, Recovering
from adapter.domain.payments import PaymentStatus
from adapter.services.feeds import Feeds
from adapter.services.following import Following
from adapter.services.recovery import recover
from adapter.store.database import Database
from adapter.store.feed import StoredFeed
from adapter.store.feed_writing import StoredFeedWriter
from adapter.store.recovery import begin_recovery, end_recovery, list_doubtful, list_losses
from tests.fakes import FakeClock, FakeCore, entry_details
from tests.payment_desk import Desk, claim, statuses
from tests.readers import ALL_HISTORY
from tests.services.test_following import Backup


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def begin(desk: Desk) -> int:
    with desk.database.transaction() as tx:
        return begin_recovery(tx, desk.clock.now())


def losses_of(desk: Desk) -> list[str]:
    with desk.database.reading() as connection:
        return list(list_losses(connection))


def end(desk: Desk) -> None:
    with desk.database.transaction() as tx:
        end_recovery(tx, desk.clock.now())


def following(desk: Desk) -> Following:
    return Following(fates=desk.outbox, core=desk.core, read_timeout_s=1.0)


def feeds_of(desk: Desk) -> Feeds:
    return Feeds(
        feed=StoredFeed(desk.database),
        writer=StoredFeedWriter(desk.database),
        core=desk.core,
        payments=desk.outbox,
        clock=desk.clock,
        read_timeout_s=2.0,
        refresh_s=60.0,
        read_max_age_s=300.0,
    )


def test_nothing_is_accepted_or_sent_before_the_recovery_has_ended(desk: Desk) -> None:
    waiting, _ = desk.submit(desk.order("inv-0", number="100"))
    assert begin(desk) == 1
    with pytest.raises(Recovering):
        desk.submit(desk.order("inv-1"))
    with pytest.raises(Recovering):
        desk.import_batch([desk.order("inv-1")])
    assert not desk.delivery.send_due()
    assert desk.core.calls["submit_documents"] == 0
    end(desk)
    desk.drained()
    assert desk.read(waiting.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.submit(desk.order("inv-1"))[1]


def test_everything_that_the_core_has_is_adopted_and_nothing_is_made_twice(desk: Desk) -> None:
    backup = Backup(desk.database)
    orders = [desk.order(f"inv-{n}", number=str(n)) for n in range(1, 8)]
    sent = [desk.submit(order)[0] for order in orders]
    desk.work()
    for payment in sent[:3]:
        desk.core.bank.sign(payment.id)
    desk.core.bank.execute(sent[0].id)
    backup.restore()
    begin(desk)
    found = recover(following(desk))
    assert (found.adopted, found.unknown) == (7, [])
    end(desk)
    again = [desk.submit(order) for order in orders]
    assert [payment.id for payment, _ in again] == [payment.id for payment in sent]
    assert not any(is_new for _, is_new in again)
    desk.drained()
    assert set(desk.core.bank.made.values()) == {1}
    assert [payment.status for payment, _ in again][:2] == [PaymentStatus.EXECUTED, PaymentStatus.SIGNED]


@pytest.mark.parametrize("is_broken_off", [False, True])
def test_what_is_lost_holds_up_the_end_however_often_it_is_looked_for(desk: Desk, is_broken_off: bool) -> None:
    backup = Backup(desk.database)
    lost = [desk.submit(desk.order(f"inv-{n}", number=str(n)))[0].id for n in range(1, 5)]
    desk.work()
    backup.restore()
    begin(desk)
    desk.core.bank.can_tell_documents = False
    if is_broken_off:  # after its first page
        following(desk).follow_page()
    for _ in range(2):
        recover(following(desk))
        with desk.database.transaction() as tx:
            assert sorted(list_losses(tx)) == sorted(lost)
            assert not end_recovery(tx, desk.clock.now())
        with pytest.raises(Recovering):
            desk.submit(desk.order("inv-1", number="1"))
    with desk.database.transaction() as tx:
        assert end_recovery(tx, desk.clock.now(), accept_losses=True)
        assert list_losses(tx) == {}
    assert desk.submit(desk.order("inv-9", number="9"))[1]
    desk.clock.advance(seconds=60)
    begin(desk)  # another restore later: what was accepted once is not asked for again
    end(desk)
    assert desk.submit(desk.order("inv-10", number="10"))[1]


def test_a_document_that_a_worker_met_before_the_restore_was_said_holds_up_the_end(desk: Desk) -> None:
    backup = Backup(desk.database)
    lost = desk.submit(desk.order("inv-1"))[0].id
    desk.work()
    backup.restore()
    desk.core.bank.can_tell_documents = False
    desk.work()  # a standby that lagged was promoted, and nobody had said so
    desk.clock.advance(seconds=60)
    begin(desk)
    recover(following(desk))
    with desk.database.transaction() as tx:
        assert list(list_losses(tx)) == [lost]
        assert not end_recovery(tx, desk.clock.now())


def test_a_payment_whose_cancellation_was_lost_is_named_and_can_be_cancelled_again_before_it_leaves(desk: Desk) -> None:
    cancelled, other = (desk.submit(desk.order(f"inv-{n}", number=str(n)))[0] for n in (1, 2))
    backup = Backup(desk.database)
    claim_it = claim("cancel", None, cancelled.id)
    assert desk.payments.cancel(desk.caller, claim_it, cancelled.id).status is PaymentStatus.CANCELLED
    backup.restore()
    begin(desk)
    recover(following(desk))
    with desk.database.reading() as connection:
        assert list_doubtful(connection) == sorted([cancelled.id, other.id])
    end(desk)
    desk.payments.cancel(desk.caller, claim_it, cancelled.id)
    with desk.database.reading() as connection:
        assert list_doubtful(connection) == [other.id]
    desk.drained()
    assert desk.read(cancelled.id).status is PaymentStatus.CANCELLED
    assert desk.core.bank.made == {other.id: 1}


class OneByOne(FakeCore):
    """Takes one question at a time, and one of them breaks off."""

    breaks_at = 0

    def capabilities(self) -> Capabilities:
        usual = super().capabilities()
        return replace(usual, batch_size_max=1) if self.breaks_at > 0 else usual

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        self.breaks_at -= 1
        if not self.breaks_at:
            raise CoreUnavailable("for a moment")
        return super().find_documents(document_ids, deadline)


@pytest.mark.parametrize("had_mark", [True, False])
def test_a_run_that_breaks_off_while_it_tries_losses_again_loses_no_word_of_those_it_found(
    database: Database, had_mark: bool
) -> None:
    clock = FakeClock()
    core = OneByOne(clock)
    desk = Desk(database, core, clock)
    if had_mark:
        desk.submit(desk.order("inv-0", number="100"))
        desk.work()
    backup = Backup(desk.database)
    lost = [desk.submit(desk.order(f"inv-{n}", number=str(n)))[0].id for n in (1, 2)]
    desk.work()
    for one in lost:
        core.bank.sign(one)
    backup.restore()
    begin(desk)
    usual, desk.outbox = desk.outbox, desk.open_outbox(secret="t" * 32)  # the key of the settings is not the old one
    recover(following(desk))
    desk.outbox = usual
    losses = losses_of(desk)
    core.breaks_at = 2
    with pytest.raises(CoreUnavailable):
        recover(following(desk), losses)
    assert len(losses_of(desk)) == 1
    assert recover(following(desk), losses_of(desk)).adopted == 1
    end(desk)
    assert [desk.read(one).status for one in lost] == [PaymentStatus.SIGNED] * 2


def test_what_could_not_be_adopted_is_tried_again_in_the_next_run(desk: Desk) -> None:
    backup = Backup(desk.database)
    lost = [desk.submit(desk.order(f"inv-{n}", number=str(n)))[0].id for n in (1, 2)]
    desk.work()
    desk.core.bank.sign(lost[0])
    backup.restore()
    begin(desk)
    usual, desk.outbox = desk.outbox, desk.open_outbox(secret="t" * 32)  # the key of the settings is not the old one
    assert recover(following(desk)).adopted == 0
    desk.outbox = usual
    assert recover(following(desk), losses_of(desk)).adopted == 2
    with desk.database.transaction() as tx:
        assert list_losses(tx) == {}
    end(desk)
    assert desk.read(lost[0]).status is PaymentStatus.SIGNED
    desk.drained()
    assert set(desk.core.bank.made.values()) == {1}


@pytest.mark.parametrize("status", ["queued", "sending"])
def test_a_draft_that_may_have_been_sent_in_the_lost_time_is_asked_about_first(database: Database, status: str) -> None:
    clock = FakeClock()
    desk = Desk(database, FakeCore(clock, submit_is_idempotent=False), clock)
    sent, _ = desk.submit(desk.order("inv-1"))
    if status == "sending":
        desk.outbox.lease_errands("worker-1", 60, 10)
    backup = Backup(desk.database)
    clock.advance(seconds=61)
    desk.drained()
    assert desk.core.bank.made == {sent.id: 1}
    backup.rows["core_marks"] = []
    desk.core.bank._events.clear()  # its events do not tell of it
    backup.restore()
    begin(desk)
    recover(following(desk))
    end(desk)
    desk.drained()
    assert desk.core.bank.made == {sent.id: 1}
    assert desk.core.bank.submissions == {sent.id: 1}
    assert "unknown" in statuses(desk.read(sent.id))
    assert desk.read(sent.id).status is PaymentStatus.AWAITING_SIGNATURE


def test_a_cursor_of_the_lost_time_never_goes_on_in_numbers_given_again(desk: Desk) -> None:
    feeds = feeds_of(desk)
    account = [desk.account_id]

    def read(cursor: str | None) -> str:
        heads = feeds.list_heads(account)
        spans = parse_cursor(cursor) if cursor else ()
        return dump_cursor(feeds.read_changes(heads, spans, ALL_HISTORY, 100).spans)

    desk.core.bank.book("acc-1", entry_details(purpose="before"))
    assert feeds.refresh(desk.account_id, Deadline.after(5))
    with desk.database.transaction() as tx:
        tx.execute(sa.text("UPDATE feeds SET generation = 2"))
    lost = read(None)
    begin(desk)
    end(desk)
    for name in ("a", "b", "c"):
        desk.core.bank.book("acc-1", entry_details(purpose=name))
    assert feeds.refresh(desk.account_id, Deadline.after(5))
    with pytest.raises(CursorExpired) as expired:
        read(lost)
    assert expired.value.restart is None
    first = read(None)
    begin(desk)  # restored again in the same second
    with pytest.raises(CursorExpired):
        read(first)
    assert read(read(None))


def test_a_cursor_of_fates_of_the_lost_time_misses_nothing(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1", number="1"))
    desk.work()
    backup = Backup(desk.database)
    lost, _ = desk.submit(desk.order("inv-2", number="2"))
    desk.work()
    _, cursor = desk.payments.list_fates(desk.caller, None, 100)
    desk.core.bank.sign(first.id)
    backup.restore()
    begin(desk)
    recover(following(desk))
    end(desk)
    page, cursor = desk.payments.list_fates(desk.caller, cursor, 100)
    assert {payment.id for payment in page.payments} == {first.id, lost.id}
    page, _ = desk.payments.list_fates(desk.caller, cursor, 100)
    assert not page.payments

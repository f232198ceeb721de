"""Payments and entries that do not meet are found, told once, and cleared when put right."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from adapter.domain.core import Deadline
from adapter.domain.payments import Payment, PaymentStatus
from adapter.domain.reconciliation import MismatchKind, Reconciled
from adapter.domain.statements import Direction, EntryDetails
from adapter.services.feeds import Feeds
from adapter.services.reconciliation import Reconciliation
from adapter.services.standing_drafts import StandingDrafts
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from adapter.store.feed import StoredFeed
from adapter.store.feed_writing import StoredFeedWriter
from adapter.store.measures import read_measures
from adapter.store.reconciliation import ReconciliationRecords
from adapter.store.standing_drafts import StandingDraftRecords
from tests.connectors.core_contract import run_together
from tests.fakes import FakeClock, FakeCore, Fault, entry_details
from tests.payment_desk import Desk

DAY_S = 86_400.0
ACCOUNT = "acc-1"


class Books:
    """A desk whose payments were signed, and both sides of the bank's word about them."""

    def __init__(self, database: Database, core: FakeCore | None = None, clock: FakeClock | None = None) -> None:
        self.desk = Desk(database, core, clock)
        self.bank = self.desk.core.bank
        self.clock = self.desk.clock
        self.feeds = Feeds(
            feed=StoredFeed(database),
            writer=StoredFeedWriter(database),
            core=self.desk.core,
            payments=self.desk.outbox,
            clock=self.clock,
            read_timeout_s=2.0,
            refresh_s=60.0,
            read_max_age_s=300.0,
        )
        self.records = ReconciliationRecords(database)
        self.standing = StandingDrafts(
            book=StandingDraftRecords(database), core=self.desk.core, clock=self.clock, read_timeout_s=2.0
        )
        self.reconciliation = Reconciliation(
            book=self.records,
            standing=self.standing,
            feeds=self.feeds,
            clock=self.clock,
            after_s=DAY_S,
            read_timeout_s=2.0,
        )

    def signed(self, external_id: str = "inv-1", number: str = "101", **changed: object) -> Payment:
        payment, _ = self.desk.submit(self.desk.order(external_id, number=number, **changed))
        self.desk.work()
        self.bank.sign(payment.id)
        self.desk.work()
        return payment

    def told_executed(self, external_id: str = "inv-1", number: str = "101", **changed: object) -> Payment:
        """Executed by the bank's word; its entry is another matter."""
        payment = self.signed(external_id, number, **changed)
        self.say(payment, PaymentStatus.EXECUTED)
        return payment

    def say(self, payment: Payment, status: PaymentStatus) -> None:
        self.bank.tell(replace(self.bank.documents[payment.id], status=status, at=self.clock.now()))
        self.desk.work()

    def book(self, payment: Payment | None, details: EntryDetails | None = None, named: str | None = None) -> str:
        core_id: str = self.bank.book(ACCOUNT, details or booking_of(payment), named)
        self.read()
        return core_id

    def read(self) -> None:
        assert self.feeds.refresh(self.desk.account_id, Deadline.after(10))

    def run(self) -> Reconciled:
        return self.reconciliation.run(Deadline.after(10))

    def later(self, days: float = 1.1) -> Reconciled:
        self.clock.advance(days=days)
        return self.run()

    def open_kinds(self) -> list[tuple[MismatchKind, str]]:
        return [(one.kind, one.subject) for one in self.reconciliation.list_open(100)]


def booking_of(payment: Payment | None, **changed: object) -> EntryDetails:
    assert payment is not None
    order = payment.order
    details = entry_details(
        str(order.amount),
        Direction.DEBIT,
        order.date,
        number=order.number,
        purpose=order.purpose,
        counterparty=order.payee,
    )
    return replace(details, **changed)  # type: ignore[arg-type]


@pytest.fixture
def books(database: Database) -> Books:
    return Books(database)


# both sides meet


def test_a_payment_whose_entry_names_it_is_no_mismatch(books: Books) -> None:
    payment = books.signed()
    books.bank.execute(payment.id)
    books.desk.work()
    assert books.later().open == 0
    assert books.desk.read(payment.id).entry_id


def test_an_entry_that_names_nobody_is_found_by_its_fields(books: Books) -> None:
    payment = books.told_executed()
    books.book(payment)
    assert books.later().matched == 1
    linked = books.desk.read(payment.id)
    assert linked.entry_id
    assert books.run().matched == 0
    assert books.later().open == 0


def test_a_payment_of_the_customers_own_that_came_first_is_not_taken_for_the_services_one(books: Books) -> None:
    """Both are of one number, date, amount and payee; the morning's is all that the feed has at first."""
    order = books.desk.order(number="101")
    by_hand = entry_details(
        str(order.amount), Direction.DEBIT, order.date, number="101", purpose=order.purpose, counterparty=order.payee
    )
    morning = books.book(None, by_hand)
    books.clock.advance(hours=3)
    payment = books.told_executed()
    assert books.run().matched == 0
    books.book(payment)
    (found,) = books.later().found
    assert (found.kind, found.subject) == (MismatchKind.ENTRY_MISSING, payment.id)
    assert books.desk.read(payment.id).entry_id is None
    books.bank.remove(ACCOUNT, morning)
    books.read()
    assert books.run().matched == 1


def test_a_feed_that_was_not_read_since_matches_nobody_by_fields(books: Books) -> None:
    payment = books.told_executed()
    books.book(payment)
    books.desk.core.faults.on("pull_entries", Fault.DOWN)
    assert books.later().matched == 0
    assert books.later().matched == 1


def test_a_match_is_a_change_in_the_partners_feed_of_fates(books: Books) -> None:
    payment = books.told_executed()
    _, cursor = books.desk.payments.list_fates(books.desk.caller, None, 100)
    books.book(payment)
    books.later()
    page, _ = books.desk.payments.list_fates(books.desk.caller, cursor, 100)
    (told,) = page.payments
    assert (told.id, told.entry_id is None) == (payment.id, False)


@pytest.mark.parametrize(
    "other",
    [
        {"number": "102"},
        {"date": dt.date(2026, 11, 19)},
        {"direction": Direction.CREDIT},
        {"counterparty": replace(entry_details().counterparty, account="40702810955230165465")},
        {"amount": entry_details("1500.01").amount},
        {"booking_date": dt.date(2026, 11, 1)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_an_entry_that_differs_in_one_thing_is_not_it(books: Books, other: dict[str, object]) -> None:
    payment = books.told_executed()
    books.book(payment, booking_of(payment, **other))
    assert books.later().matched == 0
    books.book(payment)
    assert books.run().matched == 1


def test_two_entries_that_fit_are_left_to_a_person(books: Books) -> None:
    payment = books.told_executed()
    books.book(payment)
    second = books.book(payment)
    assert [one.kind for one in books.later().found] == [MismatchKind.ENTRY_MISSING]
    books.bank.remove(ACCOUNT, second)
    books.read()
    done = books.run()
    assert (done.matched, done.cleared, done.open) == (1, 1, 0)


def test_one_entry_for_two_equal_payments_is_left_to_a_person(books: Books) -> None:
    one = books.told_executed("inv-1")
    books.told_executed("inv-2")
    books.book(one)
    done = books.later()
    assert (done.matched, done.open) == (0, 2)


def test_fields_that_a_person_changed_in_the_bank_count_as_changed(books: Books) -> None:
    payment, _ = books.desk.submit(books.desk.order())
    books.desk.work()
    books.bank.edit(payment.id, amount="900.00", number="7")
    books.bank.sign(payment.id)
    books.say(payment, PaymentStatus.EXECUTED)
    books.book(payment, booking_of(payment, number="7", amount=entry_details("900.00").amount))
    assert books.later().matched == 1


@pytest.mark.parametrize("number", ["000101", "", "101"])
def test_an_entry_told_anew_with_its_number_written_otherwise_stays_the_payments_own(books: Books, number: str) -> None:
    payment = books.signed()
    first = books.book(payment, named=payment.id)
    books.say(payment, PaymentStatus.EXECUTED)
    before = books.desk.read(payment.id).entry_id
    books.bank.remove(ACCOUNT, first)
    books.book(payment, booking_of(payment, number=number))
    done = books.run()
    assert (done.matched, done.found) == (1, ())
    assert books.desk.read(payment.id).entry_id not in (None, before)
    assert books.run().matched == 0


def test_an_entry_without_a_number_is_nobodys_first_booking(books: Books) -> None:
    payment = books.told_executed()
    books.book(payment, booking_of(payment, number=""))
    assert books.later().matched == 0
    books.book(payment, booking_of(payment, number="0101"))
    assert books.run().matched == 1


# they do not meet


ENDS = [PaymentStatus.REJECTED, PaymentStatus.CANCELLED, PaymentStatus.EXPIRED]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("is_named", [True, False])
def test_a_payment_that_ended_and_was_booked_all_the_same_is_told_at_once(
    books: Books, end: PaymentStatus, is_named: bool
) -> None:
    payment, _ = books.desk.submit(books.desk.order())
    books.desk.work()
    books.say(payment, end)
    assert books.run().open == 0
    core_id = books.book(payment, named=payment.id if is_named else None)
    (found,) = books.run().found
    assert (found.kind, found.payment_id) == (MismatchKind.ENDED_BOOKED, payment.id)
    assert found.entry_id
    assert books.desk.alarms().count(("mismatch", payment.id)) == 1
    assert books.later(60).open == 1, "until it is put right"
    books.bank.remove(ACCOUNT, core_id)
    books.read()
    assert books.run().open == 0


@pytest.mark.parametrize("other", [{"number": "102"}, {"amount": entry_details("1500.01").amount}])
def test_an_entry_that_differs_is_no_booking_of_an_ended_payment(books: Books, other: dict[str, object]) -> None:
    payment, _ = books.desk.submit(books.desk.order())
    books.desk.work()
    books.say(payment, PaymentStatus.REJECTED)
    books.book(payment, booking_of(payment, **other))
    assert books.run().open == 0
    books.book(payment)
    assert [one.kind for one in books.run().found] == [MismatchKind.ENDED_BOOKED]


def test_the_entry_of_a_payment_that_was_sent_again_is_not_the_refused_ones(books: Books) -> None:
    refused, _ = books.desk.submit(books.desk.order("inv-1"))
    books.desk.work()
    books.say(refused, PaymentStatus.REJECTED)
    again = books.signed("inv-2")
    books.book(again)
    assert books.run().open == 0
    books.say(again, PaymentStatus.EXECUTED)
    assert books.run().open == 0
    done = books.later()
    assert (done.matched, done.open) == (1, 0)


def test_an_executed_payment_without_an_entry_is_told_after_the_time_and_once(books: Books) -> None:
    payment = books.told_executed()
    assert books.later(0.9).found == ()
    with capture_logs() as logs:
        (found,) = books.later(0.2).found
    assert (found.kind, found.subject) == (MismatchKind.ENTRY_MISSING, payment.id)
    assert found.facts == {"number": "101", "date": "2026-11-20", "amount": "1500.00", "currency": "RUB"}
    assert [one["log_level"] for one in logs if one["event"].startswith("our side and the core's")] == ["error"]
    assert ("mismatch", payment.id) in books.desk.alarms()
    again = books.later()
    assert (again.found, again.open) == ((), 1)
    assert books.desk.alarms().count(("mismatch", payment.id)) == 1


def test_a_mismatch_is_cleared_when_the_entry_comes_and_told_anew_if_it_goes(books: Books) -> None:
    payment = books.told_executed()
    books.later()
    core_id = books.book(payment, named=payment.id)
    done = books.run()
    assert (done.cleared, done.open) == (1, 0)
    books.bank.remove(ACCOUNT, core_id)
    books.read()
    (found,) = books.run().found
    assert (found.kind, found.payment_id) == (MismatchKind.ENTRY_REMOVED, payment.id)
    books.book(payment, named=payment.id)
    assert books.run().open == 0


def test_an_account_that_nobody_reads_is_read_before_it_is_judged(books: Books) -> None:
    payment = books.signed()
    books.bank.execute(payment.id)
    books.desk.work()
    assert books.desk.read(payment.id).entry_id is None
    assert books.later().found == ()
    assert books.desk.read(payment.id).entry_id


def test_while_the_core_is_down_nothing_is_judged(books: Books) -> None:
    books.told_executed()
    books.desk.core.faults.on("pull_entries", Fault.DOWN)
    assert books.later().found == ()
    assert [one.kind for one in books.later().found] == [MismatchKind.ENTRY_MISSING]


def test_two_entries_of_one_payment(books: Books) -> None:
    payment = books.signed()
    books.bank.execute(payment.id)
    second = books.book(payment, named=payment.id)
    (found,) = books.run().found
    assert (found.kind, found.subject) == (MismatchKind.ENTRIES_DOUBLED, payment.id)
    books.bank.remove(ACCOUNT, second)
    books.read()
    assert books.run().open == 0


def test_money_that_comes_back_under_the_payments_name_is_not_a_second_booking(books: Books) -> None:
    payment = books.signed()
    books.bank.execute(payment.id)
    books.desk.work()
    books.read()
    booked = books.desk.read(payment.id).entry_id
    books.book(payment, booking_of(payment, direction=Direction.CREDIT), named=payment.id)
    assert books.desk.read(payment.id).entry_id == booked
    assert books.later().open == 0


def test_an_entry_of_a_payment_that_is_not_executed(books: Books) -> None:
    payment = books.signed()
    books.book(payment, named=payment.id)
    assert books.run().found == ()
    (found,) = books.later().found
    assert (found.kind, found.subject) == (MismatchKind.NOT_EXECUTED, payment.id)
    assert found.entry_id
    books.say(payment, PaymentStatus.EXECUTED)
    assert books.run().open == 0


def test_an_entry_of_a_payment_that_is_not_here(books: Books) -> None:
    payment = books.signed()
    core_id = books.book(payment, named="pay_unknown")
    (found,) = books.run().found
    assert (found.kind, found.payment_id) == (MismatchKind.PAYMENT_UNKNOWN, "pay_unknown")
    books.clock.advance(days=100)
    assert books.run().open == 1, "an open one is looked at however old its entry is"
    books.bank.remove(ACCOUNT, core_id)
    books.read()
    assert books.run().open == 0


def test_an_entry_that_belongs_to_another_payment_already(books: Books) -> None:
    first = books.told_executed("inv-1")
    second = books.signed("inv-2", number="102")
    core_id = books.book(first)
    assert books.later().matched == 1
    books.bank.remove(ACCOUNT, core_id)
    books.read()
    books.clock.advance(hours=1)
    _rename(books, first, second)
    kinds = {one.kind for one in books.run().found}
    assert MismatchKind.ENTRY_OF_ANOTHER in kinds


def _rename(books: Books, first: Payment, second: Payment) -> None:
    """The core says at last whose entry it is, and it is not whose it was taken for."""
    core_id = books.book(first, named=second.id)
    entry_id = books.feeds.writer.list_entry_ids(books.desk.account_id, [core_id])[core_id]
    books.desk.outbox.note_booked(books.desk.account_id, {first.id: entry_id})


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"amount": entry_details("1500.01").amount}, {"amount": "1500.01", "ordered": "1500.00"}),
        ({"amount": entry_details("150.00").amount}, {"amount": "150.00", "ordered": "1500.00"}),
        ({"direction": Direction.CREDIT}, {"is_credit": "yes"}),
    ],
    ids=["more", "less", "direction"],
)
def test_an_entry_that_differs_from_the_payment_that_it_names(
    books: Books, other: dict[str, object], told: dict[str, str]
) -> None:
    payment = books.signed()
    core_id = books.book(payment, booking_of(payment, **other), named=payment.id)
    (found,) = books.run().found
    assert (found.kind, found.payment_id) == (MismatchKind.DIFFERS, payment.id)
    document = {"number": "101", "date": "2026-11-20", "amount": "1500.00", "currency": "RUB"}
    assert found.facts == document | told
    books.bank.change(ACCOUNT, core_id, booking_of(payment))
    books.read()
    assert books.run().open == 0


def test_an_entry_of_another_account_than_the_payment_that_it_names(books: Books) -> None:
    payment = books.signed()
    shared = books.desk.core.list_accounts("cus-1", Deadline.after(10))
    others = StoredAccounts(books.desk.database).register("cus-1", shared, books.clock.now())
    core_id = books.bank.book("acc-2", booking_of(payment), payment.id)
    assert books.feeds.refresh(others["acc-2"].id, Deadline.after(10))
    (found,) = books.run().found
    assert (found.kind, found.account_id) == (MismatchKind.DIFFERS, others["acc-2"].id)
    books.bank.remove("acc-2", core_id)
    assert books.feeds.refresh(others["acc-2"].id, Deadline.after(10))
    assert books.run().open == 0


@pytest.mark.parametrize("edited", ["900.00", "900", "900.5"])
def test_an_amount_that_a_person_changed_in_the_bank_is_no_difference(books: Books, edited: str) -> None:
    payment, _ = books.desk.submit(books.desk.order())
    books.desk.work()
    books.bank.edit(payment.id, amount=edited)
    books.bank.sign(payment.id)
    books.desk.work()
    books.book(payment, booking_of(payment, amount=entry_details(edited).amount), named=payment.id)
    assert books.run().open == 0


def test_an_edit_that_cannot_be_read_counts_as_none(books: Books) -> None:
    payment = books.told_executed()
    books.bank.edit(payment.id, amount="девятьсот")
    books.desk.work()
    books.book(payment)
    assert books.later().matched == 1


# beside


def test_figures_tell_the_open_ones_by_kind(books: Books, database: Database) -> None:
    books.told_executed()
    books.later()
    measures = read_measures(database, [], books.clock.now())
    assert measures['bank_adapter_mismatches{kind="entry_missing"}'] == 1
    assert measures['bank_adapter_mismatches{kind="entries_doubled"}'] == 0


@pytest.mark.race
def test_of_many_workers_one_tells_a_mismatch(postgres: Database) -> None:
    books = Books(postgres)
    books.told_executed()
    books.clock.advance(days=2)
    books.read()
    found: list[Reconciled] = []
    run_together(*[lambda: found.append(books.run())] * 8)
    assert [one.kind for done in found for one in done.found] == [MismatchKind.ENTRY_MISSING]
    assert len(books.desk.alarms()) == 1

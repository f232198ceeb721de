"""The contract of a core: what every `CoreBanking` must do, whoever writes it.

To test a core, subclass `CoreContract`, give it a fixture `bench`, and let pytest collect it:

    class TestMyCore(CoreContract):
        @pytest.fixture
        def bench(self): ...            # a Bench: the core and a hand that makes things happen in it

The core need not be empty: every case begins at the marks of the moment.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

import pytest

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import Accepted, CoreDocument, CoreEntry, Deadline, DocumentState, Mark, NotFound, Refused
from adapter.domain.errors import CoreUnavailable
from adapter.domain.money import Money
from adapter.domain.payments import BudgetDetails, PaymentStatus
from adapter.domain.statements import DayTotals, Direction, DocumentType, EntryDetails
from adapter.ports import CoreBanking
from tests.fakes import MOSCOW, PAYEE, FakeClock, core_document, entry_details, payment_order
from tests.scale import scale

DAY = dt.timedelta(days=1)


class Bench(Protocol):
    """A core with a hand inside: the acts that a real bank does by itself."""

    core: CoreBanking
    clock: FakeClock
    user: str  # acts for `customer`
    customer: str
    account: str
    second_account: str  # also the customer's
    foreign_account: str  # somebody else's

    def book(self, account: str, details: EntryDetails) -> str: ...
    def change(self, account: str, core_id: str, details: EntryDetails) -> None: ...
    def remove(self, account: str, core_id: str) -> None: ...
    def reverse(self, account: str, core_id: str) -> str: ...
    def sign(self, document_id: str) -> None:
        """Raises where the document awaits no signature."""

    def execute(self, document_id: str) -> None: ...
    def reject(self, document_id: str) -> None:
        """The signed document fails, e.g. for lack of funds."""

    def edit(self, document_id: str, **changes: str) -> None: ...
    def expire(self, document_id: str) -> None: ...


def soon() -> Deadline:
    return Deadline.after(30)


def new_id() -> str:
    return f"pay_{uuid.uuid4().hex}"


def today(bench: Bench) -> dt.date:
    return bench.clock.now().astimezone(MOSCOW).date()


def pull_all(bench: Bench, account: str, after: Mark | None, limit: int = 500) -> tuple[list[CoreEntry], Mark]:
    entries: list[CoreEntry] = []
    while True:
        page = bench.core.pull_entries(account, after, limit, soon())
        entries += page.entries
        after = page.mark
        if not page.has_more:
            return entries, after


def pull_days(bench: Bench, account: str, after: Mark | None) -> list[DayTotals]:
    days: list[DayTotals] = []
    while True:
        page = bench.core.pull_entries(account, after, 500, soon())
        days += page.closed_days
        after = page.mark
        if not page.has_more:
            return days


def end_of_entries(bench: Bench, account: str | None = None) -> Mark:
    return pull_all(bench, account or bench.account, None)[1]


def end_of_events(bench: Bench) -> Mark | None:
    return pull_events(bench, None)[1]


def pull_events(bench: Bench, after: Mark | None, limit: int = 500) -> tuple[list[DocumentState], Mark]:
    events: list[DocumentState] = []
    while True:
        page = bench.core.pull_document_events(after, limit, soon())
        events += page.events
        after = page.mark
        if not page.has_more:
            return events, after


def draft(bench: Bench, document_id: str | None = None, amount: str = "1500.00") -> CoreDocument:
    return core_document(
        document_id or new_id(), account=bench.account, customer=bench.customer, order=payment_order(amount)
    )


def submit(bench: Bench, *documents: CoreDocument) -> Sequence[object]:
    return bench.core.submit_documents(documents, soon())


def statuses(bench: Bench, after: Mark | None, document_id: str) -> list[PaymentStatus]:
    return [event.status for event in pull_events(bench, after)[0] if event.document_id == document_id]


def run_together(*jobs: Callable[[], None]) -> None:
    """Run jobs in threads that start at one moment; the first error of any is raised here."""
    errors: list[BaseException] = []
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        try:
            barrier.wait()
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


class CoreContract:
    @pytest.fixture
    def bench(self) -> Bench:
        raise NotImplementedError("give your core a bench")

    # who and what there is

    def test_tells_that_it_is_up(self, bench: Bench) -> None:
        assert bench.core.probe(soon()).is_up

    def test_its_capabilities_do_not_change(self, bench: Bench) -> None:
        assert bench.core.capabilities() == bench.core.capabilities()
        assert bench.core.capabilities().batch_size_max >= 1

    def test_a_user_finds_those_whom_he_acts_for(self, bench: Bench) -> None:
        assert bench.customer in {one.customer_id for one in bench.core.find_customers(bench.user, soon())}

    def test_an_unknown_user_acts_for_nobody(self, bench: Bench) -> None:
        assert list(bench.core.find_customers("nobody", soon())) == []

    def test_accounts_of_a_customer_are_only_his(self, bench: Bench) -> None:
        accounts = bench.core.list_accounts(bench.customer, soon())
        ids = [account.core_id for account in accounts]
        assert {bench.account, bench.second_account} <= set(ids)
        assert bench.foreign_account not in ids
        assert all(account.customer_id == bench.customer for account in accounts)
        assert all(len(account.number) == 20 and len(account.bic) == 9 for account in accounts)
        assert [account.core_id for account in bench.core.list_accounts(bench.customer, soon())] == ids

    def test_an_unknown_customer_has_no_accounts(self, bench: Bench) -> None:
        assert list(bench.core.list_accounts("nobody", soon())) == []

    def test_an_open_account_says_so(self, bench: Bench) -> None:
        accounts = {one.core_id: one for one in bench.core.list_accounts(bench.customer, soon())}
        assert accounts[bench.account].status is AccountStatus.OPEN

    def test_balances_come_in_the_order_asked_and_leave_out_the_unknown(self, bench: Bench) -> None:
        asked = [bench.second_account, "unknown", bench.account]
        told = [one.core_account_id for one in bench.core.read_balances(asked, soon())]
        assert told == [bench.second_account, bench.account]

    def test_a_balance_follows_the_entries(self, bench: Bench) -> None:
        before = bench.core.read_balances([bench.account], soon())[0].booked.amount
        core_id = bench.book(bench.account, entry_details("10.50", Direction.CREDIT, today(bench)))
        bench.book(bench.account, entry_details("3.25", Direction.DEBIT, today(bench)))
        assert bench.core.read_balances([bench.account], soon())[0].booked.amount == before + Decimal("7.25")
        bench.remove(bench.account, core_id)
        assert bench.core.read_balances([bench.account], soon())[0].booked.amount == before - Decimal("3.25")

    def test_a_passed_deadline_attempts_nothing(self, bench: Bench) -> None:
        document = draft(bench)
        with pytest.raises(CoreUnavailable):
            bench.core.submit_documents([document], Deadline.after(0))
        assert bench.core.find_documents([document.id], soon())[0] == NotFound(document_id=document.id)

    # entries

    def test_small_pages_give_what_one_large_page_gives(self, bench: Bench) -> None:
        mark = end_of_entries(bench)
        for number in range(7):
            bench.book(bench.account, entry_details(number=str(number), day=today(bench)))
        whole, _ = pull_all(bench, bench.account, mark)
        for limit in (1, 2, 7):
            assert pull_all(bench, bench.account, mark, limit)[0] == whole
        assert [entry.details.number for entry in whole if entry.details] == list("0123456")

    def test_a_page_holds_at_most_its_limit(self, bench: Bench) -> None:
        mark = end_of_entries(bench)
        for _ in range(3):
            bench.book(bench.account, entry_details(day=today(bench)))
        page = bench.core.pull_entries(bench.account, mark, 2, soon())
        assert (len(page.entries), page.has_more) == (2, True)
        rest = bench.core.pull_entries(bench.account, page.mark, 2, soon())
        assert (len(rest.entries), rest.has_more) == (1, False)

    def test_nothing_new_is_an_empty_page_with_a_mark_to_go_on(self, bench: Bench) -> None:
        page = bench.core.pull_entries(bench.account, end_of_entries(bench), 10, soon())
        assert (list(page.entries), page.has_more) == ([], False)
        core_id = bench.book(bench.account, entry_details(day=today(bench)))
        assert [one.core_id for one in pull_all(bench, bench.account, page.mark)[0]] == [core_id]

    def test_a_mark_can_be_replayed_and_its_answer_only_grows(self, bench: Bench) -> None:
        mark = end_of_entries(bench)
        core_id = bench.book(bench.account, entry_details(day=today(bench)))
        first, _ = pull_all(bench, bench.account, mark)
        assert pull_all(bench, bench.account, mark)[0] == first
        bench.change(bench.account, core_id, entry_details(day=today(bench), purpose="Уточнено"))
        bench.book(bench.account, entry_details(day=today(bench)))
        longer, _ = pull_all(bench, bench.account, mark)
        assert len(longer) > len(first)
        assert {entry.core_id for entry in first} <= {entry.core_id for entry in longer}

    def test_equal_entries_are_two_entries(self, bench: Bench) -> None:
        mark = end_of_entries(bench)
        fee = entry_details(
            "25.00", Direction.DEBIT, today(bench), document_type=DocumentType.BANK_ORDER, purpose="Комиссия"
        )
        ids = [bench.book(bench.account, fee), bench.book(bench.account, fee)]
        pulled, _ = pull_all(bench, bench.account, mark)
        assert [one.core_id for one in pulled] == ids
        assert ids[0] != ids[1]

    def test_all_details_of_an_entry_arrive(self, bench: Bench) -> None:
        budget = BudgetDetails(drawer_status="01", kbk="18201061201010000510", oktmo="0", basis_date="0")
        details = replace(
            entry_details("0.01", Direction.DEBIT, today(bench), number="000017", purpose="№ Ёё " + "я" * 205),
            priority=3,
            uin="18209965144380684245",
            budget=budget,
        )
        mark = end_of_entries(bench)
        bench.book(bench.account, details)
        assert [one.details for one in pull_all(bench, bench.account, mark)[0]] == [details]

    def test_a_changed_entry_comes_again_whole_under_its_id(self, bench: Bench) -> None:
        core_id = bench.book(bench.account, entry_details("10.00", day=today(bench)))
        mark = end_of_entries(bench)
        changed = entry_details("12.00", day=today(bench), purpose="Исправлено")
        bench.change(bench.account, core_id, changed)
        pulled, _ = pull_all(bench, bench.account, mark)
        assert [(one.core_id, one.details) for one in pulled] == [(core_id, changed)]

    def test_a_memo_order_that_becomes_a_payment_order_keeps_its_id(self, bench: Bench) -> None:
        memo = entry_details("10.00", Direction.DEBIT, today(bench), document_type=DocumentType.MEMORIAL_ORDER)
        core_id = bench.book(bench.account, memo)
        mark = end_of_entries(bench)
        bench.change(bench.account, core_id, replace(memo, document_type=DocumentType.PAYMENT_ORDER, number="321"))
        (entry,) = pull_all(bench, bench.account, mark)[0]
        assert entry.core_id == core_id
        assert entry.details is not None
        assert entry.details.document_type is DocumentType.PAYMENT_ORDER

    def test_a_removed_entry_leaves_word_and_its_id_is_not_used_again(self, bench: Bench) -> None:
        core_id = bench.book(bench.account, entry_details(day=today(bench)))
        mark = end_of_entries(bench)
        bench.remove(bench.account, core_id)
        pulled, after = pull_all(bench, bench.account, mark)
        assert [(one.core_id, one.details) for one in pulled] == [(core_id, None)]
        assert bench.book(bench.account, entry_details(day=today(bench))) != core_id
        assert len(pull_all(bench, bench.account, after)[0]) == 1

    def test_a_reversal_is_a_new_entry_the_other_way(self, bench: Bench) -> None:
        core_id = bench.book(bench.account, entry_details("77.00", Direction.CREDIT, today(bench)))
        mark = end_of_entries(bench)
        reversal_id = bench.reverse(bench.account, core_id)
        (entry,) = pull_all(bench, bench.account, mark)[0]
        assert entry.core_id == reversal_id != core_id
        assert entry.details is not None
        assert (entry.details.direction, entry.details.amount) == (Direction.DEBIT, Money.of("77.00"))

    def test_accounts_have_marks_of_their_own(self, bench: Bench) -> None:
        mark = end_of_entries(bench, bench.second_account)
        bench.book(bench.account, entry_details(day=today(bench)))
        assert pull_all(bench, bench.second_account, mark)[0] == []

    def test_an_unknown_account_has_an_empty_feed(self, bench: Bench) -> None:
        page = bench.core.pull_entries("unknown", None, 10, soon())
        assert (list(page.entries), page.has_more, list(page.closed_days)) == ([], False, [])
        assert bench.core.pull_entries("unknown", page.mark, 10, soon()).has_more is False

    # days

    def test_closed_days_follow_one_another_and_add_up(self, bench: Bench) -> None:
        ids = [
            bench.book(bench.account, entry_details(amount, day=today(bench) - days_ago * DAY))
            for days_ago, amount in ((3, "5.00"), (3, "6.00"), (1, "7.00"))
        ]
        bench.change(bench.account, ids[0], entry_details("5.50", day=today(bench) - 3 * DAY))
        bench.change(bench.account, ids[0], entry_details("5.75", Direction.DEBIT, today(bench) - 2 * DAY))
        bench.remove(bench.account, ids[1])
        days = pull_days(bench, bench.account, None)
        entries, _ = pull_all(bench, bench.account, None)
        current = {entry.core_id: entry.details for entry in entries}
        for day, after in pairwise(days):
            assert after.day == day.day + DAY
            assert after.opening == day.closing
        for day in days[-5:]:
            moved = sum((_signed(one) for one in current.values() if one and one.booking_date == day.day), Decimal(0))
            assert day.opening.amount + moved == day.closing.amount

    def test_the_last_closed_day_is_yesterday(self, bench: Bench) -> None:
        assert pull_days(bench, bench.account, None)[-1].day == today(bench) - DAY

    def test_a_day_closes_at_midnight_in_moscow(self, bench: Bench) -> None:
        late = dt.datetime.combine(today(bench) + DAY, dt.time(23, 59), MOSCOW)
        bench.clock.set(late.astimezone(dt.UTC))
        mark = end_of_entries(bench)
        assert pull_days(bench, bench.account, mark) == []
        bench.clock.advance(minutes=2)
        assert [one.day for one in pull_days(bench, bench.account, mark)] == [late.date()]

    def test_an_entry_that_comes_late_tells_its_day_and_all_later_ones_again(self, bench: Bench) -> None:
        before = {one.day: one for one in pull_days(bench, bench.account, None)}
        mark = end_of_entries(bench)
        bench.book(bench.account, entry_details("40.00", Direction.CREDIT, today(bench) - 4 * DAY))
        told = pull_days(bench, bench.account, mark)
        assert [one.day for one in told] == [today(bench) - ago * DAY for ago in (4, 3, 2, 1)]
        assert told[0].opening == before[told[0].day].opening
        assert told[0].closing.amount == before[told[0].day].closing.amount + 40

    def test_a_late_entry_on_an_earlier_page_is_not_forgotten(self, bench: Bench) -> None:
        mark = end_of_entries(bench)
        bench.book(bench.account, entry_details(day=today(bench) - 2 * DAY))
        bench.book(bench.account, entry_details(day=today(bench)))
        page = bench.core.pull_entries(bench.account, mark, 1, soon())
        assert list(page.closed_days) == []
        last = bench.core.pull_entries(bench.account, page.mark, 1, soon())
        assert [one.day for one in last.closed_days] == [today(bench) - 2 * DAY, today(bench) - DAY]

    def test_month_ends_and_the_leap_day_are_days_like_others(self, bench: Bench) -> None:
        mark = end_of_entries(bench)
        bench.clock.set(max(bench.clock.now(), dt.datetime(2028, 3, 2, 9, tzinfo=dt.UTC)))
        days = {one.day for one in pull_days(bench, bench.account, mark)}
        assert {dt.date(2028, 1, 31), dt.date(2028, 2, 29), dt.date(2028, 3, 1)} <= days

    # documents

    def test_a_draft_is_accepted_and_awaits_signature(self, bench: Bench) -> None:
        document = draft(bench)
        (result,) = submit(bench, document)
        assert isinstance(result, Accepted)
        assert result.document_id == document.id
        assert result.core_reference
        (state,) = bench.core.find_documents([document.id], soon())
        assert isinstance(state, DocumentState)
        assert state.status is PaymentStatus.AWAITING_SIGNATURE
        assert state.core_reference == result.core_reference

    def test_the_same_document_twice_is_one_document(self, bench: Bench) -> None:
        if not bench.core.capabilities().submit_is_idempotent:
            pytest.skip("this core does not promise it")
        document, mark = draft(bench), end_of_events(bench)
        assert submit(bench, document) == submit(bench, document)
        assert statuses(bench, mark, document.id) == [PaymentStatus.AWAITING_SIGNATURE]

    def test_the_same_document_twice_in_a_batch_is_one_document(self, bench: Bench) -> None:
        if not bench.core.capabilities().submit_is_idempotent:
            pytest.skip("this core does not promise it")
        document, mark = draft(bench), end_of_events(bench)
        first, second = submit(bench, document, document)
        assert first == second
        assert statuses(bench, mark, document.id) == [PaymentStatus.AWAITING_SIGNATURE]

    def test_a_document_sent_again_after_its_end_stays_ended(self, bench: Bench) -> None:
        document = draft(bench)
        submit(bench, document)
        bench.expire(document.id)
        submit(bench, document)
        (state,) = bench.core.find_documents([document.id], soon())
        assert isinstance(state, DocumentState)
        assert state.status is PaymentStatus.EXPIRED

    def test_results_come_in_order_and_one_refusal_stops_no_other(self, bench: Bench) -> None:
        good, other = draft(bench), draft(bench)
        unknown = replace(draft(bench), core_account_id="unknown")
        foreign = replace(draft(bench), core_account_id=bench.foreign_account)
        results = submit(bench, good, unknown, foreign, other)
        assert [type(one) for one in results] == [Accepted, Refused, Refused, Accepted]
        states = bench.core.find_documents([unknown.id, foreign.id], soon())
        assert list(states) == [NotFound(document_id=unknown.id), NotFound(document_id=foreign.id)]

    def test_a_batch_of_a_thousand_arrives_whole_and_in_order(self, bench: Bench) -> None:
        mark = end_of_events(bench)
        size = min(1000, bench.core.capabilities().batch_size_max)
        documents = [draft(bench) for _ in range(size)]
        results = submit(bench, *documents)
        assert [getattr(one, "document_id", None) for one in results] == [one.id for one in documents]
        assert len(pull_events(bench, mark)[0]) == size

    def test_finding_answers_in_the_order_asked(self, bench: Bench) -> None:
        one, two = draft(bench), draft(bench)
        submit(bench, one, two)
        answers = bench.core.find_documents([two.id, "unknown", one.id], soon())
        assert [answer.document_id for answer in answers] == [two.id, "unknown", one.id]
        assert isinstance(answers[1], NotFound)

    def test_an_executed_document_tells_its_way_and_its_entry_carries_our_id(self, bench: Bench) -> None:
        document, mark, entries_mark = draft(bench, amount="12.00"), end_of_events(bench), end_of_entries(bench)
        submit(bench, document)
        bench.sign(document.id)
        bench.execute(document.id)
        way = statuses(bench, mark, document.id)
        assert way[0] is PaymentStatus.AWAITING_SIGNATURE
        assert way[-1] is PaymentStatus.EXECUTED
        assert PaymentStatus.SIGNED in way
        (entry,) = [one for one in pull_all(bench, bench.account, entries_mark)[0] if one.document_id == document.id]
        assert entry.details is not None
        assert (entry.details.direction, entry.details.amount) == (Direction.DEBIT, Money.of("12.00"))
        assert entry.details.counterparty.account == PAYEE.account

    def test_a_rejection_has_a_reason(self, bench: Bench) -> None:
        document = draft(bench, amount="99999999999.00")
        submit(bench, document)
        bench.sign(document.id)
        bench.reject(document.id)
        (state,) = bench.core.find_documents([document.id], soon())
        assert isinstance(state, DocumentState)
        assert state.status is PaymentStatus.REJECTED
        assert state.reason

    def test_an_edit_in_the_bank_is_told_by_field(self, bench: Bench) -> None:
        document = draft(bench)
        submit(bench, document)
        mark = end_of_events(bench)
        bench.edit(document.id, purpose="Оплата по договору 8")
        (event,) = pull_events(bench, mark)[0]
        assert event.document_id == document.id
        assert event.status is PaymentStatus.AWAITING_SIGNATURE
        assert event.edited == {"purpose": "Оплата по договору 8"}

    def test_events_can_be_paged_and_replayed(self, bench: Bench) -> None:
        mark = end_of_events(bench)
        submit(bench, *(draft(bench) for _ in range(5)))
        whole, _ = pull_events(bench, mark)
        assert len(whole) == 5
        assert pull_events(bench, mark, 2)[0] == whole
        assert pull_events(bench, mark)[0] == whole

    def test_a_draft_can_be_withdrawn_once_and_the_answer_repeats(self, bench: Bench) -> None:
        document, mark = draft(bench), end_of_events(bench)
        submit(bench, document)
        first = bench.core.withdraw_document(document.id, "request-" + document.id, soon())
        assert isinstance(first, Accepted)
        assert bench.core.withdraw_document(document.id, "request-" + document.id, soon()) == first
        assert statuses(bench, mark, document.id) == [PaymentStatus.AWAITING_SIGNATURE, PaymentStatus.CANCELLED]

    def test_a_signed_document_cannot_be_withdrawn(self, bench: Bench) -> None:
        document = draft(bench)
        submit(bench, document)
        bench.sign(document.id)
        assert isinstance(bench.core.withdraw_document(document.id, "late-" + document.id, soon()), Refused)
        (state,) = bench.core.find_documents([document.id], soon())
        assert isinstance(state, DocumentState)
        assert state.status is not PaymentStatus.CANCELLED

    def test_an_unknown_document_cannot_be_withdrawn(self, bench: Bench) -> None:
        assert isinstance(bench.core.withdraw_document("unknown", "r-1", soon()), Refused)

    # many at once

    def test_of_a_withdrawal_and_a_signature_exactly_one_wins(self, bench: Bench) -> None:
        for _ in range(scale(5, 50)):
            document, mark, outcome = draft(bench), end_of_events(bench), []
            submit(bench, document)
            run_together(
                lambda document=document, outcome=outcome: outcome.append(
                    bench.core.withdraw_document(document.id, "race-" + document.id, soon())
                ),
                lambda document=document: _try_to_sign(bench, document.id),
            )
            way = set(statuses(bench, mark, document.id))
            assert (PaymentStatus.CANCELLED in way) != (PaymentStatus.SIGNED in way)
            assert isinstance(outcome[0], Accepted) == (PaymentStatus.CANCELLED in way)

    def test_the_same_document_sent_by_many_at_once_is_one_document(self, bench: Bench) -> None:
        if not bench.core.capabilities().submit_is_idempotent:
            pytest.skip("this core does not promise it")
        document, mark = draft(bench), end_of_events(bench)
        run_together(*[lambda: submit(bench, document)] * 8)
        assert statuses(bench, mark, document.id) == [PaymentStatus.AWAITING_SIGNATURE]

    def test_entries_written_while_read_are_told_once_and_in_order(self, bench: Bench) -> None:
        writers, each = 4, scale(25, 1000)
        mark = end_of_entries(bench)
        written: list[list[str]] = [[] for _ in range(writers)]
        told: list[str] = []

        def write(mine: list[str]) -> None:
            for _ in range(each):
                mine.append(bench.book(bench.account, entry_details(day=today(bench))))

        def read() -> None:
            after = mark
            while len(told) < writers * each:
                page = bench.core.pull_entries(bench.account, after, 7, soon())
                told.extend(entry.core_id for entry in page.entries)
                after = page.mark

        run_together(read, *[lambda mine=mine: write(mine) for mine in written])
        assert len(told) == len(set(told)) == writers * each
        for mine in written:
            assert [core_id for core_id in told if core_id in set(mine)] == mine

    def test_events_written_while_read_are_told_once(self, bench: Bench) -> None:
        mark = end_of_events(bench)
        wanted = [draft(bench) for _ in range(scale(40, 400))]
        told: list[str] = []

        def read() -> None:
            after = mark
            while len(told) < len(wanted):
                page = bench.core.pull_document_events(after, 3, soon())
                told.extend(event.document_id for event in page.events)
                after = page.mark

        def send(documents: Sequence[CoreDocument]) -> None:
            for document in documents:
                submit(bench, document)

        run_together(read, *[lambda part=wanted[start::4]: send(part) for start in range(4)])
        assert sorted(told) == sorted(document.id for document in wanted)


def _signed(details: EntryDetails) -> Decimal:
    return details.amount.amount if details.direction is Direction.CREDIT else -details.amount.amount


def _try_to_sign(bench: Bench, document_id: str) -> None:
    """The person at the bank may come too late: then the bank refuses, and that is right."""
    with suppress(Exception):
        bench.sign(document_id)

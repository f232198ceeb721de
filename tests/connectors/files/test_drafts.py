"""The folder out/: a draft leaves once, whole, whatever happens in between; and what the bank says of it."""

from __future__ import annotations

import datetime as dt
import re
import resource
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from adapter.connectors.files.opening import FilesCore
from adapter.connectors.guard import GuardedCore
from adapter.domain.core import (
    Accepted,
    CoreDocument,
    CoreStatement,
    CoreStatementOrder,
    Deadline,
    DocumentState,
    NotFound,
    Refused,
    StatementPending,
    StatementRefused,
    Unknown,
)
from adapter.domain.errors import CoreUnavailable
from adapter.domain.moscow import MOSCOW
from adapter.domain.payments import PaymentStatus
from adapter.formats import camt053, mt940
from adapter.formats.onec_exchange import parse_orders
from adapter.store.database import Database, open_database
from tests.connectors.files.conftest import open_core_of
from tests.connectors.files.killed import runs_to_its_end
from tests.connectors.files.paper_bank import MAIN, PaperBank, as_1c, read_documents
from tests.fakes import FakeClock, core_document, payment_order
from tests.scale import scale

STEPS_MAX = 100


def soon() -> Deadline:
    return Deadline.after(30)


def draft(name: str, amount: str = "1500.00", number: str = "101") -> CoreDocument:
    return core_document(name, account=MAIN, customer="vega", order=payment_order(amount, number))


def batch(size: int) -> list[CoreDocument]:
    return [draft(f"pay_{place:05d}", number=str(place % 999 + 1)) for place in range(size)]


def files_out(exchange: Path) -> list[Path]:
    return sorted((exchange / "out").glob("drafts-*"))


def ids_out(exchange: Path) -> list[str]:
    texts = [file.read_text("windows-1251") for file in files_out(exchange)]
    return [values["ИдентификаторДокумента"] for text in texts for values in read_documents(text)]


def find(core: FilesCore, document_id: str) -> DocumentState | NotFound:
    return core.banking.find_documents([document_id], soon())[0]


# leaving


def test_drafts_of_which_the_bank_has_not_spoken_are_no_failures_of_the_core(
    paper_bank: PaperBank, files_core: FilesCore
) -> None:
    guarded = GuardedCore(files_core.banking, calls_max=8, failures_max=3, rest_s=30.0)
    for place in range(5):
        (result,) = guarded.submit_documents([draft(f"pay_{place}")], soon())
        assert isinstance(result, Unknown)
    paper_bank.work()
    files_core.scan()
    for place in range(5):
        assert isinstance(guarded.withdraw_document(f"pay_{place}", f"pay_{place}-w", soon()), Unknown)
    assert [state.failures for state in guarded.lanes()] == [0, 0]
    assert guarded.probe(soon()).is_up


def test_a_draft_leaves_with_our_id_and_is_unknown_until_the_bank_speaks(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path
) -> None:
    document = replace(draft("pay_1"), possible_duplicate=True)
    (result,) = files_core.banking.submit_documents([document], soon())
    assert isinstance(result, Unknown)
    assert isinstance(find(files_core, "pay_1"), NotFound)
    (file,) = files_out(exchange)
    (values,) = read_documents(file.read_text("windows-1251"))
    told = (values["ИдентификаторДокумента"], values["УчетныйСервис"], values["ВозможныйПовтор"])
    assert told == ("pay_1", "Учёт онлайн", "1")
    assert (values["ПлательщикРасчСчет"], values["ПлательщикИНН"]) == (MAIN, "7701234560")
    (line,) = parse_orders(file.read_bytes()).orders
    assert line.order.amount == document.order.amount
    paper_bank.work()
    (result,) = files_core.banking.submit_documents([document], soon())
    assert result == Accepted(document_id="pay_1", core_reference=file.name)


def test_the_same_drafts_again_in_any_company_are_not_written_again(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path
) -> None:
    one, two, three = draft("pay_1"), draft("pay_2"), draft("pay_3")
    files_core.banking.submit_documents([one, two, one], soon())
    paper_bank.work()
    files_core.banking.submit_documents([two, three], soon())
    files_core.banking.submit_documents([one], soon())
    paper_bank.work()
    assert paper_bank.taken == ["pay_1", "pay_2", "pay_3"]


def test_a_refusal_names_its_reason_and_a_later_word_does_not_revive_it(
    paper_bank: PaperBank, files_core: FilesCore
) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.tell({"document_id": "pay_1", "status": "03", "reason": "Неверный счёт получателя"})
    (result,) = files_core.banking.submit_documents([draft("pay_1")], soon())
    assert result == Refused(document_id="pay_1", code="rejected", reason="Неверный счёт получателя")
    paper_bank.tell({"document_id": "pay_1", "status": "01"})
    state = find(files_core, "pay_1")
    assert isinstance(state, DocumentState)
    assert state.status is PaymentStatus.REJECTED
    events = files_core.banking.pull_document_events(None, 10, soon()).events
    assert [one.status for one in events] == [PaymentStatus.REJECTED, PaymentStatus.AWAITING_SIGNATURE]


def test_a_file_of_states_with_a_wrong_line_is_not_taken_at_all(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path
) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.tell({"document_id": "pay_1", "status": "01"}, {"document_id": "pay_1", "status": "99"})
    assert isinstance(find(files_core, "pay_1"), NotFound)
    (report,) = (exchange / "error").glob("*.report.txt")
    assert "строка 3, status: состояние не известно: 99" in report.read_text("utf-8-sig")
    paper_bank.tell({"document_id": "pay_1", "status": "01"})
    assert isinstance(find(files_core, "pay_1"), DocumentState)


def test_ten_thousand_drafts_leave_as_one_file(paper_bank: PaperBank, files_core: FilesCore, exchange: Path) -> None:
    documents = batch(scale(2_000, 10_000))
    files_core.banking.submit_documents(documents, soon())
    assert len(files_out(exchange)) == 1
    assert ids_out(exchange) == [one.id for one in documents]
    paper_bank.work()
    results = files_core.banking.submit_documents(documents, soon())
    assert {type(one) for one in results} == {Accepted}


@pytest.mark.race
def test_the_same_batch_from_many_processes_leaves_once(postgres: Database, exchange: Path, clock: FakeClock) -> None:
    cores = [open_core_of(postgres, exchange, clock) for _ in range(scale(6, 16))]
    bank = PaperBank(exchange, cores[0], clock)
    bank.open()
    documents = batch(50)
    errors: list[BaseException] = []

    def send(place: int) -> None:
        try:
            cores[place].banking.submit_documents(documents[place:] + documents[:place], soon())
            cores[place].banking.submit_documents(documents[: place + 1], soon())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=send, args=(place,)) for place in range(len(cores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bank.work()
    assert errors == []
    assert Counter(bank.taken) == Counter(one.id for one in documents)
    assert list((exchange / "out").glob(".*")) == []


# crashes


@pytest.mark.crash
def test_kill_9_at_every_step_of_sending_neither_loses_nor_doubles_a_draft(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path, clock: FakeClock, database_url: str
) -> None:
    sent: list[str] = []
    for step in range(1, STEPS_MAX):
        documents = [draft(f"pay_{step}_{place}") for place in range(3)]
        sent += [one.id for one in documents]
        is_over = _send_and_die(database_url, exchange, clock, documents, step)
        if step % 2:
            paper_bank.work()  # the bank takes what is there, or leaves it
        files_core.banking.submit_documents([documents[0]], soon())  # those in doubt are sent again one by one
        files_core.banking.submit_documents(documents[1:], soon())
        if is_over:
            break
    paper_bank.work()
    assert is_over
    assert step > 8  # it did die somewhere
    assert Counter(paper_bank.taken) == Counter(sent)


@pytest.mark.crash
def test_kill_9_at_every_step_of_reading_neither_loses_nor_doubles_an_entry(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path, clock: FakeClock, database_url: str
) -> None:
    for step in range(1, STEPS_MAX):
        documents = [draft(f"pay_{step}", number=str(step))]
        files_core.banking.submit_documents(documents, soon())
        paper_bank.work()
        paper_bank.move(documents[0].id, "awaiting_signature", "signed")
        for name, data in _news_of(paper_bank, documents[0], step).items():
            (exchange / "in" / name).write_bytes(data)
        if is_over := _scan_and_die(database_url, exchange, clock, step):
            break
        while files_core.scan():
            pass
    assert is_over
    assert step > 8
    entries, events = _entries(files_core), files_core.banking.pull_document_events(None, 10_000, soon()).events
    assert Counter(entries) == Counter(f"pay_{each}" for each in range(1, step + 1))
    executed = Counter(one.document_id for one in events if one.status is PaymentStatus.EXECUTED)
    assert executed == Counter(f"pay_{each}" for each in range(1, step + 1))
    assert [file for file in (exchange / "in").rglob("*") if file.is_file() and file.name != ".reading"] == []


def _news_of(bank: PaperBank, document: CoreDocument, step: int) -> dict[str, bytes]:
    """The entry of a draft, which tells by itself that it is executed; and a file that cannot be read."""
    with bank.lock:
        bank.books[MAIN].entries[step] = bank.drafts[document.id].entry
        told = bank.statement(MAIN, bank.books[MAIN].opened_on)
    return {f"{step}-a-broken.txt": b"broken %d" % step, f"{step}-b-statement.txt": as_1c(told)}


def _present(core: FilesCore) -> list[str | None]:
    """The documents of the entries as they are now."""
    last = {one.core_id: one for one in core.banking.pull_entries(MAIN, None, 10_000, soon()).entries}
    return [one.document_id for one in last.values() if one.details]


def _executed(core: FilesCore) -> list[str]:
    events = core.banking.pull_document_events(None, 10_000, soon()).events
    return [one.document_id for one in events if one.status is PaymentStatus.EXECUTED]


def _entries(core: FilesCore) -> list[str | None]:
    page = core.banking.pull_entries(MAIN, None, 10_000, soon())
    assert all(one.details for one in page.entries)
    return [one.document_id for one in page.entries]


def _send_and_die(url: str, exchange: Path, clock: FakeClock, documents: list[CoreDocument], step: int) -> bool:
    opened: list[Database] = []
    return runs_to_its_end(
        lambda: open_core_of(opened[0], exchange, clock).banking.submit_documents(documents, soon()),
        lambda: _open(url, opened).writer,
        step,
    )


def _scan_and_die(url: str, exchange: Path, clock: FakeClock, step: int) -> bool:
    opened: list[Database] = []
    return runs_to_its_end(
        lambda: open_core_of(opened[0], exchange, clock).scan(), lambda: _open(url, opened).writer, step
    )


def _open(url: str, opened: list[Database]) -> Database:
    opened.append(open_database(url, pool_size=2))
    return opened[0]


# a full disk


def test_a_full_disk_sends_nothing_and_leaves_nothing_half_done(
    postgres: Database, exchange: Path, clock: FakeClock
) -> None:
    core = open_core_of(postgres, exchange, clock)
    bank = PaperBank(exchange, core, clock)
    bank.open()
    documents = batch(1_000)
    with _file_size_limit(100_000):
        started = time.monotonic()
        with pytest.raises(CoreUnavailable, match="the folder out cannot be used"):
            core.banking.submit_documents(documents, soon())
        assert time.monotonic() - started < 5
    assert list((exchange / "out").iterdir()) == []
    core.banking.submit_documents(documents[1:], soon())  # the first is taken back meanwhile: it must not leave
    bank.work()
    assert bank.taken == [one.id for one in documents[1:]]


@contextmanager
def _file_size_limit(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


# fate


def test_a_booked_entry_executes_the_one_draft_that_it_fits_and_tells_what_differs(
    paper_bank: PaperBank, files_core: FilesCore
) -> None:
    files_core.banking.submit_documents([draft("pay_1", "12.00"), draft("pay_2", "13.00")], soon())
    paper_bank.work()
    booked = replace(paper_bank.drafts["pay_1"].entry, purpose="Оплата по договору 8")
    paper_bank.move("pay_1", "awaiting_signature", "signed")
    paper_bank.book(MAIN, booked)
    state, other = files_core.banking.find_documents(["pay_1", "pay_2"], soon())
    assert isinstance(state, DocumentState)
    assert (state.status, state.edited) == (PaymentStatus.EXECUTED, {"purpose": "Оплата по договору 8"})
    assert isinstance(other, DocumentState)
    assert other.status is PaymentStatus.AWAITING_SIGNATURE
    assert "pay_1" in _entries(files_core)


def test_an_entry_that_fits_two_drafts_is_nobodys_until_the_bank_says_which(
    paper_bank: PaperBank, files_core: FilesCore
) -> None:
    files_core.banking.submit_documents([draft("pay_1"), draft("pay_2")], soon())
    paper_bank.work()
    paper_bank.book(MAIN, paper_bank.drafts["pay_1"].entry)
    paper_bank.tell({"document_id": "pay_1", "status": "signed"}, {"document_id": "pay_2", "status": "signed"})
    assert _entries(files_core) == [None]
    paper_bank.tell({"document_id": "pay_2", "status": "02"})
    assert _present(files_core) == ["pay_2"]
    assert _executed(files_core) == ["pay_2"]


def test_an_equal_payment_of_the_customer_executes_no_draft_that_nobody_signed(
    paper_bank: PaperBank, files_core: FilesCore
) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    paper_bank.book(MAIN, paper_bank.drafts["pay_1"].entry)
    assert (_present(files_core), _executed(files_core)) == ([None], [])
    paper_bank.move("pay_1", "awaiting_signature", "signed")  # the word may come after the statement
    assert (_present(files_core), _executed(files_core)) == (["pay_1"], ["pay_1"])


def test_an_entry_booked_before_the_draft_left_is_not_its_own(paper_bank: PaperBank, files_core: FilesCore) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    paper_bank.move("pay_1", "awaiting_signature", "signed")
    its_own = paper_bank.drafts["pay_1"].entry
    paper_bank.book(MAIN, replace(its_own, booking_date=dt.date(2026, 11, 19), value_date=dt.date(2026, 11, 19)))
    assert (_present(files_core), _executed(files_core)) == ([None], [])
    paper_bank.book(MAIN, its_own)
    assert _executed(files_core) == ["pay_1"]


def test_an_entry_that_was_told_before_the_draft_left_is_not_its_own(
    paper_bank: PaperBank, files_core: FilesCore, clock: FakeClock
) -> None:
    """The customer paid the same by hand in the morning; the service's draft is signed by mistake and refused."""
    files_core.banking.submit_documents([draft("pay_0")], soon())
    paper_bank.work()
    by_hand = paper_bank.drafts["pay_0"].entry
    paper_bank.move("pay_0", "awaiting_signature", "expired")
    clock.advance(hours=1)
    paper_bank.book(MAIN, by_hand)
    clock.advance(hours=1)
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    paper_bank.move("pay_1", "awaiting_signature", "signed")
    paper_bank.tell_statements([MAIN])
    assert (_present(files_core), _executed(files_core)) == ([None], [])
    clock.advance(hours=1)
    paper_bank.book(MAIN, replace(by_hand, purpose="Оплата по договору 7, вторая"))
    assert _executed(files_core) == ["pay_1"]


@pytest.mark.parametrize("number", ["101", "000101"])
def test_an_entry_taken_back_and_booked_again_executes_no_other_draft(
    paper_bank: PaperBank, files_core: FilesCore, number: str
) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    paper_bank.move("pay_1", "awaiting_signature", "signed")
    booked = paper_bank.book(MAIN, paper_bank.drafts["pay_1"].entry)
    files_core.banking.submit_documents([draft("pay_2")], soon())
    paper_bank.work()
    paper_bank.move("pay_2", "awaiting_signature", "signed")
    entry = paper_bank.books[MAIN].entries.pop(booked)
    paper_bank.tell_statements([MAIN])
    paper_bank.book(MAIN, replace(entry, number=number))
    assert _executed(files_core) == ["pay_1"]
    assert "pay_2" not in _present(files_core)


def test_a_withdrawal_is_a_file_and_its_answer_comes_later(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path
) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    for _ in range(2):
        asked = files_core.banking.withdraw_document("pay_1", "pay_1-w", soon())
        assert isinstance(asked, Unknown)
    assert [file.name for file in (exchange / "out").iterdir()] == ["withdrawal-pay_1-w.csv"]
    paper_bank.work()
    assert isinstance(files_core.banking.withdraw_document("pay_1", "pay_1-w", soon()), Accepted)
    assert list((exchange / "out").iterdir()) == []


def test_a_draft_that_the_bank_says_it_never_received_leaves_again(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path, clock: FakeClock
) -> None:
    for attempt in (1, 2, 3):
        files_core.banking.submit_documents([draft("pay_1")], soon())
        (lost,) = files_out(exchange)
        lost.unlink()
        files_core.banking.submit_documents([draft("pay_1")], soon())
        assert files_out(exchange) == []  # the bank may have taken it
        clock.advance(minutes=1)
        paper_bank.tell({"document_id": "pay_1", "status": "not_received", "reason": f"Файл утрачен, {attempt}"})
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    paper_bank.tell({"document_id": "pay_1", "status": "not_received", "reason": "Ошибка"})  # too late: it has a state
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    assert paper_bank.taken == ["pay_1"]


@pytest.mark.parametrize("minutes", [0, 60], ids=["told at once", "by a clock an hour ahead"])
def test_a_loss_told_again_in_the_list_of_the_day_sends_nothing_again(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path, clock: FakeClock, minutes: int
) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    files_out(exchange)[0].unlink()
    clock.advance(minutes=1)
    at = (clock.now() + dt.timedelta(minutes=minutes)).isoformat()
    lost = {"document_id": "pay_1", "status": "not_received", "at": at, "reason": "Файл утрачен"}
    paper_bank.tell(lost)
    clock.advance(minutes=1)
    files_core.banking.submit_documents([draft("pay_1")], soon())
    assert ids_out(exchange) == ["pay_1"]
    files_out(exchange)[0].unlink()  # the bank takes it and is slow to answer
    clock.advance(minutes=1)
    paper_bank.tell(lost, {"document_id": "other", "status": "01"})
    files_core.banking.submit_documents([draft("pay_1")], soon())
    assert ids_out(exchange) == []
    paper_bank.tell(lost, {"document_id": "pay_1", "status": "01"})
    assert isinstance(find(files_core, "pay_1"), DocumentState)


def test_a_loss_and_the_state_after_it_in_one_file_is_the_state(
    paper_bank: PaperBank, files_core: FilesCore, clock: FakeClock
) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    clock.advance(minutes=1)
    paper_bank.tell(
        {"document_id": "pay_1", "status": "not_received", "reason": "Файл утрачен"},
        {"document_id": "pay_1", "status": "01"},
    )
    assert isinstance(find(files_core, "pay_1"), DocumentState)


def test_a_draft_that_the_bank_lost_after_it_told_a_state_is_told_to_a_person_once(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path, clock: FakeClock
) -> None:
    banking = files_core.banking
    banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    before = banking.pull_document_events(None, 100, soon()).mark
    clock.advance(minutes=1)
    lost = {"document_id": "pay_1", "status": "not_received", "reason": "Файл", "at": clock.now().isoformat()}
    paper_bank.tell(lost)
    page = banking.pull_document_events(before, 100, soon())
    assert (page.events, list(page.unreadable)) == ((), ["pay_1"])
    paper_bank.tell(lost, {"document_id": "other", "status": "01"})  # the list of the day holds it again
    again = banking.pull_document_events(page.mark, 100, soon())
    assert ([one.document_id for one in again.events], again.unreadable) == (["other"], {})
    banking.submit_documents([draft("pay_1")], soon())
    assert ids_out(exchange) == []
    clock.advance(minutes=1)
    paper_bank.tell({"document_id": "pay_1", "status": "signed"})  # it was found
    found = find(files_core, "pay_1")
    assert isinstance(found, DocumentState)
    assert found.status is PaymentStatus.SIGNED


def test_an_ordered_statement_is_answered_by_a_file_made_after_it(
    paper_bank: PaperBank, files_core: FilesCore, clock: FakeClock
) -> None:
    day = dt.date(2026, 11, 19)
    order = CoreStatementOrder(id="sto_1", core_account_id=MAIN, date_from=day, date_to=day)
    for _ in range(2):
        files_core.banking.order_statement(order, soon())
    assert isinstance(files_core.banking.read_statement("sto_1", soon()), StatementPending)
    paper_bank.tell_statements([MAIN])  # another period is no answer
    assert isinstance(files_core.banking.read_statement("sto_1", soon()), StatementPending)
    paper_bank.work()
    told = files_core.banking.read_statement("sto_1", soon())
    assert isinstance(told, CoreStatement)
    assert (told.date_from, told.opening, told.entries) == (day, told.closing, ())
    files_core.banking.order_statement(replace(order, id="sto_2"), soon())
    paper_bank.tell({"document_id": "sto_2", "status": "statement_refused", "reason": "Период закрыт"})
    assert files_core.banking.read_statement("sto_2", soon()) == StatementRefused(
        order_id="sto_2", code="refused", reason="Период закрыт"
    )


def _without(*keys: str) -> Callable[[bytes], bytes]:
    def cut(data: bytes) -> bytes:
        lines = data.decode("windows-1251").splitlines()
        return "\r\n".join(line for line in lines if not line.startswith(keys)).encode("windows-1251")

    return cut


def _created_at(time_of_day: str) -> Callable[[bytes], bytes]:
    return lambda data: re.sub(rb"(\r\n[^\r\n=]+=)12:00:00", rb"\g<1>" + time_of_day.encode(), data)


ANSWERS = {
    "1C": lambda told: as_1c(told),
    "1C with a day and no time": lambda told: _without("ВремяСоздания")(as_1c(told)),
    "1C without a day": lambda told: _without("ВремяСоздания", "ДатаСоздания")(as_1c(told)),
    "1C with one digit of hours": lambda told: _created_at("9:05:00")(as_1c(replace(told, as_of=NOON))),
    "MT940 with its moment": lambda told: b"".join(mt940.render_statement(told)),
    "MT940 without words of ours": lambda told: re.sub(
        rb":86:/PER[^:]*\r\n-", b"-", b"".join(mt940.render_statement(told))
    ),
    "camt.053": lambda told: b"".join(camt053.render_statement(told)),
}
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=MOSCOW)


@pytest.mark.parametrize("kind", ANSWERS)
def test_usual_statement_files_answer_an_order(paper_bank: PaperBank, files_core: FilesCore, kind: str) -> None:
    clock, day = paper_bank.clock, dt.date(2026, 11, 19)
    clock.set(dt.datetime(2026, 11, 20, 8, tzinfo=MOSCOW))  # type: ignore[attr-defined]  # a FakeClock
    order = CoreStatementOrder(id="sto_1", core_account_id=MAIN, date_from=day, date_to=day)
    files_core.banking.order_statement(order, soon())
    clock.set(NOON + dt.timedelta(hours=1))  # type: ignore[attr-defined]
    paper_bank.put("answer", ANSWERS[kind](paper_bank.books[MAIN].statement(MAIN, day, day, NOON)))
    told = files_core.banking.read_statement("sto_1", soon())
    assert isinstance(told, CoreStatement)
    assert told.as_of >= dt.datetime(2026, 11, 20, 8, tzinfo=MOSCOW)


@pytest.mark.parametrize("made_at", [NOON - dt.timedelta(days=1), NOON - dt.timedelta(hours=5)])
@pytest.mark.parametrize("kind", ["1C", "1C with a day and no time"])
def test_a_file_made_before_the_order_is_no_answer(
    paper_bank: PaperBank, files_core: FilesCore, made_at: dt.datetime, kind: str
) -> None:
    clock, day = paper_bank.clock, dt.date(2026, 11, 19)
    clock.set(dt.datetime(2026, 11, 20, 8, tzinfo=MOSCOW))  # type: ignore[attr-defined]
    order = CoreStatementOrder(id="sto_1", core_account_id=MAIN, date_from=day, date_to=day)
    files_core.banking.order_statement(order, soon())
    paper_bank.put("answer", ANSWERS[kind](paper_bank.books[MAIN].statement(MAIN, day, day, made_at)))
    is_of_the_day = kind != "1C" and made_at.date() == NOON.date()
    expected = CoreStatement if is_of_the_day else StatementPending
    assert isinstance(files_core.banking.read_statement("sto_1", soon()), expected)
    paper_bank.put("later", as_1c(paper_bank.books[MAIN].statement(MAIN, day, day, NOON)))
    assert isinstance(files_core.banking.read_statement("sto_1", soon()), CoreStatement)

"""The sandbox meets the contract of a core on both databases, its year is believable, and its acts do what they say."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import sqlalchemy as sa

from adapter.connectors import Core, open_core
from adapter.connectors.options import CoreOptions
from adapter.connectors.sandbox import acts, documents, ledger, login, sample, seed, signing
from adapter.connectors.sandbox.calendar import is_working_day
from adapter.connectors.sandbox.life import live_a_year
from adapter.connectors.sandbox.opening import Sandbox
from adapter.domain.core import (
    Accepted,
    CoreDocument,
    CoreStatement,
    CoreStatementOrder,
    DocumentState,
    Refused,
    StatementRefused,
)
from adapter.domain.errors import CoreUnavailable, MarkUnknown
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty
from adapter.domain.payments import PaymentStatus
from adapter.domain.statements import Direction, DocumentType, EntryDetails
from oauth import LoginRefused, LoginRequest
from tests.connectors.benches import SandboxBench
from tests.connectors.conftest import BASE_URL, open_bank
from tests.connectors.core_contract import CoreContract, soon
from tests.fakes import FakeClock, core_document, entry_details, payment_order

TODAY = dt.date(2026, 11, 20)


class TestSandboxOnSqlite(CoreContract):
    @pytest.fixture
    def bench(self, sandbox: Sandbox, bank_clock: FakeClock) -> SandboxBench:
        return SandboxBench(sandbox, bank_clock)


class TestSandboxOnPostgresql(CoreContract):
    @pytest.fixture
    def bench(self, postgres_sandbox: Sandbox) -> SandboxBench:
        clock = postgres_sandbox.clock
        assert isinstance(clock, FakeClock)
        return SandboxBench(postgres_sandbox, clock)


# --- identifiers, checked by arithmetic that the product does not share -----------------------------------------------


def key_fits(bic: str, account: str) -> bool:
    digits = bic[6:9] + account
    return sum(int(digit) * weight for digit, weight in zip(digits, (7, 1, 3) * 8, strict=False)) % 10 == 0


def inn_fits(inn: str) -> bool:
    def check(weights: tuple[int, ...]) -> str:
        return str(sum(int(digit) * weight for digit, weight in zip(inn, weights, strict=False)) % 11 % 10)

    if len(inn) == 10:
        return inn[9] == check((2, 4, 10, 3, 5, 9, 4, 6, 8))
    ends = check((7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) + check((3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))
    return len(inn) == 12 and inn[10:] == ends


def test_the_checks_know_good_from_bad() -> None:
    assert key_fits("044030653", "40702810955230165464")
    assert not key_fits("044030653", "40702810955230165460")
    assert inn_fits("7830002293")
    assert inn_fits("500100732259")
    assert not inn_fits("7830002290")


@pytest.mark.parametrize("row", sample.read_rows("accounts"), ids=lambda row: row["id"])
def test_own_accounts_have_fitting_keys(row: sample.Row) -> None:
    assert key_fits(sample.SANDBOX_BIC, row["number"])


@pytest.mark.parametrize("row", sample.read_rows("counterparties"), ids=lambda row: row["name"])
def test_counterparties_are_well_formed(row: sample.Row) -> None:
    assert key_fits(row["bic"], row["account"])
    assert inn_fits(row["inn"])
    assert (row["kpp"] == "") == (len(row["inn"]) == 12)


@pytest.mark.parametrize("row", sample.read_rows("customers"), ids=lambda row: row["name"])
def test_customers_are_well_formed(row: sample.Row) -> None:
    assert inn_fits(row["inn"])
    assert (row["kpp"] == "") == (len(row["inn"]) == 12)


@pytest.mark.parametrize("row", sample.read_rows("banks"), ids=lambda row: row["name"])
def test_banks_are_well_formed(row: sample.Row) -> None:
    correspondent = row["correspondent_account"]
    digits = "0" + row["bic"][4:6] + correspondent
    assert len(row["bic"]) == 9
    assert sum(int(digit) * weight for digit, weight in zip(digits, (7, 1, 3) * 8, strict=False)) % 10 == 0


# --- the year ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def year() -> dict[str, list[EntryDetails]]:
    return live_a_year(sample.accounts(), TODAY)


def test_the_year_is_the_same_each_time(year: dict[str, list[EntryDetails]]) -> None:
    assert live_a_year(sample.accounts(), TODAY) == year


def test_the_year_has_a_few_thousand_entries_on_working_days(year: dict[str, list[EntryDetails]]) -> None:
    booked = [details for entries in year.values() for details in entries]
    assert 3_000 < len(booked) < 9_000
    assert all(is_working_day(details.booking_date) for details in booked)
    assert all(TODAY - dt.timedelta(days=365) <= details.booking_date <= TODAY for details in booked)


def test_no_balance_ever_falls_below_zero(year: dict[str, list[EntryDetails]]) -> None:
    for account in sample.accounts():
        balance = account.opening_kopecks
        for details in year.get(account.id, []):
            balance += ledger.signed_kopecks(details)
            assert balance >= 0, account.id


def test_the_year_has_what_a_company_lives_by(year: dict[str, list[EntryDetails]]) -> None:
    main = [details for account in ("vega-main", "lira-main") for details in year[account]]
    words = (
        "налоговый платеж",
        "Комиссия",
        "заработной платы",
        "Арендная плата",
        "по счету",
        "с картами",
        "собственных",
    )
    for word in words:
        assert any(word in details.purpose for details in main), word


def test_equal_fees_of_a_day_are_true_duplicates(year: dict[str, list[EntryDetails]]) -> None:
    fees = Counter(
        (details.booking_date, details.number, details.amount)
        for details in year["vega-main"]
        if details.document_type is DocumentType.BANK_ORDER
    )
    assert max(fees.values()) >= 2


def test_a_transfer_between_own_accounts_is_on_both(year: dict[str, list[EntryDetails]]) -> None:
    sides = [
        Counter((details.booking_date, details.number, details.amount) for details in year[account] if _is_own(details))
        for account in ("lira-main", "lira-second")
    ]
    assert sides[0] == sides[1]
    assert sides[0]


def _is_own(details: EntryDetails) -> bool:
    return "собственных" in details.purpose


def test_purposes_fit_their_field(year: dict[str, list[EntryDetails]]) -> None:
    assert all(0 < len(details.purpose) <= 210 for entries in year.values() for details in entries)


def test_taxes_follow_the_change_of_the_tax_office_kpp() -> None:
    booked = live_a_year(sample.accounts(), dt.date(2026, 1, 30))["vega-main"]
    taxes = {details.booking_date: details.counterparty.kpp for details in booked if details.budget}
    assert {kpp for day, kpp in taxes.items() if day < dt.date(2025, 12, 5)} == {"770801001"}
    assert {kpp for day, kpp in taxes.items() if day >= dt.date(2025, 12, 5)} == {"770701001"}


def test_an_empty_bank_is_filled_fast_and_only_once(tmp_path: Path) -> None:
    url, started = f"sqlite:///{tmp_path}/sandbox.db", time.monotonic()
    bank = open_bank(url, FakeClock())
    assert time.monotonic() - started < 10  # 0.4 s on an idle machine; the bound is for a crowded one
    before = bank.banking.read_balances(["vega-main"], soon())[0].booked
    bank.database.close()
    later = FakeClock()
    later.advance(days=30)
    bank = open_bank(url, later)
    assert bank.banking.read_balances(["vega-main"], soon())[0].booked == before
    bank.database.close()


# --- people -----------------------------------------------------------------------------------------------------------


def test_one_user_acts_for_two_companies(sandbox: Sandbox) -> None:
    found = sandbox.banking.find_customers("u-ivanova", soon())
    assert [one.customer_id for one in found] == ["vega", "lira"]
    assert all(one.may_give_consent for one in found)


def test_one_user_may_only_look_and_is_told_why(sandbox: Sandbox) -> None:
    (found,) = sandbox.banking.find_customers("u-kuznetsova", soon())
    assert not found.may_give_consent
    assert found.reason


def test_a_deposit_cannot_be_shared_and_says_why(sandbox: Sandbox) -> None:
    accounts = {one.core_id: one for one in sandbox.banking.list_accounts("vega", soon())}
    assert [one.core_id for one in accounts.values() if one.can_be_shared] == ["vega-main", "vega-market"]
    assert accounts["vega-deposit"].reason


# --- acts -------------------------------------------------------------------------------------------------------------


def submit(sandbox: Sandbox, document_id: str, account: str = "vega-main", **order: object) -> CoreDocument:
    customer = account.split("-")[0]
    document = core_document(document_id, account=account, customer=customer, order=payment_order(**order))  # type: ignore[arg-type]
    (result,) = sandbox.banking.submit_documents([document], soon())
    assert isinstance(result, Accepted)
    return document


def sign(sandbox: Sandbox, document_id: str, user: str = "u-ivanova") -> bool:
    with sandbox.database.transaction() as tx:
        return signing.sign(tx, document_id, user, sandbox.clock.now())


def state_of(sandbox: Sandbox, document_id: str) -> DocumentState:
    (state,) = sandbox.banking.find_documents([document_id], soon())
    assert isinstance(state, DocumentState)
    return state


def latest(sandbox: Sandbox, account: str) -> EntryDetails:
    with sandbox.database.reading() as connection:
        return ledger.list_latest(connection, account, 1, 0)[0][1]


def booked(sandbox: Sandbox, account: str) -> Money:
    return sandbox.banking.read_balances([account], soon())[0].booked


def test_where_two_signatures_are_needed_one_does_not_do(sandbox: Sandbox) -> None:
    submit(sandbox, "p-1", "kedr-main")
    assert sign(sandbox, "p-1", "u-petrov") is False
    assert state_of(sandbox, "p-1").status is PaymentStatus.AWAITING_SIGNATURE
    with pytest.raises(documents.ActRefused):
        sign(sandbox, "p-1", "u-petrov")
    assert sandbox.clock_step() == 0
    assert sign(sandbox, "p-1", "u-sidorova") is True
    assert sandbox.clock_step() == 1
    assert state_of(sandbox, "p-1").status is PaymentStatus.EXECUTED


def test_who_may_only_look_cannot_sign(sandbox: Sandbox) -> None:
    submit(sandbox, "p-1")
    with pytest.raises(documents.ActRefused):
        sign(sandbox, "p-1", "u-kuznetsova")
    assert sign(sandbox, "p-1") is True


def test_a_stranger_does_not_learn_that_a_document_exists(sandbox: Sandbox) -> None:
    submit(sandbox, "p-1")
    with pytest.raises(documents.UnknownDocument):
        sign(sandbox, "p-1", "u-petrov")


def test_a_signed_order_holds_its_money_and_execution_takes_it(sandbox: Sandbox) -> None:
    before = sandbox.banking.read_balances(["vega-main"], soon())[0]
    submit(sandbox, "p-1", amount="1000.00")
    sign(sandbox, "p-1")
    held = sandbox.banking.read_balances(["vega-main"], soon())[0]
    assert held.booked == before.booked
    assert held.available.amount == before.available.amount - 1000
    sandbox.clock_step()
    after = sandbox.banking.read_balances(["vega-main"], soon())[0]
    assert after.booked == after.available
    assert after.booked.amount == before.booked.amount - 1000


def test_an_order_beyond_the_balance_is_rejected_and_books_nothing(sandbox: Sandbox) -> None:
    before = booked(sandbox, "vega-main")
    submit(sandbox, "p-1", amount="999999999.00")
    sign(sandbox, "p-1")
    sandbox.clock_step()
    assert state_of(sandbox, "p-1").status is PaymentStatus.REJECTED
    assert state_of(sandbox, "p-1").reason == "Недостаточно средств на счёте"
    assert booked(sandbox, "vega-main") == before


def test_money_for_an_account_of_this_bank_arrives_there(sandbox: Sandbox) -> None:
    before = booked(sandbox, "smirnov-main")
    number = {one.core_id: one.number for one in sandbox.banking.list_accounts("smirnov", soon())}["smirnov-main"]
    payee = Counterparty(name="ИП Смирнов Олег Игоревич", inn="773456781222", account=number, bic=sample.SANDBOX_BIC)
    submit(sandbox, "p-1", amount="250.00", payee=payee)
    sign(sandbox, "p-1")
    sandbox.clock_step()
    assert booked(sandbox, "smirnov-main").amount == before.amount + 250
    arrived = latest(sandbox, "smirnov-main")
    assert (arrived.direction, arrived.counterparty.name) == (Direction.CREDIT, 'ООО "Вега"')


def test_a_blocked_account_takes_no_drafts(sandbox: Sandbox) -> None:
    document = core_document("p-1", account="kedr-blocked", customer="kedr")
    (result,) = sandbox.banking.submit_documents([document], soon())
    assert isinstance(result, Refused)
    assert result.code == "account_blocked"


def test_an_edit_takes_signatures_away_and_is_what_gets_executed(sandbox: Sandbox) -> None:
    submit(sandbox, "p-1", "kedr-main", amount="100.00")
    sign(sandbox, "p-1", "u-petrov")
    with sandbox.database.transaction() as tx:
        signing.edit(tx, "p-1", {"amount": "120,5", "number": "101"}, sandbox.clock.now())
    assert state_of(sandbox, "p-1").edited == {"amount": "120.50"}
    sign(sandbox, "p-1", "u-sidorova")
    assert state_of(sandbox, "p-1").status is PaymentStatus.AWAITING_SIGNATURE
    sign(sandbox, "p-1", "u-petrov")
    sandbox.clock_step()
    assert latest(sandbox, "kedr-main").amount == Money.of("120.50")


@pytest.mark.parametrize(
    "changes",
    [{"amount": "0"}, {"amount": "-5"}, {"amount": "x"}, {"amount": "1.234"}, {"date": "1"}, {"status": "signed"}],
)
def test_an_unreadable_edit_changes_nothing(sandbox: Sandbox, changes: dict[str, str]) -> None:
    submit(sandbox, "p-1")
    with pytest.raises(documents.ActRefused), sandbox.database.transaction() as tx:
        signing.edit(tx, "p-1", changes, sandbox.clock.now())
    assert state_of(sandbox, "p-1").edited == {}
    with sandbox.database.transaction() as tx:
        signing.edit(tx, "p-1", {"amount": "5"}, sandbox.clock.now())
    assert state_of(sandbox, "p-1").edited == {"amount": "5.00"}


def test_a_refused_draft_is_cancelled_and_cannot_be_signed(sandbox: Sandbox) -> None:
    submit(sandbox, "p-1")
    with sandbox.database.transaction() as tx:
        signing.refuse(tx, "p-1", "u-ivanova", sandbox.clock.now())
    assert state_of(sandbox, "p-1").status is PaymentStatus.CANCELLED
    with pytest.raises(documents.ActRefused):
        sign(sandbox, "p-1")


def test_a_memo_order_becomes_a_payment_order_under_its_id(sandbox: Sandbox) -> None:
    payee = sample.counterparties("supplier")[0]
    with sandbox.database.transaction() as tx:
        core_id = acts.charge_by_memo(tx, "vega-main", Money.of("10.00"), payee, "Списание", sandbox.clock.now())
    assert latest(sandbox, "vega-main").document_type is DocumentType.MEMORIAL_ORDER
    with sandbox.database.transaction() as tx:
        acts.settle_memo(tx, core_id, "321")
    settled = latest(sandbox, "vega-main")
    assert (settled.document_type, settled.number) == (DocumentType.PAYMENT_ORDER, "321")


@pytest.mark.parametrize(("before", "after"), [(2, 5), (5, 2)])
def test_changing_the_day_of_an_entry_tells_both_days_again(sandbox: Sandbox, before: int, after: int) -> None:
    bench = SandboxBench(sandbox, FakeClock())
    core_id = bench.book("vega-main", entry_details(day=TODAY - dt.timedelta(days=before)))
    mark = sandbox.banking.pull_entries("vega-main", None, 100_000, soon()).mark
    bench.change("vega-main", core_id, entry_details(day=TODAY - dt.timedelta(days=after)))
    page = sandbox.banking.pull_entries("vega-main", mark, 10, soon())
    assert [one.day for one in page.closed_days] == [TODAY - dt.timedelta(days=ago) for ago in (5, 4, 3, 2, 1)]


# --- login for a service ----------------------------------------------------------------------------------------------


def logged_in(sandbox: Sandbox) -> dict[str, str]:
    """What comes back with the browser after a login."""
    page = sandbox.login.begin(LoginRequest(return_url=f"{BASE_URL}/back?a=1", state="st&te", service_name="Учёт"))
    request_id = dict(parse_qsl(urlsplit(page).query))["request"]
    with sandbox.database.transaction() as tx:
        asked = login.find_request(tx, request_id, sandbox.clock.now())
        assert asked is not None
        back = login.accept_request(tx, asked, "u-ivanova", sandbox.clock.now())
    assert back.startswith(f"{BASE_URL}/back?a=1&")
    return dict(parse_qsl(urlsplit(back).query))


def test_a_login_tells_who_came_back(sandbox: Sandbox) -> None:
    reply = logged_in(sandbox)
    result = sandbox.login.finish(reply)
    assert reply["state"] == "st&te"
    assert (result.user_id, result.user_name, result.acr) == ("u-ivanova", "Иванова Анна Сергеевна", "otp")
    assert result.authenticated_at == sandbox.clock.now()


def test_a_ticket_serves_once(sandbox: Sandbox) -> None:
    reply = logged_in(sandbox)
    sandbox.login.finish(reply)
    with pytest.raises(LoginRefused):
        sandbox.login.finish(reply)


def test_a_ticket_lives_a_minute(sandbox: Sandbox, bank_clock: FakeClock) -> None:
    late, in_time = logged_in(sandbox), logged_in(sandbox)
    bank_clock.advance(seconds=59)
    sandbox.login.finish(in_time)
    bank_clock.advance(seconds=2)
    with pytest.raises(LoginRefused):
        sandbox.login.finish(late)


@pytest.mark.parametrize("spoil", [{"state": "other"}, {"ticket": "x"}, {"error": "access_denied"}])
def test_a_spoilt_reply_is_refused_and_the_right_one_still_works(sandbox: Sandbox, spoil: dict[str, str]) -> None:
    reply = logged_in(sandbox)
    with pytest.raises(LoginRefused):
        sandbox.login.finish({**reply, **spoil})
    assert sandbox.login.finish(reply).user_id == "u-ivanova"


def test_an_empty_reply_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(LoginRefused):
        sandbox.login.finish({})


# --- opening ----------------------------------------------------------------------------------------------------------


def test_only_known_cores_open(tmp_path: Path) -> None:
    nowhere = sa.create_engine("sqlite://")  # the sandbox keeps nothing in the product's database

    def opened(name: str) -> Core:
        options = CoreOptions(
            core=name, issuer=BASE_URL, bank_name="Банк", sandbox_database_url=f"sqlite:///{tmp_path}/s.db"
        )
        return open_core(options, clock=FakeClock(), reader=nowhere, writer=nowhere)

    with pytest.raises(ValueError, match="no core"):
        opened("mainframe")
    core = opened("sandbox")
    assert core.banking.probe(soon()).is_up
    core.close()


def test_the_sandbox_needs_a_file() -> None:
    with pytest.raises(ValueError, match="file"):
        open_bank("sqlite:///:memory:", FakeClock())


def test_a_batch_beyond_the_limit_is_a_mistake_of_the_caller(sandbox: Sandbox) -> None:
    document = core_document("p-0", account="vega-main", customer="vega")
    batch = [replace(document, id=f"p-{number}") for number in range(1001)]
    with pytest.raises(ValueError, match="1000"):
        sandbox.banking.submit_documents(batch, soon())
    assert len(sandbox.banking.submit_documents(batch[:1000], soon())) == 1000


def test_the_mark_of_an_account_not_known_yet_is_read_again(sandbox: Sandbox) -> None:
    page = sandbox.banking.pull_entries("nobody", None, 10, soon())
    assert sandbox.banking.pull_entries("nobody", page.mark, 10, soon()) == page
    known = sample.accounts()[0].id
    first = sandbox.banking.pull_entries(known, None, 10, soon())
    assert sandbox.banking.pull_entries(known, page.mark, 10, soon()) == first


def test_a_database_locked_for_too_long_is_a_core_that_does_not_answer(sandbox: Sandbox) -> None:
    with pytest.raises(CoreUnavailable), sandbox.database.reading():
        raise sa.exc.OperationalError("SELECT", {}, Exception("database is locked"))
    with sandbox.database.reading() as connection:
        assert connection.scalar(sa.select(1)) == 1


# --- marks of a bank that was replaced --------------------------------------------------------------------------------


def copy_of(database: Path, to: Path) -> None:
    """What a backup would hold."""
    with sqlite3.connect(database) as here, sqlite3.connect(to) as there:
        here.backup(there)


def test_marks_of_a_bank_that_was_emptied_are_not_known(sandbox: Sandbox) -> None:
    mark = sandbox.banking.pull_entries("vega-main", None, 10, soon()).mark
    events_mark = sandbox.banking.pull_document_events(None, 10, soon()).mark
    sandbox.database.drop_tables()
    sandbox.database.create_tables()
    with sandbox.database.transaction() as tx:
        seed.fill_if_empty(tx, sandbox.clock.now())
    with pytest.raises(MarkUnknown):
        sandbox.banking.pull_entries("vega-main", mark, 10, soon())
    with pytest.raises(MarkUnknown):
        sandbox.banking.pull_document_events(events_mark, 10, soon())
    assert sandbox.banking.pull_entries("vega-main", None, 10, soon()).entries


@pytest.mark.parametrize("booked_after", [0, 1, 3])
def test_a_bank_restored_from_an_earlier_day_does_not_know_later_marks(
    sandbox: Sandbox, tmp_path: Path, booked_after: int
) -> None:
    before = sandbox.banking.pull_entries("vega-main", None, 100_000, soon()).mark
    copy_of(tmp_path / "sandbox.db", tmp_path / "restored.db")
    SandboxBench(sandbox, FakeClock()).book("vega-main", entry_details(number="1"))
    after = sandbox.banking.pull_entries("vega-main", None, 100_000, soon()).mark
    restored = open_bank(f"sqlite:///{tmp_path}/restored.db", FakeClock())
    for _ in range(booked_after):
        SandboxBench(restored, FakeClock()).book("vega-main", entry_details(number="2"))
    with pytest.raises(MarkUnknown):
        restored.banking.pull_entries("vega-main", after, 10, soon())
    assert len(restored.banking.pull_entries("vega-main", before, 10, soon()).entries) == booked_after
    restored.database.close()


@pytest.mark.parametrize("submitted_after", [0, 1, 3])
def test_a_restored_bank_does_not_know_later_marks_of_events(
    sandbox: Sandbox, tmp_path: Path, submitted_after: int
) -> None:
    submit(sandbox, "p-0")
    before = sandbox.banking.pull_document_events(None, 10, soon()).mark
    copy_of(tmp_path / "sandbox.db", tmp_path / "restored.db")
    submit(sandbox, "p-1")
    after = sandbox.banking.pull_document_events(None, 10, soon()).mark
    restored = open_bank(f"sqlite:///{tmp_path}/restored.db", FakeClock())
    for number in range(submitted_after):
        submit(restored, f"q-{number}")
    with pytest.raises(MarkUnknown):
        restored.banking.pull_document_events(after, 10, soon())
    assert len(restored.banking.pull_document_events(before, 10, soon()).events) == submitted_after
    restored.database.close()


def test_a_bank_of_an_older_version_opens_and_keeps_what_comes_now(sandbox: Sandbox) -> None:
    submit(sandbox, "p-1")
    with sandbox.database.transaction() as tx:
        for column in ("origin", "submitted_order"):
            tx.exec_driver_sql(f"ALTER TABLE sandbox_documents DROP COLUMN {column}")
    sandbox.database.create_tables()
    assert state_of(sandbox, "p-1").document is None
    document = submit(sandbox, "p-2")
    assert state_of(sandbox, "p-2").document == document


# --- statements beside the feed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "days", "code"), [("nobody", 0, "unknown_account"), ("vega-main", 1, "wrong_period")]
)
def test_a_statement_that_cannot_be_is_refused(sandbox: Sandbox, account: str, days: int, code: str) -> None:
    day = TODAY + dt.timedelta(days=days)
    order = CoreStatementOrder(id="st-1", core_account_id=account, date_from=TODAY, date_to=day)
    sandbox.banking.order_statement(order, soon())
    answer = sandbox.banking.read_statement("st-1", soon())
    assert isinstance(answer, StatementRefused)
    assert answer.code == code
    good = CoreStatementOrder(id="st-2", core_account_id="vega-main", date_from=TODAY, date_to=TODAY)
    sandbox.banking.order_statement(good, soon())
    assert isinstance(sandbox.banking.read_statement("st-2", soon()), CoreStatement)

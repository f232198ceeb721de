from __future__ import annotations

import datetime as dt
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.banks import Bank
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.domain.statements import Direction, DocumentType, Entry, EntryDetails, Statement
from adapter.formats.onec_exchange import Encoding, parse_orders, parse_statements, render_orders, render_statement
from adapter.formats.onec_exchange.encoder import encode
from tests.formats.onec_files import GOLDEN, OTHER, OWN

ACCOUNT = Account(
    id="acc_1",
    customer_id="cus_1",
    core_id="1",
    number=OWN,
    bic="044030653",
    currency="RUB",
    name="Расчётный",
    owner=Party(name='ООО "Ромашка" 100%', inn="7830002293", kpp="783001001"),
    status=AccountStatus.OPEN,
)
CUSTOMER = Counterparty(
    name="ИП Иванов Иван Иванович",
    inn="500100732259",
    account=OTHER,
    bic="045004864",
    bank_name="СИБИРСКИЙ БАНК г. Новосибирск",
    correspondent_account="30101810500000000864",
)
RECEIPT = EntryDetails(
    direction=Direction.CREDIT,
    amount=Money.of("300.00"),
    document_type=DocumentType.PAYMENT_ORDER,
    number="77",
    date=dt.date(2026, 11, 19),
    booking_date=dt.date(2026, 11, 20),
    value_date=dt.date(2026, 11, 20),
    counterparty=CUSTOMER,
    purpose="Оплата по договору 5, НДС не облагается",
    priority=5,
)
TAX = EntryDetails(
    direction=Direction.DEBIT,
    amount=Money.of("50.00"),
    document_type=DocumentType.PAYMENT_ORDER,
    number="5",
    date=dt.date(2026, 11, 21),
    booking_date=dt.date(2026, 11, 21),
    value_date=dt.date(2026, 11, 21),
    counterparty=Counterparty(
        name="Казначейство России (ФНС России)",
        inn="7727406020",
        kpp="770701001",
        account="03100643000000018500",
        bic="017003983",
        correspondent_account="40102810445370000059",
    ),
    purpose="Единый налоговый платёж",
    priority=5,
    uin="18209965144380684245",
    budget=BudgetDetails(drawer_status="01", kbk="18201061201010000510", oktmo="0"),
)
FEE = replace(
    TAX,
    document_type=DocumentType.BANK_ORDER,
    counterparty=Counterparty(name="Банк"),
    budget=None,
    uin=None,
    priority=None,
    purpose="Комиссия",
)


def entry_of(details: EntryDetails) -> Entry:
    return Entry(id="ent_1", account_id="acc_1", version=1, details=details)


def statement_of(
    *details: EntryDetails, entries: Iterable[Entry] | None = None, account: Account = ACCOUNT
) -> Statement:
    credits = sum((each.amount.kopecks for each in details if each.direction is Direction.CREDIT), 0)
    debits = sum((each.amount.kopecks for each in details if each.direction is Direction.DEBIT), 0)
    return Statement(
        account=account,
        date_from=dt.date(2026, 11, 20),
        date_to=dt.date(2026, 11, 21),
        opening_balance=Money.of("1000.00"),
        closing_balance=Money.from_kopecks(100_000 + credits - debits),
        total_credits=Money.from_kopecks(credits),
        total_debits=Money.from_kopecks(debits),
        credit_entries=sum(each.direction is Direction.CREDIT for each in details),
        debit_entries=sum(each.direction is Direction.DEBIT for each in details),
        entries=entries if entries is not None else [entry_of(each) for each in details],
        as_of=dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC),
        complete_through=None,
    )


STATEMENT = statement_of(RECEIPT, TAX, FEE)


def rendered(statement: Statement, encoding: Encoding = "windows-1251") -> bytes:
    return b"".join(render_statement(statement, encoding))


def purpose_in_file(purpose: str, encoding: Encoding = "windows-1251") -> str:
    """How a purpose reads after it was written and read back."""
    (statement,) = parse_statements(rendered(statement_of(replace(RECEIPT, purpose=purpose)), encoding)).statements
    return next(iter(statement.entries)).details.purpose


def test_a_statement_is_written_as_the_golden_file() -> None:
    assert rendered(STATEMENT) == (GOLDEN / "statement.txt").read_bytes()


def test_utf8_holds_the_same_text_and_says_so() -> None:
    text = rendered(STATEMENT).decode("cp1251")
    assert rendered(STATEMENT, "utf-8").decode() == text.replace("Кодировка=Windows", "Кодировка=UTF-8")


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8", "cp866"])
def test_every_line_ends_with_crlf_and_nothing_else_breaks_a_line(encoding: Encoding) -> None:
    data = rendered(STATEMENT, encoding)
    assert data.count(b"\n") == data.count(b"\r") == data.count(b"\r\n")
    assert data.endswith("КонецФайла\r\n".encode(encoding))


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8", "cp866"])
def test_what_was_written_reads_back_without_a_warning(encoding: Encoding) -> None:
    parsed = parse_statements(rendered(STATEMENT, encoding))
    (statement,) = parsed.statements
    assert parsed.warnings == ()
    assert [entry.details for entry in statement.entries] == [RECEIPT, TAX, FEE]
    assert (statement.account.number, statement.account.bic) == (ACCOUNT.number, ACCOUNT.bic)
    assert statement.account.owner == ACCOUNT.owner
    assert (statement.opening_balance, statement.closing_balance) == (Money.of("1000.00"), Money.of("1200.00"))
    assert statement.as_of == STATEMENT.as_of


def test_the_time_in_the_header_is_of_moscow() -> None:
    text = rendered(STATEMENT).decode("cp1251")
    assert "ДатаСоздания=21.11.2026\r\nВремяСоздания=12:30:00\r\n" in text
    night = replace(STATEMENT, as_of=dt.datetime(2026, 11, 21, 22, 0, tzinfo=dt.UTC))
    assert "ДатаСоздания=22.11.2026\r\nВремяСоздания=01:00:00\r\n" in rendered(night).decode("cp1251")


def test_an_empty_statement_is_a_whole_file() -> None:
    parsed = parse_statements(rendered(statement_of()))
    assert (list(parsed.statements[0].entries), parsed.warnings) == ([], ())


@pytest.mark.parametrize(
    "purpose", ["Оплата\r\nСумма=1", "Оплата\nКонецДокумента", "Оплата\rНомер=1", "а\x00б\x1aв", "а\u2028б\x85в"]
)
def test_no_value_can_forge_a_line(purpose: str) -> None:
    data = rendered(statement_of(replace(RECEIPT, purpose=purpose)))
    assert data.count(b"\r\n") == rendered(statement_of(RECEIPT)).count(b"\r\n")
    (statement,) = parse_statements(data).statements
    (entry,) = statement.entries
    assert entry.details.amount == RECEIPT.amount
    assert entry.details.number == RECEIPT.number


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("100 ₽", "100 руб."),
        ("5 ≤ 6 → да", "5 <= 6 -> да"),
        ("Café Ōsaka", "Cafe Osaka"),
        ("и\u0306", "й"),
        ("\ufb01n", "fin"),
        ("😀 и 漢", "? и ?"),
        ("№ § « » — “ ” € ґ", "№ § « » — “ ” € ґ"),
        ("а\u200bб", "а б"),
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_characters_outside_windows_1251_are_substituted_and_never_dropped(written: str, read: str) -> None:
    assert purpose_in_file(written) == read


def test_utf8_substitutes_nothing_that_can_be_printed() -> None:
    assert purpose_in_file("100 ₽ 😀 漢", "utf-8") == "100 ₽ 😀 漢"
    assert purpose_in_file("а\ud800б", "utf-8") == "а б"


def test_cp866_holds_the_same_text_and_says_so() -> None:
    text = rendered(STATEMENT).decode("cp1251")
    assert rendered(STATEMENT, "cp866").decode("cp866") == text.replace("Кодировка=Windows", "Кодировка=DOS")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("№ ° · Ёё Ўў Єє Її", "№ ° · Ёё Ўў Єє Її"),
        ("«Ромашка» — “а” ’б’", '"Ромашка" - "а" \'б\''),
        ("100 ₽, 5 €, § 7…", "100 руб., 5 EUR, п. 7..."),
        ("± © ® ™ µ ‰", "+/- (c) (R) (TM) мк o/oo"),
        ("Café Ōsaka ґ і", "Cafe Osaka г i"),
        ("и\u0306", "й"),
        ("😀 и 漢", "? и ?"),
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_characters_outside_cp866_are_substituted_and_never_dropped(written: str, read: str) -> None:
    assert purpose_in_file(written, "cp866") == read


@pytest.mark.parametrize("encoding", ["windows-1251", "cp866"])
def test_every_character_of_an_encoding_is_its_own_byte(encoding: Encoding) -> None:
    data = bytes(range(0x80, 0x100))
    known = data.decode(encoding, "ignore")
    assert encode(known, encoding).decode(encoding) == known
    assert len(known) >= 127


@pytest.mark.parametrize("details", [RECEIPT, TAX])
def test_the_bank_of_the_account_is_named_on_its_side(details: EntryDetails) -> None:
    correspondent_account = "30101810500000000653"
    bank = Bank(bic=ACCOUNT.bic, name='АО "Заря"', place="г. Псков", correspondent_account=correspondent_account)
    data = rendered(replace(statement_of(details), bank=bank))
    side = "Получатель" if details is RECEIPT else "Плательщик"
    assert f'{side}Банк1=АО "Заря" г. Псков\r\n' in data.decode("cp1251")
    assert f"{side}Корсчет={correspondent_account}\r\n" in data.decode("cp1251")
    (read,) = parse_statements(data).statements
    assert read.bank == replace(bank, name='АО "Заря" г. Псков', place=None)
    assert [entry.details for entry in read.entries] == [details]


def test_a_percent_sign_in_a_name_is_only_a_sign() -> None:
    account = replace(ACCOUNT, owner=Party(name="100 %s %d %"))
    (statement,) = parse_statements(rendered(statement_of(RECEIPT, account=account))).statements
    assert statement.account.owner.name == "100 %s %d %"


def test_a_long_statement_takes_no_more_memory_than_a_short_one() -> None:
    def stream(count: int) -> Iterator[Entry]:
        return (entry_of(RECEIPT) for _ in range(count))

    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in render_statement(statement_of(entries=stream(count)), "windows-1251"):
            pass
        return tracemalloc.get_traced_memory()[1]

    try:
        short, long = peak(300), peak(3_000)
    finally:
        tracemalloc.stop()
    assert long < short * 1.2


def test_chunks_come_before_the_last_entry_is_read() -> None:
    def endless() -> Iterator[Entry]:
        while True:
            yield entry_of(RECEIPT)

    chunks = render_statement(statement_of(entries=endless()), "windows-1251")
    assert all(next(chunks) for _ in range(3))


ORDER = PaymentOrder(
    number="12",
    date=dt.date(2026, 11, 21),
    amount=Money.of("1500.50"),
    payee=CUSTOMER,
    purpose="Оплата",
    payer_account=OWN,
    payer=ACCOUNT.owner,
    priority=3,
    uin="1234",
    income_type_code="1",
    payment_kind="Срочно",
    budget=TAX.budget,
)


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8"])
def test_orders_read_back_as_they_were_written(encoding: Encoding) -> None:
    orders = [ORDER, replace(ORDER, number="13", budget=None, payer=None, uin=None)]
    parsed = parse_orders(render_orders(orders, encoding))
    assert [line.order for line in parsed.orders] == orders
    assert (parsed.warnings, parsed.errors) == ((), ())


def test_a_file_without_orders_is_a_whole_file() -> None:
    parsed = parse_orders(render_orders([]))
    assert [error.code for error in parsed.errors] == ["no_documents"]
    assert parsed.warnings == ()


def test_an_order_without_a_payer_account_is_written_without_one() -> None:
    order = replace(ORDER, payer_account=None, payer=None)
    parsed = parse_orders(render_orders([order]))
    assert parsed.orders[0].order == order

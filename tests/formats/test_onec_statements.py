from __future__ import annotations

import datetime as dt

import pytest

from adapter.domain.errors import UnreadableFile
from adapter.domain.statements import Direction, DocumentType, EntryDetails, ParsedStatements
from adapter.formats.onec_exchange import parse_statements
from tests.formats.onec_files import BALANCES, FEE, OTHER, OWN, RECEIPT, STATEMENT, as_bytes, changed, line_of

NO_BALANCES = changed(STATEMENT, (BALANCES, ""))
NO_ACCOUNT = changed(NO_BALANCES, (f"РасчСчет={OWN}\n", ""))


def read(text: str) -> ParsedStatements:
    return parse_statements(as_bytes(text))


def codes_of(parsed: ParsedStatements) -> list[str]:
    return [warning.code for warning in parsed.warnings]


def first_details(parsed: ParsedStatements) -> EntryDetails:
    return next(iter(parsed.statements[0].entries)).details


def test_a_statement_tells_its_account_period_and_balances() -> None:
    (statement,) = read(STATEMENT).statements
    account = statement.account
    assert (account.number, account.bic, account.currency) == (OWN, "044030653", "RUB")
    assert (account.owner.name, account.owner.inn, account.owner.kpp) == ('ООО "Ромашка"', "7830002293", "783001001")
    assert (statement.date_from, statement.date_to) == (dt.date(2026, 11, 20), dt.date(2026, 11, 21))
    balances = (statement.opening_balance, statement.total_credits, statement.total_debits, statement.closing_balance)
    assert list(map(str, balances)) == ["1000.00", "300.00", "50.00", "1250.00"]
    assert statement.as_of == dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)


def test_an_entry_tells_the_other_side_and_its_dates() -> None:
    details = first_details(read(STATEMENT))
    assert (details.counterparty.name, details.counterparty.account) == ("ИП Иванов", OTHER)
    assert (details.date, details.booking_date) == (dt.date(2026, 11, 19), dt.date(2026, 11, 20))
    assert (details.document_type, details.priority) == (DocumentType.PAYMENT_ORDER, 5)


def test_a_statement_never_fails_on_a_bad_key() -> None:
    parsed = read(changed(STATEMENT, (OTHER, "40802810000000000000"), ("500100732259", "12")))
    assert first_details(parsed).counterparty.inn == "12"
    assert codes_of(parsed) == []


@pytest.mark.parametrize(
    ("kind", "code", "known"),
    [
        ("Платежное поручение", "17", DocumentType.BANK_ORDER),  # the code is filled more carefully than the name
        ("Мемориальный ордер", "", DocumentType.MEMORIAL_ORDER),
        ("Прочее", "", DocumentType.OTHER),
        ("Платёжный ордер", "16", DocumentType.PAYMENT_WARRANT),
    ],
)
def test_the_kind_of_a_document_is_told_by_its_code_or_its_name(kind: str, code: str, known: DocumentType) -> None:
    parsed = read(changed(STATEMENT, ("Платежное поручение", kind), ("ВидОплаты=01", f"ВидОплаты={code}")))
    assert (first_details(parsed).document_type, codes_of(parsed)) == (known, [])


def test_an_unknown_kind_is_told_and_kept_as_other() -> None:
    parsed = read(changed(STATEMENT, ("Платежное поручение", "Объявление"), ("ВидОплаты=01", "ВидОплаты=99")))
    assert (first_details(parsed).document_type, codes_of(parsed)) == (DocumentType.OTHER, ["kind_unknown"])


def test_a_priority_that_is_none_is_told() -> None:
    parsed = read(changed(STATEMENT, ("Очередность=5", "Очередность=вне")))
    assert (first_details(parsed).priority, codes_of(parsed)) == (None, ["priority_unclear"])


def test_a_uin_of_digits_is_kept() -> None:
    parsed = read(changed(STATEMENT, ("Номер=77", "Номер=77\nКод=18209965144380684245")))
    assert first_details(parsed).uin == "18209965144380684245"


def test_a_document_without_its_own_date_takes_the_booking_date() -> None:
    parsed = read(changed(STATEMENT, ("Дата=19.11.2026\n", "")))
    assert (first_details(parsed).date, codes_of(parsed)) == (dt.date(2026, 11, 20), [])


def test_a_document_without_any_date_is_refused() -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(changed(STATEMENT, ("Дата=19.11.2026\n", ""), ("ДатаПоступило=20.11.2026\n", "")))
    assert [(error.field, error.code) for error in refused.value.errors] == [("Дата", "required")]


def test_everything_unreadable_is_told_at_once_with_its_lines() -> None:
    text = changed(
        STATEMENT,
        ("КонечныйОстаток=1250.00", "КонечныйОстаток=?"),
        ("Сумма=300.00", "Сумма=?"),
        ("Дата=21.11.2026", "Дата=?"),
    )
    with pytest.raises(UnreadableFile) as refused:
        read(text)
    assert [(error.field, error.line) for error in refused.value.errors] == [
        ("КонечныйОстаток", line_of(text, "КонечныйОстаток")),
        ("Сумма", line_of(text, "Сумма=?")),
        ("Дата", line_of(text, "Дата=?")),
    ]


def test_without_balances_the_documents_tell_the_totals() -> None:
    parsed = read(NO_BALANCES)
    (statement,) = parsed.statements
    figures = (statement.opening_balance, statement.total_credits, statement.total_debits, statement.closing_balance)
    assert list(map(str, figures)) == ["0.00", "300.00", "50.00", "250.00"]
    assert codes_of(parsed) == ["balance_missing"]


def test_a_missing_opening_balance_follows_from_the_closing_one() -> None:
    parsed = read(changed(STATEMENT, ("НачальныйОстаток=1000.00\n", "")))
    assert str(parsed.statements[0].opening_balance) == "1000.00"
    assert codes_of(parsed) == ["balance_missing"]


def test_a_missing_closing_balance_follows_from_the_opening_one() -> None:
    parsed = read(changed(STATEMENT, ("КонечныйОстаток=1250.00\n", "")))
    assert (str(parsed.statements[0].closing_balance), codes_of(parsed)) == ("1250.00", ["balance_missing"])


def test_an_overdraft_is_a_negative_balance() -> None:
    parsed = read(changed(STATEMENT, ("=1000.00", "=-1000.00"), ("=1250.00", "=-750.00")))
    assert (str(parsed.statements[0].opening_balance), codes_of(parsed)) == ("-1000.00", [])


def test_balances_without_an_account_belong_to_the_only_one() -> None:
    text = changed(STATEMENT, (f"ДатаКонца=21.11.2026\nРасчСчет={OWN}\nНач", "ДатаКонца=21.11.2026\nНач"))
    parsed = read(text)
    assert (str(parsed.statements[0].opening_balance), codes_of(parsed)) == ("1000.00", ["account_missing"])


def test_balances_of_nobody_are_refused() -> None:
    text = changed(NO_ACCOUNT, ("СекцияДокумент", changed(BALANCES, (f"РасчСчет={OWN}\n", "")) + "СекцияДокумент"))
    with pytest.raises(UnreadableFile) as refused:
        read(text)
    assert refused.value.errors[0].code == "required"


def test_an_account_that_only_a_balance_section_names_has_a_statement() -> None:
    parsed = read(changed(STATEMENT, (f"РасчСчет={OWN}\nСекция", "Секция")))
    assert [statement.account.number for statement in parsed.statements] == [OWN]


def test_a_document_of_a_stranger_goes_to_the_account_by_the_date() -> None:
    parsed = read(changed(STATEMENT, (f"ПолучательСчет={OWN}", "ПолучательСчет=40702810000000000001")))
    assert first_details(parsed).direction is Direction.CREDIT
    assert codes_of(parsed) == ["owner_unclear"]


def test_without_any_account_the_first_document_tells_it() -> None:
    text = changed(NO_ACCOUNT, (RECEIPT, ""))
    parsed = read(text)
    assert parsed.statements[0].account.number == OWN
    assert first_details(parsed).direction is Direction.DEBIT
    assert codes_of(parsed) == ["owner_unclear", "balance_missing"]


def test_a_file_that_names_no_account_at_all_is_refused() -> None:
    no_documents = changed(NO_ACCOUNT, (RECEIPT + FEE, ""))
    nameless = changed(NO_ACCOUNT, (RECEIPT, ""), (f"ПлательщикСчет={OWN}\n", ""))
    for text in (no_documents, nameless):
        with pytest.raises(UnreadableFile) as refused:
            read(text)
        assert refused.value.errors[0].code == "no_account"


def test_the_period_comes_from_the_header_or_from_the_entries() -> None:
    (statement,) = read(NO_BALANCES).statements
    assert (statement.date_from, statement.date_to) == (dt.date(2026, 11, 20), dt.date(2026, 11, 21))
    (statement,) = read(changed(NO_BALANCES, ("ДатаНачала=20.11.2026\nДатаКонца=21.11.2026\n", ""))).statements
    assert (statement.date_from, statement.date_to) == (dt.date(2026, 11, 20), dt.date(2026, 11, 21))


def test_a_file_that_names_no_period_is_refused() -> None:
    text = changed(NO_BALANCES, ("ДатаНачала=20.11.2026\nДатаКонца=21.11.2026\n", ""), (RECEIPT + FEE, ""))
    with pytest.raises(UnreadableFile) as refused:
        read(text)
    assert refused.value.errors[0].code == "no_period"


@pytest.mark.parametrize(
    ("before", "after", "as_of"),
    [
        ("ВремяСоздания=12:30:00", "ВремяСоздания=полдень", dt.datetime(2026, 11, 20, 21, tzinfo=dt.UTC)),
        (
            "ДатаСоздания=21.11.2026",
            "ДатаСоздания=",
            dt.datetime(2026, 11, 21, 20, 59, 59, 999999, tzinfo=dt.UTC),
        ),
    ],
)
def test_the_moment_of_a_statement_is_never_missing(before: str, after: str, as_of: dt.datetime) -> None:
    assert read(changed(STATEMENT, (before, after))).statements[0].as_of == as_of


def test_the_currency_follows_from_the_account() -> None:
    parsed = read(STATEMENT.replace(OWN, "40702840955230165464"))
    assert parsed.statements[0].account.currency == "USD"
    assert first_details(parsed).amount.currency == "USD"


def test_the_account_owner_is_the_first_one_named() -> None:
    second = changed(RECEIPT, ('Получатель1=ООО "Ромашка"', "Получатель1=Иное"))
    parsed = read(changed(STATEMENT, (FEE, second + FEE)))
    assert parsed.statements[0].account.owner.name == 'ООО "Ромашка"'

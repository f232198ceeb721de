"""Oddities of real files, each made from a small clean file: what is read, what is told, at which line."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from adapter.domain.errors import UnreadableFile
from adapter.domain.statements import Direction, Statement
from adapter.formats.onec_exchange import parse_statements
from tests.formats.onec_files import (
    BALANCES,
    FEE,
    OTHER,
    OWN,
    RECEIPT,
    SECOND_OWN,
    STATEMENT,
    as_bytes,
    changed,
    line_of,
)


def read(text: str, encoding: str = "cp1251", line_end: str = "\r\n") -> tuple[Statement, list[tuple[int, str]]]:
    """The only statement of a file, and its warnings as (line, code)."""
    return read_bytes(as_bytes(text, encoding, line_end))


def read_bytes(data: bytes) -> tuple[Statement, list[tuple[int, str]]]:
    parsed = parse_statements(data)
    (statement,) = parsed.statements
    return statement, [(warning.line, warning.code) for warning in parsed.warnings]


CLEAN, NO_WARNINGS = read(STATEMENT)


def same(statement: Statement) -> bool:
    """Whether a statement reads as the clean file, wherever its documents stand."""
    return plain(statement) == plain(CLEAN)


def plain(statement: Statement) -> tuple[object, ...]:
    details = tuple(entry.details for entry in statement.entries)
    return (statement.account, statement.date_from, statement.date_to, statement.opening_balance, details)


def test_the_clean_file_reads_without_a_warning() -> None:
    assert NO_WARNINGS == []
    assert [entry.details.direction for entry in CLEAN.entries] == [Direction.CREDIT, Direction.DEBIT]


# Encoding and bytes


def test_01_the_header_says_windows_and_the_body_is_utf8() -> None:
    statement, warnings = read(STATEMENT, "utf-8")
    assert same(statement)
    assert warnings == [(line_of(STATEMENT, "Кодировка"), "encoding_differs")]


def test_02_a_dos_file_is_cp866() -> None:
    statement, warnings = read(changed(STATEMENT, ("=Windows", "=DOS")), "cp866")
    assert (same(statement), warnings) == (True, [])


@pytest.mark.parametrize(
    ("name", "encoding"), [("windows", "cp1251"), ("windows-1251", "cp1251"), ("dos", "cp866"), ("utf-8", "utf-8")]
)
def test_03_other_names_of_the_encoding_are_understood(name: str, encoding: str) -> None:
    statement, warnings = read(changed(STATEMENT, ("=Windows", f"={name}")), encoding)
    assert same(statement)
    assert warnings == [(3, "encoding_spelling")]


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "utf-8"])
def test_04_without_an_encoding_the_keys_tell_it(encoding: str) -> None:
    statement, warnings = read(changed(STATEMENT, ("Кодировка=Windows\n", "")), encoding)
    assert same(statement)
    assert warnings == [(1, "encoding_missing")]


def test_05_a_byte_order_mark_before_the_marker_is_skipped() -> None:
    statement, warnings = read(changed(STATEMENT, ("=Windows", "=UTF-8")), "utf-8-sig")
    assert (same(statement), warnings) == (True, [(1, "byte_order_mark")])


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_06_line_ends_may_be_any(line_end: str) -> None:
    statement, warnings = read(STATEMENT, line_end=line_end)
    assert (same(statement), warnings) == (True, [])


def test_06_line_ends_may_be_mixed() -> None:
    first, second = as_bytes(STATEMENT, line_end="\n"), as_bytes(STATEMENT)
    half = first.index("Номер".encode("cp1251"))
    statement, warnings = read_bytes(first[:half] + second[second.index("Номер".encode("cp1251")) :])
    assert (same(statement), warnings) == (True, [])


def test_07_the_end_marker_in_utf8_after_a_cp1251_body_is_read() -> None:
    body = changed(STATEMENT, ("КонецФайла\n", ""))
    statement, warnings = read_bytes(as_bytes(body) + "КонецФайла\r\n".encode())
    assert same(statement)
    assert warnings == [(line_of(STATEMENT, "КонецФайла"), "line_encoding")]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_08_destroyed_letters_are_refused_with_their_line(encoding: str) -> None:
    data = as_bytes(STATEMENT, encoding)
    name = "Иванов".encode(encoding)
    with pytest.raises(UnreadableFile) as refused:
        parse_statements(data.replace(name, "\ufffd".encode() * 6))
    (error,) = refused.value.errors
    assert (error.code, error.line) == ("destroyed_text", line_of(STATEMENT, "Плательщик1=ИП"))


# End markers and structure


def test_09_a_missing_end_of_file_is_told() -> None:
    statement, warnings = read(changed(STATEMENT, ("КонецФайла\n", "")))
    assert same(statement)
    assert [code for _, code in warnings] == ["end_missing"]


def test_09_some_banks_end_with_another_word() -> None:
    statement, warnings = read(changed(STATEMENT, ("КонецФайла", "КонецВыписки")))
    assert same(statement)
    assert warnings == [(line_of(STATEMENT, "КонецФайла"), "end_spelling")]


@pytest.mark.parametrize(("end", "opened"), [("КонецРасчСчет\n", "СекцияРасчСчет"), ("КонецДокумента\n", "СекцияДок")])
def test_10_a_section_without_an_end_ends_where_the_next_begins(end: str, opened: str) -> None:
    statement, warnings = read(changed(STATEMENT, (end, "")))
    assert same(statement)
    assert warnings == [(line_of(STATEMENT, opened), "section_not_closed")]


def test_10_the_last_section_without_an_end_ends_with_the_file() -> None:
    statement, warnings = read(changed(STATEMENT, ("КонецДокумента\nКонецФайла", "КонецФайла")))
    assert same(statement)
    assert warnings == [(line_of(STATEMENT, "СекцияДокумент=Банк"), "section_not_closed")]


def test_10_a_file_that_breaks_off_inside_a_section_is_refused() -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(STATEMENT[: STATEMENT.index("ПлательщикБИК")])
    assert refused.value.errors[0].code == "unexpected_end"


def test_11_balances_of_every_day_make_one_period() -> None:
    days = [dt.date(2026, 10, 1) + dt.timedelta(days=day) for day in range(44)]
    daily = "".join(
        f"СекцияРасчСчет\nДатаНачала={day:%d.%m.%Y}\nДатаКонца={day:%d.%m.%Y}\nРасчСчет={OWN}\n"
        f"НачальныйОстаток={1000 + 10 * number}.00\nВсегоПоступило=10.00\nВсегоСписано=0.00\n"
        f"КонечныйОстаток={1010 + 10 * number}.00\nКонецРасчСчет\n"
        for number, day in enumerate(days)
    )
    receipt = changed(RECEIPT, ("Сумма=300.00", "Сумма=440.00"))
    statement, warnings = read(changed(STATEMENT, (BALANCES + RECEIPT + FEE, daily + receipt)))
    assert (statement.date_from, statement.date_to) == (days[0], days[-1])
    assert (str(statement.opening_balance), str(statement.closing_balance)) == ("1000.00", "1440.00")
    assert (str(statement.total_credits), warnings) == ("440.00", [])


def test_12_several_accounts_give_several_statements() -> None:
    second = changed(BALANCES, (OWN, SECOND_OWN), ("=300.00", "=0.00"), ("=1250.00", "=950.00"))
    text = changed(
        STATEMENT,
        (f"РасчСчет={OWN}\n", f"РасчСчет={OWN}\nРасчСчет={SECOND_OWN}\n"),
        ("=50.00", "=0.00"),
        ("=1250.00", "=1300.00"),
        (FEE, second + changed(FEE, (OWN, SECOND_OWN))),
    )
    parsed = parse_statements(as_bytes(text))
    assert [statement.account.number for statement in parsed.statements] == [OWN, SECOND_OWN]
    assert [len(list(statement.entries)) for statement in parsed.statements] == [1, 1]
    assert parsed.warnings == ()


def test_13_a_file_without_documents_is_a_statement_without_entries() -> None:
    quiet = changed(BALANCES, ("=300.00", "=0.00"), ("=50.00", "=0.00"), ("=1250.00", "=1000.00"))
    statement, warnings = read(changed(STATEMENT, (BALANCES + RECEIPT + FEE, quiet)))
    assert (list(statement.entries), warnings) == ([], [])
    assert str(statement.closing_balance) == "1000.00"


def test_14_without_dates_the_own_account_tells_the_direction() -> None:
    text = changed(STATEMENT, ("ДатаПоступило=20.11.2026", "ДатаПоступило="))
    statement, warnings = read(text)
    entry = next(iter(statement.entries))
    assert (entry.details.direction, entry.details.booking_date) == (Direction.CREDIT, dt.date(2026, 11, 19))
    assert warnings == [(line_of(text, "СекцияДокумент"), "booking_date_missing")]


# Names and values


def test_15_the_correspondent_account_may_be_spelled_with_a_capital() -> None:
    corr = "30101810500000000864"
    text = changed(STATEMENT, ("ПлательщикБИК=045004864\n", f"ПлательщикБИК=045004864\nПлательщикКорСчет={corr}\n"))
    statement, warnings = read(text)
    assert next(iter(statement.entries)).details.counterparty.correspondent_account == corr
    assert warnings == [(line_of(text, "ПлательщикКорСчет"), "key_spelling")]


def test_16_okato_holds_an_oktmo() -> None:
    budget = "СтатусСоставителя=01\nПоказательКБК=18201061201010000510\nОКАТО=45328000\nКонецДокумента"
    statement, warnings = read(changed(STATEMENT, ("КонецДокумента", budget)))
    details = next(iter(statement.entries)).details
    assert details.budget is not None
    assert (details.budget.oktmo, details.budget.kbk, details.budget.reason) == (
        "45328000",
        "18201061201010000510",
        None,
    )
    assert warnings == []


@pytest.mark.parametrize(("kpp", "codes"), [("0", []), ("2", ["kpp_placeholder"]), ("000000000", ["kpp_placeholder"])])
def test_17_a_placeholder_in_place_of_kpp_means_none(kpp: str, codes: list[str]) -> None:
    text = changed(STATEMENT, ("ПлательщикИНН=500100732259", f"ПлательщикИНН=500100732259\nПлательщикКПП={kpp}"))
    statement, warnings = read(text)
    assert next(iter(statement.entries)).details.counterparty.kpp is None
    assert warnings == [(line_of(text, "ПлательщикКПП"), code) for code in codes]


@pytest.mark.parametrize("number", ["A-123", "БП-0000123", "1234567890"])
def test_18_numbers_need_not_be_numeric(number: str) -> None:
    statement, warnings = read(changed(STATEMENT, ("Номер=77", f"Номер={number}")))
    assert (next(iter(statement.entries)).details.number, warnings) == (number, [])


def test_19_digits_glued_to_a_date_are_cut_off() -> None:
    text = changed(STATEMENT, ("ДатаСоздания=21.11.2026", "ДатаСоздания=21.11.202612"))
    statement, warnings = read(text)
    assert statement.as_of == CLEAN.as_of
    assert warnings == [(line_of(text, "ДатаСоздания"), "date_repaired")]


def test_20_blank_lines_comments_and_a_trailing_control_z_are_skipped() -> None:
    text = changed(
        STATEMENT, ("ДатаНачала", "\n  \nДатаНачала"), ("СекцияДок", "// выгружено банком\n\nСекцияДок")
    ).rstrip("\n")
    statement, warnings = read(text + "\n\x1a")
    assert same(statement)
    assert warnings == [(line_of(text, "//"), "comment")]


def test_20_a_comment_between_the_keys_of_a_document_is_skipped() -> None:
    text = changed(STATEMENT, ("Номер=77\n", "Номер=77\n# проверено\n"))
    statement, warnings = read(text)
    assert (same(statement), warnings) == (True, [(line_of(text, "#"), "comment")])


def test_20_the_last_line_needs_no_end() -> None:
    statement, warnings = read(STATEMENT.rstrip("\n"))
    assert (same(statement), warnings) == (True, [])


def test_21_a_kind_written_without_its_space_is_understood() -> None:
    statement, warnings = read(changed(STATEMENT, ("=Платежное поручение", "=ПлатежноеПоручение")))
    assert (same(statement), warnings) == (True, [])


@pytest.mark.parametrize("opening", ["СекцияДокумент", "СекцияДокумент="])
def test_21_a_document_without_a_kind_is_told_by_its_code(opening: str) -> None:
    text = changed(STATEMENT, ("СекцияДокумент=Платежное поручение", opening))
    statement, warnings = read(text)
    assert (same(statement), warnings) == (True, [(line_of(text, opening), "kind_missing")])


TRANSFER = changed(RECEIPT, (OTHER, OWN), (f"ПолучательСчет={OWN}", f"ПолучательСчет={SECOND_OWN}"))
TWO_ACCOUNTS = changed(
    STATEMENT, (f"РасчСчет={OWN}\n", f"РасчСчет={OWN}\nРасчСчет={SECOND_OWN}\n"), (BALANCES + RECEIPT + FEE, "")
)


@pytest.mark.parametrize("dates", [("20.11.2026", "20.11.2026"), ("", "")])
def test_22_a_transfer_told_once_is_an_entry_of_both_accounts(dates: tuple[str, str]) -> None:
    transfer = changed(
        TRANSFER,
        ("ДатаСписано=", f"ДатаСписано={dates[0]}"),
        ("ДатаПоступило=20.11.2026", f"ДатаПоступило={dates[1]}"),
    )
    parsed = parse_statements(as_bytes(changed(TWO_ACCOUNTS, ("КонецФайла", transfer + "КонецФайла"))))
    (debit,), (credit,) = (list(statement.entries) for statement in parsed.statements)
    assert (debit.details.direction, credit.details.direction) == (Direction.DEBIT, Direction.CREDIT)
    assert (debit.details.counterparty.account, credit.details.counterparty.account) == (SECOND_OWN, OWN)


def test_22_a_transfer_told_twice_is_one_entry_of_each_account() -> None:
    out = changed(TRANSFER, ("ДатаСписано=", "ДатаСписано=20.11.2026"), ("ДатаПоступило=20.11.2026", "ДатаПоступило="))
    parsed = parse_statements(as_bytes(changed(TWO_ACCOUNTS, ("КонецФайла", out + TRANSFER + "КонецФайла"))))
    assert [len(list(statement.entries)) for statement in parsed.statements] == [1, 1]


@pytest.mark.parametrize(
    ("written", "amount", "is_told"),
    [
        ("4900", "4900.00", False),
        ("22.9", "22.90", True),
        ("22,90", "22.90", True),
        ("1 234 567.80", "1234567.80", True),
        ("1\u00a0234,5", "1234.50", True),
        ("1500.0000", "1500.00", True),
        ("5.", "5.00", True),
    ],
)
def test_23_amounts_are_written_in_many_ways(written: str, amount: str, is_told: bool) -> None:
    text = changed(STATEMENT, ("Сумма=300.00", f"Сумма={written}"))
    statement, warnings = read(text)
    assert str(next(iter(statement.entries)).details.amount) == amount
    told = [(line_of(text, "Сумма"), "amount_spelling")] if is_told else []
    assert [warning for warning in warnings if warning[1] == "amount_spelling"] == told


@pytest.mark.parametrize(
    "written", ["", "сто", "1,234.56", "1 23.00", "10.005", "10.000", "1,500", "--5", "-300.00", "1" * 17 + ".00"]
)
def test_23_an_amount_that_cannot_be_read_is_refused_with_its_line(written: str) -> None:
    text = changed(STATEMENT, ("Сумма=300.00", f"Сумма={written}"))
    with pytest.raises(UnreadableFile) as refused:
        read(text)
    (error,) = refused.value.errors
    assert (error.field, error.line) in (
        ("Сумма", line_of(text, "Сумма")),
        ("Сумма", line_of(text, "СекцияДокумент")),  # an empty value stands nowhere: the document is told
    )


def test_24_unknown_keys_and_foreign_content_are_told() -> None:
    text = changed(STATEMENT, ("Номер=77\n", "Номер=77\nИдентификаторБанка=A1\nКод=REF:55\n"))
    statement, warnings = read(text)
    assert same(statement)
    assert warnings == [
        (line_of(text, "ИдентификаторБанка"), "unknown_key"),
        (line_of(text, "Код="), "code_unclear"),
    ]


def test_25_a_raw_line_break_inside_the_purpose_is_joined() -> None:
    text = changed(STATEMENT, ("Оплата по договору 5", "Оплата\nпо договору 5"))
    statement, warnings = read(text)
    assert same(statement)
    assert warnings == [(line_of(text, "по договору"), "broken_line")]


def test_25_numbered_parts_stand_in_for_a_missing_purpose() -> None:
    parts = "НазначениеПлатежа1=Оплата\nНазначениеПлатежа2=по договору 5"
    text = changed(STATEMENT, ("НазначениеПлатежа=Оплата по договору 5", parts))
    statement, warnings = read(text)
    assert same(statement)
    assert warnings == [(line_of(text, "НазначениеПлатежа1"), "purpose_from_parts")]


def test_25_numbered_parts_that_say_something_else_are_told() -> None:
    text = changed(STATEMENT, ("по договору 5\n", "по договору 5\nНазначениеПлатежа1=Иное\n"))
    statement, warnings = read(text)
    assert same(statement)
    assert warnings == [(line_of(text, "НазначениеПлатежа1"), "purpose_parts_differ")]


def test_26_header_keys_may_stand_after_the_accounts_and_in_any_order() -> None:
    made = "ДатаСоздания=21.11.2026\nВремяСоздания=12:30:00\n"
    own = f"РасчСчет={OWN}\n"
    statement, warnings = read(changed(STATEMENT, (made, ""), (own, own + made)))
    assert (same(statement), statement.as_of, warnings) == (True, CLEAN.as_of, [])


def test_27_equal_fees_are_operations_of_their_own() -> None:
    balances = changed(BALANCES, ("=50.00", "=100.00"), ("=1250.00", "=1200.00"))
    statement, warnings = read(changed(STATEMENT, (BALANCES, balances), (FEE, FEE + FEE)))
    _, first, second = statement.entries
    assert first.details == second.details
    assert (first.id != second.id, warnings) == (True, [])


def test_28_a_very_long_line_is_read_whole() -> None:
    purpose = "очень длинно " * 100_000 + "."
    statement, warnings = read(changed(STATEMENT, ("Оплата по договору 5", purpose)))
    assert (next(iter(statement.entries)).details.purpose, warnings) == (purpose, [])


def test_29_spaces_before_a_value_are_cut_off() -> None:
    text = changed(STATEMENT, ("Плательщик1=ИП Иванов\n", "Плательщик1=ИП Иванов\nПлательщикБанк1=  БАНК\n"))
    statement, warnings = read(text)
    assert next(iter(statement.entries)).details.counterparty.bank_name == "БАНК"
    assert warnings == [(line_of(text, "ПлательщикБанк1"), "value_trimmed")]


def test_30_totals_that_differ_from_the_documents_are_kept_and_told() -> None:
    statement, warnings = read(changed(STATEMENT, ("ВсегоПоступило=300.00", "ВсегоПоступило=555.00")))
    assert str(statement.total_credits) == "555.00"
    line = line_of(STATEMENT, "СекцияРасчСчет")
    assert warnings == [(line, "totals_differ"), (line, "balances_differ")]


def test_31_a_file_of_kazakhstan_is_read() -> None:
    iban = "KZ86125KZT5004100100"
    text = changed(
        STATEMENT,
        ("=1.03", "=2.00"),
        ("СекцияДокумент=Платежное поручение", "СЕКЦИЯДОКУМЕНТ=Выписка"),
        ("КонецДокумента", "КОНЕЦДОКУМЕНТА"),
        (f"ПолучательСчет={OWN}", f"ПолучательИИК={iban}"),
        ("ПолучательИНН=7830002293", "ПолучательБИН_ИИН=123456789012"),
        (f"РасчСчет={OWN}\nСекция", f"РасчСчет={iban}\nСекция"),
        (f"РасчСчет={OWN}", f"РасчСчет={iban}"),
        (FEE, ""),
    )
    statement, warnings = read(text)
    (entry,) = statement.entries
    assert (statement.account.number, statement.account.currency, statement.account.owner.inn) == (
        iban,
        "KZT",
        "123456789012",
    )
    assert (entry.details.direction, entry.details.amount.amount) == (Direction.CREDIT, Decimal("300.00"))
    assert {code for _, code in warnings} == {"version", "key_spelling", "totals_differ"}


def test_31_the_inn_of_belarus_is_read() -> None:
    statement, _ = read(changed(STATEMENT, ("ПлательщикИНН=500100732259", "ПлательщикУНП=191234567")))
    assert next(iter(statement.entries)).details.counterparty.inn == "191234567"


QUIRKS = {
    1: "a header that says Windows over UTF-8",
    2: "cp866 with Кодировка=DOS",
    3: "other names of encodings",
    4: "no Кодировка",
    5: "a byte order mark",
    6: "line ends of any kind, or mixed",
    7: "an end marker in UTF-8 after windows-1251",
    8: "letters destroyed before they came",
    9: "no КонецФайла, or КонецВыписки",
    10: "sections that are not closed",
    11: "balances for each day",
    12: "several accounts",
    13: "no documents",
    14: "no dates of movement",
    15: "КорСчет with a capital",
    16: "ОКАТО that holds an ОКТМО",
    17: "placeholders in place of КПП",
    18: "numbers with letters",
    19: "digits glued to a date",
    20: "blank lines, comments, ^Z",
    21: "no kind of document, or one without its space",
    22: "a transfer between own accounts",
    23: "amounts written in many ways",
    24: "unknown keys, foreign content",
    25: "line breaks in a purpose, or only parts of it",
    26: "header keys in any order",
    27: "equal fees",
    28: "very long lines",
    29: "spaces before a value",
    30: "totals that differ",
    31: "Kazakhstan and Belarus",
}


@pytest.mark.parametrize(("number", "what"), QUIRKS.items())
def test_every_oddity_has_a_test_of_its_own(number: int, what: str) -> None:
    assert [name for name in globals() if name.startswith(f"test_{number:02}_")], what


def test_32_balances_and_totals_may_be_longer_than_one_amount() -> None:
    total = "9" * 18 + ".99"
    text = changed(STATEMENT, ("НачальныйОстаток=1000.00", f"НачальныйОстаток={total}"))
    statement, _ = read(text)
    assert str(statement.opening_balance) == total
    with pytest.raises(UnreadableFile) as refused:
        read(changed(text, (total, f"9{total}")))
    assert [error.code for error in refused.value.errors] == ["amount_too_long"]


def test_33_keys_that_no_entry_keeps_are_told_once() -> None:
    text = changed(
        STATEMENT,
        ("ВидОплаты=01", "ВидПлатежа=Электронно\nКвитанцияДата=20.11.2026\nКвитанцияВремя=\nВидОплаты=01"),
        ("ВидОплаты=17", "ВидПлатежа=Срочно\nВидОплаты=17"),
    )
    (warning,) = parse_statements(as_bytes(text)).warnings
    assert (warning.code, warning.line) == ("not_kept", line_of(text, "СекцияДокумент"))
    assert warning.message.endswith("ВидПлатежа (2), КвитанцияДата (1)")


def test_34_an_inn_before_the_name_that_is_another_one_is_told() -> None:
    text = changed(STATEMENT, ("Плательщик1=ИП Иванов", "Плательщик1=ИНН 7707083893 ИП Иванов"))
    (warning,) = parse_statements(as_bytes(text)).warnings
    assert warning.code == "inn_in_name"
    assert "7707083893" in warning.message
    assert "500100732259" in warning.message
    assert same(read(text)[0])


def test_35_the_inn_before_the_bare_name_stands_in_for_a_missing_one() -> None:
    text = changed(
        STATEMENT, ("Плательщик1=ИП Иванов\nПлательщикИНН=500100732259", "Плательщик1=ИНН 500100732259 ИП Иванов")
    )
    assert same(read(text)[0])

from __future__ import annotations

import contextlib
import datetime as dt
import time
from operator import attrgetter

import pytest

from adapter.domain.errors import FieldError, UnreadableFile
from adapter.domain.imports import ParsedOrders
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.formats.onec_exchange import parse_orders
from tests.formats.onec_files import GOLDEN, ORDER, ORDERS, as_bytes, changed, line_of

THE_ORDER = PaymentOrder(
    number="12",
    date=dt.date(2026, 11, 21),
    amount=Money.of("1500.50"),
    payee=Counterparty(
        name='ООО "Ромашка"',
        inn="7830002293",
        kpp="783001001",
        account="40702810955230165464",
        bic="044030653",
        bank_name="СЕВЕРО-ЗАПАДНЫЙ БАНК",
        correspondent_account="30101810500000000653",
    ),
    purpose="Оплата по счёту 12, в том числе НДС 22%",
    payer_account="40802810722200035222",
    payer=Party(name="ИП Иванов", inn="500100732259"),
    payment_kind="Электронно",
)


def read(text: str) -> ParsedOrders:
    return parse_orders(as_bytes(text))


def the_order(text: str) -> PaymentOrder:
    parsed = read(text)
    assert parsed.errors == ()
    (line,) = parsed.orders
    return line.order


def the_error(text: str) -> FieldError:
    parsed = read(text)
    assert parsed.orders == ()
    (error,) = parsed.errors
    assert the_order(ORDERS) == THE_ORDER  # what differs from the broken file by one thing works
    return error


def codes_of(parsed: ParsedOrders) -> list[tuple[int, str]]:
    return [(warning.line, warning.code) for warning in parsed.warnings]


def test_a_clean_file_gives_its_order_with_lines_and_no_warning() -> None:
    parsed = read(ORDERS)
    (line,) = parsed.orders
    assert (line.order, line.pointer, line.line) == (THE_ORDER, "/payments/0", line_of(ORDERS, "СекцияДокумент"))
    assert (parsed.warnings, parsed.errors) == ((), ())


def test_lines_are_told_by_our_field_names() -> None:
    lines = read(ORDERS).orders[0].field_lines
    assert lines["payee.account"] == line_of(ORDERS, "ПолучательСчет")
    assert lines["purpose"] == line_of(ORDERS, "НазначениеПлатежа")
    assert "budget.kbk" not in lines
    assert "no_such_field" not in lines
    assert len(lines) == len(list(lines)) == 17


def test_the_account_for_settlement_wins_over_an_empty_account() -> None:
    text = changed(ORDERS, ("ПолучательСчет=4070", "ПолучательСчет=\nПолучательРасчСчет=4070"))
    assert the_order(text) == THE_ORDER


def test_the_name_without_a_number_may_begin_with_the_inn() -> None:
    text = changed(ORDERS, ('Получатель=ООО "Ромашка"', 'Получатель=ИНН 7830002293 ООО "Ромашка"'))
    assert the_order(text) == THE_ORDER
    assert codes_of(read(text)) == [(line_of(text, "Получатель=ИНН"), "inn_in_name")]


def test_the_inn_before_the_name_stands_in_for_a_missing_one() -> None:
    text = changed(
        ORDERS,
        ('Получатель=ООО "Ромашка"', 'Получатель=ИНН 7830002293/783001001 ООО "Ромашка"'),
        ("ПолучательИНН=7830002293\n", ""),
    )
    assert the_order(text) == THE_ORDER


def test_the_numbered_name_is_the_bare_one() -> None:
    text = changed(ORDERS, ('Получатель=ООО "Ромашка"', 'Получатель=как попало\nПолучатель1=ООО "Ромашка"'))
    assert the_order(text) == THE_ORDER


def test_the_payer_account_may_stand_in_the_header_only() -> None:
    text = changed(ORDERS, ("ПлательщикСчет=40802810722200035222\n", ""))
    assert the_order(text) == THE_ORDER
    assert codes_of(read(text)) == [(line_of(text, "СекцияДокумент"), "payer_account_from_header")]


def test_a_header_with_two_accounts_does_not_tell_which_one_pays() -> None:
    text = changed(
        ORDERS, ("ПлательщикСчет=40802810722200035222\n", ""), ("Документ=", "РасчСчет=40702810955230165464\nДокумент=")
    )
    assert the_order(text).payer_account is None


def test_missing_optional_values_take_their_defaults() -> None:
    text = changed(
        ORDERS,
        ("ВидПлатежа=Электронно\nВидОплаты=01\nОчередность=5\n", ""),
        ("Плательщик=ИП Иванов\nПлательщикИНН=500100732259\n", ""),
    )
    order = the_order(text)
    assert (order.payment_kind, order.operation_code, order.priority, order.payer) == (None, "01", 5, None)


def test_codes_of_the_form_are_read() -> None:
    text = changed(ORDERS, ("Очередность=5\n", "Очередность=3\nКод=18209965144380684245\nКодНазПлатежа=1\n"))
    order = the_order(text)
    assert (order.priority, order.uin, order.income_type_code) == (3, "18209965144380684245", "1")


def test_a_zero_in_place_of_a_uin_means_none() -> None:
    assert the_order(changed(ORDERS, ("Очередность=5\n", "Очередность=5\nКод=0\n"))) == THE_ORDER


@pytest.mark.parametrize(
    ("field", "line", "zeros"),
    [
        ("uin", "Код", "0" * 20),
        ("uin", "Код", "0000"),
        ("payee.inn", "ПолучательИНН", "0" * 12),
        ("payee.kpp", "ПолучательКПП", "0" * 9),
        ("payee.bic", "ПолучательБИК", "0" * 9),
        ("payee.correspondent_account", "ПолучательКорсчет", "0" * 20),
        ("budget.kbk", "ПоказательКБК", "0" * 20),
    ],
)
def test_codes_of_zeros_go_on_to_the_rules(field: str, line: str, zeros: str) -> None:
    lines = [each for each in ORDERS.split("\n") if not each.startswith(f"{line}=")]
    lines[lines.index("КонецДокумента") : lines.index("КонецДокумента")] = [f"{line}={zeros}"]
    assert attrgetter(field)(the_order("\n".join(lines))) == zeros


def test_a_payer_without_inn_and_kpp_is_not_one_who_is_not_told() -> None:
    text = changed(ORDERS, ("ПлательщикИНН=500100732259", "ПлательщикИНН=0\nПлательщикКПП=0"))
    assert the_order(text).payer == Party(name="ИП Иванов", inn="0", kpp="0")
    assert the_order(changed(text, ("Плательщик=ИП Иванов\n", ""))).payer is None


BUDGET = """\
СтатусСоставителя=01
ПоказательКБК=18201061201010000510
ОКАТО=45328000
ПоказательОснования=ТП
ПоказательПериода=МС.10.2026
ПоказательНомера=0
ПоказательДаты=01.11.2026
ПоказательТипа=
"""


def test_budget_fields_are_read_as_they_stand() -> None:
    order = the_order(changed(ORDERS, ("КонецДокумента", BUDGET + "КонецДокумента")))
    assert order.budget == BudgetDetails(
        drawer_status="01",
        kbk="18201061201010000510",
        oktmo="45328000",
        reason="ТП",
        tax_period="МС.10.2026",
        basis_number="0",
        basis_date="01.11.2026",
    )


def test_budget_fields_without_a_status_are_kept_for_the_rules_to_refuse() -> None:
    order = the_order(changed(ORDERS, ("КонецДокумента", "ПоказательКБК=18201061201010000510\nКонецДокумента")))
    assert order.budget is not None
    assert order.budget.drawer_status == ""


def test_zeros_in_all_budget_fields_are_no_budget() -> None:
    assert (
        the_order(
            changed(ORDERS, ("КонецДокумента", "СтатусСоставителя=\nПоказательКБК=0\nОКАТО=0\nКонецДокумента"))
        ).budget
        is None
    )


@pytest.mark.parametrize(
    ("before", "after", "code", "field", "pointer"),
    [
        ("Сумма=1500.50", "Сумма=тысяча", "bad_amount", "Сумма", "/payments/0/amount"),
        ("Сумма=1500.50", "Сумма=1500.505", "amount_precision", "Сумма", "/payments/0/amount"),
        ("Сумма=1500.50", "Сумма=1.500", "bad_amount", "Сумма", "/payments/0/amount"),
        ("Сумма=1500.50", "Сумма=1,500", "bad_amount", "Сумма", "/payments/0/amount"),
        ("Сумма=1500.50", "Сумма=" + "9" * 17, "amount_too_long", "Сумма", "/payments/0/amount"),
        ("Дата=21.11.2026", "Дата=2026-11-21", "bad_date", "Дата", "/payments/0/date"),
        ("Дата=21.11.2026", "Дата=31.11.2026", "bad_date", "Дата", "/payments/0/date"),
        ("Дата=21.11.2026", "Дата=21.11.202612", "bad_date", "Дата", "/payments/0/date"),
        ("Дата=21.11.2026", "Дата=21.11.0026", "bad_date", "Дата", "/payments/0/date"),
        ("Очередность=5", "Очередность=пятая", "priority", "Очередность", "/payments/0/priority"),
    ],
)
def test_a_value_that_cannot_be_read_is_an_error_with_line_and_key(
    before: str, after: str, code: str, field: str, pointer: str
) -> None:
    text = changed(ORDERS, ("\n" + before, "\n" + after))
    error = the_error(text)
    assert (error.code, error.field, error.pointer) == (code, field, pointer)
    assert error.line == line_of(text, after)


@pytest.mark.parametrize(("line", "key"), [("Дата=21.11.2026\n", "Дата"), ("Сумма=1500.50\n", "Сумма")])
def test_a_missing_value_is_an_error_at_the_document(line: str, key: str) -> None:
    text = changed(ORDERS, ("\n" + line, "\n"))
    error = the_error(text)
    assert (error.field, error.line) == (key, line_of(text, "СекцияДокумент"))


def test_all_unreadable_values_of_all_documents_are_told_at_once() -> None:
    bad = changed(ORDER, ("Дата=21.11.2026", "Дата=завтра"), ("Сумма=1500.50", "Сумма=много"))
    parsed = read(changed(ORDERS, ("КонецФайла", bad + ORDER + bad + "КонецФайла")))
    assert [line.pointer for line in parsed.orders] == ["/payments/0", "/payments/2"]
    assert [error.pointer for error in parsed.errors] == [
        "/payments/1/date",
        "/payments/1/amount",
        "/payments/3/date",
        "/payments/3/amount",
    ]


def test_a_date_with_glued_digits_is_no_order_to_be_guessed() -> None:
    assert the_error(changed(ORDERS, ("\nДата=21.11.2026", "\nДата=21.11.20261"))).code == "bad_date"


def test_a_key_told_twice_with_another_value_is_ambiguous() -> None:
    text = changed(ORDERS, ("ВидОплаты=01\n", "ВидОплаты=01\nПолучательСчет=40702810000000000001\n"))
    error = the_error(text)
    assert (error.code, error.pointer) == ("repeated_key", "/payments/0/payee/account")
    assert error.line == line_of(text, "ПолучательСчет=40702810000000000001")


def test_a_key_that_we_do_not_use_may_repeat() -> None:
    text = changed(ORDERS, ("ВидОплаты=01\n", "ВидОплаты=01\nКвитанцияДата=1\nКвитанцияДата=2\n"))
    assert the_order(text) == THE_ORDER
    assert codes_of(read(text)) == [
        (line_of(text, "КвитанцияДата=2"), "repeated_key"),
        (line_of(text, "СекцияДокумент"), "not_kept"),
    ]


@pytest.mark.parametrize("side", ["Плательщик", "Получатель"])
def test_two_different_inns_of_one_side_are_ambiguous(side: str) -> None:
    text = changed(ORDERS, (f"{side}=", f"{side}=ИНН 7707083893 "))
    error = the_error(text)
    assert (error.code, error.line) == ("inns_differ", line_of(text, f"{side}ИНН"))


def test_two_different_accounts_of_one_side_are_ambiguous() -> None:
    text = changed(ORDERS, ("ВидОплаты=01\n", "ВидОплаты=01\nПолучательРасчСчет=40702810000000000001\n"))
    error = the_error(text)
    assert (error.code, error.line) == ("accounts_differ", line_of(text, "ПолучательРасчСчет"))


@pytest.mark.parametrize("kind", ["Платежное требование", "Банковский ордер", "Аккредитив", "Неизвестное"])
def test_only_payment_orders_can_be_imported(kind: str) -> None:
    text = changed(ORDERS, ("СекцияДокумент=Платежное поручение", f"СекцияДокумент={kind}"))
    error = the_error(text)
    assert (error.code, error.pointer) == ("not_a_payment_order", "/payments/0")
    assert error.line == line_of(text, "СекцияДокумент")
    assert kind in error.message


def test_a_document_without_a_kind_is_a_payment_order_by_its_code() -> None:
    text = changed(ORDERS, ("СекцияДокумент=Платежное поручение", "СекцияДокумент"))
    assert the_order(text) == THE_ORDER
    assert codes_of(read(text)) == [(line_of(text, "СекцияДокумент"), "kind_missing")]
    assert the_error(changed(text, ("ВидОплаты=01", "ВидОплаты=17"))).code == "not_a_payment_order"


def test_a_kind_written_otherwise_is_understood_and_told() -> None:
    text = changed(ORDERS, ("СекцияДокумент=Платежное поручение", "СекцияДокумент=ПЛАТЁЖНОЕПОРУЧЕНИЕ"))
    assert the_order(text) == THE_ORDER
    assert codes_of(read(text)) == [(line_of(text, "СекцияДокумент"), "kind_spelling")]


def test_an_amount_with_a_comma_is_read_and_told() -> None:
    text = changed(ORDERS, ("Сумма=1500.50", "Сумма=1 500,5"))
    assert the_order(text) == THE_ORDER
    assert codes_of(read(text)) == [(line_of(text, "Сумма"), "amount_spelling")]


def test_a_file_without_documents_is_an_error_for_an_import() -> None:
    (error,) = read(changed(ORDERS, (ORDER, ""))).errors
    assert (error.pointer, error.code) == ("/payments", "no_documents")


@pytest.mark.parametrize("data", [b"", b"\r\n", b"hello", b"{}", "Здравствуйте".encode("cp1251"), b"1CClientBank\r\n"])
def test_a_file_without_the_marker_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as refused:
        parse_orders(data)
    assert refused.value.errors[0].code == "no_marker"


@pytest.mark.parametrize("data", [as_bytes(ORDERS, "utf-16"), as_bytes(ORDERS) + b"\x00"])
def test_binary_content_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as refused:
        parse_orders(data)
    assert refused.value.errors[0].code == "binary"


def test_a_byte_outside_the_encoding_is_shown_as_a_question_mark_and_told() -> None:
    data = as_bytes(ORDERS).replace("Ромашка".encode("cp1251"), "Рома\x98шка".encode("latin-1", "ignore") + b"\x98")
    parsed = parse_orders(data)
    assert parsed.orders[0].order.payee.name.endswith('?"')
    assert codes_of(parsed) == [(line_of(ORDERS, "Получатель="), "bad_byte")]


def test_a_line_in_cp1251_inside_a_utf8_file_is_read_and_told() -> None:
    line = 'Получатель=ООО "Ромашка"'
    text = changed(ORDERS, ("=Windows", "=UTF-8"))
    parsed = parse_orders(as_bytes(text, "utf-8").replace(line.encode(), line.encode("cp1251")))
    assert parsed.orders[0].order == THE_ORDER
    assert codes_of(parsed) == [(line_of(text, "Получатель="), "line_encoding")]


@pytest.mark.parametrize(
    ("before", "after", "start", "code"),
    [
        ("ВерсияФормата=1.03", "ВерсияФормата=1.04", "ВерсияФормата", "version"),
        ("ВерсияФормата=1.03\n", "", "1CClient", "version"),
        ("Номер=12\n", "Номер=12\nРасчСчет=1\n", "РасчСчет=1", "wrong_section"),
        ("КонецФайла", "КонецРасчСчет\nКонецФайла", "КонецРасчСчет", "end_without_start"),
        ("Номер=12\n", "Номер=12\nчто-то\n", "что-то", "unknown_line"),
        ("ВерсияФормата", "1CClientBankExchange\nВерсияФормата", "1CClientBankExchange", "unknown_line"),
        ("Номер=12", "НОМЕР=12", "НОМЕР", "key_spelling"),
        ("СекцияДокумент", "Секция Документ", "Секция Док", "key_spelling"),
    ],
)
def test_oddities_are_told_with_their_line_and_the_order_is_read(
    before: str, after: str, start: str, code: str
) -> None:
    text = changed(ORDERS, (before, after))
    assert the_order(text) == THE_ORDER
    line = 2 if start == "1CClientBankExchange" else line_of(text, start)
    assert codes_of(read(text)) == [(line, code)]


def test_a_document_after_the_end_of_the_file_is_not_lost() -> None:
    text = ORDERS + changed(ORDER, ("Номер=12", "Номер=13"))
    parsed = read(text)
    assert [line.order.number for line in parsed.orders] == ["12", "13"]
    assert [code for _, code in codes_of(parsed)] == ["after_end"]


def test_an_account_without_a_value_in_the_header_is_no_account() -> None:
    text = changed(ORDERS, ("РасчСчет=40802810722200035222\n", "РасчСчет=\nРасчСчет=40802810722200035222\n"))
    assert the_order(text) == THE_ORDER


def test_the_line_after_a_repeated_text_does_not_continue_the_first_one() -> None:
    text = changed(ORDERS, ("22%\n", "22%\nНазначениеПлатежа=иное\nещё\n"))
    parsed = read(text)
    assert [error.code for error in parsed.errors] == ["repeated_key"]
    assert codes_of(parsed)[-1] == (line_of(text, "ещё"), "unknown_line")


def test_a_torn_line_with_an_equals_sign_stays_in_the_purpose() -> None:
    order = the_order(changed(ORDERS, ("22%\n", "22%\nсумма НДС = 5\n")))
    assert order.purpose == THE_ORDER.purpose + " сумма НДС = 5"


def test_the_golden_file_of_an_accounting_program_is_read() -> None:
    parsed = parse_orders((GOLDEN / "orders.txt").read_bytes())
    assert parsed.errors == ()
    assert [line.order.number for line in parsed.orders] == ["101", "102"]
    assert codes_of(parsed) == []


@pytest.mark.parametrize(
    ("limit", "text", "code"),
    [
        ("onec_exchange.text.LINES_MAX", ORDERS, "too_many_lines"),
        (
            "onec_exchange.orders.DOCUMENTS_MAX",
            changed(ORDERS, ("КонецФайла", ORDER * 9 + "КонецФайла")),
            "too_many_documents",
        ),
    ],
)
def test_a_file_without_measure_is_refused(limit: str, text: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(text).errors == ()
    monkeypatch.setattr(f"adapter.formats.{limit}", 9)
    with pytest.raises(UnreadableFile) as refused:
        read(text)
    assert refused.value.errors[0].code == code


@pytest.mark.parametrize("noise", ["\n", "а\n", "СекцияДокумент\n", "СекцияДокумент\nКонецДокумента\n", "=\n", "\r"])
def test_a_file_of_noise_is_answered_at_once(noise: str) -> None:
    data = as_bytes("1CClientBankExchange\n" + noise * (60_000 // len(noise)), line_end="\n")
    started = time.process_time()
    with contextlib.suppress(UnreadableFile):
        parse_orders(data)
    assert time.process_time() - started < 30


def test_a_document_of_thousands_of_unknown_keys_costs_no_more_than_its_lines() -> None:
    """Kept keys would make each further one dearer: 16,000 took ten seconds."""
    odd = "".join(f"К{place}=1\n" for place in range(16_000))
    data = as_bytes(changed(ORDERS, ("Номер=12\n", "Номер=12\n" + odd)), line_end="\n")
    started = time.process_time()
    parsed = parse_orders(data)
    assert time.process_time() - started < 2
    assert [line.order.number for line in parsed.orders][:1] == ["12"]
    unknown = [warning for warning in parsed.warnings if warning.code == "unknown_key"]
    assert len(unknown) == 1001  # a thousand are told one by one
    assert "16000" in unknown[-1].message


@pytest.mark.parametrize(
    "value",
    [
        "Получатель=ИНН 7830002293" + " " * 200_000 + "x",
        "Получатель=ИНН" + " /" * 100_000,
        "НазначениеПлатежа=" + "\nа" * 15_000,
        "НазначениеПлатежа=" + ("\n" + "а" * 5_000) * 100,
        "Сумма=" + "1 " * 100_000,
        "Сумма=" + "9" * 200_000,
        "Дата=" + "1" * 200_000,
    ],
)
def test_a_hostile_value_is_answered_at_once(value: str) -> None:
    key = value.partition("=")[0]
    text = changed(ORDERS, (f"\n{key}=", f"\n{value}\nЧужой="))
    started = time.process_time()
    parsed = read(text)
    assert time.process_time() - started < 30
    assert all(len(told.message) <= 301 for told in (*parsed.errors, *parsed.warnings))


def test_a_text_torn_into_very_many_lines_is_joined_up_to_a_measure() -> None:
    text = changed(ORDERS, ("22%\n", "22%\n" + "строка\n" * 2_000))
    parsed = read(text)
    assert len(parsed.orders[0].order.purpose) < 10_100
    assert {code for _, code in codes_of(parsed)} == {"broken_line", "unknown_line"}


def test_orders_without_an_end_mark_are_refused_for_some_may_be_lost() -> None:
    text = changed(ORDERS, ("КонецФайла", ""))
    with pytest.raises(UnreadableFile) as refused:
        read(text)
    assert [error.code for error in refused.value.errors] == ["end_missing"]
    assert read(ORDERS).orders

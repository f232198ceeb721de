"""The table of dated values: what ships is whole, a bank's own is taken or refused with the key and the value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from adapter.domain.order_rules import check_order
from adapter.domain.order_values import DayValues
from adapter.formats.order_values import SHIPPED_FILE, BadOrderValues, parse_order_values, read_order_values
from adapter.settings import BadSettings, read_settings
from tests.domain.orders import GOOD_ORDERS, PAYER, PAYER_ACCOUNT, PAYER_BIC, TAX_ORDER, TODAY, with_payee

SHIPPED = SHIPPED_FILE.read_text("utf-8")


def test_every_value_that_ships_has_a_date_a_source_and_a_note() -> None:
    values = read_order_values()
    for day in values.changes:
        for field in fields(DayValues):
            ruling = getattr(values.at(day), field.name)
            assert ruling.since.year >= 2000
            assert ruling.source
            assert re.search("[а-яё]", ruling.note)


@pytest.mark.parametrize(
    ("key", "day", "before", "after"),
    [
        ("tax_service_kpp", dt.date(2025, 12, 5), "770801001", "770701001"),
        ("vat_rates", dt.date(2026, 1, 1), {"20", "10", "7", "5", "0"}, {"22", "10", "7", "5", "0"}),
        ("vat_rates", dt.date(2025, 1, 1), {"20", "10", "0"}, {"20", "10", "7", "5", "0"}),
        ("income_type_codes", dt.date(2022, 5, 1), {"1", "2", "3"}, {"1", "2", "3", "4", "5"}),
    ],
)
def test_a_value_changes_on_its_day(key: str, day: dt.date, before: object, after: object) -> None:
    values = read_order_values()
    assert getattr(values.at(day - dt.timedelta(days=1)), key).value == before
    assert getattr(values.at(day), key).value == after
    assert getattr(values.at(dt.date.max), key).value
    assert getattr(values.at(dt.date.min), key).value


def test_a_bank_adds_a_value_without_code(tmp_path: Path) -> None:
    file = tmp_path / "values.toml"
    addition = """
[[tax_service_kpp]]
from = 2026-11-01
value = "770201001"
source = "Письмо ФНС"
note = "ФНС сменила КПП 01.11.2026"
"""
    file.write_text(SHIPPED + addition, "utf-8")
    values = read_order_values(str(file))
    known = {"payer": PAYER, "payer_account": PAYER_ACCOUNT, "payer_bic": PAYER_BIC, "today": TODAY}
    limits = {"past_days": 300, "future_days": 10, "values": values, "payee_bank": None, "knows_banks": False}
    (error,) = check_order(TAX_ORDER, **known, **limits)
    assert error.reference == "ФНС сменила КПП 01.11.2026; укажите 770201001"
    assert check_order(with_payee(TAX_ORDER, kpp="770201001"), **known, **limits) == []
    assert check_order(replace(TAX_ORDER, date=dt.date(2026, 10, 31)), **known, **limits) == []
    for order in set(GOOD_ORDERS) - {TAX_ORDER}:
        assert check_order(order, **known, **limits) == []


def cut(key: str) -> Callable[[str], str]:
    return lambda text: re.sub(rf"\[\[{key}\]\]\n(?:[^\n]+\n)+", "", text)


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


WRONG: list[tuple[Callable[[str], str], str]] = [
    (cut("single_tax_kbk"), "single_tax_kbk: the key is missing"),
    (lambda text: text + "\n[[vat_rate]]\nfrom = 2026-01-01\n", "vat_rate: no such key"),
    (lambda text: "vat_rates = 5\n" + cut("vat_rates")(text), "vat_rates: write [[vat_rates]]"),
    (lambda text: "vat_rates = []\n" + cut("vat_rates")(text), "vat_rates: write [[vat_rates]]"),
    (swap('"770701001"', '"7707010011"'), "tax_service_kpp[1].value = '7707010011'"),
    (swap('"770701001"', "770701001"), "tax_service_kpp[1].value = 770701001: not a text"),
    (swap('"017003983"', '"01700398"'), "tax_service_bic[0].value = '01700398'"),
    (swap('"7727406020"', '"7727406021"'), "tax_service_inn[0].value = '7727406021'"),
    (swap('"03100643000000018500"', '"40702810955230165464"'), "tax_service_account[0].value"),
    (swap('["22", "10", "7", "5", "0"]', '["22%"]'), "vat_rates[3].value = ['22%']"),
    (swap('["22", "10", "7", "5", "0"]', "[22, 10]"), "vat_rates[3].value = [22, 10]: not a text"),
    (swap('["22", "10", "7", "5", "0"]', "[]"), "vat_rates[3].value = []"),
    (swap('"ПК" = 7', '"ПК" = 70'), "customs_reasons[0].value"),
    (swap('"01" = "03100"', '"01" = "0310"'), "account_statuses[0].value"),
    (swap("from = 2025-12-05", 'from = "2025-12-05"'), "tax_service_kpp[1].from = '2025-12-05'"),
    (swap("from = 2025-12-05", "from = 2025-12-05T00:00:00"), "tax_service_kpp[1].from"),
    (swap("from = 2025-12-05", "from = 2022-12-05"), "tax_service_kpp: from = 2022-12-05 stands after 2023-01-01"),
    (swap('source = "Сообщение', 'sourse = "Сообщение'), "tax_service_kpp[1].source: is missing"),
    (swap('note = "ФНС сменила КПП 05.12.2025"', 'note = ""'), "tax_service_kpp[1].note = ''"),
    (swap("[[vat_rates]]", "[[vat_rates]"), "not TOML"),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_a_wrong_table_is_refused_by_key_and_value(change: Callable[[str], str], words: str) -> None:
    assert parse_order_values(SHIPPED.encode())
    with pytest.raises(BadOrderValues) as refused:
        parse_order_values(change(SHIPPED).encode())
    assert words in str(refused.value)


def test_a_table_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(BadOrderValues, match="not TOML in UTF-8"):
        parse_order_values(SHIPPED.encode("cp1251", "replace"))


def test_the_program_does_not_start_with_a_wrong_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "values.toml"
    monkeypatch.setenv("BANK_ADAPTER_ORDER_VALUES_FILE", str(file))
    with pytest.raises(BadSettings, match=r"BANK_ADAPTER_ORDER_VALUES_FILE: .*No such file"):
        read_settings()
    file.write_text(SHIPPED.replace('"770701001"', '"77"'), "utf-8")
    with pytest.raises(BadSettings, match=r"BANK_ADAPTER_ORDER_VALUES_FILE: tax_service_kpp\[1\].value = '77'"):
        read_settings()
    file.write_text(SHIPPED, "utf-8")
    assert read_settings().order_values_file == str(file)

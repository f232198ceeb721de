from __future__ import annotations

import datetime as dt
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.domain.characters import Normalisation
from adapter.domain.findings import FORM_FIELDS
from adapter.domain.money import Money
from adapter.domain.normalising import normalise
from adapter.domain.order_advice import list_warnings
from adapter.domain.order_rules import check_order
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from tests.domain.orders import (
    FUND_ORDER,
    GOOD_ORDERS,
    PAYER_ACCOUNT,
    PAYER_BIC,
    PERSON_ORDER,
    SUPPLIER_ORDER,
    TAX_ORDER,
    TODAY,
    VALUES,
    codes_of,
    errors_of,
    with_payee,
)


def days(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


@pytest.mark.parametrize("order", GOOD_ORDERS)
def test_a_good_order_has_no_errors(order: PaymentOrder) -> None:
    assert errors_of(order) == []


GOOD_VARIATIONS: list[dict[str, Any]] = [
    {"number": "000001"},
    {"number": "999999"},
    {"date": days(-10)},
    {"date": days(10)},
    {"amount": Money.of("0.01")},
    {"amount": Money.of("9999999999999999.99")},
    {"purpose": "x" * 210},
    {"purpose": "x" * 209 + "\r\n "},
    {"priority": 1},
    {"uin": "0"},
    {"uin": "ABC123"},
    {"payment_kind": "электронно"},
    {"payment_kind": "0"},
    {"payer_account": PAYER_ACCOUNT},
    {"payer": Party(name="Иванов", inn="500100732259", kpp="0")},
    {"payer": Party(name="Иванов", inn="0")},
]


@pytest.mark.parametrize("changes", GOOD_VARIATIONS)
def test_what_the_rules_allow_passes(changes: dict[str, Any]) -> None:
    assert errors_of(replace(SUPPLIER_ORDER, **changes)) == []


BROKEN: list[tuple[dict[str, Any], str, str, str]] = [
    ({"number": ""}, "/number", "number_form", "3"),
    ({"number": "1234567"}, "/number", "number_form", "3"),
    ({"number": "А-12"}, "/number", "number_form", "3"),
    ({"number": "000"}, "/number", "number_zeros", "3"),
    ({"date": days(-11)}, "/date", "date_too_old", "4"),
    ({"date": days(11)}, "/date", "date_too_far", "4"),
    ({"amount": Money.of("0.00")}, "/amount", "amount_not_positive", "7"),
    ({"amount": Money.of("-5")}, "/amount", "amount_not_positive", "7"),
    ({"amount": Money.of("10000000000000000.00")}, "/amount", "amount_too_big", "7"),
    ({"amount": Money.of("5", "USD")}, "/amount", "currency", "7"),
    ({"purpose": ""}, "/purpose", "required", "24"),
    ({"purpose": " \u00a0\r\n"}, "/purpose", "required", "24"),
    ({"purpose": "x" * 211}, "/purpose", "too_long", "24"),
    ({"purpose": "оплата 5 €"}, "/purpose", "forbidden_characters", "24"),
    ({"priority": 0}, "/priority", "priority", "21"),
    ({"priority": 6}, "/priority", "priority", "21"),
    ({"uin": "x" * 26}, "/uin", "too_long", "22"),
    ({"uin": "УИП€"}, "/uin", "forbidden_characters", "22"),
    ({"income_type_code": "6"}, "/income_type_code", "income_type_code", "20"),
    ({"operation_code": "02"}, "/operation_code", "operation_code", "18"),
    ({"payment_kind": "голубем"}, "/payment_kind", "payment_kind", "5"),
    ({"payer_account": "40702810955230165464"}, "/payer_account", "payer_account_differs", "9"),
    ({"payer": Party(name="Другой", inn="7707083893")}, "/payer/inn", "payer_inn_differs", "60"),
    ({"payer": Party(name="x" * 161)}, "/payer/name", "too_long", "8"),
    ({"payer": Party(name="Иванов €")}, "/payer/name", "forbidden_characters", "8"),
    ({"payer": Party(name="Иванов", kpp="12")}, "/payer/kpp", "kpp_form", "102"),
]


@pytest.mark.parametrize(("changes", "pointer", "code", "form_field"), BROKEN)
def test_a_broken_rule_names_its_field(changes: dict[str, Any], pointer: str, code: str, form_field: str) -> None:
    (error,) = errors_of(replace(SUPPLIER_ORDER, **changes))
    assert (error.pointer, error.code, error.form_field) == (pointer, code, form_field)
    assert error.message.startswith(f"Поле {form_field}: ")
    assert error.field == pointer.removeprefix("/").replace("/", ".")


BROKEN_PAYEES: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "/payee/name", "required"),
    ({"name": "x" * 161}, "/payee/name", "too_long"),
    ({"name": "Иванов р/с 40817810802000000008"}, "/payee/name", "account_in_name"),
    ({"name": "Café"}, "/payee/name", "forbidden_characters"),
    ({"inn": "7830002290"}, "/payee/inn", "inn_check_digit"),
    ({"inn": "500100732259", "kpp": None}, "/payee/inn", "inn_of_other_kind"),
    ({"kpp": "12"}, "/payee/kpp", "kpp_form"),
    ({"account": None}, "/payee/account", "required"),
    ({"account": "40702810955230165460"}, "/payee/account", "account_key"),
    ({"account": "4070281095523016546"}, "/payee/account", "account_form"),
    ({"bic": None}, "/payee/bic", "required"),
    ({"bic": "04403065"}, "/payee/bic", "bic_form"),
    ({"correspondent_account": "30101810500000000650"}, "/payee/correspondent_account", "correspondent_account_key"),
    ({"correspondent_account": "40702810955230165464"}, "/payee/correspondent_account", "correspondent_account_kind"),
    ({"bank_name": "x" * 161}, "/payee/bank_name", "too_long"),
    ({"bank_name": "банк €"}, "/payee/bank_name", "forbidden_characters"),
]


@pytest.mark.parametrize(("changes", "pointer", "code"), BROKEN_PAYEES)
def test_a_broken_payee_names_its_field(changes: dict[str, Any], pointer: str, code: str) -> None:
    assert codes_of(with_payee(SUPPLIER_ORDER, **changes)) == [(pointer, code)]


@pytest.mark.parametrize(
    "changes",
    [
        {"kpp": "0"},
        {"inn": "12345"},
        {"kpp": ""},
        {"bank_name": None},
        {"correspondent_account": None},
        {"name": "ООО «Ромашка» — филиал"},
        {"name": "x" * 160},
    ],
)
def test_what_the_rules_allow_of_a_payee_passes(changes: dict[str, Any]) -> None:
    assert errors_of(with_payee(SUPPLIER_ORDER, **changes)) == []


def test_a_person_has_no_kpp() -> None:
    person = with_payee(
        SUPPLIER_ORDER,
        inn="500100732259",
        kpp="783001001",
        account="40817810802000000008",
        bic="044525104",
        correspondent_account="30101810745374525104",
    )
    assert codes_of(person) == [("/payee/kpp", "kpp_of_person")]
    assert codes_of(with_payee(person, kpp=None)) == []


def test_nobody_pays_to_the_account_that_pays() -> None:
    order = with_payee(
        SUPPLIER_ORDER,
        account=PAYER_ACCOUNT,
        bic=PAYER_BIC,
        inn="500100732259",
        kpp=None,
        correspondent_account=None,
    )
    assert codes_of(order) == [("/payee/account", "payee_is_payer")]


def test_the_right_inn_of_the_payer_is_told() -> None:
    (error,) = errors_of(replace(SUPPLIER_ORDER, payer=Party(name="Другой", inn="7707083893")))
    assert "500100732259" in error.message


def test_an_unknown_payer_cannot_contradict_but_its_inn_has_a_form() -> None:
    def codes(inn: str) -> list[str]:
        order = replace(SUPPLIER_ORDER, payer=Party(name="Другой", inn=inn))
        limits = {"today": TODAY, "past_days": 10, "future_days": 10}
        account = {
            "payer_account": PAYER_ACCOUNT,
            "payer_bic": PAYER_BIC,
            "values": VALUES,
            "payee_bank": None,
            "knows_banks": False,
        }
        return [error.code for error in check_order(order, payer=None, **account, **limits)]

    assert codes("7707083893") == []
    assert codes("7707083890") == ["inn_check_digit"]


PAYER = Party(name="Иванов", inn="12345", kpp="783001001")
WHOLE_BUDGET_ORDER = replace(
    FUND_ORDER,
    payer=PAYER,
    payer_account=PAYER_ACCOUNT,
    uin="18209965144380684245",
    payment_kind="Электронно",
    budget=BudgetDetails(
        drawer_status="08",
        kbk="79710212000061000160",
        oktmo="45328000",
        reason="ТП",
        tax_period="МС.02.2026",
        basis_number="5",
        basis_date="01.02.2026",
        payment_type="1",
    ),
    payee=replace(FUND_ORDER.payee, bank_name="ГУ БАНКА РОССИИ ПО ЦФО"),
)
WHOLE_PERSON_ORDER = replace(PERSON_ORDER, income_type_code="1")
# The importing service looks these two up itself.
LOOKED_UP = {"external_id", "account_id"}


def text_fields(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of all texts in a tree of dataclasses."""
    found: list[tuple[str, ...]] = []
    for field in fields(value):
        child = getattr(value, field.name)
        if is_dataclass(child) and not isinstance(child, Money):
            found += text_fields(child, (*path, field.name))
        elif isinstance(child, str):
            found.append((*path, field.name))
    return found


def with_text(value: Any, path: tuple[str, ...], text: str) -> Any:
    name, *rest = path
    changed = with_text(getattr(value, name), tuple(rest), text) if rest else text
    return replace(value, **{name: changed})


PLACES = [(WHOLE_BUDGET_ORDER, path) for path in text_fields(WHOLE_BUDGET_ORDER)]
PLACES.append((WHOLE_PERSON_ORDER, ("income_type_code",)))


@pytest.mark.parametrize(("order", "path"), PLACES, ids=[".".join(path) for _, path in PLACES])
@pytest.mark.parametrize("character", ["\x00", "\ud800", "😀", "\u200b"])
def test_no_text_of_an_order_may_hold_a_character_that_a_database_or_a_form_cannot(
    order: PaymentOrder, path: tuple[str, ...], character: str
) -> None:
    value: Any = order
    for name in path:
        value = getattr(value, name)
    pointer = "/" + "/".join(path)
    assert errors_of(order, payer=None) == []
    broken = errors_of(with_text(order, path, value + character), payer=None)
    assert pointer in {error.pointer for error in broken}


def test_the_orders_of_that_test_hold_every_text_of_an_order() -> None:
    optional = {field.name for field in fields(PaymentOrder)} - LOOKED_UP
    assert {path[0] for _, path in PLACES} == optional - {"date", "amount", "priority"}
    assert {path[1] for _, path in PLACES if path[0] == "budget"} == {field.name for field in fields(BudgetDetails)}


def test_all_errors_are_told_at_once_in_the_order_of_the_rules() -> None:
    order = with_payee(replace(SUPPLIER_ORDER, number="", purpose="", priority=9), account="1", bic="2")
    assert codes_of(order) == [
        ("/number", "number_form"),
        ("/payee/bic", "bic_form"),
        ("/payee/account", "account_form"),
        ("/priority", "priority"),
        ("/purpose", "required"),
    ]


def test_the_tax_service_takes_an_empty_purpose_and_nobody_else_does() -> None:
    assert codes_of(replace(TAX_ORDER, purpose="")) == []
    assert codes_of(replace(SUPPLIER_ORDER, purpose="")) == [("/purpose", "required")]


def test_normalising_tells_each_text_before_and_after() -> None:
    order = with_payee(replace(SUPPLIER_ORDER, purpose="Оплата — НДС"), name="ООО «Ромашка»", bank_name="БАНК  ЗАРЯ")
    normal, changes = normalise(order)
    assert changes == [
        Normalisation(field="payee.name", before="ООО «Ромашка»", after='ООО "Ромашка"'),
        Normalisation(field="payee.bank_name", before="БАНК  ЗАРЯ", after="БАНК ЗАРЯ"),
        Normalisation(field="purpose", before="Оплата — НДС", after="Оплата - НДС"),
    ]
    assert (normal.payee.name, normal.payee.bank_name, normal.purpose) == ('ООО "Ромашка"', "БАНК ЗАРЯ", "Оплата - НДС")


def test_normalising_a_clean_order_gives_the_order_itself() -> None:
    assert normalise(SUPPLIER_ORDER) == (SUPPLIER_ORDER, [])
    assert normalise(SUPPLIER_ORDER)[0] is SUPPLIER_ORDER


def test_normalising_keeps_a_missing_bank_name_missing() -> None:
    normal, _ = normalise(with_payee(replace(SUPPLIER_ORDER, purpose="а  б"), bank_name=None))
    assert normal.payee.bank_name is None


def test_a_purpose_that_does_not_name_vat_is_a_warning() -> None:
    (warning,) = list_warnings(replace(SUPPLIER_ORDER, purpose="Оплата по счёту"), VALUES)
    assert (warning.pointer, warning.code) == ("/purpose", "vat_not_named")
    assert list_warnings(replace(SUPPLIER_ORDER, purpose="Оплата, НДС не облагается"), VALUES) == []
    assert list_warnings(replace(TAX_ORDER, purpose="Единый налоговый платёж"), VALUES) == []


def test_a_payee_inn_that_starts_with_zeros_is_a_warning() -> None:
    (warning,) = list_warnings(with_payee(SUPPLIER_ORDER, inn="0012345678"), VALUES)
    assert (warning.pointer, warning.code) == ("/payee/inn", "inn_starts_with_zeros")


texts = st.text(max_size=30) | st.sampled_from(["", "0", "40702810955230165464", "03100643000000018500", "044030653"])
maybe = st.none() | texts
any_payee = st.builds(
    Counterparty,
    name=texts,
    inn=maybe,
    kpp=maybe,
    account=maybe,
    bic=maybe,
    bank_name=maybe,
    correspondent_account=maybe,
)
any_budget = st.builds(
    BudgetDetails,
    drawer_status=texts,
    kbk=maybe,
    oktmo=maybe,
    reason=maybe,
    tax_period=maybe,
    basis_number=maybe,
    basis_date=maybe,
    payment_type=maybe,
)
any_order = st.builds(
    PaymentOrder,
    number=texts,
    date=st.dates(),
    amount=st.builds(Money, st.decimals(-(10**20), 10**20, places=2).map(lambda amount: amount or Decimal("0.00"))),
    payee=any_payee,
    purpose=texts,
    payer_account=maybe,
    payer=st.none() | st.builds(Party, name=texts, inn=maybe, kpp=maybe),
    priority=st.integers(),
    uin=maybe,
    income_type_code=maybe,
    operation_code=texts,
    payment_kind=maybe,
    budget=st.none() | any_budget,
)


@settings(max_examples=150)
@given(any_order, st.dates())
def test_any_order_gets_an_answer_that_names_known_fields(order: PaymentOrder, today: dt.date) -> None:
    for error in errors_of(order, today=today):
        assert error.field in FORM_FIELDS
        assert error.message
    list_warnings(order, VALUES)


@given(any_order)
def test_an_order_and_its_normalised_twin_have_the_same_errors(order: PaymentOrder) -> None:
    normal, _ = normalise(order)
    assert errors_of(normal) == errors_of(order)

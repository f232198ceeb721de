"""Orders that the bank takes, for tests that break one thing in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from adapter.domain.banks import Bank
from adapter.domain.errors import FieldError
from adapter.domain.identifiers import account_key
from adapter.domain.money import Money
from adapter.domain.order_rules import check_order
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.formats.order_values import read_order_values

VALUES = read_order_values()
TODAY = dt.date(2026, 11, 21)
PAYER = Party(name="ИП Иванов Иван Иванович", inn="500100732259")
PAYER_ACCOUNT = "40802810722200035222"
PAYER_BIC = "045004864"

SUPPLIER = Counterparty(
    name='ООО "Ромашка"',
    inn="7830002293",
    kpp="783001001",
    account="40702810955230165464",
    bic="044030653",
    bank_name='СЕВЕРО-ЗАПАДНЫЙ БАНК "ЗАРЯ" г. Санкт-Петербург',
    correspondent_account="30101810500000000653",
)
TAX_SERVICE = Counterparty(
    name="Казначейство России (ФНС России)",
    inn="7727406020",
    kpp="770701001",
    account="03100643000000018500",
    bic="017003983",
    correspondent_account="40102810445370000059",
)
SUPPLIER_ORDER = PaymentOrder(
    number="12",
    date=TODAY,
    amount=Money.of("1500.50"),
    payee=SUPPLIER,
    purpose="Оплата по счёту № 12 от 01.11.2026, в том числе НДС 22% - 270-58",
)
TAX_ORDER = replace(
    SUPPLIER_ORDER,
    payee=TAX_SERVICE,
    purpose="Единый налоговый платёж",
    budget=BudgetDetails(
        drawer_status="01",
        kbk="18201061201010000510",
        oktmo="0",
        reason="0",
        tax_period="0",
        basis_number="0",
        basis_date="0",
    ),
)


CUSTOMS_ORDER = replace(
    SUPPLIER_ORDER,
    payee=Counterparty(
        name="Межрегиональное операционное УФК (ФТС России)",
        inn="7730176610",
        kpp="773001001",
        account="03100643000000019502",
        bic="024501901",
        correspondent_account="40102810045370000002",
    ),
    purpose="Авансовые таможенные платежи",
    budget=BudgetDetails(
        drawer_status="17",
        kbk="15311009000010000110",
        oktmo="45328000",
        reason="00",
        tax_period="10000010",
        basis_number="0",
        basis_date="0",
    ),
)
FUND_ORDER = replace(
    SUPPLIER_ORDER,
    payee=Counterparty(
        name="УФК по г. Москве (ОСФР по г. Москве и Московской области)",
        inn="7703363868",
        kpp="770301001",
        account="03100643000000017300",
        bic="004525988",
        correspondent_account="40102810545370000003",
    ),
    purpose="Взносы на травматизм за ноябрь 2026 года, рег. № 7712345678",
    budget=BudgetDetails(
        drawer_status="08",
        kbk="79710212000061000160",
        oktmo="45382000",
        reason="0",
        tax_period="0",
        basis_number="0",
        basis_date="0",
    ),
)
COMPANY = Party(name='ООО "Лира"', inn="7707083893", kpp="770701001")


def with_payee(order: PaymentOrder, **changes: Any) -> PaymentOrder:
    return replace(order, payee=replace(order.payee, **changes))


def account_of(prefix: str, bic: str = "044030653", rest: str = "000000000012") -> str:
    """An account with these first five digits and the right key."""
    account = f"{prefix}810{rest}"
    return account[:8] + account_key(account, bic) + account[9:]


def order_to(prefix: str, **payee: Any) -> PaymentOrder:
    """An order to an account with these first five digits."""
    return with_payee(SUPPLIER_ORDER, account=account_of(prefix), **payee)


PERSON_ORDER = order_to("40817", name="Петров Пётр Петрович", inn=None, kpp=None)
ENTREPRENEUR_ORDER = order_to("40802", name="ИП Петров Пётр Петрович", inn="773605950159", kpp=None)
NON_RESIDENT_ORDER = replace(
    order_to("40807", name="Acme Ltd", inn=None, kpp=None), purpose="{VO20100} Оплата по контракту 5, НДС не облагается"
)
GOOD_ORDERS = (
    SUPPLIER_ORDER,
    PERSON_ORDER,
    ENTREPRENEUR_ORDER,
    NON_RESIDENT_ORDER,
    TAX_ORDER,
    CUSTOMS_ORDER,
    FUND_ORDER,
)


def with_budget(order: PaymentOrder, **changes: Any) -> PaymentOrder:
    assert order.budget is not None
    return replace(order, budget=replace(order.budget, **changes))


def errors_of(
    order: PaymentOrder,
    *,
    payer: Party | None = PAYER,
    payer_account: str = PAYER_ACCOUNT,
    today: dt.date = TODAY,
    bank: Bank | None = None,
    knows_banks: bool = False,
) -> list[FieldError]:
    return check_order(
        order,
        payer=payer,
        payer_account=payer_account,
        payer_bic=PAYER_BIC,
        today=today,
        past_days=10,
        future_days=10,
        values=VALUES,
        payee_bank=bank,
        knows_banks=knows_banks or bank is not None,
    )


def codes_of(order: PaymentOrder, **known: Any) -> list[tuple[str, str]]:
    """Broken rules as (pointer, code)."""
    return [(error.pointer, error.code) for error in errors_of(order, **known)]

"""Orders that the bank takes, for tests that break one thing in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from adapter.domain.banks import Bank
from adapter.domain.errors import FieldError
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


def with_payee(order: PaymentOrder, **changes: Any) -> PaymentOrder:
    return replace(order, payee=replace(order.payee, **changes))


def with_budget(order: PaymentOrder, **changes: Any) -> PaymentOrder:
    assert order.budget is not None
    return replace(order, budget=replace(order.budget, **changes))


def errors_of(order: PaymentOrder, *, today: dt.date = TODAY, bank: Bank | None = None) -> list[FieldError]:
    return check_order(
        order,
        payer=PAYER,
        payer_account=PAYER_ACCOUNT,
        payer_bic=PAYER_BIC,
        today=today,
        past_days=10,
        future_days=10,
        values=VALUES,
        payee_bank=bank,
        knows_banks=bank is not None,
    )


def codes_of(order: PaymentOrder, *, today: dt.date = TODAY) -> list[tuple[str, str]]:
    """Broken rules as (pointer, code)."""
    return [(error.pointer, error.code) for error in errors_of(order, today=today)]

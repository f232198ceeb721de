"""Sample values: one payee at another bank with fitting keys, entries and orders around it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from adapter.domain.money import Money
from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.domain.statements import Direction, DocumentType, EntryDetails

PAYEE = Counterparty(
    name='ООО "Ромашка"',
    inn="7830002293",
    kpp="783001001",
    account="40702810955230165464",
    bic="044030653",
    bank_name="СЕВЕРО-ЗАПАДНЫЙ БАНК, г. Санкт-Петербург",
    correspondent_account="30101810500000000653",
)
BUDGET = BudgetDetails(
    drawer_status="01",
    kbk="18201061201010000510",
    oktmo="0",
    reason="0",
    tax_period="0",
    basis_number="0",
    basis_date="0",
)
THIRTEEN_DIGITS = "99999999999.99"  # the largest sum that fits a payment order
ONE_KOPECK = "0.01"


def entry_details(
    day: dt.date, amount: str = "1500.00", direction: Direction = Direction.CREDIT, **changed: object
) -> EntryDetails:
    """A believable entry of a day."""
    details = EntryDetails(
        direction=direction,
        amount=Money.of(amount),
        document_type=DocumentType.PAYMENT_ORDER,
        number="17",
        date=day,
        booking_date=day,
        value_date=day,
        counterparty=PAYEE,
        purpose="Оплата по счету 17, НДС не облагается",
        priority=5,
    )
    return replace(details, **changed)  # type: ignore[arg-type]  # names of fields


def payment_order(day: dt.date, amount: str = "1500.00", **changed: object) -> PaymentOrder:
    """A valid order to another bank."""
    order = PaymentOrder(
        number="101",
        date=day,
        amount=Money.of(amount),
        payee=PAYEE,
        purpose="Оплата по договору 7, НДС не облагается",
    )
    return replace(order, **changed)  # type: ignore[arg-type]  # names of fields


def signed_sum(details: EntryDetails) -> Money:
    """The amount as it moves a balance."""
    return details.amount if details.direction is Direction.CREDIT else Money(-details.amount.amount)

"""A payment to the budget for somebody else keeps the INN and KPP of fields 60 and 102 on its way to the core."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.domain.parties import Party
from adapter.domain.payments import PaymentOrder
from adapter.store.database import Database
from tests.domain.orders import COMPANY, TAX_ORDER
from tests.payment_desk import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def tax_order(desk: Desk, external_id: str, payer: Party | None, purpose: str) -> PaymentOrder:
    order = desk.order(external_id)
    return replace(order, payee=TAX_ORDER.payee, budget=TAX_ORDER.budget, payer=payer, purpose=purpose)


def test_the_one_for_whom_is_paid_is_kept(desk: Desk) -> None:
    (account,) = desk.payments.orders.accounts.read_accounts((desk.account_id,))
    own = account.owner
    other = replace(COMPANY, inn="7830002293", kpp="783001001")
    purpose = f"{own.inn}//{own.kpp or '0'}//{other.name}//ЕНП"
    payment, _ = desk.submit(tax_order(desk, "inv-1", other, purpose))
    assert payment.order.payer == other
    assert desk.payments.read(desk.caller, payment.id).order.payer == other


def test_a_payer_in_its_own_name_is_the_banks_to_fill_in(desk: Desk) -> None:
    (account,) = desk.payments.orders.accounts.read_accounts((desk.account_id,))
    payment, _ = desk.submit(tax_order(desk, "inv-1", account.owner, "ЕНП"))
    assert payment.order.payer is None

"""Fields 8, 60 and 102 of payments to the budget, for oneself or somebody else, on their way to the core."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from adapter.domain.parties import Party
from adapter.domain.payments import PaymentOrder
from adapter.formats import onec_exchange, pain001
from adapter.schemas.orders import dump_order, load_stored_order
from adapter.store.database import Database
from tests.domain.orders import COMPANY, PAYER_ACCOUNT, TAX_ORDER, with_budget
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


def test_a_person_without_an_inn_stays_without_one(desk: Desk) -> None:
    (account,) = desk.payments.orders.accounts.read_accounts((desk.account_id,))
    person = Party(name="Петров Пётр Петрович", inn="0", kpp="0")
    purpose = f"{account.owner.inn}//{account.owner.kpp or '0'}//{person.name}//Налог"
    order = tax_order(desk, "inv-1", person, purpose)
    order = replace(with_budget(order, drawer_status="13"), uin="18209965144380684245")
    payment, _ = desk.submit(order)
    assert desk.payments.read(desk.caller, payment.id).order.payer == person


def test_every_shape_tells_a_person_without_an_inn_alike() -> None:
    person = Party(name="Петров Пётр Петрович", inn="0", kpp="0")
    order = replace(TAX_ORDER, external_id="inv-1", payer_account=PAYER_ACCOUNT, payer=person)
    as_1c = onec_exchange.parse_orders(onec_exchange.render_orders([order]))
    message = pain001.render_orders([order], message_id="m1", created_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC))
    for parsed in (as_1c, pain001.parse_orders(message)):
        assert [line.order.payer for line in parsed.orders] == [person]
    assert load_stored_order(dump_order(replace(order, account_id="acc_1", payer_account=None))).payer == person


def test_a_subdivision_is_kept_and_reaches_the_core(desk: Desk) -> None:
    (account,) = desk.payments.orders.accounts.read_accounts((desk.account_id,))
    subdivision = replace(account.owner, kpp="774301001")
    payment, _ = desk.submit(tax_order(desk, "inv-1", subdivision, "ЕНП"))
    assert payment.warnings == ()
    assert desk.payments.read(desk.caller, payment.id).order.payer == subdivision
    desk.work()
    assert desk.core.bank.orders[payment.id].order.payer == subdivision


def test_outside_the_budget_the_banks_record_counts_and_that_is_told(desk: Desk) -> None:
    (account,) = desk.payments.orders.accounts.read_accounts((desk.account_id,))
    payment, _ = desk.submit(replace(desk.order("inv-1"), payer=replace(account.owner, kpp="774301001")))
    assert payment.order.payer is None
    (warning,) = payment.warnings
    assert (warning.code, warning.form_field) == ("payer_of_bank", "102")
    assert (warning.before, warning.after) == ("774301001", account.owner.kpp)

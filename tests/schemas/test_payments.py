"""What is answered of payments is in the document, member for member."""

from __future__ import annotations

import datetime as dt

from adapter.domain.parties import Party
from adapter.domain.payments import BudgetDetails, Payment, PaymentStatus, StatusStep
from adapter.schemas.payment_shapes import PaymentBody
from adapter.schemas.payments import dump_payment
from tests.fakes import payment_order

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


def test_every_member_of_a_full_payment_is_described() -> None:
    order = payment_order(
        external_id="inv-1",
        account_id="acc_1",
        payer=Party(name="ООО", inn="7701123451"),
        uin="0",
        income_type_code="1",
        payment_kind="Срочно",
        budget=BudgetDetails(drawer_status="01"),
    )
    step = StatusStep(status=PaymentStatus.RECEIVED, at=NOW, source="partner")
    payment = Payment(
        id="pay_1",
        partner_id="pa_1",
        customer_id="cus-1",
        consent_id="cn_1",
        account_id="acc_1",
        order=order,
        status=PaymentStatus.RECEIVED,
        status_reason=None,
        status_history=(step,),
        created_at=NOW,
        updated_at=NOW,
    )
    told = dump_payment(payment)
    assert told.keys() == PaymentBody().fields.keys()
    assert PaymentBody().validate(told) == {}

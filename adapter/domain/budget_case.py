"""One payment to the budget as its rules see it: the order, the values of its day, and what was told apart already."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.domain.order_kinds import OrderKind
from adapter.domain.order_values import DayValues
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.domain.third_person import ThirdPerson

ORDER_107N = "Приказ Минфина 107н от 12.11.2013"
CHARGE_LENGTHS = (20, 25)  # digits of a UIN, where its short form will not do


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCase:
    """`payer_inn`, `payer_kpp` and `uin` are empty where there is none, also where the form says so by a zero."""

    order: PaymentOrder
    budget: BudgetDetails
    day: DayValues
    kind: OrderKind
    payer_inn: str  # field 60 as it will stand (`payer_rules.payer_of_form`)
    payer_kpp: str  # field 102, likewise
    uin: str
    third_person: ThirdPerson | None

"""How connectors write entries and orders into JSON columns, dump and load side by side."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.domain.statements import Direction, DocumentType, EntryDetails

Json = dict[str, Any]


def dump_details(details: EntryDetails) -> Json:
    return {
        "direction": details.direction.value,
        "amount": str(details.amount),
        "currency": details.amount.currency,
        "document_type": details.document_type.value,
        "number": details.number,
        "date": details.date.isoformat(),
        "booking_date": details.booking_date.isoformat(),
        "value_date": details.value_date.isoformat(),
        "counterparty": asdict(details.counterparty),
        "purpose": details.purpose,
        "priority": details.priority,
        "uin": details.uin,
        "budget": asdict(details.budget) if details.budget else None,
    }


def load_details(record: Json) -> EntryDetails:
    return EntryDetails(
        direction=Direction(record["direction"]),
        amount=Money.of(record["amount"], record["currency"]),
        document_type=DocumentType(record["document_type"]),
        number=record["number"],
        date=dt.date.fromisoformat(record["date"]),
        booking_date=dt.date.fromisoformat(record["booking_date"]),
        value_date=dt.date.fromisoformat(record["value_date"]),
        counterparty=Counterparty(**record["counterparty"]),
        purpose=record["purpose"],
        priority=record["priority"],
        uin=record["uin"],
        budget=_load_budget(record["budget"]),
    )


def dump_order(order: PaymentOrder) -> Json:
    record = asdict(order)
    record["date"] = order.date.isoformat()
    record["amount"] = {"amount": str(order.amount), "currency": order.amount.currency}
    return record


def load_order(record: Json) -> PaymentOrder:
    plain = {name: value for name, value in record.items() if name not in _ORDER_OBJECTS}
    return PaymentOrder(
        **plain,
        date=dt.date.fromisoformat(record["date"]),
        amount=Money.of(record["amount"]["amount"], record["amount"]["currency"]),
        payee=Counterparty(**record["payee"]),
        payer=Party(**record["payer"]) if record["payer"] else None,
        budget=_load_budget(record["budget"]),
    )


_ORDER_OBJECTS = frozenset({"date", "amount", "payee", "payer", "budget"})


def _load_budget(record: Json | None) -> BudgetDetails | None:
    return BudgetDetails(**record) if record else None

"""Parts that stand in several bodies: marks, parties, payment orders."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from adapter.domain.core import Mark
from adapter.domain.limits import INN_MAX, KPP_MAX, MARK_BYTES_MAX, NUMBER_MAX
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.schemas.core_gateway.members import Members

Json = dict[str, Any]

BIC = re.compile(r"[0-9]{9}")
ACCOUNT = re.compile(r"[0-9A-Z]{20}")


def load_mark(members: Members, name: str = "mark") -> Mark:
    text = members.identifier(name, MARK_BYTES_MAX)
    try:
        return Mark(text)
    except ValueError:
        raise members.wrong(name, f"longer than {MARK_BYTES_MAX} bytes") from None


def dump_party(party: Party) -> Json:
    return {"name": party.name, "inn": party.inn, "kpp": party.kpp}


def load_party(members: Members) -> Party:
    return Party(
        name=members.text("name"), inn=members.text_or_none("inn", INN_MAX), kpp=members.text_or_none("kpp", KPP_MAX)
    )


def dump_counterparty(party: Counterparty) -> Json:
    return asdict(party)


def load_counterparty(members: Members) -> Counterparty:
    return Counterparty(
        name=members.text("name"),
        inn=members.text_or_none("inn", NUMBER_MAX),
        kpp=members.text_or_none("kpp", NUMBER_MAX),
        account=members.text_or_none("account", NUMBER_MAX),
        bic=members.text_or_none("bic", NUMBER_MAX),
        bank_name=members.text_or_none("bank_name"),
        correspondent_account=members.text_or_none("correspondent_account", NUMBER_MAX),
    )


def dump_budget(budget: BudgetDetails | None) -> Json | None:
    return asdict(budget) if budget else None


def load_budget(members: Members | None) -> BudgetDetails | None:
    if members is None:
        return None
    return BudgetDetails(
        drawer_status=members.text("drawer_status"),
        kbk=members.text_or_none("kbk"),
        oktmo=members.text_or_none("oktmo"),
        reason=members.text_or_none("reason"),
        tax_period=members.text_or_none("tax_period"),
        basis_number=members.text_or_none("basis_number"),
        basis_date=members.text_or_none("basis_date"),
        payment_type=members.text_or_none("payment_type"),
    )


def dump_order(order: PaymentOrder) -> Json:
    """The fields of form 0401060; what the adapter alone understands is told too, so that it comes back whole."""
    return {
        "number": order.number,
        "date": order.date.isoformat(),
        "amount": str(order.amount),
        "currency": order.amount.currency,
        "payee": dump_counterparty(order.payee),
        "purpose": order.purpose,
        "priority": order.priority,
        "uin": order.uin,
        "income_type_code": order.income_type_code,
        "operation_code": order.operation_code,
        "payment_kind": order.payment_kind,
        "budget": dump_budget(order.budget),
        "payer": dump_party(order.payer) if order.payer else None,
        "payer_account": order.payer_account,
        "external_id": order.external_id,
        "adapter_account_id": order.account_id,
    }


def load_order(members: Members) -> PaymentOrder:
    payer = members.object_or_none("payer")
    return PaymentOrder(
        number=members.text("number", NUMBER_MAX),
        date=members.day("date"),
        amount=members.money("amount", members.currency()),
        payee=load_counterparty(members.object("payee")),
        purpose=members.text("purpose"),
        priority=members.whole("priority", 1, 5),
        uin=members.text_or_none("uin"),
        income_type_code=members.text_or_none("income_type_code"),
        operation_code=members.text("operation_code"),
        payment_kind=members.text_or_none("payment_kind"),
        budget=load_budget(members.object_or_none("budget")),
        payer=load_party(payer) if payer else None,
        payer_account=members.text_or_none("payer_account"),
        external_id=members.text_or_none("external_id"),
        account_id=members.text_or_none("adapter_account_id"),
    )

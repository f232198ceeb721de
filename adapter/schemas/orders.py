"""The JSON of a payment order (DESIGN: the public contract): a strict reader, a writer and the shape for the document.

The reader is written by hand because a batch of thousands goes through it: marshmallow needs 97 µs for an order, this
about 12.  The marshmallow classes in `adapter/schemas/payments.py` describe the same shape in the document; a test
holds the two together.  Stored orders are in the same shape and come back through the same reader.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from adapter.domain.errors import FieldError
from adapter.domain.findings import field_error, given
from adapter.domain.imports import EXTERNAL_ID_MAX
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder

AMOUNT = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
EXTERNAL_ID = re.compile(rf"[!-~]{{1,{EXTERNAL_ID_MAX}}}")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # neither database keeps these
MEMBERS_MAX = 100  # of an object; ours have fewer than twenty
UNKNOWN_TOLD_MAX = 20
TEXT_MAX = 1000  # generous: the rules of the form are stricter and name the field; this keeps rubbish out

Errors = list[FieldError]


class _Wrong(Exception):
    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class _Field:
    read: Callable[[Any], Any]
    required: bool = False


class _Shape:
    def __init__(self, **fields: _Field) -> None:
        self.fields = fields
        self.required = tuple(name for name, field in fields.items() if field.required)


def load_order(data: object, pointer: str, errors: Errors) -> PaymentOrder | None:
    """Read one order; None, and every broken rule added to `errors`, where its shape is wrong."""
    before = len(errors)
    values = _load_object(data, ORDER, pointer, "", errors)
    if "payee" in values:
        payee = _load_object(values["payee"], PAYEE, f"{pointer}/payee", "payee.", errors)
    if "payer" in values:
        payer = _load_object(values["payer"], PAYER, f"{pointer}/payer", "payer.", errors)
    if "budget" in values:
        budget = _load_object(values["budget"], BUDGET, f"{pointer}/budget", "budget.", errors)
    if len(errors) > before:
        return None
    values["payee"] = Counterparty(**payee)
    values.setdefault("purpose", "")
    if "payer" in values:
        values["payer"] = Party(**{"name": "", **payer})
    if "budget" in values:
        # Zeros in every field say that there is none, as files say it.
        values["budget"] = BudgetDetails(**budget) if any(map(given, budget.values())) else None
    values["amount"] = Money(values["amount"], values.pop("currency", "RUB"))
    return PaymentOrder(**values)


def load_stored_order(data: Mapping[str, Any]) -> PaymentOrder:
    """Read an order that `dump_order` wrote."""
    errors: Errors = []
    order = load_order(data, "", errors)
    if order is None:
        raise ValueError(f"a stored order cannot be read: {[error.pointer for error in errors]}")
    return order


def dump_order(order: PaymentOrder) -> dict[str, Any]:
    """Write an order; absent fields are left out."""
    found: dict[str, Any] = {
        "external_id": order.external_id,
        "number": order.number,
        "date": order.date.isoformat(),
        "amount": str(order.amount),
        "currency": order.amount.currency,
        "account_id": order.account_id,
        "payer": _dump_payer(order.payer) if order.payer else None,
        "payee": _dump_payee(order.payee),
        "purpose": order.purpose,
        "priority": order.priority,
        "uin": order.uin,
        "income_type_code": order.income_type_code,
        "operation_code": order.operation_code,
        "payment_kind": order.payment_kind,
        "budget": _dump_budget(order.budget) if order.budget else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _dump_payer(payer: Party) -> dict[str, Any]:
    found = {name: getattr(payer, name) for name in PAYER.fields}
    return {name: value for name, value in found.items() if value}


def _dump_payee(payee: Counterparty) -> dict[str, Any]:
    found = {name: getattr(payee, name) for name in PAYEE.fields}
    return {name: value for name, value in found.items() if value is not None}


def _dump_budget(budget: BudgetDetails) -> dict[str, Any]:
    found = {name: getattr(budget, name) for name in BUDGET.fields}
    return {name: value for name, value in found.items() if value is not None}


def _load_object(data: object, shape: _Shape, pointer: str, prefix: str, errors: Errors) -> dict[str, Any]:
    if not isinstance(data, dict):
        errors.append(_error(pointer, prefix.rstrip("."), _Wrong("not_object", "Ожидается объект JSON")))
        return {}
    if len(data) > MEMBERS_MAX:
        many = _Wrong("too_many_fields", f"В объекте больше {MEMBERS_MAX} полей")
        errors.append(_error(pointer, prefix.rstrip("."), many))
        return {}
    values = {}
    unknown = []
    for name, value in data.items():
        field = shape.fields.get(name)
        if field is None:
            unknown.append(UNSTORABLE.sub("?", name[:100]))
        elif value is not None:
            try:
                values[name] = field.read(value)
            except _Wrong as wrong:
                errors.append(_error(f"{pointer}/{name}", prefix + name, wrong))
                values[name] = None
    if unknown:
        errors.append(_error(f"{pointer}/{_escape(unknown[0])}", prefix + unknown[0], _tell_unknown(unknown)))
    for name in shape.required:
        if name not in values:
            absent = _Wrong("required", "не заполнено")
            errors.append(_error(f"{pointer}/{name}", prefix + name, absent))
    return values


def _error(pointer: str, field: str, wrong: _Wrong) -> FieldError:
    return replace(field_error(field, wrong.code, wrong.message), pointer=pointer, field=field or None)


def _tell_unknown(names: list[str]) -> _Wrong:
    """One error for all of them, with the place of the first: an object may have nothing else."""
    if len(names) == 1:
        return _Wrong("unknown_field", "Такого поля нет")
    more = f" и ещё {len(names) - UNKNOWN_TOLD_MAX}" if len(names) > UNKNOWN_TOLD_MAX else ""
    return _Wrong("unknown_field", f"Таких полей нет: {', '.join(names[:UNKNOWN_TOLD_MAX])}{more}")


def _escape(name: str) -> str:
    """RFC 6901."""
    return name.replace("~", "~0").replace("/", "~1")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("not_text", "Ожидается строка")
    if len(value) > TEXT_MAX:
        raise _Wrong("too_long", f"Строка длиннее {TEXT_MAX} знаков")
    if not value.isprintable() and UNSTORABLE.search(value):
        raise _Wrong("bad_characters", "Недопустимые символы")
    return value


def _external_id(value: Any) -> str:
    if not isinstance(value, str) or not EXTERNAL_ID.fullmatch(value):
        raise _Wrong("bad_external_id", f"От 1 до {EXTERNAL_ID_MAX} видимых знаков ASCII без пробелов")
    return value


def _amount(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise _Wrong("not_text", "Сумма передаётся строкой, например «1500.00»")
    if not AMOUNT.fullmatch(value):
        raise _Wrong("bad_amount", "Сумма в рублях: до 16 цифр, точка и не больше двух знаков копеек")
    return Decimal(value)


def _currency(value: Any) -> str:
    if value != "RUB":
        raise _Wrong("currency", "Платёжное поручение бывает только в рублях: RUB")
    return "RUB"


def _date(value: Any) -> dt.date:
    if isinstance(value, str) and DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise _Wrong("bad_date", "Дата вида ГГГГ-ММ-ДД")


def _priority(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= 5:
        raise _Wrong("priority", "Очерёдность - целое число от 1 до 5")
    return value


def _as_is(value: Any) -> Any:
    return value


ORDER = _Shape(
    external_id=_Field(_external_id, required=True),
    number=_Field(_text, required=True),
    date=_Field(_date, required=True),
    amount=_Field(_amount, required=True),
    currency=_Field(_currency),
    account_id=_Field(_text, required=True),
    payer=_Field(_as_is),
    payee=_Field(_as_is, required=True),
    purpose=_Field(_text),  # the tax service needs none; who does is a matter of the rules
    priority=_Field(_priority),
    uin=_Field(_text),
    income_type_code=_Field(_text),
    operation_code=_Field(_text),
    payment_kind=_Field(_text),
    budget=_Field(_as_is),
)
PAYER = _Shape(
    name=_Field(_text),
    inn=_Field(_text),
    kpp=_Field(_text),
)
PAYEE = _Shape(
    name=_Field(_text, required=True),
    inn=_Field(_text),
    kpp=_Field(_text),
    account=_Field(_text, required=True),
    bic=_Field(_text, required=True),
    bank_name=_Field(_text),
    correspondent_account=_Field(_text),
)
BUDGET = _Shape(
    drawer_status=_Field(_text, required=True),
    kbk=_Field(_text),
    oktmo=_Field(_text),
    reason=_Field(_text),
    tax_period=_Field(_text),
    basis_number=_Field(_text),
    basis_date=_Field(_text),
    payment_type=_Field(_text),
)

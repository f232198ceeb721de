"""Shapes of payments, imports and checks for the API's document.

They only describe: `adapter/schemas/orders.py` reads and `adapter/schemas/payments.py` writes by hand, because batches
of thousands pass through.  A test holds both against each other.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from adapter.domain.imports import ImportMode, ImportShape
from adapter.domain.payments import PaymentStatus
from adapter.schemas.orders import AMOUNT, EXTERNAL_ID, TEXT_MAX
from adapter.schemas.parties import Open, amount, nullable
from adapter.schemas.problems import FieldProblem


def _text(description: str, required: bool = False, **options: Any) -> ma.fields.Str:
    return ma.fields.Str(
        required=required,
        allow_none=not required,
        validate=ma.validate.Length(max=TEXT_MAX),
        metadata={"description": description, **options},
    )


class PayerInput(ma.Schema):
    """Counts in payments to the budget: a subdivision, or for whom is paid.  Else the bank's own record does."""

    name = _text("8")
    inn = _text("60", example="7707083893")
    kpp = _text("102")


class PayeeInput(ma.Schema):
    """Who is paid, fields 13-17, 61 and 103."""

    name = _text("16", required=True, example='ООО "Ромашка"')
    inn = _text("61")
    kpp = _text("103")
    account = _text("17, 20 characters", required=True, example="40702810955230165464")
    bic = _text("14, БИК", required=True, example="044030653")
    bank_name = _text("13")
    correspondent_account = _text("15")


class BudgetInput(ma.Schema):
    """Fields 101 and 104-110 of a payment to the budget."""

    drawer_status = _text("101", required=True)
    kbk = _text("104")
    oktmo = _text("105")
    reason = _text("106")
    tax_period = _text("107")
    basis_number = _text("108")
    basis_date = _text("109")
    payment_type = _text("110")


class OrderInput(ma.Schema):
    """A payment order (form 0401060); the numbers are those of its fields."""

    external_id = ma.fields.Str(
        required=True,
        validate=ma.validate.Regexp(f"^{EXTERNAL_ID.pattern}$"),
        metadata={
            "description": "your own id: one order for ever, however often it is sent",
            "example": "inv-2026-117",
        },
    )
    number = _text("3, 1 to 6 digits", required=True, example="117")
    date = ma.fields.Date(required=True, metadata={"description": "4"})
    amount = ma.fields.Str(
        required=True,
        validate=ma.validate.Regexp(f"^{AMOUNT.pattern}$"),
        metadata={"description": "7, roubles as a decimal string", "example": "1500.00"},
    )
    currency = ma.fields.Str(
        allow_none=True, load_default="RUB", validate=ma.validate.Equal("RUB"), metadata={"enum": ["RUB"]}
    )
    account_id = _text("9, the account that pays, by its id here", required=True)
    payer = ma.fields.Nested(PayerInput, allow_none=True)
    payee = ma.fields.Nested(PayeeInput, required=True)
    purpose = _text("24, up to 210 characters; only the tax service needs none", example="Оплата по счёту 117, без НДС")
    priority = ma.fields.Int(
        strict=True, allow_none=True, load_default=5, validate=ma.validate.Range(1, 5), metadata={"description": "21"}
    )
    uin = _text("22")
    income_type_code = _text("20")
    operation_code = _text("18, always 01")
    payment_kind = _text("5")
    budget = ma.fields.Nested(BudgetInput, allow_none=True)


class BatchInput(ma.Schema):
    """A batch of orders."""

    payments = ma.fields.List(ma.fields.Nested(OrderInput), required=True, validate=ma.validate.Length(min=1))


class StepBody(Open):
    """One step of a payment's fate; `applied` is false for a late or contradicting word, kept but not followed."""

    status = ma.fields.Enum(PaymentStatus, by_value=True, required=True)
    at = ma.fields.AwareDateTime(required=True)
    source = ma.fields.Str(required=True, validate=ma.validate.OneOf(("partner", "adapter", "core", "staff")))
    reason = nullable("why, in Russian")
    applied = ma.fields.Bool(required=True)


class PaymentBody(Open):
    """A payment: what was sent, and what became of it."""

    id = ma.fields.Str(required=True)
    external_id = ma.fields.Str(required=True)
    number = ma.fields.Str(required=True)
    date = ma.fields.Date(required=True)
    amount = amount("roubles")
    currency = ma.fields.Str(required=True)
    account_id = ma.fields.Str(required=True)
    payer = ma.fields.Dict(metadata={"description": "8, 60 and 102 of a payment to the budget, where they were sent"})
    payee = ma.fields.Dict(required=True, metadata={"description": "as it was sent"})
    purpose = ma.fields.Str(required=True)
    priority = ma.fields.Int(required=True)
    uin = ma.fields.Str(metadata={"description": "22, as it was sent"})
    income_type_code = ma.fields.Str(metadata={"description": "20, as it was sent"})
    operation_code = ma.fields.Str(required=True, metadata={"description": "18"})
    payment_kind = ma.fields.Str(metadata={"description": "5, as it was sent"})
    budget = ma.fields.Dict(metadata={"description": "as it was sent"})
    status = ma.fields.Enum(PaymentStatus, by_value=True, required=True)
    status_reason = nullable("why it was rejected or cancelled, in Russian")
    status_history = ma.fields.List(ma.fields.Nested(StepBody), required=True)
    sign_url = nullable("where the customer signs it in the bank")
    entry_id = nullable("the booked entry that belongs to it")
    import_id = nullable("the batch that it came with")
    possible_duplicate = ma.fields.Bool(
        required=True, metadata={"description": "the same payment came under another id"}
    )
    possible_duplicate_of = nullable("that payment, where it is yours")
    edited_in_bank = ma.fields.Dict(required=True, metadata={"description": "what the customer changed in the bank"})
    warnings = ma.fields.List(
        ma.fields.Nested(FieldProblem),
        required=True,
        metadata={"description": "what deserves a second look, told when it was accepted"},
    )
    created_at = ma.fields.AwareDateTime(required=True)
    updated_at = ma.fields.AwareDateTime(required=True)


class FatesBody(Open):
    """Payments by their last change, oldest first."""

    payments = ma.fields.List(ma.fields.Nested(PaymentBody), required=True)
    next_cursor = nullable("where to go on; null for a search by `external_id`")
    has_more = ma.fields.Bool(required=True)


class ImportLineBody(Open):
    """What became of one order; where `payment_id` is null, `errors` say why."""

    index = ma.fields.Int(required=True, metadata={"description": "place in the batch, from 0"})
    line = ma.fields.Int(required=True, allow_none=True, metadata={"description": "line of the file, from 1"})
    external_id = nullable("yours; made from the content where a file has none")
    payment_id = nullable("the payment")
    created = ma.fields.Bool(required=True, metadata={"description": "false where it was stored before"})
    status = ma.fields.Enum(PaymentStatus, by_value=True, required=True, allow_none=True)
    status_reason = nullable("why, in the bank's words")
    possible_duplicate = ma.fields.Bool(required=True)
    errors = ma.fields.List(ma.fields.Nested(FieldProblem), required=True)
    warnings = ma.fields.List(ma.fields.Nested(FieldProblem), required=True)


class ImportBody(Open):
    """A batch in its present state."""

    id = ma.fields.Str(required=True)
    shape = ma.fields.Enum(ImportShape, by_value=True, required=True)
    mode = ma.fields.Enum(ImportMode, by_value=True, required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    accepted = ma.fields.Int(required=True)
    created = ma.fields.Int(required=True)
    refused = ma.fields.Int(required=True)
    lines = ma.fields.List(ma.fields.Nested(ImportLineBody), required=True)
    warnings = ma.fields.List(ma.fields.Nested(FieldProblem), required=True)


class CheckBody(Open):
    """Whether the orders could be accepted now, every broken rule, and what deserves a second look."""

    valid = ma.fields.Bool(required=True)
    errors = ma.fields.List(ma.fields.Nested(FieldProblem), required=True)
    warnings = ma.fields.List(ma.fields.Nested(FieldProblem), required=True)

"""Who pays and who is paid, and money, as JSON shows them.

Response shapes say `unknown = INCLUDE`: members are added later, and clients generated from the document must live
with that.  `api_specs/openapi.json` names them by class.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma

AMOUNT_PATTERN = r"^-?\d{1,16}\.\d{2}$"


def amount(description: str, **options: Any) -> ma.fields.Str:
    """A decimal string with two places; never a number, which JavaScript would round."""
    return ma.fields.Str(
        required=True,
        validate=ma.validate.Regexp(AMOUNT_PATTERN),
        metadata={"description": description, "example": "1500.00"},
        **options,
    )


def currency() -> ma.fields.Str:
    return ma.fields.Str(required=True, metadata={"description": "ISO 4217", "example": "RUB"})


def nullable(description: str, **options: Any) -> ma.fields.Str:
    """A text that is always there and may be null."""
    return ma.fields.Str(required=True, allow_none=True, metadata={"description": description}, **options)


class Open(ma.Schema):
    """Base of response shapes."""

    class Meta:
        unknown = ma.INCLUDE


class OwnerBody(Open):
    """Whose account it is."""

    name = ma.fields.Str(required=True)
    inn = nullable("ИНН")
    kpp = nullable("КПП; entrepreneurs have none")


class CounterpartyBody(Open):
    """The other side of an entry; a bank's own fee may have little more than a name."""

    name = ma.fields.Str(required=True)
    inn = nullable("ИНН")
    kpp = nullable("КПП")
    account = nullable("20 characters")
    bic = nullable("БИК, 9 digits")
    bank_name = nullable("name of its bank")
    correspondent_account = nullable("корсчёт of its bank; null where the account is held at the Bank of Russia")


class BudgetBody(Open):
    """Fields 101 and 104-110 of a payment to the budget."""

    drawer_status = ma.fields.Str(required=True, metadata={"description": "101"})
    kbk = nullable("104")
    oktmo = nullable("105")
    reason = nullable("106")
    tax_period = nullable("107")
    basis_number = nullable("108")
    basis_date = nullable("109")
    payment_type = nullable("110")

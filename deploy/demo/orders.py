"""From the fields of the payment form to an order of the open API, and from the bank's errors back to the fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bank_api import Refused

TEXTS = ("external_id", "account_id", "number", "date", "purpose")
PAYEE_TEXTS = ("name", "bank_name")
PAYEE_DIGITS = ("inn", "kpp", "account", "bic", "correspondent_account")  # people type spaces between digits


def draft_order(form: Mapping[str, str]) -> dict[str, Any]:
    """Empty fields are left out; what is wrong in the others, the bank tells."""
    payee = {name: form.get(f"payee.{name}", "").strip() for name in PAYEE_TEXTS}
    payee.update({name: form.get(f"payee.{name}", "").replace(" ", "") for name in PAYEE_DIGITS})
    order: dict[str, Any] = {name: form.get(name, "").strip() for name in TEXTS}
    order["amount"] = form.get("amount", "").replace(" ", "").replace("\u00a0", "").replace(",", ".")
    order["currency"] = "RUB"
    order["payee"] = {name: value for name, value in payee.items() if value}
    return {name: value for name, value in order.items() if value}


def errors_by_field(refusal: Refused) -> dict[str, list[str]]:
    """`/payee/account` is the form's field `payee.account`; what belongs to no field stands under an empty name."""
    found: dict[str, list[str]] = {}
    for error in refusal.errors:
        name = error["pointer"].strip("/").replace("/", ".")
        found.setdefault(name, []).append(error["message"])
    return found

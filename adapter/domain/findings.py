"""Broken rules of one payment order, collected so that all of them are told at once.

`FORM_FIELDS` gives our fields their numbers on form 0401060 (Bank of Russia, regulation 762-P).
"""

from __future__ import annotations

from collections.abc import Callable

from adapter.domain.characters import describe, find_forbidden
from adapter.domain.errors import FieldError
from adapter.domain.identifiers import InvalidIdentifier
from adapter.domain.order_values import Ruling

FORM_FIELDS = {
    "number": "3",
    "date": "4",
    "payment_kind": "5",
    "amount": "7",
    "currency": "7",
    "payer.name": "8",
    "payer_account": "9",
    "account_id": "9",
    "payee.bank_name": "13",
    "payee.bic": "14",
    "payee.correspondent_account": "15",
    "payee.name": "16",
    "payee.account": "17",
    "operation_code": "18",
    "income_type_code": "20",
    "priority": "21",
    "uin": "22",
    "purpose": "24",
    "payer.inn": "60",
    "payee.inn": "61",
    "payer.kpp": "102",
    "payee.kpp": "103",
    "budget": "101",
    "budget.drawer_status": "101",
    "budget.kbk": "104",
    "budget.oktmo": "105",
    "budget.reason": "106",
    "budget.tax_period": "107",
    "budget.basis_number": "108",
    "budget.basis_date": "109",
    "budget.payment_type": "110",
}


def field_error(
    field: str, code: str, message: str, *, right_value: str | None = None, reference: str | None = None
) -> FieldError:
    """A broken rule of one field; the pointer is relative to the order, the message gets the number on the form.

    `right_value` is what would be right, "" where the field should be empty; `reference` is the rule, in Russian.
    """
    form_field = FORM_FIELDS.get(field)
    return FieldError(
        pointer="/" + field.replace(".", "/"),
        code=code,
        message=f"Поле {form_field}: {message}" if form_field else message,
        field=field,
        form_field=form_field,
        right_value=right_value,
        reference=reference,
    )


def given(text: str | None) -> str:
    """The text of a field; empty where the field is missing, empty, or says «none» by a zero, as the form does."""
    return "" if text is None or text == "0" else text


class Findings:
    """Collects broken rules; `errors` keeps the order in which they were found."""

    __slots__ = ("errors",)

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(
        self, field: str, code: str, message: str, *, right_value: str | None = None, reference: str | None = None
    ) -> None:
        """Note a broken rule of a field such as `payee.account`."""
        self.errors.append(field_error(field, code, message, right_value=right_value, reference=reference))

    def must_be(self, field: str, code: str, told: str | None, right: Ruling[str], message: str) -> None:
        """Note a value that is not the one that holds on the day of the order."""
        if told == right.value:
            return
        reference = right.reference(right.value)
        if given(told):
            self.add(field, code, f"{message}; верно: {right.value}", right_value=right.value, reference=reference)
        else:
            message = f"не заполнено; укажите {right.value}"
            self.add(field, "required", message, right_value=right.value, reference=reference)

    def must_be_empty(self, field: str, code: str, told: str | None, message: str, reference: str) -> None:
        """Note a value where the form wants none, which it writes as a zero."""
        if given(told):
            self.add(field, code, message, right_value="0", reference=reference)

    def holds(self, field: str, check: Callable[..., None], *values: str, reference: str | None = None) -> bool:
        """Whether a check of `identifiers` lets the values pass; if not, its reason is noted."""
        try:
            check(*values)
        except InvalidIdentifier as broken:
            self.add(field, broken.code, broken.reason, reference=reference)
            return False
        return True

    def check_characters(self, field: str, text: str) -> None:
        """Note characters that a payment order cannot hold."""
        forbidden = find_forbidden(text)
        if forbidden:
            self.add(field, "forbidden_characters", f"недопустимые знаки: {describe(forbidden)}")

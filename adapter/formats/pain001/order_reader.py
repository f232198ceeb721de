"""One `CdtTrfTxInf` with what its `PmtInf` says for all of them → one payment order, or everything wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from adapter.domain.errors import FieldError
from adapter.domain.findings import FORM_FIELDS
from adapter.domain.imports import EXTERNAL_ID_MAX, OrderLine, OrderReferences
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.formats.amounts import BadValue, is_decimal, known_currency
from adapter.formats.iso20022.cut_texts import join_purpose
from adapter.formats.iso20022.dates import parse_date
from adapter.formats.iso20022.references import NOT_PROVIDED, REFERENCE_LENGTH
from adapter.formats.notes import Notes, shorten
from adapter.formats.pain001 import places
from adapter.formats.pain001.block import Block, check_fields, note_if_repaired, read_name, too_long
from adapter.formats.pain001.leaves import TEXT_MAX, Fields, Leaves
from adapter.formats.pain001.places import ORDER_PLACES, PAYMENT_PLACES
from adapter.formats.pain001.values import none_if_zero, parse_sum

Value = TypeVar("Value")

DEFAULT_PRIORITY = 5
_PRIORITIES = {text: int(text) for digit in range(1, 6) for text in (str(digit), f"0{digit}")}
_NUMBER = re.compile(r"[0-9]{1,6}").fullmatch
_EXTERNAL_ID = re.compile(rf"[!-~]{{1,{EXTERNAL_ID_MAX}}}").fullmatch


class OrderReader:
    """Reads one order, collecting everything that is wrong with it; `references` name it in a pain.002.

    `amount` is None where it cannot be read.
    """

    def __init__(self, block: Block, transfer: Leaves, index: int, notes: Notes) -> None:
        self.block = block
        self.transfer = transfer
        self.fields = Fields(transfer, places.ORDER_FIELDS)
        self.pointer = f"/payments/{index}"
        self.notes = notes
        self.errors: list[FieldError] = []
        self.references = self._read_references()
        self.amount = self._read_amount()

    def read(self) -> OrderLine | None:
        """None where `errors` say why."""
        for wrong in (*check_fields(self.fields), *self.block.wrong):
            self.add_error(*wrong)
        number, is_named_by = self._read_number()
        external_id = self._read_external_id(is_named_by)
        date = self._read_date()
        amount = self.amount
        payee = self._read_payee()
        priority = self._value("priority", self.fields.text("priority"), self.fields.line("priority"), _parse_priority)
        if date is None or amount is None or priority is None or self.errors:
            return None
        text = self.fields.text
        order = PaymentOrder(
            external_id=external_id,
            number=number,
            date=date,
            amount=amount,
            payee=payee,
            purpose=join_purpose(leaf.text for leaf in self.fields.all("purpose")),
            payer_account=self.block.payer_account,
            payer=self.block.payer,
            priority=priority,
            uin=none_if_zero(text("uin")),
            income_type_code=text("income_type_code") or None,
            payment_kind=text("payment_kind") or None,
            budget=self._read_budget(),
        )
        return OrderLine(
            order=order,
            pointer=self.pointer,
            line=self.transfer.line,
            field_lines=FieldLines(self),
            references=self.references,
        )

    def add_error(self, field: str, code: str, message: str, line: int | None) -> None:
        """Keep an error of one of our fields."""
        pointer = self.pointer + ("/" + field.replace(".", "/") if field else "")
        self.errors.append(
            FieldError(
                pointer=pointer,
                code=code,
                message=shorten(message),
                field=field or None,
                form_field=FORM_FIELDS.get(field),
                line=line or self.transfer.line,
            )
        )

    def _read_references(self) -> OrderReferences:
        """As they were written, cut to what the standard allows: an order with a longer one is refused."""
        instruction_id = self.transfer.text(places.INSTRUCTION_ID)
        end_to_end_id = self.transfer.text(places.END_TO_END_ID) or NOT_PROVIDED
        for path, text in ((places.INSTRUCTION_ID, instruction_id), (places.END_TO_END_ID, end_to_end_id)):
            if len(text) > REFERENCE_LENGTH:
                message = f"{path} длиннее {REFERENCE_LENGTH} знаков: {text}"
                self.add_error("external_id", "too_long", message, self.transfer.find_line(path))
        return OrderReferences(
            payment_information_id=self.block.id,
            instruction_id=instruction_id[:REFERENCE_LENGTH] or None,
            end_to_end_id=end_to_end_id[:REFERENCE_LENGTH],
        )

    def _read_number(self) -> tuple[str, str]:
        """The number, and the place that names it: an id that is read as the number is no id of ours any more."""
        place = places.first_place("number")
        if number := self.fields.text("number"):
            return number, place
        for path in (places.END_TO_END_ID, places.INSTRUCTION_ID):
            if _NUMBER(number := self.transfer.text(path)):
                line = self.transfer.find_line(path) or self.transfer.line
                self.notes.add(line, "number_from_id", f"номер поручения взят из {path}", path)
                return number, path
        self.add_error("number", "required", "номер поручения не указан", None)
        return "", place

    def _read_external_id(self, number_path: str) -> str | None:
        for path in (places.END_TO_END_ID, places.INSTRUCTION_ID):
            text = self.transfer.text(path)
            if not text or text == NOT_PROVIDED or path == number_path:
                continue
            if not _EXTERNAL_ID(text):
                message = f"{path}: от 1 до {EXTERNAL_ID_MAX} видимых знаков ASCII без пробелов"
                self.add_error("external_id", "bad_external_id", message, self.transfer.find_line(path))
            return text
        return None

    def _read_date(self) -> dt.date | None:
        """The document's own date, else the day of execution, of which the block tells what is wrong with it."""
        text, line = self.fields.text("date"), self.fields.line("date") or self.transfer.line
        if not text:
            if self.block.execution_line is None:
                self.add_error("date", "bad_date", "дата не указана", line)
            return self.block.execution_date
        date, is_plain = parse_date(text)
        if date is None:
            self.add_error("date", "bad_date", f"дата не читается, нужно гггг-мм-дд: {text}", line)
            return None
        note_if_repaired(self.notes, line, places.first_place("date"), text, date, is_plain)
        self._compare_with_execution(date)
        return date

    def _compare_with_execution(self, date: dt.date) -> None:
        """There are no planned payments: an order for a later day must not become payable now."""
        execution, line = self.block.execution_date, self.block.execution_line or self.transfer.line
        if execution is None or execution == date:
            return
        told = f"ReqdExctnDt {execution:%d.%m.%Y}"
        if execution > date:
            message = f"{told} позже даты поручения {date:%d.%m.%Y}: отложенные платежи не принимаются"
            self.add_error("date", "planned_payment", message, line)
        else:
            message = f"{told} раньше даты поручения {date:%d.%m.%Y} и не используется"
            self.notes.add(line, "execution_date_unused", message, "ReqdExctnDt")

    def _read_amount(self) -> Money | None:
        text, line = self.fields.text("amount"), self.fields.line("amount")
        amount = self._value("amount", text, line, parse_sum)
        currency = self.transfer.text(f"{places.AMOUNT}@Ccy")
        if line is not None and known_currency(currency) != "RUB":
            told = f"указана валюта {currency}" if currency else "валюта не указана"
            self.add_error("amount", "currency", f"платёжное поручение составляется в рублях (RUB), {told}", line)
        if amount is None:
            return None
        if not is_decimal(text):
            self.notes.add(line or self.transfer.line, "amount_spelling", f"сумма {text} прочитана как {amount}")
        return Money(amount)

    def _read_payee(self) -> Counterparty:
        text = self.fields.text
        name = read_name(self.transfer, "Cdtr")
        if len(name) > TEXT_MAX:
            self.add_error(*too_long("payee.name", self.fields.line("payee.name")))
        return Counterparty(
            name=name,
            inn=none_if_zero(text("payee.inn")),
            kpp=none_if_zero(text("payee.kpp")),
            account=text("payee.account") or None,
            bic=text("payee.bic") or None,
            bank_name=text("payee.bank_name") or None,
            correspondent_account=text("payee.correspondent_account") or None,
        )

    def _read_budget(self) -> BudgetDetails | None:
        found = {field.removeprefix("budget."): self.fields.text(field) for field in _BUDGET_FIELDS}
        if not any(map(none_if_zero, found.values())):
            return None
        status = found.pop("drawer_status")
        return BudgetDetails(drawer_status=status, **{field: text or None for field, text in found.items()})

    def _value(self, field: str, text: str, line: int | None, parse: Callable[[str], Value]) -> Value | None:
        try:
            return parse(text)
        except BadValue as bad:
            self.add_error(field, bad.code, bad.message, line)
            return None


class FieldLines(Mapping[str, int]):
    """Lines by our field names, one number each: a file of thousands of orders is kept in memory."""

    __slots__ = ("_lines",)

    def __init__(self, reader: OrderReader) -> None:
        self._lines = (
            *map(reader.fields.line, ORDER_PLACES),
            *reader.block.lines,
            reader.transfer.find_line(places.END_TO_END_ID, places.INSTRUCTION_ID),
        )

    def __getitem__(self, field: str) -> int:
        line = self._lines[_PLACE_BY_FIELD[field]]
        if line is None:
            raise KeyError(field)
        return line

    def __iter__(self) -> Iterator[str]:
        return (field for field, place in _PLACE_BY_FIELD.items() if self._lines[place] is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


_BUDGET_FIELDS = tuple(field for field in ORDER_PLACES if field.startswith("budget."))
_PLACE_BY_FIELD = {field: place for place, field in enumerate((*ORDER_PLACES, *PAYMENT_PLACES, "external_id"))}
_PLACE_BY_FIELD["budget"] = _PLACE_BY_FIELD["budget.drawer_status"]


def _parse_priority(text: str) -> int:
    """Raises BadValue."""
    if not text:
        return DEFAULT_PRIORITY
    if text in _PRIORITIES:
        return _PRIORITIES[text]
    raise BadValue("priority", f"очерёдность платежа - от 1 до 5, указано {text}")

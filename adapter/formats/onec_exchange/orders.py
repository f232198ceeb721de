"""Payment orders from an accounting program: a file → the orders in it, what was repaired, what cannot be read.

Only «Платежное поручение» can be imported.  Whether an order keeps the bank's rules is not asked here
(`adapter.domain.order_rules`); here it is only whether it can be read without guessing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from adapter.domain.errors import FieldError
from adapter.domain.findings import FORM_FIELDS
from adapter.domain.imports import ImportShape, OrderLine, ParsedOrders
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import PaymentOrder
from adapter.domain.statements import DocumentType
from adapter.formats.notes import Notes, refuse
from adapter.formats.onec_exchange import values
from adapter.formats.onec_exchange.reader import ExchangeFile, Section, read_file
from adapter.formats.onec_exchange.tags import KIND_NAMES, NOT_KEPT_KEYS, PURPOSE_PARTS, type_by_name

Value = TypeVar("Value")

# Our fields and the keys that may hold them, the preferred one first.
FIELD_KEYS = {
    "number": ("Номер",),
    "date": ("Дата",),
    "amount": ("Сумма",),
    "payer_account": ("ПлательщикРасчСчет", "ПлательщикСчет"),
    "payer.name": ("Плательщик1", "Плательщик"),
    "payer.inn": ("ПлательщикИНН",),
    "payer.kpp": ("ПлательщикКПП",),
    "payee.name": ("Получатель1", "Получатель"),
    "payee.inn": ("ПолучательИНН",),
    "payee.kpp": ("ПолучательКПП",),
    "payee.account": ("ПолучательРасчСчет", "ПолучательСчет"),
    "payee.bic": ("ПолучательБИК",),
    "payee.bank_name": ("ПолучательБанк1",),
    "payee.correspondent_account": ("ПолучательКорсчет",),
    "purpose": ("НазначениеПлатежа", *PURPOSE_PARTS),
    "priority": ("Очередность",),
    "uin": ("Код",),
    "income_type_code": ("КодНазПлатежа",),
    "operation_code": ("ВидОплаты",),
    "payment_kind": ("ВидПлатежа",),
    "budget": ("СтатусСоставителя",),
    "budget.drawer_status": ("СтатусСоставителя",),
    "budget.kbk": ("ПоказательКБК",),
    "budget.oktmo": ("ОКАТО",),
    "budget.reason": ("ПоказательОснования",),
    "budget.tax_period": ("ПоказательПериода",),
    "budget.basis_number": ("ПоказательНомера",),
    "budget.basis_date": ("ПоказательДаты",),
    "budget.payment_type": ("ПоказательТипа",),
}
DOCUMENTS_MAX = 100_000  # what memory bears; a bank's own limit for a batch is lower
_FIELD_BY_KEY = {key: field for field, keys in FIELD_KEYS.items() for key in keys}


def parse_orders(data: bytes) -> ParsedOrders:
    """Read the payment orders of a file; pointers are `/payments/<place in the file>`, also of unreadable documents.

    Raises UnreadableFile only for the file as a whole (no marker, binary, destroyed letters, broken off, no end mark).
    """
    notes = Notes()
    file = read_file(data, notes, DOCUMENTS_MAX)
    _refuse_without_end(notes)
    readers = [_OrderReader(file, section, index, notes) for index, section in enumerate(file.documents)]
    orders = tuple(line for reader in readers if (line := reader.read()))
    values.note_not_kept(file.documents, NOT_KEPT_KEYS, notes)
    errors = [error for reader in readers for error in reader.errors]
    if not file.documents:
        errors.append(FieldError(pointer="/payments", code="no_documents", message="в файле нет ни одного документа"))
    return ParsedOrders(shape=ImportShape.ONEC, orders=orders, warnings=notes.warnings, errors=tuple(errors))


def _refuse_without_end(notes: Notes) -> None:
    """A statement can be read without its end; of orders nobody would know how many are lost."""
    for note in notes.warnings:
        if note.code == "end_missing":
            raise refuse("end_missing", f"{note.message}: файл оборван, часть поручений могла потеряться", note.line)


class _FieldLines(Mapping[str, int]):
    """Lines by our field names, looked up only when an error asks: most orders have none."""

    __slots__ = ("_section",)

    def __init__(self, section: Section) -> None:
        self._section = section

    def __getitem__(self, field: str) -> int:
        lines = self._section.lines
        for key in FIELD_KEYS.get(field, ()):
            if key in lines:
                return lines[key]
        raise KeyError(field)

    def __iter__(self) -> Iterator[str]:
        lines = self._section.lines
        return (field for field, keys in FIELD_KEYS.items() if any(key in lines for key in keys))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _OrderReader:
    """Reads one document, collecting everything that is wrong with it."""

    def __init__(self, file: ExchangeFile, section: Section, index: int, notes: Notes) -> None:
        self.file = file
        self.section = section
        self.pointer = f"/payments/{index}"
        self.notes = notes
        self.errors: list[FieldError] = []

    def read(self) -> OrderLine | None:
        if not self._is_payment_order():
            return None
        self._refuse_ambiguous()
        section, notes = self.section, self.notes
        date = self._value("Дата", values.parse_date)
        amount = self._value("Сумма", values.parse_amount)
        priority = self._value("Очередность", _parse_priority)
        if date is None or amount is None or priority is None or self.errors:
            return None
        self._note_amount_spelling()
        order = PaymentOrder(
            number=section.text("Номер"),
            date=date,
            amount=Money(amount),
            payee=self._read_payee(),
            purpose=values.read_purpose(section, notes),
            payer_account=section.text(*FIELD_KEYS["payer_account"]) or self._only_account(),
            payer=self._read_payer(),
            priority=priority,
            uin=values.none_if_zero(section.text("Код")),
            income_type_code=section.text("КодНазПлатежа") or None,
            operation_code=section.text("ВидОплаты") or "01",
            payment_kind=section.text("ВидПлатежа") or None,
            budget=values.read_budget(section, values.none_if_zero),
        )
        return OrderLine(order=order, pointer=self.pointer, line=section.line, field_lines=_FieldLines(section))

    def _is_payment_order(self) -> bool:
        kind = type_by_name(self.section.kind)
        if kind is DocumentType.PAYMENT_ORDER:
            if self.section.kind != KIND_NAMES[kind]:
                message = f"вид документа {self.section.kind} прочитан как {KIND_NAMES[kind]}"
                self.notes.add(self.section.line, "kind_spelling", message, self.section.name)
            return True
        if not self.section.kind and self.section.text("ВидОплаты") in ("", "01"):
            return True
        told = self.section.kind or f"с видом операции {self.section.text('ВидОплаты')}"
        message = f"документ {told} нельзя загрузить: принимаются только платёжные поручения"
        self._add_error(self.section.name, "not_a_payment_order", message, self.section.line)
        return False

    def _refuse_ambiguous(self) -> None:
        for key, line in self.section.repeated.items():
            if key in _FIELD_BY_KEY:
                self._add_error(key, "repeated_key", f"{key} указан дважды с разными значениями", line)
        for side in ("Плательщик", "Получатель"):
            self._refuse_two_accounts(side)
            self._refuse_two_inns(side)

    def _refuse_two_accounts(self, side: str) -> None:
        account, bank_account = self.section.text(f"{side}Счет"), self.section.text(f"{side}РасчСчет")
        if account and bank_account and account != bank_account:
            message = f"{side}Счет и {side}РасчСчет различаются; не ясно, который из них верный"
            self._add_error(f"{side}РасчСчет", "accounts_differ", message, self.section.line_of(f"{side}РасчСчет"))

    def _refuse_two_inns(self, side: str) -> None:
        inn, named = self.section.text(f"{side}ИНН"), values.find_inn_in_name(self.section, side)
        if values.none_if_zero(inn) and named and inn != named:
            message = f"{side}ИНН {inn}, а перед наименованием стоит ИНН {named}; не ясно, который из них верный"
            self._add_error(f"{side}ИНН", "inns_differ", message, self.section.line_of(f"{side}ИНН"))

    def _read_payee(self) -> Counterparty:
        text = self.section.text
        return Counterparty(
            name=values.read_name(self.section, "Получатель", self.notes),
            inn=values.none_if_zero(text("ПолучательИНН")) or values.find_inn_in_name(self.section, "Получатель"),
            kpp=values.none_if_zero(text("ПолучательКПП")),
            account=text(*FIELD_KEYS["payee.account"]) or None,
            bic=values.none_if_zero(text("ПолучательБИК")),
            bank_name=values.read_bank_name(self.section, "Получатель"),
            correspondent_account=values.none_if_zero(text("ПолучательКорсчет")),
        )

    def _read_payer(self) -> Party | None:
        """An INN or KPP of `0` stays: a payer without one is another thing than a payer who is not told."""
        text = self.section.text
        name = values.read_name(self.section, "Плательщик", self.notes)
        inn = values.none_if_zero(text("ПлательщикИНН")) or values.find_inn_in_name(self.section, "Плательщик")
        if not name and not inn:
            return None
        return Party(name=name, inn=inn or text("ПлательщикИНН") or None, kpp=text("ПлательщикКПП") or None)

    def _value(self, key: str, parse: Callable[[str], Value]) -> Value | None:
        try:
            return parse(self.section.text(key))
        except values.BadValue as bad:
            self._add_error(key, bad.code, bad.message, self.section.lines.get(key, self.section.line))
            return None

    def _note_amount_spelling(self) -> None:
        amount = self.section.text("Сумма")
        if not values.is_plain_amount(amount):
            line = self.section.lines["Сумма"]
            self.notes.add(
                line, "amount_spelling", f"сумма {amount} прочитана как {values.parse_amount(amount)}", "Сумма"
            )

    def _only_account(self) -> str | None:
        """The account of the header, where the document names none and the header names one."""
        if len(self.file.accounts) != 1:
            return None
        account = next(iter(self.file.accounts))
        self.notes.add(
            self.section.line, "payer_account_from_header", "счёт плательщика взят из заголовка", "ПлательщикСчет"
        )
        return account

    def _add_error(self, key: str, code: str, message: str, line: int) -> None:
        field = _FIELD_BY_KEY.get(key, "")
        pointer = self.pointer + ("/" + field.replace(".", "/") if field else "")
        form_field = FORM_FIELDS.get(field)
        self.errors.append(
            FieldError(pointer=pointer, code=code, message=message, field=key, form_field=form_field, line=line)
        )


def _parse_priority(text: str) -> int:
    if not text:
        return 5
    if text in ("1", "2", "3", "4", "5", "01", "02", "03", "04", "05"):
        return int(text)
    raise values.BadValue("priority", f"очерёдность платежа - от 1 до 5, указано {text}")

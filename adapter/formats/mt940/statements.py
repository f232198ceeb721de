"""MT940 from a bank → one `Statement` per account and period, tolerantly.

A statement is evidence: identifiers are not checked, contradicting balances are told and kept.  An entry whose amount
or date cannot be read refuses the file with its line: nothing may be lost from a statement in silence.
"""

from __future__ import annotations

from adapter.domain.errors import FieldError, UnreadableFile
from adapter.domain.money import Money
from adapter.domain.statements import DocumentType, Entry, EntryDetails, ParsedStatements
from adapter.formats.amounts import BadValue
from adapter.formats.mt940 import words
from adapter.formats.mt940.details import join_lines, read_entry_text, read_facts
from adapter.formats.mt940.ledgers import Ledger
from adapter.formats.mt940.reader import Field, Message, read_messages
from adapter.formats.mt940.values import (
    AccountValue,
    BalanceValue,
    LineValue,
    parse_account,
    parse_balance,
    parse_line,
)
from adapter.formats.notes import Notes, refuse

_ERRORS_MAX = 1_000
# What memory bears.
STATEMENTS_MAX = 20_000
ENTRIES_MAX = 1_000_000
_OPENING = ("60F", "60M", "60")
_CLOSING = ("62F", "62M", "62")
_ACCOUNT = ("25", "25P")
# Read or needed for nothing: references, numbers, limits, and balances that are not of the statement itself.
_QUIET = {"20", "21", "28", "28C", "13", "13D", "34F", "64", "65", "90C", "90D", *_OPENING, *_ACCOUNT}


def parse_statements(data: bytes) -> ParsedStatements:
    """Read a file: one statement per account and period, pages joined, in the order of the file.

    Raises UnreadableFile for the file as a whole, or with every account, balance and entry that cannot be read.
    """
    notes = Notes()
    reader = _StatementReader(notes)
    for message in read_messages(data, notes):
        reader.take(message)
    if reader.errors:
        raise UnreadableFile(reader.errors)
    statements = tuple(ledger.close(notes) for ledger in reader.ledgers)
    return ParsedStatements(statements=statements, warnings=notes.warnings)


class _StatementReader:
    """Sorts messages by statement."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.errors: list[FieldError] = []
        self.ledgers: list[Ledger] = []
        self.last: dict[str, Ledger] = {}  # by account
        self.entries = 0

    def take(self, message: Message) -> None:
        account = self._account(message)
        if account is None:
            return
        opening, closing = self._balance(message, _OPENING), self._balance(message, _CLOSING)
        ledger = self._ledger(message, account, opening, closing)
        end = message.first(*_CLOSING)
        _Page(self, message, ledger).read()
        ledger.goes_on = end is not None and end.tag == "62M"

    def refuse(self, field: Field, bad: BadValue) -> None:
        """Note what cannot be read; raises UnreadableFile when there is too much of it."""
        error = FieldError(pointer="", code=bad.code, message=bad.message, field=field.tag, line=field.line)
        self.errors.append(error)
        if len(self.errors) >= _ERRORS_MAX:
            raise UnreadableFile(self.errors)

    def count_entry(self, field: Field) -> None:
        """Raises UnreadableFile when there are more entries than memory bears."""
        self.entries += 1
        if self.entries > ENTRIES_MAX:
            raise refuse("too_many_entries", f"в файле больше {ENTRIES_MAX} операций", field.line)

    def _account(self, message: Message) -> AccountValue | None:
        field = message.first(*_ACCOUNT)
        if field is None:
            self.refuse(message.fields[0], BadValue("required", "в сообщении нет поля :25: со счётом"))
            return None
        try:
            account = parse_account(field.text)
        except BadValue as bad:
            self.refuse(field, bad)
            return None
        if account.is_repaired:
            self.notes.add(
                field.line, "account_spelling", f"счёт {field.text} прочитан как {account.number}", field.tag
            )
        if account.bank_code:
            self.notes.add(field.line, "bank_code", f"код банка не БИК: {account.bank_code}", field.tag)
        return account

    def _balance(self, message: Message, tags: tuple[str, ...]) -> BalanceValue | None:
        field = message.first(*tags)
        if field is None:
            return None
        try:
            return parse_balance(field.text)
        except BadValue as bad:
            self.refuse(field, bad)
            return None

    def _ledger(
        self, message: Message, account: AccountValue, opening: BalanceValue | None, closing: BalanceValue | None
    ) -> Ledger:
        """The statement that a message begins or goes on with."""
        field = message.first(*_OPENING)
        is_page = field is not None and field.tag == "60M"
        before = self.last.get(account.number)
        if before and before.goes_on and (is_page or not field):
            if opening and before.closing and opening.amount != before.closing.amount:
                told = f"остаток страницы {opening.amount} не равен остатку предыдущей {before.closing.amount}"
                self.notes.add(message.line, "balances_differ", told, "60M")
            before.closing = closing or before.closing
            return before
        if is_page:
            self.notes.add(message.line, "page_missing", "страница выписки без начала: нет предыдущей", "60M")
        if len(self.ledgers) >= STATEMENTS_MAX:
            raise refuse("too_many_statements", f"в файле больше {STATEMENTS_MAX} выписок", message.line)
        ledger = Ledger(account=account, line=message.line, opening=opening, closing=closing)
        self.ledgers.append(ledger)
        self.last[account.number] = ledger
        return ledger


class _Page:
    """Reads the fields of one message into its statement."""

    def __init__(self, reader: _StatementReader, message: Message, ledger: Ledger) -> None:
        self.reader = reader
        self.notes = reader.notes
        self.message = message
        self.ledger = ledger
        self.entry: Field | None = None
        self.texts: list[Field] = []  # the :86: of the entry
        self.facts: list[Field] = []
        self.is_closed = False

    def read(self) -> None:
        fields = self.message.fields
        while fields:
            field = fields.popleft()  # what was read is forgotten: both forms of a statement would be twice the memory
            if field.tag == "86":
                self._take_text(field)
                continue
            self._end_entry()
            if field.tag == "61":
                self.entry = field
            elif field.tag in _CLOSING:
                self.is_closed = True
            elif field.tag not in _QUIET:
                told = f"поле :{field.tag}: неизвестно: {join_lines(field.lines)}"
                self.notes.add(field.line, "unknown_tag", told, field.tag)
        self._end_entry()
        self.ledger.facts |= read_facts(self.facts, self.message.is_transliterated, self.notes)

    def _take_text(self, field: Field) -> None:
        if self.entry:
            if self.texts:
                self.notes.add(field.line, "repeated_details", "поле :86: повторяется; соединено с предыдущим", "86")
            self.texts.append(field)
        elif self.is_closed:
            self.facts.append(field)
        else:
            told = f"поле :86: без операции: {join_lines(field.lines)}"
            self.notes.add(field.line, "details_without_entry", told, "86")

    def _end_entry(self) -> None:
        field, texts = self.entry, self.texts
        self.entry, self.texts = None, []
        if field is None:
            return
        try:
            line = parse_line(field.text)
        except BadValue as bad:
            self.reader.refuse(field, bad)
            return
        for code, told in line.repairs:
            self.notes.add(field.line, code, told, "61")
        if not texts:
            self.notes.add(field.line, "details_missing", "у операции нет поля :86: с назначением", "61")
        self.reader.count_entry(field)
        self.ledger.entries.append(self._make_entry(field, line, texts))

    def _make_entry(self, field: Field, line: LineValue, texts: list[Field]) -> Entry:
        text = read_entry_text(texts, self.message.is_transliterated, self.notes)
        purpose, more = text.purpose, " ".join(field.lines[1:]).strip()
        if more and purpose:
            self.notes.add(field.line + 1, "supplementary_details", f"вторая строка поля :61: {more}", "61")
        booked = text.booking_date or line.booking_date
        by_type = words.TYPE_BY_TRANSACTION.get(line.transaction_type, DocumentType.OTHER)
        details = EntryDetails(
            direction=line.direction,
            amount=Money(line.amount, self.ledger.currency),
            document_type=text.document_type or by_type,
            number=text.number or ("" if line.reference == words.NO_REFERENCE else line.reference),
            date=text.date or booked,
            booking_date=booked,
            value_date=line.value_date,
            counterparty=text.counterparty,
            purpose=purpose or more,
            priority=text.priority,
            uin=text.uin,
            budget=text.budget,
        )
        entry_id = self.ledger.unique_id(line.bank_reference, field.line)
        return Entry(id=entry_id, account_id=self.ledger.account.number, version=1, details=details)

"""Statements from a bank: a file → one `Statement` per account, tolerantly.

A statement is evidence of what happened: identifiers are not checked, contradicting totals are told and kept.  A
document whose amount or date cannot be read is refused with its line: nothing may be lost from a statement in silence.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from adapter.domain.errors import UnreadableFile
from adapter.domain.money import Money
from adapter.domain.moscow import MOSCOW
from adapter.domain.parties import Counterparty
from adapter.domain.statements import Direction, Entry, EntryDetails, ParsedStatements
from adapter.formats.notes import Notes, refuse
from adapter.formats.onec_exchange import tags, values
from adapter.formats.onec_exchange.booked_values import BookedValues
from adapter.formats.onec_exchange.ledgers import Balances, Ledger, Period
from adapter.formats.onec_exchange.reader import ExchangeFile, Section, read_file

DOCUMENTS_MAX = 1_000_000  # what memory bears
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:[.,][0-9]+)?").fullmatch


def parse_statements(data: bytes) -> ParsedStatements:
    """Read a statement file: one statement per account, in the order in which the file names them.

    Raises UnreadableFile for the file as a whole, or with every unreadable amount and date of its sections.
    """
    notes = Notes()
    reader = _StatementReader(read_file(data, notes, DOCUMENTS_MAX), notes)
    period = reader.read()
    if reader.values.errors:
        raise UnreadableFile(reader.values.errors)
    statements = tuple(ledger.close(period, notes) for ledger in reader.ledgers.values())
    return ParsedStatements(statements=statements, warnings=notes.warnings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """One document before it is known whose entry it is."""

    section: Section
    amount: Decimal
    drawn: dt.date
    debited: dt.date | None
    credited: dt.date | None
    payer: Counterparty
    payee: Counterparty


class _StatementReader:
    """Sorts the sections of one file by account."""

    def __init__(self, file: ExchangeFile, notes: Notes) -> None:
        self.file = file
        self.notes = notes
        self.values = BookedValues(notes)
        self.ledgers = {number: Ledger(number=number, line=line) for number, line in file.accounts.items()}

    def read(self) -> Period:
        for section in self.file.balances:
            self._take_balances(section)
        values.note_not_kept(self.file.documents, tags.NOT_KEPT_KEYS_OF_ENTRIES, self.notes)
        for section in self.file.documents:
            document = self._read_document(section)
            if document:
                for ledger, direction in self._find_owners(document):
                    ledger.entries.append(self._entry(document, ledger, direction))
        if not self.ledgers:
            raise refuse("no_account", "в файле не назван ни один счёт")
        return self._read_period()

    def _read_period(self) -> Period:
        header = self.file.header
        made_on = self.values.date(header, "ДатаСоздания")
        clock = _read_time(header.text("ВремяСоздания"))
        return Period(
            date_from=self.values.date(header, "ДатаНачала"),
            date_to=self.values.date(header, "ДатаКонца"),
            made_at=_moment(made_on, clock or dt.time.min) if made_on else None,
            made_by=_moment(made_on, clock or dt.time.max) if made_on else None,
        )

    def _take_balances(self, section: Section) -> None:
        number = section.text("РасчСчет")
        if not number and len(self.ledgers) == 1:
            number = next(iter(self.ledgers))
            message = f"в остатках не назван счёт; прочитаны как остатки счёта {number}"
            self.notes.add(section.line, "account_missing", message, "РасчСчет")
        if not number:
            self.values.refuse(section, "РасчСчет", "required", "в остатках не назван счёт")
            return
        ledger = self.ledgers.setdefault(number, Ledger(number=number, line=section.line))
        balances = Balances(
            line=section.line,
            date_from=self.values.date(section, "ДатаНачала"),
            date_to=self.values.date(section, "ДатаКонца"),
            opening=self.values.optional_total(section, "НачальныйОстаток"),
            credits=self.values.optional_total(section, "ВсегоПоступило"),
            debits=self.values.optional_total(section, "ВсегоСписано"),
            closing=self.values.optional_total(section, "КонечныйОстаток"),
        )
        ledger.balances.append(balances)

    def _read_document(self, section: Section) -> _Document | None:
        amount = self.values.amount(section, "Сумма")
        if amount is not None and amount < 0:
            self.values.refuse(section, "Сумма", "bad_amount", f"сумма документа меньше нуля: {amount}")
        debited = self.values.date(section, "ДатаСписано")
        credited = self.values.date(section, "ДатаПоступило")
        drawn = self.values.date(section, "Дата") or debited or credited
        if drawn is None:
            self.values.refuse(section, "Дата", "required", "у документа нет ни одной даты")
        if amount is None or drawn is None:
            return None
        return _Document(
            section=section,
            amount=amount,
            drawn=drawn,
            debited=debited,
            credited=credited,
            payer=self.values.side(section, "Плательщик"),
            payee=self.values.side(section, "Получатель"),
        )

    def _find_owners(self, document: _Document) -> list[tuple[Ledger, Direction]]:
        """Whose entry a document is: of the account that it names; of both for a transfer between own accounts.

        Some banks write such a transfer once with both dates or none, others twice, each with the date of its side.
        """
        payer = self.ledgers.get(document.payer.account or "")
        payee = self.ledgers.get(document.payee.account or "")
        if payer and payee:
            is_debit, is_credit = bool(document.debited), bool(document.credited)
            debit = [(payer, Direction.DEBIT)] if is_debit or not is_credit else []
            credit = [(payee, Direction.CREDIT)] if is_credit or not is_debit else []
            return debit + credit
        if payer:
            return [(payer, Direction.DEBIT)]
        if payee:
            return [(payee, Direction.CREDIT)]
        return [self._guess_owner(document)]

    def _guess_owner(self, document: _Document) -> tuple[Ledger, Direction]:
        """For a document that names no account of the file: the filled date tells the direction."""
        direction = Direction.CREDIT if document.credited and not document.debited else Direction.DEBIT
        own = document.payer if direction is Direction.DEBIT else document.payee
        line = document.section.line
        if not self.ledgers and own.account:
            self.ledgers[own.account] = Ledger(number=own.account, line=line)
        if not self.ledgers:
            raise refuse("no_account", "ни файл, ни документ не называет счёта выписки", line)
        ledger = next(iter(self.ledgers.values()))
        message = f"документ не называет счёта выписки; отнесён к счёту {ledger.number}, направление - по дате движения"
        self.notes.add(line, "owner_unclear", message)
        return ledger, direction

    def _entry(self, document: _Document, ledger: Ledger, direction: Direction) -> Entry:
        section = document.section
        is_debit = direction is Direction.DEBIT
        own, other = (document.payer, document.payee) if is_debit else (document.payee, document.payer)
        if ledger.owner is None:
            ledger.owner = own
        booked = (document.debited if is_debit else document.credited) or document.debited or document.credited
        if booked is None:
            self.notes.add(section.line, "booking_date_missing", "дата проводки не указана; взята дата документа")
        details = EntryDetails(
            direction=direction,
            amount=Money(document.amount, ledger.currency),
            document_type=self.values.document_type(section),
            number=section.text("Номер"),
            date=document.drawn,
            booking_date=booked or document.drawn,
            value_date=booked or document.drawn,
            counterparty=other,
            purpose=values.read_purpose(section, self.notes),
            priority=self.values.priority(section),
            uin=self.values.uin(section),
            budget=values.read_budget(section, values.none_if_zeros),
        )
        return Entry(id=str(section.line), account_id=ledger.number, version=1, details=details)


def _read_time(text: str) -> dt.time | None:
    """None where it is missing or cannot be read; hours may have one digit."""
    match = _TIME(text)
    if match is None:
        return None
    hours, minutes, seconds = map(int, match.groups(default="0"))
    try:
        return dt.time(hours, minutes, seconds)
    except ValueError:
        return None


def _moment(day: dt.date, clock: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, clock, MOSCOW).astimezone(dt.UTC)
